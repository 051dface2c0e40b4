"""What differs between two scenarios once their files are laid over one another: part by part and row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import TABLES

#: What names or describes a scenario, and changes no answer of it.
CALLED = ("name", "title", "description", "overrides")


@dataclass(frozen=True, slots=True)
class Change:
    """One row, or one part that is no table, in which two scenarios differ.

    Attributes
    ----------
    part
        Name of the table or part, as in a scenario file; of a value beside the parts its own name.
    row
        Id of the row; empty for what is no row.
    kind
        ``added`` and ``removed`` rows are those that only the second or only the first scenario has.
    fields
        What the first and the second say, by field; of a row that only one has what that one states.
    """

    part: str
    row: str
    kind: Literal["changed", "added", "removed"]
    fields: dict[str, tuple[Any, Any]]

    def as_json(self) -> dict[str, Any]:
        """The change for programs."""
        fields = {name: list(pair) for name, pair in self.fields.items()}
        return {"part": self.part, "row": self.row, "kind": self.kind, "fields": fields}


def differences(first: Scenario, second: Scenario) -> list[Change]:
    """Every part and row in which two scenarios differ, in the order of a scenario file and by id.

    Parameters
    ----------
    first, second
        The scenarios; what they are called is no difference.

    Returns
    -------
    list of Change
        Empty if both give the same answers.
    """
    found: list[Change] = []
    for name in Scenario.model_fields:
        if name in CALLED:
            continue
        one, other = getattr(first, name), getattr(second, name)
        if one == other:
            continue
        if name in TABLES:
            found += _rows(name, one, other)
        else:
            fields = dict(_fields(_plain(one), _plain(other), ""))
            found.append(Change(name, "", "changed", fields))
    return found


def _rows(table: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Change]:
    for key in sorted(one.keys() | other.keys()):
        if key not in one:
            yield Change(table, key, "added", {name: (None, value) for name, value in _stated(other[key]).items()})
        elif key not in other:
            yield Change(table, key, "removed", {name: (value, None) for name, value in _stated(one[key]).items()})
        elif one[key] != other[key]:
            yield Change(table, key, "changed", dict(_fields(_plain(one[key]), _plain(other[key]), "")))


def _fields(one: Any, other: Any, path: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """What differs in two values, by field; a mapping within a part field by field too."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in [*one, *(name for name in other if name not in one)]:
            if one.get(name) != other.get(name):
                yield from _fields(one.get(name), other.get(name), f"{path}.{name}" if path else str(name))
    else:
        yield path, (one, other)


def _plain(value: Any) -> Any:
    """As a file would state it."""
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _stated(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = row.model_dump(mode="json", exclude_defaults=True)
    return found
