"""Load classes and what stops them: admissibility filters the network before any path is sought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flanksim.modes import LINK_MODES
from flanksim.network.elements import Edge
from flanksim.network.network import Network
from flanksim.scenario.schema import Scenario

Element = Literal["troops", "heavy", "wheeled", "cargo"]
ELEMENTS: tuple[Element, ...] = ("troops", "heavy", "wheeled", "cargo")


@dataclass(frozen=True, slots=True, order=True)
class LoadClass:
    """What moves, as far as bridges and tracks care.

    Attributes
    ----------
    mlc
        Military load class of the heaviest vehicle on its own wheels or tracks.
    lifted_mlc
        The same when it stands on a transporter.
    axle_load_t
        Axle load of the loaded wagon, tonnes.
    loading_gauge
        Smallest loading gauge through which the loaded wagon passes; empty if any will do.
    without
        Modes that its unit may not use, in the order of `flanksim.modes.MODES`.
    route
        Places through which it must go, from home to assembly area; empty if any way will do.
    """

    element: Element
    mlc: float = 0.0
    lifted_mlc: float = 0.0
    axle_load_t: float = 0.0
    loading_gauge: str = ""
    without: tuple[str, ...] = ()
    route: tuple[str, ...] = ()


def with_caution(scenario: Scenario, edge: Edge, load: LoadClass) -> bool:
    """Whether loaded transporters cross the bridges of a road by permit, one on each at a time and at a crawl.

    Their class may be above that of the weakest bridge by so much as ``caution_class_share`` says.
    """
    transported = load.lifted_mlc > load.mlc and edge.mode == "road"
    least = scenario.optional("caution_class_share") * load.lifted_mlc
    return transported and least <= edge.max_mlc < load.lifted_mlc


def obstacle(network: Network, edge: Edge, load: LoadClass, *, lifted: bool) -> str | None:
    """Why `load` may not use the edge, in words; None if it may.

    Parameters
    ----------
    lifted
        True when the load stands on a transporter, False when it drives by itself.
    """
    scenario = network.scenario
    for end in (edge.from_node, edge.to_node):
        country = network.places[end].country
        about = scenario.countries.get(country)
        if about and about.transit == "by_permission" and country not in scenario.regime.transit_states:
            return f"transit through {country} is not permitted (regime.transit_states)"
    if edge.mode in load.without:
        return f"the unit may not go by {edge.mode} (modes, forbidden_modes)"
    if blocked := network.blocked(edge):
        return blocked
    if not scenario.mechanisms.admissibility:
        return None
    if LINK_MODES[edge.mode].open_to_vehicles:
        needed = load.lifted_mlc if lifted else load.mlc
        if needed > edge.max_mlc and not (lifted and with_caution(scenario, edge, load)):
            return f"MLC {needed:g} over a limit of MLC {edge.max_mlc:g}"
    if edge.mode == "rail" and load.axle_load_t > edge.max_axle_load_t:
        return f"axle load {load.axle_load_t:g} t over a limit of {edge.max_axle_load_t:g} t"
    if edge.mode == "rail" and edge.loading_gauge and load.loading_gauge:
        sizes = scenario.loading_gauges
        if sizes.index(edge.loading_gauge) < sizes.index(load.loading_gauge):
            return f"needs loading gauge {load.loading_gauge}, the line has {edge.loading_gauge}"
    return None
