"""The force: every unit with its symbol, home, assembly area and the day on which it is closed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from markupsafe import Markup

from flanksim.measure.closure import ALL
from flanksim.measure.statistics import spread
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Cell, Section, details, join, paragraph, percent, table
from flanksim.report.symbols import definitions, unit_sidc, use
from flanksim.text.phrases import day, last_units
from flanksim.units import closure_day, in_time


def force_section(context: Context) -> Section:
    """Units in a table with their APP-6 symbols."""
    scenario = context.scenario
    days, what = closed_days(context)
    rows = []
    for key, unit in sorted(scenario.travelling_units.items(), key=lambda item: (days.get(item[0], math.nan), item[0])):
        kind = scenario.unit_types.get(unit.unit_type)
        when = days.get(key, math.nan)
        rows.append(
            [
                use(unit_sidc(scenario, key), unit.unit_type.replace("_", " ") or "unit"),
                labels.plain(unit.name) or key,
                (kind.name if kind is not None else "") or unit.unit_type.replace("_", " "),
                unit.troops,
                unit.regional_plan,
                unit.tier,
                labels.place(unit.home_node, scenario),
                labels.place(unit.assembly_node, scenario),
                Cell("never" if math.isnan(when) else day(when), when),
                Cell(_late(when, unit.required_day), when - unit.required_day),
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
        "against its required day",
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
    by_type = _by_type(context, days)
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


def _by_type(context: Context, days: Mapping[str, float]) -> Markup:
    """How many units and troops of each type there are, and how many of the troops are closed in time."""
    scenario = context.scenario
    punctual = shares_in_time(context)
    groups: dict[str, list[str]] = {}
    for key, unit in scenario.travelling_units.items():
        groups.setdefault(unit.unit_type, []).append(key)
    rows = []
    for kind, keys in sorted(groups.items(), key=lambda item: -sum(scenario.units[k].troops for k in item[1])):
        troops = sum(scenario.units[key].troops for key in keys)
        there = math.fsum(scenario.units[key].troops * punctual.get(key, 0.0) for key in keys)
        named = scenario.unit_types.get(kind)
        words_ = (named.name if named is not None else "") or kind.replace("_", " ") or "not stated"
        last = [days.get(key, math.nan) for key in keys]
        when = math.nan if any(math.isnan(found) for found in last) else max(last)
        rows.append(
            [
                use(unit_sidc(scenario, keys[0]), words_),
                words_,
                len(keys),
                troops,
                percent(there / troops if troops else 0.0),
                Cell("not complete" if math.isnan(when) else day(when), when),
            ]
        )
    return table(["symbol", "type", "units", "troops", f"there by {context.deadline}", "last one closed on"], rows)


def _late(when: float, required: float) -> str:
    if math.isnan(when):
        return "-"
    return f"{round(when - required) + 0:+d} days"


def closed_days(context: Context) -> tuple[dict[str, float], str]:
    """Closed day of each unit (median of the runs if they were saved, else of the run shown), and which it is.

    nan for a unit that half of the runs or more never close.
    """
    if context.answered is not None:
        found = {}
        for number, unit in enumerate(context.plan.units):
            median = spread([closure_day(run.closed_h[number]) for run in context.answered.replications]).median
            found[unit.unit_id] = median if math.isfinite(median) else math.nan
        return found, f"Median of {context.runs_made} runs."
    pairs = zip(context.plan.units, context.outcome.closed_h, strict=True)
    return {unit.unit_id: closure_day(hour) for unit, hour in pairs}, f"The run that is shown ({context.shown})."


def shares_in_time(context: Context) -> dict[str, float]:
    """Share of the runs in which each unit is closed by the deadline; of the run that is shown if none were saved."""
    runs = [context.outcome.closed_h]
    if context.answered is not None:
        runs = [run.closed_h for run in context.answered.replications]
    deadline = context.plan.deadline_h
    return {
        unit.unit_id: sum(in_time(closed[number], deadline) for closed in runs) / len(runs)
        for number, unit in enumerate(context.plan.units)
    }


def all_symbols(context: Context) -> Markup:
    """Definitions of the symbols of every travelling unit, each once."""
    return definitions(unit_sidc(context.scenario, key) for key in context.scenario.travelling_units)


def closing_strip(context: Context) -> Markup:
    """Symbol, name and dates of the unit that completes the force in the run shown; empty if it never is."""
    if ALL not in context.paths:
        return Markup("")
    number, _ = context.paths[ALL]
    planned = context.plan.units[number]
    unit = context.scenario.units[planned.unit_id]
    when = closure_day(context.outcome.closed_h[number])
    fact = last_units(context.last_units, context.scenario, planned.unit_id) if context.runs_made > 1 else ""
    text = Markup(
        "<b>{}</b>, {} troops, from {} to {}: ready on C+{}, closed on <b>{}</b> in the run that is shown ({}).{}"
    ).format(
        labels.plain(unit.name) or planned.unit_id,
        f"{unit.troops:,}",
        labels.place(unit.home_node, context.scenario),
        labels.place(unit.assembly_node, context.scenario),
        f"{unit.ready_day:g}",
        day(when),
        context.shown,
        f" {fact[:1].upper()}{fact[1:]}." if fact else "",
    )
    symbol = use(unit_sidc(context.scenario, planned.unit_id), unit.unit_type.replace("_", " ") or "unit", 44)
    return Markup('<div class="strip">{}<p>{}</p></div>').format(symbol, text)
