"""The answer in ten lines, and as one JSON object."""

from __future__ import annotations

import math
from typing import Any

from flanksim.bounds.ladder import Ladder
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Interval
from flanksim.scenario.naming import element, readable
from flanksim.scenario.pedigree import pedigree
from flanksim.study.study import Study
from flanksim.terminal import Block, Span, Style, Table, numbers, render, table, words


def answer(study: Study) -> str:
    """The answer for people as plain text of at most 100 columns."""
    return render(blocks(study))


def blocks(study: Study) -> list[Block]:
    """The answer for people: question, table by regional plan, what binds, what it rests on, where it lies."""
    scenario, plan = study.scenario, study.plan
    chance, count = study.p_on_time(), len(study.replications)
    deadline = f"C+{scenario.question.deadline_days:g}"
    verdict, style = _verdict(chance)
    found: list[Block] = [
        Span(f"{scenario.title or scenario.name}: are {plan.troops_required:,} troops closed by {deadline}?", "strong"),
        Span(
            f"{verdict}: P = {chance.mean:.2f} (95 % {chance.low:.2f} to {chance.high:.2f}, "
            f"{count} run{'s' * (count != 1)})",
            style,
        ),
        "",
        _plans(study, deadline),
        "",
    ]
    if study.bound is not None:
        found.append("  " + _bound(study, study.bound))
    found += [
        "  Critical path: " + _binding(study),
        f"  {pedigree(scenario)}; see flanksim check --sources",
    ]
    if study.folder is not None:
        found.append(f"  {study.folder}")
    found.append(
        Span(
            f"  seed {study.seed} · {plan.moving_serials:,} serials · "
            f"{study.replications[0].movements:,} movements a run · {study.seconds:.1f} s",
            "quiet",
        )
    )
    return found


def _verdict(chance: Interval) -> tuple[str, Style]:
    """Yes or no only where the interval lies on one side of one half."""
    if chance.low > 0.5:
        return "yes", "good"
    return ("no", "bad") if chance.high < 0.5 else ("cannot tell", "unsure")


def _plans(study: Study, deadline: str) -> Table:
    """One row the force, each regional plan and tier 1, which has a deadline of its own."""
    columns = [
        words("", 7),
        numbers("troops"),
        numbers("closure\nday"),
        numbers("\n95 %"),
        numbers("not\nclosed"),
        numbers(f"closed\nby {deadline}"),
        numbers("P(in\ntime)"),
        numbers("\n95 %"),
        numbers("no\nschedule\nbeats"),
    ]
    return table(columns, [_row(study, group) for group in study.groups])


def _row(study: Study, group: str) -> list[str]:
    day, lost, chance = study.closure_day(group), study.unclosed(group), study.p_on_time(group)
    label = "overall" if group == "all" else group
    if group == "tier 1":
        label += f" (by C+{study.scenario.question.tier_1_deadline_days:g})"
    sure = len(study.replications) >= FEWEST_FOR_AN_INTERVAL and not math.isnan(day.low)
    return [
        label,
        f"{study.replications[0].closures[group].troops:,}",
        _day(day.mean, f"not by C+{study.scenario.question.horizon_days:g}"),
        f"{day.low:.1f} to {day.high:.1f}" if sure else "",
        f"{lost} of {len(study.replications)}" if lost else "",
        f"{study.on_time_share(group).mean:.0%}",
        f"{chance.mean:.2f}",
        f"{chance.low:.2f}-{chance.high:.2f}",
        _unbeaten(study, group),
    ]


def _unbeaten(study: Study, group: str) -> str:
    """The day that no schedule beats for this part of the force, as if it alone moved."""
    if study.bound is None:
        return ""
    if group == "all":
        return _day(study.bound.day, "never")
    return next((_day(entry.best, "never") for entry in study.bound.groups if entry.name == group), "")


def _day(value: float, otherwise: str) -> str:
    return f"C+{value:.1f}" if math.isfinite(value) else otherwise


def _bound(study: Study, bound: Ladder) -> str:
    """The bound, what sets it, and how far the mean closure is from it."""
    if math.isinf(bound.day):
        return "No schedule can close the required troops at all"
    day = study.closure_day().mean
    gap = "" if math.isnan(day) else f"; {day - bound.day:.0f} days above it: queues, chance, order of loads"
    return f"No schedule beats C+{bound.day:.1f}, set by {element(study.scenario, bound.binding[1])}{gap}"


def _binding(study: Study) -> str:
    shares: dict[str, float] = {}
    for cause, share in study.causes().items():
        name = readable(cause, study.scenario)
        shares[name] = shares.get(name, 0.0) + share
    top = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:3]
    return " · ".join(f"{name} {share:.0%}" for name, share in top) or "the force was never closed"


def as_json(study: Study) -> dict[str, Any]:
    """The answer for machines. Days are C-day labels; a closure that never came is null."""
    plans = [group for group in study.groups if group not in ("all", "tier 1")]
    return {
        "scenario": study.scenario.name,
        "scenario_digest": study.scenario.digest,
        "troops_required": study.plan.troops_required,
        "deadline_day": study.scenario.question.deadline_days,
        "replications": len(study.replications),
        "seed": study.seed,
        "closure_day": study.closure_day().as_json(),
        "p_on_time": study.p_on_time().as_json(),
        "on_time_share": study.on_time_share().as_json(),
        "unclosed": study.unclosed(),
        "regional_plans": {
            group: {
                "troops": study.replications[0].closures[group].troops,
                "closure_day": study.closure_day(group).as_json(),
                "p_on_time": study.p_on_time(group).as_json(),
                "on_time_share": study.on_time_share(group).as_json(),
                "unclosed": study.unclosed(group),
            }
            for group in plans
        },
        "tier_1": _tier(study),
        "bound": None if study.bound is None else study.bound.as_json()["bounds"],
        "critical_path_shares": {cause: round(share, 6) for cause, share in study.causes().items()},
        "serials": study.plan.moving_serials,
        "movements": study.replications[0].movements,
        "seconds": round(study.seconds, 3),
        "results": None if study.folder is None else str(study.folder),
    }


def _tier(study: Study) -> dict[str, Any] | None:
    if "tier 1" not in study.groups:
        return None
    return {
        "troops": study.replications[0].closures["tier 1"].troops,
        "deadline_day": study.scenario.question.tier_1_deadline_days,
        "closure_day": study.closure_day("tier 1").as_json(),
        "p_on_time": study.p_on_time("tier 1").as_json(),
    }
