# A number of lanes in words.
flanksim network import tag/map.geojson --output made
