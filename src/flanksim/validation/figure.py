"""Observed and simulated ranges of recorded moves, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flanksim.draw.style import BASELINE, DEADLINE, GRID, INK, MAIN, MUTED, caption, new_axes, shortened
from flanksim.validation.case import Result, middle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Smallest and largest factor that is drawn, and narrowest bar of an observed range.
_LOWEST, _WIDEST, _NARROWEST = 1 / 4, 4.0, 0.015
#: Row, and letters of a title above it: narrow, so that it can be read on a telephone.
_ROW_INCHES, _LETTERS = 0.42, 74
#: Lines of the scale pass behind titles.
_PLAIN = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}


def ranges(results: Sequence[Result], runs: int) -> Axes:
    """One row a case, each number over the middle of what was observed, on a scale of factors.

    Parameters
    ----------
    results
        The cases, from above to below.
    runs
        Runs of each, for the caption.

    Returns
    -------
    matplotlib.axes.Axes
        Grey bars for the record, blue lines with the median for the simulation, orange where the two do not meet.
    """
    figure, axes = new_axes(5.8, 1.5 + _ROW_INCHES * max(4, len(results)))
    for row, result in enumerate(reversed(results)):
        _row(axes, row, result)
    axes.set_xscale("log")
    axes.set_xticks((0.25, 0.5, 1, 2, 4), ["1/4", "1/2", "1", "2", "4"])
    axes.set_xticks([], minor=True)
    axes.set_xlim(_LOWEST * 0.95, _WIDEST * 1.05)
    axes.set_ylim(-0.6, len(results) - 0.05)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(1, color=MUTED, linewidth=0.8, zorder=0)
    for factor in (0.5, 2):
        axes.axvline(factor, color=MUTED, linewidth=0.8, linestyle=(0, (2, 3)), zorder=0)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("multiple of the middle of the observed range", fontsize=9, color=INK)
    axes.set_title("Recorded moves (grey) and what flanksim makes of them", fontsize=10.5, color=INK, loc="left")
    caption(
        figure,
        f"grey: observed; line: 5 to 95 % of {runs} runs with the median, chance and ignorance together; "
        "orange: the two do not meet; hollow: calibrated; an arrow leads beyond the figure",
    )
    return axes


def _row(axes: Axes, row: int, result: Result) -> None:
    observed, simulated, centre = result.recorded.observed, result.simulated, middle(result.recorded.observed)
    low, high = observed.low / centre, observed.high / centre
    y = row - 0.18
    axes.barh(y, max(high - low, _NARROWEST), left=low, height=0.36, color=BASELINE, linewidth=0, zorder=1)
    colour = DEADLINE if result.verdict == "miss" else MAIN
    shown = [_within(value / centre) for value in (simulated.p05, simulated.p95)]
    axes.plot(shown, [y, y], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
    where = _within(result.ratio)
    marker = "o" if where == result.ratio else ">" if result.ratio > 1 else "<"
    inside = "white" if result.recorded.role == "calibrated" else colour
    axes.plot([where], [y], marker=marker, markersize=5, color=colour, markerfacecolor=inside, zorder=3)
    title = f"{result.id}  {shortened(result.recorded.title, _LETTERS - len(result.id))}"
    axes.text(_LOWEST * 0.95, row + 0.12, title, fontsize=7.5, color=INK, ha="left", va="bottom", zorder=4, bbox=_PLAIN)


def _within(value: float) -> float:
    """A factor as far as it is drawn."""
    return min(max(value, _LOWEST), _WIDEST) if math.isfinite(value) else _WIDEST
