"""What the bounds share: commodities, the layered graph with its lowest times, and what each arc uses.

A *commodity* is one element (troops, wheeled vehicles, containers) or one class of heavy vehicles, with all
its homes and assembly areas together. Merging units into one commodity lets any of them stand in for
any other, and a class takes every way that its lightest member may take: both only ever help, so that what is
impossible here is impossible for every schedule.

Times are the lowest that a run can draw (`lowest`), or the typical ones where the scenario has no chance.
Rests, waiting, queues, empties on the gates, nights and outages are left out: they only make a run slower.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from flanksim.network.admissible import LoadClass
from flanksim.network.routes import Layered, Leg
from flanksim.network.state import great_circle_km, headway_hours
from flanksim.planning.compile import Compiler
from flanksim.planning.resources import group_capacity
from flanksim.scenario.rows import Exponential, Facility, Trace, Triangular
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, MINUTES_PER_HOUR, available_hour, hours


@dataclass(frozen=True, slots=True)
class Demand:
    """What one unit must have at its assembly area of one commodity, from when on."""

    unit: int
    home: str
    target: str
    quantity: float
    release_h: float


@dataclass(frozen=True, slots=True)
class Use:
    """What one vehicle (or soldier) uses of a resource on one arc: hours of a gate or server, or of an asset."""

    resource: tuple[str, str]
    hours: float
    attribute: str = "servers"
    #: Part of the hours that one more unit of the attribute saves (or one more server adds).
    per_unit: float = 1.0


@dataclass
class Graph:
    """Arcs of one commodity: ends, lowest hours, and the leg, layer and step behind each."""

    load: LoadClass
    size: int
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    hours: NDArray[np.float64]
    legs: list[Leg | None]
    mode: list[str]
    layered: Layered
    demands: list[Demand] = field(default_factory=list)
    earliest: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    remaining: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def ground(self, place: str) -> int:
        """Number of the state of standing at `place`."""
        return self.layered.state("ground", place)


class Lowest:
    """Lowest values that a run can draw; typical ones without chance."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.chance = scenario.mechanisms.chance

    def parameter(self, name: str, default: float = 0.0) -> float:
        """Lowest value of a parameter."""
        row = self.scenario.parameters.get(name)
        if row is None:
            return default
        return row.typical if not self.chance or row.low is None else row.low

    def typical(self, name: str, default: float = 0.0) -> float:
        """Value of a parameter that runs do not draw."""
        row = self.scenario.parameters.get(name)
        return default if row is None else row.typical

    def duration(self, value: object) -> float:
        """Lowest hours of a stated duration."""
        if isinstance(value, Triangular):
            return value.low if self.chance else value.typical
        if isinstance(value, Exponential):
            return 0.0 if self.chance else value.exponential
        if isinstance(value, Trace):
            return min(value.trace) if self.chance else sum(value.trace) / len(value.trace)
        return float(value)  # type: ignore[arg-type]

    def handling(self, facility: Facility | None, parameter: str) -> float:
        """Lowest hours of one handling at a facility; 0 where handling is switched off or there is none."""
        if facility is None or not self.scenario.mechanisms.handling:
            return 0.0
        if facility.handling_hours is not None:
            return self.duration(facility.handling_hours)
        if facility.handling_typical_hours is not None:
            low = facility.handling_low_hours
            return facility.handling_typical_hours if low is None or not self.chance else low
        return self.parameter(parameter)


_HANDLING = {
    "rail_terminal": "ramp_hours_per_train",
    "stand": "stand_hours_passenger_aircraft",
    "gauge_change": "gauge_change_hours_per_train",
    "border_rail": "border_hours_rail",
    "border_road": "border_hours_road",
}


