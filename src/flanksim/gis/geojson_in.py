"""GeoJSON files as shapes, each with its line in the file."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.gis.geojson import Position
from flanksim.gis.shapes import Read, position_of
from flanksim.scenario.geometry import great_circle_km

_LINES = ("LineString", "MultiLineString")
_POINTS = ("Point", "MultiPoint")
_METRES = "GeoJSON is in degrees, longitude first; of other coordinates: ogr2ogr -t_srs EPSG:4326 new.geojson FILE"
#: Ends of two parts of a line this close are one: numbers are written with few digits.
_SAME_KM = 0.001


def json_of(text: str, name: str) -> dict[str, Any]:
    """A JSON file that holds an object.

    Raises
    ------
    FlanksimError
        E611 if it does not.
    """

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no JSON")

    said, line = "", None
    try:
        content = json.loads(text, parse_constant=refuse)
        said = "" if isinstance(content, dict) else "it holds no object"
    except json.JSONDecodeError as error:
        said, line = f"{error.msg} in column {error.colno}", error.lineno
    except (ValueError, RecursionError) as error:
        said = str(error)
    if said:
        where = f"{name}:{line}" if line else name
        hint = "give GeoJSON, an OpenStreetMap extract as XML or Overpass JSON, or a UN/LOCODE table as CSV"
        raise FlanksimError(Problem("E611", where, "", f"no map file: {said}", hint))
    found: dict[str, Any] = content
    return found


def lines_of(text: str, member: str, count: int) -> list[int | None]:
    r"""Line on which each entry of a list begins: of the first member of that name that has so many entries.

    Examples
    --------
    >>> lines_of('{"features": [\n{"a": 1},\n{"b": [2]}\n]}', "features", 2)
    [2, 3]
    """
    decoder = json.JSONDecoder()
    for match in re.finditer(rf'"{member}"\s*:\s*\[', text):
        at, begins = match.end(), []
        try:
            while (start := re.compile(r"[\s,]*").match(text, at).end()) < len(text) and text[start] != "]":  # type: ignore[union-attr]
                begins.append(start)
                at = decoder.raw_decode(text, start)[1]
        except ValueError:
            continue
        if len(begins) == count:
            found: list[int | None] = []
            line, before = 1, 0
            for start in begins:
                line += text.count("\n", before, start)
                before = start
                found.append(line)
            return found
    return [None] * count


def read_geojson(content: dict[str, Any], text: str, found: Read) -> None:
    """Add the features of a GeoJSON object to what a file holds."""
    crs = json.dumps(content.get("crs") or "")
    if content.get("crs") and not re.search(r"CRS84|4326", crs):
        said = f"its coordinates are of {crs[:100]}"
        found.say("E612", None, "crs", said, "write it in WGS 84: ogr2ogr -t_srs EPSG:4326 new.geojson FILE")
        return
    kind = content.get("type")
    if kind == "FeatureCollection" and isinstance(content.get("features"), list):
        features = content["features"]
    elif kind == "Feature":
        features = [content]
    else:
        hint = "give a FeatureCollection, an OpenStreetMap extract, or a UN/LOCODE table as CSV"
        found.say("E611", None, "type", f"its type is {kind!r}, and not FeatureCollection", hint)
        return
    lines = lines_of(text, "features", len(features)) if kind == "FeatureCollection" else [1]
    for number, (feature, line) in enumerate(zip(features, lines, strict=True)):
        try:
            _feature(feature, line, f"features.{number}", found)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            found.say("E612", line, f"features.{number}", _said(error), _METRES)


def _said(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no {error}"
    return "its geometry cannot be read" if isinstance(error, TypeError | IndexError) else str(error)


def _feature(feature: Any, line: int | None, path: str, found: Read) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise ValueError("it is no Feature")
    tags = feature.get("properties") or {}
    if not isinstance(tags, dict):
        raise TypeError("its properties are no object")
    ident = _osm_id(feature.get("id") or tags.get("@id") or "")
    geometry = feature.get("geometry")
    if geometry is None:
        found.add(line, path, ident, (), tags)
        return
    kind, coordinates = geometry["type"], geometry.get("coordinates")
    if kind == "Point":
        found.add(line, path, ident, [_position(coordinates)], tags)
    elif kind == "MultiPoint":
        for at in coordinates:
            found.add(line, path, ident, [_position(at)], tags)
    elif kind in _LINES:
        parts = [_line(part) for part in ([coordinates] if kind == "LineString" else coordinates)]
        for number, part in enumerate(_joined(parts), 1):
            found.add(line, path, ident if number == 1 or not ident else f"{ident}-{number}", part, tags)
    else:
        found.left_out[f"{kind}: neither point nor line"] += 1


def _position(at: Any) -> Position:
    return position_of(*at[:2])


def _line(coordinates: Any) -> list[Position]:
    positions = [_position(at) for at in coordinates]
    if len(positions) < 2:
        raise ValueError("a line has two positions or more")
    return positions


def _joined(parts: list[list[Position]]) -> list[list[Position]]:
    """Parts of a line of which one begins where the one before it ends, as one: so a cut at the antimeridian heals."""
    found = parts[:1]
    for before, part in pairwise(parts):
        (lon, lat), (on, up) = before[-1], part[0]
        if great_circle_km(lat, lon, up, on) <= _SAME_KM:
            found[-1] = found[-1] + part[1:]
        else:
            found.append(part)
    return found


def _osm_id(text: Any) -> str:
    """``w12`` of ``way/12``; empty for what is no id of OpenStreetMap."""
    match = re.fullmatch(r"(node|way)/(\d+)", str(text))
    return f"{match[1][0]}{match[2]}" if match else ""
