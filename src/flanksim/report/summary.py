"""The top of the page, for somebody in a hurry: question, verdict, three reasons, what to try, how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from flanksim.activities import CAUSES, Cause
from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.closure import ALL
from flanksim.measure.reach import PackageRuns
from flanksim.measure.statistics import FEWEST_FOR_NINE_IN_TEN
from flanksim.measure.surface import SurfaceRuns
from flanksim.report import labels
from flanksim.report.bound import bound_reason
from flanksim.report.chart import first_chart
from flanksim.report.context import Context
from flanksim.report.helps import best_buys_lines, decided, deciders, euros, shipped_lines
from flanksim.report.packages import reach_verdict
from flanksim.report.verdicts import (
    Tile,
    best_point,
    compare_verdict,
    last_day,
    listed,
    point_words,
    run_verdict,
    share_words,
    sweep_verdict,
)
from flanksim.scenario.evidence import evidence_line
from flanksim.text.phrases import days_in_words, share_in_words, spread_range
from flanksim.units import HOURS_PER_DAY

KINDS = {"run": "one scenario", "sweep": "spending by year", "compare": "alternatives", "reach": "what it would take"}

#: Verdicts on an alternative that helps.
_BETTER = ("sooner", "closes more often", "more in time")
#: So many lines stand between the verdict and the figure; the others stand below.
_LEAD = {"run": 1, "sweep": 1, "compare": 0, "reach": 3}


@dataclass(frozen=True)
class Summary:
    """What stands above the fold."""

    question: str
    verdict: str
    lines: tuple[Markup, ...]
    tiles: tuple[Tile, ...]
    whose: str = ""
    scale: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Markup, ...] = ()
    trials: tuple[Markup, ...] = ()
    trust: tuple[Markup, ...] = ()
    tried: str = "What to try"
    chart: Markup | str = ""
    lead: tuple[Markup, ...] = ()
    eyebrow: str = ""


def summary(context: Context) -> Summary:
    """The summary of a run, sweep or comparison."""
    if context.surface is not None:
        verdict, lines, tiles = sweep_verdict(context, context.surface)
    elif context.packages is not None:
        verdict, lines, tiles = reach_verdict(context.packages, context.deadline)
    elif context.alternatives is not None:
        verdict, lines, tiles = compare_verdict(context, context.alternatives)
    else:
        verdict, lines, tiles = run_verdict(context)
    heading, tried = trials(context)
    return Summary(
        question(context),
        verdict,
        tuple(lines[_LEAD[context.kind] :]),
        tuple(tiles),
        "" if context.kind == "run" else f" of {context.scenario.name}",
        scale(context),
        tuple(reasons(context)),
        tuple(tried),
        tuple(trust(context)),
        heading,
        first_chart(context, verdict),
        tuple(lines[: _LEAD[context.kind]]),
        _eyebrow(context),
    )


def _eyebrow(context: Context) -> str:
    """When it was computed, from how many runs, and what it is not."""
    made = context.runs_made
    each = "" if context.kind == "run" else " each"
    found = [
        f"computed {context.computed}" if context.computed else "",
        KINDS.get(context.kind, context.kind),
        f"{made} simulated deployment{'s' * (made != 1)}{each}",
        "notional force, open data",
        "not a forecast",
    ]
    return " · ".join(filter(None, found))


def question(context: Context) -> str:
    """The question in one sentence."""
    troops, days = f"{context.plan.troops_required:,} troops", context.scenario.question.deadline_days
    what = f"Can {troops} be ready{labels.where(context.scenario)} within {days:g} days"
    if context.kind == "sweep":
        return f"{what}, how much must be spent on infrastructure for it, and by which year?"
    if context.kind == "reach":
        return f"{what}, and what would it take?"
    if context.kind == "compare":
        return f"{what}, and which of the alternatives brings them there sooner?"
    return f"{what} of the order?"


def scale(context: Context) -> Mapping[str, Any]:
    """Positions of bound, deadline and closure on one bar, in per cent of its length; empty without a closure."""
    when = context.closure
    if when is None or not math.isfinite(when.median):
        return {}
    deadline, day = context.scenario.question.deadline_days, when.median
    low, high, which = spread_range(when)
    if not which or not math.isfinite(high):
        low = high = day
    end = 1.04 * max(high, deadline, day, 1e-9)
    bound = max(0.0, min(context.bound_day or 0.0, day))
    start = max(0.0, low)
    return {
        "bound": round(100 * bound / end, 2),
        "gap": round(100 * (max(day, 0.0) - bound) / end, 2),
        "deadline": round(100 * deadline / end, 2),
        "low": round(100 * start / end, 2),
        "width": round(100 * max(0.0, high - start) / end, 2),
        "range": which,
        "bound_day": f"C+{bound:.0f}" if bound else "",
        "day": f"C+{day:.0f}",
        "rest": f"{day - bound:.0f}",
        "reason": bound_reason(context.bound, context.scenario),
    }


# ---- reasons ------------------------------------------------------------------------------------

_REASONS = {
    "lift": ("Too little lift", "waiting for ships, wagons or aircraft, which must first come back from earlier loads"),
    "ready": ("Late starts", "readiness and permissions"),
    "queue": ("Queues", "standing in line"),
    "moving": ("Distance", "the journey itself"),
    "handling": ("Handling", "loading, unloading, borders and rests"),
    "joining": ("Joining up", "with the rest of the unit"),
    "other": ("Other", "what is left"),
}


def families(context: Context) -> list[tuple[str, float, list[tuple[str, float]]]]:
    """Share of the critical path by family of causes, largest first, with its causes in words and their own shares."""
    sums: dict[str, float] = {}
    parts: dict[str, dict[Cause, float]] = {}
    for name, share in context.shares.items():
        key = CAUSES[name.kind].family
        sums[key] = sums.get(key, 0.0) + share
        parts.setdefault(key, {})[name] = share
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [(key, share, list(labels.shares_in_words(parts[key], context.scenario).items())) for key, share in ordered]


def reasons(context: Context, most: int = 3) -> list[Markup]:
    """The largest families of causes, each as a sentence; every cause that is named has its own share beside it."""
    found = []
    for key, share, causes in families(context)[:most]:
        title, text = _REASONS[key]
        days = f" (about {share * path_days(context):.0f} days)" if path_days(context) else ""
        named = [f"{name} {100 * part:.0f} %" for name, part in causes[:2] if part >= 0.01]
        of_it = f" Of the path: {listed(named)}." if len(causes) > 1 and named else ""
        found.append(Markup("<b>{}: {}</b>{}, {}.{}").format(title, f"{100 * share:.0f} %", days, text, of_it))
    return found


def path_days(context: Context) -> float:
    """Mean length of the critical path in days from the start of C-day; 0 if nothing closed."""
    parts = {} if context.first is None else context.first.cause_days()
    if parts:
        return math.fsum(part.mean for part in parts.values())
    return sum(piece.hours for piece in context.paths.get(ALL, (0, []))[1]) / HOURS_PER_DAY


def trials(context: Context) -> tuple[str, list[Markup]]:
    """What would help, as tried: single steps, alternatives or spending; a heading and its lines."""
    if context.surface is not None:
        return "What to try", _after_spending(context.surface)
    if context.packages is not None:
        return "Step by step", _steps(context, context.packages)
    if context.alternatives is not None:
        return "What helps", _best_alternatives(context.alternatives)
    if context.reached is not None:
        return "What it would take", _reached(context, context.reached)
    if context.buys is not None:
        return "What helps most for the money", best_buys_lines(context, context.buys)
    if context.shipped_buys is not None and context.findings is None:
        return "What helps most for the money", shipped_lines(context.scenario, context.shipped_buys)
    return "What to try", _single_steps(context)


def _single_steps(context: Context) -> list[Markup]:
    """What ``flanksim explain`` has tried, and the commands that try."""
    tried = () if context.findings is None else context.findings.tries
    enough = context.findings is not None and context.findings.runs_replayed >= FEWEST_FOR_NINE_IN_TEN
    better = sorted(
        (entry for entry in tried if enough and entry.days_saved.low > 0), key=lambda entry: -entry.days_saved.mean
    )
    text = Markup("{} closes the force <b>{} days sooner</b> (95 %: {} to {}).{}")
    found = [
        text.format(
            _capital(labels.plain(entry.change)),
            *(f"{value:.1f}" for value in (entry.days_saved.mean, entry.days_saved.low, entry.days_saved.high)),
            decided(deciders(context.scenario, [entry.key])),
        )
        for entry in better[:3]
    ]
    if tried and not better:
        text = Markup("None of the {} single steps that were tried moves the last day by more than chance would.")
        few = Markup("{} single steps were tried, in too few runs to tell what they are worth.")
        found.append((text if enough else few).format(len(tried)))
    if not tried:
        text = Markup("No step has been tried in simulation yet: <code>flanksim report {} --explain</code> does it.")
        found.append(text.format(context.folder.name))
    text = Markup(
        "What each project and rule is worth for its money: <code>flanksim best-buys {}</code>, then this page."
    )
    return [*found, text.format(context.scenario.name)]


def _after_spending(found: SurfaceRuns) -> list[Markup]:
    """What the last day hangs on once the best point's money is spent: the next thing to build."""
    best = best_point(found)
    causes = found.at(best).causes()
    top = [f"{labels.cause(cause, found.scenario)} ({100 * share:.0f} %)" for cause, share in list(causes.items())[:3]]
    if not top:
        return [Markup("No point was ever complete: see the table below.")]
    return [
        Markup("With {} the last day still hangs on {}.").format(point_words(best), listed(top)),
        Markup(
            "That says what the last day hangs on, not what the next euro brings: "
            "<code>flanksim compare --projects</code> tells that."
        ),
        Markup('What is built when, and what it changes, stands under <a href="#projects">Projects</a>.{}').format(
            decided(deciders(found.scenario, best.projects_done))
        ),
    ]


