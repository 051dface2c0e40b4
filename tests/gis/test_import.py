"""Maps as scenarios: what becomes of tags, ends, crossings and lengths, and that what is made runs."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import flanksim as fs
from flanksim.gis.shapes import Shape
from flanksim.gis.tags import Cells, link_of, place_of
from flanksim.scenario.geometry import great_circle_km
from tests.gis.maps import DEGREE_KM, REED, feature, geojson, imported, told

ROOT = Path(__file__).parents[2]
#: Physics only, and one unit on its own wheels.
MARCH = """
flanksim: 1
name: march
extends: made.yaml
mechanisms: {permissions: false, integration: false, march_rest: false, chance: false, civil_traffic: false,
             borders: false, handling: false, lift: false}
parameters: {travel_factor_road: 1}
units:
  u: {home_node: FROM, assembly_node: TO, wheeled: 20}
"""


def arrival_hour(folder: Path, start: str, end: str) -> float:
    text = MARCH.replace("FROM", start).replace("TO", end)
    (folder / "march.yaml").write_text(text, encoding="utf-8")
    return fs.simulate(folder / "march.yaml", seed=1).closures["all"].hour


def test_an_extract_becomes_places_and_links_with_their_owners(tmp_path: Path) -> None:
    made = imported(tmp_path, REED, "reed.osm")
    assert {key: (row["kind"], row["lat"], row["lon"]) for key, row in made.tables["nodes"].items()} == {
        "Reed": ("junction", 50.001, 9.0),
        "Marsh_Port": ("port", 52.0, 9.001),
        "n2": ("junction", 51.0, 9.0),
        "n8": ("junction", 51.6, 9.0),
        "n4": ("junction", 51.0, 9.5),
    }
    links = made.tables["links"]
    ends = {key: (row["from_node"], row["to_node"], row["mode"]) for key, row in links.items()}
    assert ends == {
        "w100": ("Reed", "n2", "road"),
        "w101": ("n2", "n8", "road"),  # with the bridge 102 and the quick 103
        "w104": ("n8", "Marsh_Port", "road"),  # slower, so a link of its own
        "w106": ("Reed", "Marsh_Port", "rail"),  # a level crossing is no place
        "w107": ("n2", "n4", "road"),
    }
    degrees = {"w100": 1.0, "w101": 0.6, "w104": 0.4, "w106": 2.0}
    for key, many in degrees.items():
        assert links[key]["length_km"] == pytest.approx(many * DEGREE_KM, abs=0.001)
    assert links["w100"]["length_km"] == pytest.approx(111.19, abs=0.006)
    assert links["w101"]["max_mlc"] == pytest.approx(30 / 0.9072, abs=0.05)
    assert "max_mlc" not in links["w100"]
    assert "speed_typical_kmh" not in links["w101"]  # 100 km/h is faster than a column marches
    assert links["w104"]["speed_typical_kmh"] == pytest.approx(16.093)
    assert (links["w106"]["gauge_mm"], links["w106"]["tracks"], links["w106"]["electrified"]) == ("1435;1520", 2, "y")
    assert (links["w107"]["one_way"], links["w107"]["lanes"]) == (True, 4)
    assert {(row["basis"], row["confidence"]) for row in links.values()} == {("derived", "M"), ("derived", "L")}
    assert links["w107"]["confidence"] == links["w104"]["confidence"] == "L"  # straight between two points
    for table in ("nodes", "links"):
        for row in made.tables[table].values():
            assert row["source"] in made.tables["sources"]
            assert row["basis"]
            assert row["confidence"]
    assert "OpenStreetMap" in made.tables["sources"]["reed"]["citation"]
    assert sum(made.left_out["reed.osm"].values()) == 2
    assert told(made) == [("W614", "reed.osm:14", "links.w100")]
    assert [problem.code for problem in made.remaining] == ["E301"]


def without_sources(made: fs.ImportedNetwork) -> dict[str, Any]:
    return {table: rows for table, rows in made.tables.items() if table != "sources"}


def test_the_overpass_api_gives_the_same(tmp_path: Path) -> None:
    from xml.etree import ElementTree as ET

    elements: list[dict[str, Any]] = []
    for entry in ET.fromstring(REED):  # noqa: S314 - written above
        tags = {tag.get("k"): tag.get("v") for tag in entry.iter("tag")}
        row: dict[str, Any] = {"type": entry.tag, "id": int(entry.get("id", "")), "tags": tags}
        if entry.tag == "node":
            row |= {"lat": float(entry.get("lat", "")), "lon": float(entry.get("lon", ""))}
        else:
            row["nodes"] = [int(nd.get("ref", "")) for nd in entry.iter("nd")]
        elements.append(row)
    (tmp_path / "xml").mkdir()
    one = imported(tmp_path / "xml", REED, "reed.osm")
    other = imported(tmp_path, json.dumps({"version": 0.6, "elements": elements}), "reed.json")
    assert without_sources(other) == without_sources(one)
    at = {entry["id"]: {"lat": entry["lat"], "lon": entry["lon"]} for entry in elements if entry["type"] == "node"}
    geometry = [
        entry | {"geometry": [at[node] for node in entry["nodes"]]} if entry["type"] == "way" else entry
        for entry in elements
        if entry["type"] == "way" or entry["tags"]
    ]
    (tmp_path / "geom").mkdir()
    third = imported(tmp_path / "geom", json.dumps({"elements": geometry}), "reed.json")
    assert without_sources(third) == without_sources(one)


def test_what_is_made_runs_and_arrives_when_it_must(tmp_path: Path) -> None:
    """The column marches 1.6 degrees at the class's 32 km/h and 0.4 at the signed 10 mph; the way back is as long."""
    imported(tmp_path, REED, "reed.osm")
    hours = 1.6 * DEGREE_KM / 32.0 + 0.4 * DEGREE_KM / 16.09344
    assert arrival_hour(tmp_path, "Reed", "Marsh_Port") == pytest.approx(hours, abs=1e-3)
    assert arrival_hour(tmp_path, "Marsh_Port", "Reed") == pytest.approx(hours, abs=1e-3)


