"""Checks of single rows against the world: words that exist, places that fit, lengths and speeds that can be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from flanksim.errors import Problem
from flanksim.modes import LINK_MODES
from flanksim.scenario.geometry import great_circle_km
from flanksim.scenario.naming import place
from flanksim.scenario.rows import Facility, Fleet, Link
from flanksim.scenario.saying import Say
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import OWNED, TABLES
from flanksim.scenario.words import COUNTRIES, SPEEDS, close_to, listed

_OTHERWISE = {
    "gauge": "railways have {}: write one of these, or correct the railways",
    "waters": "sea links have {}: write one of these, or correct the sea links",
    "loading gauge": "write {}, or list it under loading_gauges",
}
_ONE = {"units": "unit", "nations": "nation", "regional_plans": "regional plan", "without": "nation"}
#: Words that there are, as far as a hint lists them.
_MOST_NAMED = 12
_SHORTEST_WAY = 0.99
_SHORT_KM = 30.0
_CAPACITY_UNITS = {
    "ship": ("lane_m",),
    "het": ("vehicles",),
    "coach": ("troops",),
    "aircraft": ("troops", "vehicles", "t"),
}
_ATTRIBUTE_UNITS = {"max_mlc": ("MLC",), "max_axle_load_t": ("t",), "max_draught_m": ("m",), "speed_kmh": ("km/h",)}
_TRAFFIC_UNITS = ("trains_per_day", "vehicles_per_hour", "barges_per_day", "trains/day", "vehicles/h", "barges/day")


def check_rows(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """Every problem of single rows, and of fleets that share a pool."""
    yield from _ids(scenario, say)
    yield from _words(scenario, say)
    for key, facility in scenario.facilities.items():
        yield from _fits(scenario, key, facility, say)
    yield from _pools(scenario, say)
    yield from _units_of_measure(scenario, say)
    yield from _unserved(scenario, say)
    for key, link in scenario.links.items():
        yield from _length(scenario, key, link, say)
        yield from _speed("links", key, link.mode, "speed_typical_kmh", _speed_of(link), say)
    for key, fleet in scenario.fleets.items():
        yield from _speed("fleets", key, fleet.kind, "speed_kmh", fleet.speed_kmh, say)


def _ids(scenario: Scenario, say: Say) -> Iterator[Problem]:
    for table in TABLES:
        for key in getattr(scenario, table):
            if not re.fullmatch(r"[^\s/\\;,|>\x00-\x1f\x7f]{1,100}", key):
                message = f"'{key[:40]}' cannot be an id" if key else "an id is empty"
                yield say("E111", (table, key), message, "use letters, numbers, - and _; no blanks, no / \\ ; , | >")
    for key, fleet in scenario.fleets.items():
        if not re.fullmatch(r"[^\s/\\;,|>:\x00-\x1f\x7f]{1,100}", fleet.pool):
            message = f"'{fleet.pool[:40]}' cannot be the name of a pool"
            yield say(
                "E111", ("fleets", key, "pool"), message, "use letters, numbers, - and _; no blanks, no / \\ ; , | > :"
            )


def _words(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """Words that must be known: sources, countries, nations, plans."""

    def unknown(what: str, word: str, known: Iterable[str], path: tuple[str, ...], otherwise: str) -> Problem:
        return say("E225", path, f"unknown {what} '{word}'", close_to(word, sorted(known), otherwise))

    for table in OWNED:
        for key, row in getattr(scenario, table).items():
            # The class defaults that a tiny scenario gets come without the table of their sources.
            if (
                row.source != "inline"
                and row.source not in scenario.sources
                and (scenario.sources or table != "parameters")
            ):
                yield unknown("source", row.source, scenario.sources, (table, key, "source"), "add it to sources")
    own = set(scenario.economies) | set(scenario.countries)  # an invented world has its own
    countries = COUNTRIES | own
    near = {node.country for node in scenario.nodes.values()} & countries
    example = f", such as {min(near)}" if near else ""
    for path, country in _countries(scenario):
        if country and country not in countries:
            iso = f"write three letters of ISO 3166{example}, or list it under countries"
            others = close_to(country, sorted(countries), iso) if near & COUNTRIES else iso
            yield unknown("country", country, near | own, path, others)
    for path, plan in _plans(scenario):
        if plan and plan not in scenario.regional_plans and (hint := close_to(plan, scenario.regional_plans)):
            hint += " (if not, list it under regional_plans)"
            yield say("E225", path, f"unknown plan '{plan}'", hint)
    have = {"units": set(scenario.units)}
    if scenario.travelling_units:
        have["nations"] = {unit.nation for unit in scenario.units.values()}
        have["without"] = have["nations"] | {fleet.nation for fleet in scenario.fleets.values()}
        have["regional_plans"] = {unit.regional_plan for unit in scenario.units.values()}
    for field, known in have.items():
        names = sorted(filter(None, known))[:_MOST_NAMED]
        otherwise = f"write {listed(names, 'or')}" if names else "no unit states any"
        for word in getattr(scenario.forces, field):
            if word not in known:
                yield unknown(_ONE[field], word, known, ("forces", field), otherwise)
    for what, path, word, words in _names(scenario):
        if word and word not in words:
            there = listed(words, "or") if words else "none"
            yield unknown(what, word, words, path, _OTHERWISE[what].format(there))
    units, plans = scenario.units.values(), set(scenario.regional_plans)
    known = {
        word for unit in units for word in (unit.nation, unit.regional_plan, f"{unit.nation} {unit.regional_plan}")
    }
    for word in scenario.sustainment.supply_nodes:
        if word not in known and word not in COUNTRIES | plans and not _nation_in_plan(word, plans):
            path, example = ("sustainment", "supply_nodes", word), min(filter(None, known), default="")
            hint = f"write the nation or the plan of a unit, such as {example}" if example else "no unit has either"
            yield unknown("nation or plan", word, known, path, hint)


def _nation_in_plan(word: str, plans: set[str]) -> bool:
    nation, _, plan = word.partition(" ")
    return nation in COUNTRIES and plan in plans


def _countries(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from ((("nodes", key, "country"), row.country) for key, row in scenario.nodes.items())
    if any(node.country for node in scenario.nodes.values()):  # without countries a nation is any word
        yield from ((("units", key, "nation"), row.nation) for key, row in scenario.units.items())
        yield from ((("fleets", key, "nation"), row.nation) for key, row in scenario.fleets.items())
    yield from (
        (("permissions", key, "countries"), state)
        for key, row in scenario.permissions.items()
        for state in row.countries
    )
    groups = scenario.country_groups
    for key, project in scenario.projects.items():
        yield from ((("projects", key, "countries"), country) for country in project.countries if country not in groups)
    yield from ((("regime", "transit_states"), state) for state in scenario.regime.transit_states)
    yield from ((("spending", "non_payers"), ally) for ally in scenario.spending.non_payers)


def _names(scenario: Scenario) -> Iterator[tuple[str, tuple[str, ...], str, list[str]]]:
    """Words of one row that another row or the scenario must know: gauges, loading gauges and waters.

    Each with what it is, where it stands, and the words that there are.
    """
    gauges = sorted({str(gauge) for gauge in _gauges_of_lines(scenario)})
    stated = {link.waters for link in scenario.links.values() if link.mode == "sea"}
    waters = sorted(stated - {""})
    for key, fleet in scenario.fleets.items():
        if fleet.kind == "train" and gauges:
            yield from (("gauge", ("fleets", key, "gauge_mm"), str(gauge), gauges) for gauge in fleet.gauge_mm)
        yield from (("waters", ("fleets", key, "waters"), word, waters) for word in fleet.waters if "" not in stated)
    for table in ("links", "unit_types"):
        for key, row in getattr(scenario, table).items():
            names = list(scenario.loading_gauges)
            yield "loading gauge", (table, key, "loading_gauge"), row.loading_gauge, names


def _gauges_of_lines(scenario: Scenario) -> dict[int, list[str]]:
    """Links by gauge in mm; ``default_gauge_mm`` where a line states none."""
    found: dict[int, list[str]] = {}
    for key, link in scenario.links.items():
        if link.mode == "rail":
            for gauge in link.gauge_mm or (int(scenario.optional("default_gauge_mm")),):
                found.setdefault(gauge, []).append(key)
    return found


def _unserved(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """Lines of a gauge that no train has."""
    trains = [fleet for fleet in scenario.fleets.values() if fleet.kind == "train"]
    if not trains:
        return
    default = int(scenario.optional("default_gauge_mm"))
    run = {gauge for fleet in trains for gauge in fleet.gauge_mm or (default,)}
    for gauge, keys in sorted(_gauges_of_lines(scenario).items()):
        if gauge not in run:
            others = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            message = f"no train runs on a gauge of {gauge} mm, which this line{others} has"
            yield say(
                "W407", ("links", keys[0], "gauge_mm"), message, "correct the gauge, or add such trains to fleets"
            )


def _plans(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str]]:
    for table in ("nodes", "units", "economies", "projects"):
        for key, row in getattr(scenario, table).items():
            yield (table, key, "regional_plan"), row.regional_plan


def _fits(scenario: Scenario, key: str, facility: Facility, say: Say) -> Iterator[Problem]:
    """A border stands on a link of its mode, everything else at a node."""
    link, node = scenario.links.get(facility.place), facility.place in scenario.nodes
    if link is None and not node:
        return  # told as a place that does not exist
    kind, _, mode = facility.kind.partition("_")
    path = ("facilities", key, "place")
    if kind == "border":
        if link is None and node:
            yield say(
                "E227",
                path,
                f"{facility.kind} stands at the node '{facility.place}'",
                f"give the id of the {mode} link that crosses",
            )
        elif link is not None and link.mode != mode:
            yield say(
                "E227",
                path,
                f"{facility.kind} stands on '{facility.place}', a {link.mode} link",
                f"give the id of a {mode} link",
            )
    elif not node and facility.kind != "check":
        yield say("E227", path, f"{facility.kind} stands on the link '{facility.place}'", "give the id of a node")


def _pools(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """What one queue serves must be alike: a request takes whichever asset is free."""
    first: dict[str, tuple[str, Fleet]] = {}
    for key, fleet in sorted(scenario.fleets.items()):
        other, model = first.setdefault(fleet.pool, (key, fleet))
        for field in ("kind", "carries", "waters", "gauge_mm", "capacity_unit"):
            mine, theirs = getattr(fleet, field), getattr(model, field)
            if (set(mine) != set(theirs)) if isinstance(mine, tuple) else mine != theirs:
                message = f"{field} is {_told(mine)}, but {_told(theirs)} for '{other}' of the same pool '{fleet.pool}'"
                yield say("E226", ("fleets", key, field), message, "give it a pool of its own, or make them alike")
                break


def _told(value: object) -> str:
    return (
        (";".join(map(str, value)) or "empty")
        if isinstance(value, Sequence) and not isinstance(value, str)
        else str(value)
    )


def _units_of_measure(scenario: Scenario, say: Say) -> Iterator[Problem]:
    for key, fleet in scenario.fleets.items():
        units = _CAPACITY_UNITS.get(fleet.kind, ("vehicles", "troops"))
        if fleet.capacity_unit not in units:
            message = f"the capacity of a {fleet.kind} is not read in {fleet.capacity_unit}"
            yield say(
                "E219",
                ("fleets", key, "capacity_unit"),
                message,
                f"state it in {units[0]}, with capacity_unit: {units[0]}",
            )
    for key, link in scenario.links.items():
        unit = LINK_MODES[link.mode].unit or None
        if link.capacity_unit is not None and link.capacity_unit != unit:
            message = f"the capacity of a {link.mode} link is not read in {link.capacity_unit}"
            hint = f"state it in {unit}" if unit else "the sea has no capacity: its ships and berths have"
            yield say("E219", ("links", key, "capacity_unit"), message, hint)
    for key, point in scenario.chokepoints.items():
        units = _ATTRIBUTE_UNITS.get(point.attribute, _TRAFFIC_UNITS)
        if point.unit and point.unit not in units:
            yield say(
                "E219",
                ("chokepoints", key, "unit"),
                f"{point.attribute} is not read in {point.unit}",
                f"state it in {units[0]}",
            )


def _length(scenario: Scenario, key: str, link: Link, say: Say) -> Iterator[Problem]:
    """A way is not shorter than the great circle, nor much longer unless something lies between."""
    ends = [scenario.nodes.get(end) for end in (link.from_node, link.to_node)]
    if (
        link.length_km <= 0
        or link.from_node == link.to_node
        or any(end is None or end.lat is None or end.lon is None for end in ends)
    ):
        return
    a, b = ends
    circle = great_circle_km(a.lat, a.lon, b.lat, b.lon)  # type: ignore[union-attr, arg-type]
    between = f"{circle:,.0f} km lie between {place(scenario, link.from_node)} and {place(scenario, link.to_node)}"
    path = ("links", key, "length_km")
    if link.length_km < _SHORTEST_WAY * circle - 1.0:
        yield say(
            "W404", path, f"{link.length_km:,g} km, but {between} on the great circle", "correct the length or a place"
        )
    elif link.length_km > LINK_MODES[link.mode].longest_way_round * max(circle, _SHORT_KM) and not link.detour_reason:
        hint = "correct the length or a place, or say under detour_reason what lies between"
        yield say("W404", path, f"{link.length_km:,g} km, but only {between} on the great circle", hint)


def _speed_of(link: Link) -> float | None:
    """Speed of a link as stated, or as its length and travel time give it."""
    if isinstance(link.travel_hours, int | float) and link.length_km > 0:
        return link.length_km / link.travel_hours if link.travel_hours > 0 else None
    return link.speed_typical_kmh


def _speed(table: str, key: str, kind: str, field: str, speed: float | None, say: Say) -> Iterator[Problem]:
    low, high = SPEEDS[kind]
    if speed is not None and not low <= speed <= high:
        message = f"{speed:,.3g} km/h is not the speed of a {kind}" + (" link" if table == "links" else "")
        yield say("W405", (table, key, field), message, f"such speeds lie between {low:g} and {high:g} km/h")
