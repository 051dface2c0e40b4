"""A scenario of nested Python values: the same as from a file, and problems that name the place in the values."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import flanksim as fs

SVG = "{http://www.w3.org/2000/svg}"
CORRIDOR: dict[str, Any] = {
    "name": "corridor",
    "mechanisms": {"chance": False},
    "parameters": {"close_share": 1},
    "links": {
        "west": {"from_node": "A", "to_node": "B", "mode": "road", "length_km": 300},
        "east": {"from_node": "B", "to_node": "C", "mode": "road", "length_km": 200, "lanes": 2},
    },
    "fleets": {"coaches": {"kind": "coach", "pool": "coaches", "carries": "troops", "count_typical": 90,
                           "group_size": 5, "capacity": 250, "capacity_unit": "troops", "home_node": "A",
                           "speed_kmh": 60}},
    "units": {"brigade": {"troops": 4000, "wheeled": 900, "home_node": "A", "assembly_node": "C"}},
}  # fmt: skip
TEXT = """
flanksim: 1
name: corridor
mechanisms: {chance: false}
parameters: {close_share: 1}
links:
  west: {from_node: A, to_node: B, mode: road, length_km: 300}
  east: {from_node: B, to_node: C, mode: road, length_km: 200, lanes: 2}
fleets:
  coaches: {kind: coach, pool: coaches, carries: troops, count_typical: 90, group_size: 5, capacity: 250,
            capacity_unit: troops, home_node: A, speed_kmh: 60}
