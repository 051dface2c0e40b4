"""Waits for lift, split by what the asset that came in the end was doing meanwhile.

Ten days of waiting for a train may be ten days in which it stood before a line, a berth or a ramp: then
it is not trains that are short. A wait is split over the uses of the granted asset between the request
and the grant, so its parts sum to it. Of several assets that a load takes together the last to be free decides.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flanksim.activities import Kind, Use
from flanksim.measure.asset_states import first_assets, uses
from flanksim.movements import MovementLog

#: One part of a wait: what the asset was doing, from and to which hour, and the row of the movement table in which
#: it did so (-1: without a row). The words are those of the fleet ledger, and the two below.
Part = tuple[str, float, float, int]
#: No asset came by the horizon.
NOT_GRANTED = "none came"
#: Stood loaded before a yard without room.
FULL_YARD = "full yard"
#: What an asset does, or a serial with it, while it stands in line for something else.
IN_LINE = ("queue", FULL_YARD, Use.WAITING_LOADED.word, Use.WAITING_EMPTY.word)


class Awaited:
    """What the assets of some loads were doing before they were granted.

    Parameters
    ----------
    rows
        Rows of the movement table (`Kind.LIFT`) that are asked about; all without it.
    """

    def __init__(self, log: MovementLog, rows: Iterable[int] | None = None) -> None:
        asked = None if rows is None else set(rows)
        self._log, self._lifts = log, log.lift_of_row
        if asked is not None:
            self._lifts = {row: log.lift_of_row[row] for row in asked if row in log.lift_of_row}
        self._first: list[int] = first_assets(log.plan).tolist()
        until, only = log.plan.horizon_h, None
        if asked is not None:
            until = max((float(log["started"][row]) for row in self._lifts), default=0.0)
            only = {self._first[lift.pool] + asset for lift in self._lifts.values() for asset in lift.assets}
        self._uses = uses(log, until, only).in_order()
        count = self._first[-1]
        self._bounds: list[int] = np.searchsorted(self._uses.owner, np.arange(count + 1)).tolist()

    def asset(self, row: int) -> int | None:
        """Number, through all pools, of the asset that a load waited for longest; None if it got none."""
        lift = self._lifts.get(row)
        if lift is None:
            return None
        hour = float(self._log["started"][row])
        numbers: list[int] = [self._first[lift.pool] + asset for asset in lift.assets]
        return max(numbers, key=lambda number: self._free_since(number, hour))

    def parts(self, row: int, low: float, high: float) -> list[Part]:
        """What the asset granted by `row` was doing between two hours of the wait for it, in order."""
        number = self.asset(row)
        if number is None:
            return [(NOT_GRANTED, low, high, -1)]
        begin, end = self._bounds[number], self._bounds[number + 1]
        place = begin + int(np.searchsorted(self._uses.end[begin:end], low, side="right"))
        found: list[Part] = []
        while place < end and self._uses.start[place] < high:
            start, stop = max(low, float(self._uses.start[place])), min(high, float(self._uses.end[place]))
            row = int(self._uses.movement[place])
            yard = row >= 0 and self._log["kind"][row] == Kind.STORAGE
            found.append((FULL_YARD if yard else Use(int(self._uses.state[place])).word, start, stop, row))
            place += 1
        return found

    def _free_since(self, number: int, hour: float) -> float:
        """Since when an asset that was taken at `hour` had been without a task."""
        begin, end = self._bounds[number], self._bounds[number + 1]
        place = begin + int(np.searchsorted(self._uses.end[begin:end], hour, side="left"))
        idle = place < end and self._uses.state[place] == Use.IDLE and self._uses.start[place] < hour
        return float(self._uses.start[place]) if idle else hour
