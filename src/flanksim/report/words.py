"""Words of the page: causes, things and switches as a reader without the tables would say them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flanksim.scenario import naming
from flanksim.scenario.schema import Scenario

FACILITIES = {
    "berth": "berths",
    "rail_terminal": "rail ramps",
    "barge_terminal": "barge quays",
    "stand": "aircraft stands",
    "border_rail": "rail border",
    "border_road": "road border",
    "gauge_change": "gauge change",
    "port_exit": "port gates",
    "assembly": "assembly area",
    "check": "control",
}
UNITS = {
    "trains_per_day": "trains a day",
    "vehicles_per_hour": "vehicles an hour",
    "serials_per_day": "serials a day",
}
PLACES = {
    "port": "port",
    "inland_port": "inland port",
    "airfield": "airfield",
    "junction": "junction",
    "home": "home station",
    "assembly": "assembly area",
    "border": "border crossing",
    "gauge_change": "change of gauge",
    "chokepoint": "narrow place",
}
BASES = {
    "looked_up": "looked up",
    "derived": "derived",
    "recalled": "recalled",
    "assumed": "assumed",
}
CONFIDENCES = {"H": "high", "M": "medium", "L": "low"}

_CAUSES = {
    "not ready": "getting ready",
    "permission": "waiting for permission to cross borders",
    "waiting for permission": "waiting for permission to cross borders",
    "schedule": "waiting for its turn in the plan",
    "integration": "joining up at the assembly area",
    "loading": "loading",
    "unloading": "unloading",
    "border": "border control",
    "gauge change": "change of track gauge",
    "port exit": "leaving the port",
    "rest": "rest of crews and drivers",
    "breakdown": "repair",
    "closed hours": "outside opening hours",
    "held by its release interval": "waiting for its turn in the plan",
    "waiting for lift": "waiting for lift",
    "lift on its way": "lift on its way to the load",
    "queue": "queueing for a road, line or berth",
    "moving": "moving",
    "blocked by a full yard": "blocked by a full yard",
    "waiting for the rest of a ship-load": "waiting for the rest of a ship-load",
    "marry-up": "waiting for the rest of the unit",
    "outage": "stopped by an outage",
}
_MOVING = {
    "moving by road": "on the road",
    "moving by rail": "on the railway",
    "moving by ferry": "on a ferry",
    "moving by sea": "at sea",
    "moving by air": "in the air",
}
#: Families of causes, with what belongs to each. The order is that of a journey.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "ready": ("not ready", "permission", "waiting for permission", "schedule"),
    "lift": ("lift ", "workshop of "),
    "queue": ("queue at ", "full yard ", "closed hours", "outage "),
    "moving": ("moving by ",),
    "handling": ("loading", "unloading", "border", "gauge change", "port exit", "rest", "berth", "breakdown"),
    "joining": ("integration", "marry-up", "waiting for the rest of a ship-load"),
}


def plain(name: str) -> str:
    """A place's or unit's name without what stands in brackets."""
    return re.sub(r" \(.*?\)", "", name).strip()


def place(key: str, scenario: Scenario) -> str:
    """Name of a place; its id where it has none."""
    return naming.place(scenario, key)


def link(key: str, scenario: Scenario) -> str:
    """A link by its mode and ends: ``rail Elk-Suwalki``."""
    return naming.link(scenario, key)


def lift(pool: str, scenario: Scenario) -> str:
    """What a pool of lift is: the name of its fleet, or what all its fleets have in common."""
    return naming.lift(scenario, pool)


def plain_colon(name: str) -> str:
    """``Germany: heavy flats`` as ``heavy flats of Germany``."""
    owner, colon, what = name.partition(": ")
    return f"{what} of {owner}" if colon else name


def thing(name: str, scenario: Scenario) -> str:
    """A gate, facility, yard, pool or unit in words: ``berth:P_BPT`` is ``berths of Beaumont TX``."""
    if name in scenario.units:
        return plain(scenario.units[name].name) or name
    return naming.element(scenario, name).replace("_", " ")


def cause(name: str, scenario: Scenario) -> str:
    """A cause of the critical path or ledger in words, without ids.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> cause("queue at berth:P_BPT", load("eastern-flank"))
    'queue at berths of Beaumont TX'
    """
    if name in _CAUSES:
        return _CAUSES[name]
    for start, words in (
        ("lift ", "waiting for "),
        ("queue at ", "queue at "),
        ("full yard ", "full yard at "),
        ("workshop of ", "repair of "),
        ("outage ", "outage of "),
    ):
        if name.startswith(start):
            what = name.removeprefix(start)
            link_key = what.split(":")[0]  # both directions of a link are one cause, as in `naming.readable`
            return words + thing(link_key if link_key in scenario.links else what, scenario)
    if name in _MOVING:
        return _MOVING[name]
    if name.startswith(("marry-up with ", "waiting for the rest of a ship-load with ")):
        return _CAUSES[name.partition(" with ")[0]]
    return name.replace("_", " ")


def shares_in_words(shares: Mapping[str, float], scenario: Scenario) -> dict[str, float]:
    """Shares of causes that are called the same, summed; largest first."""
    found: dict[str, float] = {}
    for name, share in shares.items():
        said = cause(name, scenario)
        found[said] = found.get(said, 0.0) + share
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def family(name: str) -> str:
    """The family of a cause; ``other`` if it has none."""
    for key, starts in FAMILIES.items():
        if any(name == start or (start.endswith(" ") and name.startswith(start)) for start in starts):
            return key
    return "joining" if name.startswith("marry-up") else "other"


MECHANISMS = {
    "chance": "Times, readiness and turn-out are drawn by chance between low and high",
    "gates": "Links admit only so many trains or vehicles a day",
    "lift": "Wagons, ships, aircraft, coaches and transporters are counted, and must come back for the next load",
    "handling": "Loading and unloading take time",
    "servers": "Berths, ramps and stands are counted",
    "storage": "Yards behind berths can fill up and stop a ship",
    "borders": "Borders take time",
    "permissions": "A unit must have leave to cross borders before it starts",
    "civil_traffic": "Civil traffic keeps its part of lines, roads and ports",
    "march_rest": "Columns, drivers and crews rest",
    "admissibility": "Loads use only links that bear their weight and size, on their gauge",
    "activation": "Not every ship and aircraft turns up",
    "opening_hours": "Facilities keep their opening hours",
    "integration": "A unit must join up and be received before it counts as closed",
    "breakdowns": "Vehicles and lift break down on the way",
    "outages": "Strikes, storms and accidents shut links and ports",
    "detours": "Where a link is shut for long, columns and trains go round it",
    "sustainment": "Supply of closed units uses the same trains, ramps and roads",
}


def where(scenario: Scenario) -> str:
    """Where the force is to be, as it goes on after a verb: `` on the eastern flank``; empty if it is not said."""
    return f" {scenario.question.where}" if scenario.question.where else ""


TRAFFIC = {
    "peace": "as in peace: civil traffic keeps what it has",
    "crisis": "as in a crisis: civil traffic gives way in part",
    "military_priority": "with military priority: civil traffic gives way",
}
PERMISSION = {
    "none": "none is needed",
    "today": "as today, some weeks",
    "three_days": "three working days",
    "six_hours": "six hours, once an emergency scheme is switched on",
}
STRATEGIES = {
    "shortest": "each unit takes its quickest way",
    "spread": "each lot takes the way with the earliest expected end, given what is already assigned",
    "planned": "ways chosen by a program over all units together",
}
