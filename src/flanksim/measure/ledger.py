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
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from flanksim.activities import STATES, Cause, State
from flanksim.measure.awaited import Awaited
from flanksim.measure.serial_states import lives
from flanksim.measure.stretches import Ints, Stretches, Times
from flanksim.movements import MovementLog
from flanksim.scenario.arguments import one_of

if TYPE_CHECKING:
    import pandas as pd

Weight = Literal["serial", "quantity"]
Key = Literal["state", "cause", "unit", "nation", "regional_plan", "element", "at", "doing"]


@dataclass(frozen=True)
class Ledger(Times):
    """The lives of all serials of one replication."""

    states = State

    @cached_property
    def _awaited(self) -> Awaited:
        return Awaited(self.log)

    def totals(
        self,
        *keys: Key,
        weight: Weight = "serial",
        since: float = 0.0,
        unit: str | None = None,
    ) -> dict[tuple[Any, ...], float]:
        """Hours of the final serials by one or more keys, largest first.

        Parameters
        ----------
        keys
            ``state``; ``cause`` (a `Cause`: state and what it is about); ``at`` (what it is about alone); ``unit``,
            ``nation``, ``regional_plan``; ``element`` (troops, heavy, wheeled, cargo); ``doing`` (while a
            serial waits for lift, what the asset that came in the end was doing; empty otherwise).
        weight
            ``serial`` counts each serial once, ``quantity`` each soldier, vehicle or container.
        since
            Only hours after this one: with the deadline, the lateness.
        unit
            Only serials of this unit.
        """
        plan = self.log.plan
        final = np.array([entry.final for entry in plan.serials], dtype=bool)
        if unit is not None:
            final &= np.array([plan.units[entry.unit].unit_id == unit for entry in plan.serials], dtype=bool)
        part = self.stretches.take(final[self.stretches.owner]).within(since, math.inf)
        doing, words = np.zeros(len(part), dtype=np.int64), [""]
        if "doing" in keys:
            part, doing, words = self._by_use(part)
        length = part.end - part.start
        if weight == "quantity":
            length = length * np.array([entry.quantity for entry in plan.serials])[part.owner]
        columns: list[np.ndarray] = []
        labels: list[Callable[[int], str | Cause]] = []
        for key in keys:
            numbers, names = (doing, words.__getitem__) if key == "doing" else self._label(key, part)
            columns.append(numbers)
            labels.append(names)
        sums: dict[tuple[Any, ...], float] = {}
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
        every = Stretches.join([other, Stretches(cut.owner, cut.state, cut.about, start, end, cut.movement)])
        return every, np.concatenate([np.zeros(len(other), dtype=np.int64), doing]), list(names)

    def _label(self, key: Key, part: Stretches) -> tuple[np.ndarray, Callable[[int], str | Cause]]:
        plan = self.log.plan
        units = plan.units
        if key == "state":
            return part.state, lambda number: STATES[State(number)].word
        if key == "at":
            return part.about, self.log.things.name
        if key == "cause":
            top = int(part.about.max(initial=0)) + 1
            return part.state * top + part.about, lambda number: self.log.things.cause(
                State(number // top), number % top
            )
        if key == "element":
            kinds = sorted({entry.kind for entry in plan.serials})
            numbers = np.array([kinds.index(entry.kind) for entry in plan.serials])
            return numbers[part.owner], lambda number: kinds[number]
        names = [str(getattr(entry, "unit_id" if key == "unit" else key)) for entry in units]
        unit = np.array([entry.unit for entry in plan.serials])
        return unit[part.owner], lambda number: names[number]

    def lateness(self, *keys: Key, weight: Weight = "serial", unit: str | None = None) -> dict[tuple[Any, ...], float]:
        """Hours of life beyond the scenario's deadline, by `keys`; they sum to all lateness exactly.

        A serial is late until its unit is closed, or to the horizon, behind which nothing is known.
        """
        return self.totals(*keys, weight=weight, since=self.log.plan.deadline_h, unit=unit)

    def of(self, serial: int) -> list[tuple[State, str, float, float]]:
        """One serial's life in order: state, what it is about, start and end (hours)."""
        name = self.log.things.name
        return [(State(state), name(about), start, end) for state, about, start, end in self.in_order(serial)]

    def life(self, serial: int | str) -> pd.DataFrame:
        """One serial's life in order as a table: ``state`` in words, ``about``, ``start``, ``end`` and ``hours``.

        Parameters
        ----------
        serial
            Its number in the plan, or its name as in the movement table.

        Raises
        ------
        FlanksimError
            E130 if there is no such serial.
        """
        import pandas as pd

        names = {entry.name: entry.number for entry in self.log.plan.serials}
        number = names[one_of("serial", serial, names)] if isinstance(serial, str) else serial
        rows = [(STATES[state].word, about, start, end, end - start) for state, about, start, end in self.of(number)]
        return pd.DataFrame(rows, columns=["state", "about", "start", "end", "hours"])

    def table(self, keys: Sequence[Key] = ("unit", "element", "cause"), weight: Weight = "serial") -> pd.DataFrame:
        """`totals` as a tidy DataFrame with a column ``hours``."""
        import pandas as pd

        found = self.totals(*keys, weight=weight)
        return pd.DataFrame([(*map(str, name), value) for name, value in found.items()], columns=[*keys, "hours"])


def ledger(log: MovementLog) -> Ledger:
    """The ledger of one replication."""
    return Ledger(log, *lives(log))
