"""Why so late: the critical path of a unit, and what it waited for.

The *critical path* is the unit's own: the life, from C-day to the unit's closure, of the serial with
which the unit was complete, as in the ledger. Every wait is charged to what was waited for; one for lift
is split by what the asset that came in the end was doing meanwhile.

*What it waited for* is another reading, along ``granted_by``: a movement that waited was held up by the
one that freed its resource, so the walk goes on there, in the past of another unit as a rule. A short
wait hands the whole past over to whoever was in the way, so its hours say in which order things had to
happen, and not how long this unit stood where.

The pieces of both have no gaps and no overlaps, so they sum to the closure time exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from flanksim.measure.awaited import IN_LINE, Awaited
from flanksim.measure.closure import ALL, completed_by
from flanksim.measure.ledger import WORDS as STATES
from flanksim.measure.ledger import cause as cause_of
from flanksim.measure.lives import Codes, State, last_life, last_row
from flanksim.movements import Kind, Movements, Outcome
from flanksim.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of a critical path, from `start` to `end` (hours), and what it is blamed on.

    Attributes
    ----------
    cause
        What the time is blamed on: in a wait for lift that lift, whatever it is doing.
    what
        What happened in it: ``loading``, ``travel``, ``queue``...; in a wait for lift what the asset was doing
        that came in the end, in the words of the fleet ledger (``moving loaded``, ``empty run``, ``waiting empty``...).
    movement
        Row of the movement table, -1 before the first.
    at
        Name of the gate, facility, fleet or outage; empty where there is none. In a wait for lift it is where the
        asset was.
    serial
        Serial whose movement it is, -1 for none. In `waited_for` it is often another unit's.
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


def closing_unit(plan: Plan, outcome: Outcome) -> int | None:
    """Number of the unit with which the required troops are complete; None if they never are."""
    return completed_by(plan, outcome.closed_h).get(ALL)


#: States that a path tells in words of its own: cause and what happened.
_TOLD = {
    State.PERMISSION: ("permission", "permission"),
    State.HELD: ("schedule", "later serial"),
    State.LIFT_COMING: ("", "lift on its way"),
    State.MOVING: ("", "travel"),
    State.FULL_YARD: ("", "full yard"),
    State.CLOSED_HOURS: ("", "closed"),
    State.SHIP_LOAD: (STATES[State.SHIP_LOAD], "ship-load"),  # with whom, stands in `at`
    State.MARRY_UP: (STATES[State.MARRY_UP], "marry-up"),
}


def critical_path(plan: Plan, outcome: Outcome, unit: int) -> list[Piece]:
    """Pieces of the critical path of a closed unit, from C-day to its closure, in order of time.

    They are the life of the serial with which the unit was complete. What goes by sea has the life of the
    serial that brought its last piece to the port and of its ship in front, even where others' goods are on board.
    """
    life = last_life(plan, outcome, unit)
    codes = Codes.of(plan)
    lift = life.movement[life.state == State.LIFT].tolist()
    awaited = Awaited(plan, outcome, lift) if lift else None
    pieces: list[Piece] = []
    for serial, number, about, start, end, row in zip(
        *(column.tolist() for column in (life.serial, life.state, life.about, life.start, life.end, life.movement)),
        strict=True,
    ):
        state, at = State(number), codes.name(plan, about)
        cause, what = _TOLD.get(state, ("", STATES[state]))
        cause = cause or cause_of(plan, state, about)
        if state is State.LIFT and awaited is not None:
            for doing, low, high, busy in awaited.parts(row, start, end):
                pieces.append(
                    Piece(cause, doing, low, high, row, _used_by(plan, outcome.movements, busy) or at, serial)
                )
        else:
            pieces.append(Piece(cause, what, start, end, row, at, serial))
    return pieces


def waited_for(plan: Plan, outcome: Outcome, unit: int) -> list[Piece]:
    """What a closed unit waited for, and what that had waited for: from C-day to its closure, in order of time.

    A marry-up goes on in the partner that came last: in the serial with which the unit, or the
    ship-load, was complete.
    """
    table = outcome.movements
    columns = {
        name: table[name].data
        for name in ("serial", "kind", "resource", "after", "granted_by", "requested", "started", "ended")
    }
    row = last_row(plan, outcome, unit)
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
        replace(piece, at=_used_by(plan, table, piece.movement), serial=serials[piece.movement])
        if piece.movement >= 0
        else piece
        for piece in pieces[::-1]
    ]


def _used_by(plan: Plan, table: Movements, row: int) -> str:
    """Name of what a movement used; empty where there is none."""
    if row < 0:
        return ""
    kind, resource = Kind(int(table["kind"][row])), int(table["resource"][row])
    if resource < 0:
        return ""
    if kind in (Kind.TRAVEL, Kind.EMPTY_RUN):
        return plan.gates[resource].name
    if kind in (Kind.LIFT, Kind.BREAKDOWN):
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


def by_use(pieces: Iterable[Piece]) -> dict[tuple[str, str, str], float]:
    """Waiting for lift on a critical path, by what the asset that came in the end was doing: hours, largest first.

    The keys are the cause, what the asset was doing, and, while it stood in line, where (else empty).
    """
    total: dict[tuple[str, str, str], float] = {}
    for piece in pieces:
        if piece.cause.startswith("lift ") and piece.what != _WORDS[Kind.LIFT]:
            key = (piece.cause, piece.what, piece.at if piece.what in IN_LINE else "")
            total[key] = total.get(key, 0.0) + piece.hours
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _piece(pieces: list[Piece], cause: str, what: str, start: float, clock: float, row: int) -> float:
    if start < clock:
        pieces.append(Piece(cause, what, start, clock, row))
        return start
    return clock


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