@pytest.mark.parametrize("reverse", [False, True])
def test_one_way_lines_lead_one_way(tmp_path: Path, reverse: bool) -> None:
    """South to north one way directly, back by a detour over the east."""
    a, b, c = [9.0, 0.0], [9.0, 1.0], [10.0, 0.0]
    direct = feature([b, a] if reverse else [a, b], highway="primary", oneway="-1" if reverse else "yes")
    text = geojson(
        direct, feature([b, c], highway="primary"), feature([c, a], highway="primary"),
        feature(a, node_id="A"), feature(b, node_id="B"), feature(c, node_id="C"),
    )  # fmt: skip
    made = imported(tmp_path, text)
    row = made.tables["links"]["L001"]
    assert (row["from_node"], row["to_node"], row["one_way"], made.one_way) == ("A", "B", True, 1)
    assert arrival_hour(tmp_path, "A", "B") == pytest.approx(DEGREE_KM / 32.0, abs=1e-3)
    detour = DEGREE_KM + great_circle_km(1.0, 9.0, 0.0, 10.0)
    assert arrival_hour(tmp_path, "B", "A") == pytest.approx(detour / 32.0, abs=1e-3)


def test_one_way_lines_that_meet_head_on_are_two_links(tmp_path: Path) -> None:
    one_way = {"highway": "primary", "oneway": "yes"}
    text = geojson(feature([[9.0, 50.0], [9.0, 51.0]], **one_way), feature([[9.0, 52.0], [9.0, 51.0]], **one_way))
    rows = imported(tmp_path, text).tables["links"].values()
    assert [(row["from_node"], row["to_node"]) for row in rows] == [("N001", "N002"), ("N003", "N002")]


def test_ends_that_nearly_meet_are_joined(tmp_path: Path) -> None:
    """Gaps of 33 m between ends, and between an end and the middle of a line, but none between a road and a railway."""
    near = 0.0003
    text = geojson(
        feature([[9.0, 50.0], [9.0, 50.5]], mode="road", link_id="south", capacity_typical=300),
        feature(
            [[9.0, 50.5 + near], [9.0, 50.7], [9.0, 50.9], [9.0, 51.0]],
            mode="road",
            link_id="north",
            capacity_typical=300,
        ),
        feature([[9.0 + near, 50.7], [9.5, 50.7]], mode="road", link_id="east", capacity_typical=300),
        feature([[8.5, 50.9], [8.9997, 50.9]], mode="rail", link_id="rail", capacity_typical=48),
    )
    made = imported(tmp_path, text)
    links = made.tables["links"]
    assert set(links) == {"south", "north", "north-2", "east", "rail"}
    assert links["south"]["to_node"] == links["north"]["from_node"]
    assert links["north"]["to_node"] == links["north-2"]["from_node"] == links["east"]["from_node"]
    assert made.joined_ends == 2
    assert [(problem.code, "2 parts" in problem.message) for problem in made.problems] == [("W612", True)]
    (tmp_path / "exact").mkdir()
    apart = imported(tmp_path / "exact", text, tolerance_km=0.0)
    assert apart.joined_ends == 0
    assert "4 parts" in apart.problems[0].message
    assert set(apart.tables["links"]) == {"south", "north", "east", "rail"}


