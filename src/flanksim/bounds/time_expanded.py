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

from flanksim.bounds.expanded_graph import NEVER, WIDEST, ClassInTime, Floats, Ints, Sweep
from flanksim.bounds.flow_network import Resource
from flanksim.bounds.volume import Columns, Price, Volume, VolumeProgram
from flanksim.units import HOURS_PER_DAY

#: Length of a step of the clock, hours.
STEP_H = 12.0
#: Resources are cut into steps if the volume program uses at least this share of their hours.
BUSY = 0.4
#: The search for the horizon stops when it is known this well, hours.
CLOSE_ENOUGH_H = 2.0
#: Horizons this close are one, hours.
ULP_H = 1e-6
#: A horizon is proved too early if the load factor exceeds one by this much.
MARGIN = 1e-6

#: Restricted programs for one horizon, weight of the best prices in the next ones, and loads that are alike.
_ROUNDS, _SMOOTH, _ALIKE = 40, 0.5, 1e-4
#: Ways of one demand that set out at different steps for the same price.
_SPREAD = 8


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


@dataclass(slots=True)
class _Ways:
    """Ways through time found so far; rows of busy resources are kept as (resource, step of the clock)."""

    demand: list[int] = field(default_factory=list)
    rows: list[Ints] = field(default_factory=list)
    work: list[Floats] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    known: dict[tuple[int, bytes], int] = field(default_factory=dict)

    def add(self, demand: int, rows: Ints, work: Floats, level: int) -> None:
        """Keep a way unless an equal one is there; of equal ones the one that ends first."""
        key = (demand, rows.tobytes() + work.tobytes())
        number = self.known.setdefault(key, len(self.demand))
        if number < len(self.demand):
            self.level[number] = min(level, self.level[number])
        else:
            self.demand.append(demand)
            self.rows.append(rows)
            self.work.append(work)
            self.level.append(level)

    @property
    def size(self) -> tuple[int, int]:
        """Changes whenever a way is new or ends earlier than before."""
        return len(self.demand), sum(self.level)

    def upto(self, level: int, count: int, steps: int) -> Columns:
        """Ways that end by a level, with their rows numbered for so many steps."""
        found = Columns()
        for demand, rows, work, end in zip(self.demand, self.rows, self.work, self.level, strict=True):
            if end > level:
                continue
            rank, step = np.divmod(rows - count, WIDEST)
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
        #: UnitWork load factor found for each horizon tried.
        self.loads: dict[float, float] = {}
        self.slack = np.array([entry.slack_h for entry in self.resources])
        self.classes: dict[int, ClassInTime] = {}
        for number in sorted({demand.graph for demand in program.demands}):
            ends: dict[int, float] = {}
            for demand in program.demands:
                if demand.graph == number:
                    hours = self.network.inputs.integration_h[demand.unit]
                    ends[demand.target] = min(hours, ends.get(demand.target, math.inf))
            self.classes[number] = ClassInTime(self.network.graphs[number], ends, self.rank, self.slack, step_h)

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

    # ---- one horizon --------------------------------------------------------------------------

    def _generate(self, columns: _Ways, prices: Floats, capacity: Floats, horizon: float) -> float:
        """Cheapest way of every demand at these prices, kept as a column; returns what closing the force costs."""
        program, steps = self.program, self.steps(horizon)
        levels = math.floor(horizon / self.step + 1e-9)
        costs = np.full(len(program.demands), np.inf)
        for number, kind in self.classes.items():
            wanted = []
            for index, demand in enumerate(program.demands):
                if demand.graph == number and demand.costless:
                    costs[index] = 0.0
                    columns.add(index, np.zeros(0, dtype=np.int64), np.zeros(0), 0)
                elif demand.graph == number:
                    hour = self.network.inputs.start_h[demand.unit] + kind.late[demand.home]
                    if math.isfinite(hour) and hour <= horizon:
                        wanted.append((index, demand.home, math.floor(hour / self.step + 1e-9)))
            if not wanted:
                continue
            first = min(level for _, _, level in wanted)
            sweep = kind.sweep(prices, capacity, steps, levels, first)
            known: dict[tuple[int, int], list[tuple[Ints, Floats, int]]] = {}
            for index, home, level in wanted:
                costs[index] = sweep.cost[level - first][home]
                if costs[index] >= NEVER * 1e-6:
                    continue
                if (home, level) not in known:
                    known[home, level] = [
                        kind.way(sweep, prices, capacity, steps, home, start)
                        for start in self._as_cheap(sweep, home, level)
                    ]
                for way in known[home, level]:
                    columns.add(index, *way)
        return program.cheapest(costs)

    @staticmethod
    def _as_cheap(sweep: Sweep, home: int, level: int) -> list[int]:
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
            before = columns.size
            value = self._generate(columns, trial, capacity, horizon)
            fresh = columns.size != before
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
        return self._search(self.volume.hour, math.inf, math.inf, seconds)

    def after(self, less: Expanded, most_h: float, least_h: float, *, seconds: float = 240.0) -> float:
        """Hours by which this bound is below that of the same network with `less` capacity.

        Parameters
        ----------
        most_h, least_h
            The search looks between these: a larger fall is given as `most_h`, a smaller one as some number below
            `least_h`, which takes one horizon to see.
        """
        low = max(self.volume.hour, less.hour - most_h)
        # More capacity never raises a bound, so this one is not above the other either.
        found = self._search(low, max(low, less.undecided_hour), less.hour - least_h + ULP_H, seconds)
        return less.hour - found.hour

    def _search(self, low: float, high: float, enough: float, seconds: float) -> Expanded:
        """Bisect between horizons that are too early and may be met, until `enough` is known to be too early."""
        begun = perf_counter()
        until = begun + seconds
        self.rounds = 0
        self.loads = {}
        columns, step = _Ways(), HOURS_PER_DAY
        prices = self.program.tangent(low) if math.isfinite(low) else np.zeros(len(self.resources))
        if not prices.any():
            prices = np.ones(len(self.resources))
        binding = self.volume.binding
        while high - low > CLOSE_ENOUGH_H and low < enough and perf_counter() < until and math.isfinite(low):
            trial = low + step if math.isinf(high) else (low + high) / 2.0
            if low < enough < high:
                trial = enough
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
