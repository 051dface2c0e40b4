# A changed copy with nonsense in it.
import flanksim as fs

fs.load("corridor-mini").model_copy(update={"question": {"deadline_days": "soon"}})
