# A portfolio of no project.
import flanksim as fs

fs.compare("corridor-mini", projects=[[]])
