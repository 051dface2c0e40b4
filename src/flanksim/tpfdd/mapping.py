"""Requirements to units: who is closed together is one unit, with its soldiers, counted pieces, places and dates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flanksim.errors import Problem
from flanksim.planning.loads import quantities
from flanksim.scenario.rows import Unit
from flanksim.scenario.schema import Scenario
from flanksim.tpfdd.fields import FIELDS, ITEMS, PLACES
from flanksim.tpfdd.requirement import Requirement, remark
from flanksim.tpfdd.rules import problem

#: Modes of a unit by the way from POE to POD that its requirement asks for; P and X leave it open.
_BY_LAND = ("rail", "road", "ferry", "waterway")
_MODES = {"A": ("air", *_BY_LAND), "S": ("sea", *_BY_LAND), "L": _BY_LAND}
#: Fields of which a unit has one value, though its requirements may have several: what is taken then.
_ONE_VALUE = {"NATION": "the first", "RLD": "the last day", "RDD": "the first day"}


@dataclass(frozen=True, slots=True)
class Mapped:
    """A unit that came from requirements.

    Attributes
    ----------
    cells
        Of its row in `units`, without what is empty.
    """

    unit_id: str
    requirements: tuple[Requirement, ...]
    cells: dict[str, Any]


def unit_type_of(entry: Requirement, scenario: Scenario) -> str:
    """Type of unit that a requirement names and the scenario has; "" for none."""
    for name in ("UNIT_TYPE", "UTC"):
        if entry.text(name) in scenario.unit_types:
            return entry.text(name)
    return ""


def pieces_of(entry: Requirement, scenario: Scenario) -> dict[str, int]:
    """Vehicles and containers of a requirement: counted, else of its type, else one for so many tonnes.

    Parameters
    ----------
    entry
        The requirement.
    scenario
        Has the types of units and the weight of a piece (`tonnes_per_piece`).

    Returns
    -------
    dict
        Heavy, wheeled and containers by the names of their columns in `units`.
    """
    if entry.counted:
        return {name.lower(): int(entry.number(name)) for name in ITEMS}
    kind = unit_type_of(entry, scenario)
    if kind:
        own = quantities(scenario, Unit(home_node="", assembly_node="", unit_type=kind, troops=entry.troops))
        return {"heavy": int(own["heavy"]), "wheeled": int(own["wheeled"]), "containers": int(own["cargo"])}
    count = math.ceil(entry.tonnes / scenario.optional("tonnes_per_piece") - 1e-9)
    heavy = bool(entry.values.get("TRACKED"))
    return {"heavy": count if heavy else 0, "wheeled": 0 if heavy else count, "containers": 0}


class Places:
    """Places of a scenario by what they may be called: their ids and names, in capitals or not.

    Parameters
    ----------
    scenario
        The scenario.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.names = [*scenario.nodes, *(node.name for node in scenario.nodes.values() if node.name)]
        self._ids: dict[str, str] = {}
        for key, node in scenario.nodes.items():
            for name in {key.lower(), node.name.lower()} - {""}:
                self._ids[name] = "" if name in self._ids else key  # a name that two have says nothing

    def of(self, name: str) -> str:
        """Id of a node; "" if there is none, or several have the name."""
        return name if name in self.scenario.nodes else self._ids.get(name.lower(), "")

    def unknown(self, entry: Requirement) -> list[tuple[str, str]]:
        """Fields of a requirement that name a place which there is not."""
        return [(name, entry.text(name)) for name in PLACES if name in entry.values and not self.of(entry.text(name))]


def together(rows: Sequence[Requirement]) -> list[list[Requirement]]:
    """Requirements that parents and marry-ups join, in the order of the file."""
    known = {entry.key for entry in rows}
    chief = {entry.key: entry.key for entry in rows}

    def top(key: str) -> str:
        while chief[key] != key:
            chief[key] = chief[chief[key]]
            key = chief[key]
        return key

    place = {entry.key: number for number, entry in enumerate(rows)}
    for entry in rows:
        for _, other in entry.partners:
            if other in known:
                one, two = sorted((top(entry.key), top(other)), key=place.__getitem__)
                chief[two] = one
    groups: dict[str, list[Requirement]] = {}
    for entry in rows:
        groups.setdefault(top(entry.key), []).append(entry)
    return list(groups.values())


def map_units(rows: Sequence[Requirement], scenario: Scenario) -> tuple[list[Mapped], list[Problem]]:
    """Units of requirements whose places exist, and what could not be mapped.

    Parameters
    ----------
    rows
        Requirements without errors.
    scenario
        The scenario on whose network they move.

    Returns
    -------
    units, problems
        W606 for what a scenario has no place for, W607 for what one unit cannot hold.
    """
    places, problems = Places(scenario), list(_without_place(rows))
    units: list[Mapped] = []
    for group in together(rows):
        units += [_unit(members, places, problems) for members in _by_stock(group, places, problems)]
    return units, problems


def _without_place(rows: Sequence[Requirement]) -> Iterator[Problem]:
    """W606 for fields that change nothing in a run, all in one."""
    counts = {name: sum(name in row.values for row in rows) for name, entry in FIELDS.items() if not entry.mapped}
    stated = [f"{name} ({count:,})" for name, count in counts.items() if count]
    if stated:
        said = f"no place in a scenario, so they change nothing in a run: {', '.join(stated)}; in brackets rows"
        where = rows[0].where.rpartition(":")[0]
        yield Problem("W606", where, "tpfdd", said, "nothing is to be done: they are kept for the export")


