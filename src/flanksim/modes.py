"""Ways of moving: one row each for what a link is, and for how a load moves on it. A new mode is a row in either table.

Both tables stand on the ground: rows of the scenario are checked against them, and routes, physics, lift, bounds, maps
and words read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LinkMode:
    """What a link of one mode is.

    Attributes
    ----------
    capacity
        Name of its capacity on the graph, which is its unit too.
    both_ways
        Whether the capacity counts both directions together; else each of them.
    unit
        What the column ``capacity_unit`` of ``links.csv`` may say; empty if it has no capacity there.
    open_to_vehicles
        Whether vehicles pass it one after the other, under the load classes of its bridges.
    borders
        Whether serials are handled where it crosses a border.
    usual_kmh, longest_way_round
        Speeds, and lengths as a multiple of the great circle, outside which `check` asks for a reason.
    entry
        One more of its capacity in words.
    colour, shade
        On maps.
    moving
        Moving by it, on the page.
    """

    capacity: str
    both_ways: bool
    unit: str
    open_to_vehicles: bool
    borders: bool
    usual_kmh: tuple[float, float]
    longest_way_round: float
    entry: str
    colour: str
    shade: float
    moving: str


LINK_MODES: dict[str, LinkMode] = {
    "rail": LinkMode("trains_per_day", True, "trains_per_day", False, True, (5, 160), 2.5, "train path a day",
                     "#333333", 0.9, "on the railway"),
    "road": LinkMode("vehicles_per_hour", False, "vehicles_per_hour", True, True, (5, 110), 2.5, "serial a day",
                     "#8a6d3b", 0.75, "on the road"),
    "ferry": LinkMode("vehicles_per_hour", False, "vehicles_per_hour", True, False, (5, 80), 4.0, "sailing a day",
                      "#56b4e9", 0.6, "on a ferry"),
    "sea": LinkMode("ships_per_day", True, "", False, False, (8, 80), 10.0, "sailing a day",
                    "#0072b2", 0.4, "at sea"),
    "waterway": LinkMode("barges_per_day", True, "barges_per_day", False, False, (4, 25), 4.0, "barge a day",
                         "#009e73", 0.6, "on a waterway"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """How a load moves.

    Attributes
    ----------
    links
        Modes of the links that it uses; none for flights.
    family
        How its parameters are named: ``travel_factor_<family>``, ``failures_per_hour_<family>``.
    lift
        Kind of the fleets that carry it; empty if it moves by itself.
    terminal
        Kind of the facility at which it is boarded and left; empty for the road side.
    handling
        Parameter with the hours of boarding and of leaving one asset; empty for none, or so many for each piece.
    queue
        What has a layer of its own in the search for routes: each ``pool`` of lift, each ``waters``, or neither.
    load
        ``one asset`` takes one serial, a ``group`` of assets takes it together, a ``ship`` sails with what several
        serials brought; ``column`` moves by itself.
    driving
        Parameter with the hours that a crew may drive a day; empty where nobody drives.
    usual_kmh
        Speeds of an asset outside which `check` asks; of nobody's concern where no asset carries.
    """

    links: tuple[str, ...]
    family: str
    lift: str
    terminal: str
    handling: str
    queue: Literal["", "pool", "waters"]
    load: Literal["one asset", "group", "ship", "column"]
    driving: str
    usual_kmh: tuple[float, float] = (0, 0)

    @property
    def by_headway(self) -> bool:
        """Whether a serial holds the entrance of a link for a headway, whatever its size."""
        return self.queue != ""


_ROADS = ("road", "ferry")
#: By name, in the order in which layers are numbered.
WAYS: dict[str, Way] = {
    "march": Way(_ROADS, "road", "", "", "", "", "column", "march_hours_per_day"),
    "het": Way(_ROADS, "road", "het", "", "het_load_hours", "", "group", "het_hours_per_day", (5, 90)),
    "coach": Way(_ROADS, "road", "coach", "", "coach_boarding_hours", "", "group", "coach_hours_per_day", (5, 120)),
    "rail": Way(("rail",), "rail", "train", "rail_terminal", "ramp_hours_per_train", "pool", "one asset", "", (5, 160)),
    "barge": Way(
        ("waterway",), "waterway", "barge", "barge_terminal", "barge_terminal_hours", "pool", "one asset", "", (4, 25)
    ),
    "sea": Way(("sea",), "sea", "ship", "berth", "", "waters", "ship", "", (8, 80)),
    "air": Way((), "air", "aircraft", "stand", "stand_hours_passenger_aircraft", "", "one asset", "", (150, 1000)),
}
#: What a unit may be kept from using: the modes of links, and flights, which have none.
MODES: tuple[str, ...] = (*LINK_MODES, "air")
#: The way of each kind of fleet.
WAY_OF_LIFT: dict[str, str] = {way.lift: name for name, way in WAYS.items() if way.lift}


def mode_of(layer: str) -> str:
    """Way of moving of a layer of the search for routes.

    Examples
    --------
    >>> mode_of("rail:heavy"), mode_of("march")
    ('rail', 'march')
    """
    return layer.partition(":")[0]
