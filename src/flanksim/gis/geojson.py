"""GeoJSON as RFC 7946 wants it: longitude before latitude, lines cut at the antimeridian, numbers that are finite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

#: Longitude and latitude, degrees.
Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing on the map.

    Attributes
    ----------
    line
        Positions along it; one for a point, none where it is not known where it lies.
    properties
        Text, numbers, True or False; None where it has no value.
    """

    line: tuple[Position, ...]
    properties: Mapping[str, Any]


def parts_of(line: Sequence[Position]) -> list[list[Position]]:
    """A line in parts, none of which crosses the antimeridian: between two positions it goes the shorter way round.

    Examples
    --------
    >>> parts_of([(170.0, 0.0), (-170.0, 10.0)])
    [[(170.0, 0.0), (180.0, 5.0)], [(-180.0, 5.0), (-170.0, 10.0)]]
    >>> parts_of([(10.0, 50.0), (11.0, 51.0)])
    [[(10.0, 50.0), (11.0, 51.0)]]
    """
    found = [[line[0]]]
    for (lon, lat), (next_lon, next_lat) in pairwise(line):
        if abs(next_lon - lon) > 180.0:
            edge = 180.0 if lon > next_lon else -180.0  # going east or going west
            way = next_lon + 2.0 * edge - lon
            cut = lat + (next_lat - lat) * ((edge - lon) / way if way else 0.0)
            found[-1].append((edge, cut))
            found.append([(-edge, cut)])
        found[-1].append((next_lon, next_lat))
    # a line that begins or ends on the antimeridian leaves a part without length
    return [part for part in found if len(set(part)) > 1] or [[line[0], line[-1]]]


def collection(features: Iterable[Feature], about: Mapping[str, Any], *, lines: bool) -> str:
    """Features as the text of a GeoJSON file, one feature a line, with the same properties in each.

    All have geometries of one type, so that the file is one layer of a GeoPackage: of lines that is ``MultiLineString``
    where one of them is cut, else ``LineString``. What has no position has no geometry.

    Parameters
    ----------
    features
        What the file holds.
    about
        Where it comes from: a member of the collection that other programs leave alone.
    lines
        Whether they are lines; points otherwise.
    """
    rows = list(features)
    cut = {number: parts_of(row.line) for number, row in enumerate(rows) if lines and len(row.line) > 1}
    several = any(len(parts) > 1 for parts in cut.values())
    names = list(dict.fromkeys(name for row in rows for name, value in row.properties.items() if value is not None))

    def geometry(number: int) -> dict[str, Any] | None:
        if not lines:
            return {"type": "Point", "coordinates": rows[number].line[0]} if rows[number].line else None
        if number not in cut:
            return None
        if several:
            return {"type": "MultiLineString", "coordinates": cut[number]}
        return {"type": "LineString", "coordinates": cut[number][0]}

    written = [
        {
            "type": "Feature",
            "geometry": geometry(number),
            "properties": {name: row.properties.get(name) for name in names},
        }
        for number, row in enumerate(rows)
    ]
    body = ",\n".join(_text(entry) for entry in written)
    head = f'{{"type": "FeatureCollection", "flanksim": {_text(about)}, "features": ['
    return f"{head}\n{body}\n]}}\n" if written else f"{head}]}}\n"


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False)
