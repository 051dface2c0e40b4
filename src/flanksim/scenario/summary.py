"""What a scenario asks and how large its network is, in a few words: for `flanksim show` and for notebooks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flanksim.notebook import html_table

if TYPE_CHECKING:
    from flanksim.scenario.schema import Scenario


def network_counts(scenario: Scenario) -> dict[str, Any]:
    """Places by kind, links and km by mode, facilities and their servers by kind."""
    links: dict[str, list[float]] = defaultdict(list)
    for link in scenario.links.values():
        links[link.mode].append(link.length_km)
    servers: dict[str, list[float | None]] = defaultdict(list)
    for facility in scenario.facilities.values():
        servers[facility.kind].append(facility.servers_typical)
    return {
        "places": dict(sorted(Counter(node.kind for node in scenario.nodes.values()).items())),
        "links": [{"mode": mode, "links": len(km), "km": round(sum(km))} for mode, km in sorted(links.items())],
        "facilities": [
            {"kind": kind, "rows": len(found), "servers": sum(value or 0.0 for value in found)}
            for kind, found in sorted(servers.items())
        ],
    }


def question_in_words(scenario: Scenario) -> list[list[str]]:
    """What is asked, of which network and under which rules: pairs of a name and words, some of them empty."""
    question, year = scenario.question, scenario.year
    where = f" {question.where}" if question.where else ""
    asked = f"{scenario.troops_required:,} troops closed{where} by C+{question.deadline_days:g}"
    network = "today's network"
    if year is not None:
        share = scenario.spending.infrastructure_share_pct
        network = f"the network of {year}, {share:g} % of GDP for infrastructure"
    regime = scenario.regime
    return [
        ["name", f"{scenario.name} (digest {scenario.digest})"],
        ["question", f"{asked}; tier 1 by C+{question.tier_1_deadline_days:g}"],
        ["network", network],
        ["rules", f"traffic {plain(regime.traffic)}, permission {plain(regime.permission)}"],
        ["routes", plain(scenario.routing.strategy)],
        ["set by hand", "; ".join(scenario.overrides)],
    ]


def network_in_words(network: Mapping[str, Any]) -> list[list[str]]:
    """The counts of a network as pairs of a name and words.

    Parameters
    ----------
    network
        As `network_counts` gives them.
    """
    places = ", ".join(f"{count:,} {plain(kind)}" for kind, count in network["places"].items())
    links = ", ".join(f"{row['links']:,} {row['mode']} ({row['km']:,} km)" for row in network["links"])
    servers = ", ".join(f"{row['servers']:,g} {plain(row['kind'])}" for row in network["facilities"])
    return [["places", places], ["links", links], ["servers", servers]]


def as_html(scenario: Scenario) -> str:
    """A small table for notebooks: question, units and troops, network."""
    units = scenario.travelling_units.values()
    moving = f"{len(units):,} unit{'s' if len(units) != 1 else ''}, {sum(unit.troops for unit in units):,} troops"
    fleets = sum(scenario.takes_part(fleet) for fleet in scenario.fleets.values())
    lift = f"{fleets} fleet{'s' if fleets > 1 else ''}" if fleets else ""
    _, *asked = question_in_words(scenario)
    counts = [["force", moving], *network_in_words(network_counts(scenario)), ["lift", lift]]
    pairs = [{"scenario": name, scenario.name: said} for name, said in [*asked, *counts] if said]
    return html_table(scenario.title or scenario.name, pairs, f"digest {scenario.digest}")


def plain(word: str) -> str:
    """A word of the file as one of a sentence."""
    return word.replace("_", " ")
