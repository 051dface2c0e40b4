"""One corridor, said in every engine that can say it: serials pass ten links, each of which admits one a headway.

Releases come in groups, so that queues form, and the headways differ, so that they form anew. There is no chance in
it: the hour at which each serial arrives is known from a recursion, and an engine that disagrees is not compared.

``python -m tests.bench.corridor ENGINE SERIALS`` makes one run in a process of its own and prints one JSON object.
"""

from __future__ import annotations

import argparse
import heapq
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

GROUPS = 100
DAYS = 100
USED = 0.9  # of the narrowest link, over all days
TRAVEL_H = tuple(float(hours) for hours in (10, 14, 12, 18, 11, 16, 13, 20, 15, 17))
WIDTH = (1.0, 0.7, 0.9, 0.6, 1.0, 0.8, 0.5, 1.0, 0.9, 0.7)  # headway of each link against that of the narrowest


@dataclass(frozen=True)
class Corridor:
    """`serials` in groups, ready at hours of `release_h`; link k admits one each `headway_h[k]`, for `travel_h[k]`."""

    release_h: np.ndarray
    headway_h: tuple[float, ...]
    travel_h: tuple[float, ...]

    @classmethod
    def of(cls, serials: int) -> Corridor:
        headway_h = USED * DAYS * 24 / serials
        group = np.arange(serials) * GROUPS // serials
        return cls(group * (DAYS * 24.0 / GROUPS), tuple(headway_h * width for width in WIDTH), TRAVEL_H)

    def arrivals_h(self) -> np.ndarray:
        """First in, first out: a start is the later of the own arrival and the start before it plus the headway."""
        hours = self.release_h
        count = np.arange(len(hours))
        for headway_h, travel_h in zip(self.headway_h, self.travel_h, strict=True):
            hours = np.maximum.accumulate(hours - headway_h * count) + headway_h * count + travel_h
        return hours


def naive_simpy(corridor: Corridor) -> tuple[np.ndarray, float]:
    """As a first model would be written: a resource a link, a process a serial."""
    import simpy

    arrived = np.zeros(len(corridor.release_h))
    start = time.process_time()
    env = simpy.Environment()
    links = [(simpy.Resource(env), headway, travel - headway)
             for headway, travel in zip(corridor.headway_h, corridor.travel_h, strict=True)]  # fmt: skip

    def serial(number: int, release_h: float) -> Any:
        yield env.timeout(release_h)
        for entrance, headway_h, rest_h in links:
            with entrance.request() as admitted:
                yield admitted
                yield env.timeout(headway_h)
            yield env.timeout(rest_h)
        arrived[number] = env.now

    for number, release_h in enumerate(corridor.release_h.tolist()):
        env.process(serial(number, release_h))
    env.run()
    return arrived, time.process_time() - start


def gate_simpy(corridor: Corridor) -> tuple[np.ndarray, float]:
    """SimPy at its best for this corridor: a link is the hour at which it is free, a serial makes one event a link."""
    import simpy

    arrived = np.zeros(len(corridor.release_h))
    start = time.process_time()
    env = simpy.Environment()
    free_h = [0.0] * len(corridor.headway_h)
    links = list(enumerate(zip(corridor.headway_h, corridor.travel_h, strict=True)))

    def serial(number: int, release_h: float) -> Any:
        yield env.timeout(release_h)
        for link, (headway_h, travel_h) in links:
            started = max(env.now, free_h[link])
            free_h[link] = started + headway_h
            yield env.timeout(started + travel_h - env.now)
        arrived[number] = env.now

    for number, release_h in enumerate(corridor.release_h.tolist()):
        env.process(serial(number, release_h))
    env.run()
    return arrived, time.process_time() - start


