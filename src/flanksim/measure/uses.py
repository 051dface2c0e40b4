"""Every lift asset's time as stretches, each in one use: the raw material of the fleet ledger.

A stretch begins and ends where rows of the movement table do; which assets a serial took together,
and by which row it let them go, stands in the holds of the outcome. An asset is *idle* between
two turns: from the row that freed it, or its hour of availability, to the next that takes it. Inside
a turn nothing is filled up: a row that is missing leaves a hole, which `FleetLedger.largest_error` shows.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flanksim.measure.lives import empty_rows
from flanksim.movements import Hold, Kind, Movements, Outcome
from flanksim.planning.plan import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Use(IntEnum):
    """What a lift asset is doing. Hours in which a gate or desk is shut belong to the wait or work that they stop."""

    #: does not turn up
    ABSENT = 0
    NOT_AVAILABLE = 1
    IDLE = 2
    #: empty, from where it stood to the load
    COMING = 3
    #: at the ramp, berth or stand; a train that takes over at a change of gauge is loaded there
    LOADING = 4
    #: with a load, for a gate, berth, ramp, border, yard, or the train that takes over
    WAITING_LOADED = 5
    MOVING_LOADED = 6
    #: border, unloading, change of gauge (of the train that gives its load), port exit
    HANDLING = 7
    #: back to where it was loaded
    EMPTY_RUN = 8
    #: without a load, for a gate, for its turn to load, or for the rest of its column
    WAITING_EMPTY = 9
    #: crews' hours, on a march or after the way back
    REST = 10
    #: waits for a fitter and is repaired, or stands by the road
    BROKEN = 11


#: Uses while a row waits and while it works, with the load on board.
_LOADED: dict[Kind, tuple[Use, Use]] = {
    Kind.LIFT: (Use.WAITING_LOADED, Use.WAITING_LOADED),  # for the train beyond a change of gauge
    Kind.LOAD: (Use.WAITING_EMPTY, Use.LOADING),
    Kind.TRAVEL: (Use.WAITING_LOADED, Use.MOVING_LOADED),
    Kind.UNLOAD: (Use.WAITING_LOADED, Use.HANDLING),
    Kind.STORAGE: (Use.WAITING_LOADED, Use.WAITING_LOADED),
    Kind.BORDER: (Use.WAITING_LOADED, Use.HANDLING),
    Kind.GAUGE_CHANGE: (Use.WAITING_LOADED, Use.HANDLING),
    Kind.REST: (Use.REST, Use.REST),
    Kind.SERVICE: (Use.WAITING_LOADED, Use.HANDLING),
    Kind.CLOSED_HOURS: (Use.WAITING_LOADED, Use.WAITING_LOADED),
    Kind.BREAKDOWN: (Use.BROKEN, Use.BROKEN),
    Kind.BERTH: (Use.WAITING_LOADED, Use.WAITING_LOADED),
}
_BACK: dict[Kind, tuple[Use, Use]] = {
    Kind.EMPTY_RUN: (Use.WAITING_EMPTY, Use.EMPTY_RUN),
    Kind.REST: (Use.REST, Use.REST),
}
_BOARDING = (Use.WAITING_EMPTY, Use.LOADING)


@dataclass(frozen=True, slots=True)
class Uses:
    """Stretches of the time of assets, one array entry each; hours since C-day.

    Attributes
    ----------
    asset
        Number of the asset, counted through all pools in the plan's order.
    use
        Number of its `Use`.
    movement
        Row of the movement table that it was read from, -1 without.
    """

    asset: Ints
    use: Ints
    start: Floats
    end: Floats
    movement: Ints

    def __len__(self) -> int:
        """Number of stretches."""
        return len(self.asset)

    def take(self, chosen: Any) -> Uses:
        """Some of them, by mask or by number."""
        return Uses(self.asset[chosen], self.use[chosen], self.start[chosen], self.end[chosen], self.movement[chosen])

    def within(self, low: float, high: float) -> Uses:
        """The part of each between `low` and `high` (hours); what has no length is left out."""
        start, end = np.maximum(self.start, low), np.minimum(self.end, high)
        keep = end > start
        return Uses(self.asset[keep], self.use[keep], start[keep], end[keep], self.movement[keep])

    @staticmethod
    def of(asset: Ints, use: Any, start: Any, end: Any, movement: Any = -1) -> Uses:
        """One stretch for each of `asset`; what is one number for all is spread."""
        size = len(asset)
        return Uses(
            asset,
            np.broadcast_to(np.asarray(use, dtype=np.int64), size),
            np.broadcast_to(np.asarray(start, dtype=np.float64), size),
            np.broadcast_to(np.asarray(end, dtype=np.float64), size),
            np.broadcast_to(np.asarray(movement, dtype=np.int64), size),
        )

    @staticmethod
    def join(parts: Sequence[Uses]) -> Uses:
        """All parts as one."""
        return Uses(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("asset", "use", "start", "end", "movement")
            )
        )


def first_assets(plan: Plan) -> Ints:
    """Number of the first asset of each pool, and behind them the number of all assets; shape (pools + 1,)."""
    return np.cumsum([0, *(len(pool.assets) for pool in plan.pools)], dtype=np.int64)


def uses(plan: Plan, outcome: Outcome, until_h: float, only: Collection[int] | None = None) -> Uses:
    """Stretches of every asset from hour 0 to `until_h`.

    Parameters
    ----------
    only
        Numbers of the assets that are asked about; all without it.

    Raises
    ------
    ValueError
        If the holds do not fit the movement table: another replication's, or an incomplete table.
    """
    first = first_assets(plan)
    table = outcome.movements
    asked = table["requested"]
    started = np.nan_to_num(table["started"], nan=math.inf)
    ended = np.nan_to_num(table["ended"], nan=math.inf)
    failed = np.flatnonzero((table["kind"] == Kind.BREAKDOWN) & (table["serial"] < 0))
    broken = first[table["resource"][failed]] + table["asset"][failed]
    holds: Sequence[Hold] = outcome.holds
    if only is not None:
        holds = [hold for hold in _holds_of(holds, first.tolist(), set(only)) if started[hold.taken] < until_h]
        chosen = np.isin(broken, list(only))
        failed, broken = failed[chosen], broken[chosen]
    members, hold_of = _members(holds, first)
    taken = np.array([hold.taken for hold in holds], dtype=np.int64)
    freed = np.array([hold.freed for hold in holds], dtype=np.int64)
    free_h = np.where(freed >= 0, ended[freed], math.inf) if len(freed) else np.zeros(0)
    turns = (
        np.concatenate([members, broken]),
        np.concatenate([started[taken][hold_of], asked[failed]]),
        np.concatenate([free_h[hold_of], ended[failed]]),
    )
    parts = [
        *_coming(plan, holds, started[taken], ended[taken]),
        *_work(table, holds, members, hold_of, (asked, started, ended)),
        Uses.of(broken, Use.BROKEN, asked[failed], ended[failed], failed),
        *_between(plan, outcome, turns, until_h, only),
    ]
    return Uses.join(parts).within(0.0, until_h)


def _holds_of(holds: Sequence[Hold], first: list[int], only: set[int]) -> list[Hold]:
    """The holds of some assets, without the others that were taken with them."""
    pools = {bisect_right(first, asset) - 1 for asset in only}
    found = []
    for hold in holds:
        if hold.pool in pools:
            mine = tuple(asset for asset in hold.assets if first[hold.pool] + asset in only)
            if mine:
                found.append(hold._replace(assets=mine))
    return found


def _members(holds: Sequence[Hold], first: Ints) -> tuple[Ints, Ints]:
    """Assets of all holds one after the other, and the number of the hold of each."""
    members = [int(first[hold.pool]) + asset for hold in holds for asset in hold.assets]
    sizes = [len(hold.assets) for hold in holds]
    return np.array(members, dtype=np.int64), np.repeat(np.arange(len(holds)), sizes)


def _coming(plan: Plan, holds: Sequence[Hold], started: Floats, ended: Floats) -> list[Uses]:
    """Each asset's own way to the load from where it last stood; the nearer ones of a column wait for the rest."""
    first = first_assets(plan).tolist()
    places = [[asset.place for asset in pool.assets] for pool in plan.pools]
    asset, arrives, hold_of = [], [], []
    for number, (hold, start) in enumerate(zip(holds, started.tolist(), strict=True)):
        pool, place = plan.pools[hold.pool], places[hold.pool]
        for member in hold.assets:
            asset.append(first[hold.pool] + member)
            arrives.append(start + pool.position_h(member, place[member], hold.place))
            hold_of.append(number)
            place[member] = hold.place
    who, there = np.array(asset, dtype=np.int64), np.array(arrives, dtype=np.float64)
    of = np.array(hold_of, dtype=np.int64)
    row = np.array([hold.taken for hold in holds], dtype=np.int64)[of]
    return [
        Uses.of(who, Use.COMING, started[of], there, row),
        Uses.of(who, Use.WAITING_EMPTY, there, ended[of], row),
    ]


