"""Strategy `planned` as a whole: order of starts in the queues, the cache, and what it is worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from flanksim.network.network import Network
from flanksim.planning import cache
from flanksim.planning.compile import Planner, compile_plan
from flanksim.planning.strategies import flow
from flanksim.planning.strategies.flow_program import FlowProgram
from flanksim.scenario import Scenario, load
from tests.conftest import BARE, TWO_LINES, closure_hour, tiny

CORRIDOR = {"routing": {"strategy": "planned"}}


def test_a_unit_whose_lift_takes_longer_goes_first_through_the_shared_gate() -> None:
    """Two units of 5 trains, a gate of one an hour, then 1 h or 9 h: heads enter at 0 to 9.

    The near one has the earlier name, so without a plan of starts the far one's last head enters at 9 and is in at 18.
    If the far ones go first, they are in by 4 + 9 = 13, and the near ones by 9 + 1 = 10. A lot is ranked by the start
    of its first fraction, so that one lot may stand one place too early.
    """
    text = """
routing: {{strategy: {strategy}}}
parameters: {{vehicles_per_train: 1, close_share: 1}}
links:
  gate: {{from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 0, headway_hours: 1}}
  short: {{from_node: b, to_node: c, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0}}
  long: {{from_node: b, to_node: d, mode: rail, tracks: 2, travel_hours: 9, headway_hours: 0}}
units:
  a_near: {{home_node: a, assembly_node: c, wheeled: 5}}
  b_far: {{home_node: a, assembly_node: d, wheeled: 5}}
"""
    assert closure_hour(tiny(text.format(strategy="spread"))) == pytest.approx(18.0)
    assert closure_hour(tiny(text.format(strategy="planned"))) <= 14.0 + 1e-9


def test_the_users_priority_comes_before_the_planned_start() -> None:
    plan = compile_plan(load("corridor-mini", CORRIDOR))
    by_unit = {number: [] for number in range(len(plan.units))}
    for serial in plan.serials:
        if serial.home:
            by_unit[serial.unit].append(serial.priority)
    scenario = load("corridor-mini")
    priority = {number: scenario.units[unit.unit_id].priority for number, unit in enumerate(plan.units)}
    for one, ranks in by_unit.items():
        for two, others in by_unit.items():
            if priority[one] < priority[two] and ranks and others:
                assert max(ranks) < min(others)


def test_every_piece_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLANKSIM_CACHE", "off")
    scenario = load("corridor-mini", CORRIDOR)
    plan, spread = compile_plan(scenario), compile_plan(load("corridor-mini"))

    def sums(which: object) -> dict[tuple[int, str], float]:
        total: dict[tuple[int, str], float] = {}
        for serial in which.serials:  # type: ignore[attr-defined]
            if serial.final:
                total[serial.unit, serial.kind] = total.get((serial.unit, serial.kind), 0.0) + serial.quantity
        return total

    assert sums(plan) == sums(spread)


def test_equal_networks_are_planned_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLANKSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_MEMORY", {})
    solved = []
    original = FlowProgram.solve
    monkeypatch.setattr(flow.FlowProgram, "solve", lambda self: (solved.append(1), original(self))[1])
    first = compile_plan(load("corridor-mini", CORRIDOR))
    again = compile_plan(load("corridor-mini", {**CORRIDOR, "title": "the same under another name"}))
    assert len(solved) == 1
    assert first.serials == again.serials
    monkeypatch.setattr(cache, "_MEMORY", {})  # another process, the same folder
    assert compile_plan(load("corridor-mini", CORRIDOR)).digest == first.digest
    assert len(solved) == 1
    other = load(
        "corridor-mini", {**CORRIDOR, "parameters": {"vehicles_per_train": {"low": 9, "typical": 9, "high": 9}}}
    )
    compile_plan(other)
    assert len(solved) == 2, "another size of train is another plan"
    for entry in (tmp_path / "cache").iterdir():
        entry.write_text("{ broken", encoding="utf-8")
    monkeypatch.setattr(cache, "_MEMORY", {})
    assert compile_plan(load("corridor-mini", CORRIDOR)).digest == first.digest
    assert len(solved) == 3, "an entry that cannot be read is computed again"


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("FLANKSIM_CACHE", str(tmp_path / "file" / "below"))
    monkeypatch.setattr(cache, "_MEMORY", {})
    assert compile_plan(load("corridor-mini", CORRIDOR)).serials


@pytest.mark.slow
def test_supply_of_those_who_are_closed_does_not_go_before_those_who_are_not(eastern: Scenario) -> None:
    """It stands behind every load of its priority; ranks alone would let it starve a late load at a narrow place."""
    routing = eastern.routing.model_copy(update={"strategy": "planned"})
    plan = compile_plan(eastern.model_copy(update={"routing": routing}))
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for serial in plan.serials:
        key = eastern.units[plan.units[serial.unit].unit_id].priority
        if serial.stage == 8:
            first[key] = min(serial.priority, first.get(key, serial.priority))
        elif serial.home:
            last[key] = max(serial.priority, last.get(key, serial.priority))
    assert set(first) == set(last) == {1, 2}
    assert all(first[key] >= last[key] for key in first)


def test_a_horizon_that_is_too_near_is_moved_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a first estimate of a tenth of the truth the plan is still one of the two lines' rates, as above."""
    monkeypatch.setenv("FLANKSIM_CACHE", "off")
    truly = flow._first_estimate
    monkeypatch.setattr(flow, "_first_estimate", lambda *arguments: truly(*arguments) / 10.0)
    scenario = tiny(TWO_LINES)
    assert closure_hour(scenario) == pytest.approx(23.0, abs=1.0)  # 22 by the first line, 9 by the second


