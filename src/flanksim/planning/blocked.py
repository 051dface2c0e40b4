"""Why a load has no way: what stops the shortest one that there would be without limits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flanksim.errors import Problem
from flanksim.modes import WAYS, mode_of
from flanksim.network.admissible import LoadClass, obstacle
from flanksim.network.lift import carriers, queue_pools
from flanksim.network.physics import Physics
from flanksim.network.routes import Itinerary, Layered, Segment
from flanksim.scenario.naming import element

if TYPE_CHECKING:
    from flanksim.planning.compile import Compiler


def no_route(compiler: Compiler, load: LoadClass, home: str, target: str, lacks_lift: bool) -> Problem:
    """E305 for the first unit that wants to go from `home` to `target`, with what would help."""
    unit = next(
        key
        for key, unit in compiler.ordered
        if home in (unit.home_node, unit.stock_node) and unit.assembly_node == target
    )
    names = [compiler.network.name(place) for place in (home, target)]
    hint = _route(compiler, load, home, target)
    hint = hint or (_lift if lacks_lift else _obstacles)(compiler, load, home, target)
    what = f"{load.element} of MLC {load.mlc:g}" if load.mlc else load.element
    return Problem(
        "E305",
        compiler.scenario.name,
        f"units.{unit}",
        f"no admissible route for {what} from {names[0]} to {names[1]}",
        hint,
    )


#: A terminal in a word, where that is not the name of its kind.
_TERMINALS = {"rail_terminal": "ramp", "barge_terminal": "barge terminal"}


def _at(compiler: Compiler, place: str) -> str:
    name = compiler.network.name(place)
    return place if name == place else f"{name} ({place})"


def _ways(
    compiler: Compiler, load: LoadClass, home: str, target: str, *, limits: bool = False, **mechanisms: bool
) -> list[Itinerary]:
    """Ways under other mechanisms, and without limits unless they are wanted."""
    changed = compiler.scenario.mechanisms.model_copy(update=mechanisms)
    scenario = compiler.scenario.model_copy(update={"mechanisms": changed})
    physics = Physics(compiler.network.under(scenario), compiler.lift)
    layered = Layered(physics, load, limits=limits)
    return layered.itineraries([home], target, 1)[home]


def _route(compiler: Compiler, load: LoadClass, home: str, target: str) -> str:
    """That the stated route is what leaves no way; empty if there is none without it either."""
    if not load.route or not _ways(compiler, replace(load, route=()), home, target, limits=True):
        return ""
    places = ", ".join(load.route[1:-1])
    return f"its route ({places}) leaves no way: put more places between these, in their order, or correct them"


def _lift(compiler: Compiler, load: LoadClass, home: str, target: str) -> str:
    """Which leg of the shortest way no fleet serves."""
    way = _ways(compiler, load, home, target, limits=True)[0]
    return next(
        filter(None, (_no_fleet(compiler, load, segment) for segment in way.segments)), "add a fleet on the way"
    )


def _no_fleet(compiler: Compiler, load: LoadClass, segment: Segment) -> str:
    mode, _, rest = segment.layer.partition(":")
    pools = (
        queue_pools(compiler.lift, compiler.scenario, mode, load.element)
        if WAYS[mode].queue == "pool"
        else compiler.pools_of(segment, load)
    )
    queues = WAYS[mode].queue == "pool"
    if pools and (not queues or rest in pools):
        return ""
    ends = f"from {_at(compiler, segment.from_node)} to {_at(compiler, segment.to_node)}"
    waters = f" in {rest} waters" if mode == "sea" and rest else ""
    kind = WAYS[mode].lift or mode
    if not queues and carriers(compiler.lift, compiler.scenario, kind, load.element, rest, segment.from_node):
        return f"no fleet can carry it there: each {kind} draws too much, or needs a longer runway, {ends}"
    return f"no fleet can carry it there: no {kind} takes {load.element}{waters} {ends}; add one to fleets"


def _obstacles(compiler: Compiler, load: LoadClass, home: str, target: str) -> str:
    """What stops the shortest way that there would be without limits, without facilities, or without lift."""
    free = LoadClass(load.element)
    way = _ways(compiler, free, home, target)
    for segment in way[0].segments if way else ():
        kind = WAYS[mode_of(segment.layer)].terminal
        for place in (segment.from_node, segment.to_node) if kind else ():
            facility = compiler.network.facilities.get((kind, place))
            why = compiler.network.unusable(kind, place)
            discharges = segment.layer.startswith("sea") and place == segment.to_node
            if not why and discharges and facility is not None and facility.keeps_nothing:
                why = "has no room for what is discharged"
            if why:
                name = element(compiler.scenario, f"{kind}:{place}")
                return f"the shortest way is stopped at {kind}:{place} ({name}): it {why}"
        for leg in segment.legs:
            if not leg.link_id:
                continue
            edge = compiler.network.edge(leg.link_id, leg.forward)
            reason = obstacle(compiler.network, edge, load, lifted=segment.layer != "march")
            if reason is not None:
                return f"the shortest way is stopped at {leg.link_id} ({leg.from_node} to {leg.to_node}): {reason}"
    if way:
        return "add a terminal or a fleet on the way"
    for lift in (True, False):
        ways = _ways(compiler, free, home, target, handling=False, lift=lift)
        for segment in ways[0].segments if ways else ():
            kind = WAYS[mode_of(segment.layer)].terminal
            word = _TERMINALS.get(kind, kind)
            for place in (segment.from_node, segment.to_node):
                if kind and (kind, place) not in compiler.network.facilities:
                    return f"there is no {word} at {_at(compiler, place)}: add a facility of kind {kind} there"
            if not lift and (missing := _no_fleet(compiler, load, segment)):
                return missing
    if load.element == "troops":  # by air, which has no links
        for place in (home, target):
            if ("stand", place) not in compiler.network.facilities:
                where = _at(compiler, place)
                return (
                    f"no road or rail leads there, and no stand is at {where}: add a link, or a facility of kind stand"
                )
    return "the two places are not connected by any mode that has facilities on the way; check links"
