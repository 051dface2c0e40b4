"""The answer in figures: by regional plan, by point of a sweep, by alternative; and the bound explained."""

from __future__ import annotations

import math
from collections.abc import Mapping

from markupsafe import Markup

from flanksim.measure.alternatives import Alternative, AlternativeRuns
from flanksim.measure.clocks import SHARES, by_nation
from flanksim.measure.closure import ALL, TIER_1, Group, plan_name
from flanksim.measure.columns import BASE
from flanksim.measure.reach import PackageRuns
from flanksim.measure.replications import Difference
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, UNKNOWN, Chance, Interval
from flanksim.measure.surface import Point, SurfaceRuns
from flanksim.report.bound import bound_part, day_cell
from flanksim.report.context import Context
from flanksim.report.html import Cell, Section, details, join, paragraph, percent, table
from flanksim.report.packages import packages_part
from flanksim.text.clocks import clock_lines, told_clocks
from flanksim.text.phrases import closed_on, country_name
from flanksim.units import deadline_hour


def answer_section(context: Context, figures: Markup) -> Section:
    """Tables of the answer with its figures."""
    if context.surface is not None:
        body = _sweep(context.surface)
    elif isinstance(context.alternatives, PackageRuns):
        body = packages_part(context.alternatives)
    elif context.alternatives is not None:
        body = _compare(context.alternatives)
    elif context.answered is not None:
        body = _run(context.answered, context.deadline)
    else:
        body = paragraph("No runs were saved here: flanksim run makes them.", "muted")
    return Section("answer", "The answer in figures", "Answer", join([body, figures, bound_part(context)]))


def _run(runs: ScenarioRuns, deadline: str) -> Markup:
    count = len(runs.replications)
    rows = []
    for group in runs.groups:
        when, chance = runs.closure_spread(group), runs.p_on_time(group)
        rows.append(
            [
                _part(runs, group),
                runs.parts[group].troops,
                Cell(closed_on(when), when.median),
                *(percent(runs.share_by(hour, group).mean) for hour in runs.dates),
                Cell(_chance(chance), chance.mean),
                day_cell(runs.unbeaten(group)),
            ]
        )
    head = [
        "part",
        "troops",
        "complete on (median)",
        *(f"there by C+{day:g}" for day in runs.dates.values()),
        "in time",
        "earliest possible",
    ]
    note = (
        f"{count} run{'s' * (count != 1)}. In time means by {deadline}, of tier 1 by its own date. An earliest "
        "possible day of a part holds as if that part alone moved."
    )
    day, small = runs.closure_day(), ""
    if not math.isnan(day.low) and count >= FEWEST_FOR_AN_INTERVAL:
        mean, low, high = (f"{value:.1f}" for value in (day.mean, day.low, day.high))
        small = f"The mean closure is C+{mean} (95 % interval of the mean: {low} to {high})."
    parts = [table(head, rows, note), paragraph(small, "muted") if small else Markup(""), _clocks(runs)]
    allies = by_nation(runs.force)
    if len(allies) > 1:
        parts.append(details("By ally", _allies(runs, allies), opened=False))
    return join(parts)


def _clocks(runs: ScenarioRuns) -> Markup:
    """Ready, arrived and closed by date and by share, with what they say of the delay."""
    dates = runs.scenario.question.milestone_days
    rows = [
        [
            clock,
            *(round(runs.troops_by(deadline_hour(date), ALL, clock).mean) for date in dates),
            *(day_cell(runs.share_day(share, ALL, clock).median, "not closed") for share in SHARES),
        ]
        for clock in told_clocks(runs)
    ]
    head = ["troops", *(f"by C+{date:g}" for date in dates), *(f"{100 * share:g} % on" for share in SHARES)]
    note = "Means of the troops, medians of the days. Closed: received and joined up; arrived: at the assembly area."
    return join([table(head, rows, note), *(paragraph(line) for line in clock_lines(runs))])


def _allies(runs: ScenarioRuns, allies: Mapping[str, Group]) -> Markup:
    """One row an ally: its troops on each clock by the deadline, and its delay."""
    hour, told = runs.plan.deadline_h, told_clocks(runs)
    rows = [
        [
            country_name(runs.scenario, nation),
            part.troops,
            *(round(runs.troops_by(hour, part, clock).mean) for clock in told),
            day_cell(runs.share_day(1.0, part, "closed").median, "not closed"),
            f"{runs.mobility_delay(part).mean:.1f}",
        ]
        for nation, part in allies.items()
    ]
    deadline = f"C+{runs.scenario.question.deadline_days:g}"
    head = ["ally", "troops", *(f"{clock} by {deadline}" for clock in told), "closed on (median)", "days of delay"]
    return table(head, rows, "Delay: mean days per soldier between ready and closed.")


def _part(runs: ScenarioRuns, group: str) -> str:
    if group == ALL:
        return "whole force"
    if group == TIER_1:
        return f"tier 1 (by C+{runs.scenario.question.tier_1_deadline_days:g})"
    name = plan_name(group)
    return f"plan {name}" if name else "without a plan"


