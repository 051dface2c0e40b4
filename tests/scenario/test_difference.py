"""`flanksim diff`: what was changed is what is told, no more and no less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flanksim import Scenario, load, loads
from flanksim.scenario.difference import differences
from flanksim.scenario.schema import Scenario as AnyScenario
from flanksim.scenario.tables import TABLES
from flanksim.terminal import WIDTH, render
from flanksim.text.difference import as_json, blocks
from tests.cli.test_cli import flanksim

CHANGES = {
    "regime": {"traffic": "peace"},
    "question": {"troops_required": 7500, "c_day": "2030-01-06"},
    "links": {"s7": None, "s61": {"max_mlc": 60}},
    "units": {"logistics": None},
    "nodes": {"NEW": {"name": "New place", "kind": "junction"}},
    "sustainment": {"supply_nodes": {"DEU": "HAJ"}},
}


def test_what_was_changed_is_what_differs(mini: Scenario) -> None:
    found = {(change.part, change.row): change for change in differences(mini, load("corridor-mini", CHANGES))}
    assert set(found) == {
        ("question", ""), ("regime", ""), ("sustainment", ""), ("links", "s7"), ("links", "s61"), ("nodes", "NEW"),
        ("units", "logistics"),
    }  # fmt: skip
    assert found["regime", ""].fields == {"traffic": ("crisis", "peace")}
    assert found["question", ""].fields == {"troops_required": (9000, 7500), "c_day": (None, "2030-01-06")}
    assert found["sustainment", ""].fields == {"supply_nodes.DEU": (None, "HAJ")}
    assert found["links", "s61"].fields == {"max_mlc": (70.0, 60.0)}
    assert [found[key].kind for key in (("links", "s7"), ("nodes", "NEW"))] == ["removed", "added"]


def test_turned_round_it_says_the_opposite(mini: Scenario) -> None:
    other = load("corridor-mini", CHANGES)
    kinds = {"added": "removed", "removed": "added", "changed": "changed"}
    there = {(c.part, c.row, c.kind): c.fields for c in differences(mini, other)}
    back = {(c.part, c.row, kinds[c.kind]): c.fields for c in differences(other, mini)}
    assert back == {key: {name: pair[::-1] for name, pair in fields.items()} for key, fields in there.items()}


@pytest.mark.parametrize("name", ["corridor-mini", "hague-pledge"])
def test_no_difference_means_the_same_digest(name: str) -> None:
    one = load(name)
    turned = one.with_tables({table: dict(reversed(getattr(one, table).items())) for table in TABLES})
    again = turned.model_copy(update={"title": "Another", "description": "Words."})
    assert differences(one, again) == []
    assert one.digest == again.digest


def test_every_field_of_a_scenario_is_compared_or_only_a_name(mini: Scenario) -> None:
    """A part that is added to the format later cannot be forgotten here."""
    updates = {
        "regional_plans": ("centre", "north"),
        "seed": 3,
        "replications": 7,
        "year": 2030,
        "loading_gauges": ("W",),
    }
    for name, value in updates.items():
        assert [change.part for change in differences(mini, mini.model_copy(update={name: value}))] == [name]
    assert {"name", "title", "description", "overrides"} < set(AnyScenario.model_fields)


def test_in_words(mini: Scenario) -> None:
    text = render(blocks(mini, load("corridor-mini", CHANGES)))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0].startswith(
        "the two scenarios corridor-mini: 4 settings, 1 row of nodes, 2 rows of links and 1 row of"
    )
    assert "regime.traffic crisis → peace" in lines
    assert "units that travel 3 → 2" in lines
    assert any(line.startswith("s61 road Warsaw-Orzysz max_mlc 70 → 60") for line in lines)
    assert any(line.startswith("s7 road Gdansk-Orzysz removed: from_node GDN") for line in lines)
    assert max(map(len, text.splitlines())) <= WIDTH
    same = loads("{flanksim: 1, name: own, extends: corridor-mini}")
    assert render(blocks(mini, same)) == "corridor-mini and own: the same settings and rows; only name differs"
    assert as_json(mini, same)["same"] is True


def test_exit_codes_and_json(tmp_path: Path) -> None:
    assert flanksim("diff", "corridor-mini", "corridor-mini", cwd=tmp_path).stdout.strip().endswith("settings and rows")
    done = flanksim("diff", "corridor-mini", "corridor-mini", "--set", "links.s7=null", "--json", cwd=tmp_path, check=3)
    found = json.loads(done.stdout)
    assert found["same"] is False
    assert [(entry["part"], entry["row"], entry["kind"]) for entry in found["differences"]] == [
        ("links", "s7", "removed")
    ]
    assert found["comes_to"] == {"links": [12, 11]}
    assert flanksim("diff", "corridor-mini", "nosuch", cwd=tmp_path, check=1).stdout == ""
