# Half of all that is earned.
flanksim sweep corridor-mini --spending 50 --years 2030 --results results
