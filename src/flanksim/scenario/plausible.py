"""Numbers that are allowed and hardly meant: a capacity many times that of its class is a slip of the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

from flanksim.errors import Problem
from flanksim.scenario.rows import Link
from flanksim.scenario.saying import Say
from flanksim.scenario.schema import Scenario

#: From so many times the usual on, a capacity is questioned.
MANY = 10.0
#: Gross capacity of a link by mode and tracks or lanes, up to those many: trains or barges a day, vehicles an hour.
LINKS = {
    "rail": {1: 48.0, 2: 165.0, 3: 240.0, 4: 360.0},
    "road": {2: 300.0, 4: 700.0, 6: 1100.0},
    "ferry": {1: 50.0},
    "waterway": {1: 120.0},
}
#: Servers of a facility, by its kind.
SERVERS = {
    "assembly": 6.0,
    "barge_terminal": 1.0,
    "berth": 2.0,
    "border_rail": 2.0,
    "border_road": 4.0,
    "gauge_change": 2.0,
    "port_exit": 2.0,
    "rail_terminal": 2.0,
    "stand": 3.0,
}
#: What one group of lift carries, by kind and unit: of trains in vehicles, of ships in lane metres.
GROUPS = {
    ("aircraft", "t"): 43.0,
    ("aircraft", "troops"): 250.0,
    ("barge", "vehicles"): 40.0,
    ("coach", "troops"): 250.0,
    ("het", "vehicles"): 10.0,
    ("ship", "lane_m"): 2800.0,
    ("train", "vehicles"): 65.0,
}


def implausible(scenario: Scenario, say: Say) -> Iterator[Problem]:
    """W409 for each capacity of ten times what is usual in its class, and more."""
    for key, link in scenario.links.items():
        usual = usual_capacity(link)
        if usual and link.capacity_typical and link.capacity_typical >= MANY * usual:
            what = f"{_CALLED.get(link.mode, link.mode)} of {_wide(link)}" if _wide(link) else link.mode
            unit = _UNITS.get(link.mode, "")
            yield _told(say, ("links", key, "capacity_typical"), link.capacity_typical, usual, what, unit)
    for key, facility in scenario.facilities.items():
        usual = SERVERS.get(facility.kind, 0.0)
        if usual and facility.servers_typical and facility.servers_typical >= MANY * usual:
            what = facility.kind.replace("_", " ")
            yield _told(say, ("facilities", key, "servers_typical"), facility.servers_typical, usual, what, "servers")
    for key, fleet in scenario.fleets.items():
        usual = GROUPS.get((fleet.kind, fleet.capacity_unit), 0.0)
        if usual and fleet.capacity >= MANY * usual:
            what, unit = f"group of the kind {fleet.kind}", fleet.capacity_unit.replace("_", " ")
            yield _told(say, ("fleets", key, "capacity"), fleet.capacity, usual, what, unit)


_CALLED = {"rail": "railway"}
_UNITS = {"rail": "trains a day", "road": "vehicles an hour", "ferry": "vehicles an hour", "waterway": "barges a day"}


def usual_capacity(link: Link) -> float:
    """Gross capacity of the class of a link by its tracks or lanes, in the unit of its mode; 0 where it has none."""
    classes = LINKS.get(link.mode, {})
    size = (link.tracks if link.mode == "rail" else link.lanes) or min(classes, default=0)
    fitting = [classes[width] for width in sorted(classes) if width <= max(size, min(classes))]
    return fitting[-1] if fitting else 0.0


def _wide(link: Link) -> str:
    if link.mode == "rail":
        return f"{link.tracks or 1:g} track" + "s" * ((link.tracks or 1) != 1)
    return f"{link.lanes or 2:g} lanes" if link.mode == "road" else ""


def _told(say: Say, path: tuple[str, ...], value: float, usual: float, what: str, unit: str) -> Problem:
    message = f"{value:,g} {unit} are {value / usual:,.0f} times what is usual of a {what} ({usual:,g})"
    return say("W409", path, message, "correct it, or leave it as it is if it is meant")
