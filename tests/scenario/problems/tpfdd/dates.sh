# It is to arrive before it may.
flanksim tpfdd lint dates/requirements.csv
