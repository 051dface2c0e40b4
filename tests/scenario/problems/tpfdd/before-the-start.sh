# Ready before C-day.
flanksim tpfdd lint before-the-start/requirements.csv
