"""The ledger: states sum to every life, for every scenario there is, and by hand for a line with two trains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flanksim.activities import Cause, Kind, State, Why
from flanksim.errors import FlanksimError
from flanksim.measure.ledger import Ledger, ledger
from flanksim.scenario.reading import load, shipped
from flanksim.study.run import Run, simulate
from tests.conftest import BARE, line, tiny

EXACT = 1e-9
MICRO = sorted((shipped() / "verification").glob("v*.yaml"))


def of(run: Run) -> Ledger:
    return run.ledger


@pytest.fixture(scope="module")
def full(eastern_run: Run) -> tuple[Run, Ledger]:
    return eastern_run, of(eastern_run)


@pytest.mark.parametrize("path", MICRO, ids=lambda path: path.stem)
def test_states_sum_to_every_life_of_the_verification_scenarios(path: Path) -> None:
    run = simulate(load(path), 1)
    found = of(run)
    assert len(found.lengths) == len(run.plan.serials)
    assert found.largest_error <= EXACT


@pytest.mark.parametrize("horizon", [3.0, 9.0, 14.0, 20.0, 120.0])
def test_states_sum_to_every_life_wherever_the_horizon_cuts(horizon: float) -> None:
    run = simulate(load("corridor-mini", {"question": {"horizon_days": horizon}}), 3)
    assert of(run).largest_error <= EXACT


@pytest.mark.slow
def test_states_sum_to_every_life_with_outages(outages_run: Run) -> None:
    found = of(outages_run)
    assert found.largest_error <= EXACT
    assert found.totals("state")[("outage",)] > 0


@pytest.mark.slow
def test_the_full_scenario_in_sums(full: tuple[Run, Ledger]) -> None:
    run, found = full
    assert found.largest_error <= EXACT
    final = [serial.number for serial in run.plan.serials if serial.final]
    whole = found.lengths[final].sum()
    for keys in (("state",), ("cause",), ("unit",), ("nation", "element"), ("regional_plan", "state"), ("at",)):
        assert sum(found.totals(*keys).values()) == pytest.approx(whole, rel=1e-12)  # type: ignore[arg-type]
    late = np.maximum(found.lengths[final] - run.plan.deadline_h, 0.0).sum()
    assert sum(found.lateness("cause").values()) == pytest.approx(late, rel=1e-12)
    assert late > 0
    assert ("passed on",) not in found.totals("state")


@pytest.mark.slow
def test_a_row_that_is_missing_is_noticed(full: tuple[Run, Ledger]) -> None:
    """The sum is no tautology: without one travel row the life of its serial has a hole as long as that row."""
    run, _ = full
    table = run.outcome
    serials = run.plan.serials
    travel = (table["kind"] == Kind.TRAVEL) & (table["asset"] >= 0)
    rows = np.flatnonzero(travel & (table["after"] >= 0))
    rows = rows[(table["serial"][table["after"][rows]] == table["serial"][rows]) & travel[table["after"][rows]]]
    # A row between two others of the same serial, long before its unit was closed.
    closed = np.array(run.outcome.closed_h)
    follower = next(r for r in rows if table["ended"][r] < closed[serials[table["serial"][r]].unit])
    row = table["after"][follower]
    columns = dict(table.columns)
    columns["serial"] = columns["serial"].copy()
    columns["serial"][row] = -1
    error = ledger(replace(run.outcome, columns=columns)).errors[table["serial"][row]]
    assert error >= table["ended"][row] - table["started"][row] - EXACT


def test_two_trains_on_a_line_by_hand() -> None:
    """Headway 3 h, run 4 h: the second waits 3 h at the entrance; the first waits 3 h for the second at the end."""
    found = of(simulate(line(2, run_h=4.0, headway_h=3.0), 1))
    assert found.of(0) == [(State.MOVING, "line:a>b", 0.0, 4.0), (State.MARRY_UP, "u wheeled", 4.0, 7.0)]
    names = [entry.name for entry in found.log.plan.serials]
    assert found.life(names[0]).to_numpy().tolist() == [
        ["moving", "line:a>b", 0.0, 4.0, 4.0], ["marry-up", "u wheeled", 4.0, 7.0, 3.0],
    ]  # fmt: skip
    assert found.life(0).equals(found.life(names[0]))
    with pytest.raises(FlanksimError, match=r"(?s)E130  serial.*did you mean"):
        found.life(names[0] + "x")
    assert found.of(1) == [(State.GATE, "line:a>b", 0.0, 3.0), (State.MOVING, "line:a>b", 3.0, 7.0)]
    assert found.totals("cause") == {
        (Cause(Why.MOVING, "rail"),): 8.0,
        (Cause(Why.MARRY_UP, partner="u wheeled"),): 3.0,
        (Cause(Why.QUEUE, "line:a>b"),): 3.0,
    }


SEA = """
parameters: {vehicles_per_train: 10, berth_pieces_per_hour: 10, close_share: 1, lane_m_per_vehicle: 1,
             port_working_hours_per_day: 24}
