# A place that units name is taken away.
import flanksim as fs

network = fs.graph("corridor-mini")
network.remove_node("ORZ")
fs.simulate("corridor-mini", seed=1, network=network)
