# The reason of a unit that there is not.
import flanksim as fs

study = fs.run("corridor-mini", 1, jobs=1, results="results", bounds=False)
study.explain("logistic")
