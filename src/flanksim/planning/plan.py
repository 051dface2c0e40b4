"""The Plan: numbered, frozen and picklable; all that the engine reads.

A serial's way is a *program*: a tuple of steps (`flanksim.planning.steps`). Programs are shared by serials of the same
size on the same itinerary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from math import ceil
from typing import Any

from flanksim.planning.steps import Drop, Free, Step
from flanksim.scenario.distributions import Distribution

Windows = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """Entrance of a link. ``opposing_clearance_h`` is None where any next serial may follow."""

    name: str
    mode: str
    opposing_clearance_h: float | None = None
    closed: Windows = ()


@dataclass(frozen=True, slots=True)
class Server:
    """Berths, ramps, stands or lanes of one facility."""

    name: str
    kind: str
    servers: float
    closed: Windows = ()


@dataclass(frozen=True, slots=True)
class Store:
    """Finite storage of one facility, in vehicles and containers."""

    name: str
    capacity: float


@dataclass(frozen=True, slots=True)
class Asset:
    """One group of lift that moves as one: a train, a ship, ten coaches.

    Attributes
    ----------
    fleet, index
        Its fleet, and its number within that: what its random numbers are keyed by.
    capacity
        What it carries, in the unit of its fleet.
    away
        Hours in which it does not set out: idle, it stands still; under way, it comes back first.
    """

    fleet: str
    index: int
    place: int
    available_h: float
    activation: float
    capacity: float
    speed_kmh: float
    hours_per_day: float = 24.0
    workshop: int = -1
    away: Windows = ()


@dataclass(frozen=True, slots=True)
class Workshop:
    """Repair of one fleet: an asset that has been up for an exponential time waits here for a fitter."""

    name: str
    mean_life_h: float
    repair: Distribution
    fitters: float


@dataclass(frozen=True, slots=True)
class Supply:
    """Sustainment of one unit from its closure on.

    Attributes
    ----------
    rounds
        Serials of a delivery, one tuple for each itinerary; deliveries take them in turn.
    first_h, interval_h
        Hours from closure to the first dispatch, and between dispatches.
    """

    unit: int
    rounds: tuple[tuple[int, ...], ...]
    first_h: float
    interval_h: float


@dataclass(frozen=True, slots=True)
class Pool:
    """Fleets that serve one queue; they are alike in what one asset carries, except for transporters and coaches.

    ``position_km[a][b]`` is the length of an empty run between its places.
    """

    name: str
    kind: str
    assets: tuple[Asset, ...]
    places: tuple[str, ...]
    position_km: tuple[tuple[float, ...], ...]

    def position_h(self, asset: int, here: int, there: int) -> float:
        """Hours of an asset's empty run between two places."""
        return self.position_km[here][there] / self.assets[asset].speed_kmh

    def groups(self, pieces: float) -> int:
        """Assets that a `Take` of so many pieces asks for, at their mean capacity."""
        if pieces <= 0 or not self.assets:
            return 1
        mean = sum(asset.capacity for asset in self.assets) / len(self.assets)
        return max(1, ceil(pieces / mean - 1e-9))


@dataclass(frozen=True, slots=True)
class OutageGroup:
    """Gates and servers that one cause shuts together: a link, or a country's railways, roads or ports."""

    name: str
    gates: tuple[int, ...]
    servers: tuple[int, ...]
    rate_per_hour: float
    repair: Distribution


@dataclass(frozen=True, slots=True)
class Slot:
    """One random number of a serial: what it is for, at which thing, from which distribution."""

    purpose: str
    thing: str
    distribution: int