def test_ends_and_places_beside_the_middle_of_a_stretch(tmp_path: Path) -> None:
    """A side road drawn onto a straight road of two degrees, and a town 700 m beside it, where there was no corner."""
    text = geojson(
        feature([[9.0, 50.0], [9.0, 52.0]], mode="road", link_id="main"),
        feature([[9.0003, 50.5], [9.5, 50.5]], mode="road", link_id="side"),
        feature([[9.0003, 50.4], [9.5, 50.4]], mode="rail", link_id="rail"),
        feature([9.01, 51.0], name="Town"),
        feature([[179.5, 0.0], [-179.5, 0.0]], mode="sea", link_id="lane"),
        feature([180.0, 0.01], name="Buoy"),
    )
    links = imported(tmp_path, text).tables["links"]
    assert {key: row["length_km"] for key, row in links.items() if key.startswith("main")} == pytest.approx(
        {"main": DEGREE_KM / 2, "main-2": DEGREE_KM / 2, "main-3": DEGREE_KM}, abs=0.001
    )
    assert links["main-2"]["from_node"] == links["side"]["from_node"]
    assert (links["main-2"]["to_node"], links["main-3"]["from_node"]) == ("Town", "Town")
    assert (links["lane"]["to_node"], links["lane-2"]["from_node"]) == ("Buoy", "Buoy")
    assert links["lane"]["length_km"] == pytest.approx(DEGREE_KM / 2, abs=0.001)
    assert links["rail"]["from_node"] not in (links["main"]["to_node"], links["side"]["from_node"])


def test_lines_go_on_past_the_antimeridian(tmp_path: Path) -> None:
    text = geojson(
        feature([[179.5, 0.0], [180.0, 0.0]], mode="sea", link_id="west"),
        feature([[-180.0, 0.0], [-179.5, 0.0]], mode="sea", link_id="east"),
        feature([[179.5, 1.0], [-179.5, 1.0]], mode="sea", link_id="whole"),
        feature([[179.9998, 2.0], [179.0, 2.0]], mode="sea", link_id="one"),
        feature([[-179.9999, 2.0], [-179.0, 2.0]], mode="sea", link_id="other"),
    )
    links = imported(tmp_path, text).tables["links"]
    (tmp_path / "exact").mkdir()
    for rows in (links, imported(tmp_path / "exact", text, tolerance_km=0.0).tables["links"]):
        assert rows["west"]["to_node"] == rows["east"]["from_node"]
    assert links["west"]["length_km"] == pytest.approx(DEGREE_KM / 2, abs=0.001)
    assert links["whole"]["length_km"] == pytest.approx(great_circle_km(1.0, 0.0, 1.0, 1.0), abs=0.001)
    assert links["one"]["from_node"] == links["other"]["from_node"]  # 33 m apart, over the line


def test_places_lie_on_the_lines_that_they_are_near(tmp_path: Path) -> None:
    """A town takes the nearest end of each net of lines: road and railway, which do not meet, meet in it."""
    text = geojson(
        feature([9.0, 50.0], name="Reed", country="de"),
        feature([9.3, 50.0], name="Far off"),
        feature([[9.005, 50.0], [9.005, 50.5], [9.005, 51.0]], mode="road", capacity_typical=300),
        feature([[8.995, 50.0], [8.995, 50.5]], mode="rail", capacity_typical=48),
        feature([9.004, 50.5], node_id="HALF", name="Half-way"),
    )
    made = imported(tmp_path, text)
    ends = [(row["from_node"], row["to_node"], row["mode"]) for row in made.tables["links"].values()]
    assert ends == [("Reed", "HALF", "road"), ("HALF", "N004", "road"), ("Reed", "HALF", "rail")]
    assert made.tables["nodes"]["Reed"]["country"] == "DEU"
    assert told(made) == [("W613", "map.geojson:3", "nodes.Far_off")]
    (tmp_path / "nearer").mkdir()
    nearer = imported(tmp_path / "nearer", text, reach_km=0.3)
    ends = [(row["from_node"], row["to_node"]) for row in nearer.tables["links"].values()]
    assert ends == [("N004", "HALF"), ("HALF", "N005"), ("N006", "N007")]


def test_stated_lengths_win_and_are_shared_where_a_line_is_cut(tmp_path: Path) -> None:
    text = geojson(
        feature([[9.0, 50.0], [9.0, 51.0], [9.0, 52.0]], mode="road", link_id="cut", length_km=300, capacity_typical=9),
        feature([[9.0, 51.0], [9.5, 51.0]], mode="road", link_id="whole", length_km=40, basis="recalled"),
    )
    links = imported(tmp_path, text).tables["links"]
    assert (links["cut"]["length_km"], links["cut-2"]["length_km"]) == (150.0, 150.0)
    assert links["cut"]["basis"] == "derived"
    assert (links["whole"]["length_km"], links["whole"]["basis"]) == (40.0, "recalled")


