"""What a plan decides, by the names of places, links, modes and pools; and the same decisions on another network.

A plan made anew for a richer network is not always a better one: with one berth more the same rule may share lots out
otherwise, and worse. The decisions of the plan of the poorer network can be played on the richer one as they are:
every way is looked up there by its names, and priced there. What is not there any more, or does not carry a lot of
this size any more, is planned anew, load by load.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flanksim.network.admissible import LoadClass
from flanksim.network.layers import Leg
from flanksim.network.physics import Physics
from flanksim.network.routes import Layered
from flanksim.planning.loads import Load
from flanksim.planning.lots import Lot, lot_size
from flanksim.planning.options import Option, leave_of, serving
from flanksim.planning.stowage import passage

#: Unit and element.
LoadName = tuple[str, str]
#: Depot and assembly area.
Route = tuple[str, str]
#: Makes lots for some loads, given the options of each.
Strategy = Callable[[Sequence[Load], Sequence[Sequence[Option]]], Sequence[Lot]]
_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Way:
    """An option by its names: layer and legs of each segment, and the pool of lift for it."""

    segments: tuple[tuple[str, tuple[Leg, ...]], ...]
    pools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A lot by the name of its load; `option` is a place in the ways of that load, the rest is as in `Lot`."""

    load: LoadName
    option: int
    start_h: float
    pieces: float
    rank: int
    ship: int


@dataclass(frozen=True)
class Choices:
    """Everything that a plan decides.

    Attributes
    ----------
    pieces
        Pieces of each load that moves.
    ways
        The ways among which was chosen, by load.
    lots
        In the order in which they are sent.
    supply
        Ways of supply from a depot to an assembly area.
    open_ways
        Whether serials choose among these ways again when they start.
    """

    pieces: Mapping[LoadName, float]
    ways: Mapping[LoadName, tuple[Way, ...]] = field(repr=False)
    lots: tuple[Sent, ...] = field(repr=False)
    supply: Mapping[Route, tuple[Way, ...]] = field(repr=False)
    open_ways: bool = False

    def same_as(self, other: Choices) -> bool:
        """Whether both send the same on the same ways; what else might have been chosen counts while ways are open."""
        return self._in_full == other._in_full

    @property
    def _in_full(self) -> tuple[object, ...]:
        lots = [(sent.load, self.ways[sent.load][sent.option], *_rest(sent)) for sent in self.lots]
        return lots, self.supply, self.ways if self.open_ways else None


@dataclass(frozen=True)
class Found:
    """Decisions on a network: the options of each load, the lots, the ways of supply, and how many loads are new."""

    options: list[list[Option]]
    lots: list[Lot]
    supply: dict[Route, list[Option]]
    loads_anew: int


def choices_of(
    loads: Sequence[Load],
    options: Sequence[Sequence[Option]],
    lots: Sequence[Lot],
    supply: Mapping[Route, Sequence[Option]],
    *,
    open_ways: bool,
) -> Choices:
    """What a plan decides, by names.

    Parameters
    ----------
    loads, options, lots
        Of the plan.
    supply
        Ways of supply from a depot to an assembly area.
    open_ways
        Whether serials choose among these ways again when they start.
    """
    known: dict[Option, Way] = {}  # loads that start and end together share their options

    def named(own: Sequence[Option]) -> tuple[Way, ...]:
        return tuple(known.setdefault(option, _way(option)) for option in own)

    return Choices(
        {_name(load): load.pieces for load in loads},
        {_name(load): named(own) for load, own in zip(loads, options, strict=True)},
        tuple(Sent(_name(loads[lot.load]), lot.option, *_rest(lot)) for lot in lots),
        {route: named(own) for route, own in supply.items()},
        open_ways,
    )


def _name(load: Load) -> LoadName:
    return load.unit_id, load.element


def _rest(lot: Lot | Sent) -> tuple[float, float, int, int]:
    return lot.start_h, lot.pieces, lot.rank, lot.ship


def _way(option: Option) -> Way:
    return Way(tuple((segment.layer, segment.legs) for segment in option.segments), option.pools)


