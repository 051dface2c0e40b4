"""Why a load has no way: what stops the strongest one, what would open it, or what stops the shortest one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects
from flanksim.modes import WAYS, mode_of
from flanksim.network.admissible import LoadClass, obstacle
from flanksim.network.lift import carriers, queue_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.network.routes import Itinerary, Layered, Segment
from flanksim.planning.loads import Load
from flanksim.planning.options import Option, pools_of
from flanksim.scenario.naming import element
from flanksim.scenario.words import CARGO_WORDS


def without_options(loads: Sequence[Load], options: Sequence[Sequence[Option]], physics: Physics) -> list[Problem]:
    """E307 for each assembly area that can integrate nobody; E305 for each kind of load and home without a way.

    Parameters
    ----------
    loads, options
        What moves, and on which ways each load may.
    physics
        Times and sizes on the network, with its pools of lift.
    """
    network = physics.network
    rows = {key: row for key, row in physics.scenario.facilities.items() if row.kind == "assembly"}
    found = [
        Problem(
            "E307",
            physics.scenario.name,
            f"facilities.{next((key for key, row in rows.items() if row.place == place), place)}",
            f"assembly area {network.name(place)} {reason}: it can integrate nobody",
            "give it servers, or leave out its row if nothing limits it",
        )
        for place in sorted({load.target for load in loads})
        if (reason := network.unusable("assembly", place))
    ]
    stuck = {load.route for load, own in zip(loads, options, strict=True) if not own}
    return found + [_no_route(physics, *route) for route in sorted(stuck)]


def _no_route(physics: Physics, load: LoadClass, target: str, home: str) -> Problem:
    """E305 for the first unit that wants to go from `home` to `target`, with what would help."""
    scenario = physics.scenario
    unit = next(
        key
        for key, unit in scenario.ordered_units.items()
        if home in (unit.home_node, unit.stock_node) and unit.assembly_node == target
    )
    names = [physics.network.name(place) for place in (home, target)]
    ways = _ways(physics, load, home, target, limits=True)
    hint = _route(physics, load, home, target) or (
        _lift(physics, load, ways[0]) if ways else _obstacles(physics, load, home, target)
    )
    what = CARGO_WORDS[load.element] + (f" of MLC {load.mlc:g}" if load.mlc and load.element != "troops" else "")
    return Problem("E305", scenario.name, f"units.{unit}", f"no way for {what} from {names[0]} to {names[1]}", hint)


#: A terminal in a word, where that is not the name of its kind.
_TERMINALS = {"rail_terminal": "ramp", "barge_terminal": "barge terminal"}


def _at(physics: Physics, place: str) -> str:
    name = physics.network.name(place)
    return place if name == place else f"{name} ({place})"


def _ways(
    physics: Physics, load: LoadClass, home: str, target: str, *, limits: bool = False, **mechanisms: bool
) -> list[Itinerary]:
    """Ways under other mechanisms, and without limits unless they are wanted."""
    changed = physics.scenario.mechanisms.model_copy(update=mechanisms)
    scenario = physics.scenario.model_copy(update={"mechanisms": changed})
    layered = Layered(Physics(physics.network.under(scenario), physics.lift), load, limits=limits)
    return layered.itineraries([home], target, 1)[home]


def _route(physics: Physics, load: LoadClass, home: str, target: str) -> str:
    """That the stated route is what leaves no way; empty if there is none without it either."""
    if not load.route or not _ways(physics, replace(load, route=()), home, target, limits=True):
        return ""
    places = ", ".join(load.route[1:-1])
    return f"its route ({places}) leaves no way: put more places between these, in their order, or correct them"


def _lift(physics: Physics, load: LoadClass, way: Itinerary) -> str:
    """Which leg of the shortest way no fleet serves."""
    return next(filter(None, (_no_fleet(physics, load, part) for part in way.segments)), "add a fleet on the way")


def _no_fleet(physics: Physics, load: LoadClass, segment: Segment) -> str:
    mode, _, rest = segment.layer.partition(":")
    pools = (
        queue_pools(physics.lift, physics.scenario, mode, load.element)
        if WAYS[mode].queue == "pool"
        else pools_of(segment, load, physics)
    )
    queues = WAYS[mode].queue == "pool"
    if pools and (not queues or rest in pools):
        return ""
    ends = f"from {_at(physics, segment.from_node)} to {_at(physics, segment.to_node)}"
    waters = f" in {rest} waters" if mode == "sea" and rest else ""
    kind = WAYS[mode].lift or mode
    if not queues and carriers(physics.lift, physics.scenario, kind, load.element, rest, segment.from_node):
        return f"no fleet can carry it there: each {kind} draws too much, or needs a longer runway, {ends}"
    return f"no fleet can carry it there: no {kind} takes {CARGO_WORDS[load.element]}{waters} {ends}; add one to fleets"


def _strongest(physics: Physics, load: LoadClass, home: str, target: str) -> Itinerary | None:
    """The way that bears the largest part of the load's class and axle load; None where weight is not what stops it."""
    network = physics.network
    ways = [(key, forward) for key in physics.scenario.links for forward in (True, False) if network.has(key, forward)]
    edges = [network.edge(*way) for way in ways]
    limits = [(edge.max_mlc, weight) for edge in edges for weight in (load.mlc, load.lifted_mlc)]
    limits += [(edge.max_axle_load_t, load.axle_load_t) for edge in edges]
    parts = sorted({limit / weight for limit, weight in limits if 0 < limit < weight})

    def bearing(part: float) -> list[Itinerary]:
        part *= 1.0 - 1e-9  # so that a limit bears the part of a load that is made from it
        weights = {name: part * getattr(load, name) for name in ("mlc", "lifted_mlc", "axle_load_t")}
        return _ways(physics, replace(load, **weights), home, target, limits=True)

    last = bisect_left(parts, True, key=lambda part: not bearing(part)) - 1
    return bearing(parts[last])[0] if last >= 0 else None


