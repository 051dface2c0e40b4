"""The force: every unit with its symbol, home, assembly area and the day on which it is closed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from markupsafe import Markup

from flanksim.report import words
from flanksim.report.html import Cell, Section, details, join, paragraph, percent, table
from flanksim.report.material import Material
from flanksim.report.symbols import definitions, unit_sidc, use
from flanksim.units import closure_day


def force_section(material: Material) -> Section:
    """Units in a table with their APP-6 symbols."""
    scenario = material.scenario
    days, what = closed_days(material)
    rows = []
    for key, unit in sorted(scenario.travelling_units.items(), key=lambda item: (days.get(item[0], math.nan), item[0])):
        kind = scenario.unit_types.get(unit.unit_type)
        day = days.get(key, math.nan)
        rows.append(
            [
                use(unit_sidc(scenario, key), unit.unit_type.replace("_", " ") or "unit"),
                words.plain(unit.name) or key,
                (kind.name if kind is not None else "") or unit.unit_type.replace("_", " "),
                unit.troops,
                unit.regional_plan,
                unit.tier,
                words.place(unit.home_node, scenario),
                words.place(unit.assembly_node, scenario),
                Cell("never" if math.isnan(day) else f"C+{day:.1f}", day),
                Cell(_late(day, unit.required_day), day - unit.required_day),
            ]
        )
    head = [
        "symbol",
        "unit",
        "type",
        "troops",
        "plan",
        "tier",
        "home",
        "assembly area",
        "closed on",
        "against its date",
    ]
    count = len(rows)
    shown = table(
        head, rows, f"{what} Symbols: APP-6, friendly land units; the cross, bars and dots above show the size."
    )
    text = (
        f"{count} units travel, {sum(u.troops for u in scenario.travelling_units.values()):,} troops. The order of "
        "battle is notional: it has the size and mix that a force of this kind needs, not the names and places of "
        "real plans."
    )
    by_type = _by_type(material, days)
    return Section(
        "force",
        "The force",
        "Force",
        join(
            [
                paragraph(text),
                by_type,
                details(f"All {count} units", Markup('<div class="tall">{}</div>').format(shown), opened=count <= 12),
            ]
        ),
    )


def _by_type(material: Material, days: Mapping[str, float]) -> Markup:
    """How many units and troops of each type there are, and how many of the troops are closed in time."""
    scenario, deadline = material.scenario, material.scenario.question.deadline_days
    groups: dict[str, list[str]] = {}
    for key, unit in scenario.travelling_units.items():
        groups.setdefault(unit.unit_type, []).append(key)
    rows = []
    for kind, keys in sorted(groups.items(), key=lambda item: -sum(scenario.units[k].troops for k in item[1])):
        troops = sum(scenario.units[key].troops for key in keys)
        there = sum(scenario.units[key].troops for key in keys if days.get(key, math.nan) <= deadline)
        named = scenario.unit_types.get(kind)
        words_ = (named.name if named is not None else "") or kind.replace("_", " ") or "not stated"
        last = [days.get(key, math.nan) for key in keys]
        when = math.nan if any(math.isnan(day) for day in last) else max(last)
        rows.append(
            [
                use(unit_sidc(scenario, keys[0]), words_),
                words_,
                len(keys),
                troops,
                percent(there / troops if troops else 0.0),
                Cell("not complete" if math.isnan(when) else f"C+{when:.1f}", when),
            ]
        )
    return table(["symbol", "type", "units", "troops", f"there by {material.deadline}", "last one closed on"], rows)


def _late(day: float, required: float) -> str:
    if math.isnan(day):
        return "-"
    return f"{day - required:+.0f} days"


def closed_days(material: Material) -> tuple[dict[str, float], str]:
    """Closed day of each unit (mean of the runs if they were saved, else the first run), and which it is."""
    if material.units is not None:
        means = material.units.groupby("unit")["closed_day"].mean()
        return {str(key): float(value) for key, value in means.items()}, f"Mean over {material.runs_made} runs."
    pairs = zip(material.plan.units, material.outcome.closed_h, strict=True)
    return {unit.unit_id: closure_day(hour) for unit, hour in pairs}, f"First run (seed {material.outcome.seed})."


def all_symbols(material: Material) -> Markup:
    """Definitions of the symbols of every travelling unit, each once."""
    return definitions(unit_sidc(material.scenario, key) for key in material.scenario.travelling_units)


def closing_strip(material: Material) -> Markup:
    """Symbol, name and dates of the unit that completes the force in the first run; empty if it never is."""
    if "all" not in material.paths:
        return Markup("")
    number, _ = material.paths["all"]
    planned = material.plan.units[number]
    unit = material.scenario.units[planned.unit_id]
    day = closure_day(material.outcome.closed_h[number])
    text = Markup("<b>{}</b>, {} troops, from {} to {}: ready on C+{}, closed on <b>C+{}</b> in the first run.").format(
        words.plain(unit.name) or planned.unit_id,
        f"{unit.troops:,}",
        words.place(unit.home_node, material.scenario),
        words.place(unit.assembly_node, material.scenario),
        f"{unit.ready_day:g}",
        f"{day:.1f}",
    )
    symbol = use(unit_sidc(material.scenario, planned.unit_id), unit.unit_type.replace("_", " ") or "unit", 44)
    return Markup('<div class="strip">{}<p>{}</p></div>').format(symbol, text)
