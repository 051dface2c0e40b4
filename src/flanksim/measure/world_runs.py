"""Runs of one scenario in several worlds: chance and what is not known together, and differences paired in each world.

A world is a draw of every number that has a low and a high value. All worlds have as many runs, which differ by chance
as ever. The worlds are the independent pieces: an interval of a mean is over worlds, not over runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from flanksim.measure.closure import ALL
from flanksim.measure.replications import (
    INDIFFERENT_DELAY_DAYS,
    INDIFFERENT_SHARE,
    SAME,
    Difference,
    ReplicationSet,
    judged,
)
from flanksim.measure.statistics import Interval, Spread, t_interval, wilson_of_share


@dataclass(frozen=True, slots=True)
class Variance:
    """Variance of a number over runs in worlds, days squared or the like.

    Attributes
    ----------
    chance
        Within a world, in the mean of all worlds; nan with one run of each.
    not_known
        Between worlds, without what chance puts between their means; nan with one run of each.
    """

    chance: float
    not_known: float

    @property
    def share_not_known(self) -> float:
        """Part of the whole that would go if everything were known, 0 to 1; nan where nothing varies."""
        whole = self.chance + self.not_known
        return self.not_known / whole if whole > 0.0 else math.nan


def variance_of(by_world: Sequence[Sequence[float]]) -> Variance:
    """The two parts, from as many values of each world (one-way analysis of variance, random effects).

    Examples
    --------
    >>> variance_of([[1.0, 1.0], [3.0, 3.0]])
    Variance(chance=0.0, not_known=2.0)
    """
    data = np.asarray(by_world, dtype=float)
    if data.ndim != 2 or data.shape[0] < 2 or data.shape[1] < 2:
        return Variance(math.nan, math.nan)
    within = float(data.var(axis=1, ddof=1).mean())
    between = float(data.mean(axis=1).var(ddof=1)) - within / data.shape[1]
    return Variance(within, max(0.0, between))


@dataclass(frozen=True)
class WorldRuns:
    """Runs of a scenario in worlds.

    Attributes
    ----------
    worlds
        The runs of each, in the order of the draws.
    """

    worlds: tuple[ReplicationSet, ...]

    @cached_property
    def together(self) -> ReplicationSet:
        """All runs of all worlds as one set; its intervals of means would take runs of a world for independent."""
        runs = tuple(run for found in self.worlds for run in found.replications)
        return ReplicationSet(self.worlds[0].force, runs)

    @property
    def runs(self) -> int:
        """Runs of each world."""
        return len(self.worlds[0].replications)

    @property
    def with_same_ways(self) -> int:
        """Worlds in which what may pass where is as with typical values, since else a unit would have no way at all."""
        return sum(found.origin.same_ways for found in self.worlds)

    def closure_spread(self, group: str = ALL) -> Spread:
        """Median closure day, and where nine runs in ten lie, over all runs of all worlds."""
        return self.together.closure_spread(group)

    def p_on_time(self, group: str = ALL) -> Interval:
        """Chance of closing by the group's deadline; for its interval (Wilson) a world counts as one run."""
        return self.chance_by(self.worlds[0].parts[self.worlds[0].key(group)].deadline_h, group)

    def chance_by(self, hour: float, group: str = ALL) -> Interval:
        """Chance of closing by an hour, as `p_on_time`."""
        return wilson_of_share(self.together.chance_by(hour, group).mean, len(self.worlds))

    def over_worlds(self, number: Callable[[ReplicationSet], float]) -> Interval:
        """Mean of a number of each world, with its 95 % interval over worlds."""
        return t_interval([number(found) for found in self.worlds])

    def on_time_share(self, group: str = ALL) -> Interval:
        """Share of the troops in closed units by the group's deadline."""
        return self.over_worlds(lambda found: found.on_time_share(group).mean).cut(1.0)

    def share_by(self, hour: float, group: str = ALL) -> Interval:
        """Share of a group's troops in closed units by an hour."""
        return self.over_worlds(lambda found: found.share_by(hour, group).mean).cut(1.0)

    def mobility_delay(self, group: str = ALL) -> Interval:
        """Mean days per soldier between ready and closed."""
        return self.over_worlds(lambda found: found.mobility_delay(group).mean)

    def closing(self, group: str = ALL) -> Interval:
        """Day on which a soldier is closed, in the mean."""
        return self.over_worlds(lambda found: float(np.mean(found.mean_closings(group))))

    def closing_variance(self, group: str = ALL) -> Variance:
        """How much of the variance of that day is chance, and how much is not known."""
        return variance_of([found.mean_closings(group) for found in self.worlds])

    def against(self, base: WorldRuns, *, indifference_days: float = 0.5, confidence: float = 0.95) -> WorldDifference:
        """These less those of `base`, each world against the same world with the same random numbers.

        Parameters
        ----------
        indifference_days
            A smaller difference of the closure day does not matter.
        confidence
            Of the intervals, which are over worlds.
        """
        pairs = [one.against(two) for one, two in zip(self.worlds, base.worlds, strict=True)]
        days = [pair.days.mean for pair in pairs if not math.isnan(pair.days.mean)]
        closings = [pair.closing.mean for pair in pairs]
        of_days, share, delay, closing = (
            t_interval(values, confidence)
            for values in (days, [pair.share.mean for pair in pairs], [pair.delay.mean for pair in pairs], closings)
        )
        same = all(pair.verdict == SAME for pair in pairs)
        certain = not self.together.force.chance and len(pairs) < 2

        def word(found: Interval, count: int, indifference: float, words: tuple[str, str]) -> str:
            return SAME if same else judged(found, count, certain, indifference, words)

        return WorldDifference(
            of_days, share, delay, closing, len(pairs), len(days),
            sum(value < -INDIFFERENT_DELAY_DAYS for value in closings),
            sum(value > INDIFFERENT_DELAY_DAYS for value in closings),
            word(of_days, len(days), indifference_days, ("sooner", "later")),
            word(share, len(pairs), INDIFFERENT_SHARE, ("fewer in time", "more in time")),
            word(closing, len(pairs), INDIFFERENT_DELAY_DAYS, ("sooner", "later")),
            tuple(pairs),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WorldDifference:
    """One scenario less another over worlds that both have; intervals are over worlds.

    Attributes
    ----------
    days
        Difference of the closure day, over worlds in which a pair of runs closed; negative is sooner.
    share, delay, closing
        Of the share in time, of the mobility delay, of the day on which a soldier is closed, over all worlds.
    worlds, closed
        How many there are, and in how many a pair of runs closed.
    sooner_in, later_in
        Worlds in which a soldier is closed sooner, or later, by more than what matters.
    verdict, share_verdict, closing_verdict
        On the closure day, the share in time and a soldier's day, in the words of `Difference`.
    pairs
        The differences in each world.
    """

    days: Interval
    share: Interval
    delay: Interval
    closing: Interval
    worlds: int
    closed: int
    sooner_in: int
    later_in: int
    verdict: str
    share_verdict: str
    closing_verdict: str
    pairs: tuple[Difference, ...] = ()
