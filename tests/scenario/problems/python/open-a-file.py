# A file where a results folder belongs.
import flanksim as fs

fs.open("open-a-file.py")
