"""The compiled twin of the SimPy engine: the same plan and seed give the same bytes, some twenty times faster.

`flanksim.engine.simulate` is the reference and says what happens and why; this file says the same again for numba, as
states of processes instead of generators. What it gives is compared byte by byte with the reference, see
docs/decisions/0015-compiled-twin.md. Whoever changes a mechanism there changes it here, or takes it out of what
`flanksim.engine.compiled_tables.unknown` lets through.

**Records.** All that a run knows is in tables of records, one a line of `TABLES`; the first of them, `WORLD`, holds
their addresses. ``row(w, 3).ended = 5.0`` writes into the fourth record of the table of movements. A number that stands
for nothing is -1, an hour that is not known is nan. Tables that grow do so between two events (`play` returns and is
called again), so that a record in hand stays where it is. Resources of all kinds are in one table: gates, servers,
stores, workshops, pools. Steps are those of all programs, one after the other; ways round stand behind them.

**Order.** SimPy takes the event with the least (hour, priority, number). Here:

1. starts of processes, in the order in which they were made (SimPy's urgent events),
2. what was scheduled earlier for this hour, by number: the heap,
3. what was scheduled at this hour for this hour, in that order: a list,
4. looks at a queue (`LATE`), which come after all else of their hour: the heap again.

The end of a process is an event too, though nothing hangs on it, and so is a look that another has replaced: whether a
request is granted at once depends on what else is due at this hour. Hours are ``now + delay`` with the delay of the
reference, sums are made in its order, and nothing is simplified: floats must agree in the last bit.

Without numba the same text runs as Python, slowly; a test does that, to tell an error of the text from one of the
compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

try:
    import numba
    from numba.extending import intrinsic

    COMPILED = True
except ImportError:
    COMPILED = False

Record = Any

# numba's cache sees changes of this file alone, so what the code rests on stands in it; a test compares it with
# `Kind`, `ULP_H`, `HOURS_PER_DAY` and the tolerance of `Crew`.
READY, PERMISSION, LIFT, TRAVEL, UNLOAD, STORAGE, REST, EMPTY_RUN = 0, 1, 2, 4, 5, 6, 9, 10
BREAKDOWN, BERTH, SHIP_LOAD = 14, 16, 19
ULP_H = 1e-9
DRIVING_TOLERANCE_H = 1e-6
DAY_H = 24.0

#: Kinds of resources.
GATE, SERVERS, STORE, POOL = range(4)
#: Steps. A `Travel` is DRIVE where its crew has a limit, and on a way round; else RIDE.
RIDE, DRIVE, SERVE, TAKE, AWAIT, DROP, FREE, STAY, PAUSE, DISCHARGE, DETOUR = range(11)
#: Processes.
JOURNEY, WAY_BACK, RELEASE, SUPPLY, WEAR, JOIN, CALL = range(7)
#: Where a process goes on.
(
    NEXT, PAUSED, SET_OUT, ADMITTED, ARRIVED, SERVING, SERVED, STOWED, LEFT, BERTHED, BATCH, UNLOADING, UNLOADED,
    TAKEN, COME, LOADED, RESTED, IS_READY, GROUP, LEAVES, FOLLOWER, DELIVERS, FAILED, WITHDRAWN, FITTED, REPAIRED, OVER,
) = range(27)  # fmt: skip

#: Added to the number of a look at a queue.
LATE = 1 << 62


def _layout(longs: str = "", integers: str = "", floats: str = "") -> np.dtype[Any]:
    names = ((longs, "i8"), (floats, "f8"), (integers, "i4"))
    return np.dtype([(name, kind) for text, kind in names for name in text.split()], align=True)


#: What each table is: its record. Those of `GROWING` grow in a run.
TABLES: dict[str, np.dtype[Any]] = {
    # `at` is the number of a resource; `draw` that of a slot, of a drop the base of its way back; `first` and `end` are
    # steps of a way round or back
    "step": _layout("", "op at kind draw place frees fills first end skip", "hours held_h tail_h limit_h"),
    "serial": _layout(
        "index",
        "unit stage priority first end slots waits_for feeds feeds_end final troops called called_row completed "
        "off_berth",
        "quantity complete_h",
    ),
    "unit": _layout(
        "",
        "closing priority first end at_intervals closing_now supply rounds rounds_end",
        "ready_h needed closed_h troops_h troops_left vehicles_in first_h interval_h",
    ),
    # serials of a unit that leave home, by hour; `gaps` is where the hours between those of a group stand
    "leaving": _layout("gaps", "serial", "hour"),
    # serials of a delivery: a range of `listed`; `draws` is how many draws there are for each
    "delivery": _layout("draws", "first end"),
    "listed": _layout("", "number"),
    # where the draws of a slot begin; the number of a serial within its element is added
    "offset": _layout("at"),
    "draw": _layout("", "", "value"),
    "resource": _layout(
        "arrivals due",
        "kind queue windows windows_end last leaver_0 leaver_1 noted noted_last freed_by stands stands_end assets",
        "due_h free_h clearance left_0 left_1 free capacity room idle",
    ),
    # assets of a pool that become available together: a range of `listed`
    "joining": _layout("", "pool first end", "hour"),
    # ships that are called at an hour
    "calling": _layout("", "ship", "hour"),
    "window": _layout("", "owner", "start end"),
    # idle assets of a pool at one of its places, and the empty runs to all of them
    "stand": _layout("km", "first last"),
    "distance": _layout("", "", "km"),
    "asset": _layout(
        "lives repairs", "place idle before after wanted workshop failures", "capacity speed ready_h day_h"
    ),
    "process": _layout(
        "arrival index",
        "what point then serial following end back_to back_end at slots last row asset hold newest batch priority "
        "left right next granted taken count place direction",
        "began_h hours driven_h ridden_h requested_h amount travel_h cleared_h",
    ),
    "event": _layout("order", "what", "hour"),
    "row": _layout(
        "", "serial kind resource asset after granted_by", "requested started cleared ended"
    ),
    "hold": _layout("", "pool first count taken place dropped freed next", "worked_h driven_h ridden_h"),
    "taken": _layout("", "asset"),
    # a release that nobody has used yet: who comes next is told that this row freed the server
    "note": _layout("", "row next"),
}  # fmt: skip
GROWING = ("process", "event", "row", "hold", "taken", "note")
WORLD = _layout(
    " ".join(
        [*TABLES, *(f"{name}_count" for name in GROWING), *(f"{name}_room" for name in GROWING), "number", "margin"]
    ),
    "urgent urgent_last normal normal_last spare units still_open joinings callings first_server first_store "
    "first_pool chance begun failed",
    "now until",
)

#: Tables by address, for the text that is not compiled.
ARRAYS: dict[int, Any] = {}


def _reader(name: str) -> Callable[[Record, int], Record]:
    """How a record of a table is read, of the world and its number."""
    if not COMPILED:
        return lambda w, number: ARRAYS[int(w[name])][number]
    record, size = numba.from_dtype(TABLES[name]), TABLES[name].itemsize

    @intrinsic
    def reader(_: Any, world: Any, number: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            long = context.get_value_type(numba.types.int64)
            field = builder.add(builder.ptrtoint(arguments[0], long), long(world.offset(name)))
            table = builder.load(builder.inttoptr(field, long.as_pointer()))
            place = builder.add(table, builder.mul(arguments[1], long(size)))
            return builder.inttoptr(place, context.get_value_type(signature.return_type))

        return record(world, numba.types.int64), codegen

    found: Any = reader
    return found


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    found: Callable[..., Any] = numba.njit(error_model="numpy")(function) if COMPILED else function
    return found


step_of, serial_of, unit_of, leaving_of = (_reader(name) for name in ("step", "serial", "unit", "leaving"))
delivery_of, number_of, offset_of, draw_of = (_reader(name) for name in ("delivery", "listed", "offset", "draw"))
resource_of, joining_of, calling_of = (_reader(name) for name in ("resource", "joining", "calling"))
window_of, stand_of, distance_of, asset_of = (_reader(name) for name in ("window", "stand", "distance", "asset"))
process_of, event_of, row_of, hold_of = (_reader(name) for name in ("process", "event", "row", "hold"))
taking_of, note_of = (_reader(name) for name in ("taken", "note"))


@_compiled
def taken_of(w: Record, number: int) -> int:
    """Number within its pool of an asset that was taken."""
    return taking_of(w, number).asset


@_compiled
def listed_of(w: Record, number: int) -> int:
    return number_of(w, number).number


@_compiled
def drawn(w: Record, p: Record, slot: int) -> float:
    """The random number of one slot of a process's program."""
    return draw_of(w, offset_of(w, p.slots + slot).at + p.index).value


