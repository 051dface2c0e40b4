"""What is lost or gained when wagons are made into trains and shares of berths into whole ones: told, not hidden."""

from __future__ import annotations

from collections.abc import Iterator

from flanksim.errors import Problem
from flanksim.network.lift import groups_of_fleets
from flanksim.network.state import civil_share, net_servers
from flanksim.scenario.facilities import facilities_by_place
from flanksim.scenario.schema import Scenario

#: Differences this small are float noise.
_NOISE = 1e-6
#: Places that are named.
_MOST = 5


def rounding_warnings(scenario: Scenario) -> list[Problem]:
    """W403 for each fleet with assets left over, and for each kind of facility whose servers are rounded."""
    return [*_fleets(scenario), *(_facilities(scenario) if scenario.mechanisms.servers else ())]


def _fleets(scenario: Scenario) -> Iterator[Problem]:
    for key, groups in groups_of_fleets(scenario).items():
        fleet = scenario.fleets[key]
        left = fleet.count_typical - groups * fleet.group_size
        if groups > 0 and left > _NOISE:
            yield Problem(
                "W403",
                scenario.name,
                f"fleets.{key}.count_typical",
                f"{left:g} of {fleet.count_typical:g} are left over: {groups} groups of {fleet.group_size:g} move",
                f"{groups * fleet.group_size:g} or {(groups + 1) * fleet.group_size:g} would leave none over",
            )


def _facilities(scenario: Scenario) -> Iterator[Problem]:
    rounded: dict[str, list[tuple[str, float, float]]] = {}
    total: dict[str, int] = {}
    for (kind, place), row in sorted(facilities_by_place(scenario).items()):
        if row.servers_typical is None:
            continue
        total[kind] = total.get(kind, 0) + 1
        share = row.servers_typical * (1.0 - civil_share(scenario, kind))
        whole = net_servers(scenario, row)
        if abs(share - whole) > _NOISE:
            rounded.setdefault(kind, []).append((place, share, whole))
    for kind, places in rounded.items():
        more = [entry for entry in places if entry[2] > entry[1]]
        worst = sorted(places, key=lambda entry: (-abs(entry[2] - entry[1]) / entry[1], entry[0]))[:_MOST]
        named = ", ".join(f"{place} {share:g} -> {whole:g}" for place, share, whole in worst)
        yield Problem(
            "W403",
            scenario.name,
            f"facilities of kind {kind}",
            f"servers left to the military are whole ones: {len(more)} of {total[kind]} places get more than their "
            f"share, {len(places) - len(more)} less ({named}{', ...' if len(places) > _MOST else ''})",
            "state servers that leave whole ones after civil traffic, if one of these places matters",
        )
