# What is classified must not be read here.
flanksim tpfdd lint secret/requirements.csv
