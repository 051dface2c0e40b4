# An edge without a length.
import flanksim as fs

network = fs.graph("corridor-mini")
del network.edges["GDN", "ORZ", "s7"]["length_km"]
fs.simulate("corridor-mini", seed=1, network=network)
