# A road that does not say how much it takes.
flanksim network import no-capacity/map.geojson --output made
