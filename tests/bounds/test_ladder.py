"""The ladder as users see it: switches, prices against finite differences, JSON and the command line."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from random import Random

import pytest
from typer.testing import CliRunner

from flanksim.bounds.ladder import ladder
from flanksim.bounds.volume import Price, VolumeProgram
from flanksim.cli import app
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.closure import closures
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario, load
from flanksim.study.run import simulate
from flanksim.text.bound import format_text
from tests.bounds.networks import network_of, random_text
from tests.conftest import BARE, tiny

SWITCHES = [
    {},
    {"question": {"troops_required": 5000}},
    {"question": {"troops_required": 1000}},
    {"question": {"clock": "ready"}},
    {"mechanisms": {"lift": False}},
    {"mechanisms": {"handling": False}},
    {"mechanisms": {"gates": False, "servers": False}},
    {"mechanisms": {"admissibility": False, "civil_traffic": False}},
    {"mechanisms": {"march_rest": False, "borders": False, "permissions": False, "integration": False}},
    {"mechanisms": {"chance": False}},
    {"mechanisms": {"breakdowns": True, "outages": True}},
    {"forces": {"count_in_place": True}},
    {"routing": {"strategy": "shortest"}},
    {"regime": {"traffic": "peace"}},
]


@pytest.mark.parametrize("change", SWITCHES, ids=str)
def test_every_switch_keeps_the_bound_below(change: dict[str, dict[str, object]]) -> None:
    """Each mechanism off or on, with troops, coaches and aircraft: ten replications each."""
    scenario = load("corridor-mini", change)
    found = ladder(scenario)
    plan = compile_plan(scenario)
    days = [closures(plan, simulate_plan(plan, seed).closed_h)["all"].day for seed in range(10)]
    assert found.day <= min(days) + 1e-9
    one = ladder(scenario, seed=3)
    assert found.day - 1e-9 <= one.day <= days[3] + 1e-9


def rail(capacity: float) -> Scenario:
    return tiny(f"""
parameters: {{vehicles_per_train: 1, close_share: 1}}
links:
  line: {{from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 4, capacity_typical: {capacity},
          capacity_unit: trains_per_day}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 50}}
""")


def road(capacity: float) -> Scenario:
    return tiny(f"""
parameters: {{march_serial_vehicles: 10, close_share: 1}}
links:
  line: {{from_node: a, to_node: b, mode: road, length_km: 100, speed_typical_kmh: 25, capacity_typical: {capacity},
          capacity_unit: vehicles_per_hour}}
units:
  u: {{home_node: a, assembly_node: b, wheeled: 4000}}
""")


@pytest.mark.parametrize(
    ("build", "capacity", "per_unit"),
    [(rail, 24.0, 2.0), (rail, 7.0, 2.0), (road, 20.0, 1.0), (road, 60.0, 1.0)],
)
def test_price_of_a_path_is_the_finite_difference(build, capacity, per_unit) -> None:  # type: ignore[no-untyped-def]
    """A train path a day is one in each direction: two of the capacity over both."""
    step = 1e-4 * capacity
    hours = [VolumeProgram(network_of(build(c))).solve().hour for c in (capacity - step, capacity, capacity + step)]
    price = VolumeProgram(network_of(build(capacity))).solve().prices[0]
    assert price.days_per_unit == pytest.approx((hours[0] - hours[2]) / 24 / (2 * step) * per_unit, rel=0.01)
    assert price.element.startswith("line:a>b")


@pytest.mark.slow
def test_prices_are_finite_differences_on_random_networks() -> None:
    """Whatever binds, gate, ramp, berth or fleet: 0.1 % more of it moves the bound by its price."""
    kinds: set[str] = set()
    for number in range(3000, 3080):
        scenario = tiny(random_text(Random(number)), BARE)
        network = network_of(scenario)
        base = VolumeProgram(network).solve()
        for price in base.prices:
            hours = [_volume_with(scenario, price, more) for more in (1.001, 0.999)]
            # Times capacity, days: for 0.1 % more and for 0.1 % less. At a corner they differ.
            sides = sorted([(hours[1] - base.hour) / 0.024, (base.hour - hours[0]) / 0.024])
            worth = price.days_per_unit * price.capacity
            assert sides[0] * 0.97 - 1e-3 <= worth <= sides[1] * 1.03 + 1e-3, (number, price, sides)
            kinds.add(price.kind)
    assert kinds == {"gate", "server", "fleet"}


def _volume_with(scenario: Scenario, price: Price, more: float) -> float:
    """Volume bound with a changed amount of what is priced: fewer hours of work at a gate, more servers or assets."""
    network = network_of(scenario)
    for position, entry in enumerate(network.resources):
        kind = "fleet" if entry.kind in ("last", "crew") else entry.kind
        if (kind, entry.name) != (price.kind, price.element):
            continue
        groups = tuple((count * more, since) for count, since in entry.groups)
        # At a gate all work shrinks, the last serial's as well: the same as a longer window and an equal slack.
        network.resources[position] = replace(entry, groups=groups, capacity=entry.capacity * more)
    return VolumeProgram(network).solve().hour


def test_no_schedule_at_all() -> None:
    """A replication in which the one train does not turn up: the bound is never, and null for machines."""
    scenario = tiny(
        """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  l: {from_node: a, to_node: b, mode: rail, travel_hours: 4}
