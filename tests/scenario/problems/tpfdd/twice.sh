# One line number twice.
flanksim tpfdd lint twice/requirements.csv
