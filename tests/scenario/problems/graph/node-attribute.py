# A misspelt attribute of a place.
import flanksim as fs

network = fs.graph("corridor-mini")
network.nodes["GDN"]["facilitys"] = {}
fs.simulate("corridor-mini", seed=1, network=network)
