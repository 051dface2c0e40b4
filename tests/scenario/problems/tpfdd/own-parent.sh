# A part of itself.
flanksim tpfdd lint own-parent/requirements.csv
