"""Small deployments whose right answer is known by hand, for faults that once gave another one."""

from __future__ import annotations

import math
import statistics

import pytest

from flanksim.bounds.inputs import inputs_of
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.planning.rounding import rounded_servers, rounding_warnings
from flanksim.scenario import load
from flanksim.study.run import simulate
from tests.conftest import BARE, OPEN, closure_hour, tiny

ONE = "parameters: {vehicles_per_train: 1, march_serial_vehicles: 1, lane_m_per_vehicle: 1, close_share: 1}\n"
HANDLING = OPEN.replace("handling: false", "handling: true")
BORDERS = HANDLING.replace("borders: false", "borders: true")


def hours_of(text: str, head: str = BARE, seed: int = 1) -> dict[str, float]:
    """Hour at which each unit is closed."""
    plan = compile_plan(tiny(text, head))
    return dict(zip((unit.unit_id for unit in plan.units), simulate_plan(plan, seed).closed_h, strict=True))


# ---- lift ---------------------------------------------------------------------------------------------

SHIPS = """
links:
  crossing: {{from_node: a, to_node: b, mode: sea, travel_hours: 100}}
facilities:
  berth-a: {{place: a, kind: berth, handling_hours: 0}}
  berth-b: {{place: b, kind: berth, handling_hours: 0}}
fleets:
  {one}: {{kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 100, capacity_unit: lane_m,
          home_node: a}}
  {two}: {{kind: ship, pool: ships, carries: wheeled, count_typical: 1, capacity: 10, capacity_unit: lane_m,
          home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 200}}
"""


@pytest.mark.parametrize(("one", "two"), [("aa", "zz"), ("zz", "aa")])
def test_ships_of_a_pool_carry_their_own_load(one: str, two: str) -> None:
    """110 of 200 on the first sailing, 90 on the large ship's second, at 200 + 100 h."""
    assert hours_of(ONE + SHIPS.format(one=one, two=two)) == {"u": 300.0}


LINE = """
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, handling_hours: 0}
  ramp-b: {place: b, kind: rail_terminal, handling_hours: 0}
fleets:
  sets: {kind: train, pool: sets, carries: CARRIES, count_typical: 1, capacity: CAPACITY, home_node: a}
units:
  u: {home_node: a, assembly_node: b, ELEMENT: 30}
"""


@pytest.mark.parametrize(
    ("carries", "element", "capacity", "trips"),
    [
        ("wheeled", "wheeled", 10, 3),
        ("wheeled", "wheeled", 15, 2),
        ("wheeled", "wheeled", 30, 1),
        ("wheeled;cargo", "containers", 72, 1),  # 72 vehicles are 60 containers
        ("wheeled;cargo", "containers", 18, 2),  # 18 vehicles are 15
        ("heavy;wheeled", "wheeled", 10, 2),  # 10 tanks are 24 wheeled
    ],
)
def test_a_train_carries_what_its_fleet_says(carries: str, element: str, capacity: int, trips: int) -> None:
    text = LINE.replace("CARRIES", carries).replace("CAPACITY", str(capacity)).replace("ELEMENT", element)
    per_train = "{vehicles_per_train: 72, containers_per_train: 60, heavy_vehicles_per_train: 30, close_share: 1}"
    assert hours_of(f"parameters: {per_train}\n{text}") == {"u": 10.0 + 20.0 * (trips - 1)}


@pytest.mark.parametrize(("capacity", "flights"), [(100, 3), (150, 2), (300, 1)])
def test_an_aircraft_carries_what_its_fleet_says(capacity: int, flights: int) -> None:
    text = f"""
parameters: {{close_share: 1, troops_per_flight: 77, coach_boarding_hours: 0, flight_speed_kmh: 1000,
             travel_factor_air: 1}}
nodes: {{a: {{lat: 0, lon: 0}}, b: {{lat: 0, lon: 20}}}}
facilities:
  stand-a: {{place: a, kind: stand, handling_hours: 0}}
  stand-b: {{place: b, kind: stand, handling_hours: 0}}
fleets:
  aircraft: {{kind: aircraft, pool: air, carries: troops, count_typical: 1, capacity: {capacity},
             capacity_unit: troops, home_node: a, speed_kmh: 1000}}
units:
  u: {{home_node: a, assembly_node: b, troops: 300}}
"""
    way = 6371.0 * math.radians(20.0) / 1000.0
    assert hours_of(text)["u"] == pytest.approx(way * (2 * flights - 1))


