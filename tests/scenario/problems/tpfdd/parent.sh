# A part of what there is not.
flanksim tpfdd lint parent/requirements.csv
