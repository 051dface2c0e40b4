"""Runs of one scenario, what they say together, and how far one set of runs is from another.

Every statistic of a set of runs is said here, once: of a study, of a point of a sweep, of an alternative, of a round
that decides whether another is needed, and of a page. Independent replications of a terminating simulation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from flanksim.activities import Cause
from flanksim.measure.clocks import Clock, UnitHours, mean_closing, mobility_delay, share_day, troops_by, unit_hours
from flanksim.measure.closure import ALL, Closure, Force, Group, closures, group_key, groups, profile, share_closed
from flanksim.measure.critical import by_cause, closing_unit, critical_path
from flanksim.measure.statistics import (
    FEWEST_FOR_AN_INTERVAL,
    UNKNOWN,
    Chance,
    Interval,
    PathDays,
    Spread,
    middling,
    path_days,
    path_shares,
    spread,
    t_interval,
)
from flanksim.movements import MovementLog
from flanksim.scenario.arguments import wrong
from flanksim.units import deadline_hour, in_time

#: Of fewer pairs, what is not sure is "too few runs to tell" and not "cannot tell apart".
FEWEST_PAIRS = 10
#: A smaller difference of the share of troops in time does not matter: one percentage point.
INDIFFERENT_SHARE = 0.01
#: A smaller difference of the mobility delay does not matter, days per soldier.
INDIFFERENT_DELAY_DAYS = 0.1

#: Said of a plan that was made for the scenario that was run.
MADE_ANEW = "made anew"
SAME, UNSURE, FEW = "identical", "cannot tell apart", "too few runs to tell"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the plan of a run comes from.

    Attributes
    ----------
    cell
        Digest of the scenario for which it was made; "" if that is the one that was run.
    loads_anew
        Loads of a plan that was carried over which could not go as they did, and are planned anew.
    same_ways
        Of a run in another world whether what may pass where is as with typical values, since else a unit would have
        no way there at all.
    """

    cell: str = ""
    loads_anew: int = 0
    same_ways: bool = False

    def words(self, name: str) -> str:
        """``made anew``, or ``carried over from today, 3 loads planned anew``.

        Parameters
        ----------
        name
            Of what the plan was made for, if that is not the scenario that was run.

        Examples
        --------
        >>> Origin().words("today"), Origin("5f0c", 1).words("today")
        ('made anew', 'carried over from today, 1 load planned anew')
        """
        if not self.cell:
            return MADE_ANEW
        loads = f", {self.loads_anew:,} load{'s' * (self.loads_anew != 1)} planned anew" if self.loads_anew else ""
        return f"carried over from {name}{loads}"


@dataclass(frozen=True, slots=True)
class Replication:
    """What is kept of one run; two are equal if their seeds and histories are.

    Attributes
    ----------
    clocks
        Hours at which each unit was ready, permitted to move, arrived and closed; nan if not by the horizon.
    troops_h
        Hour at which its troops were in; nan if not by the horizon.
    closures
        Closure by key of `flanksim.measure.closure.groups`, each by its own deadline.
    causes_h
        Hours of the critical path of the unit that completes the force, by cause; empty if not closed.
    last_unit
        Id of that unit; "" if not closed.
    digest
        Hash of the whole movement table.
    origin
        Where its plan comes from.
    seconds
        That the run took.
    """

    seed: int
    clocks: UnitHours = field(compare=False)  # as all that follows from the history: nan equals nothing
    troops_h: tuple[float, ...] = field(compare=False)
    closures: dict[str, Closure] = field(compare=False)
    causes_h: dict[Cause, float] = field(compare=False)
    last_unit: str
    movements: int
    assets_lost: int
    digest: str
    seconds: float = field(default=0.0, compare=False)
    origin: Origin = field(default_factory=Origin, compare=False)

    @property
    def closed_h(self) -> tuple[float, ...]:
        """Hour at which each unit of the plan was closed; nan if not by the horizon."""
        return self.clocks.closed


def replication_of(log: MovementLog, seconds: float = 0.0) -> Replication:
    """What is kept of a run."""
    unit = closing_unit(log)
    return Replication(
        seed=log.seed,
        clocks=unit_hours(log),
        troops_h=log.troops_h,
        closures=closures(log.plan, log.closed_h),
        causes_h={} if unit is None else by_cause(critical_path(log, unit)),
        last_unit="" if unit is None else log.plan.units[unit].unit_id,
        movements=len(log),
        assets_lost=sum(map(len, log.absent)),
        digest=log.digest(),
        seconds=seconds,
    )


