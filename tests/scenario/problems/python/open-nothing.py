# Nothing where a results folder belongs.
import flanksim as fs

fs.open(None)
