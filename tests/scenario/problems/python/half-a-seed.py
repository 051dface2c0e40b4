# A seed that is not whole.
import flanksim as fs

fs.simulate("corridor-mini", seed=1.5)
