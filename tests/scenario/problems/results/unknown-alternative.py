# An alternative that was not compared.
import flanksim as fs

other = fs.loads("{flanksim: 1, name: other, extends: corridor-mini}")
fs.compare(["corridor-mini", other], replications=2, jobs=1).at("corridor-maxi")
