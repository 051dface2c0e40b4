"""What a scenario's numbers rest on: how many rows were looked up, and which numbers are least known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flanksim.scenario.rows import Parameter, Row
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import OWNED
from flanksim.terminal import Block, Span, numbers, table, words

BASES = ("looked_up", "derived", "recalled", "assumed")
CONFIDENCES = ("H", "M", "L")


@dataclass(frozen=True, slots=True)
class TableEvidence:
    """Rows of one table by basis and by confidence; `class_default` counts rows of any basis that use one."""

    table: str
    rows: int
    basis: dict[str, int]
    class_default: int
    confidence: dict[str, int]


def evidence_line(scenario: Scenario) -> str:
    """In a sentence: the share of links, facilities and fleets that were looked up or derived."""
    rows = [*scenario.links.values(), *scenario.facilities.values(), *scenario.fleets.values()]
    known = sum(row.basis in ("looked_up", "derived") for row in rows)
    notional = (
        "notional order of battle; " if any("notional" in unit.source for unit in scenario.units.values()) else ""
    )
    share = known / len(rows) if rows else 0.0
    what = "links, facilities and fleets looked up or derived, the rest recalled or assumed"
    text = f"{notional}{share:.0%} of {len(rows):,} {what}"
    return text[0].upper() + text[1:]


def evidence_of_tables(scenario: Scenario) -> list[TableEvidence]:
    """One entry for each table that has rows, in the order of the docs."""
    found = []
    for name in OWNED:
        rows: list[Row] = list(getattr(scenario, name).values())
        if rows:
            basis = Counter(str(row.basis) for row in rows)
            confidence = Counter(str(row.confidence) for row in rows)
            found.append(
                TableEvidence(
                    name,
                    len(rows),
                    {key: basis[key] for key in BASES},
                    sum(uses_class_default(row) for row in rows),
                    {key: confidence[key] for key in CONFIDENCES},
                )
            )
    return found


def evidence_of_all(entries: Sequence[TableEvidence]) -> TableEvidence:
    """The evidence of several tables together, as a table called ``all``."""
    return TableEvidence(
        "all",
        sum(entry.rows for entry in entries),
        _sum(entry.basis for entry in entries),
        sum(entry.class_default for entry in entries),
        _sum(entry.confidence for entry in entries),
    )


def uses_class_default(row: Row) -> bool:
    """Whether a row says that it, or a part of it, is one value for every link, port or field of its class."""
    return row.source == "class_default" or "class default" in row.note


def least_known(scenario: Scenario) -> list[tuple[str, Parameter]]:
    """Parameters of the lowest confidence that occurs, those with the widest range first.

    The range is high over low; a parameter without a range comes last, not because it is known but because
    nobody has said how well.
    """
    present = {row.confidence for row in scenario.parameters.values()}
    lowest = next((level for level in reversed(CONFIDENCES) if level in present), "L")
    rows = [(name, row) for name, row in scenario.parameters.items() if row.confidence == lowest]
    return sorted(rows, key=lambda item: (-_range(item[1]), item[0]))


def _range(row: Parameter) -> float:
    """High over low; infinite where low is 0 and high is not, 1 where no range is stated."""
    low = row.typical if row.low is None else row.low
    high = row.typical if row.high is None else row.high
    if low == high:
        return 1.0
    return high / low if low > 0 else math.inf


def blocks(scenario: Scenario, most: int = 12) -> list[Block]:
    """The evidence of every table and the parameters that are least known, for people."""
    entries = evidence_of_tables(scenario)
    total = evidence_of_all(entries)
    heads = [
        "rows",
        "looked\nup",
        "derived",
        "recalled",
        "assumed",
        "of them with\nclass default",
        "high",
        "medium",
        "low",
    ]
    least = least_known(scenario)
    found: list[Block] = [
        Span("What the numbers rest on: rows by basis, and with which confidence", "strong"),
        "",
        table([words("table"), *map(numbers, heads)], [_row(entry) for entry in (*entries, total)]),
    ]
    if least:
        level = {"H": "high", "M": "medium", "L": "low"}[least[0][1].confidence]
        columns = [words("parameter", 40), numbers("low"), numbers("typical"), numbers("high"), words("unit")]
        found += [
            "",
            Span(f"Parameters with {level} confidence, the widest range first", "strong"),
            "",
            table([*columns, words("meaning", 24)], [_parameter(*item) for item in least[:most]]),
        ]
        if len(least) > most:
            found.append(f"  and {len(least) - most} more with {level} confidence in parameters.csv")
    return found


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for entry in counts:
        total.update(entry)
    return dict(total)


def _row(entry: TableEvidence) -> list[str]:
    numbers = [
        entry.rows,
        *(entry.basis.get(key, 0) for key in BASES),
        entry.class_default,
        *(entry.confidence.get(key, 0) for key in CONFIDENCES),
    ]
    return [entry.table.replace("_", " "), *(f"{value:,}" for value in numbers)]


def _parameter(name: str, row: Parameter) -> list[str]:
    low, high = (row.typical if value is None else value for value in (row.low, row.high))
    values = [f"{value:g}" for value in (low, row.typical, high)]
    return [name, *values, row.unit, row.meaning]
