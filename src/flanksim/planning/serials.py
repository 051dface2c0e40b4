"""Lots become serials: to the port, the ship, onward; or all the way over land. And one serial closes each unit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flanksim.network.admissible import ELEMENTS
from flanksim.network.routes import Segment
from flanksim.planning.loads import Load, quantities, ready_hour, stays
from flanksim.planning.lots import Lot, parts, serial_size
from flanksim.planning.options import Option
from flanksim.planning.permissions import Permits
from flanksim.planning.plan import Serial, UnitPlan
from flanksim.planning.programs import Programs
from flanksim.planning.ways import Stage, Ways, alike
from flanksim.scenario.distributions import Distribution, distribution_of, triangular
from flanksim.scenario.rows import Unit
from flanksim.scenario.schema import Scenario
from flanksim.units import deadline_hour


@dataclass(slots=True)
class ShipLoad:
    """What one ship carries: number of its serial, where it sails, and which serials it waits for and releases.

    It is named after the first load that it takes, and stands in queues where that one does.
    """

    number: int
    name: str
    index: int
    unit: int
    priority: int
    segment: Segment
    pool: str
    pieces: float = 0.0
    deck_m: float = 0.0
    waits_for: int = 0
    onward: tuple[int, ...] = ()

    def serial(self, programs: Programs) -> Serial:
        """Its serial."""
        return Serial(
            number=self.number,
            name=f"{self.name} {self.index + 1}",
            unit=self.unit,
            kind="ship",
            element=self.name,
            index=self.index,
            quantity=self.pieces,
            stage=1,
            priority=self.priority,
            program=programs.ship(self.segment, self.pool, self.pieces),
            waits_for=self.waits_for,
            feeds=self.onward,
            deck_m=self.deck_m,
        )


def serials_of(
    lots: Iterable[Lot],
    loads: Sequence[Load],
    options: Sequence[Sequence[Option]],
    programs: Programs,
    permits: Permits,
    ways: Ways | None = None,
) -> tuple[list[Serial], list[ShipLoad]]:
    """Serials that move by land and air, and the ships to and from which they go, numbered together.

    Parameters
    ----------
    lots
        In the order in which they are sent, with the numbers of their ships.
    loads, options
        What moves, and on which ways each load may.
    programs, permits
        The plan's registers of programs and of permits.
    ways
        Its register of ways; None where serials have no choice.
    """
    found: list[Serial] = []
    ships: dict[int, ShipLoad] = {}
    of_name: Counter[str] = Counter()

    def send(lot: Lot, way: Option, pieces: float, ship: ShipLoad | None, onward: bool) -> int:
        load = loads[lot.load]
        stem = f"{load.unit_id}|{load.element}" + ("|onward" if onward else "")
        stage = Stage(load, pieces, ship.segment.to_node if ship and onward else "", onward)
        serial = Serial(
            number=len(found) + len(ships),
            name=f"{load.unit_id} {load.element} {of_name[stem] + 1}" + (" onward" if onward else ""),
            unit=load.unit_number,
            kind=load.element,
            element=stem,
            index=of_name[stem],
            quantity=pieces,
            stage=2 if onward else 0,
            priority=lot.rank,
            program=stage.program(way, programs),
            waits_for=int(onward),
            feeds=(ship.number,) if ship and not onward else (),
            final=onward or ship is None,
            home=not onward,
            permits=() if onward else permits.of(load, way.states),
            border_h=stage.border_h(way, programs),
            ways=() if ways is None else ways.of(stage, way, alike(options[lot.load], lot.option, onward)),
        )
        of_name[stem] += 1
        found.append(serial)
        return serial.number

    for lot in lots:
        load, option = loads[lot.load], options[lot.load][lot.option]
        before, after = option.parts
        if option.sea is None:
            send(lot, before, lot.pieces, None, onward=False)
            continue
        if lot.ship not in ships:
            lane, pool = option.segments[option.sea], option.pools[option.sea]
            name = f"ship {lane.from_node}-{lane.to_node} {load.unit_id} {load.element}"
            number = len(found) + len(ships)
            ships[lot.ship] = ShipLoad(number, name, of_name[name], load.unit_number, lot.rank, lane, pool)
            of_name[name] += 1
        ship = ships[lot.ship]
        ship.pieces += lot.pieces
        ship.deck_m += lot.pieces * programs.physics.lane_m(load.element, load.unit.unit_type)
        to_port, from_port = (
            parts(lot.pieces, serial_size(way, load.element, programs.physics, load.piece))
            if way.segments
            else [lot.pieces]
            for way in (before, after)
        )
        ship.waits_for += len([send(lot, before, part, ship, onward=False) for part in to_port])
        ship.onward += tuple(send(lot, after, part, ship, onward=True) for part in from_port)
    return found, list(ships.values())


def closings(
    scenario: Scenario, ranks: Mapping[int, int], programs: Programs, first: int
) -> tuple[list[UnitPlan], list[Serial]]:
    """Every unit in order of movement, and the serial that closes it: integration where there is any.

    Parameters
    ----------
    scenario
        The units, and when they are ready and required.
    ranks
        Place in queues of each unit that moves, by number; else its priority is.
    programs
        The plan's register of programs.
    first
        Number of the first of these serials.
    """
    units: list[UnitPlan] = []
    serials: list[Serial] = []
    days = triangular(*scenario.spread("integration_days")) if scenario.mechanisms.integration else None
    for number, (unit_id, unit) in enumerate(scenario.ordered_units.items()):
        pieces, still = quantities(scenario, unit), stays(scenario, unit)
        vehicles = 0.0 if still else sum(pieces[element] for element in ELEMENTS[1:])
        program = (
            programs.nothing()
            if days is None or still
            else programs.closing(unit.assembly_node, days, sum(pieces.values()))
        )
        serial = Serial(
            number=first + number,
            name=f"{unit_id} closing",
            unit=number,
            kind="unit",
            element=f"{unit_id}|unit",
            index=0,
            quantity=float(unit.troops),
            stage=9,
            priority=ranks.get(number, unit.priority),
            program=program,
            waits_for=1,
        )
        serials.append(serial)
        interval = unit.release_interval_hours
        units.append(
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
                ready_h=ready_hour(scenario, unit),
                required_h=deadline_hour(unit.required_day),
                priority=unit.priority,
                in_place=unit.in_place,
                closing_serial=serial.number,
                interval=-1 if interval is None else programs.resources.distribution(distribution_of(interval)),
                ready_delay=_own_delay(unit),
            )
        )
    return units, serials


def _own_delay(unit: Unit) -> Distribution | None:
    """Days by which a unit may be ready before (below 0) or after its day, where it says so itself."""
    early, late = unit.ready_early_days, unit.ready_late_days
    return None if early is late is None else triangular(-(early or 0.0), 0.0, late or 0.0)
