# A graph without directions.
import flanksim as fs

network = fs.graph("corridor-mini")
network = network.to_undirected()
fs.simulate("corridor-mini", seed=1, network=network)
