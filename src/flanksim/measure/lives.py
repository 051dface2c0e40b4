"""Every serial's life as stretches of time, each in one state: the raw material of the ledger.

A life runs from C-day 0 to the closure of the serial's unit, or to the horizon. The goods of a
unit that goes by sea live in three serials one after the other (to the port, the ship, onward);
the life of the *onward* serial therefore holds the time before it: of the inbound serial that
brought its last piece, of the ship until this batch was discharged, and its own. The life of a
serial that hands its goods on ends in the state `PASSED_ON`.

All of it is array work on the movement table. Nothing is filled up: where the rows of a replication
left a hole in a life, the states would not sum to it, and `Ledger.largest_error` shows that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flanksim.engine.resources import ULP_H
from flanksim.measure.stretches import Floats, Ints, Stretches
from flanksim.movements import Kind, Movements, Outcome
from flanksim.planning.plan import DISCHARGE, Plan, Windows


class State(IntEnum):
    """What a serial is doing, or waiting for."""

    NOT_READY = 0
    PERMISSION = 1
    HELD = 2
    LIFT = 3
    LIFT_COMING = 4
    LOADING = 5
    UNLOADING = 6
    GATE = 7
    MOVING = 8
    FULL_YARD = 9
    BORDER = 10
    GAUGE_CHANGE = 11
    PORT_EXIT = 12
    REST = 13
    BREAKDOWN = 14
    OUTAGE = 15
    CLOSED_HOURS = 16
    SHIP_LOAD = 17
    MARRY_UP = 18
    INTEGRATION = 19
    PASSED_ON = 20


#: State of the time that a row works, by its kind.
_WORK = {
    Kind.LIFT: State.LIFT_COMING,
    Kind.LOAD: State.LOADING,
    Kind.TRAVEL: State.MOVING,
    Kind.UNLOAD: State.UNLOADING,
    Kind.STORAGE: State.FULL_YARD,
    Kind.BORDER: State.BORDER,
    Kind.GAUGE_CHANGE: State.GAUGE_CHANGE,
    Kind.REST: State.REST,
    Kind.INTEGRATION: State.INTEGRATION,
    Kind.SERVICE: State.PORT_EXIT,
    Kind.CLOSED_HOURS: State.CLOSED_HOURS,
    Kind.BREAKDOWN: State.BREAKDOWN,
}
#: State of the rows that keep a unit from starting.
_START = {Kind.READY: State.NOT_READY, Kind.PERMISSION: State.PERMISSION}
#: State of the time that a row waits, by its kind; others wait in a queue.
_WAIT = {Kind.LIFT: State.LIFT, Kind.STORAGE: State.FULL_YARD}
#: States of work at a facility, which stands still while the facility is shut.
_AT_SERVER = (
    State.GATE,
    State.LOADING,
    State.UNLOADING,
    State.BORDER,
    State.GAUGE_CHANGE,
    State.PORT_EXIT,
    State.INTEGRATION,
)


@dataclass(frozen=True, slots=True)
class Codes:
    """One number for whatever a state can be about: 0 nothing, then gates, servers, stores, pools, outages, serials."""

    gate: int
    server: int
    store: int
    pool: int
    outage: int
    serial: int

    @classmethod
    def of(cls, plan: Plan) -> Codes:
        """Where the numbers of each kind begin."""
        sizes = [len(plan.gates), len(plan.servers), len(plan.stores), len(plan.pools), len(plan.outages)]
        return cls(*(1 + sum(sizes[:number]) for number in range(6)))

    def offset(self, kind: Kind) -> int:
        """Code of the first of the things that rows of this kind use."""
        of = {Kind.TRAVEL: self.gate, Kind.STORAGE: self.store, Kind.LIFT: self.pool, Kind.OUTAGE: self.outage}
        return of.get(kind, self.server)

    def name(self, plan: Plan, code: int) -> str:
        """Name of the thing; of a serial its unit and element."""
        if code >= self.serial:
            entry = plan.serials[code - self.serial]
            return f"{plan.units[entry.unit].unit_id} {entry.kind}"
        for first, things in (
            (self.outage, plan.outages),
            (self.pool, plan.pools),
            (self.store, plan.stores),
            (self.server, plan.servers),
            (self.gate, plan.gates),
        ):
            if code >= first:
                return things[code - first].name
        return ""


@dataclass(frozen=True, slots=True)
class _Own:
    """What the rows of the serials themselves say: stretches, and where each serial's begin and end."""

    stretches: Stretches
    first: Floats
    last: Floats
    first_row: Ints


