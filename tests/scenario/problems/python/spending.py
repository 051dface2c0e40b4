# A number where a Spending belongs.
import flanksim as fs
from flanksim.investment import apply

apply.apply(fs.load("corridor-mini"), 1.5, 2030)
