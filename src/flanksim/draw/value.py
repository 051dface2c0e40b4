"""Which euro buys which day: cost against days saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.style import DEADLINE, GRID, INK, MUTED, caption, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

GOOD = "#0072b2"
#: Names are written beside so many alternatives at most.
NAMED = 14


def value(table: pd.DataFrame, note: str) -> Axes:
    """Days saved against cost for every alternative but the first, with intervals and the frontier.

    Parameters
    ----------
    table
        As from `flanksim.study.compare.Comparison.table`; alternatives whose interval holds zero are grey.
    """
    rows = table[table["verdict"] != "yardstick"].dropna(subset=["difference_days"])
    figure, axes = new_axes(8.2, 4.8)
    cost, saved = rows["cost_bn_eur"].to_numpy(), -rows["difference_days"].to_numpy()
    low, high = -rows["difference_days_high"].to_numpy(), -rows["difference_days_low"].to_numpy()
    sure = (low > 0) | (high < 0)
    for which, colour in ((~sure, MUTED), (sure, GOOD)):
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
    front = frontier(cost, saved)
    if len(front) > 1:
        axes.step(cost[front], saved[front], where="post", color=DEADLINE, linewidth=1.4)
        axes.annotate(
            "frontier",
            (cost[front[-1]], saved[front[-1]]),
            xytext=(8, 8),
            textcoords="offset points",
            color=DEADLINE,
            fontsize=9,
        )
    names = rows["alternative"].tolist()
    for number in sorted(range(len(names)), key=lambda n: -abs(saved[n]))[:NAMED]:
        axes.annotate(
            names[number],
            (cost[number], saved[number]),
            xytext=(5, -9),
            textcoords="offset points",
            fontsize=7.5,
            color=INK,
        )
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set(xlabel="cost, EUR bn", ylabel="days saved against the first")
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title("Which euro buys which day", loc="left", fontsize=12, color=INK)
    caption(figure, f"95 % intervals that hold together; grey: cannot tell from nothing · {note}")
    return axes


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
