"""How many trains a unit's heavy vehicles need: tanks take a wagon each, others share."""

from __future__ import annotations

import math

import pytest

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import force_hour, unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.study.run import Run
from tests.conftest import BARE, tiny

LINE = """
parameters: {close_share: 1, heavy_vehicles_per_train: 38, tanks_per_train: 15, ramp_hours_per_train: 0}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0}
facilities:
  a: {place: a, kind: rail_terminal}
  b: {place: b, kind: rail_terminal}
fleets:
  flats: {kind: train, pool: flats, carries: heavy, count_typical: TRAINS, capacity: CAPACITY, home_node: a}
units:
  u: {home_node: a, assembly_node: b, HEAVY}
"""


def trains(heavy: str, capacity: int = 38, kind: str = "train") -> list[float]:
    text = LINE.replace("TRAINS", "9").replace("CAPACITY", str(capacity)).replace("HEAVY", heavy)
    if kind == "barge":
        text = text.replace("kind: train", "kind: barge").replace("mode: rail, tracks: 2", "mode: waterway")
        text = text.replace("rail_terminal", "barge_terminal")
        text = text.replace("ramp_hours_per_train: 0", "barge_terminal_hours: 0")
    plan = compile_plan(tiny(text, BARE))
    return [serial.quantity for serial in plan.serials if serial.kind == "heavy"]


@pytest.mark.parametrize(
    ("heavy", "tanks", "want"),
    [(15, 15, 1), (30, 30, 2), (45, 45, 3), (38, 0, 1), (76, 0, 2), (446, 87, math.ceil(446 / 29))],
)
def test_trains_are_filled_by_wagons(heavy: int, tanks: int, want: int) -> None:
    """A brigade of 87 tanks and 359 others: 1 / (0.195 / 15 + 0.805 / 38) = 29 vehicles a train."""
    found = trains(f"heavy: {heavy}, tanks: {tanks}")
    assert len(found) == want
    assert sum(found) == heavy


def test_the_capacity_of_a_fleet_counts_others_than_tanks() -> None:
    assert trains("heavy: 15, tanks: 15", 19) == [7.0, 7.0, 1.0], "half a train, half the tanks"


def test_a_barge_takes_what_its_capacity_says() -> None:
    assert trains("heavy: 33, tanks: 33", 33, "barge") == [33.0]


def test_where_as_many_tanks_fit_it_makes_no_difference_what_is_a_tank() -> None:
    text = LINE.replace("tanks_per_train: 15", "tanks_per_train: 38").replace("TRAINS", "9").replace("CAPACITY", "38")
    plan = compile_plan(tiny(text.replace("HEAVY", "heavy: 38, tanks: 38"), BARE))
    assert [serial.quantity for serial in plan.serials if serial.kind == "heavy"] == [38.0]


def test_tanks_of_a_type_scale_with_its_unit() -> None:
    """Half a unit of 76, 30 of them tanks: 23 others and 15 tanks are 23 / 38 + 15 / 15 trains."""
    types = "unit_types:\n  t: {troops_typical: 100, heavy_typical: 76, tanks_typical: 30}\n"
    bus = "  bus: {kind: coach, pool: bus, carries: troops, count_typical: 1, capacity: 50, capacity_unit: troops,"
    road = "  road: {from_node: a, to_node: b, mode: road, travel_hours: 1, headway_hours: 0, max_mlc: 20}\n"
    text = LINE.replace("TRAINS", "9").replace("CAPACITY", "38").replace("HEAVY", "unit_type: t, troops: 50")
    text = text.replace("units:", f"{bus} home_node: a}}\nunits:").replace("facilities:", f"{road}facilities:", 1)
    plan = compile_plan(tiny(text + types, BARE))
    found = [serial.quantity for serial in plan.serials if serial.kind == "heavy"]
    assert (len(found), sum(found)) == (2, 38.0)


def test_one_train_goes_to_and_fro_and_the_bound_stays_below() -> None:
    """Three loads of one train: 10 h there, 10 back, 10 there, 10 back, 10 there."""
    text = LINE.replace("TRAINS", "1").replace("CAPACITY", "38").replace("HEAVY", "heavy: 45, tanks: 45")
    scenario = tiny(text, BARE)
    plan = compile_plan(scenario)
    closed = simulate_plan(plan, 1).closed_h[0]
    assert closed == pytest.approx(50.0)
    assert force_hour(plan, unit_hours(FlowNetwork(Network(scenario), inputs_of(plan)))) <= closed


def test_more_tanks_than_heavy_vehicles_are_refused() -> None:
    with pytest.raises(FlanksimError, match=r"E243 .*units.u.tanks"):
        trains("heavy: 3, tanks: 4")


@pytest.mark.slow
def test_shipped_trains_carry_what_was_recorded(eastern_run: Run) -> None:
    """14 to 18 tanks, 26 to 50 mixed, about 65 wheeled."""
    plan = eastern_run.plan
    assert eastern_run.scenario.spread("tanks_per_train") == (14, 15, 18)
    pools = {number for number, pool in enumerate(plan.pools) if pool.kind == "train"}
    largest: dict[str, float] = {}
    for serial in plan.serials:
        steps = plan.programs[serial.program].steps
        if any(getattr(step, "pool", -1) in pools for step in steps):
            largest[serial.kind] = max(serial.quantity, largest.get(serial.kind, 0.0))
    assert 26 <= largest["heavy"] <= 50
    assert largest["wheeled"] == 65
