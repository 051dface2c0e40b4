"""Why so late: the critical path of one replication, read backwards along ``granted_by``.

Starting from the end of the unit that completes the required troops, the walk goes back through
the movement table. A movement that waited was held up by the one that freed its resource, so the
walk jumps there; one that did not wait goes back to what it follows. The pieces have no gaps and
no overlaps, so they sum to the closure time exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from flanksim.engine.simulate import Outcome
from flanksim.movements import Kind
from flanksim.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of the critical path, from `start` to `end` (hours), and what it is blamed on.

    Attributes
    ----------
    cause
        What the time is blamed on: while lift is on its way back from an earlier load, that lift.
    what
        What happened in it: ``loading``, ``travel``, ``empty run``, ``queue``...
    movement
        Row of the movement table, -1 before the first.
    at
        Name of the gate, facility, fleet or outage; empty where there is none.
    serial
        Serial whose movement it is: often another one than that which waits. -1 for none.
    """

    cause: str
    what: str
    start: float
    end: float
    movement: int
    at: str = ""
    serial: int = -1

    @property
    def hours(self) -> float:
        """Length of the stretch."""
        return self.end - self.start


_WORDS = {
    Kind.READY: "not ready",
    Kind.PERMISSION: "permission",
    Kind.LIFT: "lift on its way",
    Kind.LOAD: "loading",
    Kind.UNLOAD: "unloading",
    Kind.BORDER: "border",
    Kind.GAUGE_CHANGE: "gauge change",
    Kind.REST: "rest",
    Kind.INTEGRATION: "integration",
    Kind.SERVICE: "port exit",
    Kind.STORAGE: "full yard",
    Kind.EMPTY_RUN: "empty run",
    Kind.TRAVEL: "travel",
    Kind.CLOSED_HOURS: "closed",
    Kind.BREAKDOWN: "breakdown",
    Kind.OUTAGE: "outage",
    Kind.BERTH: "berth",
}


def closing_unit(plan: Plan, outcome: Outcome, regional_plan: str | None = None) -> int | None:
    """Number of the unit with which the required troops are complete; None if they never are."""
    members = [
        (hour, number)
        for number, (unit, hour) in enumerate(zip(plan.units, outcome.closed_h, strict=True))
        if not math.isnan(hour) and (regional_plan is None or unit.regional_plan == regional_plan)
    ]
    needed = plan.troops_required
    if regional_plan is not None:
        needed = sum(unit.troops for unit in plan.units if unit.regional_plan == regional_plan and not unit.in_place)
    if needed == 0:
        return max(members)[1] if len(members) == len(plan.units) else None
    total = 0
    for _, number in sorted(members):
        total += plan.units[number].troops
        if total >= needed:
            return number
    return None


def last_unit(outcome: Outcome) -> int | None:
    """Number of the unit that was closed last of all; None unless every unit was closed."""
    hours = outcome.closed_h
    if not hours or any(math.isnan(hour) for hour in hours):
        return None
    return max(range(len(hours)), key=lambda number: (hours[number], number))


def critical_paths(plan: Plan, outcome: Outcome) -> dict[str, tuple[int, list[Piece]]]:
    """Unit and critical path by group, without the groups that were not closed.

    ``all`` is the unit that completes the required troops, ``last`` the one that is closed last; each
    regional plan has the unit that completes its own troops.
    """
    chosen = {"all": closing_unit(plan, outcome), "last": last_unit(outcome)}
    for name in sorted({unit.regional_plan for unit in plan.units}):
        chosen.setdefault(name, closing_unit(plan, outcome, name))
    return {name: (unit, critical_path(plan, outcome, unit)) for name, unit in chosen.items() if unit is not None}


