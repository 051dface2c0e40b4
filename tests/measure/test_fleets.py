"""The fleet ledger: by hand for ships, train sets, a column and a change of gauge; exact for every scenario."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flanksim.activities import Kind, Use
from flanksim.engine.calling import call_hours
from flanksim.engine.resources import LiftPool
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.asset_states import first_assets
from flanksim.measure.fleets import FleetLedger, fleets
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from flanksim.scenario.reading import load, shipped
from flanksim.study.run import Run, simulate
from tests.bounds.networks import random_case
from tests.conftest import BARE, tiny

EXACT = 1e-9
VERIFICATION = shipped() / "verification"
MICRO = sorted(VERIFICATION.glob("*.yaml"))


def of(run: Run, until_h: float | None = None) -> FleetLedger:
    return fleets(run.outcome, until_h)


def hours(found: FleetLedger, pool: str) -> dict[Use, float]:
    return {use: float(value) for use, value in zip(Use, found.totals()[pool], strict=True) if value > 0}


def life(found: FleetLedger, pool: str, asset: int) -> list[tuple[Use, float]]:
    return [(use, round(end - start, 9)) for use, start, end in found.of(pool, asset)]


def check(found: FleetLedger) -> None:
    """No hole and no overlap; shares sum to 1; days sum to the whole."""
    assert found.largest_error <= EXACT * max(1.0, found.until_h / 1000.0)
    days = math.ceil(found.until_h / 24)
    length = np.minimum(24.0, found.until_h - 24.0 * np.arange(days))
    for by in ("pool", "fleet", "kind"):
        totals, shares, daily = found.totals(by), found.shares(by), found.daily(by)  # type: ignore[arg-type]
        names, group = found.groups(by)  # type: ignore[arg-type]
        assert sum(value.sum() for value in totals.values()) == pytest.approx(found.until_h * len(group), rel=1e-12)
        for number, name in enumerate(names):
            if found.until_h > 0:
                assert shares[name].sum() == pytest.approx(1.0, abs=1e-12)
                assert daily[name].sum(axis=1) == pytest.approx(np.ones(days), abs=1e-12)
            back = (daily[name] * length[:, None]).sum(axis=0) * (group == number).sum()
            assert back == pytest.approx(totals[name], rel=1e-9, abs=1e-7)


def test_six_ships_and_fifteen_loads_by_hand() -> None:
    """V24: three rounds of 6, 6 and 3; each ship loads 24 h, sails 240, unloads 24, comes back 240.

    Closed after 2 x 528 + 288 = 1344 h. In the last round three ships lie idle for its 288 h.
    """
    found = of(simulate(load(VERIFICATION / "v24-sealift.yaml"), 1))
    assert found.until_h == pytest.approx(1344.0, abs=EXACT)
    assert hours(found, "ships") == pytest.approx(
        {
            Use.LOADING: 15 * 24.0,
            Use.MOVING_LOADED: 15 * 240.0,
            Use.HANDLING: 15 * 24.0,
            Use.EMPTY_RUN: 12 * 240.0,
            Use.IDLE: 3 * 288.0,
        },
        abs=EXACT,
    )
    assert found.in_use()["ships"] == pytest.approx(1 - 3 * 288 / (6 * 1344), abs=1e-12)


def test_seven_train_sets_by_hand() -> None:
    """V25: with 7 sets of a 28 h cycle the ramp of 4 h a load never rests; load i ends at 4 i + 18, the last at 94.

    At the start set i waits 4 i for the ramp. Runs back last 10 h, cut by the end for loads 17 (8 h left) and 18
    (4 h); idle are in the end the sets of loads 13 to 16, for 14, 10, 6 and 2 h.
    """
    found = of(simulate(load(VERIFICATION / "v25-rail-sets.yaml"), 1))
    assert found.until_h == pytest.approx(94.0, abs=EXACT)
    assert hours(found, "sets") == pytest.approx(
        {
            Use.LOADING: 80.0,
            Use.MOVING_LOADED: 200.0,
            Use.HANDLING: 80.0,
            Use.EMPTY_RUN: 170.0 + 8 + 4,
            Use.WAITING_EMPTY: 4.0 * sum(range(7)),
            Use.IDLE: 14.0 + 10 + 6 + 2,
        },
        abs=EXACT,
    )


@pytest.mark.parametrize("sets", [1, 2, 3, 5, 6, 8, 11])
def test_any_number_of_train_sets_against_a_recursion(sets: int) -> None:
    """V25 with m sets: a count of its own, load after load, over two ramps and the earliest free set."""
    free, ramp_a, ramp_b = [0.0] * sets, 0.0, 0.0
    expected = dict.fromkeys(Use, 0.0)
    backs, turns = [], []
    for _ in range(20):
        one = free.index(min(free))
        start = max(free[one], ramp_a)
        ramp_a = start + 4
        work = max(start + 14, ramp_b)
        ramp_b = work + 4
        expected[Use.WAITING_EMPTY] += start - free[one]
        expected[Use.WAITING_LOADED] += work - start - 14
        backs.append(work + 4)
        turns.append((one, free[one], work + 14))
        free[one] = work + 14
    closed = max(backs)
    expected |= {Use.LOADING: 80.0, Use.MOVING_LOADED: 200.0, Use.HANDLING: 80.0}
    expected[Use.EMPTY_RUN] = sum(min(10.0, closed - hour) for hour in backs)
    expected[Use.IDLE] = sets * closed - sum(min(end, closed) - start for _, start, end in turns)
    scenario = load(VERIFICATION / "v25-rail-sets.yaml", {"fleets": {"sets": {"count_typical": sets}}})
    found = of(simulate(scenario, 1))
    assert found.until_h == pytest.approx(closed, abs=EXACT)
    assert dict(zip(Use, found.totals()["sets"].tolist(), strict=True)) == pytest.approx(expected, abs=1e-8)


COLUMN = """
parameters: {troops_per_coach_serial: 100, close_share: 1, coach_boarding_hours: 1}
nodes: {a: {country: DEU, lat: 0, lon: 0}, x: {country: DEU, lat: 0, lon: 1}, b: {country: DEU, lat: 0, lon: 9}}
links:
  road: {from_node: a, to_node: b, mode: road, lanes: 2, travel_hours: 5, headway_hours: 0}