facilities:
  ra: {place: a, kind: rail_terminal}
  rb: {place: b, kind: rail_terminal}
fleets:
  sets: {kind: train, pool: sets, carries: wheeled, count_typical: 1, capacity: 1, home_node: a,
         activation_typical: 0.01}
units:
  u: {home_node: a, assembly_node: b, wheeled: 5}
""",
        BARE.replace("chance: false", "chance: true"),
    )
    assert simulate(scenario, 1).outcome.absent == ((0,),)
    found = ladder(scenario, time_expanded=True, seed=1)
    assert math.isinf(found.day)
    assert found.as_json()["bounds"]["volume"] is None
    assert "never" in format_text(found, scenario)


def test_rungs_refine_each_other(mini: Scenario) -> None:
    """Whole ships and steps of the clock each refine volume; neither is above the other by rule."""
    found = ladder(mini, time_expanded=True)
    for finer in ("whole_ships", "time_expanded"):
        assert found.bounds[finer] >= found.bounds["volume"] >= found.bounds["free_flow"]  # type: ignore[operator]
    assert found.day == max(found.bounds["time_expanded"], found.bounds["whole_ships"])  # type: ignore[type-var]


def test_doubling_what_binds_shows_what_binds_next() -> None:
    """V28 as a railway of 10, 12 and 15 paths in series: the second binds only once the first does not."""
    scenario = tiny("""
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  one: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 4, headway_hours: 2.4}
  two: {from_node: b, to_node: c, mode: rail, tracks: 2, travel_hours: 4, headway_hours: 2.0}
  three: {from_node: c, to_node: d, mode: rail, tracks: 2, travel_hours: 4, headway_hours: 1.6}
units:
  u: {home_node: a, assembly_node: d, wheeled: 100}
""")
    found = ladder(scenario, ahead=3)
    assert [relief.element for relief in found.reliefs] == ["one:a>b", "two:b>c", "three:c>d"]
    hours = [(relief.volume + 1) * 24 for relief in found.reliefs]
    # (n - 1) headways of the line that then binds, and its run.
    assert hours == pytest.approx([12 + 99 * 2.0, 12 + 99 * 1.6, 12 + 99 * 1.2], abs=1e-6)


def test_command_line() -> None:
    runner = CliRunner()
    done = runner.invoke(app, ["bound", "corridor-mini", "--json", "--set", "fleets.ro-ro.count_typical=1"])
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert set(found) >= {"scenario", "bounds", "binding", "prices", "seconds"}
    assert set(found["bounds"]) == {"free_flow", "volume", "whole_ships", "time_expanded"}
    assert found["prices"]
    assert all(set(price) >= {"element", "attribute", "one_more", "step", "days"} for price in found["prices"])
    assert "not a day off the arrival" in found["prices_are"]
    assert "played" not in found
    table = runner.invoke(app, ["bound", "corridor-mini", "--time-expanded"])
    assert table.exit_code == 0
    assert "no schedule on any admissible route" in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 120
    assert runner.invoke(app, ["bound", "nowhere"]).exit_code == 1
