"""When is the force closed: overall, by regional plan and by tier."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flanksim.planning.plan import Plan, UnitPlan
from flanksim.units import closure_day


@dataclass(frozen=True, slots=True)
class Closure:
    """Closure of one group of units in one replication.

    Attributes
    ----------
    troops
        Troops that must be closed; 0 where only vehicles move, which then means every unit.
    hour
        Hour at which closed units first held that many troops; nan if not by the horizon.
    on_time_share
        Share of the troops that belonged to closed units at the deadline.
    """

    troops: int
    hour: float
    on_time_share: float

    @property
    def day(self) -> float:
        """Closure day on the scale of C-day labels; nan if not closed."""
        return closure_day(self.hour)


def close(units: Iterable[tuple[UnitPlan, float]], troops: int, deadline_h: float) -> Closure:
    """Closure of units that hold `troops` between them.

    Parameters
    ----------
    units
        Each unit with the hour at which it was closed (nan if it was not).
    """
    pairs = list(units)
    members = sorted(((hour, unit.troops) for unit, hour in pairs if not math.isnan(hour)), key=lambda item: item[0])
    if troops == 0:  # only vehicles move: closed when every unit is
        when = members[-1][0] if pairs and len(members) == len(pairs) else math.nan
        return Closure(0, when, sum(hour <= deadline_h for hour, _ in members) / max(1, len(pairs)))
    total, when, in_time = 0, math.nan, 0
    for hour, number in members:
        total += number
        if hour <= deadline_h:
            in_time += number
        if total >= troops and math.isnan(when):
            when = hour
    return Closure(troops, when, min(1.0, in_time / troops))


def closures(plan: Plan, closed_h: tuple[float, ...]) -> dict[str, Closure]:
    """Closure overall (key ``all``), by regional plan, and of tier 1 (key ``tier 1``, by its own deadline).

    A group's required troops are those of all its units; overall they are the scenario's.
    """
    pairs = list(zip(plan.units, closed_h, strict=True))
    found = {"all": close(pairs, plan.troops_required, plan.deadline_h)}
    for name in sorted({unit.regional_plan for unit in plan.units}):
        group = [pair for pair in pairs if pair[0].regional_plan == name and not pair[0].in_place]
        found[name] = close(group, sum(unit.troops for unit, _ in group), plan.deadline_h)
    first = [pair for pair in pairs if pair[0].tier == 1 and not pair[0].in_place]
    if first and len(first) < len(pairs):
        found["tier 1"] = close(first, sum(unit.troops for unit, _ in first), plan.tier_1_deadline_h)
    return found


def profile(plan: Plan, closed_h: tuple[float, ...], days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Troops in closed units at each closure day of `days`."""
    hours = np.array(closed_h)
    troops = np.array([unit.troops for unit in plan.units], dtype=float)
    known = ~np.isnan(hours)
    order = np.argsort(hours[known], kind="stable")
    at = hours[known][order] / 24.0 - 1.0
    total = np.concatenate([[0.0], np.cumsum(troops[known][order])])
    return np.asarray(total[np.searchsorted(at, days, side="right")])
