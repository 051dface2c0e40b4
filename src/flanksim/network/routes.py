"""Itineraries on the layered graph place x mode, one set for each load class; all before the run.

The layers of a load class are ``ground`` (standing at a place) and the modes that may carry it.
Changing layer is an arc that exists only where a facility can do it. Shortest paths run on scipy's
compiled Dijkstra, backwards from each assembly area, because a plan needs thousands of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from flanksim.modes import WAYS, mode_of
from flanksim.network.admissible import LoadClass, obstacle
from flanksim.network.along import along
from flanksim.network.elements import Edge
from flanksim.network.lift import Lift, queue_pools
from flanksim.network.physics import Physics
from flanksim.scenario.geometry import great_circle_km
from flanksim.units import HOURS_PER_DAY

#: Each alternative itinerary makes the arcs of those before it this much dearer.
DETOUR_PENALTY = 1.6
#: Heavy vehicles drive themselves only for short transfers; in the choice of route an hour of it counts so many.
SELF_DRIVE_PENALTY = 6.0
#: Small cost of any change of layer, hours, so that nothing boards and alights for free.
TRANSFER_HOURS = 0.01
#: Prefix of the layer on which a load stands in a port that it can leave by train alone.
_QUAY = "quay:"


@dataclass(frozen=True, slots=True)
class Leg:
    """One link in one direction, or one flight (link id empty)."""

    link_id: str
    forward: bool
    from_node: str
    to_node: str


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Consecutive legs on one layer, without a change of lift. Compared by identity; see `Layered`.

    ``layer`` is ``march``, ``het``, ``coach``, ``rail:<pool>``, ``sea:<waters>`` or ``air``; ``router`` the graph on
    which it was found, and on which ways round it and back are found.
    """

    layer: str
    legs: tuple[Leg, ...]
    router: Layered = field(repr=False)

    @property
    def from_node(self) -> str:
        """Where the segment is boarded."""
        return self.legs[0].from_node

    @property
    def to_node(self) -> str:
        """Where it is left."""
        return self.legs[-1].to_node


@dataclass(frozen=True, slots=True)
class Detour:
    """The shortest way round consecutive legs on the same layer, with its hours and those of the legs themselves."""

    legs: tuple[Leg, ...]
    hours: float
    instead_of_hours: float


@dataclass(frozen=True, slots=True)
class Itinerary:
    """A way from home station to assembly area for one load class."""

    segments: tuple[Segment, ...]
    free_flow_hours: float


@dataclass(slots=True)
class _Arcs:
    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    leg: list[Leg | None] = field(default_factory=list)
    thing: list[str] = field(default_factory=list)

    def add(self, tail: int, head: int, cost: float, leg: Leg | None = None, thing: str = "") -> None:
        """An arc; `thing` is what it uses: a link, or a facility as ``kind:place``."""
        self.tail.append(tail)
        self.head.append(head)
        self.cost.append(cost)
        self.leg.append(leg)
        self.thing.append(leg.link_id if leg is not None else thing)


