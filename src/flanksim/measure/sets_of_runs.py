"""Runs of one scenario with its plan and bound; and what several sets of runs answer, each for itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from flanksim.bounds.rungs import Ladder
from flanksim.measure.clocks import troops_by
from flanksim.measure.closure import ALL, TIER_1, plan_key
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.statistics import Chance, Interval
from flanksim.measure.world_runs import WorldRuns
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario
from flanksim.units import deadline_hour

Which = TypeVar("Which")


@dataclass(frozen=True)
class ScenarioRuns(ReplicationSet):
    """Runs of a plan, with the scenario from which it was made and what no schedule beats.

    Attributes
    ----------
    force
        The plan that was run.
    scenario
        The network that was run: where the scenario asked for a year, that of the year.
    seconds
        That the study took.
    folder
        Where it was saved; None if it was not.
    bound
        What no schedule beats; None if it was not computed.
    built
        What spending built by the year that the scenario asked for, and whose money was left
        (`flanksim.investment.schedule_table.built`); None where it asked for no year.
    worlds
        Runs in other worlds; None where none were asked for.
    """

    force: Plan
    scenario: Scenario = field(kw_only=True)
    seconds: float = field(default=0.0, compare=False, kw_only=True)
    folder: Path | None = field(default=None, compare=False, kw_only=True)
    bound: Ladder | None = field(default=None, compare=False, kw_only=True)
    built: Mapping[str, Any] | None = field(default=None, compare=False, kw_only=True)
    worlds: WorldRuns | None = field(default=None, kw_only=True)

    @property
    def plan(self) -> Plan:
        """The plan that was run."""
        return self.force

    @property
    def seed(self) -> int:
        """Seed of the study, from which those of its replications are made."""
        return self.scenario.seed

    def unbeaten(self, group: str = ALL) -> float:
        """The day that no schedule beats for a group, as if it alone moved; nan where no bound was computed."""
        key = self.key(group)
        if self.bound is None:
            return math.nan
        if key == ALL:
            return self.bound.day
        best = {plan_key(g.name) if g.kind == "plan" else g.name: g.best for g in self.bound.groups}
        return best.get(key, math.nan)

    def ceiling(self, hour: float, group: str = ALL) -> int | None:
        """Troops of a group that can be closed by an hour if nobody ever waits; None where no bound was computed."""
        if self.bound is None:
            return None
        part = self.parts[self.key(group)]
        free = [deadline_hour(self.bound.units[unit.unit_id]) for unit in self.plan.units]
        return troops_by(self.plan, free, part, hour)

    @property
    def dates(self) -> dict[float, float]:
        """The deadlines that are asked about, in order: hour to day label; that of tier 1 where there is one."""
        question = self.scenario.question
        found = {self.plan.deadline_h: question.deadline_days}
        if TIER_1 in self.parts:
            found[self.plan.tier_1_deadline_h] = question.tier_1_deadline_days
        return dict(sorted(found.items()))


class SetsOfRuns(Generic[Which]):
    """What a sweep and a comparison answer for each of their sets of runs, as that set does."""

    def at(self, which: Which) -> ReplicationSet:
        """The runs behind a point or alternative."""
        raise NotImplementedError

    def closure_day(self, which: Which, group: str = ALL) -> Interval:
        """Mean closure day with its 95 % interval, over the runs that closed; nan if none did."""
        return self.at(which).closure_day(group)

    def p_on_time(self, which: Which, group: str = ALL) -> Chance:
        """Chance of closing by the group's deadline; unclosed runs are failures."""
        return self.at(which).p_on_time(group)

    def on_time_share(self, which: Which, group: str = ALL) -> Interval:
        """Share of the troops in closed units by the group's deadline, with its 95 % interval."""
        return self.at(which).on_time_share(group)

    def unclosed(self, which: Which, group: str = ALL) -> int:
        """Runs that did not close by the horizon."""
        return self.at(which).unclosed(group)
