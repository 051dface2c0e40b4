# A place that the scenario does not have.
flanksim tpfdd lint place/requirements.csv --scenario corridor-mini
