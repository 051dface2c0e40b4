"""Scenario to Plan: routes, lots, serials and programs, all before the run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import realise
from flanksim.modes import MODES, WAYS
from flanksim.network.admissible import ELEMENTS, Element, LoadClass
from flanksim.network.lift import Lift, carriers, lift_pools
from flanksim.network.network import Network
from flanksim.network.physics import Physics
from flanksim.network.routes import Itinerary, Layered, Segment
from flanksim.planning.assign import Backlog, Footprint
from flanksim.planning.blocked import no_route
from flanksim.planning.loads import Load, Option
from flanksim.planning.plan import Plan, Serial, UnitPlan
from flanksim.planning.planned import planned_lots
from flanksim.planning.program import Builder
from flanksim.planning.resources import Resources
from flanksim.planning.sending import Sending
from flanksim.planning.sizes import Sizes
from flanksim.planning.sustain import supplies
from flanksim.scenario.distributions import distribution_of, triangular
from flanksim.scenario.geometry import great_circle_km
from flanksim.scenario.rows import Fleet, Unit
from flanksim.scenario.schema import Scenario
from flanksim.units import available_hour, deadline_hour, horizon_hour, hours

if TYPE_CHECKING:
    import networkx as nx


def compile_plan(scenario: Scenario, graph: nx.MultiDiGraph[str] | None = None) -> Plan:
    """Everything that a replication needs, numbered and frozen.

    Parameters
    ----------
    scenario
        What moves, and the rules.
    graph
        The network, as `flanksim.graph` gives it, edited or not; None for that of the scenario's tables.

    Raises
    ------
    FlanksimError
        E305 for every unit and element without an admissible itinerary, with what stops it; E308 if the graph cannot
        be used.
    """
    return plan_on(Network(realise(scenario), graph))


def plan_on(network: Network) -> Plan:
    """The plan on a network whose scenario is settled for its year."""
    return Compiler(network).plan()


def loads_of(network: Network) -> list[Load]:
    """What moves: every element of every travelling unit, with its load class and release; for bounds."""
    return Compiler(network).loads()


class Compiler:
    """A plan under construction."""

    def __init__(self, network: Network) -> None:
        self.scenario = scenario = network.scenario
        self.network = network
        self.lift = lift_pools(network)
        self.physics = Physics(network, self.lift)
        self.resources = Resources(self.physics)
        self.builder = Builder(self.resources)
        self.backlog = Backlog(self.builder)
        self._footprints: dict[tuple[Option, Element, float], Footprint] = {}
        # Loads of units whose readiness differs by more than this do not share a ship; and a started
        # ship takes another lot if at least this share of it is still empty.
        self.ship_sharing_hours = hours(scenario.optional("ship_sharing_days"))
        self.sizes = Sizes(self.physics)
        top_up = scenario.optional("ship_top_up_share")
        self.sending = Sending(self.builder, self.sizes, self.ship_sharing_hours, top_up)
        self.ordered = list(scenario.ordered_units.items())

    def plan(self) -> Plan:
        """The finished plan."""
        scenario = self.scenario
        loads = self.loads()
        options = self._options(loads)
        self._move_all(loads, options)
        units = self._units(loads)
        sustained = supplies(self) if scenario.mechanisms.sustainment else ()
        question = scenario.question
        serials = self.sending.finish()  # makes the programs of ships, so before these are collected
        return Plan(
            scenario=scenario.name,
            scenario_digest=scenario.digest,
            horizon_h=horizon_hour(question.horizon_days),
            deadline_h=deadline_hour(question.deadline_days),
            tier_1_deadline_h=deadline_hour(question.tier_1_deadline_days),
            troops_required=scenario.troops_required,
            count_in_place=scenario.forces.count_in_place,
            chance=scenario.mechanisms.chance,
            gates=tuple(self.resources.gates),
            servers=tuple(self.resources.servers),
            stores=tuple(self.resources.stores),
            pools=self.resources.finished_pools(),
            distributions=tuple(self.resources.distributions),
            programs=tuple(self.builder.programs),
            serials=serials,
            units=units,
            ready_delay=triangular(*scenario.spread("ready_delay_days")),
            element_sizes=tuple(sorted(self.sending.counts.items())),
            outages=self.resources.outages(),
            workshops=tuple(self.resources.workshops),
            supplies=sustained,
        )

    # ---- what moves -----------------------------------------------------------------------

    def loads(self) -> list[Load]:
        """Every element of every unit that moves, in order of movement."""
        found = []
        for number, (unit_id, unit) in enumerate(self.ordered):
            if unit.in_place or self.scenario.question.clock == "ready":
                continue
            for element, quantity in self.quantities(unit).items():
                if quantity > 0:
                    # Pre-positioned stocks: the vehicles start where they are stored, the troops from home.
                    home = unit.home_node if element == "troops" else unit.stock_node or unit.home_node
                    kind = self._class(unit, element)
                    permission = self.permission_hours(home, unit)
                    release = max(available_hour(unit.ready_day), permission)
                    found.append(Load(number, unit_id, unit, element, quantity, kind, home, release, permission))
        return found

    def quantities(self, unit: Unit) -> dict[Element, float]:
        """Troops, heavy vehicles, wheeled vehicles and containers of a unit, whole numbers."""
        kind = self.scenario.unit_types.get(unit.unit_type)
        scale = 1.0
        if kind is not None and kind.troops_typical > 0 and unit.troops > 0:
            scale = unit.troops / kind.troops_typical
        stated = {"heavy": unit.heavy, "wheeled": unit.wheeled, "cargo": unit.containers}
        typical = {
            "heavy": kind.heavy_typical if kind else 0.0,
            "wheeled": kind.wheeled_typical if kind else 0.0,
            "cargo": kind.containers_typical if kind else 0.0,
        }
        found: dict[Element, float] = {"troops": float(unit.troops)}
        for element in ELEMENTS[1:]:
            own = stated[element]
            found[element] = float(own) if own is not None else float(math.floor(typical[element] * scale + 0.5))
        return found

    def _class(self, unit: Unit, element: Element) -> LoadClass:
        kind = self.scenario.unit_types.get(unit.unit_type)
        heaviest = unit.heaviest_mlc if unit.heaviest_mlc is not None else (kind.heaviest_mlc if kind else 0.0)
        light = self.scenario.optional("wheeled_mlc")
        if element == "heavy":
            lifted = heaviest + self.scenario.optional("transporter_mlc")
            axle, gauge = (kind.heaviest_axle_load_t, kind.loading_gauge) if kind else (0.0, "")
            return LoadClass(element, heaviest, lifted, axle, gauge, *self._restrictions(unit, element))
        mlc = self.scenario.optional("coach_mlc") if element == "troops" else min(heaviest, light)
        return LoadClass(element, mlc, mlc, 0.0, "", *self._restrictions(unit, element))

    @staticmethod
    def _restrictions(unit: Unit, element: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Modes that a unit may not use, and the places through which its vehicles and containers must go."""
        barred = tuple(
            mode for mode in MODES if mode in unit.forbidden_modes or (unit.modes and mode not in unit.modes)
        )
        if element == "troops" or not unit.route:
            return barred, ()
        return barred, (unit.stock_node or unit.home_node, *unit.route, unit.assembly_node)

    def permission_hours(self, home: str, unit: Unit) -> float:
        """Lead time of the permission to cross borders from where a load starts; beside readiness, from C-day on."""
        scenario = self.scenario
        regime = scenario.regime.permission
        start, goal = (self.network.places[place].country for place in (home, unit.assembly_node))
        if regime == "none" or not scenario.mechanisms.permissions or start == goal:
            return 0.0
        lead = scenario.value(f"permission_days_{regime}")
        return hours(lead + scenario.optional(f"permission_activation_days_{regime}"))

    # ---- on which ways ----------------------------------------------------------------------

    @staticmethod
    def _route_key(load: Load) -> tuple[LoadClass, str, str]:
        return load.load, load.home, load.unit.assembly_node

    def _options(self, loads: list[Load]) -> dict[tuple[LoadClass, str, str], list[Option]]:
        wanted: dict[LoadClass, dict[str, set[str]]] = {}
        for load in loads:
            wanted.setdefault(load.load, {}).setdefault(load.unit.assembly_node, set()).add(load.home)
        count = 1 if self.scenario.routing.strategy == "shortest" else self.scenario.routing.alternatives
        found: dict[tuple[LoadClass, str, str], list[Option]] = {}
        problems = [
            Problem(
                "E307",
                self.scenario.name,
                f"facilities.assembly at {place}",
                f"assembly area {self.network.name(place)} {reason}: it can integrate nobody",
                "give it servers, or leave out its row if nothing limits it",
            )
            for place in sorted({load.unit.assembly_node for load in loads})
            if (reason := self.network.unusable("assembly", place))
        ]
        for load_class in sorted(wanted):
            layered = Layered(self.physics, load_class)
            for target, homes in sorted(wanted[load_class].items()):
                ways = layered.itineraries(sorted(homes), target, count)
                for home, itineraries in ways.items():
                    for way in itineraries:
                        self.builder.layered.update(dict.fromkeys(way.segments, layered))
                    options = [option for way in itineraries for option in self.with_pools(way, load_class)]
                    # A second sea leg would break up ship-loads: only where nothing else leads there.
                    options = [option for option in options if option.sea_legs <= 1] or options
                    found[load_class, home, target] = options
                    if not options:
                        problems.append(no_route(self, load_class, home, target, bool(itineraries)))
        if problems:
            raise FlanksimError(problems)
        return found

    def with_pools(self, way: Itinerary, load: LoadClass) -> list[Option]:
        """The itinerary with each choice of ships and aircraft; other lift comes from the nearest pool."""
        options: list[tuple[str, ...]] = [()]
        for segment in way.segments:
            names = self.pools_of(segment, load)
            options = [(*option, name) for option in options for name in names]
        return [Option(way.segments, pools) for pools in options]

    def pools_of(self, segment: Segment, load: LoadClass) -> list[str]:
        """Pools of lift that serve a segment; one without a name where none is needed."""
        mode, _, rest = segment.layer.partition(":")
        way = WAYS[mode]
        if not way.lift or (mode != "sea" and not self.scenario.mechanisms.lift):
            return [""]
        if way.queue == "pool":
            return [rest]
        kind = way.lift
        pools = [
            lift
            for lift in carriers(self.lift, self.scenario, kind, load.element, rest, segment.from_node)
            if not self.scenario.mechanisms.admissibility or self._fits(lift.fleets[0][1], segment)
        ]
        if way.terminal:
            # Endless lift still sails in ship-loads; without any ship in the tables one load takes all.
            return [lift.name for lift in pools] if pools or self.scenario.mechanisms.lift else [""]
        nearest = min(pools, key=lambda lift: (self._km(lift, segment.from_node), lift.name), default=None)
        return [nearest.name] if nearest else []

    def _fits(self, fleet: Fleet, segment: Segment) -> bool:
        """A ship's draught on the lane and at both berths; an aircraft's runway at both ends."""
        lanes = [self.network.edge(leg.link_id, leg.forward) for leg in segment.legs if leg.link_id]
        return self.physics.fits(fleet, lanes, (segment.from_node, segment.to_node))

    def _km(self, lift: Lift, place: str) -> float:
        """Distance from the nearest home of a pool's fleets; 0 where a position is not known."""
        two = self.network.places[place]
        homes = [self.network.places[fleet.home_node] for _, fleet in lift.fleets]
        return min(
            0.0
            if one.lat is None or one.lon is None or two.lat is None or two.lon is None
            else great_circle_km(one.lat, one.lon, two.lat, two.lon)
            for one in homes
        )

    # ---- in which serials -------------------------------------------------------------------

    def _move_all(self, loads: list[Load], options: dict[tuple[LoadClass, str, str], list[Option]]) -> None:
        """Every load, lot by lot, each on the option that the strategy gives it."""
        ways = [options[self._route_key(load)] for load in loads]
        if self.scenario.routing.strategy == "planned":
            for lot in planned_lots(self, loads, ways):
                load = loads[lot.load]
                self.sending.ranks[load.unit_number] = lot.rank  # in the end that of the unit's last lot
                self.sending.last_ranks[load.unit.priority] = lot.rank
                self.sending.dispatch(load, ways[lot.load][lot.option], lot.quantity, lot.ship)
            return
        for load, own in zip(loads, ways, strict=True):
            self._move(load, own)

    def lots(self, load: Load, options: Sequence[Option]) -> tuple[list[float], list[Footprint]]:
        """Size for which queues are estimated on each option, and what such a lot asks of the resources."""
        sizes = []
        for option in options:
            lot = self.sizes.lot_of(load, option)
            sizes.append(lot if lot < load.quantity else self.sizes.nominal(option, load))
        return sizes, [self._footprint(o, load.element, size) for o, size in zip(options, sizes, strict=True)]

    def _move(self, load: Load, options: list[Option]) -> None:
        """Cut a load into lots; each takes the option with the earliest expected end."""
        left = load.quantity
        lots = [self.sizes.lot_of(load, option) for option in options]
        _, footprints = self.lots(load, options)
        while left > 0:
            ends = [self.backlog.expected_end(footprint, load.release) for footprint in footprints]
            best = ends.index(min(ends))
            size = self.sending.dispatch(load, options[best], min(left, lots[best]))
            self.backlog.commit(footprints[best], load.release, min(1.0, size / lots[best]))
            left -= size

    def _footprint(self, option: Option, element: Element, size: float) -> Footprint:
        key = (option, element, size)
        if key not in self._footprints:
            sea, before, after = option.parts
            programs: list[tuple[int, float]] = []
            if before:
                pools = option.pools[: len(before)]
                programs.append(self._repeated(before, pools, element, size, whole=sea is None))
            if sea is not None:
                programs.append((self.builder.ship(option.segments[sea], option.pools[sea], size), 1.0))
            if after:
                pools = option.pools[-len(after) :]
                port = option.segments[len(before)].to_node
                programs.append(self._repeated(after, pools, element, size, port=port, whole=False))
            footprint = self.backlog.footprint(programs, size)
            self._footprints[key] = footprint
        return self._footprints[key]

    def _repeated(
        self,
        segments: tuple[Segment, ...],
        pools: tuple[str, ...],
        element: Element,
        size: float,
        *,
        whole: bool,
        port: str = "",
    ) -> tuple[int, float]:
        """Program of the serials into which a lot falls on `segments`, and their number; a `whole` lot is one."""
        part = min(size, self.sizes.serial_size(segments, pools, element))
        return self.builder.stage(segments, pools, element, part, port), 1.0 if whole else math.ceil(size / part)

    # ---- and the units that they close ------------------------------------------------------

    def _units(self, loads: Sequence[Load]) -> tuple[UnitPlan, ...]:
        scenario = self.scenario
        found = []
        permissions: dict[int, float] = {}
        for load in loads:
            permissions[load.unit_number] = max(load.permission_h, permissions.get(load.unit_number, 0.0))
        stays = scenario.question.clock == "ready"
        days = triangular(*scenario.spread("integration_days")) if scenario.mechanisms.integration else None
        for number, (unit_id, unit) in enumerate(self.ordered):
            quantities = self.quantities(unit)
            vehicles = 0.0 if unit.in_place or stays else sum(quantities[element] for element in ELEMENTS[1:])
            closing = len(self.sending.serials)
            program = (
                self.builder.nothing()
                if days is None or unit.in_place or stays
                else self.builder.closing(unit.assembly_node, days, sum(quantities.values()))
            )
            self.sending.serials.append(
                Serial(
                    number=closing,
                    name=f"{unit_id} closing",
                    unit=number,
                    kind="unit",
                    element=f"{unit_id}|unit",
                    index=0,
                    quantity=float(unit.troops),
                    stage=9,
                    priority=self.sending.rank(number, unit),
                    program=program,
                    waits_for=1,
                    feeds=(),
                    final=False,
                    home=False,
                )
            )
            self.sending.counts[f"{unit_id}|unit"] = 1
            interval = -1
            if unit.release_interval_hours is not None:
                interval = self.resources.distribution(distribution_of(unit.release_interval_hours))
            found.append(
                UnitPlan(
                    unit_id=unit_id,
                    name=unit.name or unit_id,
                    nation=unit.nation,
                    unit_type=unit.unit_type,
                    regional_plan=unit.regional_plan,
                    tier=unit.tier,
                    troops=unit.troops,
                    vehicles=vehicles,
                    vehicles_needed=math.ceil(scenario.close_share * vehicles - 1e-9),
                    assembly=unit.assembly_node,
                    ready_h=available_hour(unit.ready_day),
                    permission_h=permissions.get(number, 0.0),
                    required_h=deadline_hour(unit.required_day),
                    priority=unit.priority,
                    in_place=unit.in_place,
                    closing_serial=closing,
                    interval=interval,
                )
            )
        return tuple(found)
