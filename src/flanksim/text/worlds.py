"""What is said of runs in other worlds, beside those with typical values: for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.closure import ALL, label
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Interval, Spread, known_or_none
from flanksim.measure.surface import SurfaceRuns
from flanksim.measure.world_runs import Variance, WorldDifference, WorldRuns
from flanksim.terminal import Block, Column, numbers, table, words
from flanksim.text.phrases import closed_on, day, signed, spread_range


def closed_on_in_all(chance: Spread, worlds: WorldRuns | None, horizon: str, group: str = ALL) -> str:
    """Median and both ranges: ``C+79.5 (9 runs in 10: day 73 to 86; with all that is not known day 58 to 97)``."""
    said = closed_on(chance, horizon)
    if worlds is None:
        return said
    around = f"with all that is not known day {_range(worlds.closure_spread(group), 0)}"
    return f"{said.removesuffix(')')}; {around})" if said.endswith(")") else f"{said} ({around})"


def how_many(worlds: WorldRuns) -> str:
    """``30 worlds, 4 runs of each``."""
    return f"{len(worlds.worlds)} worlds, {worlds.runs} run{'s' * (worlds.runs != 1)} of each"


def blocks(runs: ReplicationSet, worlds: WorldRuns | None) -> list[Block]:
    """A row a group: where its closure lies by chance alone, and with all that is not known."""
    if worlds is None:
        return []
    columns = [
        words("", 7),
        numbers("closed on\n(median)"),
        numbers("by chance\nalone"),
        numbers("and with what\nis not known"),
        numbers("closed in time\n(95 %)"),
        numbers("chance in time\n(95 %)"),
    ]
    rows = [
        [
            label(group),
            day(worlds.closure_spread(group).median),
            _range(runs.closure_spread(group), 1),
            _range(worlds.closure_spread(group), 1),
            percent(worlds.on_time_share(group)),
            percent(worlds.p_on_time(group)),
        ]
        for group in runs.groups
    ]
    head = f"  With every number that has a low and a high value drawn anew: {how_many(worlds)}"
    notes = [variance_words(worlds.closing_variance()), same_ways_words(worlds)]
    return [head, "", table(columns, rows), *(f"  {note}" for note in notes if note), ""]


def alternatives_blocks(found: AlternativeRuns) -> list[Block]:
    """A row an alternative: where it closes in all worlds, and its difference from the first in the same ones."""
    first = found.alternatives[0].worlds
    if first is None:
        return []
    columns = [
        words("", 20),
        numbers("closed on\n(9 in 10)"),
        numbers(f"closed\nby C+{found.deadline_days:g}"),
        numbers("days\nagainst\nthe first"),
        numbers("95 %\ntogether"),
        numbers("points"),
        numbers("sooner in\nworlds"),
        words("a soldier"),
    ]
    rows = []
    for entry, difference in zip(found.alternatives, (None, *found.world_differences), strict=True):
        worlds = entry.worlds
        if worlds is None:
            continue
        spread = worlds.closure_spread()
        row = [entry.title, f"{day(spread.median)} ({_range(spread, 0)})", f"{worlds.on_time_share().mean:.0%}"]
        rows.append(row + (["", "", "", "", ""] if difference is None else _against(difference)))
    head = f"  With what is not known drawn anew, the same worlds for all: {how_many(first)}"
    note = same_ways_words(first)
    return [head, "", table(columns, rows), *([f"  {note}"] if note else []), ""]


def surface_blocks(found: SurfaceRuns, fraction: float, columns: Sequence[Column]) -> list[Block]:
    """Of one mobility fraction where nine runs in ten of all worlds close: a row a level, a column a year."""
    if not found.worlds:
        return []
    rows = []
    for share in dict.fromkeys(point.infrastructure_share for point in found.points):
        here = [p for p in found.points if (p.infrastructure_share, p.mobility_fraction) == (share, fraction)]
        rows.append([f"{share:g}", *(_range(found.worlds[point.cell].closure_spread(), 0) for point in here)])
    many = how_many(next(iter(found.worlds.values())))
    return ["", f"  Closure day with what is not known drawn anew, 9 runs in 10: {many}", "", table(columns, rows)]


def _against(found: WorldDifference) -> list[str]:
    known = not math.isnan(found.days.mean)
    wide = not math.isnan(found.days.low) and found.closed >= FEWEST_FOR_AN_INTERVAL
    return [
        signed(found.days.mean) if known else "",
        f"{signed(found.days.low)} to {signed(found.days.high)}" if wide else "",
        signed(100 * found.share.mean, 0),
        f"{found.sooner_in} of {found.worlds}",
        found.closing_verdict,
    ]


def variance_words(found: Variance) -> str:
    """Of what a soldier's day varies, how much is not known."""
    part = found.share_not_known
    if math.isnan(part):
        return ""
    chance, unknown = math.sqrt(found.chance), math.sqrt(found.not_known)
    return (
        f"The day on which a soldier is closed in the mean varies by ±{unknown:.1f} days with what is not known and by "
        f"±{chance:.1f} by chance: {part:.0%} of its variance is not known"
    )


