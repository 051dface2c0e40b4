"""What a plan takes over from an earlier question instead of asking again is what it would find if it asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import flanksim as fs
from flanksim.investment.apply import at_year
from flanksim.network import routes
from flanksim.network.admissible import LoadClass, Obstacles, obstacle
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.network.routes import Layered
from flanksim.planning.compile import compile_plan
from flanksim.planning.loads import loads_of
from flanksim.planning.options import options_of
from flanksim.planning.programs import Programs
from flanksim.planning.resources import Resources
from flanksim.planning.steps import Detour, Discharge, Drop, Serve, Take, Travel
from flanksim.scenario import Scenario, load
from tests.conftest import BARE, tiny
from tests.planning.networks_with_choice import network

NAME = "corridor-mini"
#: Transporters of which some cross a bridge singly, ships of two speeds, and troops and vehicles that fly.
MIXED = tiny(
    """
parameters: {close_share: 1, transporter_mlc: 40, heavy_self_drive_km: 0, caution_class_share: 0.8,
             caution_vehicles_per_hour: 20, flight_speed_kmh: 400, stand_hours_cargo_aircraft: 3,
             stand_hours_passenger_aircraft: 1, shortest_flight_km: 100}
nodes: {a: {lat: 50, lon: 0}, b: {lat: 50, lon: 2}, c: {lat: 55, lon: 10}}
links:
  road: {from_node: a, to_node: b, mode: road, length_km: 200, travel_hours: 5, max_mlc: 90, capacity_typical: 100}
  lane: {from_node: b, to_node: c, mode: sea, length_km: 900}
facilities:
  a: {place: a, kind: stand, servers_typical: 2, runway_m: 3000}
  c: {place: c, kind: stand, servers_typical: 2, runway_m: 3000}
  quay: {place: b, kind: berth, servers_typical: 1}
  pier: {place: c, kind: berth, servers_typical: 1}
fleets:
  low: {kind: het, pool: low, carries: heavy, count_typical: 20, capacity: 1, home_node: a}
  fast: {kind: ship, pool: fast, carries: heavy;wheeled, count_typical: 1, capacity: 500, capacity_unit: lane_m,
         speed_kmh: 40, home_node: b}
  slow: {kind: ship, pool: slow, carries: heavy;wheeled, count_typical: 1, capacity: 900, capacity_unit: lane_m,
         speed_kmh: 20, home_node: b}
  planes: {kind: aircraft, pool: planes, carries: wheeled;cargo, count_typical: 2, capacity: 40, capacity_unit: t,
           home_node: a}
  seats: {kind: aircraft, pool: seats, carries: troops, count_typical: 2, capacity: 100, capacity_unit: troops,
          home_node: a}
unit_types:
  light: {troops_typical: 100, wheeled_typical: 20, tonnes_typical: 100, airlift: yes}
units:
  cautious: {home_node: a, assembly_node: c, heavy: 30, heaviest_mlc: 60}
  light: {home_node: a, assembly_node: c, unit_type: light, troops: 100, wheeled: 20}
  tracked: {home_node: a, assembly_node: c, heavy: 30, heaviest_mlc: 45}
""",
    BARE,
)


@pytest.fixture(autouse=True)
def _nothing_found() -> None:
    routes._FOUND.clear()


def physics_of(scenario: Scenario) -> Physics:
    found = Network(at_year(scenario))
    return Physics(found, lift_pools(found))


# ---- paths, which are kept from network to network ----------------------------------------------


def anew(scenario: Scenario, graph: Any = None) -> str:
    """The plan of a process that has planned nothing yet."""
    routes._FOUND.clear()
    return compile_plan(scenario, graph).content


def close(graph: Any) -> None:
    graph.remove_edge("HAJ", "POZ", "rail-west")


def lengthen(graph: Any) -> None:
    for _, _, values in graph.edges(data=True):
        values["length_km"] *= 1.0 + len(values["mode"]) / 10


def restrict(graph: Any) -> None:
    for *_, link, values in graph.edges(keys=True, data=True):
        if link == "s7":
            values["max_mlc"] = 20.0


def shut(graph: Any) -> None:
    for *_, link, values in graph.edges(keys=True, data=True):
        if link == "rail-west":
            values["closed"] = ((24.0, 200.0),)


@pytest.mark.parametrize("change", [close, lengthen, restrict, shut])
def test_an_edited_graph_is_searched_again(change: Callable[[Any], None]) -> None:
    scenario, graph = load(NAME), fs.graph(NAME)
    before = compile_plan(scenario, graph).content
    change(graph)
    after = compile_plan(scenario, graph).content
    assert after != before
    assert after == anew(scenario, graph)
    assert compile_plan(scenario, fs.graph(NAME)).content == before


def test_networks_of_the_same_places_do_not_share_paths() -> None:
    """Random costs on the same links: what stands between two plans is only the order in which they are made."""
    scenarios = [network(seed) for seed in range(5)]
    alone = [anew(scenario) for scenario in scenarios]
    routes._FOUND.clear()
    assert [compile_plan(scenario).content for scenario in scenarios] == alone
    assert [compile_plan(scenario).content for scenario in reversed(scenarios)] == alone[::-1]


CROSS = """
links:
  one: {from_node: a, to_node: FIRST, mode: rail, travel_hours: 5, headway_hours: 1}
  two: {from_node: a, to_node: SECOND, mode: rail, travel_hours: 8, headway_hours: 1}
  on: {from_node: b, to_node: c, mode: rail, travel_hours: 1, headway_hours: 1}