def _kit(entry: Requirement, scenario: Scenario) -> bool:
    return any(pieces_of(entry, scenario).values())


def _by_stock(group: list[Requirement], places: Places, problems: list[Problem]) -> Iterator[list[Requirement]]:
    """The group as parts with one origin of soldiers and one of kit each; more are units of their own (W607)."""
    first = group[0]
    if len({places.of(entry.text("DEST")) for entry in group}) == 1:
        origins = {True: "", False: ""}
        parts: list[list[Requirement]] = []
        left = []
        for entry in group:
            own = {kind for kind, there in ((False, entry.troops > 0), (True, _kit(entry, places.scenario))) if there}
            origin = places.of(entry.text("ORIGIN"))
            if all(origins[kind] in ("", origin) for kind in own):
                origins |= dict.fromkeys(own, origin)
                parts = [[*(parts[0] if parts else []), entry]]
            else:
                left.append(entry)
    else:
        parts, left = [[first]], group[1:]
    yield from parts
    for entry in left:
        said = f"cannot be closed with {first.key} as one unit: its places differ; it is a unit of its own"
        hint = "a unit has one destination, one origin of its soldiers and one of its kit"
        problems.append(problem(entry, "W607", "ORIGIN", said, hint))
        yield [entry]


def _unit(members: Sequence[Requirement], places: Places, problems: list[Problem]) -> Mapped:
    scenario = places.scenario
    first = members[0]
    problems += _differing(members)
    pieces = [pieces_of(entry, scenario) for entry in members]
    counts = {name: sum(own[name] for own in pieces) for name in pieces[0]}
    soldiers = [entry for entry in members if entry.troops > 0]
    kit = [entry for entry, own in zip(members, pieces, strict=True) if any(own.values())]
    home = places.of((soldiers or members)[0].text("ORIGIN"))
    stock = places.of(kit[0].text("ORIGIN")) if kit else home
    assembly = places.of(first.text("DEST"))
    types = dict.fromkeys(kind for entry in kit if (kind := unit_type_of(entry, scenario)))
    required = min(entry.day("RDD") or 0 for entry in members)
    cells: dict[str, Any] = {
        "name": next((entry.text("UNIT_NAME") for entry in members if "UNIT_NAME" in entry.values), ""),
        "nation": first.text("NATION"),
        "unit_type": next(iter(types)) if len(types) == 1 else "",
        "regional_plan": first.text("PLAN") or scenario.nodes[assembly].regional_plan,
        "tier": 1 if required <= scenario.question.tier_1_deadline_days else 2,
        "troops": sum(entry.troops for entry in members),
        **counts,
        "home_node": home,
        "stock_node": stock if stock != home else "",
        "assembly_node": assembly,
        "ready_day": max(0, *(entry.day("RLD") or 0 for entry in members)),
        "required_day": required,
        "in_place": "yes" if home == stock == assembly else "",
        "modes": ";".join(_modes(members, problems)),
        "route": ";".join(_route(kit, places, problems)),
        "note": remark(members),
        "confidence": "L",
    }
    cells |= _stated(members)
    return Mapped(first.key, tuple(members), {name: value for name, value in cells.items() if value != ""})


def _differing(members: Sequence[Requirement]) -> Iterator[Problem]:
    """W607 for each field of which a unit has one value and its requirements have several."""
    first = members[0]
    for name, taken in _ONE_VALUE.items():
        values = [entry.day(name) if name in ("RLD", "RDD") else entry.text(name) for entry in members]
        others = [entry.key for entry, value in zip(members, values, strict=True) if value != values[0]]
        if others:
            said = f"{name} of {', '.join(others)} differs from this one: {taken} is taken"
            yield problem(first, "W607", name, said, "give all the same, or make two units of them")


def _stated(members: Sequence[Requirement]) -> dict[str, Any]:
    """Cells that a unit has only if a requirement states them."""
    found: dict[str, Any] = {}
    ranks = [int(entry.number("PRIORITY")) for entry in members if "PRIORITY" in entry.values]
    classes = [entry.number("MAX_MLC") for entry in members if "MAX_MLC" in entry.values]
    tanks = [int(entry.number("TANKS")) for entry in members if "TANKS" in entry.values]
    if ranks:
        found["priority"] = min(ranks)
    if classes:
        found["heaviest_mlc"] = max(classes)
    if tanks:
        found["tanks"] = sum(tanks)
    return found


def _modes(members: Sequence[Requirement], problems: list[Problem]) -> tuple[str, ...]:
    """Modes of all, where they agree: a unit has them for soldiers, vehicles and containers alike."""
    asked = [entry.text("MODE")[:1] for entry in members]
    if len(set(asked)) > 1:
        said = "MODE differs among what is closed together: the modes are left open"
        problems.append(problem(members[0], "W607", "MODE", said, "a unit has the same modes for soldiers and kit"))
        return ()
    return _MODES.get(asked[0], ())


def _route(kit: Sequence[Requirement], places: Places, problems: list[Problem]) -> tuple[str, ...]:
    """POE and POD of the kit, where all of it has the same."""
    ways = {tuple(places.of(entry.text(name)) for name in ("POE", "POD")) for entry in kit}
    if len(ways) > 1:
        said = "POE and POD differ among what is closed together: the way is left open"
        problems.append(problem(kit[0], "W607", "POE", said, "a unit's vehicles and containers go one way"))
        return ()
    ends = {places.of(kit[0].text(name)) for name in ("ORIGIN", "DEST")} if kit else set()
    return tuple(place for way in ways for place in way if place and place not in ends)
