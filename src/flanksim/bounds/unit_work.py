"""The least time and the least work of one piece on one arc, from the same tables as the planner's programs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flanksim.bounds.inputs import Inputs
from flanksim.modes import WAYS, mode_of
from flanksim.network.admissible import LoadClass
from flanksim.network.elements import CAPACITIES, Edge
from flanksim.network.layers import Leg
from flanksim.network.lift import carriers
from flanksim.network.physics import Physics, Running
from flanksim.planning.plan import Pool
from flanksim.planning.resources import Resources
from flanksim.scenario.rows import Fleet
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY

#: Servers or assets, from which hour on.
Groups = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Use:
    """Work of one piece at one resource.

    Attributes
    ----------
    kind
        ``gate``, ``server``, ``fleet``, ``crew`` (daily hours of a fleet) or ``last`` (last loads of a fleet).
    number
        Number of the gate, server or pool among the resources of the scenario.
    before_h, after_h
        Least time on the arc before and after the work.
    slack_h
        Work of the largest serial, where the last one's may end after the window.
    edge
        The edge whose entrance it is.
    """

    kind: str
    name: str
    attribute: str
    number: int
    work: float
    before_h: float = 0.0
    after_h: float = 0.0
    slack_h: float = 0.0
    edge: Edge | None = None


@dataclass
class UnitWork:
    """Least times and works on one network, under one set of inputs."""

    inputs: Inputs
    resources: Resources
    _links: dict[tuple[str, str, str, str, str], tuple[float, float, float, list[Use]]] = field(default_factory=dict)
    _pools: dict[tuple[object, ...], list[str]] = field(default_factory=dict)
    _kinds: dict[str, list[Pool]] = field(default_factory=dict)
    _crews: dict[str, float] = field(default_factory=dict)

    @property
    def physics(self) -> Physics:
        """Times and sizes."""
        return self.resources.physics

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.resources.scenario

    # ---- lift ---------------------------------------------------------------------------------

    def pool(self, name: str) -> Pool:
        """A pool by name."""
        return self.resources.pools[self.resources.pool(name)]

    def pools(self, layer: str, load: LoadClass, leg: Leg | None, *, place: str = "") -> list[str]:
        """Pools of lift for a layer; ``[""]`` where none is needed, none where there is no lift."""
        mode, _, rest = layer.partition(":")
        lift = self.scenario.mechanisms.lift
        way = WAYS[mode]
        if not way.lift or (mode != "sea" and not lift):
            return [""]
        if way.queue == "pool":
            return [rest]
        link = leg.link_id if leg is not None else ""
        ends = ((leg.from_node, leg.to_node) if leg is not None else (place,)) if mode in ("sea", "air") else ()
        key = (layer, load.element, link, ends, leg.from_node if leg is not None else place)
        if key not in self._pools:
            kind = way.lift
            start = leg.from_node if leg is not None else place
            lanes = [self.physics.network.edge(link, leg.forward)] if leg is not None and link else []
            at = () if lanes else ends
            names = [
                entry.name
                for entry in carriers(self.physics.lift, self.scenario, kind, load.element, rest, start)
                if not self.scenario.mechanisms.admissibility or self._fits(entry.fleets[0][1], leg, lanes, at)
            ]
            if way.load == "group":
                every = [entry.name for entry in self.physics.lift.values() if entry.kind == kind]
                self._kinds.setdefault(kind, [self.pool(name) for name in every])
                names = [kind] if names else []
            self._pools[key] = names if names or lift else [""]
        return self._pools[key]

    def _fits(self, fleet: Fleet, leg: Leg | None, lanes: list[Edge], ends: tuple[str, ...]) -> bool:
        """Whether ships or aircraft suit a lane, or the ends of a flight and its length."""
        reached = leg is None or leg.link_id or self.physics.in_range(fleet, leg.from_node, leg.to_node)
        return bool(reached) and self.physics.fits(fleet, lanes, ends)

    def _lift(self, mode: str, element: str, pool: str, held_h: float, back_h: float, *, last: bool) -> list[Use]:
        """Hours of lift for one piece: held, and (but for a last load) coming back empty."""
        if not pool or not self.scenario.mechanisms.lift:
            return []
        share = self.physics.load_share(mode, element, pool)
        work = held_h if last else held_h + back_h
        uses = [Use("fleet", pool, "groups", 0, work * share)] if work > 0 else []
        if WAYS[mode].queue != "pool":
            limit = self._crew_hours_per_day(pool)
            if limit < HOURS_PER_DAY:
                crew = held_h if last else (held_h + back_h) * HOURS_PER_DAY / limit
                if back_h > 0 and crew > 0:
                    uses.append(Use("crew", pool, "groups", 0, crew * share))
        return uses

    def _crew_hours_per_day(self, pool: str) -> float:
        """Hours a day of the asset of a pool, or of a kind of pools, that works longest."""
        if pool not in self._crews:
            pools = self._kinds.get(pool) or [self.pool(pool)]
            hours = (asset.hours_per_day for entry in pools for asset in entry.assets)
            self._crews[pool] = max(hours, default=HOURS_PER_DAY)
        return self._crews[pool]

    # ---- arcs ---------------------------------------------------------------------------------

    def travel(self, layer: str, element: str, pool: str, leg: Leg, *, last: bool) -> tuple[float, list[Use]]:
        """Least hours over a link (or flight), its border included, and the work on the way."""
        mode = mode_of(layer)
        if not leg.link_id:
            low, typical = self._readings(self.physics.flight(leg.from_node, leg.to_node, pool))
            held, uses = low, list[Use]()
        else:
            key = (leg.link_id, leg.from_node, mode, element, pool if mode == "sea" else "")
            if key not in self._links:
                self._links[key] = self._link(mode, element, pool, leg)
            held, low, typical, uses = self._links[key]
        return held, [*uses, *self._lift(mode, element, pool, held, typical, last=last)]

    def _link(self, mode: str, element: str, pool: str, leg: Leg) -> tuple[float, float, float, list[Use]]:
        edge = self.physics.network.edge(leg.link_id, leg.forward)
        low, typical = self._readings(self.physics.running(edge, mode, pool))
        border, uses = 0.0, list[Use]()
        if edge.border is not None:
            border, uses = self.facility(edge.border_kind, leg.link_id, 1.0 / self.physics.largest(mode, element), low)
        number = self.resources.gate(edge)
        name = self.resources.gates[number].name
        work, slack = self._occupancy(edge, mode, element, pool)
        if work > 0:
            other = "serials_per_day" if self.physics.by_headway(edge, mode) else "vehicles_per_hour"
            attribute = CAPACITIES[edge.mode] if WAYS[mode].queue == "pool" else other
            uses = [*uses, Use("gate", name, attribute, number, work, border, low, slack, edge)]
        return border + low, low, typical, uses

    def _readings(self, running: Running | None) -> tuple[float, float]:
        """Lowest and typical running time; empties come back in the typical one."""
        if running is None:
            return 0.0, 0.0
        return running.hours * self.inputs.hours(running.factor), running.typical

    def _occupancy(self, edge: Edge, mode: str, element: str, pool: str) -> tuple[float, float]:
        """Hours of the entrance for one piece, and for the largest serial."""
        if not self.scenario.mechanisms.gates:
            return 0.0, 0.0
        if not self.physics.by_headway(edge, mode):
            return self.physics.occupancy_of_piece(edge, mode, element)
        headway = self.physics.headway_hours(edge)
        if mode == "sea":
            return headway * (self.physics.load_share(mode, element, pool) if pool else 0.0), headway
        return headway / self.physics.largest(mode, element), headway

    def facility(
        self, kind: str, place: str, share: float, after_h: float = 0.0, element: str = "troops"
    ) -> tuple[float, list[Use]]:
        """Least handling time at a facility, and the work of one piece; nothing where there is none."""
        entry = self.physics.facility(kind, place)
        if entry is None:
            return 0.0, []
        hours = self.inputs.hours(self.physics.handling(kind, entry, element))
        number = self.resources.server(kind, place)
        return hours, [Use("server", f"{kind}:{place}", "servers", number, hours * share, 0.0, after_h)]

    def transfer(
        self, layer: str, element: str, pool: str, place: str, *, boards: bool, last: bool
    ) -> tuple[float, list[Use]]:
        """Boarding or leaving a mode."""
        mode = mode_of(layer)
        hours, held, uses = 0.0, 0.0, list[Use]()
        if mode == "sea" and self.scenario.mechanisms.handling:
            hours, held, uses = self._berth(element, pool, place, boards=boards)
        elif WAYS[mode].terminal:
            share = 1.0 / self.physics.largest(mode, element)
            hours, uses = self.facility(WAYS[mode].terminal, place, share, element=element)
            held = hours
        elif (boarding := self.physics.boarding(mode)) is not None:
            hours = held = self.inputs.hours(boarding)
        uses = [*uses, *self._lift(mode, element, pool, held, 0.0, last=last)]
        return hours, [*uses, *(self._last(mode, element, pool) if boards and last else [])]

    def _last(self, mode: str, element: str, pool: str) -> list[Use]:
        if not pool or not self.scenario.mechanisms.lift:
            return []
        return [Use("last", pool, "groups", 0, self.physics.load_share(mode, element, pool))]

    def _berth(self, element: str, pool: str, place: str, *, boards: bool) -> tuple[float, float, list[Use]]:
        """Least hours at a berth, hours for which a load's ship is held, and the berth's work for one piece.

        A ship's hours are its own, whatever it carries, or so many for each piece. A piece may be
        the first to leave a ship, and the ship may carry little: then neither costs it any time.
        """
        entry = self.physics.facility("berth", place)
        share = self.physics.load_share("sea", element, pool)
        if entry is not None and entry.handling is not None:
            held = self.inputs.hours(entry.handling)
            hours = held if boards else 0.0
            work = held * share if pool else 0.0
        else:
            per_piece, factor = self.physics.berth_hours_per_piece()
            work = self.inputs.hours(factor) * per_piece
            hours, held = 0.0, work / share
        number = self.resources.server("berth", place)
        return hours, held, [Use("server", f"berth:{place}", "servers", number, work)] if number >= 0 else []

    def change(
        self, element: str, place: str, here: tuple[str, bool], there: tuple[str, bool]
    ) -> tuple[float, list[Use]]:
        """From one train to another; both are held while the load changes wagons."""
        hours, uses = self.facility("gauge_change", place, 1.0 / self.physics.largest("rail", element))
        for pool, last in (here, there):
            uses = [*uses, *self._lift("rail", element, pool, hours, 0.0, last=last)]
        return hours, [*uses, *(self._last("rail", element, there[0]) if there[1] else [])]

    # ---- limits -------------------------------------------------------------------------------

    def resource(self, use: Use) -> tuple[float, Groups, float] | None:
        """Capacity, servers or assets with their first hours, and the share of work that capacity shrinks.

        None where the resource does not limit; no groups where it has no capacity at all.
        """
        if use.kind == "gate":
            if not math.isfinite(use.work):
                return 0.0, (), 0.0
            return self._gate(use)
        if use.kind == "server":
            servers = self.resources.servers[use.number].servers
            return None if math.isinf(servers) else (servers, ((servers, 0.0),) if servers > 0 else (), 0.0)
        counts = 0
        pieces: dict[float, float] = {}
        for pool in self._kinds.get(use.name) or [self.pool(use.name)]:
            for asset in self.inputs.present(pool):
                counts += 1
                each = asset.capacity if use.name in self._kinds else 1.0
                pieces[asset.available_h] = pieces.get(asset.available_h, 0.0) + each
        groups = tuple((pieces[hour], hour) for hour in sorted(pieces))
        total = sum(pieces.values()) if use.kind == "last" else float(counts)
        return total, groups, 0.0

    def _gate(self, use: Use) -> tuple[float, Groups, float]:
        """A gate has one entrance; its capacity is what it admits in a day (rail, sea) or an hour (road)."""
        if use.attribute != "vehicles_per_hour" or use.edge is None:
            return HOURS_PER_DAY / use.slack_h, ((1.0, 0.0),), 1.0
        return use.edge.capacity, ((1.0, 0.0),), self.physics.share_of_stream(use.edge)
