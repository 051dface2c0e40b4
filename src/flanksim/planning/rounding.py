"""What is lost or gained when wagons are made into trains and shares of berths into whole ones: told, not hidden."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from flanksim.errors import Problem
from flanksim.network.graph import civil_share, net_servers
from flanksim.network.lift import group_capacity, groups_of_fleets
from flanksim.scenario.facilities import facilities_by_place
from flanksim.scenario.naming import place
from flanksim.scenario.schema import Scenario

#: Differences this small are float noise.
_NOISE = 1e-6
#: Places that are named.
_MOST = 5
#: Serials that travel on groups of lift: kind of fleet, the parameter that sizes them, what they are called, and what
#: they carry.
_ON_GROUPS = (
    ("het", "vehicles_per_het_serial", "transporter serial", "vehicles"),
    ("coach", "troops_per_coach_serial", "coach serial", "soldiers"),
)
#: A part of the places in its groups that a serial may leave empty without a word.
_EMPTY = 0.2


def rounding_warnings(scenario: Scenario) -> list[Problem]:
    """W406 for each fleet with assets left over and each facility whose stated servers are no whole ones; W411."""
    servers = _parts_of_servers(scenario) if scenario.mechanisms.servers else ()
    return [*_fleets(scenario), *servers, *(_empty_places(scenario) if scenario.mechanisms.lift else ())]


def _empty_places(scenario: Scenario) -> Iterator[Problem]:
    """W411 for each size of serials that leaves groups of lift half empty; the worst fleet is told."""
    groups = groups_of_fleets(scenario)
    for kind, parameter, serial, what in _ON_GROUPS:
        size = scenario.value(parameter)
        found = []
        for key, fleet in scenario.fleets.items():
            if fleet.kind == kind and groups.get(key, 0) > 0:
                capacity = group_capacity(fleet)
                places = ceil(size / capacity - _NOISE) * capacity
                found.append((1 - size / places, places, capacity, key))
        empty, places, capacity, key = max(found, default=(0.0, 0.0, 0.0, ""))
        if empty > _EMPTY:
            yield Problem(
                "W411",
                scenario.name,
                f"parameters.{parameter}",
                f"a {serial} of {size:g} {what} takes lift for {places:g} from '{key}': {empty:.0%} of it goes empty",
                f"give a multiple of {capacity:g}, what a group of this fleet carries; or make its groups smaller",
            )


def _fleets(scenario: Scenario) -> Iterator[Problem]:
    for key, groups in groups_of_fleets(scenario).items():
        fleet = scenario.fleets[key]
        left = fleet.count_typical - groups * fleet.group_size
        if groups > 0 and left > _NOISE:
            yield Problem(
                "W406",
                scenario.name,
                f"fleets.{key}.count_typical",
                f"{left:g} of {fleet.count_typical:g} are left over: {groups} groups of {fleet.group_size:g} move",
                f"{groups * fleet.group_size:g} or {(groups + 1) * fleet.group_size:g} would leave none over",
            )


def _parts_of_servers(scenario: Scenario) -> Iterator[Problem]:
    for (kind, key), row in sorted(facilities_by_place(scenario).items()):
        stated = row.servers_typical
        if stated and abs(stated - round(stated)) > _NOISE:
            yield Problem(
                "W406",
                scenario.name,
                f"facilities.{kind} at {key}",
                f"{stated:g} servers count as {net_servers(scenario, row):g}: only whole ones work",
                "state whole ones, and handling hours that say how fast they are",
            )


def rounded_servers(scenario: Scenario) -> list[str]:
    """For each kind of facility, where civil traffic leaves no whole servers, and what is taken for them."""
    if not scenario.mechanisms.servers:
        return []
    rounded: dict[str, list[tuple[str, float, float]]] = {}
    total: dict[str, int] = {}
    for (kind, key), row in sorted(facilities_by_place(scenario).items()):
        if row.servers_typical is None:
            continue
        total[kind] = total.get(kind, 0) + 1
        share = row.servers_typical * (1.0 - civil_share(scenario, kind))
        whole = net_servers(scenario, row)
        if abs(share - whole) > _NOISE:
            rounded.setdefault(kind, []).append((key, share, whole))
    found = []
    for kind, places in rounded.items():
        more = sum(whole > share for _, share, whole in places)
        worst = sorted(places, key=lambda entry: (-abs(entry[2] - entry[1]) / entry[1], entry[0]))[:_MOST]
        named = ", ".join(f"{place(scenario, key)} {share:g} as {whole:g}" for key, share, whole in worst)
        found.append(
            f"whole servers after civil traffic, {kind.replace('_', ' ')}: {more} of {total[kind]} places get more "
            f"than their share, {len(places) - more} less ({named}{', ...' if len(places) > _MOST else ''})"
        )
    return found
