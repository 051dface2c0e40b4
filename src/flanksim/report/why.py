"""Why so late: the critical path by cause, by regional plan, step by step; where everybody's time goes; lateness."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from flanksim.measure.critical import Piece
from flanksim.report import words
from flanksim.report.html import Cell, Section, bars, details, heading, join, paragraph, percent, span, table
from flanksim.report.material import Material
from flanksim.report.summary import path_days
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, closure_day

#: Causes below this share of the path are summed up in one bar.
SMALL = 0.01
SHOWN = 10


def why_section(material: Material, figures: Callable[..., Markup], strip: Markup) -> Section:
    """All reasons; `figures` gives figures by name, `strip` is the symbol and name of the closing unit."""
    body = [
        paragraph(
            "Follow the unit that completes the force back in time: whenever it waited, something else held the thing "
            "that it waited for, so the thread goes on there. This thread, the critical path, has no gaps; its parts "
            "sum to the closure. It says what the last day hangs on. It does not say what one more of something would "
            "save: behind the first thing that binds stands the next."
        ),
        bars(path_bars(material)),
        paragraph(_basis(material), "muted"),
        _folded("The same as a figure", figures("bottlenecks")),
        by_alternative(material),
        by_group(material),
        heading("The unit that completes the force"),
        strip,
        figures("journey"),
        _story(material),
        heading("Where everybody's time goes"),
        _ledger(material),
        figures("queues", "fleets"),
        _lateness(material),
    ]
    return Section("why", "Why so late", "Why", join(body))


def _folded(summary: str, body: Markup) -> Markup:
    return details(summary, body) if body else body


def path_bars(material: Material) -> list[tuple[str, float, str]]:
    """Causes in words with share and days, the small ones summed up."""
    shares: dict[str, float] = {}
    for name, share in material.shares.items():
        said = words.cause(name, material.scenario)
        shares[said] = shares.get(said, 0.0) + share
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    shown = [item for item in ordered[:SHOWN] if item[1] >= SMALL]
    rest = sum(share for _, share in ordered) - sum(share for _, share in shown)
    rows = list(shown)
    if rest > 0.0005:
        rows.append((f"{len(ordered) - len(shown)} smaller causes", rest))
    whole = path_days(material)
    return [(name, share, f"{100 * share:.0f} % · {share * whole:.1f} days") for name, share in rows]


def _basis(material: Material) -> str:
    if material.answer.get("critical_path_shares"):
        return f"Mean over {material.runs_made} runs."
    if material.cells:
        return f"Mean over the runs of the first scenario, {material.scenario.name}."
    return "From the first run alone."


def by_alternative(material: Material) -> Markup:
    """Days of the critical path by family, network by network, where a comparison says which is which."""
    manifest = material.manifest
    names = manifest.get("alternative_titles") or manifest.get("alternatives", [])
    pairs = zip(names, manifest.get("alternative_cells", []), strict=False)
    columns = {name: material.cells[cell] for name, cell in pairs if cell in material.cells}
    if len(columns) < 2:
        return Markup("")
    sums: dict[str, dict[str, float]] = {}
    for name, causes in columns.items():
        for cause, hours in causes.items():
            said = words.cause(cause, material.scenario)
            sums.setdefault(said, {})
            sums[said][name] = sums[said].get(name, 0.0) + hours / HOURS_PER_DAY
    rows = [
        [said, *(Cell(f"{by.get(name, 0.0):.1f}", by.get(name, 0.0)) for name in columns)]
        for said, by in sorted(sums.items(), key=lambda item: -max(item[1].values()))
        if max(by.values()) >= 1.0
    ]
    return join(
        [
            heading("What each alternative waits for"),
            table(["days on the critical path", *columns], rows, "Causes of at least one day in one of them."),
        ]
    )


def by_group(material: Material) -> Markup:
    """The critical path of each regional plan: day, unit, three largest causes; over the runs where they were read."""
    told = material.explained.get("groups") or []
    rows = [_told_group(entry, material) for entry in told if entry["group"] not in ("all", "last")]
    note = f"Mean over {material.explained.get('replications', '')} runs."
    if not rows:
        note = f"First run (seed {material.outcome.seed})."
        rows = [
            _own_group(name, unit, pieces, material)
            for name, (unit, pieces) in material.paths.items()
            if name not in ("all", "last")
        ]
    if len(rows) < 2:
        return Markup("")
    head = ["part", "complete on", "completed by", "what its last day hangs on"]
    return join([heading("By regional plan"), table(head, rows, note)])


def _own_group(name: str, unit: int, pieces: list[Piece], material: Material) -> list[object]:
    day = closure_day(material.outcome.closed_h[unit])
    return [
        f"plan {name}",
        Cell(f"C+{day:.1f}", day),
        unit_name(material, material.plan.units[unit].unit_id),
        _largest(_sums(pieces, material.scenario)),
    ]


def _told_group(entry: Mapping[str, Any], material: Material) -> list[object]:
    day = entry["closure_day"]
    sums: dict[str, float] = {}
    for part in entry["causes"]:
        said = words.cause(part["cause"], material.scenario)
        sums[said] = sums.get(said, 0.0) + float(part["hours"])
    who = ", ".join(unit_name(material, name) for name in list(entry["units"])[:2])
    runs = int(material.explained.get("replications", 0))
    mean = math.nan if day["mean"] is None else float(day["mean"])
    return [
        f"plan {entry['group']}",
        Cell(span(day, 1, "C+", runs), mean),
        who,
        _largest(sums, float(entry["closure_hours"])),
    ]


def unit_name(material: Material, key: str) -> str:
    """Name of a unit without what stands in brackets."""
    unit = material.scenario.units.get(key)
    return (words.plain(unit.name) if unit is not None else "") or key


def _largest(sums: Mapping[str, float], whole: float | None = None) -> str:
    total = whole or sum(sums.values()) or 1.0
    top = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:3]
    return "; ".join(f"{said} {100 * hours / total:.0f} %" for said, hours in top)


def _sums(pieces: list[Piece], scenario: Scenario) -> dict[str, float]:
    total: dict[str, float] = {}
    for piece in pieces:
        said = words.cause(piece.cause, scenario)
        total[said] = total.get(said, 0.0) + piece.hours
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


# ---- the story of the last unit -----------------------------------------------------------------

_WHAT = {
    "not ready": "getting ready",
    "permission": "waiting for permission",
    "lift on its way": "lift comes to the load",
    "travel": "under way",
    "empty run": "back empty for the next load",
    "queue": "in line",
    "queue behind supply": "in line behind supply",
    "border": "border control",
    "integration": "joining up",
    "closed": "outside opening hours",
    "port exit": "leaving the port",
    "not yet available": "not yet available",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Pieces of the path that follow each other at one place or on one mode."""

    start: float
    end: float
    what: str
    where: str
    whose: str


