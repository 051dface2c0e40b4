# A folder in which another study began.
flanksim run corridor-mini --no-bounds -n 1 -j 1 --resume of-another-study
