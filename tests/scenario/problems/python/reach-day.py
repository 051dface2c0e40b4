# A day in words.
import flanksim as fs

fs.reach("corridor-mini", by="soon")
