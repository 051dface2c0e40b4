"""What it is worth to know before one decides: value of information over alternatives and worlds.

Outcomes are days, less is better: a row a world, a column an alternative. Who decides without knowing takes the
alternative that is best in the mean; who knows takes the best in each case.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def value_of_perfect_information(outcomes: ArrayLike, weights: Sequence[float] | None = None) -> float:
    """By how much the outcome is better in the mean if the world is known before an alternative is chosen.

    Parameters
    ----------
    outcomes
        A row a world, a column an alternative.
    weights
        Chances of the worlds, which sum to one; equal ones if not given.

    Examples
    --------
    Of A (25 or 45 days) and B (33 or 35) B is chosen, for 34 days; who knows gets 25 or 35:

    >>> value_of_perfect_information([[25, 33], [45, 35]])
    4.0
    """
    data = np.asarray(outcomes, dtype=float)
    parts = np.full(len(data), 1.0 / len(data)) if weights is None else np.asarray(weights, dtype=float)
    return float((parts @ data).min() - parts @ data.min(axis=1))


def value_of_knowing(outcomes: ArrayLike, number: Sequence[float], parts: int) -> float:
    """By how much the outcome is better in the mean if one number alone is known before the choice.

    Worlds are put in the order of the number and cut into equal parts; within a part it counts as known (Strong and
    Oakley 2013). Few worlds in a part take chance for knowledge, so it is never too low in the mean but for how coarse
    the parts are.

    Parameters
    ----------
    outcomes
        A row a world, a column an alternative.
    number
        Its value, or its share, in each world.
    parts
        Into how many; at most as many as there are worlds.

    Examples
    --------
    >>> value_of_knowing([[25, 33], [45, 35], [25, 33], [45, 35]], [0.1, 0.9, 0.2, 0.8], 2)
    4.0
    """
    data = np.asarray(outcomes, dtype=float)
    order = np.argsort(np.asarray(number, dtype=float), kind="stable")
    known: NDArray[np.float64] = np.array(
        [len(part) * data[part].mean(axis=0).min() for part in np.array_split(order, parts)]
    )
    return float(data.mean(axis=0).min() - known.sum() / len(data))
