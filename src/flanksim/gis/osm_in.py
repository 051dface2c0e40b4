"""OpenStreetMap extracts as shapes: XML, and what the Overpass API gives as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from flanksim.gis.geojson import Position
from flanksim.gis.geojson_in import lines_of
from flanksim.gis.shapes import Read, position_of

_OUTSIDE = "parts of ways outside the extract"


@dataclass(slots=True)
class _Way:
    """A way: the line in the file, ids or positions of its nodes, and its tags."""

    ident: str
    line: int | None
    nodes: list[Any] = field(default_factory=list)
    tags: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Node:
    ident: str
    line: int | None
    at: Position
    tags: dict[str, Any] = field(default_factory=dict)


def read_xml(text: str, found: Read) -> None:
    """Add nodes and ways of OpenStreetMap XML to what a file holds."""
    found.form = "OpenStreetMap"
    nodes: dict[str, _Node] = {}
    ways: list[_Way] = []
    root: list[str] = []
    open_: list[_Node | _Way] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        line = parser.CurrentLineNumber
        root.append(name)
        if name == "node" and attributes.get("visible") != "false" and "lat" in attributes:
            try:
                at = position_of(float(attributes["lon"]), float(attributes["lat"]))
            except (ValueError, KeyError) as error:
                found.say("E612", line, f"node {attributes.get('id', '')}", str(error), "give lat and lon in degrees")
                return
            node = nodes[attributes["id"]] = _Node(attributes["id"], line, at)
            open_[:] = [node]
        elif name == "way" and attributes.get("visible") != "false":
            ways.append(_Way(attributes["id"], line))
            open_[:] = [ways[-1]]
        elif name == "relation":
            open_.clear()
        elif name == "nd" and open_ and isinstance(open_[0], _Way):
            open_[0].nodes.append(attributes["ref"])
        elif name == "tag" and open_:
            open_[0].tags[attributes["k"]] = attributes["v"]

    def no_entities(*_: Any) -> None:
        raise ValueError("it declares a document type, which no extract does")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = no_entities
    said = ""
    try:
        parser.Parse(text.encode(), True)
        said = "" if root[0] == "osm" else f"its root is <{root[0]}>, and not <osm>"
    except (expat.ExpatError, ValueError, KeyError) as error:
        said = f"an element has no {error}" if isinstance(error, KeyError) else str(error)
    if said:
        hint = "give an extract as OpenStreetMap XML: osmium cat extract.osm.pbf -o extract.osm"
        found.say("E611", parser.CurrentLineNumber, "", f"no OpenStreetMap XML: {said}", hint)
        return
    _add(nodes, ways, found)


def read_overpass(content: dict[str, Any], text: str, found: Read) -> None:
    """Add the elements of an answer of the Overpass API to what a file holds."""
    found.form = "OpenStreetMap"
    elements = content["elements"]
    if not isinstance(elements, list):
        found.say("E611", None, "elements", "elements is no list", "ask the Overpass API with [out:json]")
        return
    nodes: dict[str, _Node] = {}
    ways: list[_Way] = []
    for number, (entry, line) in enumerate(zip(elements, lines_of(text, "elements", len(elements)), strict=True)):
        try:
            key, tags = str(entry["id"]), dict(entry.get("tags") or {})
            if entry["type"] == "node":
                before = nodes[key].tags if key in nodes else {}  # what is asked for twice is there twice
                nodes[key] = _Node(key, line, position_of(entry["lon"], entry["lat"]), before | tags)
            elif entry["type"] == "way":
                ids, given = entry.get("nodes", []), entry.get("geometry")
                places = ids if given is None else [at and position_of(at["lon"], at["lat"]) for at in given]
                for ident, at in zip(map(str, ids), places, strict=False):
                    if isinstance(at, tuple):
                        found.nodes.setdefault(at, ident)
                ways.append(_Way(key, line, list(places), tags))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            found.say("E612", line, f"elements.{number}", said, "ask for [out:json] with: out body; >; out skel;")
    _add(nodes, ways, found)


def _add(nodes: dict[str, _Node], ways: Iterable[_Way], found: Read) -> None:
    for node in nodes.values():
        found.nodes.setdefault(node.at, node.ident)
        if node.tags:
            found.add(node.line, f"node {node.ident}", f"n{node.ident}", [node.at], node.tags)
    for way in ways:
        if not way.tags:
            continue
        known = [_place(entry, nodes) for entry in way.nodes]
        runs: list[list[Position]] = [[]]
        for at in known:
            if at is None:
                runs.append([])
            else:
                runs[-1].append(at)
        runs = [run for run in runs if len(run) > 1]
        found.left_out[_OUTSIDE] += None in known or not runs
        for number, run in enumerate(runs, 1):
            ident = f"w{way.ident}" if number == 1 else f"w{way.ident}-{number}"
            found.add(way.line, f"way {way.ident}", ident, run, way.tags)


def _place(entry: Any, nodes: dict[str, _Node]) -> Position | None:
    """Position of a node by its id; one that is given as it is; None for a node that the extract does not have."""
    if entry is None or isinstance(entry, tuple):
        return entry
    node = nodes.get(str(entry))
    return None if node is None else node.at
