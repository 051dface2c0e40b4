"""Every serial's life as stretches of time, each in one state: the raw material of the ledger.

A life runs from C-day 0 to the closure of the serial's unit, or to the horizon. The goods of a
unit that goes by sea live in three serials one after the other (to the port, the ship, onward);
the life of the *onward* serial therefore holds the time before it: of the inbound serial that
brought its last piece, of the ship until this batch was discharged, and its own. The life of a
serial that hands its goods on ends in the state `PASSED_ON`.

All of it is array work on the movement log. Nothing is filled up: where the rows of a replication
left a hole in a life, the states would not sum to it, and `Ledger.largest_error` shows that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from flanksim.activities import ACTIVITIES, Kind, State
from flanksim.measure.stretches import Floats, Ints, Stretches
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan, Windows
from flanksim.planning.steps import Discharge

#: Hours this close are one instant.
_ULP_H = 1e-9
#: States of work at a facility, which stands still while the facility is shut.
_AT_SERVER = (
    State.GATE,
    State.LOADING,
    State.UNLOADING,
    State.BORDER,
    State.GAUGE_CHANGE,
    State.PORT_EXIT,
    State.PACE,
    State.DRAW,
    State.INTEGRATION,
)


@dataclass(frozen=True, slots=True)
class _Own:
    """What the rows of the serials themselves say: stretches, and where each serial's begin and end."""

    stretches: Stretches
    first: Floats
    last: Floats
    first_row: Ints


def brought_by(plan: Plan, onward: Iterable[int]) -> dict[int, int]:
    """For each of some onward serials, the serial that brought its last piece to the port.

    Pieces of one unit and kind go on in the order in which they were planned to come.
    """
    wanted = set(onward)
    carried = {entry.number: entry.feeds for entry in plan.serials if entry.stage == 1 and wanted & set(entry.feeds)}
    brought: dict[tuple[int, int, str], list[tuple[float, int]]] = {}
    for entry in plan.serials:
        if entry.stage == 0 and entry.feeds and entry.feeds[0] in carried:
            queue = brought.setdefault((entry.feeds[0], entry.unit, entry.kind), [])
            queue.append((entry.quantity + (queue[-1][0] if queue else 0.0), entry.number))
    taken: dict[tuple[int, int, str], float] = {}
    found: dict[int, int] = {}
    for ship, feeds in carried.items():
        for number in sorted(feeds):
            entry = plan.serials[number]
            key = (ship, entry.unit, entry.kind)
            taken[key] = taken.get(key, 0.0) + entry.quantity
            if number in wanted:
                queue = brought[key]
                found[number] = next((inbound for upto, inbound in queue if upto >= taken[key] - 1e-6), queue[-1][1])
    return found


def last_row(log: MovementLog, unit: int) -> int:
    """Row with which a unit was closed: of its closing serial, else the last arrival; -1 if there is none."""
    plan, closing = log.plan, log.plan.units[unit].closing_serial
    rows = np.flatnonzero((log["ended"] == log.closed_h[unit]) & log.own)
    own: dict[bool, int] = {}
    for row, number in zip(rows.tolist(), log["serial"][rows].tolist(), strict=True):
        entry = plan.serials[number]
        if entry.stage == 1 and log["kind"][row] == Kind.UNLOAD:  # what is assembled in the port has no rows
            entry = plan.serials[_batch(log, row)]
        if number == closing or (entry.unit == unit and entry.final):
            own[number == closing] = row
    return own.get(True, own.get(False, -1))


def _batch(log: MovementLog, row: int) -> int:
    """The onward serial that a row of unloading brought ashore."""
    return int(np.flatnonzero(log.landed == row)[0])


