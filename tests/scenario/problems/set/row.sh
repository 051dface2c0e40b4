# A row that there is not.
flanksim run corridor-mini --set fleets.roro.count_typical=6
