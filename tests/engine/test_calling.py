"""Ships called forward: closed forms on one ship, and what calling must not change."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flanksim.activities import Kind
from flanksim.engine.calling import call_hours
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.ledger import ledger
from flanksim.movements import MovementLog
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario import loads

Tables = dict[str, Any]
#: Hours: an empty run of 40 (by the links: the places have no positions), a march of 100, loading, a passage of 50.
RUN_H, MARCH_H = 40.0, 100.0


def tables(lead_days: float, **units: Tables) -> Tables:
    """Vehicles march to port p, sail to q; the ship lies at h."""
    sea = {"mode": "sea", "headway_hours": 0}
    return {
        "flanksim": 1,
        "name": "called",
        "question": {"horizon_days": 200},
        "mechanisms": {"chance": False, "permissions": False, "civil_traffic": False, "march_rest": False,
                       "gates": False},
        "parameters": {
            "close_share": 1,
            "lane_m_per_vehicle": 1,
            "ship_call_lead_days": lead_days,
            "integration_days": 0,
            "ready_delay_days": 0,
            "ship_sharing_days": 0,
        },
        "nodes": {place: {} for place in "aphq"},
        "links": {
            "road": {"from_node": "a", "to_node": "p", "mode": "road", "travel_hours": MARCH_H, "max_mlc": 90},
            "lane": {"from_node": "p", "to_node": "q", "travel_hours": 50, **sea},
            "home": {"from_node": "h", "to_node": "p", "travel_hours": RUN_H, **sea},
        },
        "facilities": {
            f"berth-{place}": {"place": place, "kind": "berth", "servers_typical": 1, "handling_hours": 10}
            for place in "pq"
        },
        "fleets": {
            "ships": {"kind": "ship", "pool": "ships", "carries": "wheeled", "capacity": 60, "home_node": "h",
                      "capacity_unit": "lane_m", "count_typical": 1, "speed_kmh": 40}
        },
        "units": units or {"u1": unit()},
    }  # fmt: skip


def unit(**more: Any) -> Tables:
    return {"home_node": "a", "assembly_node": "q", "wheeled": 50, "heaviest_mlc": 30, "ready_day": 0} | more


def planned(rows: Tables) -> Plan:
    return compile_plan(loads(json.dumps(rows)))


def closed(rows: Tables) -> tuple[float, ...]:
    return simulate_plan(planned(rows), 1).closed_h


@pytest.mark.parametrize("lead_days", [0.5, 1.0, 40.0 / 24.0, 3.0, 30.0])
def test_closure_is_earlier_by_the_lesser_of_lead_and_empty_run(lead_days: float) -> None:
    (before,), (after,) = closed(tables(0)), closed(tables(lead_days))
    assert before - after == pytest.approx(min(24.0 * lead_days, RUN_H))


def test_the_ship_waits_off_the_berth_and_the_load_has_its_own_hours() -> None:
    """Called 72 h before 100 h, it is there at 68 h, waits for 32 h and holds no berth; the load waits for nobody."""
    log = simulate_plan(planned(tables(3)), 1)
    (ship,) = [serial.number for serial in log.plan.serials if serial.stage == 1]
    rows = log.chain(ship).tolist()
    assert [Kind(kind) for kind in log["kind"][rows][:3].tolist()] == [Kind.LIFT, Kind.SHIP_LOAD, Kind.LOAD]
    complete = log.complete_h[ship]
    call, wait, load = rows[:3]
    assert log["requested"][call] == pytest.approx(complete - 72.0)
    assert log["requested"][wait] == pytest.approx(complete - 72.0 + RUN_H)
    assert log["started"][wait] == pytest.approx(complete)
    assert log["requested"][load] == pytest.approx(complete)
    assert log["serial"][log["granted_by"][wait]] != ship, "the last part let it load"
    doing = ledger(log).totals("state")
    assert not any("lift" in str(key) for key, hours in doing.items() if hours > 1e-9)


def test_a_ship_that_comes_back_is_called_again() -> None:
    """Two loads, one ship: the second is called while the ship is away and served when it is back; it is never in two
    places, for its turns do not overlap."""
    rows = tables(30, u1=unit(wheeled=60), u2=unit(wheeled=60, ready_day=1))
    log = simulate_plan(planned(rows), 1)
    first, second = sorted(log.lifts, key=lambda lift: float(log["started"][lift.taken]))
    assert log["started"][second.taken] >= log["ended"][first.freed] - 1e-9
    assert not any(math.isnan(hour) for hour in log.closed_h)


def test_nobody_waits_for_ever_unseen_if_no_ship_turns_up() -> None:
    rows = tables(3)
    rows["fleets"]["ships"]["activation_typical"] = 0.01
    rows["mechanisms"]["chance"] = True
    log = simulate_plan(planned(rows), 3)
    assert log.absent == ((0,),)
    assert math.isnan(log.closed_h[0])
    ship = next(serial.number for serial in log.plan.serials if serial.stage == 1)
    assert math.isfinite(log.complete_h[ship])
    assert ledger(log).largest_error < 1e-6


def test_without_lift_nobody_is_called() -> None:
    rows = tables(3)
    rows["mechanisms"]["lift"] = False
    plan = planned(rows)
    assert call_hours(plan, simulate_plan) == {}
    assert simulate_plan(plan, 1).digest() == simulate_plan(replace(plan, call_lead_h=0.0), 1).digest()


def test_expected_hours_are_found_once_and_without_chance() -> None:
    plan = planned(tables(3))
    played: list[bool] = []

    def play(entry: Plan, seed: int) -> MovementLog:
        played.append(entry.chance)
        return simulate_plan(entry, seed)

    chancy = replace(plan, chance=True)
    assert call_hours(chancy, play) == call_hours(chancy, play)
    assert played == [False]


def _two_units(rows: Tables) -> Tables:
    """The unit as two halves."""
    changed = deepcopy(rows)
    changed["units"] = {"u1": unit(wheeled=25), "u2": unit(wheeled=25)}
    return changed


def _two_rows(rows: Tables) -> Tables:
    changed = deepcopy(rows)
    one = changed["fleets"]["ships"]
    changed["fleets"] = {"ships": {**one, "count_typical": 1}, "more": {**one, "count_typical": 1}}
    return changed


def test_what_is_no_change_changes_nothing() -> None:
    rows = tables(3)
    assert max(closed(_two_units(rows))) == pytest.approx(max(closed(rows)))
    rows["fleets"]["ships"]["count_typical"] = 2
    assert closed(_two_rows(rows)) == closed(rows)
    rows["units"] = {"u1": unit(wheeled=60), "u2": unit(wheeled=60, ready_day=2), "u3": unit(wheeled=60, ready_day=3)}
    turned = deepcopy(rows)
    for table in ("units", "nodes", "links", "facilities"):
        turned[table] = dict(reversed(turned[table].items()))
    assert closed(turned) == closed(rows)


def test_ledgers_add_up_where_ships_are_called() -> None:
    from flanksim.measure.fleets import fleets

    for horizon in (3.0, 5.0, 200.0):
        rows = tables(3, u1=unit(wheeled=60), u2=unit(wheeled=60, ready_day=1))
        rows["question"]["horizon_days"] = horizon
        log = simulate_plan(planned(rows), 1)
        assert ledger(log).largest_error < 1e-6
        assert fleets(log).largest_error < 1e-6
        assert np.all(np.array(log.complete_h) >= 0.0)
