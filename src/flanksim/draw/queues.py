"""Where the force waits: the elements with most waiting, day by day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.style import INK, caption, deadline_line, new_axes, provenance, shortened
from flanksim.measure.places import waits
from flanksim.movements import Kind
from flanksim.units import HOURS_PER_DAY, closure_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from flanksim.movements import Outcome
    from flanksim.planning.plan import Plan


def queue_heat_map(
    plan: Plan, outcome: Outcome, most: int = 20, name: Callable[[str], str] = str, title: str = "Where the force waits"
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
    names, grid = waiting(plan, outcome, name)
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
    caption(figure, less + provenance(plan, seed=outcome.seed))
    return axes


def waiting(plan: Plan, outcome: Outcome, name: Callable[[str], str] = str) -> tuple[list[str], np.ndarray]:
    """Elements in order of the hours that serials waited for them, and serials waiting at noon of each day.

    A wait is that of `flanksim.measure.places.waits`: a load that asked for something and has not got it.

    Returns
    -------
    names, serials
        The second has a row an element and a column a day, C-day first.
    """
    table = outcome.movements
    kind, resource = table["kind"].astype(int), table["resource"].astype(int)
    rows, begin, end = waits(plan, outcome)
    things = {Kind.LIFT: plan.pools, Kind.STORAGE: plan.stores, Kind.TRAVEL: plan.gates}
    codes, element = np.unique(kind[rows] * (1 + resource.max(initial=0)) + resource[rows], return_inverse=True)
    words = []
    for code in codes.tolist():
        of, number = divmod(code, 1 + int(resource.max(initial=0)))
        found: str = things.get(Kind(of), plan.servers)[number].name
        words.append({Kind.LIFT: "lift: ", Kind.STORAGE: "full yard: "}.get(Kind(of), "") + name(found))
    unique = sorted(set(words))
    place = np.array([unique.index(word) for word in words], dtype=int)[element.ravel()]
    hours = np.bincount(place, weights=end - begin, minlength=len(unique))
    order = sorted(range(len(unique)), key=lambda number: (-hours[number], unique[number]))
    closed = [hour for hour in outcome.closed_h if hour == hour]  # noqa: PLR0124 - not nan
    last = int(np.ceil(max([*closed, plan.deadline_h]) / HOURS_PER_DAY))
    # Of the noons, those at or after the request and before the start: a step up at one, a step down at the other.
    grid = np.zeros((len(unique), last + 1))
    for hour, step in ((begin, 1.0), (end, -1.0)):
        noon = np.clip(np.ceil(hour / HOURS_PER_DAY - 0.5), 0, last).astype(int)
        np.add.at(grid, (place, noon), step)
    return [unique[number] for number in order], grid.cumsum(axis=1)[order, :last]
