"""Observed and simulated ranges of recorded moves, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flanksim.draw.style import BASELINE, DEADLINE, GRID, INK, MAIN, MUTED, caption, new_axes, shortened
from flanksim.validation.case import Result, middle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDEST = 8.0


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
    figure, axes = new_axes(9.6, 1.4 + 0.27 * max(6, len(results)))
    for row, result in enumerate(reversed(results)):
        observed, simulated, centre = result.recorded.observed, result.simulated, middle(result.recorded.observed)
        low, high = observed.low / centre, observed.high / centre
        axes.barh(row, max(high - low, 0.012), left=low, height=0.62, color=BASELINE, linewidth=0, zorder=1)
        colour = DEADLINE if result.verdict == "miss" else MAIN
        shown = [min(max(value / centre, 1 / _WIDEST), _WIDEST) for value in (simulated.p05, simulated.p95)]
        axes.plot(shown, [row, row], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
        where = min(max(result.ratio, 1 / _WIDEST), _WIDEST)
        marker = "o" if math.isfinite(result.ratio) and where == result.ratio else ">"
        hollow = "white" if result.recorded.role == "calibrated" else colour
        axes.plot([where], [row], marker=marker, markersize=5, color=colour, markerfacecolor=hollow, zorder=3)
    axes.set_xscale("log")
    ticks = (0.125, 0.25, 0.5, 1, 2, 4, 8)
    axes.set_xticks(ticks, ["1/8", "1/4", "1/2", "1", "2", "4", "8"])
    axes.set_xticks([], minor=True)
    axes.set_xlim(1 / _WIDEST * 0.93, _WIDEST * 1.07)
    axes.set_ylim(-0.8, len(results) - 0.2)
    names = [f"{result.id}  {shortened(result.recorded.title, 54)}" for result in reversed(results)]
    axes.set_yticks(range(len(results)), names, fontsize=7.5, color=INK)
    axes.tick_params(axis="y", length=0)
    axes.axvline(1, color=MUTED, linewidth=0.8, zorder=0)
    for factor in (0.5, 2):
        axes.axvline(factor, color=MUTED, linewidth=0.8, linestyle=(0, (2, 3)), zorder=0)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("simulated or observed, as a multiple of the middle of the observed range", fontsize=9, color=INK)
    axes.set_title("Recorded moves (grey) and what flanksim makes of them", fontsize=11, color=INK, loc="left")
    caption(
        figure,
        f"grey: observed range; line: 5 to 95 % of {runs} runs, chance and ignorance together, with the median; "
        "orange: the two do not meet; hollow: calibrated; an arrow leads beyond the figure",
    )
    return axes
