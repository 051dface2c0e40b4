"""The answer of a study that varies all unknowns together: for people, and as one JSON object."""

from __future__ import annotations

from typing import Any

from flanksim.measure.global_runs import GlobalRuns
from flanksim.measure.robust import MEASURES
from flanksim.measure.statistics import known_or_none
from flanksim.terminal import Block, Span, numbers, table, words

#: Numbers on the screen.
MOST = 12


def as_json(found: GlobalRuns) -> dict[str, Any]:
    """The study for machines: a row a number and measure; what the other method would give is null."""
    return {
        "scenario": found.scenario.name,
        "overrides": list(found.scenario.overrides),
        "seed": found.seed,
        "method": found.method,
        "points": len(found.points),
        "runs_of_each": found.runs,
        "variances": {name: known_or_none(value) for name, value in found.variances.items()},
        "effects": [
            {name: known_or_none(value) if isinstance(value, float) else value for name, value in row.items()}
            for row in found.effects
        ],
        "seconds": round(found.seconds, 3),
        "results": None if found.folder is None else str(found.folder),
    }


def blocks(found: GlobalRuns, most: int = MOST) -> list[Block]:
    """The numbers that move the answer most, for people."""
    morris = found.method == "morris"
    day = f"C+{found.scenario.question.deadline_days:g}"
    heads = [("a soldier", "days"), ("last day", "days"), (f"late by {day}", "points")]
    columns = [words("", 34), words("low, typical,\nhigh", 12)]
    columns += [numbers(f"{head},\n{unit if morris else 'first / total %'}") for head, unit in heads]
    by_number: dict[str, list[dict[str, Any]]] = {}
    for row in found.effects:
        by_number.setdefault(row["number"], []).append(row)
    values = {number.name: number.values for number in found.numbers}
    rows = [
        [of[0]["title"], values[name], *((_morris if morris else _sobol)(row) for row in of)]
        for name, of in list(by_number.items())[:most]
    ]
    return [
        Span(f"Which unknowns move the answer together: {len(found.numbers)} numbers, {found.method}", "strong"),
        f"{len(found.points):,} points with {found.runs} run{'s' * (found.runs != 1)} of each, the same random numbers",
        "",
        table(columns, rows),
        "",
        *(f"  {line}" for line in _reading(found)),
        *([] if found.folder is None else ["", f"  {found.folder}"]),
        Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet"),
    ]


def _morris(row: dict[str, Any]) -> str:
    """``+4.2 (3.1-5.3; 1.8)``: mean effect, interval of its size, and how much it differs."""
    low, high = max(0.0, row["size"] - row["size_half"]), row["size"] + row["size_half"]
    return f"{row['mean']:+.2f} ({low:.1f}-{high:.1f}; {row['spread']:.1f})"


def _sobol(row: dict[str, Any]) -> str:
    return f"{100 * row['first']:.0f} / {100 * row['total']:.0f} (±{100 * row['total_half']:.0f})"


def _reading(found: GlobalRuns) -> list[str]:
    if found.method == "morris":
        said = "Mean effect of going from a number's low to its high value, the others anywhere; in brackets"
        return [
            f"{said} the 95 % interval of its size, and its standard deviation",
            "A large deviation: what the number does depends on the others, or is no straight line",
        ]
    spread = ", ".join(f"{found.variances[name] ** 0.5:.2f} {unit} ({name})" for name, unit in MEASURES.items())
    return [
        f"Standard deviation over all unknowns: {spread}",
        "First: what goes of the variance if this number alone is known. Total: what stays if all others are",
        "In brackets the half-width of its 95 % interval; few points (--base) make it wide",
    ]
