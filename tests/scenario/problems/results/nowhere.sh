# A folder that there is not.
flanksim explain results/corridor-mini
