# A place that no line comes near.
flanksim network import away/map.geojson --output made