links:
  feeder: {from_node: a, to_node: p, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 2}
  lane: {from_node: p, to_node: q, mode: sea, travel_hours: 20, headway_hours: 0}
  inland: {from_node: q, to_node: b, mode: rail, tracks: 2, travel_hours: 6, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, handling_hours: 0}
  ramp-p: {place: p, kind: rail_terminal, handling_hours: 0}
  ramp-q: {place: q, kind: rail_terminal, handling_hours: 0}
  ramp-b: {place: b, kind: rail_terminal, handling_hours: 0}
  load: {place: p, kind: berth, servers_typical: 1}
  unload: {place: q, kind: berth, servers_typical: 1}
fleets:
  ships: {kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 20, capacity_unit: lane_m,
          home_node: p}
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 9, capacity: 10, home_node: a, speed_kmh: 40}
units:
  u: {home_node: a, assembly_node: b, wheeled: 20, ready_day: 1}
"""


def test_goods_that_go_by_sea_keep_the_history_of_train_and_ship() -> None:
    """Two trains of 10, 2 h apart; ship loads 20 at 10/h, sails 20 h, unloads batch by batch, 1 h each."""
    run = simulate(tiny(SEA, BARE), 1)
    found = of(run)
    assert found.largest_error <= EXACT
    onward = [serial for serial in run.plan.serials if serial.stage == 2]
    assert [serial.final for serial in onward] == [True, True]
    first = [(state, round(end - start, 9)) for state, _, start, end in found.of(onward[0].number)]
    assert first == (
        [
            (State.NOT_READY, 24.0),
            (State.MOVING, 5.0),
            (State.SHIP_LOAD, 2.0),
            (State.LOADING, 2.0),
            (State.MOVING, 20.0),
            (State.UNLOADING, 1.0),
            (State.MOVING, 6.0),
            (State.MARRY_UP, 1.0),
        ]
    )
    second = [(state, round(end - start, 9)) for state, _, start, end in found.of(onward[1].number)]
    assert (State.GATE, 2.0) in second
    assert not any(state in (State.SHIP_LOAD, State.MARRY_UP) for state, _ in second)
    ship = next(serial.number for serial in run.plan.serials if serial.stage == 1)
    assert found.of(ship)[-1][0] is State.PASSED_ON


def test_hours_in_which_a_desk_was_closed_are_no_queue() -> None:
    """V31: open from 8 to 20, one lane, an hour each; the 13th lorry waits 8 + 12 closed hours and 12 open ones."""
    run = simulate(load(shipped() / "verification" / "v31-opening-hours.yaml"), 1)
    found = of(run)
    states = found.hours
    thirteenth = np.sort(states[[s.number for s in run.plan.serials if s.final], int(State.CLOSED_HOURS)])
    assert thirteenth.max() == pytest.approx(8 + 12 + 12 + 0, abs=EXACT)
    assert thirteenth.min() == pytest.approx(8.0, abs=EXACT)
