"""The least time and the least work of one piece on one arc, from the same tables as the planner's programs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flanksim.bounds.inputs import Inputs
from flanksim.network.admissible import LoadClass
from flanksim.network.lift import carriers, flight_load, rail_pools, train_load
from flanksim.network.routes import TERMINALS, Leg
from flanksim.network.state import LinkState, headway_hours
from flanksim.planning.plan import Pool
from flanksim.planning.program import _HOURS
from flanksim.planning.resources import Resources
from flanksim.scenario.distributions import Distribution, distribution_of, triangular
from flanksim.scenario.geometry import great_circle_km
from flanksim.scenario.rows import Facility, Fleet
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, MINUTES_PER_HOUR

_KINDS = {"sea": "ship", "air": "aircraft", "het": "het", "coach": "coach"}
_COLUMNS = {"troops": "troops_per_coach_serial", "heavy": "vehicles_per_het_serial"}
_LANES = {"heavy": "lane_m_per_heavy_vehicle", "cargo": "lane_m_per_container"}
#: Soldiers in one coach, as the planner counts them.
_SEATS = 50.0

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
    """

    kind: str
    name: str
    attribute: str
    number: int
    work: float
    before_h: float = 0.0
    after_h: float = 0.0
    slack_h: float = 0.0


@dataclass
class Least:
    """Least times and works under one scenario's tables and one set of inputs."""

    scenario: Scenario
    inputs: Inputs
    states: dict[str, LinkState]
    facilities: dict[tuple[str, str], Facility]
    resources: Resources
    _links: dict[tuple[str, str, str, str, str], tuple[float, float, float, list[Use]]] = field(default_factory=dict)
    _pools: dict[tuple[object, ...], list[str]] = field(default_factory=dict)
    _kinds: dict[str, list[Pool]] = field(default_factory=dict)

    # ---- sizes --------------------------------------------------------------------------------

    def value(self, name: str, default: float = math.inf) -> float:
        """Typical value of a parameter, `default` where the scenario has none."""
        row = self.scenario.parameters.get(name)
        return default if row is None else row.typical

    def size(self, mode: str, element: str) -> float:
        """Pieces of the largest serial that any way of loading can put on this mode."""
        trains = rail_pools(self.resources.lift, self.scenario, element).values()
        train = max((train_load(self.scenario, lift, element) for lift in trains or [None]), default=1.0)
        if mode == "rail":
            return max(1.0, train)
        aircraft = [lift for lift in self.resources.lift.values() if lift.kind == "aircraft"]
        flight = 0.0
        if element == "troops" and "troops_per_flight" in self.scenario.parameters:
            flight = max(flight_load(self.scenario, lift) for lift in [None, *aircraft])
        if mode == "air":
            return max(1.0, flight)
        column = self.value(_COLUMNS.get(element, "march_serial_vehicles"))
        return max(1.0, math.ceil(max(column, train, flight)))

    def load_share(self, mode: str, element: str, pool: str) -> float:
        """Share of one load of lift that one piece takes; transporters and coaches are counted in pieces."""
        if mode == "sea":
            return 1.0 if not pool else min(1.0, self.lane_m(element) / self.resources.lift[pool].capacity)
        if mode in ("het", "coach"):
            return 1.0
        lift = self.resources.lift.get(pool)
        if lift is None:
            return 1.0 / self.size(mode, element)
        return 1.0 / (train_load(self.scenario, lift, element) if mode == "rail" else flight_load(self.scenario, lift))

    def lane_m(self, element: str) -> float:
        """Lane metres of one piece on a ship."""
        default = self.value("lane_m_per_vehicle", 0.0)
        return self.value(_LANES[element], default) if element in _LANES else default

    # ---- lift ---------------------------------------------------------------------------------

    def pool(self, name: str) -> Pool:
        """A pool by name."""
        return self.resources.pools[self.resources.pool(name)]

    def pools(self, layer: str, load: LoadClass, leg: Leg | None, *, place: str = "") -> list[str]:
        """Pools of lift for a layer; ``[""]`` where none is needed, none where there is no lift."""
        mode, _, rest = layer.partition(":")
        lift = self.scenario.mechanisms.lift
        if mode == "march" or (mode != "sea" and not lift):
            return [""]
        if mode == "rail":
            return [rest]
        link = leg.link_id if leg is not None else ""
        ends = ((leg.from_node, leg.to_node) if leg is not None else (place,)) if mode in ("sea", "air") else ()
        key = (layer, load.element, link, ends, leg.from_node if leg is not None else place)
        if key not in self._pools:
            kind = _KINDS[mode]
            start = leg.from_node if leg is not None else place
            names = [
                entry.name
                for entry in carriers(self.resources.lift, self.scenario, kind, load.element, rest, start)
                if not self.scenario.mechanisms.admissibility or self._fits(entry.fleets[0][1], link, ends)
            ]
            if mode in ("het", "coach"):
                every = [entry.name for entry in self.resources.lift.values() if entry.kind == kind]
                self._kinds.setdefault(kind, [self.pool(name) for name in every])
                names = [kind] if names else []
            self._pools[key] = names if names or lift else [""]
        return self._pools[key]

    def _fits(self, fleet: Fleet, link: str, ends: tuple[str, ...]) -> bool:
        if fleet.draught_m is not None:
            depths = [self.states[link].max_draught_m] if link else []
            berths = [self.facilities.get(("berth", end)) for end in ends]
            depths += [b.max_draught_m for b in berths if b is not None and b.max_draught_m is not None and not link]
            if depths and fleet.draught_m > min(depths):
                return False
        if fleet.min_runway_m is not None:
            stands = [self.facilities.get(("stand", end)) for end in ends]
            return all(s.runway_m >= fleet.min_runway_m for s in stands if s is not None and s.runway_m is not None)
        return True

    def _lift(self, mode: str, element: str, pool: str, held_h: float, back_h: float, *, last: bool) -> list[Use]:
        """Hours of lift for one piece: held, and (but for a last load) coming back empty."""
        if not pool or not self.scenario.mechanisms.lift:
            return []
        share = self.load_share(mode, element, pool)
        work = held_h if last else held_h + back_h
        uses = [Use("fleet", pool, "groups", 0, work * share)] if work > 0 else []
        if mode in ("air", "het", "coach", "sea"):
            pools = self._kinds.get(pool) or [self.pool(pool)]
            limit = max((asset.hours_per_day for entry in pools for asset in entry.assets), default=HOURS_PER_DAY)
            if limit < HOURS_PER_DAY:
                crew = held_h if last else (held_h + back_h) * HOURS_PER_DAY / limit
                if back_h > 0 and crew > 0:
                    uses.append(Use("crew", pool, "groups", 0, crew * share))
        return uses

    # ---- arcs ---------------------------------------------------------------------------------

    def travel(self, layer: str, element: str, pool: str, leg: Leg, *, last: bool) -> tuple[float, list[Use]]:
        """Least hours over a link (or flight), its border included, and the work on the way."""
        mode = layer.partition(":")[0]
        if not leg.link_id:
            low, typical = self._flight(leg)
            held, uses = low, list[Use]()
        else:
            key = (leg.link_id, leg.from_node, mode, element, pool if mode == "sea" else "")
            if key not in self._links:
                self._links[key] = self._link(mode, element, pool, leg)
            held, low, typical, uses = self._links[key]
        return held, [*uses, *self._lift(mode, element, pool, held, typical, last=last)]

    def _link(self, mode: str, element: str, pool: str, leg: Leg) -> tuple[float, float, float, list[Use]]:
        state = self.states[leg.link_id]
        low, typical = self._running(state, mode)
        border, uses = 0.0, list[Use]()
        if state.crosses_border and self.scenario.mechanisms.borders:
            border, uses = self.facility(f"border_{state.mode}", leg.link_id, 1.0 / self.size(mode, element), low)
        number = self.resources.gate(state, leg.forward)
        name = self.resources.gates[number].name
        work, slack = self._occupancy(state, mode, element, pool)
        if work > 0:
            rail = mode in ("rail", "sea") or self.scenario.links[leg.link_id].headway_hours is not None
            attribute = "trains_per_day" if mode == "rail" else "serials_per_day" if rail else "vehicles_per_hour"
            uses = [*uses, Use("gate", name, attribute, number, work, border, low, slack)]
        return border + low, low, typical, uses

    def _running(self, state: LinkState, mode: str) -> tuple[float, float]:
        """Lowest and typical running time; empties come back in the typical one."""
        if state.travel_given is not None:
            given = distribution_of(state.travel_given)
            return self.inputs.hours(given), given.typical
        kind = {"rail": "rail", "sea": "sea"}.get(mode, "road")
        factor = triangular(*self.scenario.spread(f"travel_factor_{kind}"))
        hours = state.travel_hours
        if state.mode == "road" and self.scenario.mechanisms.march_rest:
            hours *= 1.0 + self.value("halt_minutes_per_2_hours", 0.0) / 120.0
        return hours * self.inputs.hours(factor), hours * factor.typical

    def _flight(self, leg: Leg) -> tuple[float, float]:
        a, b = self.scenario.nodes[leg.from_node], self.scenario.nodes[leg.to_node]
        if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
            return 0.0, 0.0
        hours = great_circle_km(a.lat, a.lon, b.lat, b.lon) / self.scenario.value("flight_speed_kmh")
        factor = triangular(*self.scenario.spread("travel_factor_air"))
        return hours * self.inputs.hours(factor), hours * factor.typical

    def _occupancy(self, state: LinkState, mode: str, element: str, pool: str) -> tuple[float, float]:
        """Hours of the entrance for one piece, and for the largest serial."""
        if not self.scenario.mechanisms.gates:
            return 0.0, 0.0
        if mode in ("rail", "sea") or self.scenario.links[state.link_id].headway_hours is not None:
            headway = headway_hours(self.scenario, state)
            if mode == "sea":
                return headway * (self.load_share(mode, element, pool) if pool else 0.0), headway
            return headway / self.size(mode, element), headway
        if not math.isfinite(state.net_capacity):
            return 0.0, 0.0
        if state.net_capacity <= 0:
            return math.inf, math.inf
        each = 1.0 / _SEATS if mode == "coach" else 1.0
        column = max(1.0, math.ceil(self.size(mode, element) * each))
        minutes = self.value("march_unit_gap_minutes", 0.0) + self.value("march_unit_extra_minutes", 0.0)
        gap, unit = minutes / MINUTES_PER_HOUR, self.value("march_unit_vehicles")
        slack = column / state.net_capacity + math.ceil(column / unit) * gap
        return each * (1.0 / state.net_capacity + gap / unit), slack

    def facility(self, kind: str, place: str, share: float, after_h: float = 0.0) -> tuple[float, list[Use]]:
        """Least handling time at a facility, and the work of one piece; nothing where there is none."""
        entry = self.facilities.get((kind, place))
        if entry is None or not self.scenario.mechanisms.handling:
            return 0.0, []
        hours = self.inputs.hours(self._handling(kind, entry))
        number = self.resources.server(kind, place)
        return hours, [Use("server", f"{kind}:{place}", "servers", number, hours * share, 0.0, after_h)]

    def _handling(self, kind: str, entry: Facility) -> Distribution:
        if entry.handling_hours is not None:
            return distribution_of(entry.handling_hours)
        if entry.handling_typical_hours is not None:
            return triangular(entry.handling_low_hours, entry.handling_typical_hours, entry.handling_high_hours)
        name = _HOURS.get(kind)
        return triangular(*self.scenario.spread(name)) if name else Distribution("constant", (0.0,))

    def transfer(
        self, layer: str, element: str, pool: str, place: str, *, boards: bool, last: bool
    ) -> tuple[float, list[Use]]:
        """Boarding or leaving a mode."""
        mode = layer.partition(":")[0]
        hours, held, uses = 0.0, 0.0, list[Use]()
        if self.scenario.mechanisms.handling:
            if mode == "sea":
                hours, held, uses = self._berth(element, pool, place, boards=boards)
            elif mode in TERMINALS:
                hours, uses = self.facility(TERMINALS[mode], place, 1.0 / self.size(mode, element))
                held = hours
            elif mode in ("coach", "het"):
                hours = held = self.inputs.hours(triangular(*self.scenario.spread(_HOURS[mode])))
        uses = [*uses, *self._lift(mode, element, pool, held, 0.0, last=last)]
        return hours, [*uses, *(self._last(mode, element, pool) if boards and last else [])]

    def _last(self, mode: str, element: str, pool: str) -> list[Use]:
        if not pool or not self.scenario.mechanisms.lift:
            return []
        return [Use("last", pool, "groups", 0, self.load_share(mode, element, pool))]

    def _berth(self, element: str, pool: str, place: str, *, boards: bool) -> tuple[float, float, list[Use]]:
        """Least hours at a berth, hours for which a load's ship is held, and the berth's work for one piece.

        A ship's hours are its own, whatever it carries, or so many for each piece. A piece may be
        the first to leave a ship, and the ship may carry little: then neither costs it any time.
        """
        entry = self.facilities.get(("berth", place))
        share = self.load_share("sea", element, pool)
        own = entry is not None and (entry.handling_hours is not None or entry.handling_typical_hours is not None)
        if own and entry is not None:
            held = self.inputs.hours(self._handling("berth", entry))
            hours = held if boards else 0.0
            work = held * share if pool else 0.0
        else:
            working = self.value("port_working_hours_per_day", HOURS_PER_DAY) / HOURS_PER_DAY
            factor = triangular(*self.scenario.spread("handling_factor"))
            work = self.inputs.hours(factor) / (self.scenario.value("berth_pieces_per_hour") * working)
            hours, held = 0.0, work / share
        number = self.resources.server("berth", place)
        return hours, held, [Use("server", f"berth:{place}", "servers", number, work)] if number >= 0 else []

    def change(
        self, element: str, place: str, here: tuple[str, bool], there: tuple[str, bool]
    ) -> tuple[float, list[Use]]:
        """From one train to another; both are held while the load changes wagons."""
        hours, uses = self.facility("gauge_change", place, 1.0 / self.size("rail", element))
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
        link = self.resources.gates[use.number].name.partition(":")[0]
        state = self.states[link]
        if use.attribute != "vehicles_per_hour":
            return HOURS_PER_DAY / use.slack_h, ((1.0, 0.0),), 1.0
        each = 1.0 / state.net_capacity
        minutes = self.value("march_unit_gap_minutes", 0.0) + self.value("march_unit_extra_minutes", 0.0)
        gap = minutes / MINUTES_PER_HOUR / self.value("march_unit_vehicles")
        return state.net_capacity, ((1.0, 0.0),), each / (each + gap)
