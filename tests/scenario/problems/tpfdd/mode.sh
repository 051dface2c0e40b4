# A way of moving that there is not.
flanksim tpfdd lint mode/requirements.csv
