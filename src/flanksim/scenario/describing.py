"""What may stand in a scenario, for editors and for the docs: made from the fields of the models and the parameters.

``python -m flanksim.scenario.describing`` in the root of the repository writes the JSON Schema and the tables in the
docs anew.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flanksim.scenario.parameters import PARAMETERS, Known
from flanksim.scenario.recorded import Observed, Recorded
from flanksim.scenario.rows import Row
from flanksim.scenario.schema import Forces, MapFrame, Mechanisms, Question, Regime, Routing, Scenario, Sustainment
from flanksim.scenario.spending import Spending
from flanksim.scenario.tables import TABLES

#: Documents with tables of fields, and the JSON Schema; from the root of the repository.
DOCUMENTS = (Path("docs/tables.md"), Path("docs/scenario.md"))
SCHEMA = Path("scenarios/scenario.schema.json")
#: Parts of the scenario file that are no tables.
PARTS: dict[str, type[BaseModel]] = {
    "question": Question,
    "regime": Regime,
    "mechanisms": Mechanisms,
    "forces": Forces,
    "routing": Routing,
    "sustainment": Sustainment,
    "spending": Spending,
    "map": MapFrame,
    "recorded": Recorded,
    "observed": Observed,
}
_OPEN, _CLOSE = "<!-- fields of {} -->", "<!-- end -->"
_BLOCK = re.compile(r"<!-- fields of (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, `extends` and `tables` included; descriptions end with the unit."""
    found = Scenario.model_json_schema()
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["title"] = "flanksim scenario"
    for schema in (found, *found["$defs"].values()):
        for entry in schema["properties"].values():
            if unit := next(_numbers(entry), {}).get("unit", ""):
                entry["description"] += f" Unit: {unit}."
    text = {"type": "string"}
    found["properties"] |= {
        "extends": text | {"description": "Scenario file that this one is laid over."},
        "tables": text | {"description": "Folder of CSV tables."},
        "only": {
            "type": "object",
            "propertyNames": {"enum": list(TABLES)},
            "additionalProperties": {"type": "array", "items": text},
            "description": "Rows to keep of what `extends` and `tables` give, by table: ids, or patterns such as C_*. "
            "What refers to a row taken out goes with it.",
        },
    }
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


def with_fields(text: str) -> str:
    """A document with its tables of fields written anew; everything else in it is kept.

    They stand between ``<!-- fields of nodes -->`` and ``<!-- end -->``: of a table, of a part of the scenario file, of
    `scenario` (what stands beside the parts), of `row` (what every row has), or the list of `parameters`.
    """
    return _BLOCK.sub(lambda found: "\n".join((_OPEN.format(found[1]), *_lines(found[1]), _CLOSE)), text)


def _lines(name: str) -> Iterator[str]:
    """Lines of one table of fields."""
    if name == "parameters":
        yield from _parameters()
        return
    yield "| field | unit | values | default | meaning |"
    yield "|---|---|---|---|---|"
    if name in TABLES:
        model, key = TABLES[name]
        yield f"| `{key}` |  |  | needed | Id of the row. |"
        yield from _fields(model, Row.model_fields if issubclass(model, Row) else ())
    elif name == "scenario":
        yield from _fields(Scenario, (*TABLES, *PARTS))
    else:
        yield from _fields(Row if name == "row" else PARTS[name])


def _parameters() -> Iterator[str]:
    yield "| name | unit | values | default | meaning |"
    yield "|---|---|---|---|---|"
    for entry in PARAMETERS.values():
        default = _default(entry).removeprefix("default: ")
        yield f"| `{entry.name}` | {entry.unit} | {entry.limits} | {default} | {entry.meaning} |"


def _fields(model: type[BaseModel], without: Collection[str] = ()) -> Iterator[str]:
    """A line a field; low, typical and high of one quantity have one line."""
    schemas = model.model_json_schema()["properties"]
    told: set[str] = set()
    for name in model.model_fields:
        shown = shared(name)
        if shown.replace("*", "typical") not in model.model_fields:  # a range without a typical value
            shown = name
        if name in without or shown in told:
            continue
        told.add(shown)
        typical = shown.replace("*", "typical")
        entry, schema = model.model_fields[typical], schemas[typical]
        unit = next(_numbers(schema), {}).get("unit", "")
        yield f"| `{shown}` | {unit} | {_values(schema)} | {_stated(entry)} | {entry.description} |"


def shared(name: str) -> str:
    """Name that low, typical and high of one quantity have in common.

    Examples
    --------
    >>> shared("speed_typical_kmh"), shared("lat")
    ('speed_*_kmh', 'lat')
    """
    return "_".join("*" if part in ("low", "typical", "high") else part for part in name.split("_"))


def _stated(entry: FieldInfo) -> str:
    """The default of a field, as one would write it."""
    value = entry.default
    if entry.is_required():
        return "needed"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(f"`{word}`" for word in value)
    return f"{value:g}" if isinstance(value, int | float) else f"`{value}`" if isinstance(value, str) and value else ""


def _values(schema: Mapping[str, Any]) -> str:
    """What a field may hold, in words; empty for any text."""
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    kind = schema.get("type")
    if kind in ("number", "integer"):
        return _limits(schema)
    if kind == "boolean":
        return "yes or no"
    if kind == "array":
        items = schema.get("items", {"$ref": "#/$defs/Year"} if "prefixItems" in schema else {})
        return f"list; {of}" if (of := _values(items)) else "list"
    if kind == "object":
        return "mapping"
    if "$ref" in schema:
        shown = {"Window": "from_hour, to_hour", "Year": "years", "Milestone": "what, date", "Observed": "see below"}
        return shown.get(schema["$ref"].rpartition("/")[2], "distribution")
    return " or ".join(dict.fromkeys(filter(None, map(_values, schema.get("anyOf", schema.get("oneOf", ()))))))


def _limits(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return str(schema["const"])
    if schema.get("unit") == "year":
        return f"{schema['minimum']} to {schema['maximum']}"
    low = f"{schema['minimum']:,.16g}" if "minimum" in schema else f"more than {schema['exclusiveMinimum']:g}"
    return f"{low} to {schema['maximum']:,.16g}" + (", whole" if schema["type"] == "integer" else "")


def _numbers(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Numbers in the schema of a field, those of its lists and mappings included."""
    if schema.get("type") in ("number", "integer"):
        yield schema
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("prefixItems", ())]
    for entry in (*inner, schema.get("items"), schema.get("additionalProperties")):
        if isinstance(entry, Mapping):
            yield from _numbers(entry)


def documents() -> dict[Path, str]:
    """What stands in each document and in the JSON Schema, by path from the root of the repository."""
    found = {path: with_fields(path.read_text(encoding="utf-8")) for path in DOCUMENTS}
    return found | {SCHEMA: json.dumps(json_schema(), indent=1) + "\n"}


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
