# A number as text.
import flanksim as fs

fs.run("corridor-mini", "30")
