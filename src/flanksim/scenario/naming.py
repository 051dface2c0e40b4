"""Names in words: what the model calls ``berth:P_BPT`` or ``L172:J_KAU>J_PNV``, as a reader of a map would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from flanksim.activities import Cause, Why
from flanksim.scenario.rows import Fleet
from flanksim.scenario.schema import Scenario

_FACILITIES = {
    "berth": "berths of",
    "rail_terminal": "rail ramps of",
    "barge_terminal": "barge quays of",
    "stand": "aircraft stands of",
    "border_rail": "rail border",
    "border_road": "road border",
    "gauge_change": "gauge change at",
    "port_exit": "port exit of",
    "assembly": "assembly area",
    "check": "checks at",
    "clearance": "clearance of",
    "road_permits": "road permits from",
    "stock": "stock at",
}

_KINDS = {
    "ship": "ships",
    "train": "trains",
    "aircraft": "aircraft",
    "coach": "coaches",
    "barge": "barges",
    "het": "heavy-equipment transporters",
}


#: What an override of these does is told elsewhere, or makes no other scenario.
_OWN_PLACE = frozenset({"name", "title", "description", "overrides"})
_SAME_QUESTION = frozenset({"seed", "replications"})
_LONGEST_FOLDER = 70


def mark_overrides(raw: dict[str, Any], overrides: Mapping[str, Any]) -> None:
    """Write into a scenario's data what was overridden, and into its title what makes it another scenario."""
    told = list(_leaves({key: value for key, value in overrides.items() if key not in _OWN_PLACE}, ""))
    known = raw.get("overrides")
    before = [str(text) for text in known] if isinstance(known, list | tuple) else []
    if told:
        raw["overrides"] = [*(text for text in before if text not in told), *told]
    shown = [text for text in told if _asks_anew(text)]
    if shown:
        raw["title"] = f"{raw.get('title') or raw.get('name') or ''} ({', '.join(shown)})".strip()


def _leaves(value: Any, path: str) -> Iterator[str]:
    """``regime.permission=six_hours`` for each value that is set."""
    if isinstance(value, Mapping) and (value or not path) and not _one_number(value):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
        return
    plain = next(iter(value.values())) if isinstance(value, Mapping) and value else value
    text = plain if isinstance(plain, str) else json.dumps(plain, default=str, ensure_ascii=False)
    yield f"{path}={text if len(text) <= 40 else text[:37] + '...'}"


def _one_number(value: Mapping[str, Any]) -> bool:
    """A parameter that was set to one number, low and high included."""
    return set(value) == {"low", "typical", "high"} and len({str(item) for item in value.values()}) == 1


def _asks_anew(override: str) -> bool:
    return override.partition("=")[0] not in _SAME_QUESTION


def folder_name(scenario: Scenario, kind: str = "") -> str:
    """Name of a scenario's results: its own, and what was overridden, in characters that every system takes.

    Where that grows long, without the parts above what was set; where even that is long, cut, with a digest.

    Examples
    --------
    >>> folder_name(Scenario(name="x", overrides=("regime.permission=six_hours", "seed=3")), "sweep")
    'x+regime.permission=six_hours-sweep'
    """
    shown = [re.sub(r"[^\w.=-]+", "-", text) for text in scenario.overrides if _asks_anew(text)]
    end = f"-{kind}" if kind else ""
    if not shown:
        return scenario.name + end
    whole = "+".join([scenario.name, *shown]) + end
    last = [text.partition("=")[0].rpartition(".")[2] + "=" + text.partition("=")[2] for text in shown]
    brief = "+".join([scenario.name, *last]) + end
    if len(whole) <= _LONGEST_FOLDER:
        return whole
    if len(brief) <= _LONGEST_FOLDER:
        return brief
    digest = blake2b("+".join(scenario.overrides).encode(), digest_size=4).hexdigest()
    room = max(len(scenario.name), _LONGEST_FOLDER - len(digest) - len(end) - 1)
    return f"{brief[:room]}-{digest}{end}"


def place(scenario: Scenario, key: str) -> str:
    """A place's name without what stands in brackets; its id if it has no name.

    Examples
    --------
    >>> from flanksim.scenario.schema import Scenario
    >>> place(Scenario(name="x", nodes={"P_RIX": {"name": "Riga (free port)"}}), "P_RIX")
    'Riga'
    """
    row = scenario.nodes.get(key)
    return _short(row.name) if row is not None and row.name else key