@pytest.mark.parametrize(("mlc", "kept"), [("50", 50.0), ("120", None)])
def test_a_strong_bridge_says_nothing_of_the_road_beside_it(mlc: str, kept: float | None, tmp_path: Path) -> None:
    """Bridges without a sign have the default of the class, MLC 70: a link is no stronger than these."""
    text = geojson(
        feature([[9.0, 50.0], [9.0, 51.0]], highway="primary"),
        feature([[9.0, 51.0], [9.0, 51.01]], highway="primary", bridge="yes", mlc=mlc),
        feature([[9.0, 51.01], [9.0, 52.0]], highway="primary"),
    )
    (row,) = imported(tmp_path, text).tables["links"].values()
    assert row.get("max_mlc") == kept


def test_hours_of_a_line_are_shared_where_it_is_cut_and_never_those_of_two(tmp_path: Path) -> None:
    def line(start: float, end: float, **tags: Any) -> dict[str, Any]:
        return feature([[9.0, start], [9.0, (start + end) / 2], [9.0, end]], mode="rail", capacity_typical=9, **tags)

    side = feature([[9.0, 51.0], [9.5, 51.0]], mode="rail", capacity_typical=9)
    made = imported(tmp_path, geojson(line(50.0, 52.0, travel_hours=6), line(52.0, 53.0, travel_hours=6), side))
    hours = [row.get("travel_hours") for row in made.tables["links"].values()]
    assert hours == [3.0, 3.0, 6, None]
    (tmp_path / "drawn").mkdir()
    drawn = {"low": 5, "typical": 6, "high": 9}
    with pytest.raises(fs.FlanksimError, match=r"E612  map.geojson:2"):
        imported(tmp_path / "drawn", geojson(line(50.0, 52.0, travel_hours=drawn), side))
    (tmp_path / "whole").mkdir()
    whole = imported(tmp_path / "whole", geojson(line(50.0, 52.0, travel_hours=drawn, gauge_mm=[1435, 1520])))
    text = whole.path.read_text(encoding="utf-8")
    assert '"travel_hours": {"low": 5, "typical": 6, "high": 9}' in text
    assert '"gauge_mm": [1435, 1520]' in text


def test_lines_of_two_files_are_joined_and_stay_apart(tmp_path: Path) -> None:
    """Each row has one source: a link ends where its file does."""
    for name, south in (("one", 50.0), ("two", 51.0)):
        row = feature([[9.0, south], [9.0, south + 1.0]], mode="road", name=f"R {name}")
        (tmp_path / f"{name}.geojson").write_text(geojson(row), encoding="utf-8")
    made = fs.import_network([tmp_path / "one.geojson", tmp_path / "two.geojson"], tmp_path / "made")
    rows = list(made.tables["links"].values())
    assert [(row["source"], row["route"]) for row in rows] == [("one", "R one"), ("two", "R two")]
    assert rows[0]["to_node"] == rows[1]["from_node"]


def test_links_without_geometry_have_the_great_circle(tmp_path: Path) -> None:
    text = geojson(
        feature(None, link_id="lane", from_node="BEANR", to_node="B", mode="sea"),
        feature(None, node_id="BEANR", coordinates="5120N 00424E", function="1234----"),
        feature([4.4, 52.0 + 1.0 / 3.0], node_id="B"),
    )
    made = imported(tmp_path, text)
    assert made.tables["nodes"]["BEANR"]["lat"] == pytest.approx(51 + 20 / 60)
    assert made.tables["nodes"]["BEANR"]["kind"] == "port"
    row = made.tables["links"]["lane"]
    assert row["length_km"] == pytest.approx(DEGREE_KM, abs=0.001)
    assert (row["basis"], row["confidence"], dict(made.lengths)) == ("derived", "L", {"great circle": 1})


def test_un_locode_tables_as_they_are_published(tmp_path: Path) -> None:
    rows = (
        ',"BE",,".BELGIUM",,,,,,,,\n'
        ',"BE","ANR","Antwerpen","Antwerpen","VAN","12345---","AI","0501",,"5113N 00425E",\n'
        ',"AU","DRW","Darwin","Darwin","NT","1--4----","AI","0401",,"1227S 13050E",\n'
        '"X","BE","XXX","Gone","Gone",,"1-------","XX","0501",,"5113N 00425E",\n'
        ',"BE","NOW","Nowhere","Nowhere",,"--3-----","RL","0501",,,\n'
    )
    made = imported(tmp_path, rows, "locodes.csv")
    nodes = made.tables["nodes"]
    assert set(nodes) == {"BEANR", "AUDRW"}
    assert (nodes["AUDRW"]["lat"], nodes["AUDRW"]["lon"]) == (pytest.approx(-12.45), pytest.approx(130 + 50 / 60))
    assert [(row["country"], row["kind"], row["name"]) for row in nodes.values()] == [
        ("BEL", "port", "Antwerpen"), ("AUS", "port", "Darwin")
    ]  # fmt: skip
    assert made.left_out == {"locodes.csv": {"UN/LOCODE places without coordinates": 1}}