# ---- events -----------------------------------------------------------------------------------


@_compiled
def push(w: Record, hour: float, order: int, what: int) -> None:
    """Schedule on the heap: a process, or the look at a queue of resource ``-1 - what``."""
    place = w.event_count
    w.event_count += 1
    while place > 0:
        above = (place - 1) >> 1
        other = event_of(w, above)
        if other.hour < hour or (other.hour == hour and other.order < order):
            break
        own = event_of(w, place)
        own.hour, own.order, own.what = other.hour, other.order, other.what
        place = above
    own = event_of(w, place)
    own.hour, own.order, own.what = hour, order, what


@_compiled
def drop_first(w: Record) -> None:
    """Take the first event off the heap."""
    w.event_count -= 1
    count = w.event_count
    last = event_of(w, count)
    hour, order, what = last.hour, last.order, last.what
    place = 0
    while True:
        below = 2 * place + 1
        if below >= count:
            break
        other = event_of(w, below)
        if below + 1 < count:
            right = event_of(w, below + 1)
            if right.hour < other.hour or (right.hour == other.hour and right.order < other.order):
                below += 1
                other = right
        if hour < other.hour or (hour == other.hour and order < other.order):
            break
        own = event_of(w, place)
        own.hour, own.order, own.what = other.hour, other.order, other.what
        place = below
    own = event_of(w, place)
    own.hour, own.order, own.what = hour, order, what


@_compiled
def resume(w: Record, number: int) -> None:
    """A process goes on at this hour, after what is scheduled for it already."""
    process_of(w, number).next = -1
    if w.normal < 0:
        w.normal = number
    else:
        process_of(w, w.normal_last).next = number
    w.normal_last = number


@_compiled
def sleep(w: Record, number: int, delay: float) -> None:
    """A process goes on after a time."""
    hour = w.now + delay
    if hour == w.now:
        resume(w, number)
    else:
        w.number += 1
        push(w, hour, w.number, number)


@_compiled
def succeed(w: Record, number: int, value: int) -> None:
    """What a process waits for has come, with the number of a row."""
    process_of(w, number).granted = value
    resume(w, number)


@_compiled
def is_alone(w: Record) -> bool:
    """Whether nothing else happens at this hour."""
    return w.urgent < 0 and w.normal < 0 and (w.event_count == 0 or event_of(w, 0).hour > w.now)


@_compiled
def new_process(w: Record, what: int, serial: int, last: int) -> Record:
    """A process, not started yet."""
    number = w.process_count
    w.process_count += 1
    p = process_of(w, number)
    p.what, p.point, p.serial, p.last = what, NEXT, serial, last
    p.following, p.end, p.back_to, p.back_end, p.at, p.slots = 0, 0, -1, -1, 0, 0
    p.row, p.asset, p.hold, p.newest, p.batch, p.priority = -1, -1, -1, -1, 0, 0
    p.left, p.right, p.next, p.granted, p.taken, p.count, p.index = -1, -1, -1, -1, 0, 0, 0
    p.began_h, p.driven_h, p.ridden_h = w.now, 0.0, 0.0
    return p


@_compiled
def start(w: Record) -> None:
    """Start the process that was made last: it begins at once, after those that were started before it."""
    number = w.process_count - 1
    if w.urgent < 0:
        w.urgent = number
    else:
        process_of(w, w.urgent_last).next = number
    w.urgent_last = number


@_compiled
def start_journey(w: Record, serial: int, last: int, shift: int) -> None:
    """A serial sets out behind a row; `shift` is the number of the draws that earlier deliveries took."""
    s = serial_of(w, serial)
    p = new_process(w, JOURNEY, serial, last)
    p.following, p.end, p.slots, p.index, p.priority = s.first, s.end, s.slots, s.index + shift, s.priority
    start(w)


@_compiled
def end_process(w: Record, number: int, p: Record) -> None:
    p.point = OVER
    resume(w, number)


@_compiled
def add_row(w: Record, serial: int, kind: int, resource: int, asset: int, after: int) -> Record:
    """A movement that is requested now; the last of the table."""
    r = row_of(w, w.row_count)
    w.row_count += 1
    r.serial, r.kind, r.resource, r.asset, r.after, r.granted_by = serial, kind, resource, asset, after, -1
    r.requested, r.started, r.cleared, r.ended = w.now, np.nan, np.nan, np.nan
    return r


# ---- calendars: see `flanksim.engine.resources.Calendar` ----------------------------------------


