"""The numbered resources of a plan: gates, servers, stores, pools and distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flanksim.network.state import LinkState, civil_share, great_circle_km
from flanksim.planning.plan import Asset, Distribution, Gate, OutageGroup, Pool, Server, Store, Windows, Workshop
from flanksim.scenario.rows import Duration, Exponential, Facility, Fleet, Trace, Triangular, Window
from flanksim.scenario.schema import Scenario
from flanksim.units import DAYS_PER_YEAR, HOURS_PER_DAY, available_hour, hours

#: Empty runs between two places are this much longer than the great circle.
CIRCUITY = 1.3


@dataclass(slots=True)
class Resources:
    """Registry that gives each thing a number when it is first used."""

    scenario: Scenario
    states: dict[str, LinkState]
    facilities: dict[tuple[str, str], Facility]
    gates: list[Gate] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    distributions: list[Distribution] = field(default_factory=list)
    workshops: list[Workshop] = field(default_factory=list)
    _gate: dict[tuple[str, bool], int] = field(default_factory=dict)
    _server: dict[tuple[str, str], int] = field(default_factory=dict)
    _store: dict[str, int] = field(default_factory=dict)
    _pool: dict[str, int] = field(default_factory=dict)
    _distribution: dict[Distribution, int] = field(default_factory=dict)

    def gate(self, state: LinkState, forward: bool) -> int:
        """Number of the gate for one direction; single track has one gate for both."""
        link = self.scenario.links[state.link_id]
        shared = state.shared
        key = (state.link_id, True if shared else forward)
        if key not in self._gate:
            ends = (state.from_node, state.to_node) if forward else (state.to_node, state.from_node)
            name = state.link_id if shared else f"{state.link_id}:{ends[0]}>{ends[1]}"
            self._gate[key] = len(self.gates)
            self.gates.append(Gate(name, state.mode, link.opposing_clearance_hours, _windows(link.closures)))
        return self._gate[key]

    def server(self, kind: str, place: str) -> int:
        """Number of the servers of a facility; -1 where there is none."""
        key = (kind, place)
        if key not in self._server:
            facility = self.facilities.get(key)
            if facility is None:
                return -1
            self._server[key] = len(self.servers)
            self.servers.append(Server(f"{kind}:{place}", kind, self._count(kind, facility), self._closed(facility)))
        return self._server[key]

    def _count(self, kind: str, facility: Facility) -> float:
        """Servers left to the military: whole ones, and at least one where there is any."""
        if facility.servers_typical is None or not self.scenario.mechanisms.servers:
            return math.inf
        what = {"berth": "berth", "stand": "stand"}.get(kind, kind)
        net = facility.servers_typical * (1.0 - civil_share(self.scenario, what))
        return float(max(1, math.floor(net + 0.5))) if facility.servers_typical > 0 else 0.0

    def _closed(self, facility: Facility) -> Windows:
        windows = list(_windows(facility.closures))
        opens, closes = facility.opens_hour, facility.closes_hour
        if opens is not None and closes is not None and self.scenario.mechanisms.opening_hours and opens < closes:
            days_ = math.ceil(self.scenario.question.horizon_days) + 1
            for day in range(days_):
                start = day * HOURS_PER_DAY
                windows.append((start, start + opens))
                windows.append((start + closes, start + HOURS_PER_DAY))
        return _united(windows)

    def store(self, kind: str, place: str) -> int:
        """Number of the storage of a facility; -1 where it is unlimited."""
        facility = self.facilities.get((kind, place))
        if facility is None or facility.storage_typical is None or not self.scenario.mechanisms.storage:
            return -1
        key = f"{kind}:{place}"
        if key not in self._store:
            self._store[key] = len(self.stores)
            self.stores.append(Store(key, facility.storage_typical))
        return self._store[key]

    def pool(self, name: str) -> int:
        """Number of a pool of lift; its places are those of its fleets until others are added."""
        if name not in self._pool:
            fleets = [(key, fleet) for key, fleet in sorted(self.scenario.fleets.items()) if fleet.pool == name]
            places = tuple(dict.fromkeys(fleet.home_node for _, fleet in fleets))
            workshops = {key: self._workshop(key, fleet) for key, fleet in fleets}
            assets = [
                Asset(
                    key,
                    places.index(fleet.home_node),
                    available_hour(fleet.available_typical_day),
                    fleet.activation_typical if self.scenario.mechanisms.activation else 1.0,
                    workshops[key],
                )
                for key, fleet in fleets
                for _ in range(int(fleet.count_typical // fleet.group_size))
            ]
            first = fleets[0][1]
            hours_per_day = min((fleet.hours_per_day or HOURS_PER_DAY) for _, fleet in fleets)
            self._pool[name] = len(self.pools)
            self.pools.append(Pool(name, first.kind, group_capacity(first), tuple(assets), places, (), hours_per_day))
        return self._pool[name]

    def _workshop(self, key: str, fleet: Fleet) -> int:
        """Number of a fleet's workshop; -1 where its assets do not fail."""
        if not self.scenario.mechanisms.breakdowns or fleet.days_between_failures is None:
            return -1
        repair = distribution_of(0.0 if fleet.repair_hours is None else fleet.repair_hours)
        fitters = math.inf if fleet.fitters is None else float(fleet.fitters)
        self.workshops.append(Workshop(key, hours(fleet.days_between_failures), repair, fitters))
        return len(self.workshops) - 1

    def can_shut(self, link: str) -> bool:
        """Whether the link may be shut at some time, so that a way round is worth preparing."""
        entry, mechanisms = self.scenario.links[link], self.scenario.mechanisms
        if entry.closures:
            return True
        return mechanisms.outages and any(row.applies_to == entry.mode for row in self.scenario.outages.values())

    def pool_place(self, pool: int, place: str) -> int:
        """Number of `place` among the places of a pool, added if it is new."""
        entry = self.pools[pool]
        if place not in entry.places:
            self.pools[pool] = Pool(
                entry.name,
                entry.kind,
                entry.capacity,
                entry.assets,
                (*entry.places, place),
                (),
                entry.hours_per_day,
            )
        return self.pools[pool].places.index(place)

    def distribution(self, entry: Distribution) -> int:
        """Number of a distribution."""
        if entry not in self._distribution:
            self._distribution[entry] = len(self.distributions)
            self.distributions.append(entry)
        return self._distribution[entry]

    def outages(self) -> tuple[OutageGroup, ...]:
        """Outage groups over the gates and berths of the plan; none where the mechanism is off."""
        if not self.scenario.mechanisms.outages:
            return ()
        found = []
        for key, outage in sorted(self.scenario.outages.items()):
            gates: dict[str, list[int]] = {}
            for (link, _), number in self._gate.items():
                if outage.applies_to == self.scenario.links[link].mode:
                    for group in self._groups(link, outage.scope):
                        gates.setdefault(group, []).append(number)
            servers: dict[str, list[int]] = {}
            for (kind, place), number in self._server.items():
                if outage.applies_to == "port" and kind == "berth":
                    for group in self._areas([place], outage.scope) if outage.scope != "link" else [place]:
                        servers.setdefault(group, []).append(number)
            repair = triangular(outage.repair_low_hours, outage.repair_typical_hours, outage.repair_high_hours)
            rate = outage.rate_per_year / (DAYS_PER_YEAR * HOURS_PER_DAY)
            found += [
                OutageGroup(f"{key} {group}", tuple(gates.get(group, ())), tuple(servers.get(group, ())), rate, repair)
                for group in sorted({*gates, *servers})
            ]
        return tuple(found)

    def _groups(self, link: str, scope: str) -> list[str]:
        """What one cause hits together with this link: itself, or all of a country or region that it touches."""
        ends = [self.scenario.links[link].from_node, self.scenario.links[link].to_node]
        return [link] if scope == "link" else self._areas(ends, scope)

    def _areas(self, places: list[str], scope: str) -> list[str]:
        nodes = [self.scenario.nodes[place] for place in places]
        return sorted({node.country if scope == "country" else node.regional_plan for node in nodes} - {""})

    def finished_pools(self) -> tuple[Pool, ...]:
        """Pools with the times of their empty runs filled in."""
        return tuple(
            Pool(
                entry.name,
                entry.kind,
                entry.capacity,
                entry.assets,
                entry.places,
                self._positions(entry),
                entry.hours_per_day,
            )
            for entry in self.pools
        )

    def _positions(self, pool: Pool) -> tuple[tuple[float, ...], ...]:
        speeds = [fleet.speed_kmh for fleet in self.scenario.fleets.values() if fleet.pool == pool.name]
        speed = next((value for value in speeds if value), 40.0)
        nodes = [self.scenario.nodes[place] for place in pool.places]
        return tuple(
            tuple(
                0.0
                if a is b or None in (a.lat, a.lon, b.lat, b.lon)
                else CIRCUITY * great_circle_km(a.lat, a.lon, b.lat, b.lon) / speed  # type: ignore[arg-type]
                for b in nodes
            )
            for a in nodes
        )