units: {brigade: {troops: 4000, wheeled: 900, home_node: A, assembly_node: C}}
"""


def test_the_same_scenario_as_of_text_and_the_values_stay_as_they_were() -> None:
    given = deepcopy(CORRIDOR)
    found = fs.from_values(given)
    assert found == fs.loads(TEXT)
    assert found.digest == fs.loads(TEXT).digest
    assert given == CORRIDOR
    assert fs.simulate(found, seed=1).closures["all"].troops == 4000
    numbered = {7: CORRIDOR["links"]["west"], "east": CORRIDOR["links"]["east"]}
    assert list(fs.from_values(CORRIDOR | {"links": numbered}).links) == ["7", "east"]


def test_a_base_is_laid_under_the_values_and_a_row_set_to_none_goes() -> None:
    values = {"name": "own", "extends": "corridor-mini", "links": {"a7": None, "s7": {"lanes": 4}}}
    found, base = fs.from_values(values), fs.load("corridor-mini")
    assert set(base.links) - set(found.links) == {"a7"}
    assert (base.links["s7"].lanes, found.links["s7"].lanes) == (2, 4)


def test_tables_may_be_data_frames_and_numbers_numpys() -> None:
    frame = pd.DataFrame.from_dict(CORRIDOR["links"], orient="index")
    assert frame["lanes"].isna().sum() == 1, "an empty cell, which is not stated"
    values = CORRIDOR | {"links": frame, "seed": np.int64(2026), "replications": np.int64(30)}
    assert fs.from_values(values) == fs.from_values(CORRIDOR)
    with pytest.raises(fs.FlanksimError, match="an id is used twice: west") as caught:
        fs.from_values(CORRIDOR | {"links": pd.concat([frame, frame.head(1)])})
    assert caught.value.problems[0].path == "links"


PROBLEMS: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "a misspelt field": (
        {"links": {"west": {"lenght_km": 3}}},
        "E103", "links.west.lenght_km", "unknown field 'lenght_km'", "did you mean 'length_km'?",
    ),
    "a value of another kind": (
        {"units": {"brigade": {"troops": "many"}}},
        "E105", "units.brigade.troops", "'many' is text, not a number",
        "give a whole number from 0 to 500,000 (troops)",
    ),
    "a number out of range": (
        {"links": {"west": {"length_km": -3}}},
        "E106", "links.west.length_km", "-3 is too small", "give a number from 0 to 25,000 (km)",
    ),
    "a place that there is not": (
        {"units": {"brigade": {"home_node": "X"}}},
        "E201", "units.brigade.home_node", "unknown node 'X'", "add it to the table of nodes",
    ),
    "no base of that name": (
        {"extends": "corridor-mina"},
        "E101", "extends", "no such scenario file: corridor-mina", "did you mean 'corridor-mini'?",
    ),
    "rows without ids": (
        {"links": [{"from_node": "A"}]},
        "E105", "links", "[{from_node: A}] is a list, not a mapping", "write its rows by id: {id: {field: value}}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_is_told_with_its_place_and_remedy(name: str) -> None:
    change, *said = PROBLEMS[name]
    values = deepcopy(CORRIDOR)
    for part, rows in change.items():
        if isinstance(rows, dict):
            for key, row in rows.items():
                values[part][key] |= row
        else:
            values[part] = rows
    with pytest.raises(fs.FlanksimError) as caught:
        fs.from_values(values)
    problem = caught.value.problems[0]
    assert [problem.code, problem.path, problem.message, problem.hint] == said
    assert problem.where == "values"
    assert "pydantic" not in str(caught.value)


def test_what_lies_over_a_base_is_named_and_not_the_base() -> None:
    values = {"extends": "corridor-mini", "links": {"s7": {"lanes": "four"}}, "units": {"more": {"troops": 5}}}
    for found in (lambda: fs.from_values(values | {"name": "own"}), lambda: fs.from_values(values | {"name": "a/b"})):
        with pytest.raises(fs.FlanksimError) as caught:
            found()
        assert {problem.where for problem in caught.value.problems} == {"values"}
    with pytest.raises(fs.FlanksimError) as caught:
        fs.loads("{flanksim: 1, name: own, extends: corridor-mini, units: {more: {troops: 5}}}", "own.yaml")
    assert {problem.where for problem in caught.value.problems} == {"own.yaml:1"}


def test_every_problem_at_once() -> None:
    values = deepcopy(CORRIDOR)
    del values["name"]
    values["links"]["west"]["length_km"] = "far"
    values["units"]["brigade"]["assembly_node"] = "Y"
    with pytest.raises(fs.FlanksimError) as caught:
        fs.from_values(values)
    assert {problem.path for problem in caught.value.problems} >= {"name", "links.west.length_km"}


@pytest.mark.parametrize("given", [5, "corridor-mini", [CORRIDOR], None])
def test_what_is_no_mapping_is_refused(given: object) -> None:
    with pytest.raises(fs.FlanksimError, match="E130  values"):
        fs.from_values(given)  # type: ignore[arg-type]


def test_values_where_a_scenario_is_wanted_name_the_function() -> None:
    with pytest.raises(fs.FlanksimError, match=r"flanksim\.from_values makes a Scenario of nested values"):
        fs.simulate(CORRIDOR)  # type: ignore[arg-type]


def test_a_scenario_shows_itself_in_a_notebook() -> None:
    found = fs.from_values(CORRIDOR | {"title": "a <i> & c", "question": {"deadline_days": 7}})
    shown = found._repr_html_()
    assert "a &lt;i&gt; &amp; c" in shown
    assert "<i>" not in shown
    assert "4,000 troops closed by C+7" in shown
    assert "<td>1 unit, 4,000 troops" in shown
    assert "2 road (500 km)" in shown
    assert found.digest in shown
    assert "<td>1 fleet<" in shown
    bare = fs.from_values(CORRIDOR | {"fleets": {}})._repr_html_()
    assert "lift" not in bare, "there is none"
    assert "<svg" not in shown, "no place has coordinates"


def test_the_small_map_has_every_link_and_place_where_it_lies() -> None:
    mini = fs.load("corridor-mini")
    shown = mini._repr_html_()
    assert "6 fleets" in shown
    drawn = ElementTree.fromstring(shown.partition("</small>")[2])  # noqa: S314 - our own text
    lines = {path[0].text: path.get("d", "").count("M") for path in drawn.iter(f"{SVG}path")}
    assert lines == {mode: sum(link.mode == mode for link in mini.links.values()) for mode in ("rail", "road", "sea")}
    dots = {dot[0].text: dot for dot in drawn.iter(f"{SVG}circle")}
    (square,) = drawn.iter(f"{SVG}rect")
    assert (set(dots), square[0].text) == ({"Hannover", "Marchwood"}, "Orzysz")
    west, middle, east = (
        float(shape.get(name, ""))
        for shape, name in ((dots["Marchwood"], "cx"), (dots["Hannover"], "cx"), (square, "x"))
    )
    assert 0 < west < middle < east < float(drawn.get("width", ""))
    assert float(square.get("y", "")) < float(dots["Marchwood"].get("cy", "")), "north is up"