def critical_path(plan: Plan, outcome: Outcome, unit: int) -> list[Piece]:
    """Pieces of the critical path of a closed unit, from C-day to its closure, in order of time.

    A marry-up goes on in the partner that came last: in the serial with which the unit, or the
    ship-load, was complete.
    """
    table = outcome.movements
    columns = {
        name: table[name].tolist()
        for name in ("serial", "kind", "resource", "after", "granted_by", "requested", "started", "ended")
    }
    row = _last_row(plan, outcome, unit, columns["serial"], columns["ended"])
    pieces: list[Piece] = []
    clock = outcome.closed_h[unit]
    lift: int | None = None
    blamed, queued = "", False
    while row >= 0:
        kind, resource = Kind(columns["kind"][row]), columns["resource"][row]
        started, requested, granted = (
            columns["started"][row],
            columns["requested"][row],
            columns["granted_by"][row],
        )
        cause = blamed or (f"lift {plan.pools[lift].name}" if lift is not None else _cause(plan, kind, resource))
        clock = _piece(pieces, cause, "queue" if queued else _WORDS[kind], started, clock, row)
        blamed, queued = "", False
        if kind is Kind.LIFT and resource == lift:
            lift = None
        if started > requested and granted >= 0:
            if Kind(columns["kind"][granted]) is Kind.OUTAGE:
                name = f"outage {plan.outages[columns['resource'][granted]].name}"
                clock = _piece(pieces, name, "outage", max(columns["started"][granted], requested), clock, granted)
                clock = _piece(pieces, _queue(plan, kind, resource), "queue", requested, clock, row)
                row = columns["after"][row]
                continue
            owner = columns["serial"][granted]
            if owner >= 0 and plan.serials[owner].stage == 8:
                # Deliveries come at intervals, whatever was before: the wait is for the thing that is shared.
                pool = resource if kind is Kind.LIFT else lift
                name = f"lift {plan.pools[pool].name}" if pool is not None else _queue(plan, kind, resource)
                clock = _piece(pieces, name, "queue behind supply", requested, clock, row)
                row = columns["after"][row]
                continue
            if kind is Kind.LIFT:
                lift = resource
            else:
                queued = True
                if lift is None:
                    blamed = _queue(plan, kind, resource)
            row = granted
            continue
        if started > requested:
            cause = (
                f"lift {plan.pools[lift if lift is not None else resource].name}"
                if kind is Kind.LIFT
                else "closed hours"
            )
            clock = _piece(pieces, cause, "not yet available", requested, clock, row)
        before = columns["after"][row]
        if before >= 0 and columns["ended"][before] < clock:
            clock = _piece(pieces, "schedule", "later serial", columns["ended"][before], clock, row)
        row = before
    if clock > 0:
        _piece(pieces, "schedule", "release", 0.0, clock, -1)
    serials = columns["serial"]
    return [
        replace(
            piece, at=_at(plan, columns["kind"], columns["resource"], piece.movement), serial=serials[piece.movement]
        )
        if piece.movement >= 0
        else piece
        for piece in pieces[::-1]
    ]


def _at(plan: Plan, kinds: list[int], resources: list[int], row: int) -> str:
    """Name of what a movement used."""
    kind, resource = Kind(kinds[row]), resources[row]
    if resource < 0:
        return ""
    if kind in (Kind.TRAVEL, Kind.EMPTY_RUN):
        return plan.gates[resource].name
    if kind is Kind.LIFT:
        return plan.pools[resource].name
    if kind is Kind.STORAGE:
        return plan.stores[resource].name
    return plan.outages[resource].name if kind is Kind.OUTAGE else plan.servers[resource].name


def by_cause(pieces: list[Piece], name: Callable[[str], str] = str) -> dict[str, float]:
    """Hours of the critical path by cause, largest first."""
    total: dict[str, float] = {}
    for piece in pieces:
        cause = name(piece.cause)
        total[cause] = total.get(cause, 0.0) + piece.hours
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _piece(pieces: list[Piece], cause: str, what: str, start: float, clock: float, row: int) -> float:
    if start < clock:
        pieces.append(Piece(cause, what, start, clock, row))
        return start
    return clock


def _last_row(plan: Plan, outcome: Outcome, unit: int, serials: list[int], ended: list[float]) -> int:
    """Last movement of a unit's closing serial; without one, the last of any of its serials."""
    closing, hour = plan.units[unit].closing_serial, outcome.closed_h[unit]
    own = [row for row, serial in enumerate(serials) if serial == closing and ended[row] == hour]
    if own:
        return own[-1]
    members = {serial.number for serial in plan.serials if serial.unit == unit}
    own = [row for row, serial in enumerate(serials) if serial in members and ended[row] == hour]
    return own[-1] if own else -1


def _cause(plan: Plan, kind: Kind, resource: int) -> str:
    if kind is Kind.TRAVEL:
        return f"moving by {plan.gates[resource].mode}" if resource >= 0 else "moving by air"
    if kind is Kind.LIFT:
        return f"lift {plan.pools[resource].name}"
    return _WORDS[kind]


def _queue(plan: Plan, kind: Kind, resource: int) -> str:
    if kind in (Kind.TRAVEL, Kind.EMPTY_RUN):
        return f"queue at {plan.gates[resource].name}"
    if kind is Kind.BREAKDOWN:
        return f"workshop of {plan.pools[resource].name}"
    if kind is Kind.STORAGE:
        return f"full yard {plan.stores[resource].name}"
    return f"queue at {plan.servers[resource].name}" if resource >= 0 else _WORDS[kind]
