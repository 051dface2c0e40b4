"""The map in small multiples: what moved, what waits and who is closed, a panel a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10, nan, sqrt
from typing import TYPE_CHECKING

from flanksim.draw.basemap import Extent, frame_of, ground, positions
from flanksim.draw.label_placement import Label, place_labels
from flanksim.draw.style import CLOSED, DEADLINE, GRID, INK, MODE_COLOURS, MUTED, caption, provenance, sheet
from flanksim.measure.traffic import Traffic
from flanksim.metrics.metric import Metric, OneRun
from flanksim.modes import LINK_MODES
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan
from flanksim.scenario.naming import place
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, closure_day, deadline_hour

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Days of the panels.
DAYS = (5.0, 10.0, 20.0, 30.0)

Point = tuple[float, float]
WAITING = DEADLINE
#: Where places beyond the map are gathered, as parts of the width and height of a panel.
OVERSEAS = (0.075, 0.60)
_WIDEST, _LARGEST_WAIT, _LARGEST_CLOSED = 5.0, 17.0, 10.0  # points: line, radius, half of a side
#: Queues named in one panel.
_NAMED = 4


@dataclass(frozen=True)
class Day:
    """One panel in numbers.

    Attributes
    ----------
    flow
        Pieces a day over each link since the panel before.
    waiting, closed
        Serials waiting and troops closed, by place, at the end of the day.
    idle
        Units that are not ready, and that wait for permission.
    """

    day: float
    flow: dict[str, float]
    waiting: dict[str, int]
    closed: dict[str, int]
    idle: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scale:
    """Largest values over all panels; sizes grow with the square root, so that areas compare."""

    flow: float
    waiting: float
    closed: float

    def width(self, pieces_per_day: float) -> float:
        """Width of a link, points."""
        return 0.35 + _WIDEST * sqrt(pieces_per_day / self.flow)

    def wait_radius(self, serials: float) -> float:
        """Radius of a queue's circle, points."""
        return _LARGEST_WAIT * sqrt(serials / self.waiting)

    def closed_side(self, troops: float) -> float:
        """Half of the side of the mark of closed troops, points."""
        return _LARGEST_CLOSED * sqrt(troops / self.closed)


def map_days(scenario: Scenario, log: MovementLog, days: Sequence[float] = DAYS, title: str = "") -> Axes:
    """One replication on the map at the end of each of `days`, two panels in a row.

    Width of a link is what entered it a day since the panel before (vehicles, containers and troops),
    a circle is the number of serials that wait there, a filled square the troops in closed units.
    Places beyond the map's frame are gathered in one circle at its western edge.

    Parameters
    ----------
    scenario, plan, outcome
        The scenario, its plan, and the replication that is drawn.
    days
        C-days, each a panel.
    title
        Title; that of the scenario if empty.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; kilometres east and north of the centre of the frame. The others are in its figure.
    """
    panels = read_days(Traffic(scenario, log), days)
    scale = _scale(scenario, panels)
    extent = _extent(scenario, panels)
    columns = min(2, len(panels))
    rows = ceil(len(panels) / columns)
    width, high = 8.6, 8.6 * (0.976 / columns - 0.008) * (extent[3] - extent[2]) / (extent[1] - extent[0])
    top, key, gap = 0.3, 1.12, 0.36
    figure = sheet(width, top + rows * (high + gap) + key)
    whole = top + rows * (high + gap) + key
    found: list[Axes] = []
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        bottom = whole - top - (row + 1) * (high + gap)
        box = (0.012 + column / columns * 0.99, bottom / whole, 0.976 / columns - 0.008, high / whole)
        axes = figure.add_axes(box)
        _panel(axes, scenario, log.plan, panel, scale, extent)
        found.append(axes)
    _key(figure, _modes(scenario, panels), scale, key / whole, whole)
    figure.text(0.012, 1 - 0.1 / whole, title or _title(scenario), fontsize=12, color=INK, va="top")
    caption(figure, provenance(log.plan, seed=log.seed))
    return found[0]