def subpool(pool: str, fleets: Sequence[str]) -> str:
    """Name of the part of a pool that holds only some of its fleets.

    Examples
    --------
    >>> subpool("ro-ro", ["large"])
    'ro-ro [large]'
    """
    return f"{pool} [{'+'.join(fleets)}]"


def fleets_of(scenario: Scenario, pool: str) -> dict[str, Fleet]:
    """Fleets of a pool, or of the part of one that `subpool` named, by id."""
    _, bracket, ids = pool.partition(" [")
    if bracket and not any(fleet.pool == pool for fleet in scenario.fleets.values()):
        return {key: scenario.fleets[key] for key in ids[:-1].split("+") if key in scenario.fleets}
    return {key: fleet for key, fleet in sorted(scenario.fleets.items()) if fleet.pool == pool}


def lift(scenario: Scenario, pool: str) -> str:
    """A pool of lift: the name of its only fleet, else what all its fleets have in common.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> lift(load("eastern-flank"), "rail_heavy_1435")
    'heavy flats (1435 mm)'
    >>> lift(Scenario(name="x"), "sealift_atlantic")
    'sealift atlantic'
    """
    fleets = list(fleets_of(scenario, pool).values())
    if len(fleets) == 1 and fleets[0].name:
        owner, colon, what = _short(fleets[0].name).partition(": ")
        return f"{what} of {owner}" if colon else owner
    words = pool.replace("_", " ")
    tails = {row.name.rpartition(": ")[2] for row in fleets if ": " in row.name}
    if len(tails) == 1 and all(": " in row.name for row in fleets):
        gauges = {gauge for row in fleets for gauge in row.gauge_mm}
        tail, gauge = tails.pop(), str(next(iter(gauges))) if len(gauges) == 1 else ""
        return tail if not gauge or gauge in tail else f"{tail} ({gauge} mm)"
    kind = _KINDS.get(fleets[0].kind, "lift") if fleets else ""
    return words if not kind or kind in words else f"{words} {kind}"


def link(scenario: Scenario, key: str) -> str:
    """A link, or one direction of it (``L172:J_KAU>J_PNV``): mode and ends."""
    name, _, direction = key.partition(":")
    row = scenario.links[name]
    start, arrow, end = direction.partition(">")
    if arrow:
        return f"{row.mode} {place(scenario, start)} to {place(scenario, end)}"
    return f"{row.mode} {place(scenario, row.from_node)}-{place(scenario, row.to_node)}"


def element(scenario: Scenario, name: str) -> str:
    """Any thing that has a capacity, by the name that the model gives it; what is unknown stays as it is."""
    kind, _, where = name.partition(":")
    if kind in scenario.links:
        return link(scenario, name)
    if where:
        if where.split(":")[0] in scenario.links:
            row = scenario.links[where.split(":")[0]]
            return f"{_FACILITIES.get(kind, kind)} {place(scenario, row.from_node)}-{place(scenario, row.to_node)}"
        return f"{_FACILITIES.get(kind, kind.replace('_', ' ') + ' at')} {place(scenario, where)}"
    if fleets_of(scenario, name):
        return lift(scenario, name)
    if name in scenario.units:
        own = scenario.units[name].name
        return f"unit {own} ({name})" if own else f"unit {name}"
    return name


def readable(cause: Cause, scenario: Scenario) -> str:
    """A cause of the critical path in the words of the tables: lift, routes and places by name.

    Both directions of a link have one name, so that their shares can be summed.
    """
    kind, thing = cause.kind, cause.thing
    named = element(scenario, thing)
    if kind is Why.QUEUE and thing:
        link_id = thing.split(":")[0]
        return f"queue on {link(scenario, link_id)}" if link_id in scenario.links else f"queue at {named}"
    text = {Why.LIFT: "waiting for lift ({})", Why.WORKSHOP: "workshop of {}", Why.FULL_YARD: "full yard, {}"}.get(kind)
    if text and (named != thing or fleets_of(scenario, thing)):
        return text.format(named)
    outage, _, where = thing.partition(" ")
    if kind is Why.OUTAGE and where:
        return f"{outage.replace('-', ' ')} on {element(scenario, where)}"
    return str(cause)


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


def _short(name: str) -> str:
    return re.sub(r" \(.*\)", "", name)