@dataclass(frozen=True, slots=True)
class Program:
    """Steps of a serial, the slots that they draw from, and the places that it links."""

    steps: tuple[Step, ...]
    slots: tuple[Slot, ...] = ()
    from_node: str = ""
    to_node: str = ""

    @property
    def silent(self) -> bool:
        """Whether it writes no movement: its serial is where it has to be already."""
        return all(isinstance(step, Free | Drop) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Serial:
    """What moves as one.

    Attributes
    ----------
    element
        Key of its random streams: serials of one element share streams, ``index`` picks the number.
    stage
        0 from home, 1 the ship, 2 onward from the port of debarkation, 8 supply of closed troops (the
        same serial again for each delivery), 9 the unit itself.
    waits_for
        Number of serials that must arrive before this one starts.
    feeds
        Serials that this one releases at its end (for a ship: that it discharges, in order).
    permits
        Numbers of the permits that its way needs, that of the state in which it ends first.
    border_h
        Least hours to the first border on it: it starts so long before the last of its permits is given.
    deck_m
        Lane metres that a ship-load fills; 0 of all others.
    ways
        Numbers of the plan's ways among which it chooses when it starts, its own among them; none: it has no choice.
    """

    number: int
    name: str
    unit: int
    kind: str
    element: str
    index: int
    quantity: float
    stage: int
    priority: int
    program: int
    waits_for: int = 0
    feeds: tuple[int, ...] = ()
    final: bool = False
    home: bool = False
    permits: tuple[int, ...] = ()
    border_h: float = 0.0
    deck_m: float = 0.0
    ways: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways among which a serial chooses: its program, and the leave that it needs (as in `Serial`)."""

    program: int
    permits: tuple[int, ...] = ()
    border_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """What a serial with a program asks of gates, servers and pools.

    Attributes
    ----------
    thing
        Their numbers: gates first, then servers, then pools, each in the order of the plan.
    work_h, reached_h
        Hours of work there, and hours after the start at which the serial comes there.
    total_h
        Hours from start to end if nothing has to be waited for.
    """

    thing: tuple[int, ...] = ()
    work_h: tuple[float, ...] = ()
    reached_h: tuple[float, ...] = ()
    total_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave of one state for one unit's loads of a kind.

    Attributes
    ----------
    name
        Key of its random number.
    days
        Days from request to leave.
    asked_h
        Hour of the request, before C-day if there was warning.
    """

    name: str
    days: Distribution
    asked_h: float


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit to be closed, with the hour at which it is ready, before C-day if there was warning enough.

    Attributes
    ----------
    ready_delay
        Days by which it is ready later, or earlier if negative; None for what the plan has for all.
    """

    unit_id: str
    name: str
    nation: str
    unit_type: str
    regional_plan: str
    tier: int
    troops: int
    vehicles: float
    vehicles_needed: float
    assembly: str
    ready_h: float
    required_h: float
    priority: int
    in_place: bool
    closing_serial: int
    interval: int
    ready_delay: Distribution | None = None


def leave_hour(serial: Serial | Way, permit_h: Sequence[float]) -> float:
    """Hour from which a serial may start, of the hours of all permits: so early that it can be at its first border.

    Examples
    --------
    >>> serial = Serial(0, "s", 0, "troops", "s|troops", 0, 1.0, 0, 1, 0, permits=(1, 0), border_h=5.0)
    >>> leave_hour(serial, [48.0, 24.0])
    43.0
    """
    return max((permit_h[number] for number in serial.permits), default=0.0) - serial.border_h


@dataclass(frozen=True)
class Plan:
    """Everything that a replication needs.

    Attributes
    ----------
    call_lead_h
        Hours by which a ship is called before its load is expected to be complete on the quay.
    ways
        What serials choose among.
    work
        Of each program that serials with a choice, or those beside them, may have; empty if no serial has a choice.
    way_margin_h
        Another way than its own is taken only if it is expected to be so much quicker.
    """

    scenario: str
    scenario_digest: str
    horizon_h: float
    deadline_h: float
    tier_1_deadline_h: float
    troops_required: int
    count_in_place: bool
    chance: bool
    gates: tuple[Gate, ...]
    servers: tuple[Server, ...]
    stores: tuple[Store, ...]
    pools: tuple[Pool, ...]
    distributions: tuple[Distribution, ...]
    programs: tuple[Program, ...]
    serials: tuple[Serial, ...]
    units: tuple[UnitPlan, ...]
    ready_delay: Distribution
    element_sizes: tuple[tuple[str, int], ...]
    call_lead_h: float = 0.0
    permits: tuple[Permit, ...] = ()
    outages: tuple[OutageGroup, ...] = ()
    workshops: tuple[Workshop, ...] = ()
    supplies: tuple[Supply, ...] = ()
    ways: tuple[Way, ...] = ()
    work: tuple[Work, ...] = ()
    way_margin_h: float = 0.0

    @cached_property
    def digest(self) -> str:
        """Hash of the plan: equal digests give equal runs for equal seeds."""
        return blake2b(repr(self).encode(), digest_size=8).hexdigest()

    @cached_property
    def content(self) -> str:
        """Hash of all that a run reads: the name of the scenario for which the plan was made is left out."""
        return replace(self, scenario_digest="").digest

    @cached_property
    def found(self) -> dict[str, Any]:
        """What was found by playing this plan, kept with it; of a changed copy nothing is known yet."""
        return {}

    def delay_of(self, unit: UnitPlan) -> Distribution:
        """Days by which a unit is ready after its day: its own, or what holds for all."""
        return self.ready_delay if unit.ready_delay is None else unit.ready_delay

    @property
    def moving_serials(self) -> int:
        """Serials that move, ships included, without supply and the units' own closing entries."""
        return sum(serial.stage < 8 for serial in self.serials)
