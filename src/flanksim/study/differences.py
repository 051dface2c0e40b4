"""What paired runs say of two networks: how far apart their last days and shares in time are, and whether that is sure.

Pairs are runs with the same random numbers. Four things are never mixed up: the same in every run, a difference that is
sure, one that these runs cannot tell from none, and too few runs to tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Interval, t_interval
from flanksim.study.batch import Replication

#: Of fewer pairs, what is not sure is "too few runs to tell" and not "cannot tell apart".
FEWEST_PAIRS = 10
#: A smaller difference of the share of troops in time does not matter: one percentage point.
INDIFFERENT_SHARE = 0.01

SAME, UNSURE, FEW = "identical", "cannot tell apart", "too few runs to tell"


@dataclass(frozen=True)
class Difference:
    """An alternative less the first one, over pairs of runs with the same random numbers.

    Attributes
    ----------
    days
        Difference of the closure day, over pairs in which both closed; negative is sooner.
    share
        Difference of the share of troops closed by the deadline, over all pairs.
    pairs
        Pairs in which both closed.
    correlation
        Between the two alternatives; pairing helps where it is positive.
    verdict
        On the closure day: ``sooner``, ``later``, ``cannot tell apart``, ``too few runs to tell`` or ``identical``;
        where not every run closed also ``closes more often`` or ``closes less often``.
    share_verdict
        On the share in time: ``more in time``, ``fewer in time``, and the same three words.
    """

    days: Interval
    share: Interval
    pairs: int
    correlation: float
    verdict: str
    share_verdict: str = UNSURE


def paired(
    base: Sequence[Replication],
    other: Sequence[Replication],
    *,
    certain: bool = False,
    indifference_days: float = 0.5,
    confidence: float = 0.95,
) -> Difference:
    """What `other` is against `base`, over the seeds that both have.

    Parameters
    ----------
    certain
        Whether both run without chance: then one pair says all.
    """
    before, after = ({entry.seed: entry for entry in runs} for runs in (base, other))
    seeds = sorted(before.keys() & after.keys())
    pairs = [(before[seed], after[seed]) for seed in seeds]
    one, two = (np.array([pair[n].closures["all"].day for pair in pairs]) for n in (0, 1))
    both = ~np.isnan(one) & ~np.isnan(two)
    days = t_interval((two - one)[both].tolist(), confidence)
    gains = [b.closures["all"].on_time_share - a.closures["all"].on_time_share for a, b in pairs]
    share = t_interval(gains, confidence)
    varies = both.sum() > 2 and one[both].std() > 0 and two[both].std() > 0
    correlation = float(np.corrcoef(one[both], two[both])[0, 1]) if varies else math.nan
    count = int(both.sum())
    if all(a.closed_h == b.closed_h for a, b in pairs):
        return Difference(days, share, count, correlation, SAME, SAME)
    if both.all():
        verdict = _judged(days, count, certain, indifference_days, ("sooner", "later"))
    else:
        verdict = _closing(int((np.isnan(one) & ~np.isnan(two)).sum()), int((~np.isnan(one) & np.isnan(two)).sum()),
                           len(pairs), certain)  # fmt: skip
    if not any(gains) and (certain or len(pairs) >= FEWEST_PAIRS):
        return Difference(days, share, count, correlation, verdict, SAME)
    told = _judged(share, len(pairs), certain, INDIFFERENT_SHARE, ("fewer in time", "more in time"))
    return Difference(days, share, count, correlation, verdict, told)


def _judged(found: Interval, count: int, certain: bool, indifference: float, words: tuple[str, str]) -> str:
    """The word for less or more where it is sure and matters; else what can be said."""
    if count and (certain or count >= FEWEST_FOR_AN_INTERVAL):
        low, high = (found.mean, found.mean) if certain else (found.low, found.high)
        if high < 0 and found.mean < -indifference + 1e-12:
            return words[0]
        if low > 0 and found.mean > indifference - 1e-12:
            return words[1]
    return UNSURE if certain or count >= FEWEST_PAIRS else FEW


def _closing(more: int, less: int, count: int, certain: bool) -> str:
    """Where some runs did not close, the days of the others alone would flatter: which network closes more often."""
    needed = 0.0 if certain else 2.0 * math.sqrt(count)
    if more - less > needed:
        return "closes more often"
    if less - more > needed:
        return "closes less often"
    return UNSURE if certain or count >= FEWEST_PAIRS else FEW


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign; what rounds to nothing has none.

    Examples
    --------
    >>> signed(-0.04), signed(1.25), signed(-3.0, 0)
    ('0.0', '+1.2', '-3')
    """
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text


def days_in_words(found: Difference) -> str:
    """``1.5 days sooner (95 %: -5.3 to +2.2), cannot tell apart``."""
    if found.verdict == SAME:
        return "the same in every run"
    if math.isnan(found.days.mean):
        return f"in no pair of runs did both close: {found.verdict}"
    way = "sooner" if found.days.mean < 0 else "later"
    size = signed(abs(found.days.mean)).removeprefix("+")
    said = "no difference to a tenth of a day" if size == "0.0" else f"{size} days {way}"
    return f"{said}{_around(found.days, found.pairs)}" + ("" if found.verdict == way else f", {found.verdict}")


def share_in_words(found: Difference, runs: int) -> str:
    """``10 points more in time (95 %: +8 to +12)``."""
    if found.share_verdict == SAME:
        return "the same share in time"
    size = signed(100 * abs(found.share.mean), 0).removeprefix("+")
    way = "more in time" if found.share.mean > 0 else "fewer in time"
    said = "no point more or fewer in time" if size == "0" else f"{size} point{'s' * (size != '1')} {way}"
    points = Interval(*(100 * value for value in (found.share.mean, found.share.low, found.share.high)))
    return f"{said}{_around(points, runs, 0)}" + ("" if found.share_verdict == way else f", {found.share_verdict}")


def _around(found: Interval, pairs: int, digits: int = 1) -> str:
    if pairs < FEWEST_FOR_AN_INTERVAL or math.isnan(found.low) or found.low == found.high:
        return ""
    return f" (95 %: {signed(found.low, digits)} to {signed(found.high, digits)})"