def test_a_load_larger_than_all_transporters_travels_in_several_trips() -> None:
    text = """
parameters: {close_share: 1, vehicles_per_het_serial: 30, het_load_hours: 0, heavy_self_drive_km: 1}
links:
  road: {from_node: a, to_node: b, mode: road, travel_hours: 5, headway_hours: 0}
fleets:
  het: {kind: het, pool: het, carries: heavy, count_typical: 10, group_size: 10, capacity: 10, home_node: a}
units:
  u: {home_node: a, assembly_node: b, heavy: 30}
"""
    assert hours_of(text) == {"u": 25.0}


def test_assets_come_at_their_own_speed() -> None:
    """A degree of the equator away: one at 100 km/h, one at 50; each takes one serial."""
    text = """
parameters: {close_share: 1, vehicles_per_het_serial: 10, het_load_hours: 0, heavy_self_drive_km: 1}
nodes: {a: {lat: 0, lon: 0}, b: {lat: 0, lon: 1}, x: {lat: 0, lon: -1}}
links:
  road: {from_node: a, to_node: b, mode: road, travel_hours: 5, headway_hours: 0}
  depot: {from_node: x, to_node: a, mode: road, travel_hours: 5, headway_hours: 0}
fleets:
  quick: {kind: het, pool: het, carries: heavy, count_typical: 1, capacity: 10, home_node: x, speed_kmh: 100}
  slow: {kind: het, pool: het, carries: heavy, count_typical: 1, capacity: 10, home_node: x, speed_kmh: 50}
units:
  u: {home_node: a, assembly_node: b, heavy: 20}
"""
    way = 1.3 * 6371.0 * math.radians(1.0) / 50.0
    assert hours_of(text)["u"] == pytest.approx(way + 5.0)


def test_an_asset_does_not_jump_to_where_nothing_leads() -> None:
    text = (ONE + LINE).replace("CARRIES", "wheeled").replace("CAPACITY", "1").replace("ELEMENT", "wheeled")
    text += "nodes: {a: {}, b: {}, island: {}}\n"
    with pytest.raises(FlanksimError, match="E305"):
        hours_of(text.replace("capacity: 1, home_node: a", "capacity: 1, home_node: island"))
    depot = "  depot: {from_node: island, to_node: a, mode: rail, tracks: 2, travel_hours: 7, headway_hours: 0}\nfac"
    near = text.replace("capacity: 1, home_node: a", "capacity: 1, home_node: island").replace("\nfac", f"\n{depot}", 1)
    assert hours_of(near.replace("wheeled: 30", "wheeled: 1")) == {"u": 17.0}


def test_draws_of_a_fleet_do_not_move_with_another_fleet_of_its_pool() -> None:
    text = ONE + SHIPS.format(one="m-one", two="m-two").replace("count_typical: 1", "count_typical: 10").replace(
        "capacity: 10,", "capacity: 100,"
    ).replace("home_node: a}", "home_node: a, activation_typical: 0.5}")
    chance = BARE.replace("chance: false", "chance: true")

    def absent(extra: str) -> dict[str, set[int]]:
        plan = compile_plan(tiny(text.replace("units:", f"{extra}units:"), chance))
        lost = simulate_plan(plan, 3).absent[0]
        assets = [plan.pools[0].assets[number] for number in lost]
        return {fleet: {a.index for a in assets if a.fleet == fleet} for fleet in ("m-one", "m-two")}

    extra = (
        "  {}: {{kind: ship, pool: ships, carries: wheeled, count_typical: 3, capacity: 100, capacity_unit: lane_m,"
        " home_node: a, activation_typical: 0.9}}\n"
    )
    alone = absent("")
    assert alone["m-one"] != alone["m-two"]
    assert absent(extra.format("aa")) == absent(extra.format("zz")) == alone


# ---- facilities, and none of a thing ---------------------------------------------------------------------

