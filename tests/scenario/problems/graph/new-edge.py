# A new edge that says nothing of itself.
import flanksim as fs

network = fs.graph("corridor-mini")
network.add_edge("GDN", "WAW", "mine")
fs.simulate("corridor-mini", seed=1, network=network)
