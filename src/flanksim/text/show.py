"""What a scenario contains, before anything is run: its question, forces, network, lift, projects and assumptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flanksim.network.admissible import ELEMENTS
from flanksim.planning.loads import quantities
from flanksim.scenario.evidence import evidence_line, evidence_of_tables, least_known
from flanksim.scenario.force_sets import left_out
from flanksim.scenario.rows import Unit
from flanksim.scenario.schema import Mechanisms, Scenario
from flanksim.scenario.summary import network_counts, network_in_words, plain, question_in_words
from flanksim.terminal import Block, Span, numbers, table, words
from flanksim.text.phrases import country_name

#: Parameters of low confidence that are listed.
_LEAST_KNOWN = 5
#: Days by which the force is told, besides the deadlines.
_FEW_DAYS = 8


def content(scenario: Scenario) -> dict[str, Any]:
    """What a scenario contains, for programs; money in bn EUR, lengths in km, times in C-days.

    Returns
    -------
    dict
        ``scenario``, ``title``, ``digest``, ``question``, ``rules``, ``force``, ``network``, ``lift``, ``projects``,
        ``levers``, ``tables`` and ``assumptions``.
    """
    question = scenario.question.model_dump(mode="json", exclude_none=True)
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "digest": scenario.digest,
        "overrides": list(scenario.overrides),
        "question": question | {"troops_required": scenario.troops_required},
        "rules": {
            "traffic": scenario.regime.traffic,
            "permission": scenario.regime.permission,
            "routing": scenario.routing.strategy,
            "year": scenario.year,
            "infrastructure_share_pct": None if scenario.year is None else scenario.spending.infrastructure_share_pct,
        },
        "force": _force(scenario),
        "network": network_counts(scenario),
        "lift": _lift(scenario),
        "projects": _projects(scenario),
        "levers": [
            {"lever": key, "name": row.name, "kind": row.kind, "cost_bn_eur": row.cost_typical_bn_eur}
            for key, row in sorted(scenario.levers.items())
        ],
        "tables": [
            {"table": entry.table, "rows": entry.rows, "basis": entry.basis, "confidence": entry.confidence}
            for entry in evidence_of_tables(scenario)
        ],
        "assumptions": _assumptions(scenario),
    }


def _force(scenario: Scenario) -> dict[str, Any]:
    travelling = list(scenario.travelling_units.values())
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in travelling:
        groups[unit.nation].append(unit)
    by_nation = [{"nation": nation} | _sums(scenario, groups[nation]) for nation in groups]
    by_nation.sort(key=lambda row: (-row["troops"], row["nation"]))
    question = scenario.question
    days = {question.deadline_days, question.tier_1_deadline_days, *(unit.required_day for unit in travelling)}
    days |= {float(int(unit.ready_day)) for unit in travelling}
    return {
        "units": len(travelling),
        "by_nation": by_nation,
        "all": _sums(scenario, travelling),
        "by_day": [
            {
                "day": day,
                "ready_troops": sum(unit.troops for unit in travelling if unit.ready_day < day + 1),
                "required_troops": sum(unit.troops for unit in travelling if unit.required_day <= day),
            }
            for day in sorted(days)
        ],
        "in_place": {
            "units": len(scenario.in_place_units),
            "troops": sum(unit.troops for unit in scenario.in_place_units.values()),
            "counted": scenario.forces.count_in_place,
        },
        "left_out": left_out(scenario),
    }


def _sums(scenario: Scenario, units: Sequence[Unit]) -> dict[str, Any]:
    pieces = [quantities(scenario, unit) for unit in units]
    return {
        "units": len(units),
        "troops": sum(unit.troops for unit in units),
        "tier_1_troops": sum(unit.troops for unit in units if unit.tier == 1),
        **{element: int(sum(row[element] for row in pieces)) for element in ELEMENTS if element != "troops"},
        "first_ready_day": min((unit.ready_day for unit in units), default=None),
        "last_ready_day": max((unit.ready_day for unit in units), default=None),
    }


def _lift(scenario: Scenario) -> list[dict[str, Any]]:
    found = []
    for kind in sorted({fleet.kind for fleet in scenario.fleets.values()}):
        own = [fleet for fleet in scenario.fleets.values() if fleet.kind == kind and scenario.takes_part(fleet)]
        found.append(
            {
                "kind": kind,
                "pools": len({fleet.pool for fleet in own}),
                "assets": sum(fleet.count_typical for fleet in own),
                "groups": sum(int(fleet.count_typical / fleet.group_size + 1e-9) for fleet in own),
            }
        )
    return found


def _projects(scenario: Scenario) -> dict[str, Any]:
    rows = scenario.projects.values()
    kinds: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        kinds[row.kind or "other"].append(row.cost_typical_bn_eur)
    by_kind = [{"kind": kind, "projects": len(cost), "cost_bn_eur": sum(cost)} for kind, cost in kinds.items()]
    return {
        "projects": len(rows),
        "cost_low_bn_eur": sum(row.cost_low_bn_eur for row in rows),
        "cost_bn_eur": sum(row.cost_typical_bn_eur for row in rows),
        "cost_high_bn_eur": sum(row.cost_high_bn_eur for row in rows),
        "by_kind": sorted(by_kind, key=lambda row: (-row["cost_bn_eur"], row["kind"])),
    }


def _assumptions(scenario: Scenario) -> dict[str, Any]:
    switches, usual = scenario.mechanisms.model_dump(), Mechanisms()
    return {
        "mechanisms": switches,
        "unlike_default": {name: on for name, on in switches.items() if on != getattr(usual, name)},
        "evidence": evidence_line(scenario),
        "least_known": [
            {"parameter": name, "low": row.low, "typical": row.typical, "high": row.high, "unit": row.unit}
            for name, row in least_known(scenario)[:_LEAST_KNOWN]
        ],
    }


# ---- in words -------------------------------------------------------------------------------------


def blocks(scenario: Scenario) -> list[Block]:
    """What a scenario contains, for people."""
    found = content(scenario)
    parts = [
        _summary(scenario),
        _force_blocks(found["force"], scenario),
        _network_blocks(found["network"], found["lift"]),
        _project_blocks(found["projects"]),
        _lever_blocks(found["levers"]),
        _assumption_blocks(found["assumptions"]),
        _table_blocks(found["tables"]),
    ]
    return [block for part in parts if part for block in (*part, "")][:-1]


def _summary(scenario: Scenario) -> list[Block]:
    return [
        Span(scenario.title or scenario.name, "strong"),
        *([scenario.description] if scenario.description else []),
        _pairs(question_in_words(scenario)),
    ]


def _force_blocks(force: Mapping[str, Any], scenario: Scenario) -> list[Block]:
    heads = ["units", "troops", "of tier 1", "heavy", "wheeled", "containers", "ready\nfrom", "ready\nuntil"]
    keys = ["units", "troops", "tier_1_troops", "heavy", "wheeled", "cargo"]

    def row(name: str, entry: Mapping[str, Any]) -> list[str]:
        days = [_c_day(entry["first_ready_day"]), _c_day(entry["last_ready_day"])]
        return [name, *(f"{entry[key]:,}" for key in keys), *days]

    rows = [row(country_name(scenario, entry["nation"]) or "no nation", entry) for entry in force["by_nation"]]
    if len(rows) > 1:
        rows.append(row("all", force["all"]))
    dates = [
        [_c_day(entry["day"]), f"{entry['ready_troops']:,}", f"{entry['required_troops']:,}"]
        for entry in _spaced(force["by_day"])
    ]
    place = force["in_place"]
    counted = "counted" if place["counted"] else "not counted"
    return [
        Span("Who moves, by nation", "strong"),
        table([words("nation"), *map(numbers, heads)], rows),
        *([f"  In place, {counted}: {place['units']} units, {place['troops']:,} troops"] if place["units"] else []),
        *([force["left_out"]] if force["left_out"] else []),
        "",
        Span("By when, as stated: chance delays readiness in a run", "strong"),
        table([words("by the end of"), numbers("troops ready"), numbers("troops required")], dates),
    ]


def _spaced(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A few of the days, first and last among them."""
    if len(rows) <= _FEW_DAYS:
        return list(rows)
    step = (len(rows) - 1) / (_FEW_DAYS - 1)
    return [rows[round(step * number)] for number in range(_FEW_DAYS)]


