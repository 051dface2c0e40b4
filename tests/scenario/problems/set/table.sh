# A number in the place of a table.
flanksim run corridor-mini --set links=3
