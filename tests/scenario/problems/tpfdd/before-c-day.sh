# It is required before C-day.
flanksim tpfdd lint before-c-day/requirements.csv
