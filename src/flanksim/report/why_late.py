"""Why so late: the critical path by cause, by regional plan, step by step; where everybody's time goes; lateness."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from flanksim.activities import STATES, STEPS, State, Why
from flanksim.measure.alternatives import Alternative, AlternativeRuns
from flanksim.measure.closure import ALL, label, late_hours, plan_name
from flanksim.measure.critical import Piece, by_use
from flanksim.measure.explanation import Group
from flanksim.measure.reach import PackageRuns
from flanksim.measure.statistics import summed
from flanksim.report import labels
from flanksim.report.context import Context
from flanksim.report.html import Cell, Section, bars, details, heading, join, paragraph, percent, table
from flanksim.report.summary import path_days
from flanksim.scenario.schema import Scenario
from flanksim.text.phrases import closed_on, day
from flanksim.units import C_DAY, HOURS_PER_DAY, closure_day

#: Causes below this share of the path are summed up in one bar.
SMALL = 0.01
SHOWN = 10


def why_section(context: Context, figures: Callable[..., Markup], strip: Markup) -> Section:
    """All reasons; `figures` gives figures by name, `strip` is the symbol and name of the closing unit."""
    body = [
        paragraph(
            "Follow the unit that completes the force from the order to its closure, with the train, ship and column "
            "that came in last: where did they move, and for what did they wait? This thread, the critical path, has "
            "no gaps; its parts sum to the closure, C-day itself included. It says what the last day hangs on. It does "
            "not say what one more of something would save: behind the first thing that binds stands the next."
        ),
        bars(path_bars(context)),
        paragraph(_sum(context), "muted"),
        _folded("The same as a figure", figures("bottlenecks")),
        by_alternative(context),
        by_group(context),
        heading("The unit that completes the force"),
        strip,
        figures("journey"),
        _lift(context),
        _story(context),
        _waited(context),
        heading("Where everybody's time goes"),
        _ledger(context),
        figures("queues", "fleets"),
        _lateness(context),
    ]
    return Section("why", "Why so late", "Why", join(body))


def _folded(summary: str, body: Markup) -> Markup:
    return details(summary, body) if body else body


def path_bars(context: Context) -> list[tuple[str, float, str]]:
    """Causes in words with share and days, the small ones summed up."""
    ordered = list(labels.shares_in_words(context.shares, context.scenario).items())
    shown = [item for item in ordered[:SHOWN] if item[1] >= SMALL]
    rest = sum(share for _, share in ordered) - sum(share for _, share in shown)
    rows = list(shown)
    if rest > 0.0005:
        rows.append((f"{len(ordered) - len(shown)} smaller causes", rest))
    whole = path_days(context)
    return [(name, share, f"{100 * share:.0f} % · {share * whole:.1f} days") for name, share in rows]


def _sum(context: Context) -> str:
    """What the bars sum to, and what that is on the scale of C-days."""
    whole = path_days(context)
    if context.first is None or not context.first.causes():
        basis = f"From the run that is shown ({context.shown})"
    elif context.kind == "run":
        lost = context.first.unclosed()
        left = f" ({lost} of them never complete and left out)" if lost else ""
        basis = f"Mean over {context.runs_made} run{'s' * (context.runs_made != 1)}{left}"
    else:
        basis = f"Mean over the runs of the first scenario, {context.scenario.name}"
    together = f": together {whole:.1f} days from the start of C-day, less 1.0 for {C_DAY}: {day(whole - 1.0)}."
    return basis + (together if whole else ".")


def by_alternative(context: Context) -> Markup:
    """Days of the critical path by family, network by network, where a comparison says which is which."""
    columns = {
        entry.title: entry.cause_days(lambda cause: labels.cause(cause, context.scenario))
        for entry in _compared(context.alternatives)
    }
    if len(columns) < 2:
        return Markup("")
    sums: dict[str, dict[str, float]] = {}
    for name, causes in columns.items():
        for said, part in causes.items():
            sums.setdefault(said, {})[name] = part.mean
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


def _compared(found: AlternativeRuns | None) -> Sequence[Alternative]:
    """The alternatives that stand side by side: of a search for packages the first and the last of its steps."""
    if found is None:
        return ()
    if not isinstance(found, PackageRuns):
        return found.alternatives
    ends = dict.fromkeys((found.steps[0], found.steps[-1])) if found.steps else {}
    return [entry for package in ends if (entry := found.of(package)) is not None]


def by_group(context: Context) -> Markup:
    """The critical path of each regional plan: day, unit, three largest causes; over the runs where they were read."""
    found = context.findings
    rows, note = [], ""
    if found is not None:
        rows = [_group_of_runs(entry, context) for entry in found.groups if plan_name(entry.key) is not None]
        note = f"Causes: mean over {found.runs_replayed} runs."
    if not rows:
        note = f"The run that is shown ({context.shown})."
        rows = [
            _own_group(key, unit, pieces, context)
            for key, (unit, pieces) in context.paths.items()
            if plan_name(key) is not None
        ]
    if len(rows) < 2:
        return Markup("")
    head = ["part", "complete on", "completed by", "what its last day hangs on"]
    return join([heading("By regional plan"), table(head, rows, note)])


def _own_group(key: str, unit: int, pieces: list[Piece], context: Context) -> list[object]:
    when = closure_day(context.outcome.closed_h[unit])
    return [
        _plan(label(key)),
        Cell(day(when), when),
        unit_name(context, context.plan.units[unit].unit_id),
        _largest(_sums(pieces, context.scenario)),
    ]


def _plan(name: str) -> str:
    return "without a plan" if name in ("", "without a plan") else f"plan {name}"


def _group_of_runs(group: Group, context: Context) -> list[object]:
    causes = summed((labels.cause(part.cause, context.scenario), part.hours.mean) for part in group.causes)
    return [
        _plan(group.name),
        Cell(closed_on(group.when), group.when.median),
        ", ".join(unit_name(context, name) for name, _ in group.units[:2]),
        _largest(causes, group.hours.mean),
    ]


def unit_name(context: Context, key: str) -> str:
    """Name of a unit without what stands in brackets."""
    unit = context.scenario.units.get(key)
    return (labels.plain(unit.name) if unit is not None else "") or key


def _largest(sums: Mapping[str, float], whole: float | None = None) -> str:
    total = whole or sum(sums.values()) or 1.0
    top = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:3]
    return "; ".join(f"{said} {100 * hours / total:.0f} %" for said, hours in top)


def _sums(pieces: list[Piece], scenario: Scenario) -> dict[str, float]:
    return summed((labels.cause(piece.cause, scenario), piece.hours) for piece in pieces)


# ---- the story of the last unit -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """Pieces of the path that follow each other at one place or on one mode."""

    start: float
    end: float
    what: str
    where: str
    whose: str


def steps(context: Context) -> list[Step]:
    """The critical path of the run that is shown, without gaps; neighbours of the same kind are joined."""
    found: list[Step] = []
    for piece in context.paths.get(ALL, (0, []))[1]:
        waits = piece.cause.kind is Why.LIFT and piece.what != STATES[State.LIFT_COMING].step
        what = f"waits for lift: it is {piece.what}" if waits else STEPS.get(piece.what, piece.what)
        where = _where(piece, context.scenario)
        whose = _whose(piece, context)
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
    return labels.thing(piece.at, scenario) if piece.at else ""


def _whose(piece: Piece, context: Context) -> str:
    if piece.serial < 0:
        return ""
    return unit_name(context, context.plan.units[context.plan.serials[piece.serial].unit].unit_id)


def _story(context: Context) -> Markup:
    found = steps(context)
    if not found:
        return paragraph("The force was not complete in the run that is shown, so there is no last unit.", "muted")
    rows = [
        [
            Cell(day(closure_day(step.end)), step.end),
            Cell(f"{(step.end - step.start) / HOURS_PER_DAY:.1f}", step.end - step.start),
            step.what,
            step.where,
            step.whose,
        ]
        for step in found
    ]
    whole = math.fsum(step.end - step.start for step in found) / HOURS_PER_DAY
    note = (
        f"{len(rows)} steps of the run that is shown ({context.shown}), in order; together {whole:.1f} days, of which "
        f"one is C-day itself: {day(whole - 1.0)}. In a wait for lift the place is where the lift was; a ship bears "
        "the name of the unit for which it was ordered first."
    )
    return details(
        "The critical path step by step",
        table(["until", "days", "what", "where", "unit on the move"], rows, note),
    )


def _lift(context: Context) -> Markup:
    """What the lift that the unit waited for was doing meanwhile, in the run that is shown."""
    found = by_use(context.paths.get(ALL, (0, []))[1])
    whole = sum(found.values())
    if not whole:
        return Markup("")
    rows: list[list[object]] = [
        [
            labels.cause(cause, context.scenario),
            f"{doing}, {labels.thing(at, context.scenario)}" if at else doing,
            Cell(f"{hours / HOURS_PER_DAY:.1f}", hours),
            percent(hours / whole),
        ]
        for (cause, doing, at), hours in found.items()
    ]
    said = (
        f"In the run that is shown it waits for lift for {whole / HOURS_PER_DAY:.1f} days. What the train, ship or "
        "column that came in the end was doing meanwhile: where it stood in line, more lift would stand in the same "
        "line."
    )
    head = ["lift", "what it was doing, and where it stood in line", "days", "of these waits"]
    return join([paragraph(said), table(head, rows)])


def _waited(context: Context) -> Markup:
    """The other reading: behind each wait the past of what was in the way."""
    found = _sums(context.waited, context.scenario)
    whole = sum(found.values())
    if not whole:
        return Markup("")
    rows: list[list[object]] = [
        [said, Cell(f"{hours / HOURS_PER_DAY:.1f}", hours), percent(hours / whole)] for said, hours in found.items()
    ]
    note = (
        "The run that is shown. Another reading of the same days: behind each wait of the unit it goes on in the past "
        "of what was in the way, mostly with other units. A short wait hands over that whole past, so it tells in "
        "which order things had to happen, and not for how long this unit waited for what."
    )
    return details("What it waited for", table(["cause", "days", "share"], rows, note))


# ---- ledger and lateness ------------------------------------------------------------------------


def shares_of_time(context: Context, *, late: bool = False) -> tuple[list[tuple[str, float, float]], str]:
    """What serials spend their time on, largest first, and of which runs that is: as `flanksim explain` counts it.

    Parameters
    ----------
    late
        Only what lies after the deadline.

    Returns
    -------
    list of tuple
        Cause in words, its share of the time, days for each serial.
    """
    findings = context.findings
    parts = () if findings is None or findings.unit is not None else findings.lateness if late else findings.ledger
    if findings is not None and parts:
        count = findings.runs_replayed
        basis = f"mean of {count} runs" if count > 1 else "one run"
        hours = [(part.cause, part.hours.mean) for part in parts]
    else:
        book = context.ledger
        found = book.lateness("cause") if late else book.totals("cause")
        hours = [(cause, value) for (cause,), value in found.items()]
        basis = "in the run that is shown"
    sums = summed((labels.cause(cause, context.scenario), value) for cause, value in hours)
    serials = sum(serial.final for serial in context.plan.serials) or 1
    whole = math.fsum(sums.values()) or 1.0
    return [(said, value / whole, value / serials / HOURS_PER_DAY) for said, value in sums.items() if value > 0], basis


def _ledger(context: Context) -> Markup:
    found, basis = shares_of_time(context)
    days = math.fsum(value for _, _, value in found)
    intro = (
        "A serial is what moves as one: a train, a ship-load, a column, a flight. From the start of C-day to the "
        f"closure of its unit it lives through {days:.1f} days on average. This is how they are spent ({basis}):"
    )
    shown = [entry for entry in found if entry[1] >= 0.005][:SHOWN]
    rest = days - math.fsum(value for _, _, value in shown)
    rows = [(name, value, f"{value:.1f} days · {100 * share:.0f} %") for name, share, value in shown]
    if len(found) > len(shown):
        small = f"{len(found) - len(shown)} smaller causes"
        rows.append((small, rest, f"{rest:.1f} days · {100 * rest / (days or 1.0):.0f} %"))
    every = [[name, percent(share, 2), Cell(f"{value:.2f}", value)] for name, share, value in found if share >= 0.0005]
    head = ["cause", "of all time", "days each"]
    return join([paragraph(intro), bars(rows), details("Causes of 0.05 % and more as a table", table(head, every))])


def _lateness(context: Context) -> Markup:
    plan, closed_h = context.plan, context.outcome.closed_h
    late = late_hours(plan, closed_h)
    moving = sum(not unit.in_place for unit in plan.units)
    if not late:
        text = f"Every unit is closed by {context.deadline} in the run that is shown ({context.shown})."
        return join([heading("Lateness"), paragraph(text)])
    never = sum(math.isnan(closed_h[number]) for number in late)
    troops = sum(plan.units[number].troops for number in late)
    mean = math.fsum(late.values()) / len(late) / HOURS_PER_DAY
    lost = f", {never} of them not at all and counted to the horizon" if never else ""
    spent, basis = shares_of_time(context, late=True)
    said = (
        f"In the run that is shown {len(late)} of {moving} units ({troops:,} troops) close after {context.deadline}"
        f"{lost}, on average {mean:.1f} days late. After the deadline, the time of serials goes here ({basis}):"
    )
    rows = [(name, share, f"{100 * share:.0f} %") for name, share, _ in spent if share >= SMALL][:SHOWN]
    return join([heading("Lateness"), paragraph(said), bars(rows)])
