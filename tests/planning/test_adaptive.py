"""Strategy `adaptive`: a serial takes another of its ways when that is quicker by the work that is pending."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from flanksim.activities import Kind
from flanksim.bounds.free_flow import plan_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.critical import closing_unit, critical_path
from flanksim.movements import MovementLog
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.planning.steps import Travel, every
from flanksim.scenario import Scenario, load
from tests.conftest import BARE, OPEN, TWO_LINES, closure_hour, tiny
from tests.laws.audit import rebuild
from tests.laws.test_laws import EXAMPLES, networks

NO_MARGIN = "close_share: 1, way_margin_hours: 0"


def adaptive(body: str, head: str = OPEN) -> Scenario:
    """A scenario under the strategy, without a margin."""
    return tiny(body.replace("planned", "adaptive").replace("close_share: 1", NO_MARGIN), head)


def all_on(plan: Plan, gate: str) -> Plan:
    """The plan with each serial that has a choice on its way through a gate."""
    number = next(number for number, entry in enumerate(plan.gates) if entry.name.startswith(gate))

    def through(program: int) -> bool:
        return any(isinstance(step, Travel) and step.gate == number for step in plan.programs[program].steps)

    def on(ways: tuple[int, ...]) -> int:
        return next(plan.ways[way].program for way in ways if through(plan.ways[way].program))

    serials = (replace(entry, program=on(entry.ways)) if entry.ways else entry for entry in plan.serials)
    return replace(plan, serials=tuple(serials))


def last(plan: Plan, seed: int = 1) -> float:
    return max(simulate_plan(plan, seed).closed_h)


@pytest.mark.parametrize("gate", ["quick", "up"])
def test_many_who_start_together_share_two_lines_by_their_rates(gate: str) -> None:
    """31 trains that all stand on one line in the plan: the k-th head is in at 2 + k on the one, 5 + 2 k on the other.

    Of these hours the 31st in order is 23; if all kept to the plan it would be 32 or 65.
    """
    plan = all_on(compile_plan(adaptive(TWO_LINES)), gate)
    assert last(plan) == pytest.approx(23.0)
    kept = replace(plan, way_margin_h=1000.0)
    assert last(kept) == pytest.approx({"quick": 32.0, "up": 65.0}[gate])


def test_a_margin_keeps_the_plan_until_the_other_way_is_quicker_by_more() -> None:
    """All on the quick line in the plan; with 4.5 h the k-th leaves it when 2 + k > 5 + 2 s + 4.5 of the s that did."""
    plan = replace(all_on(compile_plan(adaptive(TWO_LINES)), "quick"), way_margin_h=4.5)
    quick = slow = 0
    for _ in range(31):
        if 2 + quick > 5 + 2 * slow + 4.5:
            slow += 1
        else:
            quick += 1
    log = simulate_plan(plan, 1)
    taken = [log.programs[entry.number] != entry.program for entry in plan.serials if entry.ways]
    assert (taken.count(True), taken.count(False)) == (slow, quick)
    assert slow > 0


def test_work_that_is_done_is_pending_no_more() -> None:
    """Six trains are in long before the seventh is ready on the fifth day: it takes the quick line, 2 h.

    With them it would keep to its plan: 5 before it on the one line make 2 + 5 h, one on the other 5 + 2 h.
    """
    text = TWO_LINES.replace("wheeled: 31", "wheeled: 6") + (
        "  v: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 5}\n"
    )
    plan = all_on(compile_plan(adaptive(text)), "up")
    ready = plan.units[1].ready_h
    assert ready > 24.0
    assert simulate_plan(plan, 1).closed_h[1] == pytest.approx(ready + 2.0)


def test_braess() -> None:
    """V20: 54 h with the tail, an hour behind the last head."""
    routing = {"routing": {"strategy": "adaptive"}}
    assert closure_hour(load("verification/v20-braess", routing)) == pytest.approx(53.0)
    eager = load("verification/v20-braess", {**routing, "parameters": {"way_margin_hours": 0}})
    assert closure_hour(eager) == pytest.approx(53.0)


def test_who_finds_a_line_shut_takes_the_other() -> None:
    """The quick line is shut until hour 100 in the run, which the plan does not know; the slow one ends at 5 + 2 k."""
    plan = compile_plan(adaptive(TWO_LINES.replace("wheeled: 31", "wheeled: 6")))
    gates = tuple(
        replace(entry, closed=((0.0, 100.0),)) if entry.name.startswith("quick") else entry for entry in plan.gates
    )
    assert last(replace(plan, gates=gates)) == pytest.approx(15.0)
    assert last(replace(plan, gates=gates, way_margin_h=1000.0)) > 100.0


RAIL_OR_ROAD = """
routing: {strategy: planned}
parameters: {close_share: 1}
question: {horizon_days: 60}
links:
  rail: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 2, headway_hours: 0}
  road: {from_node: a, to_node: b, mode: road, travel_hours: 6, max_mlc: 90}
