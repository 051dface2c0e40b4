"""The network as a networkx MultiDiGraph, with what each place and link really offers: built, checked, saved.

Chokepoints, class defaults, civil traffic and the mechanisms that are off are applied here, once. Routes are searched
on this graph, bounds are built on it and maps drawn from it; edited, it goes back into a run.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from numbers import Real
from typing import Any

import networkx as nx

from flanksim.errors import FlanksimError, Problem
from flanksim.modes import LINK_MODES
from flanksim.network.elements import CAPACITIES, Edge, Facility, Place, Windows, united
from flanksim.scenario import rows
from flanksim.scenario.distributions import Distribution, distribution_of, triangular
from flanksim.scenario.facilities import facilities_by_place
from flanksim.scenario.parameters import PARAMETERS
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to, listed
from flanksim.units import HOURS_PER_DAY, horizon_hour

#: Attributes of an edge: those of `Edge` but its ends and key, and the capacity under the name of its mode.
_EDGE = {entry.name for entry in fields(Edge)} - {"link_id", "from_node", "to_node", "capacity"} | {
    *CAPACITIES.values()
}
_NODE = {entry.name for entry in fields(Place)}
_FACILITIES = tuple(kind for kind in rows.FACILITY_KINDS if not kind.startswith("border_"))
#: Attributes in which both directions of a link agree.
_OF_THE_LINK = ("mode", "shared", "border", "waters", "gauges")


# ---- from the tables --------------------------------------------------------------------------------------------


def build(scenario: Scenario) -> nx.MultiDiGraph[str]:
    """Directed multigraph of places and links under the scenario's regime and mechanisms.

    Parameters
    ----------
    scenario
        A scenario, its year already settled.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are ids of places, with the attributes of `flanksim.network.elements.Place`. A link is two edges, one in
        each direction (one edge, if it leads one way), whose key is its id, with the attributes of
        `flanksim.network.elements.Edge`; the capacity is called ``trains_per_day``, ``ships_per_day`` or
        ``vehicles_per_hour``.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=scenario.name)
    facilities = facilities_by_place(scenario)
    for key, node in sorted(scenario.nodes.items()):
        if node.kind == "chokepoint":
            continue
        place = Place(
            name=node.name or key,
            country=node.country,
            lat=node.lat,
            lon=node.lon,
            kind=node.kind,
            regional_plan=node.regional_plan,
            rail_region=node.rail_region,
            facilities={
                kind: _facility(scenario, facilities[kind, key]) for kind in _FACILITIES if (kind, key) in facilities
            },
        )
        graph.add_node(key, **{entry.name: getattr(place, entry.name) for entry in fields(Place)})
    tightened = _tightened(scenario)
    for key, link in sorted(scenario.links.items()):
        both = _attributes(scenario, key, link, tightened, facilities)
        graph.add_edge(link.from_node, link.to_node, key=key, forward=True, **both)
        if not link.one_way:
            graph.add_edge(link.to_node, link.from_node, key=key, forward=False, **both)
    return graph


def link_attributes(scenario: Scenario, key: str) -> dict[str, Any]:
    """Attributes of one link, as both of its edges have them."""
    return _attributes(scenario, key, scenario.links[key], _tightened(scenario), facilities_by_place(scenario))


def with_changes(graph: nx.MultiDiGraph[str], before: Scenario, after: Scenario) -> nx.MultiDiGraph[str]:
    """An edited graph with what changes from one scenario to another.

    Where the graph has the value of the first scenario it takes that of the second; where it has a number of its own,
    that grows by as much. What only the second scenario has is added.

    Parameters
    ----------
    graph
        The edited graph; it stays as it is.
    before, after
        The two scenarios.

    Returns
    -------
    networkx.MultiDiGraph
        A copy with the changes.
    """
    if after == before:
        return graph
    one, two = build(before), build(after)
    found = graph.copy()
    for key, values in two.nodes(data=True):
        if key not in one:
            found.add_node(key, **values)
        elif key in found and values != one.nodes[key]:
            _carry(found.nodes[key], one.nodes[key], values)
    for tail, head, key, values in two.edges(keys=True, data=True):
        if not one.has_edge(tail, head, key):
            found.add_edge(tail, head, key=key, **values)
        elif found.has_edge(tail, head, key) and values != one.edges[tail, head, key]:
            _carry(found.edges[tail, head, key], one.edges[tail, head, key], values)
    return found


