"""The bound with whole ships: never above a simulation, and equal to it where the answer is known."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from typer.testing import CliRunner

import flanksim as fs
from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.sea_lift import Berth, lowest
from flanksim.bounds.volume import VolumeProgram
from flanksim.bounds.whole_ships import CLOSE_ENOUGH_H, ShipProgram, WholeShips, _proved, ship_program
from flanksim.bounds.yardstick import yardstick
from flanksim.cli import app
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError
from flanksim.linear_program import matrix_of
from flanksim.measure.closure import closures
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario import Scenario, load
from flanksim.scenario.reading import shipped
from tests.bounds.fleets import sea_text
from tests.bounds.networks import CHANCE
from tests.conftest import BARE, closure_hour, tiny

#: Networks that each strategy routes; all but the first ten run with the slow ones. Floats of sums in another order.
NETWORKS, SIZE, ULP_H = int(os.environ.get("FLANKSIM_NETWORKS", "100")), 10, 1e-6


def program(scenario: Scenario, plan: Plan, seed: int | None = None) -> tuple[ShipProgram, float]:
    """The program of whole ships of a scenario, and its volume bound."""
    network = FlowNetwork(Network(scenario), inputs_of(plan, seed))
    volume = VolumeProgram(network)
    return ship_program(lowest(network), volume, unit_hours(network)), volume.solve().hour


def bound(scenario: Scenario) -> WholeShips:
    found, volume_h = program(scenario, compile_plan(scenario))
    del volume_h
    return found.bound(0.0)


@pytest.mark.parametrize(
    "first", [pytest.param(first, marks=[pytest.mark.slow] if first else []) for first in range(0, NETWORKS, SIZE)]
)
@pytest.mark.parametrize("strategy", ["spread", "planned", "shortest", "adaptive"])
def test_no_simulation_is_earlier(strategy: str, first: int) -> None:
    """Pools, decks, speeds, coasts, aircraft, stocks, roads, islands and second seas; drawn inputs or the best ones."""
    tried = tighter = 0
    for number in range(first, min(first + SIZE, NETWORKS)):
        scenario = tiny(sea_text(Random(number)), CHANCE if number % 2 else BARE)
        scenario = scenario.model_copy(update={"routing": scenario.routing.model_copy(update={"strategy": strategy})})
        try:
            plan = compile_plan(scenario)
        except FlanksimError:  # a load without a way
            continue
        hour = closures(plan, simulate_plan(plan, number).closed_h)["all"].hour
        found, volume_h = program(scenario, plan, number if number % 4 < 2 else None)
        if math.isinf(volume_h):
            continue
        ships = found.bound(volume_h)
        assert ships.hour <= (math.inf if math.isnan(hour) else hour) + ULP_H, number
        tried += 1
        tighter += ships.hour > volume_h + 1.0
    assert tried >= 6
    assert tighter >= 1, "where it never says more than volume the law holds of nothing"


def shuttle(ships: int, loads: int, calls: str = "", own: str = "", per_hour: float = 1e4) -> Scenario:
    """Ships of ten pieces each from a to b, 240 h each way."""
    return tiny(
        f"""
parameters: {{close_share: 1, lane_m_per_vehicle: 1, vehicles_per_train: 1, port_working_hours_per_day: 24,
             berth_pieces_per_hour: {per_hour}{calls}}}
question: {{horizon_days: 900}}
links:
  sea: {{from_node: a, to_node: b, mode: sea, travel_hours: 240}}
facilities:
  pa: {{place: a, kind: berth, servers_typical: 1{own}}}
  pb: {{place: b, kind: berth, servers_typical: 99{own}}}
fleets:
  ships: {{kind: ship, pool: ships, carries: wheeled, count_typical: {ships}, capacity: 10, capacity_unit: lane_m,
          home_node: a}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: {loads * 10}}}
