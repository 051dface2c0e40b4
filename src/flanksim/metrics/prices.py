"""What one more of a capacity takes off the bound, on the map: solved again with it, the next limit considered."""

from __future__ import annotations

import math
import textwrap
from math import sqrt
from typing import TYPE_CHECKING

from flanksim.bounds.rungs import Gain, Ladder, none
from flanksim.draw.basemap import frame_of, ground, positions
from flanksim.draw.label_placement import Label, place_labels
from flanksim.draw.style import DEADLINE, GRID, INK, MODE_COLOURS, MUTED, caption, sheet
from flanksim.scenario import naming
from flanksim.scenario.naming import place, places_of
from flanksim.scenario.schema import Scenario
from flanksim.text.bound import set_by

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Marks that are named, and rows of the table of what has no place on the map.
NAMED, ROWS = 8, 8
#: Width over height of the map.
_SHAPE = 8.6 * 0.976 / (8.25 * 0.899)
_LARGEST = 22.0  # radius, points
_TOP, _ROW = 0.99, 0.034  # of the height of the map
_RUNGS = {
    "free_flow": "free flow",
    "volume": "volume",
    "whole_ships": "whole ships",
    "time_expanded": "time-expanded",
}


def price_map(scenario: Scenario, ladder: Ladder, title: str = "") -> Axes:
    """Mark on the map every place and link of which one more takes half a day or more off the bound.

    Area grows with the days by which the bound falls. Lift and places beyond the map are listed beside it, with what
    binds next (`Ladder.reliefs`).

    Parameters
    ----------
    scenario
        The scenario.
    ladder
        Its bounds, with the days that one more of each capacity takes off them.
    title
        Title; one that says what is drawn if empty.

    Returns
    -------
    matplotlib.axes.Axes
        Kilometres east and north of the centre of the frame. Where no capacity takes half a day off the bound, the
        figure says so.
    """
    figure = sheet(8.6, 8.25)
    axes = figure.add_axes((0.012, 0.032, 0.976, 0.899))
    place, frame = positions(scenario), frame_of(scenario)
    ground(axes, frame, frame.shaped(_SHAPE))
    inside = {key for key, point in place.items() if frame.holds(point)}
    _network(axes, scenario, place, inside)
    prices = list(ladder.prices)
    top = max((price.days for price in prices), default=1.0)
    here = [p for p in prices if (ends := places_of(p.element, scenario)) and set(ends) <= inside]
    labels = []
    for price in reversed(here):
        points = [place[key] for key in places_of(price.element, scenario)]
        x, y = (sum(values) / len(values) for values in zip(*points, strict=True))
        radius = _LARGEST * sqrt(price.days / top)
        if len(points) > 1:
            axes.plot(*zip(*points, strict=True), color=DEADLINE, linewidth=2.2, alpha=0.8, zorder=4)
        _mark(axes, x, y, radius)
        if price in prices[:NAMED]:
            labels.append(Label(_said(price, scenario), x, y, radius))
    rest = [price for price in prices if price not in here]
    boxes = [_aside(axes, rest, scenario, top), _next(axes, ladder, scenario, len(rest[:ROWS]))]
    if not prices:
        _nothing(axes, scenario, ladder)
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    place_labels(axes, labels[::-1], size=8.5, taken=[b.get_window_extent(renderer) for b in boxes if b is not None])
    _title(axes, scenario, ladder, title)
    chance = "holds in every replication" if ladder.seed is None else f"replication of seed {ladder.seed}"
    caption(
        figure,
        f"{_units(ladder)}days off the bound are not days off the arrival · {chance} · "
        f"scenario {scenario.name} {scenario.digest}",
    )
    return axes


def _units(ladder: Ladder) -> str:
    """What one more is, for each kind of capacity that is marked."""
    kinds = sorted({gain.one_more for gain in ladder.prices})
    return f"one more: {', '.join(kinds)} · " if kinds else ""


def _mark(axes: Axes, x: float, y: float, radius: float) -> None:
    axes.plot(x, y, marker="o", markersize=2 * radius, markerfacecolor=DEADLINE, alpha=0.45, zorder=5,
              markeredgecolor=DEADLINE, label="price")  # fmt: skip


def _said(price: Gain, scenario: Scenario) -> str:
    return f"{_name(price.element, scenario)}: {price.days:.1f} days"


def _name(element: str, scenario: Scenario, most: int = 46) -> str:
    name = naming.element(scenario, element)
    name = name[0].upper() + name[1:]
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _network(axes: Axes, scenario: Scenario, place: dict[str, tuple[float, float]], inside: set[str]) -> None:
    from matplotlib.collections import LineCollection

    for mode in ("road", "rail"):
        lines = [
            [place[link.from_node], place[link.to_node]]
            for _, link in sorted(scenario.links.items())
            if link.mode == mode and {link.from_node, link.to_node} <= inside
        ]
        axes.add_collection(LineCollection(lines, colors=MODE_COLOURS[mode], linewidths=0.5, alpha=0.3, zorder=1))


