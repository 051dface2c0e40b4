"""Closure against spending in the last year of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.label_placement import spread
from flanksim.draw.style import GRID, INK, caption, deadline_line, new_axes
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL
from flanksim.measure.surface import SurfaceRuns
from flanksim.metrics import surface
from flanksim.metrics.metric import Metric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LINES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")


def spending_curve(points: pd.DataFrame, deadline_days: float, title: str, note: str, band: bool = True) -> Axes:
    """Closure day against spending in the last year of the points, a line a fraction; intervals if `band`.

    Parameters
    ----------
    points
        Points of a sweep: `year`, `infrastructure_share` (% of GDP), `mobility_fraction`, `closure_day` and its
        interval `closure_day_low`, `closure_day_high`.
    deadline_days
        Deadline, days after C-day.
    title, note
        Title, and the end of the caption.
    band
        Whether the intervals are drawn.

    Returns
    -------
    matplotlib.axes.Axes
        Per cent of GDP across, closure day up.
    """
    year = int(points["year"].max())
    last = points[points["year"] == year].sort_values("infrastructure_share")
    figure, axes = new_axes(8.6, 4.6)
    top = 1.25 * max(float(np.nanmax([last["closure_day"].max(), 0.0])), deadline_days)
    ends = []
    for number, (fraction, part) in enumerate(last.groupby("mobility_fraction")):
        colour = LINES[number % len(LINES)]
        across = part["infrastructure_share"].to_numpy()
        low, high = part["closure_day_low"].to_numpy(), part["closure_day_high"].to_numpy()
        if band:
            axes.fill_between(across, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(across, part["closure_day"].to_numpy(), color=colour, linewidth=2, marker="o", markersize=4)
        if not np.isnan(part["closure_day"].iloc[-1]):
            ends.append((across[-1], float(part["closure_day"].iloc[-1]), f"{fraction:.0%} reaches mobility", colour))
    for at, (x, _, name, colour) in zip(spread([end[1] for end in ends], top * 0.055), ends, strict=True):
        axes.annotate(
            name, (x, at), xytext=(8, 0), textcoords="offset points", color=colour, fontsize=9, va="center",
            annotation_clip=False,
        )  # fmt: skip
    deadline_line(axes, deadline_days, across=False)
    axes.set_xlabel(f"infrastructure spending, % of GDP (network of 1 July {year})", fontsize=9)
    axes.set_ylabel("closure, days after C-day", fontsize=9)
    axes.set_ylim(0, top)
    axes.set_xticks(sorted(last["infrastructure_share"].unique()))
    axes.margins(x=0.02)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontsize=12, color=INK)
    cut = " (cut off at the top)" if float(last["closure_day_high"].max()) > top else ""
    spread_said = f"mean and 95 % interval{cut}" if band else "mean; too few runs for an interval"
    caption(figure, f"{spread_said} · {note}")
    return axes


def table(of: SurfaceRuns) -> pd.DataFrame:
    """The points of the last year, as in the table of the surface."""
    points = surface.table(of)
    last: pd.DataFrame = points[points["year"] == points["year"].max()].reset_index(drop=True)
    return last


def draw(of: SurfaceRuns) -> Axes:
    """Closure day against spending in the last year, with its band, a line a fraction."""
    sure = of.fewest_runs >= FEWEST_FOR_AN_INTERVAL
    deadline = of.scenario.question.deadline_days
    return spending_curve(table(of), deadline, surface.title(of), surface.note(of), sure)


SPENDING_CURVE = Metric("spending-curve", "closure day by spending in the last year", table, draw)