def read_days(where: Traffic, days: Sequence[float]) -> list[Day]:
    """The numbers of every panel, in order of the days."""
    before, found = 0.0, []
    for day in sorted(days):
        hour = deadline_hour(day)
        flow = {key: value * HOURS_PER_DAY / (hour - before) for key, value in where.passed(before, hour).items()}
        found.append(Day(day, flow, where.waiting(hour), where.closed(hour), where.idle(hour)))
        before = hour
    return found


def _scale(scenario: Scenario, panels: Sequence[Day]) -> Scale:
    frame = frame_of(scenario)
    beyond = {key for key, point in positions(scenario).items() if not frame.holds(point)}
    queues = [sum(count for key, count in panel.waiting.items() if key in beyond) for panel in panels]
    queues += [count for panel in panels for count in panel.waiting.values()]
    flow = [pieces for panel in panels for pieces in panel.flow.values()]
    return Scale(
        max([1.0, *flow]), max([1.0, *queues]), max([1.0, *(v for panel in panels for v in panel.closed.values())])
    )


def _title(scenario: Scenario) -> str:
    return f"{scenario.title or scenario.name}: what moves, what waits, who is closed"


def _panel(axes: Axes, scenario: Scenario, plan: Plan, panel: Day, scale: Scale, extent: Extent) -> None:
    ground(axes, frame_of(scenario), extent, width=0.35)
    west, east, south, north = extent
    anchor = (west + OVERSEAS[0] * (east - west), south + OVERSEAS[1] * (north - south))
    place = positions(scenario)
    inside = {key: west <= x <= east and south <= y <= north for key, (x, y) in place.items()}
    at = {key: point if inside[key] else anchor for key, point in place.items()}
    _links(axes, scenario, panel.flow, scale, at, inside)
    for key, troops in sorted(panel.closed.items()):
        if key in at:
            axes.plot(*at[key], marker="s", markersize=2 * scale.closed_side(troops), color=CLOSED, alpha=0.85,
                      markeredgecolor="white", markeredgewidth=0.5, zorder=5, label=f"closed-{key}")  # fmt: skip
    _queues(axes, scenario, panel, scale, at, inside, anchor)
    deadline = closure_day(plan.deadline_h)
    last = panel.day == deadline
    colour = DEADLINE if last else INK
    axes.text(0.0, 1.015, f"C+{panel.day:g}" + (" · the deadline" if last else ""), transform=axes.transAxes,
              fontsize=11, weight="bold", color=colour, va="bottom")  # fmt: skip
    axes.text(1.0, 1.015, f"{sum(panel.closed.values()):,} of {plan.troops_required:,} troops closed",
              transform=axes.transAxes, fontsize=8.5, color=CLOSED, va="bottom", ha="right")  # fmt: skip
    if last:
        for spine in axes.spines.values():
            spine.set(visible=True, color=DEADLINE, linewidth=1.6)
    if not panel.flow and any(panel.idle):
        ready, paper = panel.idle
        axes.text(0.5, 0.5, f"nothing moves yet:\n{ready} units are not ready,\n{paper} wait for permission",
                  transform=axes.transAxes, fontsize=10, color=INK, ha="center", va="center", zorder=9,
                  bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 5})  # fmt: skip


