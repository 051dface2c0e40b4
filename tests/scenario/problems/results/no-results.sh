# A folder that holds no results.
flanksim report no-results
