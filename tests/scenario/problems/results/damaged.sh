# A manifest that was cut.
flanksim report damaged
