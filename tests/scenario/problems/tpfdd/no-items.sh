# Mass without a count of what weighs it.
flanksim tpfdd lint no-items/requirements.csv
