# A file that holds no graph.
import flanksim as fs

fs.read_network("graph-file/network.json")
