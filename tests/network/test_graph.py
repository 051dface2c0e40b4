"""The networkx graph drives: what is edited in it is what is simulated and bounded."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import flanksim as fs
from flanksim import FlanksimError
from flanksim.bounds.ladder import ladder
from flanksim.network.edited import as_json, from_json, tables_of
from flanksim.network.elements import Facility
from flanksim.network.graph import check
from flanksim.study.run import Run
from tests.conftest import BARE, tiny

NAME = "corridor-mini"


def digest(run: Run) -> str:
    return run.outcome.digest()


def set_all(graph: Any, key: str, **values: object) -> None:
    """Set attributes of both directions of a link."""
    for tail, head, link in list(graph.edges(keys=True)):
        if link == key:
            graph.edges[tail, head, link].update(values)


def test_the_graph_as_it_is_changes_nothing() -> None:
    assert digest(fs.simulate(NAME, seed=3, network=fs.graph(NAME))) == digest(fs.simulate(NAME, seed=3))


def test_a_removed_edge_is_not_used() -> None:
    before = set(fs.simulate(NAME, seed=1).movements["resource"])
    assert "rail-west:HAJ>POZ" in before
    graph = fs.graph(NAME)
    graph.remove_edge("HAJ", "POZ", "rail-west")
    run = fs.simulate(NAME, seed=1, network=graph)
    assert "rail-west:HAJ>POZ" not in set(run.movements["resource"])
    assert run.closures["all"].hour > 0


@pytest.mark.parametrize(
    ("link", "column", "value"),
    [
        ("rail-masuria", "capacity_typical", 96),
        ("a2-east", "capacity_typical", 1400),
        ("s61", "speed_typical_kmh", 80),
        ("rail-west", "headway_hours", 0.5),
        ("s7", "max_mlc", 20),
        ("sea-gdansk", "closures", [{"from_hour": 100, "to_hour": 300}]),
        ("rail-port", "travel_hours", 7),
    ],
)
def test_what_is_set_in_the_graph_is_what_the_row_would_say(link: str, column: str, value: object) -> None:
    changed = fs.load(NAME, {"links": {link: {column: value}}})
    told = {edge[2]: edge[3] for edge in fs.graph(changed).edges(keys=True, data=True)}[link]
    graph = fs.graph(NAME)
    set_all(graph, link, **{name: told[name] for name in told if name != "forward"})
    assert digest(fs.simulate(NAME, seed=2, network=graph)) == digest(fs.simulate(changed, seed=2))
    assert ladder(fs.load(NAME), graph=graph).bounds == ladder(changed).bounds


def test_a_facility_in_the_graph_is_its_row() -> None:
    changed = fs.load(NAME, {"facilities": {"ramp-ORZ": {"servers_typical": 6}}})
    graph = fs.graph(NAME)
    graph.nodes["ORZ"]["facilities"]["rail_terminal"] = fs.graph(changed).nodes["ORZ"]["facilities"]["rail_terminal"]
    assert digest(fs.simulate(NAME, seed=2, network=graph)) == digest(fs.simulate(changed, seed=2))


def test_prices_on_an_edited_graph_are_those_of_the_tables() -> None:
    soon = {  # few heavy trains: else readiness alone, or ships that come back, set the bound
        "units": {"light-brigade": {"ready_day": 0}},
        "fleets": {"heavy-flats": {"count_typical": 60}, "ro-ro": {"count_typical": 40}},
    }
    scenario = fs.load(NAME, soon)
    raised = fs.load(NAME, {**soon, "links": {"rail-masuria": {"capacity_typical": 60}}})
    graph = fs.graph(raised)
    on_graph, by_table = ladder(scenario, graph=graph), ladder(raised)
    assert by_table.prices
    assert [(p.element, round(p.days, 6)) for p in on_graph.prices] == [
        (p.element, round(p.days, 6)) for p in by_table.prices
    ]


ONE_WAY = """
links:
  there: {from_node: a, to_node: b, mode: MODE, tracks: 2, travel_hours: 4, headway_hours: 0}
  out: {from_node: b, to_node: c, mode: MODE, tracks: 2, travel_hours: 3, headway_hours: 0}
  home: {from_node: c, to_node: a, mode: MODE, tracks: 2, travel_hours: 6, headway_hours: 0}