def empty_rows(table: Movements) -> NDArray[np.bool_]:
    """Which rows are an asset's way back without a load: they carry the number of the serial that it had served."""
    kind = table["kind"]
    return np.asarray((kind == Kind.EMPTY_RUN) | ((kind == Kind.REST) & (table["asset"] >= 0)))


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


def last_row(plan: Plan, outcome: Outcome, unit: int) -> int:
    """Row with which a unit was closed: of its closing serial, else the last arrival; -1 if there is none."""
    table, closing = outcome.movements, plan.units[unit].closing_serial
    rows = np.flatnonzero(table["ended"] == outcome.closed_h[unit])
    rows = rows[(table["serial"][rows] >= 0) & ~empty_rows(table)[rows]]
    own: dict[bool, int] = {}
    for row, number in zip(rows.tolist(), table["serial"][rows].tolist(), strict=True):
        entry = plan.serials[number]
        if entry.stage == 1 and table["kind"][row] == Kind.UNLOAD:  # what is assembled in the port has no rows
            entry = plan.serials[_batch(plan, outcome, row)]
        if number == closing or (entry.unit == unit and entry.final):
            own[number == closing] = row
    return own.get(True, own.get(False, -1))


def _batch(plan: Plan, outcome: Outcome, row: int) -> int:
    """The onward serial that a row of unloading brought ashore: a ship's rows are in the order of its batches."""
    table = outcome.movements
    ship = table["serial"][row]
    before = (table["serial"][:row] == ship) & (table["kind"][:row] == Kind.UNLOAD)
    return plan.serials[int(ship)].feeds[int(np.count_nonzero(before))]


def last_life(plan: Plan, outcome: Outcome, unit: int) -> Stretches:
    """Life of the serial with which a closed unit was complete, from C-day to the unit's closure, in order.

    It is one of `lives`, read from the rows of that serial, of the ship and of the serial that brought its
    goods to the port: much quicker than all of them.
    """
    codes, table = Codes.of(plan), outcome.movements
    columns = [table[name].data for name in ("serial", "kind", "resource", "after")]
    hours = [table[name].data for name in ("requested", "started", "ended")]
    (serials, kinds, resources, after), (asked, started, ended) = columns, hours
    found: list[tuple[int, int, int, float, float, int]] = []
    clock = outcome.closed_h[unit]

    def back_to(hour: float, number: int, state: State, about: int, row: int) -> None:
        nonlocal clock
        if hour < clock - ULP_H:
            found.append((number, int(state), about, hour, clock, row))
            clock = hour

    number, row, batch = plan.units[unit].closing_serial, last_row(plan, outcome, unit), -1
    while row >= 0:
        number, kind, before = serials[row], Kind(kinds[row]), after[row]
        about = resources[row] + codes.offset(kind) if resources[row] >= 0 else 0
        back_to(started[row], number, {**_WORK, **_START}.get(kind, State.GATE), about, row)
        back_to(asked[row], number, _WAIT.get(kind, State.GATE), about, row)
        if plan.serials[number].stage == 1:
            batch = _batch(plan, outcome, row) if batch < 0 else batch
            if before >= 0 and serials[before] != number:
                # The ship waited for all that it was to carry; these goods had come with a serial of their own.
                inbound = brought_by(plan, [batch])[batch]
                about = serials[before] + codes.serial
                before = _end_of(plan, outcome, inbound)
                back_to(ended[before] if before >= 0 else 0.0, inbound, State.SHIP_LOAD, about, before)
        if before >= 0:
            back_to(ended[before], number, State.HELD, 0, row)
        row = before
    back_to(0.0, number, State.HELD, 0, -1)
    if not found:
        return Stretches.none()
    life = Stretches(*(np.array(column) for column in zip(*found, strict=True)))
    life = _shut(plan, outcome, codes, life)
    return life.take(np.argsort(life.start, kind="stable"))