class Layered:
    """The layered graph of one load class.

    Parameters
    ----------
    physics
        Times and sizes on the network, with its pools of lift.
    load
        The load class.
    by_sea
        Whether ships, and for vehicles and containers aircraft, are on offer.
    limits
        False to ask what there would be if nothing stopped a load anywhere.
    """

    def __init__(
        self,
        physics: Physics,
        load: LoadClass,
        *,
        by_sea: bool = True,
        limits: bool = True,
    ) -> None:
        self.physics, self.network, self.load, self.limits = physics, physics.network, load, limits
        self.scenario, facilities = physics.scenario, physics.network.facilities
        self.unusable = {key for key in facilities if limits and self.network.unusable(*key)}
        self.facilities = {key: facility for key, facility in facilities.items() if key not in self.unusable}
        self.places = list(self.network.places)
        self.place_number = {place: number for number, place in enumerate(self.places)}
        #: Pools of trains and barges, each with a layer of its own, by layer.
        self.pools = {
            f"{mode}:{name}": pool
            for mode, way in WAYS.items()
            if way.queue == "pool"
            for name, pool in queue_pools(physics.lift, self.scenario, mode, load.element).items()
        }
        road = {"troops": "coach", "heavy": "het"}.get(load.element, "march")
        layers = ["ground", road]
        if load.element == "heavy":
            layers.append("march")
        layers += self.pools
        if load.element == "troops" or (by_sea and "air" not in load.without and physics.aircraft(load.element)):
            layers.append("air")
        if load.element != "troops" and by_sea:
            layers += sorted(
                {f"sea:{edges[0].waters}" for edges in self.network.links.values() if edges[0].mode == "sea"}
            )
        #: Ports that no column leaves by road: only trains take away what is discharged there.
        self._rail_only = {
            place
            for kind, place in self.unusable
            if kind == "port_exit" and ("rail_terminal", place) in self.facilities
        }
        if self._rail_only:
            layers += [_on_quay(layer) for layer in self.pools if layer.startswith("rail")]
        self.layers = layers
        self.layer_number = {layer: number for number, layer in enumerate(layers)}
        self._only = along(self.network, load) if limits and load.route else None
        arcs = _Arcs()
        self._travel(arcs)
        self._transfers(arcs)
        self._legs = arcs.leg
        self._things = np.array(arcs.thing, dtype=np.str_)
        self._tail = np.array(arcs.tail, dtype=np.int64)
        self._head = np.array(arcs.head, dtype=np.int64)
        self._cost = np.array(arcs.cost)
        self.size = len(self.places) * len(layers)
        self._segments: dict[tuple[str, tuple[Leg, ...]], Segment] = {}
        self._detours: dict[tuple[str, tuple[Leg, ...]], Detour | None] = {}
        self._shut_links = {key for key, edges in self.network.links.items() if any(edge.shut for edge in edges)}
        self._inside: dict[str, tuple[NDArray[np.int64], NDArray[np.str_]]] = {}
        self._index()

    def _index(self) -> None:
        """Sort arcs by their pair of states: Dijkstra wants one cost a pair, parallel links are many."""
        keys = self._tail * self.size + self._head
        self._order = np.argsort(keys, kind="stable")
        pairs, self._first = np.unique(keys[self._order], return_index=True)
        self._last = np.append(self._first[1:], len(keys))
        self._pair = {key: number for number, key in enumerate(pairs.tolist())}
        count = len(pairs)
        matrix = csr_matrix(
            (np.arange(1, count + 1, dtype=float), (pairs % self.size, pairs // self.size)),
            shape=(self.size, self.size),
        )
        self._slot = matrix.data.astype(np.int64) - 1
        self._matrix = matrix

    def arcs(self) -> Iterator[tuple[str, str, str, str, Leg | None]]:
        """Every admissible arc: layer and place at either end, and the leg (None for a change of layer).

        A leg is given once, whichever way the load came to its train.
        """
        size = len(self.places)
        for tail, head, leg in zip(self._tail.tolist(), self._head.tolist(), self._legs, strict=True):
            if leg is not None and self.layers[tail // size].startswith(_QUAY):
                continue
            yield (
                self.layers[tail // size],
                self.places[tail % size],
                self.layers[head // size],
                self.places[head % size],
                leg,
            )

    def state(self, layer: str, place: str) -> int:
        """Number of the state `layer` at `place`."""
        return self.layer_number[layer] * len(self.places) + self.place_number[place]

    def _travel(self, arcs: _Arcs) -> None:
        for edges in self.network.links.values():
            for layer, factor in self._layers_of(edges[0]):
                lifted = layer != "march"
                for edge in edges:
                    if self.limits and obstacle(self.network, edge, self.load, lifted=lifted) is not None:
                        continue
                    if self._only is not None and (edge.link_id, edge.forward) not in self._only:
                        continue
                    hours = self._edge_hours(edge) * factor
                    leg = Leg(edge.link_id, edge.forward, edge.from_node, edge.to_node)
                    head = self.state(layer, edge.to_node)
                    arcs.add(self.state(layer, edge.from_node), head, hours, leg)
                    if edge.mode == "rail" and edge.from_node in self._rail_only:
                        arcs.add(self.state(_on_quay(layer), edge.from_node), head, hours, leg)
        if "air" in self.layer_number and not (self.limits and "air" in self.load.without):
            self._flights(arcs)

    def _layers_of(self, edge: Edge) -> list[tuple[str, float]]:
        """Layers on which the link can be used, each with the factor on its cost."""
        if any(way.queue == "pool" and edge.mode in way.links for way in WAYS.values()):
            return [(layer, 1.0) for layer, lift in self.pools.items() if self._runs_on(mode_of(layer), lift, edge)]
        if edge.mode == "sea":
            layer = f"sea:{edge.waters}"
            return [(layer, 1.0)] if layer in self.layer_number else []
        layers: list[tuple[str, float]] = [(name, 1.0) for name in ("coach", "het") if name in self.layer_number]
        if "march" in self.layer_number:
            limit = self.scenario.optional("heavy_self_drive_km")
            if self.load.element != "heavy":
                layers.append(("march", 1.0))
            elif edge.length_km <= limit:
                layers.append(("march", SELF_DRIVE_PENALTY))
        return layers

    def _runs_on(self, mode: str, lift: Lift | None, edge: Edge) -> bool:
        """Whether trains or barges of a pool come to a link and run on it."""
        if edge.mode not in WAYS[mode].links:
            return False
        if lift is None:
            return True
        if self.scenario.mechanisms.lift and not lift.comes_to(edge.from_node):
            return False
        if mode != "rail":
            return True
        regions = {self.network.places[end].rail_region for end in (edge.from_node, edge.to_node)}
        return bool(set(lift.gauges) & set(edge.gauges)) and lift.region in regions

    def _edge_hours(self, edge: Edge) -> float:
        """Typical hours on an edge, rests spread evenly over the driving and its border included."""
        limit = self.physics.driving_limit(edge, mode_of(self.layers[1]))
        hours = edge.travel_hours * (HOURS_PER_DAY / limit if limit > 0.0 else 1.0)
        if edge.border is not None and self.scenario.mechanisms.handling:
            hours += self.physics.handling(edge.border_kind, edge.border).typical
        return hours

    def _flights(self, arcs: _Arcs) -> None:
        scenario = self.scenario
        speed, shortest = scenario.value("flight_speed_kmh"), scenario.optional("shortest_flight_km")
        fields = []
        for place in self.places:
            node, stand = self.network.places[place], self.facilities.get(("stand", place))
            if stand is None or node.lat is None or node.lon is None:
                continue
            if stand.runway_m is None or stand.runway_m >= scenario.optional("shortest_runway_m"):
                fields.append((place, node.lat, node.lon))
        for i, (place, lat, lon) in enumerate(fields):
            for other, lat2, lon2 in fields[i + 1 :]:
                km = great_circle_km(lat, lon, lat2, lon2)
                if km < shortest:
                    continue
                for a, b in ((place, other), (other, place)):
                    arcs.add(self.state("air", a), self.state("air", b), km / speed, Leg("", True, a, b))

    def _transfers(self, arcs: _Arcs) -> None:
        free = not self.scenario.mechanisms.handling
        road = self.layers[1]
        boarding = self.physics.boarding(road)
        cost = boarding.typical if boarding is not None else 0.0
        for place in self.places:
            ground = self.state("ground", place)
            arcs.add(ground, self.state(road, place), cost + TRANSFER_HOURS)
            arcs.add(self.state(road, place), ground, cost + TRANSFER_HOURS)
            if self.load.element == "heavy":
                arcs.add(ground, self.state("march", place), TRANSFER_HOURS)
                arcs.add(self.state("march", place), ground, TRANSFER_HOURS)
            for layer in self.pools:
                aboard, terminal = self.state(layer, place), WAYS[mode_of(layer)].terminal
                if (terminal, place) in self.facilities or free:
                    hours = self._hours_at(terminal, place)
                    arcs.add(ground, aboard, hours + TRANSFER_HOURS, thing=f"{terminal}:{place}")
                    arcs.add(aboard, ground, hours + TRANSFER_HOURS, thing=f"{terminal}:{place}")
                if ("gauge_change", place) in self.facilities and mode_of(layer) == "rail":
                    hours = self._hours_at("gauge_change", place)
                    for other in self.pools:
                        if other != layer and mode_of(other) == "rail":
                            there = self.state(other, place)
                            arcs.add(aboard, there, hours + TRANSFER_HOURS, thing=f"gauge_change:{place}")
            self._terminal(arcs, place, ground, free)

    def _terminal(self, arcs: _Arcs, place: str, ground: int, free: bool) -> None:
        """Berths and stands."""
        scenario = self.scenario
        if (berth := self.facilities.get(("berth", place))) is not None or free:
            # A ship waits for its whole load and works cargo for a day or so at either end.
            hours = scenario.optional("route_berth_hours") if berth is not None and not free else 0.0
            hours += TRANSFER_HOURS
            for layer in self.layers:
                if not layer.startswith("sea"):
                    continue
                ship = self.state(layer, place)
                arcs.add(ground, ship, hours, thing=f"berth:{place}")
                if berth is not None and berth.keeps_nothing and not free and self.limits:
                    continue  # nothing can be put down in this port
                if ("port_exit", place) not in self.unusable:
                    arcs.add(ship, ground, hours, thing=f"berth:{place}")
                elif place in self._rail_only:
                    for quay in (entry for entry in self.layers if entry.startswith(_QUAY)):
                        arcs.add(ship, self.state(quay, place), hours, thing=f"berth:{place}")
        if "air" in self.layer_number and (("stand", place) in self.facilities or free):
            hours = self._hours_at("stand", place)
            arcs.add(ground, self.state("air", place), hours + TRANSFER_HOURS, thing=f"stand:{place}")
            arcs.add(self.state("air", place), ground, hours + TRANSFER_HOURS, thing=f"stand:{place}")

    def _hours_at(self, kind: str, place: str) -> float:
        """Typical handling hours at a facility; 0 where handling takes no time."""
        if not self.scenario.mechanisms.handling:
            return 0.0
        return self.physics.handling(kind, self.facilities.get((kind, place)), self.load.element).typical

    def itineraries(self, homes: Sequence[str], target: str, count: int) -> dict[str, list[Itinerary]]:
        """Up to `count` distinct itineraries from each home to `target`, shortest first.

        Each further one is the shortest path once the arcs of those before it are dearer by
        `DETOUR_PENALTY`, the penalty method for alternative routes (Abraham and others 2013). Where one of them uses
        what is shut for a time by plan, as many that avoid all such things follow: whether to wait or to go round is
        then a matter of the hour.
        """
        found: dict[str, list[Itinerary]] = {home: [] for home in homes}
        shut = self._shut_at_times() if self.scenario.mechanisms.detours else set()
        self._search(found, target, count, self._cost.copy())
        touched = [home for home in homes if any(self._uses(way, shut) for way in found[home])]
        if touched:
            cost = self._cost.copy()
            cost[np.isin(self._things, sorted(shut))] = math.inf
            others: dict[str, list[Itinerary]] = {home: [] for home in touched}
            self._search(others, target, count, cost)
            for home in touched:
                known = [way.segments for way in found[home]]
                found[home] += [way for way in others[home] if way.segments not in known]
        return found

    def _shut_at_times(self) -> set[str]:
        """Links and facilities that are shut for a time by plan; nights of a facility that opens daily do not count."""
        return self._shut_links | {f"{kind}:{place}" for (kind, place), at in self.facilities.items() if at.closed}

    @staticmethod
    def _uses(way: Itinerary, things: set[str]) -> bool:
        """Whether an itinerary passes one of these links, or changes its lift at one of these facilities."""
        ends = ("gauge_change", *(way.terminal for way in WAYS.values() if way.terminal))
        return any(
            any(leg.link_id in things for leg in segment.legs)
            or any(f"{kind}:{end}" in things for kind in ends for end in (segment.from_node, segment.to_node))
            for segment in way.segments
        )

    def _search(self, found: dict[str, list[Itinerary]], target: str, count: int, cost: NDArray[np.float64]) -> None:
        """Add the shortest paths to `target` under these costs, `count` times, each time with the used arcs dearer."""
        homes = list(found)
        goal = self.state("ground", target)
        for _ in range(count):
            sorted_cost = cost[self._order]
            self._matrix.data = np.minimum.reduceat(sorted_cost, self._first)[self._slot]
            distance, nearest = dijkstra(self._matrix, indices=np.array(goal), return_predecessors=True)
            used: set[int] = set()
            for home in homes:
                start = self.state("ground", home)
                if not math.isfinite(distance[start]):
                    continue
                arcs = self._walk(start, goal, nearest, sorted_cost)
                used.update(arcs)
                itinerary = self._itinerary(arcs)
                if all(itinerary.segments != other.segments for other in found[home]):
                    found[home].append(itinerary)
            if used:
                cost[list(used)] *= DETOUR_PENALTY

    def along(self, named: Sequence[tuple[str, tuple[Leg, ...]]], home: str, target: str) -> tuple[Segment, ...] | None:
        """The way over these legs, each on its layer, if a load may go all of it here; else None.

        Parameters
        ----------
        named
            Layer and legs of each segment, as of an itinerary on another network.
        home, target
            Where it has to begin and to end.
        """
        if home not in self.place_number or target not in self.place_number:
            return None
        here = self._changes({self.state("ground", home)})
        for layer, legs in named:
            if layer not in self.layer_number or any(leg.to_node not in self.place_number for leg in legs):
                return None
            for number, leg in enumerate(legs):
                head = self.state(layer, leg.to_node)
                tails = here if number == 0 else {self.state(layer, leg.from_node)}
                if not any((tail, head, leg) in self._by_leg for tail in tails):
                    return None
                here = {head}
            here = self._changes(here)
        reached = self.state("ground", target) in here
        return tuple(self._segment(layer, list(legs)) for layer, legs in named) if reached else None

    @cached_property
    def _by_leg(self) -> set[tuple[int, int, Leg]]:
        """Every arc that travels: its two states, and the leg."""
        arcs = zip(self._tail.tolist(), self._head.tolist(), self._legs, strict=True)
        return {(tail, head, leg) for tail, head, leg in arcs if leg is not None}

    @cached_property
    def _onto(self) -> dict[int, list[int]]:
        """States to which each state leads by a change of layer alone."""
        found: dict[int, list[int]] = {}
        for tail, head, leg in zip(self._tail.tolist(), self._head.tolist(), self._legs, strict=True):
            if leg is None:
                found.setdefault(tail, []).append(head)
        return found

    def _changes(self, states: set[int]) -> set[int]:
        """These states, and those to which changes of layer lead from them."""
        found, left = set(states), list(states)
        while left:
            for head in self._onto.get(left.pop(), ()):
                if head not in found:
                    found.add(head)
                    left.append(head)
        return found

    def detour(self, layer: str, legs: tuple[Leg, ...]) -> Detour | None:
        """Shortest way round consecutive legs on the same layer, without their links; None if there is none.

        Preferably without any link that is shut for a time by plan.
        """
        key = (layer, legs)
        if key not in self._detours:
            own = {leg.link_id for leg in legs}
            self._detours[key] = self._way_round(layer, legs, own | self._shut_links) or self._way_round(
                layer, legs, own
            )
        return self._detours[key]

    def _way_round(self, layer: str, legs: tuple[Leg, ...], without: set[str]) -> Detour | None:
        arcs, links = self._layer_arcs(layer)
        cheapest_of: dict[Leg | None, int] = {}
        for arc in arcs.tolist():
            cheapest_of.setdefault(self._legs[arc], arc)
        others = arcs[~np.isin(links, sorted(without))]
        if any(leg not in cheapest_of for leg in legs):
            return None
        found, hours = self._path(layer, others, legs[0].from_node, legs[-1].to_node)
        if not found:
            return None
        own = sum(float(self._cost[cheapest_of[leg]]) for leg in legs)
        return Detour(found, hours, own)

    def way(self, layer: str, start: str, end: str) -> tuple[Leg, ...]:
        """Legs of the shortest way between two places on one layer; none where there is no way."""
        return self._path(layer, self._layer_arcs(layer)[0], start, end)[0]

    def _path(self, layer: str, arcs: NDArray[np.int64], begin: str, end: str) -> tuple[tuple[Leg, ...], float]:
        """Shortest way over these arcs of one layer, which come cheapest first, and its hours."""
        count, first = len(self.places), self.layer_number[layer] * len(self.places)
        if not len(arcs):
            return (), math.inf
        tails, heads = self._tail[arcs] - first, self._head[arcs] - first
        pairs, cheapest = np.unique(tails * count + heads, return_index=True)
        matrix = csr_matrix((self._cost[arcs[cheapest]], (pairs // count, pairs % count)), shape=(count, count))
        start, goal = self.place_number[begin], self.place_number[end]
        distance, before = dijkstra(matrix, indices=np.array(start), return_predecessors=True)
        if not math.isfinite(distance[goal]):
            return (), math.inf
        arc_of = dict(zip(pairs.tolist(), arcs[cheapest].tolist(), strict=True))
        found: list[Leg] = []
        here = goal
        while here != start:
            leg = self._legs[arc_of[int(before[here]) * count + here]]
            found += [leg] if leg is not None else []
            here = int(before[here])
        return tuple(reversed(found)), float(distance[goal])

    def _layer_arcs(self, layer: str) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
        """Arcs that travel on one layer, cheapest first, and the link of each."""
        if layer not in self._inside:
            number, count = self.layer_number[layer], len(self.places)
            inside = np.flatnonzero((self._tail // count == number) & (self._head // count == number))
            arcs = inside[np.argsort(self._cost[inside], kind="stable")]
            links = np.array([getattr(self._legs[arc], "link_id", "") for arc in arcs.tolist()], dtype=np.str_)
            self._inside[layer] = (arcs, links)
        return self._inside[layer]

    def _walk(self, start: int, goal: int, nearest: NDArray[np.int32], sorted_cost: NDArray[np.float64]) -> list[int]:
        """Arcs from `start` to `goal`: of parallel ones the cheapest."""
        arcs = []
        state = start
        while state != goal:
            following = int(nearest[state])
            pair = self._pair[state * self.size + following]
            first, last = int(self._first[pair]), int(self._last[pair])
            best = first if last - first == 1 else first + int(np.argmin(sorted_cost[first:last]))
            arcs.append(int(self._order[best]))
            state = following
        return arcs

    def _itinerary(self, arcs: list[int]) -> Itinerary:
        segments: list[Segment] = []
        legs: list[Leg] = []
        layer = ""
        for arc in arcs:
            leg = self._legs[arc]
            if leg is None:
                if legs:
                    segments.append(self._segment(layer, legs))
                    legs = []
                continue
            layer = self.layers[int(self._head[arc]) // len(self.places)]
            legs.append(leg)
        if legs:
            segments.append(self._segment(layer, legs))
        return Itinerary(tuple(segments), float(self._cost[arcs].sum()))

    def _segment(self, layer: str, legs: list[Leg]) -> Segment:
        """The one Segment object for these legs."""
        key = (layer, tuple(legs))
        if key not in self._segments:
            self._segments[key] = Segment(*key, self)
        return self._segments[key]


def _on_quay(layer: str) -> str:
    """Layer on which a load waits in a port for trains of this layer alone."""
    return _QUAY + layer.partition(":")[2]
