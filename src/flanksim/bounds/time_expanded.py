"""Time-expanded: the work fits step by step, and every piece is somewhere at every step.

Claim: no schedule on any admissible route closes the required troops before the hour found here,
on the same inputs. It is the volume bound with time inside: gates and facilities that are in much
demand have an hour's worth of work for each hour, step by step, and a piece uses them in the order
of its way, no earlier than it can be there. Commodities are the load classes; each may end at the
nearest assembly area of those that its units go to, which only helps. Fleets keep their cycle as a
constraint over the whole time, as in `flanksim.bounds.volume`.

Rounding. A piece at state v at hour t could be closed by ``t + late(v)``, where ``late`` is the least
time from v to closed. That hour never falls on the way; an arc raises it by its detour, ``hours +
late(head) - late(tail) >= 0``. Steps count this hour, rounded *down*: a way without detour is exact
however short its links, and only detours lose less than a step each. (Rounding each link's own
time down would lose most of it: chains of links are shorter than a step.) A piece that uses a
resource during a step does so in one of the two or three steps of the clock that this covers, and
is charged the cheapest: capacity is in effect rounded *up*. Halving the step splits every choice
in two and cannot lower the bound; a test holds it to that.

Proof sketch for one horizon T. Take a schedule that closes by T. Charge each piece's share of the
work of its serial to the steps in which it is done; capacities hold in every step. So the pieces'
ways through the expanded network are a feasible multi-commodity flow over time, and

    min L   subject to   work at r in step b <= L * capacity of r in step b, every demand met

has an optimum of at most 1. Prices p >= 0 with ``sum p * capacity = 1`` prove ``L >= sum of the
cheapest ways``, found by dynamic programming over the whole expanded network (Dantzig-Wolfe). If that
exceeds 1, T is too early, whether or not the ways generated so far are the best ones. The largest
such T is the bound. (Ford and Fulkerson 1958; Hoppe and Tardos 2000; Fleischer and Skutella 2007.)

Size: one class at 12-hour steps to C+60 has some 140 steps of 2,200 states and 10,000 arcs. The
program that is handed to the solver holds only the ways generated and the steps of the resources
in much demand; where nothing binds, time is not cut up at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from flanksim.bounds.network import ClassGraph, Resource
from flanksim.bounds.volume import Columns, Price, Volume, VolumeProgram
from flanksim.units import HOURS_PER_DAY

#: Length of a step of the clock, hours.
STEP_H = 12.0
#: Resources are cut into steps if the volume program uses at least this share of their hours.
BUSY = 0.4
#: The search for the horizon stops when it is known this well, hours.
CLOSE_ENOUGH_H = 6.0
#: A horizon is proved too early if the load factor exceeds one by this much.
MARGIN = 1e-6

#: More steps than any clock has: the stride by which rows of busy resources are numbered in a way.
_WIDEST = 1 << 20
#: Restricted programs for one horizon, weight of the best prices in the next ones, and loads that are alike.
_ROUNDS, _SMOOTH, _ALIKE = 40, 0.5, 1e-4
#: Ways of one demand that set out at different steps for the same price.
_SPREAD = 8
#: Price of what has no capacity before the horizon.
_NEVER = 1e12

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Expanded:
    """The time-expanded bound.

    Attributes
    ----------
    hour
        No schedule on any admissible route closes earlier.
    undecided_hour
        Horizon at which the relaxed program could be met, or the search stopped: more than this is not to be had.
    busy
        Resources that were cut into steps.
    columns, rounds
        Ways generated, and restricted programs solved.
    """

    hour: float
    undecided_hour: float
    binding: str
    prices: tuple[Price, ...]
    busy: tuple[str, ...]
    columns: int
    rounds: int
    seconds: float


class _Class:
    """The expanded network of one load class: what does not depend on prices or horizon."""

    def __init__(
        self, graph: ClassGraph, ends: dict[int, float], rank: dict[int, int], slack: Floats, step: float
    ) -> None:
        self.graph, self.ends, self.step = graph, ends, step
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


@dataclass(slots=True)
class _Sweep:
    """One pass over the expanded network of one class: cost to go, and how it comes about."""

    first: int
    cost: list[Floats]
    following: list[NDArray[np.int32]]
    price_of: list[Floats]


@dataclass(slots=True)
class _Ways:
    """Ways through time found so far; rows of busy resources are kept as (resource, step of the clock)."""

    demand: list[int] = field(default_factory=list)
    rows: list[Ints] = field(default_factory=list)
    work: list[Floats] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    known: set[tuple[int, bytes]] = field(default_factory=set)

    def add(self, demand: int, rows: Ints, work: Floats, level: int) -> None:
        """Keep a way unless an equal one is there."""
        key = (demand, rows.tobytes() + work.tobytes())
        if key not in self.known:
            self.known.add(key)
            self.demand.append(demand)
            self.rows.append(rows)
            self.work.append(work)
            self.level.append(level)

    def upto(self, level: int, count: int, steps: int) -> Columns:
        """Ways that end by a level, with their rows numbered for so many steps."""
        found = Columns()
        for demand, rows, work, end in zip(self.demand, self.rows, self.work, self.level, strict=True):
            if end > level:
                continue
            rank, step = np.divmod(rows - count, _WIDEST)
            numbers = np.where(rows < count, rows, count + rank * steps + step)
            if bool((step[rows >= count] < steps).all()):
                found.demand.append(demand)
                found.rows.append(numbers)
                found.work.append(work)
        return found


class TimeExpanded:
    """The time-expanded program that refines a volume bound.

    Parameters
    ----------
    program, volume
        The volume program, and its solution.
    step_h
        Step of the clock, at most 12 hours.
    """

    def __init__(self, program: VolumeProgram, volume: Volume, step_h: float = STEP_H, busy: float = BUSY) -> None:
        self.program, self.volume, self.step = program, volume, step_h
        self.network = program.network
        self.resources = self.network.resources
        load = program.load_of(volume.hour) if math.isfinite(volume.hour) else np.zeros(len(self.resources))
        self.busy = [
            number
            for number, (entry, share) in enumerate(zip(self.resources, load, strict=True))
            if share >= busy and entry.kind in ("gate", "server")
        ]
        self.rank = {number: position for position, number in enumerate(self.busy)}
        self.rounds = 0
        #: Least load factor found for each horizon tried.
        self.loads: dict[float, float] = {}
        self.slack = np.array([entry.slack_h for entry in self.resources])
        self.classes: dict[int, _Class] = {}
        for number in sorted({demand.graph for demand in program.demands}):
            ends: dict[int, float] = {}
            for demand in program.demands:
                if demand.graph == number:
                    hours = self.network.inputs.integration_h[demand.unit]
                    ends[demand.target] = min(hours, ends.get(demand.target, math.inf))
            self.classes[number] = _Class(self.network.graphs[number], ends, self.rank, self.slack, step_h)

    # ---- capacity ---------------------------------------------------------------------------

    def capacity(self, horizon: float) -> Floats:
        """Hours of work of each row: whole-time rows of all resources, then steps of the busy ones."""
        whole = np.array([entry.hours(horizon) for entry in self.resources])
        whole[self.busy] = 0.0
        steps = self.steps(horizon)
        cut = np.array([self._cut(self.resources[number], horizon, steps) for number in self.busy]).ravel()
        return np.concatenate([whole, cut])

    def steps(self, horizon: float) -> int:
        """Steps of the clock before the horizon."""
        return math.ceil(horizon / self.step - 1e-9)

    def _cut(self, entry: Resource, horizon: float, steps: int) -> Floats:
        edges = self.step * np.arange(steps + 1)
        end = horizon - entry.rest_h
        total = np.zeros(steps)
        for count, since in entry.groups:
            begin = max(since, entry.first_h)
            total += count * np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], begin), 0.0, None)
        if total.any():
            # The last serial's own passing may end after the window: it counts to the last step.
            total[np.flatnonzero(total)[-1]] += entry.slack_h
        return total

    # ---- cheapest ways through time ----------------------------------------------------------

    def _sweep(self, kind: _Class, prices: Floats, capacity: Floats, horizon: float, first: int) -> _Sweep:
        """Least cost to go from every state at every step, backwards from the horizon."""
        count, steps = len(self.resources), self.steps(horizon)
        usable = np.where(capacity[:count] > 0, prices[:count], _NEVER)
        plain = np.asarray(kind.plain @ usable[kind.plain_columns], dtype=float)
        tables = self._cheapest_steps(kind, prices[count:], capacity[count:], steps)
        levels = math.floor(horizon / self.step + 1e-9)
        cost: list[Floats] = [np.full(kind.size, np.inf)] * (levels + 1 - first)
        following: list[NDArray[np.int32]] = [np.zeros(0, dtype=np.int32)] * (levels + 1 - first)
        price_of: list[Floats] = [np.zeros(0)] * (levels + 1 - first)
        ends = np.array(sorted(kind.ends), dtype=np.int64)
        matrix = kind.matrix.copy()
        for level in range(levels, first - 1, -1):
            price = plain + self._timed(kind, tables, level, steps)
            start = np.full(kind.size, np.inf)
            start[ends] = 0.0
            if level < levels:
                np.minimum(start, cost[level + 1 - first], out=start)
            if len(kind.long):
                then = level + kind.shift[kind.long]
                value = np.full(len(kind.long), np.inf)
                for to in np.unique(then[then <= levels]).tolist():
                    here = then == to
                    value[here] = price[kind.long[here]] + cost[to - first][kind.head[kind.long[here]]]
                best = np.minimum.reduceat(value, kind.long_first)
                start[kind.long_tails] = np.minimum(start[kind.long_tails], best)
            data = np.append(np.minimum.reduceat(price[kind.zero], kind.first), start)
            matrix.data = data[kind.slot]
            found, before = dijkstra(matrix, indices=np.array([kind.size]), return_predecessors=True)
            cost[level - first] = found[0, : kind.size]
            following[level - first] = before[0, : kind.size]
            price_of[level - first] = price
        return _Sweep(first, cost, following, price_of)

    def _cheapest_steps(self, kind: _Class, prices: Floats, capacity: Floats, steps: int) -> dict[int, Floats]:
        """For each width of a use, the cheapest price in a window of so many steps that begins at each step."""
        table = np.where(capacity > 0, prices, np.inf).reshape(len(self.busy), steps)
        found: dict[int, Floats] = {}
        for wide in np.unique(kind.use_wide).tolist():
            if wide < 0:
                found[wide] = np.minimum.accumulate(table[:, ::-1], axis=1)[:, ::-1]
                continue
            best = table.copy()
            for ahead in range(1, wide):
                best[:, : steps - ahead] = np.minimum(best[:, : steps - ahead], table[:, ahead:])
            found[wide] = best
        return found

    def _timed(self, kind: _Class, tables: dict[int, Floats], level: int, steps: int) -> Floats:
        """Price of each arc's work at busy resources, if it is entered at this level."""
        each = np.zeros(len(kind.use_arc))
        for wide, table in tables.items():
            uses = np.flatnonzero(kind.use_wide == wide)
            begin = level + kind.use_from[uses]
            # A window that begins before the clock is searched from 0 for its whole width: cheaper at most.
            value = table[kind.use_rank[uses], begin.clip(0, steps - 1)]
            value[begin >= steps] = np.inf
            each[uses] = kind.use_work[uses] * value
        return np.asarray(np.bincount(kind.use_arc, weights=each, minlength=len(kind.arcs)), dtype=float)

    def _way(
        self, kind: _Class, sweep: _Sweep, prices: Floats, capacity: Floats, home: int, level: int, horizon: float
    ) -> tuple[Ints, Floats, int]:
        """Rows and work of the cheapest way from `home` at `level`, and the level at which it ends."""
        steps, levels = self.steps(horizon), len(sweep.cost) - 1 + sweep.first
        count = len(self.resources)
        table = np.where(capacity[count:] > 0, prices[count:], np.inf).reshape(len(self.busy), steps)
        total: dict[int, float] = {}
        state = home

        def enter(arc: int) -> None:
            row = kind.plain.indptr[arc], kind.plain.indptr[arc + 1]
            for column, work in zip(kind.plain.indices[row[0] : row[1]], kind.plain.data[row[0] : row[1]], strict=True):
                number = int(kind.plain_columns[column])
                total[number] = total.get(number, 0.0) + float(work)
            for use in kind.uses_of.get(arc, ()):
                rank, begin = int(kind.use_rank[use]), int(level + kind.use_from[use])
                wide = int(kind.use_wide[use])
                low = max(0, begin)
                high = steps if wide < 0 else max(low + 1, min(steps, begin + wide))
                if begin < 0 and wide > 0:
                    high = min(steps, max(high, wide))
                number = count + rank * _WIDEST + low + int(np.argmin(table[rank, low:high]))
                total[number] = total.get(number, 0.0) + float(kind.use_work[use])

        seen: set[int] = set()
        while state not in kind.ends or sweep.cost[level - sweep.first][state] > 0.0:
            price, cost = sweep.price_of[level - sweep.first], sweep.cost[level - sweep.first]
            seen.add(state)
            # Going on is as good as waiting wherever it costs no more and leads no further off; no state twice.
            limit = cost[state] * (1.0 + 1e-9) + 1e-15
            ahead = (a for a in kind.near[state] if price[a] + cost[kind.head[a]] <= limit)
            on = next((a for a in ahead if int(kind.head[a]) not in seen), -1)
            if on >= 0:
                enter(on)
                state = int(kind.head[on])
                continue
            then = int(sweep.following[level - sweep.first][state])
            if then < kind.size and then >= 0:
                pair = int(np.searchsorted(kind.pairs, then * kind.size + state))
                last = int(kind.first[pair + 1]) if pair + 1 < len(kind.first) else len(kind.zero)
                candidates = kind.zero[int(kind.first[pair]) : last]
                enter(int(candidates[int(np.argmin(price[candidates]))]))
                state = then
                continue
            seen.clear()
            best, arc = (sweep.cost[level + 1 - sweep.first][state] if level < levels else math.inf), -1
            for number in kind.out[state]:
                to = level + int(kind.shift[number])
                if to <= levels and price[number] + sweep.cost[to - sweep.first][kind.head[number]] < best:
                    best, arc = price[number] + sweep.cost[to - sweep.first][kind.head[number]], number
            if arc < 0:
                level += 1
                continue
            enter(arc)
            state, level = int(kind.head[arc]), level + int(kind.shift[arc])
        rows = np.array(sorted(total), dtype=np.int64)
        return rows, np.array([total[row] for row in rows.tolist()]), level

    # ---- one horizon --------------------------------------------------------------------------

    def _generate(self, columns: _Ways, prices: Floats, capacity: Floats, horizon: float) -> float:
        """Cheapest way of every demand at these prices, kept as a column; returns what closing the force costs."""
        program = self.program
        costs = np.full(len(program.demands), np.inf)
        for number, kind in self.classes.items():
            wanted = []
            for index, demand in enumerate(program.demands):
                if demand.graph == number:
                    hour = self.network.inputs.start_h[demand.unit] + kind.late[demand.home]
                    if math.isfinite(hour) and hour <= horizon:
                        wanted.append((index, demand.home, math.floor(hour / self.step + 1e-9)))
            if not wanted:
                continue
            first = min(level for _, _, level in wanted)
            sweep = self._sweep(kind, prices, capacity, horizon, first)
            known: dict[tuple[int, int], list[tuple[Ints, Floats, int]]] = {}
            for index, home, level in wanted:
                costs[index] = sweep.cost[level - first][home]
                if costs[index] >= _NEVER * 1e-6:
                    continue
                if (home, level) not in known:
                    known[home, level] = [
                        self._way(kind, sweep, prices, capacity, home, start, horizon)
                        for start in self._as_cheap(sweep, home, level)
                    ]
                for way in known[home, level]:
                    columns.add(index, *way)
        return program.cheapest(costs)

    @staticmethod
    def _as_cheap(sweep: _Sweep, home: int, level: int) -> list[int]:
        """Some of the steps in which it is as cheap to set out as in the first, spread evenly.

        Prices rarely tell one step from the next, and ways that all take the first would crowd it.
        """
        cost, last = sweep.cost[level - sweep.first][home], level
        while (
            last + 1 - sweep.first < len(sweep.cost)
            and sweep.cost[last + 1 - sweep.first][home] <= cost * (1 + 1e-9) + 1e-15
        ):
            last += 1
        return sorted({level + round((last - level) * part / _SPREAD) for part in range(_SPREAD + 1)})

    def _too_early(self, horizon: float, columns: _Ways, start: Floats, until: float) -> tuple[bool | None, Floats]:
        """Whether no schedule closes by `horizon`, and the prices that say so.

        True if that is proved, False if the relaxed program can close, None if neither is known.
        """
        capacity, steps = self.capacity(horizon), self.steps(horizon)
        best, best_value = self._spread(start, capacity, steps), 0.0
        trial = best
        for _ in range(_ROUNDS):
            before = len(columns.demand)
            value = self._generate(columns, trial, capacity, horizon)
            fresh = len(columns.demand) > before
            self.rounds += 1
            if value > best_value:
                best, best_value = trial, value
            if best_value > 1.0 + MARGIN:
                return True, best
            if perf_counter() > until:
                return None, best
            chosen = columns.upto(math.floor(horizon / self.step + 1e-9), len(self.resources), steps)
            load, prices = self.program.restricted(capacity, np.zeros(len(capacity)), 0.0, chosen)
            self.loads[horizon] = load
            if load <= 1.0:
                return False, best
            # Between the best prices known and those of the restricted program, which alone swing wildly;
            # once a round brings nothing new, the restricted program's own.
            total, weight = float(prices @ capacity), _SMOOTH if fresh else 0.0
            trial = (1.0 - weight) * prices / total + weight * best if total > 0 else best
            if load - best_value < _ALIKE:
                return None, best
        return None, best

    def _spread(self, prices: Floats, capacity: Floats, steps: int) -> Floats:
        """Prices of whole resources, the same in every step, such that all capacity together is worth 1."""
        count = len(self.resources)
        if len(prices) == count:
            cut = np.repeat(prices[self.busy], steps)
            prices = np.concatenate([np.where(np.isin(np.arange(count), self.busy), 0.0, prices), cut])
        else:
            table = prices[count:].reshape(len(self.busy), -1)
            wider = np.zeros((len(self.busy), steps))
            common = min(steps, table.shape[1])
            wider[:, :common] = table[:, :common]
            wider[:, common:] = table[:, -1:]
            prices = np.concatenate([prices[:count], wider.ravel()])
        total = float(prices @ capacity)
        return prices / total if total > 0 else prices

    # ---- the horizon ----------------------------------------------------------------------------

    def solve(self, *, seconds: float = 240.0) -> Expanded:
        """The bound, by about so many seconds; it is proved whenever the search stops."""
        begun = perf_counter()
        until = begun + seconds
        self.rounds = 0
        self.loads = {}
        columns, low, high, step = _Ways(), self.volume.hour, math.inf, HOURS_PER_DAY
        prices = self.program.tangent(low) if math.isfinite(low) else np.zeros(len(self.resources))
        if not prices.any():
            prices = np.ones(len(self.resources))
        binding = self.volume.binding
        while high - low > CLOSE_ENOUGH_H and perf_counter() < until and math.isfinite(low):
            trial = low + step if math.isinf(high) else (low + high) / 2.0
            early, found = self._too_early(trial, columns, prices, until)
            if early:
                low, prices, step = trial, found, step * 2.0
                binding = self._dearest(found, low)
            elif early is None and perf_counter() >= until:
                break
            else:
                high = trial
        busy = tuple(self.resources[number].name for number in self.busy)
        listed = self._priced(prices, low, high) or self.volume.prices
        return Expanded(low, high, binding, listed, busy, len(columns.demand), self.rounds, perf_counter() - begun)

    def _priced(self, prices: Floats, low: float, high: float) -> tuple[Price, ...]:
        """Days for each unit of capacity: what it takes off the load factor, over what a day takes off it.

        The load factor at the bound is 1 (proved there); that of the horizon above it is known from
        the relaxed program, and the difference is what time is worth. None is known if the search
        stopped before it.
        """
        load = self.loads.get(high)
        if load is None or load >= 1.0 or len(prices) == len(self.resources):
            return ()
        a_day = (1.0 - load) / (high - low) * HOURS_PER_DAY
        worth = self._worth(prices, low)
        found: dict[tuple[str, str], Price] = {}
        for entry, value in zip(self.resources, worth.tolist(), strict=True):
            if value <= 1e-6:
                continue
            kind = "fleet" if entry.kind in ("last", "crew") else entry.kind
            share = value * (1.0 - entry.slack_h / max(entry.hours(low), entry.slack_h, 1e-9))
            gain = share / entry.capacity * (entry.work_share or 1.0) / a_day
            so_far = found.get((kind, entry.name))
            gain += so_far.days_per_unit if so_far else 0.0
            capacity = entry.capacity if so_far is None or entry.kind == "fleet" else so_far.capacity
            found[kind, entry.name] = Price(entry.name, kind, entry.attribute, capacity, gain)
        return tuple(sorted(found.values(), key=lambda price: (-price.days_per_unit * price.capacity, price.element)))

    def _worth(self, prices: Floats, horizon: float) -> Floats:
        """What the capacity of each resource is worth at these prices; 1 for all of them together."""
        count = len(self.resources)
        worth = prices * self.capacity(horizon)
        whole = worth[:count].copy()
        if self.busy:
            whole[self.busy] += worth[count:].reshape(len(self.busy), -1).sum(axis=1)
        return whole

    def _dearest(self, prices: Floats, horizon: float) -> str:
        """Resource whose capacity is worth most at these prices."""
        return self.resources[int(np.argmax(self._worth(prices, horizon)))].name
