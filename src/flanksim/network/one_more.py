"""One more of a capacity: the one definition of a step, for bounds, explanations and tables alike.

A step is one more of what the *force* has: a berth more than civil traffic leaves today, a train path a day more each
way, 100 vehicles an hour more each way, one more group of a fleet. What civil traffic keeps of the new capacity comes
on top, and a chokepoint on the link is widened with it. Several steps at once are one that matters where there is much.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flanksim.modes import LINK_MODES
from flanksim.network.elements import CAPACITIES
from flanksim.network.graph import civil_share, link_attributes
from flanksim.scenario import naming
from flanksim.scenario.rows import Facility
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY

#: The first noun of what is added, and what goes on behind it.
_HEAD = re.compile(r"(.*?)((?: (?:a day|for|of|to|at|each) ?.*)?)")
#: Vehicles that count as one step, of an hour's traffic on a road and of the room in a yard.
VEHICLES = 100.0

_SERVERS = {
    "berth": "berth",
    "rail_terminal": "rail ramp",
    "barge_terminal": "quay for barges",
    "stand": "aircraft stand",
    "border_rail": "lane for trains at the border",
    "border_road": "lane for vehicles at the border",
    "gauge_change": "place to change gauge",
    "port_exit": "exit lane",
    "assembly": "reception team",
    "check": "checking lane",
}
_GROUPS = {
    "train": "wagon set",
    "ship": "ship",
    "aircraft": "aircraft",
    "het": "column of heavy transporters",
    "coach": "column of coaches",
    "barge": "barge",
}


@dataclass(frozen=True)
class OneMore:
    """One more of one capacity.

    Attributes
    ----------
    what
        What is added: ``berth``, ``100 vehicles an hour each way``.
    where
        Where, as it goes on after `what`: `` at Beaumont TX``.
    step
        How much that is in the unit in which the capacity is counted: 1, or 100 vehicles; so many times that of
        `steps`.
    apply
        The scenario with it.
    now
        How many steps there are today.
    steps
        How many are added.
    """

    what: str
    where: str
    step: float
    apply: Callable[[Scenario], Scenario]
    now: float = 0.0
    steps: int = 1

    def __str__(self) -> str:
        if self.what[:1].isdecimal():
            return f"{self.what} more{self.where}"
        return (
            f"one more {self.what}{self.where}" if self.steps == 1 else f"{self.steps} more {self.several}{self.where}"
        )

    @property
    def several(self) -> str:
        """What is added, of more than one: ``train paths a day each way``."""
        head, rest = _HEAD.fullmatch(self.what).groups()  # type: ignore[union-attr] # any text has a first word
        return f"{head if head.endswith('craft') else f'{head}s'}{rest}"


def one_more(scenario: Scenario, name: str, steps: int = 1) -> OneMore | None:
    """One more of what the model calls `name`, or so many: a gate, the servers of a facility, a pool or kind of lift.

    None where it has no limit, or civil traffic leaves nothing of it whatever there is.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> eastern = load("eastern-flank")
    >>> print(one_more(eastern, "berth:P_BPT"))
    one more berth at Beaumont TX
    >>> print(one_more(eastern, "L172:J_KAU>J_PNV"))
    one more train path a day on rail Suwalki-Mockava/Sestokai
    """
    head, _, place = name.partition(":")
    if head in scenario.links:
        return _entry(scenario, head, steps)
    return _server(scenario, head, place, steps) if place else _group(scenario, name, steps)


def more_room(scenario: Scenario, place: str, kind: str, steps: int = 1) -> OneMore | None:
    """Room for so many vehicles more in the yard of a facility; None where the yard has no limit.

    Parameters
    ----------
    scenario
        The scenario.
    place
        Node, or the link of a border.
    kind
        Kind of the facility.
    steps
        How many times so much.
    """
    rows = _rows(scenario, kind, place)
    if not rows or rows[0][1].storage_typical is None:
        return None
    key, row = rows[0]
    room = (row.storage_typical or 0.0) + steps * VEHICLES
    return OneMore(
        f"{steps * VEHICLES:,.0f} vehicles",
        f" in the yard of {naming.place(scenario, place)}",
        steps * VEHICLES,
        lambda entry: with_row(
            entry, "facilities", key, storage_typical=room, storage_high=_at_least(row.storage_high, room)
        ),
        (row.storage_typical or 0.0) / VEHICLES,
        steps,
    )


def _server(scenario: Scenario, kind: str, place: str, steps: int) -> OneMore | None:
    """One more server of those that civil traffic leaves, of which there is at least one where there is any."""
    rows = _rows(scenario, kind, place)
    left = 1.0 - civil_share(scenario, kind)
    if not rows or rows[0][1].servers_typical is None or left <= 0.0:
        return None
    key, row = rows[0]
    now = left * sum(entry.servers_typical or 0.0 for _, entry in rows)
    wanted = max(1.0, now) + steps if now > 0 else float(steps)
    servers = (row.servers_typical or 0.0) + (wanted - now) / left
    link = scenario.links.get(place)
    where = f", {_link_name(scenario, place)}" if link is not None else f" at {naming.place(scenario, place)}"
    return OneMore(
        _SERVERS.get(kind, kind.replace("_", " ")),
        where,
        float(steps),
        lambda entry: with_row(
            entry, "facilities", key, servers_typical=servers, servers_high=_at_least(row.servers_high, servers)
        ),
        now,
        steps,
    )


def _rows(scenario: Scenario, kind: str, place: str) -> list[tuple[str, Facility]]:
    return [(key, row) for key, row in sorted(scenario.facilities.items()) if (row.kind, row.place) == (kind, place)]


def _group(scenario: Scenario, name: str, steps: int) -> OneMore | None:
    """One more group of the largest fleet of a pool (or, of a pool's name that is a kind of lift, of that kind)."""
    fleets = naming.fleets_of(scenario, name)
    fleets = fleets or {key: row for key, row in scenario.fleets.items() if row.kind == name}
    if not fleets:
        return None
    key, row = max(fleets.items(), key=lambda item: (item[1].count_typical, item[0]))
    count = row.count_typical + steps * row.group_size
    return OneMore(
        _GROUPS[row.kind],
        f": {naming.lift(scenario, name if name != row.kind else row.pool)}",
        float(steps),
        lambda entry: with_row(entry, "fleets", key, count_typical=count, count_high=_at_least(row.count_high, count)),
        math.fsum(other.count_typical / other.group_size for other in fleets.values()),
        steps,
    )


def _entry(scenario: Scenario, key: str, steps: int) -> OneMore | None:
    """One more entry a day at each entrance of a link, or 100 vehicles an hour in each direction."""
    row, link = scenario.links[key], link_attributes(scenario, key)
    where, ways = f" on {_link_name(scenario, key)}", "" if link["shared"] else " each way"
    entry = f"{LINK_MODES[row.mode].entry}{ways}"
    if row.headway_hours is not None:
        if row.headway_hours == 0.0:
            return None
        now = HOURS_PER_DAY / row.headway_hours
        headway = HOURS_PER_DAY / (now + steps)
        change = lambda other: with_row(other, "links", key, headway_hours=headway)  # noqa: E731 - as the others
        return OneMore(entry, where, float(steps), change, now, steps)
    left = 1.0 - civil_share(scenario, row.mode)
    if not math.isfinite(link[CAPACITIES[row.mode]]) or left <= 0.0:
        return None
    if LINK_MODES[row.mode].both_ways:
        counted = 1.0 if link["shared"] else 2.0
        gross, now = link["gross_capacity"] + steps * counted / left, link["gross_capacity"] * left / counted
        return OneMore(entry, where, float(steps), lambda other: _wider(other, key, gross), now, steps)
    more = steps * VEHICLES
    gross, now = link["gross_capacity"] + more / left, link["gross_capacity"] * left / VEHICLES
    what = f"{more:,.0f} vehicles an hour each way"
    return OneMore(what, where, more, lambda other: _wider(other, key, gross), now, steps)


def _wider(scenario: Scenario, key: str, gross: float) -> Scenario:
    """The link with this capacity, and no chokepoint on it that has less."""
    row = scenario.links[key]
    own = gross if row.capacity_typical is None else max(gross, row.capacity_typical)
    found = with_row(scenario, "links", key, capacity_typical=own, capacity_high=_at_least(row.capacity_high, own))
    for name, point in scenario.chokepoints.items():
        if (point.link_id, point.attribute) == (key, "capacity") and point.typical < gross:
            high = _at_least(point.high, gross)
            found = with_row(found, "chokepoints", name, typical=gross, high=high)
    return found


def _link_name(scenario: Scenario, key: str) -> str:
    """A link by its ends, and where others join the same ends by the same mode, by its route or id as well."""
    row = scenario.links[key]
    ends = {row.from_node, row.to_node}
    twins = [
        other
        for other in scenario.links.values()
        if other is not row and other.mode == row.mode and {other.from_node, other.to_node} == ends
    ]
    name = naming.link(scenario, key)
    if not twins:
        return name
    return f"{name} ({row.route if row.route and all(row.route != other.route for other in twins) else key})"


def with_row(scenario: Scenario, table: str, key: str, **values: Any) -> Scenario:
    """The scenario with other values in one row of one table.

    Parameters
    ----------
    scenario
        What is changed; it stays as it is.
    table
        Name of the table.
    key
        Id of the row.
    **values
        New values by field.
    """
    rows = dict(getattr(scenario, table))
    rows[key] = rows[key].model_copy(update=values)
    return scenario.model_copy(update={table: rows})


def _at_least(high: float | None, value: float) -> float | None:
    """Upper end of a range that is to hold a value."""
    return None if high is None else max(high, value)
