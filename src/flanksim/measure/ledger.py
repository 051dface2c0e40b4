"""The ledger: every serial's life split into states that sum to it, and what made the force late.

A state that waits says for what: for which fleet, at which gate or facility, for which other unit.
Sums count the serials in which goods reach the assembly area (`final`), each with the whole history
of its goods, so that nothing that goes by sea is counted three times.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from flanksim.measure.awaited import Awaited
from flanksim.measure.lives import Codes, State, lives
from flanksim.measure.stretches import Floats, Ints, Stretches
from flanksim.movements import Outcome
from flanksim.planning.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

Weight = Literal["serial", "quantity"]
Key = Literal["state", "cause", "unit", "nation", "regional_plan", "element", "at", "doing"]

#: The states in words; a cause adds what the state is about.
WORDS = {
    State.NOT_READY: "not ready",
    State.PERMISSION: "waiting for permission",
    State.HELD: "held by its release interval",
    State.LIFT: "waiting for lift",
    State.LIFT_COMING: "lift on its way",
    State.LOADING: "loading",
    State.UNLOADING: "unloading",
    State.GATE: "queue",
    State.MOVING: "moving",
    State.FULL_YARD: "blocked by a full yard",
    State.BORDER: "border",
    State.GAUGE_CHANGE: "gauge change",
    State.PORT_EXIT: "port exit",
    State.REST: "rest",
    State.BREAKDOWN: "breakdown",
    State.OUTAGE: "outage",
    State.CLOSED_HOURS: "closed hours",
    State.SHIP_LOAD: "waiting for the rest of a ship-load",
    State.MARRY_UP: "marry-up",
    State.INTEGRATION: "integration",
    State.PASSED_ON: "passed on",
}


@dataclass(frozen=True)
class Ledger:
    """The lives of one replication.

    Attributes
    ----------
    stretches
        All stretches of all lives.
    life_hours
        Length of each serial's life.
    outcome
        The replication; only ``doing`` needs it.
    """

    plan: Plan
    stretches: Stretches
    life_hours: Floats
    outcome: Outcome | None = None

    @cached_property
    def _awaited(self) -> Awaited:
        if self.outcome is None:
            raise ValueError("what assets were doing needs the outcome: make the ledger with ledger(plan, outcome)")
        return Awaited(self.plan, self.outcome)

    @cached_property
    def hours(self) -> Floats:
        """Hours of each serial (rows) in each `State` (columns)."""
        part, count = self.stretches, len(self.life_hours)
        flat = np.bincount(
            part.serial * len(State) + part.state, weights=part.end - part.start, minlength=count * len(State)
        )
        return np.asarray(flat.reshape(count, len(State)))

    @cached_property
    def errors(self) -> Floats:
        """For each serial, the larger of what its states miss of its life and what two of them share (hours)."""
        part = self.stretches
        missing = np.abs(self.hours.sum(axis=1) - self.life_hours)
        order = np.lexsort((part.start, part.serial))
        serial, start, end = part.serial[order], part.start[order], part.end[order]
        overlap = np.where(serial[1:] == serial[:-1], np.abs(end[:-1] - start[1:]), 0.0)
        np.maximum.at(missing, serial[1:], overlap)
        return np.asarray(missing, dtype=np.float64)

    @property
    def largest_error(self) -> float:
        """Largest of `errors`; 0 without serials."""
        return float(self.errors.max(initial=0.0))

    def totals(
        self,
        *keys: Key,
        weight: Weight = "serial",
        since: float = 0.0,
        unit: str | None = None,
    ) -> dict[tuple[str, ...], float]:
        """Hours of the final serials by one or more keys, largest first.

        Parameters
        ----------
        keys
            ``state``; ``cause`` (state and what it is about); ``at`` (what it is about alone); ``unit``,
            ``nation``, ``regional_plan``; ``element`` (troops, heavy, wheeled, cargo); ``doing`` (while a
            serial waits for lift, what the asset that came in the end was doing; empty otherwise).
        weight
            ``serial`` counts each serial once, ``quantity`` each soldier, vehicle or container.
        since
            Only hours after this one: with the deadline, the lateness.
        unit
            Only serials of this unit.
        """
        plan = self.plan
        final = np.array([entry.final for entry in plan.serials], dtype=bool)
        if unit is not None:
            final &= np.array([plan.units[entry.unit].unit_id == unit for entry in plan.serials], dtype=bool)
        part = self.stretches.take(final[self.stretches.serial]).within(since, math.inf)
        doing, words = np.zeros(len(part), dtype=np.int64), [""]
        if "doing" in keys:
            part, doing, words = self._by_use(part)
        length = part.end - part.start
        if weight == "quantity":
            length = length * np.array([entry.quantity for entry in plan.serials])[part.serial]
        columns, labels = [], []
        for key in keys:
            numbers, names = (doing, words.__getitem__) if key == "doing" else self._label(key, part)
            columns.append(numbers)
            labels.append(names)
        sums: dict[tuple[str, ...], float] = {}
        if len(part):
            unique, place = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
            summed = np.bincount(place.ravel(), weights=length)
            for row, value in zip(unique.tolist(), summed.tolist(), strict=True):
                name = tuple(names(number) for names, number in zip(labels, row, strict=True))
                sums[name] = sums.get(name, 0.0) + value
        return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))

    def _by_use(self, part: Stretches) -> tuple[Stretches, Ints, list[str]]:
        """Waits for lift cut where the asset that came in the end did something else.

        With the number of what it did for each stretch, and the words for the numbers.
        """
        waits = part.state == State.LIFT
        cuts, names = part.take(waits), {"": 0}
        rows = [
            (place, names.setdefault(doing, len(names)), low, high)
            for place, (row, start, end) in enumerate(
                zip(cuts.movement.tolist(), cuts.start.tolist(), cuts.end.tolist(), strict=True)
            )
            for doing, low, high, _ in self._awaited.parts(row, start, end)
        ]
        if not rows:
            return part, np.zeros(len(part), dtype=np.int64), list(names)
        place, doing, start, end = (np.array(column) for column in zip(*rows, strict=True))
        cut, other = cuts.take(place), part.take(~waits)
        every = Stretches.join([other, Stretches(cut.serial, cut.state, cut.about, start, end, cut.movement)])
        return every, np.concatenate([np.zeros(len(other), dtype=np.int64), doing]), list(names)

    def _label(self, key: Key, part: Stretches) -> tuple[np.ndarray, Callable[[int], str]]:
        plan = self.plan
        units = plan.units
        if key == "state":
            return part.state, lambda number: WORDS[State(number)]
        if key == "at":
            codes = Codes.of(plan)
            return part.about, lambda number: codes.name(plan, number)
        if key == "cause":
            top = int(part.about.max(initial=0)) + 1
            return part.state * top + part.about, lambda number: cause(plan, State(number // top), number % top)
        if key == "element":
            kinds = sorted({entry.kind for entry in plan.serials})
            numbers = np.array([kinds.index(entry.kind) for entry in plan.serials])
            return numbers[part.serial], lambda number: kinds[number]
        names = [str(getattr(entry, "unit_id" if key == "unit" else key)) for entry in units]
        unit = np.array([entry.unit for entry in plan.serials])
        return unit[part.serial], lambda number: names[number]

    def lateness(self, *keys: Key, weight: Weight = "serial", unit: str | None = None) -> dict[tuple[str, ...], float]:
        """Hours of life beyond the scenario's deadline, by `keys`; they sum to all lateness exactly.

        A serial is late until its unit is closed, or to the horizon, behind which nothing is known.
        """
        return self.totals(*keys, weight=weight, since=self.plan.deadline_h, unit=unit)

    def of(self, serial: int) -> list[tuple[State, str, float, float]]:
        """One serial's life in order: state, what it is about, start and end (hours)."""
        codes = Codes.of(self.plan)
        part = self.stretches.take(self.stretches.serial == serial)
        return [
            (
                State(int(part.state[n])),
                codes.name(self.plan, int(part.about[n])),
                float(part.start[n]),
                float(part.end[n]),
            )
            for n in np.argsort(part.start, kind="stable").tolist()
        ]

    def table(self, keys: Sequence[Key] = ("unit", "element", "cause"), weight: Weight = "serial") -> pd.DataFrame:
        """`totals` as a tidy DataFrame with a column ``hours``."""
        import pandas as pd

        found = self.totals(*keys, weight=weight)
        return pd.DataFrame([(*name, value) for name, value in found.items()], columns=[*keys, "hours"])


def ledger(plan: Plan, outcome: Outcome) -> Ledger:
    """The ledger of one replication."""
    return Ledger(plan, *lives(plan, outcome), outcome)


def cause(plan: Plan, state: State, about: int) -> str:
    """A state with what it is about, in the words that the critical path uses too."""
    codes = Codes.of(plan)
    name = codes.name(plan, about)
    if state in (State.LIFT, State.LIFT_COMING):
        return f"lift {name}"
    if state is State.GATE:
        return f"queue at {name}"
    if state is State.MOVING:
        return f"moving by {plan.gates[about - codes.gate].mode}" if about else "moving by air"
    if state is State.FULL_YARD:
        return f"full yard {name}"
    if state is State.OUTAGE:
        return f"outage {name}"
    if state in (State.MARRY_UP, State.SHIP_LOAD):
        return f"{WORDS[state]} with {name}" if name else WORDS[state]
    return WORDS[state]
