# A word where a number belongs.
import flanksim as fs

network = fs.graph("corridor-mini")
network.edges["GDN", "ORZ", "s7"]["length_km"] = "far"
fs.simulate("corridor-mini", seed=1, network=network)
