# A field that there is not.
import flanksim as fs

fs.Scenario(name="mine", quesiton={"deadline_days": 20})