def carry(
    choices: Choices,
    loads: Sequence[Load],
    options: Sequence[Sequence[Option]],
    supply: Mapping[Route, Sequence[Option]],
    physics: Physics,
    anew: Strategy,
) -> Found | None:
    """The decisions of a plan on another network; None if nothing of them can be carried over.

    Parameters
    ----------
    choices
        Of the plan.
    loads, options, supply, physics
        What moves on this network, on which ways it may, and times and sizes here.
    anew
        Plans the loads that cannot go as they did: alone, as if the others were not there.
    """
    look_up = _LookUp(physics)
    here = [
        look_up.all(
            choices.ways[_name(load)] if choices.pieces.get(_name(load)) == load.pieces else (),
            own, load.home, load.target,
        )
        for load, own in zip(loads, options, strict=True)
    ]  # fmt: skip
    place = {_name(load): number for number, load in enumerate(loads)}
    sent = [(place[entry.load], entry) for entry in choices.lots if entry.load in place]
    new = {number for number, known in enumerate(here) if not known}
    new |= {n for n, entry in sent if entry.option not in here[n]}
    new |= _too_large([(n, entry) for n, entry in sent if n not in new], loads, here, physics)
    sent = [(n, entry) for n, entry in sent if n not in new]
    if not sent:
        return None
    number_of = [{old: number for number, old in enumerate(known)} for known in here]
    lots = [Lot(n, number_of[n][entry.option], *_rest(entry)) for n, entry in sent]
    if new:
        lots += _behind(lots, loads, _anew(sorted(new), loads, options, anew))
        lots.sort(key=lambda lot: (lot.rank, lot.load, lot.option, lot.ship))
    routes = {
        route: list(look_up.all(choices.supply.get(route, ()), own, *route).values()) or list(own)
        for route, own in supply.items()
    }
    ways = [list(own if n in new else here[n].values()) for n, own in enumerate(options)]
    return Found(ways, lots, routes, len(new))


class _LookUp:
    """Ways looked up by their names; each once for all loads that share it."""

    def __init__(self, physics: Physics) -> None:
        self._physics = physics
        self._known: dict[tuple[int, LoadClass, str, str], Option | None] = {}

    def all(self, ways: Sequence[Way], own: Sequence[Option], home: str, target: str) -> dict[int, Option]:
        """Those of these ways that lead here from home to target, by their place among them.

        Parameters
        ----------
        own
            Options that were found on this network: they hold the graph on which ways are looked up.
        """
        router = next((segment.router for option in own for segment in option.segments), None)
        found = {number: self._one(way, router, home, target) for number, way in enumerate(ways)}
        return {number: option for number, option in found.items() if option is not None}

    def _one(self, way: Way, router: Layered | None, home: str, target: str) -> Option | None:
        if not way.segments:
            return Option((), ()) if home == target else None
        if router is None:
            return None
        key = (id(way), router.load, home, target)  # a way lives as long as its plan: quicker than by all its legs
        if key not in self._known:
            self._known[key] = self._priced(way, router, home, target)
        return self._known[key]

    def _priced(self, way: Way, router: Layered, home: str, target: str) -> Option | None:
        segments = router.along(way.segments, home, target)
        if segments is None:
            return None
        for segment, pool in zip(segments, way.pools, strict=True):
            if pool not in serving(segment, router.load, self._physics):
                return None
        return Option(segments, way.pools, *leave_of(segments, router.load, self._physics))


def _too_large(
    sent: Sequence[tuple[int, Sent]], loads: Sequence[Load], here: Sequence[Mapping[int, Option]], physics: Physics
) -> set[int]:
    """Loads with a lot that one serial or one ship cannot carry here."""
    found: set[int] = set()
    aboard: dict[int, list[tuple[int, float, float]]] = {}
    for n, entry in sent:
        load, option = loads[n], here[n][entry.option]
        if entry.pieces > lot_size(load, option, physics) + _NOISE:
            found.add(n)
        if (sea := passage(load, option, physics)) is not None:
            aboard.setdefault(entry.ship, []).append((n, entry.pieces * sea.piece_m, sea.capacity_m))
    for members in aboard.values():
        if len(members) > 1 and sum(deck_m for _, deck_m, _ in members) > members[0][2] + _NOISE:
            found.update(n for n, _, _ in members)
    return found


def _anew(
    new: Sequence[int], loads: Sequence[Load], options: Sequence[Sequence[Option]], strategy: Strategy
) -> list[Lot]:
    """Lots of these loads, planned alone."""
    made = strategy([loads[n] for n in new], [options[n] for n in new])
    return [replace(lot, load=new[lot.load]) for lot in made]


def _behind(lots: Sequence[Lot], loads: Sequence[Load], new: Sequence[Lot]) -> list[Lot]:
    """New lots with ships of their own, and in queues behind the last lot of as high a priority that starts no later.

    Ranks of two plans cannot be compared, but both follow priority and start.
    """
    next_ship = 1 + max((lot.ship for lot in lots), default=-1)
    queue = sorted({(loads[lot.load].unit.priority, lot.start_h, lot.rank) for lot in lots})
    keys = [entry[:2] for entry in queue]
    found = []
    for lot in new:
        before = bisect_right(keys, (loads[lot.load].unit.priority, lot.start_h)) - 1
        ship = lot.ship + next_ship if lot.ship >= 0 else -1
        found.append(replace(lot, rank=queue[max(before, 0)][2], ship=ship))
    return found
