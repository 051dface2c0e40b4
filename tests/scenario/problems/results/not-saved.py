# What is to be explained must be saved.
import flanksim as fs

fs.run("corridor-mini", 1, jobs=1, bounds=False).explain()
