"""Berths, yards, ramps, opening hours, and lift that comes back."""

from __future__ import annotations

import pytest

import flanksim as fs
from flanksim import FlanksimError
from flanksim.study.run import simulate
from tests.conftest import BARE, closure_hour, moves, tiny

PORT = """
parameters: {{lane_m_per_vehicle: 1, close_share: 1, vehicles_per_train: 10, march_serial_vehicles: 10,
             berth_pieces_per_hour: 10, handling_factor: 1, port_working_hours_per_day: 24}}
links:
  sea: {{from_node: a, to_node: b, mode: sea, travel_hours: 10}}
  rail: {{from_node: b, to_node: c, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 0}}
facilities:
  berth-a: {{place: a, kind: berth, servers_typical: 9}}
  berth-b: {{place: b, kind: berth, servers_typical: 1, storage_typical: {storage}}}
  ramp-b: {{place: b, kind: rail_terminal, servers_typical: 1, handling_hours: 2}}
  ramp-c: {{place: c, kind: rail_terminal, servers_typical: 9, handling_hours: 1}}
fleets:
  ship: {{kind: ship, pool: ship, carries: wheeled, count_typical: 2, capacity: 40, capacity_unit: lane_m,
          home_node: a}}
  train: {{kind: train, pool: train, carries: wheeled, count_typical: 9, capacity: 10, home_node: b}}
units:
  u: {{home_node: a, assembly_node: c, wheeled: 80}}
"""


def discharge_ends(storage: int) -> list[float]:
    run = simulate(tiny(PORT.format(storage=storage), BARE), 1)
    # trains unload at c as well; the ships' batches are the rows of ship-loads
    table = run.movements
    return sorted(table[(table["kind"] == "unload") & (table["element"] == "ship")]["ended"])


def test_a_full_yard_blocks_the_discharge_before_it() -> None:
    """Two ships of 40, both in at 4 + 10 = 14 h, one berth, a batch of 10 an hour.

    With room for all, batches end every hour. With a yard for 20, the third batch waits until the
    one ramp (2 h a train) has cleared the first at 15 + 2 = 17, and from then on each batch waits
    for the ramp: one every 2 h.
    """
    assert discharge_ends(storage=1000) == pytest.approx([15.0 + n for n in range(8)])
    assert discharge_ends(storage=20) == pytest.approx([15, 16, 18, 20, 22, 24, 26, 28])


def test_v31_border_open_by_day() -> None:
    scenario = tiny(
        """
parameters: {march_serial_vehicles: 1, close_share: 1}
nodes: {a: {country: DEU}, b: {country: POL}}
links:
  road: {from_node: a, to_node: b, mode: road, travel_hours: 0}
facilities:
  border: {place: road, kind: border_road, servers_typical: 1, handling_hours: 1, opens_hour: 8, closes_hour: 20}
units:
  u: {home_node: a, assembly_node: b, wheeled: 30}
""",
        BARE.replace(", borders: false", ""),
    )
    assert closure_hour(scenario) == pytest.approx(62.0, abs=1e-9)


def test_lift_is_taken_from_the_nearest_place_and_waits_for_its_day() -> None:
    scenario = tiny(
        """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 3, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
  ramp-b: {place: b, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
fleets:
  early: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a}
  late: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a, available_typical_day: 1}
units:
  u: {home_node: a, assembly_node: b, wheeled: 9}
""",
        BARE,
    )
    run = simulate(scenario, 1)
    starts = sorted(started for _, started, *_ in moves(run, "lift"))
    assert starts == [0, 6, 12, 18, 24, 24, 30, 30, 36]
    assert run.closures["all"].hour == pytest.approx(39.0)


def test_activation_success_without_chance_is_the_typical_share() -> None:
    scenario = tiny(
        """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, handling_hours: 0}
  ramp-b: {place: b, kind: rail_terminal, handling_hours: 0}
fleets:
  p: {kind: train, pool: p, carries: wheeled, count_typical: 10, capacity: 1, home_node: a, activation_typical: 0.6}
units:
  u: {home_node: a, assembly_node: b, wheeled: 6}
""",
        BARE,
    )
    run = simulate(scenario, 1)
    assert [len(lost) for lost in run.outcome.absent] == [4]
    assert run.closures["all"].hour == pytest.approx(1.0)


def test_a_batch_larger_than_the_yard_takes_all_of_it_and_goes_on() -> None:
    """A yard for 4 before train-loads of 10: one batch at a time, none lost and no deadlock."""
    assert discharge_ends(storage=4) == pytest.approx([15.0 + 3 * n for n in range(8)])


def test_endless_lift_still_sails_in_ship_loads() -> None:
    text = PORT.format(storage=1000).replace("count_typical: 2, capacity: 40", "count_typical: 1, capacity: 40")
    endless = simulate(tiny(text, BARE.replace("borders: false", "borders: false, lift: false")), 1)
    assert sum(serial.kind == "ship" for serial in endless.plan.serials) == 2
    assert endless.closures["all"].hour < closure_hour(tiny(text, BARE))