def _stops(physics: Physics, load: LoadClass, way: Itinerary) -> dict[str, str]:
    """Links of a way that the load may not use, with why, in words."""
    found = {}
    for segment in way.segments:
        for leg in segment.legs:
            if leg.link_id:
                edge = physics.network.edge(leg.link_id, leg.forward)
                reason = obstacle(physics.network, edge, load, lifted=segment.layer != "march")
                if reason is not None:
                    found[leg.link_id] = f"{leg.link_id} ({leg.from_node} to {leg.to_node}): {reason}"
    return found


def _needed(physics: Physics, load: LoadClass, home: str, target: str, stops: dict[str, str]) -> dict[str, str]:
    """Of the links that stop a way those that must be stronger: past others a load can drive, or go round them."""
    needed = dict(stops)
    for key in stops:
        others = {name: why for name, why in needed.items() if name != key}
        if not others:
            break
        graph = physics.network.graph.copy()
        for _, _, name, limits in graph.edges(keys=True, data=True):
            if name in others:
                limits.pop("max_mlc", None)
                limits.pop("max_axle_load_t", None)
        opened = Physics(Network(physics.scenario, graph), physics.lift)
        if _ways(opened, load, home, target, limits=True):
            needed = others
    return needed


def _opening(physics: Physics, load: LoadClass, home: str, target: str, stops: Iterable[str]) -> str:
    """Which projects would open a way by what they change in links that stop it; empty without any projects."""
    scenario, stopped = physics.scenario, {*stops}
    points = {key for key, point in scenario.chokepoints.items() if point.link_id in stopped}
    rows = {"links": stopped, "chokepoints": points}
    projects = sorted(
        {effect.project_id for effect in scenario.effects.values() if rows.get(effect.table, set()) & {*effect.targets}}
    )
    for chosen in [[key] for key in projects] + ([projects] if len(projects) > 1 else []):
        try:
            built = Network(apply_projects(scenario, chosen))
        except FlanksimError:  # two of them exclude each other
            continue
        if _ways(Physics(built, physics.lift), load, home, target, limits=True):
            names = " and ".join(f"{key} ({scenario.projects[key].name})" for key in chosen)
            return f"; {'project' if len(chosen) == 1 else 'together, projects'} {names} would open it"
    return "; no project of the scenario opens it" if scenario.projects else ""


def _obstacles(physics: Physics, load: LoadClass, home: str, target: str) -> str:
    """What stops the strongest way, or the shortest that there would be without limits, facilities or lift."""
    strongest = _strongest(physics, load, home, target)
    if strongest is not None:
        stops = _needed(physics, load, home, target, _stops(physics, load, strongest))
        more = f", and at {len(stops) - 1} more on it" if len(stops) > 1 else ""
        opening = _opening(physics, load, home, target, stops)
        return f"the strongest way is stopped at {next(iter(stops.values()))}{more}{opening}"
    free = LoadClass(load.element, without=() if load.element == "troops" else tuple({"air"} & {*load.without}))
    way = _ways(physics, free, home, target)
    for segment in way[0].segments if way else ():
        kind = WAYS[mode_of(segment.layer)].terminal
        for place in (segment.from_node, segment.to_node) if kind else ():
            facility = physics.network.facilities.get((kind, place))
            why = physics.network.unusable(kind, place)
            discharges = segment.layer.startswith("sea") and place == segment.to_node
            if not why and discharges and facility is not None and facility.keeps_nothing:
                why = "has no room for what is discharged"
            if why:
                name = element(physics.scenario, f"{kind}:{place}")
                return f"the shortest way is stopped at {kind}:{place} ({name}): it {why}"
        for stop in _stops(physics, load, replace(way[0], segments=(segment,))).values():
            opening = _opening(physics, load, home, target, _stops(physics, load, way[0]))
            return f"the shortest way is stopped at {stop}{opening}"
    if way:
        return "add a terminal or a fleet on the way"
    for lift in (True, False):
        ways = _ways(physics, free, home, target, handling=False, lift=lift)
        for segment in ways[0].segments if ways else ():
            kind = WAYS[mode_of(segment.layer)].terminal
            ends = (segment.from_node, segment.to_node) if kind else ()
            lacking = [_at(physics, place) for place in ends if (kind, place) not in physics.network.facilities]
            if lacking:
                word = _TERMINALS.get(kind, kind)
                return f"there is no {word} at {' and at '.join(lacking)}: add a facility of kind {kind} there"
            if not lift and (missing := _no_fleet(physics, load, segment)):
                return missing
    if load.element == "troops":  # by air, which has no links
        ends, places = (home, target), physics.network.places
        if lacking := [_at(physics, end) for end in ends if ("stand", end) not in physics.network.facilities]:
            where = " and at ".join(lacking)
            return f"no road or rail leads there, and no stand is at {where}: add a link, or a facility of kind stand"
        if lost := [_at(physics, end) for end in ends if None in (places[end].lat, places[end].lon)]:
            where = " and of ".join(lost)
            return f"no road or rail leads there, and a flight needs the position of {where}: state lat and lon"
    return "no mode whose terminals are there joins the two places: add links, or facilities on the way"
