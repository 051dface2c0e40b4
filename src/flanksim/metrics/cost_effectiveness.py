"""Which euro buys which day: cost against days saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.label_placement import Label, place_labels
from flanksim.draw.style import DEADLINE, GRID, INK, MAIN, MUTED, caption, new_axes, settled, shortened
from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.columns import BASE
from flanksim.metrics.metric import Metric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Names are written beside so many alternatives at most.
NAMED = 14


def cost_effectiveness(alternatives: pd.DataFrame, note: str, deadline_days: float) -> Axes:
    """Days saved against cost for every alternative but the first, with intervals and the frontier.

    Parameters
    ----------
    alternatives
        As from `table`; those whose verdict is not sure are grey, and no part of the frontier.
    deadline_days
        C-day by which the force should be closed: the days that would have to be saved are drawn or said.
    """
    rows = alternatives[alternatives["verdict"] != BASE].dropna(subset=["difference_days"])
    figure, axes = new_axes(8.6, 5.0)
    cost, saved = rows["cost_bn_eur"].to_numpy(), -rows["difference_days"].to_numpy()
    low, high = -rows["difference_days_high"].to_numpy(), -rows["difference_days_low"].to_numpy()
    sure = rows["verdict"].isin(["sooner", "later"]).to_numpy()
    for which, colour in ((~sure, MUTED), (sure, MAIN)):
        axes.errorbar(
            cost[which],
            saved[which],
            yerr=[(saved - low)[which], (high - saved)[which]],
            fmt="o",
            markersize=5,
            color=colour,
            elinewidth=1,
            capsize=2,
        )
    known = np.flatnonzero(sure)
    front = known[frontier(cost[known], saved[known])]
    if len(front) > 1:
        axes.step(cost[front], saved[front], where="post", color=INK, linewidth=1.2, zorder=1)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.margins(x=0.14, y=0.12)
    _needed(axes, float(alternatives["closure_day"].iloc[0]) - deadline_days, deadline_days)
    axes.set_xlabel("cost, EUR bn", fontsize=9)
    axes.set_ylabel("days saved against the first", fontsize=9)
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title("Which euro buys which day", loc="left", fontsize=12, color=INK, pad=20)
    caption(
        figure, f"95 % intervals that hold together; grey: cannot tell apart, or too few runs; line: frontier · {note}"
    )
    settled(figure)
    names = rows["title" if "title" in rows else "alternative"].tolist()
    order = sorted(range(len(names)), key=lambda n: -abs(saved[n]))[:NAMED]
    place_labels(
        axes,
        [Label(shortened(names[n], 34), float(cost[n]), float(saved[n]), 3.0) for n in order],
        size=8.5,
        first_degrees=40,
    )
    return axes


def _needed(axes: Axes, days: float, deadline_days: float) -> None:
    """The days that would have to be saved: a line where that is on the figure, else the number above it."""
    if days != days:  # noqa: PLR0124 - nan: the first never closed
        return
    low, high = axes.get_ylim()
    if days <= max(1.3 * high, 1.0):
        axes.set_ylim(min(low, days - 1), max(high, days * 1.08))
        axes.axhline(days, color=DEADLINE, linewidth=1.2, linestyle=(0, (4, 3)), label="deadline")
    said = (
        f"C+{deadline_days:g} needs {days:.0f} days saved" if days > 0 else f"C+{deadline_days:g} is met by the first"
    )
    axes.annotate(
        said, (1.0, 1.0), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points", color=DEADLINE,
        fontsize=9, ha="right", va="bottom", annotation_clip=False,
    )  # fmt: skip


def frontier(cost: np.ndarray, saved: np.ndarray) -> list[int]:
    """Positions of those that save more than everything that costs no more, cheapest first.

    Examples
    --------
    >>> frontier(np.array([1.0, 2.0, 3.0]), np.array([5.0, 4.0, 6.0]))
    [0, 2]
    """
    found: list[int] = []
    best = 0.0
    for number in sorted(range(len(cost)), key=lambda n: (cost[n], -saved[n])):
        if saved[number] > best:
            found.append(number)
            best = float(saved[number])
    return found


def table(of: AlternativeRuns) -> pd.DataFrame:
    """One row an alternative: closure, chance, difference from the first with interval, verdict, cost."""
    import pandas as pd

    return pd.DataFrame(of.rows)


def draw(of: AlternativeRuns) -> Axes:
    """Cost against days saved, with intervals and the frontier."""
    first = of.alternatives[0]
    note = f"{len(first.replications)} paired runs · seed {of.seed} · against {first.title} {first.scenario.digest}"
    return cost_effectiveness(table(of), note, of.deadline_days)


COST_EFFECTIVENESS = Metric("value", "cost and days saved of each alternative", table, draw)
CLOSURE_OF_ALTERNATIVES = Metric("closure", "closure, chance, difference and cost of each alternative", table, draw)
