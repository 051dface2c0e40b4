"""Words of the page: causes, things and switches as a reader without the tables would say them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flanksim.activities import CAUSES, Cause, Why
from flanksim.measure.statistics import summed
from flanksim.modes import LINK_MODES
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


def cause(blamed: Cause, scenario: Scenario) -> str:
    """A cause of the critical path or ledger in words, without ids and without the partner.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> cause(Cause.of("queue at berth:P_BPT"), load("eastern-flank"))
    'queue at berths of Beaumont TX'
    """
    kind, what = blamed.kind, blamed.thing
    if not what:
        return CAUSES[kind].told if "{}" not in CAUSES[kind].told else str(kind)
    if kind is Why.MOVING:
        return LINK_MODES[what].moving if what in LINK_MODES else "in the air"
    link_key = what.split(":")[0]  # both directions of a link are one cause, as in `naming.readable`
    return CAUSES[kind].told.format(thing(link_key if link_key in scenario.links else what, scenario))


def shares_in_words(shares: Mapping[Cause, float], scenario: Scenario) -> dict[str, float]:
    """Shares of causes that are called the same, summed; largest first."""
    return summed((cause(name, scenario), share) for name, share in shares.items())


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
    "adaptive": "ways chosen by a program over all units together; a serial takes another if that is quicker by much "
    "when it starts",
}
