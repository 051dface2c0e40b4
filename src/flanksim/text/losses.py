"""The answer of losses: for people, as one JSON object, and as a table of the docs."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure.best_buys import SAME_PLAN
from flanksim.measure.losses import REPLANNED, SECOND, LossRuns, spare
from flanksim.measure.replications import INDIFFERENT_DELAY_DAYS
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Interval
from flanksim.terminal import Block, Span, numbers, table, words
from flanksim.text.best_buys import amount, today_in_words
from flanksim.text.phrases import signed

#: Kinds of assets in words.
_KINDS = {"fleet": "lift"}
_MEASURES = (
    ("last day later, days", "closure_days_later", 1, 1.0),
    ("a soldier later, days", "soldier_days_later", 2, 1.0),
    ("points by C+{day:g}", "in_time_share_change", 1, 100.0),
)


def as_json(found: LossRuns) -> dict[str, Any]:
    """Losses for machines."""
    today = found.alternatives[0]
    return {
        "scenario": found.scenario.name,
        "overrides": list(found.scenario.overrides),
        "year": found.year,
        "seed": found.seed,
        "replications": found.pairs,
        "seconds": round(found.seconds, 3),
        "from_day": found.from_day,
        "to_day": found.to_day,
        "foreseen": found.foreseen,
        "indifference_days": found.indifference_days,
        "claims": found.claims,
        "today": {
            "closure_day": today.closure_day().as_json(),
            "on_time_share": today.on_time_share().as_json(),
            "mobility_delay_days": today.mobility_delay().as_json(),
            "runs": len(today.replications),
        },
        "losses": [
            {"asset": row["assets"][0], "kind": row["kinds"][0], "title": row["title"]}
            | _days(found)
            | _row(row)
            | {"spare": None if (best := spare(row)) is None else _cure(best), "cures": [*map(_cure, row["cures"])]}
            for row in found.ranked
        ],
        "pairs": [_pair(found, row) for row in found.pair_rows],
        "worst_pair": None if found.worst_pair is None else _pair(found, found.worst_pair),
        "results": None if found.folder is None else str(found.folder),
    }


def _days(found: LossRuns) -> dict[str, float]:
    return {"from_day": found.from_day, "to_day": found.to_day}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    content = {name: value.as_json() for name, value in row.items() if isinstance(value, Interval)}
    return content | {name: row[name] for name in ("troops", "unclosed", "pairs", "sure", "costs")}


def _pair(found: LossRuns, row: dict[str, Any]) -> dict[str, Any]:
    both = [{"asset": key, "kind": kind} for key, kind in zip(row["assets"], row["kinds"], strict=True)]
    apart = {"apart_soldier_days_later": row["apart_soldier_days_later"]}
    return {"assets": both, "title": row["title"]} | _days(found) | _row(row) | apart


def _cure(row: dict[str, Any]) -> dict[str, Any]:
    content = {name: value.as_json() for name, value in row.items() if isinstance(value, Interval)}
    low, typical, high = row["cost_bn_eur"]
    cost = None if row["kind"] == SECOND else {"low": low, "typical": typical, "high": high}
    return (
        {name: row[name] for name in ("kind", "key", "title", "helps", "cures", "sure")}
        | content
        | {"cost_bn_eur": cost}
    )


def blocks(found: LossRuns) -> list[Block]:
    """Losses for people: the dearest first, what would cure them, the worst pair."""
    day = found.deadline_days
    columns = [
        words("", 16),
        words("", 7),
        numbers("last day\nlater"),
        numbers("a soldier\nlater"),
        numbers(f"points\nby C+{day:g}"),
        numbers("pairs"),
        words("sure", 12),
    ]
    lines: list[Block] = [Span(_head(found), "strong"), today_in_words(found), ""]
    rows = [[row["title"], _kind(row), *_short(row), str(row["pairs"]), _tone(row)] for row in found.ranked]
    lines.append(table(columns, rows))
    if cures := [(row, cure) for row in found.ranked for cure in row["cures"]]:
        heads = [words("lost", 14), words("with", 20), numbers("a soldier\nsooner"), numbers("then still\nlater"),
                 words("sure", 12)]  # fmt: skip
        said = [
            [row["title"], _with(cure), *(_half(cure[name], 2, row["pairs"]) for name in _CURED), cure["sure"]]
            for row, cure in cures
        ]
        lines += ["", Span("What would make up for the dearest", "strong"), table(heads, said)]
    lines += ["", *(f"  {line}" for line in [*_pairs(found), *_reading(found)]), ""]
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


_CURED = ("soldier_days_saved", "soldier_days_left")


def markdown(found: LossRuns, most: int | None = None) -> str:
    """The tables of the docs, with how they were made; of a short one the first rows alone.

    Parameters
    ----------
    most
        Rows; all of them if not given.
    """
    heads = [head.format(day=found.deadline_days) for head, *_ in _MEASURES]
    lines = [f"{_head(found)}. {today_in_words(found)}.", ""]
    lines += [f"| lost | | soldiers that rely on it | {' | '.join(heads)} | pairs | sure | what would cure it |"]
    lines += ["|---|---|--:|" + "--:|" * (len(heads) + 1) + "---|---|"]
    for row in found.ranked if most is None else found.ranked[:most]:
        cells = [_interval(row[name], digits, factor, row["pairs"]) for _, name, digits, factor in _MEASURES]
        best = spare(row)
        name = f"**{row['title']}**" if row["costs"] else row["title"]
        lines.append(
            f"| {name} | {_kind(row)} | {row['troops']:,} | {' | '.join(cells)} | {row['pairs']} | {row['sure']} | "
            f"{'' if best is None else _with(best)} |"
        )
    if most is None:
        cures = [(row, cure) for row in found.ranked for cure in row["cures"]]
        if cures:
            lines += [
                "",
                "| lost | with | a soldier sooner, days | then still later, days | EUR bn | sure |",
            ]
            lines += ["|---|---|--:|--:|--:|---|"]
        for row, cure in cures:
            cells = [_interval(cure[name], 2, 1.0, row["pairs"]) for name in _CURED]
            cost = "" if cure["kind"] == SECOND else amount(cure["cost_bn_eur"][1])
            lines.append(f"| {row['title']} | {_with(cure)} | {' | '.join(cells)} | {cost} | {cure['sure']} |")
        lines += ["", *(f"- {line}." for line in [*_pairs(found), *_reading(found)])]
    return "\n".join(lines) + "\n"


def _head(found: LossRuns) -> str:
    plan = "the plan made with the loss known" if found.foreseen else "today's plan"
    return (
        f"Which loss costs most: each asset out from C+{found.from_day:g} to the end of C+{found.to_day:g}, with {plan}"
    )


def _kind(row: dict[str, Any]) -> str:
    return _KINDS.get(row["kinds"][0], str(row["kinds"][0]))


def _with(cure: dict[str, Any]) -> str:
    return f"{cure['title']} ({cure['key']})" if cure["key"] else str(cure["title"])


def _interval(found: Interval, digits: int, factor: float, pairs: int) -> str:
    """``+3.1 (+1.0 to +5.2)``; of too few pairs the mean alone, of none nothing."""
    if math.isnan(found.mean):
        return ""
    said = signed(factor * found.mean, digits)
    if pairs < FEWEST_FOR_AN_INTERVAL or math.isnan(found.low) or found.low == found.high:
        return said
    return f"{said} ({signed(factor * found.low, digits)} to {signed(factor * found.high, digits)})"


def _half(found: Interval, digits: int, pairs: int, factor: float = 1.0) -> str:
    """The mean with half of the interval beside it."""
    if math.isnan(found.mean):
        return ""
    said, wide = signed(factor * found.mean, digits), factor * (found.high - found.low) / 2
    return said if pairs < FEWEST_FOR_AN_INTERVAL or not wide > 0 else f"{said} ±{wide:.{digits}f}"


def _short(row: dict[str, Any]) -> list[str]:
    return [_half(row[name], digits, row["pairs"], factor) for _, name, digits, factor in _MEASURES]


def _tone(row: dict[str, Any]) -> Span:
    return Span("zero by proof" if row["sure"] == SAME_PLAN else row["sure"], "bad" if row["costs"] else "unsure")


def _pairs(found: LossRuns) -> list[str]:
    row = found.worst_pair
    if row is None:
        return []
    together = f"{signed(row['soldier_days_later'].mean, 2)} days of a soldier"
    apart = f"what they cost each alone adds up to {signed(row['apart_soldier_days_later'], 2)}"
    count = len(found.pair_rows)
    return [f"Worst pair of the {count} that were run: {row['title']}, {together} ({row['sure']}); {apart}"]


def _reading(found: LossRuns) -> list[str]:
    together = (
        f"Intervals of one column hold together at 95 % over all {found.claims} differences that are stated "
        "(Bonferroni); a loss is sure where its interval leaves out zero and its mean is more than what matters: "
        f"{found.indifference_days:g} days, one point, {INDIFFERENT_DELAY_DAYS:g} days of a soldier"
    )
    lines = [together]
    if not found.foreseen:
        lines.append(
            "The plan was made before the loss: who comes to what is lost waits until it is back, or goes round on "
            "the road or railway where that is sooner"
        )
    few = sum(0 < row["pairs"] < found.pairs for row in found.ranked)
    if few:
        lines.append(f"{few} of them moved no measure by half of what matters in their first pairs, and got no more")
    proved = [row["title"] for row in found.ranked if row["sure"] == SAME_PLAN]
    if proved:
        lines.append(f"Zero by proof, since the plan does not use them: {', '.join(proved)}")
    if any(cure["kind"] != REPLANNED for row in found.ranked for cure in row["cures"]):
        lines.append(
            "With a second one, or a project, the plan is made with both known; what a plan alone would save stands "
            "beside it"
            if not found.foreseen
            else "With a second one, or a project, the plan is made with both known"
        )
    return lines


def surely_costs(row: dict[str, Any]) -> dict[str, float]:
    """Of a row of `LossRuns.ranked` what a loss surely costs: the lower ends of its intervals, 0 where nothing."""
    names = ("closure_days_later", "soldier_days_later", "delay_days_later")
    return {name: max(0.0, row[name].low) if row["pairs"] else 0.0 for name in names}
