"""What a record can say of a move, measured on one replication.

| name | from | to |
|---|---|---|
| closing | the first unit is ready | the last unit is closed |
| arriving | the first unit is ready | the last serial is where it belongs |
| moving | the first serial begins to load or starts | the last one has arrived, unloaded |
| outloading | the first serial begins to load | the last one starts |
| clearing | the first piece stands at the place | the last serial leaves it |
| loading | a serial begins to load | it is loaded; mean |
| discharging | a serial begins to unload | it is unloaded; mean |
| at_sea | a serial starts | it arrives, not yet unloaded; mean |
| port_to_port | a serial begins to load | it arrives, not yet unloaded; mean; of trains from railhead to railhead |
| on_the_way | a serial begins to load or starts | it is unloaded; mean |
| under_way | as at_sea, of trains, columns and flights | |
| serials | how many: ships, trains, flights | |
| pieces_a_serial | vehicles, containers or soldiers of one | |
| pieces_a_day, serials_a_day | over the time of `moving` | |
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flanksim.activities import Kind
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan, Serial
from flanksim.planning.steps import Take, Travel, every
from flanksim.scenario.recorded import HOURS_IN, TIMES, Observed
from flanksim.units import HOURS_PER_DAY

#: Kinds of lift by which a serial moves by a mode, and modes of links.
_LIFT = {"train": "rail", "ship": "sea", "aircraft": "air", "barge": "waterway", "het": "road", "coach": "road"}
_LINKS = {"ferry": "road"}
_WORK = (int(Kind.LOAD), int(Kind.TRAVEL))


@dataclass(frozen=True, slots=True)
class _Times:
    """One serial that moved: hours at which parts of its life began and ended, nan where it had no such part."""

    serial: Serial
    begins: float
    loaded_from: float
    loaded_to: float
    starts: float
    arrives: float
    unloaded_from: float
    unloaded_to: float
    ends: float


def measured(log: MovementLog, observed: Observed) -> float:
    """The number of one replication that stands beside the recorded one, in its unit.

    Parameters
    ----------
    log
        The replication.
    observed
        What is measured, of which serials, at which place, in which unit.

    Returns
    -------
    float
        nan if the replication did not come so far by the horizon, or nothing moved so.
    """
    value = _METRICS[observed.metric](log, chosen(log.plan, observed), observed)
    return value / HOURS_IN[observed.unit] if observed.metric in TIMES else value


def chosen(plan: Plan, observed: Observed) -> list[Serial]:
    """Serials of which a record speaks: by its mode, and from or to its place."""
    found = []
    for serial in plan.serials:
        program = plan.programs[serial.program]
        if serial.kind in ("unit", "supply") or not program.steps:
            continue
        if observed.at and observed.at not in (program.from_node, program.to_node):
            continue
        if observed.by is None or observed.by in modes_of(plan, serial):
            found.append(serial)
    return found


def modes_of(plan: Plan, serial: Serial) -> set[str]:
    """Modes by which a serial moves."""
    if serial.kind == "ship":
        return {"sea"}
    found = set()
    for step in every(plan.programs[serial.program].steps):
        if isinstance(step, Take):
            found.add(_LIFT[plan.pools[step.pool].kind])
        elif isinstance(step, Travel) and step.gate >= 0:
            mode = plan.gates[step.gate].mode
            found.add(_LINKS.get(mode, mode))
    return found


def _times(log: MovementLog, serials: Sequence[Serial]) -> list[_Times]:
    """Of each serial that moved at all; a number that was not reached by the horizon is nan."""
    kind, started, ended = (log[name].tolist() for name in ("kind", "started", "ended"))
    found = []
    for serial in serials:
        rows = log.chain(serial.number).tolist()
        if not rows:
            continue

        def span(*wanted: int, rows: list[int] = rows) -> tuple[float, float]:
            own = [row for row in rows if kind[row] in wanted]
            return (started[own[0]], ended[own[-1]]) if own else (math.nan, math.nan)

        load, travel, unload = span(Kind.LOAD), span(Kind.TRAVEL), span(Kind.UNLOAD)
        begins = started[rows[0]] if math.isnan(begun := span(*_WORK)[0]) else begun
        found.append(_Times(serial, begins, *load, *travel, *unload, ended[rows[-1]]))
    return found


def _ready(log: MovementLog) -> float:
    return min(unit.ready_h for unit in log.plan.units if not unit.in_place)


def _closing(log: MovementLog, _serials: Sequence[Serial], _observed: Observed) -> float:
    return max(_never(hour) for hour in log.closed_h) - _ready(log)


def _arriving(log: MovementLog, serials: Sequence[Serial], _observed: Observed) -> float:
    ends = [entry.ends for entry in _times(log, [serial for serial in serials if serial.final])]
    return _latest(ends) - _ready(log)


def _moving(log: MovementLog, serials: Sequence[Serial], _observed: Observed) -> float:
    times = _times(log, serials)
    return _latest([entry.ends for entry in times]) - min((entry.begins for entry in times), default=math.nan)


def _outloading(log: MovementLog, serials: Sequence[Serial], _observed: Observed) -> float:
    times = _times(log, serials)
    return _latest([entry.starts for entry in times]) - min((entry.begins for entry in times), default=math.nan)


def _clearing(log: MovementLog, serials: Sequence[Serial], observed: Observed) -> float:
    """From the first piece that stands at the place, discharged or ready there, to the last serial that leaves it."""
    plan = log.plan
    leaving = [
        serial
        for serial in serials
        if serial.stage != 1 and (not observed.at or plan.programs[serial.program].from_node == observed.at)
    ]
    landed = log.landed
    first = [
        float(log["started"][landed[serial.number]]) if landed[serial.number] >= 0 else plan.units[serial.unit].ready_h
        for serial in leaving
    ]
    last = _latest([entry.starts for entry in _times(log, leaving)])
    return last - min(first, default=math.nan)


def _mean(of: Callable[[_Times], float]) -> Callable[[MovementLog, Sequence[Serial], Observed], float]:
    def mean(log: MovementLog, serials: Sequence[Serial], _observed: Observed) -> float:
        values = [of(entry) for entry in _times(log, serials)]
        return float(np.mean(values)) if values else math.nan

    return mean


def _serials(log: MovementLog, serials: Sequence[Serial], _observed: Observed) -> float:
    return float(len(_times(log, serials))) or math.nan


def _pieces(_log: MovementLog, serials: Sequence[Serial], _observed: Observed) -> float:
    return float(np.mean([serial.quantity for serial in serials])) if serials else math.nan


def _pieces_a_day(log: MovementLog, serials: Sequence[Serial], observed: Observed) -> float:
    return _rate(sum(serial.quantity for serial in serials), _moving(log, serials, observed))


def _serials_a_day(log: MovementLog, serials: Sequence[Serial], observed: Observed) -> float:
    return _rate(float(len(serials)), _moving(log, serials, observed))


def _rate(amount: float, hours: float) -> float:
    return HOURS_PER_DAY * amount / hours if hours > 0 else math.nan


def _latest(hours: Sequence[float]) -> float:
    """The last of them; nan if one never came, or there is none."""
    return float(np.max(np.array(hours))) if hours else math.nan


def _never(hour: float) -> float:
    return math.inf if math.isnan(hour) else hour


_under_way = _mean(lambda entry: entry.arrives - entry.starts)
_METRICS: dict[str, Callable[[MovementLog, Sequence[Serial], Observed], float]] = {
    "closing": _closing,
    "arriving": _arriving,
    "moving": _moving,
    "outloading": _outloading,
    "clearing": _clearing,
    "loading": _mean(lambda entry: entry.loaded_to - entry.loaded_from),
    "discharging": _mean(lambda entry: entry.unloaded_to - entry.unloaded_from),
    "at_sea": _under_way,
    "port_to_port": _mean(lambda entry: entry.arrives - entry.loaded_from),
    "on_the_way": _mean(lambda entry: entry.ends - entry.begins),
    "under_way": _under_way,
    "serials": _serials,
    "pieces_a_serial": _pieces,
    "pieces_a_day": _pieces_a_day,
    "serials_a_day": _serials_a_day,
}
