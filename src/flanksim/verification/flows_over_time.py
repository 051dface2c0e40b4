"""Exact small flows over time, and the quickest transshipment: the theory with which bounds and runs are compared.

For networks of a few dozen arcs with one commodity. Times follow flow-over-time theory, which counts the tail: n units
at rate 1 over a path of length tau are in by n + tau.

References: Ford and Fulkerson (1958) for flows over time by repeating a static flow; Burkard, Dlaska and Klinz (1993)
and Lin and Jaillet (2015) for the quickest flow as a ratio; Klinz's criterion in Hoppe and Tardos (2000) for the
transshipment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TypeVar

import networkx as nx
import numpy as np

from flanksim.linear_program import matrix_of, minimise

#: Flows smaller than this share of the largest capacity are rounding.
ROUNDING = 1e-9
_SOURCE, _SINK = "\0source", "\0sink"

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Arc:
    """A link of a small network: units per unit of time, and time to pass it."""

    tail: str
    head: str
    capacity: float
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Flow:
    """A static flow: its value, and the flow on each arc."""

    value: float
    on: tuple[float, ...]


def _best_static(arcs: Sequence[Arc], source: str, sink: str, worth: float) -> Flow:
    """Static flow x with the largest ``worth * |x| - sum of hours * x``."""
    nodes = {
        node: number for number, node in enumerate(sorted({n for a in arcs for n in (a.tail, a.head)} | {source, sink}))
    }
    count = len(arcs)
    rows = [nodes[a.tail] for a in arcs] + [nodes[a.head] for a in arcs] + [nodes[source], nodes[sink]]
    columns = [*range(count), *range(count), count, count]
    values = [1.0] * count + [-1.0] * count + [-1.0, 1.0]
    entries = list(zip(rows, columns, values, strict=True))
    balance = matrix_of(entries, len(nodes), count + 1)
    cost = np.array([*(a.hours for a in arcs), -worth])
    most = sum(a.capacity for a in arcs if a.tail == source and math.isfinite(a.capacity))
    limits = [(0.0, a.capacity if math.isfinite(a.capacity) else None) for a in arcs]
    value_limit = (0.0, most if all(math.isfinite(a.capacity) for a in arcs if a.tail == source) else None)
    found = minimise(cost, [*limits, value_limit], equal=(balance, np.zeros(len(nodes))), method="highs-ds")
    if found.status == "unbounded":
        return Flow(math.inf, (math.inf,) * count)
    return Flow(float(found.x[-1]), tuple(found.x[:-1].tolist()))


def flow_by(arcs: Sequence[Arc], source: str, sink: str, hours: float) -> float:
    """Most that can be in by `hours`: a static flow repeated for as long as it arrives (Ford and Fulkerson).

    Examples
    --------
    >>> flow_by([Arc("s", "t", 4, 5.0)], "s", "t", 8.0)
    12.0
    """
    flow = _best_static(arcs, source, sink, hours)
    return hours * flow.value - sum(arc.hours * amount for arc, amount in zip(arcs, flow.on, strict=True))


def quickest_flow(arcs: Sequence[Arc], source: str, sink: str, amount: float) -> float:
    """Earliest hour by which `amount` can be in; inf if there is no way.

    The answer is the least ratio ``(amount + sum of hours * x) / |x|`` over static flows x. Each
    round takes the best flow for the last ratio; the ratio falls until it repeats (Newton).
    """
    if amount <= 0:
        return 0.0
    hours = sum(arc.hours for arc in arcs) + 1.0
    best = math.inf
    while True:
        flow = _best_static(arcs, source, sink, hours)
        if flow.value <= ROUNDING:
            return best
        if math.isinf(flow.value):
            return min(best, _shortest(arcs, source, sink))
        ratio = (amount + sum(arc.hours * x for arc, x in zip(arcs, flow.on, strict=True))) / flow.value
        if ratio >= best - 1e-12 * max(1.0, abs(best)):
            return best
        best = hours = ratio


def _shortest(arcs: Sequence[Arc], source: str, sink: str) -> float:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from((source, sink))
    graph.add_weighted_edges_from(((arc.tail, arc.head, arc.hours) for arc in arcs), "hours")
    try:
        return float(nx.dijkstra_path_length(graph, source, sink, "hours"))
    except nx.NetworkXNoPath:
        return math.inf


def quickest_transshipment(arcs: Sequence[Arc], supply: Mapping[str, float], demand: Mapping[str, float]) -> float:
    """Earliest hour by which every supply is used and every demand met, in continuous time.

    It can be done by T if and only if, for every set A of terminals, what the sources in A can send
    by T to the sinks outside A is at least the net supply of A (Klinz; Hoppe and Tardos 2000). So
    the answer is the largest quickest flow over all sets: 2^k of them, for few terminals.
    """
    terminals = [*supply, *demand]
    if len(terminals) > 12:
        raise ValueError(f"{len(terminals)} terminals: at most 12, each set of them is looked at")
    worst = 0.0
    for chosen in _subsets(terminals):
        inside = set(chosen)
        net = sum(supply.get(name, 0.0) - demand.get(name, 0.0) for name in inside)
        if net <= 0:
            continue
        more = [Arc(_SOURCE, name, math.inf) for name in supply if name in inside]
        more += [Arc(name, _SINK, math.inf) for name in demand if name not in inside]
        worst = max(worst, quickest_flow([*arcs, *more], _SOURCE, _SINK, net))
    return worst


def shapley(members: Collection[T], worth: Callable[[frozenset[T]], float]) -> dict[T, float]:
    """Each member's mean contribution over all orders in which they can be added (Shapley 1953).

    Examples
    --------
    >>> shapley("ab", lambda group: 10.0 if len(group) == 2 else 0.0)
    {'a': 5.0, 'b': 5.0}
    """
    listed = list(members)
    value = {frozenset(group): worth(frozenset(group)) for group in _subsets(listed)}
    total = math.factorial(len(listed))
    share = {}
    for member in listed:
        others = [entry for entry in listed if entry != member]
        share[member] = sum(
            math.factorial(len(group))
            * math.factorial(len(listed) - len(group) - 1)
            / total
            * (value[frozenset(group) | {member}] - value[frozenset(group)])
            for group in _subsets(others)
        )
    return share


def _subsets(items: Sequence[T]) -> Iterable[tuple[T, ...]]:
    return chain.from_iterable(combinations(items, count) for count in range(len(items) + 1))


def in_steps(arcs: Sequence[Arc], supply: Mapping[str, float], demand: Mapping[str, float], steps: int) -> float:
    """Most that can be in after so many whole steps, by linear program on the time-expanded network.

    Hours of arcs are whole steps. What enters an arc in step k leaves it at the start of step
    ``k + hours`` and is in at the end of that step; anything may wait anywhere.
    """
    nodes = sorted({n for a in arcs for n in (a.tail, a.head)} | set(supply) | set(demand))
    row = {
        (node, step): position for position, (node, step) in enumerate((n, k) for n in nodes for k in range(steps + 1))
    }
    entries: list[tuple[int, int, float]] = []
    limits: list[tuple[float, float | None]] = []
    cost: list[float] = []

    def variable(tail: int | None, head: int | None, limit: float | None, gain: float = 0.0) -> None:
        column = len(limits)
        if tail is not None:
            entries.append((tail, column, 1.0))
        if head is not None:
            entries.append((head, column, -1.0))
        limits.append((0.0, limit))
        cost.append(-gain)

    for node in nodes:
        for step in range(steps):
            variable(row[node, step], row[node, step + 1], None)
    for arc in arcs:
        for step in range(steps - int(arc.hours)):
            variable(row[arc.tail, step], row[arc.head, step + int(arc.hours)], arc.capacity)
    for node, amount in supply.items():
        variable(None, row[node, 0], amount)
    for node, amount in demand.items():
        # What came in at the last instant has passed its last arc during the step before.
        variable(row[node, steps], None, amount, 1.0)
    balance = matrix_of(entries, len(row), len(limits))
    found = minimise(np.array(cost), limits, equal=(balance, np.zeros(len(row))), method="highs-ds")
    return -found.value


def steps_needed(arcs: Sequence[Arc], supply: Mapping[str, float], demand: Mapping[str, float], most: int) -> int:
    """Fewest whole steps in which all demands are met, at most `most`; -1 if even those are too few."""
    total = sum(demand.values())
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        if in_steps(arcs, supply, demand, middle) >= total - ROUNDING * max(1.0, total):
            high = middle
        else:
            low = middle
    return high if high <= most else -1
