"""The network for GIS and graph programs: written as GeoJSON, node-link JSON and GraphML, and made of maps."""
