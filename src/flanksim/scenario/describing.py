"""What may stand in a scenario, for editors and for the docs: made from the models of the rows and the parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from flanksim.scenario.parameters import PARAMETERS, Known
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import TABLES

#: Units by how the name of a field ends; the longest ending counts.
_UNITS = {
    "_km": "km",
    "_kmh": "km/h",
    "_hours": "h",
    "_hour": "h of the day",
    "from_hour": "h since C-day",
    "to_hour": "h since C-day",
    "_day": "C-day",
    "_days": "days",
    "days_between_failures": "days",
    "hours_per_day": "h/day",
    "_t": "t",
    "_m": "m",
    "_mlc": "MLC",
    "_mm": "mm",
    "_pct": "%",
    "_bn_eur": "EUR bn",
    "_bn_usd": "USD bn",
    "_years": "years",
    "_years_": "years",
    "rate_per_year": "1/year",
    "lane_m": "lane-m",
    "tonnes": "t",
    "lat": "degrees",
    "lon": "degrees",
}


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, `extends` and `tables` included."""
    found = Scenario.model_json_schema()
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["title"] = "flanksim scenario"
    text = {"type": "string"}
    found["properties"] |= {
        "extends": text | {"description": "scenario file that this one is laid over"},
        "tables": text | {"description": "folder of CSV tables"},
    }
    for table, (model, _) in TABLES.items():
        for name, entry in found["$defs"][model.__name__]["properties"].items():
            if table != "parameters" and (unit := unit_of(name)):
                entry["description"] = f"unit: {unit}"
    parameters = found["properties"]["parameters"]
    parameters["properties"] = {name: _parameter(entry) for name, entry in PARAMETERS.items()}
    return found


def _parameter(entry: Known) -> dict[str, Any]:
    number = {"type": "number", "minimum": entry.least, "maximum": entry.most}
    limited = {"properties": dict.fromkeys(("low", "typical", "high"), number)}
    return {
        "description": f"{entry.meaning} ({entry.unit}); {_default(entry)}",
        "anyOf": [number, {"allOf": [{"$ref": "#/$defs/Parameter"}, limited]}],
    }


def _default(entry: Known) -> str:
    if entry.like:
        return f"default: that of {entry.like}"
    if entry.default is None:
        return f"needed with {entry.only_if}" if entry.only_if else "needed"
    return "default: no limit" if entry.default == math.inf else f"default: {entry.default:g}"


def parameters_markdown() -> list[str]:
    """Lines of the table of parameters in ``docs/tables.md``."""
    found = ["| name | unit | limits | default | meaning |", "|---|---|---|---|---|"]
    for entry in PARAMETERS.values():
        default = _default(entry).removeprefix("default: ")
        found.append(f"| `{entry.name}` | {entry.unit} | {entry.limits} | {default} | {entry.meaning} |")
    return found


def fields_markdown() -> list[str]:
    """Lines of the table of numbers in the CSV tables in ``docs/tables.md``: unit and limits of each."""
    found = ["| table | field | unit | limits |", "|---|---|---|---|"]
    for table, (model, _) in TABLES.items():
        if table == "parameters":
            continue
        told: set[str] = set()
        for name, entry in model.model_fields.items():
            schema = TypeAdapter(entry.rebuild_annotation()).json_schema()
            limits = next(_limits(schema), "")
            shown = _shared(name)
            if limits and shown not in told:
                told.add(shown)
                found.append(f"| {table} | `{shown}` | {unit_of(name)} | {limits} |")
    return found


def _shared(name: str) -> str:
    """Low, typical and high of one quantity have one line."""
    for part in ("low", "typical", "high"):
        if name == part:
            return "*"
        name = name.replace(f"_{part}_", "_*_").removesuffix(f"_{part}") + ("_*" if name.endswith(f"_{part}") else "")
    return name


def unit_of(name: str) -> str:
    """Unit of a field by its name; empty where it counts something.

    Examples
    --------
    >>> unit_of("speed_typical_kmh"), unit_of("servers_typical")
    ('km/h', '')
    """
    bare = name.replace("_typical", "").replace("_low", "").replace("_high", "")
    return next((_UNITS[end] for end in sorted(_UNITS, key=len, reverse=True) if bare.endswith(end)), "")


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    """Limits of the first number in a schema."""
    for entry in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if entry.get("type") in ("number", "integer"):
            low = f"{entry['minimum']:g}" if "minimum" in entry else f"more than {entry['exclusiveMinimum']:g}"
            whole = ", whole" if entry["type"] == "integer" else ""
            yield f"{low} to {entry['maximum']:,.12g}{whole}"
        elif entry is not schema and ("anyOf" in entry or "oneOf" in entry):
            yield from _limits(entry)
