"""What the network is made of: places, facilities and links by direction, as its graph holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from flanksim.modes import LINK_MODES
from flanksim.scenario.distributions import Distribution

#: Hours from and to, merged and in order.
Windows = tuple[tuple[float, float], ...]

#: Name of the capacity of a link by mode: what may enter it, net of civil traffic.
CAPACITIES = {mode: link.capacity for mode, link in LINK_MODES.items()}


@dataclass(frozen=True, slots=True)
class Facility:
    """Servers, handling and storage of one kind at a place, or of the border on a link.

    Attributes
    ----------
    servers
        Whole servers left to the military; infinite where nothing limits, 0 where nobody is served.
    gross_servers
        Servers before civil traffic takes its share.
    handling
        Hours of one serial, train or ship; None for the time of its kind in the parameters.
    storage
        Vehicles and containers that find room; None for any number.
    closed
        Hours in which it is shut by plan; merged and in order.
    nights
        Hours outside its opening hours; merged and in order.
    divert_when_full
        Whether serials go round a border that has no server free.
    """

    servers: float = math.inf
    gross_servers: float = math.inf
    handling: Distribution | None = None
    storage: float | None = None
    closed: Windows = ()
    nights: Windows = ()
    runway_m: float | None = None
    max_draught_m: float | None = None
    divert_when_full: bool = False

    @property
    def shut(self) -> Windows:
        """Hours in which it does not work, nights included; merged and in order."""
        return united([*self.closed, *self.nights])

    @property
    def keeps_nothing(self) -> bool:
        """Whether nothing can be put down there: its storage is stated, and is none."""
        return self.storage == 0


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the network; its facilities by kind. Positions in degrees, None where none is known."""

    name: str = ""
    country: str = ""
    lat: float | None = None
    lon: float | None = None
    kind: str = "junction"
    regional_plan: str = ""
    rail_region: str = ""
    facilities: dict[str, Facility] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """One direction of a link, with what it really offers.

    Attributes
    ----------
    forward
        Whether it runs from the first to the second end of the link.
    travel
        Hours of a serial's head from end to end, rest included; None where length and speed say it.
    boarding_hours
        Wait for a ferry, boarding and leaving it; of other links 0, and where `travel` says all.
    capacity
        What is left to the military: trains or ships a day as if both directions had as many, or vehicles an hour in
        this direction; infinite where the link does not limit. On the graph its name is that of `CAPACITIES`.
    gross_capacity
        The same before civil traffic takes its share; 0 where nothing is built.
    shared
        Both directions use one entrance (single track).
    headway_hours
        Hours for which a serial holds the entrance; None where the capacity says it.
    opposing_clearance_hours
        Hours after a serial until one may enter from the other end; None where any next one may follow.
    closed
        Hours in which the link is shut by plan; merged and in order.
    border
        The border that it crosses, if serials are handled there.
    """

    link_id: str
    from_node: str
    to_node: str
    mode: str
    forward: bool = True
    length_km: float = 0.0
    speed_kmh: float = math.inf
    boarding_hours: float = 0.0
    travel: Distribution | None = None
    capacity: float = math.inf
    gross_capacity: float = math.inf
    shared: bool = False
    headway_hours: float | None = None
    opposing_clearance_hours: float | None = None
    closed: Windows = ()
    gauges: tuple[int, ...] = ()
    max_mlc: float = math.inf
    max_axle_load_t: float = math.inf
    loading_gauge: str = ""
    max_draught_m: float = math.inf
    waters: str = ""
    border: Facility | None = None

    @property
    def travel_hours(self) -> float:
        """Typical running time of a serial's head from end to end, without rest."""
        if self.travel is not None:
            return self.travel.typical
        return self.length_km / self.speed_kmh + self.boarding_hours

    @property
    def border_kind(self) -> str:
        """Kind of the facility that stands on the link where it crosses a border."""
        return f"border_{self.mode}"

    @property
    def shut(self) -> Windows:
        """Hours in which the link, or the border on it, is shut by plan (not its nights); merged and in order."""
        if self.border is None or not self.border.closed:
            return self.closed
        return united([*self.closed, *self.border.closed])


def united(windows: list[tuple[float, float]]) -> Windows:
    """Windows merged where they touch, in order."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(window for window in windows if window[1] > window[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