units:
  u: {home_node: a, assembly_node: c, wheeled: 3}
"""


def test_the_same_hours_on_other_ends_are_another_graph() -> None:
    for first, second in (("b", "c"), ("c", "b")):
        found = tiny(CROSS.replace("FIRST", first).replace("SECOND", second))
        graph = Layered(physics_of(found), LoadClass("wheeled"))
        ways = [[leg.to_node for part in way.segments for leg in part.legs]
                for way in graph.itineraries(["a"], "c", 1)["a"]]  # fmt: skip
        assert ways == [["b", "c"] if first == "b" else ["c"]]


def test_the_same_costs_between_other_places_are_another_graph() -> None:
    """Every arc costs a hundredth of an hour; the load goes straight there, or by the place between."""
    costs = []
    for end, expected in (("b", ["b", "c"]), ("c", ["c"]), ("b", ["b", "c"])):
        text = CROSS.replace("FIRST", end).replace("two: {from_node: a", "two: {from_node: c").replace("SECOND", "d")
        graph = Layered(physics_of(tiny(re.sub("travel_hours: .", "travel_hours: 0.01", text))), LoadClass("wheeled"))
        (way,) = graph.itineraries(["a"], "c", 1)["a"]
        assert [leg.to_node for part in way.segments for leg in part.legs] == expected
        costs.append(sorted(graph._cost))
    assert costs[0] == costs[1]
    assert len(set(costs[0])) == 1


def test_each_home_has_paths_of_its_own() -> None:
    """What one uses is dearer for all in the next round, so who else starts is part of the question."""
    graph = Layered(physics_of(tiny(CROSS.replace("FIRST", "b").replace("SECOND", "c"))), LoadClass("wheeled"))
    for homes in (["a"], ["b"], ["a", "b"]):
        found = graph.itineraries(homes, "c", 2)
        assert [ways[0].segments[0].from_node for ways in found.values()] == homes


def test_each_place_has_paths_of_its_own() -> None:
    graph = Layered(physics_of(tiny(CROSS.replace("FIRST", "b").replace("SECOND", "c"))), LoadClass("wheeled"))
    for target in ("b", "c", "b"):
        (way,) = graph.itineraries(["a"], target, 1)["a"]
        assert way.segments[-1].to_node == target


def test_the_same_network_is_not_searched_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers and wagons move no path; the plan is another all the same."""
    first = compile_plan(load(NAME)).content
    monkeypatch.setattr(Layered, "_searched", None)
    other = load(NAME, {"fleets": {"flats": {"count_typical": 30}}})
    assert compile_plan(load(NAME)).content == first
    assert compile_plan(other).content != first


def test_only_so_many_searches_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_MOST_FOUND", 2)
    plans = [compile_plan(network(seed)).content for seed in (1, 2, 1)]
    assert plans[0] == plans[2] != plans[1]
    assert len(routes._FOUND) == 2


# ---- layers and obstacles -------------------------------------------------------------------------


def test_edges_that_are_alike_are_stopped_by_the_same() -> None:
    """Limits of every kind, one of them on each link; many edges are alike, and others differ in one alone."""
    scenario, graph = load(NAME), fs.graph(NAME)
    limits: list[dict[str, Any]] = [
        {"max_mlc": 40.0}, {"max_mlc": 20.0}, {"max_axle_load_t": 17.0}, {"gross_capacity": 0.0},
        {"loading_gauge": scenario.loading_gauges[0]}, {"closed": ((0.0, 1e6),)}, {},
    ]  # fmt: skip
    keys = sorted({key for *_, key in graph.edges(keys=True)})
    stopped = set()
    for shift in range(len(limits)):
        changed = graph.copy()
        for *_, key, values in changed.edges(keys=True, data=True):
            values.update(limits[(keys.index(key) + shift) % len(limits)])
        known = Network(at_year(scenario), changed)
        edges = [edge for pair in known.links.values() for edge in pair]
        obstacles = Obstacles(known, edges)
        for kind in {entry.load_class for entry in loads_of(known)}:
            for lifted in (True, False):
                reasons = [obstacle(known, edge, kind, lifted=lifted) for edge in edges]
                assert obstacles.passable(kind, lifted=lifted).tolist() == [reason is None for reason in reasons]
                stopped |= set(reasons)
    assert len(stopped) > 5


