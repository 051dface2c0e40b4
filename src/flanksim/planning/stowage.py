"""Which lots share a ship; nothing else fills ships.

`Filling` takes lots as they come, on the ship of their lane that stands open. `Sharing` looks at all lots together: a
flow program uses ships in fractions; a ship sails whole. First each lot goes on the first ship of its lane that has
room and is not far from it in readiness (first fit, Johnson and others 1974). Then, from the emptiest on, a ship is
given up if all that it carries finds room on ships that sail anyway, on itineraries that are not much longer. Last, a
fleet that has more sailings to make per ship than the others hands its last ones over to these, for a ship more than a
round trip decides when the force is closed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flanksim.network.physics import Physics
from flanksim.planning.loads import Load
from flanksim.planning.lots import Lot
from flanksim.planning.options import Option
from flanksim.units import hours

#: A ship fuller than this is not given up.
NEARLY_EMPTY = 0.75
#: How much longer another itinerary may be: a share, and hours.
LONGER, LATER_H = 0.1, 24.0
_NOISE = 1e-6
#: Port, port and pool of ships.
Lane = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """One option of a load that goes by sea.

    Attributes
    ----------
    lane
        Port, port and pool of ships.
    capacity_m, piece_m
        Lane metres of one ship, and of one piece.
    hours
        From start to arrival if nothing waits.
    """

    lane: Lane
    capacity_m: float
    piece_m: float
    hours: float


@dataclass(slots=True)
class _Ship:
    number: int
    lane: Lane
    priority: int
    release: float
    room_m: float
    capacity_m: float
    parts: list[tuple[Lot, float]] = field(default_factory=list)

    @property
    def fill(self) -> float:
        return 1.0 - self.room_m / self.capacity_m


def passage(load: Load, option: Option, physics: Physics, hours: float = 0.0) -> Passage | None:
    """The sea leg of an option of a load, None over land; without any ship one passage takes all."""
    if option.sea is None:
        return None
    segment, pool = option.segments[option.sea], option.pools[option.sea]
    capacity = physics.lift[pool].capacity if pool else math.inf
    piece_m = physics.lane_m(load.element, load.unit.unit_type)
    return Passage((segment.from_node, segment.to_node, pool), capacity, piece_m, hours)


def sharing_hours(physics: Physics) -> float:
    """Loads of units whose readiness differs by more than this do not share a ship."""
    return hours(physics.scenario.optional("ship_sharing_days"))


class Filling:
    """Ships that are filled one after the other, one open on each lane for each priority.

    Parameters
    ----------
    physics
        Times and sizes, with the parameters of sharing: a started ship takes another lot if at least
        ``ship_top_up_share`` of it is still empty.
    first
        Number of its first ship.
    """

    def __init__(self, physics: Physics, first: int = 0) -> None:
        self.physics, self.window, self._next = physics, sharing_hours(physics), first
        self.top_up = physics.scenario.optional("ship_top_up_share")
        self._open: dict[tuple[Lane, int], _Ship] = {}

    def board(self, load: Load, option: Option, pieces: float) -> tuple[int, float]:
        """Number of the ship that takes pieces of a load next, and how many it takes; -1 and all of them over land."""
        way = passage(load, option, self.physics)
        if way is None:
            return -1, pieces
        key = (way.lane, load.unit.priority)
        ship = self._open.get(key)
        if (
            ship is None
            or ship.room_m < max(way.piece_m, self.top_up * ship.capacity_m)
            or abs(ship.release - load.release_h) > self.window
        ):
            ship = _Ship(self._next, way.lane, load.unit.priority, load.release_h, way.capacity_m, way.capacity_m)
            self._open[key] = ship
            self._next += 1
        if math.isfinite(ship.room_m):
            pieces = min(pieces, max(1.0, math.floor(ship.room_m / way.piece_m)))
            ship.room_m -= pieces * way.piece_m
        return ship.number, pieces


class Sharing:
    """Ships of one plan.

    Parameters
    ----------
    passages
        For each load and each of its options the sea passage; None for an option over land.
    priority, release
        Of each load's unit: only equals share a ship, and only if they are released within `window_h`.
    assets
        Ships of each pool that turn up.
    """

    def __init__(
        self,
        passages: Sequence[Sequence[Passage | None]],
        priority: Sequence[int],
        release: Sequence[float],
        window_h: float,
        assets: Mapping[str, float],
    ) -> None:
        self.passages, self.priority, self.release, self.window = passages, priority, release, window_h
        self.assets = assets
        self.ships: list[_Ship] = []
        self._next = 0
        self._on: dict[Lane, list[_Ship]] = {}

    def share(self, lots: Sequence[Lot]) -> list[Lot]:
        """The lots, those that go by sea with the number of their ship; cut where one ship cannot take all."""
        by_land = [lot for lot in lots if self.passages[lot.load][lot.option] is None]
        for lot in lots:
            passage = self.passages[lot.load][lot.option]
            if passage is not None:
                self._board(lot, passage)
        self._give_up()
        self._balance()
        found = by_land
        for ship in self.ships:
            found += [replace(lot, pieces=pieces, ship=ship.number) for lot, pieces in ship.parts]
        return sorted(found, key=lambda lot: (lot.rank, lot.load, lot.option, lot.ship))

    def _takes(self, ship: _Ship, load: int, passage: Passage) -> float:
        """Pieces of a load that still fit on a ship."""
        if ship.priority != self.priority[load] or abs(ship.release - self.release[load]) > self.window:
            return 0.0
        return math.floor(ship.room_m / passage.piece_m + _NOISE)

    def _board(self, lot: Lot, passage: Passage) -> None:
        left = lot.pieces
        for ship in self._on.setdefault(passage.lane, []):
            taken = min(left, self._takes(ship, lot.load, passage))
            if taken > 0:
                self._put(ship, lot, taken, passage)
                left -= taken
            if left <= _NOISE:
                return
        while left > _NOISE:
            ship = self._new(lot.load, passage)
            ship.number = self._next
            self._next += 1
            taken = min(left, max(1.0, self._takes(ship, lot.load, passage)))
            self.ships.append(ship)
            self._on[passage.lane].append(ship)
            self._put(ship, lot, taken, passage)
            left -= taken

    @staticmethod
    def _put(ship: _Ship, lot: Lot, pieces: float, passage: Passage) -> None:
        ship.parts.append((lot, pieces))
        ship.room_m -= pieces * passage.piece_m

    def _give_up(self) -> None:
        """Empty what is nearly empty, the emptiest first."""
        for ship in sorted(self.ships, key=lambda ship: (ship.fill, ship.number)):
            if ship.fill > NEARLY_EMPTY:
                break
            moves = self._elsewhere(ship, {})
            if moves is not None:
                self._move(ship, moves)
        self.ships = [ship for ship in self.ships if ship.parts]

    def _balance(self) -> None:
        """Hand sailings over from the fleet that has most of them per ship, for as long as that helps."""
        while True:
            count = Counter(ship.lane[2] for ship in self.ships)
            if not (count and self.assets):  # where lift is not counted no fleet is short
                return
            busiest = max(sorted(count), key=lambda pool: count[pool] / self.assets[pool])
            most = count[busiest] / self.assets[busiest]
            # A fleet takes what leaves it below what the busiest one has now.
            free = {
                pool: max(0, math.ceil(most * assets - _NOISE) - 1 - count[pool])
                for pool, assets in self.assets.items()
                if pool != busiest
            }
            own = [ship for ship in self.ships if ship.lane[2] == busiest]
            own.sort(key=lambda ship: (-min(lot.rank for lot, _ in ship.parts), ship.number))
            for ship in own:
                moves = self._elsewhere(ship, dict(free))
                if moves is not None:
                    self._move(ship, moves)
                    break
            else:
                return
            self.ships = [entry for entry in self.ships if entry.parts]

    def _move(self, ship: _Ship, moves: list[tuple[_Ship, Lot, float, Passage]]) -> None:
        for other, lot, pieces, passage in moves:
            if other.number < 0:
                other.number = self._next
                self._next += 1
                self.ships.append(other)
                self._on.setdefault(other.lane, []).append(other)
            self._put(other, lot, pieces, passage)
        ship.parts.clear()
        ship.room_m = 0.0  # takes nothing any more

    def _elsewhere(self, ship: _Ship, free: dict[str, int]) -> list[tuple[_Ship, Lot, float, Passage]] | None:
        """Room for all that a ship carries: on ships that sail anyway, and on `free` new ones of other pools.

        None if there is not enough.
        """
        moves: list[tuple[_Ship, Lot, float, Passage]] = []
        taken_m: dict[int, float] = {}
        fresh: list[_Ship] = []
        for lot, pieces in ship.parts:
            left = pieces
            for option, passage in self._others(lot):
                new = [entry for entry in fresh if entry.lane == passage.lane]
                for other in (*self._on.get(passage.lane, ()), *new):
                    if other is ship or (other.number >= 0 and not other.parts):
                        continue
                    room = other.room_m - taken_m.get(id(other), 0.0)
                    fits = min(self._takes(other, lot.load, passage), math.floor(room / passage.piece_m + _NOISE))
                    amount = min(left, fits)
                    if amount > 0:
                        moves.append((other, replace(lot, option=option), amount, passage))
                        taken_m[id(other)] = taken_m.get(id(other), 0.0) + amount * passage.piece_m
                        left -= amount
            for option, passage in self._others(lot):
                while left > _NOISE and free.get(passage.lane[2], 0) > 0:
                    other = self._new(lot.load, passage)
                    amount = min(left, max(1.0, self._takes(other, lot.load, passage)))
                    free[passage.lane[2]] -= 1
                    fresh.append(other)
                    moves.append((other, replace(lot, option=option), amount, passage))
                    taken_m[id(other)] = amount * passage.piece_m
                    left -= amount
            if left > _NOISE:
                return None
        return moves

    def _others(self, lot: Lot) -> list[tuple[int, Passage]]:
        """Sea passages of a lot's load that are not much longer than its own, the quickest first."""
        own = self.passages[lot.load][lot.option]
        if own is None:
            return []
        found = [
            (option, passage)
            for option, passage in enumerate(self.passages[lot.load])
            if passage is not None and passage.hours <= own.hours * (1.0 + LONGER) + LATER_H
        ]
        return sorted(found, key=lambda entry: (entry[1].hours, entry[0]))

    def _new(self, load: int, passage: Passage) -> _Ship:
        """A ship without a number yet."""
        capacity = passage.capacity_m
        return _Ship(-1, passage.lane, self.priority[load], self.release[load], capacity, capacity)