def _work(
    table: Movements, holds: Sequence[Hold], members: Ints, hold_of: Ints, times: tuple[Floats, Floats, Floats]
) -> list[Uses]:
    """Waiting and work of the rows of each turn, for every asset of its group."""
    asked, started, ended = times
    rows, owners, waits, works = _Rows(table, 50 * len(holds) > len(table)).of_holds(holds)
    size = np.bincount(hold_of, minlength=len(holds)).astype(np.int64)
    before = np.cumsum(size) - size
    count = size[owners]
    each = np.repeat(np.arange(len(rows)), count)
    place = np.arange(len(each)) - np.repeat(np.cumsum(count) - count, count)
    asset, row = members[before[owners[each]] + place], rows[each]
    return [
        Uses.of(asset, waits[each], asked[row], started[row], row),
        Uses.of(asset, works[each], started[row], ended[row], row),
    ]


class _Rows:
    """Which rows of the movement table belong to which hold."""

    def __init__(self, movements: Movements, whole: bool) -> None:
        columns = (*(movements[name] for name in ("after", "serial", "asset", "kind")), empty_rows(movements))
        # A list is quicker to read from, but takes as long to make as the whole table is long.
        self.after, self.serial, self.asset, self.kind, self.back = (
            column.tolist() if whole else column.data for column in columns
        )
        self._followers: dict[int, list[int]] = {}

    def of_holds(self, holds: Sequence[Hold]) -> tuple[Ints, Ints, Ints, Ints]:
        """Rows, the number of the hold of each, and the uses while it waits and while it works."""
        found: list[tuple[int, int, int, int]] = []
        if any(hold.freed < 0 for hold in holds):
            for row, before in enumerate(self.after):
                self._followers.setdefault(before, []).append(row)
        for number, hold in enumerate(holds):
            if self.kind[hold.taken] != Kind.LIFT:
                raise ValueError(f"row {hold.taken} takes no lift: these holds belong to another movement table")
            way = self._between(hold.taken, hold.dropped) if hold.dropped >= 0 else self._onward(hold.taken, hold)
            for place, row in enumerate(way):
                kind = Kind(self.kind[row])
                boards = place == 0 and kind is Kind.GAUGE_CHANGE
                found.append((row, number, *(_BOARDING if boards else _LOADED[kind])))
            if hold.dropped >= 0:
                back = (
                    self._between(hold.dropped, hold.freed)
                    if hold.freed >= 0
                    else self._onward(hold.dropped, hold, back=True)
                )
                found += [(row, number, *_BACK[Kind(self.kind[row])]) for row in back]
        table = np.array(found, dtype=np.int64).reshape(len(found), 4)
        return table[:, 0], table[:, 1], table[:, 2], table[:, 3]

    def _between(self, start: int, last: int) -> list[int]:
        """Rows of one chain behind `start`, up to and with `last`."""
        rows = []
        row = last
        while row != start:
            if row < 0:
                raise ValueError(f"no chain of movements leads from row {start} to row {last}")
            rows.append(row)
            row = self.after[row]
        return rows[::-1]

    def _onward(self, start: int, hold: Hold, *, back: bool = False) -> list[int]:
        """Rows of one chain behind `start` to the horizon, which cut it off."""
        rows: list[int] = []
        row = start
        while True:
            following = [
                other
                for other in self._followers.get(row, ())
                if self.serial[other] == self.serial[start]
                and self.back[other] == back
                and (not back or self.asset[other] == self.asset[hold.taken])
            ]
            if not following:
                return rows
            if len(following) > 1:
                raise ValueError(f"two movements of one serial follow row {row}: {following}")
            row = following[0]
            rows.append(row)


