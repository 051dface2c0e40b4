"""What is lost or gained when wagons are made into trains and shares of berths into whole ones: told, not hidden."""

from __future__ import annotations

from collections.abc import Iterator

from flanksim.errors import Problem
from flanksim.network.graph import civil_share, net_servers
from flanksim.network.lift import groups_of_fleets
from flanksim.scenario.facilities import facilities_by_place
from flanksim.scenario.naming import place
from flanksim.scenario.schema import Scenario

#: Differences this small are float noise.
_NOISE = 1e-6
#: Places that are named.
_MOST = 5


def rounding_warnings(scenario: Scenario) -> list[Problem]:
    """W406 for each fleet with assets left over, and for each facility whose stated servers are no whole ones."""
    return [*_fleets(scenario), *(_parts_of_servers(scenario) if scenario.mechanisms.servers else ())]


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
