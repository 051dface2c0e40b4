"""The answer in ten lines, and as one JSON object."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from flanksim.bounds.rungs import Ladder
from flanksim.measure.closure import ALL, TIER_1, label, plan_name
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.statistics import Chance
from flanksim.scenario.evidence import evidence_line
from flanksim.scenario.force_sets import left_out
from flanksim.scenario.naming import readable
from flanksim.terminal import Block, Span, Style, Table, numbers, render, table, words
from flanksim.text import worlds
from flanksim.text.bound import set_by
from flanksim.text.clocks import clock_blocks, clocks_json, in_place_json
from flanksim.text.money import money_blocks, money_json
from flanksim.text.phrases import day, last_units, spread_head, spread_range
from flanksim.text.sailings import sailings_json, sailings_line


def answer(study: ScenarioRuns) -> str:
    """The answer for people as plain text of at most 100 columns."""
    return render(blocks(study))


def blocks(study: ScenarioRuns) -> list[Block]:
    """The answer for people: question, table by regional plan, what binds, what it rests on, where it lies."""
    scenario, plan = study.scenario, study.plan
    deadline = f"C+{scenario.question.deadline_days:g}"
    found: list[Block] = [
        Span(f"{scenario.title or scenario.name}: are {plan.troops_required:,} troops closed by {deadline}?", "strong"),
        Span(*_verdict(study, deadline)),
        "",
        _plans(study),
        "",
        *worlds.blocks(study, study.worlds),
        *clock_blocks(study),
        "",
    ]
    if gone := left_out(scenario):
        found.append(f"  {gone}")
    if study.bound is not None:
        found.append("  " + _bound(study, study.bound))
    found.append("  Critical path: " + _binding(study))
    if ships := sailings_line(plan):
        found.append("  " + ships)
    last = last_units(study.last_units, scenario, study.shown.last_unit)
    if last:
        found.append(f"  {last[:1].upper()}{last[1:]}")
    found += [f"  {line}" for line in money_blocks(study.built)]
    found.append(f"  {evidence_line(scenario)}; see flanksim check --sources")
    if study.folder is not None:
        found.append(f"  {study.folder}")
    shown = "" if len(study.replications) < 2 else f", shown {study.shown.seed} (nearest to the median)"
    found.append(
        Span(
            f"  seed {study.seed}{shown} · {plan.moving_serials:,} serials · "
            f"{study.replications[0].movements:,} movements · {study.seconds:.1f} s",
            "quiet",
        )
    )
    return found


def _verdict(study: ScenarioRuns, deadline: str) -> tuple[str, Style]:
    """Yes or no only where the interval lies on one side of one half, or the bound proves it; of one run neither."""
    chance, when = study.p_on_time(), study.closure_spread()
    horizon = f"no day by C+{study.scenario.question.horizon_days:g}"
    closed = f"closed on {worlds.closed_on_in_all(when, study.worlds, horizon)}"
    if chance.proved_zero:
        bound = day(study.unbeaten(), "")
        nobody = f"no schedule closes them before {bound}" if bound else "no schedule closes them at all"
        return f"No, impossible in this model: {nobody}; {closed}", "bad"
    if chance.verdict is None:
        met = "met" if chance.hits else "not met"
        return f"One run gives no verdict: {closed}, {deadline} {met}; more runs with -n 30", "unsure"
    style: Style = "good" if chance.verdict == "yes" else "bad" if chance.verdict == "no" else "unsure"
    return f"{chance.verdict[:1].upper()}{chance.verdict[1:]}: {closed}; in time {chance.words()}", style


def _plans(study: ScenarioRuns) -> Table:
    """One row the force, each regional plan and tier 1, each with what is closed by every date asked for."""
    columns = [
        words("", 7),
        numbers("troops"),
        numbers("closed on\n(median)"),
        numbers(spread_head(len(study.replications)).replace("runs in 10", "runs\nin 10")),
        numbers("not\nclosed"),
        *(numbers(f"closed\nby C+{date:g}") for date in study.dates.values()),
        numbers("chance\nin time"),
        numbers("earliest\npossible"),
    ]
    return table(columns, [_row(study, group) for group in study.groups])


def _row(study: ScenarioRuns, group: str) -> list[str]:
    when, lost, chance = study.closure_spread(group), study.unclosed(group), study.p_on_time(group)
    runs = len(study.replications)
    low, high, _ = spread_range(when)
    name = label(group)
    if group == TIER_1:
        name += f" (by C+{study.scenario.question.tier_1_deadline_days:g})"
    unbeaten = study.unbeaten(group)
    return [
        name,
        f"{study.parts[group].troops:,}",
        day(when.median, f"not by C+{study.scenario.question.horizon_days:g}"),
        "" if math.isnan(low) or math.isinf(low) else f"{low:.1f} to {high:.1f}".replace("inf", "never"),
        f"{lost} of {runs}" if lost else "",
        *(f"{study.share_by(hour, group).mean:.0%}" for hour in study.dates),
        _chance(chance),
        "" if math.isnan(unbeaten) else day(unbeaten),
    ]


def _chance(chance: Chance) -> str:
    """In a cell: ``0, proved``, ``at most 11%``, ``40% (25-58%)``; nothing of one run."""
    if chance.proved_zero:
        return "0, proved"
    if chance.verdict is None:
        return ""
    if chance.hits == 0:
        return f"at most {chance.high:.0%}"
    if chance.hits == chance.runs:
        return f"at least {chance.low:.0%}"
    return f"{chance.mean:.0%} ({100 * chance.low:.0f}-{chance.high:.0%})"


def _bound(study: ScenarioRuns, bound: Ladder) -> str:
    """The bound, what sets it, and how far the median closure is from it."""
    if math.isinf(bound.day):
        return "No schedule can close the required troops at all"
    median = study.closure_spread().median
    gap = f"; {median - bound.day:.0f} days above it: queues, chance, order of loads" if math.isfinite(median) else ""
    return f"No schedule beats {day(bound.day)}, set by {set_by(bound, study.scenario)}{gap}"


def _binding(study: ScenarioRuns) -> str:
    parts = study.cause_days(lambda cause: readable(cause, study.scenario))
    return (
        " · ".join(f"{name} {part.share:.0%}" for name, part in list(parts.items())[:3]) or "the force was never closed"
    )


def as_json(study: ScenarioRuns) -> dict[str, Any]:
    """The answer for machines. Days are C-day labels; a closure that never came is null.

    ``closure_day`` is the mean over the runs that closed, ``closure_day_median``, ``_p05`` and ``_p95`` are over all
    runs. Of one run intervals, percentiles and verdict are null; so is the interval of a chance that is proved zero.
    """
    plans = {name: group for group in study.groups if (name := plan_name(group)) is not None}
    return {
        "scenario": study.scenario.name,
        "scenario_digest": study.scenario.digest,
        "troops_required": study.plan.troops_required,
        "deadline_day": study.scenario.question.deadline_days,
        "replications": len(study.replications),
        "seed": study.seed,
        "verdict": study.p_on_time().verdict,
        **_group(study),
        "regional_plans": {
            name: {"troops": study.parts[group].troops} | _group(study, group) for name, group in plans.items()
        },
        "tier_1": _tier(study),
        "worlds": worlds.worlds_json(study.worlds),
        "in_place_counted": in_place_json(study),
        "bound": None if study.bound is None else study.bound.as_json()["bounds"],
        "money": money_json(study.built),
        "critical_path_shares": {str(cause): round(share, 6) for cause, share in study.causes().items()},
        "shown_seed": study.shown.seed,
        "last_units": _last_units(study),
        "sailings": sailings_json(study.plan),
        "serials": study.plan.moving_serials,
        "movements": study.replications[0].movements,
        "seconds": round(study.seconds, 3),
        "results": None if study.folder is None else str(study.folder),
    }


def _group(study: ScenarioRuns, group: str = ALL) -> dict[str, Any]:
    """What is said of every group of units, by its own deadline; ``share_by_day`` is by every date asked about."""
    chance = study.p_on_time(group)
    return {
        "closure_day": study.closure_day(group).as_json(),
        **study.closure_spread(group).as_json("closure_day"),
        "p_on_time": chance.as_json(),
        "runs_on_time": chance.hits,
        "proved_zero": chance.proved_zero,
        "on_time_share": study.on_time_share(group).as_json(),
        "share_by_day": {f"{date:g}": round(study.share_by(hour, group).mean, 6) for hour, date in study.dates.items()},
        "unclosed": study.unclosed(group),
        **clocks_json(study, group),
    }


def _tier(study: ScenarioRuns) -> dict[str, Any] | None:
    """Tier 1 by its own deadline."""
    if TIER_1 not in study.groups:
        return None
    return {
        "troops": study.parts[TIER_1].troops,
        "deadline_day": study.scenario.question.tier_1_deadline_days,
        **_group(study, TIER_1),
    }


def _last_units(study: ScenarioRuns) -> dict[str, int]:
    """In how many runs each unit completed the force, most often first."""
    found = Counter(filter(None, study.last_units))
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
