# The last way is taken away.
import flanksim as fs

network = fs.graph("corridor-mini")
network.remove_edges_from([("WAW", "ORZ", "s61"), ("GDN", "ORZ", "s7")])
network.remove_edges_from([("WAW", "ORZ", "rail-masuria"), ("GDN", "ORZ", "rail-port")])
fs.simulate("corridor-mini", seed=1, network=network)
