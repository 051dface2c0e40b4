"""Cases of the verification suite with exact answers that were not computed by flanksim."""

from __future__ import annotations

import math

import numpy as np
import pytest

from flanksim.engine.simulate import simulate_plan
from flanksim.planning.compile import compile_plan
from flanksim.study.run import simulate
from tests.conftest import BARE, closure_hour, line, moves, tiny

EXACT = 1e-9

GATE = """
parameters: {{march_serial_vehicles: 1, close_share: 1}}
links:
  way: {{from_node: a, to_node: b, mode: road, travel_hours: 0, closures: {closures}}}
facilities:
  desk: {{place: way, kind: border_road, servers_typical: 1, handling_hours: {service}}}
nodes: {{a: {{country: DEU}}, b: {{country: POL}}}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: {count}, release_interval_hours: {gaps}}}
"""
DESK = BARE.replace("borders: false", "lift: false")


def desk(count: int, gaps: object, service: object) -> list[tuple[float, float, float, float]]:
    """One clerk on a road: times of each service."""
    text = GATE.format(count=count, gaps=gaps, service=service, closures="[]")
    return moves(simulate(tiny(text, DESK), 1), "border")


def test_v01_trace_driven_single_server_queue() -> None:
    gaps = [0.4, 1.2, 0.5, 1.7, 0.2, 1.6, 0.2, 1.4, 1.9]
    services = [2.0, 0.7, 0.2, 1.1, 3.7, 0.6, 0.6, 0.6, 0.6]
    rows = desk(9, f"{{trace: {gaps}}}", f"{{trace: {services}}}")
    stop = rows[5][1]
    assert stop == pytest.approx(8.6, abs=EXACT)
    delays = [started - requested for requested, started, _, _ in rows[:6]]
    assert np.mean(delays) == pytest.approx(0.95, abs=EXACT)
    queue = sum(max(0.0, min(started, stop) - requested) for requested, started, _, _ in rows if requested < stop)
    assert queue / stop == pytest.approx(9.9 / 8.6, abs=EXACT)
    busy = sum(min(ended, stop) - started for _, started, _, ended in rows if started < stop)
    assert busy / stop == pytest.approx(7.7 / 8.6, abs=EXACT)


def test_v02_overloaded_gate_follows_lindley() -> None:
    rows = desk(10, "{trace: [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]}", 1.5)
    waits = [started - requested for requested, started, _, _ in rows]
    assert waits == pytest.approx([(k - 1) / 2 for k in range(1, 11)], abs=EXACT)
    assert sum(waits) == pytest.approx(22.5, abs=EXACT)
    assert rows[-1][3] == pytest.approx(15.0, abs=EXACT)


def test_v13_flow_line_of_20_trains() -> None:
    scenario = tiny(
        """
parameters: {vehicles_per_train: 1, close_share: 1}
nodes: {a: {country: DEU}, b: {country: POL}}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 0, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, servers_typical: 1, handling_hours: 1}
  border: {place: line, kind: border_rail, servers_typical: 1, handling_hours: 3}
  ramp-b: {place: b, kind: rail_terminal, servers_typical: 1, handling_hours: 2}
fleets:
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 20, capacity: 1, home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 20}
""",
        BARE.replace(", borders: false", ""),
    )
    assert closure_hour(scenario) == pytest.approx(63.0, abs=EXACT)


def test_v21_last_train_of_ten() -> None:
    hour = closure_hour(line(10))
    assert hour == pytest.approx(6.25, abs=EXACT)
    assert hour not in (4.0, 40.0), "4 h: capacity does not bind; 40 h: the line is held for the whole run"


def test_v22_two_lines_in_series() -> None:
    scenario = tiny("""
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  one: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 4, headway_hours: 0.25}
  two: {from_node: b, to_node: c, mode: rail, tracks: 2, travel_hours: 2, headway_hours: 0.5}
units:
  u: {home_node: a, assembly_node: c, wheeled: 10}
""")
    assert closure_hour(scenario) == pytest.approx(10.5, abs=EXACT)


SEALIFT = """
parameters: {{lane_m_per_vehicle: 1, close_share: 1}}
links:
  crossing: {{from_node: a, to_node: b, mode: sea, travel_hours: 240}}
facilities:
  berth-a: {{place: a, kind: berth, servers_typical: {load}, handling_typical_hours: 24}}
  berth-b: {{place: b, kind: berth, servers_typical: {unload}, handling_typical_hours: 24}}
fleets:
  ships: {{kind: ship, pool: ships, carries: wheeled, count_typical: {ships}, capacity: 1, capacity_unit: lane_m,
           home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 15}}
"""


def test_v24_cyclic_sealift() -> None:
    run = simulate(tiny(SEALIFT.format(load=15, unload=15, ships=6), BARE), 1)
    landed = sorted(ended for *_, ended in moves(run, "unload"))
    assert landed == pytest.approx([288.0] * 6 + [816.0] * 6 + [1344.0] * 3, abs=EXACT)
    assert run.closures["all"].hour == pytest.approx(1344.0, abs=EXACT)


