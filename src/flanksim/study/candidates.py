"""Which plan a design point is run with: its own, or that of a poorer network, whichever plays better.

A plan is carried over to every network that has what it uses, and what is not worse there. The plan that is made anew
takes its place only where it is clearly better, by plays with seeds of their own: so a richer network is not planned
worse than the poorer ones below it. What is chosen depends on the networks and on the seed of the study alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flanksim.engine.calling import Player
from flanksim.engine.choice import engine_for, simulator
from flanksim.engine.simulate import simulate_plan
from flanksim.engine.streams import planning_seeds
from flanksim.investment.apply import at_year
from flanksim.measure.clocks import mobility_delay, unit_hours
from flanksim.measure.closure import ALL, closures, groups
from flanksim.measure.replications import Origin
from flanksim.network.network import Network
from flanksim.planning.carried import Choices
from flanksim.planning.compile import Made, Planner
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario
from flanksim.units import closure_day

if TYPE_CHECKING:
    import networkx as nx

#: Plays of each plan, and by how many days a new one must be better on the mean of them.
PLAYS, CLEARLY_DAYS = 6, 0.5


@dataclass(frozen=True)
class Carried:
    """A plan that may be carried over: what it decides, and for which design point it was made."""

    choices: Choices
    origin: Origin


@dataclass(frozen=True)
class Chosen:
    """The plan with which a design point is run, what it decides, and where it comes from."""

    plan: Plan
    choices: Choices
    origin: Origin = field(default_factory=Origin)

    def carried(self, key: str) -> Carried:
        """The same for the points above the one with this key."""
        return Carried(self.choices, self.origin if self.origin.cell else Origin(key))


def choose(
    scenario: Scenario,
    below: Sequence[Carried],
    root_seed: int,
    graph: nx.MultiDiGraph[str] | None = None,
    *,
    keep: bool = False,
    engine: str | None = None,
) -> Chosen:
    """The plan with which a scenario is run.

    Parameters
    ----------
    scenario
        The network of the design point.
    below
        Plans of poorer networks; of those that differ here the one that plays best is tried, of equals the first.
    root_seed
        Of the study: it gives the seeds of the plays.
    graph
        The network where it was edited; None for that of the scenario's tables.
    keep
        Whether the first plan that can be carried over is kept, however good a new one is: it was made by people who
        did not know what would change.
    engine
        What plays, see `flanksim.engine.choice`.

    Raises
    ------
    FlanksimError
        E305 and the like for a scenario that cannot be planned.
    """
    return choose_on(Planner(Network(at_year(scenario), graph)), below, root_seed, engine, keep=keep)


def choose_on(
    planner: Planner, below: Sequence[Carried], root_seed: int, engine: str | None = None, *, keep: bool = False
) -> Chosen:
    """The same on a network whose ways are found already."""
    for entry in below if keep else ():
        if (made := planner.carried(entry.choices)) is not None:
            return _old(entry, made)
    own = planner.anew()
    seeds = planning_seeds(root_seed, PLAYS if own.plan.chance else 1)
    player = engine_for(own.plan, engine, len(below) and (1 + len(below)) * len(seeds), tell=False)
    plays = _Plays(seeds, simulator(player))
    old: list[Chosen] = []
    for entry in below:
        made = planner.carried(entry.choices)
        if made is not None and not any(made.choices.same_as(other.choices) for other in old):
            old.append(_old(entry, made))
    kept = min(old, key=plays.mean) if len(old) > 1 else next(iter(old), None)
    return Chosen(own.plan, own.choices) if kept is None or plays.better(own, kept) else kept


def _old(entry: Carried, made: Made) -> Chosen:
    origin = Origin(entry.origin.cell, entry.origin.loads_anew + made.loads_anew)
    return Chosen(made.plan, made.choices, origin)


class _Plays:
    """Plays of plans with the same seeds, each made when it is first asked for."""

    def __init__(self, seeds: Sequence[int], play: Player) -> None:
        self._seeds, self._play = seeds, play
        self._known: dict[tuple[str, int], tuple[float, float]] = {}

    def better(self, new: Made | Chosen, old: Made | Chosen) -> bool:
        """Whether a plan is clearly better: by closure day and mobility delay together.

        Better with each seed, by half a day on the mean, and neither of the two later on the mean. One seed with which
        it is not better decides: of two plans that do as well as each other, most often the first or the second.
        """
        if new.choices.same_as(old.choices):
            return False
        gains: list[tuple[float, float]] = []
        for seed in self._seeds:
            before, after = self._days(old.plan, seed), self._days(new.plan, seed)
            gains.append((before[0] - after[0], before[1] - after[1]))
            if sum(gains[-1]) <= 0.0:
                return False
        closure, delay = (math.fsum(column) / len(gains) for column in zip(*gains, strict=True))
        return closure >= 0.0 and delay >= 0.0 and closure + delay >= CLEARLY_DAYS

    def mean(self, made: Chosen) -> float:
        """Closure day and mobility delay together, on the mean of all plays."""
        return math.fsum(sum(self._days(made.plan, seed)) for seed in self._seeds) / len(self._seeds)

    def _days(self, plan: Plan, seed: int) -> tuple[float, float]:
        key = (plan.digest, seed)
        if key not in self._known:
            self._known[key] = played(plan, seed, self._play)
        return self._known[key]


def played(plan: Plan, seed: int, play: Player = simulate_plan) -> tuple[float, float]:
    """Closure day and mobility delay (days per soldier) of one play; what is not closed counts to the horizon."""
    log = play(plan, seed)
    hour = closures(plan, log.closed_h)[ALL].hour
    delay = mobility_delay(plan, unit_hours(log), groups(plan)[ALL])
    return closure_day(plan.horizon_h if math.isnan(hour) else hour), 0.0 if math.isnan(delay) else delay


def below(keys: Sequence[str], built: Sequence[Mapping[str, float]]) -> dict[str, tuple[str, ...]]:
    """For each design point the largest ones below it: every project is built there to no larger part.

    Parameters
    ----------
    keys
        Of the points; where one comes again, the occurrence with least built counts.
    built
        The part of each project that is in service, 0 to 1.

    Examples
    --------
    >>> below(["today", "a", "ab", "b"], [{}, {"a": 1.0}, {"a": 1.0, "b": 0.5}, {"b": 1.0}])
    {'today': (), 'a': ('today',), 'b': ('today',), 'ab': ('a',)}
    """
    first: dict[str, Mapping[str, float]] = {}
    for place in sorted(range(len(keys)), key=lambda place: (math.fsum(built[place].values()), place)):
        first.setdefault(keys[place], built[place])

    def within(few: Mapping[str, float], more: Mapping[str, float]) -> bool:
        return few != more and all(part <= more.get(key, 0.0) for key, part in few.items())

    under = {key: [other for other in first if within(first[other], first[key])] for key in first}
    return {
        key: tuple(other for other in found if not any(other in under[third] for third in found))
        for key, found in under.items()
    }
