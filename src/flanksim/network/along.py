"""Links along a stated route: what a load that must go through some places may use."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx

from flanksim.modes import LINK_MODES
from flanksim.network.admissible import LoadClass, obstacle
from flanksim.network.elements import Edge
from flanksim.network.network import Network

#: Modes that one vehicle uses one after the other without changing lift.
_FAMILIES = (("road", "ferry"), *((mode,) for mode in LINK_MODES if mode not in ("road", "ferry")), tuple(LINK_MODES))


def along(network: Network, load: LoadClass) -> frozenset[tuple[str, bool]]:
    """Links, each with its direction, by which a load goes through the places of its route in their order.

    Between two places that links join directly these alone, of whatever mode; else the quickest way on each mode that
    leads there, and over all modes together.

    Parameters
    ----------
    network
        The network.
    load
        The load class, with its ``route``.

    Returns
    -------
    frozenset of (str, bool)
        Link id, and whether it is used from ``from_node`` to ``to_node``.
    """
    usable = [
        edge
        for edges in network.links.values()
        for edge in edges
        if any(obstacle(network, edge, load, lifted=lifted) is None for lifted in (True, False))
    ]
    graphs = [_graph([edge for edge in usable if edge.mode in family]) for family in _FAMILIES]
    found: set[tuple[str, bool]] = set()
    for start, end in pairwise(load.route):
        if start == end:
            continue
        direct = [edge for edge in usable if (edge.from_node, edge.to_node) == (start, end)]
        if direct:
            found.update((edge.link_id, edge.forward) for edge in direct)
            continue
        for graph in graphs:
            if start in graph and end in graph and nx.has_path(graph, start, end):
                way = nx.dijkstra_path(graph, start, end)
                found.update(step for a, b in pairwise(way) for step in graph.edges[a, b]["links"])
    return frozenset(found)


def _graph(edges: list[Edge]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for edge in edges:
        links = [(edge.link_id, edge.forward)]
        hours = edge.travel_hours
        if graph.has_edge(edge.from_node, edge.to_node):
            known = graph.edges[edge.from_node, edge.to_node]
            links, hours = [*known["links"], *links], min(known["weight"], hours)
        graph.add_edge(edge.from_node, edge.to_node, weight=hours, links=links)
    return graph
