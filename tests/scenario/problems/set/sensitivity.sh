# A number that has no low and high value.
flanksim sensitivity corridor-mini --number fleets.ro-ro.count_typical --results results
