"""No schedule beats a bound: on random networks, exactly on single bottlenecks, and against other computations."""

from __future__ import annotations

import json
import math
import random

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flanksim.bounds.dynamic import expanded_value, most_by, quickest, stepped_transshipment, transshipment
from flanksim.bounds.flow import Flows
from flanksim.bounds.free_flow import free_flow_hours
from flanksim.bounds.ladder import as_json, ladder
from flanksim.bounds.volume import Program, volume
from flanksim.engine.simulate import simulate_plan
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario, load
from flanksim.study.run import simulate
from tests.conftest import BARE, closure_hour, line, tiny
from tests.laws.test_laws import CHANCE, EXAMPLES, networks

MANY = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def last(scenario: Scenario, seed: int) -> float:
    hours = simulate_plan(compile_plan(scenario), seed).closed_h
    return math.inf if any(map(math.isnan, hours)) else max(hours)


@MANY
@given(networks(), st.integers(0, 2**31))
def test_i5_no_replication_beats_the_bounds(text: str, seed: int) -> None:
    """With chance and, from the same text, without: a thousand networks."""
    for head in (CHANCE, BARE):
        plain = text if head is CHANCE else text.replace("{exponential: 2}", "2")
        scenario = tiny(plain, head)
        flows = Flows(scenario)
        free, bound = free_flow_hours(scenario, flows), volume(scenario, flows).hours
        assert free <= bound + 1e-6
        assert bound <= last(scenario, seed) + 1e-6


@EXAMPLES
@given(networks(), st.sampled_from(["facilities", "fleets", "links"]), st.randoms())
def test_i10_more_capacity_never_raises_the_bound(text: str, table: str, chooser: random.Random) -> None:
    scenario = tiny(text, CHANCE)
    rows = dict(getattr(scenario, table))
    key = chooser.choice(sorted(rows))
    row = rows[key]
    update = {
        "facilities": lambda: {"servers_typical": (row.servers_typical or 1) + 1},
        "fleets": lambda: {"count_typical": row.count_typical + 1},
        "links": lambda: {"headway_hours": (row.headway_hours or 0.0) / 2},
    }[table]()
    rows[key] = row.model_copy(update=update)
    more = scenario.model_copy(update={table: rows})
    assert volume(more).hours <= volume(scenario).hours + 1e-6


@pytest.mark.parametrize("trains", [1, 5, 10, 40])
@pytest.mark.parametrize("headway", [0.25, 2.0])
def test_a_single_line_is_met_exactly(trains: int, headway: float) -> None:
    scenario = line(trains, 4.0, headway)
    assert volume(scenario).hours == pytest.approx(closure_hour(scenario), abs=1e-6)


def test_a_single_fleet_is_met_exactly() -> None:
    """V25 with one set: 20 round trips of 28 h less the last way back; with seven the ramps bind."""
    scenario = load(shipped_case("v25-rail-sets"), {"fleets": {"sets": {"count_typical": 1}}})
    assert closure_hour(scenario) == 550
    found = volume(scenario)
    assert found.hours == pytest.approx(550, abs=1e-6)
    assert found.binding == "fleet rail:sets"
    many = load(shipped_case("v25-rail-sets"), {"fleets": {"sets": {"count_typical": 20}}})
    assert volume(many).hours == pytest.approx(closure_hour(many), abs=1e-6)
    assert volume(many).binding.startswith("rail_terminal")


def shipped_case(name: str):  # type: ignore[no-untyped-def]
    from flanksim.scenario.reading import shipped

    return shipped() / "verification" / f"{name}.yaml"


def test_free_flow_is_the_closure_when_nothing_binds() -> None:
    """V40 and V39: release plus path."""
    scenario = load(shipped_case("v39-zero-load"))
    assert free_flow_hours(scenario) <= closure_hour(scenario)
    plain = line(1)
    assert free_flow_hours(plain) == pytest.approx(4.0, abs=1e-9)
    assert closure_hour(plain) == 4.0


def test_prices_are_what_a_small_change_does() -> None:
    """Dual against finite difference, for each resource that has a price, by moving its right-hand side alone."""
    scenario = tiny(
        """
parameters: {vehicles_per_train: 10, close_share: 1}
links:
  one: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 2}
  two: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 9, headway_hours: 3}
facilities:
  ra: {place: a, kind: rail_terminal, servers_typical: 2, handling_hours: 3}
  rb: {place: b, kind: rail_terminal, servers_typical: 9, handling_hours: 1}
fleets:
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 90, capacity: 10, home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 900}
""",
        BARE,
    )
    found = volume(scenario)
    assert found.prices
    for price in found.prices:
        program = Program(Flows(scenario))
        known = free_flow_hours(scenario)
        before = program.solve(known)[0]
        entry = next(entry for entry in program.resources.values() if entry.name == price.element)
        small = 1e-5
        if price.attribute == "servers":
            entry.number += small
        else:
            paths = 24.0 / 2 if "one" in price.element else 24.0 / 3
            entry.hours = [hours * paths / (paths + small) for hours in entry.hours]
        after = program.solve(known)[0]
        assert (before - after) / 24 / small == pytest.approx(price.days_per_unit, rel=0.05)


