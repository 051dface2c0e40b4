# A misspelt attribute.
import flanksim as fs

network = fs.graph("corridor-mini")
network.edges["GDN", "ORZ", "s7"]["capacity_per_hour"] = 40
fs.simulate("corridor-mini", seed=1, network=network)
