"""Three clocks in one figure: troops that are ready, arrived and closed by day, and the delay between them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flanksim.draw.style import CLOSED, GRID, INK, MUTED, caption, deadline_line, new_axes, provenance
from flanksim.measure.clocks import CLOCKS, SHARES, Clock, UnitHours, by_nation, mobility_delay, share_day, troops_by
from flanksim.measure.clocks import unit_hours as clocks_of
from flanksim.measure.closure import ALL, Force, Group, groups, profile
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.metrics.metric import Metric, OneRun
from flanksim.planning.plan import Plan
from flanksim.units import closure_day, deadline_hour

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
#: Part of the width of the axes that the longest name takes.
_NAME_SHARE = 0.09
_COLOURS: dict[Clock, str] = {"ready": MUTED, "arrived": "#0072b2", "closed": CLOSED}


def parts(force: Force) -> Iterator[tuple[str, str, Group]]:
    """What is told apart, and its name: the whole force, regional plans and tier 1 (``group``), then each ally."""
    for key, group in groups(force).items():
        yield "group", key, group
    for nation, group in by_nation(force).items():
        yield "ally", nation, group


def table(of: OneRun) -> pd.DataFrame:
    """One row a group or ally and clock of one run: troops by each milestone, days of each share, mobility delay."""
    import pandas as pd

    log, rows = of.replay(), []
    found = clocks_of(log)
    for kind, name, group in parts(log.plan):
        for clock in CLOCKS:
            hours = getattr(found, clock)
            row: dict[str, object] = {"of": kind, "group": name, "clock": clock, "troops": group.troops}
            for date in of.scenario.question.milestone_days:
                row[f"troops_by_{date:g}"] = troops_by(log.plan, hours, group, deadline_hour(date))
            row |= {f"day_of_{100 * share:g}": share_day(log.plan, hours, group, share) for share in SHARES}
            row["mobility_delay_days"] = mobility_delay(log.plan, found, group) if clock == "closed" else math.nan
            rows.append(row)
    return pd.DataFrame(rows)


def table_of_runs(of: ScenarioRuns) -> pd.DataFrame:
    """One row a group or ally and clock: mean troops by each milestone, median days of each share, mobility delay."""
    import pandas as pd

    rows = []
    for kind, name, group in parts(of.force):
        for clock in CLOCKS:
            row: dict[str, object] = {"of": kind, "group": name, "clock": clock, "troops": group.troops}
            for date in of.scenario.question.milestone_days:
                found = of.troops_by(deadline_hour(date), group, clock)
                row |= {f"troops_by_{date:g}{end}": value for end, value in _ends(found.mean, found.low, found.high)}
            for share in SHARES:
                when = of.share_day(share, group, clock)
                row |= {
                    f"day_of_{100 * share:g}{end}": value
                    for end, value in (("", when.median), ("_p05", when.p05), ("_p95", when.p95))
                }
            delay = of.mobility_delay(group) if clock == "closed" else None
            values = (math.nan,) * 3 if delay is None else (delay.mean, delay.low, delay.high)
            row |= {f"mobility_delay_days{end}": value for end, value in _ends(*values)}
            rows.append(row)
    return pd.DataFrame(rows)


def _ends(mean: float, low: float, high: float) -> tuple[tuple[str, float], ...]:
    return ("", mean), ("_low", low), ("_high", high)


def clock_curves(plan: Plan, runs: list[UnitHours], title: str = "", seed: int | None = None) -> Axes:
    """Troops that are ready, arrived and closed by day; the area between the first and the last is the delay.

    Parameters
    ----------
    runs
        Clocks of each replication.
    seed
        Of the first replication, for the caption.

    Returns
    -------
    matplotlib.axes.Axes
        Days since C-day across, thousand troops up; medians over replications.
    """
    figure, axes = new_axes()
    known = [hour for run in runs for hour in run.closed if not math.isnan(hour)]
    end = max(closure_day(max(known, default=plan.deadline_h)), closure_day(plan.deadline_h)) * 1.04 + 1
    days = np.linspace(0.0, end, 600)
    curves: dict[Clock, Floats] = {}
    for clock in _COLOURS:
        each = np.array([profile(plan, getattr(run, clock), days) for run in runs]) / 1000.0
        curves[clock] = np.quantile(each, 0.5, axis=0)
    axes.fill_between(days, curves["closed"], curves["ready"], color=GRID, linewidth=0)
    for clock, colour in _COLOURS.items():
        axes.plot(days, curves[clock], color=colour, linewidth=2.4 if clock == "closed" else 1.8)
    top = max(float(curve.max()) for curve in curves.values()) or 1.0
    _name_curves(axes, days, curves, top, closure_day(plan.deadline_h))
    delay = float(np.mean([mobility_delay(plan, run, groups(plan)[ALL]) for run in runs]))
    since, until = (_day_of(days, curves[clock], 0.9 * top) for clock in ("ready", "closed"))
    if until - since > 0.2 * end:
        middle = ((since + until) / 2, 0.9 * top)
        axes.annotate(f"{delay:.0f} days a soldier", middle, color=INK, fontsize=9, ha="center", va="center")
    deadline_line(axes, closure_day(plan.deadline_h))
    axes.set(xlim=(0, end), ylim=(0, top * 1.08), xlabel="days after C-day", ylabel="troops, thousands")
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    if title:
        axes.set_title(title, loc="left", fontsize=12, color=INK, pad=16)
    median = "median of " if len(runs) > 1 else ""
    caption(figure, f"{median}{provenance(plan, seed=seed, runs=len(runs))}; shaded: ready and not yet closed")
    return axes


def _name_curves(axes: Axes, days: Floats, curves: dict[Clock, Floats], top: float, deadline: float) -> None:
    """Names beside the curves, at the first height of their own at which the deadline's line does not cross them."""
    places: dict[Clock, tuple[tuple[float, ...], str]] = {
        "ready": ((0.6, 0.75, 0.3), "right"),
        "arrived": ((0.45, 0.6, 0.75), "right"),
        "closed": ((0.35, 0.2, 0.65), "left"),
    }
    name = _NAME_SHARE * float(days[-1])
    for clock, (heights, side) in places.items():
        spots = [(_day_of(days, curves[clock], height * top), height * top) for height in heights]
        away = 1.0 if side == "right" else -1.0
        at = next((spot for spot in spots if not 0 <= away * (spot[0] - deadline) <= name), spots[0])
        axes.annotate(
            clock, at, xytext=(-5 if side == "right" else 6, 0), textcoords="offset points",
            color=_COLOURS[clock], fontsize=9, ha=side, va="center",
        )  # fmt: skip


def _day_of(days: Floats, curve: Floats, height: float) -> float:
    """First day on which a curve has a height, or its last day."""
    return float(days[min(int(np.searchsorted(curve, height)), len(days) - 1)])


def draw(of: OneRun) -> Axes:
    """The curves of one run."""
    log, scenario = of.replay(), of.scenario
    return clock_curves(log.plan, [clocks_of(log)], scenario.title or scenario.name, log.seed)


def draw_runs(of: ScenarioRuns) -> Axes:
    """The curves as medians over the runs."""
    runs, scenario = [entry.clocks for entry in of.replications], of.scenario
    return clock_curves(of.plan, runs, scenario.title or scenario.name, scenario.seed)


_SAYS = "troops ready, permitted, arrived and closed by date, and the days between"
CLOCKS_OF_RUN = Metric("clocks", _SAYS, table, draw)
CLOCKS_OF_RUNS = Metric("clocks", _SAYS, table_of_runs, draw_runs)
