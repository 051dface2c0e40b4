"""The fleet ledger: what every lift asset did with its time, by pool, fleet or kind, and day by day.

The uses of an asset sum to the window exactly. A window ends with the closure of the required troops
unless another hour is asked for: later, empties only come home and closed troops are supplied.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from flanksim.activities import Use
from flanksim.measure.asset_states import first_assets, uses
from flanksim.measure.closure import closures
from flanksim.measure.stretches import Floats, Ints, Times
from flanksim.movements import MovementLog
from flanksim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    import pandas as pd

By = Literal["pool", "fleet", "kind"]

#: Uses of an asset that is not there, and of one that is there but has no task.
NOT_THERE = (Use.ABSENT, Use.NOT_YET_AVAILABLE)
NO_TASK = (Use.IDLE, Use.BROKEN)


@dataclass(frozen=True)
class FleetLedger(Times):
    """The time of every lift asset in one replication; assets are counted through the pools in the plan's order.

    Attributes
    ----------
    until_h
        End of the window, which begins at hour 0.
    """

    until_h: float
    states = Use

    def groups(self, by: By = "pool") -> tuple[list[str], Ints]:
        """Names of the pools, fleets or kinds, and the number among them of each asset; shape (assets,)."""
        pools = self.log.plan.pools
        if by == "fleet":
            of = [asset.fleet for pool in pools for asset in pool.assets]
        else:
            of = [getattr(pool, "kind" if by == "kind" else "name") for pool in pools for _ in pool.assets]
        names = list(dict.fromkeys(of))
        place = {name: number for number, name in enumerate(names)}
        return names, np.array([place[name] for name in of], dtype=np.int64)

    def totals(self, by: By = "pool") -> dict[str, Floats]:
        """Asset-hours in each `Use` (shape: uses) of each pool, fleet or kind that has assets."""
        names, group = self.groups(by)
        sums = np.zeros((len(names), len(Use)))
        np.add.at(sums, group, self.hours)
        return dict(zip(names, sums, strict=True))

    def shares(self, by: By = "pool") -> dict[str, Floats]:
        """`totals` as shares of all asset-hours of the group; they sum to 1, or are all 0 in a window of no length."""
        return {name: _normal(hours) for name, hours in self.totals(by).items()}

    def in_use(self, by: By = "pool") -> dict[str, float]:
        """Share of the hours in which assets are there that they spend on a task, rests included; busiest first."""
        found = {name: in_use(hours) for name, hours in self.totals(by).items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def daily(self, by: By = "pool") -> dict[str, Floats]:
        """Mean share of the assets of each group in each `Use`, day by day; shape (days, uses), each day sums to 1.

        Row `d` is the day C+`d`, hours 24 d to 24 (d + 1); the last one ends with the window.
        """
        names, group = self.groups(by)
        days = math.ceil(self.until_h / HOURS_PER_DAY)
        part = self.stretches
        first = np.floor(part.start / HOURS_PER_DAY).astype(np.int64)
        last = np.maximum(first, np.ceil(part.end / HOURS_PER_DAY).astype(np.int64) - 1)
        count = last - first + 1
        each = np.repeat(np.arange(len(part)), count)
        day = np.arange(len(each)) - np.repeat(np.cumsum(count) - count - first, count)
        start = np.maximum(part.start[each], day * HOURS_PER_DAY)
        length = np.minimum(part.end[each], (day + 1) * HOURS_PER_DAY) - start
        cells = (group[part.owner[each]] * days + day) * len(Use) + part.state[each]
        hours = np.bincount(cells, weights=length, minlength=len(names) * days * len(Use))
        table = hours.reshape(len(names), days, len(Use)).astype(np.float64)
        sums = table.sum(axis=2, keepdims=True)
        return dict(zip(names, np.divide(table, sums, out=np.zeros_like(table), where=sums > 0), strict=True))

    def of(self, pool: str, asset: int) -> list[tuple[Use, float, float]]:
        """The time of one asset of a pool in order: use, start and end (hours).

        Raises
        ------
        KeyError
            If the plan has no such pool, or the pool no such asset.
        """
        plan = self.log.plan
        number = next((n for n, entry in enumerate(plan.pools) if entry.name == pool), None)
        if number is None or not 0 <= asset < len(plan.pools[number].assets):
            raise KeyError(f"no asset {asset} in a pool '{pool}' of {plan.scenario}")
        found = self.in_order(int(first_assets(plan)[number]) + asset)
        return [(Use(use), start, end) for use, _, start, end in found]

    def table(self, by: By = "pool") -> pd.DataFrame:
        """`totals` and `shares` as a tidy DataFrame: the group, ``use``, ``asset_hours``, ``share``."""
        import pandas as pd

        totals, shares = self.totals(by), self.shares(by)
        rows = [(name, use.word, float(totals[name][use]), float(shares[name][use])) for name in totals for use in Use]
        return pd.DataFrame(rows, columns=[by, "use", "asset_hours", "share"])


def fleets(log: MovementLog, until_h: float | None = None) -> FleetLedger:
    """The fleet ledger of one replication.

    Parameters
    ----------
    until_h
        End of the window; without it the closure of the required troops, or the horizon if they never are.

    Raises
    ------
    ValueError
        If the window ends before C-day or beyond the horizon, behind which nothing is known; if the
        lift assignments do not fit the movement table.
    """
    plan = log.plan
    if until_h is None:
        closed = closures(plan, log.closed_h)["all"].hour
        until_h = plan.horizon_h if math.isnan(closed) else closed
    if not 0.0 <= until_h <= plan.horizon_h:
        raise ValueError(f"a window to {until_h:g} h is not within the horizon of {plan.horizon_h:g} h")
    lengths = np.full(int(first_assets(plan)[-1]), until_h)
    return FleetLedger(log, uses(log, until_h), lengths, until_h)


def there(hours: Floats) -> Floats:
    """Hours by `Use` as shares of those in which assets are there."""
    left = hours.copy()
    left[list(NOT_THERE)] = 0.0
    return _normal(left)


def in_use(hours: Floats) -> float:
    """Share of the hours by `Use` in which assets are there that they spend on a task."""
    return max(0.0, float(there(hours).sum() - there(hours)[list(NO_TASK)].sum()))


def _normal(hours: Floats) -> Floats:
    whole = float(hours.sum())
    return hours / whole if whole > 0 else np.zeros_like(hours)