@dataclass(frozen=True)
class ReplicationSet:
    """Runs of one scenario, in the order of their seeds.

    A ``group`` is ``"all"``, ``"tier 1"``, or a regional plan: by its name, or by its key ``"plan <name>"`` where its
    name is one of those two. Another one is a problem E129.

    Attributes
    ----------
    force
        Who is to be closed, and by when.
    replications
        The runs.
    """

    force: Force
    replications: tuple[Replication, ...]

    @cached_property
    def parts(self) -> dict[str, Group]:
        """The groups by key, with their units, required troops and deadline."""
        return groups(self.force)

    @property
    def groups(self) -> list[str]:
        """Keys of the groups: ``all``, ``plan <name>`` for each regional plan, ``tier 1`` where there are others."""
        return list(self.parts)

    @property
    def origin(self) -> Origin:
        """Where the plan of these runs comes from."""
        return self.replications[0].origin if self.replications else Origin()

    def key(self, group: str) -> str:
        """Key of a group; the name of a regional plan will do where it is no key itself.

        Raises
        ------
        FlanksimError
            E129 if there is no such group.
        """
        return group_key(group, self.parts)

    def closure_days(self, group: str = ALL) -> list[float]:
        """Closure day of each run, on the scale of C-day labels; nan where it never came."""
        key = self.key(group)
        return [entry.closures[key].day for entry in self.replications]

    def closure_spread(self, group: str = ALL) -> Spread:
        """Median closure day, and where nine runs in ten lie; runs that never closed count as later than all."""
        return spread(self.closure_days(group))

    def closure_day(self, group: str = ALL) -> Interval:
        """Mean closure day with its 95 % interval (Student's t), over the runs that closed; nan if none did."""
        return t_interval([value for value in self.closure_days(group) if not math.isnan(value)])

    def unclosed(self, group: str = ALL) -> int:
        """Runs that did not close by the horizon."""
        return sum(map(math.isnan, self.closure_days(group)))

    def unbeaten(self, group: str = ALL) -> float:
        """The day that no schedule beats for a group, as if it alone moved; nan where no bound was computed."""
        self.key(group)
        return math.nan

    def p_on_time(self, group: str = ALL) -> Chance:
        """Chance of closing by the group's deadline: of the runs, or proved to be zero by the bound."""
        return self.chance_by(self.parts[self.key(group)].deadline_h, group)

    def chance_by(self, hour: float, group: str = ALL) -> Chance:
        """Chance of closing by an hour; unclosed runs are failures."""
        key = self.key(group)
        hits = sum(in_time(entry.closures[key].hour, hour) for entry in self.replications)
        return Chance(hits, len(self.replications), not hits and beyond(self.unbeaten(key), hour))

    def on_time_share(self, group: str = ALL) -> Interval:
        """Share of the troops in closed units by the group's own deadline, with its 95 % interval cut to 0..1."""
        key = self.key(group)
        return _share([entry.closures[key].on_time_share for entry in self.replications])

    def share_by(self, hour: float, group: str = ALL) -> Interval:
        """Share of a group's troops in closed units by an hour, with its 95 % interval cut to 0..1."""
        part = self.parts[self.key(group)]
        return _share([share_closed(self.force, entry.closed_h, part, hour) for entry in self.replications])

    def troops_by(self, hour: float, group: str | Group = ALL, clock: Clock = "closed") -> Interval:
        """Troops of a group that are ready, permitted, arrived or closed by an hour, at most those that are required.

        Parameters
        ----------
        hour
            Since C-day 00:00.
        group
            Its key, or the units themselves.
        clock
            Which of the clocks of `flanksim.measure.clocks`.
        """
        part = self._part(group)
        found = [troops_by(self.force, getattr(entry.clocks, clock), part, hour) for entry in self.replications]
        return t_interval(found).cut(part.troops)

    def troops_through(
        self, days: NDArray[np.float64], group: str | Group = ALL, clock: Clock = "closed"
    ) -> NDArray[np.float64]:
        """Troops of a group that have passed a clock by each closure day: a row each for 5, 50 and 95 % of the runs.

        As `troops_by` they are at most those that are required.
        """
        part = self._part(group)
        members = set(part.units)
        curves = []
        for entry in self.replications:
            hours = getattr(entry.clocks, clock)
            own = tuple(hour if number in members else math.nan for number, hour in enumerate(hours))
            curves.append(profile(self.force, own, days))
        found: NDArray[np.float64] = np.minimum(np.quantile(np.array(curves), [0.05, 0.5, 0.95], axis=0), part.troops)
        return found

    def share_day(self, share: float, group: str | Group = ALL, clock: Clock = "closed") -> Spread:
        """Day on which a share (0 to 1] of the required troops has passed a clock: median, and nine runs in ten."""
        part = self._part(group)
        hours = (getattr(entry.clocks, clock) for entry in self.replications)
        return spread([share_day(self.force, found, part, share) for found in hours])

    def mobility_delays(self, group: str | Group = ALL) -> list[float]:
        """Mean days per soldier between ready and closed, of each run; nan where nobody of the group travels."""
        part = self._part(group)
        return [mobility_delay(self.force, entry.clocks, part) for entry in self.replications]

    def mobility_delay(self, group: str | Group = ALL) -> Interval:
        """Mean days per soldier between ready and closed, with its 95 % interval.

        A unit that was not closed by the horizon counts to the horizon.
        """
        return t_interval(self.mobility_delays(group))

    def mean_closings(self, group: str | Group = ALL) -> list[float]:
        """Day on which a soldier of a group is closed in the mean, of each run; nan where nobody of it travels."""
        part = self._part(group)
        return [mean_closing(self.force, entry.clocks, part) for entry in self.replications]

    def _part(self, group: str | Group) -> Group:
        return group if isinstance(group, Group) else self.parts[self.key(group)]

    def causes(self) -> dict[Cause, float]:
        """Share of the closing unit's critical path by cause over all runs, largest first; 0 to 1."""
        return path_shares([entry.causes_h for entry in self.replications])

    def cause_days(self, name: Callable[[Cause], str] = str) -> dict[str, PathDays]:
        """Days of the critical path by cause over the runs that closed, largest first; the means sum to its length.

        Parameters
        ----------
        name
            What a cause is called; causes of one name are one.
        """
        return path_days([entry.causes_h for entry in self.replications if entry.causes_h], name)

    @property
    def last_units(self) -> list[str]:
        """The unit that completed the force, by run; "" where none did."""
        return [entry.last_unit for entry in self.replications]

    @property
    def shown(self) -> Replication:
        """The middling replication, nearest to the median closure: the one that is looked at more closely."""
        return self.replications[middling(self.closure_days())]

    def against(self, base: ReplicationSet, *, indifference_days: float = 0.5, confidence: float = 0.95) -> Difference:
        """What these runs are against those of `base` with the same random numbers: over the seeds that both have.

        Parameters
        ----------
        indifference_days
            A smaller difference of the closure day does not matter.
        confidence
            Of the intervals.

        Raises
        ------
        FlanksimError
            E130 if `base` is no set of runs.
        """
        if not isinstance(base, ReplicationSet):
            raise wrong("base", base, "give a study, an alternative of a comparison, or sweep.at(point)")
        return _paired(base, self, indifference_days, confidence)


