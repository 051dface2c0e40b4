"""The network: effective links, admissibility, routes, and the graph for people."""
