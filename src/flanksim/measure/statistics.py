"""What runs say together: their spread, chances, intervals of means; independent replications, no warm-up.

A closure is told by the spread of the runs (`Spread`), a chance with Wilson's interval or as proved (`Chance`).
The interval of a mean (`t_interval`) is for differences. One run has no interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit

from flanksim.units import HOURS_PER_DAY

#: With fewer values the interval of a mean is so wide that it says nothing; answers for people leave it out.
FEWEST_FOR_AN_INTERVAL = 5
#: Of fewer runs nobody can say where nine in ten lie; answers for people give the first and the last instead.
FEWEST_FOR_NINE_IN_TEN = 10

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval."""

    mean: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        """``{mean, low, high}`` for machines; None for what is not known."""
        return {
            name: known_or_none(number)
            for name, number in (("mean", self.mean), ("low", self.low), ("high", self.high))
        }

    def cut(self, most: float) -> Interval:
        """The same with its ends cut to what can be, 0 to `most`."""
        return self if math.isnan(self.low) else Interval(self.mean, max(0.0, self.low), min(most, self.high))


UNKNOWN = Interval(math.nan, math.nan, math.nan)
_SPREAD = ("median", "p05", "p95", "first", "last")


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the runs lie, those that were never closed counted as later than all others.

    Attributes
    ----------
    median
        Infinite if half of the runs or more were never closed; nan without runs.
    p05, p95
        5th and 95th percentile of the runs; nan of fewer than two.
    first, last
        The earliest and the latest run.
    runs
        How many there are.
    """

    median: float
    p05: float
    p95: float
    first: float
    last: float
    runs: int

    def as_json(self, name: str) -> dict[str, float | None]:
        """``name_median``, ``_p05``, ``_p95``, ``_first`` and ``_last`` for machines.

        None for never, and for what one run cannot say.
        """
        values = {"median": self.median, "p05": self.p05, "p95": self.p95, "first": self.first, "last": self.last}
        return {f"{name}_{what}": known_or_none(value) for what, value in values.items()}

    @classmethod
    def of_json(cls, found: Mapping[str, Any], name: str, runs: int) -> Spread:
        """A spread from what `as_json` has made of it."""
        median, p05, p95, first, last = (
            math.inf if found[f"{name}_{what}"] is None else float(found[f"{name}_{what}"]) for what in _SPREAD
        )
        if runs < 2:
            p05 = p95 = math.nan
        return cls(median, p05, p95, first, last, runs)


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of being in time: as seen in the runs, or proved to be zero.

    Attributes
    ----------
    hits, runs
        Runs in time, of all.
    proved_zero
        Whether a bound lies beyond the deadline: then no run is needed, and no number of runs raises it.
    """

    hits: int
    runs: int
    proved_zero: bool = False

    @property
    def mean(self) -> float:
        """Share of the runs in time."""
        return self.hits / self.runs if self.runs else math.nan

    @property
    def low(self) -> float:
        """Lower end of Wilson's interval; nan of one run, and where it is proved."""
        return self._interval.low

    @property
    def high(self) -> float:
        """Upper end of Wilson's interval; nan of one run, and where it is proved."""
        return self._interval.high

    @property
    def verdict(self) -> str | None:
        """``yes`` or ``no`` where the interval lies on one side of one half; None of one run."""
        if self.proved_zero:
            return "no"
        if self.runs < 2:
            return None
        if self.low > 0.5:
            return "yes"
        return "no" if self.high < 0.5 else "cannot tell"

    @property
    def _interval(self) -> Interval:
        if self.proved_zero or self.runs < 2:
            return Interval(self.mean, math.nan, math.nan)
        return wilson(self.hits, self.runs)

    def as_json(self) -> dict[str, float | None]:
        """``{mean, low, high}`` for machines; no low and high of one run, and where zero is proved."""
        return Interval(self.mean, self.low, self.high).as_json()

    def words(self) -> str:
        """In words, to follow "in time": ``in none of 30 runs; at most 11 %``."""
        if self.proved_zero:
            return "impossible in this model, proved by the bound"
        if self.runs < 2:
            return "in the one run made" if self.hits else "not in the one run made"
        if self.hits == 0:
            return f"in none of {self.runs} runs; at most {100 * self.high:.0f} %"
        if self.hits == self.runs:
            return f"in all of {self.runs} runs; at least {100 * self.low:.0f} %"
        return (
            f"in {self.hits} of {self.runs} runs: {100 * self.mean:.0f} % "
            f"({100 * self.low:.0f} to {100 * self.high:.0f} %)"
        )


def known_or_none(number: float) -> float | None:
    """A number as JSON has it: six decimals; None for nan and for infinity."""
    return round(number, 6) if math.isfinite(number) else None


