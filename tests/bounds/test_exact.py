"""Where the answer is known, the bounds meet it; flows against networkx on the explicit network."""

from __future__ import annotations

from random import Random

import networkx as nx
import pytest

from flanksim.bounds.free_flow import force_hour, unit_hours
from flanksim.bounds.time_expanded import TimeExpanded
from flanksim.bounds.volume import VolumeProgram
from flanksim.scenario import Scenario
from flanksim.verification.flows import rate
from flanksim.verification.flows_over_time import (
    Arc,
    flow_by,
    in_steps,
    quickest_flow,
    quickest_transshipment,
    steps_needed,
)
from tests.bounds.networks import network_of
from tests.conftest import BARE, OPEN, closure_hour, line, tiny


def volume_hour(scenario: Scenario) -> float:
    return VolumeProgram(network_of(scenario)).solve().hour


@pytest.mark.parametrize(("trains", "run", "headway"), [(10, 4.0, 0.25), (40, 7.5, 1.5), (3, 30.0, 6.0), (1, 2.0, 1.0)])
def test_one_line_is_met_exactly(trains: int, run: float, headway: float) -> None:
    """V21: the last train is in after (n - 1) headways and its run."""
    scenario = line(trains, run, headway)
    assert volume_hour(scenario) == pytest.approx((trains - 1) * headway + run, abs=1e-6)
    assert closure_hour(scenario) == pytest.approx((trains - 1) * headway + run, abs=1e-9)


@pytest.mark.parametrize(("ships", "loads"), [(6, 12), (6, 18), (2, 8)])
def test_a_cyclic_fleet_is_met_exactly(ships: int, loads: int) -> None:
    """V24's ships, in whole rounds: so many cycles of 528 h, less the last way home."""
    scenario = tiny(
        f"""
parameters: {{close_share: 1, lane_m_per_vehicle: 1, vehicles_per_train: 1}}
question: {{horizon_days: 900}}
links:
  sea: {{from_node: a, to_node: b, mode: sea, travel_hours: 240}}
facilities:
  pa: {{place: a, kind: berth, servers_typical: 99, handling_hours: 24}}
  pb: {{place: b, kind: berth, servers_typical: 99, handling_hours: 24}}
fleets:
  ships: {{kind: ship, pool: ships, carries: wheeled, count_typical: {ships}, capacity: 10, capacity_unit: lane_m,
          home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: {loads * 10}}}
""",
        BARE,
    )
    expected = loads / ships * 528.0 - 240.0
    assert volume_hour(scenario) == pytest.approx(expected, abs=1e-3)
    assert closure_hour(scenario) == pytest.approx(expected, abs=1e-9)


def test_one_ramp_is_met_exactly() -> None:
    """Twenty trains of 3 hours each at one ramp, then 5 hours on the line and 1 at the other end."""
    scenario = tiny(
        """
parameters: {vehicles_per_train: 10, close_share: 1}
links:
  l: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 5}
facilities:
  ra: {place: a, kind: rail_terminal, servers_typical: 1, handling_hours: 3}
  rb: {place: b, kind: rail_terminal, servers_typical: 9, handling_hours: 1}
fleets:
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 50, capacity: 10, home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 200, ready_day: 2}
""",
        BARE,
    )
    assert volume_hour(scenario) == pytest.approx(48 + 20 * 3 + 5 + 1, abs=1e-6)
    assert closure_hour(scenario) == pytest.approx(48 + 20 * 3 + 5 + 1, abs=1e-9)


def test_no_capacity_binds() -> None:
    """V40: with everything endless, all rungs are the later of release plus path."""
    scenario = tiny(
        """
parameters: {vehicles_per_train: 10, close_share: 1}
links:
  one: {from_node: a, to_node: b, mode: rail, travel_hours: 4}
  two: {from_node: b, to_node: c, mode: rail, travel_hours: 2}
units:
  near: {home_node: a, assembly_node: c, wheeled: 40, ready_day: 3}
  far: {home_node: b, assembly_node: c, wheeled: 40, ready_day: 1}
""",
        OPEN,
    )
    network = network_of(scenario)
    assert force_hour(network.inputs.plan, unit_hours(network)) == 78.0
    assert VolumeProgram(network).solve().hour == 78.0
    assert closure_hour(scenario) == 78.0


LATE = """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  l: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 6}
units:
  soon: {home_node: a, assembly_node: b, wheeled: 10}
  late: {home_node: a, assembly_node: b, wheeled: 20, ready_day: 10}
"""


