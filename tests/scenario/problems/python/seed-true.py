# True where a seed belongs.
import flanksim as fs

fs.simulate("corridor-mini", seed=True)
