"""Vehicles and containers by air: by weight, counted, to and fro, where their type may; ships at their own speed."""

from __future__ import annotations

import pytest

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import force_hour, unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.volume import VolumeProgram
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.planning.steps import Take
from flanksim.scenario import Scenario
from flanksim.study.run import Run
from tests.conftest import BARE, tiny

#: No berths, so that a voyage is all.
SEA = BARE.replace("borders: false", "borders: false, handling: false")
#: 1,112 km of the equator at 400 km/h: 2.78 h; ground time 2 h at either end.
FLIGHT_H, GROUND_H = 1111.949 / 400.0, 2.0
AIR = """
parameters: {close_share: 1, flight_speed_kmh: 400, stand_hours_cargo_aircraft: 2, stand_hours_passenger_aircraft: 1}
nodes: {a: {lat: 0, lon: 0}, b: {lat: 0, lon: 10}}
links:
  road: {from_node: a, to_node: b, mode: road, travel_hours: 5000, headway_hours: 0}
facilities:
  a: {place: a, kind: stand, servers_typical: 9, runway_m: 3000}
  b: {place: b, kind: stand, servers_typical: 9, runway_m: 3000}
unit_types:
  light: {troops_typical: 0, wheeled_typical: 60, containers_typical: 40, tonnes_typical: 500, airlift: yes}
  heavier: {troops_typical: 0, wheeled_typical: 10, tonnes_typical: 50}
fleets:
  lift: {kind: aircraft, pool: lift, carries: wheeled;cargo, count_typical: COUNT, capacity: 41, capacity_unit: t,
         home_node: a}
units:
  u: {home_node: a, assembly_node: b, unit_type: light, wheeled: 24, containers: 0}
"""


def scenario(count: int = 1, text: str = AIR) -> Scenario:
    return tiny(text.replace("COUNT", str(count)), BARE)


def flights(plan: Plan) -> list[float]:
    pools = {number for number, pool in enumerate(plan.pools) if pool.kind == "aircraft"}
    return [
        serial.quantity
        for serial in plan.serials
        if any(isinstance(step, Take) and step.pool in pools for step in plan.programs[serial.program].steps)
    ]


def closed(found: Scenario) -> float:
    return simulate_plan(compile_plan(found), 1).closed_h[0]


def test_an_aircraft_takes_what_its_tonnes_allow() -> None:
    """500 t are 100 pieces of 5 t: eight of them make 40 of 41 t."""
    assert flights(compile_plan(scenario())) == [8.0, 8.0, 8.0]


def test_one_aircraft_flies_to_and_fro_and_three_fly_once() -> None:
    once = GROUND_H + FLIGHT_H + GROUND_H
    assert closed(scenario(3)) == pytest.approx(once, rel=1e-3)
    assert closed(scenario(1)) == pytest.approx(3 * once + 2 * FLIGHT_H, rel=1e-3)


def test_hours_a_day_limit_an_aircraft() -> None:
    """Six hours a day: a flight there and back of 5.56 h takes 22.2 h of the aircraft's time."""
    limited = scenario(1, AIR.replace("home_node: a}\nunits", "home_node: a, hours_per_day: 6}\nunits"))
    cycle = 2 * FLIGHT_H * 24 / 6
    assert closed(limited) == pytest.approx(2 * cycle + 2 * GROUND_H + FLIGHT_H, rel=1e-3)


def test_stands_limit_where_aircraft_do_not() -> None:
    """One stand at the far end: three aircraft unload one after the other."""
    one = AIR.replace("b: {place: b, kind: stand, servers_typical: 9", "b: {place: b, kind: stand, servers_typical: 1")
    assert closed(scenario(3, one)) == pytest.approx(GROUND_H + FLIGHT_H + 3 * GROUND_H, rel=1e-3)


def test_more_stands_or_aircraft_than_are_used_change_nothing() -> None:
    more = AIR.replace("servers_typical: 9", "servers_typical: 99")
    assert closed(scenario(3, more)) == closed(scenario(3)) == closed(scenario(30))


def test_who_may_not_fly_drives() -> None:
    heavier = AIR.replace("unit_type: light", "unit_type: heavier")
    assert flights(compile_plan(scenario(1, heavier))) == []
    assert (
        flights(compile_plan(scenario(1, heavier.replace("containers: 0}", "containers: 0, modes: air}")))) == [8.0] * 3
    )
    assert (
        flights(compile_plan(scenario(1, AIR.replace("containers: 0}", "containers: 0, forbidden_modes: air}")))) == []
    )


