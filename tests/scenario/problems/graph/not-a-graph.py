# A list of edges in place of the graph.
import flanksim as fs

network = fs.graph("corridor-mini")
network = list(network.edges)
fs.simulate("corridor-mini", seed=1, network=network)
