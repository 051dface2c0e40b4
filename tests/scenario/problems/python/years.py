# Half a year.
import flanksim as fs

fs.sweep("corridor-mini", [1.5], [2030.5])
