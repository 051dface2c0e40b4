"""The answer of best buys: for people, as one JSON object, and as a table of the docs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.best_buys import BUILT, NOT_MODELLED, SAME_PLAN, ActionRuns, Untried
from flanksim.measure.replications import INDIFFERENT_DELAY_DAYS
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, known_or_none
from flanksim.terminal import Block, Span, numbers, table, words
from flanksim.text.phrases import signed

#: Rows on the screen.
MOST = 30
_HEADS = (
    "EUR bn (low to high)", "counts from", "last day sooner, days", "points by C+{day:g}", "a soldier sooner, days",
    "mobility delay saved, days", "pairs",
)  # fmt: skip


def as_json(found: ActionRuns) -> dict[str, Any]:
    """Best buys for machines."""
    return {
        "scenario": found.scenario.name,
        "overrides": list(found.scenario.overrides),
        "year": found.year,
        "seed": found.seed,
        "replications": found.pairs,
        "seconds": round(found.seconds, 3),
        "indifference_days": found.indifference_days,
        "today": {
            "closure_day": found.alternatives[0].closure_day().as_json(),
            "on_time_share": found.alternatives[0].on_time_share().as_json(),
            "mobility_delay_days": found.alternatives[0].mobility_delay().as_json(),
            "runs": len(found.alternatives[0].replications),
        },
        "actions": [
            {name: known_or_none(value) if isinstance(value, float) else value for name, value in row.items()}
            for row in found.buys
        ],
        "untried": [
            {
                "action": entry.name,
                "title": entry.about.title,
                "cost_bn_eur": known_or_none(entry.about.cost_bn_eur[1]),
                "why": entry.why,
            }
            for entry in found.untried
        ],
        "results": None if found.folder is None else str(found.folder),
    }


def blocks(found: ActionRuns, most: int = MOST) -> list[Block]:
    """Best buys for people: those that help most first, then what does nothing and what was not run."""
    day = found.deadline_days
    columns = [
        words("", 20),
        numbers("EUR bn"),
        numbers("from"),
        numbers("last day\nsooner"),
        numbers(f"points\nby C+{day:g}"),
        numbers("a soldier\nsooner"),
        numbers("pairs"),
        words("sure", 10),
    ]
    rows = [[("* " if row["frontier"] else "  ") + row["title"], *_short(row), _tone(row)] for row in found.buys[:most]]
    lines: list[Block] = [Span(_head(found), "strong"), today_in_words(found), "", table(columns, rows)]
    if len(found.buys) > most:
        lines.append(f"  and {len(found.buys) - most} more that save less")
    lines += ["", *(f"  {line}" for line in [*_reading(found), *_left_out(found.untried)]), ""]
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def markdown(found: ActionRuns, most: int | None = None) -> str:
    """The table of the docs, with how it was made; of a short one the first rows alone.

    Parameters
    ----------
    most
        Rows; all of them if not given.
    """
    heads = ["action", *(head.format(day=found.deadline_days) for head in _HEADS), "sure"]
    rows = found.buys if most is None else found.buys[:most]
    lines = [f"{_head(found)}. {today_in_words(found)}.", ""]
    lines += [f"| {' | '.join(heads)} |", "|---|" + "--:|" * len(_HEADS) + "---|"]
    lines += [f"| {_title(row)} | {' | '.join(_cells(row))} | {row['sure']} |" for row in rows]
    if most is None:
        lines += ["", "| lever | who decides | what it takes beside money |", "|---|---|---|"]
        lines += [f"| {row['title']} | {row['decides']} | {row['political']} |" for row in rows if row["lever"]]
        lines += ["", *(f"- {line}." for line in [*_reading(found), *_left_out(found.untried)])]
    return "\n".join(lines) + "\n"


def _title(row: dict[str, Any]) -> str:
    name = row["title"] if row["lever"] else f"{row['title']} ({row['action']})"
    return f"**{name}**" if row["frontier"] else name


def _head(found: ActionRuns) -> str:
    return f"What helps most for the money: each action alone against {found.alternatives[0].title}"


def today_in_words(found: AlternativeRuns) -> str:
    """What today's runs say, in a sentence without its full stop."""
    today = found.alternatives[0]
    closed, share, delay = today.closure_day(), today.on_time_share(), today.mobility_delay()
    day = "never" if math.isnan(closed.mean) else f"C+{closed.mean:.1f}"
    return (
        f"Today closed on {day} in the mean, {share.mean:.0%} of the troops by C+{found.deadline_days:g}, "
        f"mobility delay {delay.mean:.1f} days a soldier; {len(today.replications)} runs"
    )


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        money(row),
        "" if row["counts_from"] is None else str(row["counts_from"]),
        interval(row, "days_sooner", 1),
        interval(row, "points", 1),
        interval(row, "soldier_days_sooner", 2),
        interval(row, "delay_days_saved", 2),
        str(row["pairs"]),
    ]


