# No process.
import flanksim as fs

fs.run("corridor-mini", 2, jobs=0)
