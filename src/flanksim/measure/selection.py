"""Which of several is best, how sure is that, and where further runs tell most.

Outcomes are days, less is better: a row a run, a column an alternative; runs of a row share their random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

#: Rows from which the procedure takes the variances of differences before it leaves any alternative out.
FIRST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """What can be said of the best.

    Attributes
    ----------
    best
        Column of the alternative that is best, or within the indifference of the best; None if not decided.
    left
        Columns of those that may be it.
    rows
        Rows after which that was known, or all.
    needed
        Rows at which it is decided at the latest; 0 where there are too few to say.
    """

    best: int | None
    left: tuple[int, ...]
    rows: int
    needed: int


def select_best(
    outcomes: ArrayLike, indifference: float, confidence: float = 0.95, first: int = FIRST_ROWS
) -> Selection:
    """The procedure of Kim and Nelson (2001) on runs in their order.

    With at least this confidence the one that it selects is the best wherever the best is better than all others by the
    indifference or more. Runs may share random numbers. Rows after the decision are not looked at, so that more of them
    do not change it.

    Parameters
    ----------
    outcomes
        A row a run, a column an alternative; at least two columns.
    indifference
        A smaller difference of the means does not matter; above 0.
    confidence
        Of a right selection.
    first
        Rows before the first alternative is left out, at least two.

    Examples
    --------
    >>> select_best([[n, n + 5.0] for n in range(12)], indifference=0.5).best
    0
    """
    data = np.asarray(outcomes, dtype=float)
    rows, count = data.shape
    if rows < first:
        return Selection(None, tuple(range(count)), rows, 0)
    degrees = first - 1
    scale = ((2.0 * (1.0 - confidence) / (count - 1)) ** (-2.0 / degrees) - 1.0) * degrees
    # as rows of a table: variance of the difference of two alternatives, in units of the indifference, times the scale
    limits: NDArray[np.float64] = scale * np.array(
        [np.var(data[:first] - data[:first, [column]], axis=0, ddof=1) for column in range(count)]
    )
    limits = limits / indifference**2
    sums = data[: first - 1].sum(axis=0)
    left = list(range(count))
    for row in range(first, rows + 1):
        sums = sums + data[row - 1]
        margins = np.maximum(0.0, indifference / 2.0 * (limits - row))  # of sums: of the means, times the rows
        left = [i for i in left if all(sums[i] <= sums[j] + margins[i, j] for j in left)]
        needed = max((math.floor(limits[i, j]) + 1 for i in left for j in left if i != j), default=row)
        if len(left) == 1 or row >= needed:
            best = min(left, key=lambda column: (sums[column], column))
            return Selection(best, (best,), row, row)
    return Selection(None, tuple(left), rows, needed)


def ocba(
    means: Sequence[float], deviations: Sequence[float], budget: float, indifference: float = 0.0
) -> NDArray[np.float64]:
    """How a budget of independent runs is best spent to tell the best from the others (Chen and others 2000).

    Parameters
    ----------
    means, deviations
        Of the outcome of each alternative, less is better; its standard deviation over runs.
    budget
        Runs of all together.
    indifference
        A difference from the best that is smaller counts as this, above 0 where means are equal.

    Returns
    -------
    numpy.ndarray
        Runs of each, not rounded.

    Examples
    --------
    >>> [round(float(runs), 1) for runs in ocba([1, 2, 3], [1, 1, 1], 100)]
    [45.2, 43.8, 11.0]
    """
    centre, spread = np.asarray(means, dtype=float), np.asarray(deviations, dtype=float)
    best = int(np.argmin(centre))
    others = np.arange(len(centre)) != best
    ratios = np.zeros(len(centre))
    gaps = np.maximum(centre - centre[best], indifference)
    ratios[others] = (spread[others] / gaps[others]) ** 2
    known = others & (spread > 0.0)
    ratios[best] = spread[best] * math.sqrt(float(((ratios[known] / spread[known]) ** 2).sum()))
    whole = float(ratios.sum())
    return ratios * (budget / whole) if whole > 0.0 else np.full(len(centre), budget / len(centre))


# ---- how sure a choice is that was made already ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rival:
    """How another alternative stands against the chosen one, over pairs of runs.

    Attributes
    ----------
    better
        By how much it is better, in the mean; below zero if it is worse.
    deviation
        Standard deviation of the difference of a pair.
    pairs
        How many there are.
    """

    better: float
    deviation: float
    pairs: int

    def chance(self, indifference: float) -> float:
        """That it is better by more than what does not matter, by Student's t for the mean of the pairs."""
        beyond = self.better - indifference
        if self.pairs < 2:
            return 0.5
        if self.deviation <= 0.0:
            return float(beyond > 1e-12)
        return float(stdtr(self.pairs - 1, beyond * math.sqrt(self.pairs) / self.deviation))


def rival(other: Sequence[float], chosen: Sequence[float]) -> Rival:
    """How one stands against the chosen one: a number a run, in the order of the seeds, *more* is better."""
    pairs = min(len(other), len(chosen))
    differences = np.asarray(other[:pairs], dtype=float) - np.asarray(chosen[:pairs], dtype=float)
    deviation = float(differences.std(ddof=1)) if pairs > 1 else 0.0
    return Rival(float(differences.mean()) if pairs else 0.0, deviation, pairs)


def chance_of_right_choice(rivals: Sequence[Rival], indifference: float) -> float:
    """At least this is the chance that no rival is better by more than what does not matter.

    One less the sum of the chances of all (Bonferroni; the approximation of Chen and others, with differences of pairs
    in place of independent runs).

    Examples
    --------
    >>> chance_of_right_choice([], 0.1)
    1.0
    """
    return max(0.0, 1.0 - math.fsum(entry.chance(indifference) for entry in rivals))


def further_pairs(rivals: Sequence[Rival], indifference: float, total: int) -> list[int]:
    """How many of `total` further pairs each rival gets by `ocba`: most where it is hardest to tell it from the chosen.

    The gap of each is that to where it would be better by what does not matter. Numbers are rounded up.

    Examples
    --------
    >>> further_pairs([Rival(-1.0, 1.0, 10), Rival(-2.0, 1.0, 10), Rival(-1.0, 0.0, 10)], 0.0, 50)
    [40, 10, 0]
    """
    deviations = [entry.deviation for entry in rivals]
    if not any(deviations):
        return [0] * len(rivals)
    gaps = [abs(indifference - entry.better) for entry in rivals]
    runs = ocba([0.0, *gaps], [0.0, *deviations], float(total), 1e-3 * max(deviations))
    return [math.ceil(value - 1e-9) for value in runs[1:].tolist()]
