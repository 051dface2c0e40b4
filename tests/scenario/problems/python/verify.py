# A check that there is not.
import flanksim as fs

fs.verify("V99")
