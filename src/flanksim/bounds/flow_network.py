"""All admissible ways of each load class, with the least that each asks of which resource.

Every bound that holds for *any* admissible route rests on this picture of the network. It has the
arcs of `flanksim.network.routes.Layered`, which is what the planner searches, with

- the lowest hours that one piece (a vehicle, container or soldier) can take over the arc, and
- the least work that one piece causes at each resource: hours of a gate, berth, ramp or stand, and
  hours for which lift is taken, loading, run, unloading and empty return together.

Work per piece is that of the largest serial divided by its size, so no way of cutting loads into
serials does with less. An asset's last load needs no return before closure; a second copy of every
layer with lift carries such loads, as many as there are assets. Left out, always in favour of an
earlier answer: rests on the road, empty runs to the first load, storage, port exits, outages,
breakdowns, opening hours, and the gates' time that empties take.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from flanksim.bounds.inputs import Inputs
from flanksim.bounds.unit_work import UnitWork, Use
from flanksim.collecting import no_collecting
from flanksim.modes import WAYS, mode_of
from flanksim.network.admissible import LoadClass
from flanksim.network.layers import Leg
from flanksim.network.lift import lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.network.routes import Layered
from flanksim.planning.loads import loads_of
from flanksim.planning.permissions import ENDS_ABROAD
from flanksim.planning.resources import Resources
from flanksim.planning.steps import Take

#: Suffix of the copy of a layer on which an asset carries its last load.
LAST = "|last"


@dataclass(frozen=True, slots=True)
class Demand:
    """Pieces of one element of one unit, from where to where.

    ``costless`` pieces cause no work: the plan takes them over a second sea leg, which the engine
    lets a serial cross without the hours at the berth that a ship-load needs.

    Attributes
    ----------
    permit_h
        Hour before which it crosses no border on any way, since the state in which it ends has not agreed; 0 if it
        stays in the country in which it starts.
    country
        That country.
    drawn
        Whether it is drawn from a stock.
    """

    unit: int
    element: str
    quantity: float
    graph: int
    home: int
    target: int
    costless: bool = False
    permit_h: float = 0.0
    country: str = ""
    drawn: bool = False


@dataclass(slots=True)
class ClassGraph:
    """The ways of one load class as arrays: one entry an arc, and one an (arc, resource) pair."""

    load: LoadClass
    states: dict[tuple[str, str], int] = field(default_factory=dict)
    tail: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    head: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    hours: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    use: csr_matrix = field(default_factory=lambda: csr_matrix((0, 0)))
    use_arc: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    use_resource: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    use_work: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    use_before: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    use_after: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _slots: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None

    def number(self, layer: str, place: str) -> int:
        """Number of a state, given when it is first asked for."""
        return self.states.setdefault((layer, place), len(self.states))

    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Arcs in order of their pair of states, the pairs, and the first arc of each: parallel ones are many."""
        if self._slots is None:
            keys = self.tail * len(self.states) + self.head
            order = np.argsort(keys, kind="stable").astype(np.int64)
            pairs, first = np.unique(keys[order], return_index=True)
            self._slots = (order, pairs, first.astype(np.int64))
        return self._slots

    def work_on(self, arcs: list[int]) -> NDArray[np.float64]:
        """Work of one piece at each resource over a sequence of arcs."""
        return np.asarray(self.use[arcs].sum(axis=0), dtype=float).ravel()

    def matrix(self, cost: NDArray[np.float64], *, backwards: bool) -> csr_matrix:
        """Sparse matrix of the cheapest arc of each pair of states."""
        size = len(self.states)
        order, pairs, first = self._sorted()
        data = np.minimum.reduceat(cost[order], first)
        rows, columns = pairs // size, pairs % size
        if backwards:
            rows, columns = columns, rows
        return csr_matrix((data, (rows, columns)), shape=(size, size))

    def hours_to(self, ends: dict[int, float]) -> NDArray[np.float64]:
        """Least hours from every state to any of the ends, each with hours of its own to come."""
        return _labels(self.matrix(self.hours, backwards=True), ends)

    def towards(self, cost: NDArray[np.float64], targets: list[int]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Cheapest cost from every state to each target, and the next state on the way."""
        found = dijkstra(self.matrix(cost, backwards=True), indices=np.array(targets), return_predecessors=True)
        return found[0], found[1]

    def path(self, cost: NDArray[np.float64], following: NDArray[np.int32], home: int, target: int) -> list[int]:
        """Arcs of the cheapest way from `home` to `target`."""
        order, pairs, first = self._sorted()
        size, state, arcs = len(self.states), home, []
        while state != target:
            then = int(following[state])
            position = int(np.searchsorted(pairs, state * size + then))
            last = int(first[position + 1]) if position + 1 < len(first) else len(order)
            candidates = order[int(first[position]) : last]
            arcs.append(int(candidates[int(np.argmin(cost[candidates]))]))
            state = then
        return arcs


class ArcWork(NamedTuple):
    """Least hours on an arc, and the work of one piece on it: an entry for each resource that limits.

    Attributes
    ----------
    resources
        Their numbers.
    works
        Hours of work.
    before_h, after_h
        Least time on the arc before and after each work.
    """

    hours: float
    resources: list[int]
    works: list[float]
    before_h: list[float]
    after_h: list[float]


@dataclass(slots=True)
class Resource:
    """A gate, facility or fleet as a bound sees it.

    Attributes
    ----------
    capacity
        In units of `attribute`, for the price of one more.
    groups
        Servers or assets: how many, from which hour on. Empty for ``last``, whose limit is `capacity`.
    work_share
        Share of a gate's work that shrinks as its capacity grows; 0 where capacity adds servers.
    slack_h
        Work that may lie outside the window: the last serial's own passing of a gate.
    first_h, rest_h
        Earliest hour at which anything can come here, and least time from here to closed.
    """

    kind: str
    name: str
    attribute: str
    capacity: float
    groups: tuple[tuple[float, float], ...]
    work_share: float = 0.0
    slack_h: float = 0.0
    first_h: float = math.inf
    rest_h: float = math.inf

    def hours(self, horizon_h: float) -> float:
        """Hours of work that fit before the horizon."""
        if not self.groups:
            return self.capacity
        window = horizon_h - self.rest_h
        return sum(count * max(0.0, window - max(since, self.first_h)) for count, since in self.groups) + self.slack_h

    def slope(self, horizon_h: float) -> float:
        """Servers or assets that can work at all before the horizon."""
        window = horizon_h - self.rest_h
        return sum(count for count, since in self.groups if window > max(since, self.first_h))


class FlowNetwork:
    """Ways, resources and demands of one scenario.

    Attributes
    ----------
    graphs
        One for each load class.
    resources
        Everything that limits, in order of first use.
    demands
        What must come in, by unit and element.
    """

    @no_collecting()
    def __init__(self, network: Network, inputs: Inputs) -> None:
        self.scenario, self.inputs = network.scenario, inputs
        physics = Physics(network, lift_pools(network))
        self.unit_work = UnitWork(inputs, Resources(physics))
        self.resources: list[Resource] = []
        self._number: dict[tuple[str, str], int] = {}
        self._legs: dict[tuple[object, ...], ArcWork | None] = {}
        self.graphs: list[ClassGraph] = []
        self.demands: list[Demand] = []
        loads = loads_of(network)
        classes = sorted({load.load_class for load in loads})
        for load_class in classes:
            self.graphs.append(self._graph(Layered(physics, load_class)))
        self._legs.clear()
        for graph in self.graphs:
            self._finish(graph)
        twice = _second_sea(inputs)
        permits = _permits(inputs)
        self._borders: dict[tuple[int, str], tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_]]] = {}
        for load in loads:
            number = classes.index(load.load_class)
            graph = self.graphs[number]
            home, target = graph.number("ground", load.home), graph.number("ground", load.target)
            costless = (load.unit_number, load.element) in twice
            country, abroad = (network.places[place].country for place in (load.home, load.target))
            permit_h = permits.get((load.unit_number, load.element), 0.0) if country != abroad else 0.0
            key = (load.unit_number, load.element)
            self.demands.append(
                Demand(*key, load.pieces, number, home, target, costless, permit_h, country, load.drawn)
            )
        self._windows()

    def from_border(self, demand: Demand, distance: NDArray[np.float64]) -> float:
        """Least hours from the first border on the way of a demand, of the least `distance` from every state on."""
        graph, (_, arcs, stopped) = self.graphs[demand.graph], self._border(demand.graph, demand.country)
        hours = np.where(stopped, graph.hours[arcs], 0.0) + distance[graph.head[arcs]]
        return float(hours.min(initial=math.inf))

    def _border(self, number: int, country: str) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.bool_]]:
        """Arcs inside a country; arcs that leave it; and which of these a border stops before, not at their end."""
        key = (number, country)
        if key not in self._borders:
            graph, places = self.graphs[number], self.unit_work.physics.network.places
            at_home = np.array([places[place].country == country for _, place in graph.states], dtype=bool)
            stops = np.array([_stops(layer) for layer, _ in graph.states], dtype=bool)
            arcs = np.flatnonzero(at_home[graph.tail] & ~at_home[graph.head])
            inside = at_home[graph.tail] & at_home[graph.head]
            self._borders[key] = (inside, arcs, stops[graph.tail[arcs]])
        return self._borders[key]

    def _earliest(self, number: int, demands: list[Demand]) -> NDArray[np.float64]:
        """Least hour at which anything of a load class can be in each state, with leave to cross its first border."""
        graph, free = self.graphs[number], dict[int, float]()
        found = np.full(len(graph.states), np.inf)
        groups: dict[str, list[Demand]] = {}
        for demand in demands:
            groups.setdefault(demand.country, []).append(demand)
        whole = graph.matrix(graph.hours, backwards=False)
        for country, group in sorted(groups.items()):
            starts: dict[int, float] = {}
            for demand in group:
                starts[demand.home] = min(self.inputs.start_h[demand.unit], starts.get(demand.home, math.inf))
            permit_h = min(demand.permit_h for demand in group)
            if permit_h <= min(starts.values()):
                for home, hour in starts.items():
                    free[home] = min(hour, free.get(home, math.inf))
                continue
            inside, arcs, stopped = self._border(number, country)
            at_home = _labels(graph.matrix(np.where(inside, graph.hours, np.inf), backwards=False), starts)
            before, hours = at_home[graph.tail[arcs]], graph.hours[arcs]
            abroad = np.where(stopped, np.maximum(before, permit_h) + hours, np.maximum(before + hours, permit_h))
            least = np.full(len(found), np.inf)
            np.minimum.at(least, graph.head[arcs], abroad)
            heads = np.flatnonzero(np.isfinite(least))
            found = np.minimum(found, at_home)
            found = np.minimum(found, _labels(whole, dict(zip(heads.tolist(), least[heads].tolist(), strict=True))))
        return np.minimum(found, _labels(whole, free)) if free else found

    # ---- arcs ---------------------------------------------------------------------------------

    def _graph(self, layered: Layered) -> ClassGraph:
        graph = ClassGraph(layered.load)
        for place in layered.places:
            graph.number("ground", place)
        tails, heads, arcs, resources = list[int](), list[int](), list[int](), list[int]()
        hours, works, before, after = list[float](), list[float](), list[float](), list[float]()
        for tail, head, found in self._arcs(layered):
            if found is None:
                continue
            arcs += [len(tails)] * len(found.resources)
            resources += found.resources
            works += found.works
            before += found.before_h
            after += found.after_h
            tails.append(graph.number(*tail))
            heads.append(graph.number(*head))
            hours.append(found.hours)
        graph.tail, graph.head = np.array(tails, dtype=np.int64), np.array(heads, dtype=np.int64)
        graph.hours = np.array(hours, dtype=float)
        graph.use_arc, graph.use_resource = np.array(arcs, dtype=np.int64), np.array(resources, dtype=np.int64)
        graph.use_work = np.array(works, dtype=float)
        graph.use_before, graph.use_after = np.array(before, dtype=float), np.array(after, dtype=float)
        graph.use = csr_matrix((graph.use_work, (graph.use_arc, graph.use_resource)), shape=(len(tails), 0x7FFF))
        return graph

    def _finish(self, graph: ClassGraph) -> None:
        """The matrix of uses gets its final width once every resource is known."""
        graph.use = graph.use[:, : len(self.resources)].tocsr()

    def _arcs(self, layered: Layered) -> Iterator[tuple[tuple[str, str], tuple[str, str], ArcWork | None]]:
        """Arcs of the planner, once for each pool of lift and again for last loads; None where one is closed."""
        work, load = self.unit_work, layered.load
        terminals, served = set[str](), set[tuple[str, str]]()  # the planner lists travel before transfers
        for tail_layer, tail, head_layer, head, leg in layered.arcs():
            if leg is not None:
                served |= {(tail_layer, tail), (head_layer, head)}  # a place may only be arrived at
                for pool in work.pools(tail_layer, load, leg):
                    for last in (False, True) if pool else (False,):
                        layer = _layer(tail_layer, pool, last)
                        yield (layer, tail), (layer, head), self._travel(tail_layer, load.element, pool, leg, last=last)
            elif tail_layer == "ground" or head_layer == "ground" or tail_layer.startswith("sea"):
                # A port without a way out by road hands over to trains alone; the bound lets loads stand there.
                boards = tail_layer == "ground"
                mode = head_layer if boards else tail_layer
                if (mode, tail) not in served:
                    continue
                if mode_of(mode) == "rail":
                    terminals.add(tail)
                for pool in work.pools(mode, load, None, place=tail):
                    for last in (False, True) if pool else (False,):
                        hours, uses = work.transfer(mode, load.element, pool, tail, boards=boards, last=last)
                        ends = (("ground", tail), (_layer(mode, pool, last), tail))
                        yield (*(ends if boards else ends[::-1]), self._limited(hours, uses))
        trains = [layer for layer in layered.layers if layer.startswith("rail")]
        places = {*terminals, *(place for kind, place in work.physics.network.facilities if kind == "gauge_change")}
        for place in sorted(places):
            yield from self._changes([train for train in trains if (train, place) in served], load, place)

    def _changes(
        self, trains: list[str], load: LoadClass, place: str
    ) -> Iterator[tuple[tuple[str, str], tuple[str, str], ArcWork | None]]:
        """From train to train: at a gauge change, and (free of work, as the engine has it) at any terminal."""
        work = self.unit_work
        for one in trains:
            for two in trains:
                if one == two:
                    continue
                pools = work.pools(one, load, None), work.pools(two, load, None)
                for pool, other in ((a, b) for a in pools[0] for b in pools[1]):
                    for last in (False, True) if pool else (False,):
                        for then in (False, True) if other else (False,):
                            hours, uses = work.change(load.element, place, (pool, last), (other, then))
                            ends = (_layer(one, pool, last), place), (_layer(two, other, then), place)
                            yield *ends, self._limited(hours, uses)

    def _travel(self, layer: str, element: str, pool: str, leg: Leg, *, last: bool) -> ArcWork | None:
        """Of a leg, which most load classes of an element may take."""
        key = (layer, element, pool, leg.link_id, leg.from_node, leg.to_node, last)
        if key not in self._legs:
            self._legs[key] = self._limited(*self.unit_work.travel(layer, element, pool, leg, last=last))
        return self._legs[key]

    def _limited(self, hours: float, uses: list[Use]) -> ArcWork | None:
        """What limits among the uses of an arc; None if any of them has no capacity at all."""
        limited = [(self._resource(use), use) for use in uses]
        if any(number == _CLOSED for number, _ in limited):
            return None
        limited = [entry for entry in limited if entry[0] >= 0]
        return ArcWork(
            hours,
            [number for number, _ in limited],
            [use.work for _, use in limited],
            [use.before_h for _, use in limited],
            [use.after_h for _, use in limited],
        )

    # ---- resources ----------------------------------------------------------------------------

    def _resource(self, use: Use) -> int:
        """Number of the resource of a use; negative where it has no limit or no capacity at all."""
        key = (use.kind, use.name)
        if key not in self._number:
            found = self.unit_work.resource(use)
            if found is None:
                self._number[key] = _FREE
            elif not found[1]:
                self._number[key] = _CLOSED
            else:
                capacity, groups, share = found
                self._number[key] = len(self.resources)
                groups = () if use.kind == "last" else groups
                self.resources.append(Resource(use.kind, use.name, use.attribute, capacity, groups, share))
        number = self._number[key]
        if number >= 0:
            entry = self.resources[number]
            entry.slack_h = max(entry.slack_h, use.slack_h)
        return number

    def _windows(self) -> None:
        """Earliest arrival at, and least time from, each resource, by load class."""
        for number, graph in enumerate(self.graphs):
            demands = [demand for demand in self.demands if demand.graph == number]
            ends: dict[int, float] = {}
            for demand in demands:
                end = self.inputs.integration_h[demand.unit]
                ends[demand.target] = min(end, ends.get(demand.target, math.inf))
            early = self._earliest(number, demands)
            late = graph.hours_to(ends)
            first = np.full(len(self.resources), np.inf)
            rest = np.full(len(self.resources), np.inf)
            reachable = np.isfinite(early[graph.tail]) & np.isfinite(late[graph.head])
            chosen = reachable[graph.use_arc]
            arc, resource = graph.use_arc[chosen], graph.use_resource[chosen]
            np.minimum.at(first, resource, early[graph.tail[arc]] + graph.use_before[chosen])
            np.minimum.at(rest, resource, late[graph.head[arc]] + graph.use_after[chosen])
            for entry, a, b in zip(self.resources, first.tolist(), rest.tolist(), strict=True):
                entry.first_h, entry.rest_h = min(entry.first_h, a), min(entry.rest_h, b)


_FREE, _CLOSED = -1, -2


def _second_sea(inputs: Inputs) -> set[tuple[int, str]]:
    """Units and elements of which the plan takes a serial, not a ship-load, over the sea."""
    plan, ships = inputs.plan, {number for number, pool in enumerate(inputs.plan.pools) if pool.kind == "ship"}
    found = set()
    for serial in plan.serials:
        programs = {serial.program, *(plan.ways[way].program for way in serial.ways)} if serial.stage in (0, 2) else ()
        steps = (step for program in programs for step in plan.programs[program].steps)
        if any(isinstance(step, Take) and step.pool in ships for step in steps):
            found.add((serial.unit, serial.kind))
    return found


def _permits(inputs: Inputs) -> dict[tuple[int, str], float]:
    """Hours at which the states where they end give leave to the loads of each unit and element that need it."""
    found: dict[tuple[int, str], float] = {}
    for serial in inputs.plan.serials:
        if serial.home and serial.permits:
            found[serial.unit, serial.kind] = inputs.permit_h[serial.permits[0]]
    return found


def _stops(layer: str) -> bool:
    """Whether who travels on a layer of a class graph is stopped before a leg that crosses a border."""
    mode = mode_of(layer.partition("/")[0])
    return mode not in WAYS or WAYS[mode].family not in ENDS_ABROAD


def _layer(layer: str, pool: str, last: bool) -> str:
    return f"{layer}/{pool}{LAST if last else ''}" if pool else layer


def _labels(matrix: csr_matrix, sources: dict[int, float]) -> NDArray[np.float64]:
    """Least hours from several sources, each with its own start: one more state stands before them all."""
    size = matrix.shape[0]
    entry = matrix.tocoo()
    rows = np.append(entry.row.astype(np.int64), np.full(len(sources), size, dtype=np.int64))
    columns = np.append(entry.col.astype(np.int64), np.fromiter(sources.keys(), dtype=np.int64))
    data = np.append(entry.data.astype(float), np.fromiter(sources.values(), dtype=float))
    bigger: csr_matrix = csr_matrix((data, (rows, columns)), shape=(size + 1, size + 1))
    found: NDArray[np.float64] = dijkstra(bigger, indices=np.array([size]))[0, :size]
    return found
