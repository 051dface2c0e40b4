# More passengers need transport than there are.
flanksim tpfdd lint passengers/requirements.csv
