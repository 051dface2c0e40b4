# An engine that there is not.
import flanksim as fs

fs.run("corridor-mini", 2, engine="numba")
