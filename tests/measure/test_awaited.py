"""Waits for lift by hand, split by what the asset that came was doing; the unit's own path against the ledger."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pytest

from flanksim.activities import Cause, Kind, State, Why
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.awaited import Awaited
from flanksim.measure.critical import by_use, critical_path, waited_for
from flanksim.measure.ledger import ledger
from flanksim.measure.serial_states import last_life, lives
from flanksim.measure.statistics import path_shares
from flanksim.movements import MovementLog, Things
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario import Scenario
from flanksim.scenario.reading import load, shipped
from flanksim.study.one_at_a_time import changes
from flanksim.study.run import Run, simulate
from tests.bounds.networks import random_case
from tests.conftest import BARE, tiny
from tests.measure.test_fleets import COLUMN

EXACT = 1e-9
#: Waits of one log that are also split each from its own rows alone, evenly through it: of small logs every one.
MOST_ALONE = 100
MICRO = sorted((shipped() / "verification").glob("*.yaml"))

PORTS = """
parameters: {berth_pieces_per_hour: 1, close_share: 1, lane_m_per_vehicle: 1, lane_m_per_heavy_vehicle: 1,
             port_working_hours_per_day: 24}
links:
  lane: {from_node: p, to_node: q, mode: sea, travel_hours: 20, headway_hours: 0}
  short: {from_node: r, to_node: q, mode: sea, travel_hours: 11, headway_hours: 0}
facilities:
  at-p: {place: p, kind: berth, servers_typical: 9}
  at-r: {place: r, kind: berth, servers_typical: 9}
  at-q: {place: q, kind: berth, servers_typical: 1}
fleets:
  one: {kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 5, capacity_unit: lane_m,
        home_node: p}
  other: {kind: ship, pool: others, carries: heavy, count_typical: 1, capacity: 12, capacity_unit: lane_m,
          home_node: r}
units:
  first: {home_node: p, assembly_node: q, wheeled: 5, priority: 1}
  second: {home_node: p, assembly_node: q, wheeled: 5, priority: 2}
  in-the-way: {home_node: r, assembly_node: q, heavy: 12, priority: 1}
"""


def unit(plan: Plan, name: str) -> int:
    return next(number for number, entry in enumerate(plan.units) if entry.unit_id == name)


def path(run: Run, name: str) -> list[tuple[str, str, float]]:
    pieces = critical_path(run.outcome, unit(run.plan, name))
    return [(str(piece.cause), piece.what, round(piece.hours, 9)) for piece in pieces]


def test_a_wait_for_a_ship_by_hand() -> None:
    """One ship for two loads, and ten hours for which another ship is at the only berth.

    It loads 5 h, sails 20, is there at 25; the other has loaded 12 h, sailed 11, and discharges from 23 to 35. So
    it queues 10 h, discharges 5, sails back 20: the second load, ready at 0, waits 60 h for it, and then goes the
    same way without a queue.
    """
    run = simulate(tiny(PORTS, BARE), 1)
    assert path(run, "second") == [
        ("lift ships", "loading", 5.0),
        ("lift ships", "moving loaded", 20.0),
        ("lift ships", "waiting loaded", 10.0),
        ("lift ships", "handling", 5.0),
        ("lift ships", "empty run", 20.0),
        ("loading", "loading", 5.0),
        ("moving by sea", "travel", 20.0),
        ("unloading", "unloading", 5.0),
    ]
    pieces = run.critical_path("second")
    assert [piece.at for piece in pieces[:5]] == ["berth:p", "lane:p>q", "berth:q", "berth:q", "lane:q>p"]
    assert path(run, "first")[-2:] == [("queue at berth:q", "queue", 10.0), ("unloading", "unloading", 5.0)]
    found = ledger(run.outcome).totals("cause", "doing", unit="second")
    assert found[Cause(Why.LIFT, "ships"), "waiting loaded"] == pytest.approx(10.0, abs=EXACT)
    assert found[Cause(Why.LOADING), ""] == pytest.approx(5.0, abs=EXACT)
    # What binds is tried too: a berth stands beside the ship, with the ten hours that the ship stood before it.
    tried = {change.what: change for change in changes(run.scenario, pieces)}
    berth = tried["one more berth at q"]
    assert sum(piece.hours for piece in pieces if berth.touches(piece)) == pytest.approx(10.0, abs=EXACT)


def test_a_wait_for_the_only_train_behind_a_single_track_by_hand() -> None:
    """One entrance for both directions, one train in 8 h: in at 2, back from 8 to 10; of 10 h six are the line's."""
    run = simulate(
        tiny(
            """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 1, travel_hours: 2, headway_hours: 8}
fleets:
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 1, capacity: 1, home_node: a}
units:
  first: {home_node: a, assembly_node: b, wheeled: 1, priority: 1}
  second: {home_node: a, assembly_node: b, wheeled: 1, priority: 2}
""",
            BARE.replace("mechanisms:\n  {", "mechanisms:\n  {handling: false, "),
        ),
        1,
    )
    waits = [piece for piece in run.critical_path("second") if piece.cause == Cause(Why.LIFT, "sets")]
    assert [(piece.what, piece.at, piece.hours) for piece in waits] == [
        ("moving loaded", "line", 2.0),
        ("waiting empty", "line", 6.0),
        ("empty run", "line", 2.0),
    ]


