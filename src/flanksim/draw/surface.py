"""The spending x year surface, and the curve of closure against spending."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.style import DEADLINE, GRID, INK, MUTED, caption, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LINES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")


def surface(table: pd.DataFrame, deadline_days: float, title: str, note: str) -> Axes:
    """Closure day over year and spending; one panel for each mobility fraction.

    Parameters
    ----------
    table
        As from `flanksim.study.sweep.Sweep.closure`.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel. Darker is later; the deadline's contour is drawn where the surface reaches it, and
        hatching marks points at which some runs did not close.
    """
    from matplotlib.colors import Normalize

    fractions = sorted(table["mobility_fraction"].unique())
    figure, first = new_axes(3.4 * len(fractions) + 1.6, 4.4)
    figure.delaxes(first)
    panels = np.atleast_1d(figure.subplots(1, len(fractions), sharey=True))
    low = min(deadline_days, float(table["closure_day"].min()))
    norm = Normalize(low, float(table["closure_day"].max()))
    image = None
    for panel, fraction in zip(panels, fractions, strict=True):
        part = table[table["mobility_fraction"] == fraction]
        grid = part.pivot_table(index="infrastructure_share", columns="year", values="closure_day", dropna=False)
        years, shares, days = grid.columns.to_numpy(), grid.index.to_numpy(), grid.to_numpy()
        across, up = np.arange(len(years)), np.arange(len(shares))
        image = panel.imshow(days, origin="lower", aspect="auto", cmap="cividis_r", norm=norm)
        for i in up:
            for j in across:
                value = days[i, j]
                text = "-" if np.isnan(value) else f"{value:.0f}"
                dark = not np.isnan(value) and norm(value) > 0.55
                panel.text(j, i, text, ha="center", va="center", fontsize=8.5, color="white" if dark else INK)
        reached = np.nanmin(days) <= deadline_days if not np.isnan(days).all() else False
        if reached and min(days.shape) > 1:
            contour = panel.contour(across, up, days, levels=[deadline_days], colors=[DEADLINE], linewidths=2)
            panel.clabel(contour, fmt=f"C+{deadline_days:g}", fontsize=8)
        else:
            panel.text(
                0.5, 1.01, f"C+{deadline_days:g} is not reached", transform=panel.transAxes, ha="center", va="bottom",
                fontsize=8, color=DEADLINE,
            )  # fmt: skip
        panel.set_title(f"{fraction:.0%} reaches mobility", fontsize=9.5, color=INK, pad=18)
        panel.set_xticks(across, [str(year) for year in years])
        panel.set_yticks(up, [f"{share:g}" for share in shares])
        panel.tick_params(colors=INK, labelsize=9, length=0)
        for side in panel.spines.values():
            side.set_visible(False)
        panel.set_xlabel("network of 1 July", fontsize=9)
    panels[0].set_ylabel("infrastructure spending, % of GDP", fontsize=9)
    if image is not None:
        bar = figure.colorbar(image, ax=list(panels), shrink=0.85, pad=0.02)
        bar.set_label("closure, days after C-day", fontsize=9)
        bar.outline.set_visible(False)
    figure.suptitle(f"{title}: closure day by spending and year", x=0.01, ha="left", fontsize=12, color=INK)
    caption(figure, note)
    found: Axes = panels[0]
    return found


def spending_curve(table: pd.DataFrame, deadline_days: float, title: str, note: str) -> Axes:
    """Closure day against spending in the last year of the table, a line with its band for each fraction."""
    year = int(table["year"].max())
    last = table[table["year"] == year]
    figure, axes = new_axes(7.4, 4.4)
    for number, (fraction, part) in enumerate(last.groupby("mobility_fraction")):
        colour = LINES[number % len(LINES)]
        part = part.sort_values("infrastructure_share")  # noqa: PLW2901
        across = part["infrastructure_share"].to_numpy()
        axes.fill_between(
            across,
            part["closure_day_low"].to_numpy(),
            part["closure_day_high"].to_numpy(),
            color=colour,
            alpha=0.15,
            linewidth=0,
        )
        axes.plot(across, part["closure_day"].to_numpy(), color=colour, linewidth=2, marker="o", markersize=4)
        axes.annotate(
            f"{fraction:.0%} reaches mobility",
            (across[-1], float(part["closure_day"].iloc[-1])),
            xytext=(6, 10 * (1 - number)),
            textcoords="offset points",
            color=colour,
            fontsize=9,
            va="center",
            annotation_clip=False,
        )
    axes.axhline(deadline_days, color=DEADLINE, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.annotate(
        f"C+{deadline_days:g}",
        (0.0, deadline_days),
        xytext=(2, 3),
        textcoords="offset points",
        color=DEADLINE,
        fontsize=9,
    )
    axes.set(
        xlabel=f"infrastructure spending, % of GDP (network of 1 July {year})",
        ylabel="closure, days after C-day",
        ylim=(0, None),
    )
    axes.margins(x=0.02)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontsize=12, color=INK)
    caption(figure, f"mean and 95 % interval · {note}")
    axes.yaxis.label.set_color(MUTED)
    return axes