def _links(
    axes: Axes,
    scenario: Scenario,
    flow: Mapping[str, float],
    scale: Scale,
    at: Mapping[str, Point],
    inside: Mapping[str, bool],
) -> None:
    """Unused roads and rails as hairlines, used links by their mode; sea and air lie under the rest, paler."""
    from matplotlib.collections import LineCollection

    idle = [
        point
        for key, link in sorted(scenario.links.items())
        if LINK_MODES[link.mode].borders
        and not flow.get(key)
        and inside.get(link.from_node)
        and inside.get(link.to_node)
        for point in (at[link.from_node], at[link.to_node], (nan, nan))
    ]
    if idle:  # one line with gaps: as many lines as links would make a large file
        axes.plot(*zip(*idle, strict=True), color="#d3d6da", linewidth=0.35, zorder=1, label="unused")
    shades = {"air": 0.22} | {mode: link.shade for mode, link in LINK_MODES.items()}
    for mode, shade in sorted(shades.items(), key=lambda item: item[1]):
        dashes = (0, (3, 2)) if mode == "air" else "-"
        ways: dict[tuple[Point, Point], float] = {}
        for key, pieces in sorted(flow.items()):
            ends = _ends(key, scenario)
            if ends is None or ends[0] != mode or ends[1] not in at or ends[2] not in at:
                continue
            way = (at[ends[1]], at[ends[2]])
            if way[0] != way[1]:  # both ends beyond the map
                ways[way] = ways.get(way, 0.0) + pieces
        if ways:
            widths = [scale.width(pieces) for pieces in ways.values()]
            axes.add_collection(
                LineCollection([list(way) for way in ways], colors=MODE_COLOURS[mode], linewidths=widths, alpha=shade,
                               linestyles=[dashes], capstyle="round", zorder=2 + (mode in ("road", "rail")),
                               label=f"flow-{mode}")
            )  # fmt: skip


def _ends(key: str, scenario: Scenario) -> tuple[str, str, str] | None:
    """Mode and ends of a link or flight."""
    if key.startswith("air:"):
        start, _, end = key.removeprefix("air:").partition(">")
        return "air", start, end
    link = scenario.links.get(key)
    return None if link is None else (link.mode, link.from_node, link.to_node)


def _queues(
    axes: Axes,
    scenario: Scenario,
    panel: Day,
    scale: Scale,
    at: Mapping[str, Point],
    inside: Mapping[str, bool],
    anchor: Point,
) -> None:
    """A circle a place with a queue, the largest named; all beyond the map in one, always named."""
    beyond = sum(count for key, count in panel.waiting.items() if not inside.get(key, True))
    here = {key: count for key, count in panel.waiting.items() if inside.get(key)}
    marks = [(at[key], count, place(scenario, key)) for key, count in sorted(here.items(), key=lambda i: (-i[1], i[0]))]
    for (x, y), count, _ in reversed(marks):
        axes.plot(x, y, marker="o", markersize=2 * scale.wait_radius(count), markerfacecolor=(*_rgb(WAITING), 0.28),
                  markeredgecolor=WAITING, markeredgewidth=0.7, zorder=6, linestyle="", label="queue")  # fmt: skip
    labels = []
    if beyond:
        axes.plot(*anchor, marker="o", markersize=2 * scale.wait_radius(beyond), zorder=6,
                  markerfacecolor=(*_rgb(WAITING), 0.28), markeredgecolor=WAITING, markeredgewidth=0.7, linestyle="",
                  label="queue")  # fmt: skip
        labels.append(Label(f"overseas {beyond}", *anchor, scale.wait_radius(beyond), WAITING))
    labels += [Label(f"{name} {count}", x, y, scale.wait_radius(count)) for (x, y), count, name in marks[:_NAMED]]
    place_labels(axes, labels, size=7.5)


def _extent(scenario: Scenario, panels: Sequence[Day]) -> Extent:
    """Edges round all that is used within the map's frame, with some room, of a shape that suits a page."""
    place, frame = positions(scenario), frame_of(scenario)
    used: set[str] = set()
    for panel in panels:
        used |= {end for key in panel.flow for end in (_ends(key, scenario) or ("",))[1:]}
        used |= {*panel.waiting, *panel.closed}
    points = [place[key] for key in used if key in place]
    points = [point for point in points if frame.holds(point)]
    if not points:
        return frame.extent
    across, up = zip(*points, strict=True)
    room = 90.0 + 0.03 * (max(across) - min(across))
    beyond = any(not frame.extent[0] <= place[key][0] <= frame.extent[1] for key in used if key in place)
    left, right = min(across) - room - (130.0 if beyond else 0.0), max(across) + room
    low, high = min(up) - room, max(up) + room
    short = 0.62 * (right - left) - (high - low)
    if short > 0:
        low, high = low - short / 2, high + short / 2
    narrow = 0.8 * (high - low) - (right - left)
    if narrow > 0:
        left, right = left - narrow / 2, right + narrow / 2
    return left, right, low, high