def _loop(release_h: np.ndarray, headway_h: np.ndarray, travel_h: np.ndarray, arrived: np.ndarray) -> None:
    free_h = np.zeros(len(headway_h))
    events = [(release_h[number], number, 0) for number in range(len(release_h))]
    heapq.heapify(events)
    while events:
        now, number, link = heapq.heappop(events)
        if link == len(headway_h):
            arrived[number] = now
            continue
        started = max(now, free_h[link])
        free_h[link] = started + headway_h[link]
        heapq.heappush(events, (started + travel_h[link], number, link + 1))


def heap_loop(corridor: Corridor) -> tuple[np.ndarray, float]:
    """A heap of events and nothing else, in Python."""
    arrived = np.zeros(len(corridor.release_h))
    start = time.process_time()
    _loop(corridor.release_h.tolist(), list(corridor.headway_h), list(corridor.travel_h), arrived)  # type: ignore[arg-type]
    return arrived, time.process_time() - start


def compiled_loop(corridor: Corridor) -> tuple[np.ndarray, float]:
    """The same loop, compiled: nothing is kept but the hour of arrival."""
    import numba

    loop = numba.njit(_loop)
    arguments = (np.asarray(corridor.headway_h), np.asarray(corridor.travel_h))
    loop(corridor.release_h[:10], *arguments, np.zeros(10))  # compiles
    arrived = np.zeros(len(corridor.release_h))
    start = time.process_time()
    loop(corridor.release_h, *arguments, arrived)
    return arrived, time.process_time() - start


def scenario_of(corridor: Corridor) -> Any:
    """The corridor as a scenario: trains of one wagon on ten lines, a unit a group, all chance and handling off."""
    from flanksim.scenario import loads

    hours, sizes = np.unique(corridor.release_h, return_counts=True)
    off = ("permissions", "integration", "march_rest", "chance", "handling", "lift", "civil_traffic", "borders")
    end = f"n{len(corridor.headway_h)}"
    links, units = {}, {}
    for link, (headway_h, travel_h) in enumerate(zip(corridor.headway_h, corridor.travel_h, strict=True)):
        ends = {"from_node": f"n{link}", "to_node": f"n{link + 1}"}
        links[f"l{link}"] = {**ends, "mode": "rail", "tracks": 2, "travel_hours": travel_h, "headway_hours": headway_h}
    for unit, (hour, size) in enumerate(zip(hours.tolist(), sizes.tolist(), strict=True)):
        ready = {"home_node": "n0", "assembly_node": end, "ready_day": hour / 24}
        units[f"u{unit:03d}"] = {**ready, "wheeled": int(size)}
    content = {
        "flanksim": 1,
        "name": f"corridor-{len(corridor.release_h)}",
        "mechanisms": dict.fromkeys(off, False),
        "parameters": {"vehicles_per_train": 1, "close_share": 1},
        "question": {"deadline_days": DAYS, "horizon_days": 10 * DAYS},
        "links": links,
        "units": units,
    }
    return loads(json.dumps(content))


def _flanksim(corridor: Corridor, engine: Callable[[Any, int], Any], warm: bool) -> tuple[np.ndarray, float]:
    from flanksim.activities import Kind
    from flanksim.planning.compile import compile_plan

    plan = compile_plan(scenario_of(corridor))
    if warm:
        engine(plan, 1)  # loads the compilation, and makes of the plan the arrays that all its runs share
    start = time.process_time()
    log = engine(plan, 0)
    seconds = time.process_time() - start
    travel = log.finished(Kind.TRAVEL)
    arrived = np.zeros(len(corridor.release_h))
    np.maximum.at(arrived, travel["serial"].astype(int), travel["ended"])
    return arrived, seconds


def flanksim_simpy(corridor: Corridor) -> tuple[np.ndarray, float]:
    """One call of the reference engine, its movement table included; the plan is made before."""
    from flanksim.engine.simulate import simulate_plan

    return _flanksim(corridor, simulate_plan, warm=False)