@_compiled
def windows_begun(w: Record, place: Record, hour: float) -> int:
    """Number behind the last window of a resource that begins by an hour."""
    low, high = place.windows, place.windows_end
    while low < high:
        middle = (low + high) >> 1
        if hour < window_of(w, middle).start:
            high = middle
        else:
            low = middle + 1
    return low


@_compiled
def next_open(w: Record, place: Record, hour: float) -> float:
    number = windows_begun(w, place, hour + ULP_H) - 1
    if number >= place.windows and hour < window_of(w, number).end - ULP_H:
        return window_of(w, number).end
    return hour


@_compiled
def finish(w: Record, place: Record, begin: float, work: float) -> float:
    now = next_open(w, place, begin)
    number = windows_begun(w, place, now + ULP_H)
    while number < place.windows_end and now + work > window_of(w, number).start + ULP_H:
        work -= window_of(w, number).start - now
        now = window_of(w, number).end
        number += 1
    return now + work


@_compiled
def has_calendar(place: Record) -> bool:
    return place.windows < place.windows_end


@_compiled
def owner_of_reopening(w: Record, place: Record, granted_by: int) -> int:
    """The movement of the window that ends now, else `granted_by`."""
    if has_calendar(place):
        number = windows_begun(w, place, w.now) - 1
        if number >= place.windows and abs(window_of(w, number).end - w.now) < ULP_H:
            return window_of(w, number).owner
    return granted_by


# ---- queues: see `flanksim.engine.resources` ----------------------------------------------------


@_compiled
def is_before(a: Record, b: Record) -> bool:
    return a.priority < b.priority or (a.priority == b.priority and a.arrival < b.arrival)


@_compiled
def merged(w: Record, one: int, other: int) -> int:
    """First of two skew heaps of waiting processes made one."""
    if one < 0:
        return other
    if other < 0:
        return one
    if is_before(process_of(w, other), process_of(w, one)):
        one, other = other, one
    first = one
    while True:
        p = process_of(w, one)
        below = p.right
        p.right = p.left
        if below < 0:
            p.left = other
            return first
        if is_before(process_of(w, other), process_of(w, below)):
            p.left = other
            one, other = other, below
        else:
            p.left = below
            one = below


@_compiled
def wait_at(w: Record, resource: int, number: int) -> None:
    """A process joins a queue."""
    place, p = resource_of(w, resource), process_of(w, number)
    p.arrival, p.requested_h, p.left, p.right = place.arrivals, w.now, -1, -1
    place.arrivals += 1
    place.queue = merged(w, place.queue, number)
    look(w, resource)


@_compiled
def due_at(w: Record, resource: int, place: Record, hour: float) -> None:
    w.number += 1
    place.due, place.due_h = LATE + w.number, hour
    push(w, w.now + (hour - w.now), place.due, -1 - resource)


@_compiled
def look(w: Record, resource: int) -> None:
    """Look at the head of a queue when it may be served, at the earliest at the end of this hour's events."""
    place = resource_of(w, resource)
    if place.queue < 0:
        return
    hour = hour_of_head(w, place)
    if np.isnan(hour):
        return
    hour = max(hour, w.now)
    if place.due < 0 or hour < place.due_h:
        due_at(w, resource, place, hour)


@_compiled
def settle(w: Record, resource: int, order: int) -> None:
    """Serve whoever may be served now, unless another look took the place of this one."""
    place = resource_of(w, resource)
    if place.due != order:
        return
    place.due = -1
    while place.queue >= 0:
        hour = hour_of_head(w, place)
        if np.isnan(hour):
            return
        if hour > w.now + ULP_H:
            due_at(w, resource, place, hour)
            return
        number = place.queue
        p = process_of(w, number)
        place.queue = merged(w, p.left, p.right)
        serve_head(w, place, p)
        resume(w, number)


@_compiled
def hour_of_head(w: Record, place: Record) -> float:
    """Hour at which the head of a queue may be served; nan if only a release tells."""
    p = process_of(w, place.queue)
    if place.kind == GATE:
        hour = opens(place, p.direction)
        return next_open(w, place, max(hour, w.now)) if has_calendar(place) else hour
    if place.kind == SERVERS:
        return open_from(w, place) if place.free >= 1 else np.nan
    if place.kind == STORE:
        return w.now if p.amount <= place.room + ULP_H else np.nan
    return w.now if is_enough(place, p.amount) else np.nan


@_compiled
def serve_head(w: Record, place: Record, p: Record) -> None:
    """Give the head of a queue what it waits for, and the movement that freed it."""
    waited = w.now > p.requested_h
    if place.kind == GATE:
        p.granted = -1
        if waited:
            leaver = place.leaver_0 if p.direction else place.leaver_1
            p.granted = place.last if opens(place, p.direction) <= place.free_h else leaver
            p.granted = owner_of_reopening(w, place, p.granted)
        admit(w, place, p)
    elif place.kind == SERVERS:
        freed_by = occupy(w, place)
        p.granted = owner_of_reopening(w, place, freed_by) if waited else -1
    elif place.kind == STORE:
        place.room -= p.amount
        p.granted = place.freed_by if waited else -1
    else:
        pick(w, place, p)
        p.granted = place.freed_by if waited else -1


@_compiled
def opens(place: Record, direction: int) -> float:
    """Earliest hour at which a gate admits in a direction, closures left out."""
    if np.isnan(place.clearance):
        return place.free_h
    leaver, left = (place.leaver_0, place.left_0) if direction else (place.leaver_1, place.left_1)
    return place.free_h if leaver < 0 else max(place.free_h, left + place.clearance)


@_compiled
def admit(w: Record, place: Record, p: Record) -> None:
    occupied = p.amount
    place.free_h = finish(w, place, w.now, occupied) if has_calendar(place) else w.now + occupied
    place.last = p.row
    if not np.isnan(place.clearance):
        leaves = w.now + p.travel_h
        if p.direction:
            if leaves >= place.left_1:
                place.left_1, place.leaver_1 = leaves, p.row
        elif leaves >= place.left_0:
            place.left_0, place.leaver_0 = leaves, p.row
    p.cleared_h = place.free_h


@_compiled
def enters(w: Record, resource: int, number: int, p: Record) -> bool:
    """Ask a gate; whether it admits at once."""
    place = resource_of(w, resource)
    p.granted = -1
    if (
        place.queue < 0
        and opens(place, p.direction) <= w.now + ULP_H
        and is_alone(w)
        and (not has_calendar(place) or next_open(w, place, w.now) <= w.now + ULP_H)
    ):
        admit(w, place, p)
        return True
    wait_at(w, resource, number)
    return False


