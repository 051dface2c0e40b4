"""What whole ships can carry at best: which loads must cross the sea, on which routes, and how long a trip takes.

A load *must* cross the sea if without ships no way leads to its end. Ships that carry it leave a port to which it comes
without ships, and land it at a port from which its end is reached without ships: nothing takes two ships where one does
(`flanksim.planning.options`), and what the plan itself takes over two seas is left out.

Every number here is one that no simulation goes below: lowest hours of all that chance moves, typical ones of the empty
way back, which the engine takes. Each is the least over all ways, ports of debarkation, berths and loads in which it
may come about, one by one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from flanksim.bounds.flow_network import LAST, ClassGraph, Demand, FlowNetwork
from flanksim.bounds.inputs import Inputs
from flanksim.network.admissible import ELEMENTS
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.planning.resources import Resources

#: Ports so close that an empty run between them is not counted, hours of the run of the fastest ship.
NEAR_H = 96.0
#: Decks are filled to this much more than is stated: whole pieces are counted with an allowance for floats.
_ROUNDING = 1e-5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cargo:
    """Pieces that must cross the sea, and that are alike in all but the unit to which they belong.

    Attributes
    ----------
    members
        Unit and pieces of each.
    lane_m
        Lane metres of one piece.
    """

    members: tuple[tuple[int, float], ...]
    lane_m: float

    @property
    def pieces(self) -> float:
        """All of them."""
        return sum(pieces for _, pieces in self.members)


@dataclass(frozen=True, slots=True)
class Berth:
    """Hours at a berth of a ship with n pieces: ``fixed_h + each_h * n``."""

    fixed_h: float
    each_h: float

    def hours(self, pieces: float) -> float:
        """Hours with so many pieces; with none a part of the fixed ones may do, for they are spread over the pieces."""
        return self.fixed_h + self.each_h * pieces if pieces > 0 else 0.0

    def pace(self, pieces: float) -> float:
        """Most pieces that an hour can land, of at most so many aboard."""
        whole = self.hours(pieces) if math.isfinite(pieces) else math.inf
        if math.isinf(whole):
            return 1.0 / self.each_h if self.each_h > 0 else math.inf
        return pieces / whole if whole > 0 else math.inf


@dataclass(frozen=True, slots=True)
class Route:
    """Trips of the ships of one pool that load at one port.

    Attributes
    ----------
    coast
        Number of the group of ports in which it loads, and to which it comes back.
    loading, landing
        Hours at the berths; of landing the least of any port.
    there_h, sailing_h
        The way there, and that there and back, without berths.
    quay_h
        For each cargo the hour before which none of it stands on the quay; inf for what does not go this way.
    rest_h
        For each cargo the least hours from leaving the berth of the first port to closed, without the landing.
    to_port
        Where it lands; empty for any port.
    shared
        Whether loads that need no ship, and are not counted, may be aboard as well.
    """

    pool: str
    port: str
    coast: int
    loading: Berth
    landing: Berth
    there_h: float
    sailing_h: float
    quay_h: tuple[float, ...]
    rest_h: tuple[float, ...]
    to_port: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Ships:
    """The ships of one pool.

    Attributes
    ----------
    deck_m, most
        Lane metres of one, and the pieces of any kind that it takes at most; infinite where it takes all.
    fleets
        Ships that become available together at one place: how many, and the hour from which they can load in each group
        of ports.
    between_h
        Hours of an empty run from one group of ports to another.
    """

    deck_m: float
    most: float
    fleets: tuple[tuple[int, tuple[float, ...]], ...]
    between_h: tuple[tuple[float, ...], ...]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(count for count, _ in self.fleets)


@dataclass(frozen=True, slots=True)
class SeaLift:
    """All that a program of whole ships needs, beside the units.

    Attributes
    ----------
    berths
        Berths of each port at which ships are counted; infinite where nobody waits for one.
    """

    cargoes: tuple[Cargo, ...]
    routes: tuple[Route, ...]
    ships: dict[str, Ships]
    berths: dict[str, float]


def lowest(network: FlowNetwork) -> SeaLift:
    """The sea lift of a network, better than in any simulation on the same inputs."""
    return _Lowest(network).build() if network.scenario.mechanisms.lift else SeaLift((), (), {}, {})


def resupplied(sea: SeaLift, inputs: Inputs, other: Network) -> SeaLift:
    """The same cargo and routes with the ships and berths of a changed network.

    Parameters
    ----------
    sea, inputs
        The sea lift as it is, and the inputs on which it rests.
    other
        The network with other ships or berths; what else it changes is not seen.
    """
    supply = Supply(Resources(Physics(other, lift_pools(other))), inputs)
    return supply.complete(sea.cargoes, sea.routes)


class Supply:
    """Ships and berths of a network, on some inputs.

    Parameters
    ----------
    resources
        Pools and facilities.
    inputs
        Which ships turn up, and the hours of handling.
    """

    def __init__(self, resources: Resources, inputs: Inputs) -> None:
        self.resources, self.physics, self.inputs = resources, resources.physics, inputs

    def complete(self, cargoes: Sequence[Cargo], routes: Sequence[Route]) -> SeaLift:
        """Cargo and routes with their ships and berths."""
        ports = sorted({port for route in routes for port in (route.port, route.to_port) if port})
        pools = sorted({route.pool for route in routes})
        most_m = max((cargo.lane_m for cargo in cargoes), default=0.0)
        coasts = {pool: {route.port: route.coast for route in routes if route.pool == pool} for pool in pools}
        ships = {pool: self._ships(pool, coasts[pool], most_m) for pool in pools}
        return SeaLift(tuple(cargoes), tuple(routes), ships, {port: self._servers(port) for port in ports})

    def berth(self, port: str) -> Berth:
        """Least hours of a ship at a port's berth."""
        if not self.physics.scenario.mechanisms.handling:
            return Berth(0.0, 0.0)
        entry = self.physics.facility("berth", port)
        if entry is not None and entry.handling is not None:
            return Berth(self.inputs.hours(entry.handling), 0.0)
        each, factor = self.physics.berth_hours_per_piece()
        low = self.inputs.hours(factor)
        return Berth(low * self.physics.berth_hours(0.0), low * each)

    def _servers(self, port: str) -> float:
        number = self.resources.server("berth", port)
        handling = self.physics.scenario.mechanisms.handling
        return self.resources.servers[number].servers if handling and number >= 0 else math.inf

    def coasts(self, lanes: Sequence[tuple[str, str]]) -> dict[str, int]:
        """Group of each port where ships of a pool load (pool, port): those that short empty runs connect are one."""
        pools, ports = (sorted(set(part)) for part in zip(*lanes, strict=True)) if lanes else ([], [])
        near: nx.Graph[str] = nx.Graph()
        near.add_nodes_from(ports)
        near.add_edges_from((a, b) for a, b in combinations(ports, 2) if self._run_h(pools, a, b) <= NEAR_H)
        groups = sorted(sorted(group) for group in nx.connected_components(near))
        return {port: number for number, group in enumerate(groups) for port in group}

    def _run_h(self, pools: Sequence[str], one: str, two: str) -> float:
        """Least hours of an empty run of any of these ships between two places, whichever way is shorter."""
        hours = self.physics.positioning_hours
        return min(min(hours(pool, one, two), hours(pool, two, one)) for pool in pools)

    def _ships(self, pool: str, coasts: dict[str, int], most_m: float) -> Ships:
        """The ships of a pool that turn up, and how far the groups of the ports where they load are apart for them."""
        groups = [[port for port in sorted(coasts) if coasts[port] == n] for n in range(1 + max(coasts.values()))]
        run_h = partial(self._run_h, [pool])

        def least(starts: Sequence[str], ends: Sequence[str]) -> float:
            return min((run_h(start, end) for start in starts for end in ends), default=math.inf)

        between = np.array([[least(one, two) for two in groups] for one in groups])
        for middle in range(len(groups)):  # a ship may run by way of a third group
            between = np.minimum(between, between[:, [middle]] + between[[middle], :])
        lift = self.physics.lift[pool]
        runs = {key: [least([fleet.home_node], ports) for ports in groups] for key, fleet in lift.fleets}
        fleets: Counter[tuple[float, ...]] = Counter()
        for asset in self.inputs.present(self.resources.pools[self.resources.pool(pool)]):
            fleets[tuple(asset.available_h + run for run in runs[asset.fleet])] += 1
        deck_m = max(lift.capacity, most_m) * (1.0 + _ROUNDING)
        least_m = min(self.physics.least_lane_m(element) for element in ELEMENTS[1:])
        most = deck_m / least_m if least_m > 0 else math.inf
        here = tuple((fleets[hours], hours) for hours in sorted(fleets))
        return Ships(deck_m, most, here, tuple(map(tuple, between.tolist())))


