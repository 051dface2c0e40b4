"""Under which conditions does it fail: boxes in a few numbers that hold most of the failures and little else.

The patient rule induction method of Friedman and Fisher (1999), as scenario discovery uses it (Bryant and Lempert
2010): the box is peeled at its ends, a few worlds at a time, so that what is left fails more often; then numbers that
say nothing are let go. What stays is surely no accident of looking at many numbers, or nothing stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtrc

#: Part of the worlds in the box that one step takes away, fewest worlds that a box keeps, numbers of a box at most.
PEEL, FEWEST, MOST = 0.05, 5, 3
#: A number stays if its part in the box would come about by accident in so many of a hundred searches at most.
SURE = 0.05

_Limits = dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Box:
    """A condition under which most fail.

    Attributes
    ----------
    limits
        Low and high end by number, in shares of its distribution, 0 to 1; an end of 0 or 1 is open.
    inside, failed_inside, failed
        Worlds in it, failures among them, and failures in all.
    accident
        By number, the chance that it would look as useful if it had nothing to do with it, all numbers looked at.
    """

    limits: Mapping[int, tuple[float, float]]
    inside: int
    failed_inside: int
    failed: int
    accident: Mapping[int, float]

    @property
    def density(self) -> float:
        """Part of the worlds in the box that fail."""
        return self.failed_inside / self.inside

    @property
    def coverage(self) -> float:
        """Part of the failures that lie in the box."""
        return self.failed_inside / self.failed


def discover(points: ArrayLike, fails: ArrayLike, most: int = MOST) -> Box | None:
    """The box that says best where it fails; None if nothing sure can be said.

    Parameters
    ----------
    points
        A row a world, a column a number: its share, 0 to 1.
    fails
        Whether it fails there.
    most
        Numbers of the box at most.

    Examples
    --------
    >>> shares = [[n / 100, (37 * n % 100) / 100] for n in range(100)]
    >>> box = discover(shares, [x > 0.7 for x, _ in shares])
    >>> list(box.limits), box.density, box.coverage
    ([0], 1.0, 1.0)
    """
    data, failing = np.asarray(points, dtype=float), np.asarray(fails, dtype=bool)
    if not failing.any() or failing.all():
        return None
    found = [box for limits in _peeled(data, failing) if (box := _sure(data, failing, limits, most)) is not None]
    best = max(found, key=_score, default=None)
    return None if best is None else _widened(data, failing, best)


def _score(box: Box) -> tuple[float, int]:
    """Harmonic mean of density and coverage; of equal boxes that with fewer numbers."""
    return 2.0 * box.failed_inside / (box.inside + box.failed), -len(box.limits)


def _peeled(data: NDArray[np.float64], failing: NDArray[np.bool_]) -> list[_Limits]:
    """Boxes, each within the one before: of all ends the one goes without which the rest fails most often."""
    found: list[_Limits] = []
    limits: _Limits = {}
    inside = np.arange(len(data))
    while len(inside) > FEWEST and not failing[inside].all():
        count = max(1, int(PEEL * len(inside)))
        best: tuple[float, int, int] | None = None
        for column in range(data.shape[1]):
            order = inside[np.argsort(data[inside, column], kind="stable")]
            for end, rest in enumerate((order[count:], order[:-count])):
                density = float(failing[rest].mean())
                if best is None or density > best[0]:
                    best = density, column, end
        if best is None:
            break
        _, column, end = best
        values = np.sort(data[inside, column])
        low, high = limits.get(column, (0.0, 1.0))
        cut = (
            float(values[count - 1] + values[count]) / 2 if end == 0 else float(values[-count - 1] + values[-count]) / 2
        )
        limits = limits | {column: (cut, high) if end == 0 else (low, cut)}
        inside = inside[_within(data[inside], limits)]
        found.append(limits)
    return found


def _within(data: NDArray[np.float64], limits: Mapping[int, tuple[float, float]]) -> NDArray[np.bool_]:
    inside = np.ones(len(data), dtype=bool)
    for column, (low, high) in limits.items():
        inside &= (data[:, column] >= low) & (data[:, column] <= high)
    return inside


def _box(data: NDArray[np.float64], failing: NDArray[np.bool_], limits: _Limits) -> Box:
    inside = _within(data, limits)
    hits, count = int(failing[inside].sum()), int(inside.sum())
    accident = {}
    for column in limits:
        without = _within(data, {key: ends for key, ends in limits.items() if key != column})
        chance = float(failing[without].mean())
        # as many failures or more among as many worlds, if the number said nothing; either end of any number
        alone = float(bdtrc(hits - 1, count, chance)) if hits else 1.0
        accident[column] = min(1.0, 2 * data.shape[1] * alone)
    return Box(limits, count, hits, int(failing.sum()), accident)


def _sure(data: NDArray[np.float64], failing: NDArray[np.bool_], limits: _Limits, most: int) -> Box | None:
    """A box without the numbers that say least, one after the other, until the others are sure."""
    while limits:
        box = _box(data, failing, limits)
        worst = max(limits, key=lambda column: (box.accident[column], column))
        if len(limits) <= most and box.accident[worst] <= SURE:
            return box
        limits = {column: ends for column, ends in limits.items() if column != worst}
    return None


def _widened(data: NDArray[np.float64], failing: NDArray[np.bool_], box: Box) -> Box:
    """The box with ends moved out by a world while that says more, or what is said stays sure and gets simpler."""
    while True:
        tried = []
        for column, (low, high) in box.limits.items():
            below = np.sort(data[data[:, column] < low, column])[::-1]
            above = np.sort(data[data[:, column] > high, column])
            ends = []
            if low > 0.0:
                ends.append((float(below[:2].mean()) if len(below) > 1 else 0.0, high))
            if high < 1.0:
                ends.append((low, float(above[:2].mean()) if len(above) > 1 else 1.0))
            tried += [_box(data, failing, {**box.limits, column: pair}) for pair in ends if pair != (0.0, 1.0)]
        better = [other for other in tried if _score(other) > _score(box) and max(other.accident.values()) <= SURE]
        if not better:
            return box
        box = max(better, key=_score)
