"""The answer in figures: by regional plan, by point of a sweep, by alternative; and the bound explained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from flanksim.report.bound import bound_part, bounds_by_group, day_cell
from flanksim.report.html import (
    FEWEST_FOR_AN_INTERVAL,
    Cell,
    Section,
    details,
    join,
    known,
    paragraph,
    percent,
    span,
    table,
)
from flanksim.report.material import Material

if TYPE_CHECKING:
    import pandas as pd


def answer_section(material: Material, figures: Markup) -> Section:
    """Tables of the answer with its figures."""
    if material.kind == "sweep" and material.points is not None:
        body = _sweep(material.points, material.runs_made)
    elif material.kind == "compare" and material.alternatives is not None:
        body = _compare(material.alternatives)
    else:
        body = _run(material)
    return Section("answer", "The answer in figures", "Answer", join([body, figures, bound_part(material)]))


def _run(material: Material) -> Markup:
    answer = material.answer
    if not answer:
        return paragraph("This folder holds no answer.json: run flanksim run again to have it.", "muted")
    runs, groups = int(answer["replications"]), bounds_by_group(material)
    whole = {key: answer[key] for key in ("closure_day", "p_on_time", "on_time_share")}
    entries = {"whole force": {"troops": answer["troops_required"], **whole}} | {
        f"plan {name}": value for name, value in answer["regional_plans"].items()
    }
    rows = [
        [
            name,
            int(entry["troops"]),
            Cell(span(entry["closure_day"], 1, "C+", runs), _mean(entry["closure_day"])),
            percent(entry["on_time_share"]["mean"]),
            Cell(_chance(entry["p_on_time"]), _mean(entry["p_on_time"])),
            day_cell(material.bound_day if name == "whole force" else groups.get(name.removeprefix("plan "))),
        ]
        for name, entry in entries.items()
    ]
    head = [
        "part",
        "troops",
        "complete on (95 %)",
        f"there by {material.deadline}",
        "probability (95 %)",
        "no schedule before",
    ]
    note = f"{runs} runs. A bound of a regional plan holds as if that plan alone moved."
    tier = answer.get("tier_1")
    more: list[Markup] = []
    if tier:
        text = (
            f"The first {tier['troops']:,} (tier 1) have an earlier deadline, C+{tier['deadline_day']:g}. They are "
            f"complete on {span(tier['closure_day'], 1, 'C+', runs)}; probability {_chance(tier['p_on_time'])}."
        )
        more.append(paragraph(text))
    return join([table(head, rows, note), *more])


def _mean(value: Mapping[str, Any]) -> float:
    return float(value["mean"]) if known(value) else math.nan


def _chance(value: Mapping[str, float]) -> str:
    return f"{value['mean']:.2f} ({value['low']:.2f} to {value['high']:.2f})"


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
            _interval(row, "p_on_time", digits=2),
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


def _compare(alternatives: pd.DataFrame) -> Markup:
    rows = [
        [
            str(row["alternative"]),
            Cell("-" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}", row["closure_day"]),
            percent(row["on_time_share"]),
            _interval(row, "p_on_time", digits=2),
            _interval(row, "difference_days"),
            _interval(_points(row), "difference_share", digits=0),
            Cell(f"{row['cost_bn_eur']:,.1f}", row["cost_bn_eur"]),
            day_cell(float(row["bound_day"])),
            str(row["verdict"]),
            str(row.get("share_verdict", "")),
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
