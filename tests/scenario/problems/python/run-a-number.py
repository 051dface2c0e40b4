# A number where a scenario belongs.
import flanksim as fs

fs.run(3, 2)
