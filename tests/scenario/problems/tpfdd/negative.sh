# Less than none.
flanksim tpfdd lint negative/requirements.csv
