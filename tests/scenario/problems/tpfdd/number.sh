# A number of another kind.
flanksim tpfdd lint number/requirements.csv
