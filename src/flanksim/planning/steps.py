"""Steps of a program: what a serial, a ship or an empty asset does, one after the other.

Numbers are those of gates, servers, stores, pools and programs in the plan. `draw` is the position of a random factor
among the draws of the serial.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Travel(NamedTuple):
    """One link: hold the entrance `gate` (-1: none) for so long, run, and wait for the tail.

    `drive_limit_h` is how long a crew may drive a day: 0 where it is carried (rail, sea, air, ferries).
    """

    gate: int
    forward: bool
    occupied_h: float
    hours: float
    draw: int
    tail_h: float
    drive_limit_h: float


class Serve(NamedTuple):
    """Handling at a server (-1: endless) for the drawn hours times `scale`; `frees` a store, `fills` one (-1: none)."""

    server: int
    kind: int
    draw: int
    scale: float
    frees: int
    fills: int


class Take(NamedTuple):
    """Ask for lift: assets of a pool that together carry so many pieces (0: any one) come to a place of the pool."""

    pool: int
    pieces: float
    place: int


class Drop(NamedTuple):
    """Let the lift go: it runs the program `way_back` (-1: it is free on the spot)."""

    way_back: int


class Await(NamedTuple):
    """A ship that was called forward waits off its berth until all that it is to carry stands on the quay."""


class Stay(NamedTuple):
    """Stay until the drawn time times `scale` hours after the program began."""

    kind: int
    draw: int
    scale: float


class Free(NamedTuple):
    """Leave a store."""

    store: int


class Pause(NamedTuple):
    """Stand for the drawn hours."""

    kind: int
    draw: int


class Discharge(NamedTuple):
    """A ship at a berth, batch by batch: the drawn factor times so many hours a piece, into a store."""

    server: int
    draw: int
    hours_per_piece: float
    store: int


class Detour(NamedTuple):
    """A way round legs whose gate is shut for longer than the way round takes, or whose `server` (-1: none) is full.

    It takes `steps` and leaves out the next `skip`. `own_h` and `around_h` are the hours of the legs themselves and of
    the way round them.
    """

    gate: int
    server: int
    skip: int
    own_h: float
    around_h: float
    steps: tuple[Travel | Serve, ...]


Step = Travel | Serve | Take | Await | Drop | Stay | Free | Pause | Discharge | Detour


def every(steps: Iterable[Step]) -> Iterator[Step]:
    """All steps in order, those of detours included."""
    for step in steps:
        yield step
        if isinstance(step, Detour):
            yield from step.steps
