# A field that there is not.
import flanksim as fs

fs.load("corridor-mini").model_copy(update={"deadline": 20})