def carriers(scenario: Scenario, kind: str, element: str, waters: str) -> list[Fleet]:
    """Fleets of a kind that carry an element, make at least one group and, if ships, sail in `waters`; by id."""
    return [
        fleet
        for _, fleet in sorted(scenario.fleets.items())
        if fleet.kind == kind
        and element in fleet.carries
        and fleet.count_typical >= fleet.group_size
        and (kind != "ship" or waters in fleet.waters or not fleet.waters)
    ]


def group_capacity(fleet: Fleet) -> float:
    """What one group carries: vehicles, troops, or lane metres that can really be used."""
    return fleet.capacity * fleet.stow_factor


def distribution_of(value: Duration) -> Distribution:
    """A scenario's duration as a distribution of hours."""
    if isinstance(value, Triangular):
        return Distribution("triangular", (value.low, value.typical, value.high))
    if isinstance(value, Exponential):
        return Distribution("exponential", (value.exponential,))
    if isinstance(value, Trace):
        return Distribution("trace", value.trace)
    return Distribution("constant", (float(value),))


def triangular(low: float | None, typical: float, high: float | None) -> Distribution:
    """Triangular between low and high, or a constant where there is no range."""
    a, c = (typical if low is None else low), (typical if high is None else high)
    return Distribution("constant", (typical,)) if a == c else Distribution("triangular", (a, typical, c))


def _windows(closures: tuple[Window, ...]) -> Windows:
    return tuple((window.from_hour, window.to_hour) for window in closures)


def _united(windows: list[tuple[float, float]]) -> Windows:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(window for window in windows if window[1] > window[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