def last_life(log: MovementLog, unit: int) -> Stretches:
    """Life of the serial with which a closed unit was complete, from C-day to the unit's closure, in order.

    It is one of `lives`, read from the rows of that serial, of the ship and of the serial that brought its
    goods to the port: much quicker than all of them.
    """
    plan, first = log.plan, log.things.first["serials"]
    serials, kinds, after = (log[name].data for name in ("serial", "kind", "after"))
    asked, started, ended = (log[name].data for name in ("requested", "started", "ended"))
    found: list[tuple[int, int, int, float, float, int]] = []
    clock = log.closed_h[unit]

    def back_to(hour: float, number: int, state: State, about: int, row: int) -> None:
        nonlocal clock
        if hour < clock - _ULP_H:
            found.append((number, int(state), about, hour, clock, row))
            clock = hour

    number, row, batch = plan.units[unit].closing_serial, last_row(log, unit), -1
    while row >= 0:
        number, activity, before = serials[row], ACTIVITIES[Kind(kinds[row])], after[row]
        about, since = int(log.thing[row]), log.complete_h[number]
        back_to(max(started[row], since), number, activity.working, about, row)
        back_to(max(asked[row], since), number, activity.waiting, about, row)
        if plan.serials[number].stage == 1:
            batch = _batch(log, row) if batch < 0 else batch
            if before >= 0 and serials[before] != number:
                # The ship waited for all that it was to carry; these goods had come with a serial of their own.
                inbound = brought_by(plan, [batch])[batch]
                about = serials[before] + first
                before = _end_of(log, inbound)
                back_to(ended[before] if before >= 0 else 0.0, inbound, State.SHIP_LOAD, about, before)
        if before >= 0:
            back_to(max(ended[before], log.complete_h[number]), number, State.HELD, 0, row)
        row = before
    back_to(0.0, number, State.HELD, 0, -1)
    life = Stretches.rows(found)
    life = _shut(log, life)
    return life.take(np.argsort(life.start, kind="stable"))


def _end_of(log: MovementLog, serial: int) -> int:
    """Last row of a serial from home; without rows the one with which its unit was released, -1 without that."""
    rows = log.chain(serial)
    if not len(rows):
        closing = log.plan.units[log.plan.serials[serial].unit].closing_serial
        rows = np.flatnonzero(log.releasing & (log["serial"] == closing))
    return int(rows[-1]) if len(rows) else -1


def lives(log: MovementLog) -> tuple[Stretches, Floats]:
    """Stretches of every serial's life, clipped to it, and the length of each life (hours)."""
    serials = log.plan.serials
    unit = np.array([entry.unit for entry in serials], dtype=np.int64)
    closed = np.array(log.closed_h)
    life = np.where(np.isnan(closed), log.plan.horizon_h, closed)[unit] if len(serials) else np.zeros(0)
    # Supply serves troops that are closed; its serials are walked again for each delivery and have no one life.
    life = np.where([entry.stage == 8 for entry in serials], 0.0, life)
    found = _Parts(log, _own(log)).all().within(0.0, np.inf)
    return _shut(log, found.within(0.0, life[found.owner])), life


def _own(log: MovementLog) -> _Own:
    """Waiting and work of each row that is a serial's own, in its order."""
    plan, rows = log.plan, log.walked
    kind, serial, about = log["kind"][rows], log["serial"][rows].astype(np.int64), log.thing[rows]
    asked = log["requested"][rows]
    started = np.nan_to_num(log["started"][rows], nan=np.inf)
    ended = np.nan_to_num(log["ended"][rows], nan=np.inf)
    first = np.ones(len(rows), dtype=bool)
    first[1:] = serial[1:] != serial[:-1]
    before = np.empty(len(rows))
    before[1:] = ended[:-1]
    before[first] = asked[first]
    work, wait = (
        np.array([getattr(ACTIVITIES[key], name) for key in Kind], dtype=np.int64) for name in ("working", "waiting")
    )
    berth = np.array([_berth(log, entry.number) for entry in plan.serials], dtype=np.int64)
    count = len(plan.serials)
    start_of, end_of = np.full(count, np.inf), np.full(count, np.inf)
    start_of[serial[first]] = asked[first]
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = first[1:]
    end_of[serial[last]] = ended[last]
    first_row = np.full(count, -1, dtype=np.int64)
    first_row[serial[first]] = rows[first]
    # Between coming to its port and its first row there a ship waits for its berth.
    stretches = Stretches.join(
        [
            Stretches(serial, wait[kind], about, np.maximum(asked, before), started, rows),
            Stretches(serial, work[kind], about, started, ended, rows),
            Stretches.of(serial, State.GATE, before, asked, berth[serial], rows).take(berth[serial] > 0),
        ]
    )
    # What a ship does before its load is complete is not the time of that load.
    since = np.array(log.complete_h, dtype=np.float64)
    stretches = stretches.within(since[stretches.owner], np.inf)
    return _Own(stretches.take(stretches.end > stretches.start), np.maximum(start_of, since), end_of, first_row)