def _end_of(plan: Plan, outcome: Outcome, serial: int) -> int:
    """Last row of a serial from home; without rows the one with which its unit was released, -1 without that."""
    table = outcome.movements
    rows = np.flatnonzero((table["serial"] == serial) & ~empty_rows(table))
    if not len(rows):
        closing = plan.units[plan.serials[serial].unit].closing_serial
        rows = np.flatnonzero((table["serial"] == closing) & np.isin(table["kind"], list(_START)))
    return int(rows[-1]) if len(rows) else -1


def lives(plan: Plan, outcome: Outcome) -> tuple[Stretches, Floats]:
    """Stretches of every serial's life, clipped to it, and the length of each life (hours)."""
    serials = plan.serials
    unit = np.array([entry.unit for entry in serials], dtype=np.int64)
    closed = np.array(outcome.closed_h)
    life = np.where(np.isnan(closed), plan.horizon_h, closed)[unit] if len(serials) else np.zeros(0)
    # Supply serves troops that are closed; its serials are walked again for each delivery and have no one life.
    life = np.where([entry.stage == 8 for entry in serials], 0.0, life)
    codes = Codes.of(plan)
    own = _own(plan, outcome, codes)
    parts = _Parts(plan, outcome, own, codes)
    found = parts.all().within(0.0, np.inf)
    found = found.within(0.0, life[found.serial])
    return _shut(plan, outcome, codes, found), life


def _own(plan: Plan, outcome: Outcome, codes: Codes) -> _Own:
    """Waiting and work of each row that is a serial's own, in its order."""
    table = outcome.movements
    kind, serial = table["kind"].astype(np.int64), table["serial"].astype(np.int64)
    back = empty_rows(table)
    foreign = np.isin(kind, [*_START, Kind.OUTAGE])
    rows = np.flatnonzero((serial >= 0) & ~back & ~foreign)
    rows = rows[np.argsort(serial[rows], kind="stable")]
    kind, serial, resource = kind[rows], serial[rows], table["resource"][rows].astype(np.int64)
    asked = table["requested"][rows]
    started = np.nan_to_num(table["started"][rows], nan=np.inf)
    ended = np.nan_to_num(table["ended"][rows], nan=np.inf)
    first = np.ones(len(rows), dtype=bool)
    first[1:] = serial[1:] != serial[:-1]
    before = np.empty(len(rows))
    before[1:] = ended[:-1]
    before[first] = asked[first]
    offset = np.array([codes.offset(key) for key in Kind])
    about = np.where(resource >= 0, resource + offset[kind], 0)
    work = np.zeros(len(Kind), dtype=np.int64)
    for key, state in _WORK.items():
        work[key] = state
    wait = np.full(len(Kind), int(State.GATE))
    for key, state in _WAIT.items():
        wait[key] = state
    berth = np.zeros(len(plan.serials), dtype=np.int64)
    for entry in plan.serials:
        if entry.stage == 1:
            berth[entry.number] = _discharge_code(plan, entry.program, codes)
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
    return _Own(stretches.take(stretches.end > stretches.start), start_of, end_of, first_row)


