"""What passes where and what waits where: the movement log by link, place, thing and hour.

A serial waits at the place where what it asked for is: the entrance of a link, a port, a terminal,
a border, or the place where its lift is to come. What is counted is in `MovementLog.waits`: loads that
asked for something and have not got it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.activities import Kind
from flanksim.measure.stretches import Floats, Ints
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan
from flanksim.planning.steps import Serve, Take, Travel, every
from flanksim.scenario.naming import places_of
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, deadline_hour

if TYPE_CHECKING:
    import pandas as pd

_HANDLING = (Kind.LOAD, Kind.UNLOAD)
#: Names of what passed or was handled, hour at which that began, and pieces: vehicles, containers, troops.
Passed = tuple[NDArray[np.str_], Floats, Floats]


def passages(log: MovementLog) -> Passed:
    """Link, hour of entry and pieces of every loaded passage; a flight has ``air:A_FROM>A_TO`` for a link."""
    rows, links = passing(log)
    return links, log["started"][rows], _pieces(log, rows)


def passing(log: MovementLog) -> tuple[Ints, NDArray[np.str_]]:
    """Rows of every loaded passage, and the link or flight of each."""
    rows = log.walked[log["kind"][log.walked] == Kind.TRAVEL]
    rows = np.sort(rows[~np.isnan(log["started"][rows])])
    names = np.array([entry.name.split(":")[0] for entry in log.plan.gates] + [""], dtype=object)
    links, serial = names[log["resource"][rows]], log["serial"][rows]  # -1, in the air, finds the last
    seen: dict[int, int] = {}
    for row in np.flatnonzero(log["resource"][rows] < 0).tolist():
        owner = int(serial[row])
        flights = _flights(log.plan, log.programs[owner])
        number = seen.get(owner, 0)
        seen[owner] = number + 1
        links[row] = flights[number % len(flights)] if flights else ""
    return rows, links.astype(str)


def handlings(log: MovementLog) -> Passed:
    """Place, hour and pieces of every load that is loaded or unloaded."""
    kind, resource, serial = log["kind"], log["resource"], log["serial"]
    # A ship is discharged batch by batch, each as soon as the yard has room: what follows a batch of the same load at
    # the same berth is not a new load
    before = np.array(log["after"])
    while (yard := (before >= 0) & (kind[before] == Kind.STORAGE)).any():
        before[yard] = log["after"][before[yard]]
    batch = (before >= 0) & (kind[before] == kind) & (resource[before] == resource) & (serial[before] == serial)
    chosen = log.own & (log.thing > 0) & ~np.isnan(log["started"]) & np.isin(kind, _HANDLING) & ~batch
    rows = np.flatnonzero(chosen)
    names = np.array([server.name.partition(":")[2] for server in log.plan.servers] or [""])
    return names[resource[rows]], log["started"][rows], _pieces(log, rows)


def _pieces(log: MovementLog, rows: Ints) -> Floats:
    quantity = np.array([entry.quantity for entry in log.plan.serials] or [0.0])
    return np.asarray(quantity[log["serial"][rows]], dtype=np.float64)


def waiting(log: MovementLog, name: Callable[[str], str] = str) -> tuple[list[str], Floats]:
    """Things in order of the hours that serials waited for them, and serials waiting at noon of each day.

    Parameters
    ----------
    name
        A thing in words; those with equal words are one.

    Returns
    -------
    names, serials
        The second has a row a thing and a column a day, C-day first.
    """
    rows, begin, end = log.waits
    numbers, thing = np.unique(log.thing[rows], return_inverse=True)
    heads = {"pools": "lift: ", "stores": "full yard: "}
    words = [heads.get(log.things.listed(number), "") + name(log.things.name(number)) for number in numbers.tolist()]
    unique = sorted(set(words))
    place = np.array([unique.index(word) for word in words], dtype=int)[thing.ravel()]
    hours = np.bincount(place, weights=end - begin, minlength=len(unique))
    order = sorted(range(len(unique)), key=lambda number: (-hours[number], unique[number]))
    closed = [hour for hour in log.closed_h if not math.isnan(hour)]
    last = math.ceil(max([*closed, log.plan.deadline_h]) / HOURS_PER_DAY)
    # Of the noons, those at or after the request and before the start: a step up at one, a step down at the other.
    grid = np.zeros((len(unique), last + 1))
    for hour, step in ((begin, 1.0), (end, -1.0)):
        noon = np.clip(np.ceil(hour / HOURS_PER_DAY - 0.5), 0, last).astype(int)
        np.add.at(grid, (place, noon), step)
    return [unique[number] for number in order], grid.cumsum(axis=1)[order, :last]


@dataclass(frozen=True)
class Traffic:
    """One replication on the ground; the scenario says where things are."""

    scenario: Scenario
    log: MovementLog

    @cached_property
    def passages(self) -> Passed:
        """`passages` of the log."""
        return passages(self.log)

    def passed(self, since_h: float, until_h: float) -> dict[str, float]:
        """Pieces that entered each link after `since_h` and by `until_h`, both directions together."""
        links, hours, pieces = self.passages
        chosen = (hours > since_h) & (hours <= until_h)
        names, place = np.unique(links[chosen], return_inverse=True)
        sums = np.bincount(place.ravel(), weights=pieces[chosen], minlength=len(names))
        return dict(zip(names.tolist(), sums.tolist(), strict=True))

    @cached_property
    def waits(self) -> tuple[list[str], Floats, Floats]:
        """Place, begin and end (hours) of every wait; one that never ended has the horizon."""
        rows, begin, end = self.log.waits
        return [self._place(row) for row in rows.tolist()], begin, end

    def waiting(self, hour: float) -> dict[str, int]:
        """Serials that wait at each place at that hour; one of supply counts once a delivery."""
        places, begin, end = self.waits
        found: dict[str, int] = {}
        for number in np.flatnonzero((begin <= hour) & (end > hour)).tolist():
            found[places[number]] = found.get(places[number], 0) + 1
        return dict(sorted(found.items()))

    def idle(self, hour: float) -> tuple[int, int]:
        """Units that are not ready, and units that wait for permission, at that hour."""
        log, serials = self.log, self.log.plan.serials
        now = log.releasing & (log["requested"] <= hour) & (log["ended"] > hour)
        ready, paper = (
            {serials[number].unit for number in log["serial"][now & (log["kind"] == kind)].tolist()}
            for kind in (Kind.READY, Kind.PERMISSION)
        )
        return len(ready), len(paper)

    def closed(self, hour: float) -> dict[str, int]:
        """Troops of the units that are closed by that hour, by assembly area."""
        found: dict[str, int] = {}
        for unit, when in zip(self.log.plan.units, self.log.closed_h, strict=True):
            if not math.isnan(when) and when <= hour:
                found[unit.assembly] = found.get(unit.assembly, 0) + unit.troops
        return found

    def table(self, days: Sequence[float]) -> pd.DataFrame:
        """Tidy: for each day what passed each link a day since the one before, waits and troops at each place.

        Columns ``day``, ``what`` (``pieces_per_day``, ``serials_waiting``, ``troops_closed``), ``where``, ``value``.
        """
        import pandas as pd

        rows: list[tuple[float, str, str, float]] = []
        before = 0.0
        for day in days:
            hour = deadline_hour(day)
            length = (hour - before) / HOURS_PER_DAY
            rows += [(day, "pieces_per_day", key, value / length) for key, value in self.passed(before, hour).items()]
            rows += [(day, "serials_waiting", key, float(value)) for key, value in self.waiting(hour).items()]
            rows += [(day, "troops_closed", key, float(value)) for key, value in self.closed(hour).items()]
            before = hour
        return pd.DataFrame(rows, columns=["day", "what", "where", "value"])

    def _place(self, row: int) -> str:
        """Where the thing is that a row asks for; empty if the tables do not say."""
        log = self.log
        kind, resource = Kind(int(log["kind"][row])), int(log["resource"][row])
        program = log.programs[int(log["serial"][row])]
        if kind is Kind.LIFT:
            return self._lift_places(program).get(resource, "")
        name = log.things.name(int(log.thing[row]))
        ends = places_of(name, self.scenario)
        if kind is Kind.TRAVEL and ":" not in name and self._backward(program).get(resource, False):
            return ends[-1]
        return ends[0] if ends else ""

    def _lift_places(self, program: int) -> dict[int, str]:
        return {
            step.pool: self.log.plan.pools[step.pool].places[step.place]
            for step in every(self.log.plan.programs[program].steps)
            if isinstance(step, Take)
        }

    def _backward(self, program: int) -> dict[int, bool]:
        """For the gates of a program, whether they are entered at the far end of their link."""
        steps = every(self.log.plan.programs[program].steps)
        return {step.gate: not step.forward for step in steps if isinstance(step, Travel)}


def _flights(plan: Plan, program: int) -> list[str]:
    """Flights of a program, from the airfield of the step before to that of the step after."""
    found: list[str] = []
    at, flying = "", False
    for step in plan.programs[program].steps:
        if isinstance(step, Travel) and step.gate < 0:
            flying = True
        elif isinstance(step, Serve) and step.server >= 0:
            place = plan.servers[step.server].name.partition(":")[2]
            if flying:
                found.append(f"air:{at}>{place}")
                flying = False
            at = place
    return found
