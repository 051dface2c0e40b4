"""Flows over time on a small graph, exactly: rates, cuts, quickest flows and quickest transshipments.

Arcs are ``(from, to, capacity per hour, hours)``. Time is continuous and counts the tail: n units at rate 1 over a path
of tau hours are in by n + tau (Ford and Fulkerson 1958). Where supplies and demands are many, T is long enough if and
only if no set of terminals must send more than can leave it by T (Hoppe and Tardos 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

Arc = tuple[str, str, float, float]
SOURCE, SINK = "\x00source", "\x00sink"


def max_rate(arcs: Sequence[Arc], source: str, sink: str) -> tuple[float, tuple[tuple[str, str], ...]]:
    """Largest rate from source to sink and a cut that proves it, by the duals of the flow's linear program.

    Examples
    --------
    >>> max_rate([("a", "b", 2.0, 1.0), ("b", "c", 1.0, 1.0)], "a", "c")
    (1.0, (('b', 'c'),))
    """
    value, _, potential = _static(arcs, source, sink, 0.0, rate_only=True)
    cut = tuple((a, b) for a, b, capacity, _ in arcs if capacity > 0 and potential[a] > 0.5 > potential[b])
    return value, cut


def most_by(arcs: Sequence[Arc], source: str, sink: str, hours: float) -> float:
    """Most that can have arrived by `hours`: the largest of T v - sum of tau f over static flows f of value v."""
    return _static(arcs, source, sink, hours)[0]


def quickest(arcs: Sequence[Arc], source: str, sink: str, amount: float) -> float:
    """Least hours in which `amount` can be in; infinite if nothing gets through.

    Examples
    --------
    >>> round(quickest([("a", "b", 1.0, 2.0), ("a", "c", 4.0, 5.0), ("c", "b", 4.0, 0.0)], "a", "b", 20.0), 9)
    8.4
    """
    return transshipment(arcs, {source: amount}, {sink: amount})


def transshipment(arcs: Sequence[Arc], supplies: Mapping[str, float], demands: Mapping[str, float]) -> float:
    """Least hours in which all supplies can have met all demands, in continuous time.

    Raises
    ------
    ValueError
        If supplies and demands do not sum to the same.
    """
    if not math.isclose(sum(supplies.values()), sum(demands.values()), abs_tol=1e-9):
        raise ValueError("supplies and demands must sum to the same")
    least = 0.0
    for joined, balance in _cuts(arcs, supplies, demands):
        least = max(least, _least_hours(joined, balance))
    return least


def stepped_transshipment(
    arcs: Sequence[Arc], supplies: Mapping[str, float], demands: Mapping[str, float], step: float = 1.0
) -> int:
    """Least number of steps on the time-expanded graph, with whole steps of travel (rounded down: a bound)."""
    steps = 1
    need = sum(supplies.values())
    while expanded_value(arcs, supplies, demands, steps, step) < need - 1e-6:
        steps += 1
    return steps


def expanded_value(
    arcs: Sequence[Arc], supplies: Mapping[str, float], demands: Mapping[str, float], steps: int, step: float = 1.0
) -> float:
    """Most that `steps` steps of a time-expanded graph carry from supplies to demands; waiting is free.

    What enters in step k arrives in step k + floor(hours / step) and is in at the end of that step.
    """
    copies: list[Arc] = []
    names = sorted({end for arc in arcs for end in arc[:2]})
    for k in range(steps):
        for a, b, capacity, hours in arcs:
            late = k + int(hours / step + 1e-9)
            if late < steps:
                copies.append((f"{a}@{k}", f"{b}@{late}", capacity * step, 0.0))
        if k + 1 < steps:
            copies += [(f"{name}@{k}", f"{name}@{k + 1}", math.inf, 0.0) for name in names]
    copies += [(SOURCE, f"{name}@0", amount, 0.0) for name, amount in supplies.items()]
    copies += [(f"{name}@{steps - 1}", SINK, amount, 0.0) for name, amount in demands.items()]
    return _static(copies, SOURCE, SINK, 0.0, rate_only=True)[0]


def shapley(members: Sequence[str], gain: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Fair share of each member in the gain of all: its mean addition over all orders (Shapley 1953).

    Examples
    --------
    >>> shapley(["a", "b"], lambda s: 3.0 * len(s))
    {'a': 3.0, 'b': 3.0}
    """
    count = len(members)
    found = dict.fromkeys(members, 0.0)
    for member in members:
        others = [other for other in members if other != member]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - 1 - size) / math.factorial(count)
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                found[member] += weight * (gain(before | {member}) - gain(before))
    return found