def _aside(axes: Axes, rest: list[Gain], scenario: Scenario, top: float) -> Axes | None:
    """Table in the upper left corner: lift, and what lies beyond the map."""
    if not rest:
        return None
    shown = rest[:ROWS]
    high = _ROW * (len(shown) + 1)
    box = axes.inset_axes((0.0, _TOP - high, 0.47, high), zorder=7)
    _frame(box, len(shown) + 1)
    head = "lift, and places beyond the map" if any(places_of(p.element, scenario) for p in rest) else "lift"
    box.text(0.03, 0.5, head, fontsize=8.5, color=MUTED, va="center")
    box.text(0.97, 0.5, "falls by days", fontsize=8.5, color=MUTED, va="center", ha="right")
    for row, price in enumerate(shown):
        size = 6.5 * sqrt(price.days / top)
        box.plot(0.045, row + 1.5, marker="o", markersize=2 * size, markerfacecolor=DEADLINE, alpha=0.45,
                 markeredgecolor=DEADLINE, label="price")  # fmt: skip
        box.text(0.09, row + 1.5, _name(price.element, scenario, 40), fontsize=8.5, color=INK, va="center")
        box.text(0.97, row + 1.5, f"{price.days:.1f}", fontsize=8.5, color=INK, va="center", ha="right")
    return box


def _next(axes: Axes, ladder: Ladder, scenario: Scenario, above: int) -> Axes | None:
    """Table below that one, which has `above` rows: the bound once what binds is doubled, and so on."""
    if not ladder.reliefs:
        return None
    rows = [
        (f"{_name(entry.element, scenario, 32)}, {entry.capacity:g} to {2 * entry.capacity:g}", entry.volume)
        for entry in ladder.reliefs
    ]
    high = _ROW * (len(rows) + 1)
    start = _TOP - (_ROW * (above + 1) + 0.015 if above else 0.0)
    box = axes.inset_axes((0.0, start - high, 0.47, high), zorder=7)
    _frame(box, len(rows) + 1)
    box.text(0.03, 0.5, "doubled one after the other", fontsize=8.5, color=MUTED, va="center")
    box.text(0.97, 0.5, "bound then", fontsize=8.5, color=MUTED, va="center", ha="right")
    for row, (what, day) in enumerate(rows):
        box.text(0.03, row + 1.5, what, fontsize=8.5, color=INK, va="center")
        said = f"C{round(day, 1) + 0.0:+.1f}" if math.isfinite(day) else "never"
        box.text(0.97, row + 1.5, said, fontsize=8.5, color=INK, va="center", ha="right")
    return box


def _frame(box: Axes, rows: int) -> None:
    box.set(xlim=(0, 1), ylim=(rows, 0), xticks=[], yticks=[])
    box.patch.set(facecolor="white", alpha=0.88)
    for spine in box.spines.values():
        spine.set(color=GRID, linewidth=0.8)


def _nothing(axes: Axes, scenario: Scenario, ladder: Ladder) -> None:
    """Nothing takes half a day off: the figure says so, and what sets the bound."""
    said = f"{none(ladder.untried)}."
    unit = scenario.units.get(ladder.binding[1])
    if not math.isfinite(ladder.day):
        said = "Nothing closes the force at all here."
    elif ladder.binding[0] == "free_flow" and unit is not None:
        who = place_and_name(unit.name or ladder.binding[1], unit.home_node, scenario)
        said += (
            f"\nEven if nobody waited for anybody, {who}\nwould not be there sooner. "
            "Only readiness, permission, speed\nand distance change it."
        )
    elif ladder.together:
        said += "\n" + textwrap.fill(f"It is set by {set_by(ladder, scenario)}; below it lies the next limit.", 60)
    top = 0.97 - (_ROW * (len(ladder.reliefs) + 1) + 0.02 if ladder.reliefs else 0.0)  # below the table of reliefs
    axes.text(0.02, top, said, transform=axes.transAxes, fontsize=9.5, color=INK, va="top", linespacing=1.45, zorder=8,
              bbox={"facecolor": "white", "alpha": 0.88, "edgecolor": GRID, "pad": 6})  # fmt: skip


def place_and_name(name: str, home: str, scenario: Scenario) -> str:
    """A unit with the place that it comes from.

    Parameters
    ----------
    name
        Name of the unit.
    home
        Node from which it comes.
    scenario
        The scenario, for the name of the node.
    """
    return f"{name.removesuffix(' (notional)')} from {place(scenario, home)}"


def _title(axes: Axes, scenario: Scenario, ladder: Ladder, title: str) -> None:
    """What the marks are, and the bound that they would lower."""
    day = f"C{round(ladder.day, 1) + 0.0:+.1f}" if math.isfinite(ladder.day) else "the horizon"
    axes.text(0, 1.065, title or f"{scenario.title or scenario.name}: what one more takes off the bound",
              transform=axes.transAxes, fontsize=12, color=INK, va="top")  # fmt: skip
    binds = _RUNGS.get(ladder.binding[0], ladder.binding[0])
    late = f"; the deadline is C+{scenario.question.deadline_days:g}"
    what = "" if not ladder.prices else " · area: days by which it falls with one more of one capacity"
    axes.text(0, 1.026, f"no schedule beats {day} ({binds}){late}{what}", transform=axes.transAxes, fontsize=8.5,
              color=MUTED, va="top")  # fmt: skip
