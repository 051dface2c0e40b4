"""What helps most for the money, and who decides: in a few lines of the first screen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from flanksim.measure.best_buys import ActionRuns
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.scenario.schema import Scenario
from flanksim.text.phrases import country_name, signed

#: Actions on the first screen, and countries that are named one by one.
_MOST, _NAMED = 4, 3


def best_buys_lines(context: Context, found: ActionRuns) -> list[Markup]:
    """The actions that surely help, those of which nothing cheaper does as much first."""
    lines = _best(context.scenario, found.buys)
    if not lines:
        lines.append(Markup("Of {} actions none surely closes a soldier sooner.").format(len(found.buys)))
    text = Markup("{} pairs of runs each, {} tried alone; bold: nothing cheaper does as much.")
    return [*lines, text.format(found.pairs, len(found.buys) + len(found.untried))]


def shipped_lines(scenario: Scenario, found: Mapping[str, Any]) -> list[Markup]:
    """The same of the best buys that ship with the package."""
    rows = [{name: math.nan if value is None else value for name, value in row.items()} for row in found["actions"]]
    text = Markup(
        "{} pairs of runs each, {} tried alone{}; bold: nothing cheaper does as much. Anew: "
        "<code>flanksim best-buys {}</code>"
    )
    earlier = "" if found["digest"] == scenario.digest else " on an earlier state of the tables"
    pairs = max((row["pairs"] for row in rows), default=0)
    return [*_best(scenario, rows), text.format(pairs, found["tried"], earlier, scenario.name)]


def _best(scenario: Scenario, rows: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """Of those that surely help the first, and of a family of levers only the level that helps most."""
    sure = [row for row in rows if row["closing_verdict"] == "sooner"]
    found: dict[str, Mapping[str, Any]] = {}
    for row in sorted(sure, key=lambda row: not row["frontier"]):
        found.setdefault(_family(scenario, row), row)
    return [_line(scenario, row) for row in list(found.values())[:_MOST]]


def _family(scenario: Scenario, row: Mapping[str, Any]) -> str:
    named = {key: lever.family or key for key, lever in scenario.levers.items()}
    by_title = {lever.name: named[key] for key, lever in scenario.levers.items()}
    return named.get(row["action"]) or by_title.get(row["title"]) or str(row["action"])


def _line(scenario: Scenario, row: Mapping[str, Any]) -> Markup:
    """One action: its euros and year, the days and points it brings, and who decides."""
    since = f", from {row['counts_from']}" if row["counts_from"] else ""
    who = row["decides"] or deciders(scenario, [row["action"]])
    name = labels.plain(row["title"])
    name = Markup("<b>{}</b>").format(name) if row["frontier"] else name
    return Markup("{} ({}{}): {}.{}").format(name, euros(row["cost_bn_eur"]), since, _gain(row), decided(who))


def _gain(row: Mapping[str, Any]) -> str:
    size = signed(abs(row["points"]), 0).removeprefix("+")
    points = f"{size} points {'more' if row['points'] >= 0 else 'fewer'} in time"
    if row["verdict"] == "sooner":
        return f"last day {_days(row, 'days_sooner')} sooner, {points}"
    return f"a soldier {_days(row, 'soldier_days_sooner')} sooner in the mean, {points}"


def _days(row: Mapping[str, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    around = "" if row["pairs"] < FEWEST_FOR_AN_INTERVAL or math.isnan(low) else f" ({low:.1f} to {high:.1f})"
    return f"{row[name]:.1f} days{around}"


def euros(cost_bn_eur: float) -> str:
    """Money in words: ``no money``, ``EUR 0.2 bn``, ``EUR 29 bn``."""
    if cost_bn_eur <= 0:
        return "no money"
    return f"EUR {cost_bn_eur:,.0f} bn" if cost_bn_eur >= 10 else f"EUR {cost_bn_eur:.2g} bn"


def decided(who: str) -> Markup:
    """Who decides, as the end of a line; nothing where nobody is named."""
    return Markup(' <span class="who">Decides: {}.</span>').format(who) if who else Markup("")


def deciders(scenario: Scenario, keys: Iterable[str]) -> str:
    """Who decides on levers, and in which countries projects are built, whose governments do."""
    said: dict[str, None] = {}
    countries: dict[str, None] = {}
    for key in keys:
        if key in scenario.levers:
            said |= dict.fromkeys(filter(None, [scenario.levers[key].decides]))
        elif key in scenario.projects:
            countries |= dict.fromkeys(scenario.projects[key].countries)
    found = [*said, *([_governments(scenario, list(countries))] if countries else [])]
    return "; ".join(found)


def _governments(scenario: Scenario, codes: Sequence[str]) -> str:
    names = [country_name(scenario, code) for code in codes[:_NAMED]]
    more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
    return ", ".join(names) + more