fleets:
  trains: {kind: train, pool: t, carries: wheeled, count_typical: 1, capacity: 10, home_node: a}
facilities:
  a: {place: a, kind: rail_terminal, handling_hours: 0}
  b: {place: b, kind: rail_terminal, handling_hours: 0}
units:
  u: {home_node: a, assembly_node: b, wheeled: 20}
"""


def test_a_link_may_lead_one_way_and_empties_go_round() -> None:
    """One train takes two loads: 4 h there, 4 h back and 4 h again; round the triangle it comes back in 9 h."""
    scenario = tiny(ONE_WAY.replace("MODE", "rail"), BARE)
    assert fs.simulate(scenario).closures["all"].hour == pytest.approx(12.0)
    graph = fs.graph(scenario)
    graph.remove_edge("b", "a", "there")
    run = fs.simulate(scenario, network=graph)
    assert run.closures["all"].hour == pytest.approx(17.0)
    assert "there:b>a" not in set(run.movements["resource"])


@pytest.mark.parametrize("mode", ["rail", "road"])
def test_a_row_that_leads_one_way_is_one_edge(mode: str) -> None:
    both = tiny(ONE_WAY.replace("MODE", mode), BARE)
    links = both.links | {"there": both.links["there"].model_copy(update={"one_way": True})}
    one_way = both.model_copy(update={"links": links})
    graph = fs.graph(both)
    graph.remove_edge("b", "a", "there")
    assert dict(fs.graph(one_way).edges) == dict(graph.edges)
    assert digest(fs.simulate(one_way)) == digest(fs.simulate(both, network=graph))
    assert digest(fs.simulate(one_way)) == digest(fs.simulate(one_way, engine="simpy"))
    assert fs.bound(one_way).day == fs.bound(both, network=graph).day
    assert one_way.digest != both.digest
    for end in (("b", "a"), ("a", "b")):  # the tables of an edited graph say which way is left
        graph = fs.graph(both)
        graph.remove_edge(*end, "there")
        row = tables_of(both, graph).links["there"]
        assert (row.one_way, row.from_node, row.to_node) == (True, *end[::-1])


def test_a_load_does_not_go_against_a_one_way_link() -> None:
    text = ONE_WAY.replace("MODE", "road").replace("home_node: a, assembly_node: b", "home_node: b, assembly_node: a")
    scenario = tiny(text, BARE)
    assert fs.simulate(scenario).closures["all"].hour == pytest.approx(4.0)
    graph = fs.graph(scenario)
    graph.remove_edge("b", "a", "there")
    assert fs.simulate(scenario, network=graph).closures["all"].hour == pytest.approx(9.0)
    graph.remove_edge("c", "a", "home")
    with pytest.raises(FlanksimError, match=r"(?s)E305"):
        fs.simulate(scenario, network=graph)


def test_an_added_link_is_used_named_and_drawn() -> None:
    graph = fs.graph(NAME)
    for ends in (("HAJ", "ORZ"), ("ORZ", "HAJ")):
        graph.add_edge(*ends, key="new-road", mode="road", length_km=300.0, speed_kmh=100.0, vehicles_per_hour=2000.0)
    run = fs.simulate(NAME, seed=1, network=graph)
    assert "new-road:HAJ>ORZ" in set(run.movements["resource"])
    assert run.closures["all"].hour < fs.simulate(NAME, seed=1).closures["all"].hour
    assert run.critical_path() is not None
    assert run.map.plot() is not None


def test_it_comes_back_whole_from_json() -> None:
    graph = fs.graph("eastern-flank")
    again = from_json(json.loads(json.dumps(as_json(graph), allow_nan=False)))
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert sorted(again.edges(keys=True, data=True), key=str) == sorted(graph.edges(keys=True, data=True), key=str)


FAULTS: list[tuple[Callable[[Any], object], str]] = [
    (lambda g: g.edges["HAJ", "POZ", "a2-west"].update(vehicle_per_hour=3), "did you mean 'vehicles_per_hour'"),
    (lambda g: g.edges["HAJ", "POZ", "rail-west"].update(vehicles_per_hour=3), "trains_per_day"),
    (lambda g: g.edges["HAJ", "POZ", "rail-west"].update(trains_per_day=-1), "0 or more"),
    (lambda g: g.edges["HAJ", "POZ", "rail-west"].update(trains_per_day=math.nan), "0 or more"),
    (lambda g: g.edges["HAJ", "POZ", "rail-west"].update(trains_per_day="many"), "0 or more"),
    (lambda g: g.edges["HAJ", "POZ", "rail-west"].update(mode="tram"), "rail, road, ferry"),
    (lambda g: g.edges["WAW", "ORZ", "rail-masuria"].update(trains_per_day=3), "one track"),
    (lambda g: g.edges["HAJ", "POZ", "a2-west"].update(forward=False), "True in one"),
    (lambda g: g.edges["HAJ", "POZ", "a2-west"].update(closed=((30, 20),)), "pairs of hours"),
    (lambda g: g.edges["HAJ", "POZ", "a2-west"].update(border=3), "Facility"),
    (lambda g: g.edges["HAJ", "POZ", "a2-west"].update(speed_kmh=0.0), "how long it takes"),
    (lambda g: g.add_edge("HAJ", "ORZ", mode="road", length_km=3, speed_kmh=3), "key="),
    (lambda g: g.add_edge("HAJ", "WAW", key="a2-west", mode="road", length_km=3, speed_kmh=3), "key of its own"),
    (lambda g: g.nodes["HAJ"].update(lat=200.0), "degrees"),
    (lambda g: g.nodes["HAJ"].update(xyz="red"), "known:"),
    (lambda g: g.nodes["HAJ"]["facilities"].update(birth=Facility()), "did you mean 'berth'"),
    (lambda g: g.nodes["HAJ"]["facilities"].update(rail_terminal=Facility(servers=-1)), "0 or more"),
    (lambda g: g.remove_node("ORZ"), "no node of the network"),
]


@pytest.mark.parametrize(("spoil", "hint"), FAULTS)
def test_nonsense_is_refused_with_what_to_write(spoil: Callable[[Any], object], hint: str) -> None:
    graph = fs.graph(NAME)
    spoil(graph)
    with pytest.raises(FlanksimError) as caught:
        fs.simulate(NAME, network=graph)
    assert {problem.code for problem in caught.value.problems} == {"E308"}
    assert any(hint in f"{problem.message} {problem.hint}" for problem in caught.value.problems), caught.value


def test_check_takes_a_graph_alone_or_with_its_scenario() -> None:
    graph = fs.graph(NAME)
    assert fs.check(graph) == ()
    assert not [problem for problem in fs.check(NAME, network=graph) if problem.severity == "error"]
    graph.edges["HAJ", "POZ", "a2-west"]["speed"] = 30
    with pytest.raises(FlanksimError, match=r"(?s)E308.*speed_kmh"):
        fs.check(graph)
    assert "E308" in {problem.code for problem in fs.check(NAME, network=graph)}


@pytest.mark.parametrize("wrong", [nx.Graph(), nx.DiGraph(), "eastern-flank", {}])
def test_another_kind_of_graph_is_refused(wrong: Any) -> None:
    with pytest.raises(FlanksimError, match="E308"):
        check(wrong)


@pytest.mark.slow
def test_a_study_of_an_edited_graph_is_saved_and_reopened_whole(tmp_path: Path) -> None:
    graph = fs.graph(NAME)
    graph.remove_edge("HAJ", "POZ", "rail-west")
    graph.add_node("LOD", name="Lodz", country="POL", lat=51.77, lon=19.46, kind="junction")
    for ends in (("HAJ", "LOD"), ("LOD", "WAW")):
        graph.add_edge(*ends, key="-".join(ends), mode="road", length_km=400.0, speed_kmh=60.0)
    study = fs.run(NAME, 2, jobs=1, network=graph, bounds=True, results=tmp_path)
    assert study.folder is not None
    again = fs.open(study.folder)
    assert again.plan.digest == study.plan.digest
    assert again.closure_day() == study.closure_day()
    assert again.bound == study.bound or again.bound.as_json() == study.bound.as_json()
    assert fs.bound(NAME, network=graph).day == pytest.approx(study.bound.day)
    page = tmp_path / "page.html"
    again.report(page)
    assert "Lodz" in page.read_text(encoding="utf-8")
    assert again.explain() is not None  # replays the saved runs, and refuses histories that differ
    assert digest(fs.simulate(NAME, seed=study.replications[0].seed, network=graph)) == study.replications[0].digest
