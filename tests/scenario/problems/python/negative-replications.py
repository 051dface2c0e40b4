# Fewer runs than none.
import flanksim as fs

fs.run("corridor-mini", -1)