TWO_RAMPS = """
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0}
facilities:
  a: {place: a, kind: rail_terminal, handling_hours: 0}
  b-north: {place: b, kind: rail_terminal, servers_typical: 1, handling_hours: 5}
  b-south: {place: b, kind: rail_terminal, servers_typical: 1, handling_hours: 5}
units:
  u: {home_node: a, assembly_node: b, wheeled: 4}
"""


def test_two_rows_of_a_facility_are_one_with_the_servers_of_both() -> None:
    assert hours_of(ONE + TWO_RAMPS, HANDLING) == {"u": 11.0}


def test_two_rows_that_differ_are_refused() -> None:
    with pytest.raises(FlanksimError, match=r"(?s)E210.*b-south.*handling_hours"):
        tiny(ONE + TWO_RAMPS.replace("servers_typical: 1, handling_hours: 5}\nunits", "handling_hours: 6}\nunits"))


PORTS = """
nodes: {a: {country: USA}, p: {country: DEU}, q: {country: DEU}, b: {country: DEU}}
links:
  short: {from_node: a, to_node: p, mode: sea, travel_hours: 10}
  long: {from_node: a, to_node: q, mode: sea, travel_hours: 20}
  from-p: {from_node: p, to_node: b, mode: road, travel_hours: 1, headway_hours: 0}
  from-q: {from_node: q, to_node: b, mode: road, travel_hours: 1, headway_hours: 0}
facilities:
  a: {place: a, kind: berth, handling_hours: 0}
  p: {place: p, kind: berth, handling_hours: 0}
  q: {place: q, kind: berth, handling_hours: 0}
  exit-p: {place: p, kind: port_exit, handling_hours: 0}
fleets:
  ships: {kind: ship, pool: ships, carries: wheeled, count_typical: 9, capacity: 10, capacity_unit: lane_m,
          home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 20}
"""


@pytest.mark.parametrize(
    "change",
    [
        ("p: {place: p, kind: berth,", "p: {place: p, kind: berth, servers_typical: 0,"),
        ("p: {place: p, kind: berth,", "p: {place: p, kind: berth, storage_typical: 0,"),
        ("exit-p: {place: p, kind: port_exit,", "exit-p: {place: p, kind: port_exit, servers_typical: 0,"),
        ("p: {place: p, kind: berth,", "p: {place: p, kind: berth, closures: [{from_hour: 0, to_hour: 1e6}],"),
        ("p: {place: p, kind: berth,", "p: {place: p, kind: berth, closures: [{from_hour: 0, to_hour: 500}],"),
        ("short: {from_node: a,", "short: {closures: [{from_hour: 0, to_hour: 1e6}], from_node: a,"),
        ("short: {from_node: a,", "short: {closures: [{from_hour: 0, to_hour: 500}], from_node: a,"),
        ("from-p: {from_node: p,", "from-p: {capacity_typical: 0, from_node: p,"),
        ("from-p: {from_node: p,", "from-p: {closures: [{from_hour: 5, to_hour: 700}], from_node: p,"),
    ],
    ids=[
        "berths",
        "yard",
        "exit",
        "port shut",
        "port shut for long",
        "lane shut",
        "lane for long",
        "road",
        "road shut",
    ],
)
def test_what_is_none_or_shut_is_not_used(change: tuple[str, str]) -> None:
    assert hours_of(ONE + PORTS) == {"u": 11.0}
    assert change[0] in PORTS
    assert hours_of(ONE + PORTS.replace(*change)) == {"u": 21.0}


@pytest.mark.parametrize(
    ("line", "hours"),
    [("", 21.0), ("  rail: {from_node: p, to_node: b, mode: rail, travel_hours: 4, headway_hours: 0}\n", 14.0)],
)
def test_a_ramp_is_no_way_round_a_port_exit_without_servers(line: str, hours: float) -> None:
    train = "  trains: {kind: train, pool: trains, carries: wheeled, count_typical: 9, capacity: 20, home_node: p}\n"
    ramps = "".join(f"  ramp-{place}: {{place: {place}, kind: rail_terminal, handling_hours: 0}}\n" for place in "pb")
    port = PORTS.replace("kind: port_exit,", "kind: port_exit, servers_typical: 0,")
    for part, rows in (("fleets:\n", train), ("facilities:\n", ramps), ("links:\n", line)):
        port = port.replace(part, part + rows)
    assert hours_of(ONE + port) == {"u": hours}


