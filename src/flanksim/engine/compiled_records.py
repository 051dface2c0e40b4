"""Records of the compiled twin of the SimPy engine, and the rules of order that it keeps.

`flanksim.engine.simulate` is the reference and says what happens and why; ``compiled*.py`` say the same again for
numba, as states of processes instead of generators, and what they give is compared with it byte by byte (see
docs/decisions/0015-compiled-twin.md). Whoever changes a mechanism there changes it here, or takes it out of what
`flanksim.engine.compiled_known` lets through.

**Records.** All that a run knows is in tables of records, one a line of `TABLES`; the first of them, `WORLD`, holds
their addresses. ``row_of(w, 3).ended = 5.0`` writes into the fourth record of the table of movements. A number that
stands for nothing is -1, an hour that is not known is nan. Tables that grow do so between two events (`play` returns
and is called again), so that a record in hand stays where it is. Resources of all kinds are in one table: gates,
servers, stores, workshops, pools. Steps are those of all programs, one after the other; ways round stand behind them.

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

# numba's cache sees changes of these files alone, so what the code rests on stands here; a test compares it with
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
JOURNEY, WAY_BACK, RELEASE, SUPPLY, WEAR, JOIN, CALL, ABSENCE = range(8)
#: Where a process goes on.
(
    NEXT, PAUSED, SET_OUT, ADMITTED, ARRIVED, SERVING, SERVED, STOWED, LEFT, BERTHED, BATCH, UNLOADING, UNLOADED,
    TAKEN, COME, LOADED, RESTED, IS_READY, GROUP, LEAVES, FOLLOWER, DELIVERS, FAILED, WITHDRAWN, FITTED, REPAIRED, OVER,
    CHOOSES, GONE, BACK,
) = range(30)  # fmt: skip

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
        "unit stage priority program first end slots choices choices_end waits_for feeds feeds_end final troops called "
        "called_row completed off_berth",
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
    # a way that a serial may take: its program, with the slots of the serial, and from when on it has leave
    "choice": _layout("", "program slots first end", "leave_h"),
    # what a program asks of gates, servers and pools: a range of `asking`; see `flanksim.planning.plan.Work`
    "work": _layout("", "first end", "total_h"),
    "asking": _layout("", "thing", "work_h reached_h"),
    # gates, servers and pools: see `flanksim.engine.choosing.Choosing`; `resource` is what may be shut
    "account": _layout("", "resource", "at_once from_h pending_h"),
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
    # assets of a pool that stay away together: a range of `listed`
    "absence": _layout("", "pool first end", "from_hour to_hour"),
    # ships that are called at an hour
    "calling": _layout("", "ship", "hour"),
    "window": _layout("", "owner", "start end"),
    # idle assets of a pool at one of its places, and the empty runs to all of them
    "stand": _layout("km", "first last"),
    "distance": _layout("", "", "km"),
    "asset": _layout(
        "lives repairs",
        "place idle before after wanted workshop failures away standing",
        "capacity speed ready_h day_h",
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
        [
            *TABLES,
            *(f"{name}_count" for name in GROWING),
            *(f"{name}_room" for name in GROWING),
            "number",
            "margin",
            "sources",
        ]
    ),
    "urgent urgent_last normal normal_last spare units still_open joinings absences callings first_server first_store "
    "first_pool chance choosing begun failed",
    "now until way_margin_h",
)

#: Tables by address, for the text that is not compiled.
ARRAYS: dict[int, Any] = {}


def reader_of(name: str) -> Callable[[Record, int], Record]:
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


def jitted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function compiled into those that call it."""
    found: Callable[..., Any] = numba.njit(error_model="numpy")(function) if COMPILED else function
    return found


def jitted_and_kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is called from Python: compiled once, then kept beside its source."""
    found: Callable[..., Any] = numba.njit(error_model="numpy", cache=True)(function) if COMPILED else function
    return found


step_of, serial_of, unit_of, leaving_of = (reader_of(name) for name in ("step", "serial", "unit", "leaving"))
choice_of, work_of, asking_of, account_of = (reader_of(name) for name in ("choice", "work", "asking", "account"))
delivery_of, number_of, offset_of, draw_of = (reader_of(name) for name in ("delivery", "listed", "offset", "draw"))
resource_of, joining_of, calling_of = (reader_of(name) for name in ("resource", "joining", "calling"))
absence_of = reader_of("absence")
window_of, stand_of, distance_of, asset_of = (reader_of(name) for name in ("window", "stand", "distance", "asset"))
process_of, event_of, row_of, hold_of = (reader_of(name) for name in ("process", "event", "row", "hold"))
taking_of, note_of = (reader_of(name) for name in ("taken", "note"))


@jitted
def taken_of(w: Record, number: int) -> int:
    """Number within its pool of an asset that was taken."""
    return taking_of(w, number).asset


@jitted
def listed_of(w: Record, number: int) -> int:
    return number_of(w, number).number


@jitted
def drawn(w: Record, p: Record, slot: int) -> float:
    """The random number of one slot of a process's program."""
    return draw_of(w, offset_of(w, p.slots + slot).at + p.index).value
