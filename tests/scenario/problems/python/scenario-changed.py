# A scenario is not changed where it stands.
import flanksim as fs

fs.load("corridor-mini").question.deadline_days = 20
