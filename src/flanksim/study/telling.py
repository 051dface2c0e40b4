"""An explanation told: in sentences for people, as one JSON object for machines."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from flanksim.measure.fleets import NOT_THERE, WORDS
from flanksim.measure.statistics import Interval, t_interval
from flanksim.measure.uses import Use
from flanksim.scenario.naming import element, lift, readable
from flanksim.terminal import Block, numbers, render, table, words
from flanksim.units import HOURS_PER_DAY, closure_day

if TYPE_CHECKING:
    from flanksim.scenario.schema import Scenario
    from flanksim.study.explain import Explanation, Fleet, Group, Meanwhile, Part, Try

#: Causes of a group, fleets and their uses, causes of lateness, uses of lift waited for, and what is behind the waits.
GROUP_CAUSES, FLEETS, FLEET_USES, LATE, LIFT_USES, WAITED = 3, 3, 5, 3, 6, 4


def tell(found: Explanation, most: int = 10) -> str:
    """The explanation as plain text of at most 100 columns."""
    return render(blocks(found, most))


def blocks(found: Explanation, most: int = 10) -> list[Block]:
    """The explanation in sentences and tables, largest first."""
    told: list[Block] = [*_head(found), "", *_path(found, most), *_told_groups(found)]
    told += ["", "What all serials together spent their time on:", _time(found.ledger, found.scenario, 6)]
    if found.lateness:
        deadline = f"C+{found.scenario.question.deadline_days:g}"
        late = math.fsum(part.hours.mean for part in found.lateness)
        told += ["", f"What serials spent their time on after {deadline}, until closed ({late:,.0f} serial-hours):"]
        told.append(_time(found.lateness, found.scenario, LATE))
    if found.unit is None:
        told += _told_fleets(found)
    if found.tries:
        columns = [numbers("days\nsaved"), numbers("95 %"), numbers("share of\nthe path"), words("one step"), words("")]
        told += ["", "What to try, one step each, the same random numbers:"]
        told.append(table(columns, [_tried(entry) for entry in found.tries]))
        told.append(
            "A share of the critical path is not the value of one step more: behind the first thing that binds "
            "stands the next, and a step may be small beside the need. Decide by days saved, not by share."
        )
    return told


def _head(found: Explanation) -> list[Block]:
    day, count = _day(found.closure_hours), len(found.readings)
    who = f"{found.scenario.title or found.scenario.name}" if found.unit is None else f"Unit {found.unit}"
    left_out = f", {found.unclosed} of them not closed and left out" if found.unclosed else ""
    interval = "" if math.isnan(day.low) else f"95 % {day.low:.1f} to {day.high:.1f}; "
    runs = f"{count} replication{'s' * (count != 1)}"
    lines: list[Block] = [f"{who} is closed on C+{day.mean:.1f} ({interval}{runs}{left_out})."]
    if found.unit is None:
        units = sorted({entry.unit for entry in found.readings if entry.unit})
        also = "; it is also the last of all" if _same_unit(found, "last") else ""
        lines.append(f"The unit that completes the force is {' or '.join(units)}{also}.")
    return lines


def _path(found: Explanation, most: int) -> list[Block]:
    """Days on the critical path by cause, in the words of the tables."""
    whole = found.closure_hours.mean
    spread = _spread(
        [
            [(piece.cause, piece.hours) for piece in entry.pieces]
            for entry in found.readings
            if not math.isnan(entry.closure_hours)
        ],
        lambda cause: readable(cause, found.scenario),
    )
    ranked = sorted(spread.items(), key=lambda item: (-item[1].mean, item[0]))
    rows = [_days(name, hours, whole) for name, hours in ranked[:most]]
    rest = math.fsum(hours.mean for _, hours in ranked[most:])
    if rest > 0:
        rows.append([f"{rest / HOURS_PER_DAY:.1f}", "", f"{rest / whole:.0%}", f"{len(ranked) - most} smaller causes"])
    return [
        f"Where its {whole / HOURS_PER_DAY:.1f} days went (critical path: its own last serial; the parts sum to them):",
        table([numbers("days"), numbers("95 %"), numbers("share"), words("cause")], rows),
        *_meanwhile(found),
        *_waited(found),
    ]


def _meanwhile(found: Explanation) -> list[Block]:
    """What the lift that the path waited for was doing: where it stood in line, more of it may not help."""
    sums: dict[str, float] = defaultdict(float)
    for part in found.lift:
        where = f", {element(found.scenario, part.at)}" if part.at else ""
        sums[f"{lift(found.scenario, part.cause.removeprefix('lift '))}: {part.doing}{where}"] += part.hours.mean
    if not sums:
        return []
    whole = math.fsum(sums.values())
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    rows = [[f"{hours / HOURS_PER_DAY:.1f}", f"{hours / whole:.0%}", name] for name, hours in ranked[:LIFT_USES]]
    rest = math.fsum(hours for _, hours in ranked[LIFT_USES:])
    if rest > 0:
        rows.append([f"{rest / HOURS_PER_DAY:.1f}", f"{rest / whole:.0%}", f"{len(ranked) - LIFT_USES} smaller parts"])
    return [
        "",
        f"In its {whole / HOURS_PER_DAY:.1f} days of waiting for lift, what the asset that came was doing:",
        table([numbers("days"), numbers("share"), words("lift: what it was doing, and where it stood in line")], rows),
    ]


def _waited(found: Explanation) -> list[Block]:
    """The other reading, in short: behind each wait whatever was in the way, with its own past."""
    sums: dict[str, float] = defaultdict(float)
    for part in found.waited:
        sums[readable(part.cause, found.scenario)] += part.hours.mean
    whole = math.fsum(sums.values())
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:WAITED]
    rows = [[f"{hours / HOURS_PER_DAY:.1f}", f"{hours / whole:.0%}", name] for name, hours in ranked if whole > 0]
    return [
        "",
        "What it waited for (behind each wait the past of what was in the way; it sums to the same days):",
        table([numbers("days"), numbers("share"), words("cause")], rows),
    ]


def _days(name: str, hours: Interval, whole: float) -> list[str]:
    """A row: days, their interval, share of all days, cause."""
    low, high = max(0.0, hours.low), hours.high  # hours cannot be negative
    sure = "" if math.isnan(hours.low) else f"{low / HOURS_PER_DAY:.1f} to {high / HOURS_PER_DAY:.1f}"
    share = f"{hours.mean / whole:.0%}" if whole > 0 else "-"
    return [f"{hours.mean / HOURS_PER_DAY:.1f}", sure, share, name]


def _spread(found: Sequence[Sequence[tuple[str, float]]], name: Callable[[str], str]) -> dict[str, Interval]:
    """Interval of each named cause over replications; one that a replication does not have counts 0 there."""
    sums: list[dict[str, float]] = []
    for entry in found:
        total: dict[str, float] = defaultdict(float)
        for cause, hours in entry:
            total[name(cause)] += hours
        sums.append(total)
    return {key: t_interval([entry.get(key, 0.0) for entry in sums]) for key in {k for entry in sums for k in entry}}


def _same_unit(found: Explanation, group: str) -> bool:
    """Whether in every replication the unit that completes the force completes the group too."""
    return all(group in entry.groups and entry.groups[group].unit == entry.unit for entry in found.readings)


def _told_groups(found: Explanation) -> list[Block]:
    """Each group that is not the force again: when, by whom, and its largest causes."""
    told: list[Block] = []
    for group in found.groups:
        if _same_unit(found, group.name):
            continue
        paths = [entry.groups[group.name] for entry in found.readings if group.name in entry.groups]
        told.append(f"  {_told_group(group, len(found.readings))}")
        spread = _spread([list(path.causes.items()) for path in paths], lambda cause: readable(cause, found.scenario))
        ranked = sorted(spread.items(), key=lambda item: (-item[1].mean, item[0]))[:GROUP_CAUSES]
        rows = [_days(name, hours, group.hours.mean) for name, hours in ranked]
        told.append(table([numbers(), numbers(), numbers(), words()], rows, indent=4))
    return ["", "The largest causes of those that another unit completes (days, 95 %, share):", *told] if told else []


def _told_group(group: Group, count: int) -> str:
    day = _day(group.hours)
    name = "last unit" if group.name == "last" else group.name
    unit, times = group.units[0]
    others = len(group.units) - 1
    by = f"{unit}{f' in {times} of {group.closed}' if others else ''}"
    closed = "" if group.closed == count else f"; closed in {group.closed} of {count} replications"
    interval = "" if math.isnan(day.low) else f" ({day.low:.1f} to {day.high:.1f})"
    return f"{name}: C+{day.mean:.1f}{interval}, completed by {by}{closed}"


def _time(parts: Sequence[Part], scenario: Scenario, most: int) -> Block:
    """Shares of serial-hours by cause, largest first."""
    spent: dict[str, float] = defaultdict(float)
    for part in parts:  # with whom, is for the table; here the sum over all partners
        spent[readable(part.cause.partition(" with ")[0], scenario)] += part.hours.mean
    total = math.fsum(spent.values())
    ranked = sorted(spent.items(), key=lambda item: (-item[1], item[0]))[:most]
    return table([numbers("share"), words("cause")], [[f"{hours / total:.0%}", name] for name, hours in ranked])


def _told_fleets(found: Explanation) -> list[Block]:
    busy = [fleet for fleet in found.fleets if fleet.in_use.mean > 0][:FLEETS]
    if not busy:
        return []
    return [
        "",
        "The fleets most in use, to closure (shares of the time that their assets are there):",
        table(
            [words("fleet"), numbers("in use"), words("doing what")],
            [_told_fleet(fleet, found.scenario) for fleet in busy],
        ),
    ]


def _told_fleet(fleet: Fleet, scenario: Scenario) -> list[str]:
    ranked = sorted((use for use in Use if use not in NOT_THERE), key=lambda use: -fleet.there[use])
    uses = [f"{WORDS[use]} {fleet.there[use]:.0%}" for use in ranked[:FLEET_USES] if fleet.there[use] >= 0.005]
    absent = fleet.shares[Use.ABSENT].mean
    note = f"; {absent:.0%} of its {fleet.assets} assets do not turn up" if absent >= 0.005 else ""
    return [lift(scenario, fleet.pool), f"{fleet.in_use.mean:.0%}", ", ".join(uses) + note]


def _tried(entry: Try) -> list[str]:
    saved = entry.days_saved
    sure = "cannot be told from nothing" if saved.low <= 0 <= saved.high else ""
    if saved.low == saved.high == saved.mean == 0:
        sure = "changes nothing"
    interval = "" if math.isnan(saved.low) else f"{saved.low:+.2f} to {saved.high:+.2f}"
    mean = "" if math.isnan(saved.mean) else f"{saved.mean:+.2f}"
    return [mean, interval, f"{entry.path_share:.0%}", entry.change, sure]


def as_json(found: Explanation) -> dict[str, Any]:
    """The explanation for machines; hours are means over the replications that closed."""
    return {
        "scenario": found.scenario.name,
        "scenario_digest": found.scenario.digest,
        "unit": found.unit,
        "replications": len(found.readings),
        "unclosed": found.unclosed,
        "closure_hours": found.closure_hours.mean,
        "closure_interval_hours": _interval(found.closure_hours),
        "sum_hours": math.fsum(part.hours.mean for part in found.path),
        "critical_path": [
            {"element": part.element, "cause": part.cause, "hours": part.hours.mean, "interval": _interval(part.hours)}
            for part in found.path
        ],
        "waited_for": [
            {"cause": part.cause, "hours": part.hours.mean, "interval": _interval(part.hours)} for part in found.waited
        ],
        "lift": [{**_doing(part), "at": part.at, "hours": part.hours.mean} for part in found.lift],
        "ledger": _serial_hours(found.ledger),
        "ledger_lift": [{**_doing(part), "serial_hours": part.hours.mean} for part in found.ledger_lift],
        "lateness": _serial_hours(found.lateness),
        "groups": [_group_json(group) for group in found.groups],
        "fleets": [
            {
                "pool": fleet.pool,
                "kind": fleet.kind,
                "state": WORDS[use],
                "share": fleet.shares[use].mean,
                "interval": _interval(fleet.shares[use]),
            }
            for fleet in found.fleets
            for use in Use
            if fleet.shares[use].mean > 0
        ],
        "try": [
            {"change": entry.change, "path_share": entry.path_share, "days_saved": _interval(entry.days_saved)}
            for entry in found.tries
        ],
        "largest_error_hours": {
            "ledger": found.errors.ledger,
            "critical_path": found.errors.critical_path,
            "fleets": found.errors.fleets,
        },
    }


def _group_json(group: Group) -> dict[str, Any]:
    """A group's closure over the replications that closed it, and its three largest causes."""
    return {
        "group": group.name,
        "units": dict(group.units),
        "closed": group.closed,
        "closure_day": _interval(_day(group.hours)),
        "closure_hours": group.hours.mean,
        "causes": [
            {"cause": part.cause, "hours": part.hours.mean, "interval": _interval(part.hours)}
            for part in group.causes[:GROUP_CAUSES]
        ],
    }


def _serial_hours(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [{"cause": part.cause, "serial_hours": part.hours.mean, "interval": _interval(part.hours)} for part in parts]


def _doing(part: Meanwhile) -> dict[str, Any]:
    return {"cause": part.cause, "doing": part.doing, "interval": _interval(part.hours)}


def _day(hours: Interval) -> Interval:
    return Interval(closure_day(hours.mean), closure_day(hours.low), closure_day(hours.high))


def _interval(value: Interval) -> dict[str, float | None]:
    pairs = (("mean", value.mean), ("low", value.low), ("high", value.high))
    return {name: None if math.isnan(number) else number for name, number in pairs}
