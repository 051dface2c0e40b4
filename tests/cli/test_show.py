"""`flanksim show`: what a scenario contains, counted here a second time from its own file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flanksim import FlanksimError, Scenario, load
from flanksim.draw.network import network_map
from flanksim.scenario.reading import located, shipped
from flanksim.terminal import WIDTH, render
from flanksim.text import rows
from flanksim.text.show import blocks, content
from tests.cli.test_cli import flanksim

LINES = (shipped() / "corridor-mini.yaml").read_text(encoding="utf-8").splitlines()


def line_of(key: str) -> int:
    return next(number for number, line in enumerate(LINES, 1) if line.startswith(f"  {key}:"))


def test_forces_by_nation_and_date(mini: Scenario) -> None:
    force = content(mini)["force"]
    rows = {row["nation"]: (row["units"], row["troops"], row["heavy"], row["wheeled"]) for row in force["by_nation"]}
    assert rows == {"DEU": (2, 5500, 300, 1500), "GBR": (1, 3500, 0, 800)}
    assert [(row["day"], row["ready_troops"], row["required_troops"]) for row in force["by_day"]] == [
        (1, 1500, 0), (3, 5500, 0), (5, 9000, 0), (10, 9000, 5500), (30, 9000, 9000)
    ]  # fmt: skip


def test_network_lift_and_tables(mini: Scenario) -> None:
    found = content(mini)
    modes = {row["mode"]: (row["links"], row["km"]) for row in found["network"]["links"]}
    assert modes == {"rail": (5, 1562), "road": (5, 1540), "sea": (2, 2450)}
    lift = {row["kind"]: (row["assets"], row["groups"]) for row in found["lift"]}
    assert lift["train"] == (480, 16)
    assert lift["het"] == (40, 4)
    assert {row["table"]: row["rows"] for row in found["tables"]}["facilities"] == 14
    assert found["levers"] == []
    assert len(content(load("eastern-flank"))["levers"]) == len(load("eastern-flank").levers) > 0


def test_what_is_set_by_hand_and_left_out_is_said() -> None:
    text = render(blocks(load("eastern-flank", {"forces": {"without": ["USA"]}, "mechanisms": {"outages": True}})))
    assert 'forces.without=["USA"]' in text
    assert "Without USA: 32 units with 80,000 troops stay at home" in text.replace("\n", " ").replace("  ", " ")
    assert "outages on, sustainment on" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_order_and_names_of_rows_change_nothing(mini: Scenario) -> None:
    turned = mini.with_tables(
        {name: dict(reversed(getattr(mini, name).items())) for name in ("units", "links", "fleets")}
    )
    assert content(turned) == content(mini)


def test_rows_that_concern_a_place_with_their_lines() -> None:
    scenario, _, where = located("corridor-mini")
    found = rows.rows_of(scenario, "Gdansk")
    assert set(found["links"]) == {"rail-port", "s7", "sea-gdansk"}
    assert set(found["facilities"]) == {"ramp-GDN", "berth-GDN", "exit-GDN"}
    assert found == rows.rows_of(scenario, "GDN") == rows.rows_of(scenario, "nodes.GDN")
    assert found["facilities"]["berth-GDN"] == {
        "place": "GDN", "kind": "berth", "servers_typical": 3.0, "storage_typical": 400.0
    }  # fmt: skip
    text = render(rows.blocks(found, where))
    assert f"corridor-mini.yaml:{line_of('berth-GDN')}" in text


def test_a_table_is_listed_whole(mini: Scenario) -> None:
    assert list(rows.rows_of(mini, "units")) == ["units"]
    assert set(rows.rows_of(mini, "units")["units"]) == set(mini.units)


@pytest.mark.parametrize(
    ("what", "hint"),
    [("gdan", "places of such a name: Gdansk"), ("linkz", "did you mean 'links'?"), ("berth-GDM", "did you mean"),
     ("links.rail-wets", "did you mean 'rail-west'?")],
)  # fmt: skip
def test_what_is_not_there_is_told_with_what_is_like_it(mini: Scenario, what: str, hint: str) -> None:
    with pytest.raises(FlanksimError, match="E134") as caught:
        rows.rows_of(mini, what)
    assert hint in str(caught.value)


def test_the_command_draws_the_map_and_prints_json(tmp_path: Path) -> None:
    done = flanksim("show", "corridor-mini", "--map", "out", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert found["scenario"] == "corridor-mini"
    assert [Path(path).name for path in found["map"]] == ["map.png", "map.svg"]
    assert all((tmp_path / path).stat().st_size > 1000 for path in found["map"])


def test_the_map_says_what_it_leaves_out(mini: Scenario) -> None:
    node = mini.nodes["MCH"].model_copy(update={"lat": None, "lon": None})
    axes = network_map(mini.with_tables({"nodes": {**mini.nodes, "MCH": node}}))
    assert "1 of 7 places" in axes.get_title(loc="left")
    assert "lies" in axes.get_title(loc="left")