def _discharge_code(plan: Plan, program: int, codes: Codes) -> int:
    server = next((int(step[1]) for step in plan.programs[program].steps if step[0] == DISCHARGE), -1)
    return codes.server + server if server >= 0 else 0


class _Parts:
    """Puts the lives together from the serials' own stretches."""

    def __init__(self, plan: Plan, outcome: Outcome, own: _Own, codes: Codes) -> None:
        self.plan, self.outcome, self.own, self.codes = plan, outcome, own, codes
        serials = plan.serials
        self.unit = np.array([entry.unit for entry in serials], dtype=np.int64)
        self.stage = np.array([entry.stage for entry in serials], dtype=np.int64)
        self.final = np.array([entry.final for entry in serials], dtype=bool)
        self.ship_of = np.full(len(serials), -1, dtype=np.int64)
        for entry in serials:
            if entry.stage in (0, 1):
                self.ship_of[list(entry.feeds)] = entry.number if entry.stage == 1 else -1
                if entry.stage == 0 and entry.feeds:
                    self.ship_of[entry.number] = entry.feeds[0]
        self._release()
        empty = np.array([plan.programs[entry.program].silent for entry in serials], dtype=bool)
        idle = (own.first_row < 0) & empty & (self.stage == 0)
        self.begin = np.where(idle, self.released[self.unit], own.first)
        self.arrived = np.where(idle, self.released[self.unit], own.last)
        # What is assembled in the port itself is there as soon as it is off its ship.
        ashore = np.flatnonzero((own.first_row < 0) & empty & (self.stage == 2))
        self.arrived[ashore] = self._batch_end(ashore)
        closing = np.array([unit.closing_serial for unit in plan.units], dtype=np.int64)
        closed = np.nan_to_num(np.array(outcome.closed_h), nan=np.inf)
        self.closing = closing
        self.joined = np.where(own.first_row[closing] >= 0, own.first[closing], closed)

    def _release(self) -> None:
        """Hours at which each unit was ready, and permitted to move."""
        table = self.outcome.movements
        count = len(self.plan.units)
        self.ready, self.released = np.zeros(count), np.zeros(count)
        for kind, target in ((Kind.READY, self.ready), (Kind.PERMISSION, self.released)):
            rows = np.flatnonzero(table["kind"] == kind)
            target[self.unit[table["serial"][rows]]] = table["ended"][rows]
        self.released = np.maximum(self.ready, self.released)

    def all(self) -> Stretches:
        """Every serial's life, not yet cut at its end."""
        own, unit = self.own, self.unit
        home = np.flatnonzero(self.stage == 0)
        ships = np.flatnonzero(self.stage == 1)
        onward = np.flatnonzero(self.stage == 2)
        brought = brought_by(self.plan, onward.tolist())
        inbound = np.array([brought[number] for number in onward.tolist()], dtype=np.int64)
        start = [
            self._start(home, self.begin[home], State.HELD),
            own.stretches.take(self.stage[own.stretches.serial] == 0),
        ]
        early = Stretches.join(start)
        feeding = home[~self.final[home]]
        first_ship = self.ship_of[feeding]
        waits = self._wait_for_ship(feeding, self.arrived[feeding], first_ship)
        sailing = own.stretches.take(self.stage[own.stretches.serial] == 1)
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
            self._inherit(sailing, onward, self.ship_of[onward], self._batch_end(onward)),
            own.stretches.take(self.stage[own.stretches.serial] == 2),
        ]
        # What has arrived waits for the rest of its unit, and is integrated with it.
        there = np.flatnonzero(self.final)
        joined = self.joined[unit[there]]
        partner = self._last_of_unit()
        parts.append(Stretches.of(there, State.MARRY_UP, self.arrived[there], joined, partner[unit[there]]))
        closing = own.stretches.take(self.stage[own.stretches.serial] == 9)
        last = self._inherit(closing, there, self.closing[unit[there]], np.inf)
        parts.append(last.within(self.arrived[last.serial], np.inf))
        head = self._start(self.closing, self.joined, State.MARRY_UP, partner)
        parts += [head, closing]
        return Stretches.join(parts)

    def _last_of_unit(self) -> Ints:
        """Code of the serial with whose arrival each unit was complete; 0 for units that were not."""
        found = np.zeros(len(self.plan.units), dtype=np.int64)
        there = np.flatnonzero(self.final)
        there = there[self.arrived[there] == self.joined[self.unit[there]]]
        found[self.unit[there]] = there + self.codes.serial
        found[np.isinf(self.joined)] = 0
        known = self._partner(self.closing)
        return np.where(known > 0, known, found)

    def _start(self, serials: Ints, until: Floats, state: State, about: Any = 0) -> Stretches:
        """From C-day 0 to a serial's first row: not ready, not permitted, then `state`."""
        unit = self.unit[serials]
        ready, released = self.ready[unit], self.released[unit]
        waits = Stretches.of(serials, state, released, until, about)
        if state is State.HELD:  # nothing else may keep a serial from starting once it is released
            waits = waits.take(np.array([self.plan.units[number].interval >= 0 for number in unit], dtype=bool))
        return Stretches.join(
            [
                Stretches.of(serials, State.NOT_READY, 0.0, ready),
                Stretches.of(serials, State.PERMISSION, ready, released),
                waits,
            ]
        )

    def _partner(self, serials: Ints) -> Ints:
        """Code of the serial whose arrival let `serials` begin; 0 where they have not."""
        table = self.outcome.movements
        row = self.own.first_row[serials]
        after = np.where(row >= 0, table["after"][row], -1)
        other = np.where(after >= 0, table["serial"][after], -1).astype(np.int64)
        return np.where(other >= 0, other + self.codes.serial, 0)

    def _wait_for_ship(self, serials: Ints, since: Floats, ships: Ints) -> Stretches:
        return Stretches.of(serials, State.SHIP_LOAD, since, self.own.first[ships], self._partner(ships))

    def _inherit(self, source: Stretches, serials: Ints, ancestors: Ints, until: Any) -> Stretches:
        """Copies of the ancestors' stretches for `serials`, up to the hour `until`."""
        order = np.argsort(source.serial, kind="stable")
        low = np.searchsorted(source.serial[order], ancestors, side="left")
        count = np.searchsorted(source.serial[order], ancestors, side="right") - low
        total = int(count.sum())
        position = np.arange(total) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
        made = source.take(order[position])
        limit = np.repeat(np.broadcast_to(np.asarray(until, dtype=np.float64), len(serials)), count)
        heir = Stretches(np.repeat(serials, count), made.state, made.about, made.start, made.end, made.movement)
        return heir.within(0.0, limit)

    def _unloads(self) -> tuple[Ints, Floats]:
        """Ship and end (hours) of each batch, in the order of discharge."""
        table = self.outcome.movements
        rows = np.flatnonzero((table["kind"] == Kind.UNLOAD) & (table["serial"] >= 0))
        rows = rows[self.stage[table["serial"][rows]] == 1]
        rows = rows[np.argsort(table["serial"][rows], kind="stable")]
        return table["serial"][rows].astype(np.int64), np.nan_to_num(table["ended"][rows], nan=np.inf)

    def _batch_end(self, onward: Ints) -> Floats:
        """Hour at which each onward serial was off its ship; infinite if not by the horizon."""
        ship, ended = self._unloads()
        found = np.full(len(self.plan.serials), np.inf)
        for entry in self.plan.serials:
            if entry.stage == 1:
                low, high = np.searchsorted(ship, [entry.number, entry.number + 1])
                found[list(entry.feeds[: high - low])] = ended[low:high]
        return found[onward]

    def _discharged(self, ships: Ints) -> Floats:
        """Hour at which each ship was empty; infinite if not by the horizon."""
        every, ended = self._unloads()
        done = np.bincount(every, weights=np.isfinite(ended), minlength=len(self.plan.serials))[ships]
        wanted = np.array([len(self.plan.serials[number].feeds) for number in ships])
        return np.where(done >= wanted, self.own.last[ships], np.inf)

    def _at_berth(self, ships: Ints) -> Stretches:
        """Ships that had come to their port but not to a berth when the clock stopped."""
        plan = self.plan
        still = ships[np.isinf(self._discharged(ships)) & np.isfinite(self.own.last[ships])]
        about = [_discharge_code(plan, plan.serials[number].program, self.codes) for number in still.tolist()]
        return Stretches.of(still, State.GATE, self.own.last[still], np.inf, np.array(about, dtype=np.int64))


