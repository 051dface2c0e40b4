# Mass in two units that do not agree.
flanksim tpfdd lint mass/requirements.csv