fleets:
  far: {kind: coach, pool: coaches, carries: troops, count_typical: 1, capacity: 50, capacity_unit: troops,
        home_node: x, speed_kmh: 50}
  near: {kind: coach, pool: coaches, carries: troops, count_typical: 1, capacity: 50, capacity_unit: troops,
         home_node: a, speed_kmh: 50}
units:
  two: {home_node: a, assembly_node: b, troops: 100, priority: 1}
  one: {home_node: a, assembly_node: b, troops: 50, priority: 2}
  all: {home_node: a, assembly_node: b, troops: 100, priority: 3}
"""


def test_all_of_a_column_share_its_way_and_each_its_own_way_to_it() -> None:
    """Two coach groups for one serial: the nearer waits for the farther. Then one goes alone, then both once more.

    A turn is 1 h to board, 5 on the road, 1 to leave, 5 back. The farther one stands near after its first turn.
    """
    run = simulate(tiny(COLUMN, BARE), 1)
    found = of(run)
    check(found)
    way = 1.3 * 6371.0 * math.radians(1.0) / 50.0  # a degree of the equator, 30 % longer, at 50 km/h
    assert found.until_h == pytest.approx(way + 12 + 12 + 7, rel=1e-3)
    far, near = life(found, "coaches", 0), life(found, "coaches", 1)
    trip = [(Use.LOADING, 1.0), (Use.MOVING_LOADED, 5.0), (Use.HANDLING, 1.0), (Use.EMPTY_RUN, 5.0)]
    assert far[0][0] is Use.COMING
    assert far[0][1] == pytest.approx(way, rel=1e-3)
    assert far[1:] == [*trip, (Use.IDLE, 12.0), *trip[:3]]
    assert near == [(Use.WAITING_EMPTY, far[0][1]), *trip, *trip, *trip[:3]]
    assert [lift.assets for lift in run.outcome.lifts] == [(1, 0), (1,), (0, 1)]


GAUGES = """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  narrow: {from_node: a, to_node: m, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0, gauge_mm: 1435}
  broad: {from_node: m, to_node: b, mode: rail, tracks: 2, travel_hours: 20, headway_hours: 0, gauge_mm: 1520}
