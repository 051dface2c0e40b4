"""From an itinerary and a size to the steps of a serial: the register of programs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flanksim.activities import Kind
from flanksim.modes import WAY_OF_LIFT, WAYS, mode_of
from flanksim.network.admissible import Element, LoadClass
from flanksim.network.elements import Edge, Facility
from flanksim.network.physics import Physics, Running
from flanksim.network.routes import Leg, Segment
from flanksim.planning.options import Option
from flanksim.planning.plan import Program, Slot
from flanksim.planning.resources import Resources
from flanksim.planning.steps import Await, Detour, Discharge, Drop, Free, Pause, Serve, Stay, Step, Take, Travel
from flanksim.scenario.distributions import NONE, Distribution
from flanksim.units import HOURS_PER_DAY


@dataclass(slots=True)
class Programs:
    """Programs of one plan, numbered when they are first asked for; equal requests give the same number."""

    resources: Resources
    made: list[Program] = field(default_factory=list)
    _known: dict[tuple[object, ...], int] = field(default_factory=dict)

    @property
    def physics(self) -> Physics:
        """Times and sizes on the network."""
        return self.resources.physics

    def add(self, program: Program) -> int:
        """Number of a program, shared with an equal one."""
        # Steps of unlike kinds may be equal tuples.
        key: tuple[object, ...] = ("program", program, *map(type, program.steps))
        if key not in self._known:
            self._known[key] = len(self.made)
            self.made.append(program)
        return self._known[key]

    def stage(self, way: Option, element: Element, quantity: float, port: str = "", stock: str = "") -> int:
        """Number of the program over a way without a sea leg.

        Parameters
        ----------
        way
            Its segments; the pool of a segment is empty where the load moves by itself.
        element, quantity
            What moves, and how many pieces of it as one serial.
        port
            Where the serial was discharged, and stands in the port's storage; empty if it comes from home.
        stock
            Where it is drawn from a stock; empty if it is the unit's own at home.
        """
        segments, pools = way.segments, way.pools
        key = ("stage", segments, pools, element, quantity, port, stock)
        if key not in self._known:
            work = _Work(self, element, quantity)
            work.draw(stock)
            work.build(segments, pools, port)
            start = port or stock
            first, last = (segments[0].from_node, segments[-1].to_node) if segments else (start, start)
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
        facility = self.physics.network.facilities.get(("assembly", assembly))
        teams = math.inf if facility is None else facility.servers
        if math.isfinite(teams):
            share = pieces / (teams * self.resources.scenario.optional("reception_team_pieces"))
            server = self.resources.server("assembly", assembly)
            work.steps.append(Serve(server, int(Kind.INTEGRATION), slot, HOURS_PER_DAY * share, -1, -1))
        work.steps.append(Stay(int(Kind.INTEGRATION), slot, HOURS_PER_DAY))
        return self.add(Program(tuple(work.steps), tuple(work.slots), assembly, assembly))

    def nothing(self) -> int:
        """Number of the empty program."""
        return self.add(Program(()))


class _Work:
    """Steps under construction."""

    def __init__(self, programs: Programs, element: Element, quantity: float) -> None:
        self.programs, self.element, self.quantity = programs, element, quantity
        self.resources = programs.resources
        self.physics, self.network = programs.physics, programs.physics.network
        self.scenario = self.resources.scenario
        self.steps: list[Step] = []
        self.slots: list[Slot] = []
        self._behind = -1
        self.pool = ""  # what carries the segment under way
        self.loaded: LoadClass | None = None  # its load class; None for an empty asset

    def slot(self, purpose: str, thing: str, distribution: Distribution) -> int:
        """Number of a random factor of this serial; the same thing gives the same number."""
        entry = Slot(purpose, thing, self.resources.distribution(distribution))
        if entry not in self.slots:
            self.slots.append(entry)
        return self.slots.index(entry)

    def build(self, segments: tuple[Segment, ...], pools: tuple[str, ...], port: str) -> None:
        """All segments with the transfers between them."""
        carriers = pools
        if not self.scenario.mechanisms.lift:
            pools = ("",) * len(segments)
        store = self.resources.store("berth", port) if port else -1
        if segments:
            self.pace(mode_of(segments[0].layer), segments[0].from_node)
        if port and segments and segments[0].layer in ("march", "het"):
            store = self.facility("port_exit", port, Kind.SERVICE, store_out=store)
        if store >= 0 and not segments:  # the port is the assembly area: what is discharged is there
            self.steps.append(Free(store))
        previous = ""
        for number, (segment, pool) in enumerate(zip(segments, pools, strict=True)):
            mode, self.pool = mode_of(segment.layer), carriers[number]
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
                self.steps.append(Free(store))
                store = -1
            self.travel(segment, mode)
            onto_rail = mode == "rail" and following is not None and following.layer.startswith("rail")
            if not (onto_rail and self._changes_at(segment.to_node)):
                self.board(mode, segment.to_node, Kind.UNLOAD, -1)
                if pool:
                    self.steps.append(Drop(self.back(segment, pool)))
            else:
                self._pending = self.back(segment, pool) if pool else None
            previous = mode
        if self._behind >= 0:
            self.steps.append(Free(self._behind))

    def draw(self, stock: str) -> None:
        """Draw the serial from a stock: crews take over, and the site issues one serial after the other."""
        first_h, each_h = self.physics.drawing()
        if not stock or first_h + each_h <= 0:
            return
        slot = self.slot("draw", f"stock:{stock}", Distribution("constant", (1.0,)))
        if first_h > 0:
            self.steps.append(Serve(-1, int(Kind.DRAW), slot, first_h, -1, -1))
        if each_h > 0:
            site = self.resources.pace("stock", stock)
            self.steps.append(Serve(site, int(Kind.DRAW), slot, each_h * self.quantity, -1, -1))

    def pace(self, mode: str, place: str) -> None:
        """Wait for the part of a day in which these pieces may leave."""
        for kind, hours in self.physics.paces(mode, place, self.element):
            slot = self.slot("pace", f"{kind}:{place}", Distribution("constant", (1.0,)))
            self.steps.append(
                Serve(self.resources.pace(kind, place), int(Kind.PACE), slot, hours * self.quantity, -1, -1)
            )

    _pending: int | None = None

    def _changes_at(self, place: str) -> bool:
        """Whether a load changes trains there; where the change of gauge serves nobody it is unloaded and loaded."""
        return not self.network.unusable("gauge_change", place)

    def drop_previous(self) -> None:
        """The train before a gauge change goes home once it is empty."""
        if self._pending is not None:
            self.steps.append(Drop(self._pending))
            self._pending = None

    def take(self, pool: str, place: str) -> None:
        """Ask for lift."""
        number = self.resources.pool(pool)
        in_groups = WAYS[WAY_OF_LIFT[self.resources.pools[number].kind]].load == "group"
        pieces = self.quantity if in_groups else 0.0
        self.steps.append(Take(number, pieces, self.resources.pool_place(number, place)))

    def board(self, mode: str, place: str, kind: Kind, store: int) -> int:
        """Board or leave a mode; returns the store that still has to be freed, -1 if none."""
        terminal = WAYS[mode].terminal
        if terminal:
            return self.facility(terminal, place, kind, store_out=store)
        hours = self.physics.boarding(mode)
        if hours is None:
            return store
        slot = self.slot("handling", f"{mode}:{place}", hours)
        self.steps.append(Serve(-1, int(kind), slot, 1.0, store, -1))
        return -1

    def facility(self, kind: str, place: str, row_kind: Kind, *, store_out: int = -1) -> int:
        """One handling at a facility; returns the store that still has to be freed, -1 if none."""
        entry = self.physics.facility(kind, place)
        if entry is None:
            return store_out
        slot = self.slot("handling", f"{kind}:{place}", self.physics.handling(kind, entry, self.element))
        server = self.resources.server(kind, place)
        # What stands behind one border leaves its room when the next facility is done with it.
        if store_out < 0:
            store_out, self._behind = self._behind, -1
        store_in = self.resources.store(kind, place) if kind in ("border_rail", "border_road") else -1
        self.steps.append(Serve(server, int(row_kind), slot, 1.0, store_out, store_in))
        self._behind = store_in if store_in >= 0 else self._behind
        return -1

    def travel(self, segment: Segment, mode: str) -> None:
        """Legs of one segment, with borders between them and the tail at the end; the engine adds rests."""
        running = self.legs(segment.legs, segment, papers=True)
        self.breakdowns(mode, running, segment)

    def legs(self, legs: tuple[Leg, ...], segment: Segment, *, papers: bool) -> float:
        """Legs of a segment, or of the way back, with the ways round that are prepared for each; hours of running.

        Where several in a row are shut for a time by plan, there is a way round all of them too.
        """
        mode = mode_of(segment.layer)
        self.loaded = segment.router.load if papers else None
        before, self.steps = self.steps, []
        blocks: list[list[Step]] = []
        held_behind: list[bool] = []
        tail, running = 0.0, 0.0
        for number, leg in enumerate(legs):
            if not leg.link_id:
                self.flight(leg)
            else:
                tail = max(tail, self.occupancy(self._edge(leg), mode)[1]) if papers else 0.0
                running += self.leg(leg, mode, tail if number + 1 == len(legs) else 0.0, papers=papers)
            blocks.append(self.steps)
            held_behind.append(self._behind >= 0)
            self.steps = []
        if self.scenario.mechanisms.detours:
            for number in reversed(range(len(legs))):
                if not legs[number].link_id:
                    continue
                for last in dict.fromkeys((number, self._last_shut(legs, number))):
                    if any(held_behind[number : last + 1]):
                        continue
                    end = tail if last + 1 == len(legs) else 0.0
                    skip = sum(map(len, blocks[number : last + 1]))
                    step = self.detour(segment, legs[number : last + 1], skip, end, papers=papers)
                    blocks[number] = [*([] if step is None else [step]), *blocks[number]]
        self.steps = [*before, *(step for block in blocks for step in block)]
        return running

    def _last_shut(self, legs: tuple[Leg, ...], number: int) -> int:
        """Last of the legs from `number` on that are all shut for a time by plan; `number` itself if it is not."""
        last = number
        while last < len(legs) and legs[last].link_id and self._edge(legs[last]).shut:
            last += 1
        return max(number, last - 1)

    def leg(self, leg: Leg, mode: str, tail: float, *, papers: bool = True) -> float:
        """One link with the border on it; returns the running time of the head, hours."""
        edge = self._edge(leg)
        if papers and edge.border is not None:
            self.facility(edge.border_kind, leg.link_id, Kind.BORDER)
        running = self.physics.running(edge, mode, self.pool)
        occupancy, _ = self.occupancy(edge, mode)
        gate, slot = self.resources.gate(edge), self._travel_slot(running)
        limit = self.physics.driving_limit(edge, mode)
        self.steps.append(Travel(gate, leg.forward, occupancy, running.hours, slot, tail, limit))
        return running.hours

    def _edge(self, leg: Leg) -> Edge:
        return self.network.edge(leg.link_id, leg.forward)

    def _travel_slot(self, running: Running) -> int:
        return self.slot("travel", running.thing, running.factor)

    def detour(self, segment: Segment, legs: tuple[Leg, ...], skip: int, tail: float, *, papers: bool) -> Step | None:
        """Step that goes round legs of which the first may be shut or full, instead of the `skip` steps that follow."""
        first = self._edge(legs[0])
        border = self._border(first) if papers else None
        full = border is not None and border.divert_when_full
        if not (full or self.resources.can_shut(first)):
            return None
        way = segment.router.detour(segment.layer, legs)
        if way is None or any(self._stores(self._edge(other)) for other in (*legs, *way.legs)):
            return None
        own, self.steps = self.steps, []
        for other in way.legs:
            self.leg(other, mode_of(segment.layer), tail if other is way.legs[-1] else 0.0, papers=papers)
        around = tuple(step for step in self.steps if isinstance(step, Travel | Serve))
        self.steps = own
        server = self.resources.server(first.border_kind, first.link_id) if full else -1
        gate = self.resources.gate(first)
        return Detour(gate, server, skip, way.instead_of_hours, way.hours, around)

    def _border(self, edge: Edge) -> Facility | None:
        return edge.border if self.scenario.mechanisms.handling else None

    def _stores(self, edge: Edge) -> bool:
        """Whether a border with finite storage stands on the edge: what it holds is freed further on."""
        border = self._border(edge)
        return border is not None and border.storage is not None

    def flight(self, leg: Leg) -> None:
        """A flight holds no gate."""
        running = self.physics.flight(leg.from_node, leg.to_node, self.pool)
        if running is not None:
            self.steps.append(Travel(-1, True, 0.0, running.hours, self._travel_slot(running), 0.0, 0.0))

    def occupancy(self, edge: Edge, mode: str) -> tuple[float, float]:
        """Hours for which the entrance is held, and by which the tail follows the head."""
        return self.physics.occupancy(edge, mode, self.quantity, self.loaded)

    def breakdowns(self, mode: str, hours: float, segment: Segment) -> None:
        """Failures on the way: a Poisson number in `hours` of running, each repaired in an exponential time."""
        kind, rate, repair = self.physics.failures(mode)
        if rate * repair * hours <= 0:
            return
        where = f"{kind} {segment.from_node}-{segment.to_node}"
        slot = self.slot("breakdown", where, Distribution("breakdowns", (rate * hours, repair)))
        self.steps.append(Pause(int(Kind.BREAKDOWN), slot))

    def _way_back(self, segment: Segment) -> tuple[Leg, ...]:
        """Legs by which an empty asset goes back: the same links, else the shortest way; none where none leads back."""
        legs = tuple(Leg(leg.link_id, not leg.forward, leg.to_node, leg.from_node) for leg in reversed(segment.legs))
        if all(not leg.link_id or self.network.has(leg.link_id, leg.forward) for leg in legs):
            return legs
        return segment.router.way(segment.layer, segment.to_node, segment.from_node)

    def back(self, segment: Segment, pool: str) -> int:
        """Number of the program by which an empty asset goes back to where it was loaded."""
        forward_steps, forward_slots = self.steps, self.slots
        self.steps, self.slots = [], []
        legs = self._way_back(segment)
        if legs:  # empties use the same gates and detours, and their crews rest; papers are not simulated for them
            self.legs(legs, segment, papers=False)
        else:
            hours = self.physics.positioning_hours(pool, segment.to_node, segment.from_node)
            slot = self.slot("travel", "empty", Distribution("constant", (1.0,)))
            self.steps.append(Travel(-1, True, 0.0, hours, slot, 0.0, 0.0))
        program = Program(tuple(self.steps), tuple(self.slots), segment.to_node, segment.from_node)
        self.steps, self.slots = forward_steps, forward_slots
        return self.programs.add(program)

    def ship(self, segment: Segment, pool: str, pieces: float) -> None:
        """Steps of a ship-load; with endless lift its pool only gives the size of the load."""
        self.pool = pool
        pool = pool if self.scenario.mechanisms.lift else ""
        if pool:
            number = self.resources.pool(pool)
            self.steps += [Take(number, 0.0, self.resources.pool_place(number, segment.from_node)), Await()]
        _, factor = self.physics.berth_hours_per_piece()
        whole = self.physics.berth_hours(pieces)
        handling = self.scenario.mechanisms.handling
        origin, destination = segment.from_node, segment.to_node
        if handling:
            own = self.own_berth_hours(origin)
            slot = self.slot("handling", f"berth:{origin}", own or factor)
            scale = 1.0 if own else whole
            self.steps.append(Serve(self.resources.server("berth", origin), int(Kind.LOAD), slot, scale, -1, -1))
        self.travel(segment, "sea")
        own = self.own_berth_hours(destination) if handling else NONE
        slot = self.slot("handling", f"berth:{destination}", own or factor)
        each = (1.0 if own else whole) / pieces
        server = self.resources.server("berth", destination) if handling else -1
        store = self.resources.store("berth", destination) if handling else -1
        self.steps.append(Discharge(server, slot, each, store))
        if pool:
            self.steps.append(Drop(self.back(segment, pool)))

    def own_berth_hours(self, place: str) -> Distribution | None:
        """Hours per ship where the facility states them itself."""
        berth = self.network.facilities.get(("berth", place))
        return None if berth is None else berth.handling
