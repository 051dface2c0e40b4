"""What it would take, drawn: the staircase from today to the deadline, and a grid of two levers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from flanksim.activities import CAUSES
from flanksim.draw.style import (
    BASELINE,
    CLOSED,
    DEADLINE,
    GRID,
    INK,
    MAIN,
    MUTED,
    ON_DARK,
    ON_LIGHT,
    caption,
    deadline_line,
    new_axes,
    settled,
    shortened,
)
from flanksim.measure.packages import Package
from flanksim.measure.reach import PackageRuns, enough
from flanksim.metrics.metric import Metric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Families of causes, short enough for a field of the grid.
_CAUSES = {
    "lift": "lift", "ready": "late starts", "queue": "queues", "moving": "distance", "handling": "handling",
    "joining": "joining up", "other": "other",
}  # fmt: skip
#: Letters of a line of a name beside the staircase.
_LETTERS = 44


# ---- the staircase ------------------------------------------------------------------------------


def staircase_table(of: PackageRuns) -> pd.DataFrame:
    """One row a step: what is added, what all steps to there cost, and what then holds, with intervals."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "lever": row["lever"],
                "title": row["title"],
                "cost_bn_eur": row["cost_bn_eur"],
                **{
                    f"{name}{end}": getattr(row[name], key)
                    for name in ("closure_day", "share_on_time", "p_on_time")
                    for end, key in (("", "mean"), ("_low", "low"), ("_high", "high"))
                },
            }
            for row in of.staircase
        ]
    )


def draw_staircase(of: PackageRuns) -> Axes:
    """Closure day and troops in time, a row each step from today to the cheapest package or to all levers."""
    rows = of.staircase
    figure, first = new_axes(9.2, 1.7 + 0.5 * len(rows))
    figure.delaxes(first)
    left: Axes
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    places = range(len(rows))
    ends = [row["closure_day"].high for row in rows] + [of.deadline_days]
    far = max((day for day in ends if math.isfinite(day)), default=of.deadline_days)
    past: float | None = None
    for place, row in zip(places, rows, strict=True):
        day = row["closure_day"]
        if not math.isfinite(day.mean):
            left.annotate("not closed", (far, place), ha="right", va="center", fontsize=8.5, color=MUTED)
            past = None
            continue
        colour = CLOSED if day.mean <= of.deadline_days else MAIN
        if past is not None:
            left.plot([past, past, day.mean], [place - 1, place, place], color=BASELINE, linewidth=1.2, zorder=1)
        left.plot([day.low, day.high], [place, place], color=colour, linewidth=2.4, alpha=0.45, zorder=2)
        left.scatter([day.mean], [place], s=34, color=colour, zorder=3)
        left.annotate(
            f"C+{day.mean:.0f}", (day.mean, place), xytext=(0, 7), textcoords="offset points", fontsize=8.5, color=INK,
            ha="center",
        )  # fmt: skip
        past = day.mean
    for place, row in zip(places, rows, strict=True):
        share = row["share_on_time"].mean
        right.barh(place, 100 * share, height=0.62, color=CLOSED if row["p_on_time"].mean >= of.probability else MAIN)
        right.annotate(
            f"{100 * share:.0f} %", (100 * share, place), xytext=(4, 0), textcoords="offset points", fontsize=8.5,
            va="center", color=INK,
        )  # fmt: skip
    names = [_step(row["title"], row["cost_bn_eur"], first=place == 0) for place, row in enumerate(rows)]
    left.set_yticks(places, names, fontsize=8.5)
    left.set_ylim(len(rows) - 0.4, -0.8)
    left.set_xlim(0, 1.06 * far)
    right.set_xlim(0, 118)
    deadline_line(left, of.deadline_days)
    left.set_xlabel("force closed on, days after C-day", fontsize=9)
    right.set_xlabel(f"troops by C+{of.deadline_days:g}, %", fontsize=9)
    for axes in (left, right):
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(colors=INK, labelsize=8.5)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    right.tick_params(axis="y", length=0)
    title = "What it would take, step by step" if of.smallest else "All levers, step by step"
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, color=INK)
    green = f"green: closed by C+{of.deadline_days:g}, on the right in {of.probability:.0%} of the runs"
    caption(figure, f"EUR bn: of all steps to there; lines: 95 % interval of the mean; {green} · {_note(of)}")
    settled(figure)
    return left


def _step(title: str, cost_bn_eur: float, *, first: bool) -> str:
    import textwrap

    name = textwrap.shorten(title if first else f"+ {title}", 2 * _LETTERS, placeholder="…")
    said = "\n".join(textwrap.wrap(name, _LETTERS))
    return said if first else f"{said} (EUR {cost_bn_eur:.3g} bn)"


# ---- the grid of two levers ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Two:
    """Two families of levers and the package whose other levels all fields share."""

    one: int
    two: int
    base: Package

    def package(self, mine: int, theirs: int) -> Package:
        """The package of a field."""
        found = list(self.base)
        found[self.one], found[self.two] = mine, theirs
        return tuple(found)


def _chosen(of: PackageRuns, levers: tuple[str, str] | None) -> _Two | None:
    """The families of two levers, or those two of which most fields are known; None where there are no two."""
    families, base = of.families, of.cheapest or of.families.top
    if levers is not None:
        one, two = (next(n for n, keys in enumerate(families.levels) if key in keys) for key in levers)
        return _Two(one, two, base)
    pairs = [_Two(one, two, base) for one, two in combinations(range(len(families.names)), 2)]
    return max(pairs, key=lambda pair: len(_runs(of, pair)), default=None)