facilities:
  ramp-a: {place: a, kind: rail_terminal, servers_typical: 9, handling_hours: 1}
  change: {place: m, kind: gauge_change, servers_typical: 9, handling_hours: 3}
  ramp-b: {place: b, kind: rail_terminal, servers_typical: 9, handling_hours: 1}
fleets:
  n: {kind: train, pool: narrow, carries: wheeled, count_typical: 2, capacity: 1, home_node: a, gauge_mm: 1435}
  w: {kind: train, pool: broad, carries: wheeled, count_typical: 1, capacity: 1, home_node: m, gauge_mm: 1520}
units:
  u: {home_node: a, assembly_node: b, wheeled: 2}
"""


def test_two_trains_hold_one_load_at_a_change_of_gauge() -> None:
    """Both are in at 11; the one broad set takes the first over till 14, is back at 55, takes the second till 58.

    The second narrow set stands loaded from 11 to 55. The second load is in at 58 + 20 + 1 = 79.
    """
    found = of(simulate(tiny(GAUGES, BARE), 1))
    check(found)
    out = [(Use.LOADING, 1.0), (Use.MOVING_LOADED, 10.0)]
    assert life(found, "narrow", 0) == [*out, (Use.HANDLING, 3.0), (Use.EMPTY_RUN, 10.0), (Use.IDLE, 55.0)]
    assert life(found, "narrow", 1) == [
        *out,
        (Use.WAITING_LOADED, 44.0),
        (Use.HANDLING, 3.0),
        (Use.EMPTY_RUN, 10.0),
        (Use.IDLE, 11.0),
    ]
    over = [(Use.LOADING, 3.0), (Use.MOVING_LOADED, 20.0), (Use.HANDLING, 1.0)]
    assert life(found, "broad", 0) == [(Use.IDLE, 11.0), *over, (Use.EMPTY_RUN, 20.0), *over]


def test_broken_engines_are_those_of_the_machine_repair_model() -> None:
    """V10: five machines, two fitters, each up 720 h and repaired in 72 h on average; births and deaths in closed form.

    Ten years in each of six runs are about 3,300 failures: the share has a standard error near 2 %, 4 of them allowed.
    """
    weight = [1.0]
    for down in range(1, 6):
        weight.append(weight[-1] * (5 - down + 1) / 720 * 72 / min(down, 2))
    expected = sum(number * value for number, value in enumerate(weight)) / sum(weight) / 5
    plan = compile_plan(load(VERIFICATION / "v10-workshop.yaml"))
    shares = []
    for seed in range(1, 7):
        found = fleets(simulate_plan(plan, seed), plan.horizon_h)
        check(found)
        shares.append(found.shares()["engines"][Use.BROKEN])
    assert np.mean(shares) == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize("path", MICRO, ids=lambda path: path.stem)
def test_uses_sum_to_the_window_in_every_small_scenario(path: Path) -> None:
    run = simulate(load(path), 1)
    check(of(run))
    check(of(run, run.plan.horizon_h))


@pytest.mark.parametrize("horizon", [3.0, 5.5, 9.0, 14.0, 20.0, 120.0])
def test_uses_sum_to_the_window_wherever_the_horizon_cuts(horizon: float) -> None:
    # A horizon counts to the end of its day: C+2 ends at hour 72.
    run = simulate(load("corridor-mini", {"question": {"horizon_days": horizon - 1}}), 3)
    assert any(lift.freed < 0 for lift in run.outcome.lifts) == (horizon in (3.0, 5.5, 9.0, 14.0, 20.0))
    check(of(run))
    check(of(run, run.plan.horizon_h))
    check(of(run, run.plan.horizon_h / 3))


def idle_by_the_books(
    scenario_seed: tuple[Scenario, int], monkeypatch: pytest.MonkeyPatch, until: float
) -> list[np.ndarray]:
    """Hours that each asset of each pool stood in its pool, by the pools' own books: what they pick, take and add."""
    scenario, seed = scenario_seed
    books: dict[int, list[tuple[float, int, int]]] = {}
    order: list[int] = []
    made, pick, add, withdraw = LiftPool.__init__, LiftPool._pick, LiftPool.add, LiftPool.withdraw

    def new(self, *arguments):
        made(self, *arguments)
        books[id(self)] = []
        order.append(id(self))
        kept.append(self)

    def note(self, *arguments):
        chosen = pick(self, *arguments)
        books[id(self)] += [(self.env.now, asset, -1) for asset in chosen]
        return chosen

    def back(self, asset, movement):
        if asset not in self._wanted:
            books[id(self)].append((self.env.now, asset, +1))
        add(self, asset, movement)

    def out(self, asset):
        event = withdraw(self, asset)
        if event is None:
            books[id(self)].append((self.env.now, asset, -1))
        return event

    kept: list[LiftPool] = []
    monkeypatch.setattr(LiftPool, "__init__", new)
    monkeypatch.setattr(LiftPool, "_pick", note)
    monkeypatch.setattr(LiftPool, "add", back)
    monkeypatch.setattr(LiftPool, "withdraw", out)
    plan = compile_plan(scenario)
    call_hours(plan, simulate_plan)  # a run of its own, once
    for book in (kept, order):
        book.clear()
    books.clear()
    simulate_plan(plan, seed)
    idle = []
    for pool, number in zip(plan.pools, order, strict=True):
        total = np.zeros(len(pool.assets))
        since = [-1.0] * len(pool.assets)
        for hour, asset, what in books[number]:
            if what > 0:
                since[asset] = hour
            else:
                total[asset] += max(0.0, min(hour, until) - min(since[asset], until))
                since[asset] = -1.0
        total += [max(0.0, until - hour) if hour >= 0 else 0.0 for hour in since]
        idle.append(total)
    return idle