def _carry(own: dict[str, Any], one: dict[str, Any], two: dict[str, Any]) -> None:
    for name, value in two.items():
        old, mine = one.get(name), own.get(name)
        if value == old:
            continue
        if isinstance(value, Facility) and isinstance(old, Facility) and isinstance(mine, Facility):
            parts = {entry.name: getattr(mine, entry.name) for entry in fields(Facility)}
            _carry(
                parts, *({entry.name: getattr(each, entry.name) for entry in fields(Facility)} for each in (old, value))
            )
            own[name] = Facility(**parts)
        elif isinstance(value, dict) and isinstance(mine, dict):
            own[name] = dict(mine)
            _carry(own[name], old or {}, value)
        elif mine == old or not all(
            _number(each, -sys.float_info.max, sys.float_info.max) for each in (value, old, mine)
        ):
            own[name] = value
        else:
            own[name] = mine + (value - old)


def _tightened(scenario: Scenario) -> dict[tuple[str, str], float]:
    """The least value of each attribute that chokepoints leave on each link."""
    found: dict[tuple[str, str], float] = {}
    for point in scenario.chokepoints.values():
        at = (point.link_id, point.attribute)
        found[at] = min(found.get(at, math.inf), point.typical)
    return found


def _attributes(
    scenario: Scenario,
    key: str,
    link: rows.Link,
    tightened: dict[tuple[str, str], float],
    facilities: dict[tuple[str, str], rows.Facility],
) -> dict[str, Any]:
    """Attributes of both directions of a link, but for the direction."""

    def effective(attribute: str, own: float | None, default: float) -> float:
        return min(default if own is None else own, tightened.get((key, attribute), math.inf))

    gross = effective("capacity", link.capacity_typical, math.inf)
    countries = [scenario.nodes[end].country for end in (link.from_node, link.to_node)]
    about = LINK_MODES[link.mode]
    default_mlc = "default_max_mlc_motorway" if (link.lanes or 2) >= 4 else "default_max_mlc_road"
    own_class = scenario.optional(default_mlc) if about.open_to_vehicles else math.inf
    crosses = countries[0] != countries[1] and about.borders and all(countries)
    border = facilities.get((f"border_{link.mode}", key)) if crosses and scenario.mechanisms.borders else None
    return {
        "mode": link.mode,
        "length_km": link.length_km,
        "speed_kmh": effective(
            "speed_kmh", link.speed_typical_kmh, scenario.optional(f"default_speed_{class_of(link)}_kmh")
        ),
        "boarding_hours": scenario.optional("ferry_boarding_hours") if link.mode == "ferry" else 0.0,
        "travel": None if link.travel_hours is None else distribution_of(link.travel_hours),
        CAPACITIES[link.mode]: gross * (1.0 - civil_share(scenario, link.mode)) if math.isfinite(gross) else math.inf,
        "gross_capacity": gross,
        "shared": link.mode == "rail" and (link.tracks or 1) == 1,
        "headway_hours": link.headway_hours,
        "opposing_clearance_hours": link.opposing_clearance_hours,
        "closed": windows_of(link.closures),
        "gauges": gauges_of(scenario, link) if link.mode == "rail" else (),
        "max_mlc": effective("max_mlc", link.max_mlc, own_class),
        "max_axle_load_t": effective(
            "max_axle_load_t", link.max_axle_load_t, scenario.optional("default_max_axle_load_t")
        ),
        "loading_gauge": link.loading_gauge,
        "max_draught_m": effective("max_draught_m", link.max_draught_m, math.inf),
        "waters": link.waters if link.mode == "sea" else "",
        "border": None if border is None else _facility(scenario, border),
    }


