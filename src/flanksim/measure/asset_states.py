"""Every lift asset's time as stretches, each in one use: the raw material of the fleet ledger.

A stretch begins and ends where rows of the movement table do; which assets a serial took together,
and by which row it let them go, stands in the lift assignments of the log. An asset is *idle* between
two turns: from the row that freed it, or its hour of availability, to the next that takes it. Inside
a turn nothing is filled up: a row that is missing leaves a hole, which `FleetLedger.largest_error` shows.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Sequence

import numpy as np

from flanksim.activities import ACTIVITIES, Kind, Use
from flanksim.measure.stretches import Floats, Ints, Stretches
from flanksim.movements import LiftAssignment, MovementLog
from flanksim.planning.plan import Plan

#: Waiting and work at a change of gauge of the train that takes over.
_BOARDING = (Use.WAITING_EMPTY, Use.LOADING)


def first_assets(plan: Plan) -> Ints:
    """Number of the first asset of each pool, and behind them the number of all assets; shape (pools + 1,)."""
    return np.cumsum([0, *(len(pool.assets) for pool in plan.pools)], dtype=np.int64)


def uses(log: MovementLog, until_h: float, only: Collection[int] | None = None) -> Stretches:
    """Stretches of every asset from hour 0 to `until_h`; their states are of `flanksim.activities.Use`.

    Parameters
    ----------
    only
        Numbers of the assets that are asked about; all without it.

    Raises
    ------
    ValueError
        If the lift assignments do not fit the movement table: another replication's, or an incomplete table.
    """
    first = first_assets(log.plan)
    asked = log["requested"]
    started = np.nan_to_num(log["started"], nan=math.inf)
    ended = np.nan_to_num(log["ended"], nan=math.inf)
    failed = np.flatnonzero((log["kind"] == Kind.BREAKDOWN) & (log["serial"] < 0))
    broken = first[log["resource"][failed]] + log["asset"][failed]
    lifts: Sequence[LiftAssignment] = log.lifts
    if only is not None:
        lifts = [lift for lift in _lifts_of(log, first.tolist(), set(only)) if started[lift.taken] < until_h]
        chosen = np.isin(broken, list(only))
        failed, broken = failed[chosen], broken[chosen]
    # Assets of all turns one after the other, and the number of the turn of each.
    members = np.array([first[lift.pool] + asset for lift in lifts for asset in lift.assets], dtype=np.int64)
    size = np.array([len(lift.assets) for lift in lifts], dtype=np.int64)
    turn = np.repeat(np.arange(len(lifts)), size)
    taken = np.array([lift.taken for lift in lifts], dtype=np.int64)
    freed = np.array([lift.freed for lift in lifts], dtype=np.int64)
    free_h = np.where(freed >= 0, ended[freed], math.inf) if len(freed) else np.zeros(0)
    there_h = _arrivals(log.plan, lifts, started[taken])
    # Waiting and work of the rows of each turn, for every asset of its group.
    rows, owners, waits, works = _rows(log, lifts)
    count = size[owners]
    each = np.repeat(np.arange(len(rows)), count)
    place = np.arange(len(each)) - np.repeat(np.cumsum(count) - count, count)
    asset, row = members[(np.cumsum(size) - size)[owners[each]] + place], rows[each]
    turns = (
        np.concatenate([members, broken]),
        np.concatenate([started[taken][turn], asked[failed]]),
        np.concatenate([free_h[turn], ended[failed]]),
    )
    parts = [
        Stretches.of(members, Use.COMING, started[taken][turn], there_h, movement=taken[turn]),
        Stretches.of(members, Use.WAITING_EMPTY, there_h, ended[taken][turn], movement=taken[turn]),
        Stretches.of(asset, waits[each], asked[row], started[row], movement=row),
        Stretches.of(asset, works[each], started[row], ended[row], movement=row),
        Stretches.of(broken, Use.BROKEN, asked[failed], ended[failed], movement=failed),
        *_between(log, turns, until_h, only),
    ]
    return Stretches.join(parts).within(0.0, until_h)


def _lifts_of(log: MovementLog, first: list[int], only: set[int]) -> list[LiftAssignment]:
    """The turns of some assets, without the others that were taken with them; one pool after the other."""
    found = []
    for pool in sorted({bisect_right(first, asset) - 1 for asset in only}):
        for lift in log.lifts_of_pool[pool]:
            mine = tuple(asset for asset in lift.assets if first[pool] + asset in only)
            if mine:
                found.append(lift._replace(assets=mine))
    return found


def _arrivals(plan: Plan, lifts: Sequence[LiftAssignment], started: Floats) -> Floats:
    """Hour at which each asset of each turn was at the load, from where it last stood; the nearer wait for the rest."""
    places = [[asset.place for asset in pool.assets] for pool in plan.pools]
    found = []
    for lift, start in zip(lifts, started.tolist(), strict=True):
        pool, place = plan.pools[lift.pool], places[lift.pool]
        for asset in lift.assets:
            found.append(start + pool.position_h(asset, place[asset], lift.place))
            place[asset] = lift.place
    return np.array(found, dtype=np.float64)


def _rows(log: MovementLog, lifts: Sequence[LiftAssignment]) -> tuple[Ints, Ints, Ints, Ints]:
    """Rows of all turns, the number of the turn of each, and the uses while it waits and while it works."""
    kinds = log["kind"].tolist()
    found: list[tuple[int, int, int, int]] = []
    for number, lift in enumerate(lifts):
        for place, row in enumerate((*log.loaded(lift), *log.emptied(lift))):
            kind = Kind(kinds[row])
            boards = place == 0 and kind is Kind.GAUGE_CHANGE
            found.append((row, number, *(_BOARDING if boards else ACTIVITIES[kind].lift)))
    table = np.array(found, dtype=np.int64).reshape(len(found), 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _between(
    log: MovementLog, turns: tuple[Ints, Floats, Floats], until_h: float, only: Collection[int] | None
) -> list[Stretches]:
    """Absent, not (yet) available, and idle between turns (asset, start, end: a load or a repair)."""
    every = [asset for pool in log.plan.pools for asset in pool.assets]
    available = np.array([asset.available_h for asset in every], dtype=np.float64)
    there = np.ones(len(every), dtype=bool)
    for start, numbers in zip(first_assets(log.plan)[:-1].tolist(), log.absent, strict=True):
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
        Stretches.of(absent, Use.ABSENT, 0.0, until_h),
        Stretches.of(present, Use.NOT_YET_AVAILABLE, 0.0, available[present]),
        *_idle(log.plan, asset[1:][gap], end[:-1][gap], start[1:][gap]),
    ]


def _idle(plan: Plan, asset: Ints, start: Floats, end: Floats) -> list[Stretches]:
    """Between turns an asset is idle, but in the hours in which it stays away it is not available."""
    away = {n: one.away for n, one in enumerate(one for pool in plan.pools for one in pool.assets) if one.away}
    some = np.isin(asset, list(away))
    found: list[tuple[int, int, int, float, float, int]] = []
    gaps = zip(asset[some].tolist(), start[some].tolist(), end[some].tolist(), strict=True)
    for owner, begin, until in gaps:
        now = begin
        for leaves, back in away[owner]:
            if (low := max(now, leaves)) < (high := min(until, back)):
                found += [(owner, Use.IDLE, 0, now, low, -1), (owner, Use.NOT_YET_AVAILABLE, 0, low, high, -1)]
                now = high
        found.append((owner, Use.IDLE, 0, now, until, -1))
    return [Stretches.of(asset[~some], Use.IDLE, start[~some], end[~some]), Stretches.rows(found)]
