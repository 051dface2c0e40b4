# A row is taken out, and another still names it.
flanksim run corridor-mini --set links.rail-west=null
