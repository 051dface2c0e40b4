"""Load classes and what stops them: admissibility filters the network before any path is sought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
    if country := _no_transit(network, edge):
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


def _no_transit(network: Network, edge: Edge) -> str:
    """State at an end of the edge that does not let through; empty if there is none."""
    scenario = network.scenario
    for end in (edge.from_node, edge.to_node):
        country = network.places[end].country
        about = scenario.countries.get(country)
        if about and about.transit == "by_permission" and country not in scenario.regime.transit_states:
            return country
    return ""


class Obstacles:
    """What stops load classes on many edges: those that are alike in all that `obstacle` reads are asked for once.

    Parameters
    ----------
    network
        The network.
    edges
        Its edges, in any order.
    """

    def __init__(self, network: Network, edges: Sequence[Edge]) -> None:
        self._network = network
        groups: dict[tuple[object, ...], int] = {}
        self._first: list[Edge] = []
        self._group = np.zeros(len(edges), dtype=np.int64)
        for number, edge in enumerate(edges):
            group = groups.setdefault(_likeness(network, edge), len(groups))
            if group == len(self._first):
                self._first.append(edge)
            self._group[number] = group

    def passable(self, load: LoadClass, *, lifted: bool) -> NDArray[np.bool_]:
        """Whether a load class may use each edge, on a transporter (`lifted`) or by itself."""
        free = [obstacle(self._network, edge, load, lifted=lifted) is None for edge in self._first]
        return np.array(free, dtype=np.bool_)[self._group]


def _likeness(network: Network, edge: Edge) -> tuple[object, ...]:
    """All that `obstacle` and `with_caution` read of an edge."""
    return (
        edge.mode,
        _no_transit(network, edge),
        network.blocked(edge),
        edge.max_mlc,
        edge.max_axle_load_t,
        edge.loading_gauge,
    )
