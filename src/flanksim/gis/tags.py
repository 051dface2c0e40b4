"""What properties say of places and links: columns by their own names, and OpenStreetMap's tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flanksim.gis.shapes import Shape
from flanksim.scenario import rows
from flanksim.scenario.geometry import locode_degrees
from flanksim.scenario.words import ALPHA_3
from flanksim.units import KM_PER_NAUTICAL_MILE, MINUTES_PER_HOUR, TONNES_PER_SHORT_TON

#: Classes of roads on which columns march, and the lanes that a class has where none are stated.
ROADS = {
    "motorway": 4, "motorway_link": None, "trunk": None, "trunk_link": None, "primary": None, "primary_link": None,
    "secondary": None, "secondary_link": None, "tertiary": None, "tertiary_link": None, "unclassified": None,
    "road": None,
}  # fmt: skip
RAILWAYS = ("rail", "narrow_gauge")
WATERWAYS = ("canal", "river", "fairway")
_SIDINGS = ("yard", "siding", "spur", "crossover")
_YES, _NO = ("yes", "true", "1", "designated", "permissive"), ("no", "false", "0")
#: Words in the place of a number that set no limit.
_NO_LIMIT = ("none", "unsigned", "signals", "variable", "default", "unknown", "no")
_KMH = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": KM_PER_NAUTICAL_MILE}
_TONNES = {"": 1.0, "t": 1.0, "kg": 0.001, "st": TONNES_PER_SHORT_TON, "lbs": 0.00045359237, "lb": 0.00045359237}
_METRES = {"": 1.0, "m": 1.0, "ft": 0.3048}
_GAUGES = {"standard": 1435}
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
#: Kinds of places by OpenStreetMap's tags, the first that fits; a place without a name is none.
_PLACES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("aeroway", ("aerodrome",), "airfield"),
    ("military", ("airfield",), "airfield"),
    ("military", ("barracks", "base"), "home"),
    ("industrial", ("port",), "port"),
    ("landuse", ("harbour", "port"), "port"),
    ("harbour", (), "port"),
    ("railway", ("border",), "border"),
    ("barrier", ("border_control",), "border"),
    ("railway", ("station", "yard"), "junction"),
    ("amenity", ("ferry_terminal",), "junction"),
    ("place", ("city", "town"), "junction"),
)
#: Tags by which OpenStreetMap says what a node is; a point with one of these, and none of ours, is read by `_PLACES`.
_MARKS = (
    *(key for key, _, _ in _PLACES), "highway", "public_transport", "crossing", "power", "natural", "man_made",
    "tourism", "shop", "traffic_sign",
)  # fmt: skip
#: Columns whose names are OpenStreetMap's too, with another meaning or other words.
_AMBIGUOUS = ("route", "tracks", "lanes", "electrified", "note", "source")
#: Kinds of places by the functions of UN/LOCODE: a seaport, an airport, a border crossing, an inland terminal.
_FUNCTIONS = (("1", "port"), ("4", "airfield"), ("B", "border"), ("6", "inland_port"))


@dataclass(slots=True)
class Cells:
    """What the properties of a point or line say.

    Attributes
    ----------
    values
        Columns that are stated or follow from tags.
    not_read
        Tags whose value is not understood.
    notes
        What was taken for what, for the remark of the row.
    reverse
        Whether a line leads against the order of its positions.
    hours
        Time from end to end, of a ferry; None where it is not said.
    at_most_kmh
        Speed that is allowed; None where it is not said.
    """

    values: dict[str, Any] = field(default_factory=dict)
    not_read: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    reverse: bool = False
    hours: float | None = None
    at_most_kmh: float | None = None

    def number(
        self, tags: Mapping[str, Any], names: tuple[str, ...], units: Mapping[str, float], column: str
    ) -> float | None:
        """The first of these tags that is there, in the unit of the column, which it becomes if one is named."""
        for name in names:
            text = str(tags.get(name, "")).strip().lower()
            if not text or text in _NO_LIMIT:
                continue
            match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([a-z/]*)", text)
            if match is None or match[2] not in units or float(match[1].replace(",", ".")) == 0.0:
                self.not_read[name] = tags[name]
                continue
            found = round(float(match[1].replace(",", ".")) * units[match[2]], 3)
            if column:
                self.values[column] = found
            return found
        return None

    def count(self, tags: Mapping[str, Any], name: str, column: str) -> None:
        """A whole number of something."""
        text = str(tags.get(name, "")).strip()
        if re.fullmatch(r"[1-9]\d?", text):
            self.values[column] = int(text)
        elif text:
            self.not_read[name] = tags[name]


def all_tags(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of a feature, with the rest of OpenStreetMap's tags that GDAL puts into one text.

    Examples
    --------
    >>> all_tags({"name": "Reed line", "other_tags": '"gauge"=>"1520","tracks"=>"2"'})
    {'gauge': '1520', 'tracks': '2', 'name': 'Reed line'}
    """
    rest = dict(_HSTORE.findall(str(tags.get("other_tags", ""))))
    return rest | {name: value for name, value in tags.items() if name != "other_tags"}