@_compiled
def open_from(w: Record, place: Record) -> float:
    return next_open(w, place, w.now) if has_calendar(place) else w.now


@_compiled
def occupy(w: Record, place: Record) -> int:
    """Take a server; the movement that freed it."""
    place.free -= 1
    if place.noted < 0:
        return -1
    number = place.noted
    note = note_of(w, number)
    place.noted = note.next
    note.next = w.spare
    w.spare = number
    return note.row


@_compiled
def gets_server(w: Record, resource: int, number: int, p: Record) -> bool:
    """Ask for a server; whether one is free at once."""
    place = resource_of(w, resource)
    p.granted = -1
    if place.free >= 1 and place.queue < 0 and is_alone(w) and open_from(w, place) <= w.now + ULP_H:
        occupy(w, place)
        return True
    wait_at(w, resource, number)
    return False


@_compiled
def release_server(w: Record, resource: int, row: int) -> None:
    """Give a server back."""
    place = resource_of(w, resource)
    place.free += 1
    number = w.spare
    if number >= 0:
        w.spare = note_of(w, number).next
    else:
        number = w.note_count
        w.note_count += 1
    note = note_of(w, number)
    note.row, note.next = row, -1
    if place.noted < 0:
        place.noted = number
    else:
        note_of(w, place.noted_last).next = number
    place.noted_last = number
    look(w, resource)


@_compiled
def gets_room(w: Record, resource: int, number: int, p: Record, amount: float) -> bool:
    """Ask for room in a store; whether there is some at once."""
    place = resource_of(w, resource)
    p.granted = -1
    p.amount = min(amount, place.capacity)
    if p.amount <= place.room + ULP_H and place.queue < 0 and is_alone(w):
        place.room -= p.amount
        return True
    wait_at(w, resource, number)
    return False


@_compiled
def give_room(w: Record, resource: int, amount: float, row: int) -> None:
    place = resource_of(w, resource)
    place.room += min(amount, place.capacity)
    place.freed_by = row
    look(w, resource)


@_compiled
def is_enough(place: Record, pieces: float) -> bool:
    return place.idle >= pieces - ULP_H and place.idle > ULP_H


@_compiled
def gets_lift(w: Record, resource: int, number: int, p: Record) -> bool:
    """Ask a pool for lift; whether it has some at once."""
    place = resource_of(w, resource)
    p.granted = -1
    if place.queue < 0 and is_alone(w) and is_enough(place, p.amount):
        pick(w, place, p)
        return True
    wait_at(w, resource, number)
    return False


@_compiled
def pick(w: Record, pool: Record, p: Record) -> None:
    """Idle assets for a process, each from the nearest place, there the one that is idle longest."""
    p.taken, p.count = w.taken_count, 0
    room = 0.0
    while p.count == 0 or room < p.amount - ULP_H:
        near, least = -1, 0.0
        for here in range(pool.stands, pool.stands_end):
            stand = stand_of(w, here)
            if stand.first >= 0:
                km = distance_of(w, stand.km + p.place).km
                if near < 0 or km < least:
                    near, least = here, km
        if near < 0:  # capacities that sum to a trifle: nobody is idle any more
            w.failed = 1
            return
        stand = stand_of(w, near)
        number = stand.first
        take_out(w, pool, number)
        taking_of(w, w.taken_count).asset = number - pool.assets
        w.taken_count += 1
        p.count += 1
        room += asset_of(w, number).capacity
        pool.idle -= asset_of(w, number).capacity


@_compiled
def take_out(w: Record, pool: Record, number: int) -> None:
    """Take an idle asset out of those of its place."""
    asset = asset_of(w, number)
    stand = stand_of(w, pool.stands + asset.place)
    if asset.before < 0:
        stand.first = asset.after
    else:
        asset_of(w, asset.before).after = asset.after
    if asset.after < 0:
        stand.last = asset.before
    else:
        asset_of(w, asset.after).before = asset.before
    asset.idle, asset.before, asset.after = 0, -1, -1


@_compiled
def add_asset(w: Record, resource: int, number: int, row: int) -> None:
    """An asset is free where it stands, or goes to the workshop if that waits for it."""
    pool, asset = resource_of(w, resource), asset_of(w, number)
    if asset.wanted >= 0:
        wanted = asset.wanted
        asset.wanted = -1
        succeed(w, wanted, row)
        return
    stand = stand_of(w, pool.stands + asset.place)
    asset.idle, asset.before, asset.after = 1, stand.last, -1
    if stand.last < 0:
        stand.first = number
    else:
        asset_of(w, stand.last).after = number
    stand.last = number
    pool.idle += asset.capacity
    pool.freed_by = row
    look(w, resource)


# ---- crews: see `flanksim.planning.driving.Crew`, a process or a hold is one ---------------------


@_compiled
def rest_before(crew: Record, hours: float, limit: float) -> float:
    if limit <= 0.0:
        crew.ridden_h += hours
        return 0.0
    rest = DAY_H - limit
    if crew.ridden_h >= rest - DRIVING_TOLERANCE_H:
        crew.driven_h = 0.0
    crew.ridden_h = 0.0
    if hours <= DRIVING_TOLERANCE_H or crew.driven_h < limit - DRIVING_TOLERANCE_H:
        return 0.0
    crew.driven_h = 0.0
    return rest


@_compiled
def rest_within(crew: Record, hours: float, limit: float) -> float:
    if limit <= 0.0 or limit >= DAY_H:
        return 0.0
    rests = 0
    crew.driven_h += hours
    while crew.driven_h > limit + DRIVING_TOLERANCE_H:
        crew.driven_h -= limit
        rests += 1
    return rests * (DAY_H - limit)


# ---- a serial's journey -------------------------------------------------------------------------


@_compiled
def next_step(w: Record, p: Record) -> bool:
    """Whether there is another step, or one behind a way round; it is ``p.at``."""
    while p.following == p.end:
        if p.back_to < 0:
            return False
        p.following, p.end, p.back_to = p.back_to, p.back_end, -1
    p.at = p.following
    p.following += 1
    return True


@_compiled
def go_round(p: Record, st: Record) -> None:
    """The next steps are those of a way round."""
    p.back_to, p.back_end = min(p.following + st.skip, p.end), p.end
    p.following, p.end = st.first, st.end


