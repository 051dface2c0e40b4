"""Units of the compiled twin: leaving, marry-up, closure and supply; and lift that joins, fails and is repaired."""

from __future__ import annotations

from flanksim.engine.compiled_queues import (
    add_asset,
    add_row,
    end_process,
    gets_server,
    granted,
    new_process,
    release_server,
    sleep,
    start,
    start_journey,
    succeed,
    take_out,
)
from flanksim.engine.compiled_records import (
    BACK,
    BREAKDOWN,
    DELIVERS,
    FAILED,
    FITTED,
    FOLLOWER,
    GONE,
    GROUP,
    IS_READY,
    LEAVES,
    NEXT,
    PERMISSION,
    READY,
    REPAIRED,
    SUPPLY,
    WEAR,
    WITHDRAWN,
    Record,
    asset_of,
    delivery_of,
    draw_of,
    jitted,
    leaving_of,
    listed_of,
    resource_of,
    row_of,
    serial_of,
    unit_of,
)

# ---- units ----------------------------------------------------------------------------------------


@jitted
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


@jitted
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


@jitted
def marry_up(w: Record, unit: int, last: int) -> None:
    """Integration begins when all troops and the required vehicles are there."""
    u = unit_of(w, unit)
    if u.closing_now or u.troops_left > 0 or u.vehicles_in < u.needed:
        return
    u.closing_now = 1
    start_journey(w, u.closing, last, 0)


@jitted
def close_unit(w: Record, unit: int, last: int) -> None:
    """A unit is closed; from now on it must be supplied."""
    u = unit_of(w, unit)
    u.closed_h = w.now
    w.still_open -= 1
    if u.supply:
        new_process(w, SUPPLY, unit, last)
        start(w)


@jitted
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


@jitted
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


@jitted
def add_assets(w: Record, resource: int, first: int, end: int) -> None:
    """Assets of a pool become available together; each may fail from then on."""
    for listed in range(first, end):
        asset = listed_of(w, listed)
        add_asset(w, resource, asset, -1)
        if asset_of(w, asset).workshop >= 0 and w.chance:
            p = new_process(w, WEAR, asset, -1)
            p.hold = resource
            start(w)


@jitted
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


@jitted
def stay_away(w: Record, number: int, p: Record) -> None:
    """Assets of a pool that do not set out for a time."""
    if p.point == NEXT:
        p.point = GONE
        if p.began_h > 0:
            sleep(w, number, p.began_h)
            return
    if p.point == GONE:
        for listed in range(p.following, p.end):
            send_away(w, p.serial, listed_of(w, listed))
        p.point = BACK
        sleep(w, number, p.hours)
        return
    for listed in range(p.following, p.end):
        take_back(w, p.serial, listed_of(w, listed))
    end_process(w, number, p)


@jitted
def send_away(w: Record, resource: int, number: int) -> None:
    """From now on an asset does not set out."""
    pool, asset = resource_of(w, resource), asset_of(w, number)
    asset.away = 1
    if asset.idle:
        take_out(w, pool, number)
        pool.idle -= asset.capacity
        asset.standing = 1


@jitted
def take_back(w: Record, resource: int, number: int) -> None:
    """An asset may set out again; if it stands still it is free."""
    asset = asset_of(w, number)
    asset.away = 0
    if asset.standing:
        asset.standing = 0
        add_asset(w, resource, number, -1)
