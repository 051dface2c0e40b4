"""Units that no schedule closes by their date: told before anything is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import plan_hours, unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.errors import Problem
from flanksim.investment.apply import at_year
from flanksim.network.graph import with_changes
from flanksim.network.network import Network
from flanksim.planning.compile import plan_on
from flanksim.planning.plan import Plan
from flanksim.scenario.saying import Say, Where
from flanksim.scenario.schema import Scenario
from flanksim.units import closure_day

if TYPE_CHECKING:
    import networkx as nx

#: A unit is late by more than this, days: dates are whole days.
_LATE_DAYS = 0.01


def late_units(
    scenario: Scenario,
    plan: Plan,
    where: Where,
    known: Iterable[Problem] = (),
    graph: nx.MultiDiGraph[str] | None = None,
) -> Iterator[Problem]:
    """W422 for each unit that cannot be closed by its date on any admissible way, even if it never waited.

    Parameters
    ----------
    scenario
        The scenario, of which `plan` is the plan.
    where
        Gives file and line of a table, row and field.
    known
        Problems that were found before: a unit that misses its date over no distance (W421) is not told twice.
    graph
        The network, edited; None for that of the scenario's tables.
    """
    if scenario.question.clock == "ready":
        return
    settled = at_year(scenario)
    late = _late(settled, plan, plan_hours(inputs_of(plan)))
    if late:  # on these ways; on any other way perhaps not
        network = _network_of(settled, late, graph)
        plan = plan_on(network)
        late = _late(settled, plan, unit_hours(FlowNetwork(network, inputs_of(plan))))
    say, told = Say(where), {problem.path.split(".")[1] for problem in known if problem.code == "W421"}
    for key, day in late.items():
        if key in told:
            continue
        message = (
            f"cannot be closed before C+{day:.1f} on any way, even if nothing queued, but is required by "
            f"C+{settled.units[key].required_day:g}"
        )
        hint = "make it ready sooner, start it nearer, or ask for it later"
        yield say("W422", ("units", key, "required_day"), message, hint)


def _network_of(scenario: Scenario, units: Iterable[str], graph: nx.MultiDiGraph[str] | None) -> Network:
    """The network on which these units alone move: of them alone the bound is sooner found."""
    update = {
        "forces": scenario.forces.model_copy(update={"units": tuple(units)}),
        "question": scenario.question.model_copy(update={"troops_required": None}),
        "routing": scenario.routing.model_copy(update={"strategy": "shortest"}),
        "mechanisms": scenario.mechanisms.model_copy(update={"sustainment": False}),
    }
    alone = scenario.model_copy(update=update)
    return Network(alone, None if graph is None else with_changes(graph, scenario, alone))


def _late(scenario: Scenario, plan: Plan, hours: list[float]) -> dict[str, float]:
    """Day on which each unit is closed that is late, by id."""
    days = {unit.unit_id: closure_day(hour) for unit, hour in zip(plan.units, hours, strict=True)}
    return {key: day for key, day in days.items() if day > scenario.units[key].required_day + _LATE_DAYS}