def test_an_aircraft_flies_no_further_than_its_range_and_needs_its_runway() -> None:
    for limit in ("range_km: 1000", "min_runway_m: 3500"):
        with pytest.raises(FlanksimError, match="E305"):
            compile_plan(scenario(1, AIR.replace("home_node: a}\nunits", f"home_node: a, {limit}}}\nunits")
                                  .replace("containers: 0}", "containers: 0, modes: air}")))  # fmt: skip
        assert (
            flights(compile_plan(scenario(1, AIR.replace("home_node: a}\nunits", f"home_node: a, {limit}}}\nunits"))))
            == []
        )


def test_the_road_is_on_offer_beside_the_air() -> None:
    """Two hundred loads, one aircraft and a road of a hundred hours: the road takes most."""
    text = AIR.replace("travel_hours: 5000", "travel_hours: 100").replace("wheeled: 24", "wheeled: 1600")
    text = text.replace("close_share: 1,", "close_share: 1, march_serial_vehicles: 50,")
    assert closed(scenario(1, text)) == pytest.approx(100.0, rel=0.02)


def test_no_schedule_beats_the_bound() -> None:
    for count in (1, 2, 3):
        found = scenario(count)
        plan = compile_plan(found)
        hour = simulate_plan(plan, 1).closed_h[0]
        network = FlowNetwork(Network(found), inputs_of(plan))
        assert force_hour(plan, unit_hours(network)) == pytest.approx(2 * GROUND_H + FLIGHT_H, rel=1e-3)
        assert VolumeProgram(network).solve().hour <= hour + 1e-6


def test_the_slower_of_ship_and_lane_sets_the_speed() -> None:
    """600 km: 30 h at the ship's 20 km/h, 20 h on a lane of 30, where the ship makes 40."""
    text = """
parameters: {close_share: 1, lane_m_per_vehicle: 1}
links:
  lane: {from_node: a, to_node: b, mode: sea, length_km: 600, speed_typical_kmh: 30}
fleets:
  ships: {kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 9, capacity_unit: lane_m, home_node: a,
          speed_kmh: SPEED}
units:
  u: {home_node: a, assembly_node: b, wheeled: 9}
"""
    for speed, hours in (("20", 30.0), ("40", 20.0), ("30", 20.0)):
        found = tiny(text.replace("SPEED", speed), SEA)
        assert closed(found) == pytest.approx(hours, abs=1e-2)
        plan = compile_plan(found)
        assert unit_hours(FlowNetwork(Network(found), inputs_of(plan)))[0] == pytest.approx(hours, abs=1e-2)
    stated = text.replace("length_km: 600, speed_typical_kmh: 30", "travel_hours: 7").replace("SPEED", "20")
    assert closed(tiny(stated, SEA)) == pytest.approx(7.0, abs=1e-2)


def test_ships_of_unequal_speed_are_queues_of_their_own() -> None:
    text = """
parameters: {close_share: 1, lane_m_per_vehicle: 1}
links:
  lane: {from_node: a, to_node: b, mode: sea, length_km: 600, speed_typical_kmh: 30}
fleets:
  slow: {kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 9, capacity_unit: lane_m, home_node: a,
         speed_kmh: 10}
  fast: {kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 9, capacity_unit: lane_m, home_node: a,
         speed_kmh: 30}
units:
  u: {home_node: a, assembly_node: b, wheeled: 18}
"""
    found = tiny(text, SEA)
    assert closed(found) == pytest.approx(60.0, abs=1e-2), "one ship to and fro, or the other once"
    assert len(lift_pools(Network(found))) == 2


@pytest.mark.slow
def test_shipped_light_units_fly_what_was_recorded(eastern_run: Run) -> None:
    """A light brigade in about 110 loads of a C-17, a Patriot battalion in about 73 (both derived from records)."""
    found, plan = eastern_run.scenario, eastern_run.plan
    load_t = found.fleets["c17_usa"].capacity
    for name, pieces, want in (("light_brigade", 1030, 110), ("air_defence", 300, 73)):
        kind = found.unit_types[name]
        assert kind.airlift
        each = int(load_t / (kind.tonnes_typical / pieces))
        assert pieces / each == pytest.approx(want, rel=0.12), name
    flown = {
        plan.units[serial.unit].unit_type
        for serial in plan.serials
        for step in plan.programs[serial.program].steps
        if serial.kind in ("wheeled", "heavy", "cargo", "supply")
        and isinstance(step, Take)
        and plan.pools[step.pool].kind == "aircraft"
    }
    assert flown == {"light_brigade", "air_defence"}
