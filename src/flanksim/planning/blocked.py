"""Why a load has no way: what stops the shortest one that there would be without limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flanksim.errors import Problem
from flanksim.network.admissible import LoadClass, obstacle
from flanksim.network.routes import TERMINALS, Layered
from flanksim.network.state import keeps_nothing, unusable
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
    names = [compiler.scenario.nodes[place].name or place for place in (home, target)]
    hint = "no fleet can carry it there: add one to fleets" if lacks_lift else _obstacles(compiler, load, home, target)
    what = f"{load.element} of MLC {load.mlc:g}" if load.mlc else load.element
    return Problem(
        "E305",
        compiler.scenario.name,
        f"units.{unit}",
        f"no admissible route for {what} from {names[0]} to {names[1]}",
        hint,
    )


def _obstacles(compiler: Compiler, load: LoadClass, home: str, target: str) -> str:
    """What stops the shortest way that there would be without limits."""
    free = LoadClass(load.element)
    layered = Layered(compiler.scenario, compiler.states, free, compiler.facilities, compiler.lift, limits=False)
    ways = layered.itineraries([home], target, 1)[home]
    if not ways:
        return "the two places are not connected by any mode that has facilities on the way; check links"
    for segment in ways[0].segments:
        kind = TERMINALS.get(segment.layer.partition(":")[0], "")
        for place in (segment.from_node, segment.to_node) if kind else ():
            facility = compiler.facilities.get((kind, place))
            why = unusable(compiler.scenario, facility) if facility is not None else ""
            if not why and segment.layer.startswith("sea") and place == segment.to_node:
                why = "has no room for what is discharged" if keeps_nothing(compiler.scenario, facility) else ""
            if why:
                name = element(compiler.scenario, f"{kind}:{place}")
                return f"the shortest way is stopped at {kind}:{place} ({name}): it {why}"
        for leg in segment.legs:
            if not leg.link_id:
                continue
            lifted = segment.layer != "march"
            reason = obstacle(compiler.scenario, compiler.states[leg.link_id], load, lifted=lifted)
            if reason is not None:
                return f"the shortest way is stopped at {leg.link_id} ({leg.from_node} to {leg.to_node}): {reason}"
    return "add a terminal or a fleet on the way"
