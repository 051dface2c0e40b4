"""Rows of tables from points and lines, each with its source, how it was found, and how sure it is."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import networkx as nx

from flanksim.errors import Problem
from flanksim.gis.geojson import Position
from flanksim.gis.joining import Chain, Joined, Line, join
from flanksim.gis.shapes import Read, Shape
from flanksim.gis.tags import Cells, link_of, place_of, slug, stated_position, unread
from flanksim.network.graph import class_of
from flanksim.scenario import rows
from flanksim.scenario.geometry import along_km
from flanksim.scenario.parameters import PARAMETERS, default_of
from flanksim.scenario.plausible import usual_capacity
from flanksim.scenario.reading import shipped
from flanksim.scenario.tables import TABLES, read_table

#: Columns of which the least holds where several lines become one link; the others must be the same.
WEAKEST = ("max_mlc", "max_axle_load_t", "max_draught_m")
#: Columns that do not keep two lines from being one link.
_APART = (*WEAKEST, "route", "note", "length_km", "from_node", "to_node")
#: Tables of which a feature is a row as it is, by the property that is its id.
_AS_THEY_ARE = ("facilities", "chokepoints")
_FORMS = {
    "GeoJSON": "GeoJSON file {name}",
    "OpenStreetMap": "OpenStreetMap contributors (ODbL), extract {name}",
    "UN/LOCODE": "UN/LOCODE, United Nations Economic Commission for Europe, table {name}",
}
_FEW = 3


@dataclass
class Building:
    """Tables while they are made.

    Attributes
    ----------
    tables
        Cells by table, id and column.
    nested
        Values that no cell of a CSV file holds, by table and id.
    origins
        File and line of each row.
    lengths
        Links by where their length is from.
    """

    tables: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {name: {} for name in ("nodes", "links", *_AS_THEY_ARE, "sources")}
    )
    nested: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    origins: dict[tuple[str, str], str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    lengths: Counter[str] = field(default_factory=Counter)
    joined: Joined = field(default_factory=Joined)

    def add(self, table: str, ident: str, cells: Mapping[str, Any], shape: Shape, *, stated: bool) -> str:
        """Add a row; an id that is not `stated` is changed if it is taken.

        Returns
        -------
        str
            The id that it has.
        """
        known, key, number = self.tables[table], ident, 1
        while key in known and not stated:
            number += 1
            key = f"{ident}-{number}"
        if key in known:
            message = f"{TABLES[table][1]} '{key}' is used twice: {self.origins[table, key]} has it too"
            self.errors.append(Problem("E111", shape.where, f"{table}.{key}", message, "ids are unique"))
        plain: dict[str, Any] = {}
        for name, given in cells.items():
            value = _json(given) if isinstance(given, str) and given[:1] in ("{", "[") else given
            if isinstance(value, dict | list):
                self.nested.setdefault((table, key), {})[name] = value
            elif value not in (None, ""):
                plain[name] = value
        known[key] = plain
        self.origins[table, key] = shape.where
        return key

    def source(self, named: Any, read: Read) -> str:
        """Id of the source of a row: what it names itself, else its file."""
        key = str(named or slug(read.name.rpartition(".")[0]) or "map")
        if key != "inline" and key not in self.tables["sources"]:
            citation = f"as named in {read.name}" if named else _FORMS[read.form].format(name=read.name)
            self.tables["sources"][key] = {"citation": citation}
            self.origins["sources", key] = read.name
        return key

    def owned(self, cells: Mapping[str, Any], read: Read, basis: str, confidence: str) -> dict[str, Any]:
        """Cells with source, basis and confidence; those that are stated win."""
        own = {"source": self.source(cells.get("source"), read), "basis": basis, "confidence": confidence}
        return {**own, **{name: value for name, value in cells.items() if value not in (None, "")}}


@dataclass(frozen=True)
class _Road:
    """A line that is to be joined with others."""

    shape: Shape
    cells: Cells
    read: Read
    ident: str
    stated: bool
    stated_km: float | None


def built(
    reads: Sequence[Read], tolerance_km: float, reach_km: float, *, prune: bool, class_capacities: bool
) -> Building:
    """Tables of what map files hold.

    Parameters
    ----------
    reads
        The files.
    tolerance_km, reach_km, prune
        As of `flanksim.gis.joining.join`.
    class_capacities
        Whether links without a capacity are given that of their class.
    """
    made = Building()
    every: list[tuple[Shape, Cells]] = []
    places: list[tuple[str, Position | None]] = []
    lines: list[_Road] = []
    between: list[_Road] = []
    for read in reads:
        for shape in read.shapes:
            table = next((name for name in _AS_THEY_ARE if TABLES[name][1] in shape.tags), "")
            if table:
                _row_as_it_is(table, shape, read, made)
                continue
            as_link = shape.is_line or (not shape.line and "link_id" in shape.tags)
            found = link_of(shape) if as_link else place_of(shape)
            if isinstance(found, str):
                read.left_out[found] += 1
                continue
            every.append((shape, found))
            if not as_link:
                _place(shape, found, read, made, places)
            elif {"from_node", "to_node"} <= set(found.values) or not shape.line:
                between.append(_road(shape, found, read))
            else:
                lines.append(_road(shape, found, read))
    for road in lines:
        _speed(road)
    made.joined = join([_line(*item) for item in enumerate(lines)], [at for _, at in places], tolerance_km=tolerance_km,
                       reach_km=reach_km, prune=prune)  # fmt: skip
    for road in between:
        _link_between(road, made)
    _links(lines, [key for key, _ in places], made)
    if class_capacities:
        _give_capacities(made)
    _warn(made, every, [key for key, _ in places], tolerance_km, reach_km)
    return made


def _row_as_it_is(table: str, shape: Shape, read: Read, made: Building) -> None:
    model, key = TABLES[table]
    cells = {name: shape.tags[name] for name in model.model_fields if name in shape.tags}
    made.add(table, str(shape.tags[key]), made.owned(cells, read, "looked_up", "M"), shape, stated=True)


def _place(shape: Shape, found: Cells, read: Read, made: Building, places: list[tuple[str, Position | None]]) -> None:
    at = shape.line[0] if shape.line else None
    if at is None and (degrees := stated_position(shape)) is not None:
        at = (degrees[1], degrees[0])
    stated = next((str(shape.tags[name]).strip() for name in ("node_id", "locode") if name in shape.tags), "")
    ident = stated or slug(str(shape.tags.get("name", ""))) or shape.ident
    cells = dict(found.values)
    if at is not None:
        cells |= {"lat": at[1], "lon": at[0]}
    if read.form == "OpenStreetMap" and "note" not in cells:
        cells["note"] = f"OpenStreetMap {shape.path}"
    elif read.form == "UN/LOCODE":
        cells["note"] = "coordinates to the minute"
    key = made.add("nodes", ident, made.owned(cells, read, "looked_up", "M"), shape, stated=bool(stated))
    places.append((key, None if cells.get("kind") == "chokepoint" else at))


def _road(shape: Shape, found: Cells, read: Read) -> _Road:
    stated = "link_id" in shape.tags
    ident = str(shape.tags["link_id"]).strip() if stated else slug(shape.ident)
    km = found.values.pop("length_km", None)
    number = float(km) if isinstance(km, int | float) and not isinstance(km, bool) else None
    if number is None and km is not None:
        found.values["length_km"] = km  # told when its row is checked
    return _Road(shape, found, read, ident, stated, number)


def _km(road: _Road) -> float:
    return along_km(road.shape.line) if road.stated_km is None else road.stated_km


def _speed(road: _Road) -> None:
    """Speed of a ferry by its time, and of what may go no faster than its class does where nothing is signed."""
    cells = road.cells
    if "speed_typical_kmh" in cells.values or "travel_hours" in cells.values:
        return
    if cells.hours:
        cells.values["speed_typical_kmh"] = round(_km(road) / cells.hours, 1)
        cells.notes.append(f"speed by a crossing of {cells.hours:g} h")
    elif cells.at_most_kmh is not None:
        usual = _defaults()[f"default_speed_{class_of(_like(cells.values))}_kmh"]
        if cells.at_most_kmh < usual:
            cells.values["speed_typical_kmh"] = cells.at_most_kmh
            cells.notes.append("speed as signed")


def _like(cells: Mapping[str, Any]) -> rows.Link:
    """A link of the same class; what is no number is told when its row is checked."""
    known: dict[str, Any] = {name: cells.get(name) for name in ("mode", "electrified")}
    for name in ("tracks", "lanes"):
        text = str(cells.get(name, "")).removesuffix(".0")
        known[name] = int(text) if text.isdecimal() else None
    return rows.Link.model_construct(**known)


@cache
def _defaults() -> dict[str, float]:
    """Parameters that a scenario without any of its own has."""
    found = {name: default_of(name) for name, entry in PARAMETERS.items() if entry.default is not None}
    table = read_table(shipped() / "europe" / "parameters.csv", "parameters", "parameters.csv")
    return found | {name: float(row["typical"]) for name, row in table.rows.items()}


def _default_of(column: str, cells: Mapping[str, Any]) -> float:
    """What holds where a row of that class leaves the column empty; infinite for no limit."""
    if column == "max_mlc" and cells.get("mode") == "road":
        return _defaults()[f"default_max_mlc_{'motorway' if (_like(cells).lanes or 2) >= 4 else 'road'}"]
    return _defaults()["default_max_axle_load_t"] if column == "max_axle_load_t" else math.inf


def _line(number: int, road: _Road) -> Line:
    values = road.cells.values
    alike = tuple(sorted((name, str(value)) for name, value in values.items() if name not in _APART))
    mode = str(values.get("mode"))
    positions = road.shape.line[::-1] if road.cells.reverse else road.shape.line
    # a line with an id of its own is the link of that id, and no part of another; nor are hours those of two lines
    apart = str(number) if road.stated or "travel_hours" in values else ""
    of = (("file", road.read.name), ("line", apart))
    return Line("road" if mode == "ferry" else mode, positions, alike + of, values.get("one_way") is True)


def _link_between(road: _Road, made: Building) -> None:
    """A link whose ends are stated; without a length it has that of its line, else of the great circle."""
    cells = dict(road.cells.values)
    basis, confidence = "looked_up", "M"
    if road.stated_km is not None:
        cells["length_km"] = road.stated_km
        made.lengths["stated"] += 1
    elif "length_km" not in cells and "travel_hours" not in cells:
        ends = [made.tables["nodes"].get(str(cells.get(name)), {}) for name in ("from_node", "to_node")]
        line = road.shape.line
        if not line and all("lat" in end and "lon" in end for end in ends):
            line = tuple((end["lon"], end["lat"]) for end in ends)
        if line:
            basis, confidence = "derived", _measured(cells, along_km(line), len(line), made)
    ident = road.ident or f"L{len(made.tables['links']) + 1:03d}"
    made.add("links", ident, made.owned(cells, road.read, basis, confidence), road.shape, stated=road.stated)


def _measured(cells: dict[str, Any], km: float, corners: int, made: Building) -> str:
    """Put a length into a row that was measured along a line; gives how sure it is."""
    cells["length_km"] = round(km, 3)
    straight = corners <= 2
    said = "length: great circle between its ends" if straight else f"length: along its line of {corners} points"
    cells["note"] = "; ".join(filter(None, [str(cells.get("note", "")), said]))
    made.lengths["great circle" if straight else "along its line"] += 1
    return "L" if straight else "M"


def _links(roads: Sequence[_Road], places: Sequence[str], made: Building) -> None:
    """Rows of the links that lines were joined to, and of the places at which they end."""
    ends: dict[int, str] = {vertex: places[number] for vertex, number in made.joined.place.items()}
    ids = {at: f"n{ident}" for road in roads for at, ident in road.read.nodes.items()}
    for chain in made.joined.chains:
        road = roads[min(piece.line for piece in chain.pieces)]
        for vertex in (chain.tail, chain.head):
            if vertex not in ends:
                ends[vertex] = _junction(vertex, ids, road, made)
        cells = _cells_of(chain, roads)
        cells |= {"from_node": ends[chain.tail], "to_node": ends[chain.head]}
        _share_hours(cells, math.fsum(piece.share for piece in chain.pieces), road, made)
        basis, confidence = "looked_up", "M"
        stated = [roads[piece.line].stated_km for piece in chain.pieces]
        if None not in stated and all(piece.share > 1.0 - 1e-9 for piece in chain.pieces):
            cells["length_km"] = round(sum(km for km in stated if km is not None), 3)
            made.lengths["stated"] += 1
        elif "length_km" not in cells:
            km = sum(
                piece.km if own is None else own * piece.share for piece, own in zip(chain.pieces, stated, strict=True)
            )
            corners = sum(piece.corners for piece in chain.pieces) - len(chain.pieces) + 1
            basis, confidence = "derived", _measured(cells, km, corners, made)
        ident = road.ident or f"L{len(made.tables['links']) + 1:03d}"
        whole = road.stated and chain.pieces[0].share > 1.0 - 1e-9
        made.add("links", ident, made.owned(cells, road.read, basis, confidence), road.shape, stated=whole)


def _share_hours(cells: dict[str, Any], share: float, road: _Road, made: Building) -> None:
    """The hours of a part of a line that is cut."""
    hours = cells.get("travel_hours")
    if hours is None or share > 1.0 - 1e-9:
        return
    if isinstance(hours, int | float):
        cells["travel_hours"] = round(hours * share, 4)
        return
    said = "it is cut where others meet it, and its travel_hours are a distribution over the whole of it"
    hint = "cut it by hand, or name from_node and to_node, so that it is joined with nothing"
    made.errors.append(Problem("E612", road.shape.where, road.shape.path, said, hint))


def _junction(vertex: int, ids: Mapping[Position, str], road: _Road, made: Building) -> str:
    lon, lat = made.joined.at[vertex]
    ident = ids.get((lon, lat)) or f"N{len(made.tables['nodes']) + 1:03d}"
    cells = {"lat": lat, "lon": lon, "kind": "junction", "note": "where lines meet or end"}
    return made.add("nodes", ident, made.owned(cells, road.read, "looked_up", "M"), road.shape, stated=False)


def _cells_of(chain: Chain, roads: Sequence[_Road]) -> dict[str, Any]:
    """Cells of a link of one line or several: the least of what the weakest limits, the name of the longest."""
    longest = max(chain.pieces, key=lambda piece: (piece.km, -piece.line))
    cells = dict(roads[longest.line].cells.values)
    lines = sorted({piece.line for piece in chain.pieces})
    for name in WEAKEST:
        known = [number for line in lines if (number := _float(roads[line].cells.values.get(name))) is not None]
        if len(known) == len(lines) or (known and min(known) < _default_of(name, cells)):
            cells[name] = min(known)
        elif known:  # what is strong in one place says nothing of the others, of which the default holds
            cells.pop(name, None)
    notes = [str(cells["note"])] if "note" in cells else []
    notes += dict.fromkeys(note for line in lines for note in roads[line].cells.notes)
    if roads[lines[0]].read.form == "OpenStreetMap":
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        notes.insert(0, f"OpenStreetMap {roads[lines[0]].shape.path}{more}")
    cells["note"] = "; ".join(notes)
    return cells


def _give_capacities(made: Building) -> None:
    """Capacities of classes for links that state none; the row rests on an assumption then."""
    for row in made.tables["links"].values():
        usual = usual_capacity(_like(row))
        if usual and "capacity_typical" not in row and "headway_hours" not in row:
            note = "; ".join(filter(None, [str(row.get("note", "")), "capacity of its class"]))
            row |= {"capacity_typical": usual, "basis": "assumed", "confidence": "L", "note": note}


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _json(text: str) -> Any:
    """What a text in JSON stands for; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


