"""From an itinerary and a size to the steps of a serial."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flanksim.movements import Kind
from flanksim.network.admissible import Element
from flanksim.network.routes import TERMINALS, Layered, Leg, Segment
from flanksim.network.state import LinkState, headway_hours, net_servers, unusable
from flanksim.planning.plan import (
    DETOUR,
    DISCHARGE,
    DROP,
    FREE,
    PAUSE,
    SERVE,
    STAY,
    TAKE,
    TRAVEL,
    Program,
    Slot,
    Step,
)
from flanksim.planning.resources import Resources
from flanksim.scenario.distributions import Distribution, distribution_of, triangular
from flanksim.scenario.rows import Facility
from flanksim.units import HOURS_PER_DAY, MINUTES_PER_HOUR

_HOURS = {
    "rail_terminal": "ramp_hours_per_train",
    "gauge_change": "gauge_change_hours_per_train",
    "stand": "stand_hours_passenger_aircraft",
    "border_rail": "border_hours_rail",
    "border_road": "border_hours_road",
    "port_exit": "port_exit_hours_per_serial",
    "coach": "coach_boarding_hours",
    "het": "het_load_hours",
}
_HOURS_PER_DAY = {"coach": "coach_hours_per_day", "het": "het_hours_per_day", "march": "march_hours_per_day"}


@dataclass(slots=True)
class Builder:
    """Builds the programs of one plan and numbers them; equal requests give the same program."""

    resources: Resources
    programs: list[Program] = field(default_factory=list)
    layered: dict[Segment, Layered] = field(default_factory=dict)
    _known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def add(self, program: Program) -> int:
        """Number of a program, shared with an equal one."""
        key: tuple[object, ...] = ("program", program)
        if key not in self._known:
            self._known[key] = len(self.programs)
            self.programs.append(program)
        return self._known[key]

    def stage(
        self,
        segments: tuple[Segment, ...],
        pools: tuple[str, ...],
        element: Element,
        quantity: float,
        port: str = "",
    ) -> int:
        """Number of the program over `segments`, none of which is a sea leg.

        Parameters
        ----------
        pools
            Pool of lift for each segment, empty where the load moves by itself.
        port
            Where the serial was discharged, and stands in the port's storage; empty if it comes from home.
        """
        key = ("stage", segments, pools, element, quantity, port)
        if key not in self._known:
            work = _Work(self, element, quantity)
            work.build(segments, pools, port)
            first, last = (segments[0].from_node, segments[-1].to_node) if segments else (port, port)
            program = Program(tuple(work.steps), tuple(work.slots), first, last)
            self._known[key] = self.add(program)
        return self._known[key]

    def ship(self, segment: Segment, pool: str, pieces: float) -> int:
        """Number of the program of a ship-load: load, sail, discharge, sail back."""
        key = ("ship", segment, pool, pieces)
        if key not in self._known:
            work = _Work(self, "wheeled", pieces)
            work.ship(segment, pool, pieces)
            program = Program(tuple(work.steps), tuple(work.slots), segment.from_node, segment.to_node)
            self._known[key] = self.add(program)
        return self._known[key]

    def closing(self, assembly: str, days: Distribution, pieces: float) -> int:
        """Number of the program by which a unit of so many soldiers, vehicles and containers is integrated.

        Integration takes its days from marry-up on, however large the unit. The teams of an assembly area work
        through what has come in together, in proportion to its size, so that a force takes the same time however
        it is cut into units; a unit is closed when both are over.
        """
        work = _Work(self, "troops", 1.0)
        slot = work.slot("integration", f"assembly:{assembly}", days)
        facility = self.resources.facilities.get(("assembly", assembly))
        teams = math.inf if facility is None else net_servers(self.resources.scenario, facility)
        if math.isfinite(teams):
            share = pieces / (teams * self.resources.scenario.optional("reception_team_pieces"))
            server = self.resources.server("assembly", assembly)
            work.steps.append((SERVE, server, int(Kind.INTEGRATION), slot, HOURS_PER_DAY * share, -1, -1))
        work.steps.append((STAY, int(Kind.INTEGRATION), slot, HOURS_PER_DAY))
        return self.add(Program(tuple(work.steps), tuple(work.slots), assembly, assembly))

    def nothing(self) -> int:
        """Number of the empty program."""
        return self.add(Program(()))


class _Work:
    """Steps under construction."""

    def __init__(self, builder: Builder, element: Element, quantity: float) -> None:
        self.builder, self.element, self.quantity = builder, element, quantity
        self.resources = builder.resources
        self.scenario = builder.resources.scenario
        self.steps: list[Step] = []
        self.slots: list[Slot] = []
        self._behind = -1

    def slot(self, purpose: str, thing: str, distribution: Distribution) -> int:
        """Number of a random factor of this serial; the same thing gives the same number."""
        entry = Slot(purpose, thing, self.resources.distribution(distribution))
        if entry not in self.slots:
            self.slots.append(entry)
        return self.slots.index(entry)

    def build(self, segments: tuple[Segment, ...], pools: tuple[str, ...], port: str) -> None:
        """All segments with the transfers between them."""
        if not self.scenario.mechanisms.lift:
            pools = ("",) * len(segments)
        store = self.resources.store("berth", port) if port else -1
        if port and segments and segments[0].layer in ("march", "het"):
            store = self.facility("port_exit", port, Kind.SERVICE, store_out=store)
        if store >= 0 and not segments:  # the port is the assembly area: what is discharged is there
            self.steps.append((FREE, store))
        previous = ""
        for number, (segment, pool) in enumerate(zip(segments, pools, strict=True)):
            mode = segment.layer.partition(":")[0]
            following = segments[number + 1] if number + 1 < len(segments) else None
            through = mode == "rail" and previous == "rail" and self._changes_at(segment.from_node)
            if pool:
                self.take(pool, segment.from_node)
            if through:
                self.facility("gauge_change", segment.from_node, Kind.GAUGE_CHANGE)
                self.drop_previous()
            else:
                store = self.board(mode, segment.from_node, Kind.LOAD, store)
            if store >= 0:
                self.steps.append((FREE, store))
                store = -1
            self.travel(segment, mode)
            onto_rail = mode == "rail" and following is not None and following.layer.startswith("rail")
            if not (onto_rail and self._changes_at(segment.to_node)):
                self.board(mode, segment.to_node, Kind.UNLOAD, -1)
                if pool:
                    self.steps.append((DROP, self.back(segment)))
            else:
                self._pending = self.back(segment) if pool else None
            previous = mode
        if self._behind >= 0:
            self.steps.append((FREE, self._behind))

    _pending: int | None = None

    def _changes_at(self, place: str) -> bool:
        """Whether a load changes trains there; where the change of gauge serves nobody it is unloaded and loaded."""
        facility = self.resources.facilities.get(("gauge_change", place))
        return facility is None or not unusable(self.scenario, facility)

    def drop_previous(self) -> None:
        """The train before a gauge change goes home once it is empty."""
        if self._pending is not None:
            self.steps.append((DROP, self._pending))
            self._pending = None

    def take(self, pool: str, place: str) -> None:
        """Ask for lift."""
        number = self.resources.pool(pool)
        pieces = self.quantity if self.resources.pools[number].kind in ("coach", "het") else 0.0
        self.steps.append((TAKE, number, pieces, self.resources.pool_place(number, place)))

    def board(self, mode: str, place: str, kind: Kind, store: int) -> int:
        """Board or leave a mode; returns the store that still has to be freed, -1 if none."""
        if not self.scenario.mechanisms.handling:
            return store
        terminal = TERMINALS.get(mode)
        if terminal is not None:
            return self.facility(terminal, place, kind, store_out=store)
        if mode in ("coach", "het"):
            hours = self.scenario.spread(_HOURS[mode])
            slot = self.slot("handling", f"{mode}:{place}", triangular(*hours))
            self.steps.append((SERVE, -1, int(kind), slot, 1.0, store, -1))
            return -1
        return store

    def facility(self, kind: str, place: str, row_kind: Kind, *, store_out: int = -1) -> int:
        """One handling at a facility; returns the store that still has to be freed, -1 if none."""
        entry = self.resources.facilities.get((kind, place))
        if not self.scenario.mechanisms.handling or entry is None:
            return store_out
        slot = self.slot("handling", f"{kind}:{place}", self.hours(kind, entry))
        server = self.resources.server(kind, place)
        # What stands behind one border leaves its room when the next facility is done with it.
        if store_out < 0:
            store_out, self._behind = self._behind, -1
        store_in = self.resources.store(kind, place) if kind in ("border_rail", "border_road") else -1
        self.steps.append((SERVE, server, int(row_kind), slot, 1.0, store_out, store_in))
        self._behind = store_in if store_in >= 0 else self._behind
        return -1

    def hours(self, kind: str, facility: Facility) -> Distribution:
        """Handling time of one serial at a facility: its own, else the class default."""
        if facility.handling_hours is not None:
            return distribution_of(facility.handling_hours)
        if facility.handling_typical_hours is not None:
            return triangular(
                facility.handling_low_hours, facility.handling_typical_hours, facility.handling_high_hours
            )
        name = _HOURS.get(kind)
        return triangular(*self.scenario.spread(name)) if name else Distribution("constant", (0.0,))

    def travel(self, segment: Segment, mode: str) -> None:
        """Legs of one segment, with borders between them and the tail at the end; the engine adds rests."""
        running = self.legs(segment.legs, segment.layer, self.builder.layered.get(segment), papers=True)
        self.breakdowns(mode, running, segment)

    def legs(self, legs: tuple[Leg, ...], layer: str, layered: Layered | None, *, papers: bool) -> float:
        """Legs one after the other, each with the ways round it that are prepared; hours of running.

        Where several in a row are shut for a time by plan, there is a way round all of them too.
        """
        mode = layer.partition(":")[0]
        before, self.steps = self.steps, []
        blocks: list[list[Step]] = []
        held_behind: list[bool] = []
        tail, running = 0.0, 0.0
        for number, leg in enumerate(legs):
            if not leg.link_id:
                self.flight(leg)
            else:
                tail = max(tail, self.occupancy(self.resources.states[leg.link_id], mode)[1]) if papers else 0.0
                running += self.leg(leg, mode, tail if number + 1 == len(legs) else 0.0, papers=papers)
            blocks.append(self.steps)
            held_behind.append(self._behind >= 0)
            self.steps = []
        if layered is not None and self.scenario.mechanisms.detours:
            for number in reversed(range(len(legs))):
                if not legs[number].link_id:
                    continue
                for last in dict.fromkeys((number, self._last_shut(legs, number))):
                    if any(held_behind[number : last + 1]):
                        continue
                    end = tail if last + 1 == len(legs) else 0.0
                    skip = sum(map(len, blocks[number : last + 1]))
                    step = self.detour(layered, layer, legs[number : last + 1], skip, end, papers=papers)
                    blocks[number] = [*([] if step is None else [step]), *blocks[number]]
        self.steps = [*before, *(step for block in blocks for step in block)]
        return running

    def _last_shut(self, legs: tuple[Leg, ...], number: int) -> int:
        """Last of the legs from `number` on that are all shut for a time by plan; `number` itself if it is not."""
        last = number
        while last < len(legs) and legs[last].link_id and self.resources.states[legs[last].link_id].closed:
            last += 1
        return max(number, last - 1)

    def leg(self, leg: Leg, mode: str, tail: float, *, papers: bool = True) -> float:
        """One link with the border on it; returns the running time of the head, hours."""
        state = self.resources.states[leg.link_id]
        if papers and state.crosses_border and self.scenario.mechanisms.borders:
            self.facility(f"border_{state.mode}", leg.link_id, Kind.BORDER)
        hours, slot = self.running(state, mode)
        occupancy, _ = self.occupancy(state, mode)
        gate = self.resources.gate(state, leg.forward)
        limit = self.driving_limit(state, mode)
        self.steps.append((TRAVEL, gate, int(leg.forward), occupancy, hours, slot, tail, limit))
        return hours

    def detour(
        self, layered: Layered, layer: str, legs: tuple[Leg, ...], skip: int, tail: float, *, papers: bool
    ) -> Step | None:
        """Step that goes round legs of which the first may be shut or full, instead of the `skip` steps that follow."""
        first = legs[0]
        border = self._border(first.link_id) if papers else None
        full = border is not None and border.divert_when_full
        if not (full or self.resources.can_shut(first.link_id)):
            return None
        way = layered.detour(layer, legs)
        if way is None or any(self._stores(other.link_id) for other in (*legs, *way.legs)):
            return None
        mode = layer.partition(":")[0]
        own, self.steps = self.steps, []
        for other in way.legs:
            self.leg(other, mode, tail if other is way.legs[-1] else 0.0, papers=papers)
        around = tuple(self.steps)
        self.steps = own
        state = self.resources.states[first.link_id]
        server = self.resources.server(f"border_{state.mode}", first.link_id) if full else -1
        gate = self.resources.gate(state, first.forward)
        return (DETOUR, gate, server, skip, way.instead_of_hours, way.hours, around)

    def _border(self, link: str) -> Facility | None:
        state = self.resources.states[link]
        if not (state.crosses_border and self.scenario.mechanisms.borders and self.scenario.mechanisms.handling):
            return None
        return self.resources.facilities.get((f"border_{state.mode}", link))

    def _stores(self, link: str) -> bool:
        """Whether a border with finite storage stands on the link: what it holds is freed further on."""
        border = self._border(link)
        return border is not None and border.storage_typical is not None and self.scenario.mechanisms.storage

    def driving_limit(self, state: LinkState, mode: str) -> float:
        """Hours that a crew may drive a day: 0 where it is carried, 24 where stated hours include all rest."""
        name = _HOURS_PER_DAY.get(mode)
        if state.mode != "road" or name is None:
            return 0.0
        if state.travel_given is not None or not self.scenario.mechanisms.march_rest:
            return HOURS_PER_DAY
        return min(HOURS_PER_DAY, self.scenario.value(name))

    def running(self, state: LinkState, mode: str) -> tuple[float, int]:
        """Running time of the head, and the slot of the factor that chance puts on it."""
        if state.travel_given is not None:
            return 1.0, self.slot("travel", state.link_id, distribution_of(state.travel_given))
        kind = {"rail": "rail", "sea": "sea"}.get(mode, "road")
        factor = self.factor(f"travel_factor_{kind}")
        hours = state.travel_hours
        if state.mode == "road":
            halts = self.scenario.parameters.get("halt_minutes_per_2_hours")
            if halts is not None and self.scenario.mechanisms.march_rest:
                hours *= 1.0 + halts.typical / 120.0
        return hours, self.slot("travel", kind, factor)

    def factor(self, name: str) -> Distribution:
        """A multiplicative factor from the parameters."""
        return triangular(*self.scenario.spread(name))

    def flight(self, leg: Leg) -> None:
        """A flight holds no gate."""
        from flanksim.scenario.geometry import great_circle_km

        a, b = self.scenario.nodes[leg.from_node], self.scenario.nodes[leg.to_node]
        if None in (a.lat, a.lon, b.lat, b.lon):
            return
        km = great_circle_km(a.lat, a.lon, b.lat, b.lon)  # type: ignore[arg-type]
        slot = self.slot("travel", "air", self.factor("travel_factor_air"))
        self.steps.append((TRAVEL, -1, 1, 0.0, km / self.scenario.value("flight_speed_kmh"), slot, 0.0, 0.0))

    def occupancy(self, state: LinkState, mode: str) -> tuple[float, float]:
        """Hours for which the entrance is held, and by which the tail follows the head."""
        if not self.scenario.mechanisms.gates:
            return 0.0, 0.0
        stated = self.scenario.links[state.link_id].headway_hours
        if mode in ("rail", "sea") or stated is not None:
            return headway_hours(self.scenario, state), 0.0
        vehicles = self.vehicles(mode)
        stream = vehicles / state.net_capacity if math.isfinite(state.net_capacity) else 0.0
        units = math.ceil(vehicles / self.scenario.value("march_unit_vehicles"))
        minutes = self.scenario.value("march_unit_gap_minutes") + self.optional("march_unit_extra_minutes")
        gaps = units * minutes / MINUTES_PER_HOUR if stream else 0.0
        return stream + gaps, stream + gaps

    def optional(self, name: str) -> float:
        """Typical value of a parameter, its default where the scenario has none."""
        return self.scenario.optional(name)

    def breakdowns(self, mode: str, hours: float, segment: Segment) -> None:
        """Failures on the way: a Poisson number in `hours` of running, each repaired in an exponential time."""
        kind = {"rail": "rail", "sea": "sea", "air": "air"}.get(mode, "road")
        rate, repair = self.optional(f"failures_per_hour_{kind}"), self.optional(f"repair_hours_{kind}")
        if not self.scenario.mechanisms.breakdowns or rate * repair * hours <= 0:
            return
        where = f"{kind} {segment.from_node}-{segment.to_node}"
        slot = self.slot("breakdown", where, Distribution("breakdowns", (rate * hours, repair)))
        self.steps.append((PAUSE, int(Kind.BREAKDOWN), slot))

    def vehicles(self, mode: str) -> float:
        """Vehicles on the road for this serial."""
        if mode == "coach":
            return max(1.0, math.ceil(self.quantity / 50.0))
        return self.quantity

    def back(self, segment: Segment) -> int:
        """Number of the program by which an empty asset goes back to where it was loaded."""
        forward_steps, forward_slots = self.steps, self.slots
        self.steps, self.slots = [], []
        reverse = Segment(
            segment.layer,
            tuple(Leg(leg.link_id, not leg.forward, leg.to_node, leg.from_node) for leg in reversed(segment.legs)),
        )
        # Empties use the same gates and detours, and their crews rest; papers are not simulated for them.
        self.legs(reverse.legs, segment.layer, self.builder.layered.get(segment), papers=False)
        program = Program(tuple(self.steps), tuple(self.slots), segment.to_node, segment.from_node)
        self.steps, self.slots = forward_steps, forward_slots
        return self.builder.add(program)

    def ship(self, segment: Segment, pool: str, pieces: float) -> None:
        """Steps of a ship-load; with endless lift its pool only gives the size of the load."""
        pool = pool if self.scenario.mechanisms.lift else ""
        if pool:
            number = self.resources.pool(pool)
            self.steps.append((TAKE, number, 0.0, self.resources.pool_place(number, segment.from_node)))
        per_piece = self.berth_hours_per_piece()
        handling = self.scenario.mechanisms.handling
        origin, destination = segment.from_node, segment.to_node
        factor = self.factor("handling_factor")
        if handling:
            own = self.own_berth_hours(origin)
            slot = self.slot("handling", f"berth:{origin}", own or factor)
            scale = 1.0 if own else per_piece * pieces
            self.steps.append((SERVE, self.resources.server("berth", origin), int(Kind.LOAD), slot, scale, -1, -1))
        self.travel(segment, "sea")
        own = self.own_berth_hours(destination) if handling else Distribution("constant", (0.0,))
        slot = self.slot("handling", f"berth:{destination}", own or factor)
        each = 1.0 / pieces if own else per_piece
        server = self.resources.server("berth", destination) if handling else -1
        store = self.resources.store("berth", destination) if handling else -1
        self.steps.append((DISCHARGE, server, slot, each, store))
        if pool:
            self.steps.append((DROP, self.back(segment)))

    def own_berth_hours(self, place: str) -> Distribution | None:
        """Hours per ship where the facility states them itself."""
        entry = self.resources.facilities.get(("berth", place))
        if entry is None:
            return None
        if entry.handling_hours is not None or entry.handling_typical_hours is not None:
            return self.hours("berth", entry)
        return None

    def berth_hours_per_piece(self) -> float:
        """Hours at a berth per vehicle or container, breaks between shifts included."""
        share = self.scenario.optional("port_working_hours_per_day") / HOURS_PER_DAY
        return 1.0 / (self.scenario.value("berth_pieces_per_hour") * share)
