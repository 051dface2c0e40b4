# The same, by another way in.
import flanksim as fs

fs.Scenario.model_validate({"name": "mine", "question": 30})