class _Lowest:
    def __init__(self, network: FlowNetwork) -> None:
        self.network, self.inputs = network, network.inputs
        self.physics = network.unit_work.physics
        self.supply = Supply(network.unit_work.resources, network.inputs)
        #: For each (layer of ships, port): quay and rest hours by cargo; least hours there, and there and back.
        self.quay: dict[tuple[str, str], dict[int, float]] = {}
        self.rest: dict[tuple[str, str], dict[int, float]] = {}
        self.there: dict[tuple[str, str], float] = {}
        self.sailing: dict[tuple[str, str], float] = {}
        self._back: dict[str, Callable[[str, str], float]] = {}
        self._useful: set[str] = set()
        #: Ports to which loads come that are not counted here.
        self._others: set[str] = set()

    def build(self) -> SeaLift:
        """The whole of it."""
        cargoes: list[Cargo] = []
        for number, graph in enumerate(self.network.graphs):
            own = [d for d in self.network.demands if d.graph == number and d.element != "troops"]
            if own:
                self._class(graph, own, cargoes)
        coasts = self.supply.coasts([(_pool(layer), port) for layer, port in self.quay])
        every = [self.supply.berth(place) for place in sorted(self._useful)]
        routes = [
            Route(
                pool=_pool(layer),
                port=port,
                coast=coasts[port],
                loading=self.supply.berth(port),
                landing=Berth(min(berth.fixed_h for berth in every), min(berth.each_h for berth in every)),
                there_h=self.there[layer, port],
                sailing_h=self.sailing[layer, port],
                quay_h=tuple(quay.get(number, math.inf) for number in range(len(cargoes))),
                rest_h=tuple(self.rest[layer, port].get(number, math.inf) for number in range(len(cargoes))),
                shared=port in self._others,
            )
            for (layer, port), quay in sorted(self.quay.items())
        ]
        return self.supply.complete(cargoes, routes)

    # ---- cargoes and ways ---------------------------------------------------------------------

    def _class(self, graph: ClassGraph, demands: list[Demand], cargoes: list[Cargo]) -> None:
        """Cargo of one load class, and what each route is to it."""
        names = {number: state for state, number in graph.states.items()}
        at_sea = np.array([names[number][0].startswith("sea:") for number in range(len(names))])
        boards, lands = ~at_sea[graph.tail] & at_sea[graph.head], at_sea[graph.tail] & ~at_sea[graph.head]
        sails = at_sea[graph.tail] & at_sea[graph.head]
        dry = np.where(boards | lands | sails, np.inf, graph.hours)
        targets = sorted({demand.target for demand in demands})
        onward, _ = graph.towards(dry, targets)
        row = {target: number for number, target in enumerate(targets)}
        must = [d for d in demands if not d.costless and not math.isfinite(onward[row[d.target], d.home])]
        homes = sorted({demand.home for demand in demands if demand not in must})
        if homes:
            anywhere = dijkstra(graph.matrix(graph.hours, backwards=False), indices=np.array(homes)).min(axis=0)
            self._others |= {place for (_, place), state in graph.states.items() if math.isfinite(anywhere[state])}
        if not must:
            return
        first = len(cargoes)
        kinds: dict[tuple[object, ...], list[Demand]] = {}
        for demand in must:
            kinds.setdefault(self._alike(demand), []).append(demand)
        cargoes += [Cargo(tuple((d.unit, d.quantity) for d in same), self._lane_m(same[0])) for same in kinds.values()]
        heads = [same[0] for same in kinds.values()]
        homes = sorted({demand.home for demand in heads})
        found = dijkstra(graph.matrix(dry, backwards=False), indices=np.array(homes))
        to_quay = dict(zip(homes, found, strict=True))
        over_sea, _ = graph.towards(np.where(boards, np.inf, graph.hours), targets)
        ports = {
            (layer, place): number
            for (layer, place), number in graph.states.items()
            if layer.startswith("sea:") and not layer.endswith(LAST) and number in set(graph.head[boards].tolist())
        }
        self._trips(graph, ports, np.where(sails, graph.hours, np.inf), onward[[row[d.target] for d in heads]])
        for (layer, place), state in ports.items():
            for position, demand in enumerate(heads):
                quay_h = self._start(demand) + to_quay[demand.home][graph.states["ground", place]]
                rest_h = over_sea[row[demand.target], state] + self.inputs.integration_h[demand.unit]
                if math.isfinite(quay_h) and math.isfinite(rest_h) and (layer, place) in self.sailing:
                    self.quay.setdefault((layer, place), {})[first + position] = quay_h
                    self.rest.setdefault((layer, place), {})[first + position] = float(rest_h)

    def _alike(self, demand: Demand) -> tuple[object, ...]:
        hours = (self._start(demand), self.inputs.integration_h[demand.unit])
        return demand.home, demand.target, self._lane_m(demand), *hours

    def _start(self, demand: Demand) -> float:
        return self.inputs.start_h[demand.unit] + (self.physics.drawing()[0] if demand.drawn else 0.0)

    def _lane_m(self, demand: Demand) -> float:
        return self.physics.lane_m(demand.element, self.inputs.plan.units[demand.unit].unit_type)

    def _trips(self, graph: ClassGraph, ports: dict[tuple[str, str], int], hours: Floats, onward: Floats) -> None:
        """Least hours of sailing there and back on each route, to any port of use to any of the class's cargo."""
        useful: NDArray[np.bool_] = np.asarray(np.isfinite(onward).any(axis=0))
        matrix = graph.matrix(hours, backwards=False)
        order = sorted(ports)
        found = dijkstra(matrix, indices=np.array([ports[key] for key in order]))
        of_layer: dict[str, list[tuple[str, int]]] = {}
        for (layer, place), number in graph.states.items():
            ground = graph.states.get(("ground", place))
            if layer.startswith("sea:") and not layer.endswith(LAST) and ground is not None and useful[ground]:
                of_layer.setdefault(layer, []).append((place, number))
        for position, (layer, port) in enumerate(order):
            back = self._way_back(_pool(layer))
            for place, state in of_layer.get(layer, ()):
                there = float(found[position, state])
                if place != port and math.isfinite(there):
                    self._useful.add(place)
                    self.there[layer, port] = min(there, self.there.get((layer, port), math.inf))
                    both = there + back(place, port)
                    self.sailing[layer, port] = min(both, self.sailing.get((layer, port), math.inf))

    def _way_back(self, pool: str) -> Callable[[str, str], float]:
        """Least hours of an empty way back: typical ones, over any lanes; off the network where lanes lead one way."""
        if pool in self._back:
            return self._back[pool]
        lanes: nx.DiGraph[str] = nx.DiGraph()
        one_way = False
        for edges in self.physics.network.links.values():
            if edges[0].mode != "sea":
                continue
            one_way |= len(edges) < 2
            for edge in edges:
                hours = self.physics.running(edge, "sea", pool).typical
                known = lanes.get_edge_data(edge.from_node, edge.to_node, {"weight": math.inf})["weight"]
                lanes.add_edge(edge.from_node, edge.to_node, weight=min(hours, known))
        found = dict(nx.all_pairs_dijkstra_path_length(lanes))

        def back(place: str, port: str) -> float:
            by_lanes = float(found.get(place, {}).get(port, math.inf))
            if math.isfinite(by_lanes) and not one_way:
                return by_lanes
            return min(by_lanes, self.physics.positioning_hours(pool, place, port))

        self._back[pool] = back
        return back


def _pool(layer: str) -> str:
    """Pool of ships of a layer of a class graph."""
    return layer.partition("/")[2]
