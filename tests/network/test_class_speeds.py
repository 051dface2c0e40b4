"""Speed of a link that states none: that of its class, by lanes, tracks and wires; its own wherever it has one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import flanksim as fs
from flanksim.scenario.schema import Scenario
from tests.conftest import tiny

FOLDER = Path(__file__).parents[2] / "scenarios" / "europe"
SPEEDS = """
parameters:
  {default_speed_road_kmh: 32, default_speed_motorway_kmh: 38, default_speed_rail_kmh: 22,
   default_speed_branch_line_kmh: 15, default_speed_sea_kmh: 28}
"""
UNIT = """
units: {u: {home_node: a, assembly_node: b, wheeled: 1}}
"""


def speed(link: str, parameters: str = SPEEDS) -> float:
    """Speed of a link 100 km long that is described so, km/h."""
    scenario = tiny(f"{parameters}\nlinks: {{l: {{from_node: a, to_node: b, length_km: 100, {link}}}}}\n{UNIT}")
    found: float = fs.graph(scenario).edges["a", "b", "l"]["speed_kmh"]
    return found


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("mode: road", 32),
        ("mode: road, lanes: 2", 32),
        ("mode: road, lanes: 3", 32),
        ("mode: road, lanes: 4", 38),
        ("mode: road, lanes: 6", 38),
        ("mode: road, lanes: 4, speed_typical_kmh: 50", 50),
        ("mode: rail", 22),
        ("mode: rail, electrified: y", 22),
        ("mode: rail, electrified: n", 15),
        ("mode: rail, tracks: 1, electrified: n", 15),
        ("mode: rail, tracks: 2, electrified: n", 22),
        ("mode: rail, tracks: 1, electrified: n, speed_typical_kmh: 30", 30),
        ("mode: sea", 28),
    ],
)
def test_the_class_gives_the_speed(link: str, expected: float) -> None:
    assert speed(link) == expected


def test_without_a_speed_of_the_class_that_of_the_mode_holds() -> None:
    """Tables of one's own that know one speed of roads and one of railways."""
    links = "{m: {from_node: a, to_node: b, length_km: 9, mode: road, lanes: 4}, r: {from_node: a, to_node: b, "
    links += "length_km: 9, mode: rail, tracks: 1, electrified: n}}"
    scenario = tiny(f"{SPEEDS}\nlinks: {links}\n{UNIT}")
    classes = ("default_speed_motorway_kmh", "default_speed_branch_line_kmh")
    plain = {name: row for name, row in scenario.parameters.items() if name not in classes}
    edges = fs.graph(scenario.model_copy(update={"parameters": plain})).edges
    assert [edges["a", "b", key]["speed_kmh"] for key in "mr"] == [32, 22]


def closing_hour(scenario: Scenario) -> float:
    return fs.simulate(scenario, seed=1).closure_day * 24.0


def test_a_second_track_makes_a_main_line_of_a_branch_line() -> None:
    """Over 330 km: 22 h at 15 km/h, 15 h at 22 km/h."""
    line = "from_node: a, to_node: b, length_km: 330, mode: rail, electrified: n"
    body = f"{SPEEDS}\nlinks: {{l: {{{line}, TRACKS}}}}\n{UNIT}"
    one, two = (closing_hour(tiny(body.replace("TRACKS", f"tracks: {tracks}"))) for tracks in (1, 2))
    assert one - two == pytest.approx(22.0 - 15.0)


def test_shipped_links_have_the_speed_that_the_tables_say() -> None:
    """Read from the CSV files a second time, chokepoints that slow a link aside."""
    with (FOLDER / "parameters.csv").open(encoding="utf-8", newline="") as stream:
        typical = {row["name"]: float(row["typical"]) for row in csv.DictReader(stream)}
    with (FOLDER / "chokepoints.csv").open(encoding="utf-8", newline="") as stream:
        slowed = {row["link_id"] for row in csv.DictReader(stream) if row["attribute"] == "speed_kmh"}
    with (FOLDER / "links.csv").open(encoding="utf-8", newline="") as stream:
        links = {row["link_id"]: row for row in csv.DictReader(stream)}
    for _, _, key, values in fs.graph("eastern-flank").edges(keys=True, data=True):
        row = links[key]
        kind = row["mode"]
        if kind == "road" and int(row["lanes"] or 2) >= 4:
            kind = "motorway"
        if kind == "rail" and row["tracks"] in ("", "1") and row["electrified"] == "n":
            kind = "branch_line"
        stated = row["speed_typical_kmh"]
        if key not in slowed:
            assert values["speed_kmh"] == (float(stated) if stated else typical[f"default_speed_{kind}_kmh"]), key
