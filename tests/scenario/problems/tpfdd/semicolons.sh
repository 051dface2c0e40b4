# Saved with semicolons.
flanksim tpfdd lint semicolons/requirements.csv
