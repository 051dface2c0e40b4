# Two roads that do not meet.
flanksim network import parts/map.geojson --output made
