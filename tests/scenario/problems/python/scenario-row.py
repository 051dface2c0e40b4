# A number where a row belongs.
import flanksim as fs

fs.Scenario(name="mine", links={"road": 3})