def test_a_port_that_opens_soon_is_waited_for() -> None:
    soon = PORTS.replace(
        "p: {place: p, kind: berth,", "p: {place: p, kind: berth, closures: [{from_hour: 0, to_hour: 15}],"
    )
    assert hours_of(ONE + soon) == {"u": 16.0}


def test_without_any_way_left_the_problem_says_what_stops() -> None:
    shut = "line: {closures: [{from_hour: 0, to_hour: 1e6}], "
    text = (ONE + TWO_RAMPS).replace("line: {", shut)
    with pytest.raises(FlanksimError, match=r"(?s)E305.*line.*shut for the whole horizon"):
        hours_of(text, HANDLING)
    none = (ONE + TWO_RAMPS).replace("servers_typical: 1", "servers_typical: 0")
    with pytest.raises(FlanksimError, match=r"(?s)E305.*rail ramps of b.*has no server"):
        hours_of(none, HANDLING)
    area = "facilities:\n  area: {place: b, kind: assembly, servers_typical: 0}\n"
    with pytest.raises(FlanksimError, match=r"(?s)E307.*has no server"):
        hours_of((ONE + TWO_RAMPS).replace("facilities:\n", area), HANDLING)


SEVERAL_SHUT = """
links:
  one: {from_node: a, to_node: m, mode: rail, tracks: 2, travel_hours: 3, headway_hours: 0, closures: [WINDOW]}
  two: {from_node: m, to_node: b, mode: rail, tracks: 2, travel_hours: 3, headway_hours: 0, closures: [WINDOW]}
  out: {from_node: a, to_node: c, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 0}
  back: {from_node: c, to_node: b, mode: rail, tracks: 2, travel_hours: 6, headway_hours: 0}
units:
  u: {home_node: a, assembly_node: b, wheeled: 3, release_interval_hours: 10}
"""


def test_several_links_shut_in_a_row_are_gone_round_together() -> None:
    """Known to the plan: round by c. Shut after the first train has gone: the later ones go round on the way."""
    assert hours_of(ONE + SEVERAL_SHUT.replace("WINDOW", "{from_hour: 0, to_hour: 5000}"), OPEN) == {"u": 41.0}
    assert hours_of(ONE + SEVERAL_SHUT.replace("WINDOW", "{from_hour: 25, to_hour: 5000}"), OPEN) == {"u": 41.0}


# ---- events, deadlines, ties ------------------------------------------------------------------------------

DESK = """
nodes: {a: {country: DEU}, b: {country: POL}}
links:
  road: {from_node: a, to_node: b, mode: road, travel_hours: 0, headway_hours: 0}
facilities:
  border: {place: road, kind: border_road, servers_typical: 1, handling_hours: 1HOURS}
units:
  UNITS
"""


def test_no_event_is_lost_to_rounding() -> None:
    text = (
        ONE
        + """
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0.9}
units:
  first: {home_node: a, assembly_node: b, wheeled: 1}
  second: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 0.008333333333333333}
"""
    )
    assert hours_of(text, OPEN)["second"] == pytest.approx(1.9)


@pytest.mark.parametrize("names", [("low", "high"), ("zz", "aa")])
@pytest.mark.parametrize("opens", ["", ", opens_hour: 8, closes_hour: 20", ", opens_hour: 20, closes_hour: 6"])
def test_at_one_instant_the_higher_priority_goes_first(names: tuple[str, str], opens: str) -> None:
    """Both come at one instant, the low one by fewer events; and where the desk is shut, the low one hours before."""
    low, high = names
    units = (
        f"{low}: {{home_node: a, assembly_node: b, wheeled: 1, priority: 2, ready_day: {0 if opens else 0.125}}}\n"
        f"  {high}: {{home_node: a, assembly_node: b, wheeled: 1, priority: 1, ready_day: 0.125}}"
    )
    found = hours_of(ONE + DESK.replace("UNITS", units).replace("HOURS", opens), BORDERS)
    start = {"": 3.0, ", opens_hour: 8, closes_hour: 20": 8.0}.get(opens, 20.0)
    if opens.startswith(", opens_hour: 20"):
        assert found == {low: 1.0, high: 4.0}  # open at midnight: nobody waits
    else:
        assert found == {high: start + 1.0, low: start + 2.0}


