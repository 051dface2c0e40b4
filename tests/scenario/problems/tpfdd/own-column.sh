# Columns for which a scenario has no place.
flanksim tpfdd import own-column/requirements.csv made.yaml --scenario corridor-mini