def class_of(link: rows.Link) -> str:
    """Class of a link whose default speed holds where it states none: its mode, or a better or worse kind of it."""
    if link.mode == "road" and (link.lanes or 2) >= 4:
        return "motorway"
    if link.mode == "rail" and (link.tracks or 1) == 1 and link.electrified == "n":
        return "branch_line"
    return link.mode


def _facility(scenario: Scenario, row: rows.Facility) -> Facility:
    if row.handling_hours is not None:
        handling: Distribution | None = distribution_of(row.handling_hours)
    elif row.handling_typical_hours is not None:
        handling = triangular(row.handling_low_hours, row.handling_typical_hours, row.handling_high_hours)
    else:
        handling = None
    return Facility(
        servers=net_servers(scenario, row),
        gross_servers=math.inf if row.servers_typical is None else row.servers_typical,
        handling=handling,
        storage=row.storage_typical if scenario.mechanisms.storage else None,
        closed=windows_of(row.closures),
        nights=_nights(scenario, row),
        runway_m=row.runway_m,
        max_draught_m=row.max_draught_m,
        divert_when_full=bool(row.divert_when_full),
    )


def net_servers(scenario: Scenario, facility: rows.Facility) -> float:
    """Servers left to the military: whole ones, at least one where any is left, none where none is.

    Infinite where nothing limits. What rounding to whole servers gains or loses is told by `check` (W406).
    """
    if facility.servers_typical is None:
        return math.inf
    net = facility.servers_typical * (1.0 - civil_share(scenario, facility.kind))
    if net <= 0:
        return 0.0
    return float(max(1, math.floor(net + 0.5))) if scenario.mechanisms.servers else math.inf


def civil_share(scenario: Scenario, what: str) -> float:
    """Share of gross capacity that civil traffic keeps under the scenario's regime, 0 to 1.

    This is the one place in which civil load is subtracted. `what` is ``rail``, ``road``,
    ``ferry``, ``waterway``, ``berth`` or ``stand``; other things have no civil load.
    """
    if not scenario.mechanisms.civil_traffic:
        return 0.0
    name = f"civil_share_{what}_{scenario.regime.traffic}"
    return scenario.optional(name) if name in PARAMETERS else 0.0


def windows_of(closures: tuple[rows.Window, ...]) -> Windows:
    """Closures of a row, merged and in order."""
    return united([(window.from_hour, window.to_hour) for window in closures])


def _nights(scenario: Scenario, row: rows.Facility) -> Windows:
    """Hours outside the opening hours of a facility, up to the horizon."""
    opens, closes = row.opens_hour, row.closes_hour
    windows: list[tuple[float, float]] = []
    if scenario.mechanisms.opening_hours and (opens is not None or closes is not None):
        start, end = opens or 0.0, HOURS_PER_DAY if closes is None else closes
        for day in range(math.ceil(horizon_hour(scenario.question.horizon_days) / HOURS_PER_DAY) + 1):
            midnight = day * HOURS_PER_DAY
            if start < end:
                windows += [(midnight, midnight + start), (midnight + end, midnight + HOURS_PER_DAY)]
            elif start > end:  # open over midnight
                windows.append((midnight + end, midnight + start))
    return united(windows)


def gauges_of(scenario: Scenario, row: rows.Link | rows.Fleet) -> tuple[int, ...]:
    """Gauges of a railway, or of the lines on which a fleet runs, mm; ``default_gauge_mm`` where none is stated."""
    return row.gauge_mm or (int(scenario.optional("default_gauge_mm")),)


# ---- from a graph that somebody may have edited -----------------------------------------------------------------


