"""The layers of a kind of load, and every arc between them: made once for all load classes of that kind.

The layers are ``ground`` (standing at a place) and the modes that may carry the load. Changing layer is an arc that
exists only where a facility can do it. What stops a single load class on a link is no matter here: `flanksim.network.
routes` leaves out the arcs that a class may not use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from flanksim.modes import WAYS, mode_of
from flanksim.network.admissible import Element, LoadClass, Obstacles
from flanksim.network.elements import Edge
from flanksim.network.lift import Lift, queue_pools
from flanksim.network.physics import Physics
from flanksim.scenario.geometry import great_circle_km
from flanksim.units import HOURS_PER_DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Heavy vehicles drive themselves only for short transfers; in the choice of route an hour of it counts so many.
SELF_DRIVE_PENALTY = 6.0
#: Small cost of any change of layer, hours, so that nothing boards and alights for free.
TRANSFER_HOURS = 0.01
#: Prefix of the layer on which a load stands in a port that it can leave by train alone.
QUAY = "quay:"
#: Modes of links whose layers are pools of lift.
_IN_POOLS = {mode for way in WAYS.values() if way.queue == "pool" for mode in way.links}


@dataclass(frozen=True, slots=True)
class Leg:
    """One link in one direction, or one flight (link id empty)."""

    link_id: str
    forward: bool
    from_node: str
    to_node: str


def on_quay(layer: str) -> str:
    """Layer on which a load waits in a port for trains of this layer alone."""
    return QUAY + layer.partition(":")[2]


class Links:
    """The directed links of a network in arrays, in the order of the network, with what layers ask of them."""

    def __init__(self, physics: Physics) -> None:
        self.physics, network = physics, physics.network
        self.places = list(network.places)
        self.place_number = {place: number for number, place in enumerate(self.places)}
        self.first = [edges[0] for edges in network.links.values()]
        self.edges = [edge for edges in network.links.values() for edge in edges]
        self.legs = [Leg(edge.link_id, edge.forward, edge.from_node, edge.to_node) for edge in self.edges]
        counts = [len(edges) for edges in network.links.values()]
        self.link = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        #: Place of an edge among those of its link.
        self.within = np.arange(len(self.edges), dtype=np.int64) - np.repeat(np.cumsum([0, *counts])[:-1], counts)
        self.tail = np.array([self.place_number[edge.from_node] for edge in self.edges], dtype=np.int64)
        self.head = np.array([self.place_number[edge.to_node] for edge in self.edges], dtype=np.int64)
        self.rail = np.array([edge.mode == "rail" for edge in self.edges], dtype=np.bool_)
        self._hours: dict[str, Floats] = {}
        self._runs: dict[str, Bools] = {}
        self._by_air: dict[frozenset[str], tuple[Ints, Ints, Floats, list[Leg]]] = {}

    @cached_property
    def shut_at_times(self) -> frozenset[str]:
        """Links that are shut for a time by plan."""
        return frozenset(edge.link_id for edge in self.edges if edge.shut)

    @cached_property
    def obstacles(self) -> Obstacles:
        """What stops load classes on them."""
        return Obstacles(self.physics.network, self.edges)

    def hours(self, road: str) -> Floats:
        """Typical hours on each edge, rests of this way by road spread evenly over the driving and borders included."""
        if road not in self._hours:
            self._hours[road] = np.array([self._edge_hours(edge, road) for edge in self.edges], dtype=np.float64)
        return self._hours[road]

    def _edge_hours(self, edge: Edge, road: str) -> float:
        limit = self.physics.driving_limit(edge, road)
        hours = edge.travel_hours * (HOURS_PER_DAY / limit if limit > 0.0 else 1.0)
        if edge.border is not None and self.physics.scenario.mechanisms.handling:
            hours += self.physics.handling(edge.border_kind, edge.border).typical
        return hours

    def runs(self, layer: str, lift: Lift | None) -> Bools:
        """By link, whether the trains or barges of a layer come to it and run on it."""
        if layer not in self._runs:
            mode = mode_of(layer)
            self._runs[layer] = np.array([self._runs_on(mode, lift, edge) for edge in self.first], dtype=np.bool_)
        return self._runs[layer]

    def _runs_on(self, mode: str, lift: Lift | None, edge: Edge) -> bool:
        if edge.mode not in WAYS[mode].links:
            return False
        if lift is None:
            return True
        if self.physics.scenario.mechanisms.lift and not lift.comes_to(edge.from_node):
            return False
        if mode != "rail":
            return True
        places = self.physics.network.places
        regions = {places[end].rail_region for end in (edge.from_node, edge.to_node)}
        return bool(set(lift.gauges) & set(edge.gauges)) and lift.region in regions

    def flights(self, stands: Iterable[str]) -> tuple[Ints, Ints, Floats, list[Leg]]:
        """Numbers of the places from and to which aircraft fly between these stands, kilometres and legs."""
        key = frozenset(stands)
        if key not in self._by_air:
            self._by_air[key] = self._flights([place for place in self.places if place in key])
        return self._by_air[key]

    def _flights(self, stands: list[str]) -> tuple[Ints, Ints, Floats, list[Leg]]:
        scenario, network = self.physics.scenario, self.physics.network
        fields: list[tuple[int, float, float]] = []
        for place in stands:
            node, stand = network.places[place], network.facilities["stand", place]
            if node.lat is None or node.lon is None:
                continue
            if stand.runway_m is None or stand.runway_m >= scenario.optional("shortest_runway_m"):
                fields.append((self.place_number[place], node.lat, node.lon))
        a, b, km = _between(tuple(fields), scenario.optional("shortest_flight_km"))
        ends = zip(a.tolist(), b.tolist(), strict=True)
        return a, b, km, [Leg("", True, self.places[start], self.places[end]) for start, end in ends]


@lru_cache(maxsize=8)
def _between(fields: tuple[tuple[int, float, float], ...], shortest_km: float) -> tuple[Ints, Ints, Floats]:
    """Flights there and back between airfields (a number, and where it lies) that are not too near each other."""
    ends: list[tuple[int, int]] = []
    length: list[float] = []
    for i, (place, lat, lon) in enumerate(fields):
        for other, lat2, lon2 in fields[i + 1 :]:
            km = great_circle_km(lat, lon, lat2, lon2)
            if km >= shortest_km:
                ends += [(place, other), (other, place)]
                length += [km, km]
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1], np.array(length, dtype=np.float64)


class Layers:
    """Layers of one kind of load, with all arcs: those that travel link by link, flights, then changes of layer.

    Attributes
    ----------
    layers
        Their names, in the order in which they are numbered.
    pools
        Pools of trains and barges, each with a layer of its own, by layer.
    tail, head, cost
        States at either end of each arc, and its hours.
    legs
        The leg of each arc; None for a change of layer.
    edge, lifted
        Number of its link among `Links.edges`, -1 for none, and whether the load stands on something there.
    """

    def __init__(self, physics: Physics, links: Links, element: Element, *, by_sea: bool, flies: bool, limits: bool):
        self.physics, self.links, self.element, self.limits = physics, links, element, limits
        self.scenario, self.network = physics.scenario, physics.network
        facilities = self.network.facilities
        self.unusable = {key for key in facilities if limits and self.network.unusable(*key)}
        self.facilities = {key: facility for key, facility in facilities.items() if key not in self.unusable}
        self.places, self.place_number = links.places, links.place_number
        self.pools = {
            f"{mode}:{name}": pool
            for mode, way in WAYS.items()
            if way.queue == "pool"
            for name, pool in queue_pools(physics.lift, self.scenario, mode, element).items()
        }
        self.road = {"troops": "coach", "heavy": "het"}.get(element, "march")
        layers = ["ground", self.road]
        if element == "heavy":
            layers.append("march")
        layers += self.pools
        if element == "troops" or (by_sea and flies and physics.aircraft(element)):
            layers.append("air")
        if element != "troops" and by_sea:
            layers += sorted({f"sea:{edge.waters}" for edge in links.first if edge.mode == "sea"})
        #: Ports that no column leaves by road: only trains take away what is discharged there.
        self._rail_only = {
            place
            for kind, place in self.unusable
            if kind == "port_exit" and ("rail_terminal", place) in self.facilities
        }
        if self._rail_only:
            layers += [on_quay(layer) for layer in self.pools if layer.startswith("rail")]
        self.layers = layers
        self.layer_number = {layer: number for number, layer in enumerate(layers)}
        self.size = len(self.places) * len(layers)
        self._build(flies=flies)

    def state(self, layer: str, place: str) -> int:
        """Number of the state `layer` at `place`."""
        return self.layer_number[layer] * len(self.places) + self.place_number[place]

    @cached_property
    def things(self) -> NDArray[np.str_]:
        """What each arc uses: a link, or a facility as ``kind:place``."""
        travelling = [leg.link_id for leg in self.legs if leg is not None]  # they come first
        return np.array([*travelling, *self._used], dtype=np.str_)

    def _build(self, *, flies: bool) -> None:
        tail, head, cost, edge, lifted = self._travel()
        legs: list[Leg | None] = [self.links.legs[number] for number in edge.tolist()]
        if "air" in self.layer_number and (flies or not self.limits):
            a, b, km, flights = self.links.flights(place for kind, place in self.facilities if kind == "stand")
            first = self.state("air", self.places[0])
            tail, head = np.concatenate([tail, a + first]), np.concatenate([head, b + first])
            cost = np.concatenate([cost, km / self.scenario.value("flight_speed_kmh")])
            legs += flights
        self._changes: tuple[list[int], list[int], list[float]] = ([], [], [])
        self._used: list[str] = []
        self._transfers()
        tails, heads, hours = self._changes
        self.tail = np.concatenate([tail, np.array(tails, dtype=np.int64)])
        self.head = np.concatenate([head, np.array(heads, dtype=np.int64)])
        self.cost = np.concatenate([cost, np.array(hours, dtype=np.float64)])
        self.legs = [*legs, *[None] * len(tails)]
        rest = len(self.legs) - len(edge)
        self.edge = np.concatenate([edge, np.full(rest, -1, dtype=np.int64)])
        self.lifted = np.concatenate([lifted, np.zeros(rest, dtype=np.bool_)])

    def _travel(self) -> tuple[Ints, Ints, Floats, Ints, Bools]:
        """Arcs over links, link by link and on each layer by layer: tails, heads, hours, edges, whether lifted."""
        links, count = self.links, len(self.places)
        hours = links.hours(self.road)
        rows: list[tuple[Ints, Ints, Ints, Floats, Ints, Bools]] = []
        for position, (layer, factor, of_link) in enumerate(self._on_links()):
            found = np.flatnonzero(of_link[links.link])
            order = ((links.link[found] * len(self.layers) + position) * 2 + links.within[found]) * 2
            head = links.head[found] + self.layer_number[layer] * count
            tail = links.tail[found] + self.layer_number[layer] * count
            lifted = np.full(len(found), layer != "march")
            rows.append((order, tail, head, hours[found] * factor, found, lifted))
            if self._rail_only and layer.startswith("rail"):
                quays = [self.place_number[place] for place in self._rail_only]
                own = np.flatnonzero(np.isin(links.tail[found], quays) & links.rail[found])
                tail = links.tail[found] + self.layer_number[on_quay(layer)] * count
                rows.append(
                    (order[own] + 1, tail[own], head[own], (hours[found] * factor)[own], found[own], lifted[own])
                )
        if not rows:
            none = np.zeros(0, dtype=np.int64)
            return none, none, np.zeros(0), none, np.zeros(0, dtype=np.bool_)
        order, tail, head, cost, edge, lifted = (np.concatenate(column) for column in zip(*rows, strict=True))
        by = np.argsort(order, kind="stable")
        return tail[by], head[by], cost[by], edge[by], lifted[by]

    def _on_links(self) -> list[tuple[str, float, Bools]]:
        """Layers that use links, each with the factor on its cost and, by link, whether it does."""
        first = self.links.first
        in_pools = np.array([edge.mode in _IN_POOLS for edge in first], dtype=np.bool_)
        sea = np.array([edge.mode == "sea" for edge in first], dtype=np.bool_) & ~in_pools
        road = ~in_pools & ~sea
        found = [(layer, 1.0, self.links.runs(layer, lift) & in_pools) for layer, lift in self.pools.items()]
        waters = np.array([f"sea:{edge.waters}" for edge in first], dtype=np.str_)
        found += [(layer, 1.0, sea & (waters == layer)) for layer in self.layers if layer.startswith("sea")]
        found += [(name, 1.0, road) for name in ("coach", "het") if name in self.layer_number]
        if "march" in self.layer_number:
            if self.element != "heavy":
                found.append(("march", 1.0, road))
            else:
                limit = self.scenario.optional("heavy_self_drive_km")
                short = np.array([edge.length_km <= limit for edge in first], dtype=np.bool_)
                found.append(("march", SELF_DRIVE_PENALTY, road & short))
        return found

    def _change(self, tail: int, head: int, hours: float, thing: str = "") -> None:
        """An arc from one layer to another at the same place, by a facility ``kind:place`` if any."""
        tails, heads, cost = self._changes
        tails.append(tail)
        heads.append(head)
        cost.append(hours)
        self._used.append(thing)

    def _transfers(self) -> None:
        free = not self.scenario.mechanisms.handling
        boarding = self.physics.boarding(self.road)
        cost = (boarding.typical if boarding is not None else 0.0) + TRANSFER_HOURS
        count, change = len(self.places), self._change
        road, march = self.layer_number[self.road] * count, self.layer_number.get("march", 0) * count
        pools = [
            (layer, self.layer_number[layer] * count, WAYS[mode_of(layer)].terminal, mode_of(layer) == "rail")
            for layer in self.pools
        ]
        for ground, place in enumerate(self.places):
            change(ground, road + ground, cost)
            change(road + ground, ground, cost)
            if self.element == "heavy":
                change(ground, march + ground, TRANSFER_HOURS)
                change(march + ground, ground, TRANSFER_HOURS)
            for layer, first, terminal, by_rail in pools:
                if (terminal, place) in self.facilities or free:
                    hours = self._hours_at(terminal, place) + TRANSFER_HOURS
                    change(ground, first + ground, hours, f"{terminal}:{place}")
                    change(first + ground, ground, hours, f"{terminal}:{place}")
                if by_rail and ("gauge_change", place) in self.facilities:
                    hours = self._hours_at("gauge_change", place) + TRANSFER_HOURS
                    for other, onto, _, other_by_rail in pools:
                        if other != layer and other_by_rail:
                            change(first + ground, onto + ground, hours, f"gauge_change:{place}")
            self._terminal(place, ground, free)

    def _terminal(self, place: str, ground: int, free: bool) -> None:
        """Berths and stands."""
        berth = self.facilities.get(("berth", place))
        if berth is not None or free:
            # A ship waits for its whole load and works cargo for a day or so at either end.
            hours = self.scenario.optional("route_berth_hours") if berth is not None and not free else 0.0
            hours += TRANSFER_HOURS
            for layer in self.layers:
                if not layer.startswith("sea"):
                    continue
                ship = self.state(layer, place)
                self._change(ground, ship, hours, f"berth:{place}")
                if berth is not None and berth.keeps_nothing and not free and self.limits:
                    continue  # nothing can be put down in this port
                if ("port_exit", place) not in self.unusable:
                    self._change(ship, ground, hours, f"berth:{place}")
                elif place in self._rail_only:
                    for quay in (entry for entry in self.layers if entry.startswith(QUAY)):
                        self._change(ship, self.state(quay, place), hours, f"berth:{place}")
        if "air" in self.layer_number and (("stand", place) in self.facilities or free):
            hours, stand = self._hours_at("stand", place) + TRANSFER_HOURS, self.state("air", place)
            self._change(ground, stand, hours, f"stand:{place}")
            self._change(stand, ground, hours, f"stand:{place}")

    def _hours_at(self, kind: str, place: str) -> float:
        """Typical handling hours at a facility; 0 where handling takes no time."""
        if not self.scenario.mechanisms.handling:
            return 0.0
        return self.physics.handling(kind, self.facilities.get((kind, place)), self.element).typical


def layers_of(physics: Physics, load: LoadClass, *, by_sea: bool, limits: bool) -> Layers:
    """The layers for a load class: the same object for all of one kind on the same `physics`, which never changes.

    Parameters
    ----------
    physics
        Times and sizes on the network, with its pools of lift.
    load
        The load class.
    by_sea, limits
        As of `flanksim.network.routes.Layered`.
    """
    flies = "air" not in load.without
    key = ("layers", load.element, by_sea, flies, limits)
    known = physics.said.get(key)
    if not isinstance(known, Layers):
        known = Layers(physics, _links(physics), load.element, by_sea=by_sea, flies=flies, limits=limits)
        physics.said[key] = known
    return known


def _links(physics: Physics) -> Links:
    known = physics.said.get(("links",))
    if not isinstance(known, Links):
        known = physics.said[("links",)] = Links(physics)
    return known
