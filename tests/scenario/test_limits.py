"""Numbers have limits and units, said in one table, which check, schema and docs share."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flanksim import FlanksimError, Scenario, load, loads
from flanksim.scenario.describing import PARTS, documents, json_schema
from flanksim.scenario.parameters import PARAMETERS, Known
from flanksim.scenario.reading import inspect
from flanksim.scenario.tables import TABLES
from tests.scenario.test_fuzz import edges

ROOT = Path(__file__).parents[2]


def only(overrides: dict[str, Any], base: str = "corridor-mini") -> list[str]:
    """Codes of the errors of a changed scenario, each once."""
    with pytest.raises(FlanksimError) as caught:
        load(base, overrides)
    return sorted({problem.code for problem in caught.value.problems})


BAD: list[Callable[[Known], float]] = [
    lambda _: math.nan,
    lambda _: math.inf,
    lambda _: -math.inf,
    lambda entry: -1e-6 if entry.least == 0 else entry.least / 2,
    lambda entry: entry.most * 1.01,
]


@pytest.mark.parametrize("bad", BAD)
def test_every_parameter_has_limits_at_both_ends(bad: Callable[[Known], float]) -> None:
    """All of them at once, and each is told: one by one is the same, and takes a load each."""
    with pytest.raises(FlanksimError) as caught:
        load("corridor-mini", {"parameters": {name: bad(entry) for name, entry in PARAMETERS.items()}})
    assert {problem.code for problem in caught.value.problems} == {"E106"}
    assert {problem.path.split(".")[1] for problem in caught.value.problems} == set(PARAMETERS)
    assert all(problem.path.startswith("parameters.") for problem in caught.value.problems)
    assert all(problem.where == "--set" for problem in caught.value.problems)


@pytest.mark.parametrize("end", ["least", "most"])
def test_the_limits_themselves_are_allowed(end: str) -> None:
    sizes_of_runs = ("march_serial_vehicles", "vehicles_per_train", "sustainment_interval_days")
    values = {name: getattr(entry, end) for name, entry in PARAMETERS.items() if name not in sizes_of_runs}
    scenario = load("corridor-mini", {"parameters": values})
    assert {name: scenario.value(name) for name in values} == values


def test_a_parameter_in_a_table_is_named_with_its_line_and_limits(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(
        "extends: corridor-mini\nname: my\nparameters:\n  march_hours_per_day: 10\n  flight_speed_kmh: 0\n"
    )
    with pytest.raises(FlanksimError, match=r"E106  my.yaml:5  parameters.flight_speed_kmh") as caught:
        load(tmp_path / "my.yaml")
    assert "give 1 to 3,000" in str(caught.value)


@pytest.mark.parametrize("unit", ["min", "hours", "days"])
def test_a_parameter_in_another_unit_is_refused(unit: str) -> None:
    assert only({"parameters": {"ramp_hours_per_train": {"unit": unit}}}) == ["E219"]


def test_the_shipped_parameters_are_those_of_the_model_in_its_units() -> None:
    with (ROOT / "scenarios" / "europe" / "parameters.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["name"]: row for row in csv.DictReader(stream)}
    assert set(rows) <= set(PARAMETERS)
    for name, row in rows.items():
        assert row["unit"] == PARAMETERS[name].unit, name
        assert PARAMETERS[name].least <= float(row["low"]) <= float(row["high"]) <= PARAMETERS[name].most, name


def test_the_docs_and_the_schema_come_from_the_same_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for path, text in documents().items():
        assert path.read_text(encoding="utf-8") == text, "run: python -m flanksim.scenario.describing"
    docs = "".join(path.read_text(encoding="utf-8") for path in documents())
    for name in ("row", "scenario", *TABLES, *PARTS):
        assert f"<!-- fields of {name} -->\n| " in docs
    parameters = json_schema()["properties"]["parameters"]["properties"]
    for name, entry in PARAMETERS.items():
        number = parameters[name]["anyOf"][0]
        assert (number["minimum"], number["maximum"]) == (entry.least, entry.most)
        assert f"({entry.unit})" in parameters[name]["description"]


def test_every_field_has_a_description_and_every_number_a_unit() -> None:
    """Of the published schema: tables, parts, durations and what stands beside them."""
    schema = json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, entry in model["properties"].items():
            where = f"{model['title']}.{name}"
            part = schema["$defs"].get(entry.get("$ref", "").rpartition("/")[2], {})  # it describes itself
            assert re.fullmatch(r"[A-Z][^\n]{3,}\.", entry.get("description", part.get("description", ""))), where
            units = [number.get("unit") for number in numbers_of(entry)]
            assert all(units), where
            if units and name != "parameters":
                assert entry["description"].endswith(f" Unit: {units[0]}."), where


def numbers_of(entry: Any) -> Iterator[dict[str, Any]]:
    """Numbers in a schema that are no constants, without those of what it refers to."""
    if isinstance(entry, dict):
        if entry.get("type") in ("number", "integer") and "const" not in entry:
            yield entry
        for key, inner in entry.items():
            if key != "properties":
                yield from numbers_of(inner)
    elif isinstance(entry, list):
        for inner in entry:
            yield from numbers_of(inner)


def test_no_number_of_the_schema_is_without_limits() -> None:
    """Walked through the published schema: whoever adds a field without limits fails here."""
    without = []

    def walk(path: str, schema: Any) -> None:
        if isinstance(schema, list):
            for entry in schema:
                walk(path, entry)
        elif isinstance(schema, dict):
            if schema.get("type") in ("number", "integer") and "const" not in schema and "enum" not in schema:
                low = {"minimum", "exclusiveMinimum"} & set(schema)
                if not low or "maximum" not in schema:
                    without.append(path)
            for key, entry in schema.items():
                walk(f"{path}.{key}", entry)

    walk("", json_schema())
    assert without == []


def numeric_fields() -> list[tuple[str, str, list[Any]]]:
    schema = json_schema()
    found = []
    for table, (model, _) in TABLES.items():
        for name, entry in schema["$defs"][model.__name__]["properties"].items():
            numbers = [
                value for value in edges(entry) if isinstance(value, int | float) and not isinstance(value, bool)
            ]
            if numbers and name != "gauge_mm" and table != "parameters":
                found.append((table, name, numbers))
    return found


@pytest.mark.parametrize(("table", "name", "limits"), numeric_fields())
def test_every_number_of_every_table_has_limits(table: str, name: str, limits: list[float], eastern: Scenario) -> None:
    key = min(getattr(eastern, table))
    model = TABLES[table][0]
    row = dict(getattr(eastern, table)[key])
    for value in (math.nan, math.inf, -math.inf, -1e15, 1e15, True, "many"):
        if value == "many" and (table, name) == ("effects", "typical"):
            continue  # an effect may set text
        base = f"name: x\n{table}:\n  {key}:\n"
        fields = {field: entry for field, entry in row.items() if model.model_fields[field].is_required()} | {
            name: value
        }
        lines = "".join(f"    {field}: {told(entry)}\n" for field, entry in fields.items())
        with pytest.raises(FlanksimError) as caught:
            loads(base + lines)
        paths = {problem.path for problem in caught.value.problems if problem.code in ("E105", "E106", "E208")}
        assert f"{table}.{key}.{name}" in paths, (value, caught.value)


def told(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    return json.dumps(list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"question": {"deadline_days": math.inf}}, "E106"),
        ({"question": {"horizon_days": math.nan}}, "E106"),
        ({"question": {"tier_1_deadline_days": 0}}, "E106"),
        ({"question": {"close_share": 1.5}}, "E106"),
        ({"seed": 10**26}, "E106"),
        ({"seed": 1.5}, "E105"),
        ({"seed": True}, "E105"),
        ({"replications": 0}, "E106"),
        ({"spending": {"carry_over_years": math.inf}}, "E106"),
        ({"spending": {"path": {2030: math.nan}}}, "E106"),
        ({"fleets": {"flats": {"capacity": 0}}}, "E106"),
        ({"fleets": {"flats": {"hours_per_day": 0}}}, "E106"),
        ({"fleets": {"flats": {"group_size": 0}}}, "E106"),
        ({"fleets": {"ro-ro": {"capacity_unit": "vehicles"}}}, "E219"),
        ({"links": {"s7": {"capacity_unit": "trains_per_day"}}}, "E219"),
        ({"links": {"s7": {"length_km": 270_000}}}, "E208"),
        ({"parameters": {"vehicles_per_train": 1, "march_serial_vehicles": 1},
          "units": {"logistics": {"wheeled": 1_000_000}}}, "E304"),
    ],
)  # fmt: skip
def test_numbers_outside_the_tables(overrides: dict[str, Any], code: str) -> None:
    assert only(overrides) == [code]


@pytest.mark.parametrize(
    ("table", "row", "field"),
    [("facilities", "berth-GDN", "servers_typical"), ("fleets", "flats", "count_typical"),
     ("links", "s7", "capacity_typical"), ("facilities", "berth-GDN", "storage_typical")],
)  # fmt: skip
def test_none_of_a_thing_is_a_number(table: str, row: str, field: str) -> None:
    assert getattr(getattr(load("corridor-mini", {table: {row: {field: 0}}}), table)[row], field) == 0


@pytest.mark.parametrize(
    "duration",
    [{"low": 50, "typical": 10, "high": 0}, {"low": 5, "typical": 5, "high": 5}, {"trace": []}, {"exponential": 0}],
)
@pytest.mark.parametrize(
    ("table", "row", "field"),
    [("links", "rail-east", "travel_hours"), ("facilities", "ramp-HAJ", "handling_hours"),
     ("units", "logistics", "release_interval_hours"), ("fleets", "flats", "repair_hours")],
)  # fmt: skip
def test_a_duration_without_order_width_or_mean_is_refused(
    table: str, row: str, field: str, duration: dict[str, Any]
) -> None:
    assert only({table: {row: {field: duration}}}) == ["E107"]


@pytest.mark.parametrize(
    "hours",
    [{"opens_hour": 20}, {"closes_hour": 6}, {"opens_hour": 8, "closes_hour": 8}, {"opens_hour": 24, "closes_hour": 0}],
)
def test_hours_that_say_nothing_are_refused(hours: dict[str, float]) -> None:
    assert only({"facilities": {"border-road": hours}}) == ["E107"]


@pytest.mark.parametrize(("opens", "closes"), [(20, 6), (0, 24), (8, 18), (22, 0)])
def test_hours_that_say_something_are_read(opens: float, closes: float) -> None:
    hours = {"opens_hour": opens, "closes_hour": closes}
    assert load("corridor-mini", {"facilities": {"border-road": hours}}).facilities["border-road"].opens_hour == opens


def warnings_of(overrides: dict[str, Any]) -> list[str]:
    return [f"{problem.code} {problem.path}" for problem in inspect("corridor-mini", overrides)[1]]


@pytest.mark.parametrize(
    ("overrides", "warning"),
    [
        ({"question": {"deadline_days": 30, "horizon_days": 30}}, "W403 question.horizon_days"),
        ({"question": {"deadline_days": 30, "horizon_days": 12}}, "W403 question.horizon_days"),
        ({"question": {"deadline_days": 1, "horizon_days": 10}}, "W403 question.horizon_days"),  # tier 1: C+10
        ({"links": {"rail-east": {"length_km": 200}}}, "W404 links.rail-east.length_km"),
        ({"links": {"rail-east": {"length_km": 3050}}}, "W404 links.rail-east.length_km"),
        ({"links": {"rail-east": {"speed_typical_kmh": 400}}}, "W405 links.rail-east.speed_typical_kmh"),
        ({"links": {"s7": {"travel_hours": 0.5}}}, "W405 links.s7.speed_typical_kmh"),
        ({"fleets": {"ro-ro": {"speed_kmh": 330}}}, "W405 fleets.ro-ro.speed_kmh"),
        ({"fleets": {"aircraft": {"speed_kmh": 80}}}, "W405 fleets.aircraft.speed_kmh"),
        ({"links": {"rail-east": {"gauge_mm": "1435;1521"}}}, "W407 links.rail-east.gauge_mm"),
    ],
)
def test_what_can_hardly_be_is_warned_of(overrides: dict[str, Any], warning: str) -> None:
    assert warnings_of(overrides) == [warning]


def test_a_way_round_that_has_a_reason_is_no_warning() -> None:
    assert warnings_of({"links": {"s7": {"length_km": 900, "detour_reason": "a bay"}}}) == []


@pytest.mark.parametrize("name", ["corridor-mini", "eastern-flank", "hague-pledge", "plan-south"])
def test_the_shipped_scenarios_have_no_warnings(name: str) -> None:
    assert inspect(name)[1] == []
