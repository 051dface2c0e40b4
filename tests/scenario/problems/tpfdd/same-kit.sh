# One battalion's kit moves twice.
flanksim tpfdd lint same-kit/requirements.csv
