"""The three clocks in the answer: ready, arrived and closed by date, the delay between, and what nobody can beat."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure.clocks import CLOCKS, SHARES, Clock, with_others
from flanksim.measure.closure import ALL
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.statistics import Spread, spread
from flanksim.terminal import Block, numbers, table, words
from flanksim.text.phrases import day
from flanksim.units import deadline_hour


def clock_blocks(study: ScenarioRuns) -> list[Block]:
    """A table of the clocks, and a line each on the delay, on free flow and on troops in place."""
    dates = study.scenario.question.milestone_days
    columns = [
        words("", 10),
        *(numbers(f"by\nC+{date:g}") for date in dates),
        *(numbers(f"{100 * share:g}%\non") for share in SHARES),
    ]
    rows = [
        [
            clock,
            *(f"{study.troops_by(deadline_hour(date), ALL, clock).mean:,.0f}" for date in dates),
            *(day(study.share_day(share, ALL, clock).median) for share in SHARES),
        ]
        for clock in told_clocks(study)
    ]
    return [table(columns, rows), *(f"  {line}" for line in clock_lines(study))]


def clock_lines(study: ScenarioRuns) -> list[str]:
    """What the clocks say: the delay, what free flow leaves to queues, the answer with troops in place."""
    return [line for line in (_delay(study), _ceiling(study), _in_place(study)) if line]


def told_clocks(study: ScenarioRuns) -> list[Clock]:
    """The clocks; that of permissions only where somebody waits for one."""
    runs = study.replications
    return [
        clock for clock in CLOCKS if clock != "permitted" or any(r.clocks.permitted != r.clocks.ready for r in runs)
    ]


def _delay(study: ScenarioRuns) -> str:
    found = study.mobility_delay()
    if math.isnan(found.mean):
        return ""
    around = "" if math.isnan(found.low) else f" (95 %: {found.low:.1f} to {found.high:.1f})"
    least = "at least " if any(math.isnan(hour) for run in study.replications for hour in run.closed_h) else ""
    return f"Mobility delay: {least}{found.mean:.1f} days per soldier between ready and closed{around}"


def _ceiling(study: ScenarioRuns) -> str:
    """What no lack of roads, lift or berths explains: the same force if nobody ever waited for anybody."""
    date = study.scenario.question.deadline_days
    most = study.ceiling(deadline_hour(date))
    if most is None:
        return ""
    closed = study.troops_by(deadline_hour(date)).mean
    needed = study.parts[ALL].troops
    could = f"all {needed:,} troops could be" if most >= needed else f"{most:,} troops and no more could be"
    return f"If nothing queued, {could} closed by C+{date:g}; {closed:,.0f} are"


def _in_place(study: ScenarioRuns) -> str:
    """Both answers on one line, where there are troops in place that the question does not count."""
    found = in_place(study)
    if found is None:
        return ""
    troops, when, _ = found
    without = study.closure_spread().median
    return (
        f"With the {troops:,} troops in place counted: {day(when.median, 'not closed')}; "
        f"without them: {day(without, 'not closed')}"
    )


def in_place(study: ScenarioRuns) -> tuple[int, Spread, float] | None:
    """Troops in place that are not counted; closure day and mean share in time if they were; None without any."""
    others = [] if study.plan.count_in_place else list(study.scenario.in_place_units.values())
    troops = sum(unit.troops for unit in others)
    if not troops:
        return None
    part, force = study.parts[ALL], study.force
    each = [with_others(force, run.closed_h, part, others, part.deadline_h) for run in study.replications]
    return troops, spread([when for when, _ in each]), sum(share for _, share in each) / len(each)


def clocks_json(study: ScenarioRuns, group: str = ALL) -> dict[str, Any]:
    """Clocks of a group for machines: troops by date (means), days of shares (medians), mobility delay in days."""
    dates = study.scenario.question.milestone_days
    return {
        "clocks": {
            clock: {
                "troops_by_day": {
                    f"{date:g}": study.troops_by(deadline_hour(date), group, clock).as_json() for date in dates
                },
                "share_days": {
                    f"{100 * share:g}": study.share_day(share, group, clock).as_json("day") for share in SHARES
                },
            }
            for clock in CLOCKS
        },
        "mobility_delay_days": study.mobility_delay(group).as_json(),
        "free_flow_troops_by_deadline": study.ceiling(study.parts[group].deadline_h, group),
    }


def in_place_json(study: ScenarioRuns) -> dict[str, Any] | None:
    """The answer with troops in place counted; null where there are none or they are counted anyway."""
    found = in_place(study)
    if found is None:
        return None
    troops, when, share = found
    return {"troops": troops, **when.as_json("closure_day"), "on_time_share": round(share, 6)}
