"""The movement row: the one contract between simulating and everything that comes after.

Every thing that happens to a serial or to a lift asset is one row with four times,
``requested <= started <= cleared <= ended`` (hours since C-day 00:00). Waiting is
``started - requested``, the occupancy of the resource is ``started .. cleared``, and the movement
itself is over at ``ended``. A row that was unfinished at the horizon keeps its place, with nulls.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a movement row records."""

    READY = 0
    PERMISSION = 1
    LIFT = 2
    LOAD = 3
    TRAVEL = 4
    UNLOAD = 5
    STORAGE = 6
    BORDER = 7
    GAUGE_CHANGE = 8
    REST = 9
    EMPTY_RUN = 10
    INTEGRATION = 11
    SERVICE = 12
    CLOSED_HOURS = 13
    BREAKDOWN = 14
    OUTAGE = 15
    BERTH = 16


@dataclass(frozen=True, slots=True)
class Column:
    """Name, numpy type, unit and meaning of one column of the movement table."""

    name: str
    dtype: str
    unit: str
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column("movement", "int32", "", "number of the row, in order of request"),
    Column("serial", "int32", "", "number of the serial in the plan; -1 for an asset alone"),
    Column("kind", "int8", "", "what happened, see flanksim.movements.Kind"),
    Column("resource", "int32", "", "number of the gate, facility, store or fleet in the plan's list"),
    Column("asset", "int32", "", "number of the lift asset that carried it, -1 without"),
    Column("after", "int32", "", "movement that this one follows in the same chain, -1 at its start"),
    Column("granted_by", "int32", "", "movement that freed what this one waited for, -1 without a wait"),
    Column("requested", "float64", "h", "when it asked for the resource"),
    Column("started", "float64", "h", "when it was admitted"),
    Column("cleared", "float64", "h", "when the resource was free again for the next"),
    Column("ended", "float64", "h", "when the movement was over, tail included"),
)

NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Movements:
    """The movement table of one replication: one numpy array for each column of `COLUMNS`."""

    columns: dict[str, NDArray[Any]]

    @classmethod
    def from_rows(cls, rows: list[list[float]]) -> Movements:
        """Typed columns from the engine's raw rows, in the order of `COLUMNS` less ``movement``."""
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(COLUMNS) - 1)
        columns: dict[str, NDArray[Any]] = {"movement": np.arange(len(rows), dtype=np.int32)}
        for position, column in enumerate(COLUMNS[1:]):
            columns[column.name] = table[:, position].astype(column.dtype)
        return cls(columns)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.columns["movement"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One column."""
        return self.columns[name]

    def digest(self) -> str:
        """Hash over every byte of the table: equal digests mean equal histories."""
        from hashlib import blake2b

        state = blake2b(digest_size=16)
        for name in NAMES:
            state.update(np.ascontiguousarray(self.columns[name]).tobytes())
        return state.hexdigest()


class Hold(NamedTuple):
    """Which assets one serial took together, and when it let them go.

    The movement table names only the first asset of a group and leaves open where a serial dropped it.

    Attributes
    ----------
    pool, assets
        Number of the pool, and of each asset within it.
    taken
        Row of the movement (`Kind.LIFT`) by which they were taken.
    place
        Number of the pool's place to which they came, and where they stand again when they are free.
    dropped
        Row with which their load was done; -1 if not by the horizon.
    freed
        Last row of their way back, `dropped` itself if they had none; -1 if they were not free again by the horizon.
    """

    pool: int
    assets: tuple[int, ...]
    taken: int
    place: int
    dropped: int
    freed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one replication gives.

    Attributes
    ----------
    closed_h
        Hour at which each unit of the plan was closed; nan if not by the horizon.
    troops_h
        Hour at which a unit's last troops stood at the assembly area; nan if they did not.
    movements
        The movement table.
    assets_lost
        Assets of each pool that did not turn up.
    absent
        Their numbers, for each pool.
    holds
        Which assets were taken together and when they were free again, in the order in which they were taken.
    """

    seed: int
    closed_h: tuple[float, ...]
    troops_h: tuple[float, ...]
    movements: Movements
    assets_lost: tuple[int, ...]
    absent: tuple[tuple[int, ...], ...]
    holds: tuple[Hold, ...]
