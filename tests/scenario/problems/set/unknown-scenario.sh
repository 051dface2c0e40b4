# A misspelt scenario.
flanksim run coridor-mini
