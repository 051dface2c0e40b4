# No destination.
flanksim tpfdd lint column-missing/requirements.csv
