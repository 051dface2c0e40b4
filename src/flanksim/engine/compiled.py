"""The compiled twin of the engine: the run itself and its random numbers. See `flanksim.engine.compiled_records`."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from flanksim.engine import compiled_journeys, compiled_queues, compiled_records, compiled_units
from flanksim.engine.compiled_journeys import journey, way_back
from flanksim.engine.compiled_queues import drop_first, end_process, new_process, settle, sleep, start, start_journey
from flanksim.engine.compiled_records import (
    ABSENCE,
    CALL,
    COME,
    COMPILED,
    JOIN,
    JOURNEY,
    LATE,
    NEXT,
    OVER,
    RELEASE,
    SUPPLY,
    WAY_BACK,
    WEAR,
    WORLD,
    Record,
    absence_of,
    calling_of,
    event_of,
    jitted,
    jitted_and_kept,
    joining_of,
    process_of,
    serial_of,
)
from flanksim.engine.compiled_units import add_assets, release_unit, stay_away, supply_unit, wear

# ---- the run ----------------------------------------------------------------------------------------


@jitted
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
    elif p.what == ABSENCE:
        stay_away(w, number, p)
    else:
        ship = serial_of(w, p.serial)
        if ship.waits_for > 0:
            ship.called = 1
            start_journey(w, p.serial, -1, 0)


@jitted
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
    for number in range(w.absences):
        absence = absence_of(w, number)
        p = new_process(w, ABSENCE, absence.pool, -1)
        p.following, p.end = absence.first, absence.end
        p.began_h, p.hours = absence.from_hour, absence.to_hour - absence.from_hour
        start(w)
    for unit in range(w.units):
        new_process(w, RELEASE, unit, -1)
        start(w)
    for number in range(w.callings):
        call = calling_of(w, number)
        new_process(w, CALL, call.ship, -1)
        sleep(w, w.process_count - 1, call.hour)


@jitted
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


def _sources() -> int:
    """Number that stands for the text of all that is compiled."""
    modules = (compiled_records, compiled_queues, compiled_units, compiled_journeys)
    texts = [Path(str(module.__file__)).read_bytes() for module in modules]
    return int.from_bytes(blake2b(b"".join(texts), digest_size=7).digest(), "big")


def _player(sources: int) -> Callable[[Any], bool]:
    """How a run goes on. numba's cache sees changes of this file, and of what it closes over: the other sources."""

    def play(world: Any) -> bool:
        """Go on until the horizon, or until a table is full; whether the horizon was reached."""
        w = world[0]
        w.sources = sources
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

    found: Callable[[Any], bool] = jitted_and_kept(play)
    return found


play = _player(_sources())


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


@jitted
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


fill_uniforms = jitted_and_kept(_fill_uniforms) if COMPILED else _uniforms_of_numpy


def prepare() -> None:
    """Compile, or load what was compiled before."""
    world = np.zeros(1, dtype=WORLD)
    for name in ("urgent", "normal", "spare"):
        world[name] = -1
    play(world)
    keys = np.frombuffer(b"", dtype=np.uint64).reshape(-1, 2)
    fill_uniforms(keys, np.zeros(0, dtype=np.int64), np.zeros(0))
