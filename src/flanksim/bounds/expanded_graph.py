"""The expanded network of one load class: states at every step, and the cheapest ways through them.

See `flanksim.bounds.time_expanded` for what a step counts and why rounding keeps the bound valid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from flanksim.bounds.flow_network import ClassGraph

#: More steps than any clock has: the stride by which rows of busy resources are numbered in a way.
WIDEST = 1 << 20
#: Price of what has no capacity before the horizon.
NEVER = 1e12

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Sweep:
    """One pass over the expanded network of one class: cost to go, and how it comes about."""

    first: int
    cost: list[Floats]
    following: list[NDArray[np.int32]]
    price_of: list[Floats]


class ClassInTime:
    """The expanded network of one load class: what does not depend on prices or horizon."""

    def __init__(
        self, graph: ClassGraph, ends: dict[int, float], rank: dict[int, int], slack: Floats, step: float
    ) -> None:
        self.graph, self.ends, self.step = graph, ends, step
        self.count, self.busy = len(slack), len(rank)
        size = self.size = len(graph.states)
        late = graph.hours_to(ends)
        keep = np.isfinite(late[graph.tail]) & np.isfinite(late[graph.head])
        self.arcs: Ints = np.flatnonzero(keep).astype(np.int64)
        self.late = late
        tail, head = graph.tail[self.arcs], graph.head[self.arcs]
        detour = np.maximum(0.0, graph.hours[self.arcs] + late[head] - late[tail])
        self.shift: Ints = np.floor(detour / step - 1e-9).clip(min=0).astype(np.int64)
        self.tail, self.head = tail, head
        self._uses(rank, slack)
        # Arcs without a shift: parallel ones are reduced to the cheapest before the search at each level.
        zero = np.flatnonzero(self.shift == 0)
        keys = head[zero] * size + tail[zero]
        order = np.argsort(keys, kind="stable")
        self.zero: Ints = zero[order].astype(np.int64)
        pairs, first = np.unique(keys[order], return_index=True)
        self.pairs, self.first = pairs, first.astype(np.int64)
        self.long: Ints = np.flatnonzero(self.shift > 0).astype(np.int64)
        self.long = self.long[np.argsort(tail[self.long], kind="stable")]
        self.long_tails, long_first = np.unique(tail[self.long], return_index=True)
        self.long_first: Ints = long_first.astype(np.int64)
        self.out: list[list[int]] = [[] for _ in range(size)]
        for number in self.long.tolist():
            self.out[int(tail[number])].append(number)
        self.near: list[list[int]] = [[] for _ in range(size)]
        for number in sorted(zero.tolist(), key=lambda arc: detour[arc]):
            if late[head[number]] <= late[tail[number]]:
                self.near[int(tail[number])].append(number)
        rows = np.append(pairs // size, np.full(size, size))
        columns = np.append(pairs % size, np.arange(size))
        template = csr_matrix((np.arange(1, len(rows) + 1, dtype=float), (rows, columns)), shape=(size + 1, size + 1))
        self.slot: Ints = template.data.astype(np.int64) - 1
        self.matrix: csr_matrix = template

    def _uses(self, rank: dict[int, int], slack: Floats) -> None:
        """Uses of busy resources: by arc, with the steps of the clock that each may fall into."""
        graph, step = self.graph, self.step
        position = np.full(len(graph.tail), -1, dtype=np.int64)
        position[self.arcs] = np.arange(len(self.arcs))
        ranks = np.array([rank.get(int(r), -1) for r in graph.use_resource], dtype=np.int64)
        chosen = (ranks >= 0) & (position[graph.use_arc] >= 0)
        arc, resource = graph.use_arc[chosen], graph.use_resource[chosen]
        self.use_arc, self.use_rank = position[arc], ranks[chosen]
        self.use_work: Floats = graph.use_work[chosen]
        begin = graph.use_before[chosen] - self.late[graph.tail[arc]]
        self.use_from: Ints = np.floor(begin / step - 1e-9).astype(np.int64)
        self.uses_of: dict[int, list[int]] = {}
        for use, number in enumerate(self.use_arc.tolist()):
            self.uses_of.setdefault(number, []).append(use)
        # Work that comes after other work on the same arc may wait for it: any later step will do.
        lasts = np.where(slack[resource] > 0, slack[resource], np.maximum(graph.hours[arc], self.use_work))
        until = np.ceil((begin + step + lasts) / step + 1e-9).astype(np.int64)
        self.use_wide: Ints = np.where(graph.use_before[chosen] > 0, -1, until - self.use_from).astype(np.int64)
        plain = graph.use[self.arcs]
        columns = np.array([c for c in range(plain.shape[1]) if c not in rank], dtype=np.int64)
        self.plain_columns = columns
        self.plain: csr_matrix = plain[:, columns].tocsr()

    # ---- cheapest ways through time ----------------------------------------------------------

    def sweep(self, prices: Floats, capacity: Floats, steps: int, levels: int, first: int) -> Sweep:
        """Least cost to go from every state at every step, backwards from the horizon."""
        count = self.count
        usable = np.where(capacity[:count] > 0, prices[:count], NEVER)
        plain = np.asarray(self.plain @ usable[self.plain_columns], dtype=float)
        tables = self._cheapest_steps(prices[count:], capacity[count:], steps)
        cost: list[Floats] = [np.full(self.size, np.inf)] * (levels + 1 - first)
        following: list[NDArray[np.int32]] = [np.zeros(0, dtype=np.int32)] * (levels + 1 - first)
        price_of: list[Floats] = [np.zeros(0)] * (levels + 1 - first)
        ends = np.array(sorted(self.ends), dtype=np.int64)
        matrix = self.matrix.copy()
        for level in range(levels, first - 1, -1):
            price = plain + self._timed(tables, level, steps)
            start = np.full(self.size, np.inf)
            start[ends] = 0.0
            if level < levels:
                np.minimum(start, cost[level + 1 - first], out=start)
            if len(self.long):
                then = level + self.shift[self.long]
                value = np.full(len(self.long), np.inf)
                for to in np.unique(then[then <= levels]).tolist():
                    here = then == to
                    value[here] = price[self.long[here]] + cost[to - first][self.head[self.long[here]]]
                best = np.minimum.reduceat(value, self.long_first)
                start[self.long_tails] = np.minimum(start[self.long_tails], best)
            data = np.append(np.minimum.reduceat(price[self.zero], self.first), start)
            matrix.data = data[self.slot]
            found, before = dijkstra(matrix, indices=np.array([self.size]), return_predecessors=True)
            cost[level - first] = found[0, : self.size]
            following[level - first] = before[0, : self.size]
            price_of[level - first] = price
        return Sweep(first, cost, following, price_of)

    def _cheapest_steps(self, prices: Floats, capacity: Floats, steps: int) -> dict[int, Floats]:
        """For each width of a use, the cheapest price in a window of so many steps that begins at each step."""
        table = np.where(capacity > 0, prices, np.inf).reshape(self.busy, steps)
        found: dict[int, Floats] = {}
        for wide in np.unique(self.use_wide).tolist():
            if wide < 0:
                found[wide] = np.minimum.accumulate(table[:, ::-1], axis=1)[:, ::-1]
                continue
            best = table.copy()
            for ahead in range(1, wide):
                best[:, : steps - ahead] = np.minimum(best[:, : steps - ahead], table[:, ahead:])
            found[wide] = best
        return found

    def _timed(self, tables: dict[int, Floats], level: int, steps: int) -> Floats:
        """Price of each arc's work at busy resources, if it is entered at this level."""
        each = np.zeros(len(self.use_arc))
        for wide, table in tables.items():
            uses = np.flatnonzero(self.use_wide == wide)
            begin = level + self.use_from[uses]
            # A window that begins before the clock is searched from 0 for its whole width: cheaper at most.
            value = table[self.use_rank[uses], begin.clip(0, steps - 1)]
            value[begin >= steps] = np.inf
            each[uses] = self.use_work[uses] * value
        return np.asarray(np.bincount(self.use_arc, weights=each, minlength=len(self.arcs)), dtype=float)

    def way(
        self, sweep: Sweep, prices: Floats, capacity: Floats, steps: int, home: int, level: int
    ) -> tuple[Ints, Floats, int]:
        """Rows and work of the cheapest way from `home` at `level`, and the level at which it ends."""
        levels, count = len(sweep.cost) - 1 + sweep.first, self.count
        table = np.where(capacity[count:] > 0, prices[count:], np.inf).reshape(self.busy, steps)
        total: dict[int, float] = {}
        state = home

        def enter(arc: int) -> None:
            row = self.plain.indptr[arc], self.plain.indptr[arc + 1]
            for column, work in zip(self.plain.indices[row[0] : row[1]], self.plain.data[row[0] : row[1]], strict=True):
                number = int(self.plain_columns[column])
                total[number] = total.get(number, 0.0) + float(work)
            for use in self.uses_of.get(arc, ()):
                rank, begin = int(self.use_rank[use]), int(level + self.use_from[use])
                wide = int(self.use_wide[use])
                low = max(0, begin)
                high = steps if wide < 0 else max(low + 1, min(steps, begin + wide))
                if begin < 0 and wide > 0:
                    high = min(steps, max(high, wide))
                number = count + rank * WIDEST + low + int(np.argmin(table[rank, low:high]))
                total[number] = total.get(number, 0.0) + float(self.use_work[use])

        seen: set[int] = set()
        while state not in self.ends or sweep.cost[level - sweep.first][state] > 0.0:
            price, cost = sweep.price_of[level - sweep.first], sweep.cost[level - sweep.first]
            seen.add(state)
            # Going on is as good as waiting wherever it costs no more and leads no further off; no state twice.
            limit = cost[state] * (1.0 + 1e-9) + 1e-15
            ahead = (a for a in self.near[state] if price[a] + cost[self.head[a]] <= limit)
            on = next((a for a in ahead if int(self.head[a]) not in seen), -1)
            if on >= 0:
                enter(on)
                state = int(self.head[on])
                continue
            then = int(sweep.following[level - sweep.first][state])
            if then < self.size and then >= 0:
                pair = int(np.searchsorted(self.pairs, then * self.size + state))
                last = int(self.first[pair + 1]) if pair + 1 < len(self.first) else len(self.zero)
                candidates = self.zero[int(self.first[pair]) : last]
                enter(int(candidates[int(np.argmin(price[candidates]))]))
                state = then
                continue
            seen.clear()
            best, arc = (sweep.cost[level + 1 - sweep.first][state] if level < levels else math.inf), -1
            for number in self.out[state]:
                to = level + int(self.shift[number])
                if to <= levels and price[number] + sweep.cost[to - sweep.first][self.head[number]] < best:
                    best, arc = price[number] + sweep.cost[to - sweep.first][self.head[number]], number
            if arc < 0:
                level += 1
                continue
            enter(arc)
            state, level = int(self.head[arc]), level + int(self.shift[arc])
        rows = np.array(sorted(total), dtype=np.int64)
        return rows, np.array([total[row] for row in rows.tolist()]), level
