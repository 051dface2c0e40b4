# A new row belongs into a file.
flanksim run corridor-mini --set fleets.trucks.count_typical=6
