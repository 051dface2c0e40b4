# Two parts of one unit, ready on two days.
flanksim tpfdd import differs/requirements.csv made.yaml --scenario corridor-mini