def _network_blocks(network: Mapping[str, Any], lift: Sequence[Mapping[str, Any]]) -> list[Block]:
    fleets = [[plain(row["kind"]), f"{row['assets']:,g}", f"{row['groups']:,}", str(row["pools"])] for row in lift]
    return [
        Span("Network and lift", "strong"),
        _pairs(network_in_words(network)),
        *([table([words("lift"), numbers("assets"), numbers("groups"), numbers("pools")], fleets)] if fleets else []),
    ]


def _project_blocks(projects: Mapping[str, Any]) -> list[Block]:
    if not projects["projects"]:
        return []
    low, typical, high = (projects[f"cost_{part}bn_eur"] for part in ("low_", "", "high_"))
    rows = [[plain(row["kind"]), str(row["projects"]), f"{row['cost_bn_eur']:,.1f}"] for row in projects["by_kind"][:8]]
    head = f"{projects['projects']} projects, EUR {typical:,.0f} bn announced ({low:,.0f} to {high:,.0f})"
    return [Span(head, "strong"), table([words("kind"), numbers("projects"), numbers("EUR bn")], rows)]


def _lever_blocks(levers: Sequence[Mapping[str, Any]]) -> list[Block]:
    if not levers:
        return []
    rows = [
        [row["name"], plain(row["kind"]), "" if row["cost_bn_eur"] is None else f"{row['cost_bn_eur']:,.3g}"]
        for row in levers
    ]
    head = "Levers; without a cost of their own they cost what their projects do"
    return [Span(head, "strong"), table([words("lever", 30), words("kind"), numbers("EUR bn")], rows)]


def _assumption_blocks(assumed: Mapping[str, Any]) -> list[Block]:
    unlike = [f"{plain(name)} {'on' if on else 'off'}" for name, on in assumed["unlike_default"].items()]
    off = [plain(name) for name, on in assumed["mechanisms"].items() if not on]
    least = ", ".join(_range(row) for row in assumed["least_known"])
    rows = [
        ["numbers", assumed["evidence"]],
        ["unlike the default", ", ".join(unlike)],
        ["not modelled", ", ".join(off)],
        ["least known", least],
    ]
    return [Span("Assumptions", "strong"), _pairs(rows)]


def _pairs(rows: Sequence[Sequence[str]]) -> Block:
    """What is said of several things, those of which nothing is said left out."""
    return table([words(), words("", 40)], [row for row in rows if row[1]])


def _range(row: Mapping[str, Any]) -> str:
    low, high = (row["typical"] if row[part] is None else row[part] for part in ("low", "high"))
    return f"{row['parameter']} {row['typical']:g} ({low:g} to {high:g}) {row['unit']}"


def _table_blocks(tables: Iterable[Mapping[str, Any]]) -> list[Block]:
    rows = ", ".join(f"{entry['table']} {entry['rows']:,}" for entry in tables)
    return [
        Span("Rows by table", "strong"),
        f"  {rows}",
        "  With the name of a table (links) this command lists it; with a row or a place, all rows that concern it",
    ]


def _c_day(day: float | None) -> str:
    return "" if day is None else f"C+{day:g}"
