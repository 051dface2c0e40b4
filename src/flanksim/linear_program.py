"""The only call of the linear-program solver, for bounds and plans alike: HiGHS, through scipy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

Entry = tuple[int, int, float]
Limits = Sequence[tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Solution:
    """What came out.

    Attributes
    ----------
    status
        ``optimal``, ``infeasible``, ``unbounded`` or ``stopped`` (time limit or numerical trouble).
    duals
        How much the least cost falls for one more on the right side of each at-most row (0 or more).
    equal_duals
        How much the least cost rises for one more on the right side of each equality.
    """

    status: Literal["optimal", "infeasible", "unbounded", "stopped"]
    value: float
    x: NDArray[np.float64]
    duals: NDArray[np.float64]
    equal_duals: NDArray[np.float64]


def matrix_of(entries: Sequence[Entry], rows: int, columns: int) -> csr_matrix:
    """Sparse matrix from (row, column, value) entries; what falls on one place is added."""
    if not entries:
        return csr_matrix((rows, columns))
    row, column, value = zip(*entries, strict=True)
    return coo_matrix((np.array(value), (np.array(row), np.array(column))), shape=(rows, columns)).tocsr()


def minimise(
    cost: NDArray[np.float64],
    limits: Limits,
    *,
    at_most: tuple[csr_matrix, NDArray[np.float64]] | None = None,
    equal: tuple[csr_matrix, NDArray[np.float64]] | None = None,
    method: Literal["highs", "highs-ds", "highs-ipm"] = "highs",
    seconds: float | None = None,
    whole: NDArray[np.bool_] | None = None,
) -> Solution:
    """Least cost over ``at_most[0] @ x <= at_most[1]``, ``equal[0] @ x == equal[1]`` and limits of each x.

    Where `whole` says so, x is a whole number: then the least cost is exact, and duals say nothing.
    """
    from scipy import optimize

    options: dict[str, Any] = {} if seconds is None else {"time_limit": seconds}
    rows: dict[str, Any] = {}
    if whole is not None:
        options |= {"mip_rel_gap": 0.0, "presolve": False}  # with presolve HiGHS of SciPy 1.17 writes to stdout
        rows["integrality"] = whole.astype(int)
    if at_most is not None:
        rows |= {"A_ub": at_most[0], "b_ub": at_most[1]}
    if equal is not None:
        rows |= {"A_eq": equal[0], "b_eq": equal[1]}
    solve: Any = optimize.linprog
    found: Any = solve(cost, bounds=list(limits), method=method, options=options, **rows)
    status: Literal["optimal", "infeasible", "unbounded", "stopped"] = "stopped"
    if found.status == 0:
        status = "optimal"
    elif found.status == 2:
        status = "infeasible"
    elif found.status == 3:
        status = "unbounded"
    if status != "optimal":
        return Solution(status, float("nan"), np.zeros(len(cost)), np.zeros(0), np.zeros(0))
    duals = np.zeros(0) if at_most is None else np.maximum(0.0, -np.asarray(found.ineqlin.marginals, dtype=float))
    equal_duals = np.zeros(0) if equal is None else np.asarray(found.eqlin.marginals, dtype=float)
    return Solution(status, float(found.fun), np.asarray(found.x, dtype=float), duals, equal_duals)
