"""When how much of each load should start on which itinerary: one linear program over starts, by column generation.

Time is cut into steps. A column is a choice (a load on an itinerary) and the step in which it starts; it asks for hours
of work at each resource in the steps in which it would be there if it never waited. The program

    min  sum of weight x (arrival / scale) ^ 2     subject to    each load starts in full,
                                                                 work in each step <= hours that the resource has in it

is a flow over time on given paths (Ford and Fulkerson 1958; Fleischer and Skutella 2007 on steps). The square of the
arrival makes the last pieces count more than the first without forgetting these. Columns are added where the present
prices make one cheaper, resources' steps where the present starts ask for more than there is; both stop when the gap
to the bound of the prices (Dantzig and Wolfe 1960) is small.

It is a plan, not a bound: it knows only the itineraries that it is given, uses ships and trains in fractions, and lots
and queues come on top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix, hstack, identity

from flanksim.linear_program import minimise
from flanksim.planning.workload import Footprint

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Steps from C-day to the horizon, which reaches so many times as far as the first estimate of the end.
STEPS, REACH = 60, 1.5
#: Rounds at most, and the gap (part of the value) at which a round is good enough.
ROUNDS, GAP = 40, 0.01
#: Steps behind one that is too full that are looked at with it.
NEAR = 1
#: Part of all work that may lie in steps that are too full for it.
EXCESS = 0.002
#: Programs with at most so many starts have all of them, and all rows, from the beginning; else so many starts of a
#: choice are new in a round.
ALL_STARTS, VALLEYS = 12_000, 3
#: What a load that cannot start before the horizon costs, in times of the dearest arrival.
LEFT_OUT = 50.0
#: Parts of a load smaller than this are not started apart.
CRUMB = 1e-6


@dataclass(frozen=True, slots=True)
class Choice:
    """One itinerary of one load, and what a lot of `size` pieces asks for.

    Attributes
    ----------
    load, release
        Number of the load, and the hour before which it cannot start.
    footprint
        What a lot asks for from its start on; its resources are rows of the capacity.
    """

    load: int
    release: float
    size: float
    footprint: Footprint


@dataclass(frozen=True, slots=True)
class Flow:
    """Pieces of a choice that start at an hour."""

    choice: int
    start_h: float
    quantity: float


@dataclass(slots=True)
class FlowProgram:
    """The program of one force.

    Parameters
    ----------
    choices
        Every itinerary of every load.
    quantity, weight
        Of each load: pieces to be moved, and the weight of its arrival.
    capacity
        Hours of work of each resource in each step (resources x steps).
    step_h
        Length of a step, hours.
    """

    choices: Sequence[Choice]
    quantity: Floats
    weight: Floats
    capacity: Floats
    step_h: float
    rounds: int = 0
    gap: float = math.nan
    _columns: list[tuple[int, int]] = field(default_factory=list)
    _known: set[tuple[int, int]] = field(default_factory=set)
    _rows: NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    _matrix: csc_matrix = field(default_factory=lambda: csc_matrix((0, 0)))
    _built: int = 0
    _x: Floats = field(default_factory=lambda: np.zeros(0))

    # ---- columns ------------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        """Steps before the horizon."""
        return int(self.capacity.shape[1])

    @property
    def _few(self) -> bool:
        """Whether all starts and all rows are in the program from the beginning."""
        return len(self.choices) * self.steps <= ALL_STARTS

    def _first(self, choice: Choice) -> int:
        return int(choice.release / self.step_h + 1e-9)

    def _last(self, choice: Choice) -> int:
        return self.steps - 1 - math.ceil(choice.footprint.total / self.step_h)

    def _cost(self, choice: Choice, start: Ints) -> Floats:
        arrival = np.maximum(start * self.step_h, choice.release) + choice.footprint.total
        share = self.weight[choice.load] * (arrival / (self.steps * self.step_h)) ** 2
        return np.asarray(share, dtype=np.float64)

    def _add(self, number: int, start: int) -> bool:
        if (number, start) in self._known:
            return False
        self._known.add((number, start))
        self._columns.append((number, start))
        return True

    def _begin(self) -> None:
        """Every start where there are not too many; else a few of every choice, ever further apart."""
        for number, choice in enumerate(self.choices):
            first, last = self._first(choice), self._last(choice)
            ahead = 0
            while first + ahead <= last:
                self._add(number, first + ahead)
                ahead = ahead + 1 if self._few else 4 * ahead + 8

    def _entries(self, number: int, start: int) -> tuple[Ints, Floats]:
        """Rows (resource x step) and hours of work of one piece of a column."""
        choice, count = self.choices[number], self.steps
        asked = choice.footprint
        rows: list[Ints] = []
        hours: list[Floats] = []
        for resource, offset, work, lasts in zip(
            asked.resource.tolist(), asked.offset.tolist(), asked.work.tolist(), asked.lasts.tolist(), strict=True
        ):
            if work <= 0:
                continue
            begin = start + offset / self.step_h
            end = begin + lasts / self.step_h
            low, high = int(begin), min(count, math.ceil(end - 1e-9))
            if low >= count:
                continue
            steps = np.arange(low, max(high, low + 1), dtype=np.int64)
            inside = np.minimum(end, steps + 1) - np.maximum(begin, steps)
            rows.append(resource * count + steps)
            hours.append(inside / max(end - begin, 1e-12) * work / choice.size)
        if not rows:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        return np.concatenate(rows), np.concatenate(hours)

    def _grow(self) -> None:
        """Put the columns that are not in it yet into the matrix."""
        rows, columns, values = [], [], []
        for position, (number, start) in enumerate(self._columns[self._built :]):
            row, hours = self._entries(number, start)
            rows.append(row)
            columns.append(np.full(len(row), position))
            values.append(hours)
        fresh = len(self._columns) - self._built
        if not fresh:
            return
        part = coo_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(self.capacity.size, fresh)
        ).tocsc()
        self._matrix = part if not self._built else hstack([self._matrix, part], format="csc")
        self._built = len(self._columns)

    # ---- one round ------------------------------------------------------------------------------

    def _restricted(self) -> tuple[float, Floats, Floats]:
        """Value, price of each load and price of each resource's step, over the columns and rows so far."""
        count, loads = len(self._columns), len(self.quantity)
        cost = np.empty(count)
        for position, (number, start) in enumerate(self._columns):
            cost[position] = self._cost(self.choices[number], np.array([start], dtype=np.int64))[0]
        used = np.flatnonzero(self._rows)
        left_out = LEFT_OUT * self.weight
        demand = csr_matrix(
            (np.ones(count), ([self.choices[number].load for number, _ in self._columns], np.arange(count))),
            shape=(loads, count),
        )
        rows = self._matrix.tocsr()[used] if len(used) else None
        wide = None if rows is None else hstack([rows, csr_matrix((len(used), loads))], format="csr")
        found = minimise(
            np.concatenate([cost, left_out]),
            [(0.0, None)] * (count + loads),
            at_most=None if wide is None else (wide, self.capacity.ravel()[used]),
            equal=(hstack([demand, identity(loads)], format="csr"), self.quantity),
        )
        if found.status != "optimal":
            raise ArithmeticError(f"the flow program could not be solved: it is {found.status}")
        prices = np.zeros(self.capacity.size)
        prices[used] = found.duals
        self._x = found.x[:count]
        return found.value, found.equal_duals, prices.reshape(self.capacity.shape)

    def _overfull(self) -> float:
        """Take in the rows that the present starts overfill; the part of all work that is too much."""
        asked = self._matrix @ self._x
        excess = asked - self.capacity.ravel()
        over: NDArray[np.bool_] = np.asarray(excess > 1e-6 * (1.0 + asked)).reshape(self.capacity.shape)
        near = over.copy()  # what does not fit here would go to the next steps first
        for ahead in range(1, NEAR + 1):
            near[:, ahead:] |= over[:, :-ahead]
        self._rows |= near.ravel()
        return float(np.clip(excess, 0.0, None).sum() / max(float(asked.sum()), 1e-12))

    def _price(self, of_load: Floats, prices: Floats) -> tuple[int, float]:
        """Take in the cheapest start of each choice that would save something; how many, and the gap."""
        steps = self.steps
        dear = prices.any(axis=1)
        summed = np.zeros((len(prices), 2 * steps + 2))
        np.cumsum(prices, axis=1, out=summed[:, 1 : steps + 1])
        summed[:, steps + 1 :] = summed[:, steps : steps + 1]
        least = np.zeros(len(self.quantity))
        fresh = 0
        for number, choice in enumerate(self.choices):
            first, last = self._first(choice), self._last(choice)
            if last < first:
                continue
            asked, starts = choice.footprint, np.arange(first, last + 1, dtype=np.int64)
            reduced = self._cost(choice, starts) - of_load[choice.load]
            priced: NDArray[np.bool_] = np.asarray(dear)[asked.resource] & (asked.work > 0)
            for entry in np.flatnonzero(priced).tolist():
                resource = int(asked.resource[entry])
                begin = asked.offset[entry] / self.step_h
                lasts = max(asked.lasts[entry] / self.step_h, 1e-12)
                hours = asked.work[entry] / choice.size
                ahead = _at(summed[resource], begin + lasts, first, len(starts))
                reduced = reduced + (ahead - _at(summed[resource], begin, first, len(starts))) * (hours / lasts)
            least[choice.load] = min(least[choice.load], float(reduced.min()))
            for best in _valleys(reduced).tolist():
                fresh += self._add(number, int(starts[best]))
        return fresh, -float(least @ self.quantity)

    # ---- the program --------------------------------------------------------------------------

    def solve(self) -> list[Flow]:
        """Starts that use the resources best, in order of choice and hour."""
        self._begin()
        self._rows = np.full(self.capacity.size, self._few)
        for _ in range(ROUNDS):
            self.rounds += 1
            self._grow()
            value, of_load, prices = self._restricted()
            excess = self._overfull()
            fresh, gap = self._price(of_load, prices)
            self.gap = gap / value if value > 0 else 0.0
            if excess < EXCESS and (not fresh or self.gap < GAP):
                break
        return [
            Flow(number, max(start * self.step_h, self.choices[number].release), amount)
            for (number, start), amount in sorted(zip(self._columns, self._x.tolist(), strict=False))
            if amount > CRUMB
        ]


def _valleys(reduced: Floats) -> Ints:
    """Where a reduced cost below zero is lower than on either side, the deepest first; at most a few."""
    wall = np.full(1, np.inf)
    left, right = np.concatenate([wall, reduced[:-1]]), np.concatenate([reduced[1:], wall])
    found = np.flatnonzero((reduced < -1e-12) & (reduced <= left) & (reduced < right))
    return found[np.argsort(reduced[found], kind="stable")][:VALLEYS].astype(np.int64)


def _at(summed: Floats, begin: float, first: int, count: int) -> Floats:
    """Running sum of prices `begin` steps after each of `count` starts from `first` on, between the edges linearly."""
    whole = int(begin)
    part = begin - whole
    low = min(first + whole, len(summed) - count - 1)
    values = summed[low : low + count]
    return values if part == 0 else values + part * (summed[low + 1 : low + 1 + count] - values)
