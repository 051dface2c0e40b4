"""Scenario to Plan: loads, options, lots, serials and programs, all before the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flanksim.collecting import no_collecting
from flanksim.errors import FlanksimError
from flanksim.investment.apply import at_year
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.planning.blocked import without_options
from flanksim.planning.carried import Choices, Found, carry, choices_of
from flanksim.planning.loads import Load, loads_of
from flanksim.planning.lots import Lot
from flanksim.planning.options import Option, options_of
from flanksim.planning.permissions import Permits
from flanksim.planning.plan import Plan
from flanksim.planning.programs import Programs
from flanksim.planning.resources import Resources
from flanksim.planning.serials import closings, serials_of
from flanksim.planning.strategies.flow import flow
from flanksim.planning.strategies.spread import spread
from flanksim.planning.sustainment import supplies_of, supply_ways
from flanksim.planning.ways import Ways
from flanksim.planning.workload import Workload
from flanksim.scenario.distributions import triangular
from flanksim.scenario.schema import Scenario
from flanksim.units import deadline_hour, horizon_hour, hours

if TYPE_CHECKING:
    import networkx as nx

Strategy = Callable[[Sequence[Load], Sequence[Sequence[Option]], Workload], Iterable[Lot]]
#: By the name that ``routing.strategy`` gives them; ``shortest`` is ``spread`` with one itinerary for each load, and
#: under ``adaptive`` the way of a serial may still change when it starts.
STRATEGIES: dict[str, Strategy] = {"shortest": spread, "spread": spread, "planned": flow, "adaptive": flow}


def compile_plan(scenario: Scenario, graph: nx.MultiDiGraph[str] | None = None) -> Plan:
    """Everything that a replication needs, numbered and frozen.

    Parameters
    ----------
    scenario
        What moves, and the rules.
    graph
        The network, as `flanksim.graph` gives it, edited or not; None for that of the scenario's tables.

    Raises
    ------
    FlanksimError
        E305 for every unit and element without an admissible itinerary, with what stops it; E308 if the graph cannot
        be used.
    """
    return plan_on(Network(at_year(scenario), graph))


def plan_on(network: Network) -> Plan:
    """The plan on a network whose scenario is settled for its year."""
    return Planner(network).anew().plan


@dataclass(frozen=True)
class Made:
    """A plan, what it decides by names, and how many loads of a plan that was carried over are planned anew."""

    plan: Plan
    choices: Choices
    loads_anew: int = 0


class Planner:
    """Plans on one network whose scenario is settled for its year: loads and their ways are found once for all.

    Raises
    ------
    FlanksimError
        As `compile_plan`.
    """

    @no_collecting()
    def __init__(self, network: Network) -> None:
        self._physics = Physics(network, lift_pools(network))
        self._loads = loads_of(network)
        self._options = options_of(self._loads, self._physics)
        if problems := without_options(self._loads, self._options, self._physics):
            raise FlanksimError(problems)
        self._supply = supply_ways(self._physics) if network.scenario.mechanisms.sustainment else {}

    @no_collecting()
    def anew(self) -> Made:
        """The plan that the scenario's own strategy makes."""
        workload = self._workload()
        lots = list(self._strategy(self._loads, self._options, workload))
        return self._made(Found(self._options, lots, self._supply, 0), workload)

    @no_collecting()
    def carried(self, choices: Choices) -> Made | None:
        """The plan of another network on this one; None if nothing of it can be carried over."""
        workload = self._workload()

        def strategy(loads: Sequence[Load], options: Sequence[Sequence[Option]]) -> list[Lot]:
            return list(self._strategy(loads, options, workload))

        found = carry(choices, self._loads, self._options, self._supply, self._physics, strategy)
        if found is None:
            return None
        # What might have been chosen is numbered too, as by a strategy: where all is the same, so are the plans.
        for load, ways in zip(self._loads, found.options, strict=True):
            workload.asked(load, ways)
        return self._made(found, workload)

    @property
    def _strategy(self) -> Strategy:
        return STRATEGIES[self._physics.scenario.routing.strategy]

    def _workload(self) -> Workload:
        return Workload(Programs(Resources(self._physics)))

    def _made(self, found: Found, workload: Workload) -> Made:
        plan = _plan(self._loads, found, workload)
        decided = choices_of(self._loads, found.options, found.lots, found.supply, open_ways=bool(plan.ways))
        return Made(plan, decided, found.loads_anew)


def _plan(loads: Sequence[Load], found: Found, workload: Workload) -> Plan:
    """The plan with these lots.

    Programs and what they use are numbered where they are first asked for, so the order of these steps is part of the
    plan: that of ships comes last, when it is known what they carry.
    """
    programs = workload.programs
    resources, scenario = programs.resources, programs.physics.scenario
    permits = Permits(scenario)
    ways = Ways(programs, permits)
    adaptive = scenario.routing.strategy == "adaptive"
    moving, ships = serials_of(found.lots, loads, found.options, programs, permits, ways if adaptive else None)
    count = len(moving) + len(ships)
    ranks = {serial.unit: serial.priority for serial in moving}  # of each unit that of its last lot
    units, closing = closings(scenario, ranks, programs, count)
    supplies, supply, draws = (
        supplies_of(
            programs,
            found.supply,
            {units[serial.unit].priority: serial.priority for serial in moving},
            count + len(units),
        )
        if scenario.mechanisms.sustainment
        else ([], [], {})
    )
    own = [*moving, *(ship.serial(programs) for ship in ships), *closing]
    question = scenario.question
    return Plan(
        scenario=scenario.name,
        scenario_digest=scenario.digest,
        horizon_h=horizon_hour(question.horizon_days),
        deadline_h=deadline_hour(question.deadline_days),
        tier_1_deadline_h=deadline_hour(question.tier_1_deadline_days),
        troops_required=scenario.troops_required,
        count_in_place=scenario.forces.count_in_place,
        chance=scenario.mechanisms.chance,
        gates=tuple(resources.gates),
        servers=tuple(resources.servers),
        stores=tuple(resources.stores),
        pools=resources.finished_pools(),
        distributions=tuple(resources.distributions),
        programs=tuple(programs.made),
        serials=tuple(sorted([*own, *supply], key=lambda serial: serial.number)),
        units=tuple(units),
        ready_delay=triangular(*scenario.spread("ready_delay_days")),
        element_sizes=tuple(sorted((Counter(serial.element for serial in own) | draws).items())),
        call_lead_h=hours(scenario.optional("ship_call_lead_days")),
        permits=tuple(permits.made),
        outages=resources.outages(),
        workshops=tuple(resources.workshops),
        supplies=tuple(supplies),
        ways=tuple(ways.made),
        work=ways.work((serial.program for serial in (*moving, *supply)), workload),
        way_margin_h=scenario.optional("way_margin_hours") if adaptive else 0.0,
    )
