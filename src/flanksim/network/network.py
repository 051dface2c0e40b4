"""A graph as the planner, the bounds and the maps read it: typed, in a fixed order, with what follows from it."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import networkx as nx

from flanksim.collecting import no_collecting
from flanksim.network.elements import CAPACITIES, Edge, Facility, Place, Windows, united
from flanksim.network.graph import build, check
from flanksim.scenario.distributions import Distribution, distribution_of
from flanksim.scenario.schema import Scenario
from flanksim.units import horizon_hour


class Network:
    """Places, facilities and links of a graph, for the loads of one scenario.

    Parameters
    ----------
    scenario
        The scenario, its year already settled.
    graph
        Its network, edited or not; None for the one that its tables give.

    Attributes
    ----------
    places
        By id, in order.
    links
        The one or two directions of each link, by id in order; the forward one first.
    facilities
        By kind and place; those of borders by kind and link.

    Raises
    ------
    FlanksimError
        E308 if the graph cannot be used (`flanksim.network.graph.check`).
    """

    @no_collecting()
    def __init__(self, scenario: Scenario, graph: nx.MultiDiGraph[str] | None = None) -> None:
        if graph is None:
            graph = build(scenario)
        else:
            check(graph, scenario)
        self.scenario, self.graph = scenario, graph
        self.places: dict[str, Place] = {key: Place(**graph.nodes[key]) for key in sorted(graph.nodes)}
        self.facilities: dict[tuple[str, str], Facility] = {
            (kind, key): facility for key, place in self.places.items() for kind, facility in place.facilities.items()
        }
        found: dict[str, list[Edge]] = {}
        for tail, head, key in sorted(graph.edges(keys=True), key=lambda edge: edge[2]):
            found.setdefault(key, []).append(_edge(graph, tail, head, key))
        self.links: dict[str, tuple[Edge, ...]] = {}
        for key, edges in found.items():
            if len(edges) == 2 and edges[0].forward == edges[1].forward:  # neither says it: the first one found
                edges[1] = replace(edges[1], forward=not edges[0].forward)
            self.links[key] = tuple(sorted(edges, key=lambda edge: not edge.forward))
            if (border := edges[0].border) is not None:
                self.facilities[edges[0].border_kind, key] = border
        self._directions = {(edge.link_id, edge.forward): edge for edges in self.links.values() for edge in edges}
        self._horizon_h = horizon_hour(scenario.question.horizon_days)

    def under(self, scenario: Scenario) -> Network:
        """The same network under other mechanisms or another strategy."""
        found = copy(self)
        found.scenario = scenario
        return found

    def edge(self, link_id: str, forward: bool) -> Edge:
        """One direction of a link."""
        return self._directions[link_id, forward]

    def has(self, link_id: str, forward: bool) -> bool:
        """Whether a link leads in that direction."""
        return (link_id, forward) in self._directions

    def name(self, place: str) -> str:
        """Name of a place; its id where it has none."""
        return self.places[place].name or place

    def unusable(self, kind: str, place: str) -> str:
        """Why a facility serves nobody in the whole run, in words; empty where it serves somebody, or is not there."""
        facility = self.facilities.get((kind, place))
        if facility is None or not self.scenario.mechanisms.handling:
            return ""
        if facility.servers <= 0:
            return "has no server" if not facility.gross_servers else "has no server left to the military"
        if self.always(facility.shut):
            return "is shut for the whole horizon"
        if facility.keeps_nothing and kind in ("border_rail", "border_road"):
            return "has no room behind it (storage 0)"
        return ""

    def blocked(self, edge: Edge) -> str:
        """Why nobody may ever pass an edge, in words; empty where somebody may."""
        if edge.capacity <= 0:
            return "not built" if edge.gross_capacity <= 0 else "no capacity left to military traffic"
        if self.always(edge.closed):
            return "shut for the whole horizon"
        reason = "" if edge.border is None else self.unusable(edge.border_kind, edge.link_id)
        return f"its border {reason}" if reason else ""

    def always(self, windows: Windows) -> bool:
        """Whether these hours are all of the run."""
        return bool(windows) and windows[0][0] <= 0 and windows[0][1] >= self._horizon_h


def _edge(graph: nx.MultiDiGraph[str], tail: str, head: str, key: str) -> Edge:
    values = dict(graph.edges[tail, head, key])
    values["capacity"] = values.pop(CAPACITIES[values["mode"]], float("inf"))
    values.setdefault("gross_capacity", values["capacity"])
    travel = values.get("travel")
    if travel is not None and not isinstance(travel, Distribution):
        values["travel"] = distribution_of(float(travel))
    values["gauges"] = tuple(values.get("gauges", ()))
    values["closed"] = united([(start, end) for start, end in values.get("closed", ())])
    return Edge(key, tail, head, **values)
