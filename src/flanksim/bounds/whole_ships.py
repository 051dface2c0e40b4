r"""Whole ships that come back: what the ships that are there can land in time, step by step.

Claim: no schedule in which nothing takes two ships, where one ship leads there, closes the required troops before the
hour found here, on the same inputs. For one horizon T take a schedule that closes by T, and read off it

- for each ship-load that carries counted cargo a *trip*: its route, the step in which it begins to load, and its
  level: the least of some numbers of pieces that is not below its own. A trip of a level has more pieces than the level
  below, so it lasts at least as long at both berths as one piece more than that, and there and back;
- ships of each pool by group of ports and step: they lie there, run empty to another group, or are on a trip. A ship
  that begins a trip at hour t of step k is free again at t + c or later, so in step k + floor(c / step) or later,
  where it loaded;
- loading at berths: at one berth, trips that load for w hours begin floor(w / step) steps apart or more;
- cargo of each trip, in metres and in pieces, no less than its level says. It stood on the quay when loading began.
  What counts is landed early enough to be closed by T: a ship lands one piece after the other, and the fuller it is the
  more in an hour. Where other loads may be aboard too, it is taken to be full of them.

All that satisfies the rows of the program below, with no piece missing. The program finds the least number of pieces
that are missing, over fractions of trips and of units. If its dual solution proves that this is more than none, T is
too early. The largest T for which that is proved is the bound; it holds whether or not the solver converged, since any
prices that are 0 or more prove the value that they have (`_proved`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from flanksim.bounds.inputs import Inputs
from flanksim.bounds.sea_lift import Route, SeaLift, Ships
from flanksim.bounds.volume import Price, VolumeProgram
from flanksim.linear_program import minimise
from flanksim.units import HOURS_PER_DAY

#: Longest step of the clock, and how well the horizon is known in the end, hours.
STEP_H, CLOSE_ENOUGH_H = 12.0, 0.1
#: Levels of a trip, as shares of the pieces that a ship takes at most; the last two are a piece apart.
LEVELS = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9)
#: How well a bound with more ships or berths is known, hours.
_AGAIN_H = 1.0
#: Rows by which cargo of one trip is told apart that has further to go after the landing.
_FURTHER = 3
#: A horizon is proved too early if more pieces than this are missing.
MISSING = 1e-3
#: Later than any horizon, hours.
NEVER_H = 1e9
#: Floats of sums in another order, hours, steps or pieces.
_SAME = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tried:
    """One horizon: pieces proved to be missing, and by how many fewer there are with one more ship or berth.

    `worth` has an entry for each capacity that is worth anything: its kind (``fleet`` or ``server``), and the name of
    the pool or of the berths.
    """

    missing: float
    worth: dict[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class WholeShips:
    """The bound with whole ships.

    Attributes
    ----------
    hour
        No schedule in which nothing takes two ships closes earlier; that of the volume bound where it is later.
    undecided_hour
        Horizon at which nothing was proved to be missing: more than this is not to be had.
    prices
        Ships and berths that set it, and how steeply it falls with one more of them, by the slope of its last day.
    solved
        Linear programs solved.
    """

    hour: float
    undecided_hour: float
    prices: tuple[Price, ...]
    solved: int
    seconds: float


class _Rows:
    """Rows ``sum <= limit`` over columns from 0 up to a limit of their own."""

    def __init__(self) -> None:
        self.most: list[Floats] = []
        self.columns = 0
        self.limit: list[float] = []
        self._row: list[NDArray[np.int64]] = []
        self._column: list[NDArray[np.int64]] = []
        self._value: list[Floats] = []

    def add(self, most: Floats) -> NDArray[np.int64]:
        """Numbers of new columns."""
        first = self.columns
        self.most.append(most)
        self.columns += len(most)
        return np.arange(first, self.columns, dtype=np.int64)

    def rows(self, limits: Sequence[float] | Floats) -> NDArray[np.int64]:
        """Numbers of new rows."""
        first = len(self.limit)
        self.limit += list(limits)
        return np.arange(first, len(self.limit), dtype=np.int64)

    def put(self, rows: NDArray[np.int64], columns: NDArray[np.int64], values: Floats | float) -> None:
        """Entries of the matrix; what falls on one place is added."""
        self._row.append(rows)
        self._column.append(columns)
        self._value.append(np.broadcast_to(np.asarray(values, dtype=float), rows.shape))

    def matrix(self) -> csr_matrix:
        """All entries."""
        place = np.concatenate(self._row), np.concatenate(self._column)
        return coo_matrix((np.concatenate(self._value), place), shape=(len(self.limit), self.columns)).tocsr()


@dataclass(slots=True)
class ShipProgram:
    """The program of whole ships of some units.

    Parameters
    ----------
    sea
        Cargo, routes, ships and berths.
    inputs, units, hours, required
        Units of the plan that must close, hours before which each cannot, and troops of them that must be closed (None:
        every unit).
    step_h
        Longest step of the clock.
    late
        Round up instead of down and take times at a trip's own level: what can be done, not what cannot.
    """

    sea: SeaLift
    inputs: Inputs
    units: Sequence[int]
    hours: Sequence[float]
    required: int | None
    step_h: float = STEP_H
    late: bool = False
    solved: int = field(default=0, init=False)
    step: float = field(init=False)
    begin: float = field(init=False)
    levels: dict[str, list[tuple[float, float]]] = field(init=False)
    _of_capacity: dict[int, tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        routes = [route for route in self.sea.routes if self._first(route) < math.inf]
        self.begin = min(map(self._first, routes), default=0.0)
        self.levels = {pool: self._levels(pool) for pool in self.sea.ships}
        # The commonest round of a full ship is a whole number of steps, so that rounding it costs nothing.
        deck = {pool: ships.deck_m * ships.count for pool, ships in self.sea.ships.items()}
        routes.sort(key=lambda route: (-deck[route.pool], route.sailing_h, route.pool, route.port))
        whole = self._round_h(routes[0], *self.levels[routes[0].pool][-1]) if routes else self.step_h
        self.step = whole / math.ceil(whole / self.step_h - 1e-9) if whole > 0 else self.step_h

    def _first(self, route: Route) -> float:
        """Least hour at which a trip with cargo can begin to load."""
        here = min((hours[route.coast] for _, hours in self.sea.ships[route.pool].fleets), default=math.inf)
        return max(min(route.quay_h, default=math.inf), here)

    def _levels(self, pool: str) -> list[tuple[float, float]]:
        """Fewest and most pieces of a trip of each level."""
        least_m = min((cargo.lane_m for cargo in self.sea.cargoes if cargo.lane_m > 0), default=0.0)
        most = sum(cargo.pieces for cargo in self.sea.cargoes)
        if least_m > 0:
            most = min(most, self.sea.ships[pool].deck_m / least_m)
        most = math.floor(most)
        tops = sorted({math.floor(share * most) for share in LEVELS} | {most - 1, most} - {0, -1})
        return [(low + 1.0, float(top)) for low, top in zip([0, *tops], tops, strict=False) if top > 0]

    def _round_h(self, route: Route, fewest: float, most: float) -> float:
        """Hours from the beginning of loading until a ship is back and free."""
        pieces = most if self.late else fewest
        return route.loading.hours(pieces) + route.sailing_h + route.landing.hours(pieces)

    def _steps(self, hours: Floats | float) -> NDArray[np.int64]:
        """Steps that so many hours take."""
        steps = np.asarray(hours, dtype=float) / self.step
        whole = np.ceil(steps - _SAME) if self.late else np.floor(steps + _SAME)
        return np.asarray(np.clip(whole, 0, NEVER_H), dtype=np.int64)

    # ---- one horizon --------------------------------------------------------------------------

    def solve(self, horizon_h: float) -> Tried:
        """Pieces that are missing at least if the force is to be closed by an hour."""
        self.solved += 1
        rows, cost = self._program(horizon_h)
        matrix, limit, most = rows.matrix(), np.array(rows.limit), np.concatenate(rows.most)
        found = minimise(cost, [(0.0, value) for value in most.tolist()], at_most=(matrix, limit))
        if found.status != "optimal":
            return Tried(0.0, {})
        worth: dict[tuple[str, str], float] = {}
        for row, key in self._of_capacity.items():
            worth[key] = worth.get(key, 0.0) + float(found.duals[row])
        missing = _proved(cost, matrix, limit, most, found.duals)
        return Tried(missing, {key: pieces for key, pieces in sorted(worth.items()) if pieces > _SAME})

    # ---- the horizon --------------------------------------------------------------------------

    def bound(self, low: float, high: float = math.inf, close_h: float = CLOSE_ENOUGH_H) -> WholeShips:
        """The latest hour that is proved too early, but at least `low`; `high` is known not to be."""
        begun, first, early = perf_counter(), low, list[tuple[float, float]]()
        last, step = Tried(0.0, {}), HOURS_PER_DAY
        if not self.sea.cargoes:
            high = low
        while high - low > close_h and low < self.inputs.plan.horizon_h:
            trial = min(low + step, self.inputs.plan.horizon_h) if math.isinf(high) else (low + high) / 2.0
            if low == first and not last.missing:
                trial = low  # mostly it is not too early, and all is done
            found = self.solve(trial)
            if found.missing > MISSING:
                low, last, step = trial, found, 2.0 * step
                early.append((trial, found.missing))
            else:
                high = trial
        return WholeShips(low, high, self._priced(low, last, early), self.solved, perf_counter() - begun)

    def after(self, less: WholeShips, most_h: float, least_h: float) -> float:
        """Hours by which the bound with more ships or berths is below that with less; 0 if by less than `least_h`."""
        high = less.hour - least_h
        if self.solve(high).missing > MISSING:
            return 0.0
        return less.hour - self.bound(less.hour - most_h, high, _AGAIN_H).undecided_hour

    def _priced(self, hour: float, last: Tried, early: list[tuple[float, float]]) -> tuple[Price, ...]:
        """Days for each unit of capacity: pieces that it takes off those missing, over what a day takes off them.

        The bound stands on a stair: one more trip in time, and nothing is missing. So a day is worth the least that any
        of the horizons tried shows, and nothing if they show none: a price only says what to solve again.
        """
        slopes = [(missing - last.missing) / (hour - trial) for trial, missing in early if trial < hour]
        a_day = min((slope for slope in slopes if slope > _SAME), default=0.0) * HOURS_PER_DAY
        found = []
        for (kind, name), pieces in last.worth.items():
            of_ships = kind == "fleet"
            capacity = float(self.sea.ships[name].count) if of_ships else self.sea.berths[name]
            days = pieces / a_day if a_day > 0 else math.inf
            element, attribute = (name, "groups") if of_ships else (f"berth:{name}", "servers")
            found.append(Price(element, kind, attribute, capacity, days))
        return tuple(sorted(found, key=lambda price: (-price.days_per_unit * price.capacity, price.element)))

    # ---- rows and columns ---------------------------------------------------------------------

    def _program(self, horizon_h: float) -> tuple[_Rows, Floats]:
        """Rows for one horizon, and the cost of each column: 1 for a piece that is missing."""
        rows = _Rows()
        self._of_capacity = {}
        steps = max(1, math.ceil((horizon_h - self.begin) / self.step))
        supplies = rows.rows([0.0] * len(self.sea.cargoes))
        missing = self._units(rows, supplies, horizon_h)
        free = {pool: self._lying(rows, pool, steps) for pool in self.sea.ships}
        berths = {port: rows.rows([count] * steps) for port, count in self.sea.berths.items() if math.isfinite(count)}
        for port, numbers in berths.items():
            self._of_capacity.update(dict.fromkeys(numbers.tolist(), ("server", port)))
        aboard = rows.rows([sum(cargo.pieces for cargo in self.sea.cargoes)])
        for route in self.sea.routes:
            self._trips(rows, route, free[route.pool], berths, supplies, aboard, horizon_h)
        cost = np.zeros(rows.columns)
        cost[missing] = 1.0
        return rows, cost

    def _units(self, rows: _Rows, supplies: NDArray[np.int64], horizon_h: float) -> NDArray[np.int64]:
        """Rows by which units close, whole or in part; columns of the pieces that they miss."""
        plan, carried = self.inputs.plan, dict[int, list[NDArray[np.int64]]]()
        over_sea: dict[int, float] = {}
        for number, cargo in enumerate(self.sea.cargoes):
            for unit, pieces in cargo.members:
                column = rows.add(np.array([pieces]))
                rows.put(supplies[[number]], column, 1.0)
                carried.setdefault(unit, []).append(column)
                over_sea[unit] = over_sea.get(unit, 0.0) + pieces
        moving = [unit for unit in self.units if not plan.units[unit].in_place]
        closed = rows.add(
            np.array([float(self.required is None or self.hours[unit] <= horizon_h + _SAME) for unit in moving])
        )
        short = [unit for unit in moving if unit in over_sea]
        needed = np.array([plan.units[unit].vehicles_needed for unit in short])
        by_land = np.array([plan.units[unit].vehicles - over_sea[unit] for unit in short])
        missing = rows.add(needed)
        place = dict(zip(moving, closed.tolist(), strict=True))
        if self.required is None:  # every unit is closed: what it needs stands on the right
            numbers = rows.rows(by_land - needed)
        else:
            numbers = rows.rows(by_land)
            rows.put(numbers, np.array([place[unit] for unit in short], dtype=np.int64), needed)
            troops = np.array([float(plan.units[unit].troops) for unit in moving])
            rows.put(np.repeat(rows.rows([-float(self.required)]), len(moving)), closed, -troops)
        rows.put(numbers, missing, -1.0)
        for number, unit in zip(numbers.tolist(), short, strict=True):
            for column in carried[unit]:
                rows.put(np.array([number]), column, -1.0)
        return missing

    @staticmethod
    def _plenty(ships: Ships) -> float:
        """More ships than there are, so that rows limit them and have the prices, not the limits of columns."""
        return 2.0 * ships.count + 1.0

    def _lying(self, rows: _Rows, pool: str, steps: int) -> NDArray[np.int64]:
        """Rows of the ships of a pool by group of ports and step: what leaves was there or came."""
        ships = self.sea.ships[pool]
        coasts = sorted({route.coast for route in self.sea.routes if route.pool == pool})
        found = np.full((len(ships.between_h), steps + 1), -1, dtype=np.int64)
        for coast in coasts:
            found[coast] = rows.rows([0.0] * (steps + 1))
            idle = rows.add(np.full(steps, self._plenty(ships)))
            rows.put(found[coast, :-1], idle, 1.0)
            rows.put(found[coast, 1:], idle, -1.0)
        for number, hours in ships.fleets:
            fleet = rows.rows([float(number)])
            self._of_capacity[int(fleet[0])] = ("fleet", pool)
            for coast in coasts:
                step = int(self._steps(max(0.0, min(hours[coast], NEVER_H) - self.begin)))
                if step <= steps:
                    column = rows.add(np.array([self._plenty(ships)]))
                    rows.put(fleet, column, 1.0)
                    rows.put(found[coast, [step]], column, -1.0)
        for one in coasts:
            for two in coasts:
                run = int(self._steps(min(ships.between_h[one][two], NEVER_H)))
                if one != two and run <= steps:
                    columns = rows.add(np.full(steps + 1 - run, self._plenty(ships)))
                    rows.put(found[one, : steps + 1 - run], columns, 1.0)
                    rows.put(found[two, run:], columns, -1.0)
        return found

    def _trips(
        self,
        rows: _Rows,
        route: Route,
        free: NDArray[np.int64],
        berths: dict[str, NDArray[np.int64]],
        supplies: NDArray[np.int64],
        every: NDArray[np.int64],
        horizon_h: float,
    ) -> None:
        """Columns of the trips of one route and of what they carry, and the rows that tie them together."""
        sea = self.sea
        ships, levels = sea.ships[route.pool], self.levels[route.pool]
        deck_m = min(ships.deck_m, sum(cargo.pieces * cargo.lane_m for cargo in sea.cargoes))
        wanted = np.array([n for n, hour in enumerate(route.quay_h) if math.isfinite(hour)], dtype=np.int64)
        if not len(wanted) or not levels or not ships.count:
            return
        quay_h, rest_h = np.array(route.quay_h)[wanted], np.array(route.rest_h)[wanted]
        lane_m = np.array([sea.cargoes[n].lane_m for n in wanted.tolist()])
        pieces = np.array([sea.cargoes[n].pieces for n in wanted.tolist()])
        first = self._steps(np.maximum(0.0, quay_h - self.begin))
        last = free.shape[1] - 1
        fewest, most = (np.array(part) for part in zip(*levels, strict=True))
        own = most if self.late else fewest
        loads_h = np.array([route.loading.hours(n) for n in own.tolist()])
        rounds = self._steps(np.array([self._round_h(route, *level) for level in levels]))
        stays = [(berths[route.port], 0 * rounds, self._steps(loads_h))] if route.port in berths else []
        if route.to_port in berths:
            lands_h = np.array([route.landing.hours(n) for n in own.tolist()])
            stays.append((berths[route.to_port], self._steps(loads_h + route.there_h), self._steps(lands_h)))
        paces = np.array([route.landing.pace(ships.most if route.shared else n) for n in most.tolist()])
        further = np.unique(np.quantile(rest_h, np.linspace(0.0, 1.0, _FURTHER), method="lower"))
        for step in range(int(first.min()), last):
            hour = self.begin + self.step * step
            # How long after the landing began, of a trip of each level, cargo with so far to go may still be landed.
            left_h = horizon_h - hour - loads_h[:, None] - further[None, :]
            with np.errstate(invalid="ignore"):  # nothing is landed in no time, however fast
                landed = np.minimum(most[:, None], np.where(left_h > _SAME, paces[:, None] * left_h, 0.0))
            useful = np.flatnonzero(landed[:, 0] > 0.0)
            if not len(useful):
                break
            aboard = np.flatnonzero((first <= step) & (horizon_h - hour - loads_h[0] - rest_h > _SAME))
            if not len(aboard):
                continue
            trips = rows.add(np.full(len(useful), self._plenty(ships)))
            rows.put(np.repeat(free[route.coast, step], len(useful)), trips, 1.0)
            back = step + rounds[useful]
            there = back <= last
            rows.put(free[route.coast, back[there]], trips[there], -1.0)
            for berth, after, held in stays:
                for trip, level in zip(trips.tolist(), useful.tolist(), strict=True):
                    taken = berth[step + int(after[level]) :][: int(held[level])]
                    rows.put(taken, np.full(len(taken), trip), 1.0)
            cargo = rows.add(pieces[aboard])
            rows.put(supplies[wanted[aboard]], cargo, -1.0)
            # No trip has less than its level says; what it lands too late is aboard nevertheless.
            behind_time = rows.add(np.array([rows.limit[every[0]]]))
            every_piece = np.append(cargo, behind_time)
            rows.put(np.repeat(every, len(every_piece)), every_piece, 1.0)
            least = rows.rows([0.0])
            rows.put(np.repeat(least, len(every_piece)), every_piece, -1.0)
            rows.put(np.repeat(least, len(useful)), trips, fewest[useful])
            deck = np.repeat(rows.rows([0.0]), len(aboard))
            rows.put(deck, cargo, lane_m[aboard])
            rows.put(np.repeat(deck[:1], len(useful)), trips, -deck_m)
            for number, rest in enumerate(further.tolist()):
                behind = aboard[rest_h[aboard] >= rest]
                if not len(behind) or (number and bool((landed[useful, number] >= most[useful]).all())):
                    continue
                row = rows.rows([0.0])
                rows.put(np.repeat(row, len(behind)), cargo[np.searchsorted(aboard, behind)], 1.0)
                rows.put(np.repeat(row, len(useful)), trips, -landed[useful, number])


def ship_program(sea: SeaLift, program: VolumeProgram, hours: Sequence[float]) -> ShipProgram:
    """The program of whole ships for the units of a volume program, none of which closes before its hour."""
    return ShipProgram(sea, program.network.inputs, program.units, hours, program.required)


def _proved(cost: Floats, matrix: csr_matrix, limit: Floats, most: Floats, prices: Floats) -> float:
    """What any prices of 0 or more prove the least cost to be, over columns from 0 to `most`: weak duality."""
    reduced = cost + matrix.T @ prices
    return float(np.minimum(reduced, 0.0) @ most - prices @ limit)
