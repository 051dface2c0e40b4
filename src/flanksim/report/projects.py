"""Projects: what the largest spending of a sweep builds, what a run with a year has in service, or what there is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from flanksim.investment.schedule_table import built, project_row
from flanksim.measure.surface import SurfaceRuns, spending_at
from flanksim.metrics.schedule import largest
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Cell, Section, details, join, paragraph, percent, table
from flanksim.text.money import money_blocks


def projects_section(context: Context, figures: Markup) -> Section:
    """The projects that matter for this folder."""
    if context.surface is not None and context.scenario.projects:
        body = _sweep(context.surface)
    elif context.built:
        text = (
            f"This run asks for the network of 1 July {context.built['year']}. By then the scenario's spending has "
            f"paid EUR {context.built['spent_bn_eur']:,.1f} bn, beside EUR {context.built['standing_bn_eur']:,.1f} bn "
            "that flow whatever is spent, and this is what they have built or begun."
        )
        left = money_blocks(context.built)[2:]
        body = join(
            [
                paragraph(text),
                *([paragraph("Money that was left: " + " ".join(line.strip() for line in left))] if left else ()),
                _by_state(context.built["projects"], int(context.built["year"])),
            ]
        )
    elif context.scenario.projects and _named(context):
        body = join([paragraph("These projects are part of the alternatives:"), _listed(context, _named(context))])
    elif context.scenario.projects:
        count = len(context.scenario.projects)
        text = (
            f"This is the network of today: none of the {count} projects in the tables is in service. flanksim sweep "
            "and flanksim compare --projects say what they would bring."
        )
        body = join(
            [paragraph(text), details(f"The {count} projects", _listed(context, sorted(context.scenario.projects)))]
        )
    else:
        body = paragraph("This scenario has no projects.")
    return Section("projects", "Projects", "Projects", join([body, figures]))


def _named(context: Context) -> list[str]:
    """Projects of a comparison's portfolios, with what they need."""
    found = () if context.alternatives is None else context.alternatives.alternatives
    return sorted({key for entry in found for key in entry.about.projects})


def _sweep(surface: SurfaceRuns) -> Markup:
    top, _ = largest(surface)
    share, fraction, year = top.infrastructure_share, top.mobility_fraction, top.year
    found = built(surface.scenario, spending_at(surface.scenario, share, fraction), year)
    text = (
        f"With {share:g} % of GDP, {100 * fraction:.0f} % of it for mobility, EUR {found['spent_bn_eur']:,.1f} bn are "
        f"paid by 1 July {year}. Money goes down a list: works under way, then what brings most for a euro; "
        "build times are a floor that no money shortens."
    )
    return join([paragraph(text), _by_state(found["projects"], year)])


def _by_state(rows: Sequence[Mapping[str, Any]], year: int) -> Markup:
    done = [row for row in rows if row["share"] > 0]
    rest = [row for row in rows if row["share"] <= 0]
    parts = [
        details(
            f"In service, in whole or in part, by {year}: {len(done)} projects",
            _table(done),
            opened=len(done) <= 40,
        )
    ]
    if rest:
        parts.append(details(f"Begun but of no use yet by {year}: {len(rest)} projects", _table(rest)))
    return join(parts)


def _table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    lines = [
        [
            row["name"],
            ", ".join(row["countries"]),
            Cell(f"{row['cost_bn_eur']:,.2f}", row["cost_bn_eur"]),
            Cell(f"{row['paid_bn_eur']:,.2f}", row["paid_bn_eur"]),
            _begun(row),
            _year(row.get("done")),
            percent(row["share"]),
            _changes(row),
            labels.BASES.get(row["basis"], row["basis"]),
            labels.CONFIDENCES.get(row["confidence"], row["confidence"]),
        ]
        for row in sorted(rows, key=lambda row: (row.get("done") or math.inf, row["name"]))
    ]
    head = [
        "project",
        "where",
        "EUR bn",
        "paid by then",
        "begun in",
        "open in",
        "in service",
        "what it changes",
        "basis",
        "confidence",
    ]
    return Markup('<div class="tall">{}</div>').format(
        table(
            head,
            lines,
            "Cost: announced times overrun. Of works under way only the rest is paid. By a year is on 1 July of it.",
        )
    )


def _changes(row: Mapping[str, Any]) -> str:
    """What it changes in the model, or in words what it is for, where that is nothing that the model reads."""
    return "; ".join(row["effects"]) or f"nothing that the model reads ({row['raises'] or 'not told'})"


def _begun(row: Mapping[str, Any]) -> Cell:
    start = row.get("start")
    return Cell("", math.inf) if start is None else Cell(f"{start:.0f}", start)


def _opening(years: Sequence[int] | None) -> str:
    """Announced years of opening: one, or earliest and latest."""
    if not years:
        return ""
    return str(years[0]) if years[0] == years[-1] else f"{years[0]}–{years[-1]}"  # noqa: RUF001 - a range


def _year(value: float | None) -> Cell:
    return Cell("later", math.inf) if value is None else Cell(f"{value:.1f}", value)


def _listed(context: Context, keys: Sequence[str]) -> Markup:
    lines = []
    for key in keys:
        row = project_row(context.scenario, key)
        low, typical, high = (row[name] for name in ("left_low_bn_eur", "left_bn_eur", "left_high_bn_eur"))
        lines.append(
            [
                row["name"],
                ", ".join(row["countries"]),
                Cell(f"{low:,.2f} - {typical:,.2f} - {high:,.2f}", typical),
                row["build_years"],
                row["under_way_since"] or "",
                _opening(row["in_service"]),
                _changes(row),
                labels.BASES.get(row["basis"], row["basis"]),
                labels.CONFIDENCES.get(row["confidence"], row["confidence"]),
            ]
        )
    head = [
        "project",
        "where",
        "EUR bn left to pay, with overrun: low - typical - high",
        "build years",
        "under way since",
        "announced for",
        "what it changes",
        "basis",
        "confidence",
    ]
    return Markup('<div class="tall">{}</div>').format(table(head, lines))
