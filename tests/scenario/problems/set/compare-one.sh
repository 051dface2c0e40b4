# A comparison of one.
flanksim compare corridor-mini --results results