def test_time_matters_where_readiness_does() -> None:
    """Half-empty early days do not help late loads: 10 days, then 20 trains at 6 hours, then the line.

    Volume takes the line to be free for all from hour 0: 30 trains at 6 hours.
    """
    scenario = tiny(LATE)
    exact = 240 + 19 * 6 + 5
    assert closure_hour(scenario) == pytest.approx(exact, abs=1e-9)
    program = VolumeProgram(network_of(scenario))
    volume = program.solve()
    assert volume.hour == pytest.approx(240 + 5, abs=1e-6), "free flow: the volume alone would fit before"
    found = [TimeExpanded(program, volume, step).solve(seconds=20).hour for step in (12.0, 6.0, 3.0)]
    assert found == sorted(found), "finer steps never lower the bound"
    assert all(exact - 30.0 <= hour <= exact + 1e-6 for hour in found)


def random_arcs(random: Random, most: int = 4) -> list[Arc]:
    nodes = ["s", *"abcd"[: random.randint(1, 4)], "t"]
    pairs = [(x, y) for x in nodes for y in nodes if x not in (y, "t") and y != "s"]
    return [Arc(x, y, random.randint(1, 9), random.randint(0, most)) for x, y in pairs if random.random() < 0.6]


def on_explicit_network(arcs: list[Arc], steps: int) -> float:
    """Largest flow through the time-expanded network written out node by node, by networkx."""
    graph = nx.DiGraph()
    graph.add_node("S")
    graph.add_node("T")
    nodes = {"s", "t", *(n for arc in arcs for n in (arc.tail, arc.head))}
    for node in nodes:
        for step in range(steps):
            graph.add_edge((node, step), (node, step + 1))  # without a capacity: endless waiting
    for number, arc in enumerate(arcs):
        for step in range(steps - int(arc.hours)):
            middle = ("arc", number, step)  # parallel arcs need a node of their own
            graph.add_edge((arc.tail, step), middle, capacity=arc.capacity)
            graph.add_edge(middle, (arc.head, step + int(arc.hours)))
    graph.add_edge("S", ("s", 0))
    graph.add_edge(("t", steps), "T")
    limit = sum(arc.capacity for arc in arcs) * steps + 1
    graph["S"]["s", 0]["capacity"] = limit
    return float(nx.maximum_flow_value(graph, "S", "T"))


@pytest.mark.parametrize("number", range(50))
def test_flow_over_time_against_networkx(number: int) -> None:
    """Time-expanded linear program, temporally repeated flow and networkx agree on 50 random networks."""
    random = Random(number)
    arcs, steps = random_arcs(random), random.randint(1, 12)
    explicit = on_explicit_network(arcs, steps)
    big = 1e6
    assert in_steps(arcs, {"s": big}, {"t": big}, steps) == pytest.approx(explicit, abs=1e-6)
    assert flow_by(arcs, "s", "t", steps) == pytest.approx(explicit, abs=1e-6)
    if explicit > 0:
        assert quickest_flow(arcs, "s", "t", explicit) <= steps + 1e-9
        assert flow_by(arcs, "s", "t", quickest_flow(arcs, "s", "t", explicit)) == pytest.approx(explicit, abs=1e-6)


@pytest.mark.parametrize("number", range(12))
def test_the_rate_of_the_volume_bound_is_the_largest_flow(number: int) -> None:
    """On random networks of lines that lead one way, against networkx."""
    arcs = random_arcs(Random(number))
    graph = nx.DiGraph()
    graph.add_nodes_from(["s", "t"])
    for arc in arcs:
        graph.add_edge(arc.tail, arc.head, capacity=arc.capacity)
    assert rate(arcs) == pytest.approx(nx.maximum_flow_value(graph, "s", "t"), abs=1e-6)


@pytest.mark.parametrize("number", range(20))
def test_transshipment_lies_within_a_step_of_the_stepwise_one(number: int) -> None:
    """In continuous time never later than in whole steps, and the steps just before it do not do."""
    random = Random(number)
    arcs = [Arc("A", "h", random.randint(2, 6), 1), Arc("B", "h", random.randint(2, 6), 2)]
    arcs += [Arc("h", "k", random.randint(2, 6), 1)]
    arcs += [Arc("k", "X", random.randint(1, 4), 2), Arc("k", "Y", random.randint(1, 4), random.randint(1, 4))]
    supply, demand = {"A": 12, "B": 8}, {"X": 10, "Y": 10}
    hours = quickest_transshipment(arcs, supply, demand)
    steps = steps_needed(arcs, supply, demand, 80)
    assert hours <= steps + 1e-9
    assert in_steps(arcs, supply, demand, steps - 1) < 20 - 1e-6


def test_more_capacity_never_raises_a_bound() -> None:
    """I10, on a line, a ramp and a fleet."""
    hours = [volume_hour(line(40, headway_h=headway)) for headway in (6.0, 3.0, 1.0, 0.1)]
    assert hours == sorted(hours, reverse=True)
