# A map of a lake: no place and no link.
flanksim network import nothing/map.geojson --output made
