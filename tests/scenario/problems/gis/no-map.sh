# A file that is no map.
flanksim network import no-map/map.geojson --output made