def check(graph: object, scenario: Scenario | None = None) -> None:
    """Refuse a graph that a run cannot take: unknown attributes, nonsense in values, ends that are missing.

    Parameters
    ----------
    graph
        A graph as `build` gives it, edited or not.
    scenario
        If given, its units and fleets must stand at places of the graph.

    Raises
    ------
    FlanksimError
        E308 for each fault, with the node or edge, what is wrong and what to write.
    """
    if not isinstance(graph, nx.MultiDiGraph):
        what = f"a network is a networkx.MultiDiGraph, not a {type(graph).__name__}"
        raise FlanksimError(Problem("E308", "network", "", what, "start from flanksim.graph(scenario) and edit that"))
    problems = [Problem("E308", "network", where, what, hint) for where, what, hint in _faults(graph, scenario)]
    if problems:
        raise FlanksimError(problems)


def _faults(graph: nx.MultiDiGraph[str], scenario: Scenario | None) -> Iterator[tuple[str, str, str]]:
    for key, values in graph.nodes(data=True):
        where = f"nodes[{key!r}]"
        if not isinstance(key, str):
            yield where, "the id of a place is text", "write it as a string"
        yield from _unknown(where, values, _NODE)
        for name, low, high in (("lat", -90.0, 90.0), ("lon", -180.0, 180.0)):
            if values.get(name) is not None and not _number(values[name], low, high):
                yield where, f"{name} is {values[name]!r}", f"degrees from {low:g} to {high:g}, or None"
        held = values.get("facilities", {})
        if not isinstance(held, dict):
            yield where, "facilities is no dict", "facilities by kind: {'berth': Facility(servers=3)}"
            continue
        for kind, facility in held.items():
            if kind not in _FACILITIES:
                yield (
                    where,
                    f"unknown kind of facility {kind!r}",
                    close_to(str(kind), _FACILITIES) or _known(_FACILITIES),
                )
            yield from _facility_faults(f"{where}['facilities'][{kind!r}]", facility)
    directions: dict[str, list[tuple[str, str]]] = {}
    for tail, head, key, values in graph.edges(keys=True, data=True):
        where = f"edges[{tail!r}, {head!r}, {key!r}]"
        if not isinstance(key, str):
            yield where, "the key of an edge is the id of its link, as text", "give key='...' when you add an edge"
        directions.setdefault(key, []).append((tail, head))
        yield from _edge_faults(where, values)
    for key, ends in directions.items():
        yield from _link_faults(graph, key, ends)
    if scenario is not None:
        yield from _missing(graph, scenario)


