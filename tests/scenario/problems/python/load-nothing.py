# No scenario at all.
import flanksim as fs

fs.load(None)