def _berth(log: MovementLog, serial: int) -> int:
    """Where a ship is discharged, in the numbers of `MovementLog.things`; 0 without, and for other serials."""
    entry = log.plan.serials[serial]
    steps = log.plan.programs[entry.program].steps if entry.stage == 1 else ()
    server = next((step.server for step in steps if isinstance(step, Discharge)), -1)
    return log.things.first["servers"] + server if server >= 0 else 0


class _Parts:
    """Puts the lives together from the serials' own stretches."""

    def __init__(self, log: MovementLog, own: _Own) -> None:
        self.log, self.own = log, own
        plan, serials = log.plan, log.plan.serials
        self.unit = np.array([entry.unit for entry in serials], dtype=np.int64)
        self.stage = np.array([entry.stage for entry in serials], dtype=np.int64)
        self.final = np.array([entry.final for entry in serials], dtype=bool)
        self.ship_of = np.full(len(serials), -1, dtype=np.int64)
        for entry in serials:
            if entry.stage in (0, 1):
                self.ship_of[list(entry.feeds)] = entry.number if entry.stage == 1 else -1
                if entry.stage == 0 and entry.feeds:
                    self.ship_of[entry.number] = entry.feeds[0]
        self.ready, self.released = log.released_h
        empty = np.array([plan.programs[entry.program].silent for entry in serials], dtype=bool)
        idle = (own.first_row < 0) & empty & (self.stage == 0)
        asks = np.array([bool(entry.permits) for entry in serials], dtype=bool)
        # Where it had nothing to do it left no row: a ship at least sailed with it.
        sailed = np.where(self.ship_of >= 0, own.first[self.ship_of], np.inf)
        there = np.where(asks, np.minimum(self.released[self.unit], sailed), self.ready[self.unit])
        self.begin = np.where(idle, there, own.first)
        self.arrived = np.where(idle, there, own.last)
        self.landed = np.append(np.nan_to_num(log["ended"], nan=np.inf), np.inf)[log.landed]
        # What is assembled in the port itself is there as soon as it is off its ship.
        ashore = np.flatnonzero((own.first_row < 0) & empty & (self.stage == 2))
        self.arrived[ashore] = self.landed[ashore]
        closing = np.array([unit.closing_serial for unit in plan.units], dtype=np.int64)
        closed = np.nan_to_num(np.array(log.closed_h), nan=np.inf)
        self.closing = closing
        self.joined = np.where(own.first_row[closing] >= 0, own.first[closing], closed)

    def all(self) -> Stretches:
        """Every serial's life, not yet cut at its end."""
        own, unit = self.own, self.unit
        home = np.flatnonzero(self.stage == 0)
        ships = np.flatnonzero(self.stage == 1)
        onward = np.flatnonzero(self.stage == 2)
        brought = brought_by(self.log.plan, onward.tolist())
        inbound = np.array([brought[number] for number in onward.tolist()], dtype=np.int64)
        early = Stretches.join(
            [
                self._start(home, self.begin[home], State.HELD),
                own.stretches.take(self.stage[own.stretches.owner] == 0),
            ]
        )
        feeding = home[~self.final[home]]
        first_ship = self.ship_of[feeding]
        waits = self._wait_for_ship(feeding, self.arrived[feeding], first_ship)
        sailing = own.stretches.take(self.stage[own.stretches.owner] == 1)
        sailing = Stretches.join([sailing, self._at_berth(ships)])
        parts = [
            early,
            waits,
            Stretches.of(feeding, State.PASSED_ON, own.first[first_ship], np.inf),
            self._start(ships, own.first[ships], State.SHIP_LOAD, self._partner(ships)),
            sailing,
            Stretches.of(ships, State.PASSED_ON, self._discharged(ships), np.inf),
            self._inherit(early, onward, inbound, np.inf),
            self._wait_for_ship(onward, self.arrived[inbound], self.ship_of[onward]),
            self._inherit(sailing, onward, self.ship_of[onward], self.landed[onward]),
            own.stretches.take(self.stage[own.stretches.owner] == 2),
        ]
        # What has arrived waits for the rest of its unit, and is integrated with it.
        there = np.flatnonzero(self.final)
        joined = self.joined[unit[there]]
        partner = self._last_of_unit()
        parts.append(Stretches.of(there, State.MARRY_UP, self.arrived[there], joined, partner[unit[there]]))
        closing = own.stretches.take(self.stage[own.stretches.owner] == 9)
        last = self._inherit(closing, there, self.closing[unit[there]], np.inf)
        parts.append(last.within(self.arrived[last.owner], np.inf))
        head = self._start(self.closing, self.joined, State.MARRY_UP, partner)
        parts += [head, closing]
        return Stretches.join(parts)

    def _last_of_unit(self) -> Ints:
        """Number as a thing of the serial with whose arrival each unit was complete; 0 for units that were not."""
        found = np.zeros(len(self.log.plan.units), dtype=np.int64)
        there = np.flatnonzero(self.final)
        there = there[self.arrived[there] == self.joined[self.unit[there]]]
        found[self.unit[there]] = there + self.log.things.first["serials"]
        found[np.isinf(self.joined)] = 0
        known = self._partner(self.closing)
        return np.where(known > 0, known, found)

    def _start(self, serials: Ints, until: Floats, state: State, about: Any = 0) -> Stretches:
        """From C-day 0 to a serial's first row: not ready, not permitted, then `state`."""
        unit = self.unit[serials]
        ready, released = self.ready[unit], np.minimum(self._released(serials), until)
        waits = Stretches.of(serials, state, released, until, about)
        if state is State.HELD:  # nothing else may keep a serial from starting once it is released
            waits = waits.take(np.array([self.log.plan.units[number].interval >= 0 for number in unit], dtype=bool))
        return Stretches.join(
            [
                Stretches.of(serials, State.NOT_READY, 0.0, ready),
                Stretches.of(serials, State.PERMISSION, ready, released),
                waits,
            ]
        )

    def _released(self, serials: Ints) -> Floats:
        """Hours at which serials could leave home, each with the row that released it; others with all of the unit."""
        unit, row = self.unit[serials], self.own.first_row[serials]
        after = np.where(row >= 0, self.log["after"][row], -1).astype(np.int64)
        own = np.where(after >= 0, self.log["ended"][after], self.ready[unit])
        walks = (self.stage[serials] == 0) & (row >= 0)
        return np.asarray(np.where(walks, own, self.released[unit]))

    def _partner(self, serials: Ints) -> Ints:
        """Number as a thing of the serial whose arrival let `serials` begin; 0 where they have not."""
        row = self.own.first_row[serials]
        after = np.where(row >= 0, self.log["after"][row], -1)
        other = np.where(after >= 0, self.log["serial"][after], -1).astype(np.int64)
        return np.where(other >= 0, other + self.log.things.first["serials"], 0)

    def _wait_for_ship(self, serials: Ints, since: Floats, ships: Ints) -> Stretches:
        return Stretches.of(serials, State.SHIP_LOAD, since, self.own.first[ships], self._partner(ships))

    def _inherit(self, source: Stretches, serials: Ints, ancestors: Ints, until: Any) -> Stretches:
        """Copies of the ancestors' stretches for `serials`, up to the hour `until`."""
        order = np.argsort(source.owner, kind="stable")
        low = np.searchsorted(source.owner[order], ancestors, side="left")
        count = np.searchsorted(source.owner[order], ancestors, side="right") - low
        total = int(count.sum())
        position = np.arange(total) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
        made = source.take(order[position])
        limit = np.repeat(np.broadcast_to(np.asarray(until, dtype=np.float64), len(serials)), count)
        return replace(made, owner=np.repeat(serials, count)).within(0.0, limit)

    def _discharged(self, ships: Ints) -> Floats:
        """Hour at which each ship was empty; infinite if not by the horizon."""
        feeds = [list(self.log.plan.serials[number].feeds) for number in ships.tolist()]
        empty = np.array([bool(np.isfinite(self.landed[batches]).all()) for batches in feeds], dtype=bool)
        return np.where(empty, self.own.last[ships], np.inf)

    def _at_berth(self, ships: Ints) -> Stretches:
        """Ships that had come to their port but not to a berth when the clock stopped."""
        still = ships[np.isinf(self._discharged(ships)) & np.isfinite(self.own.last[ships])]
        about = np.array([_berth(self.log, number) for number in still.tolist()], dtype=np.int64)
        return Stretches.of(still, State.GATE, self.own.last[still], np.inf, about)


