"""Random small deployments as a modeler would write them, and independent answers to compare with."""

from __future__ import annotations

import math
from random import Random

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.ladder import _at_once
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.closure import closures
from flanksim.movements import MovementLog
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario import Scenario
from tests.conftest import BARE, tiny

CHANCE = BARE.replace("chance: false", "chance: true")


def random_text(random: Random) -> str:
    """A chain of one to four stages, some doubled, by rail and at most once by sea, with facilities and lift."""
    legs = random.randint(1, 4)
    sea = random.randint(-1, legs - 1)
    links, facilities = [], []
    for leg in range(legs):
        for way in range(random.choice([1, 1, 2])):
            hours = random.choice([f"{random.uniform(0.5, 40):.3f}", "{low: 2, typical: 5, high: 9}"])
            links.append(
                f"  l{leg}{way}: {{from_node: n{leg}, to_node: n{leg + 1}, mode: {'sea' if leg == sea else 'rail'}, "
                f"travel_hours: {hours}, headway_hours: {random.choice([0, 0.25, 1.5, 6])}, "
                f"tracks: {random.randint(1, 2)}}}"
            )
    for stop in range(legs + 1):
        handling = random.choice(["1", "{low: 1, typical: 2, high: 5}", "{exponential: 2}"])
        facilities.append(
            f"  r{stop}: {{place: n{stop}, kind: rail_terminal, servers_typical: {random.randint(1, 3)}, "
            f"handling_hours: {handling}}}"
        )
        # A yard where nobody goes on from would never empty: the last stop has none.
        yard = random.choice(["", ", storage_typical: 20", ", storage_typical: 60"]) if stop < legs else ""
        own = random.choice(["", ", handling_hours: 5"])
        facilities.append(
            f"  b{stop}: {{place: n{stop}, kind: berth, servers_typical: {random.randint(1, 2)}{yard}{own}}}"
        )
    units = [
        f"  u{number}: {{home_node: n{random.choice([0, 0, legs // 2])}, assembly_node: n{legs}, "
        f"wheeled: {random.randint(1, 90)}, heavy: {random.choice([0, 0, 25])}, ready_day: {random.randint(0, 9)}, "
        f"priority: {random.randint(1, 2)}}}"
        for number in range(random.randint(1, 4))
    ]
    return f"""
parameters: {{vehicles_per_train: 10, heavy_vehicles_per_train: 10, close_share: {random.choice([1, 0.9])},
             lane_m_per_vehicle: 1, lane_m_per_heavy_vehicle: 2}}
question: {{horizon_days: 400}}
links:
{chr(10).join(links)}
facilities:
{chr(10).join(facilities)}
fleets:
  sets: {{kind: train, pool: sets, carries: wheeled;heavy, count_typical: {random.randint(1, 4)}, capacity: 10,
         home_node: n0}}
  ships: {{kind: ship, pool: ships, carries: wheeled;heavy, count_typical: {random.randint(1, 3)}, capacity: 25,
          capacity_unit: lane_m, home_node: n0, activation_typical: {random.choice([1.0, 0.9])},
          available_typical_day: {random.choice([0, 2])}}}
units:
{chr(10).join(units)}
"""


def random_case(number: int, strategy: str = "spread") -> tuple[Scenario, Plan, MovementLog, float]:
    """Scenario, plan, one replication and its closure hour (inf if it never closes); every second one with chance."""
    scenario = tiny(random_text(Random(number)), CHANCE if number % 2 else BARE)
    scenario = scenario.model_copy(update={"routing": scenario.routing.model_copy(update={"strategy": strategy})})
    plan = compile_plan(scenario)
    outcome = simulate_plan(plan, number)
    hour = closures(plan, outcome.closed_h)["all"].hour
    return scenario, plan, outcome, math.inf if math.isnan(hour) else hour


def network_of(scenario: Scenario, seed: int | None = None) -> FlowNetwork:
    """The bounds' picture of a scenario, made as `ladder` makes it."""
    tables = Network(scenario)
    return FlowNetwork(tables, inputs_of(_at_once(tables), seed))
