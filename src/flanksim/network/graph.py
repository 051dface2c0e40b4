"""The network as a networkx graph: for people, maps, tests and flow computations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flanksim.network.state import link_states
from flanksim.scenario.arguments import as_scenario
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import networkx as nx


def build(scenario: Scenario | str | Path) -> nx.MultiDiGraph[str]:
    """Directed multigraph of places and links.

    Parameters
    ----------
    scenario
        A Scenario, or the path or name of one.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes carry ``name, country, lat, lon, kind, regional_plan``; each link is two edges, one
        in each direction, with its id as key and ``mode, length_km, travel_hours, net_capacity,
        gross_capacity, max_mlc, max_axle_load_t, gauges`` as attributes.
    """
    import networkx as nx

    scenario = as_scenario(scenario)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=scenario.name)
    for key, node in sorted(scenario.nodes.items()):
        if node.kind == "chokepoint":
            continue
        graph.add_node(
            key,
            name=node.name or key,
            country=node.country,
            lat=node.lat,
            lon=node.lon,
            kind=node.kind,
            regional_plan=node.regional_plan,
        )
    for key, state in link_states(scenario).items():
        attributes = {
            "mode": state.mode,
            "length_km": state.length_km,
            "travel_hours": state.travel_hours,
            "net_capacity": state.net_capacity,
            "gross_capacity": state.gross_capacity,
            "max_mlc": state.max_mlc,
            "max_axle_load_t": state.max_axle_load_t,
            "gauges": state.gauges,
        }
        graph.add_edge(state.from_node, state.to_node, key=key, **attributes)
        graph.add_edge(state.to_node, state.from_node, key=key, **attributes)
    return graph
