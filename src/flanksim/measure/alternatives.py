"""Alternatives under common random numbers: what each is, its runs, and its differences from the first."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import ALL
from flanksim.measure.columns import columns
from flanksim.measure.replications import INDIFFERENT_DELAY_DAYS, Difference, ReplicationSet
from flanksim.measure.selection import Selection, ocba, select_best
from flanksim.measure.sets_of_runs import SetsOfRuns
from flanksim.measure.statistics import Chance
from flanksim.measure.world_runs import WorldDifference, WorldRuns
from flanksim.scenario.schema import Scenario
from flanksim.units import deadline_hour


@dataclass(frozen=True)
class About:
    """What an alternative is, in words and money.

    Attributes
    ----------
    title
        Its name for people; no two alternatives have the same.
    projects
        Projects of a portfolio, each after what it needs.
    needed
        Those of them that were not asked for, but must be done before.
    built_before
        Those of them that the first scenario has in service by its year already, and that cost nothing again.
    stands_by
        First year by which the portfolio can be in service; None without a portfolio.
    cost_bn_eur
        Low, typical and high EUR bn beyond today; of a scenario what it has spent by its year.
    """

    title: str
    projects: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    built_before: tuple[str, ...] = ()
    stands_by: int | None = None
    cost_bn_eur: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Alternative(ReplicationSet):
    """A scenario or portfolio with its runs; no two of a comparison have the same `name` or `title`.

    Attributes
    ----------
    cell
        Digest of its scenario; alternatives with equal scenarios share their runs.
    cost_bn_eur
        What it spends beyond today, EUR bn.
    scenario
        The network on which it ran.
    bound_day
        The closure day that no schedule beats; nan if it was not computed.
    worlds
        Its runs in other worlds, the same of all alternatives; None where none were asked for.
    """

    name: str = field(kw_only=True)
    cell: str = field(kw_only=True)
    cost_bn_eur: float = field(kw_only=True)
    scenario: Scenario = field(repr=False, compare=False, kw_only=True)
    bound_day: float = field(default=math.nan, kw_only=True)
    about: About = field(default_factory=lambda: About(""), kw_only=True)
    worlds: WorldRuns | None = field(default=None, repr=False, kw_only=True)

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.about.title or self.name

    def unbeaten(self, group: str = ALL) -> float:
        """The day that no schedule beats; of the whole force alone, else nan."""
        return self.bound_day if self.key(group) == ALL else math.nan


@dataclass(frozen=True)
class AlternativeRuns(SetsOfRuns[str]):
    """Alternatives with the same random numbers; the others are compared with the first.

    Attributes
    ----------
    alternatives
        The first is the baseline.
    indifference_days
        A difference of the closure day that is smaller does not matter.
    year
        For which the first scenario was asked; None for its tables as they are.
    seconds
        That the study took.
    folder
        Where it was saved; None if it was not.
    """

    alternatives: tuple[Alternative, ...]
    indifference_days: float = 0.5
    year: int | None = None
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)

    @property
    def scenario(self) -> Scenario:
        """That of the first alternative."""
        return self.alternatives[0].scenario

    @property
    def deadline_days(self) -> float:
        """Deadline of the first scenario, C-day label: by it the chances of all are counted."""
        return self.scenario.question.deadline_days

    @property
    def seed(self) -> int:
        """Root of the random numbers, the same for all."""
        return self.scenario.seed

    def at(self, which: str) -> Alternative:
        """The alternative of a name or title.

        Raises
        ------
        FlanksimError
            E521 if there is none.
        """
        known = {entry.title: entry for entry in self.alternatives} | {entry.name: entry for entry in self.alternatives}
        if not isinstance(which, str) or which not in known:
            hint = f"there are {', '.join(entry.name for entry in self.alternatives)}"
            raise FlanksimError(Problem("E521", "compare", "", f"no alternative {which!r}", hint))
        return known[which]

    def plan_words(self, entry: Alternative) -> str:
        """Where the plan of an alternative comes from: ``made anew``, or ``carried over from`` the title of another."""
        return entry.origin.words(
            next((other.title for other in self.alternatives if other.cell == entry.origin.cell), "")
        )

    def chance(self, entry: Alternative) -> Chance:
        """The chance of an alternative of closing by the deadline of the first, by which all are counted."""
        return entry.chance_by(deadline_hour(self.deadline_days))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The others less the first, in their order.

        Intervals hold together at 95 %, those of the days and those of the shares in time: each is widened for the
        number of alternatives (Bonferroni).
        """
        first, *others = self.alternatives
        confidence = 1.0 - 0.05 / len(others)
        return tuple(
            other.against(first, indifference_days=self.indifference_days, confidence=confidence) for other in others
        )

    @cached_property
    def selection(self) -> Selection:
        """Which brings a soldier in soonest in the mean, by columns in the order of `alternatives`."""
        return select_best(self._closings, INDIFFERENT_DELAY_DAYS)

    @cached_property
    def next_runs(self) -> dict[str, float]:
        """Where further runs tell most about that: the part of them that each alternative should get, 0 to 1."""
        days = self._closings
        if len(days) < 2:
            return {}
        parts = ocba(days.mean(axis=0).tolist(), days.std(axis=0, ddof=1).tolist(), 1.0, INDIFFERENT_DELAY_DAYS)
        return dict(zip((entry.name for entry in self.alternatives), parts.tolist(), strict=True))

    @cached_property
    def _closings(self) -> NDArray[np.float64]:
        """Day on which a soldier is closed in the mean: a row a seed that all have, a column an alternative."""
        columns = [
            dict(zip((run.seed for run in entry.replications), entry.mean_closings(), strict=True))
            for entry in self.alternatives
        ]
        rows = [[column.get(seed, math.nan) for column in columns] for seed in columns[0]]
        return np.array([row for row in rows if not any(map(math.isnan, row))]).reshape(-1, len(columns))

    @cached_property
    def world_differences(self) -> tuple[WorldDifference, ...]:
        """The others less the first over worlds, each in the same world, in their order; none without worlds.

        Intervals hold together at 95 % as those of `differences`.
        """
        first, *others = (entry.worlds for entry in self.alternatives)
        confidence = 1.0 - 0.05 / max(1, len(others))
        return tuple(
            other.against(first, indifference_days=self.indifference_days, confidence=confidence)
            for other in others
            if other is not None and first is not None
        )

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Those of `table`."""
        deadline_h = deadline_hour(self.deadline_days)
        return [
            {
                "alternative": entry.name,
                "title": entry.title,
                **columns(entry, deadline_h, difference),
                "proved_zero": self.chance(entry).proved_zero,
                "cost_bn_eur": entry.cost_bn_eur,
                "cost_low_bn_eur": entry.about.cost_bn_eur[0],
                "cost_high_bn_eur": entry.about.cost_bn_eur[2],
                "stands_by": entry.about.stands_by,
                "projects": ";".join(entry.about.projects),
                "bound_day": entry.bound_day,
                "plan": self.plan_words(entry),
            }
            for entry, difference in zip(self.alternatives, (None, *self.differences), strict=True)
        ]
