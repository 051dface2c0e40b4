"""Mechanisms that a scenario can switch: outages with common causes, stocks, draught, runway, loading gauge."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from flanksim import FlanksimError, load
from flanksim.activities import Kind
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.critical import closing_unit, critical_path
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Serial
from flanksim.planning.steps import Travel
from flanksim.scenario.reading import shipped
from flanksim.study.run import simulate
from tests.conftest import BARE, OPEN, closure_hour, tiny

CHANCE = OPEN.replace("chance: false", "chance: true, outages: true")
TWO_LINES = """
parameters: {vehicles_per_train: 1, close_share: 1, ready_delay_days: 0}
nodes: {a: {country: DEU}, b: {country: DEU}, c: {country: POL}, d: {country: POL}}
links:
  one: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 1}
  two: {from_node: c, to_node: d, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 1}
outages:
  strike: {applies_to: rail, scope: SCOPE, rate_per_year: 40, repair_typical_hours: 30}
units:
  u: {home_node: a, assembly_node: b, wheeled: 300}
  w: {home_node: c, assembly_node: d, wheeled: 300}
"""


def outages(scope: str, seed: int = 1):  # type: ignore[no-untyped-def]
    plan = compile_plan(tiny(TWO_LINES.replace("SCOPE", scope), CHANCE))
    return plan, simulate_plan(plan, seed)


def test_nothing_enters_during_an_outage_and_the_path_blames_it() -> None:
    plan, outcome = outages("country")
    table = outcome
    shut = table["kind"] == Kind.OUTAGE
    assert shut.sum() > 3
    for start, end, group in zip(table["started"][shut], table["ended"][shut], table["resource"][shut], strict=True):
        for gate in plan.outages[group].gates:
            entered = table["started"][(table["kind"] == Kind.TRAVEL) & (table["resource"] == gate)]
            assert not ((entered > start + 1e-9) & (entered < end - 1e-9)).any()
    unit = closing_unit(outcome)
    assert unit is not None
    pieces = critical_path(outcome, unit)
    assert sum(piece.hours for piece in pieces) == pytest.approx(outcome.closed_h[unit], abs=1e-9)


def test_the_number_of_outages_follows_the_rate() -> None:
    """Poisson: 40 a year over the horizon of a year; mean over 60 runs within 3.3 standard errors."""
    counts = [int((outages("country", seed)[1]["kind"] == Kind.OUTAGE).sum()) / 2 for seed in range(60)]
    assert abs(np.mean(counts) - 40) < 3.3 * math.sqrt(40 / 120)


def test_a_common_cause_stops_a_country_together() -> None:
    plan, _ = outages("country")
    assert [group.name for group in plan.outages] == ["strike DEU", "strike POL"]
    alone, _ = outages("link")
    assert [group.name for group in alone.outages] == ["strike one", "strike two"]


def test_without_the_switch_nothing_happens() -> None:
    text = TWO_LINES.replace("SCOPE", "country")
    plan = compile_plan(tiny(text, CHANCE.replace(", outages: true", "")))
    assert plan.outages == ()
    assert closure_hour(tiny(text, OPEN)) == pytest.approx(300.0)


def test_an_outage_on_an_unused_line_changes_nothing(mini) -> None:  # type: ignore[no-untyped-def]
    row = {"applies_to": "ferry", "scope": "link", "rate_per_year": 50, "repair_typical_hours": 100}
    base = load("corridor-mini", {"mechanisms": {"outages": True}})
    more = load("corridor-mini", {"mechanisms": {"outages": True}, "outages": {"x": row}})
    for seed in range(3):
        assert simulate(base, seed).outcome.closed_h == simulate(more, seed).outcome.closed_h


def test_prepositioned_stocks_start_where_they_are() -> None:
    text = """
parameters: {march_serial_vehicles: 10, troops_per_coach_serial: 100, close_share: 1}
links:
  far: {from_node: home, to_node: depot, mode: road, travel_hours: 50}
  near: {from_node: depot, to_node: front, mode: road, travel_hours: 5}
  fly: {from_node: home, to_node: front, mode: road, travel_hours: 8, max_mlc: 25}
units:
  u: {home_node: home, assembly_node: front, troops: 100, wheeled: 10, heaviest_mlc: 30 STOCK}
"""
    assert closure_hour(tiny(text.replace("STOCK", ""))) == pytest.approx(55.0)
    assert closure_hour(tiny(text.replace("STOCK", ", stock_node: depot"))) == pytest.approx(8.0)


SHIPS = """
parameters: {lane_m_per_vehicle: 1, close_share: 1}
links:
  lane: {from_node: a, to_node: b, mode: sea, travel_hours: 10 LANE}
facilities:
  berth-a: {place: a, kind: berth, handling_hours: 1}
  berth-b: {place: b, kind: berth, handling_hours: 1 BERTH}