def _between(
    plan: Plan,
    outcome: Outcome,
    turns: tuple[Ints, Floats, Floats],
    until_h: float,
    only: Collection[int] | None,
) -> list[Uses]:
    """Absent, not yet available, and idle between turns (asset, start, end: a load or a repair)."""
    every = [asset for pool in plan.pools for asset in pool.assets]
    available = np.array([asset.available_h for asset in every], dtype=np.float64)
    there = np.ones(len(every), dtype=bool)
    for start, numbers in zip(first_assets(plan)[:-1].tolist(), outcome.absent, strict=True):
        there[start + np.array(numbers, dtype=np.int64)] = False
    asked = np.ones(len(every), dtype=bool) if only is None else np.isin(np.arange(len(every)), list(only))
    absent, present = np.flatnonzero(~there & asked), np.flatnonzero(there & asked)
    # An asset's last turn ends the count at the window's end, its first begins at its hour of availability.
    asset = np.concatenate([present, turns[0], present])
    start = np.concatenate([available[present], turns[1], np.full(len(present), math.inf)])
    end = np.concatenate([available[present], turns[2], np.full(len(present), math.inf)])
    order = np.lexsort((end, start, asset))
    asset, start, end = asset[order], start[order], end[order]
    gap = (asset[1:] == asset[:-1]) & (start[1:] > end[:-1])
    return [
        Uses.of(absent, Use.ABSENT, 0.0, until_h),
        Uses.of(present, Use.NOT_AVAILABLE, 0.0, available[present]),
        Uses.of(asset[1:][gap], Use.IDLE, end[:-1][gap], start[1:][gap]),
    ]
