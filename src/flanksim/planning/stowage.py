"""Which lots share a ship; nothing else fills ships.

`Sharing` looks at all lots together, whatever their unit and element: a strategy uses ships in fractions; a ship sails
whole. First each lot goes on the first ship of its lane that has room and is not far from it in readiness (first fit,
Johnson and others 1974). Then, from the emptiest on, a ship is given up if all that it carries finds room on ships that
sail anyway, on itineraries that are not much longer: to the same coast. Next, a fleet that has more sailings to make
per ship than the others hands its last ones over to these, for a ship more than a round trip decides when the force is
closed. Last, no ship sails with less than `ship_least_fill` of its deck in use while others carry loads for its coast:
its load takes a smaller ship, or it takes a part of theirs.
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
from flanksim.planning.workload import Workload
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


def aboard(
    lots: Sequence[Lot],
    loads: Sequence[Load],
    options: Sequence[Sequence[Option]],
    totals: Sequence[Sequence[float]],
    workload: Workload,
) -> list[Lot]:
    """The lots with their ships, in order; `totals` are hours from start to arrival on each option."""
    physics = workload.physics
    passages = [
        [passage(load, option, physics, total) for option, total in zip(ways, own, strict=True)]
        for load, ways, own in zip(loads, options, totals, strict=True)
    ]
    counted = [[way if way is None or math.isfinite(way.capacity_m) else None for way in own] for own in passages]
    priority, release = [load.unit.priority for load in loads], [load.release_h for load in loads]
    least = physics.scenario.optional("ship_least_fill")
    found = Sharing(counted, priority, release, sharing_hours(physics), workload.turning_up(), least).share(lots)
    return _endless(found, loads, passages, sharing_hours(physics))


def _endless(
    lots: Sequence[Lot], loads: Sequence[Load], passages: Sequence[Sequence[Passage | None]], window_h: float
) -> list[Lot]:
    """The lots; one ship of a deck without end takes all of a lane and priority that are ready together.

    Parameters
    ----------
    lots
        Those by sea without a ship get one; its number goes on from the others'.
    loads, passages
        What moves, and the sea passage of each of its options.
    window_h
        Loads whose readiness differs by more do not share a ship.
    """
    next_ship = 1 + max((lot.ship for lot in lots), default=-1)
    open_ships: dict[tuple[Lane, int], tuple[int, float]] = {}
    found = []
    for lot in lots:
        load, way = loads[lot.load], passages[lot.load][lot.option]
        if way is None or lot.ship >= 0:
            found.append(lot)
            continue
        key = (way.lane, load.unit.priority)
        if key not in open_ships or abs(open_ships[key][1] - load.release_h) > window_h:
            open_ships[key] = (next_ship, load.release_h)
            next_ship += 1
        found.append(replace(lot, ship=open_ships[key][0]))
    return found


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
    least_fill
        No ship sails with less of its deck in use while others carry loads for the same coast.
    """

    def __init__(
        self,
        passages: Sequence[Sequence[Passage | None]],
        priority: Sequence[int],
        release: Sequence[float],
        window_h: float,
        assets: Mapping[str, float],
        least_fill: float = 0.0,
    ) -> None:
        self.passages, self.priority, self.release, self.window = passages, priority, release, window_h
        self.assets, self.least = assets, least_fill
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
        self._onto_smaller()
        self._top_up()
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
        """Pieces of a lot on a ship; with others of the same load and rank they stay one lot."""
        ship.room_m -= pieces * passage.piece_m
        for position, (other, aboard) in enumerate(ship.parts):
            if (other.load, other.option, other.rank) == (lot.load, lot.option, lot.rank):
                ship.parts[position] = (other, aboard + pieces)
                return
        ship.parts.append((lot, pieces))

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

    def _underfilled(self) -> list[_Ship]:
        """Ships below the least fill, the emptiest first."""
        return sorted(
            (ship for ship in self.ships if ship.fill < self.least - _NOISE), key=lambda ship: (ship.fill, ship.number)
        )

    def _onto_smaller(self) -> None:
        """What would leave most of a deck empty takes a smaller ship of a fleet that is not the busiest."""
        for ship in self._underfilled():
            count = Counter(other.lane[2] for other in self.ships)
            most = max((count[pool] / self.assets[pool] for pool in count if pool in self.assets), default=0.0)
            decks = {
                passage.lane[2]: passage.capacity_m
                for lot, _ in ship.parts
                for _, passage in self._others(lot)
                if passage.capacity_m < ship.capacity_m and self.assets.get(passage.lane[2], 0.0) > 0.0
            }
            for pool in sorted(decks, key=lambda pool: (decks[pool], pool)):
                if (count[pool] + 1) / self.assets[pool] > most + _NOISE:
                    continue
                moves = self._elsewhere(ship, {pool: 1})
                if moves is not None:
                    self._move(ship, moves)
                    break
            self.ships = [entry for entry in self.ships if entry.parts]

    def _top_up(self) -> None:
        """A ship that would sail nearly empty takes a part of what fuller ones carry to the same coast."""
        for ship in self._underfilled():
            for other in sorted(self.ships, key=lambda other: (-other.fill, -other.number)):
                if ship.fill >= self.least - _NOISE:
                    break
                if other is not ship:
                    self._hand_over(other, ship)

    def _hand_over(self, giver: _Ship, taker: _Ship) -> None:
        """Pieces from one ship to another, the last that came aboard first, until either is at the least fill."""
        for position in reversed(range(len(giver.parts))):
            lot, pieces = giver.parts[position]
            ways = [(option, way) for option, way in self._others(lot) if way.lane == taker.lane]
            if not ways:
                continue
            option, way = ways[0]
            own = self.passages[lot.load][lot.option]
            piece_m = way.piece_m if own is None else own.piece_m
            wanted = math.ceil((self.least - taker.fill) * taker.capacity_m / way.piece_m - _NOISE)
            spared = math.floor((giver.fill - self.least) * giver.capacity_m / piece_m + _NOISE)
            amount = float(min(pieces, wanted, spared, self._takes(taker, lot.load, way)))
            if amount <= 0:
                continue
            self._put(taker, replace(lot, option=option), amount, way)
            giver.room_m += amount * piece_m
            giver.parts[position] = (lot, pieces - amount)
        giver.parts = [(lot, pieces) for lot, pieces in giver.parts if pieces > _NOISE]

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