def _modes(scenario: Scenario, panels: Sequence[Day]) -> list[str]:
    """Modes on which anything moves in any panel, in the order of the table of modes."""
    ends = (_ends(key, scenario) for panel in panels for key in panel.flow)
    used = {found[0] for found in ends if found is not None}
    return [mode for mode in (*LINK_MODES, "air") if mode in used]


def _key(figure: object, modes: Sequence[str], scale: Scale, height: float, whole: float) -> None:
    """Strip below the panels: modes, widths, circles and squares with their numbers."""
    axes = figure.add_axes((0.012, 0.27 / whole, 0.976, height - 0.32 / whole))  # type: ignore[attr-defined]
    axes.set(xlim=(0, 100), ylim=(0, 10), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.axhline(9.9, color=GRID, linewidth=0.8)
    at = 0.5
    for mode in modes:
        axes.plot([at, at + 3], [7.6, 7.6], color=MODE_COLOURS[mode], linewidth=2.6,
                  linestyle=(0, (2, 1)) if mode == "air" else "-", solid_capstyle="butt")  # fmt: skip
        axes.text(at + 3.6, 7.6, mode, color=MODE_COLOURS[mode], fontsize=8.5, va="center")
        at += 4.4 + 0.8 * len(mode)
    for number, pieces in enumerate(steps(scale.flow, 3)):
        x = 1 + 14 * number
        axes.plot([x, x + 5], [2.5, 2.5], color=MUTED, linewidth=scale.width(pieces), solid_capstyle="butt")
        axes.text(x + 5.7, 2.5, f"{pieces:,.0f} a day", fontsize=8, color=INK, va="center")
    axes.text(48, 7.6, "serials that wait", fontsize=8.5, color=WAITING, va="center")
    for number, serials in enumerate(steps(scale.waiting, 3)):
        at = 49.0 + 8.5 * number
        axes.plot(at, 2.5, marker="o", markersize=2 * scale.wait_radius(serials), clip_on=False,
                  markerfacecolor=(*_rgb(WAITING), 0.28), markeredgecolor=WAITING, markeredgewidth=0.7)  # fmt: skip
        axes.text(
            at + 0.6 + scale.wait_radius(serials) * 0.165,
            2.5,
            f"{serials:,.0f}",
            fontsize=8,
            color=INK,
            va="center",
        )
    axes.text(75, 7.6, "troops in closed units", fontsize=8.5, color=CLOSED, va="center")
    for number, troops in enumerate(steps(scale.closed, 3)):
        at = 75.8 + 8.5 * number
        axes.plot(at, 2.5, marker="s", markersize=2 * scale.closed_side(troops), color=CLOSED, alpha=0.85)
        axes.text(at + 0.6 + scale.closed_side(troops) * 0.165, 2.5, f"{troops:,.0f}", fontsize=8, va="center")


def steps(top: float, count: int) -> list[float]:
    """Round numbers up to `top`, each about a quarter of the next.

    Examples
    --------
    >>> steps(1300, 3)
    [50, 200, 1000]
    """
    found: list[float] = []
    value = top
    while len(found) < count and value >= 1:
        power = 10 ** int(log10(value))
        rounded = max(step * power for step in (1, 2, 5) if step * power <= value)
        found.insert(0, rounded)
        value = rounded / 4
    return found


def _rgb(colour: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def table(of: OneRun, days: Sequence[float] = DAYS, seed: int | None = None) -> pd.DataFrame:
    """What moves, waits and is closed, place by place, at the end of some days."""
    return Traffic(of.scenario, of.replay(seed)).table(days)


def draw(of: OneRun, days: Sequence[float] = DAYS, seed: int | None = None) -> Axes:
    """The maps of `table`, a panel a day."""
    return map_days(of.scenario, of.replay(seed), days)


FLOW_MAP = Metric("map", "flow over links, queues and closed troops at the end of some days", table, draw)
