# No runs.
import flanksim as fs

fs.run("corridor-mini", 0)
