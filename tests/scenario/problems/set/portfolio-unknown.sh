# A portfolio of a project that there is not.
flanksim compare corridor-mini --projects PR99 --results results
