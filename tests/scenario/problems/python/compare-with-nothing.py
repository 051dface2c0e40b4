# A comparison of one.
import flanksim as fs

fs.compare(["corridor-mini"])
