"""The movement log: what one replication gives, and the only reader of its rows.

Every thing that happens to a serial or to a lift asset is one row with four times,
``requested <= started <= cleared <= ended`` (hours since C-day 00:00). Waiting is
``started - requested``, the occupancy of the resource is ``started .. cleared``, and the movement
itself is over at ``ended``. A row that was unfinished at the horizon keeps its place, with nulls.

The engine fills a `MovementLog`; which rows are a serial's own, what a row used, who waited and in which order rows
follow each other is derived here, once, when it is first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flanksim.activities import ACTIVITIES, STATES, Cause, Kind, State, Why
from flanksim.planning.plan import Plan

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


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
    Column("kind", "int8", "", "what happened, see flanksim.activities.Kind"),
    Column("resource", "int32", "", "number of the gate, facility, store or fleet in the plan's list"),
    Column("asset", "int32", "", "number of the lift asset that carried it, -1 without"),
    Column(
        "after",
        "int32",
        "",
        "movement that this one follows in the same chain, -1 at its start; "
        "of a ship that was called forward that with which its load was complete",
    ),
    Column("granted_by", "int32", "", "movement that freed what this one waited for, -1 without a wait"),
    Column("requested", "float64", "h", "when it asked for the resource"),
    Column("started", "float64", "h", "when it was admitted"),
    Column("cleared", "float64", "h", "when the resource was free again for the next"),
    Column("ended", "float64", "h", "when the movement was over, tail included"),
)

NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)


def columns_of(rows: list[list[float]]) -> dict[str, NDArray[Any]]:
    """Typed columns from the engine's raw rows, in the order of `COLUMNS` less ``movement``."""
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(COLUMNS) - 1)
    columns: dict[str, NDArray[Any]] = {"movement": np.arange(len(rows), dtype=np.int32)}
    for position, column in enumerate(COLUMNS[1:]):
        columns[column.name] = table[:, position].astype(column.dtype)
    return columns


class Things:
    """One number for whatever a row or a state can be about: 0 for nothing, then list after list of a plan.

    Attributes
    ----------
    first
        Number of the first thing of each list.
    """

    LISTS = ("gates", "servers", "stores", "pools", "outages", "serials")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        sizes = [1, *(len(getattr(plan, name)) for name in self.LISTS)]
        self.first = dict(zip(self.LISTS, np.cumsum(sizes).tolist(), strict=False))
        #: To be added to the ``resource`` of a row, by its kind.
        self.offset: Ints = np.array([self.first[ACTIVITIES[kind].resources] for kind in Kind])

    def listed(self, number: int) -> str:
        """The list of the plan that holds a thing; "" for nothing."""
        return next((name for name in reversed(self.LISTS) if number >= self.first[name]), "")

    def name(self, number: int) -> str:
        """Name of a thing in the plan; of a serial its unit and element, of nothing ""."""
        listed = self.listed(number)
        if not listed:
            return ""
        entry = getattr(self.plan, listed)[number - self.first[listed]]
        return f"{self.plan.units[entry.unit].unit_id} {entry.kind}" if listed == "serials" else str(entry.name)

    def cause(self, state: State, number: int) -> Cause:
        """What the time of a serial in a state that is about a thing is blamed on."""
        kind = STATES[state].cause
        if kind is Why.MOVING:
            return self._moving(number)
        if kind in (Why.MARRY_UP, Why.SHIP_LOAD):
            return Cause(kind, partner=self.name(number))
        named = kind in (Why.LIFT, Why.QUEUE, Why.FULL_YARD, Why.OUTAGE)
        return Cause(kind, self.name(number) if named else "")

    def working(self, kind: Kind, number: int) -> Cause:
        """What the work of a row of this kind at a thing is blamed on."""
        cause = ACTIVITIES[kind].cause
        return (
            self._moving(number)
            if cause is Why.MOVING
            else Cause(cause, self.name(number) if cause is Why.LIFT else "")
        )

    def waiting(self, kind: Kind, number: int) -> Cause:
        """What the wait of a row of this kind for a thing is blamed on."""
        return Cause(ACTIVITIES[kind].queue, self.name(number)) if number else Cause(ACTIVITIES[kind].cause)

    def _moving(self, number: int) -> Cause:
        return Cause(Why.MOVING, self.plan.gates[number - self.first["gates"]].mode if number else "air")


class LiftAssignment(NamedTuple):
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