def steps(material: Material) -> list[Step]:
    """The critical path of the first run, with neighbours of the same kind joined; they cover it without gaps."""
    found: list[Step] = []
    for piece in material.paths.get("all", (0, []))[1]:
        what = _WHAT.get(piece.what, piece.what)
        where = _where(piece, material.scenario)
        whose = _whose(piece, material)
        last = found[-1] if found else None
        if last is not None and (last.what, last.where, last.whose) == (what, where, whose):
            found[-1] = Step(last.start, piece.end, what, where, whose)
        else:
            found.append(Step(piece.start, piece.end, what, where, whose))
    return found


def _where(piece: Piece, scenario: Scenario) -> str:
    """Where it happens; legs on land are told by their mode so that a journey is one step."""
    first = piece.at.split(":")[0]
    if first in scenario.links and piece.what == "travel" and scenario.links[first].mode in ("rail", "road"):
        return f"by {scenario.links[first].mode}"
    return words.thing(piece.at, scenario) if piece.at else ""


def _whose(piece: Piece, material: Material) -> str:
    if piece.serial < 0:
        return ""
    return unit_name(material, material.plan.units[material.plan.serials[piece.serial].unit].unit_id)


def _story(material: Material) -> Markup:
    found = steps(material)
    if not found:
        return paragraph("The force was not complete in the first run, so there is no last unit.", "muted")
    rows = [
        [
            Cell(f"{step.start / HOURS_PER_DAY:.1f}", step.start),
            Cell(f"{(step.end - step.start) / HOURS_PER_DAY:.1f}", step.end - step.start),
            step.what,
            step.where,
            step.whose,
        ]
        for step in found
    ]
    note = (
        f"{len(rows)} steps of the first run, in order; together "
        f"{sum(step.end - step.start for step in found) / HOURS_PER_DAY:.1f} days. Where another unit is named, its "
        "use of the same ship, train or berth was in the way."
    )
    return details(
        "The critical path step by step",
        table(["days after the order", "it takes", "what", "where", "unit on the move"], rows, note),
    )


# ---- ledger and lateness ------------------------------------------------------------------------


def shares_of_time(material: Material, since: float = 0.0) -> list[tuple[str, float, float]]:
    """State in words, its share of all time, and days per soldier, vehicle or container; largest first."""
    final = [serial.quantity for serial in material.plan.serials if serial.final]
    heads = sum(final) or 1.0
    sums: dict[str, float] = {}
    for (state,), hours in material.ledger.totals("state", weight="quantity", since=since).items():
        said = words.cause(state, material.scenario)
        sums[said] = sums.get(said, 0.0) + hours
    whole = sum(sums.values()) or 1.0
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [(name, hours / whole, hours / heads / HOURS_PER_DAY) for name, hours in ordered if hours > 0]


def _ledger(material: Material) -> Markup:
    found = shares_of_time(material)
    days = sum(value for _, _, value in found)
    intro = (
        f"From the order to the closure of its unit, a soldier, vehicle or container lives through {days:.1f} days on "
        "average. This is how they are spent, in the first run:"
    )
    rows = [(name, value, f"{value:.1f} days · {100 * share:.0f} %") for name, share, value in found if share >= 0.005]
    small = [[name, percent(share, 2), Cell(f"{value:.2f}", value)] for name, share, value in found]
    head = ["state", "of all time", "days each"]
    return join([paragraph(intro), bars(rows), details("All states as a table", table(head, small))])


def _lateness(material: Material) -> Markup:
    plan = material.plan
    late = [
        hour - plan.deadline_h
        for hour, unit in zip(material.outcome.closed_h, plan.units, strict=True)
        if not unit.in_place and hour > plan.deadline_h
    ]
    moving = sum(not unit.in_place for unit in plan.units)
    if not late:
        return join([heading("Lateness"), paragraph(f"Every unit is closed by {material.deadline} in the first run.")])
    troops = sum(
        unit.troops for unit, hour in zip(plan.units, material.outcome.closed_h, strict=True) if hour > plan.deadline_h
    )
    mean = sum(late) / len(late) / HOURS_PER_DAY
    said = (
        f"In the first run {len(late)} of {moving} units ({troops:,} troops) close after {material.deadline}, on "
        f"average {mean:.1f} days late. After the deadline, time goes here:"
    )
    rows = [
        (name, share, f"{100 * share:.0f} %")
        for name, share, _ in shares_of_time(material, plan.deadline_h)
        if share >= SMALL
    ]
    return join([heading("Lateness"), paragraph(said), bars(rows)])
