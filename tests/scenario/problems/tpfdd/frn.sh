# A force number that does not begin the line number.
flanksim tpfdd lint frn/requirements.csv
