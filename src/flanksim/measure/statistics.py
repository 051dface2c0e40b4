"""Intervals for terminating simulations: independent replications, no warm-up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit

#: With fewer values the interval of a mean is so wide that it says nothing; answers for people leave it out.
FEWEST_FOR_AN_INTERVAL = 5


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval."""

    mean: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        """``{mean, low, high}`` for machines; None for what is not known."""
        return {
            name: None if math.isnan(number) else round(number, 6)
            for name, number in (("mean", self.mean), ("low", self.low), ("high", self.high))
        }


def path_shares(paths: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Share of the critical path by cause over all runs, 0 to 1, largest first.

    All hours of a cause over all hours of the paths: so a share times the mean length is the mean of its days.

    Examples
    --------
    >>> path_shares([{"lift": 30.0, "rest": 10.0}, {"lift": 60.0}])
    {'lift': 0.9, 'rest': 0.1}
    """
    total: dict[str, float] = {}
    for path in paths:
        for cause, hours in path.items():
            total[cause] = total.get(cause, 0.0) + hours
    whole = math.fsum(total.values()) or 1.0
    return {cause: hours / whole for cause, hours in sorted(total.items(), key=lambda item: (-item[1], item[0]))}


def t_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Mean with Student's t interval; without spread or with one value, low = high = mean.

    Examples
    --------
    >>> t_interval([1.0, 3.0]).mean
    2.0
    """
    data = np.asarray(values, dtype=float)
    if len(data) == 0:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(data.mean())
    if len(data) == 1:
        return Interval(mean, mean, mean)
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
    z = float(ndtri(0.5 + confidence / 2))
    share = successes / trials
    scale = 1.0 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
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
