"""What `network export` writes: GeoJSON that every GIS reads, graphs that come back as they were."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import flanksim as fs
from flanksim.gis.geojson import parts_of
from flanksim.gis.plain import network_of, plain_graph
from flanksim.network.elements import Facility
from flanksim.scenario.distributions import Distribution

ISLANDS = Path(__file__).parents[1] / "second_theatre" / "islands.yaml"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> fs.Study:
    return fs.run("corridor-mini", 2, jobs=1, results=tmp_path_factory.mktemp("results"))


def layer(made: fs.ExportedNetwork, name: str) -> list[dict[str, Any]]:
    """Features of a layer, read as a strict reader of JSON reads them."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    content = json.loads(made.files[name].read_text(encoding="utf-8"), parse_constant=refuse)
    assert content["type"] == "FeatureCollection"
    assert len(content["features"]) == made.counts[name]
    return content["features"]


def positions(coordinates: Any) -> list[list[float]]:
    return (
        [coordinates] if isinstance(coordinates[0], float) else [at for part in coordinates for at in positions(part)]
    )


def test_layers_have_one_geometry_longitude_first_and_units_in_their_names(tmp_path: Path) -> None:
    made = fs.export_network("corridor-mini", tmp_path)
    assert made.counts == {"places": 7, "links": 12, "facilities": 14}
    hannover = next(row for row in layer(made, "places") if row["properties"]["node_id"] == "HAJ")
    assert hannover["geometry"] == {"type": "Point", "coordinates": [9.73, 52.38]}
    links = {row["properties"]["link_id"]: row for row in layer(made, "links")}
    assert links["rail-west"]["geometry"] == {"type": "LineString", "coordinates": [[9.73, 52.38], [16.93, 52.41]]}
    about = links["rail-west"]["properties"]
    assert (about["length_km"], about["tracks"], about["capacity_typical"]) == (520.0, 2, 165.0)
    assert about["running_hours"] == pytest.approx(520 / 40)
    graph = fs.graph("corridor-mini")
    assert about["net_trains_per_day"] == graph.edges["HAJ", "POZ", "rail-west"]["trains_per_day"] < 165.0
    assert links["a7"]["properties"]["net_trains_per_day"] is None
    border = next(row for row in layer(made, "facilities") if row["properties"]["facility_id"] == "border-rail")
    assert border["geometry"]["coordinates"] == pytest.approx([13.33, 52.395])  # half-way along the link
    for name in made.files:
        assert len({row["geometry"]["type"] for row in layer(made, name)}) == 1
        assert len({tuple(row["properties"]) for row in layer(made, name)}) == 1
        for row in layer(made, name):
            assert all(value is None or isinstance(value, str | int | float) for value in row["properties"].values())


def test_lines_are_cut_at_the_antimeridian(tmp_path: Path) -> None:
    made = fs.export_network(ISLANDS, tmp_path)
    for row in layer(made, "links"):
        assert row["geometry"]["type"] == "MultiLineString"
        for part in row["geometry"]["coordinates"]:
            lons = [lon for lon, _ in part]
            assert max(lons) - min(lons) < 180.0
    crossing = [row for row in layer(made, "links") if len(row["geometry"]["coordinates"]) == 2]
    assert crossing
    for row in crossing:
        west, east = row["geometry"]["coordinates"]
        assert {abs(west[-1][0]), abs(east[0][0])} == {180.0}
        assert west[-1][1] == east[0][1]
    for name in ("places", "facilities"):
        for row in layer(made, name):
            for lon, lat in positions(row["geometry"]["coordinates"]):
                assert -180.0 <= lon <= 180.0
                assert -90.0 <= lat <= 90.0


def test_a_line_that_touches_the_antimeridian_keeps_its_length() -> None:
    assert parts_of([(180.0, 1.0), (-179.0, 2.0)]) == [[(-180.0, 1.0), (-179.0, 2.0)]]
    assert parts_of([(-180.0, 1.0), (179.0, 2.0)]) == [[(180.0, 1.0), (179.0, 2.0)]]
    assert parts_of([(179.0, 0.0), (-180.0, 0.0)]) == [[(179.0, 0.0), (180.0, 0.0)]]
    assert parts_of([(-179.0, 2.0), (179.0, 0.0)]) == [[(-179.0, 2.0), (-180.0, 1.0)], [(180.0, 1.0), (179.0, 0.0)]]