@_compiled
def goes_round(w: Record, st: Record) -> bool:
    """Whether a detour is worth it now."""
    if st.frees >= 0:
        server = resource_of(w, st.frees)
        if server.free < 1 or server.queue >= 0:
            return True
    gate = resource_of(w, st.at)
    if not has_calendar(gate) or w.now + st.held_h >= next_open(w, gate, w.now) + st.hours:
        return False
    for number in range(st.first, st.end):
        other = step_of(w, number)
        if other.op == DRIVE:
            place = resource_of(w, other.at)
            if has_calendar(place) and next_open(w, place, w.now) > w.now:
                return False
    return True


@_compiled
def pause(w: Record, number: int, p: Record, kind: int, asset: int, hours: float, then: int) -> None:
    """Time passes without using anything; then the process goes on at `then`."""
    r = add_row(w, p.serial, kind, -1, asset, p.last)
    r.started = r.cleared = w.now
    p.last = p.row = w.row_count - 1
    p.point, p.then = PAUSED, then
    sleep(w, number, hours)


@_compiled
def sets_out(w: Record, number: int, p: Record, kind: int) -> bool:
    """Ask the gate of the link at hand; whether the process is admitted at once."""
    st = step_of(w, p.at)
    r = add_row(w, p.serial, kind, st.at, p.asset, p.last)
    p.row = w.row_count - 1
    p.point = ADMITTED
    if st.at < 0:
        p.granted, p.cleared_h = -1, r.requested
        return True
    p.direction, p.amount, p.travel_h = st.place, st.held_h, p.hours
    return enters(w, st.at, number, p)


@_compiled
def first_of(w: Record, hold: int) -> int:
    """First asset of those that were taken together, -1 without."""
    return taken_of(w, hold_of(w, hold).first) if hold >= 0 else -1


@_compiled
def stows(w: Record, number: int, p: Record, store: int, amount: float, then: int) -> bool:
    """Room in a store, a row only if it has to be waited for; whether there is some at once."""
    p.point = then
    if gets_room(w, store, number, p, amount):
        return True
    add_row(w, p.serial, STORAGE, store - w.first_store, p.asset, p.last)
    p.row = w.row_count - 1
    p.point, p.then = STOWED, then
    return False


@_compiled
def granted(w: Record, p: Record) -> Record:
    """Its row says who freed what it waited for."""
    r = row_of(w, p.row)
    r.granted_by = p.granted
    return r


@_compiled
def granted_and_over(w: Record, p: Record) -> None:
    """Its row was a wait and nothing else."""
    r = granted(w, p)
    r.started = r.cleared = r.ended = w.now
    p.last = p.row


@_compiled
def journey(w: Record, number: int, p: Record) -> None:
    """One serial walks its program, as far as it can at this hour."""
    s = serial_of(w, p.serial)
    while True:
        point = p.point
        if point == NEXT:
            if not next_step(w, p):
                if s.stage == 9:
                    close_unit(w, s.unit, p.last)
                else:
                    arrive(w, s, p.last)
                end_process(w, number, p)
                return
            if begins(w, number, p, s):
                return
        elif point == ADMITTED:
            r = granted(w, p)
            r.started, r.cleared = w.now, p.cleared_h
            p.point = ARRIVED
            sleep(w, number, p.hours + step_of(w, p.at).tail_h)
            return
        elif point == ARRIVED:
            row_of(w, p.row).ended = w.now
            p.last, p.point = p.row, NEXT
            st = step_of(w, p.at)
            if st.op == DRIVE:
                if p.newest >= 0:
                    rest = rest_within(hold_of(w, p.newest), p.hours, st.limit_h)
                else:
                    rest = rest_within(p, p.hours, st.limit_h)
                if rest > 0:
                    pause(w, number, p, REST, -1, rest, NEXT)
                    return
        elif point == SET_OUT:
            if not sets_out(w, number, p, TRAVEL):
                return
        elif point == PAUSED:
            r = row_of(w, p.row)
            r.cleared = r.ended = w.now
            p.point = p.then
        elif point == STOWED:
            granted_and_over(w, p)
            p.point = p.then
        elif point == SERVING or point == SERVED or point == LEFT:
            if serves(w, number, p, s):
                return
        elif point == BERTHED or point == BATCH or point == UNLOADING or point == UNLOADED:
            if discharges(w, number, p, s):
                return
        elif point == TAKEN or point == COME:
            if comes(w, number, p):
                return
        else:  # LOADED
            granted_and_over(w, p)
            p.point = NEXT


@_compiled
def begins(w: Record, number: int, p: Record, s: Record) -> bool:
    """The step at hand; whether the process has to wait."""
    st = step_of(w, p.at)
    op = st.op
    if op == RIDE or op == DRIVE:
        return drives(w, number, p, st)
    if op == SERVE:
        p.asset = first_of(w, p.newest)
        add_row(w, p.serial, st.kind, st.at - w.first_server if st.at >= 0 else -1, p.asset, p.last)
        p.row, p.granted, p.point = w.row_count - 1, -1, SERVING
        return st.at >= 0 and not gets_server(w, st.at, number, p)
    if op == TAKE:
        r = add_row(w, p.serial, LIFT, st.at - w.first_pool, -1, p.last)
        p.row, p.point = w.row_count - 1, TAKEN
        if s.called:
            s.called_row = p.row
            r.after = s.completed
        p.amount, p.place = st.hours, st.place
        return not gets_lift(w, st.at, number, p)
    if op == AWAIT:
        if s.waits_for > 0:
            add_row(w, p.serial, SHIP_LOAD, -1, first_of(w, p.newest), p.last)
            p.row, p.point = w.row_count - 1, LOADED
            s.off_berth = number
            return True
    elif op == DROP:
        h = hold_of(w, p.hold)
        h.dropped = p.last
        back = new_process(w, WAY_BACK, p.serial, p.last)
        back.hold, back.priority, back.asset = p.hold, p.priority, first_of(w, p.hold)
        back.following, back.end, back.slots = st.first, st.end, st.draw
        start(w)
        p.hold = h.next
        if p.hold < 0:
            p.newest = -1
    elif op == DETOUR:
        if goes_round(w, st):
            go_round(p, st)
    elif op == FREE:
        give_room(w, st.at, s.quantity, p.last)
    elif op == DISCHARGE:
        p.asset = first_of(w, p.newest)
        p.batch, p.point = s.feeds, BATCH
        if st.at >= 0 and not gets_server(w, st.at, number, p):
            add_row(w, p.serial, BERTH, st.at - w.first_server, p.asset, p.last)
            p.last = p.row = w.row_count - 1
            p.point = BERTHED
            return True
    elif op == STAY:
        pause(w, number, p, st.kind, -1, max(0.0, p.began_h + drawn(w, p, st.draw) * st.hours - w.now), NEXT)
        return True
    else:
        hours = drawn(w, p, st.draw)
        if hours > 0:
            pause(w, number, p, st.kind, -1, hours, NEXT)
            return True
    return False