def _shut(log: MovementLog, found: Stretches) -> Stretches:
    """Take out of waiting and work the hours in which the gate or facility was shut."""
    windows = shut_windows(log, set(np.unique(found.about).tolist()))
    order = np.argsort(found.about, kind="stable")
    about = found.about[order]
    cut: list[int] = []
    rows: list[tuple[int, int, int, float, float, int]] = []
    for thing, pieces in windows.items():
        low, high = np.searchsorted(about, [thing, thing + 1])
        states = (State.GATE,) if thing < log.things.first["servers"] else _AT_SERVER
        mine = order[low:high]
        mine = mine[np.isin(found.state[mine], states)]
        ends = np.array([piece[1] for piece in pieces])
        starts = np.array([piece[0] for piece in pieces] + [np.inf])
        mine = mine[starts[np.searchsorted(ends, found.start[mine], side="right")] < found.end[mine]]
        for number in mine.tolist():
            cut.append(number)
            rows += _split(found, number, pieces)
    if not cut:
        return found
    keep = np.ones(len(found), dtype=bool)
    keep[cut] = False
    return Stretches.join([found.take(keep), Stretches.rows(rows)])


def _split(
    found: Stretches, number: int, pieces: list[tuple[float, float, int, int]]
) -> list[tuple[int, int, int, float, float, int]]:
    serial, movement = int(found.owner[number]), int(found.movement[number])
    state, about = int(found.state[number]), int(found.about[number])
    clock, end = float(found.start[number]), float(found.end[number])
    rows = []
    for start, stop, why, owner in pieces:
        if stop <= clock or start >= end:
            continue
        if start > clock:
            rows.append((serial, state, about, clock, start, movement))
        low, high = max(clock, start), min(end, stop)
        rows.append((serial, why, owner or about, low, high, movement))
        clock = high
    if clock < end:
        rows.append((serial, state, about, clock, end, movement))
    return rows