def _steps(context: Context, found: PackageRuns) -> list[Markup]:
    """The staircase in words: what each lever adds, from today on, and who decides on it."""
    text = Markup("<b>{}</b>: {} of the troops by {}, closed on {}.{}")
    return [
        text.format(
            row["title"],
            share_words(row["share_on_time"].mean),
            context.deadline,
            last_day(row["closure_day"]),
            decided(deciders(context.scenario, [row["lever"]])),
        )
        for row in found.staircase[1:]
    ]


def _reached(context: Context, found: PackageRuns) -> list[Markup]:
    """The steps of a search beside a run, what they cost together, and how sure they do it."""
    if not found.staircase[1:]:
        return [Markup("Nothing: today's network is closed in time as often as was asked.")]
    last, missed = found.staircase[-1], "" if found.smallest else " That is not as often as was asked."
    text = Markup("Together, for {}: in time {}.{} <code>flanksim report {}</code> shows every package that was run.")
    said = text.format(euros(last["cost_bn_eur"]), last["p_on_time"].words(), missed, _folder(found))
    return [*_steps(context, found), said]


def _folder(found: PackageRuns) -> str:
    return "" if found.folder is None else f"{found.folder.parent.name}/{found.folder.name}"


def _best_alternatives(found: AlternativeRuns) -> list[Markup]:
    """The alternatives that surely help, most troops in time first, each with its cost; and those that do not."""
    pairs = list(zip(found.alternatives[1:], found.differences, strict=True))
    better = [pair for pair in pairs if pair[1].verdict in _BETTER or pair[1].share_verdict in _BETTER]
    better.sort(key=lambda pair: -pair[1].share.mean)
    text = Markup("<b>{}</b> ({}): {}; {}.{}")
    said = [
        text.format(
            entry.title,
            euros(entry.cost_bn_eur),
            days_in_words(difference),
            share_in_words(difference, len(entry.replications)),
            decided(deciders(found.scenario, [*entry.about.projects, *entry.name.split("+")])),
        )
        for entry, difference in better[:3]
    ]
    others = [entry.title for entry, difference in pairs if (entry, difference) not in better]
    if others:
        said.append(Markup("Not surely better: {}.").format(listed(others)))
    if not better:
        said.append(Markup("More runs tell more: -n 30."))
    return said


def trust(context: Context) -> list[Markup]:
    """How far to trust the answer, in three sentences."""
    runs = context.runs_made
    found = [Markup("{}.").format(evidence_line(context.scenario))]
    found.append(
        Markup(
            "Use it to compare alternatives, not to forecast a date: no public data can check {} troops in {} days."
        ).format(f"{context.plan.troops_required:,}", f"{context.scenario.question.deadline_days:g}")
    )
    if runs < 30:
        found.append(
            Markup("Only {} run{} behind each figure; 30 or more are needed for a claim.").format(
                runs, "s" * (runs != 1)
            )
        )
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
