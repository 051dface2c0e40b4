"""What a stronger bridge takes off the bound: by differences, for a load class has no price.

Whether a link may carry a load is yes or no, so there is no dual. First every road, bridge and ferry is taken to
carry the heaviest load: where that leaves the bound, no single one moves it. Else each limit that stops
a load on the ways that it would then take is lifted alone, to the class that this load needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flanksim.bounds.rungs import Bridge, Bridges
from flanksim.modes import LINK_MODES, WAYS, mode_of
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.network.routes import Layered
from flanksim.planning.loads import loads_of
from flanksim.scenario.schema import Scenario

#: Limits that are lifted one by one, those that stop most loads first; and what counts as an earlier day.
MOST, SAME_DAYS = 8, 0.01


def bridges(
    scenario: Scenario,
    network_of: Callable[[Scenario], Network],
    day: float,
    bound: Callable[[Network], float],
) -> Bridges:
    """What load classes cost.

    Parameters
    ----------
    network_of
        The network of a changed scenario.
    day
        The bound as things are.
    bound
        Closure day of the same bound on a changed network.
    """
    now = network_of(scenario)
    heaviest = max((max(load.load_class.mlc, load.load_class.lifted_mlc) for load in loads_of(now)), default=0.0)
    lifted = network_of(with_mlc(scenario, dict.fromkeys(scenario.links, heaviest)))
    best = bound(lifted)
    if day - best < SAME_DAYS:
        return Bridges(best, max(0.0, day - best), ())
    limits = {key: min(edge.max_mlc for edge in edges) for key, edges in now.links.items()}
    found = []
    for link, needed in _in_the_way(lifted, limits):
        falls = max(0.0, day - bound(network_of(with_mlc(scenario, {link: needed}))))
        found.append(Bridge(link, limits[link], needed, falls))
    found.sort(key=lambda entry: (-entry.days, entry.element))
    return Bridges(best, day - best, tuple(found))


def with_mlc(scenario: Scenario, classes: dict[str, float]) -> Scenario:
    """The scenario with these links, and the chokepoints on them, at a class."""
    links = {
        key: row.model_copy(update={"max_mlc": classes[key]})
        if key in classes and LINK_MODES[row.mode].open_to_vehicles
        else row
        for key, row in scenario.links.items()
    }
    points = {
        key: row
        for key, row in scenario.chokepoints.items()
        if row.attribute != "max_mlc" or row.link_id not in classes
    }
    return scenario.model_copy(update={"links": links, "chokepoints": points})


def _in_the_way(lifted: Network, limits: dict[str, float]) -> list[tuple[str, float]]:
    """Links on the shortest ways without limits that stop the load now, and the class that it needs there."""
    physics = Physics(lifted, lift_pools(lifted))
    wanted: dict[object, set[tuple[str, str]]] = {}
    loads = loads_of(lifted)
    for load in loads:
        wanted.setdefault(load.load_class, set()).add((load.home, load.target))
    stopped: Counter[str] = Counter()
    needed: dict[str, float] = {}
    for kind in sorted({load.load_class for load in loads}):
        layered = Layered(physics, kind)
        for target in sorted({goal for _, goal in wanted[kind]}):
            homes = sorted(home for home, goal in wanted[kind] if goal == target)
            for ways in layered.itineraries(homes, target, 1).values():
                for segment in ways[0].segments if ways else ():
                    if "road" not in WAYS[mode_of(segment.layer)].links:
                        continue
                    mlc = kind.lifted_mlc if WAYS[segment.layer].lift else kind.mlc
                    for leg in segment.legs:
                        if limits[leg.link_id] < mlc:
                            stopped[leg.link_id] += 1
                            needed[leg.link_id] = max(mlc, needed.get(leg.link_id, 0.0))
    ranked = sorted(stopped, key=lambda link: (-stopped[link], link))[:MOST]
    return [(link, needed[link]) for link in ranked]
