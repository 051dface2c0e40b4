"""Events, calendars and queues of the compiled twin: see `flanksim.engine.compiled_records` for records and order."""

from __future__ import annotations

import numpy as np

from flanksim.engine.compiled_records import (
    CHOOSES,
    GATE,
    JOURNEY,
    LATE,
    NEXT,
    OVER,
    SERVERS,
    STORE,
    ULP_H,
    Record,
    asset_of,
    distance_of,
    event_of,
    jitted,
    note_of,
    process_of,
    resource_of,
    row_of,
    serial_of,
    stand_of,
    taking_of,
    window_of,
)

# ---- events -----------------------------------------------------------------------------------


@jitted
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


@jitted
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


@jitted
def resume(w: Record, number: int) -> None:
    """A process goes on at this hour, after what is scheduled for it already."""
    process_of(w, number).next = -1
    if w.normal < 0:
        w.normal = number
    else:
        process_of(w, w.normal_last).next = number
    w.normal_last = number


@jitted
def sleep(w: Record, number: int, delay: float) -> None:
    """A process goes on after a time."""
    hour = w.now + delay
    if hour == w.now:
        resume(w, number)
    else:
        w.number += 1
        push(w, hour, w.number, number)


@jitted
def succeed(w: Record, number: int, value: int) -> None:
    """What a process waits for has come, with the number of a row."""
    process_of(w, number).granted = value
    resume(w, number)


@jitted
def is_alone(w: Record) -> bool:
    """Whether nothing else happens at this hour."""
    return w.urgent < 0 and w.normal < 0 and (w.event_count == 0 or event_of(w, 0).hour > w.now)


@jitted
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


@jitted
def start(w: Record) -> None:
    """Start the process that was made last: it begins at once, after those that were started before it."""
    number = w.process_count - 1
    if w.urgent < 0:
        w.urgent = number
    else:
        process_of(w, w.urgent_last).next = number
    w.urgent_last = number


@jitted
def start_journey(w: Record, serial: int, last: int, shift: int) -> None:
    """A serial sets out behind a row; `shift` is the number of the draws that earlier deliveries took."""
    s = serial_of(w, serial)
    p = new_process(w, JOURNEY, serial, last)
    p.following, p.end, p.slots, p.index, p.priority = s.first, s.end, s.slots, s.index + shift, s.priority
    if w.choosing:
        p.point = CHOOSES
    start(w)


@jitted
def end_process(w: Record, number: int, p: Record) -> None:
    p.point = OVER
    resume(w, number)


@jitted
def add_row(w: Record, serial: int, kind: int, resource: int, asset: int, after: int) -> Record:
    """A movement that is requested now; the last of the table."""
    r = row_of(w, w.row_count)
    w.row_count += 1
    r.serial, r.kind, r.resource, r.asset, r.after, r.granted_by = serial, kind, resource, asset, after, -1
    r.requested, r.started, r.cleared, r.ended = w.now, np.nan, np.nan, np.nan
    return r


@jitted
def granted(w: Record, p: Record) -> Record:
    """Its row says who freed what it waited for."""
    r = row_of(w, p.row)
    r.granted_by = p.granted
    return r


# ---- calendars: see `flanksim.engine.resources.Calendar` ----------------------------------------


@jitted
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


@jitted
def next_open(w: Record, place: Record, hour: float) -> float:
    number = windows_begun(w, place, hour + ULP_H) - 1
    if number >= place.windows and hour < window_of(w, number).end - ULP_H:
        return window_of(w, number).end
    return hour


@jitted
def finish(w: Record, place: Record, begin: float, work: float) -> float:
    now = next_open(w, place, begin)
    number = windows_begun(w, place, now + ULP_H)
    while number < place.windows_end and now + work > window_of(w, number).start + ULP_H:
        work -= window_of(w, number).start - now
        now = window_of(w, number).end
        number += 1
    return now + work


@jitted
def has_calendar(place: Record) -> bool:
    return place.windows < place.windows_end


@jitted
def owner_of_reopening(w: Record, place: Record, granted_by: int) -> int:
    """The movement of the window that ends now, else `granted_by`."""
    if has_calendar(place):
        number = windows_begun(w, place, w.now) - 1
        if number >= place.windows and abs(window_of(w, number).end - w.now) < ULP_H:
            return window_of(w, number).owner
    return granted_by


# ---- queues: see `flanksim.engine.resources` ----------------------------------------------------


@jitted
def is_before(a: Record, b: Record) -> bool:
    return a.priority < b.priority or (a.priority == b.priority and a.arrival < b.arrival)


@jitted
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


@jitted
def wait_at(w: Record, resource: int, number: int) -> None:
    """A process joins a queue."""
    place, p = resource_of(w, resource), process_of(w, number)
    p.arrival, p.requested_h, p.left, p.right = place.arrivals, w.now, -1, -1
    place.arrivals += 1
    place.queue = merged(w, place.queue, number)
    look(w, resource)


@jitted
def due_at(w: Record, resource: int, place: Record, hour: float) -> None:
    w.number += 1
    place.due, place.due_h = LATE + w.number, hour
    push(w, w.now + (hour - w.now), place.due, -1 - resource)


@jitted
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


@jitted
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


@jitted
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


@jitted
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


@jitted
def opens(place: Record, direction: int) -> float:
    """Earliest hour at which a gate admits in a direction, closures left out."""
    if np.isnan(place.clearance):
        return place.free_h
    leaver, left = (place.leaver_0, place.left_0) if direction else (place.leaver_1, place.left_1)
    return place.free_h if leaver < 0 else max(place.free_h, left + place.clearance)


@jitted
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


@jitted
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


@jitted
def open_from(w: Record, place: Record) -> float:
    return next_open(w, place, w.now) if has_calendar(place) else w.now


@jitted
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


@jitted
def gets_server(w: Record, resource: int, number: int, p: Record) -> bool:
    """Ask for a server; whether one is free at once."""
    place = resource_of(w, resource)
    p.granted = -1
    if place.free >= 1 and place.queue < 0 and is_alone(w) and open_from(w, place) <= w.now + ULP_H:
        occupy(w, place)
        return True
    wait_at(w, resource, number)
    return False


@jitted
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


@jitted
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


@jitted
def give_room(w: Record, resource: int, amount: float, row: int) -> None:
    place = resource_of(w, resource)
    place.room += min(amount, place.capacity)
    place.freed_by = row
    look(w, resource)


@jitted
def is_enough(place: Record, pieces: float) -> bool:
    return place.idle >= pieces - ULP_H and place.idle > ULP_H


@jitted
def gets_lift(w: Record, resource: int, number: int, p: Record) -> bool:
    """Ask a pool for lift; whether it has some at once."""
    place = resource_of(w, resource)
    p.granted = -1
    if place.queue < 0 and is_alone(w) and is_enough(place, p.amount):
        pick(w, place, p)
        return True
    wait_at(w, resource, number)
    return False


@jitted
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


@jitted
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


@jitted
def add_asset(w: Record, resource: int, number: int, row: int) -> None:
    """An asset is free where it stands, or goes to the workshop if that waits for it."""
    pool, asset = resource_of(w, resource), asset_of(w, number)
    if asset.wanted >= 0:
        wanted = asset.wanted
        asset.wanted = -1
        succeed(w, wanted, row)
        return
    if asset.away:
        asset.standing = 1
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
