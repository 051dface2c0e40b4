"""What money buys at best: the frontier over budgets, which project enters when, and where it stands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flanksim.draw.basemap import frame_of, ground, positions
from flanksim.draw.label_placement import Label, place_labels
from flanksim.draw.style import (
    BASELINE,
    CLOSED,
    GRID,
    INK,
    MAIN,
    caption,
    new_axes,
    settled,
    shortened,
)
from flanksim.measure.portfolio import OBJECTIVES, PortfolioRuns
from flanksim.metrics.metric import Metric
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Rows of the ladder at the most: what costs least is left out of a longer one.
_ROWS = 40
#: Names on the map at the most.
_NAMED = 20


def frontier_table(of: PortfolioRuns) -> pd.DataFrame:
    """One row a budget: what is bought, what it costs, what it does, with intervals."""
    import pandas as pd

    flat = []
    for row in of.rows:
        closed, share, delay, gain = (
            row[key] for key in ("closure_day", "share_on_time", "mobility_delay_days", "gain")
        )
        flat.append(
            {
                "budget_bn_eur": row["budget_bn_eur"],
                "projects": ";".join(row["projects"]),
                "spent_bn_eur": row["spent_bn_eur"],
                "spent_low_bn_eur": row["spent_low_bn_eur"], "spent_high_bn_eur": row["spent_high_bn_eur"],
                "counts_from": row["counts_from"],
                "closure_day": closed.mean, "closure_day_low": closed.low, "closure_day_high": closed.high,
                "share_on_time": share.mean, "share_on_time_low": share.low, "share_on_time_high": share.high,
                "mobility_delay_days": delay.mean,
                "mobility_delay_days_low": delay.low, "mobility_delay_days_high": delay.high,
                "gain": gain.mean, "gain_low": gain.low, "gain_high": gain.high,
                "certainty": row["certainty"], "bound": row["bound"], "runs": row["runs"],
            }
        )  # fmt: skip
    return pd.DataFrame(flat)


def draw_frontier(of: PortfolioRuns) -> Axes:
    """Share of the troops in time, and days saved, over the budget on a logarithmic axis."""
    today = of.of(())
    figure, first = new_axes(8.6, 6.4)
    figure.delaxes(first)
    above: Axes
    above, below = figure.subplots(2, 1, sharex=True)
    budgets = [budget for budget in of.budgets_bn_eur if budget > 0]
    rows = [row for row in of.rows if row["budget_bn_eur"] > 0]
    share = [100 * row["share_on_time"].mean for row in rows]
    low, high = zip(*((100 * row["share_on_time"].low, 100 * row["share_on_time"].high) for row in rows), strict=True)
    above.fill_between(budgets, low, high, color=MAIN, alpha=0.15, linewidth=0, step="post")
    above.plot(budgets, share, color=MAIN, marker="o", markersize=4, linewidth=1.4, drawstyle="steps-post")
    above.axhline(100 * today.on_time_share().mean, color=BASELINE, linewidth=1.2)
    above.set_ylabel(f"troops by C+{of.deadline_days:g}, %", fontsize=9)
    for name, value, colour in (
        ("last day", [today.closure_day().mean - row["closure_day"].mean for row in rows], INK),
        (
            "a soldier, in the mean",
            [-of.of(tuple(row["projects"])).against(today).closing.mean for row in rows],
            CLOSED,
        ),
    ):
        below.plot(budgets, value, color=colour, marker="o", markersize=4, linewidth=1.4, drawstyle="steps-post")
        if math.isfinite(value[-1]):
            below.annotate(
                name, (budgets[-1], value[-1]), xytext=(6, 0), textcoords="offset points", fontsize=9, color=colour,
                va="center", annotation_clip=False,
            )  # fmt: skip
    below.axhline(0, color=BASELINE, linewidth=1.2)
    below.set_ylabel("days sooner than today", fontsize=9)
    below.set_xscale("log")
    below.set_xticks(budgets, [f"{budget:g}" for budget in budgets])
    below.minorticks_off()
    below.set_xlabel("budget, EUR bn", fontsize=9)
    for axes in (above, below):
        axes.grid(color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(colors=INK, labelsize=9)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    above.set_title(f"What money buys at best: {OBJECTIVES[of.objective][0]}", loc="left", fontsize=12, color=INK)
    caption(figure, f"shaded: 95 % interval; grey: today · {_note(of)}")
    settled(figure)
    return above


def ladder_table(of: PortfolioRuns) -> pd.DataFrame:
    """One row a project of any list: what it costs, at which budget it enters, and in which lists it is."""
    import pandas as pd

    return pd.DataFrame(
        [
            {key: row[key] for key in ("key", "title", "cost_bn_eur", "counts_from", "enters_at_bn_eur")}
            | {f"{budget:g}": there for budget, there in zip(of.budgets_bn_eur, row["bought"], strict=True)}
            for row in of.ladder
        ]
    )


def draw_ladder(of: PortfolioRuns) -> Axes:
    """Which project is bought for which budget: a row a project, in the order in which they enter."""
    rows = of.ladder
    if len(rows) > _ROWS:
        kept = {row["key"] for row in sorted(rows, key=lambda row: -row["cost_bn_eur"])[:_ROWS]}
        rows = [row for row in rows if row["key"] in kept]
    count = len(of.budgets_bn_eur)
    figure, axes = new_axes(8.6, max(2.4, 1.3 + 0.24 * len(rows)))
    for place, row in enumerate(rows):
        for at, there in enumerate(row["bought"]):
            axes.barh(place, 0.92, left=at - 0.46, height=0.8, color=MAIN if there else GRID)
    names = [f"{shortened(row['title'], 46)} ({row['cost_bn_eur']:.2g})" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=7.5)
    axes.set_xticks(range(count), [f"{budget:g}" for budget in of.budgets_bn_eur])
    axes.set(xlim=(-0.6, count - 0.4), ylim=(len(rows) - 0.4, -0.6))
    axes.set_xlabel("budget, EUR bn", fontsize=9)
    left_out = f"; {len(of.ladder) - len(rows)} that cost less are not shown" if len(rows) < len(of.ladder) else ""
    title = "Which project enters at which budget" if rows else "No project is worth its money"
    axes.set_title(title, loc="left", fontsize=12, color=INK)
    caption(figure, f"in brackets what it costs, EUR bn{left_out} · {_note(of)}")
    settled(figure)
    return axes


def map_table(of: PortfolioRuns) -> pd.DataFrame:
    """One row a place or link of a project that is bought: which project, and at which budget it enters."""
    import pandas as pd

    columns = ["key", "title", "enters_at_bn_eur", "link", "place"]
    return pd.DataFrame(
        [
            {"key": row["key"], "title": row["title"], "enters_at_bn_eur": row["enters_at_bn_eur"], **where}
            for row in of.ladder
            for where in _where(of.entry, of.menu.by_key[row["key"]].gives)
        ],
        columns=columns,
    )


def _where(entry: Scenario, things: frozenset[str]) -> list[dict[str, str]]:
    """Links and places of projects: those that their rows name, and those that they change."""
    links: dict[str, None] = {}
    places: dict[str, None] = {}
    for key in sorted(things & set(entry.projects)):
        links |= dict.fromkeys(entry.projects[key].links)
        places |= dict.fromkeys(entry.projects[key].places)
    for effect in entry.effects.values():
        if effect.project_id in things:
            links |= dict.fromkeys(effect.targets if effect.table == "links" else ())
            for target in effect.targets if effect.table == "facilities" else ():
                places[entry.facilities[target].place] = None
    found = [{"link": key, "place": ""} for key in links if key in entry.links]
    return found + [{"link": "", "place": key} for key in places if key in entry.nodes]


def draw_map(of: PortfolioRuns) -> Axes:
    """Where the projects are that are bought, in colours by the budget at which they enter."""
    import matplotlib as mpl
    from matplotlib.collections import LineCollection

    frame = frame_of(of.entry)
    west, east, south, north = frame.extent
    figure, axes = new_axes(9.0, min(11.0, max(4.0, 9.0 * (north - south) / (east - west))))
    ground(axes, frame)
    at = {key: point for key, point in positions(of.entry).items() if frame.holds(point)}
    links = {
        key: [at[link.from_node], at[link.to_node]]
        for key, link in of.entry.links.items()
        if link.from_node in at and link.to_node in at
    }
    land = [way for key, way in links.items() if of.entry.links[key].mode in ("rail", "road")]
    axes.add_collection(LineCollection(land, colors=BASELINE, linewidths=0.3, alpha=0.5, zorder=1))
    budgets = sorted({row["enters_at_bn_eur"] for row in of.ladder})
    shades = [mpl.colormaps["viridis"](0.9 * place / max(1, len(budgets) - 1)) for place in range(len(budgets))]
    labels, nowhere = [], []
    for budget, shade in zip(budgets, shades, strict=True):
        spots: dict[tuple[float, float], None] = {}
        ways: dict[str, None] = {}
        for row in (row for row in of.ladder if row["enters_at_bn_eur"] == budget):
            where = _where(of.entry, of.menu.by_key[row["key"]].gives)
            own = {at[entry["place"]]: None for entry in where if entry["place"] in at}
            lines = {entry["link"]: None for entry in where if entry["link"] in links}
            spots |= own
            ways |= lines
            anchor = next(iter(own), None) or next((links[key][0] for key in lines), None)
            if anchor is None:
                nowhere.append(row["title"])
            else:
                labels.append(Label(shortened(row["title"], 34), *anchor, radius=4.0))
        drawn = [links[key] for key in ways]
        axes.add_collection(LineCollection(drawn, colors=[shade], linewidths=2.2, zorder=5))
        if spots:
            across, up = zip(*spots, strict=True)
            axes.scatter(across, up, s=26, color=[shade], edgecolors=INK, linewidths=0.4, zorder=6)
    axes.set_title("What the money builds, by the budget at which it enters", fontsize=11, loc="left", color=INK)
    if budgets:
        handles = [mpl.lines.Line2D([], [], color=shade, linewidth=3) for shade in shades]
        axes.legend(handles, [f"from EUR {budget:g} bn" for budget in budgets], loc="upper left", fontsize=8)
    beyond = f"without a place on this map: {'; '.join(shortened(name, 40) for name in nowhere)} · " if nowhere else ""
    caption(figure, beyond + _note(of))
    settled(figure)
    place_labels(axes, labels[:_NAMED], size=7.0)
    return axes


def _note(of: PortfolioRuns) -> str:
    runs = max(len(entry.replications) for entry in of.alternatives)
    return f"up to {runs} paired runs · seed {of.seed} · {of.entry.name}"


FRONTIER = Metric("frontier", "the best list of each budget, and what it does", frontier_table, draw_frontier)
PROJECT_LADDER = Metric("ladder", "which project enters at which budget", ladder_table, draw_ladder)
PROJECT_MAP = Metric("built", "where the projects are that are bought", map_table, draw_map)
