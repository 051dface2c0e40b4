# Levels in words.
import flanksim as fs

fs.sweep("corridor-mini", "high", 2030)