CELLS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"highway": "trunk", "lanes": "4", "maxspeed": "RO:urban"}, {"mode": "road", "lanes": 4}),
    ({"highway": "motorway"}, {"mode": "road", "lanes": 4, "one_way": True}),
    ({"highway": "motorway", "oneway": "no", "lanes": "3"}, {"mode": "road", "lanes": 3}),
    ({"highway": "primary", "junction": "roundabout"}, {"mode": "road", "one_way": True}),
    ({"highway": "primary", "bridge": "yes", "maxweight": "60 st"}, {"mode": "road", "max_mlc": 60.0}),
    ({"highway": "primary", "maxweight": "3.5"}, {"mode": "road"}),  # a sign in a town, no bridge
    ({"highway": "primary", "mlc:tracked": "80", "mlc:wheeled": "100"}, {"mode": "road", "max_mlc": 80.0}),
    ({"highway": "secondary", "access": "no", "motor_vehicle": "yes"}, {"mode": "road"}),
    ({"railway": "narrow_gauge", "gauge": "750"}, {"mode": "rail", "gauge_mm": "750"}),
    ({"railway": "rail", "gauge": "standard", "tracks": "2;1"}, {"mode": "rail", "gauge_mm": "1435"}),
    ({"railway": "rail", "electrified": "no", "maxaxleload": "22.5 t"},
     {"mode": "rail", "electrified": "n", "max_axle_load_t": 22.5}),
    ({"waterway": "canal", "boat": "yes", "maxdraft": "2.5 m"}, {"mode": "waterway", "max_draught_m": 2.5}),
    ({"waterway": "river", "CEMT": "Va", "name": "Reed"}, {"mode": "waterway", "route": "Reed"}),
    ({"route": "ferry", "maxweight": "40"}, {"mode": "ferry", "max_mlc": 44.1}),
    ({"other_tags": '"railway"=>"rail","gauge"=>"1520"'}, {"mode": "rail", "gauge_mm": "1520"}),
    ({"highway": "primary", "note": "of a mapper", "source": "survey", "max_mlc": 70}, {"mode": "road", "max_mlc": 70}),
    ({"mode": "road", "one_way": "yes", "note": "ours", "name": "R 1"},
     {"mode": "road", "one_way": True, "note": "ours", "route": "R 1"}),
]  # fmt: skip
LEFT_OUT: list[dict[str, Any]] = [
    {"railway": "tram"}, {"railway": "abandoned"}, {"railway": "rail", "service": "yard"}, {"highway": "footway"},
    {"highway": "construction"}, {"highway": "primary", "motor_vehicle": "no"}, {"waterway": "stream"},
    {"waterway": "river"}, {"waterway": "canal", "CEMT": "I", "boat": "no"}, {"route": "bicycle"},
    {"route": "ferry", "motor_vehicle": "no"}, {"power": "line"},
]  # fmt: skip


def shape(tags: dict[str, Any], ident: str = "") -> Shape:
    return Shape("map:1", "", "map", ident, ((0.0, 0.0), (0.0, 1.0)), tags)


@pytest.mark.parametrize(("tags", "cells"), CELLS, ids=lambda value: json.dumps(value)[:60])
def test_tags_are_columns(tags: dict[str, Any], cells: dict[str, Any]) -> None:
    found = link_of(shape(tags))
    assert isinstance(found, Cells)
    assert found.values == cells


@pytest.mark.parametrize("tags", LEFT_OUT, ids=json.dumps)
def test_what_loads_do_not_use_is_left_out(tags: dict[str, Any]) -> None:
    assert isinstance(link_of(shape(tags)), str)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"aeroway": "aerodrome", "name": "x"}, "airfield"), ({"military": "barracks", "name": "x"}, "home"),
        ({"barrier": "border_control", "name": "x"}, "border"), ({"place": "city", "name": "x"}, "junction"),
        ({"kind": "assembly"}, "assembly"), ({"locode": "BEANR", "function": "---4----"}, "airfield"),
        ({"railway": "station", "station": "subway", "name": "x"}, ""), ({"place": "city"}, ""),
        ({"amenity": "bench", "name": "x"}, ""), ({"name": "x"}, None), ({}, ""),
    ],
)  # fmt: skip
def test_points_are_places(tags: dict[str, Any], kind: str | None) -> None:
    found = place_of(Shape("map:1", "", "map", "", ((0.0, 0.0),), tags))
    assert isinstance(found, str) == (kind == "")
    if isinstance(found, Cells):
        assert found.values.get("kind") == kind


