"""Load classes and what stops them: admissibility filters the network before any path is sought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flanksim.network.state import LinkState
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
    """

    element: Element
    mlc: float = 0.0
    lifted_mlc: float = 0.0
    axle_load_t: float = 0.0
    loading_gauge: str = ""


def obstacle(scenario: Scenario, state: LinkState, load: LoadClass, *, lifted: bool) -> str | None:
    """Why `load` may not use the link, in words; None if it may.

    Parameters
    ----------
    lifted
        True when the load stands on a transporter, False when it drives by itself.
    """
    for end in (state.from_node, state.to_node):
        country = scenario.nodes[end].country
        about = scenario.countries.get(country)
        if about and about.transit == "by_permission" and country not in scenario.regime.transit_states:
            return f"transit through {country} is not permitted (regime.transit_states)"
    if state.gross_capacity <= 0:
        return "not built"
    if state.net_capacity <= 0:
        return "no capacity left to military traffic"
    if state.blocked:
        return state.blocked
    if not scenario.mechanisms.admissibility:
        return None
    if state.mode in ("road", "ferry"):
        needed = load.lifted_mlc if lifted else load.mlc
        if needed > state.max_mlc:
            return f"MLC {needed:g} over a limit of MLC {state.max_mlc:g}"
    if state.mode == "rail" and load.axle_load_t > state.max_axle_load_t:
        return f"axle load {load.axle_load_t:g} t over a limit of {state.max_axle_load_t:g} t"
    if state.mode == "rail" and state.loading_gauge and load.loading_gauge:
        sizes = scenario.loading_gauges
        if sizes.index(state.loading_gauge) < sizes.index(load.loading_gauge):
            return f"needs loading gauge {load.loading_gauge}, the line has {state.loading_gauge}"
    return None
