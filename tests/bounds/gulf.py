"""American units that go to sea on the Gulf of Mexico, over few of its ports: berths set the bound of this force."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import flanksim as fs
from flanksim.scenario.schema import Scenario

#: Posts in Texas, Kansas and Colorado.
POSTS = ("H_RIL", "H_BLS", "H_CAV", "H_CAR")


def over_ports(eastern: Scenario, ports: Collection[str], **parameters: float) -> tuple[Scenario, Any]:
    """The scenario and its graph, in which these ports with one berth each are all that North America has."""
    units = [
        key
        for key, unit in eastern.units.items()
        if unit.nation == "USA" and unit.home_node in POSTS and not unit.stock_node
    ]
    one = {"servers_low": 1, "servers_typical": 1, "servers_high": 1}
    scenario = fs.load(
        "eastern-flank",
        {
            "forces": {"units": units},
            "question": {"troops_required": None},
            "facilities": {f"berth:{port}": one for port in ports},
            "parameters": parameters,
        },
    )
    shut = {
        key for key, node in scenario.nodes.items() if node.country in ("USA", "CAN") and key.startswith("P_")
    } - set(ports)
    graph = fs.graph(scenario)
    graph.remove_edges_from([edge for edge in graph.edges(keys=True) if shut & set(edge[:2])])
    return scenario, graph
