"""Stretches of time of many serials or assets, each in one state: what both ledgers are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from flanksim.movements import MovementLog

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of time, one array entry each; hours since C-day.

    Attributes
    ----------
    owner
        Number of the serial, or of the asset, counted through all pools in the plan's order.
    state
        Number of its `flanksim.activities.State` or `Use`.
    about
        Number of what the state is about, see `flanksim.movements.Things`.
    movement
        Row of the movement table that it was read from, -1 without.
    """

    owner: Ints
    state: Ints
    about: Ints
    start: Floats
    end: Floats
    movement: Ints

    def __len__(self) -> int:
        """Number of stretches."""
        return len(self.owner)

    def take(self, chosen: Any) -> Stretches:
        """Some of them, by mask or by number."""
        return Stretches(*(getattr(self, entry.name)[chosen] for entry in fields(self)))

    def within(self, low: Any, high: Any) -> Stretches:
        """The part of each between `low` and `high` (hours); what has no length is left out."""
        start, end = np.maximum(self.start, low), np.minimum(self.end, high)
        return Stretches(self.owner, self.state, self.about, start, end, self.movement).take(end > start)

    def in_order(self) -> Stretches:
        """Owner after owner, those of each in order of time."""
        return self.take(np.lexsort((self.end, self.start, self.owner)))

    @staticmethod
    def of(owner: Ints, state: Any, start: Any, end: Any, about: Any = 0, movement: Any = -1) -> Stretches:
        """One stretch for each of `owner`; what is one number for all is spread."""
        size = len(owner)
        return Stretches(
            owner,
            np.broadcast_to(np.asarray(state, dtype=np.int64), size),
            np.broadcast_to(np.asarray(about, dtype=np.int64), size),
            np.broadcast_to(np.asarray(start, dtype=np.float64), size),
            np.broadcast_to(np.asarray(end, dtype=np.float64), size),
            np.broadcast_to(np.asarray(movement, dtype=np.int64), size),
        )

    @staticmethod
    def rows(found: Sequence[tuple[int, int, int, float, float, int]]) -> Stretches:
        """Stretches that were found one by one: owner, state, what it is about, start, end, row."""
        table = np.array(found, dtype=np.float64).reshape(len(found), 6).transpose()
        owner, state, about, movement = table[[0, 1, 2, 5]].astype(np.int64)
        return Stretches(owner, state, about, table[3], table[4], movement)

    @staticmethod
    def join(parts: Sequence[Stretches]) -> Stretches:
        """All parts as one."""
        return Stretches(
            *(np.concatenate([getattr(part, entry.name) for part in parts]) for entry in fields(Stretches))
        )


@dataclass(frozen=True)
class Times:
    """The time of every serial or asset in one replication, split into states that sum to it.

    Attributes
    ----------
    stretches
        All stretches of all owners.
    lengths
        Hours of each owner's time.
    states
        What the states are.
    """

    log: MovementLog
    stretches: Stretches
    lengths: Floats
    states: ClassVar[type[IntEnum]]

    @cached_property
    def hours(self) -> Floats:
        """Hours of each owner (rows) in each state (columns)."""
        part, shape = self.stretches, (len(self.lengths), len(self.states))
        cells = part.owner * shape[1] + part.state
        flat = np.bincount(cells, weights=part.end - part.start, minlength=shape[0] * shape[1])
        return flat.reshape(shape).astype(np.float64)

    @cached_property
    def errors(self) -> Floats:
        """For each owner, the larger of what its states miss of its time and what two of them share (hours)."""
        part = self.stretches.in_order()
        found = np.abs(self.hours.sum(axis=1) - self.lengths)
        apart = np.where(part.owner[1:] == part.owner[:-1], np.abs(part.end[:-1] - part.start[1:]), 0.0)
        np.maximum.at(found, part.owner[1:], apart)
        return np.asarray(found, dtype=np.float64)

    @property
    def largest_error(self) -> float:
        """Largest of `errors`; 0 without owners."""
        return float(self.errors.max(initial=0.0))

    def in_order(self, owner: int) -> list[tuple[int, int, float, float]]:
        """The time of one owner in order: state, what it is about, start and end (hours)."""
        part = self.stretches.take(self.stretches.owner == owner).in_order()
        columns = (part.state, part.about, part.start, part.end)
        return list(zip(*(column.tolist() for column in columns), strict=True))
