"""What is sent off as one: how large lots and serials are, and how fractions of a flow become whole lots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flanksim.modes import mode_of
from flanksim.network.admissible import Element
from flanksim.network.lift import USUAL
from flanksim.network.physics import Physics
from flanksim.planning.loads import Load
from flanksim.planning.options import Option
from flanksim.scenario.footprints import Piece

#: A piece of a lot this small is float noise.
_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Lot:
    """What is sent off as one.

    Attributes
    ----------
    load, option
        Number of the load, and of the one of its options on which it goes.
    start_h
        Planned hour of start.
    pieces
        So much of the load.
    rank
        Its place in every queue: equal for lots of units of one priority that start together.
    ship
        Number of the ship that carries it, -1 over land.
    """

    load: int
    option: int
    start_h: float
    pieces: float
    rank: int = 0
    ship: int = -1


def whole_lots(
    load: int, pieces: float, sizes: Sequence[float], flows: Sequence[tuple[float, int, float]]
) -> list[Lot]:
    """Whole lots from fractions: an option sends one off when the flows up to that hour have filled it.

    What is left at the end goes with the options that are owed most.

    Parameters
    ----------
    load, pieces
        Number of the load, and all of it.
    sizes
        Pieces of a lot on each option.
    flows
        Start (hour), option and pieces, in order of start.

    Examples
    --------
    >>> [(lot.option, lot.pieces) for lot in whole_lots(0, 3, [1, 1], [(0, 0, 1.6), (0, 1, 1.4)])]
    [(0, 1), (1, 1), (0, 1)]
    """
    owed, since = [0.0] * len(sizes), [math.inf] * len(sizes)
    left = pieces
    found: list[Lot] = []

    def send(option: int) -> None:
        nonlocal left
        amount = min(sizes[option], left)
        found.append(Lot(load, option, since[option], amount))
        owed[option] -= amount
        left -= amount

    for start, option, amount in flows:
        if owed[option] <= _NOISE:
            since[option] = start
        owed[option] += amount
        while left > _NOISE and owed[option] >= min(sizes[option], left) - _NOISE:
            send(option)
            since[option] = start
    while left > _NOISE:
        best = max(range(len(sizes)), key=lambda option: (owed[option], -option))
        if math.isinf(since[best]):
            since[best] = max((lot.start_h for lot in found), default=0.0)
        send(best)
    return found


def parts(total: float, size: float) -> list[float]:
    """`total` cut into pieces of at most `size`: as even as whole numbers can be.

    Examples
    --------
    >>> parts(10, 4)
    [4.0, 3.0, 3.0]
    """
    if not math.isfinite(size) or size >= total:
        return [total]
    count = math.ceil(total / size - 1e-9)
    base, extra = divmod(int(total), count)
    return [float(base + (number < extra)) for number in range(count)]


def lot_size(load: Load, option: Option, physics: Physics) -> float:
    """Pieces of a lot of a load on an option, at most all of it: a ship-load, or a serial over land."""
    return min(_lot(option, load, physics), max(load.pieces, 1.0))


def estimated_size(load: Load, option: Option, physics: Physics) -> float:
    """Pieces for which queues are estimated: of a small load those of a full lot where there is one."""
    lot = _lot(option, load, physics)
    return lot if math.isfinite(lot) else load.pieces


def _lot(option: Option, load: Load, physics: Physics) -> float:
    if option.sea is None:
        return serial_size(option, load.element, physics, load.piece)
    pool = option.pools[option.sea]
    if not pool:
        return math.inf
    return max(1.0, math.floor(physics.lift[pool].capacity / physics.lane_m(load.element, load.unit.unit_type)))


def serial_size(way: Option, element: Element, physics: Physics, piece: Piece = USUAL) -> float:
    """Pieces of a serial over a way without a sea leg.

    That of the train or aircraft, else of the column; and no more than transporters or coaches of the pool can be
    relied on to carry together: a larger load travels in several trips. Whole pieces, where one fits at all: with
    parts of pieces a unit would be left with a rest that never comes.
    """
    legs = [(mode_of(segment.layer), pool) for segment, pool in zip(way.segments, way.pools, strict=True)]
    loads = [physics.carried_as_one(mode, element, pool, piece) for mode, pool in legs]
    sizes = [size for size in loads if size is not None] or [physics.column(element)]
    size = min([*sizes, *(physics.carried_together(mode, pool) for mode, pool in legs)])
    if size < 1.0 or math.isinf(size) or size == math.floor(size):
        return size
    return float(math.floor(size + _NOISE))