def same_ways_words(worlds: WorldRuns) -> str:
    """In how many worlds a unit would have had no way."""
    count = worlds.with_same_ways
    where = f"In {count} of the {len(worlds.worlds)} worlds a unit would have no way at all"
    return f"{where}: there bridges and vehicles have their typical classes" if count else ""


def percent(found: Interval) -> str:
    """``40% (36-44%)``; of one world no interval."""
    if math.isnan(found.mean):
        return ""
    around = "" if math.isnan(found.low) else f" ({100 * found.low:.0f}-{found.high:.0%})"
    return f"{found.mean:.0%}{around}"


def _range(found: Spread, digits: int) -> str:
    low, high, _ = spread_range(found)
    ends = [f"{value:.{digits}f}" if math.isfinite(value) else "never" for value in (low, high)]
    return "" if math.isnan(low) else ends[0] if ends == ["never", "never"] else " to ".join(ends)


def worlds_json(worlds: WorldRuns | None, difference: WorldDifference | None = None) -> dict[str, Any] | None:
    """The same for machines; null without worlds. Chance and what is not known are in all of it.

    Parameters
    ----------
    worlds
        Of a scenario or an alternative.
    difference
        From another one.
    """
    if worlds is None:
        return None
    variance = worlds.closing_variance()
    return {
        "worlds": len(worlds.worlds),
        "runs_of_each": worlds.runs,
        "with_same_ways": worlds.with_same_ways,
        "closing_day_variance": {
            "chance": known_or_none(variance.chance),
            "not_known": known_or_none(variance.not_known),
        },
        **group_json(worlds),
        "groups": {group: group_json(worlds, group) for group in worlds.worlds[0].groups if group != ALL},
        **({} if difference is None else _difference_json(difference)),
    }


def group_json(worlds: WorldRuns, group: str = ALL) -> dict[str, Any]:
    """What is said of a group."""
    return {
        **worlds.closure_spread(group).as_json("closure_day"),
        "p_on_time": worlds.p_on_time(group).as_json(),
        "on_time_share": worlds.on_time_share(group).as_json(),
        "mobility_delay_days": worlds.mobility_delay(group).as_json(),
        "closing_day": worlds.closing(group).as_json(),
        "unclosed": worlds.together.unclosed(group),
    }


def _difference_json(found: WorldDifference) -> dict[str, Any]:
    """A difference over worlds for machines."""
    return {
        "difference_days": found.days.as_json(),
        "difference_share": found.share.as_json(),
        "difference_delay_days": found.delay.as_json(),
        "difference_closing_days": found.closing.as_json(),
        "sooner_in": found.sooner_in,
        "later_in": found.later_in,
        "verdict": found.verdict,
        "share_verdict": found.share_verdict,
        "closing_verdict": found.closing_verdict,
    }
