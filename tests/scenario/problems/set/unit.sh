# A value with its unit.
flanksim run corridor-mini --set 'links.s7.length_km=270 km'