def test_a_desk_open_over_midnight_is_shut_by_day() -> None:
    unit = "u: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 0.5}"
    hours = ", opens_hour: 20, closes_hour: 6"
    assert hours_of(ONE + DESK.replace("UNITS", unit).replace("HOURS", hours), BORDERS) == {"u": 21.0}


@pytest.mark.parametrize("horizon", [1, 2, 30])
def test_horizon_and_deadline_count_alike_and_an_exact_deadline_is_met(horizon: int) -> None:
    run = simulate(
        tiny(f"""
question: {{deadline_days: 1, horizon_days: {horizon}}}
{ONE}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 48, headway_hours: 0}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 1}}
"""),
        1,
    )
    assert run.closure_day == 1.0
    assert run.on_time_share == 1.0


def test_a_deadline_met_but_for_the_last_digit_is_met() -> None:
    """Ten links of 4.8 h sum to 47.99999999999999 or 48.00000000000001."""
    links = "\n".join(
        f"  l{n}: {{from_node: n{n}, to_node: n{n + 1}, mode: rail, tracks: 2, travel_hours: {hours}}}"
        for n, hours in enumerate([0.1, 0.2, 4.8, 14.3, 4.9, 9.4, 0.7, 0.3, 13.2, 0.1])
    )
    head = f"question: {{deadline_days: 1, horizon_days: 9}}\n{ONE}links:\n{links}\n"
    run = simulate(tiny(f"{head}units:\n  u: {{home_node: n0, assembly_node: n10, wheeled: 1}}\n"), 1)
    assert run.on_time_share == 1.0


def test_a_negative_delay_brings_readiness_forward_but_not_before_c_day() -> None:
    text = (
        ONE
        + """
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 0}
units:
  u: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 1}
"""
    )
    plan = compile_plan(tiny(text))
    from dataclasses import replace

    from flanksim.scenario.distributions import Distribution

    for days, want in ((-0.5, 17.0), (-3.0, 5.0)):
        early = replace(plan, ready_delay=Distribution("constant", (days,)))
        assert simulate_plan(early, 1).closed_h == (want,)


@pytest.mark.parametrize(("stated", "want"), [("length_km: 100, speed_typical_kmh: 25", 7.0), ("travel_hours: 4", 4.0)])
def test_a_ferry_is_waited_for_and_boarded_unless_its_row_says_how_long_all_of_it_takes(
    stated: str, want: float
) -> None:
    text = f"""
links:
  ferry: {{from_node: a, to_node: b, mode: ferry, {stated}}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 1}}
"""
    head = ONE.replace("close_share: 1", "close_share: 1, travel_factor_road: 1, ferry_boarding_hours: 3")
    assert hours_of(head + text, OPEN) == {"u": want}


def test_civil_traffic_keeps_its_share_of_a_ferry() -> None:
    text = """
regime: {traffic: crisis}
parameters: {civil_share_ferry_crisis: 0.75}
links:
  ferry: {from_node: a, to_node: b, mode: ferry, length_km: 100, speed_typical_kmh: 25, capacity_typical: 40}
units:
  u: {home_node: a, assembly_node: b, wheeled: 1}
"""
    scenario = tiny(text, OPEN.replace("civil_traffic: false", "civil_traffic: true"))
    assert [edge.capacity for edge in Network(scenario).links["ferry"]] == [10.0, 10.0]


