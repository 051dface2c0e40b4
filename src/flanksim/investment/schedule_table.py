"""What spending builds: the projects of a scenario with their dates, cost and effects in words, by a year."""

from __future__ import annotations

import math
from typing import Any

from flanksim.investment.projects import ON_TIME, c_day, final_cost, is_under_way, left_to_pay
from flanksim.investment.timeline import Schedule, plan_projects
from flanksim.investment.unspent import by_purse
from flanksim.scenario.naming import place
from flanksim.scenario.project_rows import Effect
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending

_OPERATIONS = {"set": "", "add": "+", "scale": "times "}
_ATTRIBUTES = {
    "speed_kmh": "speed, km/h,",
    "max_mlc": "load class (MLC)",
    "max_axle_load_t": "axle load, t,",
    "servers": "places to load or unload",
    "storage": "yard",
    "handling": "handling time",
    "count": "number",
    "repair": "repair time",
    "ready_day": "day of readiness",
    "stock_node": "place of its stock",
    "available_day": "first day",
    "value": "parameter",
}


def built(scenario: Scenario, spending: Spending, year: int) -> dict[str, Any]:
    """Projects that `spending` has paid for and that are begun by `year`, for machines and for the report.

    Returns
    -------
    dict
        ``year``, ``spent_bn_eur``, ``standing_bn_eur`` (what flows whatever is spent), ``standing`` (funds that do),
        ``listed`` and ``in_service`` (how many projects), ``purses`` (`flanksim.investment.unspent.by_purse`) and
        ``projects``: one row each with id, name, countries, cost (announced times
        overrun, EUR bn; ``left_bn_eur`` of it was not paid before), ``paid_bn_eur`` by the year, build years, ``done``
        (year with fraction; None if after C-day of `year`), ``share`` in service (0 to 1), effects in words, basis,
        confidence and source. The paid amounts sum to ``spent_bn_eur`` and ``standing_bn_eur``, but for money set aside
        for projects that wait.
    """
    timeline = plan_projects(scenario, spending, year)
    rows = [
        project_row(scenario, entry.project_id, entry, year) for entry in timeline.schedules if entry.begun_by(year)
    ]
    return {
        "year": year,
        "spent_bn_eur": timeline.spent_by(year),
        "standing_bn_eur": timeline.standing_by(year),
        "standing": sorted(key for key, fund in scenario.funds.items() if fund.kind == "standing"),
        "listed": len(scenario.projects),
        "in_service": len(timeline.shares_by(year)),
        "purses": by_purse(timeline.purses, year),
        "projects": rows,
    }


def project_row(
    scenario: Scenario, key: str, schedule: Schedule | None = None, year: int | None = None
) -> dict[str, Any]:
    """One project as a row, its cost with overrun; with a schedule also what is in service by `year`."""
    project = scenario.projects[key]
    low, typical, high = left_to_pay(scenario, key)
    opening = project.in_service
    found: dict[str, Any] = {
        "id": key,
        "name": project.name,
        "countries": list(project.countries),
        "kind": project.kind,
        "cost_bn_eur": final_cost(scenario, key)[1] if schedule is None else schedule.cost_bn_eur,
        "left_low_bn_eur": low,
        "left_bn_eur": typical if schedule is None else schedule.left_bn_eur,
        "left_high_bn_eur": high,
        "in_service": None if opening is None else list(opening),
        "under_way_since": project.start_year if is_under_way(scenario, key) else None,
        "build_years": project.build_typical_years if schedule is None else schedule.build_years,
        "effects": effects_in_words(scenario, key),
        "raises": project.raises,
        "basis": project.basis,
        "confidence": project.confidence,
        "source": project.source,
    }
    if schedule is not None and year is not None:
        date = c_day(year)
        found |= {
            "start": schedule.start if math.isfinite(schedule.start) else None,
            "done": schedule.done if schedule.done <= date + ON_TIME else None,
            "paid_bn_eur": schedule.paid_at(date),
            "paid_by_bn_eur": schedule.paid_by,
            "share": schedule.share_at(date),
        }
    return found


def effects_in_words(scenario: Scenario, key: str) -> list[str]:
    """What a project changes, one phrase an effect: ``capacity of rail Kaunas-Panevezys and 3 more: 60``."""
    rows = [row for _, row in sorted(scenario.effects.items()) if row.project_id == key]
    return [_effect(scenario, row) for row in rows]


def _effect(scenario: Scenario, row: Effect) -> str:
    first = row_in_words(scenario, row.table, row.targets[0]) if row.targets else row.table
    more = f" and {len(row.targets) - 1} more" if len(row.targets) > 1 else ""
    value = f"{row.typical:g}" if isinstance(row.typical, float) else str(row.typical).replace("_", " ")
    spread = ""
    if row.low is not None and row.high is not None and (row.low, row.high) != (row.typical, row.typical):
        spread = f" ({row.low:g} to {row.high:g})"
    what = _ATTRIBUTES.get(row.attribute, row.attribute.replace("_", " "))
    return f"{what} of {first}{more}: {_OPERATIONS[row.operation]}{value}{spread}"


def row_in_words(scenario: Scenario, table: str, key: str) -> str:
    """A row of a table, such as one that an effect changes, by the names of its places.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> row_in_words(load("corridor-mini"), "links", "s7")
    'road Gdansk-Orzysz'
    """
    if table == "nodes" and key in scenario.nodes:
        return place(scenario, key)
    if table == "links" and key in scenario.links:
        link = scenario.links[key]
        ends = [scenario.nodes[end].name.split(" (")[0] or end for end in (link.from_node, link.to_node)]
        return f"{link.mode} {ends[0]}-{ends[1]}"
    if table == "facilities" and key in scenario.facilities:
        row = scenario.facilities[key]
        where = scenario.nodes[row.place].name.split(" (")[0] if row.place in scenario.nodes else row.place
        return f"{row.kind.replace('_', ' ')} {where}"
    if table == "chokepoints" and key in scenario.chokepoints:
        return scenario.chokepoints[key].name or key
    if table == "fleets" and key in scenario.fleets:
        return scenario.fleets[key].name or key
    if table == "units" and key in scenario.units:
        return scenario.units[key].name or key
    if table == "outages" and key in scenario.outages:
        return scenario.outages[key].name or key
    if table == "projects" and key in scenario.projects:
        return scenario.projects[key].name
    return "the rules" if table == "regime" else key.replace("_", " ")
