"""Closure curve: troops in closed units by day, one line a regional plan, with its band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from flanksim.draw.label_placement import spread
from flanksim.draw.style import GRID, INK, MUTED, PLAN_COLOURS, caption, deadline_line, new_axes, provenance
from flanksim.measure.closure import ALL, closures, groups, label, plan_name, profile
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.metrics.metric import Metric, OneRun
from flanksim.planning.plan import Plan
from flanksim.units import closure_day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def closure_curve(
    plan: Plan,
    closed_h: Sequence[tuple[float, ...]],
    title: str = "",
    note: str = "",
    seed: int | None = None,
    order: Sequence[str] = (),
) -> Axes:
    """Draw the closure curve of one or more replications.

    Parameters
    ----------
    closed_h
        For each replication the hour at which each unit was closed (nan if not).
    seed
        Of the first replication, for the caption.
    order
        Regional plans in the order of their colours; those that are not named come last.

    Returns
    -------
    matplotlib.axes.Axes
        Days since C-day across, thousand troops up; median and 5 to 95 % band over replications.
    """
    figure, axes = new_axes()
    last = max((hour for run in closed_h for hour in run if not math.isnan(hour)), default=plan.deadline_h)
    end = max(closure_day(last), closure_day(plan.deadline_h)) * 1.04 + 1
    days = np.linspace(0.0, end, 600)
    found = groups(plan)
    names = [key for key in found if plan_name(key) is not None]
    order = list(dict.fromkeys([*order, *map(label, names)]))
    names.sort(key=lambda key: order.index(label(key)))
    labels: list[tuple[float, str, str]] = []
    drawn: list[tuple[str, str, float]] = [(ALL, INK, 2.4)]
    if len(names) > 1:
        drawn += [(key, PLAN_COLOURS[order.index(label(key)) % len(PLAN_COLOURS)], 1.6) for key in names]
    for key, colour, width in drawn:
        members = set(found[key].units)
        chosen = [tuple(hour if n in members else math.nan for n, hour in enumerate(run)) for run in closed_h]
        curves = np.array([profile(plan, run, days) for run in chosen]) / 1000.0
        low, middle, high = np.quantile(curves, [0.05, 0.5, 0.95], axis=0)
        if len(closed_h) > 1:
            axes.fill_between(days, low, high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(days, middle, color=colour, linewidth=width)
        labels.append((float(middle[-1]), label(key), colour))
    _label(axes, labels, end)
    deadline = closure_day(plan.deadline_h)
    deadline_line(axes, deadline)
    axes.axhline(plan.troops_required / 1000.0, color=MUTED, linewidth=0.8)
    top = plan.troops_required / 1000.0
    axes.annotate(
        f"{plan.troops_required:,} required",
        (0, top),
        xytext=(4, 3),
        textcoords="offset points",
        color=MUTED,
        fontsize=8,
        va="bottom",
    )
    axes.set(xlim=(0, end), ylim=(0, top * 1.08), xlabel="days after C-day", ylabel="troops in closed units, thousands")
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    if title:
        axes.set_title(title, loc="left", fontsize=12, color=INK, pad=16)
    runs = len(closed_h)
    band = "median and 5-95 % band of " if runs > 1 else ""
    caption(figure, f"{band}{provenance(plan, seed=seed, runs=runs)}{' · ' + note if note else ''}")
    return axes


def _label(axes: Axes, labels: list[tuple[float, str, str]], end: float) -> None:
    """Names at the right end of the lines, pushed apart where they would overlap."""
    top = max(value for value, _, _ in labels) or 1.0
    for at, (_, name, colour) in zip(spread([value for value, _, _ in labels], top * 0.055), labels, strict=True):
        axes.annotate(
            name, (end, at), xytext=(5, 0), textcoords="offset points", color=colour, fontsize=9, va="center",
            annotation_clip=False,
        )  # fmt: skip


def table(of: OneRun) -> pd.DataFrame:
    """One row a group of one run: troops, closure day and share on time."""
    import pandas as pd

    log = of.replay()
    return pd.DataFrame(
        [
            {"group": group, "troops": found.troops, "closure_day": found.day, "on_time_share": found.on_time_share}
            for group, found in closures(log.plan, log.closed_h).items()
        ]
    )


def draw(of: OneRun) -> Axes:
    """The closure curve of one run."""
    log, scenario = of.replay(), of.scenario
    title, order = scenario.title or scenario.name, scenario.regional_plans
    return closure_curve(log.plan, [log.closed_h], title=title, seed=log.seed, order=order)


def table_of_runs(of: ScenarioRuns) -> pd.DataFrame:
    """One row a group: troops, closure day (mean, median, percentiles), chance, share on time, unclosed.

    Column ``group`` is the key of `flanksim.measure.closure`: a regional plan's begins with ``plan``.
    """
    import pandas as pd

    rows = []
    for group in of.groups:
        day, chance, share = of.closure_day(group), of.p_on_time(group), of.on_time_share(group)
        when = of.closure_spread(group)
        rows.append(
            {
                "group": group,
                "troops": of.parts[group].troops,
                "closure_day": day.mean,
                "closure_day_low": day.low,
                "closure_day_high": day.high,
                "closure_day_median": when.median,
                "closure_day_p05": when.p05,
                "closure_day_p95": when.p95,
                "p_on_time": chance.mean,
                "p_on_time_low": chance.low,
                "p_on_time_high": chance.high,
                "proved_zero": chance.proved_zero,
                "on_time_share": share.mean,
                "unclosed": of.unclosed(group),
            }
        )
    return pd.DataFrame(rows)


def draw_runs(of: ScenarioRuns) -> Axes:
    """The closure curve with its band over the runs."""
    scenario = of.scenario
    title, order = scenario.title or scenario.name, scenario.regional_plans
    closed_h = [entry.closed_h for entry in of.replications]
    return closure_curve(of.plan, closed_h, title=title, seed=scenario.seed, order=order)


CLOSURE = Metric("closure", "closure day and share on time by group", table, draw)
CLOSURE_OF_RUNS = Metric("closure", "closure day, probability and share on time by group", table_of_runs, draw_runs)