def test_what_has_no_position_is_kept_without_geometry(tmp_path: Path) -> None:
    text = """
    {flanksim: 1, name: bare, links: {L: {from_node: A, to_node: B, mode: rail, length_km: 10}},
     units: {U: {troops: 100, home_node: A, assembly_node: B}}}
    """
    made = fs.export_network(fs.loads(text), tmp_path)
    assert [row["geometry"] for row in layer(made, "places") + layer(made, "links")] == [None, None, None]
    assert layer(made, "links")[0]["properties"]["length_km"] == 10.0


def test_a_run_writes_flows_by_day_and_queues(study: fs.Study, tmp_path: Path) -> None:
    made = fs.export_network(study.folder, tmp_path)
    links = study.scenario.links
    passed = [row["properties"] for row in layer(made, "flows")]
    into = [row for row in passed if row["mode"] != "air" and links[row["link_id"]].to_node == "ORZ"]
    # every vehicle, container and soldier of the three units enters Orzysz by land, once
    units = study.scenario.units.values()
    pieces = sum(sum((unit.troops, unit.wheeled or 0, unit.heavy or 0, unit.containers or 0)) for unit in units)
    assert math.fsum(row["pieces_per_day"] for row in into) == pytest.approx(pieces)
    assert made.about["seed"] == study.shown.seed
    waits = [row["properties"] for row in layer(made, "queues")]
    last = max(row["c_day"] for row in waits)
    assert [row["troops_closed"] for row in waits if row["c_day"] == last and row["node_id"] == "ORZ"] == [9000]
    table = study.map(days=[10.0])
    told = {row["where"]: row["value"] for _, row in table[table["what"] == "serials_waiting"].iterrows()}
    assert {
        row["node_id"]: row["serials_waiting"] for row in waits if row["c_day"] == 10 and row["serials_waiting"]
    } == told


@pytest.mark.parametrize(
    ("name", "form"),
    [
        *((name, form) for name in ("corridor-mini", str(ISLANDS)) for form in ("node-link", "graphml")),
        ("eastern-flank", "node-link"),
        pytest.param("eastern-flank", "graphml", marks=pytest.mark.slow),
    ],
)
def test_graphs_go_out_and_come_back_equal(name: str, form: str, tmp_path: Path) -> None:
    network = fs.graph(name)
    plain = plain_graph(network)
    path = fs.export_network(name, tmp_path, form=form).files["network"]
    if form == "graphml":
        read: Any = nx.read_graphml(path)
    else:
        read = nx.node_link_graph(json.loads(path.read_text(encoding="utf-8")), edges="edges")
    for graph in (read, plain):
        for values in [values for _, values in graph.nodes(data=True)] + [
            values for *_, values in graph.edges(data=True)
        ]:
            assert all(isinstance(value, str | bool | int | float) for value in values.values())
            assert all(math.isfinite(value) for value in values.values() if isinstance(value, float))
    assert dict(read.nodes(data=True)) == dict(plain.nodes(data=True))
    assert {(t, h, k): v for t, h, k, v in read.edges(keys=True, data=True)} == {
        (t, h, k): v for t, h, k, v in plain.edges(keys=True, data=True)
    }
    for back in (fs.read_network(path), fs.read_network(read)):
        assert dict(back.nodes(data=True)) == dict(network.nodes(data=True))
        assert {(t, h, k): v for t, h, k, v in back.edges(keys=True, data=True)} == {
            (t, h, k): v for t, h, k, v in network.edges(keys=True, data=True)
        }