def test_v24_berths_and_infinite_fleet() -> None:
    assert closure_hour(tiny(SEALIFT.format(load=2, unload=1, ships=6), BARE)) == pytest.approx(1392.0, abs=EXACT)
    endless = BARE.replace("borders: false", "lift: false")
    assert closure_hour(tiny(SEALIFT.format(load=15, unload=15, ships=1), endless)) == pytest.approx(288.0, abs=EXACT)


@pytest.mark.parametrize(("sets", "hours"), [(1, 550), (3, 190), (5, 118), (6, 106), (7, 94), (8, 94), (20, 94)])
def test_v25_rail_sets_saturate_at_seven(sets: int, hours: float) -> None:
    scenario = tiny(
        f"""
parameters: {{vehicles_per_train: 1, close_share: 1}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0}}
facilities:
  ramp-a: {{place: a, kind: rail_terminal, servers_typical: 1, handling_typical_hours: 4}}
  ramp-b: {{place: b, kind: rail_terminal, servers_typical: 1, handling_typical_hours: 4}}
fleets:
  sets: {{kind: train, pool: sets, carries: wheeled, count_typical: {sets}, capacity: 1, home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 20}}
""",
        BARE,
    )
    assert closure_hour(scenario) == pytest.approx(hours, abs=EXACT)


def test_v33_marry_up_is_the_maximum_of_two_random_times() -> None:
    """Troops Exp(2 d), kit Exp(3 d): the mean of the maximum is 3.8 d, not 3."""
    text = """
parameters: {troops_per_coach_serial: 1, march_serial_vehicles: 1, close_share: 1, ready_delay_days: 0}
nodes: {a: {}, b: {}, c: {}}
links:
  troops: {from_node: a, to_node: b, mode: road, travel_hours: {exponential: 48}, max_mlc: 25}
  kit: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: {exponential: 72}, headway_hours: 0}
units:
  u: {home_node: a, assembly_node: b, troops: 1, wheeled: 1, heaviest_mlc: 30}
"""
    scenario = tiny(text, OPEN_WITH_CHANCE)
    plan = compile_plan(scenario)
    days = np.array([simulate_plan(plan, seed).closed_h[0] for seed in range(4000)]) / 24.0
    theory = 2 + 3 - 1 / (1 / 2 + 1 / 3)
    half = 3.2905 * days.std(ddof=1) / math.sqrt(len(days))  # t(0.9995, R-1) for R = 4000
    assert half <= 0.06 * theory
    assert abs(days.mean() - theory) <= half


OPEN_WITH_CHANCE = BARE.replace("borders: false", "borders: false, handling: false, lift: false").replace(
    "chance: false", "chance: true"
)


def test_v39_zero_load_is_the_sum_of_legs_and_handling() -> None:
    scenario = tiny(
        """
parameters: {vehicles_per_train: 60, march_serial_vehicles: 60, close_share: 1, lane_m_per_vehicle: 1}
links:
  one: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 7.25, headway_hours: 0.3}
  two: {from_node: b, to_node: c, mode: sea, travel_hours: 31.5}
  three: {from_node: c, to_node: d, mode: rail, tracks: 1, travel_hours: 5.125, headway_hours: 2}
facilities:
  ramp-a: {place: a, kind: rail_terminal, servers_typical: 1, handling_hours: 1.5}
  ramp-b: {place: b, kind: rail_terminal, servers_typical: 1, handling_hours: 2.5}
  berth-b: {place: b, kind: berth, servers_typical: 1, handling_hours: 10}
  berth-c: {place: c, kind: berth, servers_typical: 1, handling_hours: 8}
  ramp-c: {place: c, kind: rail_terminal, servers_typical: 1, handling_hours: 3}
  ramp-d: {place: d, kind: rail_terminal, servers_typical: 1, handling_hours: 4}
fleets:
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 1, capacity: 60, home_node: a}
  ship: {kind: ship, pool: ship, carries: wheeled, count_typical: 1, capacity: 60, capacity_unit: lane_m, home_node: b}
  far: {kind: train, pool: sets, carries: wheeled, count_typical: 1, capacity: 60, home_node: c}
units:
  u: {home_node: a, assembly_node: d, wheeled: 60}
""",
        BARE,
    )
    assert closure_hour(scenario) == pytest.approx(1.5 + 7.25 + 2.5 + 10 + 31.5 + 8 + 3 + 5.125 + 4, abs=EXACT)


def test_v40_without_capacities_closure_is_release_plus_path() -> None:
    scenario = tiny(
        """
parameters: {vehicles_per_train: 1, close_share: 1}
mechanisms: {gates: false, servers: false}
links:
  one: {from_node: a, to_node: b, mode: rail, tracks: 1, travel_hours: 9, headway_hours: 5}
  two: {from_node: c, to_node: b, mode: rail, tracks: 1, travel_hours: 50, headway_hours: 5}
units:
  near: {home_node: a, assembly_node: b, wheeled: 40, ready_day: 3}
  far: {home_node: c, assembly_node: b, wheeled: 40, ready_day: 1}
""".replace("mechanisms: {gates: false, servers: false}\n", ""),
        OPEN_NO_GATES,
    )
    assert closure_hour(scenario) == pytest.approx(max(3 * 24 + 9, 1 * 24 + 50), abs=EXACT)


OPEN_NO_GATES = BARE.replace("borders: false", "borders: false, handling: false, lift: false, gates: false")
