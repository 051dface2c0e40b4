"""The tornado: what each uncertain number alone does to a soldier's day at its low and at its high value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flanksim.draw.style import BASELINE, INK, MAIN, MUTED, caption, new_axes, shortened
from flanksim.measure.sensitivity import ENDS, NumberRuns
from flanksim.metrics.metric import Metric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Numbers in the figure.
MOST = 15
_COLOURS = dict(zip(ENDS, (BASELINE, MAIN), strict=True))


def table(of: NumberRuns) -> pd.DataFrame:
    """One row a number, the one with the largest effect first."""
    import pandas as pd

    return pd.DataFrame(of.effects)


def draw(of: NumberRuns, most: int = MOST) -> Axes:
    """A bar to either side for each end of a number, the largest effect on top, with the interval of each."""
    rows = of.effects[:most][::-1]
    figure, axes = new_axes(8.4, 1.6 + 0.34 * max(4, len(rows)))
    for place, row in enumerate(rows):
        for end in row["ends"].split("/"):
            value, low, high = (row[f"{end}_soldier{part}"] for part in ("", "_low", "_high"))
            axes.barh(place, value, height=0.62, color=_COLOURS[end], zorder=2)
            if not math.isnan(low) and low < high:
                axes.plot([low, high], [place, place], color=INK, linewidth=1.0, zorder=3)
    for end in ENDS:
        axes.barh([math.nan], [0.0], color=_COLOURS[end], label=f"at its {end} value")
    axes.axvline(0.0, color=MUTED, linewidth=1.0, zorder=1)
    axes.set_yticks(range(len(rows)), [shortened(row["title"], 46) for row in rows])
    axes.set_ylim(-0.6, max(len(rows), 4) - 0.4)
    axes.set_xlabel("a soldier is closed later in the mean, days", fontsize=9)
    axes.legend(loc="lower right", fontsize=8.5, frameon=False)
    axes.set_title("Which unknown moves the answer, each number alone", loc="left", fontsize=12, color=INK, pad=12)
    note = f"up to {of.pairs} paired runs · seed {of.seed} · lines: intervals that hold together at 95 %"
    caption(figure, f"{note} · {of.scenario.name} {of.scenario.digest}")
    return axes


TORNADO = Metric("tornado", "what each uncertain number alone does to a soldier's day", table, draw)