def test_a_unit_that_states_its_own_limits_of_readiness_is_drawn_between_them_and_others_as_before() -> None:
    text = (
        ONE.replace("close_share: 1", "close_share: 1, ready_delay_days: {low: 0, typical: 0, high: 3}")
        + """
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 0}
units:
  common: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 2}
  own: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 2, ready_early_days: 0.5, ready_late_days: 1}
"""
    )
    head = OPEN.replace("chance: false", "chance: true")
    plan = compile_plan(tiny(text, head))
    without = compile_plan(tiny(text.replace(", ready_early_days: 0.5, ready_late_days: 1", ""), head))
    assert inputs_of(plan).start_h == (48.0, 36.0)
    runs = [(simulate_plan(plan, seed).closed_h, simulate_plan(without, seed).closed_h) for seed in range(400)]
    delays = [(own[1] - 53.0) / 24.0 for own, _ in runs]
    assert -0.5 < min(delays) < -0.4
    assert 0.9 < max(delays) < 1.0
    # Mean of a triangle: a third of the sum of its corners; its standard deviation is 0.31 days.
    assert statistics.fmean(delays) == pytest.approx((-0.5 + 0.0 + 1.0) / 3.0, abs=3 * 0.31 / 20)
    assert all(own[0] == common[0] for own, common in runs)


# ---- papers, releases, tracks, crews, yards --------------------------------------------------------------------


def test_stock_abroad_waits_for_its_own_permission() -> None:
    """Troops at home in Germany need none; the kit in Norway does: two days beside the readiness of one."""
    head = BARE.replace("permissions: false", "permissions: true").replace("handling: false", "handling: true")
    text = """
regime: {permission: three_days}
parameters: {permission_days_three_days: 2, close_share: 1, coach_boarding_hours: 0, stock_issue_days: 0,
             stock_pieces_per_day: 1e6}
nodes: {home: {country: DEU}, stock: {country: NOR}, b: {country: DEU}}
links:
  in: {from_node: home, to_node: b, mode: road, travel_hours: 3, headway_hours: 0}
  out: {from_node: stock, to_node: b, mode: road, travel_hours: 4, headway_hours: 0}
fleets:
  coaches: {kind: coach, pool: coaches, carries: troops, count_typical: 9, capacity: 50, capacity_unit: troops,
            home_node: home}
units:
  u: {home_node: home, stock_node: stock, assembly_node: b, troops: 40, wheeled: 5, ready_day: 1}
"""
    plan = compile_plan(tiny(text, head))
    outcome = simulate_plan(plan, 1)
    assert outcome.troops_h == (27.0,)
    assert outcome.closed_h[0] == pytest.approx(52.0, abs=1e-3)


@pytest.mark.parametrize(("interval", "last"), [("0.5", 2.0), ("{trace: [1, 2, 3, 4]}", 10.0)])
def test_serials_are_released_at_intervals_whatever_their_element(interval: str, last: float) -> None:
    text = f"""
parameters: {{close_share: 1, vehicles_per_train: 1, containers_per_train: 1}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 0}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 1, containers: 3, release_interval_hours: {interval}}}
"""
    assert hours_of(text, OPEN) == {"u": last + 5.0}


def test_opposing_traffic_waits_for_all_who_are_inside() -> None:
    """A slow train enters at 0 and is out at 20, a quick one at 1 and out at 3: the other way is free from 20 on."""
    text = """
parameters: {close_share: 1, vehicles_per_train: 1, travel_factor_rail: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 1, travel_hours: {trace: [20, 2]}, headway_hours: 1,
         opposing_clearance_hours: 0}
units:
  east: {home_node: a, assembly_node: b, wheeled: 2}
  west: {home_node: b, assembly_node: a, wheeled: 1, ready_day: 0.25, priority: 2}
"""
    assert hours_of(text, OPEN)["west"] >= 20.0


def test_crews_before_and_behind_a_change_of_gauge_keep_their_own_hours() -> None:
    """12 h a day: the first train's 10 h there and 10 back take 40, whatever the second one does meanwhile."""
    text = """
parameters: {close_share: 1, vehicles_per_train: 1}
links:
  one: {from_node: a, to_node: g, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0, gauge_mm: 1435}
  two: {from_node: g, to_node: b, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0, gauge_mm: 1520}
facilities:
  a: {place: a, kind: rail_terminal, handling_hours: 0}
  g: {place: g, kind: gauge_change, handling_hours: 0}
  b: {place: b, kind: rail_terminal, handling_hours: 0}
fleets:
  west: {kind: train, pool: west, carries: wheeled, count_typical: 1, capacity: 1, home_node: a, hours_per_day: 12}
  east: {kind: train, pool: east, carries: wheeled, count_typical: 1, capacity: 1, home_node: g, gauge_mm: 1520}
units:
  u: {home_node: a, assembly_node: b, wheeled: 2}
"""
    assert hours_of(text) == {"u": 40.0 + 10.0 + 1.0}