def _cuts(
    arcs: Sequence[Arc], supplies: Mapping[str, float], demands: Mapping[str, float]
) -> Iterator[tuple[list[Arc], float]]:
    """Every set of terminals that has more to send than to take: its graph from SOURCE to SINK, and how much more."""
    for sources in _subsets(supplies):
        for sinks in _subsets(demands):
            balance = sum(supplies[name] for name in sources) - sum(demands[name] for name in sinks)
            if balance <= 0:
                continue
            others = [name for name in demands if name not in sinks]
            joined = [*arcs, *((SOURCE, name, math.inf, 0.0) for name in sources)]
            yield joined + [(name, SINK, math.inf, 0.0) for name in others], balance


def _least_hours(arcs: Sequence[Arc], amount: float) -> float:
    """Least T with most_by(T) >= amount, convex in straight pieces: Newton's steps from above end exactly."""
    hours = 1.0
    while (found := _static(arcs, SOURCE, SINK, hours))[0] < amount:
        hours *= 2.0
        if hours > 1e9:
            return math.inf
    while True:
        value, flow, _ = found
        rate = sum(f for f, arc in zip(flow.tolist(), arcs, strict=True) if arc[0] == SOURCE)
        following = hours - (value - amount) / rate
        if hours - following <= 1e-12 * hours:
            return following
        hours = following
        found = _static(arcs, SOURCE, SINK, hours)


def _subsets(names: Iterable[str]) -> list[tuple[str, ...]]:
    entries = list(names)
    return [chosen for size in range(len(entries) + 1) for chosen in combinations(entries, size)]


def _static(
    arcs: Sequence[Arc], source: str, sink: str, hours: float, *, rate_only: bool = False
) -> tuple[float, np.ndarray[tuple[int], np.dtype[np.float64]], dict[str, float]]:
    """Static flow of the largest ``T v - sum tau f`` (or of the largest rate), its arcs' values and node potentials."""
    from scipy.sparse import csr_matrix

    names = {
        name: number for number, name in enumerate(dict.fromkeys([source, sink, *(e for a in arcs for e in a[:2])]))
    }
    count = len(arcs)
    tails = np.array([names[arc[0]] for arc in arcs], dtype=np.int64)
    heads = np.array([names[arc[1]] for arc in arcs], dtype=np.int64)
    # The last variable is the flow from sink back to source.
    rows = np.concatenate([tails, heads, [names[sink], names[source]]])
    columns = np.concatenate([np.arange(count), np.arange(count), [count, count]])
    values = np.concatenate([-np.ones(count), np.ones(count), [-1.0, 1.0]])
    times = np.zeros(count) if rate_only else np.array([arc[3] for arc in arcs])
    cost = np.append(times, -1.0 if rate_only else -hours)
    upper = [*(arc[2] for arc in arcs), math.inf]
    found = linprog(  # type: ignore[call-overload]
        cost,
        A_eq=csr_matrix((values, (rows, columns)), shape=(len(names), count + 1)),
        b_eq=np.zeros(len(names)),
        bounds=[(0.0, None if math.isinf(high) else high) for high in upper],
        method="highs",
    )
    if found.status != 0:
        return math.inf, np.zeros(count), {}
    duals = np.asarray(found.eqlin.marginals)
    # Potentials count from the sink; only their differences matter.
    base = duals[names[sink]]
    return float(-found.fun), np.asarray(found.x[:count]), {n: float(abs(duals[i] - base)) for n, i in names.items()}
