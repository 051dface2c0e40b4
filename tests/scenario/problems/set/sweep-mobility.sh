# A part above the whole.
flanksim sweep corridor-mini --mobility 1.5 --years 2030 --results results
