"""Cases V17 to V28: flows and investments in series, by the volume bound, by runs, and by the theory beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import networkx as nx

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.volume import Volume, VolumeProgram
from flanksim.network.graph import build
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.scenario.reading import loads
from flanksim.scenario.schema import Scenario
from flanksim.verification.case import Case, Check, exact, expected, published
from flanksim.verification.flows_over_time import (
    Arc,
    flow_by,
    in_steps,
    quickest_flow,
    quickest_transshipment,
    shapley,
    steps_needed,
)
from flanksim.verification.runner import Runner

ENDS = ("s", "t")
#: Trains with which a rate is measured: so many and twice as many, so that what the first and last one need cancels.
_TRAINS = 460
#: Rates of the volume bound agree with the published ones to this, as far as the solver does.
_RATE = 1e-6


def arcs_of(case: str) -> list[Arc]:
    return [Arc(*entry) for entry in published()[case]["inputs"]["arcs"]]


def scenario_of(arcs: Sequence[Arc], trains: int, source: str = "s", sink: str = "t") -> Scenario:
    """A railway line an arc, each in both directions, and one vehicle a train."""
    off = ("permissions", "integration", "march_rest", "chance", "civil_traffic", "borders", "handling", "lift")
    links = {
        f"l{n}": {
            "from_node": arc.tail, "to_node": arc.head, "mode": "rail", "tracks": 2, "travel_hours": arc.hours,
            "headway_hours": 1.0 / arc.capacity,
        }
        for n, arc in enumerate(arcs)
    }  # fmt: skip
    content = {
        "flanksim": 1,
        "name": "arcs",
        "mechanisms": dict.fromkeys(off, False),
        "parameters": {"vehicles_per_train": 1, "close_share": 1},
        "question": {"horizon_days": 1000},
        "links": links,
        "units": {"u": {"home_node": source, "assembly_node": sink, "wheeled": trains}},
    }
    return loads(json.dumps(content))


def volume(arcs: Sequence[Arc], trains: int, source: str = "s", sink: str = "t") -> Volume:
    """The volume bound with lines that lead one way: the edges of the other direction are taken out of the graph."""
    scenario = scenario_of(arcs, trains, source, sink)
    graph = build(scenario)
    for tail, head, key, data in list(graph.edges(keys=True, data=True)):
        if not data["forward"]:
            graph.remove_edge(tail, head, key)
    plan = compile_plan(scenario, graph)
    return VolumeProgram(FlowNetwork(Network(scenario, graph), inputs_of(plan, None))).solve()


def rate(arcs: Sequence[Arc], source: str = "s", sink: str = "t") -> float:
    """Trains an hour that the volume bound lets through; 0 where there is no way."""
    if not nx.has_path(nx.DiGraph((arc.tail, arc.head) for arc in (*arcs, Arc(source, source, 1), Arc(sink, sink, 1))),
                       source, sink):  # fmt: skip
        return 0.0
    some, more = (volume(arcs, count, source, sink).hour for count in (_TRAINS, 2 * _TRAINS))
    return _TRAINS / (more - some)


def _same(what: str, want: Sequence[Sequence[str]], got: Sequence[Arc]) -> Check:
    """Number of arcs in which two sets differ."""
    return exact(what, 0, len({tuple(entry) for entry in want} ^ {(arc.tail, arc.head) for arc in got}))


def v17(_: Runner) -> list[Check]:
    want, arcs = expected("V17"), arcs_of("V17")
    cut = [arcs[int(price.element.partition(":")[0][1:])] for price in volume(arcs, _TRAINS).prices]
    return [
        exact("largest rate", want["value"], rate(arcs), _RATE),
        _same("arcs of the cut that differ", want["cut"], cut),
        exact("capacity of the cut", want["value"], sum(arc.capacity for arc in cut)),
    ]


def v18(runner: Runner) -> list[Check]:
    """On one route in runs, the tail one headway behind the last head; on both by the theory."""
    want = expected("V18")
    one, two = (Arc("s", "t", entry["cap"], entry["tau"]) for entry in published()["V18"]["inputs"]["routes"])

    def tail(route: Arc, trains: int) -> float:
        return runner.last_of(scenario_of([route], trains)) + 1.0 / route.capacity

    return [
        exact("5 units on R1", want["single_5"]["R1"], tail(one, 5)),
        exact("5 units on R2", want["single_5"]["R2"], tail(two, 5)),
        exact("at the switch one is as quick as the other, h", tail(one, want["switch"]), tail(two, want["switch"])),
        exact("below it R1 is quicker, h", -0.75, tail(one, want["switch"] - 1) - tail(two, want["switch"] - 1)),
        exact("20 units on both", want["both_20"], quickest_flow([one, two], *ENDS, 20)),
        exact("in by 8", 18, flow_by([one, two], *ENDS, 8)),
        exact("in by 9", 23, flow_by([one, two], *ENDS, 9)),
    ]


def v20(runner: Runner) -> list[Check]:
    """In runs, the tail an hour behind the last head: all on the shortest path, planned, and without the trap."""
    want, arcs = expected("V20"), arcs_of("V20")
    units = published()["V20"]["inputs"]["units"]
    spread = {"links": {"ab": None}, "routing": {"strategy": "spread"}}
    return [
        exact("all on the shortest path", want["shortest_path"], runner.last("v20-braess") + 1.0),
        *(
            exact(name, want["optimum"], runner.last("v20-braess", {"routing": {"strategy": name}}) + 1.0)
            for name in ("planned", "adaptive")
        ),
        exact("without a-b", want["without_ab"], runner.last("v20-braess", spread) + 1.0),
        exact("optimum by the theory", want["optimum"], quickest_flow(arcs, *ENDS, units)),
    ]


def v26(_: Runner) -> list[Check]:
    want, given = expected("V26"), published()["V26"]["inputs"]
    arcs, ends = arcs_of("V26"), (given["sup"], given["dem"])
    return [
        exact("in continuous time", want["T_cont"], quickest_transshipment(arcs, *ends)),
        exact("in unit steps", want["T_int"], steps_needed(arcs, *ends, 60)),
        exact("in after 25 steps", want["by25"], in_steps(arcs, *ends, 25)),
    ]


def v27(_: Runner) -> list[Check]:
    """Rates without one arc, and without the worst one and another."""
    want, arcs = expected("V27"), arcs_of("V27")
    left = sorted(((rate([arc for arc in arcs if arc != gone]), gone) for gone in arcs), key=lambda entry: entry[0])
    worst = left[0][1]
    second = min(rate([arc for arc in arcs if arc not in (worst, gone)]) for gone in arcs if gone != worst)
    return [
        _same("first arc", [want["k1"][0]], [left[0][1]]),
        exact("left without it", want["k1"][1], left[0][0], _RATE),
        *(exact(f"left, place {n + 2}", value, left[n + 1][0], _RATE) for n, value in enumerate((11, 12, 12, 13))),
        exact("left without the worst two", want["k2"], second),
    ]


def v28(_: Runner) -> list[Check]:
    want, given = expected("V28"), published()["V28"]["inputs"]
    caps, up = given["caps"], given["up"]

    def through(chosen: frozenset[int]) -> float:
        arcs = [Arc(f"n{n}", f"n{n + 1}", cap + up * (n + 1 in chosen)) for n, cap in enumerate(caps)]
        return rate(arcs, "n0", f"n{len(caps)}")

    start = through(frozenset())
    members = range(1, len(caps) + 1)
    share = shapley(members, through)
    return [
        *(
            exact(f"gain of {name}", gain, through(frozenset(int(digit) for digit in name)) - start, _RATE)
            for name, gain in want["gain"].items()
        ),
        *(exact(f"share of {n}", value, share[n], _RATE) for n, value in zip(members, want["shapley"], strict=True)),
    ]


CASES = [
    Case("V17", "largest rate through a graph", v17),
    Case("V18", "two disjoint routes", v18),
    Case("V20", "Braess: the trap of the shortest path", v20),
    Case("V26", "quickest transshipment", v26),
    Case("V27", "critical links", v27),
    Case("V28", "investments in series", v28),
]
