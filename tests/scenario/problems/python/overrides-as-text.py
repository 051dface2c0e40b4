# Overrides as the command line writes them.
import flanksim as fs

fs.load("corridor-mini", "regime.traffic=peace")
