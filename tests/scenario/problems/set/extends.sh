# What only a file can say.
flanksim run corridor-mini --set extends=eastern-flank
