# A record of flights from a port of ships.
import flanksim as fs
from flanksim.validation.case import run_case

run_case(fs.load("nothing-moves/case.yaml"), 1)
