"""One more is one unit, wherever it is said: what the force has of a thing grows by it, and by nothing else."""

from __future__ import annotations

import math
from random import Random

import pytest

from flanksim.activities import Cause
from flanksim.bounds.flow_network import FlowNetwork
from flanksim.measure.critical import Piece
from flanksim.network.network import Network
from flanksim.network.one_more import VEHICLES, more_room, one_more
from flanksim.scenario import Scenario, load
from flanksim.study.one_at_a_time import changes
from tests.bounds.networks import network_of, random_text
from tests.conftest import BARE, tiny


def capacities(network: FlowNetwork) -> dict[tuple[str, str], float]:
    """What there is of each resource; of lift its groups."""
    return {(entry.kind, entry.name): entry.capacity for entry in network.resources if entry.kind != "last"}


def grows_by_one(scenario: Scenario, name: str, before: dict[tuple[str, str], float]) -> str:
    """Check that one more of `name` is one more of it, and that nothing else changes; its words, or nothing."""
    step = one_more(scenario, name)
    if step is None:
        return ""
    after = capacities(network_of(step.apply(scenario)))
    mine = {name} | {key for _, key in before if key.partition(":")[0] == name.partition(":")[0] in scenario.links}
    for (kind, key), capacity in before.items():
        wanted = capacity + (step.step if key in mine else 0.0)
        assert after[kind, key] == pytest.approx(wanted, rel=1e-9), (kind, key, str(step))
    return step.what


@pytest.mark.slow
def test_on_random_networks() -> None:
    said = set()
    for number in range(40):
        scenario = tiny(random_text(Random(number)), BARE)
        before = capacities(network_of(scenario))
        for _, name in before:
            said.add(grows_by_one(scenario, name, before))
    wanted = {"berth", "rail ramp", "ship", "wagon set", "train path a day each way", "sailing a day each way"}
    assert wanted <= said


@pytest.mark.parametrize("traffic", ["peace", "crisis", "military_priority"])
def test_what_civil_traffic_keeps_comes_on_top(traffic: str) -> None:
    """Berths, ramps, lines, roads and lift of the small scenario, whatever share is left of them."""
    scenario = load("corridor-mini", {"regime": {"traffic": traffic}})
    before = capacities(network_of(scenario))
    said = {grows_by_one(scenario, name, before) for _, name in before}
    assert {"berth", "ship", f"{VEHICLES:.0f} vehicles an hour each way"} <= said
    assert any(words.startswith("train path a day") for words in said)


@pytest.mark.slow
def test_eastern_flank_every_kind(eastern: Scenario) -> None:
    """One of every kind of capacity that there is, all widened at once: each grows by its step, and no other."""
    before = capacities(network_of(eastern))
    links, picked = Network(eastern).links, dict[tuple[object, ...], str]()
    for kind, name in sorted(before):
        edges = links.get(head := name.partition(":")[0])
        what = (head if kind == "server" else name) if edges is None else (edges[0].mode, edges[0].shared)
        picked.setdefault((kind, what), name)
    assert len(picked) >= 12
    wider, grown = eastern, dict[str, float]()
    for name in picked.values():
        step = one_more(eastern, name)
        assert step is not None, name
        wider = step.apply(wider)
        head = name.partition(":")[0]
        grown |= {key: step.step for _, key in before if key == name or (head in links and key.split(":")[0] == head)}
    after = capacities(network_of(wider))
    for (kind, key), capacity in before.items():
        assert after[kind, key] == pytest.approx(capacity + grown.get(key, 0.0), rel=1e-9), (kind, key)


def test_a_chokepoint_is_widened_with_its_line() -> None:
    """A bridge that lets through less than the line: a path more is a path over the bridge."""
    scenario = tiny("""
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 4, capacity_typical: 40,
          capacity_unit: trains_per_day}
chokepoints:
  bridge: {node_id: a, link_id: line, attribute: capacity, typical: 10}
units:
  u: {home_node: a, assembly_node: b, wheeled: 50}
""")
    before = capacities(network_of(scenario))
    assert before["gate", "line:a>b"] == 5.0
    assert grows_by_one(scenario, "line:a>b", before) == "train path a day each way"


def test_zero_and_unlimited_have_no_step() -> None:
    scenario = tiny("""
links:
  line: {from_node: a, to_node: b, mode: rail, travel_hours: 4, headway_hours: 0}
  road: {from_node: a, to_node: b, mode: road, travel_hours: 4}
facilities:
  r: {place: a, kind: rail_terminal}
units:
  u: {home_node: a, assembly_node: b, wheeled: 50}
""")
    assert [one_more(scenario, name) for name in ("line", "road", "rail_terminal:a", "berth:a", "none")] == [None] * 5
    assert more_room(scenario, "a", "rail_terminal") is None


def test_explain_tries_the_same_step_as_often_as_it_matters() -> None:
    """Words and scenario are those of the bound, for a queue at a berth, on a line and for lift; a quarter of each."""
    eastern = load("eastern-flank")
    for name, cause in (
        ("berth:P_BPT", "queue at berth:P_BPT"),
        ("L172:J_KAU>J_PNV", "queue at L172:J_KAU>J_PNV"),
        ("sealift_atlantic_rrf", "lift sealift_atlantic_rrf"),
    ):
        one = one_more(eastern, name)
        assert one is not None
        step = one_more(eastern, name, max(1, math.ceil(one.now / 4)))
        piece = Piece(Cause.of(cause), cause.split()[0], 0.0, 1.0, -1, name)
        (change,) = changes(eastern, [piece])
        assert change.what == str(step)
        assert change.apply(eastern) == step.apply(eastern)