def test_ferries_are_as_quick_as_their_time_says(tmp_path: Path) -> None:
    text = geojson(feature([[9.0, 50.0], [9.0, 51.0]], route="ferry", duration="04:00"))
    row = imported(tmp_path, text).tables["links"]["L001"]
    assert row["speed_typical_kmh"] == pytest.approx(DEGREE_KM / 4.0, abs=0.05)


def test_values_that_are_not_understood_are_told_once_a_tag(tmp_path: Path) -> None:
    line = [[9.0, 50.0], [9.0, 51.0]]
    text = geojson(
        feature(line, highway="primary", maxspeed="walk", lanes="two"),
        feature(line, highway="primary", maxspeed="fast", lanes="none"),
        feature([9.0, 50.0], name="A", country="ZZ"),
    )
    made = imported(tmp_path, text, class_capacities=True)
    assert sorted(told(made), key=lambda row: row[1:]) == [
        ("W611", "map.geojson:2", "lanes"), ("W611", "map.geojson:2", "maxspeed"), ("W611", "map.geojson:4", "country")
    ]  # fmt: skip
    (speeds,) = [problem.message for problem in made.problems if problem.path == "maxspeed"]
    assert "'walk', 'fast' in 2 features" in speeds


def test_capacities_of_classes_are_an_assumption(tmp_path: Path) -> None:
    of = [{"railway": "rail", "tracks": "2"}, {"highway": "motorway"}, {"mode": "road", "capacity_typical": 123},
          {"mode": "sea"}]  # fmt: skip
    star = [feature([[9.0, 50.0], [10.0, 50.0 + number]], **tags) for number, tags in enumerate(of)]
    made = imported(tmp_path, geojson(*star), class_capacities=True)
    rows = list(made.tables["links"].values())
    assert [row.get("capacity_typical") for row in rows] == [165.0, 700.0, 123, None]
    assert [row["basis"] for row in rows] == ["assumed", "assumed", "derived", "derived"]
    assert not made.problems


def test_dead_ends_may_be_pruned(tmp_path: Path) -> None:
    """A trunk between two places with a branch of two twigs: only the trunk is left, as one link."""
    road = {"mode": "road", "capacity_typical": 300}
    text = geojson(
        feature([9.0, 50.0], name="A"), feature([9.0, 52.0], name="B"),
        feature([[9.0, 50.0], [9.0, 51.0]], **road), feature([[9.0, 51.0], [9.0, 52.0]], **road),
        feature([[9.0, 51.0], [9.5, 51.0]], **road), feature([[9.5, 51.0], [9.6, 51.1]], **road),
        feature([[9.5, 51.0], [9.6, 50.9]], **road),
    )  # fmt: skip
    assert len(imported(tmp_path, text).tables["links"]) == 5
    (tmp_path / "pruned").mkdir()
    made = imported(tmp_path / "pruned", text, prune=True)
    (row,) = made.tables["links"].values()
    assert (row["from_node"], row["to_node"]) == ("A", "B")
    assert row["length_km"] == pytest.approx(2 * DEGREE_KM, abs=0.001)


@pytest.mark.parametrize("name", ["corridor-mini", pytest.param("eastern-flank", marks=pytest.mark.slow)])
def test_an_export_comes_back_as_the_tables_that_it_was_of(name: str, tmp_path: Path) -> None:
    before = fs.load(name)
    files = fs.export_network(before, tmp_path / "geo").files
    made = fs.import_network(files.values(), tmp_path / "made")
    home = next(iter(before.units.values()))
    unit = {"troops": 1, "home_node": home.home_node, "assembly_node": home.assembly_node}
    (tmp_path / "back.yaml").write_text(
        json.dumps({"flanksim": 1, "name": "back", "extends": "made.yaml", "units": {"u": unit}}), encoding="utf-8"
    )
    after = fs.load(tmp_path / "back.yaml")
    for table in ("nodes", "links", "facilities", "chokepoints"):
        assert getattr(after, table) == getattr(before, table), table
    assert not [problem for problem in made.problems if problem.code.startswith("E")]


