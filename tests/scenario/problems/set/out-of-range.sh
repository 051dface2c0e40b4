# A number that cannot be.
flanksim run corridor-mini --set fleets.ro-ro.count_typical=-1
