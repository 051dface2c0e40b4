"""The flow program against flows whose answer is known, and against networkx on the network written out in time."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flanksim.planning.strategies import flow_program
from flanksim.planning.strategies.flow_program import Choice, Flow, FlowProgram
from flanksim.planning.workload import Footprint


def choice(load: int, total: float, uses: list[tuple[int, float, float]], release: float = 0.0) -> Choice:
    """A choice for lots of one piece; uses are (resource, offset, work)."""
    resource, offset, work = (np.array(column) for column in zip(*uses, strict=True))
    return Choice(load, release, 1.0, Footprint(resource.astype(np.int64), offset * 1.0, work * 1.0, work * 1.0, total))


@dataclass
class Solved:
    program: FlowProgram
    flows: list[Flow]

    @property
    def arrivals(self) -> list[tuple[float, float]]:
        return [
            (flow.start_h + self.program.choices[flow.choice].footprint.total, flow.quantity) for flow in self.flows
        ]


def solve(choices: list[Choice], quantity: list[float], capacity: np.ndarray, step: float = 1.0) -> Solved:
    amounts = np.array(quantity, dtype=float)
    program = FlowProgram(choices, amounts, np.full(len(amounts), 1.0 / amounts.sum()), capacity, step)
    return Solved(program, program.solve())


def test_two_routes_are_used_at_their_rates_as_in_v18() -> None:
    """Route 1: 2 h, one an hour; route 2: 5 h, four an hour. Twenty are in when the tail of both is (V18): T = 8.4.

    In whole steps of an hour six or seven start on route 1 (heads at 2 to 7 or 8) and the rest on route 2 (5, 6, 7, 8).
    """
    both = [choice(0, 2.0, [(0, 0.0, 1.0)]), choice(0, 5.0, [(1, 0.0, 0.25)])]
    program = solve(both, [20.0], np.ones((2, 40)))
    assert max(hour for hour, _ in program.arrivals) == pytest.approx(8.0)
    by_first = sum(flow.quantity for flow in program.flows if flow.choice == 0)
    # Sum of squares: the last pieces of both ways arrive together, so one may go either way at hour 8 only.
    assert 6.0 - 1e-6 <= by_first <= 7.0 + 1e-6


def test_nothing_starts_before_its_release_or_in_closed_hours() -> None:
    capacity = np.ones((1, 30))
    capacity[0, 3:10] = 0.0
    program = solve([choice(0, 1.0, [(0, 0.0, 1.0)], release=2.0)], [4.0], capacity)
    starts = sorted((flow.start_h, flow.quantity) for flow in program.flows)
    assert starts == [pytest.approx((2.0, 1.0)), *(pytest.approx((hour, 1.0)) for hour in (10.0, 11.0, 12.0))]


def test_lift_that_is_away_for_a_cycle_carries_the_second_load_after_it() -> None:
    """Two ships, a cycle of 10 h, five loads of 5 h: 2 at hour 0, 2 at 10, 1 at 20."""
    capacity = np.full((1, 60), 2.0)
    program = solve([choice(0, 5.0, [(0, 0.0, 10.0)])], [5.0], capacity)
    total: dict[float, float] = {}
    for hour, amount in program.arrivals:
        total[hour] = total.get(hour, 0.0) + amount
    assert {hour: round(amount, 6) for hour, amount in total.items()} == {5.0: 2.0, 15.0: 2.0, 25.0: 1.0}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_as_many_are_in_by_each_hour_as_the_largest_flow_in_time(data: st.DataObject) -> None:
    """One load over disjoint routes: a sum of squares is least where by every hour as many are in as can be.

    That number is the largest flow through the network written out hour by hour (networkx), as for every earliest
    arrival flow (Gale 1959).
    """
    routes = data.draw(
        st.lists(st.tuples(st.integers(1, 6), st.integers(1, 4)), min_size=1, max_size=3), label="routes"
    )
    pieces = data.draw(st.integers(1, 25), label="pieces")
    choices = [choice(0, float(hours), [(n, 0.0, 1.0 / rate)]) for n, (hours, rate) in enumerate(routes)]
    program = solve(choices, [float(pieces)], np.ones((len(routes), 60)))
    for by in range(1, 30):
        graph = nx.DiGraph()
        graph.add_edge("s", "a", capacity=pieces)
        for n, (hours, rate) in enumerate(routes):
            for start in range(by - hours + 1):
                graph.add_edge("a", (n, start), capacity=rate)
                graph.add_edge((n, start), "t", capacity=rate)
        best = nx.maximum_flow_value(graph, "s", "t") if "t" in graph else 0
        got = sum(amount for hour, amount in program.arrivals if hour <= by + 1e-9)
        assert got == pytest.approx(best, abs=1e-5)


def test_generating_columns_finds_what_the_whole_program_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(7)
    choices = [
        choice(load, float(generator.integers(2, 9)), [(int(generator.integers(6)), float(n), n + 1.0) for n in (0, 1)])
        for load in range(12)
        for _ in range(3)
    ]  # fmt: skip
    amounts = [float(generator.integers(1, 6)) for _ in range(12)]

    def value(program: Solved) -> float:
        return sum(amount * hour**2 for hour, amount in program.arrivals)

    whole = solve(choices, amounts, np.ones((6, 90)))
    monkeypatch.setattr(flow_program, "ALL_STARTS", 0)
    monkeypatch.setattr(flow_program, "GAP", 1e-9)
    monkeypatch.setattr(flow_program, "EXCESS", 1e-9)
    monkeypatch.setattr(flow_program, "ROUNDS", 200)
    generated = solve(choices, amounts, np.ones((6, 90)))
    assert generated.program.rounds > 1
    assert value(generated) == pytest.approx(value(whole), rel=1e-5)


def test_what_does_not_fit_before_the_horizon_is_left_out_and_not_squeezed_in() -> None:
    program = solve([choice(0, 1.0, [(0, 0.0, 1.0)])], [10.0], np.ones((1, 5)))
    assert sum(amount for _, amount in program.arrivals) == pytest.approx(4.0)
