"""The answer in ten lines, and as one JSON object."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import readable
from flanksim.study.study import Study


def answer(study: Study) -> str:
    """The answer for people: question, table by regional plan, what binds, what it rests on, where it lies."""
    scenario, plan = study.scenario, study.plan
    chance = study.p_on_time()
    count = len(study.replications)
    deadline = f"C+{scenario.question.deadline_days:g}"
    verdict = "yes" if chance.low > 0.5 else "no" if chance.high < 0.5 else "cannot tell"
    headline = (
        f"{scenario.title or scenario.name}: are {plan.troops_required:,} troops closed by {deadline}?   {verdict}   "
        f"(P = {chance.mean:.2f}, 95 % {chance.low:.2f}-{chance.high:.2f}, {count} run{'s' * (count != 1)})"
    )
    lines = [
        headline,
        "",
        f"  {'':<8} {'troops':>8}   {'closure day (95 %)':<26} {'closed by ' + deadline:>14}   P(on time)",
    ]
    lines += [_row(study, group, deadline) for group in study.groups]
    lines.append("")
    if study.bound is not None:
        lines.append("  " + _bound(study))
    lines.append("  Critical path: " + _binding(study))
    lines.append("  " + pedigree(scenario))
    if study.folder is not None:
        lines.append(f"  {study.folder}")
    lines.append(
        f"  seed {study.replications[0].seed} · {plan.moving_serials:,} serials · "
        f"{study.replications[0].movements:,} movements a run · {study.seconds:.1f} s"
    )
    return "\n".join(lines)


def _bound(study: Study) -> str:
    """The bound, what sets it, and how far the mean closure is from it."""
    bound = study.bound
    if bound is None or math.isinf(bound.day):
        return "No schedule can close the required troops at all"
    day = study.closure_day().mean
    gap = "" if math.isnan(day) else f"; {day - bound.day:.0f} days above it are queues, chance and the order of loads"
    what = bound.binding[1]
    if ":" in what:
        what = readable(f"work at {what}", study.scenario)
    return f"No schedule beats C+{bound.day:.1f} ({what}){gap}"


def _row(study: Study, group: str, deadline: str) -> str:
    troops = study.replications[0].closures[group].troops
    share, chance = study.on_time_share(group).mean, study.p_on_time(group)
    label = "overall" if group == "all" else group
    late = f"C+{study.scenario.question.tier_1_deadline_days:g}" if group == "tier 1" else deadline
    note = "" if late == deadline else f"  by {late}"
    probability = f"{chance.mean:.2f} ({chance.low:.2f}-{chance.high:.2f})"
    return f"  {label:<8} {troops:>8,}   {_days(study, group):<26} {share:>14.0%}   {probability}{note}"


def _days(study: Study, group: str) -> str:
    day, lost = study.closure_day(group), study.unclosed(group)
    if math.isnan(day.mean):
        return f"not by C+{study.scenario.question.horizon_days:g}"
    text = f"C+{day.mean:6.1f}"
    if len(study.replications) >= FEWEST_FOR_AN_INTERVAL:
        text += f" ({day.low:.1f} to {day.high:.1f})"
    return text + (f", {lost} unclosed" if lost else "")


def _binding(study: Study) -> str:
    shares: dict[str, float] = {}
    for cause, share in study.causes().items():
        name = readable(cause, study.scenario)
        shares[name] = shares.get(name, 0.0) + share
    top = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:4]
    return " · ".join(f"{name} {share:.0%}" for name, share in top) or "the force was never closed"


def pedigree(scenario: Scenario) -> str:
    """What the numbers rest on: share of link capacities and facilities that were looked up or derived."""
    rows = [*scenario.links.values(), *scenario.facilities.values(), *scenario.fleets.values()]
    known = sum(row.basis in ("looked_up", "derived") for row in rows)
    notional = (
        "notional order of battle; " if any("notional" in unit.source for unit in scenario.units.values()) else ""
    )
    share = known / len(rows) if rows else 0.0
    what = "links, facilities and fleets looked up or derived, the rest recalled or assumed"
    text = f"{notional}{share:.0%} of {len(rows):,} {what}"
    return text[0].upper() + text[1:]


def as_json(study: Study) -> dict[str, Any]:
    """The answer for machines. Days are C-day labels; a closure that never came is null."""
    plans = [group for group in study.groups if group not in ("all", "tier 1")]
    return {
        "scenario": study.scenario.name,
        "scenario_digest": study.scenario.digest,
        "troops_required": study.plan.troops_required,
        "deadline_day": study.scenario.question.deadline_days,
        "replications": len(study.replications),
        "seed": study.replications[0].seed,
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
