"""Three clocks beside each other: when each unit is ready, when it has arrived, and when it is closed.

``ready``: it can start to move; ``permitted``: and has leave to cross the borders on its way; ``arrived``: its troops
and the required share of its vehicles stand at the assembly area; ``closed``: it is received and joined up. The
mobility delay is the area between the curves of the first and the last over the soldiers of a force: days per soldier
between ready and closed. It has no cliff, as a closure day has, so it is the measure by which investments are ranked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from flanksim.activities import Kind
from flanksim.measure.closure import Force, Group, Member, close
from flanksim.movements import MovementLog
from flanksim.units import HOURS_PER_DAY, closure_day, days, in_time

Clock = Literal["ready", "permitted", "arrived", "closed"]
CLOCKS: tuple[Clock, ...] = ("ready", "permitted", "arrived", "closed")
#: Shares of the required troops whose day is told: the last few per cent must not be the headline alone.
SHARES = (0.5, 0.8, 0.95, 1.0)


class UnitHours(NamedTuple):
    """Hours (since C-day 00:00) at which each unit passed each clock in one run; nan if not by the horizon."""

    ready: tuple[float, ...]
    permitted: tuple[float, ...]
    arrived: tuple[float, ...]
    closed: tuple[float, ...]


def unit_hours(log: MovementLog) -> UnitHours:
    """The clocks of every unit of a run.

    A unit has arrived when it asks to be received; without integration that is when it is closed.
    """
    ready, permitted = log.released_h
    arrived = np.array(log.closed_h, dtype=float)
    rows = np.flatnonzero(log["kind"] == Kind.INTEGRATION)
    units = np.array([serial.unit for serial in log.plan.serials], dtype=np.int64)
    arrived[units[log["serial"][rows]]] = log["requested"][rows]
    return UnitHours(tuple(ready.tolist()), tuple(permitted.tolist()), tuple(arrived.tolist()), log.closed_h)


def troops_by(force: Force, hours: Sequence[float], group: Group, hour: float) -> int:
    """Troops of a group's units that have passed a clock by an hour, at most those that are required."""
    found = sum(force.units[n].troops for n in group.units if in_time(hours[n], hour))
    return min(found, group.troops)


def share_day(force: Force, hours: Sequence[float], group: Group, share: float) -> float:
    """Closure day on which a share (0 to 1] of a group's required troops has passed a clock; nan if not by the horizon.

    Where only vehicles move the share is one of units.
    """
    pairs: list[tuple[Member, float]] = [(force.units[n], hours[n]) for n in group.units]
    if group.troops:
        # Rounded first: 0.95 x 100,000 is a little more than 95,000 in floating point.
        return close(pairs, math.ceil(round(share * group.troops, 6)), math.inf).day
    known = sorted(hour for _, hour in pairs if not math.isnan(hour))
    needed = math.ceil(round(share * len(pairs), 6))
    return closure_day(known[needed - 1]) if 0 < needed <= len(known) else math.nan


def mobility_delay(force: Force, found: UnitHours, group: Group) -> float:
    """Mean days per soldier of a group between ready and closed; nan for a group in which nobody travels.

    A unit that was not closed by the horizon counts to the horizon, so the delay is then at least this. Where only
    vehicles move every unit counts alike.
    """
    return _mean_days(force, group, {n: _end(force, found, n) - found.ready[n] for n in group.units})


def mean_closing(force: Force, found: UnitHours, group: Group) -> float:
    """Closure day of a soldier of a group, in the mean, as `mobility_delay` counts.

    Where units are ready at other hours it says what their mobility delay does not: who is ready a week sooner and
    closed a week sooner has waited as long.
    """
    return closure_day(HOURS_PER_DAY * _mean_days(force, group, {n: _end(force, found, n) for n in group.units}))


def _end(force: Force, found: UnitHours, n: int) -> float:
    return force.horizon_h if math.isnan(found.closed[n]) else found.closed[n]


def _mean_days(force: Force, group: Group, hours: Mapping[int, float]) -> float:
    """Mean of hours of units that travel over their soldiers, in days; nan where nobody travels."""
    total = weights = 0.0
    for n in group.units:
        unit = force.units[n]
        if unit.in_place:
            continue
        weight = float(unit.troops) if group.troops else 1.0
        total += weight * days(hours[n])
        weights += weight
    return total / weights if weights else math.nan


def by_nation(force: Force) -> dict[str, Group]:
    """The units that travel of each ally as a group, by nation; the deadline is that of the force."""
    names = sorted({unit.nation for unit in force.units if not unit.in_place and unit.nation})
    found = {}
    for name in names:
        members = tuple(n for n, unit in enumerate(force.units) if unit.nation == name and not unit.in_place)
        found[name] = Group(members, sum(force.units[n].troops for n in members), force.deadline_h)
    return found


def with_others(
    force: Force, hours: Sequence[float], group: Group, others: Iterable[Member], deadline_h: float
) -> tuple[float, float]:
    """Closure day and share in time of a group's required troops if others, who stand in place, count too.

    Parameters
    ----------
    others
        Units in place that the force does not hold.
    """
    pairs: list[tuple[Member, float]] = [(force.units[n], hours[n]) for n in group.units]
    found = close([*pairs, *((unit, 0.0) for unit in others)], group.troops, deadline_h)
    return found.day, found.on_time_share
