"""Which loss costs most, on the map: places and links by the days that a soldier is later, lift beside it."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from flanksim.draw.basemap import frame_of, ground, positions
from flanksim.draw.label_placement import Label, place_labels
from flanksim.draw.style import BASELINE, DEADLINE, GRID, INK, MUTED, caption, new_axes, settled, shortened
from flanksim.measure.losses import LossRuns
from flanksim.metrics.metric import Metric
from flanksim.network.lost import Asset, places

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LARGEST = 15.0  # radius, points
#: Names on the map, and lines of what has no place on it, at the most.
_NAMED, _BESIDE = 12, 6


def map_table(of: LossRuns) -> pd.DataFrame:
    """One row a place or link of each loss that is taken out alone: days that a soldier is later, and how sure."""
    import pandas as pd

    columns = ["loss", "title", "soldier_days_later", "costs", "from_node", "to_node"]
    rows = [
        {"loss": row["name"], "title": row["title"], "soldier_days_later": row["soldier_days_later"].mean,
         "costs": row["costs"], "from_node": ends[0], "to_node": ends[-1]}
        for row in of.ranked
        for ends in places(of.scenario, _asset(of, row["name"])) or (("",),)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _asset(of: LossRuns, name: str) -> Asset:
    return next(loss.assets[0] for loss in of.losses if loss.name == name)


def draw_map(of: LossRuns) -> Axes:
    """Mark every loss that surely costs days, area by the days that a soldier is later; the others are small dots."""
    frame = frame_of(of.scenario)
    west, east, south, north = frame.extent
    figure, axes = new_axes(9.0, min(11.0, max(4.0, 9.0 * (north - south) / (east - west))))
    ground(axes, frame)
    at = {key: point for key, point in positions(of.scenario).items() if frame.holds(point)}
    _network(axes, of, at)
    top = max((row["soldier_days_later"].mean for row in of.ranked if row["costs"]), default=1.0)
    labels, beside = [], []
    for row in of.ranked:
        days = row["soldier_days_later"].mean
        said = f"{shortened(row['title'], 34)}: {days:+.1f}"
        own = places(of.scenario, _asset(of, row["name"]))
        ways = [[at[key] for key in ends] for ends in own if at.keys() >= {*ends}]
        if not ways:
            if row["costs"]:
                beside.append(said)
            continue
        x, y = (sum(values) / len(ways[0]) for values in zip(*ways[0], strict=True))
        radius = max(2.5, _LARGEST * sqrt(max(0.0, days) / top)) if row["costs"] else 2.0
        colour = DEADLINE if row["costs"] else MUTED
        for way in ways:
            axes.plot(*zip(*way, strict=True), color=colour, linewidth=2.0 if row["costs"] else 1.0, zorder=4)
        axes.plot(x, y, marker="o", markersize=2 * radius, markerfacecolor=colour, alpha=0.45, zorder=5,
                  markeredgecolor=colour, label="loss")  # fmt: skip
        if row["costs"]:
            labels.append(Label(said, x, y, radius))
    axes.set_title(
        f"Which loss costs most: days that a soldier is later in the mean, each out from C+{of.from_day:g} to "
        f"C+{of.to_day:g}", fontsize=10.5, loc="left", color=INK,
    )  # fmt: skip
    if not (labels or beside):
        axes.text(0.02, 0.97, "None of these surely costs days.", transform=axes.transAxes, va="top", fontsize=9.5,
                  color=INK, bbox={"facecolor": "white", "alpha": 0.88, "edgecolor": GRID, "pad": 6})  # fmt: skip
    caption(figure, _beside(beside) + _note(of))
    settled(figure)
    place_labels(axes, labels[:_NAMED], size=8.0)
    return axes


def _network(axes: Axes, of: LossRuns, at: dict[str, tuple[float, float]]) -> None:
    from matplotlib.collections import LineCollection

    lines = [
        [at[link.from_node], at[link.to_node]]
        for _, link in sorted(of.scenario.links.items())
        if link.mode != "sea" and link.from_node in at and link.to_node in at
    ]
    axes.add_collection(LineCollection(lines, colors=BASELINE, linewidths=0.3, alpha=0.5, zorder=1))


def _beside(lines: list[str]) -> str:
    more = f" and {len(lines) - _BESIDE} more" if len(lines) > _BESIDE else ""
    return f"lift, and places beyond the map: {'; '.join(lines[:_BESIDE])}{more} · " if lines else ""


def _note(of: LossRuns) -> str:
    plan = "plan made with the loss known" if of.foreseen else "today's plan"
    return f"{plan} · grey: not sure, or nothing · {of.pairs} paired runs at most · seed {of.seed} · {of.scenario.name}"


LOSS_MAP = Metric("losses", "which loss costs most, on the map", map_table, draw_map)