def test_the_folder_of_plans_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLANKSIM_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "_MEMORY", {})
    monkeypatch.setattr(cache, "_MOST_FILES", 3)
    for number in range(6):
        cache.write(f"plan-{number}", [number])
    assert len(list(tmp_path.iterdir())) == 3


def test_where_lift_is_not_counted_the_same_goes_by_sea(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ships are not waited for; what goes by sea is the same as under `spread`, and each ship carries what it lands."""
    monkeypatch.setenv("FLANKSIM_CACHE", "off")
    free = {"mechanisms": {"lift": False}}
    plan, spread = compile_plan(load("corridor-mini", {**CORRIDOR, **free})), compile_plan(load("corridor-mini", free))
    assert not plan.pools
    for entry in (plan, spread):
        sizes = {serial.number: serial.quantity for serial in entry.serials}
        for ship in (serial for serial in entry.serials if serial.kind == "ship"):
            assert ship.quantity == sum(sizes[number] for number in ship.feeds)
    carried = [sum(s.quantity for s in entry.serials if s.kind == "ship") for entry in (plan, spread)]
    assert carried[0] == carried[1] > 0


def test_lift_that_stays_away_gives_no_hours_of_work() -> None:
    """Of two trains one comes at 24 h; one is away from 30 to 40 h, the other from 20 to 40 h."""
    planner = Planner(Network(tiny("""
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 3, headway_hours: 0}
fleets:
  one: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a,
        closures: [{from_hour: 30, to_hour: 40}]}
  two: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a, available_typical_day: 1,
        closures: [{from_hour: 20, to_hour: 40}]}
units:
  u: {home_node: a, assembly_node: b, wheeled: 4}
""", BARE.replace("borders: false", "borders: false, handling: false"))))  # fmt: skip
    workload = planner._workload()
    for one, options in zip(planner._loads, planner._options, strict=True):
        workload.asked(one, options)
    pool = [place for place, servers in enumerate(workload.servers) if servers == 2.0]
    assert workload.capacity(24.0, 3)[pool].tolist() == [[24.0, 14.0 + 8.0, 48.0]]
