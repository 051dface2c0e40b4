# A study that is to be finished, and is not there.
flanksim run corridor-mini --resume results/2026
