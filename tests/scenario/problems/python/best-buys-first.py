# Fewer pairs than two.
import flanksim as fs

fs.best_buys("corridor-mini", first=1)
