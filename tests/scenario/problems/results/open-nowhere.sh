# A report of a folder that there is not.
flanksim report results/2026
