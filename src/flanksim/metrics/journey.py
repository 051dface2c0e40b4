"""One unit's journey as a strip: every serial from C-day to the closure, in the states of the ledger.

Above them stand the unit's own path, the life of the serial with which it was complete, and what it waited for.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from flanksim.activities import CAUSES, STATES, State
from flanksim.draw.style import INK, MUTED, caption, deadline_line, new_axes, provenance
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import ALL, LAST, completed_by
from flanksim.measure.critical import waited_for
from flanksim.measure.serial_states import last_life, lives
from flanksim.metrics.metric import Metric, OneRun
from flanksim.movements import MovementLog
from flanksim.scenario.naming import readable, unit_name
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, closure_day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from flanksim.measure.stretches import Stretches

#: Colours of what is drawn alike, see `flanksim.activities.CAUSES`.
COLOURS = {
    "not ready": "#d9dee3",
    "permission": "#b0b7bf",
    "waiting for lift": "#e69f00",
    "handling": "#56b4e9",
    "queue, full yard": "#d55e00",
    "moving": "#0072b2",
    "rest, breakdown, shut": "#8a6d3b",
    "marry-up": "#cc79a7",
    "integration": "#009e73",
}
#: The two rows above the serials, the room below them, and from one to the other: each has a name beside it.
_ABOVE, _GAP, _APART = ("what it waited for", "its own path"), 1.0, 1.6
#: Words of the key in a row, and points from one row to the next.
_A_ROW, _ROW_POINTS = 5, 13


def journey(log: MovementLog, unit: str, most: int = 60) -> Axes:
    """Strips of the serials of `unit`, in order of their arrival.

    Parameters
    ----------
    unit
        Id of a unit.
    most
        Strips drawn; of a unit with more serials every so many is shown.

    Raises
    ------
    KeyError
        If the plan has no such unit.
    """
    from matplotlib.collections import PolyCollection

    plan = log.plan
    number = next((n for n, entry in enumerate(plan.units) if entry.unit_id == unit), None)
    if number is None:
        raise KeyError(f"no unit '{unit}' in {plan.scenario}")
    stretches, _ = lives(log)
    final = np.array([entry.unit == number and entry.final for entry in plan.serials], dtype=bool)
    part = stretches.take(final[stretches.owner])
    there = {
        serial: float(part.start[(part.owner == serial) & (part.state == State.MARRY_UP)].min(initial=np.inf))
        for serial in np.unique(part.owner).tolist()
    }
    order = sorted(there, key=lambda serial: (there[serial], serial))
    shown = order[:: max(1, -(-len(order) // most))]
    figure, axes = new_axes(8.6, 2.4 + 0.13 * max(10, len(shown)))
    row = {serial: float(position) for position, serial in enumerate(shown)}
    above = {name: len(shown) + _GAP + _APART * place for place, name in enumerate(_ABOVE)}
    closes = not np.isnan(log.closed_h[number])
    boxes = _boxes(part, row)
    if closes:
        own = last_life(log, number)
        boxes += _boxes(own, dict.fromkeys(own.owner.tolist(), above["its own path"]))
        waited = above["what it waited for"]
        boxes += [(CAUSES[p.cause.kind].drawn, waited, p.start, p.end) for p in waited_for(log, number)]
    for name, colour in COLOURS.items():
        mine = [box[1:] for box in boxes if box[0] == name]
        where, begin, until = np.array(mine, dtype=np.float64).reshape(-1, 3).transpose()
        left, right = begin / HOURS_PER_DAY - 1.0, until / HOURS_PER_DAY - 1.0
        low = where - 0.43
        corners = np.stack([left, low, right, low, right, low + 0.86, left, low + 0.86], axis=1).reshape(-1, 4, 2)
        axes.add_collection(PolyCollection(list(corners), facecolors=colour, linewidths=0, label=name))
    deadline = closure_day(plan.deadline_h)
    deadline_line(axes, deadline)
    closed = log.closed_h[number]
    end = float(closure_day(part.end.max())) if len(part) else deadline
    axes.set_xlim(-1, max(end, deadline) + 0.5)
    axes.set_ylim(-0.8, len(shown) + (_GAP + _APART * len(_ABOVE) if closes else 0) + 0.2)
    axes.set_yticks(list(above.values()) if closes else [], list(above) if closes else [], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"days after C-day (dashed: C+{deadline:g})", fontsize=9)
    found = {CAUSES[STATES[State(state)].cause].drawn for state in np.unique(part.state).tolist()}
    used = [(name, colour) for name, colour in COLOURS.items() if name in found]
    lines = -(-len(used) // _A_ROW)
    when = "not closed" if closed != closed else f"closed on C+{closure_day(closed):.1f}"  # noqa: PLR0124 - nan
    axes.set_title(
        f"{unit_name(plan.units[number].name or unit)}: {when}", loc="left", fontsize=12, color=INK,
        pad=20 + _ROW_POINTS * lines,
    )  # fmt: skip
    _legend(axes, used, lines)
    caption(
        figure,
        f"a line a serial, first arrival at the bottom, {len(shown)} of {len(order)}; above, its own path (the last "
        f"arrival) and, behind each wait, the past of what it waited for · "
        f"{provenance(plan, seed=log.seed)}",
    )
    return axes


def _boxes(part: Stretches, row: Mapping[int, float]) -> list[tuple[str, float, float, float]]:
    """Group of colours, row, start and end (hours) of the stretches of whoever has a row."""
    columns = (part.owner, part.state, part.start, part.end)
    return [
        (CAUSES[STATES[State(state)].cause].drawn, row[owner], start, end)
        for owner, state, start, end in zip(*(column.tolist() for column in columns), strict=True)
        if owner in row
    ]


def _legend(axes: Axes, used: list[tuple[str, str]], lines: int) -> None:
    """Names of the states in their colours, above the strips."""
    for position, (name, colour) in enumerate(used):
        line, column = divmod(position, _A_ROW)
        axes.annotate(
            f"■ {name}", (column / _A_ROW, 1.0), xycoords="axes fraction",
            xytext=(0, 18 + _ROW_POINTS * (lines - 1 - line)), textcoords="offset points", fontsize=8.5, va="bottom",
            color=MUTED if colour == "#d9dee3" else colour, annotation_clip=False,
        )  # fmt: skip


def table(of: OneRun, unit: str | None = None, seed: int | None = None) -> pd.DataFrame:
    """Every serial of a unit in the states of the ledger; without a name, of the unit that completes the force."""
    import pandas as pd

    outcome, scenario = of.replay(seed), of.scenario
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


def draw(of: OneRun, unit: str | None = None, seed: int | None = None, most: int = 60) -> Axes:
    """A strip for each serial of a unit."""
    log = of.replay(seed)
    return journey(log, unit_of(of.scenario, log, unit), most)


JOURNEY = Metric("journey", "every serial of one unit, from C-day to its closure", table, draw)


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