@pytest.mark.parametrize("name", ["corridor-mini", "v10-workshop", "sustainment", "v25-rail-sets"])
def test_each_asset_is_idle_when_the_pools_own_books_say_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load(name if name == "corridor-mini" else VERIFICATION / f"{name}.yaml")
    run = simulate(scenario, 5)
    found = of(run, run.plan.horizon_h)
    books = idle_by_the_books((scenario, 5), monkeypatch, run.plan.horizon_h)
    first = first_assets(run.plan).tolist()
    for number, idle in enumerate(books):
        mine = found.hours[first[number] : first[number + 1], Use.IDLE]
        assert mine == pytest.approx(idle, abs=1e-6), run.plan.pools[number].name


@pytest.mark.slow
def test_uses_sum_to_the_window_on_random_networks() -> None:
    for number in range(80):
        _, plan, outcome, _ = random_case(number)
        check(fleets(outcome))
        check(fleets(outcome, plan.horizon_h))


def test_absent_ships_and_those_that_come_later() -> None:
    scenario = load(
        "corridor-mini",
        {"fleets": {"ro-ro": {"count_typical": 20, "available_typical_day": 3, "activation_typical": 0.5}}},
    )
    run = simulate(scenario, 4)
    found = of(run, 240.0)
    number = next(n for n, pool in enumerate(run.plan.pools) if pool.name == "ro-ro")
    lost = len(run.outcome.absent[number])
    assert 0 < lost < 20
    assert len(run.outcome.absent[number]) == lost
    assert hours(found, "ro-ro")[Use.ABSENT] == pytest.approx(240.0 * lost)
    assert hours(found, "ro-ro")[Use.NOT_YET_AVAILABLE] == pytest.approx(72.0 * (20 - lost))
    assert found.daily()["ro-ro"][:3, [Use.ABSENT, Use.NOT_YET_AVAILABLE]].sum(axis=1) == pytest.approx(np.ones(3))


