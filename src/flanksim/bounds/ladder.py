"""The ladder of bounds of one scenario: free flow, volume, time-expanded; what binds, and prices.

Every rung holds for every schedule on every admissible route, on the same inputs. Without a seed
the inputs are the best that chance allows, so that the bounds hold in every replication; with one
they are what that replication draws for readiness, integration and the lift that turns up.
"""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Literal

from flanksim.bounds.bridges import Bridges, bridges
from flanksim.bounds.free_flow import force_hour, plan_hours, unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.network import FlowNetwork
from flanksim.bounds.volume import Price, Volume, VolumeProgram
from flanksim.investment.apply import realise
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario
from flanksim.units import closure_day

#: A tighter program counts as binding only if it is later than free flow by this, days.
_SAME_DAYS = 0.01
_AT_ONCE = {"strategy": "spread"}


@dataclass(frozen=True, slots=True)
class Group:
    """Bounds of the units of one regional plan or tier, as if they alone moved; days.

    `kind` tells a plan that somebody called "tier 1" from the first tier.
    """

    name: str
    troops: int
    free_flow: float
    volume: float
    kind: Literal["plan", "tier"] = "plan"

    @property
    def best(self) -> float:
        """The highest rung."""
        return max(self.free_flow, self.volume)


@dataclass(frozen=True, slots=True)
class Relief:
    """What the volume bound would be if this element, and all before it, had twice the capacity."""

    element: str
    attribute: str
    capacity: float
    volume: float


@dataclass(frozen=True)
class Ladder:
    """Days before which no schedule closes the force.

    Attributes
    ----------
    bounds
        Closure day by name of bound: ``free_flow``, ``volume`` and ``time_expanded`` (None if not asked for).
    planned_free_flow
        Free flow on the routes of the plan alone, with their rests: valid for that plan's serials only; nan without
        groups.
    binding
        Name of the highest bound, and the element, fleet or unit that sets it.
    prices
        Days by which the bound falls for one more unit of each capacity, dearest as a whole first.
    groups
        Bounds of each regional plan and of tier 1, each as if it alone moved.
    reliefs
        What binds next, once what binds now is doubled: prices alone show one bottleneck of a series (V28).
    bridges
        What stronger roads and bridges would do to the volume bound; None if not asked for.
    """

    scenario: str
    bounds: dict[str, float | None]
    planned_free_flow: float
    binding: tuple[str, str]
    prices: tuple[Price, ...]
    groups: tuple[Group, ...]
    seconds: float
    seed: int | None = None
    reliefs: tuple[Relief, ...] = ()
    bridges: Bridges | None = None

    @property
    def day(self) -> float:
        """The highest rung: no schedule closes the force earlier."""
        return max(value for value in self.bounds.values() if value is not None)

    def as_json(self) -> dict[str, Any]:
        """For machines; a bound that no schedule at all can meet is null."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "bounds": {name: _number(value) for name, value in self.bounds.items()},
            "planned_free_flow": _number(self.planned_free_flow),
            "binding": {"bound": self.binding[0], "element": self.binding[1]},
            "groups": [
                {
                    "name": g.name,
                    "kind": g.kind,
                    "troops": g.troops,
                    "free_flow": _number(g.free_flow),
                    "volume": _number(g.volume),
                }
                for g in self.groups
            ],
            "prices": [
                {
                    "element": price.element,
                    "attribute": price.attribute,
                    "capacity": price.capacity,
                    "days_per_unit": price.days_per_unit,
                }
                for price in self.prices
            ],
            "reliefs": [
                {
                    "element": relief.element,
                    "attribute": relief.attribute,
                    "capacity": relief.capacity,
                    "volume": _number(relief.volume),
                }
                for relief in self.reliefs
            ],
            "bridges": None
            if self.bridges is None
            else {
                "all_lifted_day": _number(self.bridges.all_lifted_day),
                "days": self.bridges.days,
                "single": [
                    {
                        "element": entry.element,
                        "max_mlc": entry.max_mlc,
                        "needed_mlc": entry.needed_mlc,
                        "days": entry.days,
                    }
                    for entry in self.bridges.single
                ],
            },
            "seconds": self.seconds,
        }


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def ladder(
    scenario: Scenario, *, time_expanded: bool = False, seed: int | None = None, ahead: int = 0, groups: bool = True
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

    Raises
    ------
    FlanksimError
        E305 where a unit has no admissible route at all.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> found = ladder(load("corridor-mini"))
    >>> found.bounds["volume"] >= found.bounds["free_flow"] > 0
    True
    """
    begun = perf_counter()
    scenario = realise(scenario)
    plan = _at_once(scenario)
    inputs = inputs_of(plan, seed)
    network = FlowNetwork(scenario, inputs)
    hours = unit_hours(network)
    free = closure_day(force_hour(plan, hours))
    program = VolumeProgram(network)
    volume = program.solve()
    bounds: dict[str, float | None] = {
        "free_flow": free,
        "volume": closure_day(volume.hour),
        "time_expanded": None,
    }
    binding, prices = _binding(plan, hours, free, volume), volume.prices
    if time_expanded:
        from flanksim.bounds.time_expanded import TimeExpanded

        finer = TimeExpanded(program, volume).solve()
        bounds["time_expanded"] = closure_day(max(finer.hour, volume.hour))
        if closure_day(finer.hour) > closure_day(volume.hour) + _SAME_DAYS:
            binding, prices = ("time_expanded", finer.binding), finer.prices
    return Ladder(
        scenario=scenario.name,
        bounds=bounds,
        planned_free_flow=_on_its_routes(scenario, seed) if groups else math.nan,
        binding=binding,
        prices=prices,
        groups=_groups(plan, network, hours) if groups else (),
        seconds=perf_counter() - begun,
        seed=seed,
        reliefs=_reliefs(network, volume, ahead),
        bridges=bridges(scenario, closure_day(volume.hour), lambda other: _volume_day(other, seed)) if ahead else None,
    )


def _volume_day(scenario: Scenario, seed: int | None) -> float:
    return closure_day(VolumeProgram(FlowNetwork(scenario, inputs_of(_at_once(scenario), seed))).solve().hour)


def _at_once(scenario: Scenario) -> Plan:
    """Of a plan a bound needs units, readiness and lift: `spread` has the same options and is compiled at once."""
    return compile_plan(scenario.model_copy(update={"routing": scenario.routing.model_copy(update=_AT_ONCE)}))


def _on_its_routes(scenario: Scenario, seed: int | None) -> float:
    """Free flow on the routes of the plan that is run; `groups` asks for it, since a planned one takes a while."""
    plan = compile_plan(scenario)
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


def _binding(plan: Plan, hours: list[float], free: float, volume: Volume) -> tuple[str, str]:
    if closure_day(volume.hour) > free + _SAME_DAYS and volume.binding:
        return "volume", volume.binding
    when = force_hour(plan, hours)
    last = next((unit.unit_id for unit, hour in zip(plan.units, hours, strict=True) if hour == when), "")
    return "free_flow", last


def _groups(plan: Plan, network: FlowNetwork, hours: list[float]) -> tuple[Group, ...]:
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
        volume = VolumeProgram(network, units).solve()
        troops = sum(plan.units[number].troops for number in units)
        free = closure_day(force_hour(plan, hours, units))
        found.append(Group(name, troops, free, closure_day(volume.hour), kind))
    return tuple(found)