def spread(values: Sequence[float]) -> Spread:
    """Median and percentiles of the runs; nan, a run that never closed, is later than every number.

    Examples
    --------
    >>> spread([3.0, 1.0, 2.0]).median
    2.0
    >>> spread([1.0, float("nan"), float("nan")]).median
    inf
    """
    data = sorted(math.inf if math.isnan(value) else value for value in values)
    if not data:
        return Spread(math.nan, math.nan, math.nan, math.nan, math.nan, 0)
    low, high = (quantile(data, 0.05), quantile(data, 0.95)) if len(data) > 1 else (math.nan, math.nan)
    return Spread(quantile(data, 0.5), low, high, data[0], data[-1], len(data))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Quantile of sorted values, linear between neighbours as NumPy has it; infinite where it touches infinity."""
    position = share * (len(ordered) - 1)
    below = math.floor(position + 1e-12)
    part = position - below
    if part <= 1e-12:
        return ordered[below]
    low, high = ordered[below], ordered[below + 1]
    return high if math.isinf(high) else low + part * (high - low)


def middling(values: Sequence[float]) -> int:
    """Place of the run that stands for all: nearest to the median, of two equally near the earlier; nan is never.

    Examples
    --------
    >>> middling([9.0, 1.0, 5.0])
    2
    """
    order = sorted(range(len(values)), key=lambda n: (math.inf if math.isnan(values[n]) else values[n], n))
    return order[(len(order) - 1) // 2]


def summed(pairs: Iterable[tuple[Name, float]]) -> dict[Name, float]:
    """Hours by name, largest first; of equal ones in the order of their names."""
    total: dict[Name, float] = {}
    for name, hours in pairs:
        total[name] = total.get(name, 0.0) + hours
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def path_shares(paths: Sequence[Mapping[Name, float]]) -> dict[Name, float]:
    """Share of the critical path by cause over all runs, 0 to 1, largest first.

    All hours of a cause over all hours of the paths: so a share times the mean length is the mean of its days.

    Examples
    --------
    >>> path_shares([{"lift": 30.0, "rest": 10.0}, {"lift": 60.0}])
    {'lift': 0.9, 'rest': 0.1}
    """
    total = summed(item for path in paths for item in path.items())
    whole = math.fsum(total.values()) or 1.0
    return {cause: hours / whole for cause, hours in total.items()}


@dataclass(frozen=True, slots=True)
class PathDays:
    """Days of the critical path that one cause takes, over the runs that closed; a run without it counts 0.

    Attributes
    ----------
    mean
        Over the runs, days.
    runs
        Where they lie, days.
    share
        Of the whole path, 0 to 1.
    """

    mean: float
    runs: Spread
    share: float


def path_days(paths: Sequence[Mapping[Name, float]], name: Callable[[Name], str] = str) -> dict[str, PathDays]:
    """Days of critical paths by the name of their causes, largest first.

    Parameters
    ----------
    paths
        Hours by cause, of each run.
    name
        What a cause is called; causes of one name are one.

    Examples
    --------
    >>> path_days([{"lift": 24.0}, {"lift": 48.0, "rest": 24.0}])["lift"].mean
    1.5
    """
    named = [summed((name(cause), hours) for cause, hours in path.items()) for path in paths]
    parts = {}
    for cause, share in path_shares(named).items():
        days = [path.get(cause, 0.0) / HOURS_PER_DAY for path in named]
        parts[cause] = PathDays(math.fsum(days) / len(days), spread(days), share)
    return parts


def t_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Mean with Student's t interval; one value has no interval: its low and high are nan.

    Examples
    --------
    >>> t_interval([1.0, 3.0]).mean
    2.0
    """
    data = np.asarray(values, dtype=float)
    if len(data) == 0:
        return UNKNOWN
    mean = float(data.mean())
    if len(data) == 1:
        return Interval(mean, math.nan, math.nan)
    half = float(stdtrit(len(data) - 1, 0.5 + confidence / 2) * data.std(ddof=1) / math.sqrt(len(data)))
    return Interval(mean, mean - half, mean + half)


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Proportion with Wilson's score interval (Wilson 1927).

    Examples
    --------
    >>> interval = wilson(27, 30)
    >>> round(interval.low, 5), round(interval.high, 5)
    (0.74379, 0.9654)
    """
    if trials == 0:
        return Interval(math.nan, 0.0, 1.0)
    return wilson_of_share(successes / trials, trials, confidence)


def wilson_of_share(share: float, trials: int, confidence: float = 0.95) -> Interval:
    """The same of a share that need be no whole number of the trials: where each is a mean of several runs.

    Examples
    --------
    >>> wilson_of_share(0.9, 30) == wilson(27, 30)
    True
    """
    z = float(ndtri(0.5 + confidence / 2))
    scale = 1.0 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if share == 0.0 else max(0.0, centre - half)
    high = 1.0 if share == 1.0 else min(1.0, centre + half)
    return Interval(share, low, high)


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Proportion with the exact interval of Clopper and Pearson (1934)."""
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return Interval(successes / trials, low, high)


def value_at_risk(values: Sequence[float], share: float) -> float:
    """Smallest observed value that at least `share` of the runs do not exceed (order statistic)."""
    data = sorted(values)
    return data[max(0, math.ceil(share * len(data) - 1e-9) - 1)]


def cvar(values: Sequence[float], share: float) -> float:
    """Mean of the worst ``1 - share`` of the runs (Rockafellar and Uryasev 2000), whole runs and a part of one."""
    data = sorted(values, reverse=True)
    tail = (1.0 - share) * len(data)
    whole = math.floor(tail + 1e-9)
    total = sum(data[:whole]) + (tail - whole) * (data[whole] if whole < len(data) else 0.0)
    return total / tail
