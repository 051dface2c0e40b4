"""The movement table alone says when each unit was closed: read again, it rebuilds every answer."""

from __future__ import annotations

import math

import numpy as np

from flanksim.activities import Kind
from flanksim.movements import MovementLog


def rebuild(log: MovementLog) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Closure hours and hours of the last troops of every unit, from its movements.

    A serial has arrived when it has begun and none of its own rows is unfinished: each next step
    writes its row at the moment at which the one before it ends.

    Returns
    -------
    closed_h, troops_h
        As in `MovementLog`; nan where it did not come to that.
    """
    plan, ended = log.plan, np.append(log["ended"], math.nan)
    released = log.released_h[1]
    closed: list[float] = []
    troops: list[float] = []
    members: list[list[int]] = [[] for _ in plan.units]
    for entry in plan.serials:
        if entry.final:
            members[entry.unit].append(entry.number)
    for number, unit in enumerate(plan.units):
        ready = float(released[number])
        arrivals: dict[int, float] = {}
        for member in members[number]:
            if plan.programs[plan.serials[member].program].silent:
                arrivals[member] = float(ended[log.landed[member]]) if plan.serials[member].stage == 2 else ready
            else:
                rows = log.chain(member)
                arrivals[member] = float(np.max(ended[rows])) if len(rows) else math.nan
        soldiers = [hour for entry, hour in arrivals.items() if plan.serials[entry].kind == "troops"]
        vehicles = sorted(
            (hour, plan.serials[entry].quantity)
            for entry, hour in arrivals.items()
            if plan.serials[entry].kind != "troops" and not math.isnan(hour)
        )
        all_troops = max(soldiers, default=ready) if not any(map(math.isnan, soldiers)) else math.nan
        troops.append(all_troops if soldiers else math.nan)
        received = log.chain(unit.closing_serial)
        received = received[log["kind"][received] == Kind.INTEGRATION]
        if not plan.programs[plan.serials[unit.closing_serial].program].steps:
            closed.append(_together(all_troops, vehicles, unit.vehicles_needed))
        else:
            closed.append(float(ended[received][-1]) if len(received) else math.nan)
    return tuple(closed), tuple(troops)


def _together(troops: float, vehicles: list[tuple[float, float]], needed: float) -> float:
    """Hour at which all troops and the needed vehicles are there."""
    total, hour = 0.0, troops
    for arrival, quantity in vehicles:
        if total >= needed:
            break
        total += quantity
        hour = max(hour, arrival)
    return hour if total >= needed else math.nan