def test_of_several_groups_the_last_to_come_decides() -> None:
    """Both coaches for the last load: the far one has stood idle for 12 h while the near one made a second turn."""
    run = simulate(tiny(COLUMN, BARE), 1)
    way = 1.3 * 6371.0 * math.radians(1.0) / 50.0
    spent = by_use(run.critical_path("all"))
    assert {what: hours for (_, what, _), hours in spent.items()} == pytest.approx(
        {"waiting empty": way, "loading": 2, "moving loaded": 10, "handling": 2, "empty run": 10}, rel=1e-3
    )


def test_a_ship_that_comes_on_a_later_day_is_not_yet_available() -> None:
    scenario = PORTS.replace("home_node: p}\n  other", "home_node: p, available_typical_day: 2}\n  other")
    run = simulate(tiny(scenario, BARE), 1)
    assert path(run, "first")[:2] == [("lift ships", "not yet available", 48.0), ("loading", "loading", 5.0)]
    second = path(run, "second")
    assert second[:2] == [("lift ships", "not yet available", 48.0), ("lift ships", "loading", 5.0)]
    # The other ship is gone by 35: nobody queues.
    assert [what for _, what, _ in second[2:5]] == ["moving loaded", "handling", "empty run"]


def test_a_short_wait_does_not_inherit_the_blockers_past() -> None:
    """`first` waits 10 h for a berth: 10 of its 40 h are the other's berth, not 35 the other's loading and voyage."""
    run = simulate(tiny(PORTS, BARE), 1)
    own, other = run.critical_path("first"), run.waited_for("first")
    assert sum(piece.hours for piece in own) == sum(piece.hours for piece in other) == pytest.approx(40.0, abs=EXACT)
    foreign = unit(run.plan, "in-the-way")
    assert all(run.plan.serials[piece.serial].unit != foreign for piece in own)
    hours = sum(piece.hours for piece in other if run.plan.serials[piece.serial].unit == foreign)
    assert hours == pytest.approx(35.0, abs=EXACT)


def own_serials(plan: Plan, number: int) -> set[int]:
    """The unit's serials, and the ships that carry goods of it."""
    own = {serial.number for serial in plan.serials if serial.unit == number}
    return own | {ship.number for ship in plan.serials if ship.stage == 1 and own & set(ship.feeds)}


def hours_by_cause(plan: Plan, rows: Iterable[tuple[int, int, float, float]]) -> dict[Cause, float]:
    found: dict[Cause, float] = defaultdict(float)
    for state, about, start, end in rows:
        found[Things(plan).cause(State(state), about)] += end - start
    return found


def check(plan: Plan, outcome: MovementLog) -> None:
    """Own rows alone, no gap, the sum, and the ledger's life of one of the unit's last serials, for every unit."""
    stretches, _ = lives(outcome)
    for number, closed in enumerate(outcome.closed_h):
        if math.isnan(closed) or closed == 0:
            continue
        pieces = critical_path(outcome, number)
        for way in (pieces, waited_for(outcome, number)):
            assert way[0].start == 0.0
            assert all(abs(a.end - b.start) <= EXACT for a, b in zip(way, way[1:], strict=False))
            assert math.fsum(piece.hours for piece in way) == pytest.approx(closed, abs=EXACT)
        assert {piece.serial for piece in pieces} <= own_serials(plan, number)
        life = last_life(outcome, number)
        mine = hours_by_cause(
            plan, zip(life.state.tolist(), life.about.tolist(), life.start.tolist(), life.end.tolist(), strict=True)
        )
        final = [entry.number for entry in plan.serials if entry.unit == number and entry.final]
        told = []
        for serial in final:
            part = stretches.take(stretches.owner == serial)
            told.append(
                hours_by_cause(
                    plan,
                    zip(part.state.tolist(), part.about.tolist(), part.start.tolist(), part.end.tolist(), strict=True),
                )
            )
        assert not final or any(
            all(abs(mine.get(key, 0.0) - one.get(key, 0.0)) <= 1e-6 for key in {*mine, *one}) for one in told
        ), plan.units[number].unit_id


