"""Where the force waits: the elements with most waiting, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.style import DEADLINE, INK, caption, new_axes
from flanksim.movements import Kind
from flanksim.units import closure_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from flanksim.engine.simulate import Outcome
    from flanksim.planning.plan import Plan


def queue_heat_map(plan: Plan, outcome: Outcome, most: int = 20) -> Axes:
    """Serials that wait at noon of each day, for the gates, facilities, yards and fleets with most waiting.

    Returns
    -------
    matplotlib.axes.Axes
        Days after C-day across, elements down; the element with most serial days of waiting at the top.
    """
    table = outcome.movements
    kind, resource = table["kind"].astype(int), table["resource"].astype(int)
    end = np.nan_to_num(table["started"], nan=plan.horizon_h)
    waits = (resource >= 0) & (end > table["requested"] + 1e-9) & (kind != Kind.OUTAGE) & (table["serial"] >= 0)
    pools = {Kind.LIFT: plan.pools, Kind.STORAGE: plan.stores, Kind.TRAVEL: plan.gates, Kind.EMPTY_RUN: plan.gates}
    hours: dict[str, float] = {}
    rows: dict[str, list[int]] = {}
    for number in np.flatnonzero(waits).tolist():
        things = pools.get(Kind(kind[number]), plan.servers)
        name = things[resource[number]].name
        if things is plan.pools:
            name = f"lift {name}"
        hours[name] = hours.get(name, 0.0) + float(end[number] - table["requested"][number])
        rows.setdefault(name, []).append(number)
    names = sorted(hours, key=lambda name: (-hours[name], name))[:most]
    closed = [hour for hour in outcome.closed_h if hour == hour]  # noqa: PLR0124 - not nan
    last = int(np.ceil(max([*closed, plan.deadline_h]) / 24.0))
    noon = np.arange(last) * 24.0 + 12.0
    grid = np.zeros((len(names), last))
    for position, name in enumerate(names):
        chosen = np.array(rows[name])
        begin, stop = table["requested"][chosen], end[chosen]
        grid[position] = [((begin <= hour) & (stop > hour)).sum() for hour in noon]
    figure, axes = new_axes(9.2, 1.6 + 0.25 * max(4, len(names)))
    image = axes.imshow(
        np.where(grid > 0, grid, np.nan), aspect="auto", cmap="YlOrRd", extent=(-1, last - 1, len(names) - 0.5, -0.5)
    )
    deadline = closure_day(plan.deadline_h)
    axes.axvline(deadline, color=DEADLINE, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=8)
    axes.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(f"days after C-day (dashed: C+{deadline:g})", fontsize=9)
    axes.set_title("Where the force waits", loc="left", fontsize=12, color=INK)
    if names:
        bar = figure.colorbar(image, ax=axes, pad=0.01, shrink=0.8)
        bar.set_label("serials waiting at noon", fontsize=9)
        bar.outline.set_visible(False)
    caption(figure, f"one replication, seed {outcome.seed} · {plan.scenario} {plan.scenario_digest}")
    return axes