def shut_windows(log: MovementLog, wanted: set[int] | None = None) -> dict[int, list[tuple[float, float, int, int]]]:
    """For each gate and server that is ever shut: disjoint windows with state and thing of the outage (0: planned).

    Where an outage falls into planned closed hours, the outage has the blame.

    Parameters
    ----------
    wanted
        Numbers of the gates and servers that are asked about; all without it.
    """
    plan, first = log.plan, log.things.first
    outages: dict[int, list[tuple[float, float, int]]] = {}
    for row in np.flatnonzero(log["kind"] == Kind.OUTAGE).tolist():
        group = plan.outages[int(log["resource"][row])]
        window = (float(log["started"][row]), float(log["ended"][row]), int(log.thing[row]))
        for thing in (
            *(first["gates"] + gate for gate in group.gates),
            *(first["servers"] + server for server in group.servers),
        ):
            outages.setdefault(thing, []).append(window)
    planned: dict[int, Windows] = {first["gates"] + n: gate.closed for n, gate in enumerate(plan.gates) if gate.closed}
    planned |= {first["servers"] + n: server.closed for n, server in enumerate(plan.servers) if server.closed}
    found = {}
    for thing in sorted({*outages, *planned} if wanted is None else {*outages, *planned} & wanted):
        pieces: list[tuple[float, float, int, int]] = []
        clock = 0.0
        for start, end, owner in sorted(outages.get(thing, [])):
            low = max(start, clock)
            if end > low:
                pieces.append((low, end, int(State.OUTAGE), owner))
                clock = end
        for start, end in sorted(planned.get(thing, ())):
            clock = start
            for low, high, _, _ in sorted(piece for piece in pieces if piece[2] == State.OUTAGE):
                if low < end and high > clock:
                    if low > clock:
                        pieces.append((clock, low, int(State.CLOSED_HOURS), 0))
                    clock = min(high, end)
            if clock < end:
                pieces.append((clock, end, int(State.CLOSED_HOURS), 0))
        found[thing] = sorted(pieces)
    return found
