"""Nothing stands in the shipped tables that no unit can use on any way, and no project brings into use."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest

from flanksim import load
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.network.routes import Layered
from flanksim.planning.loads import loads_of
from flanksim.scenario.schema import Scenario

NAME = "eastern-flank"


def every_state_passed() -> dict[str, Any]:
    """The scenario in which all states that must be asked for transit have granted it."""
    asked = [key for key, country in load(NAME).countries.items() if country.transit == "by_permission"]
    return {"regime": {"transit_states": asked}}


def in_use(scenario: Scenario) -> tuple[set[str], set[str]]:
    """Places and links that lie on some way of some load from its home to its assembly area."""
    network = Network(scenario)
    physics = Physics(network, lift_pools(network))
    ends: dict[Any, set[tuple[str, str]]] = {}
    for entry in loads_of(network):
        ends.setdefault(entry.load_class, set()).add((entry.home, entry.target))
    places: set[str] = set()
    links: set[str] = set()
    for kind, pairs in ends.items():
        graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        for layer, place, other_layer, other_place, leg in Layered(physics, kind).arcs():
            graph.add_edge((layer, place), (other_layer, other_place), link=leg.link_id if leg else "")
        graph.add_edges_from((("start", ""), ("ground", home)) for home, _ in pairs)
        graph.add_edges_from((("ground", target), ("end", "")) for _, target in pairs)
        states = nx.descendants(graph, ("start", "")) & nx.ancestors(graph, ("end", ""))
        places |= {place for _, place in states}
        links |= {
            data["link"]
            for tail, head, data in graph.edges(data=True)
            if tail in states and head in states and "link" in data
        }
    return places, links


def idle(scenario: Scenario, places: set[str], links: set[str]) -> tuple[set[str], set[str]]:
    """Places and links that are not in use and that no project changes; chokepoints are places on a link."""
    changed = {target for effect in scenario.effects.values() if effect.table == "links" for target in effect.targets}
    idle_links = set(scenario.links) - links - changed
    coming = {end for key in changed for end in (scenario.links[key].from_node, scenario.links[key].to_node)}
    limits = {point.node_id for point in scenario.chokepoints.values()}
    return set(scenario.nodes) - places - coming - limits, idle_links


@pytest.mark.slow
def test_every_place_and_link_is_on_some_way() -> None:
    scenario = load(NAME, every_state_passed())
    places, links = in_use(scenario)
    assert idle(scenario, places, links) == (set(), set())
    changed = {target for effect in scenario.effects.values() for target in effect.targets}
    ends = {
        end
        for key in changed & set(scenario.links)
        for end in (scenario.links[key].from_node, scenario.links[key].to_node)
    }
    lost = [
        key
        for key, facility in scenario.facilities.items()
        if facility.place not in places | links | ends | changed and key not in changed
    ]
    assert lost == []


def test_a_place_beyond_reach_is_found() -> None:
    """An island with a road of its own and no port."""
    away = {"country": "ISL", "lat": 62.0, "lon": -12.0}
    overrides = {
        "nodes": {"ISLE": away, "FARM": away | {"lat": 62.1}},
        "links": {"lane": {"from_node": "ISLE", "to_node": "FARM", "mode": "road", "length_km": 15}},
    }
    scenario = load("corridor-mini", overrides)
    assert idle(scenario, *in_use(scenario)) == ({"ISLE", "FARM"}, {"lane"})


def test_every_port_has_a_lane() -> None:
    scenario = load(NAME)
    lanes = {end for link in scenario.links.values() if link.mode == "sea" for end in (link.from_node, link.to_node)}
    assert {key for key, node in scenario.nodes.items() if node.kind == "port"} == lanes
