# A day that it is required is missing.
flanksim tpfdd lint no-required-day/requirements.csv
