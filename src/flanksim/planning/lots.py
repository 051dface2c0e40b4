"""What is sent off as one, and how fractions of a flow become whole lots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: A piece of a lot this small is float noise.
_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Lot:
    """What is sent off as one: so much of a load, on one of its options, at a planned hour.

    ``rank`` is its place in every queue: equal for lots of units of one priority that start together. ``ship`` is the
    number of the ship that carries it, -1 over land.
    """

    load: int
    option: int
    start_h: float
    quantity: float
    rank: int = 0
    ship: int = -1


def whole_lots(
    load: int, quantity: float, sizes: Sequence[float], flows: Sequence[tuple[float, int, float]]
) -> list[Lot]:
    """Whole lots from fractions: an option sends one off when the flows up to that hour have filled it.

    What is left at the end goes with the options that are owed most.

    Parameters
    ----------
    sizes
        Size of a lot on each option.
    flows
        Start (hour), option and quantity, in order of start.

    Examples
    --------
    >>> [(lot.option, lot.quantity) for lot in whole_lots(0, 3, [1, 1], [(0, 0, 1.6), (0, 1, 1.4)])]
    [(0, 1), (1, 1), (0, 1)]
    """
    owed, since = [0.0] * len(sizes), [math.inf] * len(sizes)
    left = quantity
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