def check_waits(plan: Plan, outcome: MovementLog) -> None:
    """Every wait for lift is split without a gap, among assets that it was granted; the ledger's sums stay."""
    table = outcome
    awaited = Awaited(outcome)
    waits = np.flatnonzero((table["kind"] == Kind.LIFT) & (table["started"] > table["requested"])).tolist()
    alone = set(waits[:: max(1, len(waits) // MOST_ALONE)])
    for row in waits:
        low, high = float(table["requested"][row]), float(table["started"][row])
        parts = awaited.parts(row, low, high)
        assert parts[0][1] == low
        assert parts[-1][2] == high
        assert all(abs(a[2] - b[1]) <= EXACT for a, b in zip(parts, parts[1:], strict=False))
        assert sum(stop - start for _, start, stop, _ in parts) == pytest.approx(high - low, abs=EXACT)
        # The same from the rows of that load alone.
        assert row not in alone or Awaited(outcome, [row]).parts(row, low, high) == parts
    book = ledger(outcome)
    causes: dict[Cause, float] = defaultdict(float)
    for (name, doing), hours in book.totals("cause", "doing").items():
        assert (doing == "") or name.kind is Why.LIFT
        causes[name] += hours
    assert dict(causes) == pytest.approx({name: hours for (name,), hours in book.totals("cause").items()}, abs=1e-6)


@pytest.mark.parametrize("micro", MICRO, ids=lambda micro: micro.stem)
def test_paths_and_waits_of_the_verification_scenarios(micro: object) -> None:
    run = simulate(load(micro), 1)  # type: ignore[arg-type]
    check(run.plan, run.outcome)
    check_waits(run.plan, run.outcome)


@pytest.mark.slow
def test_paths_and_waits_on_random_networks() -> None:
    waited = 0
    for number in range(80):
        _, plan, outcome, _ = random_case(number)
        check(plan, outcome)
        check_waits(plan, outcome)
        waited += sum(1 for lift in outcome.lifts if lift.taken >= 0)
    assert waited > 200


@pytest.mark.parametrize("horizon", [5.5, 9.0, 14.0, 120.0])
def test_paths_and_waits_wherever_the_horizon_cuts(horizon: float) -> None:
    run = simulate(load("corridor-mini", {"question": {"horizon_days": horizon}}), 3)
    check(run.plan, run.outcome)
    check_waits(run.plan, run.outcome)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["eastern_run", "outages_run"])
def test_paths_and_waits_of_the_full_scenario(name: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(name)
    check(run.plan, run.outcome)
    check_waits(run.plan, run.outcome)


def test_a_load_that_got_no_lift_has_nobody_to_ask() -> None:
    scenario: Scenario = tiny(PORTS.replace("question:", "") + "question: {horizon_days: 1, deadline_days: 1}\n", BARE)
    plan = compile_plan(scenario)
    outcome = simulate_plan(plan, 1)
    row = next(
        row for row in np.flatnonzero(outcome["kind"] == Kind.LIFT).tolist() if math.isnan(outcome["started"][row])
    )
    assert Awaited(outcome).parts(row, 0.0, 48.0) == [("none came", 0.0, 48.0, -1)]
    assert ledger(outcome).totals("doing", unit="second")[("none came",)] == pytest.approx(48.0, abs=EXACT)


def test_shares_are_the_mean_hours_over_the_mean_length() -> None:
    """10 of 20 h in one replication and none of 80 in another: a tenth of the time, not a quarter of the paths."""
    assert path_shares([{"a": 10.0, "b": 10.0}, {"b": 80.0}]) == pytest.approx({"b": 0.9, "a": 0.1})
    assert path_shares([]) == {}
