"""Rows of a scenario as they stand once its files are laid over one another: of a table, or all of one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.picking import POINTERS
from flanksim.scenario.rows import Row
from flanksim.scenario.saying import Where
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import TABLES
from flanksim.scenario.words import close_to
from flanksim.terminal import Block, Span, table, words

#: Cells of a row that are shown where a whole table is listed.
_CELLS = 6
#: Up to so many rows are shown with where their numbers come from.
_FEW = 10
#: Rows of a table that are listed for people.
_MOST = 400


def rows_of(scenario: Scenario, what: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Fields that are stated, by table and id: of the table `what`, or of a row and all rows that name it.

    Parameters
    ----------
    scenario
        The scenario.
    what
        Name of a table, ``links``; of a row, ``links.L172`` or only ``L172``; the id or the name of a place.

    Raises
    ------
    FlanksimError
        E134 if there is no such table, row or place, with what is like it.
    """
    if what in TABLES:
        return {what: {key: _stated(row) for key, row in getattr(scenario, what).items()}}
    own, _, key = what.partition(".")
    if own not in TABLES or not key:
        own, key = "", what
    wanted = [
        (name, row_id)
        for name in ([own] if own else TABLES)
        for row_id, row in getattr(scenario, name).items()
        if key == row_id or (name == "nodes" and not own and key.lower() == row.name.lower())
    ]
    if not wanted:
        raise FlanksimError(_no_such(scenario, own, key))
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, row_id in [*wanted, *(pair for one in wanted for pair in _naming(scenario, *one))]:
        found.setdefault(name, {})[row_id] = _stated(getattr(scenario, name)[row_id])
    return found


def _no_such(scenario: Scenario, own: str, key: str) -> Problem:
    ids = [row_id for name in ([own] if own else TABLES) for row_id in getattr(scenario, name)]
    names = {node.name.lower(): node.name for node in scenario.nodes.values()} if not own else {}
    inside = sorted(name for lower, name in names.items() if key.lower() in lower)[:5]
    hint = f"places of such a name: {', '.join(inside)}" if inside else close_to(key, [*TABLES, *ids, *names.values()])
    where = f"no row '{key}' in {own}" if own else f"no table, row or place '{key}'"
    return Problem("E134", scenario.name, own, where, hint or f"tables are {', '.join(TABLES)}")


def _naming(scenario: Scenario, table_name: str, key: str) -> Iterator[tuple[str, str]]:
    """Rows that name a row."""
    for other, fields in POINTERS.items():
        for row_id, row in getattr(scenario, other).items():
            for field, targets in fields.items():
                value = getattr(row, field)
                of_this_table = row.table == table_name if field == "targets" else table_name in targets
                if of_this_table and (value == key or (isinstance(value, tuple) and key in value)):
                    yield other, row_id


def _stated(row: Any) -> dict[str, Any]:
    """Fields that have another value than their default; where the numbers come from stands last."""
    found: dict[str, Any] = row.model_dump(mode="json", exclude_defaults=True)
    return {name: value for name, value in found.items() if name not in Row.model_fields} | found


def blocks(found: Mapping[str, Mapping[str, Mapping[str, Any]]], where: Where) -> list[Block]:
    """The rows for people: with the line of each if they are few, some cells a row if they are a whole table."""
    lines: list[Block] = []
    sources = sum(map(len, found.values())) <= _FEW
    whole = len(found) == 1 and len(next(iter(found.values()))) > 1
    for name, entries in found.items():
        shown = dict(list(entries.items())[:_MOST])
        lines.append(Span(f"{name}: {len(entries):,} row{'s' * (len(entries) != 1)}", "strong"))
        if whole:
            lines.append(
                table([words("id"), words("", 60)], [[key, _cells(row, most=_CELLS)] for key, row in shown.items()])
            )
            if len(shown) < len(entries):
                lines.append(f"  and {len(entries) - len(shown):,} more: --json gives all")
        else:
            rows = [[key, _cells(row, sources=sources), where((name, key))] for key, row in shown.items()]
            lines.append(table([words("id"), words("", 40), words("stands in")], rows))
        lines.append("")
    return lines[:-1]


def _cells(row: Mapping[str, Any], *, sources: bool = False, most: int | None = None) -> str:
    cells = [f"{name} {_value(value)}" for name, value in row.items() if sources or name not in Row.model_fields]
    return ", ".join(cells[:most])


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(_value, value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
