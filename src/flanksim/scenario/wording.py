"""Pydantic's errors in flanksim's words: each once, with its line, what is wrong and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from flanksim.errors import Problem
from flanksim.scenario import rows
from flanksim.scenario.fields import description_at, kind_of, names_at, shown, takes_truth, what_to_write
from flanksim.scenario.tables import TABLES
from flanksim.scenario.words import GONE, close_to, listed

#: Names that stand in a scenario file beside those of the scenario.
META = ("extends", "tables", "only")

Path = tuple[str, ...]
#: File and line of a path; of several fields below it, of the one that was written last.
Where = Callable[..., str]

_CODES = {"extra_forbidden": "E103", "missing": "E104", "contradiction": "E107"}
_TOO_SMALL, _TOO_LARGE = ("greater_than", "greater_than_equal"), ("less_than", "less_than_equal")
_RANGE = (*_TOO_SMALL, *_TOO_LARGE, "finite_number")
_BRANCHES = ("constrained-float", "constrained-str", "float", "str")
#: Where pydantic's error has to do with the name of a value in a mapping, not with the value.
_KEY = "[key]"
#: Listed as a whole where a field is unknown and like none.
_FEW = 12
#: Likeness of an id from which on it is taken for a misspelt one.
_LIKE = 0.7


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
    missing: dict[Path, list[str]] = {}
    for item in items:
        path = _path(item["loc"])
        if path in seen or path[:2] in rows_told:
            continue
        if item["type"] == "missing":
            missing.setdefault(path[:-1], []).append(path[-1])
            continue
        message, hint = told(item, path)
        code = _CODES.get(item["type"], "E106" if item["type"] in _RANGE else "E105")
        if item["type"] == "string_pattern_mismatch":
            code = "E113" if path == ("name",) else "E111"
        if _way_too_long(item, path):
            code = "E208"
        fields = item.get("ctx", {}).get("fields", ())
        seen[path] = Problem(code, where(path, fields), ".".join(path), message, hint)
    meant = {problem.hint for problem in seen.values() if problem.code == "E103"}
    left = {path: [name for name in names if _did_you_mean(name) not in meant] for path, names in missing.items()}
    return [*seen.values(), *(_lacks(path, names, where) for path, names in left.items() if names)]


def _path(location: tuple[int | str, ...]) -> Path:
    """The place in the file: without the branches of unions that pydantic adds."""
    found: list[str] = []
    for index, part in enumerate(map(str, location)):
        if (index == 3 and part in rows.DURATION_FORMS) or part in ("by word", "by year", _KEY):
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
        others = (key for key in raw[table] if key != name and (table, key) not in lacking)
        hint = close_to(name, others, cutoff=_LIKE)
        if hint:
            message = f"no row '{name}' in {table}; a new one would need {listed(fields)} too"
            yield path, Problem("E104", where(path), ".".join(path), message, hint)
    for path in gone:
        table, name = path
        hint = close_to(name, (key for key, row in raw[table].items() if row is not None), cutoff=_LIKE)
        hint = f"{hint} A new row has its fields here" if hint else "take the line out; a new row has its fields here"
        yield path, Problem("E105", where(path), ".".join(path), f"no row '{name}' in {table} to take out", hint)


def _lacks(path: Path, names: list[str], where: Where) -> Problem:
    """What a row or part must have and has not."""
    if len(names) > 1:
        message = f"{listed(names)} are missing"
        return Problem("E104", where(path), ".".join(path), message, f"state them; {_listing(path)} says what they are")
    at = (*path, names[0])
    what = description_at(at)
    hint = f"state it ({what})" if what else f"state it; {_listing(path)} says what it is"
    return Problem("E104", where(at), ".".join(at), f"'{names[0]}' is missing", hint)


def told(item: Any, path: Path) -> tuple[str, str]:
    """What is wrong with a value, and what to write instead.

    Parameters
    ----------
    item
        One of pydantic's errors, as `ValidationError.errors` gives them.
    path
        Where the value stands in a scenario.
    """
    kind, value, context = item["type"], item.get("input"), item.get("ctx", {})
    if kind == "contradiction":
        agree = "change one of the values, so that they agree"
        of_parameter = f"{agree}; a number without low and high stands for all three"
        return item["msg"], context.get("remedy") or (of_parameter if path[:1] == ("parameters",) else agree)
    if kind == "extra_forbidden":
        return f"unknown field '{path[-1]}'", _suggestion(path)
    if kind == "missing":
        return f"'{path[-1]}' is missing", "state it"
    if path == ("flanksim",) and isinstance(value, int | float) and value > 1:
        return f"this is a file of format {shown(value)}", "take a later version of flanksim, or write flanksim: 1"
    if kind == "string_pattern_mismatch":
        if path == ("name",):
            hint = "take out / and \\, and begin with a letter or a number"
            return f"{shown(value)} cannot be the name of a folder", hint
        return f"{shown(value)} cannot be an id", "use letters, numbers, - and _, and begin with a letter or a number"
    if kind in ("string_too_long", "too_long"):
        what = "characters" if kind == "string_too_long" else "entries"
        return f"has {len(value):,} {what}", f"use {context['max_length']:,} or fewer"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return f"{shown(value)} is not a duration", what_to_write(path)
    if _KEY in map(str, item["loc"]):
        return f"{shown(path[-1])} cannot stand here as a name", "write a year, such as 2030"
    if kind == "literal_error" and isinstance(value, str):
        words = [str(word) for word in re.findall(r"'([^']*)'", str(context.get("expected", "")))]
        return f"{shown(value)} cannot stand here", close_to(value, words, what_to_write(path))
    if _way_too_long(item, path):
        return f"{shown(value)} km is longer than any way on Earth", "lengths are in km, not metres"
    return _not_what_it_takes(kind, value, path), _instead(kind, value, path)


def _way_too_long(item: Any, path: Path) -> bool:
    return path[-1:] == ("length_km",) and item["type"] == "less_than_equal"


def _not_what_it_takes(kind: str, value: Any, path: Path) -> str:
    """What is wrong with a value of another kind, or of another size, than its place takes."""
    if value is None:
        return "nothing stands here"
    if kind in _TOO_SMALL:
        return f"{shown(value)} is too small"
    if kind in _TOO_LARGE:
        return f"{shown(value)} is too large"
    if kind == "finite_number":
        return f"{shown(value)} cannot stand here"
    if kind == "int_from_float":
        return f"{shown(value)} is not a whole number"
    if kind.startswith("date_from_datetime"):
        return f"{shown(value)} is not a date"
    if kind.startswith("model") and path[:1] == ("parameters",):
        return f"{shown(value)} is {kind_of(value)}, not a number"
    for begin, wanted in _WANTED.items():
        if kind.startswith(begin):
            return f"{shown(value)} is {kind_of(value)}, not {wanted}"
    return f"{shown(value)} cannot stand here"


_WHOLE_PER_CENT = 100
#: What pydantic's errors ask for, by the beginning of their types.
_WANTED = {
    "float": "a number", "int": "a number", "string": "text", "bool": "true or false", "tuple": "a list",
    "list": "a list", "dict": "a mapping", "model": "a mapping", "date": "a date",
}  # fmt: skip
_WITH_UNIT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*([^\d\s.,:;-][^\d,;]*)")
_WITH_COMMA = re.compile(r"\s*([-+]?\d+),(\d+)\s*")
_COLON = re.compile(r"(\w+):(\S.*)")


def _instead(kind: str, value: Any, path: Path) -> str:
    if value is None or kind == "finite_number":
        return f"{what_to_write(path)}, or take the line out"
    if kind.startswith(("float", "int")) and isinstance(value, str):
        if match := _WITH_UNIT.fullmatch(value):
            return f"write the number without its unit: {what_to_write(path).removeprefix('give ')}"
        if match := _WITH_COMMA.fullmatch(value):
            whole, part = match.groups()
            other = f", or {whole}{part} for thousands" if len(part) == 3 else ""
            return f"write {whole}.{part}, with a point{other}"
    if kind.startswith("model") and path[:1] == ("parameters",):
        return "give one number, or {low: ..., typical: ..., high: ...}"
    if kind == "string_type" and isinstance(value, list | tuple):
        return "write one of them"
    if kind in _TOO_LARGE and value <= _WHOLE_PER_CENT and "(share)" in what_to_write(path):
        return f"{what_to_write(path)}: {value:g} % is {value / _WHOLE_PER_CENT:g}"
    if kind == "string_type" and not isinstance(value, Mapping):
        return f"put it in quotes: '{shown(value)}'"
    if kind.startswith(("model", "dict")) and isinstance(value, str) and (match := _COLON.fullmatch(value)):
        return f"put a blank behind the colon: {match[1]}: {match[2]}"
    return what_to_write(path)


def _did_you_mean(name: str) -> str:
    return f"did you mean '{name}'?"


def _suggestion(path: Path) -> str:
    known, name = _fields(path), path[-1]
    if name in GONE:
        return GONE[name]
    if name in known:  # of another form that the field may take
        return what_to_write(path[:-1])
    if "." in name:
        outer, _, inner = name.partition(".")
        return f"write one name within the other: {outer}: {{{inner}: ...}}"
    if name.isdecimal():
        return "a comma begins another field here: write a number with a point"
    whole = [field for field in known if field.replace("_typical_", "_").removesuffix("_typical") == name]
    begun = [field for field in known if field.startswith(f"{name}_")]
    if len(path) > 1 and (whole or len(begun) == 1):
        return _did_you_mean((whole or begun)[0])
    few = f"known fields: {', '.join(known)}"
    return close_to(name, known, few if len(known) <= _FEW else f"{_listing(path[:-1])} lists the fields")


def _listing(path: Path) -> str:
    """Document that lists the fields of a place."""
    return f"docs/tables.md (`{path[0]}`)" if path[:1] and path[0] in TABLES else "docs/scenario.md"


def _fields(path: Path) -> list[str]:
    """Fields that may stand beside the last part of a path."""
    return [*names_at(path[:-1]), *(META if len(path) == 1 else ())]


def switched(raw: Mapping[str, Any], where: Where) -> list[Problem]:
    """Truth values where a number or text belongs, which pydantic would take for 1 and 0."""
    found = []
    for path, value in _values(raw):
        if _holds_truth(value) and names_at(path[:-1]) and path[-1] in names_at(path[:-1]) and not takes_truth(path):
            message = f"{shown(value)} is no number and no text"
            found.append(Problem("E105", where(path), ".".join(path), message, _without_truth(value, path)))
    return found


def _without_truth(value: Any, path: Path) -> str:
    return what_to_write(path) if isinstance(value, bool) else "write numbers, or text in quotes"


def _values(raw: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Values of the scenario, of its parts and of the rows of its tables, each with its place."""
    for name, part in raw.items():
        if not isinstance(part, Mapping):
            yield (name,), part
        elif name not in TABLES:
            yield from (((name, field), value) for field, value in part.items())
        else:
            for key, row in part.items():
                if isinstance(row, Mapping):
                    yield from (((name, key, field), value) for field, value in row.items())


def _holds_truth(value: Any) -> bool:
    if isinstance(value, str):  # most cells
        return False
    if isinstance(value, Mapping | list | tuple):
        return any(map(_holds_truth, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, bool)
