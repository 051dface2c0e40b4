"""Inland barges: terminals, locks as gates, a fleet that comes back; and the hours of recorded moves."""

from __future__ import annotations

import networkx as nx
import pytest

import flanksim as fs
from flanksim.bounds.ladder import ladder
from flanksim.network.network import Network
from flanksim.scenario import Scenario
from flanksim.scenario.geometry import great_circle_km
from tests.conftest import BARE, tiny

RIVER = """
links:
  river: {from_node: a, to_node: b, mode: waterway, length_km: 100, speed_typical_kmh: 10}
facilities:
  quay-a: {place: a, kind: barge_terminal, servers_typical: QUAYS, handling_hours: 2}
  quay-b: {place: b, kind: barge_terminal, servers_typical: QUAYS, handling_hours: 2}
fleets:
  barges: {kind: barge, pool: barges, carries: wheeled, count_typical: COUNT, capacity: 10, speed_kmh: 10, home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 30}
"""


def river(count: int, quays: int = 9, link: str = "") -> Scenario:
    text = RIVER.replace("COUNT", str(count)).replace("QUAYS", str(quays))
    return tiny(text.replace("speed_typical_kmh: 10}", f"speed_typical_kmh: 10{link}}}"), BARE)


@pytest.mark.parametrize(
    ("scenario", "hours"),
    [
        (river(3), 14.0),  # load 2 h, sail 10 h, unload 2 h, side by side
        (river(1), 62.0),  # three times 14 h, and twice 10 h back
        (river(3, quays=1), 18.0),  # one quay at either end: each barge 2 h behind the one before
        (river(3, link=", capacity_typical: 12"), 22.0),  # a lock that takes 6 a day each way: one in 4 h
        (river(3, link=", headway_hours: 5"), 24.0),
        (river(3, link=", closures: [{from_hour: 0, to_hour: 20}]"), 32.0),
    ],
)
def test_closed_forms(scenario: Scenario, hours: float) -> None:
    assert fs.simulate(scenario).closures["all"].hour == pytest.approx(hours)
    bound = ladder(scenario).bounds
    assert max(day for day in bound.values() if day is not None) <= hours / 24.0 - 1.0 + 1e-9


def test_without_a_terminal_there_is_no_way() -> None:
    text = RIVER.replace("COUNT", "1").replace("QUAYS", "1")
    text = "\n".join(line for line in text.splitlines() if "quay-b" not in line)
    with pytest.raises(fs.FlanksimError, match=r"(?s)E305.*barge terminal at b"):
        fs.simulate(tiny(text, BARE))


@pytest.mark.parametrize(
    ("start", "low", "high"), [("J_MAN", 50.0, 60.0), ("W_BAM", 100.0, 115.0)], ids=["Mannheim", "Bamberg"]
)
def test_hours_to_antwerp_are_those_of_2003(start: str, low: float, high: float) -> None:
    """Loaded barges of the 1st Infantry Division took 55 to 110 h from the Rhine and the Main to Antwerp (S300)."""
    rivers = nx.DiGraph()
    for edges in Network(fs.load("eastern-flank")).links.values():
        for edge in edges:
            if edge.mode == "waterway":
                rivers.add_edge(edge.from_node, edge.to_node, hours=edge.travel_hours)
    assert low <= nx.dijkstra_path_length(rivers, start, "P_ANR", weight="hours") <= high


def test_a_unit_by_rhine_alone_goes_by_barge() -> None:
    """Kit from Antwerp to Mannheim, as in May 2018: with roads and rails away, barges take all of it."""
    scenario = fs.load(
        "eastern-flank",
        {
            "mechanisms": {"chance": False, "permissions": False},
            "question": {"troops_required": 0},
            "forces": {"nations": ["BEL"]},
            "units": {
                "kit": {"nation": "BEL", "home_node": "P_ANR", "assembly_node": "J_MAN", "heavy": 66, "wheeled": 80,
                        "regional_plan": "centre", "ready_day": 0}
            },
        },
    )  # fmt: skip
    graph = fs.graph(scenario)
    graph.remove_edges_from([edge for edge in graph.edges(keys=True) if graph.edges[edge]["mode"] in ("road", "rail")])
    only = scenario.model_copy(
        update={"units": {"kit": scenario.units["kit"]}, "projects": {}, "effects": {}, "levers": {}}
    )
    run = fs.simulate(only, network=graph)
    used = {str(name).partition(":")[0] for name in run.movements["resource"]}
    assert {"W002", "W003", "W004", "barge_terminal", "barge_heavy", "barge_wheeled"} <= used
    # There on C+4, empty from Duisburg, 12 h at a quay, 656 km at 12 km/h, 12 h at a quay.
    empty = 1.3 * great_circle_km(51.45, 6.73, 51.22, 4.42) / 12.0
    first = run.movements.query("kind == 'unload'")["ended"].min()
    assert first == pytest.approx(96.0 + empty + 12.0 + 656.0 / 12.0 + 12.0)
