"""How full ships sail: a dot a sailing, by pool of ships."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from flanksim.draw.style import INK, MUTED, caption, new_axes, shortened
from flanksim.measure.sailings import sailings, together
from flanksim.metrics.metric import Metric, OneRun
from flanksim.scenario.naming import lift

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def table(of: OneRun) -> pd.DataFrame:
    """One row a pool of ships: ``pool``, ``deck_m``, ``sailings``, ``mean_fill`` and ``least_fill`` (shares)."""
    import pandas as pd

    rows = [
        (entry.pool, entry.deck_m[0], len(entry.fills), entry.mean_fill, min(entry.fills))
        for entry in sailings(of.replay().plan)
    ]
    return pd.DataFrame(rows, columns=["pool", "deck_m", "sailings", "mean_fill", "least_fill"])


def draw(of: OneRun) -> Axes:
    """A dot for each sailing at the share of the deck in use; sailings of equal fill stand above one another."""
    log = of.replay()
    plan = log.plan
    pools, every = sailings(plan), together(sailings(plan))
    figure, axes = new_axes(8.6, 1.7 + 0.42 * max(2, len(pools)))
    axes.set_title("How full the ships sail", loc="left", fontsize=12, color=INK)
    name = partial(lift, of.scenario)
    for row, entry in enumerate(pools):
        at = Counter[int]()
        for fill in sorted(entry.fills):
            box = round(50 * fill)
            axes.plot(100 * fill, row - 0.06 * at[box], "o", color="#0072b2", markersize=4.5, alpha=0.75)
            at[box] += 1
        axes.plot([100 * entry.mean_fill] * 2, [row - 0.3, row + 0.3], color=INK, linewidth=1.6)
    labels = [f"{shortened(name(entry.pool), 34)} ({len(entry.fills)})" for entry in pools]
    axes.set_yticks(range(len(pools)), labels, fontsize=8.5)
    axes.set_ylim(len(pools) - 0.4, -0.8)
    axes.set_xlim(0, 102)
    axes.set_xlabel("per cent of the deck in use (line: mean; in brackets: sailings)", fontsize=9)
    axes.tick_params(colors=INK, labelsize=8.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    said = "no ship sails" if every is None else f"{len(every.fills)} sailings, {every.mean_fill:.0%} full on average"
    caption(figure, f"{said} · as planned, in every replication · {plan.scenario} {plan.scenario_digest}")
    return axes


SAILINGS = Metric("sailings", "how full ships sail, by pool", table, draw)
