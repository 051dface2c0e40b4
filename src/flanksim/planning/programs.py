"""From an itinerary and a size to the steps of a serial: the register of programs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from flanksim.activities import Kind
from flanksim.modes import WAY_OF_LIFT, WAYS, mode_of
from flanksim.network.admissible import Element, LoadClass
from flanksim.network.elements import Edge, Facility
from flanksim.network.layers import Leg
from flanksim.network.physics import Physics
from flanksim.network.routes import Segment
from flanksim.planning.options import Option
from flanksim.planning.plan import Program, Slot
from flanksim.planning.resources import Resources
from flanksim.planning.steps import Await, Detour, Discharge, Drop, Free, Pause, Serve, Stay, Step, Take, Travel
from flanksim.scenario.distributions import NONE, Distribution
from flanksim.units import HOURS_PER_DAY


class _Passage(NamedTuple):
    """What all serials of one way of moving do on one link in one direction, whatever their size.

    `slot` is a number among the slots of all programs, see `Programs.slot`; `can_shut` and `when_full` say whether
    there may be reason to go round it: because it is shut, or its border has no server free. `occupied` keeps hours of
    the entrance and of the tail by pieces and load class.
    """

    edge: Edge
    gate: int
    hours: float
    slot: int
    limit_h: float
    can_shut: bool
    when_full: bool
    occupied: dict[tuple[float, LoadClass | None], tuple[float, float]]


class _Handling(NamedTuple):
    """What all serials do at one facility: slot as of `_Passage`, server, and the store behind it (-1: none)."""

    slot: int
    server: int
    store: int


@dataclass(slots=True)
class Programs:
    """Programs of one plan, numbered when they are first asked for; equal requests give the same number.

    What does not change with the size of a serial is looked up once in a plan: on each link, at each facility.
    """

    resources: Resources
    made: list[Program] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    passages: dict[tuple[str, str], dict[tuple[str, bool], _Passage]] = field(default_factory=dict)
    handlings: dict[tuple[str, str, Element], _Handling | None] = field(default_factory=dict)
    boardings: dict[tuple[str, str], int | None] = field(default_factory=dict)
    ways_back: dict[tuple[Segment, str, float, bool], int] = field(default_factory=dict)
    _slot: dict[Slot, int] = field(default_factory=dict)
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

    def slot(self, purpose: str, thing: str, distribution: Distribution) -> int:
        """Number of a random factor among those of all programs."""
        entry = Slot(purpose, thing, self.resources.distribution(distribution))
        number = self._slot.setdefault(entry, len(self.slots))
        if number == len(self.slots):
            self.slots.append(entry)
        return number

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
            self._known[key] = self.add(work.program(first, last))
        return self._known[key]

    def ship(self, segment: Segment, pool: str, pieces: float) -> int:
        """Number of the program of a ship-load: load, sail, discharge, sail back."""
        key = ("ship", segment, pool, pieces)
        if key not in self._known:
            work = _Work(self, "wheeled", pieces)
            work.ship(segment, pool, pieces)
            self._known[key] = self.add(work.program(segment.from_node, segment.to_node))
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
        return self.add(work.program(assembly, assembly))

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
        self.slots: dict[int, int] = {}  # number in the program by number among all
        self._behind = -1
        self.pool = ""  # what carries the segment under way
        self._of_way: dict[tuple[str, bool], _Passage] = {}  # what is known of links on its way of moving
        self._load: tuple[float, LoadClass | None] = (quantity, None)  # what its entrances are held for

    def program(self, first: str, last: str) -> Program:
        """The steps so far, from place to place."""
        slots = self.programs.slots
        return Program(tuple(self.steps), tuple(slots[number] for number in self.slots), first, last)

    def slot(self, purpose: str, thing: str, distribution: Distribution) -> int:
        """Number of a random factor of this serial; the same thing gives the same number."""
        return self._own(self.programs.slot(purpose, thing, distribution))

    def _own(self, slot: int) -> int:
        """The number in this serial of a slot by its number among all."""
        return self.slots.setdefault(slot, len(self.slots))

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
        known = self.programs.boardings
        if (mode, place) not in known:
            hours = self.physics.boarding(mode)
            named = f"{mode}:{place}"
            known[mode, place] = None if hours is None else self.programs.slot("handling", named, hours)
        if (slot := known[mode, place]) is None:
            return store
        self.steps.append(Serve(-1, int(kind), self._own(slot), 1.0, store, -1))
        return -1

    def facility(self, kind: str, place: str, row_kind: Kind, *, store_out: int = -1) -> int:
        """One handling at a facility; returns the store that still has to be freed, -1 if none."""
        handling = self._handling(kind, place)
        if handling is None:
            return store_out
        # What stands behind one border leaves its room when the next facility is done with it.
        if store_out < 0:
            store_out, self._behind = self._behind, -1
        _, server, store_in = handling
        self.steps.append(Serve(server, int(row_kind), self._own(handling.slot), 1.0, store_out, store_in))
        self._behind = store_in if store_in >= 0 else self._behind
        return -1

    def _handling(self, kind: str, place: str) -> _Handling | None:
        """What is done at a facility; None where there is none."""
        known, key = self.programs.handlings, (kind, place, self.element)
        if key not in known:
            entry = self.physics.facility(kind, place)
            if entry is None:
                known[key] = None
            else:
                hours = self.physics.handling(kind, entry, self.element)
                slot = self.programs.slot("handling", f"{kind}:{place}", hours)
                server = self.resources.server(kind, place)
                store = self.resources.store(kind, place) if kind in ("border_rail", "border_road") else -1
                known[key] = _Handling(slot, server, store)
        return known[key]

    def travel(self, segment: Segment, mode: str) -> None:
        """Legs of one segment, with borders between them and the tail at the end; the engine adds rests."""
        running = self.legs(segment.legs, segment, papers=True)
        self.breakdowns(mode, running, segment)

    def legs(self, legs: tuple[Leg, ...], segment: Segment, *, papers: bool) -> float:
        """Legs of a segment, or of the way back, with the ways round that are prepared for each; hours of running.

        Where several in a row are shut for a time by plan, there is a way round all of them too.
        """
        mode = mode_of(segment.layer)
        self._of_way = self.programs.passages.setdefault((mode, self.pool if mode == "sea" else ""), {})
        self._load = (self.quantity, segment.router.load if papers and mode == "het" else None)  # no matter of others
        before, self.steps = self.steps, []
        begins: list[int] = []
        held_behind: list[bool] = []
        diverts: list[int] = []
        tail, running = 0.0, 0.0
        for number, leg in enumerate(legs):
            begins.append(len(self.steps))
            if not leg.link_id:
                self.flight(leg)
            else:
                passage, lag = self.leg(leg, mode, papers=papers)
                running += passage.hours
                tail = max(tail, lag)
                if number + 1 == len(legs):
                    self._close_up(tail)
                if passage.can_shut or (papers and passage.when_full):
                    diverts.append(number)
            held_behind.append(self._behind >= 0)
        if diverts and self.scenario.mechanisms.detours:
            blocks = [self.steps[begin:end] for begin, end in pairwise([*begins, len(self.steps)])]
            for number in reversed(diverts):
                for last in dict.fromkeys((number, self._last_shut(legs, number))):
                    if any(held_behind[number : last + 1]):
                        continue
                    end = tail if last + 1 == len(legs) else 0.0
                    skip = sum(map(len, blocks[number : last + 1]))
                    step = self.detour(segment, legs[number : last + 1], skip, end, papers=papers)
                    blocks[number] = [*([] if step is None else [step]), *blocks[number]]
            self.steps = [step for block in blocks for step in block]
        self.steps = [*before, *self.steps]
        return running

    def _last_shut(self, legs: tuple[Leg, ...], number: int) -> int:
        """Last of the legs from `number` on that are all shut for a time by plan; `number` itself if it is not."""
        last = number
        while last < len(legs) and legs[last].link_id and self._edge(legs[last]).shut:
            last += 1
        return max(number, last - 1)

    def leg(self, leg: Leg, mode: str, *, papers: bool) -> tuple[_Passage, float]:
        """One link with the border on it; the hours by which the tail of a serial leaves it behind its head."""
        passage = self._of_way.get((leg.link_id, leg.forward))
        if passage is None or (papers and passage.edge.border is not None):
            passage = self._at_entrance(leg, mode, papers=papers)
        if self._load not in passage.occupied:
            passage.occupied[self._load] = self.physics.occupancy(passage.edge, mode, *self._load)
        occupied, lag = passage.occupied[self._load]
        slot = self.slots.setdefault(passage.slot, len(self.slots))
        self.steps.append(Travel(passage.gate, leg.forward, occupied, passage.hours, slot, 0.0, passage.limit_h))
        return passage, lag if papers else 0.0

    def _close_up(self, tail: float) -> None:
        """Behind the link just passed the serial waits for its tail."""
        if tail and isinstance(step := self.steps[-1], Travel):
            self.steps[-1] = step._replace(tail_h=tail)

    def _at_entrance(self, leg: Leg, mode: str, *, papers: bool) -> _Passage:
        """What is done on a link; where papers are shown at a border on it, that comes first."""
        edge = self._edge(leg)
        if papers and edge.border is not None:
            self.facility(edge.border_kind, leg.link_id, Kind.BORDER)
        known, key = self._of_way, (leg.link_id, leg.forward)
        if key not in known:
            running = self.physics.running(edge, mode, self.pool)
            gate = self.resources.gate(edge)
            limit = self.physics.driving_limit(edge, mode)
            slot = self.programs.slot("travel", running.thing, running.factor)
            border = self._border(edge)
            full = border is not None and border.divert_when_full
            known[key] = _Passage(edge, gate, running.hours, slot, limit, self.resources.can_shut(edge), full, {})
        return known[key]

    def _edge(self, leg: Leg) -> Edge:
        return self.network.edge(leg.link_id, leg.forward)

    def detour(self, segment: Segment, legs: tuple[Leg, ...], skip: int, tail: float, *, papers: bool) -> Step | None:
        """Step that goes round legs of which the first may be shut or full, instead of the `skip` steps that follow."""
        first, mode = self._edge(legs[0]), mode_of(segment.layer)
        way = segment.router.detour(segment.layer, legs)
        if way is None or any(self._stores(self._edge(other)) for other in (*legs, *way.legs)):
            return None
        own, self.steps = self.steps, []
        for other in way.legs:
            self.leg(other, mode, papers=papers)
        self._close_up(tail)
        around = tuple(step for step in self.steps if isinstance(step, Travel | Serve))
        self.steps = own
        border = self._border(first) if papers else None
        full = border is not None and border.divert_when_full
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
            slot = self.slot("travel", running.thing, running.factor)
            self.steps.append(Travel(-1, True, 0.0, running.hours, slot, 0.0, 0.0))

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
        mode, known = mode_of(segment.layer), self.programs.ways_back
        # What stands behind a border on the way there counts: `legs` prepares no way round while it does.
        key = (segment, pool, self.quantity if self.physics.grows(mode) else 0.0, self._behind >= 0)
        if key not in known:
            known[key] = self._back(segment, pool)
        return known[key]

    def _back(self, segment: Segment, pool: str) -> int:
        forward_steps, forward_slots = self.steps, self.slots
        self.steps, self.slots = [], {}
        legs = self._way_back(segment)
        if legs:  # empties use the same gates and detours, and their crews rest; papers are not simulated for them
            self.legs(legs, segment, papers=False)
        else:
            hours = self.physics.positioning_hours(pool, segment.to_node, segment.from_node)
            slot = self.slot("travel", "empty", Distribution("constant", (1.0,)))
            self.steps.append(Travel(-1, True, 0.0, hours, slot, 0.0, 0.0))
        program = self.program(segment.to_node, segment.from_node)
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