def beyond(bound_day: float, deadline_h: float) -> bool:
    """Whether a bound (closure day) lies so far behind a deadline that rounding in its arithmetic is no reason."""
    return not math.isnan(bound_day) and not in_time(deadline_hour(bound_day), deadline_h)


def _share(values: Sequence[float]) -> Interval:
    return t_interval(values).cut(1.0)


# ---- differences --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One set of runs less another, over pairs of runs with the same random numbers.

    Four things are never mixed up: the same in every run, a difference that is sure, one that these runs cannot tell
    from none, and too few runs to tell.

    Attributes
    ----------
    days
        Difference of the closure day, over pairs in which both closed; negative is sooner.
    share
        Difference of the share of troops closed by the deadline, over all pairs.
    pairs
        Pairs in which both closed.
    correlation
        Between the two; pairing helps where it is positive.
    verdict
        On the closure day: ``sooner``, ``later``, ``cannot tell apart``, ``too few runs to tell`` or ``identical``;
        where not every run closed also ``closes more often`` or ``closes less often``.
    share_verdict
        On the share in time: ``more in time``, ``fewer in time``, and the same three words.
    chance
        Difference of the share of runs in time, over all pairs.
    delay
        Difference of the mobility delay, days per soldier, over all pairs; negative is sooner.
    troops
        Difference of the troops closed by the deadline, over all pairs.
    delay_verdict
        On the mobility delay: ``shorter``, ``longer``, and the same three words.
    closing
        Difference of the day on which a soldier is closed, in the mean, over all pairs; negative is sooner. It is that
        of the delay where units are ready as before.
    closing_verdict
        On that day: ``sooner``, ``later``, and the same three words.
    """

    days: Interval
    share: Interval
    pairs: int
    correlation: float
    verdict: str
    share_verdict: str = UNSURE
    chance: Interval = UNKNOWN
    delay: Interval = UNKNOWN
    troops: Interval = UNKNOWN
    delay_verdict: str = UNSURE
    closing: Interval = UNKNOWN
    closing_verdict: str = UNSURE


def _paired(base: ReplicationSet, other: ReplicationSet, indifference_days: float, confidence: float) -> Difference:
    before, after = ({entry.seed: entry for entry in runs.replications} for runs in (base, other))
    pairs = [(before[seed], after[seed]) for seed in sorted(before.keys() & after.keys())]
    one, two = (np.array([pair[n].closures[ALL].day for pair in pairs]) for n in (0, 1))
    both = ~np.isnan(one) & ~np.isnan(two)
    days = t_interval((two - one)[both].tolist(), confidence)
    gains = [b.closures[ALL].on_time_share - a.closures[ALL].on_time_share for a, b in pairs]
    share = t_interval(gains, confidence)
    hits = [
        float(in_time(b.closures[ALL].hour, other.force.deadline_h))
        - float(in_time(a.closures[ALL].hour, base.force.deadline_h))
        for a, b in pairs
    ]
    varies = both.sum() > 2 and one[both].std() > 0 and two[both].std() > 0
    correlation = float(np.corrcoef(one[both], two[both])[0, 1]) if varies else math.nan
    count, certain = int(both.sum()), not (base.force.chance or other.force.chance)  # without chance one pair says all
    if all(np.array_equal(a.closed_h, b.closed_h, equal_nan=True) for a, b in pairs):
        verdict = share_verdict = SAME
    else:
        if both.all():
            verdict = judged(days, count, certain, indifference_days, ("sooner", "later"))
        else:
            more, less = int((np.isnan(one) & ~np.isnan(two)).sum()), int((~np.isnan(one) & np.isnan(two)).sum())
            verdict = _closing(more, less, len(pairs), certain)
        share_verdict = SAME
        if any(gains) or not (certain or len(pairs) >= FEWEST_PAIRS):
            words = ("fewer in time", "more in time")
            share_verdict = judged(share, len(pairs), certain, INDIFFERENT_SHARE, words)
    delays, troops, closings = _shifts(base, other, pairs)
    delay, closing = t_interval(delays, confidence), t_interval(closings, confidence)
    delay_verdict = closing_verdict = verdict
    if verdict != SAME:
        delay_verdict = judged(delay, len(pairs), certain, INDIFFERENT_DELAY_DAYS, ("shorter", "longer"))
        closing_verdict = judged(closing, len(pairs), certain, INDIFFERENT_DELAY_DAYS, ("sooner", "later"))
    return Difference(
        days,
        share,
        count,
        correlation,
        verdict,
        share_verdict,
        t_interval(hits, confidence),
        delay,
        t_interval(troops, confidence),
        delay_verdict,
        closing,
        closing_verdict,
    )


def _shifts(
    base: ReplicationSet, other: ReplicationSet, pairs: Sequence[tuple[Replication, Replication]]
) -> tuple[list[float], list[float], list[float]]:
    """Differences of the mobility delay, of the troops closed by the deadline, and of the mean closing, by pair."""

    def of(runs: ReplicationSet, entry: Replication) -> tuple[float, float, float]:
        force, part = runs.force, runs.parts[ALL]
        delay, closing = mobility_delay(force, entry.clocks, part), mean_closing(force, entry.clocks, part)
        return delay, troops_by(force, entry.closed_h, part, part.deadline_h), closing

    shifts = [
        [after - before for before, after in zip(of(base, pair[0]), of(other, pair[1]), strict=True)] for pair in pairs
    ]
    delays, troops, closings = ([shift[n] for shift in shifts] for n in range(3))
    return delays, troops, closings


def judged(found: Interval, count: int, certain: bool, indifference: float, words: tuple[str, str]) -> str:
    """The word for less or more where it is sure and matters; else what can be said."""
    if count and (certain or count >= FEWEST_FOR_AN_INTERVAL):
        low, high = (found.mean, found.mean) if certain else (found.low, found.high)
        if high < 0 and found.mean < -indifference + 1e-12:
            return words[0]
        if low > 0 and found.mean > indifference - 1e-12:
            return words[1]
    return UNSURE if certain or count >= FEWEST_PAIRS else FEW


def _closing(more: int, less: int, count: int, certain: bool) -> str:
    """Where some runs did not close, the days of the others alone would flatter: which one closes more often."""
    needed = 0.0 if certain else 2.0 * math.sqrt(count)
    if more - less > needed:
        return "closes more often"
    if less - more > needed:
        return "closes less often"
    return UNSURE if certain or count >= FEWEST_PAIRS else FEW
