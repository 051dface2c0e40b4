"""What differs between two scenarios, in words and by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flanksim.investment.schedule_table import row_in_words
from flanksim.scenario.difference import CALLED, Change, differences
from flanksim.scenario.rows import Row
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import TABLES
from flanksim.terminal import Block, Span, table, words

#: Rows of one table that are listed for people, and fields of a row.
_MOST_ROWS, _MOST_FIELDS = 30, 8


def as_json(first: Scenario, second: Scenario) -> dict[str, Any]:
    """What differs, for programs: ``same`` is whether both give the same answers."""
    found = differences(first, second)
    return {
        "first": {"name": first.name, "digest": first.digest},
        "second": {"name": second.name, "digest": second.digest},
        "same": not found,
        "comes_to": {name: list(pair) for name, pair in _comes_to(first, second).items()},
        "differences": [change.as_json() for change in found],
    }


def blocks(first: Scenario, second: Scenario) -> list[Block]:
    """What differs, for people."""
    found = differences(first, second)
    called = [name for name in CALLED if getattr(first, name) != getattr(second, name)]
    names = f"{first.name} and {second.name}" if first.name != second.name else f"the two scenarios {first.name}"
    if not found:
        but = f"; only {' and '.join(called)} differ{'s' * (len(called) == 1)}" if called else ""
        return [Span(f"{names}: the same settings and rows{but}", "good")]
    lines: list[Block] = [Span(f"{names}: {_counted(found)}", "strong")]
    comes_to = [[name, f"{one:,} → {other:,}"] for name, (one, other) in _comes_to(first, second).items()]
    if comes_to:
        lines.append(table([words("", 12), words("", 30)], comes_to))
    settings = [
        [f"{change.part}.{name}" if name else change.part, f"{_value(one)} → {_value(other)}"]
        for change in found
        if change.part not in TABLES
        for name, (one, other) in change.fields.items()
    ]
    if settings:
        lines += ["", Span("settings", "strong"), table([words("", 24), words("", 30)], settings)]
    for name in TABLES:
        own = [change for change in found if change.part == name]
        if own:
            lines += ["", *_table(name, own, first, second)]
    return lines


def _counted(found: Sequence[Change]) -> str:
    """How many settings differ, and how many rows of which tables."""
    settings = sum(len(change.fields) for change in found if change.part not in TABLES)
    rows = Counter(change.part for change in found if change.part in TABLES)
    parts = [f"{settings} setting{'s' * (settings != 1)}"] if settings else []
    parts += [f"{count:,} row{'s' * (count != 1)} of {name}" for name, count in rows.items()]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{listed} differ{'s' * (settings + sum(rows.values()) == 1)}"


def _comes_to(first: Scenario, second: Scenario) -> dict[str, tuple[int, int]]:
    """Sums in which the scenarios differ."""

    def sums(scenario: Scenario) -> dict[str, int]:
        return {
            "units that travel": len(scenario.travelling_units),
            "troops required": scenario.troops_required,
            "places": len(scenario.nodes),
            "links": len(scenario.links),
        }

    one, other = sums(first), sums(second)
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def _table(name: str, own: Sequence[Change], first: Scenario, second: Scenario) -> list[Block]:
    rows = []
    for change in own[:_MOST_ROWS]:
        of = first if change.kind == "removed" else second
        called = row_in_words(of, name, change.row)
        rows.append([change.row, called if called != change.row.replace("_", " ") else "", _said(change)])
    kinds = Counter(change.kind for change in own)
    counts = ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("changed", "added", "removed") if kinds[kind])
    lines: list[Block] = [
        Span(f"{name}: {counts}", "strong"),
        table([words("row", 10), words("what it is", 16), words("", 30)], rows),
    ]
    if len(own) > _MOST_ROWS:
        lines.append(f"  and {len(own) - _MOST_ROWS:,} more: --json gives all")
    return lines


def _said(change: Change) -> str:
    """The fields of a row: old and new, or what a row that only one has states."""
    fields = {name: pair for name, pair in change.fields.items() if name not in Row.model_fields} or change.fields
    if change.kind == "changed":
        told = [f"{name} {_value(one)} → {_value(other)}" for name, (one, other) in fields.items()]
    else:
        told = [f"{name} {_value(one if other is None else other)}" for name, (one, other) in fields.items()]
    more = f" and {len(told) - _MOST_FIELDS} more" if len(told) > _MOST_FIELDS else ""
    return ("" if change.kind == "changed" else f"{change.kind}: ") + ", ".join(told[:_MOST_FIELDS]) + more


def _value(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ";".join(map(_value, value)) or "none"
    if isinstance(value, int | float):
        return f"{value:.10g}"
    return str(value)
