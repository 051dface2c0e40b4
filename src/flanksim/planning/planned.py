"""Strategy `planned`: how much of each load goes by which itinerary, by one linear program for the whole force.

`spread` looks at one lot after the other. Here all loads are shared out together: every resource (gate, facility, pool
of lift) can only work from the earliest hour at which any of them reaches it until the last useful start, and the
hours that the flows need of it must fit into that window. The force falls into cohorts that should be closed one after
the other (first those that need no ocean, by release); the work of the first cohorts must fit into the first windows.
The program makes the sum of the cohorts' hours, weighted by load, as small as it can be; among equals it takes the
shorter ways.

It is a plan, not a bound: it only knows the itineraries that it is given, and real queues are worse than windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.network.state import NORTH_AMERICA
from flanksim.planning.assign import Footprint

if TYPE_CHECKING:
    from flanksim.planning.compile import Compiler, Load

#: Loads that are released within so many hours of each other are one cohort.
COHORT_H = 72.0
#: Weight of the mean hours on the way against the hours of the cohorts: only settles ties.
TIE = 1e-4


@dataclass(frozen=True, slots=True)
class Choice:
    """One itinerary of one load: what a whole lot of `size` asks of which resource."""

    load: int
    cohort: int
    release: float
    size: float
    footprint: Footprint


def shares(compiler: Compiler, loads: Sequence[Load], choices: Sequence[Sequence[Choice]]) -> list[list[float]]:
    """Quantity of each load on each of its itineraries; they sum to the load.

    Returns
    -------
    list of list of float
        In the order of `loads` and of their itineraries.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix

    flat = [choice for entries in choices for choice in entries]
    cohorts = sorted({choice.cohort for choice in flat})
    rank = {cohort: number for number, cohort in enumerate(cohorts)}
    count, first = len(cohorts), len(flat)
    rows, columns, values, right = [], [], [], []
    height = 0
    for window in _windows(compiler, flat):
        for number in range(count):
            inside = [k for k, choice in enumerate(window.choices) if rank[flat[choice].cohort] <= number]
            if not any(rank[flat[window.choices[k]].cohort] == number for k in inside):
                continue
            rows += [height] * (len(inside) + 1)
            columns += [*(window.choices[k] for k in inside), first + number]
            values += [*(window.work[k] for k in inside), -window.servers]
            right.append(window.servers * (window.largest - window.earliest - window.remaining))
            height += 1
    weights = np.zeros(count)
    for choice in {choice.load: choice for choice in flat}.values():
        weights[rank[choice.cohort]] += loads[choice.load].quantity
    quantity = np.array([load.quantity for load in loads])
    cost = np.array([TIE * choice.footprint.total / max(1.0, quantity.sum()) for choice in flat])
    least = _free_flow(flat, loads, rank, count)
    found = linprog(  # type: ignore[call-overload]
        np.concatenate([cost, weights / weights.sum()]),
        A_ub=csr_matrix((values, (rows, columns)), shape=(height, first + count)) if height else None,
        b_ub=np.array(right) if height else None,
        A_eq=csr_matrix(
            (np.ones(first), ([choice.load for choice in flat], np.arange(first))), shape=(len(loads), first + count)
        ),
        b_eq=quantity,
        bounds=[*((0.0, None) for _ in flat), *((float(low), None) for low in least)],
        method="highs",
    )
    if found.status != 0:  # nothing fits, for instance where a facility has no server: leave it to the queues
        return [[load.quantity / len(entries)] * len(entries) for load, entries in zip(loads, choices, strict=True)]
    answer = iter(found.x[:first].tolist())
    return [[next(answer) for _ in entries] for entries in choices]


def cohort(compiler: Compiler, load: Load) -> int:
    """Place of a load in the order in which the force should be closed."""
    overseas = compiler.scenario.nodes[load.home].country in NORTH_AMERICA
    return 1000 * overseas + int(load.release // COHORT_H)


@dataclass(slots=True)
class _Window:
    """Hours that choices need of one resource, per piece, and when it can be of use."""

    servers: float
    choices: list[int]
    work: list[float]
    earliest: float
    remaining: float
    largest: float


def _windows(compiler: Compiler, flat: Sequence[Choice]) -> list[_Window]:
    found: dict[int, _Window] = {}
    for number, choice in enumerate(flat):
        entry = choice.footprint
        for resource, offset, work in zip(
            entry.resource.tolist(), entry.offset.tolist(), entry.work.tolist(), strict=True
        ):
            window = found.get(resource)
            if window is None:
                servers = compiler.backlog.servers(resource)
                window = found[resource] = _Window(servers, [], [], np.inf, np.inf, 0.0)
            window.choices.append(number)
            window.work.append(work / choice.size)
            window.earliest = min(window.earliest, max(choice.release + offset, compiler.backlog.ready(resource)))
            window.remaining = min(window.remaining, entry.total - offset)
            window.largest = max(window.largest, work)
    return [window for _, window in sorted(found.items())]


def _free_flow(flat: Sequence[Choice], loads: Sequence[Load], rank: dict[int, int], count: int) -> NDArray[np.float64]:
    """Hours before which no cohort can be there: its slowest load by its quickest way."""
    quickest: dict[int, float] = {}
    for choice in flat:
        hour = choice.release + float(choice.footprint.total)
        quickest[choice.load] = min(quickest.get(choice.load, np.inf), hour)
    found = np.zeros(count)
    cohorts = {choice.load: rank[choice.cohort] for choice in flat}
    for number in range(len(loads)):
        found[cohorts[number]] = max(found[cohorts[number]], quickest[number])
    return np.maximum.accumulate(found) if count else found
