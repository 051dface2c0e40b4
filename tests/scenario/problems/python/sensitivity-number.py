# A number that has no range.
import flanksim as fs

fs.sensitivity("corridor-mini", ["fleets.ro-ro.count"])
