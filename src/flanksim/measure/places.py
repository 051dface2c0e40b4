"""What passes where and what waits where: the movement table on the ground.

A serial waits at the place where what it asked for is: the entrance of a link, a port, a terminal,
a border, or the place where its lift is to come. Empty runs are left out, and so are ships' own
waits for the serials that they gather: what is counted is loads that asked for something and have
not got it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.movements import Kind, Outcome
from flanksim.planning.plan import DETOUR, SERVE, TAKE, TRAVEL, Plan, Step
from flanksim.scenario.naming import places_of
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, deadline_hour

if TYPE_CHECKING:
    import pandas as pd

#: Rows in which nobody asks for anything that is shared.
_NO_QUEUE = (Kind.EMPTY_RUN, Kind.OUTAGE, Kind.READY, Kind.PERMISSION, Kind.REST, Kind.BREAKDOWN, Kind.CLOSED_HOURS)


def waits(plan: Plan, outcome: Outcome) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Rows of the movement table in which a serial waits, with begin and end (hours): the one count of all figures.

    A wait that never ended has the horizon for its end.
    """
    table = outcome.movements
    end = np.where(np.isnan(table["started"]), plan.horizon_h, table["started"])
    asked = (table["serial"] >= 0) & (table["resource"] >= 0) & ~np.isin(table["kind"], _NO_QUEUE)
    rows = np.flatnonzero(asked & (end > table["requested"] + 1e-9))
    return rows, table["requested"][rows], end[rows]


@dataclass(frozen=True)
class Ground:
    """One replication on the ground.

    Attributes
    ----------
    scenario, plan, outcome
        The scenario (for the places), its plan, and what one replication of it gave.
    """

    scenario: Scenario
    plan: Plan
    outcome: Outcome

    @cached_property
    def passages(self) -> tuple[NDArray[np.str_], NDArray[np.float64], NDArray[np.float64]]:
        """Link, hour of entry, and pieces (vehicles, containers, troops) of every loaded passage.

        A flight has ``air:A_FROM>A_TO`` for a link.
        """
        table = self.outcome.movements
        kept = (table["kind"] == Kind.TRAVEL) & (table["serial"] >= 0) & ~np.isnan(table["started"])
        gate, serial = table["resource"][kept], table["serial"][kept]
        names = np.array([entry.name.split(":")[0] for entry in self.plan.gates] + [""], dtype=object)
        links = names[gate]  # -1, in the air, finds the last
        seen: dict[int, int] = {}
        for row in np.flatnonzero(gate < 0).tolist():
            owner = int(serial[row])
            flights = _flights(self.plan, self.plan.serials[owner].program)
            number = seen.get(owner, 0)
            seen[owner] = number + 1
            links[row] = flights[number % len(flights)] if flights else ""
        quantity = np.array([entry.quantity for entry in self.plan.serials] or [0.0])
        return links.astype(str), table["started"][kept], quantity[serial]

    def passed(self, since_h: float, until_h: float) -> dict[str, float]:
        """Pieces that entered each link after `since_h` and by `until_h`, both directions together."""
        links, hours, pieces = self.passages
        chosen = (hours > since_h) & (hours <= until_h)
        names, place = np.unique(links[chosen], return_inverse=True)
        sums = np.bincount(place.ravel(), weights=pieces[chosen], minlength=len(names))
        return dict(zip(names.tolist(), sums.tolist(), strict=True))

    @cached_property
    def waits(self) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
        """Place, begin and end (hours) of every wait; one that never ended has the horizon."""
        rows, begin, end = waits(self.plan, self.outcome)
        return [self._place(int(row)) for row in rows.tolist()], begin, end

    def waiting(self, hour: float) -> dict[str, int]:
        """Serials that wait at each place at that hour; one of supply counts once a delivery."""
        places, begin, end = self.waits
        found: dict[str, int] = {}
        for number in np.flatnonzero((begin <= hour) & (end > hour)).tolist():
            found[places[number]] = found.get(places[number], 0) + 1
        return dict(sorted(found.items()))

    def idle(self, hour: float) -> tuple[int, int]:
        """Units that are not ready, and units that wait for permission, at that hour."""
        table = self.outcome.movements
        end = np.where(np.isnan(table["ended"]), self.plan.horizon_h, table["ended"])
        now = (table["requested"] <= hour) & (end > hour) & (table["serial"] >= 0)
        ready, paper = (
            {self.plan.serials[number].unit for number in table["serial"][now & (table["kind"] == kind)].tolist()}
            for kind in (Kind.READY, Kind.PERMISSION)
        )
        return len(ready), len(paper)

    def closed(self, hour: float) -> dict[str, int]:
        """Troops of the units that are closed by that hour, by assembly area."""
        found: dict[str, int] = {}
        for unit, when in zip(self.plan.units, self.outcome.closed_h, strict=True):
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
        table, plan = self.outcome.movements, self.plan
        kind, resource = Kind(int(table["kind"][row])), int(table["resource"][row])
        program = plan.serials[int(table["serial"][row])].program
        if kind is Kind.LIFT:
            return self._lift_places(program).get(resource, "")
        things = plan.gates if kind is Kind.TRAVEL else plan.stores if kind is Kind.STORAGE else plan.servers
        name = things[resource].name
        ends = places_of(name, self.scenario)
        if kind is Kind.TRAVEL and ":" not in name and self._backward(program).get(resource, False):
            return ends[-1]
        return ends[0] if ends else ""

    def _lift_places(self, program: int) -> dict[int, str]:
        return {
            step[1]: self.plan.pools[step[1]].places[step[3]]
            for step in _steps(self.plan.programs[program].steps)
            if step[0] == TAKE
        }

    def _backward(self, program: int) -> dict[int, bool]:
        """For the gates of a program, whether they are entered at the far end of their link."""
        return {step[1]: not step[2] for step in _steps(self.plan.programs[program].steps) if step[0] == TRAVEL}


def _flights(plan: Plan, program: int) -> list[str]:
    """Flights of a program, from the airfield of the step before to that of the step after."""
    found: list[str] = []
    at, flying = "", False
    for step in plan.programs[program].steps:
        if step[0] == TRAVEL and step[1] < 0:
            flying = True
        elif step[0] == SERVE and step[1] >= 0:
            place = plan.servers[step[1]].name.partition(":")[2]
            if flying:
                found.append(f"air:{at}>{place}")
                flying = False
            at = place
    return found


def _steps(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps with those of detours."""
    for step in steps:
        yield step
        if step[0] == DETOUR:
            yield from _steps(step[6])
