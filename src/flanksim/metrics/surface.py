"""The spending x year surface: closure, chance, difference and cost of each point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flanksim.draw.style import DEADLINE, INK, ON_DARK, ON_LIGHT, caption, new_axes
from flanksim.measure.columns import columns
from flanksim.measure.surface import Point, SurfaceRuns
from flanksim.metrics.metric import Metric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.image import AxesImage


def surface(points: pd.DataFrame, deadline_days: float, title: str, note: str) -> Axes:
    """Closure day and share closed in time over year and spending; one column for each mobility fraction.

    Parameters
    ----------
    points
        As from `table`.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel. Darker is later; the deadline's contour is drawn where the surface reaches it.
    """
    from matplotlib.colors import Normalize

    fractions = sorted(points["mobility_fraction"].unique())
    figure, first = new_axes(max(6.6, 3.5 * len(fractions) + 1.4), 7.2)
    figure.delaxes(first)
    panels = figure.subplots(2, len(fractions), sharey=True, squeeze=False)
    late = Normalize(min(deadline_days, float(points["closure_day"].min())), float(points["closure_day"].max()))
    images: list[AxesImage | None] = [None, None]
    for column, fraction in enumerate(fractions):
        part = points[points["mobility_fraction"] == fraction]
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
            panel.text(j, i, text, ha="center", va="center", fontsize=8.5, color=ON_DARK if dark else ON_LIGHT)
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


def table(of: SurfaceRuns) -> pd.DataFrame:
    """One row a point: closure, chance, share in time, difference from the lowest level, and what is built."""
    import pandas as pd

    return pd.DataFrame([_row(of, point) for point in of.points])


def _row(of: SurfaceRuns, point: Point) -> dict[str, Any]:
    runs = of.at(point)
    return {
        "infrastructure_share": point.infrastructure_share,
        "year": point.year,
        "mobility_fraction": point.mobility_fraction,
        **columns(runs, runs.force.deadline_h, of.difference(point)),
        "best": point == of.best,
        "projects_done": len(point.projects_done),
        "spent_bn_eur": point.spent_bn_eur,
        "cell": point.cell,
        "plan": of.plan_words(point),
    }


def title(of: SurfaceRuns) -> str:
    """What the figures of a sweep are called: the title of its scenario."""
    return of.scenario.title or of.scenario.name


def note(of: SurfaceRuns) -> str:
    """Where the numbers of a sweep come from, for its captions."""
    return f"{of.fewest_runs} runs a point · seed {of.scenario.seed} · scenario {of.scenario.digest}"


def draw(of: SurfaceRuns) -> Axes:
    """The surface with the deadline's contour, a panel a fraction."""
    return surface(table(of), of.scenario.question.deadline_days, title(of), note(of))


_SAYS = "closure by spending, year and mobility fraction"
CLOSURE_OF_POINTS = Metric("closure", _SAYS, table, draw)
SURFACE = Metric("surface", _SAYS, table, draw)