facilities:
  r-a: {place: a, kind: rail_terminal, handling_hours: 1}
  r-b: {place: b, kind: rail_terminal, handling_hours: 1}
fleets:
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 1, capacity: 10, home_node: a,
         activation_typical: 0.5}
units:
  u: {home_node: a, assembly_node: b, wheeled: 5}
"""


def test_who_finds_his_train_absent_marches() -> None:
    """The only train turns up in half of the runs: 4 hours with it, 6 hours and the tail without."""
    head = BARE.replace("chance: false", "chance: true")
    plan = compile_plan(adaptive(RAIL_OR_ROAD, head))
    seen = set()
    for seed in range(12):
        log = simulate_plan(plan, seed)
        absent = bool(log.absent[0])
        seen.add(absent)
        rode = bool((log["kind"] == Kind.LIFT).any())
        assert rode is not absent
        assert not np.isnan(log.closed_h).any()
    assert seen == {True, False}


def corridor(margin_h: float = 0.0, **mechanisms: bool) -> Plan:
    changed = {
        "routing": {"strategy": "adaptive"},
        "parameters": {"way_margin_hours": margin_h},
        "mechanisms": mechanisms,
    }
    return compile_plan(load("corridor-mini", changed))


def test_the_log_shows_the_way_that_was_taken() -> None:
    """Rows pass the gates of the program that the log names, answers are read from rows, causes sum to closure."""
    plan = corridor()
    log = simulate_plan(plan, 3)
    other = [entry.number for entry in plan.serials if log.programs[entry.number] != entry.program]
    assert other, "nobody chose: this tests nothing"
    for number in range(len(plan.serials)):
        rows = log.chain(number)
        passed = log["resource"][rows[log["kind"][rows] == Kind.TRAVEL]].tolist()
        gates = {step.gate for step in every(plan.programs[log.programs[number]].steps) if isinstance(step, Travel)}
        assert set(passed) <= gates
    closed_h, troops_h = rebuild(log)
    np.testing.assert_allclose(closed_h, log.closed_h)
    np.testing.assert_allclose(troops_h, log.troops_h)
    unit = closing_unit(log)
    assert unit is not None
    pieces = critical_path(log, unit)
    assert sum(piece.end - piece.start for piece in pieces) == pytest.approx(log.closed_h[unit])


def test_no_run_is_before_the_free_flow_of_its_ways() -> None:
    plan = corridor()
    for seed in range(3):
        log = simulate_plan(plan, seed)
        assert all(np.array(log.closed_h) >= np.array(plan_hours(inputs_of(plan, seed))) - 1e-6)


def test_with_a_margin_that_nothing_passes_it_is_the_plan() -> None:
    plan = compile_plan(load("corridor-mini", {"routing": {"strategy": "planned"}}))
    assert simulate_plan(corridor(margin_h=8760.0), 5).digest() == simulate_plan(plan, 5).digest()


@EXAMPLES
@given(networks())
def test_with_one_way_for_each_it_is_the_plan(text: str) -> None:
    found = [
        simulate_plan(compile_plan(tiny(text + f"routing: {{strategy: {name}}}\n", BARE)), 7).digest()
        for name in ("planned", "adaptive")
    ]
    assert found[0] == found[1]


def closed(body: str, seed: int = 4) -> dict[str, float]:
    """Hour at which each unit is closed, with chance."""
    plan = compile_plan(adaptive(body, OPEN.replace("chance: false", "chance: true")))
    log = simulate_plan(plan, seed)
    return {unit.unit_id: hour for unit, hour in zip(plan.units, log.closed_h, strict=True)}


UNITS = """
  v: {home_node: a, assembly_node: b, wheeled: 20, priority: 2}
