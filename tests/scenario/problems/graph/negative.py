# A capacity below nothing.
import flanksim as fs

network = fs.graph("corridor-mini")
network.edges["GDN", "ORZ", "s7"]["vehicles_per_hour"] = -40
fs.simulate("corridor-mini", seed=1, network=network)
