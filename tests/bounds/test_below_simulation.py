r"""I5: no bound is ever above a simulated closure, in any replication, whichever strategy routes it.

More networks than by default, each by every strategy, with one command::

    FLANKSIM_NETWORKS=2500 python -m pytest -n 0 -m "slow or not slow" tests/bounds/test_below_simulation.py \
        -k random_networks_by_strategy
"""

from __future__ import annotations

import math
import os
from itertools import pairwise

import numpy as np
import pytest

import flanksim as fs
from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import force_hour, plan_hours, unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.time_expanded import CLOSE_ENOUGH_H, TimeExpanded
from flanksim.bounds.volume import VolumeProgram
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.closure import closures
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from tests.bounds.gulf import over_ports
from tests.bounds.networks import random_case
from tests.conftest import BARE, SEED, tiny

#: Networks that each strategy routes, and how many one test takes; all but the first test run with the slow ones.
NETWORKS, SIZE = int(os.environ.get("FLANKSIM_NETWORKS", "400")), 40
#: Floats of sums in another order, hours.
ULP_H = 1e-6


@pytest.mark.parametrize(
    "first", [pytest.param(first, marks=[pytest.mark.slow] if first else []) for first in range(0, NETWORKS, SIZE)]
)
@pytest.mark.parametrize("strategy", ["spread", "planned", "adaptive", "shortest"])
def test_random_networks_by_strategy(strategy: str, first: int) -> None:
    """Free flow (both claims) for each unit, volume for the force; on the sampled inputs or on the best of chance."""
    closed, numbers = 0, range(first, min(first + SIZE, NETWORKS))
    for number in numbers:
        scenario, plan, outcome, hour = random_case(number, strategy)
        inputs = inputs_of(plan, number if number % 4 < 2 else None)
        network = FlowNetwork(Network(scenario), inputs)
        units, planned = unit_hours(network), plan_hours(inputs)
        for closed_h, any_route, on_plan in zip(outcome.closed_h, units, planned, strict=True):
            assert math.isnan(closed_h) or closed_h >= max(any_route, on_plan) - ULP_H, number
        volume = VolumeProgram(network).solve()
        assert force_hour(plan, units) - ULP_H <= volume.hour <= hour + ULP_H, number
        closed += math.isfinite(hour)
    assert closed >= 0.9 * len(numbers), "most networks must close, or the law holds of nothing"


@pytest.mark.slow
def test_time_expanded_on_random_networks() -> None:
    """The finest rung as well, and it is never below the volume bound."""
    for number in range(2000, 2060):
        scenario, plan, _, hour = random_case(number)
        program = VolumeProgram(FlowNetwork(Network(scenario), inputs_of(plan, number)))
        volume = program.solve()
        expanded = TimeExpanded(program, volume, step_h=(12.0, 6.0, 3.0)[number % 3]).solve(seconds=5)
        assert volume.hour - ULP_H <= expanded.hour <= hour + ULP_H, number


@pytest.mark.slow
def test_finer_steps_never_lower_the_time_expanded_bound() -> None:
    """Halving the step twice, up to what the search for the horizon leaves open; on some networks it gains."""
    gained = 0
    for number in range(5000, 5040):
        scenario, plan, _, _ = random_case(number)
        program = VolumeProgram(FlowNetwork(Network(scenario), inputs_of(plan, number)))
        volume = program.solve()
        hours = [TimeExpanded(program, volume, step, busy=0.2).solve(seconds=5).hour for step in (12.0, 6.0, 3.0)]
        for coarse, fine in pairwise(hours):
            assert fine >= coarse - CLOSE_ENOUGH_H, number
        gained += hours[-1] > volume.hour + CLOSE_ENOUGH_H
    assert gained >= 2


def test_sampled_assets_are_those_of_the_engine() -> None:
    for number in range(60):
        _, plan, outcome, _ = random_case(number)
        inputs = inputs_of(plan, number)
        there = [len(inputs.present(pool)) for pool in plan.pools]
        assert there == [len(p.assets) - len(lost) for p, lost in zip(plan.pools, outcome.absent, strict=True)]


def test_two_sea_legs_cost_nothing_that_the_engine_does_not_ask() -> None:
    """Where only a second sea leg leads on, serials board ships without a ship-load's hours at the berth."""
    scenario = tiny(
        """
parameters: {vehicles_per_train: 10, march_serial_vehicles: 10, close_share: 1, lane_m_per_vehicle: 20}
question: {horizon_days: 400}
links:
  one: {from_node: a, to_node: b, mode: sea, travel_hours: 10, headway_hours: 2}
  land: {from_node: b, to_node: c, mode: road, travel_hours: 3}
  two: {from_node: c, to_node: d, mode: sea, travel_hours: 10, headway_hours: 2}
facilities:
  ba: {place: a, kind: berth, servers_typical: 1}
  bb: {place: b, kind: berth, servers_typical: 1}
  bc: {place: c, kind: berth, servers_typical: 1}
  bd: {place: d, kind: berth, servers_typical: 1}
fleets:
  ships: {kind: ship, pool: ships, carries: wheeled, count_typical: 2, capacity: 100, capacity_unit: lane_m,
          home_node: a}
units:
  u: {home_node: a, assembly_node: d, wheeled: 80}
""",
        BARE,
    )
    plan = compile_plan(scenario)
    network = FlowNetwork(Network(scenario), inputs_of(plan))
    assert [demand.costless for demand in network.demands] == [True]
    hour = closures(plan, simulate_plan(plan, 1).closed_h)["all"].hour
    assert 23.0 <= VolumeProgram(network).solve().hour <= hour


@pytest.mark.slow
def test_eastern_flank(eastern: Scenario, eastern_run: fs.Run) -> None:
    """Overall and for each regional plan, valid for every replication and tighter for the sampled one."""
    plan, outcome = eastern_run.plan, eastern_run.outcome
    best = FlowNetwork(Network(eastern), inputs_of(plan))
    simulated = closures(plan, outcome.closed_h)
    drawn = FlowNetwork(Network(eastern), inputs_of(plan, SEED))
    for name in ("all", "north", "centre", "south"):
        units = None if name == "all" else [n for n, u in enumerate(plan.units) if u.regional_plan == name]
        low, high = VolumeProgram(best, units).solve(), VolumeProgram(drawn, units).solve()
        assert low.hour <= high.hour + ULP_H
        assert high.hour <= simulated[name if name == "all" else f"plan {name}"].hour
    hours = np.array(plan_hours(inputs_of(plan, SEED)))
    assert (hours <= np.array(outcome.closed_h) + ULP_H).all()


@pytest.mark.slow
def test_where_one_port_binds_the_bound_is_more_than_half_of_the_answer(eastern: Scenario) -> None:
    """All goes over one berth of Beaumont; a fixed time for each call there is none, for the bound knows no calls.

    The bound is that of the replication: the slow work that was drawn is in both.
    """
    narrow, graph = over_ports(eastern, ["P_BPT"], berth_hours_per_call=0)
    run = fs.simulate(narrow, seed=2026, network=graph)
    simulated = run.closures["all"].hour
    program = VolumeProgram(FlowNetwork(Network(narrow, graph), inputs_of(run.plan, 2026)))
    low = program.solve()
    assert low.hour <= simulated
    assert low.hour >= 0.5 * simulated, "a bound below half of the answer says little"
    assert low.hour > program.free_h, "ports bind, and the bound sees it"
    assert low.binding == "berth:P_BPT"
