"""The gate: two serials, one slot, the second waits."""

from __future__ import annotations

import pytest
import simpy

from flanksim.engine.resources import Calendar, Gate
from flanksim.study.run import simulate
from tests.conftest import closure_hour, line, moves, tiny


def test_two_serials_one_slot_the_second_waits() -> None:
    first, second = moves(simulate(line(2, run_h=4, headway_h=1), 1), "travel")
    assert first == (0.0, 0.0, 1.0, 4.0)
    assert second == (0.0, 1.0, 2.0, 5.0)


def test_priority_then_arrival() -> None:
    env = simpy.Environment()
    gate = Gate(env, None, None)
    order: list[str] = []

    def serial(name: str, at: float, priority: int):  # type: ignore[no-untyped-def]
        yield env.timeout(at)
        _, event = gate.enter(priority, 1, 10.0, 0.0, 0)
        if event is not None:
            yield event
        order.append(name)

    for name, at, priority in [("a", 0, 2), ("b", 1, 2), ("c", 2, 1), ("d", 3, 2), ("e", 4, 1)]:
        env.process(serial(name, at, priority))
    env.run()
    assert order == ["a", "c", "e", "b", "d"]


def test_double_track_has_a_gate_for_each_direction_and_single_track_has_one() -> None:
    def closure(tracks: int) -> float:
        return closure_hour(
            tiny(f"""
parameters: {{vehicles_per_train: 1, close_share: 1}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: {tracks}, travel_hours: 4, headway_hours: 1}}
units:
  there: {{home_node: a, assembly_node: b, wheeled: 5}}
  back: {{home_node: b, assembly_node: a, wheeled: 5}}
""")
        )

    assert closure(2) == pytest.approx(4 + 4.0)
    assert closure(1) == pytest.approx(9 + 4.0)


@pytest.mark.parametrize(("plan", "minutes"), [("alternate", 245.0), ("fleeted", 125.0)])
def test_v23_opposing_trains_on_single_track(plan: str, minutes: float) -> None:
    """Run 20 min, clear 5 min, fleet headway 10 min: alternate 245 min, fleeted 5 + 5 in 125 min."""
    gaps = {"alternate": "0.0001", "fleeted": "0"}[plan]
    priorities = {"alternate": (1, 1), "fleeted": (1, 2)}[plan]
    scenario = tiny(f"""
parameters: {{vehicles_per_train: 1, close_share: 1}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: 1, travel_hours: {20 / 60}, headway_hours: {10 / 60},
          opposing_clearance_hours: {5 / 60}}}
units:
  east: {{home_node: a, assembly_node: b, wheeled: 5, priority: {priorities[0]}, release_interval_hours: {gaps}}}
  west: {{home_node: b, assembly_node: a, wheeled: 5, priority: {priorities[1]}, release_interval_hours: {gaps}}}
""")
    assert closure_hour(scenario) * 60 == pytest.approx(minutes, abs=0.02 if plan == "alternate" else 1e-9)


def test_v37_work_resumes_after_an_outage() -> None:
    """Ten jobs of one hour, down from 4.5 to 7.5: done at 13."""
    scenario = tiny("""
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 0, headway_hours: 1,
         closures: [{from_hour: 4.5, to_hour: 7.5}]}
units:
  u: {home_node: a, assembly_node: b, wheeled: 10}
""")
    cleared = [cleared for *_, cleared, _ in moves(simulate(scenario, 1), "travel")]
    assert max(cleared) == pytest.approx(13.0, abs=1e-9)


def test_calendar_counts_open_hours_only() -> None:
    calendar = Calendar(((4.5, 7.5), (10.0, 11.0)))
    assert calendar.next_open(5.0) == 7.5
    assert calendar.next_open(7.5) == 7.5
    assert calendar.finish(4.0, 1.0) == 8.0
    assert calendar.finish(4.0, 4.0) == 12.0
    assert calendar.finish(4.0, 0.5) == 4.5