@_compiled
def drives(w: Record, number: int, p: Record, st: Record) -> bool:
    """One link, with the rest that its crew needs before it; whether the process has to wait."""
    hours = st.hours * drawn(w, p, st.draw)
    p.hours = hours
    p.asset = first_of(w, p.newest)
    rest = 0.0
    if p.newest >= 0:
        h = hold_of(w, p.newest)
        h.worked_h += hours
        p.ridden_h += hours
        if st.op == DRIVE:
            rest = rest_before(h, hours, st.limit_h)
    elif st.op == DRIVE:
        rest = rest_before(p, hours, st.limit_h)
    else:
        p.ridden_h += hours
    if rest > 0:
        pause(w, number, p, REST, -1, rest, SET_OUT)
        return True
    return not sets_out(w, number, p, TRAVEL)


@_compiled
def serves(w: Record, number: int, p: Record, s: Record) -> bool:
    """Handling at a facility from the grant on; whether the process has to wait."""
    st = step_of(w, p.at)
    if p.point == SERVING:
        r = granted(w, p)
        hours = drawn(w, p, st.draw) * st.hours
        begin, end = w.now, w.now + hours
        if st.at >= 0:
            place = resource_of(w, st.at)
            if has_calendar(place):
                begin = next_open(w, place, w.now)
                end = finish(w, place, begin, hours)
        r.started = begin
        p.point = SERVED
        if end > w.now:
            sleep(w, number, end - w.now)
            return True
        return False
    if p.point == SERVED:
        r = row_of(w, p.row)
        r.cleared = r.ended = w.now
        p.last, p.point = p.row, LEFT
        if st.frees >= 0:
            give_room(w, st.frees, s.quantity, p.row)
        return st.fills >= 0 and not stows(w, number, p, st.fills, s.quantity, LEFT)
    if st.at >= 0:
        release_server(w, st.at, p.last)
    p.point = NEXT
    return False


@_compiled
def discharges(w: Record, number: int, p: Record, s: Record) -> bool:
    """A ship at its berth, batch by batch; whether the process has to wait."""
    st = step_of(w, p.at)
    if p.point == BERTHED:
        granted_and_over(w, p)
        p.point = BATCH
    elif p.point == BATCH:
        if p.batch == s.feeds_end:
            if st.at >= 0:
                release_server(w, st.at, p.last)
            p.point = NEXT
            return False
        p.point = UNLOADING
        if st.fills >= 0:
            return not stows(w, number, p, st.fills, serial_of(w, listed_of(w, p.batch)).quantity, UNLOADING)
    elif p.point == UNLOADING:
        r = add_row(w, p.serial, UNLOAD, st.at - w.first_server if st.at >= 0 else -1, p.asset, p.last)
        r.started = w.now
        p.row, p.point = w.row_count - 1, UNLOADED
        hours = serial_of(w, listed_of(w, p.batch)).quantity * st.hours * drawn(w, p, st.draw)
        if st.at >= 0 and has_calendar(resource_of(w, st.at)):
            hours = finish(w, resource_of(w, st.at), w.now, hours) - w.now
        if hours > 0:
            sleep(w, number, hours)
            return True
    else:
        r = row_of(w, p.row)
        r.cleared = r.ended = w.now
        p.last, p.point = p.row, BATCH
        start_journey(w, listed_of(w, p.batch), p.row, 0)
        p.batch += 1
    return False


@_compiled
def comes(w: Record, number: int, p: Record) -> bool:
    """Lift that was taken comes empty from where it stands; whether the process has to wait."""
    st = step_of(w, p.at)
    pool = resource_of(w, st.at)
    if p.point == TAKEN:
        r = granted(w, p)
        r.asset, r.started = taken_of(w, p.taken), w.now
        h = hold_of(w, w.hold_count)
        h.pool, h.first, h.count, h.taken, h.place = st.at, p.taken, p.count, p.row, st.place
        h.dropped, h.freed, h.next, h.worked_h, h.driven_h, h.ridden_h = -1, -1, -1, 0.0, 0.0, 0.0
        if p.newest < 0:
            p.hold = w.hold_count
        else:
            hold_of(w, p.newest).next = w.hold_count
        p.newest = w.hold_count
        w.hold_count += 1
        longest = -1.0
        for taken in range(p.taken, p.taken + p.count):
            asset = asset_of(w, pool.assets + taken_of(w, taken))
            stand = stand_of(w, pool.stands + asset.place)
            longest = max(longest, distance_of(w, stand.km + st.place).km / asset.speed)
        p.point = COME
        if longest > 0:
            sleep(w, number, longest)
            return True
        return False
    for taken in range(p.taken, p.taken + p.count):
        asset = asset_of(w, pool.assets + taken_of(w, taken))
        asset.place, asset.ready_h = st.place, w.now
    r = row_of(w, p.row)
    r.cleared = r.ended = w.now
    p.last, p.point = p.row, NEXT
    return False


@_compiled
def way_back(w: Record, number: int, p: Record) -> None:
    """Empty assets return, with rests and within their daily hours, and are free again."""
    h = hold_of(w, p.hold)
    while True:
        point = p.point
        if point == NEXT:
            if not next_step(w, p):
                p.point = RESTED
                day = DAY_H
                pool = resource_of(w, h.pool)
                for taken in range(h.first, h.first + h.count):
                    day = min(day, asset_of(w, pool.assets + taken_of(w, taken)).day_h)
                if day < DAY_H:
                    ready = asset_of(w, pool.assets + p.asset).ready_h
                    rest = ready + h.worked_h * DAY_H / day - w.now
                    if rest > 0:
                        pause(w, number, p, REST, p.asset, rest, RESTED)
                        return
                continue
            st = step_of(w, p.at)
            if st.op == DETOUR:
                if goes_round(w, st):
                    go_round(p, st)
            elif st.op == RIDE or st.op == DRIVE:
                p.hours = st.hours * drawn(w, p, st.draw)
                h.worked_h += p.hours
                p.point = SET_OUT
                rest = rest_before(h, p.hours, st.limit_h) if st.limit_h > 0 else 0.0
                if rest > 0:
                    pause(w, number, p, REST, p.asset, rest, SET_OUT)
                    return
        elif point == SET_OUT:
            if not sets_out(w, number, p, EMPTY_RUN):
                return
        elif point == ADMITTED:
            r = granted(w, p)
            r.started, r.cleared = w.now, p.cleared_h
            p.point = ARRIVED
            sleep(w, number, p.hours + step_of(w, p.at).tail_h)
            return
        elif point == ARRIVED:
            row_of(w, p.row).ended = w.now
            p.last, p.point = p.row, NEXT
            limit = step_of(w, p.at).limit_h
            rest = rest_within(h, p.hours, limit) if limit > 0 else 0.0
            if rest > 0:
                pause(w, number, p, REST, p.asset, rest, NEXT)
                return
        elif point == PAUSED:
            r = row_of(w, p.row)
            r.cleared = r.ended = w.now
            p.point = p.then
        else:  # RESTED
            h.freed = p.last
            pool = resource_of(w, h.pool)
            for taken in range(h.first, h.first + h.count):
                add_asset(w, h.pool, pool.assets + taken_of(w, taken), p.last)
            end_process(w, number, p)
            return


