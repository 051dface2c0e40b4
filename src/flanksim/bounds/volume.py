"""The volume bound: each link, facility and fleet can only work between the first arrival and the last useful start.

A linear program over flows of all commodities together, with the closure hour T as a variable. Resource r can be
of use only from the earliest hour e at which anything can reach it until T - q, where q is the least time from
there to closure. So, with h the hours that one vehicle takes of it and n its servers,

    sum of h x flow  <=  n x (T - e - q) + n x (the hours of one serial),

the last term because what has begun by the end may end after it. Fleets: a load takes its asset for the way out
and, unless it is that asset's last, for the way back. Every schedule gives such flows, with T its closure; hence
the least T is a lower bound (volume bound of flows over time: Ford and Fulkerson 1958; Hoppe and Tardos 2000;
Fleischer and Skutella 2007). A window is never negative. So that one linear program is valid for every T from a known
bound L on, a window that begins after L is taken to begin at L; with the answer as the new L it is solved again
where that can matter.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from flanksim.bounds.flow import Flows, Graph
from flanksim.bounds.free_flow import free_flow_hours
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, available_hour

#: Modes whose way back is counted; elsewhere only the way out is, which is weaker but a third of the program.
TWO_WAY = ("rail", "sea")
#: Two horizons this close are one, hours.
CLOSE_H = 0.5


@dataclass(frozen=True, slots=True)
class Price:
    """What one more unit of a capacity is worth: days by which the bound falls, at the margin."""

    element: str
    attribute: str
    days_per_unit: float


@dataclass(frozen=True)
class Volume:
    """Result of the volume bound.

    Attributes
    ----------
    hours
        The bound; infinite if the required troops cannot be closed at all.
    binding
        The resource whose window carries most of it.
    prices
        Largest first; empty where no capacity binds.
    routes
        Flow of each leg by element and layer, vehicles or troops.
    """

    hours: float
    binding: str
    prices: tuple[Price, ...]
    routes: dict[tuple[str, str, str, bool], float]


@dataclass
class _Rows:
    """A sparse matrix under construction, with names and what T and a further unit do to each right-hand side."""

    row: list[NDArray[np.int64]] = field(default_factory=list)
    column: list[NDArray[np.int64]] = field(default_factory=list)
    value: list[NDArray[np.float64]] = field(default_factory=list)


@dataclass
class _Resource:
    """Hours used by each variable, and the window in which there are any."""

    name: str
    attribute: str
    number: float
    columns: list[int] = field(default_factory=list)
    hours: list[float] = field(default_factory=list)
    earliest: float = math.inf
    remaining: float = math.inf
    largest: float = 0.0
    starts: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    per_unit: float = 1.0

    @property
    def begins(self) -> float:
        """Hour of T at which the window opens."""
        own = self.earliest + self.remaining
        return max([own, *(start + self.remaining for start in self.starts)]) if self.starts else own

    def window(self, hour: float) -> float:
        """Hours that one more server, or one more asset like the others, would have."""
        if not self.starts:
            return max(0.0, hour + self.largest - self.earliest - self.remaining)
        starts = np.maximum(np.array(self.starts), self.earliest) + self.remaining
        weights = np.array(self.weights)
        return float((weights * np.maximum(0.0, hour - starts)).mean())


class Program:
    """The linear program of a scenario; solved for one horizon at a time."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows
        self.scenario = flows.scenario
        self.columns = 1 + len(flows.units)  # T, then the part of each unit that is closed
        self.names: list[tuple[int, int, bool]] = []  # commodity, arc, whether it is the asset's last load
        self.balance = _Rows()
        self.balance_rows = 0
        self.resources: dict[tuple[str, str], _Resource] = {}
        self._groups: dict[tuple[str, str], tuple[_Resource, float, float] | None] = {}
        self._most = [2.0 * sum(demand.quantity for demand in graph.demands) for graph in flows.graphs]
        for number, graph in enumerate(flows.graphs):
            self._commodity(number, graph)

    def _commodity(self, number: int, graph: Graph) -> None:
        """Variables and balances of one commodity; arcs that lead nowhere are left out."""
        useful = np.flatnonzero(np.isfinite(graph.earliest[graph.tail]) & np.isfinite(graph.remaining[graph.head]))
        # The asset's last load runs on a twin of its layer: no way back.
        twin = np.array([self._returns(graph, arc) for arc in useful.tolist()], dtype=bool)
        first = self.columns
        arcs = np.concatenate([useful, useful[twin]])
        last = np.concatenate([np.zeros(len(useful), dtype=bool), np.ones(int(twin.sum()), dtype=bool)])
        self.names += [(number, int(arc), bool(final)) for arc, final in zip(arcs, last, strict=True)]
        self.columns += len(arcs)
        columns = np.arange(first, self.columns)
        ground = len(graph.layered.places)
        tail = graph.tail[arcs] + np.where(last & (graph.tail[arcs] >= ground), graph.size, 0)
        head = graph.head[arcs] + np.where(last & (graph.head[arcs] >= ground), graph.size, 0)
        states, renumbered = np.unique(np.concatenate([tail, head]), return_inverse=True)
        rows = self.balance_rows + renumbered
        self.balance.row += [rows[: len(arcs)], rows[len(arcs) :]]
        self.balance.column += [columns, columns]
        self.balance.value += [-np.ones(len(arcs)), np.ones(len(arcs))]
        place = {int(state): self.balance_rows + position for position, state in enumerate(states)}
        for demand in graph.demands:
            for state, sign in ((graph.ground(demand.home), 1.0), (graph.ground(demand.target), -1.0)):
                # A state on no useful arc: nothing can get there, and the row says so.
                row = place.setdefault(state, self.balance_rows + len(place))
                self.balance.row.append(np.array([row]))
                self.balance.column.append(np.array([1 + demand.unit]))
                self.balance.value.append(np.array([sign * demand.quantity]))
        self.balance_rows += len(place)
        for column, arc, final in zip(columns.tolist(), arcs.tolist(), last.tolist(), strict=True):
            self._uses(graph, column, arc, final, self._most[number])

    def _returns(self, graph: Graph, arc: int) -> bool:
        """Whether an arc is on, or leads to or from, a layer with lift."""
        modes = {graph.mode[arc].partition(":")[0], self._head_layer(graph, arc).partition(":")[0]}
        return self.scenario.mechanisms.lift and not modes.isdisjoint(TWO_WAY)

    def _uses(self, graph: Graph, column: int, arc: int, final: bool, most: float) -> None:
        flows = self.flows
        earliest = float(graph.earliest[graph.tail[arc]])
        remaining = float(graph.remaining[graph.head[arc]] + graph.hours[arc])
        for use in flows.uses(graph, arc):
            kind, place = use.resource
            number = 1.0 if kind == "gate" else flows.servers(kind, place)
            if math.isfinite(number):
                name = place if kind == "gate" else f"{kind}:{place}"
                entry = self._resource((kind, name), use.attribute, number)
                entry.per_unit = use.per_unit
                self._add(entry, column, use.hours, earliest, remaining)
                entry.largest = max(entry.largest, use.hours * min(most, self._whole(graph, arc)))
        if self.scenario.mechanisms.lift:
            # An asset is of use until its load is off the arc.
            self._lift(graph, column, arc, final, earliest, float(graph.remaining[graph.head[arc]]))

    def _whole(self, graph: Graph, arc: int) -> float:
        """Pieces in the largest serial on an arc: what has begun at the last moment may end after it."""
        modes = {graph.mode[arc].partition(":")[0], self._head_layer(graph, arc).partition(":")[0]} - {"ground"}
        return max((self.flows.serial_size(graph.load.element, mode) for mode in modes), default=1.0)

    def _resource(self, key: tuple[str, str], attribute: str, number: float) -> _Resource:
        if key not in self.resources:
            self.resources[key] = _Resource(key[1], attribute, number)
        return self.resources[key]

    @staticmethod
    def _add(entry: _Resource, column: int, hours: float, earliest: float, remaining: float) -> None:
        entry.columns.append(column)
        entry.hours.append(hours)
        entry.earliest = min(entry.earliest, earliest)
        entry.remaining = min(entry.remaining, remaining)

    def _lift(self, graph: Graph, column: int, arc: int, final: bool, earliest: float, remaining: float) -> None:
        """Hours of an asset on the way and in loading, and back unless it is its last; and the number of last loads."""
        leg, layer = graph.legs[arc], graph.mode[arc]
        element = graph.load.element
        into = self._head_layer(graph, arc)
        if layer.startswith("rail") and into not in ("ground", layer):
            return  # a change of gauge: two trains are held, neither is counted
        lift = layer if layer != "ground" else into
        group = self._group(lift, element)
        if group is None:
            return
        entry, per_piece, day = group
        if leg is not None:
            loaded = float(graph.hours[arc])
            one_way = final or lift.partition(":")[0] not in TWO_WAY
            hours = loaded if one_way else (loaded + self._back(graph, arc)) * day
            self._add(entry, column, hours * per_piece, earliest, remaining)
            return
        handled = self._handled(graph, arc, lift, per_piece)
        if handled > 0 and day == 1.0:
            self._add(entry, column, handled, earliest, remaining)
        entry.earliest = min(entry.earliest, earliest)
        if final and layer == "ground":
            last = self._resource(("last", entry.name), "", 1.0)
            last.columns.append(column)
            last.hours.append(per_piece)
            last.weights = entry.weights

    def _handled(self, graph: Graph, arc: int, layer: str, per_piece: float) -> float:
        """Hours of an asset that one piece takes in loading or unloading, weighted like the asset."""
        if not layer.startswith("sea"):
            return float(graph.hours[arc]) * per_piece
        # A ship lies at its berth whole while it is worked piece by piece: no less than the smallest ship.
        pieces = sum(use.hours for use in self.flows.uses(graph, arc))
        return pieces * min(self.flows.ship_sizes(layer.partition(":")[2]), default=0.0)

    @staticmethod
    def _head_layer(graph: Graph, arc: int) -> str:
        return graph.layered.layers[int(graph.head[arc]) // len(graph.layered.places)]

    def _back(self, graph: Graph, arc: int) -> float:
        """Empty run back over a leg; runs do not draw its time."""
        leg = graph.legs[arc]
        if leg is None or not leg.link_id:
            return float(graph.hours[arc]) / max(1e-9, self.flows.low.parameter("travel_factor_air", 1.0))
        state = self.flows.states[leg.link_id]
        return self.flows.low.duration(state.travel_given) if state.travel_given is not None else state.travel_hours

    def _group(self, layer: str, element: str) -> tuple[_Resource, float, float] | None:
        """Fleets that serve a layer, what one piece takes of an asset, and 24 over the hours that it may work a day."""
        key = (layer, element)
        if key not in self._groups:
            self._groups[key] = self._find_group(layer, element)
        return self._groups[key]

    def _find_group(self, layer: str, element: str) -> tuple[_Resource, float, float] | None:
        mode, _, rest = layer.partition(":")
        kind = {"rail": "train", "sea": "ship", "air": "aircraft"}.get(mode, mode)
        fleets = [
            fleet
            for _, fleet in sorted(self.scenario.fleets.items())
            if fleet.kind == kind
            and (mode != "rail" or fleet.pool == rest)
            and (mode != "sea" or not fleet.waters or rest in fleet.waters)
        ]
        if not fleets:
            return None
        sea = mode == "sea"
        name = f"fleet {layer}"
        size = self.flows.lane_m(element) if sea else 1.0 / self.flows.serial_size(element, mode)
        if mode in ("het", "coach"):
            size = 1.0 / max(fleet.capacity * fleet.stow_factor for fleet in fleets)
        if ("fleet", name) not in self.resources:
            entry = self._resource(("fleet", name), "assets", 0.0)
            for fleet in fleets:
                for _ in range(int(fleet.count_typical // fleet.group_size)):
                    entry.starts.append(available_hour(fleet.available_typical_day))
                    entry.weights.append(fleet.capacity * fleet.stow_factor if sea else 1.0)
        limits = [fleet.hours_per_day for fleet in fleets if fleet.hours_per_day]
        day = HOURS_PER_DAY / max(limits) if len(limits) == len(fleets) else 1.0
        return self.resources["fleet", name], size, day

    # ---- solving ----------------------------------------------------------------------------

    def solve(self, known: float) -> tuple[float, NDArray[np.float64], list[tuple[_Resource, float]]]:
        """Least T where T is known to be at least `known`: T, the variables, and the dual of each resource."""
        rows, right = _Rows(), []
        kept: list[_Resource] = []
        for key, entry in self.resources.items():
            if not entry.columns:
                continue
            slope, base = self._window(key, entry, known)
            number = len(kept)
            rows.row.append(np.full(len(entry.columns), number))
            rows.column.append(np.array(entry.columns))
            rows.value.append(np.array(entry.hours))
            if slope:
                rows.row.append(np.array([number]))
                rows.column.append(np.array([0]))
                rows.value.append(np.array([-slope]))
            right.append(base)
            kept.append(entry)
        troops = np.array([unit.troops for unit in self.flows.units], dtype=float)
        needed = float(self.scenario.troops_required)
        lower = np.zeros(self.columns)
        upper = np.full(self.columns, np.inf)
        upper[1 : 1 + len(troops)] = 1.0
        if needed == 0 or needed >= troops.sum():
            lower[1 : 1 + len(troops)] = 1.0
        else:
            rows.row.append(np.full(len(troops), len(kept)))
            rows.column.append(np.arange(1, 1 + len(troops)))
            rows.value.append(-troops)
            right.append(-needed)
        cost = np.zeros(self.columns)
        cost[0] = 1.0
        found = linprog(  # type: ignore[call-overload]
            cost,
            A_ub=_matrix(rows, len(right), self.columns) if right else None,
            b_ub=np.array(right) if right else None,
            A_eq=_matrix(self.balance, self.balance_rows, self.columns),
            b_eq=np.zeros(self.balance_rows),
            bounds=np.column_stack([lower, upper]),
            method="highs",
        )
        if found.status != 0:
            return math.inf, np.zeros(self.columns), []
        duals = found.ineqlin.marginals if right else np.zeros(0)
        return (
            float(found.fun),
            np.asarray(found.x),
            [(entry, float(-dual)) for entry, dual in zip(kept, duals, strict=False)],
        )

    def _window(self, key: tuple[str, str], entry: _Resource, known: float) -> tuple[float, float]:
        """``slope x T + base`` hours are there for every T from `known` on."""
        if key[0] == "last":
            return 0.0, float(sum(entry.weights))
        if key[0] == "fleet":
            starts = np.minimum(np.maximum(np.array(entry.starts), entry.earliest) + entry.remaining, known)
            weights = np.array(entry.weights)
            return float(weights.sum()), -float((weights * starts).sum())
        start = min(entry.earliest + entry.remaining, known)
        return entry.number, entry.number * (entry.largest - start)


def volume(scenario: Scenario, flows: Flows | None = None) -> Volume:
    """Volume bound of a scenario, with the price of each capacity.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> round(volume(load("corridor-mini")).hours / 24) > 0
    True
    """
    found = flows or Flows(scenario)
    known = free_flow_hours(scenario, found)
    if math.isinf(known):
        return Volume(math.inf, "no way", (), {})
    program = Program(found)
    while True:
        hour, values, duals = program.solve(known)
        if math.isinf(hour):
            return Volume(math.inf, "no capacity", (), {})
        late = any(dual > 0 and entry.begins > known for entry, dual in duals)
        if hour <= known + CLOSE_H or not late:
            break
        known = hour
    binding, prices = _prices(duals, hour) if hour >= known else ("free flow", ())
    return Volume(max(hour, known), binding, prices, _routes(program, values))


def _prices(duals: list[tuple[_Resource, float]], hour: float) -> tuple[str, tuple[Price, ...]]:
    """The resource that carries most of the bound, and days per further unit, largest first."""
    prices = []
    carried: dict[str, float] = {}
    for entry, dual in duals:
        if dual <= 1e-12:
            continue
        window = entry.window(hour)
        carried[entry.name] = dual * window * max(1.0, entry.number)
        if entry.attribute:
            prices.append(Price(entry.name, entry.attribute, dual * window * entry.per_unit / HOURS_PER_DAY))
    prices.sort(key=lambda price: (-price.days_per_unit, price.element))
    binding = max(carried, key=lambda name: (carried[name], name)) if carried else "free flow"
    return binding, tuple(price for price in prices if price.days_per_unit > 0)


def _routes(program: Program, values: NDArray[np.float64]) -> dict[tuple[str, str, str, bool], float]:
    """Flow on each leg: (element, layer, link, forward) to vehicles or troops."""
    found: dict[tuple[str, str, str, bool], float] = defaultdict(float)
    base = 1 + len(program.flows.units)
    for (commodity, arc, _), value in zip(program.names, values[base:].tolist(), strict=True):
        graph = program.flows.graphs[commodity]
        leg = graph.legs[arc]
        if leg is not None and leg.link_id and value > 1e-6:
            found[graph.load.element, graph.mode[arc], leg.link_id, leg.forward] += value
    return dict(found)


def _matrix(rows: _Rows, height: int, width: int) -> csr_matrix:
    return csr_matrix(
        (np.concatenate(rows.value), (np.concatenate(rows.row), np.concatenate(rows.column))), shape=(height, width)
    )
