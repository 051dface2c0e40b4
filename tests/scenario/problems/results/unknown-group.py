# A group of units that there is not.
import flanksim as fs

fs.run("corridor-mini", 1, jobs=1, bounds=False).closure_day("west")
