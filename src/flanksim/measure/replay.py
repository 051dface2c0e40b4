"""The movement table alone says when each unit was closed: read again, it rebuilds every answer."""

from __future__ import annotations

import math

import numpy as np

from flanksim.movements import Kind, Movements
from flanksim.planning.plan import Plan, Program


def rebuild(plan: Plan, movements: Movements) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Closure hours and hours of the last troops of every unit, from its movements.

    A serial has arrived when it has begun and none of its own rows is unfinished: each next step
    writes its row at the moment at which the one before it ends. Empty runs and the rests of empty
    assets carry the number of the serial that they served, and are left out.

    Returns
    -------
    closed_h, troops_h
        As in `flanksim.engine.simulate.Outcome`; nan where it did not come to that.
    """
    serial, kind, ended = movements["serial"], movements["kind"], movements["ended"]
    own = (serial >= 0) & (kind != Kind.EMPTY_RUN) & ~((kind == Kind.REST) & (movements["asset"] >= 0))
    count = len(plan.serials)
    begun = np.zeros(count, dtype=bool)
    begun[serial[own]] = True
    last = np.full(count, -math.inf)
    np.maximum.at(last, serial[own], np.where(np.isnan(ended[own]), math.inf, ended[own]))
    done = np.where(begun & np.isfinite(last), last, math.nan)
    landed = _landed(plan, movements)
    closed: list[float] = []
    troops: list[float] = []
    members: list[list[int]] = [[] for _ in plan.units]
    for entry in plan.serials:
        if entry.final:
            members[entry.unit].append(entry.number)
    for number, unit in enumerate(plan.units):
        closing = unit.closing_serial
        before = own & (serial == closing) & np.isin(kind, (Kind.READY, Kind.PERMISSION))
        ready = float(np.max(ended[before], initial=0.0))
        ready = math.nan if np.isnan(ended[before]).any() else ready
        arrivals = {
            entry: float(landed.get(entry, ready)) if _program(plan, entry).silent else float(done[entry])
            for entry in members[number]
        }
        soldiers = [hour for entry, hour in arrivals.items() if plan.serials[entry].kind == "troops"]
        vehicles = sorted(
            (hour, plan.serials[entry].quantity)
            for entry, hour in arrivals.items()
            if plan.serials[entry].kind != "troops" and not math.isnan(hour)
        )
        all_troops = max(soldiers, default=ready) if not any(map(math.isnan, soldiers)) else math.nan
        troops.append(all_troops if soldiers else math.nan)
        together = _together(all_troops, vehicles, unit.vehicles_needed)
        received = own & (serial == closing) & (kind == Kind.INTEGRATION)
        if not _program(plan, closing).steps:
            closed.append(together)
        else:
            closed.append(float(ended[received][-1]) if received.any() else math.nan)
    return tuple(closed), tuple(troops)


def _program(plan: Plan, serial: int) -> Program:
    return plan.programs[plan.serials[serial].program]


def _landed(plan: Plan, movements: Movements) -> dict[int, float]:
    """Hour at which each batch was off its ship: the ship's unloading rows are in the order of its batches."""
    found: dict[int, float] = {}
    unloading = np.flatnonzero(movements["kind"] == Kind.UNLOAD)
    rows: dict[int, list[float]] = {}
    for row in unloading.tolist():
        rows.setdefault(int(movements["serial"][row]), []).append(float(movements["ended"][row]))
    for ship in plan.serials:
        if ship.stage == 1:
            hours = rows.get(ship.number, [])
            found |= dict(zip(ship.feeds, [*hours, *[math.nan] * (len(ship.feeds) - len(hours))], strict=True))
    return found


def _together(troops: float, vehicles: list[tuple[float, float]], needed: float) -> float:
    """Hour at which all troops and the needed vehicles are there."""
    total, hour = 0.0, troops
    for arrival, quantity in vehicles:
        if total >= needed:
            break
        total += quantity
        hour = max(hour, arrival)
    return hour if total >= needed else math.nan