def _shut(plan: Plan, outcome: Outcome, codes: Codes, found: Stretches) -> Stretches:
    """Take out of waiting and work the hours in which the gate or facility was shut."""
    if not len(found):
        return found
    windows = shut_windows(plan, outcome, codes, set(np.unique(found.about).tolist()))
    if not windows:
        return found
    order = np.argsort(found.about, kind="stable")
    about = found.about[order]
    cut: list[int] = []
    rows: list[tuple[int, int, int, float, float, int]] = []
    for code, pieces in windows.items():
        low, high = np.searchsorted(about, [code, code + 1])
        states = (State.GATE,) if code < codes.server else _AT_SERVER
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
    serial, state, other, start, end, movement = (np.array(column) for column in zip(*rows, strict=True))
    return Stretches.join([found.take(keep), Stretches(serial, state, other, start, end, movement)])


def _split(
    found: Stretches, number: int, pieces: list[tuple[float, float, int, int]]
) -> list[tuple[int, int, int, float, float, int]]:
    serial, movement = int(found.serial[number]), int(found.movement[number])
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


def shut_windows(
    plan: Plan, outcome: Outcome, codes: Codes, wanted: set[int] | None = None
) -> dict[int, list[tuple[float, float, int, int]]]:
    """For each gate and server that is ever shut: disjoint windows with state and code of the outage (0: planned).

    Where an outage falls into planned closed hours, the outage has the blame.

    Parameters
    ----------
    wanted
        Codes of the gates and servers that are asked about; all without it.
    """
    table = outcome.movements
    outages: dict[int, list[tuple[float, float, int]]] = {}
    for row in np.flatnonzero(table["kind"] == Kind.OUTAGE).tolist():
        group = int(table["resource"][row])
        window = (float(table["started"][row]), float(table["ended"][row]), codes.outage + group)
        for gate in plan.outages[group].gates:
            outages.setdefault(codes.gate + gate, []).append(window)
        for server in plan.outages[group].servers:
            outages.setdefault(codes.server + server, []).append(window)
    planned: dict[int, Windows] = {codes.gate + n: gate.closed for n, gate in enumerate(plan.gates) if gate.closed}
    planned |= {codes.server + n: server.closed for n, server in enumerate(plan.servers) if server.closed}
    found = {}
    for code in sorted({*outages, *planned} if wanted is None else {*outages, *planned} & wanted):
        pieces: list[tuple[float, float, int, int]] = []
        clock = 0.0
        for start, end, owner in sorted(outages.get(code, [])):
            low = max(start, clock)
            if end > low:
                pieces.append((low, end, int(State.OUTAGE), owner))
                clock = end
        for start, end in sorted(planned.get(code, ())):
            clock = start
            for low, high, _, _ in sorted(piece for piece in pieces if piece[2] == State.OUTAGE):
                if low < end and high > clock:
                    if low > clock:
                        pieces.append((clock, low, int(State.CLOSED_HOURS), 0))
                    clock = min(high, end)
            if clock < end:
                pieces.append((clock, end, int(State.CLOSED_HOURS), 0))
        found[code] = sorted(pieces)
    return found