@pytest.mark.parametrize(("gauge", "hours"), [("servers_typical: 1", 10 + 2 + 1), ("servers_typical: 0", 10 + 6 + 1)])
def test_where_nobody_changes_the_gauge_a_load_is_unloaded_and_loaded(gauge: str, hours: float) -> None:
    text = f"""
parameters: {{close_share: 1, vehicles_per_train: 1}}
links:
  one: {{from_node: a, to_node: g, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0, gauge_mm: 1435}}
  two: {{from_node: g, to_node: b, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0, gauge_mm: 1520}}
facilities:
  a: {{place: a, kind: rail_terminal, handling_hours: 0}}
  g: {{place: g, kind: gauge_change, handling_hours: 2, {gauge}}}
  ramp: {{place: g, kind: rail_terminal, handling_hours: 3}}
  b: {{place: b, kind: rail_terminal, handling_hours: 0}}
fleets:
  west: {{kind: train, pool: west, carries: wheeled, count_typical: 1, capacity: 1, home_node: a}}
  east: {{kind: train, pool: east, carries: wheeled, count_typical: 1, capacity: 1, home_node: g, gauge_mm: 1520}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 1}}
"""
    assert hours_of(text) == {"u": float(hours)}


def test_the_yard_of_a_port_that_is_the_assembly_area_empties() -> None:
    text = (
        ONE
        + """
links:
  crossing: {from_node: a, to_node: b, mode: sea, travel_hours: 10}
facilities:
  a: {place: a, kind: berth, handling_hours: 0}
  b: {place: b, kind: berth, handling_hours: 1, storage_typical: 10}
fleets:
  ships: {kind: ship, pool: ships, carries: wheeled, count_typical: 9, capacity: 10, capacity_unit: lane_m,
          home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 50}
"""
    )
    assert hours_of(text) == {"u": 15.0}  # five ships of ten, an hour each, room for one of them


def test_rounding_that_loses_or_gains_capacity_is_told() -> None:
    found = {problem.path: problem for problem in rounding_warnings(load("eastern-flank"))}
    assert "10 of 340" in found["fleets.heavy_deu.count_typical"].message
    assert "10 of 100" in found["fleets.heavy_balkan.count_typical"].message
    assert any("berth: 20 of 121 places get more" in line for line in rounded_servers(load("eastern-flank")))
    part = {"facilities": {"ramp-HAJ": {"servers_typical": 0.4}}}
    told = [problem for problem in rounding_warnings(load("corridor-mini", part)) if "rail_terminal" in problem.path]
    assert told[0].message.startswith("0.4 servers count as 1")


# ---- integration ---------------------------------------------------------------------------------------------

AREA = """
parameters: {close_share: 1, integration_days: 3, vehicles_per_train: 1000, reception_team_pieces: 100}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0}
facilities:
  area: {place: b, kind: assembly, servers_typical: 2}
units:
"""


@pytest.mark.parametrize(("pieces", "days"), [(100, 3.0), (200, 3.0), (400, 6.0), (1000, 15.0)])
def test_integration_takes_the_same_time_however_a_force_is_cut(pieces: int, days: float) -> None:
    """Two teams of 100 pieces in three days: 200 take three days, 400 six; alone or in ten units."""
    head = OPEN.replace("integration: false", "integration: true")
    for units in (1, 2, 4, 10):
        rows = "".join(
            f"  u{n}: {{home_node: a, assembly_node: b, wheeled: {pieces // units}}}\n" for n in range(units)
        )
        assert max(hours_of(AREA + rows, head).values()) == pytest.approx(1 + 24 * days), units


def test_closure_of_a_force_in_no_area_of_limits_takes_its_days() -> None:
    head = OPEN.replace("integration: false", "integration: true")
    text = AREA.replace("facilities:\n  area: {place: b, kind: assembly, servers_typical: 2}\n", "")
    assert closure_hour(tiny(text + "  u: {home_node: a, assembly_node: b, wheeled: 5000}\n", head)) == 73.0