# ---- units ----------------------------------------------------------------------------------------


@_compiled
def arrive(w: Record, s: Record, last: int) -> None:
    """A serial is through its program."""
    if s.stage == 0:
        for listed in range(s.feeds, s.feeds_end):
            follower = listed_of(w, listed)
            ship = serial_of(w, follower)
            ship.waits_for -= 1
            if ship.waits_for == 0:
                complete(w, follower, ship, last)
    if not s.final:
        return
    u = unit_of(w, s.unit)
    if s.troops:
        u.troops_left -= s.quantity
        if u.troops_left <= 0:
            u.troops_h = w.now
    else:
        u.vehicles_in += s.quantity
    marry_up(w, s.unit, last)


@_compiled
def complete(w: Record, number: int, ship: Record, last: int) -> None:
    """All that a ship is to carry stands on the quay."""
    ship.complete_h = w.now
    if not ship.called:
        start_journey(w, number, last, 0)
        return
    ship.completed = last
    if ship.called_row >= 0:
        row_of(w, ship.called_row).after = last
    if ship.off_berth >= 0:
        waiting = ship.off_berth
        ship.off_berth = -1
        succeed(w, waiting, last)


@_compiled
def marry_up(w: Record, unit: int, last: int) -> None:
    """Integration begins when all troops and the required vehicles are there."""
    u = unit_of(w, unit)
    if u.closing_now or u.troops_left > 0 or u.vehicles_in < u.needed:
        return
    u.closing_now = 1
    start_journey(w, u.closing, last, 0)


@_compiled
def close_unit(w: Record, unit: int, last: int) -> None:
    """A unit is closed; from now on it must be supplied."""
    u = unit_of(w, unit)
    u.closed_h = w.now
    w.still_open -= 1
    if u.supply:
        new_process(w, SUPPLY, unit, last)
        start(w)


@_compiled
def release_unit(w: Record, number: int, p: Record) -> None:
    """A unit becomes ready, then its serials start, each when it may."""
    u = unit_of(w, p.serial)
    while True:
        point = p.point
        if point == NEXT:
            p.point = IS_READY
            if u.ready_h > 0:
                r = add_row(w, u.closing, READY, -1, -1, -1)
                r.requested = r.started = 0.0
                r.cleared = r.ended = u.ready_h
                p.last = w.row_count - 1
                sleep(w, number, u.ready_h)
                return
        elif point == IS_READY:
            if u.first == u.end:
                marry_up(w, p.serial, p.last)
                end_process(w, number, p)
                return
            p.following, p.point = u.first, GROUP
        elif point == GROUP:
            if p.following == u.end:
                end_process(w, number, p)
                return
            hour = leaving_of(w, p.following).hour
            p.end = p.following + 1
            while p.end < u.end and leaving_of(w, p.end).hour == hour:
                p.end += 1
            p.point, p.batch = LEAVES, p.following
            if hour > u.ready_h:
                asked = min(max(u.ready_h, w.now), hour)
                r = add_row(w, u.closing, PERMISSION, -1, -1, p.last)
                r.requested = r.started = asked
                r.cleared = r.ended = hour
                p.last = w.row_count - 1
                sleep(w, number, hour - asked)
                return
        elif point == LEAVES:
            if u.at_intervals:
                if p.following == p.end:
                    p.point = GROUP
                    continue
                gaps = leaving_of(w, p.batch).gaps
                p.point = FOLLOWER
                sleep(w, number, draw_of(w, gaps + (p.following - p.batch)).value)
                return
            for following in range(p.following, p.end):
                start_journey(w, leaving_of(w, following).serial, p.last, 0)
            p.following, p.point = p.end, GROUP
        else:  # FOLLOWER
            start_journey(w, leaving_of(w, p.following).serial, p.last, 0)
            p.following += 1
            p.point = LEAVES


@_compiled
def supply_unit(w: Record, number: int, p: Record) -> None:
    """Deliveries to a closed unit, by its ways in turn, until the whole force is closed."""
    u = unit_of(w, p.serial)
    if p.point == NEXT:
        p.point = DELIVERS
        sleep(w, number, u.first_h)
        return
    if w.still_open == 0:
        end_process(w, number, p)
        return
    d = delivery_of(w, u.rounds + p.batch % (u.rounds_end - u.rounds))
    lots = d.end - d.first
    for listed in range(d.first, d.end):
        serial = listed_of(w, listed)
        if p.batch * lots + serial_of(w, serial).index >= d.draws:
            w.failed = 1
        start_journey(w, serial, p.last, p.batch * lots)
    p.batch += 1
    sleep(w, number, u.interval_h)


# ---- lift -----------------------------------------------------------------------------------------


@_compiled
def add_assets(w: Record, resource: int, first: int, end: int) -> None:
    """Assets of a pool become available together; each may fail from then on."""
    for listed in range(first, end):
        asset = listed_of(w, listed)
        add_asset(w, resource, asset, -1)
        if asset_of(w, asset).workshop >= 0 and w.chance:
            p = new_process(w, WEAR, asset, -1)
            p.hold = resource
            start(w)


