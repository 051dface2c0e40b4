"""Small maps written by hand, whose lengths are known: a degree of latitude is 111.19 km on a sphere of 6,371 km."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import flanksim as fs

DEGREE_KM = 6371.0 * math.pi / 180.0

#: A road R 1 in ways of which one is a bridge of 30 t and one is slow; a railway of two gauges, which it crosses; a
#: motorway that leads away; a street and a signal that are left out.
REED = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
 <node id="1" lat="50.0" lon="9.0"/>
 <node id="2" lat="51.0" lon="9.0"/>
 <node id="3" lat="52.0" lon="9.0"/>
 <node id="4" lat="51.0" lon="9.5"/>
 <node id="5" lat="50.5" lon="9.0"/>
 <node id="6" lat="51.2" lon="9.0"/>
 <node id="7" lat="51.21" lon="9.0"/>
 <node id="8" lat="51.6" lon="9.0"/>
 <node id="10" lat="50.001" lon="9.0"><tag k="place" v="town"/><tag k="name" v="Reed"/></node>
 <node id="11" lat="52.0" lon="9.001"><tag k="harbour" v="yes"/><tag k="name" v="Marsh Port"/></node>
 <node id="12" lat="51.0" lon="9.0005"><tag k="highway" v="traffic_signals"/></node>
 <way id="100"><nd ref="1"/><nd ref="5"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="ref" v="R 1"/></way>
 <way id="101"><nd ref="2"/><nd ref="6"/><tag k="highway" v="primary"/><tag k="ref" v="R 1"/></way>
 <way id="102"><nd ref="6"/><nd ref="7"/><tag k="highway" v="primary"/><tag k="bridge" v="yes"/>
  <tag k="maxweight" v="30"/></way>
 <way id="103"><nd ref="7"/><nd ref="8"/><tag k="highway" v="primary"/><tag k="maxspeed" v="100"/>
  <tag k="mlc" v="60"/></way>
 <way id="104"><nd ref="8"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="maxspeed" v="10 mph"/></way>
 <way id="105"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
 <way id="106"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="railway" v="rail"/><tag k="gauge" v="1435;1520"/>
  <tag k="tracks" v="2"/><tag k="electrified" v="contact_line"/></way>
 <way id="107"><nd ref="2"/><nd ref="4"/><tag k="highway" v="motorway"/><tag k="lanes" v="2"/></way>
</osm>
"""


def feature(line: Sequence[Sequence[float]] | Sequence[float] | None, **properties: Any) -> dict[str, Any]:
    """A feature of GeoJSON: of positions a line, of one position a point."""
    geometry = None
    if line is not None:
        kind = "Point" if isinstance(line[0], int | float) else "LineString"
        geometry = {"type": kind, "coordinates": line}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def geojson(*features: Mapping[str, Any]) -> str:
    """A file of GeoJSON, its first feature on line 2."""
    rows = ",\n".join(json.dumps(row) for row in features)
    return f'{{"type": "FeatureCollection", "features": [\n{rows}\n]}}\n'


def imported(folder: Path, text: str, name: str = "map.geojson", **options: Any) -> fs.ImportedNetwork:
    """What is made of one file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return fs.import_network(path, folder / "made", **options)


def told(made: fs.ImportedNetwork) -> list[tuple[str, str, str]]:
    """Code, file with line, and path of every warning."""
    return [(problem.code, problem.where, problem.path) for problem in made.problems]
