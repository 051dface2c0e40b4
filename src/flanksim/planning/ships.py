"""Which lots share a ship: filled in order of start, then ships that are nearly empty are emptied into others.

A flow program uses ships in fractions; a ship sails whole. First each lot goes on the first ship of its lane that has
room and is not far from it in readiness (first fit, Johnson and others 1974). Then, from the emptiest on, a ship is
given up if all that it carries finds room on ships that sail anyway, on itineraries that are not much longer. Last,
a fleet that has more sailings to make per ship than the others hands its last ones over to these, for a ship more
than a round trip decides when the force is closed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flanksim.planning.lots import Lot

#: A ship fuller than this is not given up.
NEARLY_EMPTY = 0.75
#: How much longer another itinerary may be: a share, and hours.
LONGER, LATER_H = 0.1, 24.0
_NOISE = 1e-6


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

    lane: tuple[str, str, str]
    capacity_m: float
    piece_m: float
    hours: float


@dataclass(slots=True)
class _Ship:
    number: int
    lane: tuple[str, str, str]
    priority: int
    release: float
    room_m: float
    capacity_m: float
    parts: list[tuple[Lot, float]] = field(default_factory=list)

    @property
    def fill(self) -> float:
        return 1.0 - self.room_m / self.capacity_m


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
        self._on: dict[tuple[str, str, str], list[_Ship]] = {}

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
            found += [replace(lot, quantity=quantity, ship=ship.number) for lot, quantity in ship.parts]
        return sorted(found, key=lambda lot: (lot.rank, lot.load, lot.option, lot.ship))

    def _takes(self, ship: _Ship, load: int, passage: Passage) -> float:
        """Pieces of a load that still fit on a ship."""
        if ship.priority != self.priority[load] or abs(ship.release - self.release[load]) > self.window:
            return 0.0
        return math.floor(ship.room_m / passage.piece_m + _NOISE)

    def _board(self, lot: Lot, passage: Passage) -> None:
        left = lot.quantity
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
    def _put(ship: _Ship, lot: Lot, quantity: float, passage: Passage) -> None:
        ship.parts.append((lot, quantity))
        ship.room_m -= quantity * passage.piece_m

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
            count: dict[str, int] = {}
            for ship in self.ships:
                count[ship.lane[2]] = count.get(ship.lane[2], 0) + 1
            if not count:
                return
            busiest = max(sorted(count), key=lambda pool: count[pool] / self.assets[pool])
            most = count[busiest] / self.assets[busiest]
            # A fleet takes what leaves it below what the busiest one has now.
            free = {
                pool: max(0, math.ceil(most * assets - _NOISE) - 1 - count.get(pool, 0))
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
        for other, lot, quantity, passage in moves:
            if other.number < 0:
                other.number = self._next
                self._next += 1
                self.ships.append(other)
                self._on.setdefault(other.lane, []).append(other)
            self._put(other, lot, quantity, passage)
        ship.parts.clear()
        ship.room_m = 0.0  # takes nothing any more

    def _elsewhere(self, ship: _Ship, free: dict[str, int]) -> list[tuple[_Ship, Lot, float, Passage]] | None:
        """Room for all that a ship carries: on ships that sail anyway, and on `free` new ones of other pools.

        None if there is not enough.
        """
        moves: list[tuple[_Ship, Lot, float, Passage]] = []
        taken_m: dict[int, float] = {}
        fresh: list[_Ship] = []
        for lot, quantity in ship.parts:
            left = quantity
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
