# Vehicles without deck and class.
flanksim tpfdd lint no-deck/requirements.csv