def _fields(of: PackageRuns, pair: _Two) -> list[tuple[int, int]]:
    mine, theirs = (range(len(of.families.levels[family]) + 1) for family in (pair.one, pair.two))
    return list(product(mine, theirs))


def _runs(of: PackageRuns, pair: _Two) -> list[tuple[int, int]]:
    return [field for field in _fields(of, pair) if of.of(pair.package(*field)) is not None]


def grid_table(of: PackageRuns, levers: tuple[str, str] | None = None) -> pd.DataFrame:
    """One row a field of the grid: the levels of two families, and what holds with all others as in the package drawn.

    Parameters
    ----------
    levers
        A lever of each of the two families; without them those two of which most was run.
    """
    import pandas as pd

    pair = _chosen(of, levers)
    columns = ["level", "other_level", "levers", "closure_day", "share_on_time", "p_on_time", "cause", "excluded"]
    rows = []
    for mine, theirs in [] if pair is None else _fields(of, pair):
        package = pair.package(mine, theirs)  # type: ignore[union-attr] # there are fields
        entry = of.of(package)
        known = (math.nan, math.nan, math.nan, "")
        if entry is not None:
            share, chance = entry.on_time_share().mean, entry.p_on_time().mean
            known = (entry.closure_day().mean, share, chance, _cause(of, package))
        names = (_level(of, pair.one, mine), _level(of, pair.two, theirs))  # type: ignore[union-attr]
        levers_of = ";".join(of.families.levers(package))
        rows.append(dict(zip(columns, (*names, levers_of, *known, of.excluded(package)), strict=True)))
    return pd.DataFrame(rows, columns=columns)


def _cause(of: PackageRuns, package: Package) -> str:
    """The family of causes with the largest share of the critical path; "" where nothing closed."""
    entry, sums = of.of(package), dict[str, float]()
    for cause, share in ({} if entry is None else entry.causes()).items():
        family = CAUSES[cause.kind].family
        sums[family] = sums.get(family, 0.0) + share
    return _CAUSES[max(sums, key=lambda key: sums[key])] if sums else ""


def _level(of: PackageRuns, family: int, level: int) -> str:
    keys = of.families.levels[family]
    return of.levers[keys[level - 1]].name if level else "as today"


def draw_grid(of: PackageRuns, levers: tuple[str, str] | None = None) -> Axes:
    """Share of the troops in time by the levels of two families, with the cause of the last day in each field."""
    import matplotlib as mpl
    from matplotlib.patches import Rectangle

    pair = _chosen(of, levers)
    figure, axes = new_axes(8.6, 2.2 if pair is None else 2.0 + 0.85 * (1 + len(of.families.levels[pair.one])))
    if pair is None:
        axes.set_axis_off()
        axes.set_title("There are no two levers to compare", loc="left", fontsize=12, color=INK)
        return axes
    shade = mpl.colormaps["Blues"]
    for mine, theirs in _fields(of, pair):
        package = pair.package(mine, theirs)
        entry, corner = of.of(package), (theirs - 0.5, mine - 0.5)
        if entry is None:
            text = "no schedule" if of.excluded(package) else "not run"
            axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor=GRID, hatch="////", linewidth=0.8))
            axes.text(theirs, mine, text, ha="center", va="center", fontsize=8, color=MUTED, backgroundcolor="white")
            continue
        share, day = entry.on_time_share().mean, entry.closure_day().mean
        axes.add_patch(Rectangle(corner, 1, 1, facecolor=shade(0.08 + 0.8 * share), edgecolor="white", linewidth=1.5))
        ink = ON_DARK if share > 0.6 else ON_LIGHT
        closed = f"C+{day:.0f}" if math.isfinite(day) else "not closed"
        text = f"{100 * share:.0f} % · {closed}\n{_cause(of, package)}"
        axes.text(theirs, mine, text, ha="center", va="center", fontsize=8.5, color=ink)
        if enough(entry, of.probability, of.most):
            inner = (corner[0] + 0.04, corner[1] + 0.04)
            axes.add_patch(Rectangle(inner, 0.92, 0.92, fill=False, edgecolor=DEADLINE, linewidth=2.0, zorder=4))
    across, up = (len(of.families.levels[family]) + 1 for family in (pair.two, pair.one))
    axes.set(xlim=(-0.52, across - 0.48), ylim=(-0.52, up - 0.48))
    axes.set_xticks(range(across), [_folded(_level(of, pair.two, level)) for level in range(across)], fontsize=8.5)
    axes.set_yticks(range(up), [_folded(_level(of, pair.one, level)) for level in range(up)], fontsize=8.5)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_title(f"Two levers: troops by C+{of.deadline_days:g}", loc="left", fontsize=12, color=INK)
    others = [
        of.levers[key].name
        for family, key in zip(
            (family for family, level in enumerate(pair.base) if level), of.families.levers(pair.base), strict=True
        )
        if family not in (pair.one, pair.two)
    ]
    beside = f"with {'; '.join(shortened(name, 40) for name in others)}" if others else "with nothing else"
    framed = f"framed: closed by C+{of.deadline_days:g} in {of.probability:.0%} of the runs"
    caption(figure, f"{beside} · {framed}; second line: what the last day hangs on most · {_note(of)}")
    settled(figure)
    return axes


def _folded(name: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(textwrap.shorten(name, 60, placeholder="…"), 22))


def _note(of: PackageRuns) -> str:
    return f"up to {of.most} runs a package · seed {of.seed} · {of.scenario.name}"


STAIRCASE = Metric("staircase", "from today to the deadline, lever by lever", staircase_table, draw_staircase)
GRID_OF_TWO = Metric("grid", "troops in time by the levels of two levers", grid_table, draw_grid)
