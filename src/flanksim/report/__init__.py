"""One page that a decision can be defended with: a single HTML file that asks nothing of the network."""
