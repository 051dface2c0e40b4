"""The answer of a sensitivity study: for people, as one JSON object, and as tables of the docs."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure.replications import INDIFFERENT_DELAY_DAYS
from flanksim.measure.sensitivity import ENDS, NumberRuns
from flanksim.measure.statistics import known_or_none
from flanksim.scenario.schema import Scenario
from flanksim.terminal import Block, Span, numbers, table, words
from flanksim.text.best_buys import interval, today_in_words

#: Rows on the screen, and of the table of evidence.
MOST, MOST_EVIDENCE = 12, 50
_MEASURES = (("days", 1), ("points", 1), ("soldier", 2))


def as_json(found: NumberRuns) -> dict[str, Any]:
    """The study for machines."""
    return {
        "scenario": found.scenario.name,
        "overrides": list(found.scenario.overrides),
        "seed": found.seed,
        "replications": found.pairs,
        "seconds": round(found.seconds, 3),
        "numbers": [
            {name: known_or_none(value) if isinstance(value, float) else value for name, value in row.items()}
            for row in found.effects
        ],
        "results": None if found.folder is None else str(found.folder),
    }


def blocks(found: NumberRuns, most: int = MOST) -> list[Block]:
    """The numbers that move the answer most, for people."""
    day = f"C+{found.deadline_days:g}"
    columns = [words("", 30), words("low, typical,\nhigh", 10)]
    columns += [numbers(f"{head}\nlow / high") for head in ("last day later", f"points by {day}", "soldier later")]
    columns.append(words("sure", 12))
    rows = [
        [
            row["title"],
            row["values"],
            *(" / ".join(_plain(row, end, name, digits) for end in _ends(row)) for name, digits in _MEASURES),
            _sure(row),
        ]
        for row in found.effects[:most]
    ]
    lines: list[Block] = [Span(_head(found), "strong"), today_in_words(found), "", table(columns, rows), ""]
    lines += [f"  {line}" for line in _reading(found)]
    if found.folder is not None:
        lines += ["", f"  {found.folder}"]
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def markdown(found: NumberRuns, most: int | None = None) -> str:
    """The table of the docs: the first numbers with what each end does and how sure that is.

    Parameters
    ----------
    most
        Rows; twelve if not given.
    """
    heads = ["number", "low, typical, high", "last day later, low and high", f"points by C+{found.deadline_days:g}"]
    heads += ["a soldier later, days", "pairs", "sure"]
    lines = [
        f"{_head(found)}. {today_in_words(found)}.",
        "",
        f"| {' | '.join(heads)} |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for row in found.effects[: most or MOST]:
        cells = [row["title"], row["values"]]
        cells += [" and ".join(_interval(row, end, name, digits) for end in _ends(row)) for name, digits in _MEASURES]
        cells += [" and ".join(str(row[f"{end}_pairs"]) for end in _ends(row))]
        cells.append(_sure(row))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"- {line}." for line in _reading(found))]) + "\n"


def evidence(found: NumberRuns, most: int | None = None) -> str:
    """The table of the docs on what the numbers that matter most rest on.

    Parameters
    ----------
    most
        Rows; fifty if not given.
    """
    lines = [
        "| number | what it does at most, days of a soldier | rows | how it was found | sources |",
        "|---|--:|--:|---|---|",
    ]
    for row in found.effects[: most or MOST_EVIDENCE]:
        cells = [row["title"], f"{row['most_soldier']:.2f}", f"{row['rows']:,}", row["evidence"]]
        cells.append("; ".join(_citation(found.scenario, key) for key in row["sources"].split(", ")))
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def mechanisms(found: NumberRuns, most: int | None = None) -> str:
    """The table of the docs on what each mechanism does.

    Parameters
    ----------
    most
        Rows; all of them if not given.
    """
    day = f"C+{found.deadline_days:g}"
    heads = [
        "mechanism turned over",
        "closure day",
        "days later",
        f"points by {day}",
        "a soldier later, days",
        "pairs",
        "sure",
    ]
    lines = [f"{today_in_words(found)}.", "", f"| {' | '.join(heads)} |", "|---|" + "--:|" * 5 + "---|"]
    today = found.alternatives[0].closure_day().mean
    for row in found.effects[:most]:
        end = ENDS[0]
        closed = today + row[f"{end}_days"]  # of pairs: today's mean is over more runs than some of these have
        cells = [row["title"], "never" if math.isnan(closed) else f"C+{closed:.1f}"]
        cells += [_interval(row, end, name, digits) for name, digits in _MEASURES]
        lines.append(f"| {' | '.join([*cells, str(row[f'{end}_pairs']), row[f'{end}_sure']])} |")
    return "\n".join([*lines, "", *(f"- {line}." for line in _reading(found)[1:])]) + "\n"


def _citation(scenario: Scenario, key: str) -> str:
    row = scenario.sources.get(key)
    return key if row is None or not row.citation else row.citation


def _head(found: NumberRuns) -> str:
    return f"Which unknown moves the answer: each number alone at its low and high value, {found.alternatives[0].title}"


def _ends(row: dict[str, Any]) -> list[str]:
    return str(row["ends"]).split("/")


def _sure(row: dict[str, Any]) -> str:
    """What is sure of both ends: one word where it is the same of both."""
    said = [row[f"{end}_sure"] for end in _ends(row)]
    return said[0] if len(set(said)) == 1 else "; ".join(f"{end}: {word}" for end, word in zip(ENDS, said, strict=True))


def _plain(row: dict[str, Any], end: str, name: str, digits: int) -> str:
    return f"{row[f'{end}_{name}']:+.{digits}f}" if row[f"{end}_pairs"] else "0"


def _interval(row: dict[str, Any], end: str, name: str, digits: int) -> str:
    if not row[f"{end}_pairs"]:
        return "0"
    named = {f"x{part}": row[f"{end}_{name}{part}"] for part in ("", "_low", "_high")}
    return interval(named | {"pairs": row[f"{end}_pairs"]}, "x", digits)


def _reading(found: NumberRuns) -> list[str]:
    still = [row for row in found.effects if not any(row[f"{end}_pairs"] for end in _ends(row))]
    few = sum(0 < row[f"{end}_pairs"] < found.pairs for row in found.effects for end in _ends(row))
    order = (
        f"{len(found.numbers)} numbers in all, in order of what they do to a soldier in the mean; "
        "rows of one kind are one number, since what is wrong with one is mostly wrong with all"
    )
    together = (
        f"Intervals of one column hold together at 95 % over the {len(found.alternatives) - 1} ends that were run"
    )
    lines = [order, together]
    if few:
        lines.append(
            f"{few} ends moved no measure by half of what matters ({found.indifference_days:g} days, one point, "
            f"{INDIFFERENT_DELAY_DAYS:g} days of a soldier) in their first pairs, and got no more"
        )
    if still:
        lines.append(f"{len(still)} numbers change nothing by proof: at both ends the plan is today's")
    return lines