@dataclass(frozen=True)
class MovementLog:
    """What one replication gives: the movement table, one numpy array for each column of `COLUMNS`, and the answers.

    Attributes
    ----------
    closed_h
        Hour at which each unit of the plan was closed; nan if not by the horizon.
    troops_h
        Hour at which a unit's last troops stood at the assembly area; nan if they did not.
    absent
        For each pool the numbers of the assets that did not turn up.
    lifts
        Which assets were taken together and when they were free again, in the order in which they were taken.
    complete_h
        Hour at which all that a ship carries stood on the quay, by serial; infinite if not by the horizon, 0 of all
        other serials. A ship that was called forward has rows before it, which are not hours of its load.
    programs
        Program that each serial of the plan ran: the way that it took.
    """

    plan: Plan
    seed: int
    columns: dict[str, NDArray[Any]]
    closed_h: tuple[float, ...]
    troops_h: tuple[float, ...]
    absent: tuple[tuple[int, ...], ...]
    lifts: tuple[LiftAssignment, ...]
    complete_h: tuple[float, ...]
    programs: tuple[int, ...]

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

    # ---- whose rows ---------------------------------------------------------------------------

    @cached_property
    def back(self) -> Mask:
        """Rows of an asset's way back without a load: they carry the number of the serial that it had served."""
        kind = self["kind"]
        return np.asarray((kind == Kind.EMPTY_RUN) | ((kind == Kind.REST) & (self["asset"] >= 0)))

    @cached_property
    def own(self) -> Mask:
        """Rows of serials themselves; those that release a unit stand under its closing serial."""
        return np.asarray((self["serial"] >= 0) & ~self.back)

    @cached_property
    def releasing(self) -> Mask:
        """Rows in which a whole unit waits until it is ready, or permitted to move."""
        return np.isin(self["kind"], (Kind.READY, Kind.PERMISSION))

    @cached_property
    def walked(self) -> Ints:
        """Rows of serials' own movements, serial after serial, those of each in order."""
        rows = np.flatnonzero(self.own & ~self.releasing)
        serials = self["serial"][rows]
        # numpy sorts numbers of 16 bits by their digits, several times faster
        return rows[np.argsort(serials.astype(np.min_scalar_type(len(self.plan.serials))), kind="stable")]

    @cached_property
    def _bounds(self) -> Ints:
        return np.searchsorted(self["serial"][self.walked], np.arange(len(self.plan.serials) + 1))

    def chain(self, serial: int) -> Ints:
        """Rows of one serial's own movements, in order."""
        return self.walked[self._bounds[serial] : self._bounds[serial + 1]]

    @cached_property
    def landed(self) -> Ints:
        """Row with which each serial came off its ship, -1 for none: a ship unloads its batches in order."""
        found = np.full(len(self.plan.serials), -1, dtype=np.int64)
        for ship in self.plan.serials:
            if ship.stage == 1:
                rows = self.chain(ship.number)
                rows = rows[self["kind"][rows] == Kind.UNLOAD]
                found[list(ship.feeds[: len(rows)])] = rows
        return found

    @cached_property
    def released_h(self) -> tuple[Floats, Floats]:
        """Hours at which each unit was ready; and ready and permitted to move."""
        closing = np.array([serial.unit for serial in self.plan.serials], dtype=np.int64)
        found = np.zeros((2, len(self.plan.units)))
        for hours, kind in zip(found, (Kind.READY, Kind.PERMISSION), strict=True):
            rows = np.flatnonzero(self["kind"] == kind)
            hours[closing[self["serial"][rows]]] = self["ended"][rows]
        return found[0], found.max(axis=0)

    # ---- what they used and waited for --------------------------------------------------------

    @cached_property
    def things(self) -> Things:
        """The numbering of `thing`."""
        return Things(self.plan)

    @cached_property
    def thing(self) -> Ints:
        """Number of what each row used, in `things`: which list ``resource`` counts in depends on the kind."""
        resource = self["resource"].astype(np.int64)
        return np.where(resource >= 0, resource + self.things.offset[self["kind"]], 0)

    @cached_property
    def waits(self) -> tuple[Ints, Floats, Floats]:
        """Rows in which a serial waits, with begin and end (hours): loads that asked for something and have not got it.

        A wait that never ended has the horizon for its end. Empty runs wait too, but bring nobody forward.
        """
        end = np.where(np.isnan(self["started"]), self.plan.horizon_h, self["started"])
        rows = np.flatnonzero(self.own & (self.thing > 0) & (end > self["requested"] + 1e-9))
        return rows, self["requested"][rows], end[rows]

    def finished(self, kind: Kind) -> dict[str, Floats]:
        """Times, serial and resource of every finished movement of one kind, in order of request."""
        rows = np.flatnonzero((self["kind"] == kind) & ~np.isnan(self["ended"]))
        rows = rows[np.argsort(self["requested"][rows], kind="stable")]
        names = ("requested", "started", "cleared", "ended", "serial", "resource")
        return {name: self[name][rows].astype(float) for name in names}

    # ---- lift ---------------------------------------------------------------------------------

    @cached_property
    def lift_of_row(self) -> dict[int, LiftAssignment]:
        """Assignments by the row in which they were taken."""
        return {lift.taken: lift for lift in self.lifts}

    @cached_property
    def lifts_of_pool(self) -> list[list[LiftAssignment]]:
        """Assignments of each pool, in the order in which they were taken."""
        found: list[list[LiftAssignment]] = [[] for _ in self.plan.pools]
        for lift in self.lifts:
            found[lift.pool].append(lift)
        return found

    def loaded(self, lift: LiftAssignment) -> list[int]:
        """Rows in which taken assets carry their load, in order, as far as they came by the horizon.

        Raises
        ------
        ValueError
            If the assignment does not fit the table: another replication's, or an incomplete table.
        """
        if self["kind"][lift.taken] != Kind.LIFT:
            raise ValueError(f"row {lift.taken} takes no lift: this assignment belongs to another movement table")
        return self._between(lift.taken, lift.dropped) if lift.dropped >= 0 else self._onward(lift.taken, lift)

    def emptied(self, lift: LiftAssignment) -> list[int]:
        """Rows of the way back of assets that have let go their load, in order, as far as they came by the horizon."""
        if lift.dropped < 0:
            return []
        return (
            self._between(lift.dropped, lift.freed) if lift.freed >= 0 else self._onward(lift.dropped, lift, back=True)
        )

    @cached_property
    def _after(self) -> list[int]:
        rows: list[int] = self["after"].tolist()
        return rows

    @cached_property
    def _followers(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, before in enumerate(self._after):
            found.setdefault(before, []).append(row)
        return found

    def _between(self, start: int, last: int) -> list[int]:
        """Rows of one chain behind `start`, up to and with `last`."""
        rows = []
        row = last
        while row != start:
            if row < 0:
                raise ValueError(f"no chain of movements leads from row {start} to row {last}")
            rows.append(row)
            row = self._after[row]
        return rows[::-1]

    def _onward(self, start: int, lift: LiftAssignment, *, back: bool = False) -> list[int]:
        """Rows of one chain behind `start` to the horizon, which cut it off."""
        rows: list[int] = []
        row = start
        while True:
            following = [
                other
                for other in self._followers.get(row, ())
                if self["serial"][other] == self["serial"][start]
                and self.back[other] == back
                and (not back or self["asset"][other] == self["asset"][lift.taken])
            ]
            if not following:
                return rows
            if len(following) > 1:
                raise ValueError(f"two movements of one serial follow row {row}: {following}")
            row = following[0]
            rows.append(row)

    # ---- for analysts -------------------------------------------------------------------------

    def table(self) -> pa.Table:
        """Movements as an Arrow table, with dictionary-encoded names beside the numbers' columns."""
        import pyarrow as pa

        plan, serial = self.plan, self["serial"]
        columns: dict[str, Any] = {
            "movement": self["movement"],
            "serial": _names([entry.name for entry in plan.serials], serial),
            "unit": _names([plan.units[entry.unit].unit_id for entry in plan.serials], serial),
            "element": _names([entry.kind for entry in plan.serials], serial),
            "kind": _names([kind.name.lower() for kind in Kind], self["kind"]),
            "resource": _names(
                [self.things.name(number) for number in range(self.things.first["serials"])], self.thing
            ),
        }
        columns |= {name: pa.array(self[name], from_pandas=True) for name in NAMES if name not in columns}
        return pa.table(columns)


def _names(names: list[str], numbers: Any) -> pa.DictionaryArray:
    import pyarrow as pa

    names = [*names, ""]  # -1, the number of what belongs to nobody, finds the empty name
    unique = list(dict.fromkeys(names))
    position = {name: number for number, name in enumerate(unique)}
    codes = np.array([position[name] for name in names], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes[numbers]), pa.array(unique))
