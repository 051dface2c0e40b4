"""Which alternative is good whatever the world: regret, what is enough, and what is worth finding out first.

Outcomes are days or points, less is better: a row a world, a column an alternative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flanksim.measure.information import value_of_knowing

#: Orders of the worlds by which a number's value is set beside what chance alone would give, and their seed.
PERMUTATIONS, _SEED = 200, 2013


def regrets(outcomes: ArrayLike) -> NDArray[np.float64]:
    """By how much each alternative does worse in each world than the one that is best there.

    Examples
    --------
    >>> regrets([[25, 33], [45, 35]]).tolist()
    [[0.0, 8.0], [10.0, 0.0]]
    """
    data = np.asarray(outcomes, dtype=float)
    found: NDArray[np.float64] = data - data.min(axis=1, keepdims=True)
    return found


def least_regret(outcomes: ArrayLike) -> int:
    """Column of the alternative whose worst regret is least (Savage 1951); of equal ones that with the best mean."""
    data = np.asarray(outcomes, dtype=float)
    worst, mean = regrets(data).max(axis=0), data.mean(axis=0)
    return min(range(data.shape[1]), key=lambda column: (worst[column], mean[column], column))


def most_often_enough(enough: ArrayLike, outcomes: ArrayLike) -> int:
    """Column of the alternative that is good enough in most worlds (Simon 1956); of equal ones that with the best mean.

    Parameters
    ----------
    enough
        Whether it is, a row a world.
    outcomes
        As of `regrets`.
    """
    count, mean = np.asarray(enough, dtype=bool).sum(axis=0), np.asarray(outcomes, dtype=float).mean(axis=0)
    return min(range(len(mean)), key=lambda column: (-count[column], mean[column], column))


@dataclass(frozen=True, slots=True)
class WorthKnowing:
    """What it is worth to know one number before the choice.

    Attributes
    ----------
    name
        Of the number.
    worth
        By how much the outcome is better in the mean, see `flanksim.measure.information.value_of_knowing`.
    by_chance
        What the best of all numbers reaches in 95 of 100 orders of the worlds at random: what is less says nothing.
    """

    name: str
    worth: float
    by_chance: float


def worth_knowing(outcomes: ArrayLike, numbers: Mapping[str, Sequence[float]], parts: int) -> list[WorthKnowing]:
    """Every number by what it is worth to know it before the choice, the most first.

    Parameters
    ----------
    outcomes
        As of `regrets`.
    numbers
        Value or share of each number in each world.
    parts
        Into how many parts of its range a number is known.
    """
    data = np.asarray(outcomes, dtype=float)
    draws = np.random.default_rng(_SEED)
    orders = [data[draws.permutation(len(data))] for _ in range(PERMUTATIONS)]
    by_chance = [
        max((value_of_knowing(rows, values, parts) for values in numbers.values()), default=0.0) for rows in orders
    ]
    limit = float(np.quantile(by_chance, 0.95))
    found = [WorthKnowing(name, value_of_knowing(data, values, parts), limit) for name, values in numbers.items()]
    return sorted(found, key=lambda entry: (-entry.worth, entry.name))
