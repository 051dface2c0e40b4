# A scenario beside which no record stands.
import flanksim as fs
from flanksim.validation.case import run_case

run_case(fs.load("no-record/case.yaml"), 1)
