# A number where a folder belongs.
import flanksim as fs

fs.run("corridor-mini", 2, results=3)
