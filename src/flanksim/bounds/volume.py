"""Volume: the work that closing the force causes must fit into the time in which it can be done.

Claim: no schedule on any admissible route, whatever its loads, closes the required troops before
the hour found here, on the same inputs (`flanksim.bounds.inputs`).

Proof sketch. Fix a schedule that closes by hour T. Each needed piece takes some admissible way.
At a resource r nothing arrives before ``first_r``, the earliest of all arrivals in free flow, and
what leaves r later than ``T - rest_r`` comes too late, where ``rest_r`` is the least time from r
to closed. So all the work done at r for needed pieces lies in that window: with n servers (or
assets available from their own hours) it is at most ``n (T - rest_r - first_r)``. The work of a
piece is at least that on its way in `flanksim.bounds.flow_network`. Hence the shares of pieces on ways
are a feasible point of

    min T   subject to   sum of work at r <= hours_r(T) for all r,   every demand met,

and its optimum is at most T: max flow over time relaxed to its totals, as every cut of a flow over
time holds in the aggregate (Ford and Fulkerson 1958; Fleischer and Skutella 2007 on condensing
time). ``hours_r`` is convex in T (0 until the window opens), so on an interval [low, high] that
holds T it lies under its chord; the chord is linear, so T is a variable of a linear program. Each
optimum raises ``low``, which tightens the chord; this replaces bisection.

There are far too many ways to list. Ways are added where the present prices make one cheaper (column
generation), by one shortest-path search for each load class and goal. The hour given is not the
optimum of the restricted program but the Lagrangian value of its prices over *all* admissible
ways, which bounds from below whether or not the columns have converged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import force_hour, unit_hours
from flanksim.linear_program import matrix_of, minimise
from flanksim.units import HOURS_PER_DAY

#: The columns have converged when bound and restricted optimum are this close, hours.
TOLERANCE_H = 0.05
#: The first interval reaches so many times as far as free flow.
REACH = 2.0


@dataclass(frozen=True, slots=True)
class Price:
    """Dual value of a capacity: how steeply the bound falls where it stands now.

    Never shown as it is: the next limit may stop the fall at once (`flanksim.bounds.gains`).

    Attributes
    ----------
    element, attribute
        The gate, facility or fleet, and what is counted: trains_per_day, vehicles_per_hour, servers, groups.
    capacity
        What there is of it now.
    days_per_unit
        Days by which the bound falls for one more, to first order.
    """

    element: str
    kind: str
    attribute: str
    capacity: float
    days_per_unit: float


@dataclass(frozen=True, slots=True)
class Volume:
    """The volume bound.

    Attributes
    ----------
    hour
        No schedule on any admissible route closes earlier.
    relaxed_hour
        Optimum over the ways generated: the volume bound proper lies between the two.
    binding
        Element with the largest price times capacity; empty where free flow already gives the hour.
    rounds
        Restricted programs solved.
    """

    hour: float
    relaxed_hour: float
    binding: str
    prices: tuple[Price, ...]
    rounds: int
    seconds: float


@dataclass(slots=True)
class Columns:
    """Ways found so far: the demand that each serves and its work at each resource."""

    demand: list[int] = field(default_factory=list)
    rows: list[NDArray[np.int64]] = field(default_factory=list)
    work: list[NDArray[np.float64]] = field(default_factory=list)
    known: set[tuple[int, bytes]] = field(default_factory=set)

    def add(self, demand: int, rows: NDArray[np.int64], work: NDArray[np.float64]) -> None:
        """Keep a way unless an equal one is there."""
        key = (demand, rows.tobytes() + work.tobytes())
        if key not in self.known:
            self.known.add(key)
            self.demand.append(demand)
            self.rows.append(rows)
            self.work.append(work)


class VolumeProgram:
    """The linear program of one network, for all its units or some of them."""

    def __init__(self, network: FlowNetwork, units: Sequence[int] | None = None) -> None:
        self.network = network
        plan = network.inputs.plan
        self.units = sorted(range(len(plan.units)) if units is None else units)
        chosen = set(self.units)
        self.demands = [demand for demand in network.demands if demand.unit in chosen]
        self.free_h = force_hour(plan, unit_hours(network), units)
        self.columns = Columns()
        #: Pieces on each way in the last restricted program.
        self.shares: NDArray[np.float64] = np.zeros(0)
        travelling = sum(plan.units[number].troops for number in self.units if not plan.units[number].in_place)
        staying = sum(plan.units[number].troops for number in self.units) - travelling
        required = travelling + staying if units is not None else plan.troops_required
        #: Troops of travelling units that must be closed; None where every unit must.
        self.required = None if required == 0 or required - staying >= travelling else max(0, required - staying)
        self._is_last = np.array([float(entry.kind == "last") for entry in network.resources])
        self._searches: dict[int, list[int]] = {}
        for demand in self.demands:
            targets = self._searches.setdefault(demand.graph, [])
            if demand.target not in targets:
                targets.append(demand.target)

    # ---- ways -----------------------------------------------------------------------------

    def price_ways(self, prices: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """Cost of the cheapest way of each demand, which is kept as a column; without prices the fastest."""
        found = np.zeros(len(self.demands))
        for number, targets in self._searches.items():
            graph = self.network.graphs[number]
            # The fastest ways are those of ordinary loads: last loads are as fast, but few.
            cost = graph.hours + graph.use @ self._is_last if prices is None else np.asarray(graph.use @ prices)
            distance, following = graph.towards(cost, targets)
            known: dict[tuple[int, int], tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
            for index, demand in enumerate(self.demands):
                if demand.graph != number:
                    continue
                if demand.costless:
                    self.columns.add(index, np.zeros(0, dtype=np.int64), np.zeros(0))
                    continue
                row = targets.index(demand.target)
                found[index] = distance[row, demand.home]
                if not math.isfinite(found[index]):
                    continue
                key = (demand.home, demand.target)
                if key not in known:
                    arcs = graph.path(cost, following[row], *key)
                    total = graph.work_on(arcs)
                    rows: NDArray[np.int64] = np.flatnonzero(total).astype(np.int64)
                    known[key] = rows, total[rows]
                self.columns.add(index, *known[key])
        return found

    def _unit_costs(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Least cost of closing each unit: all its troops, and the cheapest of its vehicles up to the share."""
        plan = self.network.inputs.plan
        total = np.zeros(len(plan.units))
        vehicles: dict[int, list[tuple[float, float]]] = {}
        for demand, cost in zip(self.demands, costs.tolist(), strict=True):
            if demand.element == "troops":
                total[demand.unit] += cost * demand.quantity
            else:
                vehicles.setdefault(demand.unit, []).append((cost, demand.quantity))
        for unit, offers in vehicles.items():
            needed = plan.units[unit].vehicles_needed
            for cost, quantity in sorted(offers):
                taken = min(quantity, needed)
                if taken > 0:
                    total[unit] += cost * taken
                    needed -= taken
        return total

    def cheapest(self, costs: NDArray[np.float64]) -> float:
        """Least cost of closing the required troops, units taken in part if need be."""
        total = self._unit_costs(costs)
        units = [number for number in self.units if not self.network.inputs.plan.units[number].in_place]
        if self.required is None:
            return float(total[units].sum())
        troops = np.array([self.network.inputs.plan.units[number].troops for number in units], dtype=float)
        left, cost = float(self.required), 0.0
        for position in np.argsort(total[units] / np.maximum(troops, 1e-9), kind="stable").tolist():
            share = min(1.0, left / troops[position]) if troops[position] > 0 else 0.0
            cost += share * float(total[units[position]]) if share > 0 else 0.0
            left -= share * troops[position]
            if left <= 0:
                break
        return cost

    # ---- the program ------------------------------------------------------------------------

    def solve(self, *, rounds: int = 40, seconds: float = math.inf) -> Volume:
        """The bound, by at most so many restricted programs and about so many seconds."""
        begun = perf_counter()
        low = best = self.free_h
        if not math.isfinite(low) or not self.demands:
            return Volume(low, low, "", (), 0, perf_counter() - begun)
        high = REACH * low + HOURS_PER_DAY
        self.price_ways(None)
        relaxed, done = math.inf, 0
        while done < rounds:
            done += 1
            columns = len(self.columns.demand)
            slope, constant = self._chords(low, high)
            relaxed, trial = self.restricted(slope, constant, low)
            cost = self.price_ways(trial)
            slopes = float(slope @ trial)
            scale = 1.0 / slopes if slopes > 1.0 else 1.0
            value = low * (1.0 - slopes * scale) + scale * (self.cheapest(cost) - float(constant @ trial))
            if value > high:
                # The chords hold only up to `high`: that much is proved, the rest on a wider interval.
                low = best = high
                high *= 2.0
                continue
            best = max(best, value)
            closed = relaxed - best < TOLERANCE_H
            if (closed or columns == len(self.columns.demand)) and best - low < TOLERANCE_H:
                break
            if perf_counter() - begun > seconds:
                break
            low = max(low, best)
        prices = self.tangent(best) if best > self.free_h + TOLERANCE_H else np.zeros(len(self.network.resources))
        return Volume(best, relaxed, *self.priced(prices, best), done, perf_counter() - begun)

    def load_of(self, hour: float) -> NDArray[np.float64]:
        """Share of each resource's hours that the cheapest ways need at `hour`."""
        self.tangent(hour)
        work = np.zeros(len(self.network.resources))
        for rows, each, pieces in zip(self.columns.rows, self.columns.work, self.shares.tolist(), strict=False):
            work[rows] += each * pieces
        hours = np.array([entry.hours(hour) for entry in self.network.resources])
        load: NDArray[np.float64] = np.divide(work, hours, out=np.zeros(len(hours)), where=hours > 0)
        return load

    def tangent(self, hour: float) -> NDArray[np.float64]:
        """Prices at the bound itself: the hours of each resource by their tangent there, not their chord."""
        slope = np.array([entry.slope(hour) for entry in self.network.resources])
        constant = np.array([entry.hours(hour) for entry in self.network.resources]) - slope * hour
        return self.restricted(slope, constant, -math.inf)[1]

    def _chords(self, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Slope and constant of the chord of each resource's hours."""
        entries = self.network.resources
        at_low = np.array([entry.hours(low) for entry in entries])
        at_high = np.array([entry.hours(high) for entry in entries])
        slope = (at_high - at_low) / (high - low)
        return slope, at_low - slope * low

    def restricted(
        self,
        slope: NDArray[np.float64],
        constant: NDArray[np.float64],
        low: float,
        columns: Columns | None = None,
    ) -> tuple[float, NDArray[np.float64]]:
        """Least T over the ways so far with ``work <= slope * T + constant`` in each row, and each row's price."""
        columns, plan = self.columns if columns is None else columns, self.network.inputs.plan
        count = len(columns.demand)
        used = sorted({int(row) for rows in columns.rows for row in rows})
        position = {row: number for number, row in enumerate(used)}
        units = [u for u in self.units if not plan.units[u].in_place] if self.required is not None else []
        place = {unit: 1 + count + number for number, unit in enumerate(units)}
        entries: list[tuple[int, int, float]] = [(number, 0, -slope[row]) for row, number in position.items()]
        limits = [constant[row] for row in used]
        for column, (rows, work) in enumerate(zip(columns.rows, columns.work, strict=True)):
            entries += [
                (position[row], 1 + column, value) for row, value in zip(rows.tolist(), work.tolist(), strict=True)
            ]
        by_demand: dict[int, list[int]] = {}
        for column, demand in enumerate(columns.demand):
            by_demand.setdefault(demand, []).append(1 + column)

        def row_of(members: Sequence[int], sign: float, limit: float, unit: int) -> None:
            number = len(limits)
            entries.extend((number, member, sign) for member in members)
            if unit in place:
                entries.append((number, place[unit], -sign * limit))
                limits.append(0.0)
            else:
                limits.append(sign * limit)

        vehicles: dict[int, list[int]] = {}
        for index, wanted in enumerate(self.demands):
            members = by_demand.get(index, [])
            if wanted.element == "troops":
                row_of(members, -1.0, wanted.quantity, wanted.unit)
            else:
                row_of(members, 1.0, wanted.quantity, wanted.unit)
                vehicles.setdefault(wanted.unit, []).extend(members)
        for unit, members in vehicles.items():
            row_of(members, -1.0, plan.units[unit].vehicles_needed, unit)
        if self.required is not None:
            entries += [(len(limits), place[unit], -float(plan.units[unit].troops)) for unit in units]
            limits.append(-float(self.required))
        matrix = matrix_of(entries, len(limits), 1 + count + len(units))
        cost = np.zeros(matrix.shape[1])
        cost[0] = 1.0
        least = None if math.isinf(low) else low
        bounds = [(least, None), *([(0.0, None)] * count), *([(0.0, 1.0)] * len(units))]
        found = minimise(cost, bounds, at_most=(matrix, np.array(limits)))
        prices = np.zeros(len(slope))
        if found.status != "optimal":
            return math.inf, prices
        prices[used] = found.duals[: len(used)]
        self.shares = found.x[1 : 1 + count]
        return found.value, prices

    def priced(self, prices: NDArray[np.float64], hour: float) -> tuple[str, tuple[Price, ...]]:
        """What binds, and days for each unit of capacity: dT = price x the hours that one more unit gives."""
        worth: dict[tuple[str, str], list[float]] = {}
        for entry, price in zip(self.network.resources, prices.tolist(), strict=True):
            if price <= 1e-9:
                continue
            hours = entry.hours(hour) - entry.slack_h  # faster gates let the last serial pass faster as well
            gain = price * (hours / entry.capacity) * (entry.work_share or 1.0)
            kind = "fleet" if entry.kind in ("last", "crew") else entry.kind
            found = worth.setdefault((kind, entry.name), [entry.capacity, 0.0])
            found[1] += gain / HOURS_PER_DAY
            if entry.kind == "fleet":
                found[0] = entry.capacity
        attribute = {(e.kind, e.name): e.attribute for e in self.network.resources}
        listed = [
            Price(name, kind, attribute.get((kind, name), "groups"), capacity, gain)
            for (kind, name), (capacity, gain) in worth.items()
        ]
        listed.sort(key=lambda entry: (-entry.days_per_unit * entry.capacity, entry.element))
        return (listed[0].element if listed else ""), tuple(listed)