"""


def test_what_must_not_matter_does_not() -> None:
    """Another order of rows, other names, a link in two parts, and a way that nobody takes."""
    text = TWO_LINES + UNITS.lstrip("\n")
    want = closed(text)
    lines = text.splitlines()
    start = lines.index("links:") + 1
    lines[start : start + 3] = reversed(lines[start : start + 3])
    lines[-2:] = reversed(lines[-2:])
    assert closed("\n".join(lines) + "\n") == want
    assert closed(text.replace("quick:", "zz:").replace("up:", "aa:").replace("on:", "mm:")) == want
    whole = "  quick: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 2, headway_hours: 1}\n"
    assert whole in text
    halves = whole.replace("to_node: b", "to_node: m").replace("travel_hours: 2", "travel_hours: 0.5") + (
        "  rest: {from_node: m, to_node: b, mode: rail, tracks: 2, travel_hours: 1.5, headway_hours: 0}\n"
    )
    assert closed(text.replace(whole, halves)) == pytest.approx(want)
    longer = whole.replace("quick", "longer").replace("travel_hours: 2", "travel_hours: 900")
    assert closed(text.replace(whole, whole + longer)) == want


def rows_of(log: MovementLog, unit: str) -> list[tuple[float, ...]]:
    plan = log.plan
    number = next(number for number, entry in enumerate(plan.units) if entry.unit_id == unit)
    own = [entry.number for entry in plan.serials if entry.unit == number]
    rows = np.flatnonzero(np.isin(log["serial"], own))
    return [tuple(log[name][row] for name in ("requested", "started", "ended")) for row in rows]


def test_a_choice_moves_nobody_elses_draws() -> None:
    """Unit w is far from the two lines: whether the trains on these choose or not, its hours are the same."""
    text = TWO_LINES.replace(
        "units:", "  far: {from_node: x, to_node: y, mode: rail, tracks: 2, travel_hours: 9, headway_hours: 1}\nunits:"
    )
    text += "  w: {home_node: x, assembly_node: y, wheeled: 12}\n"
    plan = all_on(compile_plan(adaptive(text, OPEN.replace("chance: false", "chance: true"))), "quick")
    chosen, kept = simulate_plan(plan, 2), simulate_plan(replace(plan, way_margin_h=1000.0), 2)
    assert chosen.digest() != kept.digest()
    assert rows_of(chosen, "w") == rows_of(kept, "w")


def test_a_ship_load_keeps_its_quays() -> None:
    """Whatever way its parts take, they come to the ship's port, and go on from where it is discharged."""
    plan = corridor()
    log = simulate_plan(plan, 1)
    ends = {entry.number: plan.programs[entry.program] for entry in plan.serials if entry.stage == 1}
    for entry in plan.serials:
        taken = plan.programs[log.programs[entry.number]]
        if entry.stage == 0 and entry.feeds:
            assert taken.silent or taken.to_node == ends[entry.feeds[0]].from_node
        assert (taken.from_node, taken.to_node) == (
            plan.programs[entry.program].from_node,
            plan.programs[entry.program].to_node,
        )
