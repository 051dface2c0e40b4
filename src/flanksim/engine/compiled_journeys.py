"""Journeys of the compiled twin: serials with their steps, crews and choice of a way, and lift on its way back."""

from __future__ import annotations

import numpy as np

from flanksim.engine.compiled_queues import (
    add_asset,
    add_row,
    end_process,
    enters,
    finish,
    gets_lift,
    gets_room,
    gets_server,
    give_room,
    granted,
    has_calendar,
    new_process,
    next_open,
    release_server,
    sleep,
    start,
    start_journey,
)
from flanksim.engine.compiled_records import (
    ADMITTED,
    ARRIVED,
    AWAIT,
    BATCH,
    BERTH,
    BERTHED,
    CHOOSES,
    COME,
    DAY_H,
    DETOUR,
    DISCHARGE,
    DRIVE,
    DRIVING_TOLERANCE_H,
    DROP,
    EMPTY_RUN,
    FREE,
    LEFT,
    LIFT,
    LOADED,
    NEXT,
    PAUSED,
    REST,
    RESTED,
    RIDE,
    SERVE,
    SERVED,
    SERVING,
    SET_OUT,
    SHIP_LOAD,
    STAY,
    STORAGE,
    STOWED,
    TAKE,
    TAKEN,
    TRAVEL,
    ULP_H,
    UNLOAD,
    UNLOADED,
    UNLOADING,
    WAY_BACK,
    Record,
    account_of,
    asking_of,
    asset_of,
    choice_of,
    distance_of,
    drawn,
    hold_of,
    jitted,
    listed_of,
    resource_of,
    row_of,
    serial_of,
    stand_of,
    step_of,
    taken_of,
    work_of,
)
from flanksim.engine.compiled_units import arrive, close_unit

# ---- crews: see `flanksim.planning.driving.Crew`, a process or a hold is one ---------------------


@jitted
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


@jitted
def rest_within(crew: Record, hours: float, limit: float) -> float:
    if limit <= 0.0 or limit >= DAY_H:
        return 0.0
    rests = 0
    crew.driven_h += hours
    while crew.driven_h > limit + DRIVING_TOLERANCE_H:
        crew.driven_h -= limit
        rests += 1
    return rests * (DAY_H - limit)


# ---- choice of a way: see `flanksim.engine.choosing` ----------------------------------------------


@jitted
def enter_work(w: Record, program: int, sign: float) -> None:
    """Enter the work of a serial with a program (sign 1), or take it out (-1)."""
    work = work_of(w, program)
    for number in range(work.first, work.end):
        ask = asking_of(w, number)
        account_of(w, ask.thing).pending_h += sign * ask.work_h


@jitted
def expected_h(w: Record, program: int) -> float:
    """Hours to the end of a program that starts now."""
    work, longest = work_of(w, program), 0.0
    for number in range(work.first, work.end):
        ask = asking_of(w, number)
        account = account_of(w, ask.thing)
        if account.at_once <= 0:
            return np.inf
        opens = account.from_h
        if account.resource >= 0 and has_calendar(resource_of(w, account.resource)):
            opens = next_open(w, resource_of(w, account.resource), w.now)
        longest = max(longest, max(account.pending_h / account.at_once, opens - w.now) - ask.reached_h)
    return longest + work.total_h


@jitted
def choose(w: Record, p: Record, s: Record) -> None:
    """A serial keeps the program of its plan unless another way that it may take is quicker by more than the margin."""
    if s.choices == s.choices_end:
        return
    p.index = s.index
    least = expected_h(w, s.program) - w.way_margin_h
    for number in range(s.choices, s.choices_end):
        choice = choice_of(w, number)
        if choice.leave_h <= w.now + ULP_H:
            hours = expected_h(w, choice.program)
            if hours < least - ULP_H:
                least = hours
                s.program = choice.program
                p.following, p.end, p.slots = choice.first, choice.end, choice.slots


# ---- a serial's journey -------------------------------------------------------------------------


@jitted
def next_step(w: Record, p: Record) -> bool:
    """Whether there is another step, or one behind a way round; it is ``p.at``."""
    while p.following == p.end:
        if p.back_to < 0:
            return False
        p.following, p.end, p.back_to = p.back_to, p.back_end, -1
    p.at = p.following
    p.following += 1
    return True


@jitted
def go_round(p: Record, st: Record) -> None:
    """The next steps are those of a way round."""
    p.back_to, p.back_end = min(p.following + st.skip, p.end), p.end
    p.following, p.end = st.first, st.end


@jitted
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


@jitted
def pause(w: Record, number: int, p: Record, kind: int, asset: int, hours: float, then: int) -> None:
    """Time passes without using anything; then the process goes on at `then`."""
    r = add_row(w, p.serial, kind, -1, asset, p.last)
    r.started = r.cleared = w.now
    p.last = p.row = w.row_count - 1
    p.point, p.then = PAUSED, then
    sleep(w, number, hours)


@jitted
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


@jitted
def first_of(w: Record, hold: int) -> int:
    """First asset of those that were taken together, -1 without."""
    return taken_of(w, hold_of(w, hold).first) if hold >= 0 else -1


@jitted
def stows(w: Record, number: int, p: Record, store: int, amount: float, then: int) -> bool:
    """Room in a store, a row only if it has to be waited for; whether there is some at once."""
    p.point = then
    if gets_room(w, store, number, p, amount):
        return True
    add_row(w, p.serial, STORAGE, store - w.first_store, p.asset, p.last)
    p.row = w.row_count - 1
    p.point, p.then = STOWED, then
    return False


@jitted
def granted_and_over(w: Record, p: Record) -> None:
    """Its row was a wait and nothing else."""
    r = granted(w, p)
    r.started = r.cleared = r.ended = w.now
    p.last = p.row


@jitted
def journey(w: Record, number: int, p: Record) -> None:
    """One serial walks its program, as far as it can at this hour."""
    s = serial_of(w, p.serial)
    while True:
        point = p.point
        if point == NEXT:
            if not next_step(w, p):
                if w.choosing:
                    enter_work(w, s.program, -1.0)
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
        elif point == CHOOSES:
            choose(w, p, s)
            enter_work(w, s.program, 1.0)
            p.point = NEXT
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


@jitted
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


@jitted
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


@jitted
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


@jitted
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


@jitted
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


@jitted
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
