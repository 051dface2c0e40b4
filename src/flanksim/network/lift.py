"""Lift as it can be used: which fleets stand together in one pool, and where they can come to.

Fleets of one `pool` serve one queue only as far as they are alike in what they carry. Trains, ships and aircraft take
one load each, so that fleets of unequal capacity, draught, waters or gauge are queues of their own; transporters and
coaches go in groups, of whatever size, so that only what they carry must agree. An asset does not jump: it comes to
places that some links connect with its home. A fleet of no assets, or of which none ever
turns up or all stay away for the whole run, is in no pool.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx

from flanksim.modes import WAY_OF_LIFT, WAYS
from flanksim.network.elements import Edge
from flanksim.network.graph import gauges_of, windows_of
from flanksim.network.network import Network
from flanksim.scenario.footprints import Piece
from flanksim.scenario.geometry import great_circle_km
from flanksim.scenario.naming import subpool
from flanksim.scenario.rows import Fleet
from flanksim.scenario.schema import Scenario

#: Empty runs between two places are this much longer than the great circle.
CIRCUITY = 1.3
#: Speed of an asset without a value of its own, km/h.
DEFAULT_SPEED_KMH = 40.0
#: A piece like most: no tank.
USUAL = Piece()
#: Parameter that says how many pieces of an element one train takes.
PER_TRAIN = {
    "heavy": "heavy_vehicles_per_train",
    "wheeled": "vehicles_per_train",
    "cargo": "containers_per_train",
    "troops": "troops_per_train",
}


@dataclass(frozen=True)
class Lift:
    """One pool of lift: fleets that can stand in for one another.

    Attributes
    ----------
    fleets
        Id and row of each fleet, by id.
    groups
        Assets that move as one (a train, a ship, ten transporters) of each fleet, in the same order.
    reaches
        Places to which its assets can come; None for anywhere.
    region
        Rail region within which its wagons circulate; empty for other lift.
    gauges
        Gauges of the lines on which its trains run, mm; of other lift without meaning.
    """

    name: str
    kind: str
    fleets: tuple[tuple[str, Fleet], ...]
    groups: tuple[int, ...]
    reaches: frozenset[str] | None
    region: str
    gauges: tuple[int, ...]
    _roads: _Roads | None = field(repr=False, compare=False)

    @property
    def carries(self) -> tuple[str, ...]:
        """What every asset carries."""
        return self.fleets[0][1].carries

    @cached_property
    def capacity(self) -> float:
        """What one asset carries, in its own unit; of transporters and coaches the largest."""
        return max(group_capacity(fleet) for _, fleet in self.fleets)

    @property
    def sure_capacity(self) -> float:
        """Most that a group of several assets can be relied on to carry: what turns up for sure, else one asset."""
        sure = [
            group_capacity(fleet) * count
            for (_, fleet), count in zip(self.fleets, self.groups, strict=True)
            if fleet.activation_typical >= 1.0
        ]
        return sum(sure) if sure else min(group_capacity(fleet) for _, fleet in self.fleets)

    def comes_to(self, place: str) -> bool:
        """Whether its assets can come to a place."""
        return self.reaches is None or place in self.reaches

    def positioning_km(self, network: Network, one: str, two: str, speed_kmh: float) -> float:
        """Length of an empty run from one place to another, km.

        The great circle with an allowance for the way; where a place has no position, the shortest way over the
        links of its own mode, at the hours that these take, and none where only other modes lead there.
        """
        if one == two:
            return 0.0
        a, b = network.places[one], network.places[two]
        if a.lat is not None and a.lon is not None and b.lat is not None and b.lon is not None:
            return CIRCUITY * great_circle_km(a.lat, a.lon, b.lat, b.lon)
        roads = None if self._roads is None else self._roads.graph
        if roads is None or not (one in roads and two in roads and nx.has_path(roads, one, two)):
            return 0.0
        return speed_kmh * float(nx.dijkstra_path_length(roads, one, two))


class _Roads:
    """The links over which empty assets run, made when a place without a position asks for them."""

    def __init__(self, network: Network, fleet: Fleet) -> None:
        self._network, self._fleet = network, fleet

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """Weighted by hours."""
        return _graph(self._network, self._fleet)


def lift_pools(network: Network) -> dict[str, Lift]:
    """Pools of lift by name, in order; one whose fleets are not alike becomes several, named after their fleets."""
    scenario = network.scenario
    roads: dict[tuple[object, ...], _Roads] = {}
    alike: dict[tuple[str, tuple[object, ...]], list[tuple[str, Fleet]]] = {}
    groups = groups_of_fleets(scenario)
    reaches = _reaches(network)
    for key, fleet in sorted(scenario.fleets.items()):
        away = network.always(windows_of(fleet.closures))
        if groups[key] >= 1 and not away and scenario.may_turn_up(fleet, groups[key]):
            alike.setdefault((fleet.pool, (fleet.kind, *_likeness(network, fleet), reaches[key])), []).append(
                (key, fleet)
            )
    found = []
    for (pool, _), fleets in alike.items():
        one = fleets[0][1]
        whole = sum(other == pool for other, _ in alike) == 1
        ways = (one.kind, one.gauge_mm, _region(network, one), one.waters)
        if one.kind != "aircraft" and ways not in roads:
            roads[ways] = _Roads(network, one)
        found.append(
            Lift(
                pool if whole else subpool(pool, [key for key, _ in fleets]),
                one.kind,
                tuple(fleets),
                tuple(groups[key] for key, _ in fleets),
                reaches[fleets[0][0]],
                _region(network, one),
                gauges_of(scenario, one),
                roads.get(ways),
            )
        )
    return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name)}


def _reaches(network: Network) -> dict[str, frozenset[str] | None]:
    """Places to which each fleet can come: those that any links connect with its home; None for anywhere.

    Aircraft come anywhere, and so does a fleet whose home is on no link but has a position, from where an empty run
    is counted; if the other fleets of its pool come to the same places, it stands with them.
    """
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((edge.from_node, edge.to_node) for edge in _edges(network) if edge.capacity > 0)
    component = {place: frozenset(places) for places in nx.connected_components(graph) for place in places}
    scenario, found = network.scenario, dict[str, frozenset[str] | None]()
    of_pool: dict[str, set[frozenset[str]]] = {}
    for key, fleet in scenario.fleets.items():
        home = network.places[fleet.home_node]
        off_network = fleet.home_node not in component and home.lat is not None and home.lon is not None
        reach = component.get(fleet.home_node, frozenset({fleet.home_node}))
        found[key] = None if fleet.kind == "aircraft" or off_network else reach
        if found[key] is not None:
            of_pool.setdefault(fleet.pool, set()).add(reach)
    for key, fleet in scenario.fleets.items():
        others = of_pool.get(fleet.pool, set())
        if found[key] is None and fleet.kind != "aircraft" and len(others) == 1:
            found[key] = next(iter(others)) | {fleet.home_node}
    for key, fleet in scenario.fleets.items():  # the same set for all that stand together
        if found[key] is not None and len(of_pool[fleet.pool]) == 1:
            homes = {row.home_node for row in scenario.fleets.values() if row.pool == fleet.pool}
            found[key] = next(iter(of_pool[fleet.pool])) | homes
    return found


def _region(network: Network, fleet: Fleet) -> str:
    """Region within which a train circulates; empty for other lift."""
    return network.places[fleet.home_node].rail_region if fleet.kind == "train" else ""


def _edges(network: Network) -> Iterator[Edge]:
    return (edge for edges in network.links.values() for edge in edges)


def _likeness(network: Network, fleet: Fleet) -> tuple[object, ...]:
    """What must agree for two fleets of one pool to stand in for one another."""
    carries = tuple(sorted(fleet.carries))
    if WAYS[WAY_OF_LIFT[fleet.kind]].load == "group":
        return (carries,)
    return (
        carries,
        fleet.carries[:1],
        group_capacity(fleet),
        tuple(sorted(fleet.waters)),
        fleet.draught_m,
        fleet.min_runway_m,
        fleet.range_km,
        fleet.speed_kmh if fleet.kind in ("ship", "aircraft") else None,
        tuple(sorted(fleet.gauge_mm)),
        _region(network, fleet),
    )


def _graph(network: Network, fleet: Fleet) -> nx.DiGraph[str]:
    """The network on which an empty asset of the fleet moves, weighted by hours."""
    region, gauges = _region(network, fleet), set(gauges_of(network.scenario, fleet))
    links = WAYS[WAY_OF_LIFT[fleet.kind]].links
    graph: nx.DiGraph[str] = nx.DiGraph()
    for edge in _edges(network):
        if edge.capacity <= 0:
            continue
        if edge.mode not in links:
            continue
        if fleet.kind == "train":
            regions = {network.places[end].rail_region for end in (edge.from_node, edge.to_node)}
            if not gauges & set(edge.gauges) or region not in regions:
                continue
        if not sails(fleet, edge.waters):
            continue
        hours = edge.travel_hours
        if graph.has_edge(edge.from_node, edge.to_node):
            hours = min(hours, graph.edges[edge.from_node, edge.to_node]["weight"])
        graph.add_edge(edge.from_node, edge.to_node, weight=hours)
    return graph


def sails(fleet: Fleet, waters: str) -> bool:
    """Whether ships of a fleet sail some waters: who states none sails anywhere, and any ship where none are stated."""
    return not waters or not fleet.waters or waters in fleet.waters


def groups_of_fleets(scenario: Scenario) -> dict[str, int]:
    """Whole groups of each fleet: rows that differ in nothing but their number are one fleet, whatever its rows.

    A fleet of a nation that does not take part has none.
    """
    of_kind: dict[Fleet, float] = {}
    so_far: dict[Fleet, int] = {}
    found: dict[str, int] = {}
    for key, fleet in sorted(scenario.fleets.items()):
        if not scenario.takes_part(fleet):
            found[key] = 0
            continue
        kind = fleet.model_copy(
            update=dict.fromkeys(("count_low", "count_typical", "count_high"), 0.0)
            | {"name": "", "note": "", "source": "", "basis": "assumed", "confidence": "L", "closures": ()}
        )
        of_kind[kind] = of_kind.get(kind, 0.0) + fleet.count_typical
        total = math.floor(of_kind[kind] / fleet.group_size + 1e-9)
        found[key] = total - so_far.get(kind, 0)
        so_far[kind] = total
    return found


def group_capacity(fleet: Fleet) -> float:
    """What one group carries: vehicles, troops, or lane metres of gross deck."""
    return fleet.capacity


def train_load(scenario: Scenario, lift: Lift | None, element: str, piece: Piece = USUAL) -> float:
    """Pieces of an element on one train or barge of a pool, whole ones.

    A fleet's capacity counts what it names first under `carries`; what else it carries takes room in the ratio of the
    parameters ``vehicles_per_train`` and so on. Without a fleet the parameter itself holds.

    Parameters
    ----------
    scenario
        The scenario.
    lift
        The pool; None for any train.
    element
        What moves: ``troops``, ``heavy``, ``wheeled`` or ``cargo``.
    piece
        What one piece takes of a train; a barge takes any as its capacity says.
    """
    per_train = scenario.optional(PER_TRAIN[element])
    if lift is None:
        return max(1.0, per_train if piece.wagons == 1.0 else math.floor(per_train / piece.wagons + 1e-9))
    first = lift.carries[0] if lift.carries else element
    pieces = lift.capacity
    if first != element:
        reference = scenario.optional(PER_TRAIN[first])
        if math.isfinite(per_train) and math.isfinite(reference):
            pieces *= per_train / reference
    if lift.kind == "train":
        pieces /= piece.wagons
    return max(1.0, math.floor(pieces + 1e-9))


def flight_load(scenario: Scenario, lift: Lift | None, piece: Piece = USUAL) -> float:
    """Troops or pieces on one aircraft: of its pool, by weight where it counts tonnes; else troops by the parameter."""
    capacity = scenario.value("troops_per_flight") if lift is None else lift.capacity
    if lift is not None and lift.fleets[0][1].capacity_unit == "t" and piece.tonnes > 0:
        capacity /= piece.tonnes
    return max(1.0, math.floor(capacity + 1e-9))


def carriers(lift: dict[str, Lift], scenario: Scenario, kind: str, element: str, waters: str, place: str) -> list[Lift]:
    """Pools of a kind that carry an element, sail in `waters` (if ships) and come to `place`; by name."""
    return [
        pool
        for pool in lift.values()
        if pool.kind == kind
        and element in pool.carries
        and (kind != "ship" or sails(pool.fleets[0][1], waters))
        and (pool.comes_to(place) or not scenario.mechanisms.lift)
    ]


def queue_pools(lift: dict[str, Lift], scenario: Scenario, mode: str, element: str) -> dict[str, Lift | None]:
    """Pools of trains or barges that carry an element, by name; without lift and without trains any train will do."""
    kind = WAYS[mode].lift
    found: dict[str, Lift | None] = {
        name: pool for name, pool in lift.items() if pool.kind == kind and element in pool.carries
    }
    if not found and not scenario.mechanisms.lift and element != "troops":
        found["any"] = None
    return found
