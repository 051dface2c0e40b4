"""Stretches of time of many serials, as arrays: what a life is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of lives, one array entry each; hours since C-day.

    Attributes
    ----------
    about
        Code of what the state is about, see `flanksim.measure.lives.Codes`.
    movement
        Row of the movement table that it was read from, -1 without.
    """

    serial: Ints
    state: Ints
    about: Ints
    start: Floats
    end: Floats
    movement: Ints

    def __len__(self) -> int:
        """Number of stretches."""
        return len(self.serial)

    def take(self, chosen: Any) -> Stretches:
        """Some of them, by mask or by number."""
        return Stretches(
            self.serial[chosen],
            self.state[chosen],
            self.about[chosen],
            self.start[chosen],
            self.end[chosen],
            self.movement[chosen],
        )

    def within(self, low: Any, high: Any) -> Stretches:
        """The part of each between `low` and `high` (hours); what has no length is left out."""
        start, end = np.maximum(self.start, low), np.minimum(self.end, high)
        keep = end > start
        return Stretches(
            self.serial[keep], self.state[keep], self.about[keep], start[keep], end[keep], self.movement[keep]
        )

    @staticmethod
    def of(
        serial: Ints, state: int, start: Any, end: Any, about: Any = 0, movement: Any = -1, *, where: Any = True
    ) -> Stretches:
        """One stretch for each of `serial` in one state."""
        size = len(serial)
        made = Stretches(
            serial,
            np.full(size, int(state), dtype=np.int64),
            np.broadcast_to(np.asarray(about, dtype=np.int64), size),
            np.broadcast_to(np.asarray(start, dtype=np.float64), size),
            np.broadcast_to(np.asarray(end, dtype=np.float64), size),
            np.broadcast_to(np.asarray(movement, dtype=np.int64), size),
        )
        return made if where is True else made.take(where)

    @staticmethod
    def none() -> Stretches:
        """No stretch at all."""
        empty = np.zeros(0, dtype=np.int64)
        return Stretches(empty, empty, empty, np.zeros(0), np.zeros(0), empty)

    @staticmethod
    def join(parts: list[Stretches]) -> Stretches:
        """All parts as one."""
        return Stretches(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("serial", "state", "about", "start", "end", "movement")
            )
        )
