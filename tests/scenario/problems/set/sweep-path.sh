# Levels of spending over a path by year.
flanksim sweep corridor-mini --spending 1 --years 2030 --set spending.path.2030=1 --results results
