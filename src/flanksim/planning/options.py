"""On which ways loads may move: itineraries, each with a choice of the lift that carries it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from flanksim.modes import WAYS
from flanksim.network.admissible import LoadClass
from flanksim.network.elements import Edge
from flanksim.network.lift import Lift, carriers
from flanksim.network.physics import Physics
from flanksim.network.routes import Itinerary, Layered, Segment
from flanksim.planning.loads import Load
from flanksim.planning.permissions import asked, hours_to_border, lead, states_of
from flanksim.scenario.geometry import great_circle_km
from flanksim.units import hours


@dataclass(frozen=True, eq=False)
class Option:
    """An itinerary with a pool of lift for each segment.

    Attributes
    ----------
    states
        States whose leave it needs, that of its end first.
    border_h
        Least hours to the first border.
    leave_h
        Typical hour from which it may be set out on.
    """

    segments: tuple[Segment, ...]
    pools: tuple[str, ...]
    states: tuple[str, ...] = ()
    border_h: float = 0.0
    leave_h: float = 0.0

    @cached_property
    def sea(self) -> int | None:
        """Position of the (first) sea leg; None over land."""
        return next((n for n, segment in enumerate(self.segments) if segment.layer.startswith("sea")), None)

    @cached_property
    def parts(self) -> tuple[Option, Option]:
        """What lies before and after the sea leg, leave to cross borders before it; over land all lies before."""
        cut = len(self.segments) if self.sea is None else self.sea
        before, after = slice(cut), slice(cut + 1, None)
        leave = (self.states, self.border_h, self.leave_h)
        first = Option(self.segments[before], self.pools[before], *leave)
        return first, Option(self.segments[after], self.pools[after])

    @property
    def sea_legs(self) -> int:
        """Number of sea legs."""
        return sum(segment.layer.startswith("sea") for segment in self.segments)


def options_of(loads: Sequence[Load], physics: Physics) -> list[list[Option]]:
    """Options of each load, the shortest itinerary first; none where it has no admissible way.

    Parameters
    ----------
    loads
        What moves.
    physics
        Times and sizes on the network, with its pools of lift.
    """
    routing = physics.scenario.routing
    count = 1 if routing.strategy == "shortest" else routing.alternatives
    wanted: dict[LoadClass, dict[str, set[str]]] = {}
    for load in loads:
        wanted.setdefault(load.load_class, {}).setdefault(load.target, set()).add(load.home)
    found: dict[tuple[LoadClass, str, str], list[Option]] = {}
    for load_class in sorted(wanted):
        layered = Layered(physics, load_class)
        by_land = _without_flights(load_class, physics, layered)
        for target, homes in sorted(wanted[load_class].items()):
            others = by_land.itineraries(sorted(homes), target, count) if by_land is not None else {}
            for home, ways in layered.itineraries(sorted(homes), target, count).items():
                options = with_pools([*ways, *_unlike(ways, others.get(home, []))], load_class, physics)
                # A second sea leg would break up ship-loads: only where nothing else leads there.
                found[load_class, target, home] = [o for o in options if o.sea_legs <= 1] or options
    return [found[load.route] for load in loads]


def _without_flights(load: LoadClass, physics: Physics, layered: Layered) -> Layered | None:
    """Ways without flights of what may fly, besides those with: aircraft are few, and the quickest ways all fly."""
    if load.element == "troops" or "air" not in layered.layers:
        return None
    return Layered(physics, replace(load, without=(*load.without, "air")))


def _unlike(ways: Sequence[Itinerary], others: Sequence[Itinerary]) -> list[Itinerary]:
    """Those of the others that no way is: over other legs, or on other layers."""
    known = {tuple((segment.layer, segment.legs) for segment in way.segments) for way in ways}
    return [way for way in others if tuple((segment.layer, segment.legs) for segment in way.segments) not in known]


def with_pools(ways: Iterable[Itinerary], load: LoadClass, physics: Physics) -> list[Option]:
    """Itineraries with each choice of ships and aircraft; other lift comes from the nearest pool."""
    found = []
    for way in ways:
        leave = leave_of(way.segments, load, physics)
        choices = product(*(pools_of(segment, load, physics) for segment in way.segments))
        found += [Option(way.segments, pools, *leave) for pools in choices]
    return found


def leave_of(segments: tuple[Segment, ...], load: LoadClass, physics: Physics) -> tuple[tuple[str, ...], float, float]:
    """Leave that a way needs: ``states``, ``border_h`` and ``leave_h`` of an `Option`."""
    states, border_h = states_of(segments, physics), hours_to_border(segments, physics)
    days = max((lead(physics.scenario, state, load.element).typical for state in states), default=0.0)
    return states, border_h, max(0.0, asked(physics.scenario) + hours(days) - border_h) if states else 0.0


def pools_of(segment: Segment, load: LoadClass, physics: Physics) -> list[str]:
    """Pools of lift to choose from for a segment: ships and aircraft; of other lift the nearest pool."""
    pools = serving(segment, load, physics)
    if len(pools) < 2 or WAYS[segment.layer.partition(":")[0]].terminal:
        return pools
    return [min(pools, key=lambda name: (_km(physics.lift[name], segment.from_node, physics), name))]


def serving(segment: Segment, load: LoadClass, physics: Physics) -> list[str]:
    """Every pool of lift that serves a segment; one without a name where none is needed."""
    scenario, (mode, _, rest) = physics.scenario, segment.layer.partition(":")
    way = WAYS[mode]
    if not way.lift or (mode != "sea" and not scenario.mechanisms.lift):
        return [""]
    if way.queue == "pool":
        return [rest]
    lanes = [physics.network.edge(leg.link_id, leg.forward) for leg in segment.legs if leg.link_id]
    pools = [
        lift.name
        for lift in carriers(physics.lift, scenario, way.lift, load.element, rest, segment.from_node)
        if not scenario.mechanisms.admissibility or _fits(segment, lift, lanes, physics)
    ]
    # Endless lift still sails in ship-loads; without any ship in the tables one load takes all.
    return pools if pools or scenario.mechanisms.lift or not way.terminal else [""]


def _fits(segment: Segment, lift: Lift, lanes: list[Edge], physics: Physics) -> bool:
    """Whether the ships or aircraft of a pool suit a segment's lanes, ends and flights."""
    fleet = lift.fleets[0][1]
    reached = all(leg.link_id or physics.in_range(fleet, leg.from_node, leg.to_node) for leg in segment.legs)
    return reached and physics.fits(fleet, lanes, (segment.from_node, segment.to_node))


def _km(lift: Lift, place: str, physics: Physics) -> float:
    """Distance from the nearest home of a pool's fleets; 0 where a position is not known."""
    places = physics.network.places
    two = places[place]
    return min(
        0.0
        if one.lat is None or one.lon is None or two.lat is None or two.lon is None
        else great_circle_km(one.lat, one.lon, two.lat, two.lon)
        for one in (places[fleet.home_node] for _, fleet in lift.fleets)
    )
