"""Where the force waits: the elements with most waiting, day by day."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.style import INK, caption, deadline_line, new_axes, provenance, shortened
from flanksim.measure.traffic import waiting
from flanksim.metrics.metric import Metric, OneRun
from flanksim.scenario.naming import element
from flanksim.units import closure_day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from flanksim.movements import MovementLog


def queue_heat_map(
    log: MovementLog, most: int = 20, name: Callable[[str], str] = str, title: str = "Where the force waits"
) -> Axes:
    """Serials that wait at noon of each day, for the gates, facilities, yards and fleets with most waiting.

    Parameters
    ----------
    most
        Elements drawn.
    name
        An element in words, as by `flanksim.scenario.words.element`; those with equal names are one.

    Returns
    -------
    matplotlib.axes.Axes
        Days after C-day across, elements down; the element with most serial days of waiting at the top.
    """
    plan = log.plan
    names, grid = waiting(log, name)
    total = len(names)
    names, grid = names[:most], grid[:most]
    last = grid.shape[1]
    figure, axes = new_axes(8.6, 1.7 + 0.25 * max(4, len(names)))
    axes.set_title(title, loc="left", fontsize=12, color=INK, pad=18)
    deadline = closure_day(plan.deadline_h)
    if names:
        from matplotlib.colors import PowerNorm

        top = max(1.0, float(grid.max()))
        image = axes.imshow(
            np.where(grid > 0, grid, np.nan), aspect="auto", cmap="YlOrRd",
            extent=(-1, last - 1, len(names) - 0.5, -0.5), norm=PowerNorm(0.5, vmin=0, vmax=top),
        )  # fmt: skip
        bar = figure.colorbar(image, ax=axes, pad=0.01, shrink=0.8, aspect=30)
        bar.set_label("serials waiting at noon (colours by their root)", fontsize=9)
        bar.ax.tick_params(labelsize=8.5)
        bar.outline.set_visible(False)
    else:
        axes.text(0.5, 0.5, "nobody waits", transform=axes.transAxes, ha="center", fontsize=10, color=INK)
        axes.set_xlim(-1, last - 1)
    deadline_line(axes, deadline)
    axes.set_yticks(range(len(names)), [shortened(entry, 48) for entry in names], fontsize=8.5)
    axes.tick_params(axis="y", length=0)
    for row in range(1, len(names)):
        axes.axhline(row - 0.5, color="white", linewidth=1.2)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel("days after C-day", fontsize=9)
    less = f"the {len(names)} with most waiting of {total} · " if total > len(names) else ""
    caption(figure, less + provenance(plan, seed=log.seed))
    return axes


def table(of: OneRun, seed: int | None = None) -> pd.DataFrame:
    """Serials waiting at noon of each day, by element."""
    import pandas as pd

    names, grid = waiting(of.replay(seed), partial(element, of.scenario))
    days = range(grid.shape[1])
    rows = [(name, day, int(grid[place, day])) for place, name in enumerate(names) for day in days]
    return pd.DataFrame(rows, columns=["element", "day", "serials_waiting"])


def draw(of: OneRun, seed: int | None = None, most: int = 20) -> Axes:
    """The heat map of `table`."""
    return queue_heat_map(of.replay(seed), most, partial(element, of.scenario))


QUEUES = Metric("queues", "serials that wait at noon of each day, by element", table, draw)
