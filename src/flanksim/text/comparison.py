"""The answer of a comparison: for people, and as one JSON object."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import Any

from flanksim.measure import columns
from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.replications import INDIFFERENT_DELAY_DAYS
from flanksim.measure.statistics import known_or_none
from flanksim.terminal import Block, Entry, Span, Style, numbers, table, words
from flanksim.text import worlds
from flanksim.text.phrases import delay_in_words, interval_words, share_in_words, signed
from flanksim.units import deadline_hour


def as_json(found: AlternativeRuns) -> dict[str, Any]:
    """The comparison for machines."""
    deadline_h = deadline_hour(found.deadline_days)
    alternatives = [
        {
            "name": entry.name,
            "title": entry.title,
            **columns.as_json(entry, deadline_h, difference),
            "proved_zero": found.chance(entry).proved_zero,
            "cost_bn_eur": round(entry.cost_bn_eur, 6),
            "cost_low_bn_eur": round(entry.about.cost_bn_eur[0], 6),
            "cost_high_bn_eur": round(entry.about.cost_bn_eur[2], 6),
            "projects": list(entry.about.projects),
            "needed_first": list(entry.about.needed),
            "built_before": list(entry.about.built_before),
            "stands_by": entry.about.stands_by,
            "bound_day": round(entry.bound_day, 6) if math.isfinite(entry.bound_day) else None,
            "plan": found.plan_words(entry),
            "worlds": worlds.worlds_json(entry.worlds, over_worlds),
        }
        for entry, difference, over_worlds in zip_longest(
            found.alternatives, (None, *found.differences), (None, *found.world_differences)
        )
    ]
    return {
        "scenario": found.alternatives[0].name,
        "overrides": list(found.alternatives[0].scenario.overrides),
        "replications": len(found.alternatives[0].replications),
        "seed": found.seed,
        "seconds": round(found.seconds, 3),
        "indifference_days": found.indifference_days,
        "alternatives": alternatives,
        "selection": _selection_json(found),
        "results": None if found.folder is None else str(found.folder),
    }


def _other_questions(found: AlternativeRuns) -> list[Block]:
    """Alternatives with another force or deadline than the first: their days and shares are of another question."""
    first = found.alternatives[0].scenario
    lines: list[Block] = []
    for entry in found.alternatives[1:]:
        days, troops = entry.scenario.question.deadline_days, entry.scenario.troops_required
        said = [f"C+{days:g} instead of C+{first.question.deadline_days:g}"] * (days != first.question.deadline_days)
        said += [f"{troops:,} troops instead of {first.troops_required:,}"] * (troops != first.troops_required)
        if said:
            text = f"  {entry.title} asks another question: {' and '.join(said)}. Its shares are of its own."
            lines.append(Span(text, "unsure"))
    return [*lines, ""] if lines else []


def _in_time(found: AlternativeRuns) -> list[Block]:
    """A sentence an alternative on share in time and mobility delay, which may move where the last day does not."""
    lines: list[Block] = [f"  Troops in time, by C+{found.deadline_days:g}, against {found.alternatives[0].title}:"]
    for entry, difference in zip(found.alternatives[1:], found.differences, strict=True):
        runs = len(entry.replications)
        said = filter(None, (share_in_words(difference, runs), delay_in_words(difference, runs)))
        lines.append(f"    {entry.title}: {'; '.join(said)}")
    return [*lines, ""]


def _selection_json(found: AlternativeRuns) -> dict[str, Any]:
    """Which brings a soldier in soonest, see `AlternativeRuns.selection`; null while that is not decided."""
    selection, names = found.selection, [entry.name for entry in found.alternatives]
    return {
        "soonest": None if selection.best is None else names[selection.best],
        "in_question": [names[place] for place in selection.left],
        "runs_used": selection.rows,
        "runs_needed": selection.needed or None,
        "next_runs": {name: known_or_none(share) for name, share in found.next_runs.items()},
    }


def _selection(found: AlternativeRuns) -> list[Block]:
    """The same in a sentence, where there is more than one to choose from besides the first."""
    if len(found.alternatives) < 3:
        return []
    selection, titles = found.selection, [entry.title for entry in found.alternatives]
    if selection.best is not None:
        said = f"{titles[selection.best]} (95 %: best, or within {INDIFFERENT_DELAY_DAYS:g} days of the best)"
        return [f"  A soldier is closed soonest in the mean with {said}", ""]
    between = ", ".join(titles[place] for place in selection.left[:4])
    between += f" and {len(selection.left) - 4} more" if len(selection.left) > 4 else ""
    more = f"; {selection.needed:,} runs of each decide at the latest" if selection.needed else ""
    return [f"  With which a soldier is closed soonest is not decided between {between}{more}", ""]


def _portfolios(found: AlternativeRuns) -> list[Block]:
    """By when each portfolio can stand, what else is built for it, and what is there already."""
    lines: list[Block] = []
    for entry in found.alternatives:
        about = entry.about
        if not about.projects:
            continue
        said = "is there already" if about.built_before == about.projects else f"can stand by {about.stands_by}"
        if found.year is not None and about.stands_by is not None and about.stands_by > found.year:
            said += f", after {found.year}, the year of the network,"
        said += f", with {' and '.join(about.needed)}, needed before" if about.needed else ""
        partly = about.built_before and about.built_before != about.projects
        said += f"; {' and '.join(about.built_before)} stands already and costs nothing again" if partly else ""
        low, typical, high = (f"{value - _first_cost(found):,.1f}" for value in about.cost_bn_eur)
        lines.append(f"  {entry.name}: {said}; EUR {typical} bn ({low} to {high})")
    if lines:
        lines += [
            "  A portfolio can stand by a year if there is money for it at once; by a year is on 1 July of it.",
            "",
        ]
    return lines


def _plans(found: AlternativeRuns) -> str:
    """Whose plan each alternative was run with, on one line."""
    by_words: dict[str, list[str]] = {}
    for entry in found.alternatives:
        by_words.setdefault(found.plan_words(entry), []).append(entry.name)
    return "  Plans: " + "; ".join(f"{', '.join(names)} {said}" for said, names in by_words.items())


def _first_cost(found: AlternativeRuns) -> float:
    return found.alternatives[0].cost_bn_eur


_TONES: dict[str, Style] = {
    "sooner": "good",
    "closes more often": "good",
    "later": "bad",
    "closes less often": "bad",
    "cannot tell apart": "unsure",
    "too few runs to tell": "unsure",
}


def blocks(found: AlternativeRuns) -> list[Block]:
    """The comparison for people."""
    runs = len(found.alternatives[0].replications)
    columns = [
        words("", 12),
        numbers("closure\nday"),
        numbers("not\nclosed"),
        numbers(f"closed\nby C+{found.deadline_days:g}"),
        numbers("days\nagainst\nthe first"),
        numbers("95 %\ntogether"),
        numbers("EUR\nbn"),
        numbers("no\nschedule\nbeats"),
        words("verdict"),
    ]
    lines: list[Block] = [
        Span(f"Against {found.alternatives[0].title}, {runs} paired runs", "strong"),
        f"Intervals hold together at 95 %; less than {found.indifference_days:g} days does not matter",
        "",
        table(columns, [_told(row, runs) for row in found.rows]),
        "",
        *_other_questions(found),
        *worlds.alternatives_blocks(found),
        *_in_time(found),
        *_selection(found),
        *_portfolios(found),
        _plans(found),
    ]
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def markdown(found: AlternativeRuns, _: int | None = None) -> str:
    """The comparison as a table of the docs."""
    heads = ["alternative", "closure day (mean)", f"in time by C+{found.deadline_days:g}", "days against the first"]
    heads += ["delay, days", "EUR bn (low to high)", "plan", "verdict"]
    lines = [
        f"{len(found.alternatives[0].replications)} paired runs; intervals hold together at 95 %.",
        "",
        f"| {' | '.join(heads)} |",
        "|---|" + "--:|" * 5 + "---|---|",
    ]
    for row in found.rows:
        known = not math.isnan(row["difference_days"])
        low, typical, high = (f"{row[name]:,.1f}" for name in ("cost_low_bn_eur", "cost_bn_eur", "cost_high_bn_eur"))
        cells = [row["title"], "never" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}"]
        cells += [f"{row['on_time_share']:.0%}", signed(row["difference_days"]) + interval_words(row) if known else ""]
        cells.append(signed(row["difference_delay_days"], 2) if known else "")
        cells += [typical if low == high else f"{typical} ({low} to {high})", row["plan"], row["verdict"]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _told(row: dict[str, Any], runs: int) -> list[Entry]:
    known = not math.isnan(row["difference_days"])
    bound = row["bound_day"]
    return [
        row["title"],
        "never" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}",
        f"{row['unclosed']} of {runs}" if row["unclosed"] else "",
        f"{row['on_time_share']:.0%}",
        signed(row["difference_days"]) if known else "",
        interval_words(row).strip(" ()"),
        f"{row['cost_bn_eur']:,.1f}",
        "" if math.isnan(bound) else "never" if math.isinf(bound) else f"C+{bound:.1f}",
        Span(row["verdict"], _TONES.get(row["verdict"], "")),
    ]