fleets:
  big: {kind: ship, pool: big, carries: wheeled, count_typical: 1, capacity: 9, capacity_unit: lane_m, home_node: a,
        draught_m: 11}
units:
  u: {home_node: a, assembly_node: b, wheeled: 9}
"""


@pytest.mark.parametrize(("lane", "berth"), [(", max_draught_m: 10", ""), ("", ", max_draught_m: 9")])
def test_a_ship_that_draws_too_much_cannot_sail(lane: str, berth: str) -> None:
    assert closure_hour(tiny(SHIPS.replace(" LANE", "").replace(" BERTH", ""), BARE)) == pytest.approx(12.0)
    with pytest.raises(FlanksimError, match="no fleet can carry it there"):
        simulate(tiny(SHIPS.replace(" LANE", lane).replace(" BERTH", berth), BARE), 1)


def test_loading_gauge_stops_a_wide_load() -> None:
    text = """
loading_gauges: [GA, GB, GC]
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 1, travel_hours: 4, headway_hours: 1, loading_gauge: GB}
unit_types:
  tanks: {troops_typical: 0, heavy_typical: 10, heaviest_mlc: 70, loading_gauge: GAUGE}
units:
  u: {home_node: a, assembly_node: b, unit_type: tanks, heavy: 10}
"""
    assert closure_hour(tiny(text.replace("GAUGE", "GA"))) == pytest.approx(4.0)
    with pytest.raises(FlanksimError, match="needs loading gauge GC, the line has GB"):
        simulate(tiny(text.replace("GAUGE", "GC")), 1)


@pytest.mark.slow
def test_mechanisms_off_give_free_flow_on_the_european_network() -> None:
    """V40 at full size: without capacities, papers and chance a unit is in at readiness plus its longest path."""
    off = "gates lift handling servers storage borders permissions chance activation integration march_rest".split()
    scenario = load("eastern-flank", {"mechanisms": dict.fromkeys(off, False), "routing": {"strategy": "shortest"}})
    plan = compile_plan(scenario)
    outcome = simulate_plan(plan, 1)
    longest = np.array([unit.ready_h for unit in plan.units])

    def running(serial: Serial) -> float:
        program = plan.programs[serial.program]
        typical = [plan.distributions[slot.distribution].typical for slot in program.slots]
        return sum(step.hours * typical[step.draw] for step in program.steps if isinstance(step, Travel))

    hours = {serial.number: running(serial) for serial in plan.serials}
    feeder: dict[int, list[int]] = {}
    for serial in plan.serials:
        for follower in serial.feeds:
            feeder.setdefault(follower, []).append(serial.number)

    def arrival(number: int) -> float:
        before = [arrival(feed) for feed in feeder.get(number, [])]
        start = max(before) if before else plan.units[plan.serials[number].unit].ready_h
        return start + hours[number]

    first = longest.copy()
    share = {}
    for serial in plan.serials:
        if serial.final:
            share.setdefault(serial.unit, []).append((arrival(serial.number), serial.kind, serial.quantity))
    for unit, rows in share.items():
        troops = max((hour for hour, kind, _ in rows if kind == "troops"), default=0.0)
        total, needed, vehicles = 0.0, plan.units[unit].vehicles_needed, 0.0
        for hour, kind, quantity in sorted(rows):
            if kind != "troops" and total < needed:
                total += quantity
                vehicles = hour
        first[unit] = max(troops, vehicles)
    late = [(u.unit_id, a, b) for u, a, b in zip(plan.units, outcome.closed_h, first, strict=True) if abs(a - b) > 1e-6]
    assert late == []


MICRO = shipped() / "verification"


def test_a_train_goes_round_a_line_that_is_shut_for_long() -> None:
    """Ready at hour 24, 8 + 9 h round: 41, as the plan knows; the second of two trains, 12 h later, finds it shut."""
    assert closure_hour(load(MICRO / "detour.yaml")) == 41.0
    assert closure_hour(load(MICRO / "detour.yaml", {"mechanisms": {"detours": False}})) == 110.0
    ramp = {
        "mechanisms": {"handling": True},
        "links": {"direct": {"closures": [{"from_hour": 40, "to_hour": 100}]}},
        "facilities": {
            "ramp-a": {"place": "a", "kind": "rail_terminal", "servers_typical": 1, "handling_hours": 12},
            "ramp-b": {"place": "b", "kind": "rail_terminal", "handling_hours": 0},
        },
        "units": {"u": {"wheeled": 2}},
    }
    assert closure_hour(load(MICRO / "detour.yaml", ramp)) == 24 + 24 + 17
    ramp["mechanisms"]["detours"] = False
    assert closure_hour(load(MICRO / "detour.yaml", ramp)) == 100 + 10


def test_a_train_waits_where_that_is_sooner() -> None:
    """Open again at hour 30: 30 + 10 = 40 is before 41."""
    soon = {"links": {"direct": {"closures": [{"from_hour": 5, "to_hour": 30}]}}}
    assert closure_hour(load(MICRO / "detour.yaml", soon)) == 40.0


def test_a_line_that_is_shut_is_waited_for_where_that_is_soonest() -> None:
    """Round by c, where the second line opens again at 60: 60 + 9 = 69; with a third line shut to the end, 110."""
    both = {"links": {"down": {"closures": [{"from_hour": 0, "to_hour": 60}]}}}
    assert closure_hour(load(MICRO / "detour.yaml", both)) == 69.0
    never = {"links": {"down": {"closures": [{"from_hour": 0, "to_hour": 1e5}]}}}
    assert closure_hour(load(MICRO / "detour.yaml", never)) == 110.0


def test_empties_go_round_as_well() -> None:
    """Two trains of one set, shut for the way back from hour 40 on: 24 + 10, back 9 + 8, again 8 + 9 at 51."""
    change = {
        "mechanisms": {"lift": True},
        "links": {"direct": {"closures": [{"from_hour": 30, "to_hour": 500}]}},
        "fleets": {"set": {"kind": "train", "pool": "set", "carries": "wheeled", "count_typical": 1, "capacity": 1,
                           "home_node": "a"}},
        "units": {"u": {"wheeled": 2}},
    }  # fmt: skip
    assert closure_hour(load(MICRO / "detour.yaml", change)) == 24 + 10 + 17 + 17


def test_closed_troops_take_train_paths_from_those_on_their_way() -> None:
    """Supply of u1 enters at 12 and holds the line for 30 h; u2, ready at 24, enters at 42 and is in at 62."""
    run = simulate(load(MICRO / "sustainment.yaml"), 1)
    assert run.outcome.closed_h == (12.0, 62.0)
    supply = run.movements[run.movements["element"] == "supply"]
    assert supply["requested"].min() == 12.0
    without = simulate(load(MICRO / "sustainment.yaml", {"mechanisms": {"sustainment": False}}), 1)
    assert without.outcome.closed_h == (12.0, 44.0)


def test_a_unit_that_closes_first_is_supplied_to_the_end_of_the_longest_run() -> None:
    """Closed at hour 12, twice a day to hour 72: at 12, 24, .. 72; and as long as the lead of calls further."""
    change = {
        "question": {"horizon_days": 2, "deadline_days": 1},
        "parameters": {"sustainment_interval_days": 0.5, "ship_call_lead_days": 3},
        "units": {"u2": {"ready_day": 3}},
    }
    plan = compile_plan(load(MICRO / "sustainment.yaml", change))
    log = simulate_plan(plan, 1)
    assert log.closed_h[0] == 12.0
    assert math.isnan(log.closed_h[1])
    supplied = log["requested"][log["serial"] == plan.supplies[0].rounds[0][0]]
    assert supplied.tolist() == [12.0, 24.0, 36.0, 48.0, 60.0, 72.0]
    simulate_plan(replace(plan, horizon_h=plan.horizon_h + 72), 1)


def test_a_delivery_is_what_the_troops_use() -> None:
    """480 x 0.05 t x 5 d / 12 t = 10 containers; twice the troops, twice the containers, in two trains of ten."""
    plan = compile_plan(load(MICRO / "sustainment.yaml"))
    assert [plan.serials[number].quantity for number in plan.supplies[0].rounds[0]] == [10.0]
    double = compile_plan(load(MICRO / "sustainment.yaml", {"units": {"u1": {"troops": 960}}}))
    assert [double.serials[number].quantity for number in double.supplies[0].rounds[0]] == [10.0, 10.0]


def test_supply_without_a_way_over_land_is_an_error_with_its_remedy() -> None:
    far = {
        "nodes": {"island": {}},
        "sustainment": {"supply_nodes": {"all": "island"}},
        "units": {"u1": {"nation": "all"}},
    }
    with pytest.raises(FlanksimError, match=r"(?s)E306.*no way over land for supply from island to b.*supply_nodes"):
        compile_plan(load(MICRO / "sustainment.yaml", far))
    with pytest.raises(FlanksimError, match="unknown node 'nowhere'"):
        load(MICRO / "sustainment.yaml", {"sustainment": {"supply_nodes": {"all": "nowhere"}}})


def test_weather_over_a_region_stops_its_countries_together() -> None:
    text = TWO_LINES.replace("SCOPE", "region").replace("country: DEU", "country: DEU, regional_plan: centre")
    plan = compile_plan(tiny(text.replace("country: POL", "country: POL, regional_plan: centre"), CHANCE))
    assert [len(group.gates) for group in plan.outages] == [2]
