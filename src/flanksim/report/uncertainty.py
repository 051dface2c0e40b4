"""What the answer rests on: what it hangs on most, sensitivity, assumptions, warnings, sources."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from flanksim.activities import Cause, Why
from flanksim.report import labels
from flanksim.report.context import Context, Rows
from flanksim.report.html import Cell, Section, details, heading, items, join, paragraph, percent, table
from flanksim.scenario.check import check
from flanksim.scenario.rows import Parameter, Source
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import OWNED

#: Groups of parameters by how their names start or what they hold; the first that fits takes one.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Permissions and borders", ("permission", "border")),
    ("Civil traffic", ("civil_share",)),
    ("Supply", ("sustainment", "basic_load", "container_payload")),
    ("Money", ("overrun", "mobility_fraction", "additional_share")),
    ("Chance: factors on times", ("handling_factor", "travel_factor")),
    ("Where a row says nothing", ("default_", "wheeled_mlc", "coach_mlc", "transporter_mlc")),
    ("Units and closing", ("close_share", "integration", "reception_team", "ready_delay", "stock_",
                            "heavy_self_drive")),
    ("Sea and ports", ("berth", "port_", "lane_m", "ship_", "route_berth", "ferry_")),
    ("Air", ("stand_", "flight", "troops_per_flight", "tonnes_per_piece", "shortest_")),
    ("Inland waterways", ("barge_",)),
    ("Breakdowns", ("failures_", "repair_")),
    ("Rail", ("ramp_", "gauge_", "heavy_vehicles_per_train", "tanks_per_train", "vehicles_per_train",
              "containers_per_train",
              "troops_per_train")),
    ("Choice of ways", ("way_",)),
    ("Road and march", ("march", "het_", "caution_", "coach_", "halt_", "vehicles_per_het", "troops_per_coach")),
)  # fmt: skip
SHOWN = 10


def sensitivity_section(context: Context) -> Section:
    """A table of sensitivities where one was run; always what the answer hangs on and how well it is known."""
    if context.sensitivity is None:
        text = (
            "No sensitivity analysis was run for this folder, so the table below does not say how much the answer "
            "moves; it says on which inputs the critical path hangs, and how well they are known."
        )
        parts = [paragraph(text)]
    else:
        parts = [
            _sensitivity(context.sensitivity),
            paragraph("And this is what the critical path hangs on, and how well it is known:"),
        ]
    hang = hanging(context)
    head = ["what the last day hangs on", "share", "input", "low", "typical", "high", "basis", "confidence", "source"]
    parts.append(
        table(head, hang) if hang else paragraph("The force was not closed, so nothing is on a critical path.")
    )
    weak = _least_known(context.scenario)
    if weak:
        parts += [
            heading("Parameters most in doubt"),
            paragraph("Low confidence and the widest range, as a part of the typical value:"),
            table(["parameter", "meaning", "low", "typical", "high", "range", "basis"], weak),
        ]
    return Section("sensitivity", "What the answer hangs on", "Doubts", join(parts))


def _sensitivity(found: Rows) -> Markup:
    return table([name.replace("_", " ") for name in found.names], found.rows)


def hanging(context: Context) -> list[list[object]]:
    """Inputs behind the largest causes of the critical path, with range, basis and confidence."""
    rows: list[list[object]] = []
    for name, share in list(context.shares.items())[:SHOWN]:
        if share < 0.01:
            continue
        said = labels.cause(name, context.scenario)
        for what, low, typical, high, row in _inputs(name, context.scenario):
            rows.append(
                [
                    said, percent(share), what,
                    *(Cell("-" if value is None else f"{value:,.4g}", math.nan if value is None else value)
                      for value in (low, typical, high)),
                    labels.BASES[row.basis], labels.CONFIDENCES[row.confidence], row.source,
                ]
            )  # fmt: skip
    return rows


Input = tuple[str, float | None, float | None, float | None, Any]


def _inputs(cause: Cause, scenario: Scenario) -> Iterable[Input]:
    """Rows of the tables that a cause of the critical path comes from."""
    if cause.kind is Why.LIFT:
        for _, fleet in sorted(scenario.fleets.items()):
            if fleet.pool == cause.thing:
                counts = (fleet.count_low, fleet.count_typical, fleet.count_high)
                yield f"number of {labels.plain_colon(fleet.name)}", *counts, fleet
    elif cause.kind is Why.QUEUE:
        kind, _, place = cause.thing.partition(":")
        if kind in scenario.links:
            link = scenario.links[kind]
            unit = labels.UNITS.get(link.capacity_unit or "", "capacity")
            yield (
                f"{unit}, {labels.link(kind, scenario)}",
                link.capacity_low,
                link.capacity_typical,
                link.capacity_high,
                link,
            )
        for _, row in sorted(scenario.facilities.items()):
            if (row.kind, row.place) == (kind, place):
                yield labels.thing(cause.thing, scenario), row.servers_low, row.servers_typical, row.servers_high, row
    else:
        for key in _PARAMETERS.get(cause, ()):
            key = key.format(permission=scenario.regime.permission, traffic=scenario.regime.traffic)  # noqa: PLW2901
            if key in scenario.parameters:
                parameter = scenario.parameters[key]
                yield (
                    parameter.meaning or key.replace("_", " "),
                    parameter.low,
                    parameter.typical,
                    parameter.high,
                    parameter,
                )


_PARAMETERS = {
    Cause(Why.NOT_READY): ("ready_delay_days",),
    Cause(Why.PERMISSION): ("permission_days_{permission}",),
    Cause(Why.INTEGRATION): ("integration_days",),
    Cause(Why.MOVING, "sea"): ("default_speed_sea_kmh", "travel_factor_sea"),
    Cause(Why.MOVING, "rail"): ("default_speed_rail_kmh", "default_speed_branch_line_kmh", "travel_factor_rail"),
    Cause(Why.MOVING, "road"): ("default_speed_motorway_kmh", "default_speed_road_kmh", "travel_factor_road"),
    Cause(Why.MOVING, "air"): ("flight_speed_kmh", "travel_factor_air"),
    Cause(Why.LOADING): ("berth_pieces_per_hour", "ramp_hours_per_train"),
    Cause(Why.UNLOADING): ("berth_pieces_per_hour", "ramp_hours_per_train"),
    Cause(Why.BORDER): ("border_hours_rail", "border_hours_road"),
    Cause(Why.GAUGE_CHANGE): ("gauge_change_hours_per_train",),
    Cause(Why.PORT_EXIT): ("port_exit_hours_per_serial",),
    Cause(Why.DRAW): ("stock_issue_days", "stock_pieces_per_day"),
    Cause(Why.PACE): ("port_clearance_per_day_{traffic}", "march_vehicles_per_day_{traffic}"),
}


def _least_known(scenario: Scenario) -> list[list[object]]:
    def spread(row: Parameter) -> float:
        low = row.typical if row.low is None else row.low
        high = row.typical if row.high is None else row.high
        return (high - low) / abs(row.typical) if row.typical else 0.0

    weak = [(key, row) for key, row in scenario.parameters.items() if row.confidence == "L" and spread(row) > 0]
    weak.sort(key=lambda item: (-spread(item[1]), item[0]))
    return [
        [key.replace("_", " "), row.meaning, *_triple(row), percent(spread(row)), labels.BASES[row.basis]]
        for key, row in weak[:SHOWN]
    ]


def _triple(row: Parameter) -> tuple[float, float, float]:
    low = row.typical if row.low is None else row.low
    return low, row.typical, row.typical if row.high is None else row.high


# ---- assumptions --------------------------------------------------------------------------------


def assumptions_section(context: Context) -> Section:
    """Rules, mechanisms in words, and every parameter with its range, by group."""
    scenario = context.scenario
    transit = ", ".join(scenario.regime.transit_states) or "none"
    ways = labels.STRATEGIES[scenario.routing.strategy]
    rules = [
        f"Traffic: {labels.TRAFFIC[scenario.regime.traffic]}.",
        f"Permission to cross borders: {labels.PERMISSION[scenario.regime.permission]}.",
        f"States outside the alliance that may be crossed: {transit}.",
        f"Choice of ways: {ways}; up to {scenario.routing.alternatives} ways a unit.",
        f"A unit is closed when all its troops and {100 * scenario.close_share:g} % of its vehicles are there.",
        "No enemy: no attack, no deliberate disruption.",
    ]
    on = [labels.MECHANISMS[name] for name, value in scenario.mechanisms if value]
    off = [labels.MECHANISMS[name] for name, value in scenario.mechanisms if not value]
    parts = [
        heading("Rules"),
        items(rules),
        heading("What the model takes into account"),
        items([f"{text}." for text in on]),
    ]
    if off:
        parts += [heading("What it could, but is switched off here"), items([f"{text}." for text in off])]
    parts.append(heading("Numbers that belong to no single place or fleet"))
    parts += [details(f"{title} ({len(rows)})", _parameters(rows)) for title, rows in grouped(scenario)]
    return Section("assumptions", "Assumptions", "Assumptions", join(parts))


def grouped(scenario: Scenario) -> list[tuple[str, list[tuple[str, Parameter]]]]:
    """Every parameter in one group, in the order of `GROUPS`; what fits nowhere is last."""
    found: dict[str, list[tuple[str, Parameter]]] = {title: [] for title, _ in GROUPS}
    found["Other"] = []
    for key, row in sorted(scenario.parameters.items()):
        title = next((title for title, starts in GROUPS if key.startswith(starts)), "Other")
        found[title].append((key, row))
    return [(title, rows) for title, rows in found.items() if rows]


def _parameters(rows: Sequence[tuple[str, Parameter]]) -> Markup:
    lines = [
        [
            row.meaning or key.replace("_", " "),
            *_triple(row),
            row.unit,
            labels.BASES[row.basis],
            labels.CONFIDENCES[row.confidence],
            row.source,
        ]
        for key, row in rows
    ]
    return table(["what", "low", "typical", "high", "unit", "basis", "confidence", "source"], lines)


# ---- warnings and sources -----------------------------------------------------------------------


def warnings_section(context: Context) -> Section:
    """Every warning of the scenario check, what the runs warn of, and how well the rows are known."""
    scenario = context.scenario
    found = [
        f"{problem.code}: {problem.path} {problem.message}"
        for problem in check(scenario, ".".join)
        if problem.severity == "warning"
    ]
    runs = context.runs_made
    if runs < 30:
        found.append(f"Only {runs} replication{'s' * (runs != 1)}: 30 or more are needed for a claim.")
    unclosed = 0 if context.runs is None else context.runs.unclosed()
    if unclosed:
        found.append(
            f"{unclosed} replications were not closed by C+{scenario.question.horizon_days:g}; means leave them out."
        )
    if not scenario.mechanisms.outages:
        found.append("No strikes, storms or accidents happen in these runs (mechanisms.outages is off).")
    if any("notional" in unit.source for unit in scenario.units.values()):
        found.append("The order of battle is notional.")
    parts = [
        items(found) if found else paragraph("None."),
        heading("How well the tables are known"),
        _evidence(scenario),
    ]
    return Section("warnings", "Warnings", "Warnings", join(parts))


def _evidence(scenario: Scenario) -> Markup:
    lines: list[list[object]] = []
    for name in OWNED:
        rows = list(getattr(scenario, name).values())
        if not rows:
            continue
        line: list[object] = [name.replace("_", " "), len(rows)]
        line += [percent(sum(row.basis == basis for row in rows) / len(rows)) for basis in labels.BASES]
        line += [percent(sum(row.confidence == mark for row in rows) / len(rows)) for mark in labels.CONFIDENCES]
        lines.append(line)
    head = ["table", "rows", *labels.BASES.values(), *(f"{word} confidence" for word in labels.CONFIDENCES.values())]
    return table([name.replace("_", " ") for name in head], lines)


def sources_section(context: Context) -> Section:
    """Every source, with the number of rows that rest on it."""
    scenario = context.scenario
    uses: dict[str, int] = {}
    for name in OWNED:
        for row in getattr(scenario, name).values():
            uses[row.source] = uses.get(row.source, 0) + 1
    lines = [
        [key, Cell(f"{uses.get(key, 0):,}", uses.get(key, 0)), _citation(row)]
        for key, row in sorted(scenario.sources.items(), key=lambda item: (-uses.get(item[0], 0), item[0]))
    ]
    stray = sorted(set(uses) - set(scenario.sources) - {"inline"})
    named, rows = sum(uses.get(key, 0) for key in scenario.sources), sum(uses.values())
    text = f"{len(scenario.sources)} sources stand behind {named:,} of the {rows:,} rows of the tables."
    if named < rows:
        text += " The other rows are stated in the scenario itself, without a source."
    head = ["id", "rows", "source"]
    body = Markup('<div class="tall">{}</div>').format(table(head, lines))
    parts = [paragraph(text), details(f"All {len(lines)} sources", body)]
    if stray:
        parts.append(paragraph(f"Named in rows, but not in the table of sources: {', '.join(stray)}."))
    return Section("sources", "Sources", "Sources", join(parts))


def _citation(row: Source) -> Markup:
    """Citation, address and note of a source in one cell."""
    parts = [Markup("{}").format(row.citation)]
    if row.url.startswith(("https://", "http://")):
        parts.append(Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(row.url, row.url))
    elif row.url:
        parts.append(Markup("{}").format(row.url))
    if row.note:
        parts.append(Markup('<span class="muted">{}</span>').format(row.note))
    return Markup("<br>").join(parts)
