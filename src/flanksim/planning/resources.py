"""The numbered resources of a plan: gates, servers, stores, pools and distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from flanksim.network.elements import Edge
from flanksim.network.graph import windows_of
from flanksim.network.lift import DEFAULT_SPEED_KMH, group_capacity
from flanksim.network.physics import Physics
from flanksim.planning.plan import Asset, Gate, OutageGroup, Pool, Server, Store, Workshop
from flanksim.scenario.distributions import Distribution, distribution_of, triangular
from flanksim.scenario.rows import Fleet
from flanksim.scenario.schema import Scenario
from flanksim.units import DAYS_PER_YEAR, HOURS_PER_DAY, available_hour, hours


@dataclass(slots=True)
class Resources:
    """Registry that gives each thing a number when it is first used."""

    physics: Physics
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
    _places: list[dict[str, int]] = field(default_factory=list)
    _distribution: dict[Distribution, int] = field(default_factory=dict)

    @property
    def scenario(self) -> Scenario:
        """The scenario whose plan this is."""
        return self.physics.scenario

    def gate(self, edge: Edge) -> int:
        """Number of the gate of one direction; single track has one gate for both."""
        key = (edge.link_id, edge.shared or edge.forward)
        if key not in self._gate:
            name = edge.link_id if edge.shared else f"{edge.link_id}:{edge.from_node}>{edge.to_node}"
            self._gate[key] = len(self.gates)
            self.gates.append(Gate(name, edge.mode, edge.opposing_clearance_hours, edge.closed))
        return self._gate[key]

    def server(self, kind: str, place: str) -> int:
        """Number of the servers of a facility; -1 where there is none."""
        key = (kind, place)
        if key not in self._server:
            facility = self.physics.network.facilities.get(key)
            if facility is None:
                return -1
            self._server[key] = len(self.servers)
            servers = facility.servers
            if kind == "assembly":  # its teams work together on one unit after the other, see `Programs.closing`
                servers = min(1.0, servers)
            self.servers.append(Server(f"{kind}:{place}", kind, servers, facility.shut))
        return self._server[key]

    def pace(self, kind: str, place: str) -> int:
        """Number of the server behind which serials leave a place one after the other, or a stock, at a daily pace."""
        key = (kind, place)
        if key not in self._server:
            self._server[key] = len(self.servers)
            self.servers.append(Server(f"{kind}:{place}", kind, 1.0, ()))
        return self._server[key]

    def store(self, kind: str, place: str) -> int:
        """Number of the storage of a facility; -1 where it is unlimited."""
        facility = self.physics.network.facilities.get((kind, place))
        if facility is None or facility.storage is None:
            return -1
        key = f"{kind}:{place}"
        if key not in self._store:
            self._store[key] = len(self.stores)
            self.stores.append(Store(key, facility.storage))
        return self._store[key]

    def pool(self, name: str) -> int:
        """Number of a pool of lift; its places stand in it when all are known (`finished_pools`)."""
        if name not in self._pool:
            lift = self.physics.lift[name]
            homes = dict.fromkeys(fleet.home_node for _, fleet in lift.fleets)
            places = {place: number for number, place in enumerate(homes)}
            assets, warning = [], self.scenario.question.warning_days
            for (key, fleet), count in zip(lift.fleets, lift.groups, strict=True):
                workshop = self._workshop(key, fleet)
                assets += [
                    Asset(
                        fleet=key,
                        index=index,
                        place=places[fleet.home_node],
                        available_h=max(0.0, available_hour(fleet.available_typical_day - warning)),
                        activation=fleet.activation_typical if self.scenario.mechanisms.activation else 1.0,
                        capacity=group_capacity(fleet),
                        speed_kmh=fleet.speed_kmh or DEFAULT_SPEED_KMH,
                        hours_per_day=fleet.hours_per_day or HOURS_PER_DAY,
                        workshop=workshop,
                        away=windows_of(fleet.closures),
                    )
                    for index in range(count)
                ]
            self._pool[name] = len(self.pools)
            self.pools.append(Pool(name, lift.kind, tuple(assets), (), ()))
            self._places.append(places)
        return self._pool[name]

    def _workshop(self, key: str, fleet: Fleet) -> int:
        """Number of a fleet's workshop; -1 where its assets do not fail."""
        if not self.scenario.mechanisms.breakdowns or fleet.days_between_failures is None:
            return -1
        repair = distribution_of(0.0 if fleet.repair_hours is None else fleet.repair_hours)
        fitters = math.inf if fleet.fitters is None else float(fleet.fitters)
        self.workshops.append(Workshop(key, hours(fleet.days_between_failures), repair, fitters))
        return len(self.workshops) - 1

    def can_shut(self, edge: Edge) -> bool:
        """Whether the link may be shut at some time, so that a way round is worth preparing."""
        if edge.closed:
            return True
        outages = self.scenario.outages.values()
        return self.scenario.mechanisms.outages and any(row.applies_to == edge.mode for row in outages)

    def pool_place(self, pool: int, place: str) -> int:
        """Number of `place` among the places of a pool, added if it is new."""
        places = self._places[pool]
        return places.setdefault(place, len(places))

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
                edge = self.physics.network.links[link][0]
                if outage.applies_to == edge.mode:
                    for group in self._groups(edge, outage.scope):
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

    def _groups(self, edge: Edge, scope: str) -> list[str]:
        """What one cause hits together with this link: itself, or all of a country or region that it touches."""
        return [edge.link_id] if scope == "link" else self._areas([edge.from_node, edge.to_node], scope)

    def _areas(self, places: list[str], scope: str) -> list[str]:
        nodes = [self.physics.network.places[place] for place in places]
        return sorted({node.country if scope == "country" else node.regional_plan for node in nodes} - {""})

    def finished_pools(self) -> tuple[Pool, ...]:
        """Pools with their places and the lengths of their empty runs."""
        found = []
        for entry, places in zip(self.pools, self._places, strict=True):
            lift = self.physics.lift[entry.name]
            speed = max((asset.speed_kmh for asset in entry.assets), default=DEFAULT_SPEED_KMH)
            between = tuple(
                tuple(lift.positioning_km(self.physics.network, one, two, speed) for two in places) for one in places
            )
            found.append(replace(entry, places=tuple(places), position_km=between))
        return tuple(found)
