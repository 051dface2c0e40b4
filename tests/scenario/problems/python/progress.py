# A text where a function belongs.
import flanksim as fs

fs.run("corridor-mini", 2, progress="yes")
