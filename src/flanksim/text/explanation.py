"""An explanation told: in sentences for people, as one JSON object for machines."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from flanksim.activities import Use
from flanksim.measure.closure import LAST, label
from flanksim.measure.explanation import Explanation, Fleet, Group, Meanwhile, Part, Trial
from flanksim.measure.fleets import NOT_THERE
from flanksim.measure.replications import MADE_ANEW
from flanksim.measure.statistics import FEWEST_FOR_NINE_IN_TEN, Interval, PathDays, path_days, path_shares, spread
from flanksim.scenario.naming import element, lift, readable
from flanksim.scenario.schema import Scenario
from flanksim.terminal import Block, numbers, render, table, words
from flanksim.text.phrases import closed_on, day, home, spread_head, spread_range
from flanksim.units import C_DAY, HOURS_PER_DAY, closure_day

#: Causes of a group, fleets and their uses, causes of lateness, uses of lift waited for, and what is behind the waits.
GROUP_CAUSES, FLEETS, FLEET_USES, LATE, LIFT_USES, WAITED = 3, 3, 5, 3, 6, 4
#: Units that complete the force which are named.
LAST_UNITS = 3


def format_text(found: Explanation, most: int = 10) -> str:
    """The explanation as plain text of at most 100 columns."""
    return render(blocks(found, most))


def blocks(found: Explanation, most: int = 10) -> list[Block]:
    """The explanation in sentences and tables, largest first."""
    told: list[Block] = [*_head(found), "", *_path(found, most)]
    if len(found.replayed) < len(found.days):
        some, every = len(found.replayed), len(found.days)
        told += ["", f"Closures are those of all {every} runs; what follows is of {some} of them, replayed."]
    told += [*_meanwhile(found), *_waited(found)]
    told += _told_groups(found)
    told += ["", "What all serials together spent their time on:", _time(found.ledger, found.scenario, 6)]
    if found.lateness:
        deadline = f"C+{found.scenario.question.deadline_days:g}"
        late = math.fsum(part.hours.mean for part in found.lateness)
        told += ["", f"What serials spent their time on after {deadline}, until closed ({late:,.0f} serial-hours):"]
        told.append(_time(found.lateness, found.scenario, LATE))
    if found.unit is None:
        told += _told_fleets(found)
    if found.tries:
        columns = [numbers("days\nsaved"), numbers("95 %"), numbers("share of\nthe path"), words("what"), words("")]
        told += ["", "What to try, each alone with the same random numbers; a step is a quarter of what there is:"]
        told.append(table(columns, [_tried(entry, len(found.replayed)) for entry in found.tries]))
        told.append(
            "A share of the critical path is not the value of a step more: behind the first thing that binds "
            "stands the next. Decide by days saved, not by share."
        )
        anew = sum(entry.plan == MADE_ANEW for entry in found.tries)
        told.append(f"Plans: {anew} of {len(found.tries)} made anew, the others carried over from the runs explained")
    return told


def _head(found: Explanation) -> list[Block]:
    runs, lost = len(found.days), sum(map(math.isnan, found.days))
    who = f"{found.scenario.title or found.scenario.name}" if found.unit is None else f"Unit {found.unit}"
    not_closed = f", {lost} of them not closed" if lost else ""
    when = closed_on(spread(found.days), f"no day by C+{found.scenario.question.horizon_days:g} in half of the runs")
    lines: list[Block] = [f"{who} is closed on {when}; {runs} run{'s' * (runs != 1)}{not_closed}."]
    if found.unit is None:
        also = "; it is also the last of all" if _same_unit(found, LAST) else ""
        lines.append(f"The unit that completes the force is {_completing(found, runs)}{also}.")
    return lines


def _completing(found: Explanation, runs: int) -> str:
    """The units that complete the force, in how many runs each, and from which country."""
    times = Counter(unit for unit in found.last_units if unit)
    if len(times) == 1:
        return f"{next(iter(times))} in {times.total()} of {runs} runs"
    ranked = sorted(times.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{unit} in {count}" for unit, count in ranked[:LAST_UNITS])
    more = f", another in {sum(count for _, count in ranked[LAST_UNITS:])}" if len(ranked) > LAST_UNITS else ""
    homes = Counter(home(found.scenario, unit) for unit in times.elements())
    where, count = min(homes.items(), key=lambda item: (-item[1], item[0]))
    return f"{named}{more} of {runs} runs" + (f" (home: {where} in {count})" if where else "")


def _path(found: Explanation, most: int) -> list[Block]:
    """Days on the critical path by cause, in the words of the tables; they sum, with C-day itself, to the mean."""
    ranked = list(path_days(found.paths, lambda cause: readable(cause, found.scenario)).items())
    count = len(found.paths)
    whole = HOURS_PER_DAY * math.fsum(part.mean for _, part in ranked)
    rows = [_days(name, part) for name, part in ranked[:most]]
    rest = math.fsum(part.share for _, part in ranked[most:])
    if rest > 0:
        small = f"{len(ranked) - most} smaller causes"
        rows.append([f"{rest * whole / HOURS_PER_DAY:.1f}", "", f"{rest:.0%}", small])
    rows += [
        [f"{whole / HOURS_PER_DAY:.1f}", "", "100%", "together, from the start of C-day"],
        ["-1.0", "", "", C_DAY],
        [
            f"{closure_day(whole):.1f}",
            "",
            "",
            f"{'closed on' if count == 1 else 'mean closure'} {day(closure_day(whole))}",
        ],
    ]
    mean = "in the one run that closed" if count == 1 else f"mean of {count} runs"
    went = f"Where its {whole / HOURS_PER_DAY:.1f} days went, {mean}"
    return [
        f"{went} (critical path: its own last serial; the parts sum to them):",
        table([numbers("days"), numbers(spread_head(count)), numbers("share"), words("cause")], rows),
    ]


def _meanwhile(found: Explanation) -> list[Block]:
    """What the lift that the path waited for was doing: where it stood in line, more of it may not help."""
    sums: dict[str, float] = defaultdict(float)
    for part in found.lift:
        where = f", {element(found.scenario, part.at)}" if part.at else ""
        sums[f"{lift(found.scenario, part.cause.thing)}: {part.doing}{where}"] += part.hours.mean
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
        "What it waited for (behind each wait the past of what was in the way; it sums to the same closure):",
        table([numbers("days"), numbers("share"), words("cause")], rows),
    ]


def _days(name: str, part: PathDays) -> list[str]:
    """A row: mean days, where the runs lie, share of all days, cause."""
    low, high, which = spread_range(part.runs)
    return [f"{part.mean:.1f}", f"{low:.1f} to {high:.1f}" if which else "", f"{part.share:.0%}", name]


def _same_unit(found: Explanation, group: str) -> bool:
    """Whether in every replication the unit that completes the force completes the group too."""
    return all(group in entry.groups and entry.groups[group].unit == entry.unit for entry in found.replayed)


def _told_groups(found: Explanation) -> list[Block]:
    """Each group that is not the force again: when, by whom, and its largest causes."""
    told: list[Block] = []
    for group in found.groups:
        if _same_unit(found, group.key):
            continue
        paths = [entry.groups[group.key].causes for entry in found.replayed if group.key in entry.groups]
        told.append(f"  {_told_group(group, len(found.replayed))}")
        ranked = list(path_days(paths, lambda cause: readable(cause, found.scenario)).items())[:GROUP_CAUSES]
        rows = [_days(*entry) for entry in ranked]
        told.append(table([numbers(), numbers(), numbers(), words()], rows, indent=4))
    head = ", ".join(part for part in ("days", spread_head(len(found.replayed)), "share") if part)
    return ["", f"The largest causes of those that another unit completes ({head}):", *told] if told else []


def _told_group(group: Group, count: int) -> str:
    unit, times = group.units[0]
    others = len(group.units) - 1
    by = f"{unit}{f' in {times} of {group.closed}' if others else ''}"
    closed = "" if group.closed == count else f"; closed in {group.closed} of {count} runs"
    return f"{label(group.key)}: {closed_on(group.when)}, completed by {by}{closed}"


def _time(parts: Sequence[Part], scenario: Scenario, most: int) -> Block:
    """Shares of serial-hours by cause, largest first."""
    spent: dict[str, float] = defaultdict(float)
    for part in parts:  # with whom, is for the table; here the sum over all partners
        spent[readable(part.cause._replace(partner=""), scenario)] += part.hours.mean
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
    uses = [f"{use.word} {fleet.there[use]:.0%}" for use in ranked[:FLEET_USES] if fleet.there[use] >= 0.005]
    absent = fleet.shares[Use.ABSENT].mean
    note = f"; {absent:.0%} of its {fleet.assets} assets do not turn up" if absent >= 0.005 else ""
    return [lift(scenario, fleet.pool), f"{fleet.in_use.mean:.0%}", ", ".join(uses) + note]


def _tried(entry: Trial, pairs: int) -> list[str]:
    """A row: days saved with the interval of their mean, share of the path, and what the pairs of runs can tell."""
    saved = entry.days_saved
    interval, sure = "", "too few runs to tell"
    if saved.low == saved.high == saved.mean == 0:
        interval, sure = f"{0:+.2f} to {0:+.2f}", "changes nothing"
    elif not math.isnan(saved.low):
        interval = f"{saved.low:+.2f} to {saved.high:+.2f}"
        sure = ""
        if saved.low <= 0 <= saved.high:
            sure = "no measurable effect" if pairs >= FEWEST_FOR_NINE_IN_TEN else "too few runs to tell"
    mean = "" if math.isnan(saved.mean) else f"{saved.mean:+.2f}"
    return [mean, interval, f"{entry.path_share:.0%}", entry.change, sure]


def as_json(found: Explanation) -> dict[str, Any]:
    """The explanation for machines; hours are means over the replications that closed."""
    return {
        "scenario": found.scenario.name,
        "scenario_digest": found.scenario.digest,
        "unit": found.unit,
        "replications": len(found.replayed),
        "unclosed": found.unclosed,
        "runs": len(found.days),
        **spread(found.days).as_json("closure_day"),
        "path_runs": len(found.paths),
        "path_hours": math.fsum(math.fsum(path.values()) for path in found.paths) / len(found.paths),
        "critical_path_shares": {str(cause): round(share, 6) for cause, share in path_shares(found.paths).items()},
        "last_units": dict(Counter(unit for unit in found.last_units if unit).most_common()),
        "closure_hours": found.closure_hours.mean,
        "closure_interval_hours": _interval(found.closure_hours),
        "sum_hours": math.fsum(part.hours.mean for part in found.path),
        "critical_path": [
            {
                "element": part.element,
                "cause": str(part.cause),
                "hours": part.hours.mean,
                "interval": _interval(part.hours),
            }
            for part in found.path
        ],
        "waited_for": [
            {"cause": str(part.cause), "hours": part.hours.mean, "interval": _interval(part.hours)}
            for part in found.waited
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
                "state": use.word,
                "share": fleet.shares[use].mean,
                "interval": _interval(fleet.shares[use]),
            }
            for fleet in found.fleets
            for use in Use
            if fleet.shares[use].mean > 0
        ],
        "try": [
            {
                "change": entry.change,
                "path_share": entry.path_share,
                "days_saved": _interval(entry.days_saved),
                "plan": entry.plan,
                "kind": entry.kind,
                "key": entry.key,
            }
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
        "kind": "last unit" if group.key == LAST else "regional plan",
        "units": dict(group.units),
        "closed": group.closed,
        "closure_day": _interval(_day(group.hours)),
        **group.when.as_json("closure_day"),
        "closure_hours": group.hours.mean,
        "causes": [
            {"cause": str(part.cause), "hours": part.hours.mean, "interval": _interval(part.hours)}
            for part in group.causes[:GROUP_CAUSES]
        ],
    }


def _serial_hours(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [
        {"cause": str(part.cause), "serial_hours": part.hours.mean, "interval": _interval(part.hours)} for part in parts
    ]


def _doing(part: Meanwhile) -> dict[str, Any]:
    return {"cause": str(part.cause), "doing": part.doing, "interval": _interval(part.hours)}


def _day(hours: Interval) -> Interval:
    return Interval(closure_day(hours.mean), closure_day(hours.low), closure_day(hours.high))


def _interval(value: Interval) -> dict[str, float | None]:
    pairs = (("mean", value.mean), ("low", value.low), ("high", value.high))
    return {name: None if math.isnan(number) else number for name, number in pairs}