def test_every_kind_of_attribute_comes_back() -> None:
    network = fs.graph("corridor-mini")
    edge = network.edges["HAJ", "POZ", "rail-west"]
    edge["travel"] = Distribution("triangular", (10.0, 1.0 / 0.07, 20.0))
    edge["closed"] = ((0.1, 24.0), (48.0, 1.0 / 0.003))
    network.edges["POZ", "WAW", "rail-east"]["travel"] = Distribution("exponential", (7.25,))
    network.edges["WAW", "ORZ", "rail-masuria"]["travel"] = Distribution("trace", (7.0, 8.5))
    network.edges["GDN", "ORZ", "rail-port"]["gauges"] = (1435, 1520)
    checked = Facility(2.0, handling=Distribution("constant", (0.1,)), nights=((18.0, 30.0),))
    network.nodes["HAJ"]["facilities"] = {"assembly": Facility(), "check": checked}
    network.nodes["ORZ"]["lat"] = None
    back = network_of(plain_graph(network))
    assert dict(back.nodes(data=True)) == dict(network.nodes(data=True))
    assert dict(back.edges) == dict(network.edges)


def test_a_graph_that_came_back_is_run(study: fs.Study, tmp_path: Path) -> None:
    made = fs.export_network(study.folder, tmp_path, form="node-link")
    network = fs.read_network(made.files["network"])
    run = fs.simulate("corridor-mini", seed=1, network=network)
    assert run.outcome.digest() == fs.simulate("corridor-mini", seed=1).outcome.digest()
    content = json.loads(made.files["network"].read_text(encoding="utf-8"))
    for edge in content["edges"]:
        if edge["link_id"] == "rail-masuria":
            edge["trains_per_day"] = 0.5
    slower = fs.simulate("corridor-mini", seed=1, network=fs.read_network(nx.node_link_graph(content, edges="edges")))
    assert slower.closure_day > run.closure_day
    assert sum(edge["pieces_both_ways"] for edge in content["edges"]) > 0
    flows = made.files["flows"].read_text(encoding="utf-8").splitlines()
    assert flows[0] == "c_day,link_id,pieces_per_day"


def test_a_run_on_an_edited_network_writes_that_network(tmp_path: Path) -> None:
    network = fs.graph("corridor-mini")
    network.remove_edge("HAJ", "POZ", "rail-west")
    study = fs.run("corridor-mini", 2, jobs=1, network=network, results=tmp_path / "results")
    graph = fs.export_network(study.folder, form="graphml")
    assert graph.files["network"].parent == study.folder / "network"
    assert dict(fs.read_network(graph.files["network"]).edges) == dict(network.edges)
    made = fs.export_network(study.folder, tmp_path)
    west = next(row["properties"] for row in layer(made, "links") if row["properties"]["link_id"] == "rail-west")
    assert (west["one_way"], west["from_node"], west["to_node"]) == (True, "POZ", "HAJ")
    assert fs.open(study.folder) == study  # what was written there is no part of the results


def test_mistakes_are_told(study: fs.Study, tmp_path: Path) -> None:
    def codes(call: Any) -> list[str]:
        with pytest.raises(fs.FlanksimError) as told:
            call()
        return [problem.code for problem in told.value.problems]

    assert codes(lambda: fs.export_network("corridor-mini", tmp_path, form="shp")) == ["E130"]
    fs.export_network("corridor-mini", tmp_path / "net")
    assert codes(lambda: fs.export_network("corridor-mini", tmp_path / "net")) == ["E112"] * 3
    assert codes(lambda: fs.export_network(tmp_path)) == ["E120"]
    assert codes(lambda: fs.export_network(study.folder, network=fs.graph("corridor-mini"))) == ["E130"]
    for text in ("{}", "<graphml", '{"nodes": [], "edges": [1]}', "[1]", '{"nodes": 3, "edges": []}'):
        (tmp_path / "net.json").write_text(text, encoding="utf-8")
        assert codes(lambda: fs.read_network(tmp_path / "net.json")) == ["E610"]
    assert codes(lambda: fs.read_network(nx.Graph())) == ["E308"]
    plain = plain_graph(fs.graph("corridor-mini"))
    plain.edges["HAJ", "POZ", "rail-west:HAJ>POZ"]["closed_hours"] = "soon"
    assert codes(lambda: fs.read_network(plain)) == ["E308"]
    plain = plain_graph(fs.graph("corridor-mini"))
    plain.nodes["GDN"]["berth_serverz"] = 2
    assert codes(lambda: fs.read_network(plain)) == ["E308"]
