"""What may leave a port or march off in a day: by hand, and what must not change it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from flanksim import loads
from flanksim.activities import Cause, Kind, Why
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.critical import by_cause, critical_path
from flanksim.movements import MovementLog
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from tests.conftest import BARE

Tables = dict[str, Any]
#: More than enough a day: shipped parameters hold where a scenario brings none, and state a pace for peace.
FREE = 1e6
#: 240 vehicles at a port: by road in columns of 60 and 4 h, or by rail in trains of 30 and 10 h.
PORT = (
    BARE
    + """
parameters:
  {close_share: 1, travel_factor_road: 1, travel_factor_rail: 1, march_unit_gap_minutes: 0, march_serial_vehicles: 60,
   vehicles_per_train: 30, ramp_hours_per_train: 0, handling_factor: 1, coach_boarding_hours: 0,
   troops_per_coach_serial: 60}
regime: {traffic: peace}
nodes: {p: {kind: port}, q: {}, r: {kind: port}}
links:
  road: {from_node: p, to_node: q, mode: road, length_km: 100, speed_typical_kmh: 25}
  rail: {from_node: p, to_node: q, mode: rail, tracks: 2, length_km: 400, speed_typical_kmh: 40, headway_hours: 0}
  away: {from_node: r, to_node: q, mode: road, length_km: 100, speed_typical_kmh: 25}
facilities: {p: {place: p, kind: rail_terminal}, q: {place: q, kind: rail_terminal}}
fleets:
  flats: {kind: train, pool: flats, carries: [wheeled], count_typical: 9, capacity: 30, home_node: p}
  coaches:
    {kind: coach, pool: coaches, carries: [troops], count_typical: 9, capacity: 60, capacity_unit: troops, home_node: p}
units: {u: {home_node: p, assembly_node: q, wheeled: 240, modes: [road]}}
"""
)


def scenario(*changes: Tables) -> Scenario:
    """The move from the port with some rows changed."""
    stated: Tables = yaml.safe_load(PORT)
    for tables in changes:
        for table, rows in tables.items():
            known = stated.setdefault(table, {})
            for key, row in rows.items():
                known[key] = known[key] | row if isinstance(row, dict) and key in known else row
    return loads(yaml.safe_dump(stated))


def pace(clearance: float = FREE, permits: float = FREE) -> Tables:
    return {"parameters": {"port_clearance_per_day_peace": clearance, "march_vehicles_per_day_peace": permits}}


def unit(wheeled: int, home: str = "p") -> Tables:
    return {"home_node": home, "assembly_node": "q", "wheeled": wheeled, "modes": ["road"]}


def log_of(found: Scenario) -> MovementLog:
    return simulate_plan(compile_plan(found), 1)


def closed(*changes: Tables) -> float:
    return float(max(log_of(scenario(*changes)).closed_h))


@pytest.mark.parametrize(
    ("mode", "clearance", "permits", "days"),
    [
        ("road", 80, FREE, 3),
        ("rail", 80, FREE, 3),
        ("road", FREE, 100, 2.4),
        ("rail", FREE, 100, 0),  # permits hold columns, not trains
        ("road", 80, 100, 3 + 60 / 100),  # the last column waits for the port, then for its permit
        ("road", FREE, FREE, 0),
    ],
)
def test_the_last_leaves_when_all_before_it_have(mode: str, clearance: float, permits: float, days: float) -> None:
    by = {"units": {"u": {"modes": [mode]}}}
    assert closed(by, pace(clearance, permits)) == pytest.approx(closed(by, pace()) + 24 * days, abs=0.2)


def test_the_pace_is_of_the_place_however_units_are_cut() -> None:
    whole = closed(pace(80))
    assert closed(pace(80), {"units": {name: unit(60) for name in "uvwx"}}) == pytest.approx(whole, abs=0.2)
    halves = {"units": {"u": unit(120), "v": unit(120, "r")}}
    assert closed(pace(80), halves) == pytest.approx(whole - 36, abs=0.2), "each port has its own"


@pytest.mark.parametrize(
    "other",
    [
        {"nodes": {"p": {"kind": "home"}}},  # no port
        {"regime": {"traffic": "crisis"}},  # stated for peace alone
        {"mechanisms": {"handling": False}},
        {"units": {"u": {"wheeled": 0, "troops": 240}}},  # soldiers are not held
    ],
)
def test_what_the_pace_of_a_port_does_not_hold(other: Tables) -> None:
    assert closed(pace(80), other) == pytest.approx(closed(pace(), other), abs=0.1)


def test_a_pace_that_is_not_of_this_regime_leaves_the_plan_as_it_was() -> None:
    crisis: Tables = {"regime": {"traffic": "crisis"}}
    plan, other = (compile_plan(scenario(crisis, stated)) for stated in ({}, pace(1, 1)))
    assert not [server for server in plan.servers if server.kind in ("clearance", "road_permits")]
    assert (plan.servers, plan.programs) == (other.servers, other.programs)


def test_the_wait_is_blamed_on_the_pace() -> None:
    log = log_of(scenario(pace(80)))
    rows = log["kind"] == Kind.PACE
    assert float((log["ended"] - log["started"])[rows].sum()) == pytest.approx(72, abs=0.1)
    spent = by_cause(critical_path(log, 0))
    assert spent[Cause(Why.PACE)] == pytest.approx(18, abs=0.1)
    assert spent[Cause(Why.QUEUE, "clearance:p")] == pytest.approx(54, abs=0.1)
