"""One unit's journey as a strip: every serial from C-day to the closure, in the states of the ledger.

Above them stand the unit's own path, the life of the serial with which it was complete, and what it waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.style import INK, MUTED, caption, deadline_line, new_axes, provenance
from flanksim.measure.critical import Piece, waited_for
from flanksim.measure.lives import State, last_life, lives
from flanksim.scenario.naming import unit_name
from flanksim.units import HOURS_PER_DAY, closure_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from flanksim.movements import Outcome
    from flanksim.planning.plan import Plan

#: States drawn in one colour, with the word written for them.
FAMILIES: tuple[tuple[str, str, tuple[State, ...]], ...] = (
    ("not ready", "#d9dee3", (State.NOT_READY, State.HELD)),
    ("permission", "#b0b7bf", (State.PERMISSION,)),
    ("waiting for lift", "#e69f00", (State.LIFT, State.LIFT_COMING, State.SHIP_LOAD)),
    ("handling", "#56b4e9", (State.LOADING, State.UNLOADING, State.BORDER, State.GAUGE_CHANGE, State.PORT_EXIT)),
    ("queue, full yard", "#d55e00", (State.GATE, State.FULL_YARD)),
    ("moving", "#0072b2", (State.MOVING,)),
    ("rest, breakdown, shut", "#8a6d3b", (State.REST, State.BREAKDOWN, State.OUTAGE, State.CLOSED_HOURS)),
    ("marry-up", "#cc79a7", (State.MARRY_UP,)),
    ("integration", "#009e73", (State.INTEGRATION,)),
)


#: The causes of `waited_for` by the family that they are drawn with.
_BLAMED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("not ready", ("not ready", "schedule")),
    ("permission", ("permission",)),
    ("waiting for lift", ("lift ",)),
    ("handling", ("loading", "unloading", "border", "gauge change", "port exit")),
    ("queue, full yard", ("queue at ", "full yard ", "full yard", "berth")),
    ("moving", ("moving by ", "empty run")),
    ("rest, breakdown, shut", ("rest", "breakdown", "workshop of ", "outage ", "outage", "closed hours", "closed")),
    ("integration", ("integration",)),
)
#: The two rows above the serials, the room below them, and from one to the other: each has a name beside it.
_ABOVE, _GAP, _APART = ("what it waited for", "its own path"), 1.0, 1.6
#: Words of the key in a row, and points from one row to the next.
_A_ROW, _ROW_POINTS = 5, 13


def journey(plan: Plan, outcome: Outcome, unit: str, most: int = 60) -> Axes:
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

    number = next((n for n, entry in enumerate(plan.units) if entry.unit_id == unit), None)
    if number is None:
        raise KeyError(f"no unit '{unit}' in {plan.scenario}")
    stretches, _ = lives(plan, outcome)
    mine = np.array([entry.unit == number and entry.final for entry in plan.serials], dtype=bool)
    part = stretches.take(mine[stretches.serial])
    there = {
        serial: float(part.start[(part.serial == serial) & (part.state == State.MARRY_UP)].min(initial=np.inf))
        for serial in np.unique(part.serial).tolist()
    }
    order = sorted(there, key=lambda serial: (there[serial], serial))
    shown = order[:: max(1, -(-len(order) // most))]
    figure, axes = new_axes(8.6, 2.4 + 0.13 * max(10, len(shown)))
    row = {serial: float(position) for position, serial in enumerate(shown)}
    above = {name: len(shown) + _GAP + _APART * place for place, name in enumerate(_ABOVE)}
    closes = not np.isnan(outcome.closed_h[number])
    own = last_life(plan, outcome, number) if closes else None
    waited = waited_for(plan, outcome, number) if closes else []
    for name, colour, states in FAMILIES:
        chosen = np.flatnonzero(np.isin(part.state, states) & np.isin(part.serial, shown))
        boxes = [(row[int(part.serial[n])], float(part.start[n]), float(part.end[n])) for n in chosen]
        if own is not None:
            mine = np.flatnonzero(np.isin(own.state, states))
            boxes += [(above["its own path"], float(own.start[n]), float(own.end[n])) for n in mine]
        boxes += [(above["what it waited for"], piece.start, piece.end) for piece in waited if _family(piece) == name]
        where, begin, until = np.array(boxes, dtype=np.float64).reshape(-1, 3).transpose()
        left, right = begin / HOURS_PER_DAY - 1.0, until / HOURS_PER_DAY - 1.0
        low = where - 0.43
        corners = np.stack([left, low, right, low, right, low + 0.86, left, low + 0.86], axis=1).reshape(-1, 4, 2)
        axes.add_collection(PolyCollection(list(corners), facecolors=colour, linewidths=0, label=name))
    deadline = closure_day(plan.deadline_h)
    deadline_line(axes, deadline)
    closed = outcome.closed_h[number]
    end = float(closure_day(part.end.max())) if len(part) else deadline
    axes.set_xlim(-1, max(end, deadline) + 0.5)
    axes.set_ylim(-0.8, len(shown) + (_GAP + _APART * len(_ABOVE) if closes else 0) + 0.2)
    axes.set_yticks(list(above.values()) if closes else [], list(above) if closes else [], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"days after C-day (dashed: C+{deadline:g})", fontsize=9)
    used = [(name, colour) for name, colour, states in FAMILIES if np.isin(part.state, states).any()]
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
        f"{provenance(plan, seed=outcome.seed)}",
    )
    return axes


def _legend(axes: Axes, used: list[tuple[str, str]], lines: int) -> None:
    """Names of the states in their colours, above the strips."""
    for position, (name, colour) in enumerate(used):
        line, column = divmod(position, _A_ROW)
        axes.annotate(
            f"■ {name}", (column / _A_ROW, 1.0), xycoords="axes fraction",
            xytext=(0, 18 + _ROW_POINTS * (lines - 1 - line)), textcoords="offset points", fontsize=8.5, va="bottom",
            color=MUTED if colour == "#d9dee3" else colour, annotation_clip=False,
        )  # fmt: skip


def _family(piece: Piece) -> str:
    """The family of colours of a piece of what the unit waited for."""
    for name, causes in _BLAMED:
        if any(piece.cause == cause or (cause[-1] == " " and piece.cause.startswith(cause)) for cause in causes):
            return name
    raise KeyError(f"no colour for the cause '{piece.cause}'")
