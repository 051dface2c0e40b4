# Overrides that name what there is not.
import flanksim as fs

fs.load("corridor-mini", {"regime": {"permision": "today"}})