def flanksim_compiled(corridor: Corridor) -> tuple[np.ndarray, float]:
    """A call of the compiled engine after the first of its plan, its movement table included."""
    from flanksim.engine.compiled_run import simulate_compiled

    return _flanksim(corridor, simulate_compiled, warm=True)


def opentnsim(corridor: Corridor) -> tuple[np.ndarray, float]:
    """Vessels on a graph: a short edge with a resource is the entrance of a link, a long one the rest of it."""
    import datetime

    import networkx as nx
    import simpy
    from opentnsim import core
    from shapely.geometry import Point

    metres_a_second = 4.0
    vessel_class = type("Vessel", (core.Identifiable, core.Movable, core.VesselProperties), {})
    arrived = np.zeros(len(corridor.release_h))
    start = time.process_time()
    began = datetime.datetime(2026, 1, 1).timestamp()  # noqa: DTZ001
    env = simpy.Environment(initial_time=began)
    graph, route = nx.DiGraph(), ["0"]
    graph.add_node("0", geometry=Point(0, 0))
    for headway_h, travel_h in zip(corridor.headway_h, corridor.travel_h, strict=True):
        for hours, entrance in ((headway_h, True), (travel_h - headway_h, False)):
            node = str(len(route))
            graph.add_node(node, geometry=Point(0.01 * len(route), 0))
            facts = {"Resources": simpy.Resource(env)} if entrance else {}
            graph.add_edge(route[-1], node, length_m=hours * 3600 * metres_a_second, Info={}, **facts)
            route.append(node)
    env.graph = graph

    def serial(number: int, release_h: float) -> Any:
        vessel = vessel_class(env=env, name=str(number), route=route, geometry=graph.nodes["0"]["geometry"],
                              v=metres_a_second, type="", B=1, L=1)  # fmt: skip
        yield env.timeout(release_h * 3600)
        yield from vessel.move()
        arrived[number] = (env.now - began) / 3600

    for number, release_h in enumerate(corridor.release_h.tolist()):
        env.process(serial(number, release_h))
    env.run()
    return arrived, time.process_time() - start


def ciw(corridor: Corridor) -> tuple[np.ndarray, float]:
    """A network of queues: one server is the entrance of a link, endless servers are the rest of it."""
    import ciw

    arrived = np.zeros(len(corridor.release_h))
    start = time.process_time()
    services, servers = [], []
    for headway_h, travel_h in zip(corridor.headway_h, corridor.travel_h, strict=True):
        services += [ciw.dists.Deterministic(headway_h), ciw.dists.Deterministic(travel_h - headway_h)]
        servers += [1, float("inf")]
    gaps_h = np.diff(corridor.release_h, prepend=0.0).tolist()
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps_h, float("inf")]), *[None] * (len(servers) - 1)],
        service_distributions=services,
        routing=[[1.0 if column == row + 1 else 0.0 for column in range(len(servers))] for row in range(len(servers))],
        number_of_servers=servers,
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(corridor.release_h), method="Finish")
    last = [record for record in simulation.get_all_records() if record.node == len(servers)]
    for record in last:
        arrived[record.id_number - 1] = record.exit_date
    return arrived, time.process_time() - start


ENGINES: dict[str, Callable[[Corridor], tuple[np.ndarray, float]]] = {
    engine.__name__: engine
    for engine in (compiled_loop, heap_loop, gate_simpy, naive_simpy, flanksim_compiled, flanksim_simpy, ciw, opentnsim)
}


def main(arguments: list[str]) -> None:
    """One run: CPU seconds, peak memory, and how far the hours of arrival are from those of the recursion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("serials", type=int)
    chosen = parser.parse_args(arguments)
    corridor = Corridor.of(chosen.serials)
    arrived, seconds = ENGINES[chosen.engine](corridor)
    furthest_h = float(np.abs(np.sort(arrived) - np.sort(corridor.arrivals_h())).max())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "furthest_h": furthest_h}))


if __name__ == "__main__":
    main(sys.argv[1:])
