# A number where true or false belongs.
import flanksim as fs

fs.run("corridor-mini", 2, bounds=2)
