"""Lots become serials: to the port, the ship, onward; or all the way over land."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flanksim.network.routes import Segment
from flanksim.planning.loads import Load, Option
from flanksim.planning.lots import parts
from flanksim.planning.plan import Serial
from flanksim.planning.program import Builder
from flanksim.planning.sizes import Sizes
from flanksim.scenario.rows import Unit


@dataclass(slots=True)
class _Ship:
    """A ship-load that is being filled."""

    segment: Segment
    pool: str
    priority: int
    release: float
    capacity: float
    room: float
    name: str
    index: int
    unit: int
    pieces: float = 0.0
    inbound: list[int] = field(default_factory=list)
    onward: list[int] = field(default_factory=list)


class Sending:
    """Serials of a plan under construction, in the order in which they were made.

    Attributes
    ----------
    serials
        None where a ship-load is not complete yet.
    counts
        Serials of each element so far: the length of its random streams.
    ranks, last_ranks
        Place of each unit in every queue, and the last place of each priority, where the strategy plans the order;
        else the priority itself holds.
    """

    def __init__(self, builder: Builder, sizes: Sizes, ship_sharing_hours: float, ship_top_up_share: float) -> None:
        self.builder, self.sizes = builder, sizes
        self.ship_sharing_hours, self.ship_top_up_share = ship_sharing_hours, ship_top_up_share
        self.serials: list[Serial | None] = []
        self.counts: dict[str, int] = {}
        self.ranks: dict[int, int] = {}
        self.last_ranks: dict[int, int] = {}
        self._ships: dict[tuple[object, ...], _Ship] = {}
        self._all_ships: list[_Ship] = []

    def rank(self, unit_number: int, unit: Unit) -> int:
        """Place in every queue: lower goes first, equals in order of arrival."""
        return self.ranks.get(unit_number, unit.priority)

    def rank_behind(self, unit: Unit) -> int:
        """Place of what must not hold up the force: with the last of all units of the same priority."""
        return self.last_ranks.get(unit.priority, unit.priority)

    def dispatch(self, load: Load, option: Option, size: float, number: int = -1) -> float:
        """Make the serials of one lot, on the ship of that number if one is given; returns how much was taken."""
        sea, before, after = option.parts
        if sea is None:
            self._serial(load, before, option.pools, size, stage=0, waits=0, feeds=(), final=True)
            return size
        ship = self._ship(load, option.segments[sea], option.pools[sea], number)
        lane = self.sizes.lane_m(load)
        if math.isfinite(ship.room) and number < 0:
            size = min(size, max(1.0, math.floor(ship.room / lane)))
            ship.room -= size * lane
        ship.pieces += size
        before_pools, after_pools = option.pools[: len(before)], option.pools[len(option.pools) - len(after) :]
        for part in parts(size, self.sizes.serial_size(before, before_pools, load.element) if before else size):
            ship.inbound.append(
                self._serial(
                    load,
                    before,
                    before_pools,
                    part,
                    stage=0,
                    waits=0,
                    feeds=(ship.index,),
                    final=False,
                )
            )
        for part in parts(size, self.sizes.serial_size(after, after_pools, load.element) if after else size):
            ship.onward.append(
                self._serial(
                    load,
                    after,
                    after_pools,
                    part,
                    stage=2,
                    waits=1,
                    feeds=(),
                    final=True,
                    port=ship.segment.to_node,
                )
            )
        return size

    def finish(self) -> tuple[Serial, ...]:
        """All serials, ship-loads included."""
        for ship in self._all_ships:
            self._finish_ship(ship)
        return tuple(serial for serial in self.serials if serial is not None)

    def _ship(self, load: Load, segment: Segment, pool: str, number: int) -> _Ship:
        """The ship of that number, or without a number the one that is being filled on this lane."""
        key = (segment.from_node, segment.to_node, pool, load.unit.priority if number < 0 else f"ship {number}")
        ship = self._ships.get(key)
        lane = self.sizes.lane_m(load)
        full = ship is not None and (
            ship.room < max(lane, self.ship_top_up_share * ship.capacity)
            or abs(ship.release - load.release) > self.ship_sharing_hours
        )
        if ship is None or (full and number < 0):
            capacity = self.sizes.ship_lane_m(pool) if pool else math.inf
            name = f"ship {segment.from_node}-{segment.to_node} {load.unit_id} {load.element}"
            self.serials.append(None)
            index = len(self.serials) - 1
            count = self.counts.get(name, 0)
            self.counts[name] = count + 1
            ship = _Ship(
                segment,
                pool,
                self.rank(load.unit_number, load.unit),
                load.release,
                capacity,
                capacity,
                f"{name}|{count}",
                index,
                load.unit_number,
            )
            self._ships[key] = ship
            self._all_ships.append(ship)
        return ship

    def _finish_ship(self, ship: _Ship) -> None:
        name, _, count = ship.name.partition("|")
        self.serials[ship.index] = Serial(
            number=ship.index,
            name=f"{name} {int(count) + 1}",
            unit=ship.unit,
            kind="ship",
            element=name,
            index=int(count),
            quantity=ship.pieces,
            stage=1,
            priority=ship.priority,
            program=self.builder.ship(ship.segment, ship.pool, ship.pieces),
            waits_for=len(ship.inbound),
            feeds=tuple(ship.onward),
            final=False,
            home=False,
        )

    def _serial(
        self,
        load: Load,
        segments: tuple[Segment, ...],
        pools: tuple[str, ...],
        quantity: float,
        *,
        stage: int,
        waits: int,
        feeds: tuple[int, ...],
        final: bool,
        port: str = "",
    ) -> int:
        element = f"{load.unit_id}|{load.element}" + ("|onward" if stage == 2 else "")
        index = self.counts.get(element, 0)
        self.counts[element] = index + 1
        number = len(self.serials)
        program = self.builder.stage(segments, pools, load.element, quantity, port)
        self.serials.append(
            Serial(
                number=number,
                name=f"{load.unit_id} {load.element} {index + 1}" + (" onward" if stage == 2 else ""),
                unit=load.unit_number,
                kind=load.element,
                element=element,
                index=index,
                quantity=quantity,
                stage=stage,
                priority=self.rank(load.unit_number, load.unit),
                program=program,
                waits_for=waits,
                feeds=feeds,
                final=final,
                home=stage == 0,
                needs_permission=load.permission_h > 0,
            )
        )
        return number
