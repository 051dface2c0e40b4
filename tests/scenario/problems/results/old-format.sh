# Results of an earlier version.
flanksim report old-format