def _short(row: dict[str, Any]) -> list[str]:
    """The cells of the screen: an interval is its half beside the mean, and the delay is left to the other outputs."""

    def half(name: str, digits: int) -> str:
        if math.isnan(row[name]):
            return ""
        said, wide = signed(row[name], digits), (row[f"{name}_high"] - row[f"{name}_low"]) / 2
        return said if row["pairs"] < FEWEST_FOR_AN_INTERVAL or not wide > 0 else f"{said} ±{wide:.{digits}f}"

    cells = _cells(row)
    return [
        cells[0].replace(" to ", "-"),
        cells[1],
        half("days_sooner", 1),
        half("points", 1),
        half("soldier_days_sooner", 2),
        cells[-1],
    ]


def _tone(row: dict[str, Any]) -> Span:
    good = row["closing_verdict"] == "sooner" or row["verdict"] == "sooner"
    bad = row["closing_verdict"] == "later" or row["verdict"] == "later"
    return Span(row["sure"], "good" if good and not bad else "bad" if bad else "unsure")


def money(row: dict[str, Any]) -> str:
    """``0.55 (0.20 to 1.1)``; what costs nothing says 0.

    Examples
    --------
    >>> money({"cost_bn_eur": 0.55, "cost_low_bn_eur": 0.2, "cost_high_bn_eur": 1.1})
    '0.55 (0.20 to 1.1)'
    """
    low, typical, high = (amount(row[name]) for name in ("cost_low_bn_eur", "cost_bn_eur", "cost_high_bn_eur"))
    return typical if low == typical == high else f"{typical} ({low} to {high})"


def amount(value: float) -> str:
    """EUR bn with as many digits as say something."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def interval(row: dict[str, Any], name: str, digits: int) -> str:
    """``+3.1 (+1.0 to +5.2)``; of too few pairs the mean alone, of none nothing."""
    if math.isnan(row[name]):
        return ""
    said = signed(row[name], digits)
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if row["pairs"] < FEWEST_FOR_AN_INTERVAL or math.isnan(low) or low == high:
        return said
    return f"{said} ({signed(low, digits)} to {signed(high, digits)})"


def _reading(found: ActionRuns) -> list[str]:
    count = len(found.buys)
    few = sum(row["pairs"] < found.pairs for row in found.buys)
    together = (
        f"Intervals of one column hold together at 95 % over all {count} that were run (Bonferroni), and a "
        "difference is sure where its interval leaves out zero and its mean is more than what matters: "
        f"{found.indifference_days:g} days, one point, {INDIFFERENT_DELAY_DAYS:g} days of a soldier"
    )
    lines = [
        "Positive is better; in bold, or with a star, with which a soldier is closed sooner than with anything cheaper",
        together,
        "Each stands alone: what several do together is not their sum",
    ]
    if few:
        lines.append(
            f"{few} of them moved no measure by half of what matters in their first pairs, and got no more: "
            "their means say how little, not whether"
        )
    return lines


def _left_out(untried: Sequence[Untried]) -> list[str]:
    def of(why: str) -> str:
        entries = [entry for entry in untried if entry.why == why]
        return (
            f"{len(entries)} action{'s' * (len(entries) != 1)}: " + ", ".join(entry.name for entry in entries)
            if entries
            else ""
        )

    said: Iterable[tuple[str, str]] = (
        (
            "Zero by proof, since nothing that they change is used by today's plan, which stays the same: ",
            of(SAME_PLAN),
        ),
        ("Not run, since the model cannot express what they do: ", of(NOT_MODELLED)),
        ("Not run, since they are there already: ", of(BUILT)),
    )
    return [f"{head}{names}" for head, names in said if names]