def test_values_that_no_cell_holds_come_back_too(tmp_path: Path) -> None:
    text = """
    {flanksim: 1, name: nested, units: {U: {troops: 100, home_node: A, assembly_node: B}},
     nodes: {A: {lat: 1, lon: 2}, B: {lat: 2, lon: 2}},
     links: {L: {from_node: A, to_node: B, mode: rail, length_km: 120, gauge_mm: [1435, 1520], one_way: true,
                 travel_hours: {exponential: 3}, closures: [{from_hour: 0, to_hour: 5}]}},
     facilities: {F: {place: A, kind: rail_terminal, servers_typical: 2, closures: [{from_hour: 1, to_hour: 2}]}}}
    """
    before = fs.loads(text)
    fs.import_network(fs.export_network(before, tmp_path / "geo").files.values(), tmp_path / "made")
    march = "{flanksim: 1, name: m, extends: made.yaml, units: {U: {troops: 100, home_node: A, assembly_node: B}}}"
    (tmp_path / "march.yaml").write_text(march, encoding="utf-8")
    after = fs.load(tmp_path / "march.yaml")
    assert (after.links, after.facilities, after.nodes) == (before.links, before.facilities, before.nodes)


@pytest.mark.parametrize("seed", range(12))
def test_ways_are_as_long_as_on_the_map(seed: int, tmp_path: Path) -> None:
    """Random webs of roads, some one way: least lengths between places by the links are those by single stretches."""
    chance = random.Random(seed)
    grid = [[9.0 + x / 10, 50.0 + y / 10] for x in range(6) for y in range(6)]
    stretches: nx.DiGraph[Any] = nx.DiGraph()
    ways = []
    for _ in range(25):
        x, y = chance.randrange(6), chance.randrange(6)
        line = [grid[6 * x + y]]
        for _ in range(chance.randrange(1, 5)):
            step = chance.choice([(dx, dy) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
                                  if 0 <= x + dx < 6 and 0 <= y + dy < 6])  # fmt: skip
            x, y = x + step[0], y + step[1]
            line.append(grid[6 * x + y])
        one_way = chance.random() < 0.3
        ways.append(feature(line, highway="primary", ref=f"R {len(ways)}", oneway="yes" if one_way else "no"))
        for (lon, lat), (on, up) in zip(line, line[1:], strict=False):
            km = great_circle_km(lat, lon, up, on)
            stretches.add_edge((lon, lat), (on, up), km=km)
            if not one_way:
                stretches.add_edge((on, up), (lon, lat), km=km)
    spots = chance.sample(sorted(stretches.nodes), 4)
    made = imported(tmp_path, geojson(*ways, *(feature(list(at), node_id=f"P{n}") for n, at in enumerate(spots))),
                    reach_km=0.5, class_capacities=True)  # fmt: skip
    links: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    links.add_nodes_from(made.tables["nodes"])
    for key, row in made.tables["links"].items():
        links.add_edge(row["from_node"], row["to_node"], key=key, km=row["length_km"])
        if not row.get("one_way"):
            links.add_edge(row["to_node"], row["from_node"], key=key, km=row["length_km"])
    for one, start in enumerate(spots):
        by_map = nx.single_source_dijkstra_path_length(stretches, start, weight="km")
        by_links = nx.single_source_dijkstra_path_length(links, f"P{one}", weight="km")
        for other, end in enumerate(spots):
            assert (f"P{other}" in by_links) == (end in by_map)
            if end in by_map:
                assert by_links[f"P{other}"] == pytest.approx(by_map[end], abs=0.05)
    # where two links alone meet, they lead away from it one way, or to one place, or are unlike
    rows = list(made.tables["links"].values())
    for node in links:
        meeting = [row for row in rows if node in (row["from_node"], row["to_node"])]
        if not node.startswith("P") and len(meeting) == 2:
            far = [({row["from_node"], row["to_node"]} - {node}).pop() for row in meeting]
            kinds = [row.get("one_way", False) for row in meeting]
            through = sorted(row["to_node"] == node for row in meeting) == [False, True]
            assert far[0] == far[1] or kinds[0] != kinds[1] or (kinds[0] and not through)


