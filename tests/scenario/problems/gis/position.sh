# Latitude and longitude exchanged, of a place in the far east.
flanksim network import position/map.geojson --output made
