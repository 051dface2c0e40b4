"""What may stand at a place of a scenario, and what does, in words: read from the JSON Schema of its fields."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import listed

#: The schema of a place where anything may stand, or that there is not.
_ANYTHING: Mapping[str, Any] = {}
_DURATION = "a number of hours, {low: 2, typical: 3, high: 5}, {exponential: 3} or {trace: [3, 4, 5]}"
#: Units that say where the unit is stated, and name none.
_ELSEWHERE = "that of"
_LONGEST, _MANY = 60, 20


@cache
def _schema() -> Mapping[str, Any]:
    return Scenario.model_json_schema()


def forms(path: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Schemas of what may stand at a place, one for each form that it may take; none if nothing may.

    Parameters
    ----------
    path
        Names on the way there: table, row and field; the number of an item in a list.
    """
    found = list(_alternatives(_schema()))
    for name in path:
        found = [form for outer in found for inner in _inside(outer, name) for form in _alternatives(inner)]
    return found


def _alternatives(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        yield from _alternatives(_schema()["$defs"][schema["$ref"].rpartition("/")[2]])
    elif branches := schema.get("anyOf", schema.get("oneOf")):
        for branch in branches:
            yield from _alternatives(branch)
    elif schema.get("type") != "null":
        yield schema


def _inside(schema: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    if name in schema.get("properties", {}):
        yield schema["properties"][name]
    elif isinstance(rest := schema.get("additionalProperties"), Mapping):
        yield rest
    elif name.isdecimal() and "items" in schema:
        yield schema["items"]
    elif name.isdecimal() and "prefixItems" in schema:
        yield schema["prefixItems"][0]


def names_at(path: tuple[str, ...]) -> list[str]:
    """Fields that may stand at a place; none where any name may."""
    return list(dict.fromkeys(name for form in forms(path) for name in form.get("properties", ())))


def description_at(path: tuple[str, ...]) -> str:
    """What a field is, as it goes on in a sentence; empty if nothing is known."""
    for outer in forms(path[:-1]):
        text = str(outer.get("properties", {}).get(path[-1], {}).get("description", ""))
        first = text.partition(". ")[0].removesuffix(".")
        if first:
            return first if first[1:2].isupper() else first[0].lower() + first[1:]
    return ""


def takes_truth(path: tuple[str, ...]) -> bool:
    """Whether true and false may stand at a place, or anywhere in it."""

    def within(schema: Mapping[str, Any], depth: int) -> bool:
        if schema.get("type") == "boolean":
            return True
        inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
        return depth > 0 and any(
            within(form, depth - 1) for part in inner if isinstance(part, Mapping) for form in _alternatives(part)
        )

    return any(within(form, 2) for form in forms(path))


def what_to_write(path: tuple[str, ...]) -> str:
    """What may stand at a place, as a request: ``give a number from 0 to 25,000 (km)``."""
    found = forms(path)
    if any("exponential" in form.get("properties", ()) for form in found):
        return f"give {_DURATION}"
    texts = dict.fromkeys(text for form in found if (text := _request(form)))
    return ", or ".join(texts) or "docs/scenario.md says what may stand here"


def _request(form: Mapping[str, Any]) -> str:
    kind = form.get("type")
    if "const" in form:
        return f"write {form['const']}"
    if "enum" in form:
        return f"write {listed(form['enum'], 'or')}"
    if kind in ("number", "integer"):
        return _number(form)
    if kind == "string" and form.get("format") == "date":
        return "write year-month-day, such as 2017-01-06"
    if kind == "array":
        return f"write a list: {'[2028, 2030]' if 'prefixItems' in form else _list(form.get('items', {}))}"
    if kind == "object":
        return _mapping(form)
    return {"boolean": "write true or false", "string": "write text"}.get(str(kind), "")


def _list(items: Mapping[str, Any]) -> str:
    for form in _alternatives(items):
        if "properties" in form:
            return f"[{_mapping(form).partition(': ')[2]}]"
        if form.get("type") in ("number", "integer"):
            return "[10, 30]"
    return "[a, b]"


def _kind(schema: Mapping[str, Any]) -> str:
    return next((str(form.get("type", "")) for form in _alternatives(schema)), "").replace("integer", "number")


def _number(form: Mapping[str, Any]) -> str:
    unit = str(form.get("unit", ""))
    if unit == "year":
        return f"give a year from {form['minimum']} to {form['maximum']}"
    whole = "a whole number" if form["type"] == "integer" else "a number"
    unit = "" if not unit or unit.startswith(_ELSEWHERE) else f" ({unit})"
    most = f"{form['maximum']:,.16g}"
    if "minimum" in form:
        return f"give {whole} from {form['minimum']:,.16g} to {most}{unit}"
    return f"give {whole} above {form['exclusiveMinimum']:,.16g}, up to {most}{unit}"


def _mapping(form: Mapping[str, Any]) -> str:
    if "properties" in form:
        needed, known = form.get("required", []), list(form["properties"])
        fields = ", ".join(f"{name}: ..." for name in needed[:4] or known[:2])
        return f"write its fields: {{{fields}}}" if needed else f"write some of its fields, such as {{{fields}}}"
    rows = form.get("additionalProperties", {})
    if _kind(rows) == "object":
        return "write its rows by id: {id: {field: value}}"
    by_year = any(form.get("unit") in ("%", "EUR bn") for form in _alternatives(rows))
    return "write {2028: 0.8, 2030: 1.7}" if by_year else f"write {{name: {_kind(rows).replace('string', 'text')}}}"


def kind_of(value: Any) -> str:
    """What a value is, as the end of a sentence: ``a list``."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, datetime.date):
        return "a date"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"


def shown(value: Any) -> str:
    """A value as a scenario file would hold it, cut where it is long.

    Examples
    --------
    >>> shown("12 km"), shown(None), shown(True), shown({"low": 3.0, "high": [1, float("inf")]})
    ("'12 km'", 'nothing', 'true', '{low: 3, high: [1, infinity]}')
    """
    text = _written(value) if not isinstance(value, str) else f"'{value}'" if value.isprintable() else repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _written(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _figure(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_written(item)}" for name, item in list(value.items())[:_MANY]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value[:_MANY])) + "]"
    return str(value)


def _figure(value: float) -> str:
    if isinstance(value, int) and abs(value) >= 10**15:
        return f"{value:.3g}" if abs(value) < 10**300 else "a huge number"
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinity" if value > 0 else "minus infinity"
    return f"{value:.15g}"
