"""The ladder of bounds: free flow, volume, whole ships, time-expanded; what binds, and what one more takes off.

Every rung holds for every schedule on every admissible route, on the same inputs. Without a seed
the inputs are the best that chance allows, so that the bounds hold in every replication; with one
they are what that replication draws for readiness, integration and the lift that turns up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from flanksim.bounds.bridges import bridges
from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import force_hour, plan_hours, unit_hours
from flanksim.bounds.gains import HALF_A_DAY, gains
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.rungs import Bridges, Gain, Group, Ladder, Relief
from flanksim.bounds.sea_lift import SeaLift, lowest, resupplied
from flanksim.bounds.volume import Price, Volume, VolumeProgram
from flanksim.bounds.whole_ships import ShipProgram, WholeShips, ship_program
from flanksim.investment.apply import at_year
from flanksim.network.graph import with_changes
from flanksim.network.network import Network
from flanksim.planning.compile import plan_on
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, SAME_HOUR, closure_day

if TYPE_CHECKING:
    import networkx as nx

    from flanksim.bounds.time_expanded import Expanded

#: A tighter program counts as binding only if it is later than free flow by this, days.
_SAME_DAYS = 0.01
#: Capacities with which the time-expanded program is solved again: each takes as long as the first time.
_MOST = 6
#: How well the bound with whole ships of a regional plan is known, hours.
_GROUPS_H = 2.0
_AT_ONCE = {"strategy": "spread"}


def ladder(
    scenario: Scenario,
    *,
    time_expanded: bool = False,
    seed: int | None = None,
    ahead: int = 0,
    groups: bool = True,
    prices: bool = True,
    graph: nx.MultiDiGraph[str] | None = None,
) -> Ladder:
    """All bounds of a scenario.

    Parameters
    ----------
    time_expanded
        Also solve the time-expanded program, which may take minutes.
    seed
        Bounds for the replication of this seed alone; without it they hold for every replication.
    ahead
        How many bottlenecks to double, one after the other; with any, also what stronger bridges would do.
    groups
        Also bound each regional plan and tier 1 alone, and the plan's own routes, which takes longer than the rest.
    prices
        Also solve the bound again with one more of each capacity that may take half a day off it.
    graph
        The network, as `flanksim.graph` gives it, edited or not; None for that of the scenario's tables.

    Raises
    ------
    FlanksimError
        E305 where a unit has no admissible route at all; E308 if the graph cannot be used.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> found = ladder(load("corridor-mini"))
    >>> found.bounds["volume"] >= found.bounds["free_flow"] > 0
    True
    """
    begun = perf_counter()
    scenario = at_year(scenario)
    network_of = partial(_network_of, scenario, graph)
    tables = network_of(scenario)
    plan = _at_once(tables)
    inputs = inputs_of(plan, seed)
    network = FlowNetwork(tables, inputs)
    hours = unit_hours(network)
    free = closure_day(force_hour(plan, hours))
    program = VolumeProgram(network)
    volume = program.solve()
    sea = lowest(network)
    ships = ship_program(sea, program, hours)
    sailed = ships.bound(volume.hour) if sea.cargoes and math.isfinite(volume.hour) else None
    finer = _finer(program, volume) if time_expanded else None
    bounds = _days(free, volume, sailed, finer)
    together, duals = _highest(_binding(plan, hours, free, volume), sorted(sea.ships), volume, sailed, finer)
    found, untried = tuple[Gain, ...](), 0
    if prices and together[0] == "whole_ships" and sailed is not None:
        found, untried = _gains_of_ships(scenario, network_of, seed, ships, sailed, volume, free)
    elif prices:
        found, untried = _gains(scenario, network_of, seed, duals, free, volume, finer, sailed)
    return Ladder(
        scenario=scenario.name,
        bounds=bounds,
        planned_free_flow=_on_its_routes(tables, seed) if groups else math.nan,
        binding=(together[0], together[1]),
        prices=found,
        groups=_groups(plan, network, hours, sea) if groups else (),
        seconds=perf_counter() - begun,
        seed=seed,
        reliefs=_reliefs(network, volume, ahead),
        bridges=_bridges(scenario, network_of, volume, seed) if ahead else None,
        together=together[1:] if together[1] else (),
        untried=untried,
        units={unit.unit_id: closure_day(hour) for unit, hour in zip(plan.units, hours, strict=True)},
    )


def _network_of(scenario: Scenario, graph: nx.MultiDiGraph[str] | None, other: Scenario) -> Network:
    """The network of a changed scenario: of its tables, or an edited graph with the same changes."""
    return Network(other, None if graph is None else with_changes(graph, scenario, other))


def _finer(program: VolumeProgram, volume: Volume) -> Expanded:
    from flanksim.bounds.time_expanded import TimeExpanded

    return TimeExpanded(program, volume).solve()


def _program(network: Network, seed: int | None) -> VolumeProgram:
    return VolumeProgram(FlowNetwork(network, inputs_of(_at_once(network), seed)))


def _bridges(
    scenario: Scenario, network_of: Callable[[Scenario], Network], volume: Volume, seed: int | None
) -> Bridges:
    def day(network: Network) -> float:
        return closure_day(_program(network, seed).solve().hour)

    return bridges(scenario, network_of, closure_day(volume.hour), day)


def _gains(
    scenario: Scenario,
    network_of: Callable[[Scenario], Network],
    seed: int | None,
    duals: Sequence[Price],
    free: float,
    volume: Volume,
    finer: Expanded | None,
    sailed: WholeShips | None,
) -> tuple[tuple[Gain, ...], int]:
    """What one more of each priced capacity takes off the highest bound, which is not that with whole ships."""
    hour = volume.hour if finer is None else max(finer.hour, volume.hour)
    if not math.isfinite(hour):
        return (), 0

    def falls(other: Scenario, most: float) -> float:
        program = _program(network_of(other), seed)
        found = program.solve()
        days = (hour - found.hour) / HOURS_PER_DAY
        if sailed is not None and days >= HALF_A_DAY and sailed.hour > found.hour:  # it may fall as well
            ships = ship_program(lowest(program.network), program, unit_hours(program.network))
            days = min(days, (hour - ships.bound(found.hour, sailed.hour).undecided_hour) / HOURS_PER_DAY)
        if finer is None or days < HALF_A_DAY:
            return days
        from flanksim.bounds.time_expanded import TimeExpanded

        again = TimeExpanded(program, found).after(finer, most * HOURS_PER_DAY, HALF_A_DAY * HOURS_PER_DAY)
        return min(days, again / HOURS_PER_DAY)

    return gains(scenario, duals, closure_day(hour) - free, falls, None if finer is None else _MOST)


def _gains_of_ships(
    scenario: Scenario,
    network_of: Callable[[Scenario], Network],
    seed: int | None,
    ships: ShipProgram,
    sailed: WholeShips,
    volume: Volume,
    free: float,
) -> tuple[tuple[Gain, ...], int]:
    """What one more ship or berth takes off the bound with whole ships."""

    def falls(other: Scenario, most: float) -> float:
        network = network_of(other)
        again = replace(ships, sea=resupplied(ships.sea, ships.inputs, network))
        hours = again.after(sailed, most * HOURS_PER_DAY, HALF_A_DAY * HOURS_PER_DAY)
        if hours > 0.0 and sailed.hour - hours < volume.hour:  # the volume bound may fall as well, and takes longer
            hours = min(hours, sailed.hour - _program(network, seed).solve().hour)
        return hours / HOURS_PER_DAY

    return gains(scenario, sailed.prices, closure_day(sailed.hour) - free, falls, _MOST)


def _at_once(network: Network) -> Plan:
    """Of a plan a bound needs units, readiness and lift: `spread` has the same options and is compiled at once.

    `shortest` has one option of each load, which may lead over two seas where another would not, and is as quick.
    """
    if network.scenario.routing.strategy == "shortest":
        return plan_on(network)
    routing = network.scenario.routing.model_copy(update=_AT_ONCE)
    return plan_on(network.under(network.scenario.model_copy(update={"routing": routing})))


def _on_its_routes(network: Network, seed: int | None) -> float:
    """Free flow on the routes of the plan that is run; `groups` asks for it, since a planned one takes a while."""
    plan = plan_on(network)
    return closure_day(force_hour(plan, plan_hours(inputs_of(plan, seed))))


def _reliefs(network: FlowNetwork, volume: Volume, ahead: int) -> tuple[Relief, ...]:
    """Double what binds, solve again, and so on; a fleet is doubled with its crews and its last loads."""
    found: list[Relief] = []
    wider = copy(network)
    while len(found) < ahead and volume.prices:
        first = volume.prices[0]
        wider.resources = [
            replace(
                entry,
                capacity=2.0 * entry.capacity,
                groups=tuple((2.0 * count, since) for count, since in entry.groups),
            )
            if entry.name == first.element and (first.kind in (entry.kind, "fleet"))
            else entry
            for entry in wider.resources
        ]
        volume = VolumeProgram(wider).solve()
        found.append(Relief(first.element, first.attribute, first.capacity, closure_day(volume.hour)))
    return tuple(found)


def _days(free: float, volume: Volume, sailed: WholeShips | None, finer: Expanded | None) -> dict[str, float | None]:
    """Closure day by the name of each bound; None for one that was not solved."""
    return {
        "free_flow": free,
        "volume": closure_day(volume.hour),
        "whole_ships": None if sailed is None else closure_day(sailed.hour),
        "time_expanded": None if finer is None else closure_day(max(finer.hour, volume.hour)),
    }


def _highest(
    coarse: tuple[str, ...], fleets: Sequence[str], volume: Volume, sailed: WholeShips | None, finer: Expanded | None
) -> tuple[tuple[str, ...], Sequence[Price]]:
    """The bound that is later than all others, what sets it, and the prices of it.

    `coarse` names these of free flow and volume, `fleets` the fleets of ships.
    """
    together, duals = coarse, volume.prices
    hour, margin = volume.hour, HOURS_PER_DAY * _SAME_DAYS
    if sailed is not None and sailed.hour > hour + margin:
        together, duals = ("whole_ships", *([price.element for price in sailed.prices] or fleets)), sailed.prices
        hour = sailed.hour
    if finer is not None and finer.hour > hour + margin:
        others = (price.element for price in finer.prices if price.element != finer.binding)
        together, duals = ("time_expanded", finer.binding, *others), finer.prices
    return together, duals


def _binding(plan: Plan, hours: list[float], free: float, volume: Volume) -> tuple[str, ...]:
    """The higher of free flow and volume, and all that sets it: units closed last, or what is used to the full."""
    if closure_day(volume.hour) > free + _SAME_DAYS and volume.binding:
        return ("volume", *(price.element for price in volume.prices))
    when = force_hour(plan, hours)
    last = [unit.unit_id for unit, hour in zip(plan.units, hours, strict=True) if abs(hour - when) < SAME_HOUR]
    return ("free_flow", *(last or [""]))


def _groups(plan: Plan, network: FlowNetwork, hours: list[float], sea: SeaLift) -> tuple[Group, ...]:
    """Each regional plan and tier 1 alone: other units only take capacity away, so the bound stays valid."""
    names = sorted({unit.regional_plan for unit in plan.units})
    members: list[tuple[Literal["plan", "tier"], str, list[int]]] = [
        ("plan", name, [n for n, unit in enumerate(plan.units) if unit.regional_plan == name and not unit.in_place])
        for name in (names if names != [""] else [])
    ]
    members.append(("tier", "tier 1", [n for n, unit in enumerate(plan.units) if unit.tier == 1 and not unit.in_place]))
    found = []
    for kind, name, units in members:
        if not units:
            continue
        program = VolumeProgram(network, units)
        volume = program.solve()
        troops = sum(plan.units[number].troops for number in units)
        free, sailed = closure_day(force_hour(plan, hours, units)), None
        if any(unit in units for cargo in sea.cargoes for unit, _ in cargo.members) and math.isfinite(volume.hour):
            sailed = closure_day(ship_program(sea, program, hours).bound(volume.hour, close_h=_GROUPS_H).hour)
        found.append(Group(name, troops, free, closure_day(volume.hour), kind, sailed))
    return tuple(found)