ABSENT = """
parameters: {lane_m_per_vehicle: 1, close_share: 1, ready_delay_days: 0}
links:
  crossing: {from_node: a, to_node: b, mode: sea, travel_hours: 240}
facilities:
  pa: {place: a, kind: berth, handling_hours: 1}
  pb: {place: b, kind: berth, handling_hours: 1}
fleets:
  near: {kind: ship, pool: near, carries: wheeled, count_typical: 3, capacity: 10, capacity_unit: lane_m, home_node: a,
         activation_typical: SHARE}
  OTHER
units:
  u: {home_node: a, assembly_node: b, wheeled: 20}
"""
OTHER = """far: {kind: ship, pool: far, carries: wheeled, count_typical: 2, capacity: 10, capacity_unit: lane_m,
        home_node: a}"""


@pytest.mark.parametrize(("share", "chance"), [(0.0, True), (0.0, False), (0.1, False)])
def test_nobody_waits_for_ships_that_never_turn_up(share: float, chance: bool) -> None:
    """Of three ships a tenth rounds to none: another pool takes the loads, and without one no run is begun."""
    head = BARE.replace("chance: false", "chance: true") if chance else BARE
    text = ABSENT.replace("SHARE", str(share))
    scenario = tiny(text.replace("OTHER", OTHER), head)
    assert closure_hour(scenario) == pytest.approx(242.0)
    warnings = [problem for problem in fs.check(scenario) if problem.code == "W408"]
    assert [problem.path for problem in warnings] == ["fleets.near.activation_typical"]
    with pytest.raises(fs.FlanksimError, match="E305"):
        simulate(tiny(text.replace("OTHER", ""), head), 1)


@pytest.mark.parametrize(
    ("size", "empty"), [(1, "90%"), (4, "60%"), (7, "30%"), (8, None), (10, None), (12, "40%"), (20, None)]
)
def test_serials_that_leave_groups_of_transporters_empty_are_told(size: int, empty: str | None) -> None:
    """Whole groups of ten go: of ten places a serial of four leaves six, of twenty one of twelve leaves eight."""
    scenario = tiny(
        f"""
parameters: {{vehicles_per_het_serial: {size}}}
links:
  r: {{from_node: a, to_node: b, mode: road, lanes: 2, length_km: 100}}
fleets:
  het: {{kind: het, pool: het, carries: heavy, count_typical: 30, group_size: 10, capacity: 10, home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, heavy: 20}}
""",
        BARE.replace("lift: false", "lift: true"),
    )
    told = [problem for problem in fs.check(scenario) if problem.code == "W411"]
    assert [empty in problem.message for problem in told if empty] == ([] if empty is None else [True])
    assert len(told) == (empty is not None)


SHUTTLE = """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 3, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
  ramp-b: {place: b, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
fleets:
  train: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a, %s}
units:
  u: {home_node: a, assembly_node: b, wheeled: 4}
"""


@pytest.mark.parametrize(
    ("window", "last_h"),
    [
        ("[]", 21.0),  # trips of 3 h and back: out at 0, 6, 12 and 18
        ("[{from_hour: 7, to_hour: 20}]", 29.0),  # back from the second at 12, it stands until 20; out at 20 and 26
        ("[{from_hour: 12, to_hour: 20}]", 29.0),  # it is free at the very hour, and does not set out
        ("[{from_hour: 7, to_hour: 11.5}]", 21.0),  # over before it is back
        ("[{from_hour: 0, to_hour: 5}]", 26.0),  # out at 5, 11, 17 and 23
        ("[{from_hour: 2, to_hour: 8}, {from_hour: 7, to_hour: 10}, {from_hour: 19, to_hour: 30}]", 33.0),
    ],
)
def test_lift_that_stays_away_comes_back_first_and_then_stands(window: str, last_h: float) -> None:
    """In the last row it is out at 0, 10 and 16, and back at 22 it stands until 30."""
    assert closure_hour(tiny(SHUTTLE % f"closures: {window}", BARE)) == pytest.approx(last_h, abs=1e-9)


def test_lift_of_a_later_day_that_stays_away_comes_when_both_are_over() -> None:
    for end, last_h in ((30, 51.0), (10, 45.0)):
        row = f"available_typical_day: 1, closures: [{{from_hour: 8, to_hour: {end}}}]"
        assert closure_hour(tiny(SHUTTLE % row, BARE)) == pytest.approx(last_h, abs=1e-9)


def test_one_fleet_that_stays_away_leaves_whole_trains_whole() -> None:
    """Two rows of 15 wagons make one train of 30 with or without a time in which one of them is shut."""
    rows = """
  one: {kind: train, pool: p, carries: wheeled, count_typical: 15, group_size: 30, capacity: 1, home_node: a}
  two: {kind: train, pool: p, carries: wheeled, count_typical: 15, group_size: 30, capacity: 1, home_node: a%s}
units:"""
    body = SHUTTLE % ""
    head, tail = body.split("  train:")[0], body.split("units:")[1]
    for extra in ("", ", closures: [{from_hour: 500, to_hour: 501}]"):
        assert closure_hour(tiny(head + (rows % extra).lstrip("\n") + tail, BARE)) == pytest.approx(21.0)


@pytest.mark.parametrize("extra", ["closures: [{from_hour: 0, to_hour: 1e6}]", "activation_typical: 0"])
def test_lift_that_stays_away_for_the_whole_run_is_none(extra: str) -> None:
    """It is told before the run, as where none turns up; with another fleet of its pool that one does all."""
    with pytest.raises(FlanksimError, match="E305"):
        simulate(tiny(SHUTTLE % extra, BARE), 1)
    other = "  other: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a}\nunits:"
    assert closure_hour(tiny((SHUTTLE % extra).replace("units:", other), BARE)) == 21.0
