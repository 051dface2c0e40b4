"""The answer of a robust study: for people, and as one JSON object."""

from __future__ import annotations

from typing import Any

from flanksim.measure.robust import MEASURES, RobustRuns
from flanksim.measure.statistics import known_or_none, t_interval
from flanksim.terminal import Block, Span, numbers, table, words
from flanksim.text.worlds import how_many, same_ways_words, worlds_json

#: Numbers that are told as worth knowing.
MOST = 5
_SAID = {
    "soldier": "the day on which a soldier is closed in the mean",
    "last-day": "the closure day",
    "late": "the troops that are not closed by the deadline, in per cent",
}
_RULES = {
    "mean": "best in the mean",
    "least_regret": "least worst regret",
    "most_often_enough": "most often enough",
}


def as_json(found: RobustRuns) -> dict[str, Any]:
    """The study for machines. Outcomes and regrets: a row a world, a column an alternative, less is better."""
    names = [entry.name for entry in found.alternatives]
    return {
        "scenario": found.alternatives[0].name,
        "overrides": list(found.scenario.overrides),
        "seed": found.seed,
        "measure": found.measure,
        "unit": MEASURES[found.measure],
        "enough": found.enough,
        "alternatives": [
            {
                "name": entry.name,
                "title": entry.title,
                "cost_bn_eur": round(entry.cost_bn_eur, 6),
                "outcome": t_interval(found.outcomes[:, place].tolist()).as_json(),
                "worst_regret": known_or_none(float(found.regrets[:, place].max())),
                "mean_regret": known_or_none(float(found.regrets[:, place].mean())),
                "enough_in": int((~found.fails[:, place]).sum()),
                "fails_if": _condition_json(found, entry.name),
                "worlds": worlds_json(entry.worlds),
            }
            for place, entry in enumerate(found.alternatives)
        ],
        "outcomes": [[known_or_none(value) for value in row] for row in found.outcomes.tolist()],
        "regrets": [[known_or_none(value) for value in row] for row in found.regrets.tolist()],
        "choices": {rule: names[place] for rule, place in found.choices.items()},
        "value_of_perfect_information": known_or_none(found.perfect_information),
        "worth_knowing": [
            {
                "number": entry.name,
                "worth": known_or_none(entry.worth),
                "by_chance": known_or_none(entry.by_chance),
            }
            for entry in found.worth_knowing
        ],
        "seconds": round(found.seconds, 3),
        "results": None if found.folder is None else str(found.folder),
    }


def _condition_json(found: RobustRuns, name: str) -> dict[str, Any] | None:
    box = found.conditions[name]
    if box is None:
        return None
    named = list(found.numbers.items())
    return {
        "words": found.condition_words(box),
        "numbers": [
            {
                "number": named[column][0].name,
                "low": None if low <= 0.0 else known_or_none(named[column][1].at(low)),
                "high": None if high >= 1.0 else known_or_none(named[column][1].at(high)),
                "accident": known_or_none(box.accident[column]),
            }
            for column, (low, high) in sorted(box.limits.items())
        ],
        "worlds": box.inside,
        "failures": box.failed_inside,
        "all_failures": box.failed,
    }


def blocks(found: RobustRuns) -> list[Block]:
    """The study for people: regrets, choices, conditions, what is worth finding out."""
    first, day = found.alternatives[0].worlds, f"C+{found.deadline_days:g}"
    many = "" if first is None else how_many(first)
    columns = [
        words("", 20),
        numbers(f"in the\nmean\n{'C+' if found.measure != 'late' else '%'}"),
        numbers("worst\nregret"),
        numbers("mean\nregret"),
        numbers("best in\nworlds"),
        numbers(f"{found.enough:.0%}\nby {day} in\nworlds"),
        numbers("EUR\nbn"),
    ]
    count = len(found.outcomes)
    rows = [
        [
            entry.title,
            f"{found.outcomes[:, place].mean():.1f}",
            f"{found.regrets[:, place].max():.1f}",
            f"{found.regrets[:, place].mean():.1f}",
            f"{int((found.regrets[:, place] <= 1e-9).sum())} of {count}",
            f"{int((~found.fails[:, place]).sum())} of {count}",
            f"{entry.cost_bn_eur:,.1f}",
        ]
        for place, entry in enumerate(found.alternatives)
    ]
    lines: list[Block] = [
        Span(f"Which is good whatever the world: {len(found.alternatives)} alternatives, {many}", "strong"),
        f"Judged by {_SAID[found.measure]}; regret is against the best in the same world, {MEASURES[found.measure]}",
        "",
        table(columns, rows),
        "",
        *(f"  {line}" for line in _choices(found)),
        "",
        *(f"  {line}" for line in _conditions(found)),
        "",
        *(f"  {line}" for line in _worth(found)),
    ]
    if first is not None and (note := same_ways_words(first)):
        lines.append(f"  {note}")
    if found.folder is not None:
        lines += ["", f"  {found.folder}"]
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def _choices(found: RobustRuns) -> list[str]:
    by_place: dict[int, list[str]] = {}
    for rule, place in found.choices.items():
        by_place.setdefault(place, []).append(_RULES[rule])
    return [f"{', '.join(rules).capitalize()}: {found.alternatives[place].title}" for place, rules in by_place.items()]


def _conditions(found: RobustRuns) -> list[str]:
    day, count = f"C+{found.deadline_days:g}", len(found.outcomes)
    lines = [f"Fewer than {found.enough:.0%} of the troops are closed by {day}"]
    for place, entry in enumerate(found.alternatives):
        failed, box = int(found.fails[:, place].sum()), found.conditions[entry.name]
        if failed in (0, count):
            lines.append(f"  with {entry.title}: in {'no' if not failed else 'every'} world")
        elif box is None:
            lines.append(f"  with {entry.title}: in {failed} of {count} worlds; no condition in a few numbers is sure")
        else:
            said = f"where {found.condition_words(box)}: in {box.failed_inside} of {box.inside} such worlds"
            lines.append(f"  with {entry.title}: {said}, {failed} of {count} in all")
    return lines


def _worth(found: RobustRuns) -> list[str]:
    unit = MEASURES[found.measure]
    whole = f"Knowing everything before the choice would be worth {found.perfect_information:.2f} {unit} in the mean"
    if len(found.alternatives) < 2 or found.perfect_information < 0.005:
        return [f"{whole}: no number changes which alternative is best"]
    titles = {number.name: number.title for number in found.numbers}
    known = [entry for entry in found.worth_knowing if entry.worth > entry.by_chance][:MOST]
    if not known:
        limit = found.worth_knowing[0].by_chance if found.worth_knowing else 0.0
        return [f"{whole}; of no number alone is it sure with these worlds (above {limit:.2f})"]
    return [
        f"{whole}. Worth finding out first:",
        *(
            f"  {titles[entry.name]}: {entry.worth:.2f} {unit} (by chance up to {entry.by_chance:.2f})"
            for entry in known
        ),
    ]
