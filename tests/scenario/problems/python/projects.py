# A number where projects belong.
import flanksim as fs

fs.compare(["corridor-mini"], projects=[3])
