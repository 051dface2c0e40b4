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

from collections.abc import Iterable
from dataclasses import dataclass

from flanksim.activities import ACTIVITIES, STATES, Cause, Kind, State, Why
from flanksim.measure.awaited import IN_LINE, Awaited
from flanksim.measure.closure import ALL, completed_by
from flanksim.measure.serial_states import last_life, last_row
from flanksim.measure.statistics import summed
from flanksim.movements import MovementLog

#: Kinds of causes that a path has other words for than the ledger.
_ON_A_PATH = {Why.AWAITING_PERMISSION: Why.PERMISSION, Why.HELD: Why.SCHEDULE}


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

    cause: Cause
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


def closing_unit(log: MovementLog) -> int | None:
    """Number of the unit with which the required troops are complete; None if they never are."""
    return completed_by(log.plan, log.closed_h).get(ALL)


def critical_path(log: MovementLog, unit: int) -> list[Piece]:
    """Pieces of the critical path of a closed unit, from C-day to its closure, in order of time.

    They are the life of the serial with which the unit was complete. What goes by sea has the life of the
    serial that brought its last piece to the port and of its ship in front, even where others' goods are on board.
    """
    life, things = last_life(log, unit), log.things
    lift = life.movement[life.state == State.LIFT].tolist()
    awaited = Awaited(log, lift) if lift else None
    pieces: list[Piece] = []
    for serial, number, about, start, end, row in zip(
        *(column.tolist() for column in (life.owner, life.state, life.about, life.start, life.end, life.movement)),
        strict=True,
    ):
        state, at = State(number), things.name(about)
        cause = things.cause(state, about)
        cause = Cause(_ON_A_PATH.get(cause.kind, cause.kind), cause.thing)  # with whom, stands in `at`
        if state is State.LIFT and awaited is not None:
            for doing, low, high, busy in awaited.parts(row, start, end):
                used = things.name(int(log.thing[busy])) if busy >= 0 else ""
                pieces.append(Piece(cause, doing, low, high, row, used or at, serial))
        else:
            pieces.append(Piece(cause, STATES[state].step, start, end, row, at, serial))
    return pieces


def waited_for(log: MovementLog, unit: int) -> list[Piece]:
    """What a closed unit waited for, and what that had waited for: from C-day to its closure, in order of time.

    A marry-up goes on in the partner that came last: in the serial with which the unit, or the
    ship-load, was complete.
    """
    plan, things = log.plan, log.things
    names = ("serial", "kind", "after", "granted_by", "requested", "started", "ended")
    serials, kinds, after, granted_by, requested, started, ended = (log[name].data for name in names)
    pieces: list[Piece] = []
    clock = log.closed_h[unit]

    def blame(cause: Cause, what: str, start: float, row: int) -> None:
        nonlocal clock
        if start < clock:
            at, serial = (things.name(int(log.thing[row])), serials[row]) if row >= 0 else ("", -1)
            pieces.append(Piece(cause, what, start, clock, row, at, serial))
            clock = start

    row = last_row(log, unit)
    lift: Cause | None = None  # that is waited for
    blamed: Cause | None = None
    queued = False
    while row >= 0:
        kind, thing, granted = Kind(kinds[row]), int(log.thing[row]), granted_by[row]
        wait = things.waiting(kind, thing)
        cause = blamed or lift or things.working(kind, thing)
        blame(cause, "queue" if queued else ACTIVITIES[kind].word, started[row], row)
        blamed, queued = None, False
        if kind is Kind.LIFT and wait == lift:
            lift = None
        waited = started[row] > requested[row]
        if kind is Kind.SHIP_LOAD and lift is None:
            row = granted  # the last part came after the ship
            continue
        if waited and granted >= 0 and kind is not Kind.SHIP_LOAD:
            owner = serials[granted]
            if Kind(kinds[granted]) is Kind.OUTAGE:
                outage = Cause(Why.OUTAGE, things.name(int(log.thing[granted])))
                blame(outage, "outage", max(started[granted], requested[row]), granted)
                blame(wait, "queue", requested[row], row)
            elif owner >= 0 and plan.serials[owner].stage == 8:
                # Deliveries come at intervals, whatever was before: the wait is for the thing that is shared.
                blame(wait if kind is Kind.LIFT else lift or wait, "queue behind supply", requested[row], row)
            else:
                if kind is Kind.LIFT:
                    lift = wait
                else:
                    queued, blamed = True, wait if lift is None else None
                row = granted
                continue
        else:
            if waited and kind is Kind.SHIP_LOAD:
                blame(lift or wait, "ship-load", requested[row], row)
            elif waited:
                shut = (lift or wait) if kind is Kind.LIFT else Cause(Why.CLOSED_HOURS)
                blame(shut, "not yet available", requested[row], row)
            if after[row] >= 0 and ended[after[row]] < clock:
                blame(Cause(Why.SCHEDULE), "later serial", ended[after[row]], row)
        row = after[row]
    blame(Cause(Why.SCHEDULE), "release", 0.0, -1)
    return pieces[::-1]


def by_cause(pieces: Iterable[Piece]) -> dict[Cause, float]:
    """Hours of the critical path by cause, largest first."""
    return summed((piece.cause, piece.hours) for piece in pieces)


def by_use(pieces: Iterable[Piece]) -> dict[tuple[Cause, str, str], float]:
    """Waiting for lift on a critical path, by what the asset that came in the end was doing: hours, largest first.

    The keys are the cause, what the asset was doing, and, while it stood in line, where (else empty).
    """
    coming = STATES[State.LIFT_COMING].step
    return summed(
        ((piece.cause, piece.what, piece.at if piece.what in IN_LINE else ""), piece.hours)
        for piece in pieces
        if piece.cause.kind is Why.LIFT and piece.what != coming
    )
