"""Looks at one replication: queues, map, fleets, one unit's journey, and why it was closed so late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from flanksim.activities import State
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import ALL, LAST, completed_by
from flanksim.measure.critical import closing_unit, critical_path
from flanksim.measure.statistics import summed
from flanksim.metrics.metric import Metric
from flanksim.movements import MovementLog
from flanksim.scenario.naming import element, lift, readable
from flanksim.scenario.schema import Scenario
from flanksim.study.phrases import C_DAY
from flanksim.units import HOURS_PER_DAY, closure_day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Gives the outcome to look at: of the replication that is shown, or of the seed that is asked for.
Replay = Callable[[int | None], MovementLog]
#: Days of the map's panels.
DAYS = (5.0, 10.0, 20.0, 30.0)


def queues(scenario: Scenario, replay: Replay) -> Metric:
    """Serials waiting at noon of each day, by element."""

    def table(seed: int | None = None) -> pd.DataFrame:
        import pandas as pd

        from flanksim.measure.traffic import waiting

        names, grid = waiting(replay(seed), partial(element, scenario))
        days = range(grid.shape[1])
        rows = [(name, day, int(grid[place, day])) for place, name in enumerate(names) for day in days]
        return pd.DataFrame(rows, columns=["element", "day", "serials_waiting"])

    def draw(seed: int | None = None, most: int = 20) -> Axes:
        from flanksim.draw.queues import queue_heat_map

        return queue_heat_map(replay(seed), most, partial(element, scenario))

    return Metric("queues", table, draw, "serials that wait at noon of each day, by element")


def days_map(scenario: Scenario, replay: Replay) -> Metric:
    """What moves, waits and is closed, place by place, at the end of some days."""

    def table(days: Sequence[float] = DAYS, seed: int | None = None) -> pd.DataFrame:
        from flanksim.measure.traffic import Traffic

        return Traffic(scenario, replay(seed)).table(days)

    def draw(days: Sequence[float] = DAYS, seed: int | None = None) -> Axes:
        from flanksim.draw.map import map_days

        return map_days(scenario, replay(seed), days)

    return Metric("map", table, draw, "flow over links, queues and closed troops at the end of some days")


def fleets(scenario: Scenario, replay: Replay) -> Metric:
    """How each pool of lift spends its hours."""

    def table(seed: int | None = None) -> pd.DataFrame:
        from flanksim.measure.fleets import fleets as ledger

        return ledger(replay(seed)).table()

    def draw(seed: int | None = None) -> Axes:
        from flanksim.draw.fleets import fleet_use

        return fleet_use(replay(seed), words=partial(lift, scenario))

    return Metric("fleets", table, draw, "hours of lift by state")


def journey(scenario: Scenario, replay: Replay) -> Metric:
    """Every serial of a unit in the states of the ledger; without a name, of the unit that completes the force."""

    def table(unit: str | None = None, seed: int | None = None) -> pd.DataFrame:
        import pandas as pd

        from flanksim.measure.serial_states import lives

        outcome = replay(seed)
        chosen = unit_of(scenario, outcome, unit)
        stretches, _ = lives(outcome)
        plan, cause = outcome.plan, outcome.things.cause
        rows = [
            (serial.name, readable(cause(State(state), about), scenario), closure_day(start), closure_day(end))
            for number, state, about, start, end in zip(
                stretches.owner.tolist(), stretches.state.tolist(), stretches.about.tolist(),
                stretches.start.tolist(), stretches.end.tolist(), strict=True,
            )
            if (serial := plan.serials[number]).final and plan.units[serial.unit].unit_id == chosen
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["serial", "state", "start_day", "end_day"])
        return frame.sort_values(["serial", "start_day"], ignore_index=True)

    def draw(unit: str | None = None, seed: int | None = None, most: int = 60) -> Axes:
        from flanksim.draw.journey import journey as strip

        outcome = replay(seed)
        return strip(outcome, unit_of(scenario, outcome, unit), most)

    return Metric("journey", table, draw, "every serial of one unit, from C-day to its closure")


def unit_of(scenario: Scenario, outcome: MovementLog, unit: str | None = None) -> str:
    """Id of the unit asked for; else of the one that completes the force, else of the last.

    Raises
    ------
    FlanksimError
        E121 if there is no such unit, E122 if none is asked for and none was closed.
    """
    ids = [entry.unit_id for entry in outcome.plan.units]
    if unit is not None:
        if unit in ids:
            return unit
        import difflib

        close = difflib.get_close_matches(str(unit), ids, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "the column unit of .units() lists them"
        raise FlanksimError(Problem("E121", scenario.name, "unit", f"no unit '{unit}' in {scenario.name}", hint))
    groups = completed_by(outcome.plan, outcome.closed_h)
    number = groups.get(ALL, groups.get(LAST))
    if number is None:
        closed = [(hour, place) for place, hour in enumerate(outcome.closed_h) if hour == hour]  # noqa: PLR0124 - nan
        if not closed:
            hint = "raise question.horizon_days, or name a unit"
            raise FlanksimError(Problem("E122", scenario.name, "unit", "no unit was closed by the horizon", hint))
        number = max(closed)[1]
    return ids[number]


def path_days(scenario: Scenario, outcome: MovementLog) -> dict[str, float]:
    """Days of the critical path of the unit that completes the force, by cause in words; empty if not closed."""
    number = closing_unit(outcome)
    pieces = [] if number is None else critical_path(outcome, number)
    hours = summed((readable(piece.cause, scenario), piece.hours) for piece in pieces)
    return {name: value / HOURS_PER_DAY for name, value in hours.items()}


def path_of(scenario: Scenario, replay: Replay) -> Metric:
    """Causes of the critical path of one replication, in days."""

    def table(seed: int | None = None) -> pd.DataFrame:
        import pandas as pd

        found = path_days(scenario, replay(seed))
        return pd.DataFrame({"cause": list(found), "days": list(found.values())})

    def draw(seed: int | None = None, most: int = 12) -> Axes:
        from flanksim.draw.bottlenecks import bottlenecks
        from flanksim.draw.style import provenance

        outcome = replay(seed)
        return bottlenecks(
            path_days(scenario, outcome),
            most=most,
            note=f"critical path of {unit_of(scenario, outcome)} · {provenance(outcome.plan, seed=outcome.seed)} · "
            f"with {C_DAY}",
            deadline_days=scenario.question.deadline_days,
        )

    return Metric("bottlenecks", table, draw, "causes of the critical path, days")


class Forgets:
    """For what holds metrics: they are made again when asked for, and are no part of what is pickled."""

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the metrics."""
        return {name: value for name, value in self.__dict__.items() if not isinstance(value, Metric)}