MISTAKES: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    ("map.geojson", "{", [("E611", "map.geojson:1", "")]),
    ("map.geojson", '{"type": "Topology"}', [("E611", "map.geojson", "type")]),
    ("map.geojson", "[1]", [("E611", "map.geojson", "")]),
    ("map.geojson", geojson(feature([52.0, 109.0], name="swapped")), [("E612", "map.geojson:2", "features.0")]),
    ("map.geojson", geojson(feature([9.0, 50.0], name="A"), {"type": "Feature", "geometry": {"type": "Point"}}),
     [("E612", "map.geojson:3", "features.1")]),
    ("map.geojson", geojson(feature([[9.0, 50.0]], mode="road")), [("E612", "map.geojson:2", "features.0")]),
    ("map.geojson", geojson(feature([["a", "b"], [1, 2]], mode="road")), [("E612", "map.geojson:2", "features.0")]),
    ("map.geojson", '{"type": "FeatureCollection", "features": [NaN]}', [("E611", "map.geojson", "")]),
    ("map.geojson", '{"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:3857"}}, "features": []}',
     [("E612", "map.geojson", "crs")]),
    ("map.geojson", geojson(feature([[9.0, 50.0], [9.0, 51.0]])), [("E613", "map.geojson", "")]),
    ("map.geojson", geojson(feature([[9.0, 50.0], [9.0, 51.0]], mode="train")),
     [("E105", "map.geojson:2", "links.L001.mode")]),
    ("map.geojson", geojson(feature([[9.0, 50.0], [9.0, 51.0]], mode="road", max_mlc=-1, lanes="wide")),
     [("E105", "map.geojson:2", "links.L001.lanes"), ("E106", "map.geojson:2", "links.L001.max_mlc")]),
    ("map.geojson", geojson(feature([9.0, 50.0], node_id="A"), feature([9.0, 51.0], node_id="A")),
     [("E111", "map.geojson:3", "nodes.A")]),
    ("map.geojson", geojson(feature(None, link_id="L", from_node="A", to_node="B", mode="road", length_km=1)),
     [("E201", "map.geojson:2", "links.L.from_node"), ("E201", "map.geojson:2", "links.L.to_node")]),
    ("map.geojson", geojson(feature([9.0, 50.0], node_id="a b")), [("E111", "map.geojson:2", "nodes.a b")]),
    ("map.geojson", geojson(feature([9.0, 50.0], facility_id="F", place="A", kind="berth")),
     [("E204", "map.geojson:2", "facilities.F.place")]),
    ("map.osm", "<osm><node id='1' lat='95' lon='9'/></osm>", [("E612", "map.osm:1", "node 1")]),
    ("map.osm", "<gpx></gpx>", [("E611", "map.osm:1", "")]),
    ("map.osm", "<osm>\n<way>\n</way></osm>", [("E611", "map.osm:2", "")]),
    ("map.osm", "<!DOCTYPE osm [<!ENTITY a 'b'>]>\n<osm>&a;</osm>", [("E611", "map.osm:1", "")]),
    ("map.json", '{"elements": [\n{"type": "node", "id": 1}]}', [("E612", "map.json:2", "elements.0")]),
    ("map.json", '{"elements": 1}', [("E611", "map.json", "elements")]),
    ("map.csv", "A,B\n1,2\n", [("E611", "map.csv:1", "")]),
    ("map.csv", "Country,Location,Name,Coordinates\nBE,ANR,Antwerpen,5199N 00425E\n", [("E612", "map.csv:2", "BEANR")]),
    ("map.pbf", "x", [("E611", "map.pbf", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "problems"), MISTAKES, ids=range(len(MISTAKES)))
def test_mistakes_are_told_with_file_and_line(
    name: str, text: str, problems: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    with pytest.raises(fs.FlanksimError) as told_:
        imported(tmp_path, text, name)
    assert sorted((problem.code, problem.where, problem.path) for problem in told_.value.problems) == problems
    assert all(problem.hint for problem in told_.value.problems)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]  # nothing was written


def test_many_mistakes_of_one_file_are_cut_short(tmp_path: Path) -> None:
    """A file in metres: each feature is wrong, and a score of them is enough."""
    with pytest.raises(fs.FlanksimError) as found:
        imported(tmp_path, geojson(*[feature([3500000.0, 5800000.0], name="x")] * 500))
    assert len(found.value.problems) == 20
    assert "EPSG:4326" in found.value.problems[0].hint


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    text = geojson(feature([[9.0, 50.0], [9.0, 51.0]], mode="road"))
    imported(tmp_path, text)
    with pytest.raises(fs.FlanksimError, match="E112"):
        imported(tmp_path, text)
    with pytest.raises(fs.FlanksimError, match="E113"):
        fs.import_network(tmp_path / "map.geojson", tmp_path / "a b")
    with pytest.raises(fs.FlanksimError, match="E130"):
        fs.import_network(tmp_path / "map.geojson", tmp_path / "other", reach_km=-1)
    with pytest.raises(fs.FlanksimError, match="E101"):
        fs.import_network(tmp_path / "none.geojson", tmp_path / "other")


def test_every_code_is_documented() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/flanksim/gis").glob("*.py"))
    rows = set(re.findall(r"[EW]\d{3}", (ROOT / "docs/problems.md").read_text(encoding="utf-8")))
    codes = set(re.findall(r'"([EW]\d{3})"', source))
    assert {"E610", "E611", "E612", "E613", "W611", "W612", "W613", "W614"} <= codes <= rows | {"E302"}