def _unknown(where: str, values: dict[str, Any], known: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for name in values:
        if name not in known:
            yield where, f"unknown attribute {name!r}", close_to(str(name), known) or _known(known)


def _known(names: Iterable[str]) -> str:
    return "known: " + ", ".join(sorted(names))


_NUMBER = "give a number of 0 or more, or math.inf for no limit"


def _number(value: object, low: float, high: float = math.inf) -> bool:
    """Whether it is a number within limits; nan is none."""
    return isinstance(value, Real) and not isinstance(value, bool) and low <= float(value) <= high


def _edge_faults(where: str, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from _unknown(where, values, _EDGE)
    mode = values.get("mode")
    if mode not in CAPACITIES:
        yield where, f"mode is {mode!r}", "write " + listed(CAPACITIES, "or")
        return
    for name in {*CAPACITIES.values()} - {CAPACITIES[mode]}:
        if name in values:
            yield where, f"{name} does not fit a link of mode {mode}", f"its capacity is called {CAPACITIES[mode]}"
    for name in ("length_km", "max_mlc", "max_axle_load_t", "max_draught_m", "gross_capacity", CAPACITIES[mode]):
        if name in values and not _number(values[name], 0.0):
            yield where, f"{name} is {values[name]!r}", _NUMBER
    for name in ("headway_hours", "opposing_clearance_hours"):
        if values.get(name) is not None and not _number(values[name], 0.0, 1e6):
            yield where, f"{name} is {values[name]!r}", "give hours of 0 or more, or None"
    if values.get("travel") is None:
        if not _number(values.get("speed_kmh"), 1e-3) or not _number(values.get("length_km"), 0.0, 1e5):
            yield (
                where,
                "neither travel hours nor length and speed say how long it takes",
                ("state length_km and speed_kmh, or travel"),
            )
    elif not isinstance(values["travel"], Distribution) and not _number(values["travel"], 0.0, 1e6):
        yield where, f"travel is {values['travel']!r}", "give hours, or a flanksim.scenario.distributions.Distribution"
    yield from _window_faults(where, "closed", values.get("closed", ()))
    for name, kind in (("forward", bool), ("shared", bool), ("waters", str), ("loading_gauge", str)):
        if name in values and not isinstance(values[name], kind):
            yield where, f"{name} is {values[name]!r}", "give text" if kind is str else "give True or False"
    if not isinstance(values.get("gauges", ()), tuple | list):
        yield where, f"gauges is {values['gauges']!r}", "give gauges in mm: (1435,)"
    if values.get("border") is not None:
        yield from _facility_faults(f"{where}['border']", values["border"])


def _facility_faults(where: str, facility: object) -> Iterator[tuple[str, str, str]]:
    if not isinstance(facility, Facility):
        yield where, "is no Facility", "write flanksim.network.elements.Facility(servers=2)"
        return
    for name in ("servers", "gross_servers"):
        if not _number(getattr(facility, name), 0.0):
            yield (
                where,
                f"{name} is {getattr(facility, name)!r}",
                "give a number of 0 or more, or math.inf for no limit",
            )
    for name in ("storage", "runway_m", "max_draught_m"):
        if getattr(facility, name) is not None and not _number(getattr(facility, name), 0.0):
            yield where, f"{name} is {getattr(facility, name)!r}", "give a number of 0 or more, or None"
    if facility.handling is not None and not isinstance(facility.handling, Distribution):
        yield (
            where,
            f"handling is {facility.handling!r}",
            "give a flanksim.scenario.distributions.Distribution, or None",
        )
    yield from _window_faults(where, "closed", facility.closed)
    yield from _window_faults(where, "nights", facility.nights)


def _window_faults(where: str, name: str, windows: Any) -> Iterator[tuple[str, str, str]]:
    pairs = windows if isinstance(windows, tuple | list) else (None,)
    if not all(
        isinstance(pair, tuple | list) and len(pair) == 2 and _number(pair[0], -1e6) and _number(pair[1], pair[0])
        for pair in pairs
    ):
        yield where, f"{name} is {windows!r}", "give pairs of hours since C-day: ((24.0, 48.0),)"


def _link_faults(graph: nx.MultiDiGraph[str], key: str, ends: list[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Faults of the edges with one key: they are one link, at most one edge in each direction."""
    where = f"edges with key {key!r}"
    if len(ends) > 2 or (len(ends) == 2 and ends[0] != ends[1][::-1]):
        yield where, "they do not join the same two places, or two run the same way", "give each link a key of its own"
        return
    if len(ends) == 1:
        return
    one, two = (graph.edges[tail, head, key] for tail, head in ends)
    if one.get("forward") is not None and one.get("forward") == two.get("forward"):
        yield where, "forward is the same in both directions", "write True in one of them, False in the other"
    names: tuple[str, ...] = _OF_THE_LINK
    if one.get("shared") and one.get("mode") in CAPACITIES:
        names += ("headway_hours", "opposing_clearance_hours", CAPACITIES[one["mode"]], "closed")
    for name in names:
        if one.get(name) != two.get(name):
            why = "which use one track" if name not in _OF_THE_LINK else "which are one link"
            yield where, f"{name} differs between its two directions, {why}", "change both edges"


def _missing(graph: nx.MultiDiGraph[str], scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Places that units and fleets need and the graph does not have."""
    for key, unit in scenario.units.items():
        for name in ("home_node", "assembly_node", "stock_node"):
            place = getattr(unit, name)
            if place and place not in graph:
                yield (
                    f"units.{key}.{name}",
                    f"{place!r} is no node of the network",
                    "add the node, or edit the scenario",
                )
    for key, fleet in scenario.fleets.items():
        if fleet.home_node not in graph:
            yield (
                f"fleets.{key}.home_node",
                f"{fleet.home_node!r} is no node of the network",
                ("add the node, or edit the scenario"),
            )