def test_load_classes_of_one_kind_share_layers_and_no_arcs() -> None:
    physics = physics_of(load(NAME, {"links": {"s7": {"max_mlc": 40.0}}}))
    light, heavy = (LoadClass("wheeled", mlc, mlc) for mlc in (30.0, 50.0))
    for first, second in ((light, heavy), (heavy, light)):
        one, two = Layered(physics, first), Layered(physics, second)
        assert one.layers is two.layers
        links = [{leg.link_id for *_, leg in graph.arcs() if leg is not None} for graph in (one, two)]
        assert ["s7" in entry for entry in links] == [kind.mlc <= 40.0 for kind in (first, second)]


def test_who_may_fly_has_layers_of_his_own() -> None:
    physics = physics_of(MIXED)
    for without in ((), ("air",), ()):
        assert ("air" in Layered(physics, LoadClass("wheeled", without=without)).layers) == (not without)


# ---- programs ---------------------------------------------------------------------------------------


def told(programs: Programs, number: int) -> Iterator[object]:
    """A program by names instead of numbers, with the way back of its lift and the ways round."""
    program, resources = programs.made[number], programs.resources
    slots = [(slot.purpose, slot.thing, resources.distributions[slot.distribution]) for slot in program.slots]
    yield program.from_node, program.to_node

    def of(step: Any) -> Iterator[object]:
        values = step._asdict()
        if isinstance(step, Travel):
            values |= {"gate": resources.gates[step.gate].name if step.gate >= 0 else ""}
        if isinstance(step, Serve | Discharge):
            values |= {"server": resources.servers[step.server].name if step.server >= 0 else ""}
        for field in {"frees", "fills", "store"} & values.keys():
            values[field] = resources.stores[values[field]].name if values[field] >= 0 else ""
        if isinstance(step, Take):
            values |= {"pool": resources.pools[step.pool].name, "place": ""}
        if isinstance(step, Drop):
            values |= {"way_back": tuple(told(programs, step.way_back)) if step.way_back >= 0 else ()}
        if isinstance(step, Detour):
            values |= {"gate": resources.gates[step.gate].name, "server": "", "steps": tuple(map(tuple, _all(step)))}
        if "draw" in values:
            values["draw"] = slots[step.draw]
        yield type(step).__name__, tuple(values.items())

    def _all(step: Detour) -> Iterator[Iterator[object]]:
        return (of(part) for part in step.steps)

    for step in program.steps:
        yield from of(step)


CLOSED = {"links": {"rail-west": {"closures": [{"from_hour": 24, "to_hour": 200}]}}}
FAULTS = {"mechanisms": {"outages": True, "breakdowns": True}}


@pytest.mark.parametrize(
    "scenario",
    [load(NAME, CLOSED), load(NAME, FAULTS), load("scenarios/verification/v06-diverted.yaml"), MIXED],
    ids=["closed", "faults", "diverted", "mixed"],
)
def test_a_program_is_the_same_whatever_was_made_before(scenario: Scenario) -> None:
    """Of each load on each way, at several sizes: in a register of its own, and in one that has made all others."""
    physics = physics_of(scenario)
    loads = loads_of(physics.network)
    shared, compared = Programs(Resources(physics)), 0
    for entry, ways in zip(loads, options_of(loads, physics), strict=True):
        for size in (1.0, 7.0, entry.pieces):
            for way in ways:
                asked = [(part, port) for part in way.parts for port in ("", "quay") if part.segments]
                for part, port in asked:
                    landed = part.segments[0].from_node if port else ""
                    alone = Programs(Resources(physics))
                    one, two = (made.stage(part, entry.element, size, landed) for made in (alone, shared))
                    assert list(told(alone, one)) == list(told(shared, two))
                    compared += 1
                if way.sea is not None:
                    lane, pool = way.segments[way.sea], way.pools[way.sea]
                    alone = Programs(Resources(physics))
                    one, two = (made.ship(lane, pool, size) for made in (alone, shared))
                    assert list(told(alone, one)) == list(told(shared, two))
    assert compared > 5
