"""What a scenario asks and how large its network is, in a few words: for `flanksim show` and for notebooks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from flanksim.modes import LINK_MODES
from flanksim.notebook import html_table
from flanksim.scenario.map_frame import frame_of, positions

if TYPE_CHECKING:
    from flanksim.scenario.schema import Scenario

#: Of the small map, pixels.
_WIDTH = 420


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
    """For notebooks: a small table of question, units and troops, and network, and a small map."""
    units = scenario.travelling_units.values()
    moving = f"{len(units):,} unit{'s' if len(units) != 1 else ''}, {sum(unit.troops for unit in units):,} troops"
    fleets = sum(scenario.takes_part(fleet) for fleet in scenario.fleets.values())
    lift = f"{fleets} fleet{'s' if fleets > 1 else ''}" if fleets else ""
    _, *asked = question_in_words(scenario)
    counts = [["force", moving], *network_in_words(network_counts(scenario)), ["lift", lift]]
    pairs = [{"scenario": name, scenario.name: said} for name, said in [*asked, *counts] if said]
    return html_table(scenario.title or scenario.name, pairs, f"digest {scenario.digest}") + network_svg(scenario)


def network_svg(scenario: Scenario) -> str:
    """A small map without coasts: links by mode, homes as dots, assembly areas as squares; empty without positions."""
    frame = frame_of(scenario)
    west, east, south, north = frame.extent
    scale = _WIDTH / (east - west)
    held = {key: point for key, point in positions(scenario).items() if frame.holds(point)}
    at = {key: (scale * (x - west), scale * (north - y)) for key, (x, y) in held.items()}
    if not at:
        return ""
    height = f"{scale * (north - south):.0f}"
    size = f"width='{_WIDTH}' height='{height}' viewBox='0 0 {_WIDTH} {height}'"
    parts = [f"<svg xmlns='http://www.w3.org/2000/svg' {size} style='background:#fff;display:block'>"]
    for mode, row in sorted(LINK_MODES.items(), key=lambda item: item[1].shade):
        ends = sorted(
            (at[link.from_node], at[link.to_node])
            for link in scenario.links.values()
            if link.mode == mode and link.from_node in at and link.to_node in at
        )
        if ends:
            way = "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for (a, b), (c, d) in ends)
            style = f"stroke='{row.colour}' stroke-opacity='{row.shade}' stroke-width='0.8' fill='none'"
            parts.append(f"<path d='{way}' {style}><title>{mode}</title></path>")
    units = scenario.travelling_units.values()
    for key in sorted({unit.stock_node or unit.home_node for unit in units} & at.keys()):
        x, y = at[key]
        parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='2.5'>{_tip(scenario, key)}</circle>")
    for key in sorted({unit.assembly_node for unit in units} & at.keys()):
        x, y = at[key]
        square = f"x='{x - 3:.1f}' y='{y - 3:.1f}' width='6' height='6' fill='none' stroke='#000'"
        parts.append(f"<rect {square}>{_tip(scenario, key)}</rect>")
    return "".join([*parts, "</svg>"])


def _tip(scenario: Scenario, key: str) -> str:
    return f"<title>{escape(scenario.nodes[key].name or key)}</title>"


def plain(word: str) -> str:
    """A word of the file as one of a sentence."""
    return word.replace("_", " ")
