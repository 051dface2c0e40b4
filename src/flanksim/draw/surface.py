"""The spending x year surface, and the curve of closure against spending."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.labels import spread
from flanksim.draw.style import DEADLINE, GRID, INK, caption, deadline_line, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.image import AxesImage

LINES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")


def surface(table: pd.DataFrame, deadline_days: float, title: str, note: str) -> Axes:
    """Closure day and share closed in time over year and spending; one column for each mobility fraction.

    Parameters
    ----------
    table
        As from `flanksim.study.sweep.Sweep.closure`.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel. Darker is later; the deadline's contour is drawn where the surface reaches it.
    """
    from matplotlib.colors import Normalize

    fractions = sorted(table["mobility_fraction"].unique())
    figure, first = new_axes(max(6.6, 3.5 * len(fractions) + 1.4), 7.2)
    figure.delaxes(first)
    panels = figure.subplots(2, len(fractions), sharey=True, squeeze=False)
    late = Normalize(min(deadline_days, float(table["closure_day"].min())), float(table["closure_day"].max()))
    images: list[AxesImage | None] = [None, None]
    for column, fraction in enumerate(fractions):
        part = table[table["mobility_fraction"] == fraction]
        images[0] = _panel(panels[0, column], part, "closure_day", late, "cividis_r", 1.0)
        images[1] = _panel(panels[1, column], part, "on_time_share", Normalize(0, 100), "cividis", 100.0)
        _contour(panels[0, column], part, deadline_days)
        panels[0, column].set_title(f"{fraction:.0%} of spending reaches mobility", fontsize=9.5, color=INK, pad=18)
        panels[1, column].set_xlabel("network of 1 July", fontsize=9)
    labels = ("closure, days after C-day", f"troops closed by C+{deadline_days:g}, %")
    for row, (image, label) in enumerate(zip(images, labels, strict=True)):
        panels[row, 0].set_ylabel("infrastructure spending, % of GDP", fontsize=9)
        if image is not None:
            bar = figure.colorbar(image, ax=list(panels[row]), shrink=0.85, pad=0.02)
            bar.set_label(label, fontsize=9)
            bar.ax.tick_params(labelsize=8.5)
            bar.outline.set_visible(False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, color=INK)
    caption(figure, note)
    found: Axes = panels[0, 0]
    return found


def _panel(panel: Axes, part: pd.DataFrame, value: str, norm: Normalize, colours: str, scale: float) -> AxesImage:
    """One grid of numbers on their colours."""
    grid = part.pivot_table(index="infrastructure_share", columns="year", values=value, dropna=False)
    years, shares, values = grid.columns.to_numpy(), grid.index.to_numpy(), grid.to_numpy()
    image = panel.imshow(values * scale, origin="lower", aspect="auto", cmap=colours, norm=norm)
    for i in range(len(shares)):
        for j in range(len(years)):
            red, green, blue, _ = image.cmap(norm(values[i, j] * scale))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5  # luminance
            text = "-" if np.isnan(values[i, j]) else f"{values[i, j] * scale:.0f}"
            panel.text(j, i, text, ha="center", va="center", fontsize=8.5, color="white" if dark else INK)
    panel.set_xticks(np.arange(len(years)), [str(year) for year in years])
    panel.set_yticks(np.arange(len(shares)), [f"{share:g}" for share in shares])
    panel.tick_params(colors=INK, labelsize=9, length=0)
    for edge in np.arange(len(years) - 1) + 0.5:
        panel.axvline(edge, color="white", linewidth=1.0)
    for edge in np.arange(len(shares) - 1) + 0.5:
        panel.axhline(edge, color="white", linewidth=1.0)
    for side in panel.spines.values():
        side.set_visible(False)
    return image


def _contour(panel: Axes, part: pd.DataFrame, deadline_days: float) -> None:
    """Where the closure day meets the deadline, or the words that it does not."""
    days = part.pivot_table(index="infrastructure_share", columns="year", values="closure_day", dropna=False).to_numpy()
    if not np.isnan(days).all() and np.nanmin(days) <= deadline_days:
        if min(days.shape) > 1 and np.nanmax(days) > deadline_days:
            across, up = np.arange(days.shape[1]), np.arange(days.shape[0])
            lines = panel.contour(across, up, days, levels=[deadline_days], colors=[DEADLINE], linewidths=2)
            panel.clabel(lines, fmt=f"C+{deadline_days:g}", fontsize=8)
        return
    text = f"C+{deadline_days:g} is not reached"
    panel.text(0.5, 1.01, text, transform=panel.transAxes, ha="center", va="bottom", fontsize=8, color=DEADLINE)


def spending_curve(table: pd.DataFrame, deadline_days: float, title: str, note: str, band: bool = True) -> Axes:
    """Closure day against spending in the last year of the table, a line a fraction; intervals if `band`.

    Parameters
    ----------
    table
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
    year = int(table["year"].max())
    last = table[table["year"] == year].sort_values("infrastructure_share")
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
