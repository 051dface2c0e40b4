# A day in words.
flanksim tpfdd lint day/requirements.csv
