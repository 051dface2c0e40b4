# Overrides that are not nested.
import flanksim as fs

fs.load("corridor-mini", {"question.deadline_days": 20})
