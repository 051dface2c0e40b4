# A mode that there is not.
import flanksim as fs

network = fs.graph("corridor-mini")
network.edges["GDN", "ORZ", "s7"]["mode"] = "air"
fs.simulate("corridor-mini", seed=1, network=network)