def test_a_missing_row_and_a_wrong_asset_are_noticed() -> None:
    run = simulate("corridor-mini", 1)
    table = run.outcome
    clean = of(run)
    travel = np.flatnonzero((table["kind"] == Kind.TRAVEL) & (table["asset"] >= 0) & (table["ended"] < clean.until_h))
    columns = dict(table.columns)
    columns["started"] = columns["started"].copy()
    columns["started"][travel[0]] = columns["ended"][travel[0]] - 0.5
    late = fleets(replace(run.outcome, columns=columns))
    assert late.largest_error <= EXACT, "the hours are counted as waiting, none is lost"
    columns["requested"] = columns["requested"].copy()
    columns["requested"][travel[0]] = columns["started"][travel[0]]
    hole = float(columns["started"][travel[0]] - table["requested"][travel[0]])
    broken = fleets(replace(run.outcome, columns=columns))
    assert broken.largest_error == pytest.approx(hole)
    # Two loads at the same time cannot have the same asset.
    lifts = list(run.outcome.lifts)
    pool = next(lift.pool for lift in lifts if sum(h.pool == lift.pool for h in lifts) > 2)
    lifts = [lift._replace(assets=(0,)) if lift.pool == pool else lift for lift in lifts]
    assert fleets(replace(run.outcome, lifts=tuple(lifts))).largest_error > 1.0


def test_lifts_of_another_run_and_windows_beyond_the_horizon_are_refused() -> None:
    run = simulate("corridor-mini", 1)
    shifted = tuple(lift._replace(taken=lift.taken + 1) for lift in run.outcome.lifts)
    with pytest.raises(ValueError, match=r"belongs to another|no chain of movements"):
        fleets(replace(run.outcome, lifts=shifted))
    with pytest.raises(ValueError, match="not within the horizon"):
        of(run, run.plan.horizon_h + 1)
    with pytest.raises(KeyError, match="no asset 999"):
        of(run).of("air", 999)


def test_every_lift_row_has_one_hold_and_the_table_is_tidy() -> None:
    run = simulate("corridor-mini", 2)
    table = run.outcome
    rows = np.flatnonzero((table["kind"] == Kind.LIFT) & ~np.isnan(table["started"]))
    assert sorted(lift.taken for lift in run.outcome.lifts) == rows.tolist()
    for lift in run.outcome.lifts:
        assert table["asset"][lift.taken] == lift.assets[0]
        assert table["resource"][lift.taken] == lift.pool
        assert len(set(lift.assets)) == len(lift.assets)
    frame = of(run).table("fleet")
    assert list(frame.columns) == ["fleet", "use", "asset_hours", "share"]
    assert frame.groupby("fleet")["share"].sum().to_numpy() == pytest.approx(np.ones(frame["fleet"].nunique()))


@pytest.mark.slow
def test_uses_sum_to_the_window_in_the_full_scenario(eastern_run: Run) -> None:
    check(of(eastern_run))
    check(of(eastern_run, eastern_run.plan.horizon_h))


def test_a_train_that_stays_away_is_not_available_while_it_stands() -> None:
    """Out at 0 and 6 h for 3 h and back, away from 7 to 20 h: it stands from 12 h, is out at 20 and 26, back at 32.

    A second one comes on C+1 and is away from 8 to 30 h: it is out at 30 h and back at 36.
    """
    run = simulate(tiny("""
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 3, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
  ramp-b: {place: b, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
fleets:
  one: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a,
        closures: [{from_hour: 7, to_hour: 20}]}
  two: {kind: train, pool: q, carries: heavy, count_typical: 1, capacity: 1, home_node: a, available_typical_day: 1,
        closures: [{from_hour: 8, to_hour: 30}]}
units:
  u: {home_node: a, assembly_node: b, wheeled: 4, heavy: 1}
""", BARE), 1)  # fmt: skip
    ledger = fleets(run.outcome, until_h=40.0)
    one, two = (ledger.totals("fleet")[name] for name in ("one", "two"))
    assert (one[Use.NOT_YET_AVAILABLE], one[Use.IDLE]) == (20 - 12, 40 - 32)
    assert (two[Use.NOT_YET_AVAILABLE], two[Use.IDLE]) == (30, 40 - 36)
    assert one.sum() == two.sum() == 40
