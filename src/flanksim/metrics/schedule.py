"""What is built when: a Gantt of projects under a spending path."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from flanksim.draw.style import GRID, INK, MUTED, caption, new_axes, shortened
from flanksim.investment.projects import ON_TIME, c_day
from flanksim.investment.timeline import Schedule, Timeline, plan_projects
from flanksim.measure.surface import Point, SurfaceRuns, spending_at
from flanksim.metrics import surface
from flanksim.metrics.metric import Metric
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Kinds of project with one colour each; what is not named is grey.
KIND_COLOURS = {"rail": "#333333", "road": "#8a6d3b", "bridge": "#d55e00", "port": "#0072b2"}


def project_timeline(scenario: Scenario, timeline: Timeline, title: str, note: str, most: int = 45) -> Axes:
    """Bars from the start to the end of work of each project that is begun by the last year, in order of their start.

    The figure ends with C-day of the last year, as "by" that year means everywhere. Works under way begin at its left
    edge.

    Parameters
    ----------
    most
        Projects shown; the ones with the least money are left out, and the caption says how many.
    """
    first, end = float(timeline.first_year), c_day(timeline.last_year)
    begun = [entry for entry in timeline.schedules if entry.begun_by(timeline.last_year)]
    shown = sorted(
        sorted(begun, key=lambda entry: -entry.cost_bn_eur)[:most], key=lambda entry: (entry.start, _end(entry))
    )
    figure, axes = new_axes(9.6, 1.5 + 0.19 * max(8, len(shown)))
    for row, entry in enumerate(reversed(shown)):
        kind = scenario.projects[entry.project_id].kind
        colour = next((value for key, value in KIND_COLOURS.items() if key in kind), MUTED)
        start, until = max(entry.start, first), min(entry.done, end)
        axes.barh(row, until - start, left=start, height=0.62, color=colour, alpha=0.85, linewidth=0)
        if entry.start < first:
            axes.plot([start], [row], marker="<", markersize=4, color=colour)
        if entry.done > end + ON_TIME:
            axes.annotate("→", (end, row), color=colour, fontsize=9, va="center", ha="left", annotation_clip=False)
        axes.text(
            start - 0.12, row, f"{_short(entry.name)}  {entry.left_bn_eur:.1f} bn", ha="right", va="center",
            fontsize=6.8, color=INK, clip_on=False,
        )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(timeline.first_year - 4.2, end + 0.3)
    axes.set_ylim(-0.7, len(shown) + 0.6)
    years = range(timeline.first_year, timeline.last_year + 2)
    axes.set_xticks(list(years), [str(year) for year in years])
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for number, (kind, colour) in enumerate([*KIND_COLOURS.items(), ("other", MUTED)]):
        axes.text(
            timeline.first_year + 0.1 + 1.2 * number, len(shown) + 0.1, kind, color=colour, fontsize=9, weight="bold"
        )
    axes.set_title(title, loc="left", fontsize=12, color=INK)
    left = len(begun) - len(shown)
    less = f"{left} smaller projects are left out · " if left else ""
    caption(figure, f"{less}what is left to pay with typical overrun, EUR bn · {PLAN_NOTE} · {note}")
    return axes


PLAN_NOTE = "to 1 July of the last year; an arrow to the left: under way before; to the right: not done by then"


def _end(entry: Schedule) -> float:
    return entry.done if math.isfinite(entry.done) else 9999.0


def _short(name: str) -> str:
    """Without what stands in brackets."""
    return shortened(re.sub(r" \([^)]*\)?", "", name), 44)


def largest(of: SurfaceRuns) -> tuple[Point, Timeline]:
    """The point with the largest spending in its last year, and what that builds."""
    top = max(of.points, key=lambda point: (point.infrastructure_share, point.mobility_fraction, point.year))
    spending = spending_at(of.scenario, top.infrastructure_share, top.mobility_fraction)
    return top, plan_projects(of.scenario, spending, top.year)


def table(of: SurfaceRuns) -> pd.DataFrame:
    """Projects that the largest spending begins by the last year: when, and what they cost (EUR bn)."""
    import pandas as pd

    _, timeline = largest(of)
    rows = [
        {
            "project": entry.project_id,
            "name": entry.name,
            "start": entry.start,
            "done": entry.done,
            "cost_bn_eur": entry.cost_bn_eur,
            "left_bn_eur": entry.left_bn_eur,
        }
        for entry in timeline.schedules
        if entry.begun_by(timeline.last_year)
    ]
    return pd.DataFrame(rows, columns=["project", "name", "start", "done", "cost_bn_eur", "left_bn_eur"])


def draw(of: SurfaceRuns) -> Axes:
    """What the largest spending builds, when."""
    top, timeline = largest(of)
    title = f"Built with {top.infrastructure_share:g} % of GDP, {top.mobility_fraction:.0%} of it for mobility"
    return project_timeline(of.scenario, timeline, title, surface.note(of))


SCHEDULE = Metric("timeline", "projects that the largest spending begins", table, draw)