def own_cells(model: type[rows.Row], tags: Mapping[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Properties that have the names of columns, as they are."""
    return {name: tags[name] for name in model.model_fields if name in tags and name not in without}


# ---- lines ------------------------------------------------------------------------------------------------------


def link_of(shape: Shape) -> Cells | str:
    """What a line says of a link; why it is left out, if it is none that loads use."""
    tags = all_tags(shape.tags)
    own = own_cells(rows.Link, tags, () if "mode" in tags else _AMBIGUOUS)
    found = Cells()
    if "mode" not in own:
        made = next((make for key, make in _LINES if key in tags), None)
        why = "lines without a mode" if made is None else made(tags, found)
        if why:
            return why
        _direction(tags, found)
    if name := " ".join(str(tags[key]) for key in ("ref", "name") if key in tags):
        found.values["route"] = name
    if (said := str(own.pop("one_way", "no")).lower()) not in (*_NO, "n", ""):
        own["one_way"] = True if said in (*_YES, "y") else said
    found.values |= own
    return found


def _ferry(tags: Mapping[str, Any], found: Cells) -> str:
    if tags["route"] != "ferry":
        return "routes that are no ferries"
    if _closed(tags) or str(tags.get("motorcar", "")) in _NO or str(tags.get("foot", "")) == "only":
        return "ferries without vehicles"
    found.values["mode"] = "ferry"
    _load_class(tags, found, anywhere=True)
    duration = str(tags.get("duration", ""))
    if match := re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?", duration):
        found.hours = int(match[1]) + int(match[2]) / MINUTES_PER_HOUR
    elif duration:
        found.not_read["duration"] = duration
    found.hours = found.hours or None
    return ""


def _railway(tags: Mapping[str, Any], found: Cells) -> str:
    if tags["railway"] not in RAILWAYS:
        return "railways that are not in service, and tramways"
    if tags.get("service") in _SIDINGS:
        return "sidings and yards"
    found.values["mode"] = "rail"
    found.count(tags, "tracks", "tracks")
    gauges = [_GAUGES.get(word, word) for word in re.split(r"[;,]\s*", str(tags.get("gauge", ""))) if word]
    if gauges and all(re.fullmatch(r"\d{3,4}", str(gauge)) for gauge in gauges):
        found.values["gauge_mm"] = ";".join(map(str, gauges))
    elif gauges:
        found.not_read["gauge"] = tags["gauge"]
    wires = str(tags.get("electrified", ""))
    if wires:
        found.values["electrified"] = "n" if wires in _NO else "y"
    found.number(tags, ("maxaxleload",), _TONNES, "max_axle_load_t")
    found.at_most_kmh = found.number(tags, ("maxspeed",), _KMH, "")
    return ""


def _highway(tags: Mapping[str, Any], found: Cells) -> str:
    kind = str(tags["highway"])
    if kind not in ROADS:
        return "roads of lower classes, paths, and roads that are not built"
    if _closed(tags):
        return "roads closed to vehicles"
    found.values["mode"] = "road"
    found.count(tags, "lanes", "lanes")
    if "lanes" in found.values and _one_way(tags):
        found.values["lanes"] *= 2
        found.notes.append("lanes one way, counted twice")
    elif "lanes" not in found.values and ROADS[kind]:
        found.values["lanes"] = ROADS[kind]
        found.notes.append(f"lanes of a {kind}")
    _load_class(tags, found, anywhere=False)
    found.at_most_kmh = found.number(tags, ("maxspeed",), _KMH, "")
    return ""


def _waterway(tags: Mapping[str, Any], found: Cells) -> str:
    if tags["waterway"] not in WATERWAYS:
        return "streams, ditches and other waters"
    boats = {str(tags[key]) for key in ("ship", "motorboat", "boat") if key in tags}
    sailed = "CEMT" in tags or tags["waterway"] == "fairway" or boats & set(_YES)
    if not sailed or (boats and not boats & set(_YES)):
        return "rivers and canals without boats"
    found.values["mode"] = "waterway"
    found.number(tags, ("maxdraft", "maxdraught", "draft"), _METRES, "max_draught_m")
    found.at_most_kmh = found.number(tags, ("maxspeed",), _KMH, "")
    return ""


_LINES: tuple[tuple[str, Callable[[Mapping[str, Any], Cells], str]], ...] = (
    ("route", _ferry), ("railway", _railway), ("highway", _highway), ("waterway", _waterway),
)  # fmt: skip


def _closed(tags: Mapping[str, Any]) -> bool:
    """Whether no vehicle may pass: the tag that says it most precisely holds."""
    said = next((str(tags[key]) for key in ("motor_vehicle", "vehicle", "access") if key in tags), "")
    return said in _NO


def _load_class(tags: Mapping[str, Any], found: Cells, *, anywhere: bool) -> None:
    """Load class by the sign for tracked vehicles, else for all; else the mass that a bridge bears.

    The class of a tracked vehicle is its mass in short tons. A mass that is signed elsewhere than on a bridge keeps
    lorries out of a town, and says nothing of what a road bears.
    """
    if found.number(tags, ("mlc:tracked", "mlc", "mlc:wheeled"), {"": 1.0}, "max_mlc") is not None:
        return
    if anywhere or str(tags.get("bridge", "no")) not in _NO:
        tonnes = found.number(tags, ("maxweight",), _TONNES, "")
        if tonnes is not None:
            found.values["max_mlc"] = round(tonnes / TONNES_PER_SHORT_TON, 1)
            found.notes.append(f"MLC from a mass of {tonnes:g} t")


def _one_way(tags: Mapping[str, Any]) -> bool:
    said = str(tags.get("oneway", "")).lower()
    if said in (*_YES, "-1", "reverse"):
        return True
    if said:
        return False
    return tags.get("highway") == "motorway" or tags.get("junction") in ("roundabout", "circular")


def _direction(tags: Mapping[str, Any], found: Cells) -> None:
    if _one_way(tags):
        found.values["one_way"] = True
        found.reverse = str(tags.get("oneway", "")) in ("-1", "reverse")


# ---- points -----------------------------------------------------------------------------------------------------


def place_of(shape: Shape) -> Cells | str:
    """What a point says of a place; why it is left out, if it is none."""
    tags = all_tags(shape.tags)
    found = Cells()
    ours = "node_id" in tags or "kind" in tags or "locode" in tags
    own = own_cells(rows.Node, tags, ("lat", "lon", *(() if ours else _AMBIGUOUS)))
    if not ours and any(mark in tags for mark in _MARKS):
        kind = next((kind for key, words, kind in _PLACES if key in tags and (not words or tags[key] in words)), None)
        light = str(tags.get("station", "")) in ("subway", "light_rail", "funicular", "monorail", "miniature")
        if kind is None or light or "name" not in tags:
            return "points that are no places"
        found.values["kind"] = kind
    elif not ours and "name" not in tags and not shape.ident:
        return "points without a name or id"
    if "kind" not in own and (functions := str(tags.get("function", ""))):
        found.values["kind"] = next((kind for letter, kind in _FUNCTIONS if letter in functions), "junction")
    country = str(own.pop("country", "") or tags.get("addr:country") or tags.get("is_in:country_code") or "").upper()
    if len(country) == 2:
        if country in ALPHA_3:
            country = ALPHA_3[country]
        else:
            found.not_read["country"], country = country, ""
    if country:
        found.values["country"] = country
    found.values |= own
    return found


def stated_position(shape: Shape) -> tuple[float, float] | None:
    """Latitude and longitude, degrees, that a point states beside its geometry, in the form of UN/LOCODE; or None."""
    for name, value in shape.tags.items():
        if name.lower() == "coordinates" and isinstance(value, str):
            return locode_degrees(value)
    return None


def slug(name: str) -> str:
    """A name as an id.

    Examples
    --------
    >>> slug("Port of Reed (east)"), slug("  ")
    ('Port_of_Reed_east', '')
    """
    return re.sub(r"[^\w.-]+", "_", name).strip("_.")[:60]


def unread(cells: Iterator[tuple[Shape, Cells]]) -> dict[str, list[tuple[str, Any]]]:
    """Tags whose value was not understood: by name, places and values."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for shape, own in cells:
        for name, value in own.not_read.items():
            found.setdefault(name, []).append((shape.where, value))
    return found