class Flows:
    """Commodities of a scenario on their graphs, and the resources that they share."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.low = Lowest(scenario)
        self.compiler = Compiler(scenario)
        self.states = self.compiler.states
        self.facilities = self.compiler.facilities
        self.units = [unit for _, unit in self.compiler.ordered]
        self.integration_h = hours(self.low.parameter("integration_days")) if scenario.mechanisms.integration else 0.0
        self.release_h = [self._release(number) for number in range(len(self.units))]
        self._sizes: dict[tuple[str, str], float] = {}
        self._uses: dict[tuple[str, str, Leg | str], list[Use]] = {}
        self.graphs = self._graphs()

    def _release(self, number: int) -> float:
        unit = self.units[number]
        ready = available_hour(unit.ready_day) + hours(self.low.parameter("ready_delay_days"))
        return max(ready, self.compiler.permission_hours(unit))

    def _graphs(self) -> list[Graph]:
        spare = {}
        for number, unit in enumerate(self.units):
            quantities = self.compiler.quantities(unit)
            vehicles = sum(quantity for element, quantity in quantities.items() if element != "troops")
            spare[number] = vehicles - math.ceil(self.scenario.close_share * vehicles - 1e-9)
        groups: dict[object, list[tuple[LoadClass, Demand]]] = defaultdict(list)
        for load in self.compiler.loads():
            needed = load.quantity - (0.0 if load.element == "troops" else spare[load.unit_number])
            if needed <= 0 or load.home == load.unit.assembly_node:
                continue
            demand = Demand(
                load.unit_number, load.home, load.unit.assembly_node, needed, self.release_h[load.unit_number]
            )
            groups[load.load if load.element == "heavy" else load.element].append((load.load, demand))
        return [self._graph(entries) for _, entries in sorted(groups.items(), key=lambda item: str(item[0]))]

    def _graph(self, entries: list[tuple[LoadClass, Demand]]) -> Graph:
        """Graph of the most permissive class among `entries`, with earliest and remaining hours of each state."""
        classes = [load for load, _ in entries]
        gauges = {load.loading_gauge for load in classes}
        load = LoadClass(
            classes[0].element,
            min(entry.mlc for entry in classes),
            min(entry.lifted_mlc for entry in classes),
            min(entry.axle_load_t for entry in classes),
            gauges.pop() if len(gauges) == 1 else "",
        )
        layered = Layered(self.scenario, self.states, load, self.facilities)
        tail, head, legs = layered.arcs()
        count = len(layered.places)
        modes = [layered.layers[int(state) // count] for state in tail.tolist()]
        into = [layered.layers[int(state) // count] for state in head.tolist()]
        times = np.array(
            [
                self._leg_hours(leg, mode) if leg is not None else self._transfer_hours(a, b, layered.places[t % count])
                for leg, mode, a, b, t in zip(legs, modes, modes, into, tail.tolist(), strict=True)
            ]
        )
        graph = Graph(load, layered.size, tail, head, times, legs, modes, layered, [demand for _, demand in entries])
        self._windows(graph)
        return graph

    def _leg_hours(self, leg: Leg, layer: str) -> float:
        mode = layer.partition(":")[0]
        if not leg.link_id:
            a, b = self.scenario.nodes[leg.from_node], self.scenario.nodes[leg.to_node]
            km = great_circle_km(a.lat, a.lon, b.lat, b.lon)  # type: ignore[arg-type]
            return km / self.low.typical("flight_speed_kmh", 800.0) * self.low.parameter("travel_factor_air", 1.0)
        state = self.states[leg.link_id]
        if state.travel_given is not None:
            return self.low.duration(state.travel_given)
        kind = {"rail": "rail", "sea": "sea"}.get(mode, "road")
        found = state.travel_hours * self.low.parameter(f"travel_factor_{kind}", 1.0)
        return found + self._border_hours(leg)

    def _border_hours(self, leg: Leg) -> float:
        state = self.states[leg.link_id]
        if not (state.crosses_border and self.scenario.mechanisms.borders):
            return 0.0
        kind = f"border_{state.mode}"
        return self.low.handling(self.facilities.get((kind, leg.link_id)), _HANDLING[kind])

    def _transfer_hours(self, a: str, b: str, place: str) -> float:
        """Lowest hours of a change of layer: what one serial is handled for, at least."""
        kind = transfer_kind(a, b)
        if kind in ("rail_terminal", "stand", "gauge_change"):
            return self.low.handling(self.facilities.get((kind, place)), _HANDLING[kind])
        return 0.0

    def _windows(self, graph: Graph) -> None:
        """Earliest hour at which anything can stand in a state, and hours from there to closure at least."""
        size = graph.size
        start: dict[int, float] = {}
        goals: set[int] = set()
        for demand in graph.demands:
            state = graph.ground(demand.home)
            start[state] = min(start.get(state, math.inf), demand.release_h)
            goals.add(graph.ground(demand.target))
        graph.earliest = _distances(graph, start, size, forward=True)
        graph.remaining = _distances(graph, dict.fromkeys(goals, self.integration_h), size, forward=False)

    # ---- sizes ------------------------------------------------------------------------------

    def serial_size(self, element: str, mode: str) -> float:
        """The most that one serial of an element carries on a mode."""
        key = (element, mode)
        if key not in self._sizes:
            self._sizes[key] = self._serial_size(element, mode)
        return self._sizes[key]

    def _serial_size(self, element: str, mode: str) -> float:
        value = self.low.typical
        train = {
            "heavy": value("heavy_vehicles_per_train", 30.0),
            "cargo": value("containers_per_train", 60.0),
            "troops": value("troops_per_train", 800.0),
        }.get(element, value("vehicles_per_train", 72.0))
        if mode == "rail":
            return train
        if mode == "air":
            return value("troops_per_flight", 250.0)
        if mode == "sea":
            return max(self.ship_sizes(), default=math.inf) / self.lane_m(element)
        column = {"troops": "troops_per_coach_serial", "heavy": "vehicles_per_het_serial"}
        flight = value("troops_per_flight", 250.0) if element == "troops" else 0.0
        return max(value(column.get(element, "march_serial_vehicles"), 60.0), train, flight)

    def ship_sizes(self, waters: str = "") -> list[float]:
        """Usable lane metres of each ship that sails in some waters."""
        return [
            group_capacity(fleet)
            for fleet in self.scenario.fleets.values()
            if fleet.kind == "ship" and (not waters or not fleet.waters or waters in fleet.waters)
            for _ in range(int(fleet.count_typical // fleet.group_size))
        ]

    def lane_m(self, element: str) -> float:
        """Lane metres of one vehicle or container."""
        name = {"heavy": "lane_m_per_heavy_vehicle", "cargo": "lane_m_per_container"}.get(element, "lane_m_per_vehicle")
        return self.low.typical(name, self.low.typical("lane_m_per_vehicle", 13.0))

    # ---- what an arc uses -----------------------------------------------------------------------

    def uses(self, graph: Graph, arc: int) -> list[Use]:
        """Gate and server hours that one vehicle (or soldier) uses on an arc, at least."""
        leg, layer = graph.legs[arc], graph.mode[arc]
        element = graph.load.element
        if leg is None:
            count = len(graph.layered.places)
            into = graph.layered.layers[int(graph.head[arc]) // count]
            return self._transfer_uses(element, layer, into, graph.layered.places[int(graph.tail[arc]) % count])
        if not leg.link_id:
            return []
        key = (element, layer, leg)
        if key not in self._uses:
            self._uses[key] = self._leg_uses(element, layer, leg)
        return self._uses[key]

    def _leg_uses(self, element: str, layer: str, leg: Leg) -> list[Use]:
        mode = layer.partition(":")[0]
        state = self.states[leg.link_id]
        found = []
        size = self.serial_size(element, mode)
        border = self._border_hours(leg)
        if border > 0:
            found.append(Use((f"border_{state.mode}", leg.link_id), border / size))
        if not self.scenario.mechanisms.gates:
            return found
        stated = self.scenario.links[leg.link_id].headway_hours
        attribute, per_unit = "trains_per_day", 0.0
        if mode in ("rail", "sea") or stated is not None:
            headway = headway_hours(self.scenario, state)
            each = headway / size
            per_unit = headway / HOURS_PER_DAY
            attribute = (
                "trains_per_day" if mode == "rail" else "sailings_per_day" if mode == "sea" else "serials_per_day"
            )
        elif math.isfinite(state.net_capacity):
            minutes = self.low.typical("march_unit_gap_minutes") + self.low.typical("march_unit_extra_minutes")
            each = 1.0 / state.net_capacity + minutes / MINUTES_PER_HOUR / self.low.typical("march_unit_vehicles", 25.0)
            attribute, per_unit = "vehicles_per_hour", 1.0 / state.net_capacity**2 / each
            each /= 50.0 if element == "troops" else 1.0
        else:
            each = 0.0
        if each > 0:
            number = self.compiler.resources.gate(state, leg.forward)
            name = self.compiler.resources.gates[number].name
            found.append(Use(("gate", name), each, attribute, per_unit))
        return found

    def _transfer_uses(self, element: str, a: str, b: str, place: str) -> list[Use]:
        kind = transfer_kind(a, b)
        facility = self.facilities.get((kind, place))
        if facility is None or not self.scenario.mechanisms.handling:
            return []
        if kind == "berth":
            own = facility.handling_hours is not None or facility.handling_typical_hours is not None
            if own:
                each = self.low.handling(facility, "") / self.serial_size(element, "sea")
            else:
                working = self.low.typical("port_working_hours_per_day", HOURS_PER_DAY) / HOURS_PER_DAY
                pace = self.low.typical("berth_pieces_per_hour", 10.0) * working
                each = self.low.parameter("handling_factor", 1.0) / pace
        elif kind in _HANDLING:
            mode = "air" if kind == "stand" else "rail"
            each = self.low.handling(facility, _HANDLING[kind]) / self.serial_size(element, mode)
        else:
            return []
        return [Use((kind, place), each)] if each > 0 else []

    def servers(self, kind: str, place: str) -> float:
        """Servers of a facility that the military has."""
        number = self.compiler.resources.server(kind, place)
        return math.inf if number < 0 else self.compiler.resources.servers[number].servers


def transfer_kind(a: str, b: str) -> str:
    """Kind of facility at which the layer changes from `a` to `b`."""
    modes = {a.partition(":")[0], b.partition(":")[0]}
    if modes == {"rail"}:
        return "gauge_change"
    for mode, kind in (("rail", "rail_terminal"), ("sea", "berth"), ("air", "stand")):
        if mode in modes:
            return kind
    return ""


def _distances(graph: Graph, start: dict[int, float], size: int, *, forward: bool) -> NDArray[np.float64]:
    """Shortest hours from any state of `start` (with its own hours) to each state, or to it from each state."""
    tail, head = (graph.tail, graph.head) if forward else (graph.head, graph.tail)
    # One more state leads to all starts. Sparse matrices sum what is given twice: keep the shortest of parallel arcs.
    states = np.array(list(start), dtype=np.int64)
    tails = np.concatenate([tail, np.full(len(states), size)])
    heads = np.concatenate([head, states])
    cost = np.concatenate([graph.hours, np.array(list(start.values()))])
    order = np.argsort(cost, kind="stable")
    pairs, first = np.unique(tails[order] * (size + 1) + heads[order], return_index=True)
    # A length of exactly 0 would be no arc in a sparse matrix; a tiny one is taken off again by being tiny.
    least = np.maximum(cost[order][first], 1e-12)
    matrix = csr_matrix((least, (pairs // (size + 1), pairs % (size + 1))), shape=(size + 1, size + 1))
    found: NDArray[np.float64] = dijkstra(matrix, indices=np.array(size))[:size]
    return found
