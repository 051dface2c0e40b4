# Times of another run than this one.
import flanksim as fs

fs.simulate("corridor-mini", seed=1).replay(2)
