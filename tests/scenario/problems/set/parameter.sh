# A misspelt parameter.
flanksim run corridor-mini --set parameters.integration_day=3
