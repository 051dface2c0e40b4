# A sweep of no levels.
import flanksim as fs

fs.sweep("corridor-mini", [], 2030)