def random_arcs(number: int) -> list[tuple[str, str, float, float]]:
    chooser = random.Random(number)
    names = [f"n{i}" for i in range(chooser.randint(4, 7))]
    arcs = [(a, b, float(chooser.randint(1, 6)), float(chooser.randint(0, 4))) for a in names for b in names if a != b]
    return [arc for arc in arcs if chooser.random() < 0.5]


@pytest.mark.parametrize("number", range(50))
def test_time_expanded_value_agrees_with_a_maximum_flow_on_the_expanded_graph(number: int) -> None:
    """The other computation: the expanded graph written out and given to networkx."""
    arcs, steps = random_arcs(number), 9
    graph = nx.DiGraph()
    for k in range(steps):
        for a, b, capacity, hours in arcs:
            if k + hours < steps:
                edge = ((a, k), (b, int(k + hours)))
                old = graph.edges[edge]["capacity"] if graph.has_edge(*edge) else 0.0
                graph.add_edge(*edge, capacity=old + capacity)
        for name in {end for arc in arcs for end in arc[:2]}:
            if k + 1 < steps:
                graph.add_edge((name, k), (name, k + 1))
    graph.add_edge("in", ("n0", 0), capacity=40.0)
    graph.add_edge(("n1", steps - 1), "out", capacity=40.0)
    want = nx.maximum_flow_value(graph, "in", "out")
    assert expanded_value(arcs, {"n0": 40.0}, {"n1": 40.0}, steps) == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize("number", range(10))
def test_finer_steps_come_nearer_from_below(number: int) -> None:
    """Travel rounded down: a step of any length is no later than the continuous answer."""
    arcs = [(a, b, c, hours + 0.7) for a, b, c, hours in random_arcs(100 + number)]
    exact = quickest(arcs, "n0", "n1", 25.0)
    if math.isinf(exact):
        pytest.skip("not connected")
    # The tail of a step may be counted up to one step late.
    rungs = [
        stepped_transshipment(arcs, {"n0": 25.0}, {"n1": 25.0}, step) * step - step for step in (4.0, 2.0, 1.0, 0.5)
    ]
    assert all(rung <= exact + 1e-6 for rung in rungs)
    assert most_by(arcs, "n0", "n1", exact) == pytest.approx(25.0, abs=1e-6)


def test_supplies_that_do_not_match_demands_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to the same"):
        transshipment([("a", "b", 1.0, 1.0)], {"a": 2.0}, {"b": 1.0})


def test_braess_more_roads_a_later_closure() -> None:
    """V20 in the engine, by heads: 101 with the road a-b, 53 without it and spread over the ways."""
    path = shipped_case("v20-braess")
    assert closure_hour(load(path)) == 101
    assert closure_hour(load(path, {"links": {"ab": None}, "routing": {"strategy": "spread"}})) == 53
    assert volume(load(path)).hours <= 53
    assert closure_hour(load(path, {"routing": {"strategy": "planned"}})) == 53, "planned by flow: the trap is seen"


def test_graham_a_fourth_set_makes_the_last_load_later_but_not_the_bound() -> None:
    path = shipped_case("graham")
    more = {"fleets": {"sets": {"count_typical": 4}}}
    assert (closure_hour(load(path)), closure_hour(load(path, more))) == (14.5, 16.0)
    assert volume(load(path, more)).hours <= volume(load(path)).hours + 1e-9


def test_planned_shares_fill_two_lines_at_their_rates() -> None:
    """As V18, rates 1 and 1/2 an hour over 2 and 5 h: 31 trains are in when 22 take the first and 9 the second."""
    scenario = tiny(
        """
routing: {strategy: planned}
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  quick: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 2, headway_hours: 1}
  up: {from_node: a, to_node: c, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 2}
  on: {from_node: c, to_node: b, mode: rail, tracks: 2, travel_hours: 0, headway_hours: 0}
units:
  u: {home_node: a, assembly_node: b, wheeled: 31}
"""
    )
    # quick: (n - 1) + 2 = 23 for n = 22; up: 2 (m - 1) + 5 = 21 for m = 9. One more by up instead: 23 and 22.
    assert closure_hour(scenario) == pytest.approx(23.0, abs=1.0)


def test_a_place_that_cannot_be_reached_has_no_finite_bound() -> None:
    scenario = tiny("""
nodes: {a: {}, b: {}, c: {}}
links:
  line: {from_node: a, to_node: c, mode: rail, travel_hours: 1}
units:
  u: {home_node: a, assembly_node: b, wheeled: 1}
""")
    assert math.isinf(volume(scenario).hours)
    assert as_json(ladder(scenario))["bounds"]["volume"] is None


def test_ladder_of_the_shipped_corridor() -> None:
    scenario = load("corridor-mini")
    found = as_json(ladder(scenario))
    assert set(found) >= {"scenario", "bounds", "binding", "prices", "seconds"}
    assert found["bounds"]["free_flow"] <= found["bounds"]["volume"] <= simulate(scenario, 1).closure_day
    json.dumps(found, allow_nan=False)


def test_the_european_bound_holds(eastern: Scenario) -> None:
    found = ladder(eastern, by_plan=False)
    assert 30 < found.free_flow_day <= found.volume_day < simulate(eastern, 3).closure_day
