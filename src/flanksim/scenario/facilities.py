"""Several rows of one kind at a place: one facility, with the servers and the storage of all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from flanksim.scenario.rows import Facility
from flanksim.scenario.schema import Scenario

#: Columns that are added up over the rows of one kind at a place.
_ADDED_UP = tuple(f"{what}_{part}" for what in ("servers", "storage") for part in ("low", "typical", "high"))


def facilities_by_place(scenario: Scenario) -> dict[tuple[str, str], Facility]:
    """Facilities by (kind, place); rows of one kind at a place are added up.

    Rows that differ in anything but servers and storage cannot be; `check` refuses them (`unlike_rows`).
    """
    found: dict[tuple[str, str], Facility] = {}
    for key, rows in _rows(scenario).items():
        total = rows[0][1]
        for _, row in rows[1:]:
            total = _added(total, row)
        found[key] = total
    return found


def unlike_rows(scenario: Scenario) -> Iterator[tuple[str, str, list[str]]]:
    """Pairs of rows of one kind at a place that cannot be added up: ids, and the columns in which they differ."""
    skipped = {*_ADDED_UP, "note", "source", "basis", "confidence"}
    for rows in _rows(scenario).values():
        for (one, a), (two, b) in pairwise(rows):
            names = [
                name for name in Facility.model_fields if name not in skipped and getattr(a, name) != getattr(b, name)
            ]
            if names:
                yield one, two, names


def _rows(scenario: Scenario) -> dict[tuple[str, str], list[tuple[str, Facility]]]:
    found: dict[tuple[str, str], list[tuple[str, Facility]]] = {}
    for key, row in sorted(scenario.facilities.items()):
        found.setdefault((row.kind, row.place), []).append((key, row))
    return found


def _added(one: Facility, two: Facility) -> Facility:
    """Both rows as one; what is endless in either is endless together, and a row of one number is that number."""
    values: dict[str, float | None] = {}
    for name in _ADDED_UP:
        typical = f"{name.partition('_')[0]}_typical"
        parts = [getattr(row, typical) if getattr(row, name) is None else getattr(row, name) for row in (one, two)]
        values[name] = None if None in parts else sum(parts)
    return one.model_copy(update=values)
