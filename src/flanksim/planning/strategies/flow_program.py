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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
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


class _Table:
    """The numbers of all choices in columns.

    Attributes
    ----------
    load, release, size, total
        Of each choice.
    first, last
        Steps in which each may start; none where the last comes before the first.
    owner, resource, offset, lasts, work
        Of all that any choice asks for: whose it is, and its numbers, hours in steps.
    """

    def __init__(self, choices: Sequence[Choice], steps: int, step_h: float) -> None:
        own = [choice.footprint for choice in choices]
        self.load = np.array([choice.load for choice in choices], dtype=np.int64)
        self.release = np.array([choice.release for choice in choices], dtype=np.float64)
        self.size = np.array([choice.size for choice in choices], dtype=np.float64)
        self.total = np.array([asked.total for asked in own], dtype=np.float64)
        self.first = (self.release / step_h + 1e-9).astype(np.int64)
        self.last = steps - 1 - np.ceil(self.total / step_h).astype(np.int64)
        owner = np.repeat(np.arange(len(own), dtype=np.int64), [len(asked.resource) for asked in own])
        work = np.concatenate([np.zeros(0), *(asked.work for asked in own)])
        asks = np.flatnonzero(work > 0)
        self.owner, self.work = owner[asks], work[asks]
        self.resource = np.concatenate([np.zeros(0, dtype=np.int64), *(asked.resource for asked in own)])[asks]
        self.offset = np.concatenate([np.zeros(0), *(asked.offset for asked in own)])[asks] / step_h
        self.lasts = np.concatenate([np.zeros(0), *(asked.lasts for asked in own)])[asks] / step_h
        #: Where the entries of each choice begin, and one end more.
        self.begins = np.searchsorted(self.owner, np.arange(len(own) + 1))


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
    _table: _Table = field(init=False)
    _columns: list[tuple[int, int]] = field(default_factory=list)
    _known: set[tuple[int, int]] = field(default_factory=set)
    _rows: NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    _matrix: csc_matrix = field(default_factory=lambda: csc_matrix((0, 0)))
    _built: int = 0
    _x: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self._table = _Table(self.choices, self.steps, self.step_h)

    # ---- columns ------------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        """Steps before the horizon."""
        return int(self.capacity.shape[1])

    @property
    def _few(self) -> bool:
        """Whether all starts and all rows are in the program from the beginning."""
        return len(self.choices) * self.steps <= ALL_STARTS

    def _cost(self, choice: Ints, start: Ints) -> Floats:
        """Cost of a piece of these choices with these starts."""
        table = self._table
        arrival = np.maximum(start * self.step_h, table.release[choice]) + table.total[choice]
        share = self.weight[table.load[choice]] * (arrival / (self.steps * self.step_h)) ** 2
        return np.asarray(share, dtype=np.float64)

    def _add(self, number: int, start: int) -> bool:
        if (number, start) in self._known:
            return False
        self._known.add((number, start))
        self._columns.append((number, start))
        return True

    def _begin(self) -> None:
        """Every start where there are not too many; else a few of every choice, ever further apart."""
        for number, (first, last) in enumerate(zip(self._table.first.tolist(), self._table.last.tolist(), strict=True)):
            ahead = 0
            while first + ahead <= last:
                self._add(number, first + ahead)
                ahead = ahead + 1 if self._few else 4 * ahead + 8

    def _entries(self, columns: Sequence[tuple[int, int]]) -> tuple[Ints, Ints, Floats]:
        """Rows (resource x step), places among these columns and hours of work of one piece of each."""
        table, count = self._table, self.steps
        choice, start = np.array(columns, dtype=np.int64).reshape(-1, 2).T
        column, entry = _ranges(table.begins[choice], table.begins[choice + 1])
        begin = start[column] + table.offset[entry]
        end = begin + table.lasts[entry]
        low = begin.astype(np.int64)
        inside = np.flatnonzero(low < count)
        column, entry, low, begin, end = column[inside], entry[inside], low[inside], begin[inside], end[inside]
        high = np.minimum(count, np.ceil(end - 1e-9).astype(np.int64))
        part, step = _ranges(low, np.maximum(high, low + 1))
        column, entry, begin, end = column[part], entry[part], begin[part], end[part]
        share = np.minimum(end, step + 1) - np.maximum(begin, step)
        hours = share / np.maximum(end - begin, 1e-12) * table.work[entry] / table.size[choice[column]]
        return table.resource[entry] * count + step, column, hours

    def _grow(self) -> None:
        """Put the columns that are not in it yet into the matrix."""
        fresh = len(self._columns) - self._built
        if not fresh:
            return
        rows, columns, hours = self._entries(self._columns[self._built :])
        part = coo_matrix((hours, (rows, columns)), shape=(self.capacity.size, fresh)).tocsc()
        self._matrix = part if not self._built else hstack([self._matrix, part], format="csc")
        self._built = len(self._columns)

    # ---- one round ------------------------------------------------------------------------------

    def _restricted(self) -> tuple[float, Floats, Floats]:
        """Value, price of each load and price of each resource's step, over the columns and rows so far."""
        count, loads = len(self._columns), len(self.quantity)
        choice, start = np.array(self._columns, dtype=np.int64).reshape(-1, 2).T
        cost = self._cost(choice, start)
        used = np.flatnonzero(self._rows)
        left_out = LEFT_OUT * self.weight
        demand = csr_matrix(
            (np.ones(count), (self._table.load[choice], np.arange(count))),
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
        table, steps = self._table, self.steps
        summed = np.zeros((len(prices), 2 * steps + 2))
        np.cumsum(prices, axis=1, out=summed[:, 1 : steps + 1])
        summed[:, steps + 1 :] = summed[:, steps : steps + 1]
        open_ = np.flatnonzero(table.first <= table.last)
        first, count = table.first[open_], table.last[open_] - table.first[open_] + 1
        ahead = np.arange(int(count.max(initial=0)))
        reduced = self._cost(open_[:, None], first[:, None] + ahead) - of_load[table.load[open_]][:, None]
        for own, entry in _one_each(table, open_, np.asarray(prices.any(axis=1))[table.resource]):
            begin, lasts = table.offset[entry], np.maximum(table.lasts[entry], 1e-12)
            hours = table.work[entry] / table.size[open_[own]]
            at = summed, table.resource[entry], first[own], count[own], ahead
            reduced[own] += (_at(begin + lasts, *at) - _at(begin, *at)) * (hours / lasts)[:, None]
        reduced[ahead >= count[:, None]] = np.inf
        least = np.zeros(len(self.quantity))
        np.minimum.at(least, table.load[open_], reduced.min(axis=1, initial=np.inf))
        fresh = 0
        for row, best in _valleys(reduced):
            fresh += self._add(int(open_[row]), int(first[row]) + best)
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


def _ranges(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """All whole numbers from each low to below each high, one range after the other, and whose each is."""
    counts = np.maximum(high - low, 0)
    whose = np.repeat(np.arange(len(low), dtype=np.int64), counts)
    return whose, np.arange(len(whose), dtype=np.int64) + np.repeat(low - (np.cumsum(counts) - counts), counts)


def _one_each(table: _Table, choices: Ints, priced: NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
    """Priced entries, one of each of these choices at a time, in order: places of the choices, and entries.

    What is added up over the entries of a choice is added in their order, whatever other choices there are.
    """
    whose, entry = _ranges(table.begins[choices], table.begins[choices + 1])
    counts = priced[entry]
    whose, entry = whose[counts], entry[counts]
    turn = np.arange(len(whose)) - np.searchsorted(whose, whose)
    by = np.argsort(turn, kind="stable")
    whose, entry, turn = whose[by], entry[by], turn[by]
    ends = np.flatnonzero(np.diff(turn, append=-1)) + 1
    for begin, end in pairwise([0, *ends.tolist()]):
        yield whose[begin:end], entry[begin:end]


def _valleys(reduced: Floats) -> Iterator[tuple[int, int]]:
    """In each row places where a cost below zero is lower than on either side, the deepest first; at most a few."""
    wall = np.full((len(reduced), 1), np.inf)
    left, right = np.hstack([wall, reduced[:, :-1]]), np.hstack([reduced[:, 1:], wall])
    rows, places = np.nonzero((reduced < -1e-12) & (reduced <= left) & (reduced < right))
    by = np.lexsort((places, reduced[rows, places], rows))
    rows, places = rows[by], places[by]
    few = np.arange(len(rows)) - np.searchsorted(rows, rows) < VALLEYS
    return zip(rows[few].tolist(), places[few].tolist(), strict=True)


def _at(begin: Floats, summed: Floats, resource: Ints, first: Ints, count: Ints, ahead: Ints) -> Floats:
    """Running sums of prices `begin` steps after each of `count` starts from `first` on, between the edges linearly."""
    whole = begin.astype(np.int64)
    part = (begin - whole)[:, None]
    low = np.minimum(first + whole, summed.shape[1] - count - 1)
    # Past its last start a row is read as if it ended there: these places count for nothing.
    place = np.minimum(low[:, None] + ahead, summed.shape[1] - 2)
    values = summed[resource[:, None], place]
    beyond = summed[resource[:, None], place + 1]
    return np.asarray(np.where(part == 0, values, values + part * (beyond - values)))
