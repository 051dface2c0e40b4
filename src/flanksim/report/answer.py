"""The answer in figures: by regional plan, by point of a sweep, by alternative; and the bound explained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from flanksim.measure.replications import beyond
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Chance
from flanksim.report.bound import bound_part, bounds_by_group, day_cell
from flanksim.report.html import Cell, Section, details, join, paragraph, percent, table
from flanksim.report.material import Material, chance_of, spread_of
from flanksim.text.phrases import closed_on

if TYPE_CHECKING:
    import pandas as pd


def answer_section(material: Material, figures: Markup) -> Section:
    """Tables of the answer with its figures."""
    if material.kind == "sweep" and material.points is not None:
        body = _sweep(material.points, material.runs_made)
    elif material.kind == "compare" and material.alternatives is not None:
        body = _compare(material, material.alternatives)
    else:
        body = _run(material)
    return Section("answer", "The answer in figures", "Answer", join([body, figures, bound_part(material)]))


def _run(material: Material) -> Markup:
    answer = material.answer
    if not answer:
        text = "This folder holds no answer.json: run flanksim run again to have it."
        return paragraph(text, "muted")
    runs, bounds = int(answer["replications"]), bounds_by_group(material)
    entries: list[tuple[str, Mapping[str, Any], float | None]] = [
        ("whole force", {**answer, "troops": answer["troops_required"]}, material.bound_day)
    ]
    for name, value in answer["regional_plans"].items():
        entries.append((f"plan {name}" if name else "without a plan", value, bounds.get(("plan", name))))
    tier = answer.get("tier_1")
    if tier:
        entries.append((f"tier 1 (by C+{tier['deadline_day']:g})", tier, bounds.get(("tier", "tier 1"))))
    rows = []
    for name, entry, bound in entries:
        when = spread_of(entry, answer)
        rows.append(
            [
                name,
                int(entry["troops"]),
                Cell(closed_on(when), when.median),
                *(percent(share) for share in entry["share_by_day"].values()),
                Cell(_chance(chance_of(entry, answer)), float(entry["p_on_time"]["mean"])),
                day_cell(bound),
            ]
        )
    head = [
        "part",
        "troops",
        "complete on (median)",
        *(f"there by C+{day}" for day in answer["share_by_day"]),
        "in time",
        "earliest possible",
    ]
    note = (
        f"{runs} run{'s' * (runs != 1)}. In time means by {material.deadline}, of tier 1 by its own date. An earliest "
        "possible day of a part holds as if that part alone moved."
    )
    day = answer["closure_day"]
    small = ""
    if day["low"] is not None and runs >= FEWEST_FOR_AN_INTERVAL:
        mean, low, high = (f"{day[name]:.1f}" for name in ("mean", "low", "high"))
        small = f"The mean closure is C+{mean} (95 % interval of the mean: {low} to {high})."
    return join([table(head, rows, note), paragraph(small, "muted") if small else Markup("")])


def _chance(chance: Chance) -> str:
    return "never, proved" if chance.proved_zero else chance.words()


def _interval(row: pd.Series, name: str, prefix: str = "", digits: int = 1, *, shown: bool = True) -> Cell:
    """A mean with its interval from the columns ``name``, ``name_low`` and ``name_high``."""
    mean = float(row[name])
    if math.isnan(mean):
        return Cell("-", math.nan)
    sign = "+" if name.startswith("difference") else ""
    text, low, high = f"{prefix}{mean:{sign}.{digits}f}", float(row[f"{name}_low"]), float(row[f"{name}_high"])
    if shown and not math.isnan(low) and high - low > 1e-9:
        text += f" ({low:{sign}.{digits}f} to {high:{sign}.{digits}f})"
    return Cell(text, mean)


def _sweep(points: pd.DataFrame, runs: int) -> Markup:
    parts: list[Markup] = []
    fractions = list(dict.fromkeys(points["mobility_fraction"]))
    for fraction in fractions:
        chosen = points[points["mobility_fraction"] == fraction]
        parts.append(_matrix(chosen, f"{fraction:.0%} of infrastructure spending reaches mobility".replace("%", " %")))
    rows = [
        [
            Cell(f"{row['infrastructure_share']:g} %", row["infrastructure_share"]),
            Cell(str(int(row["year"])), row["year"]),
            percent(row["mobility_fraction"]),
            _interval(row, "closure_day", "C+", shown=runs >= FEWEST_FOR_AN_INTERVAL),
            _interval(row, "p_on_time", digits=2, shown=runs > 1),
            percent(row["on_time_share"]),
            int(row["projects_done"]),
            Cell(f"{row['spent_bn_eur']:,.1f}", row["spent_bn_eur"]),
            int(row["unclosed"]),
        ]
        for _, row in points.iterrows()
    ]
    head = ["of GDP", "year", "for mobility", "complete on (95 %)", "probability (95 %)", "there in time",
            "projects done", "EUR bn spent", "runs not complete"]  # fmt: skip
    parts.append(details("Every point with its intervals", table(head, rows), opened=len(points) <= 12))
    return join(parts)


def _matrix(points: pd.DataFrame, caption: str) -> Markup:
    years = sorted({int(year) for year in points["year"]})
    rows: list[list[object]] = []
    for share in sorted(set(points["infrastructure_share"])):
        line: list[object] = [Cell(f"{share:g} % of GDP", share)]
        for year in years:
            found = points[(points["infrastructure_share"] == share) & (points["year"] == year)]
            if not len(found):
                line.append(None)
                continue
            row = found.iloc[0]
            day = float(row["closure_day"])
            when = "not complete" if math.isnan(day) else f"C+{day:.1f}"
            text = Markup('{}<br><span class="muted">{} in time</span>').format(
                when, f"{row['on_time_share']:.0%}".replace("%", " %")
            )
            line.append(Cell(text, day))
        rows.append(line)
    return table(["spending", *map(str, years)], rows, caption)


def _alternative_chance(row: pd.Series, material: Material) -> Cell:
    """The chance of an alternative: proved to be zero by its bound, or of its runs; no interval of one run."""
    chance = float(row["p_on_time"])
    if not chance and beyond(float(row["bound_day"]), material.plan.deadline_h):
        return Cell("0, proved", 0.0)
    return _interval(row, "p_on_time", digits=2, shown=material.runs_made > 1)


def _compare(material: Material, alternatives: pd.DataFrame) -> Markup:
    rows = [
        [
            str(row["alternative"]),
            Cell("-" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}", row["closure_day"]),
            percent(row["on_time_share"]),
            _alternative_chance(row, material),
            _interval(row, "difference_days"),
            _interval(_points(row), "difference_share", digits=0),
            Cell(f"{row['cost_bn_eur']:,.1f}", row["cost_bn_eur"]),
            day_cell(float(row["bound_day"])),
            str(row["verdict"]),
            str(row["share_verdict"]),
        ]
        for _, row in alternatives.iterrows()
    ]
    head = ["alternative", "complete on", "there in time", "probability (95 %)", "days against the first",
            "points in time against the first", "EUR bn", "no schedule before", "last day",
            "in time"]  # fmt: skip
    pairs = int(alternatives["pairs"].max())
    note = (
        f"Up to {pairs} pairs of runs with the same random numbers; the intervals of the differences hold together at "
        "95 %. Negative days are sooner."
    )
    return table(head, rows, note)


def _points(row: pd.Series) -> pd.Series:
    """The same row with the difference of shares in percentage points."""
    found = row.copy()
    for name in ("difference_share", "difference_share_low", "difference_share_high"):
        found[name] = 100.0 * float(row[name])
    return found