# ---- what may be wrong ------------------------------------------------------------------------------------------


def _warn(
    made: Building,
    every: Sequence[tuple[Shape, Cells]],
    places: Sequence[str],
    tolerance_km: float,
    reach_km: float,
) -> None:
    for name, found in unread(iter(every)).items():
        values = list(dict.fromkeys(str(value) for _, value in found))
        more = f" and {len(values) - _FEW} more" if len(values) > _FEW else ""
        said = f"{', '.join(map(repr, values[:_FEW]))}{more} in {len(found):,} features: not understood, left out"
        made.problems.append(Problem("W611", found[0][0], name, said, "correct it, or state the column in its table"))
    parts = _parts(made)
    if len(parts) > 1:
        sizes = ", ".join(f"{len(part):,}" for part in parts[:_FEW]) + (", ..." if len(parts) > _FEW else "")
        away = min(parts[1])
        said = f"{len(parts):,} parts that no link joins, of {sizes} places; one has '{away}'"
        hint = f"join them with a link, or raise --tolerance-km (now {tolerance_km:g}) or --reach-km (now {reach_km:g})"
        made.problems.append(Problem("W612", made.origins["nodes", away], f"nodes.{away}", said, hint))
    used = {str(row.get(name)) for row in made.tables["links"].values() for name in ("from_node", "to_node")}
    alone = [places[number] for number in made.joined.alone if places[number] not in used]
    if alone:
        more = f" and {len(alone) - _FEW:,} more" if len(alone) > _FEW else ""
        said = f"no line comes within {reach_km:g} km of {', '.join(alone[:_FEW])}{more}"
        hint = f"raise --reach-km (now {reach_km:g}), or draw lines to them"
        made.problems.append(Problem("W613", made.origins["nodes", alone[0]], f"nodes.{alone[0]}", said, hint))
    endless = [
        key
        for key, row in made.tables["links"].items()
        if row.get("mode") != "sea" and not {"capacity_typical", "headway_hours"} & set(row)
    ]
    if endless:
        said = f"{len(endless):,} links state no capacity, so that nothing limits what passes them"
        hint = "state capacity_typical, or give --class-capacities for those of their class"
        made.problems.append(Problem("W614", made.origins["links", endless[0]], f"links.{endless[0]}", said, hint))


def _parts(made: Building) -> list[set[str]]:
    """Places that links join, the largest part first."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((str(row.get("from_node")), str(row.get("to_node"))) for row in made.tables["links"].values())
    graph.remove_nodes_from([place for place in graph if place not in made.tables["nodes"]])
    return sorted(nx.connected_components(graph), key=lambda places: (-len(places), min(places)))
