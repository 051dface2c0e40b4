"""Codes of the tables in words: what people read on figures and in answers instead of ``L172:J_SUW>J_KAU``."""

from __future__ import annotations

import re

from flanksim.scenario.schema import Scenario

#: Kinds of facility whose name in the tables is not how people would say it.
_FACILITIES = {
    "border_rail": "rail border",
    "border_road": "road border",
    "stand": "airfield",
    "port_exit": "port gate",
}


def readable(cause: str, scenario: Scenario) -> str:
    """A cause of the critical path in the words of the tables: routes and places by name.

    Parameters
    ----------
    cause
        As in `flanksim.measure.critical.Piece` or `flanksim.measure.ledger.cause`.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> readable("queue at berth:MCH", load("corridor-mini"))
    'queue at berth Marchwood'
    """
    kind, _, thing = cause.partition(" at ")
    if thing:
        return f"{kind} {'on' if is_link(thing, scenario) else 'at'} {thing_name(thing, scenario)}"
    for word, said in (("lift ", "waiting for lift: "), ("full yard ", "full yard at "), ("workshop of ", None)):
        if cause.startswith(word) and cause not in ("lift on its way", "lift coming"):
            return f"{said or word}{thing_name(cause.removeprefix(word), scenario)}"
    name, _, where = cause.removeprefix("outage ").partition(" ")
    if cause.startswith("outage ") and where:
        return f"{name.replace('-', ' ')} on {thing_name(where, scenario)}"
    return cause


def is_link(element: str, scenario: Scenario) -> bool:
    """Whether an element is the entrance of a link."""
    return element.partition(":")[0] in scenario.links


def thing_name(element: str, scenario: Scenario) -> str:
    """A gate, facility, pool of lift, fleet or outage in words; what is none of these stays as it is."""
    head, _, tail = element.partition(":")
    if head in scenario.links:
        link = scenario.links[head]
        ends = tuple(tail.split(">")) if ">" in tail else (link.from_node, link.to_node)
        return f"{link.mode} {place_name(ends[0], scenario)}-{place_name(ends[-1], scenario)}"
    if tail:
        kind = _FACILITIES.get(head, head.replace("_", " "))
        if tail in scenario.links:
            link = scenario.links[tail]
            return f"{kind} {place_name(link.from_node, scenario)}-{place_name(link.to_node, scenario)}"
        return f"{kind} {place_name(tail, scenario)}"
    return lift_name(element, scenario)


def lift_name(pool: str, scenario: Scenario) -> str:
    """A pool of lift, or a fleet, by name: of several fleets in one pool, the words that all names end with.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> lift_name("air_pax", load("eastern-flank"))
    'passenger aircraft'
    """
    names = [fleet.name for key, fleet in sorted(scenario.fleets.items()) if pool in (fleet.pool, key)]
    if len(names) == 1 and names[0]:
        return names[0]
    words = [name.rpartition(": ")[2].split()[::-1] for name in names]
    shared: list[str] = []
    for group in zip(*words, strict=False):
        if len(set(group)) > 1:
            break
        shared.insert(0, group[0])
    return " ".join(shared) or pool.replace("_", " ")


def place_name(node: str, scenario: Scenario) -> str:
    """A place's name without what stands in brackets; its code where it has no name."""
    entry = scenario.nodes.get(node)
    return node if entry is None or not entry.name else re.sub(r" \(.*\)", "", entry.name)


def places_of(element: str, scenario: Scenario) -> tuple[str, ...]:
    """Places where an element stands: one for a facility, both ends for a link or border; none for lift.

    The first is the entrance, where the element's name says which that is.
    """
    head, _, tail = element.partition(":")
    link = scenario.links.get(head) or scenario.links.get(tail)
    if link is None:
        return (tail,) if tail in scenario.nodes else ()
    ends = tuple(tail.split(">"))
    return ends if len(ends) == 2 and all(end in scenario.nodes for end in ends) else (link.from_node, link.to_node)


def unit_name(name: str) -> str:
    """A unit's name without the remark that it is notional, which every figure's caption says."""
    return name.removesuffix(" (notional)")