def _chance(chance: Chance) -> str:
    return "never, proved" if chance.proved_zero else chance.words()


def _interval(found: Interval, prefix: str = "", digits: int = 1, *, sign: str = "", shown: bool = True) -> Cell:
    """A mean with its interval, if that is `shown` and known."""
    if math.isnan(found.mean):
        return Cell("-", math.nan)
    text = f"{prefix}{found.mean:{sign}.{digits}f}"
    if shown and not math.isnan(found.low) and found.high - found.low > 1e-9:
        text += f" ({found.low:{sign}.{digits}f} to {found.high:{sign}.{digits}f})"
    return Cell(text, found.mean)


def _share_of_runs(chance: Chance, runs: int) -> Cell:
    """Share of the runs in time, with its interval where there are several."""
    return _interval(Interval(chance.mean, chance.low, chance.high), digits=2, shown=runs > 1)


# ---- of a sweep ---------------------------------------------------------------------------------


def _sweep(found: SurfaceRuns) -> Markup:
    parts: list[Markup] = []
    runs = found.fewest_runs
    for fraction in dict.fromkeys(point.mobility_fraction for point in found.points):
        chosen = [point for point in found.points if point.mobility_fraction == fraction]
        caption = f"{fraction:.0%} of infrastructure spending reaches mobility".replace("%", " %")
        parts.append(_matrix(found, chosen, caption))
    rows = [
        [
            Cell(f"{point.infrastructure_share:g} %", point.infrastructure_share),
            Cell(str(point.year), point.year),
            percent(point.mobility_fraction),
            _interval(found.closure_day(point), "C+", shown=runs >= FEWEST_FOR_AN_INTERVAL),
            _share_of_runs(found.p_on_time(point), runs),
            percent(found.on_time_share(point).mean),
            len(point.projects_done),
            Cell(f"{point.spent_bn_eur:,.1f}", point.spent_bn_eur),
            found.unclosed(point),
        ]
        for point in found.points
    ]
    head = ["of GDP", "year", "for mobility", "complete on (95 %)", "probability (95 %)", "there in time",
            "projects done", "EUR bn spent", "runs not complete"]  # fmt: skip
    parts.append(details("Every point with its intervals", table(head, rows), opened=len(found.points) <= 12))
    return join(parts)


def _matrix(found: SurfaceRuns, points: list[Point], caption: str) -> Markup:
    """A row a level of spending, a column a year."""
    at = {(point.infrastructure_share, point.year): point for point in points}
    years = sorted({year for _, year in at})
    rows: list[list[object]] = []
    for share in sorted({share for share, _ in at}):
        line: list[object] = [Cell(f"{share:g} % of GDP", share)]
        line += [_field(found, at[share, year]) if (share, year) in at else None for year in years]
        rows.append(line)
    return table(["spending", *map(str, years)], rows, caption)


def _field(found: SurfaceRuns, point: Point) -> Cell:
    day, share = found.closure_day(point).mean, found.on_time_share(point).mean
    when = "not complete" if math.isnan(day) else f"C+{day:.1f}"
    text = Markup('{}<br><span class="muted">{} in time</span>')
    return Cell(text.format(when, f"{share:.0%}".replace("%", " %")), day)


# ---- of a comparison ----------------------------------------------------------------------------


def _compare(found: AlternativeRuns) -> Markup:
    fewest = min(len(entry.replications) for entry in found.alternatives)
    differences: list[Difference | None] = [None, *found.differences]
    rows = [
        [
            entry.title,
            Cell("-" if math.isnan(day := entry.closure_day().mean) else f"C+{day:.1f}", day),
            percent(entry.on_time_share().mean),
            _chance_of(found, entry, fewest),
            _interval(UNKNOWN if difference is None else difference.days, sign="+"),
            _interval(UNKNOWN if difference is None else _points(difference.share), sign="+", digits=0),
            Cell(f"{entry.cost_bn_eur:,.1f}", entry.cost_bn_eur),
            day_cell(entry.bound_day),
            BASE if difference is None else difference.verdict,
            BASE if difference is None else difference.share_verdict,
        ]
        for entry, difference in zip(found.alternatives, differences, strict=True)
    ]
    head = ["alternative", "complete on", "there in time", "probability (95 %)", "days against the first",
            "points in time against the first", "EUR bn", "no schedule before", "last day",
            "in time"]  # fmt: skip
    pairs = max(difference.pairs for difference in found.differences)
    note = (
        f"Up to {pairs} pairs of runs with the same random numbers; the intervals of the differences hold together at "
        "95 %. Negative days are sooner."
    )
    return table(head, rows, note)


def _chance_of(found: AlternativeRuns, entry: Alternative, fewest: int) -> Cell:
    """The chance of an alternative: proved to be zero by its bound, or of its runs; no interval of one run."""
    chance = found.chance(entry)
    return Cell("0, proved", 0.0) if chance.proved_zero else _share_of_runs(chance, fewest)


def _points(share: Interval) -> Interval:
    """A difference of shares in percentage points."""
    return Interval(100.0 * share.mean, 100.0 * share.low, 100.0 * share.high)
