# A map that was cut.
flanksim network import cut/map.geojson --output made