""",
        BARE,
    )


@pytest.mark.parametrize("trips", [1, 2, 5])
def test_one_ship_there_and_back(trips: int) -> None:
    """Each load but the last takes a full round: loading, 240 h, landing, 240 h back."""
    scenario = shuttle(1, trips, ", berth_hours_per_call: 24", per_hour=1.0)
    berth_h = 24.0 + 10.0
    expected = (trips - 1) * (2 * berth_h + 480.0) + 2 * berth_h + 240.0
    assert closure_hour(scenario) == pytest.approx(expected, abs=1e-6)
    assert bound(scenario).hour == pytest.approx(expected, abs=CLOSE_ENOUGH_H)


def test_a_berth_with_a_fixed_call() -> None:
    """Twelve ships load one after the other at the only berth, a day each; no round trip is needed."""
    scenario = shuttle(12, 12, own=", handling_hours: 24")
    expected = 12 * 24.0 + 240.0 + 24.0
    assert closure_hour(scenario) == pytest.approx(expected, abs=1e-6)
    assert bound(scenario).hour == pytest.approx(expected, abs=CLOSE_ENOUGH_H)
    # What a call takes besides the work on each piece counts as well, up to a step of the clock for each call.
    calls = shuttle(12, 12, ", berth_hours_per_call: 30")
    assert 11 * 18.0 + 30.0 + 240.0 + 30.0 <= bound(calls).hour <= closure_hour(calls) + ULP_H
    assert bound(shuttle(12, 12)).hour == pytest.approx(240.0, abs=CLOSE_ENOUGH_H), "nothing holds the berth"


def test_ships_that_come_back_of_the_record() -> None:
    """V24: fifteen ship-loads, six ships: the third wave lands after 1,344 h."""
    scenario = load(shipped() / "verification" / "v24-sealift.yaml")
    plan = compile_plan(scenario)
    assert max(simulate_plan(plan, 1).closed_h) == pytest.approx(1344.0)
    found, volume_h = program(scenario, plan)
    assert found.bound(volume_h).hour == pytest.approx(1344.0, abs=CLOSE_ENOUGH_H)


def test_it_breaks_when_a_ship_is_quicker_than_it_is() -> None:
    """Rounds of half the time give half the hours between waves, and longer ones more than the simulation."""
    scenario = shuttle(1, 5, ", berth_hours_per_call: 24")
    found, _ = program(scenario, compile_plan(scenario))
    for factor, late in ((0.5, False), (1.5, True)):
        routes = tuple(replace(route, sailing_h=factor * route.sailing_h) for route in found.sea.routes)
        wrong = replace(found, sea=replace(found.sea, routes=routes)).bound(0.0).hour
        assert (wrong > closure_hour(scenario) + 1.0) == late
        assert (wrong < closure_hour(scenario) - 1.0) == (not late)


def test_names_and_order_do_not_matter() -> None:
    text = sea_text(Random(3))
    found = [bound(tiny(other, BARE)).hour for other in (text, text.replace("w1", "z1").replace("u0", "zu"))]
    assert found[0] == pytest.approx(found[1], abs=CLOSE_ENOUGH_H)


@pytest.mark.parametrize("number", range(20))
def test_any_prices_prove_what_they_prove(number: int) -> None:
    """Weak duality: whatever prices of 0 or more, no point of the program costs less."""
    random = np.random.default_rng(number)
    matrix = matrix_of([(r, c, float(random.normal())) for r in range(5) for c in range(8)], 5, 8)
    most, cost, prices = random.uniform(0, 3, 8), random.normal(size=8), random.uniform(0, 2, 5)
    points = random.uniform(0, 1, (2000, 8)) * most
    limit = np.quantile((matrix @ points.T), 0.7, axis=1)
    inside = points[(limit >= (matrix @ points.T).T).all(axis=1)]
    assert len(inside)
    assert _proved(cost, matrix, limit, most, prices) <= (inside @ cost).min() + 1e-9


def test_an_hour_lands_most_from_the_fullest_ship() -> None:
    berth = Berth(10.0, 0.5)
    assert [berth.hours(n) for n in (0, 20)] == [0.0, 20.0]
    assert berth.pace(20) == pytest.approx(1.0)
    assert berth.pace(20) < berth.pace(200) < berth.pace(math.inf) == 2.0
    assert Berth(0.0, 0.0).pace(20) == math.inf


def test_the_yardstick_is_met_by_one_ship_and_lies_above_the_bound() -> None:
    """One ship and one order: what an ideal order can do is what is played."""
    scenario = shuttle(1, 3, ", berth_hours_per_call: 24")
    plan = compile_plan(scenario)
    hour = yardstick(Network(scenario), plan)
    assert bound(scenario).hour <= hour + ULP_H
    assert hour == pytest.approx(closure_hour(scenario), abs=6.0 + CLOSE_ENOUGH_H)


def test_one_play_beside_bound_and_yardstick() -> None:
    """In JSON and in words, without chance; `gap_ratio` is the closure of the play over its proved bound."""
    plain = ["bound", "corridor-mini", "--play", "--set", "mechanisms.chance=false"]
    found = json.loads(CliRunner().invoke(app, [*plain, "--json"]).stdout)
    played = found["played"]
    assert set(played) == {"strategy", "closure_day", "gap_ratio", "yardstick_day", "bound_day"}
    run = fs.simulate(fs.load("corridor-mini", {"mechanisms": {"chance": False}}), seed=0)
    assert played["closure_day"] == pytest.approx(run.closure_day)
    assert played["bound_day"] == max(day for day in found["bounds"].values() if day is not None)
    assert played["gap_ratio"] == pytest.approx(played["closure_day"] / played["bound_day"])
    assert played["bound_day"] <= played["yardstick_day"] <= played["closure_day"]
    text = " ".join(CliRunner().invoke(app, plain).stdout.split())
    for words in ("proved bound", "yardstick", "no proof", "played, planned by spread", "times the bound"):
        assert words in text
    with_chance = json.loads(CliRunner().invoke(app, ["bound", "corridor-mini", "--play", "--json"]).stdout)
    assert with_chance["played"] == played, "the play and its bound are without chance anyway"
