"""Itineraries on the layered graph place x mode, one set for each load class; all before the run.

The layers of a load class are ``ground`` (standing at a place) and the modes that may carry it.
Changing layer is an arc that exists only where a facility can do it. Shortest paths run on scipy's
compiled Dijkstra, backwards from each assembly area, because a plan needs thousands of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from flanksim.modes import WAYS
from flanksim.network.admissible import LoadClass
from flanksim.network.along import along
from flanksim.network.layers import QUAY, Leg, layers_of
from flanksim.network.physics import Physics

#: Each alternative itinerary makes the arcs of those before it this much dearer.
DETOUR_PENALTY = 1.6
#: Of each round the arcs from each start.
_Rounds = list[dict[int, NDArray[np.int64]]]
#: Paths found in this process, under a hash of all that they were sought on, and how many searches are kept.
_FOUND: dict[tuple[bytes, tuple[int, ...], int, int], _Rounds] = {}
_MOST_FOUND = 2000


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
        self.scenario = physics.scenario
        self._kind = layers_of(physics, load, by_sea=by_sea, limits=limits)
        self.layers, self.places = self._kind.layers, self._kind.places
        self.layer_number, self.place_number = self._kind.layer_number, self._kind.place_number
        self.facilities, self.size = self._kind.facilities, self._kind.size
        used = self._admitted()
        self._arcs = np.flatnonzero(used)
        self._tail, self._head, self._cost = (
            column[self._arcs] for column in (self._kind.tail, self._kind.head, self._kind.cost)
        )
        self._segments: dict[tuple[str, tuple[Leg, ...]], Segment] = {}
        self._detours: dict[tuple[str, tuple[Leg, ...]], Detour | None] = {}
        self._shut_links = self._kind.links.shut_at_times
        self._inside: dict[str, tuple[NDArray[np.int64], NDArray[np.str_]]] = {}
        self._index()

    @cached_property
    def _legs(self) -> list[Leg | None]:
        """The leg of each arc; None for a change of layer."""
        return [self._kind.legs[arc] for arc in self._arcs.tolist()]

    def _admitted(self) -> NDArray[np.bool_]:
        """Which arcs of its kind the load class may use."""
        kind, links = self._kind, self._kind.links
        used = np.ones(len(kind.edge), dtype=np.bool_)
        if not self.limits:
            return used
        travels = np.flatnonzero(kind.edge >= 0)
        edge, lifted = kind.edge[travels], kind.lifted[travels]
        by_itself, on_lift = (links.obstacles.passable(self.load, lifted=on) for on in (False, True))
        used[travels] = np.where(lifted, on_lift[edge], by_itself[edge])
        if self.load.route:
            only = along(self.network, self.load)
            on_route = np.array([(edge.link_id, edge.forward) in only for edge in links.edges], dtype=np.bool_)
            used[travels] &= on_route[edge]
        return used

    def _index(self) -> None:
        """Sort arcs by their pair of states, as the search backwards reads them: it wants one cost a pair."""
        keys = self._head * self.size + self._tail
        self._order = np.argsort(keys, kind="stable")
        in_order = keys[self._order]
        fresh = np.flatnonzero(np.diff(in_order, prepend=-1))
        self._pairs = in_order[fresh]
        self._first, self._last = fresh, np.append(fresh[1:], len(keys))
        ends = np.searchsorted(self._pairs // self.size, np.arange(self.size + 1))
        self._hash = blake2b(str(self.size).encode(), digest_size=16)
        for column in (self._pairs, self._first):
            self._hash.update(column.tobytes())
        self._matrix = csr_matrix(
            (np.zeros(len(fresh)), self._pairs % self.size, ends), shape=(self.size, self.size), dtype=float
        )

    def arcs(self) -> Iterator[tuple[str, str, str, str, Leg | None]]:
        """Every admissible arc: layer and place at either end, and the leg (None for a change of layer).

        A leg is given once, whichever way the load came to its train.
        """
        size = len(self.places)
        for tail, head, leg in zip(self._tail.tolist(), self._head.tolist(), self._legs, strict=True):
            if leg is not None and self.layers[tail // size].startswith(QUAY):
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

    def itineraries(self, homes: Sequence[str], target: str, count: int) -> dict[str, list[Itinerary]]:
        """Up to `count` distinct itineraries from each home to `target`, shortest first.

        Each further one is the shortest path once the arcs of those before it are dearer by
        `DETOUR_PENALTY`, the penalty method for alternative routes (Abraham and others 2013). Where one of them uses
        what is shut for a time by plan, as many that avoid all such things follow: whether to wait or to go round is
        then a matter of the hour.
        """
        found: dict[str, list[Itinerary]] = {home: [] for home in homes}
        shut = self._shut_at_times if self.scenario.mechanisms.detours else frozenset()
        self._search(found, target, count, self._cost[self._order])
        touched = [home for home in homes if shut and any(self._uses(way, shut) for way in found[home])]
        if touched:
            cost = self._cost.copy()
            cost[np.isin(self._kind.things[self._arcs], sorted(shut))] = math.inf
            others: dict[str, list[Itinerary]] = {home: [] for home in touched}
            self._search(others, target, count, cost[self._order])
            for home in touched:
                known = [way.segments for way in found[home]]
                found[home] += [way for way in others[home] if way.segments not in known]
        return found

    @cached_property
    def _shut_at_times(self) -> frozenset[str]:
        """Links and facilities that are shut for a time by plan; nights of a facility that opens daily do not count."""
        return self._shut_links | {f"{kind}:{place}" for (kind, place), at in self.facilities.items() if at.closed}

    @staticmethod
    def _uses(way: Itinerary, things: frozenset[str]) -> bool:
        """Whether an itinerary passes one of these links, or changes its lift at one of these facilities."""
        ends = ("gauge_change", *(way.terminal for way in WAYS.values() if way.terminal))
        return any(
            any(leg.link_id in things for leg in segment.legs)
            or any(f"{kind}:{end}" in things for kind in ends for end in (segment.from_node, segment.to_node))
            for segment in way.segments
        )

    def _search(self, found: dict[str, list[Itinerary]], target: str, count: int, cost: NDArray[np.float64]) -> None:
        """Add the shortest paths to `target` under these costs, `count` times, each time with the used arcs dearer."""
        starts = {home: self.state("ground", home) for home in found}
        for ways in self._paths(tuple(starts.values()), self.state("ground", target), count, cost):
            for home, start in starts.items():
                if start not in ways:
                    continue
                itinerary = self._itinerary(self._order[ways[start]])
                if all(itinerary.segments != other.segments for other in found[home]):
                    found[home].append(itinerary)

    def _paths(self, starts: tuple[int, ...], goal: int, count: int, cost: NDArray[np.float64]) -> _Rounds:
        """In each of `count` rounds the arcs of the shortest path from each start that leads to the goal.

        Arcs are numbered, and costs given, in the order of search. What was found on a graph of the very same states
        and costs, be it of another load class or of another network, is not searched again.
        """
        graph = self._hash.copy()
        graph.update(cost.tobytes())
        key = (graph.digest(), starts, goal, count)
        if (known := _FOUND.pop(key, None)) is None:
            known = self._searched(starts, goal, count, cost)
        _FOUND[key] = known  # the one that was asked for last stands last
        if len(_FOUND) > _MOST_FOUND:
            del _FOUND[next(iter(_FOUND))]
        return known

    def _searched(self, starts: tuple[int, ...], goal: int, count: int, cost: NDArray[np.float64]) -> _Rounds:
        rounds: _Rounds = []
        for _ in range(count):
            self._matrix.data = np.minimum.reduceat(cost, self._first)
            distance, nearest = dijkstra(self._matrix, indices=np.array(goal), return_predecessors=True)
            rounds.append(
                {start: self._walk(start, goal, nearest, cost) for start in starts if math.isfinite(distance[start])}
            )
            if used := [way for way in rounds[-1].values() if len(way)]:
                cost[np.unique(np.concatenate(used))] *= DETOUR_PENALTY
        return rounds

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

    def _way_round(self, layer: str, legs: tuple[Leg, ...], without: Set[str]) -> Detour | None:
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

    def _walk(self, start: int, goal: int, nearest: NDArray[np.int32], cost: NDArray[np.float64]) -> NDArray[np.int64]:
        """Arcs from `start` to `goal`, numbered in the order of search: of parallel ones the cheapest."""
        states = [start]
        while states[-1] != goal:
            states.append(int(nearest[states[-1]]))
        passed = np.array(states, dtype=np.int64)
        pairs = np.searchsorted(self._pairs, passed[1:] * self.size + passed[:-1])
        found, last = self._first[pairs], self._last[pairs]
        for number in np.flatnonzero(last - found > 1).tolist():
            found[number] += np.argmin(cost[found[number] : last[number]])
        return found

    def _itinerary(self, arcs: NDArray[np.int64]) -> Itinerary:
        segments: list[Segment] = []
        legs: list[Leg] = []
        layer = ""
        for arc, place in zip(self._arcs[arcs].tolist(), self._head[arcs].tolist(), strict=True):
            leg = self._kind.legs[arc]
            if leg is None:
                if legs:
                    segments.append(self._segment(layer, legs))
                    legs = []
                continue
            layer = self.layers[place // len(self.places)]
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
