"""Which unknowns move an answer when all of them vary together: Morris' screening and Sobol's shares of variance.

Points are shares (0 to 1) of the distributions of the unknowns, one column each, so that a design knows nothing of what
it is for. Designs and estimates are SALib's (decision 16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float64]

#: Levels of the grid on which Morris' trajectories step, each step over half of it.
MORRIS_LEVELS = 4


@dataclass(frozen=True, slots=True)
class SobolShare:
    """What one unknown contributes to the variance of an answer.

    Attributes
    ----------
    first, first_half
        Part of the variance that goes if this number alone were known, with the half-width of its 95 % interval.
    total, total_half
        Part that stays if all others were known, so with whatever it does together with them.
    """

    first: float
    first_half: float
    total: float
    total_half: float


@dataclass(frozen=True, slots=True)
class MorrisEffect:
    """What one unknown does when it goes from one end of the grid towards the other, others anywhere.

    Attributes
    ----------
    mean, size, size_half
        Mean effect with its sign, mean size without, and the half-width of the 95 % interval of the latter.
    spread
        Standard deviation of the effects: large where it depends on the others, or is no straight line.
    """

    mean: float
    size: float
    size_half: float
    spread: float


def sobol_points(unknowns: int, base: int, seed: int) -> Shares:
    """The design of Saltelli and others (2010) on a scrambled Sobol sequence: ``base * (unknowns + 2)`` points.

    Parameters
    ----------
    unknowns
        Number of columns.
    base
        Points of each of its two samples; a power of two.
    seed
        Of the scrambling.

    Examples
    --------
    >>> sobol_points(3, 4, seed=1).shape
    (20, 3)
    """
    from SALib.sample import sobol

    return np.asarray(sobol.sample(_problem(unknowns), base, calc_second_order=False, seed=seed), dtype=float)


def sobol_shares(values: Sequence[float], unknowns: int, seed: int) -> tuple[float, list[SobolShare]]:
    """Variance of the answer over the two samples, and the parts of it by unknown.

    Parameters
    ----------
    values
        The answer at each point of `sobol_points`, in its order.
    unknowns
        Number of columns of the design.
    seed
        Of the resampling from which the intervals are.

    Returns
    -------
    tuple
        Of an answer that never moves the variance and all parts are 0.
    """
    from SALib.analyze import sobol

    data = np.asarray(values, dtype=float)
    samples = data.reshape(-1, unknowns + 2)[:, [0, -1]]
    if np.ptp(data) == 0.0:
        return 0.0, [SobolShare(0.0, 0.0, 0.0, 0.0)] * unknowns
    # seed 0 would leave SALib to numpy's global generator
    found = sobol.analyze(_problem(unknowns), data, calc_second_order=False, seed=seed + 1)
    columns = (found[name] for name in ("S1", "S1_conf", "ST", "ST_conf"))
    return float(samples.var()), [SobolShare(*map(float, row)) for row in zip(*columns, strict=True)]


def morris_points(unknowns: int, trajectories: int, seed: int) -> Shares:
    """Trajectories of Morris (1991): each steps once along every unknown, ``trajectories * (unknowns + 1)`` points.

    Examples
    --------
    >>> morris_points(3, 5, seed=1).shape
    (20, 3)
    """
    from SALib.sample import morris

    return np.asarray(morris.sample(_problem(unknowns), trajectories, num_levels=MORRIS_LEVELS, seed=seed), dtype=float)


def morris_effects(points: Shares, values: Sequence[float], seed: int) -> list[MorrisEffect]:
    """Effects of the unknowns, in the order of the columns.

    Parameters
    ----------
    points
        Of `morris_points`.
    values
        The answer at each of them.
    seed
        Of the resampling from which the intervals are.
    """
    from SALib.analyze import morris

    data = np.asarray(values, dtype=float)
    found = morris.analyze(_problem(points.shape[1]), points, data, num_levels=MORRIS_LEVELS, seed=seed + 1)
    columns = (np.asarray(found[name], dtype=float) for name in ("mu", "mu_star", "mu_star_conf", "sigma"))
    return [MorrisEffect(*map(float, row)) for row in zip(*columns, strict=True)]


def _problem(unknowns: int) -> dict[str, Any]:
    return {
        "num_vars": unknowns,
        "names": [f"x{number}" for number in range(unknowns)],
        "bounds": [[0.0, 1.0]] * unknowns,
    }