@_compiled
def wear(w: Record, number: int, p: Record) -> None:
    """One asset fails after a time, is taken out when it is next free, waits for a fitter, and is repaired."""
    asset = asset_of(w, p.serial)
    pool = resource_of(w, p.hold)
    while True:
        point = p.point
        if point == NEXT:
            if p.batch == asset.failures:
                end_process(w, number, p)
                return
            p.point = FAILED
            sleep(w, number, draw_of(w, asset.lives + p.batch).value)
            return
        if point == FAILED:
            p.point, p.granted = WITHDRAWN, -1
            if not asset.idle:
                asset.wanted = number
                return
            take_out(w, pool, p.serial)
            pool.idle -= asset.capacity
        elif point == WITHDRAWN:
            add_row(w, -1, BREAKDOWN, p.hold - w.first_pool, p.serial - pool.assets, p.granted)
            p.row, p.point = w.row_count - 1, FITTED
            if not gets_server(w, asset.workshop, number, p):
                return
        elif point == FITTED:
            granted(w, p).started = w.now
            p.point = REPAIRED
            sleep(w, number, draw_of(w, asset.repairs + p.batch).value)
            return
        else:  # REPAIRED
            r = row_of(w, p.row)
            r.cleared = r.ended = w.now
            release_server(w, asset.workshop, p.row)
            add_asset(w, p.hold, p.serial, p.row)
            p.batch += 1
            p.point = NEXT


# ---- the run ----------------------------------------------------------------------------------------


@_compiled
def advance(w: Record, number: int) -> None:
    """A process goes on."""
    p = process_of(w, number)
    if p.point == OVER:
        return
    if p.what == JOURNEY:
        journey(w, number, p)
    elif p.what == WAY_BACK:
        way_back(w, number, p)
    elif p.what == RELEASE:
        release_unit(w, number, p)
    elif p.what == SUPPLY:
        supply_unit(w, number, p)
    elif p.what == WEAR:
        wear(w, number, p)
    elif p.what == JOIN:
        if p.point == NEXT:
            p.point = COME
            sleep(w, number, p.hours)
        else:
            add_assets(w, p.serial, p.following, p.end)
            end_process(w, number, p)
    else:
        ship = serial_of(w, p.serial)
        if ship.waits_for > 0:
            ship.called = 1
            start_journey(w, p.serial, -1, 0)


@_compiled
def begin(w: Record) -> None:
    """What is there at the first hour, and what is scheduled then, in the order of the reference."""
    for number in range(w.joinings):
        group = joining_of(w, number)
        if group.hour <= 0:
            add_assets(w, group.pool, group.first, group.end)
        else:
            p = new_process(w, JOIN, group.pool, -1)
            p.following, p.end, p.hours = group.first, group.end, group.hour
            start(w)
    for unit in range(w.units):
        new_process(w, RELEASE, unit, -1)
        start(w)
    for number in range(w.callings):
        call = calling_of(w, number)
        new_process(w, CALL, call.ship, -1)
        sleep(w, w.process_count - 1, call.hour)


@_compiled
def is_full(w: Record) -> bool:
    """Whether a table may be too small for another event."""
    margin = w.margin
    return (
        w.row_count + margin > w.row_room
        or w.process_count + margin > w.process_room
        or w.event_count + margin > w.event_room
        or w.hold_count + margin > w.hold_room
        or w.taken_count + margin > w.taken_room
        or w.note_count + margin > w.note_room
    )


def _play(world: Any) -> bool:
    """Go on until the horizon, or until a table is full; whether the horizon was reached."""
    w = world[0]
    if not w.begun:
        w.begun = 1
        begin(w)
    hour, order, what = 0.0, 0, 0
    while not (is_full(w) or w.failed):
        if w.urgent >= 0:
            number = w.urgent
            p = process_of(w, number)
            w.urgent = p.next
            advance(w, number)
            continue
        has_event = w.event_count > 0
        if has_event:
            first = event_of(w, 0)
            hour, order, what = first.hour, first.order, first.what
            has_event = hour == w.now and order < LATE
        if not has_event and w.normal >= 0:
            number = w.normal
            p = process_of(w, number)
            w.normal = p.next
            advance(w, number)
            continue
        if w.event_count == 0 or hour >= w.until:
            return True
        drop_first(w)
        w.now = hour
        if what >= 0:
            advance(w, what)
        else:
            settle(w, -1 - what, order)
    return False


play = numba.njit(error_model="numpy", cache=True)(_play) if COMPILED else _play


# ---- random numbers -----------------------------------------------------------------------------------


def _fill_uniforms(keys: Any, blocks: Any, values: Any) -> None:
    """Philox-4x64-10, as numpy's: of each key so many blocks of four numbers in [0, 1), one behind the other.

    See Salmon and others (2011); `flanksim.engine.streams.uniforms` gives the same numbers.
    """
    low = np.uint64(0xFFFFFFFF)
    half, eleven = np.uint64(32), np.uint64(11)
    one, two = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
    at = 0
    for number in range(len(keys)):
        for block in range(blocks[number]):
            a, b, c, d = np.uint64(block + 1), np.uint64(0), np.uint64(0), np.uint64(0)
            key_0, key_1 = keys[number, 0], keys[number, 1]
            for _ in range(10):
                high_a = _high_product(one, a, low, half)
                high_c = _high_product(two, c, low, half)
                a, b, c, d = high_c ^ b ^ key_0, two * c, high_a ^ d ^ key_1, one * a
                key_0 += np.uint64(0x9E3779B97F4A7C15)
                key_1 += np.uint64(0xBB67AE8584CAA73B)
            values[at] = (a >> eleven) * (1.0 / 9007199254740992.0)
            values[at + 1] = (b >> eleven) * (1.0 / 9007199254740992.0)
            values[at + 2] = (c >> eleven) * (1.0 / 9007199254740992.0)
            values[at + 3] = (d >> eleven) * (1.0 / 9007199254740992.0)
            at += 4


@_compiled
def _high_product(one: Any, other: Any, low: Any, half: Any) -> Any:
    """Upper 64 bits of a product of 64-bit numbers."""
    one_low, one_high, other_low, other_high = one & low, one >> half, other & low, other >> half
    middle = one_high * other_low + ((one_low * other_low) >> half)
    other_middle = one_low * other_high + (middle & low)
    return one_high * other_high + (middle >> half) + (other_middle >> half)


def _uniforms_of_numpy(keys: Any, blocks: Any, values: Any) -> None:
    end = 0
    for key, count in zip(keys, blocks, strict=True):
        values[end : end + 4 * count] = np.random.Generator(np.random.Philox(key=key)).random(4 * count)
        end += 4 * count


fill_uniforms = numba.njit(error_model="numpy", cache=True)(_fill_uniforms) if COMPILED else _uniforms_of_numpy


def prepare() -> None:
    """Compile, or load what was compiled before."""
    world = np.zeros(1, dtype=WORLD)
    for name in ("urgent", "normal", "spare"):
        world[name] = -1
    play(world)
    keys = np.frombuffer(b"", dtype=np.uint64).reshape(-1, 2)
    fill_uniforms(keys, np.zeros(0, dtype=np.int64), np.zeros(0))
