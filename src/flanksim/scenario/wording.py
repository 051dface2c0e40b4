"""Pydantic's errors in flanksim's words: each once, with its line, what is wrong and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from flanksim.errors import Problem
from flanksim.scenario import rows
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import TABLES
from flanksim.scenario.words import GONE, close_to

#: Names that stand in a scenario file beside those of the scenario.
META = ("extends", "tables", "only")

Path = tuple[str, ...]
#: File and line of a path; of several fields below it, of the one that was written last.
Where = Callable[..., str]

_CODES = {"extra_forbidden": "E103", "missing": "E104", "contradiction": "E107", "string_pattern_mismatch": "E113"}
_RANGE = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number")
_NO_DURATION = ("union_tag_not_found", "union_tag_invalid")
_DURATION = "a number of hours, {low, typical, high}, {exponential: mean} or {trace: [...]}"
_BRANCHES = ("constrained-float", "constrained-str", "float", "str")


def translate(error: ValidationError, raw: Mapping[str, Any], where: Where) -> list[Problem]:
    """Every error once, by the place in which it stands.

    Parameters
    ----------
    error
        What pydantic found.
    raw
        The data of the scenario, merged from its files.
    where
        Gives file and line of a place in the data, for the fields concerned.
    """
    items = error.errors(include_url=False)
    seen: dict[Path, Problem] = dict(_no_such_rows(items, raw, where))
    rows_told = set(seen)
    for item in items:
        path = _path(item["loc"])
        if path not in seen and path[:2] not in rows_told:
            seen[path] = _problem(item, path, where)
    return list(seen.values())


def _path(location: tuple[int | str, ...]) -> Path:
    """The place in the file: without the branches of unions that pydantic adds."""
    found: list[str] = []
    for index, part in enumerate(map(str, location)):
        if (index == 3 and part in rows.DURATION_FORMS) or part in ("by word", "by year"):
            continue
        if index >= 2 and (part in _BRANCHES or part.startswith(("literal[", "dict["))):
            break
        found.append(part)
    return tuple(found)


def _no_such_rows(items: Iterable[Any], raw: Mapping[str, Any], where: Where) -> Iterator[tuple[Path, Problem]]:
    """Rows that lack what every row of their table has, or that are to be taken out, because their id is misspelt."""
    lacking: dict[Path, list[str]] = {}
    gone: list[Path] = []
    for item in items:
        path = _path(item["loc"])
        if len(path) == 3 and path[0] in TABLES and item["type"] == "missing":
            lacking.setdefault(path[:2], []).append(path[2])
        elif len(path) == 2 and path[0] in TABLES and item.get("input", "") is None:
            gone.append(path)
    for path, fields in lacking.items():
        table, name = path
        hint = close_to(name, (key for key in raw[table] if key != name and (table, key) not in lacking))
        if hint:
            message = f"no row '{name}' in {table}; a new one would need {_listed(fields)} too"
            yield path, Problem("E104", where(path), ".".join(path), message, hint)
    for path in gone:
        table, name = path
        hint = close_to(name, (key for key, row in raw[table].items() if row is not None), "take the line out")
        yield path, Problem("E105", where(path), ".".join(path), f"no row '{name}' in {table} to take out", hint)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _problem(item: Any, path: Path, where: Where) -> Problem:
    kind, value, context = item["type"], item.get("input"), item.get("ctx", {})
    code = _CODES.get(kind, "E106" if kind in _RANGE else "E105")
    spot, hint = where(path), ""
    if kind in _NO_DURATION:
        message, hint = f"{_short(value)} is not a duration", _DURATION
    elif kind == "extra_forbidden":
        message, hint = f"unknown field '{path[-1]}'", _suggestion(path)
    elif kind == "missing":
        message, hint = f"'{path[-1]}' is missing", "state it, or see docs/tables.md"
    elif kind == "contradiction":
        message, hint = item["msg"], "change one of the values, so that they agree"
        spot = where(path, context.get("fields", ()))
    elif kind == "string_pattern_mismatch":
        message = f"{_short(value)} cannot be the name of a folder"
        hint = "take out / and \\, and begin with a letter or a number"
    elif len(path) == 2 and path[0] in TABLES and kind in ("model_type", "dict_type"):
        message, hint = f"{_short(value)} is no row", "write its fields: {field: value, field: value}"
    elif path[-1] == "length_km" and kind == "less_than_equal":
        code, message = "E208", f"{_short(value)} km is longer than any way on Earth"
        hint = "lengths are in km, not metres"
    else:
        said = f"{item['msg'][0].lower()}{item['msg'][1:]}, got {_short(value)}"
        message, hint = said.replace("input should be", "must be", 1), _remedy(kind, context, value)
    return Problem(code, spot, ".".join(path), message, hint)


def _suggestion(path: Path) -> str:
    known, name = _fields(path), path[-1]
    if name in GONE:
        return GONE[name]
    if f"{name}_typical" in known:
        return f"did you mean '{name}_typical'?"
    parts = [field for field in known if field.replace("_typical_", "_") == name]
    if parts:
        return f"did you mean '{parts[0]}'?"
    return close_to(
        name, known, f"known fields: {', '.join(known)}" if len(known) <= 6 else "known fields: flanksim schema"
    )


_LIMITS = {"ge": "{:,.16g} or more", "gt": "more than {:,.16g}", "le": "{:,.16g} or less", "lt": "less than {:,.16g}"}


def _remedy(kind: str, context: Mapping[str, Any], value: Any) -> str:
    """What to write instead of a value that was refused."""
    for name, text in _LIMITS.items():
        if name in context:
            return "give " + text.format(context[name])
    if kind == "literal_error":
        expected = str(context.get("expected", ""))
        return close_to(
            str(value), re.findall(r"'([^']*)'", expected) or re.findall(r"\d+", expected), "give one of these"
        )
    if kind.startswith(("float", "int", "finite")):
        return "write a number without its unit, such as 12"
    if kind.startswith("bool"):
        return "write true or false"
    if kind.startswith("tuple"):
        return "write a list: [first, second]"
    return "docs/tables.md says what may stand here"


def _short(value: Any) -> str:
    text = (
        repr(value)
        if not isinstance(value, int) or abs(value) < 10**15
        else f"{value:.3g}"
        if abs(value) < 10**300
        else "a huge number"
    )
    return text if len(text) <= 60 else text[:57] + "..."


def _fields(path: Path) -> list[str]:
    """Fields that may stand beside the last part of a path."""
    if len(path) == 1:
        return [*Scenario.model_fields, *META]
    if path[0] in TABLES:
        if len(path) > 4:
            return list(rows.Window.model_fields)
        return list(TABLES[path[0]][0].model_fields) if len(path) == 3 else ["low", "typical", "high"]
    part = _part(path[0])
    return [] if part is None else list(part.model_fields)


def _part(name: str) -> type[BaseModel] | None:
    """The model of a part of the scenario that is no table."""
    field = Scenario.model_fields.get(name)
    kinds = () if field is None else (field.annotation, *get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def switched(raw: Mapping[str, Any], where: Where) -> list[Problem]:
    """Truth values where a number or text belongs, which pydantic would take for 1 and 0."""
    found = []
    for path, model, values in _mappings(raw):
        for name, value in values.items():
            if _holds_truth(value) and name in model.model_fields and not _takes_truth(model, name):
                spot = (*path, name)
                message = f"{_short(value)} is no number and no text"
                found.append(
                    Problem("E105", where(spot), ".".join(spot), message, "write the number, or quote the text")
                )
    return found


def _mappings(raw: Mapping[str, Any]) -> Iterator[tuple[Path, type[BaseModel], Mapping[str, Any]]]:
    yield (), Scenario, {name: value for name, value in raw.items() if not isinstance(value, Mapping)}
    for name, part in raw.items():
        if not isinstance(part, Mapping):
            continue
        if name in TABLES:
            yield from (((name, key), TABLES[name][0], row) for key, row in part.items() if isinstance(row, Mapping))
        elif (model := _part(name)) is not None:
            yield (name,), model, part


def _holds_truth(value: Any) -> bool:
    if isinstance(value, str):  # most cells
        return False
    if isinstance(value, Mapping | list | tuple):
        return any(map(_holds_truth, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, bool)


@cache
def _takes_truth(model: type[BaseModel], name: str) -> bool:
    def within(annotation: Any) -> bool:
        return annotation is bool or any(map(within, get_args(annotation)))

    return within(model.model_fields[name].annotation)
