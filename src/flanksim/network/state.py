"""What each link really offers: chokepoints, class defaults and civil load applied, once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flanksim.scenario.geometry import great_circle_km
from flanksim.scenario.parameters import PARAMETERS
from flanksim.scenario.rows import Duration, Facility, Link
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY

__all__ = ["LinkState", "civil_share", "facilities_by_place", "great_circle_km", "headway_hours", "link_states"]

#: States that are no allies; a route through them needs `regime.transit_states`.
NON_ALLIES = frozenset({"AUT", "CHE", "SRB", "BIH", "XKX", "UKR", "MDA", "IRL"})

NORTH_AMERICA = frozenset({"USA", "CAN"})


@dataclass(frozen=True, slots=True)
class LinkState:
    """Effective properties of one link under the scenario's regime.

    Attributes
    ----------
    travel_hours
        Typical running time of a serial's head from end to end, without rest.
    net_capacity
        Capacity left to military traffic: trains per day over both directions, or vehicles per
        hour in one direction; infinite where the link does not limit.
    shared
        Both directions use one gate (single track).
    """

    link_id: str
    from_node: str
    to_node: str
    mode: str
    length_km: float
    speed_kmh: float
    travel_hours: float
    travel_given: Duration | None
    gross_capacity: float
    net_capacity: float
    shared: bool
    gauges: tuple[int, ...]
    max_mlc: float
    max_axle_load_t: float
    crosses_border: bool
    waters: str
    max_draught_m: float = math.inf
    loading_gauge: str = ""


def link_states(scenario: Scenario) -> dict[str, LinkState]:
    """Effective state of every link, by id, in order of id."""
    tightened: dict[tuple[str, str], float] = {}
    for point in scenario.chokepoints.values():
        key = (point.link_id, point.attribute)
        tightened[key] = min(tightened.get(key, math.inf), point.typical)
    return {key: _state(scenario, key, link, tightened) for key, link in sorted(scenario.links.items())}


def facilities_by_place(scenario: Scenario) -> dict[tuple[str, str], Facility]:
    """Facilities by (kind, place); of several at one place the first by id."""
    found: dict[tuple[str, str], Facility] = {}
    for _, row in sorted(scenario.facilities.items()):
        found.setdefault((row.kind, row.place), row)
    return found


def _state(scenario: Scenario, key: str, link: Link, tightened: dict[tuple[str, str], float]) -> LinkState:
    def effective(attribute: str, own: float | None, default: float) -> float:
        return min(default if own is None else own, tightened.get((key, attribute), math.inf))

    speed = effective("speed_kmh", link.speed_typical_kmh, scenario.optional(f"default_speed_{link.mode}_kmh"))
    given = link.travel_hours
    travel = _typical(given) if given is not None else link.length_km / speed
    gross = effective("capacity", link.capacity_typical, math.inf)
    share = civil_share(scenario, link.mode)
    countries = [scenario.nodes[end].country for end in (link.from_node, link.to_node)]
    road = link.mode in ("road", "ferry")
    default_mlc = "default_max_mlc_motorway" if (link.lanes or 2) >= 4 else "default_max_mlc_road"
    return LinkState(
        link_id=key,
        from_node=link.from_node,
        to_node=link.to_node,
        mode=link.mode,
        length_km=link.length_km,
        speed_kmh=speed,
        travel_hours=travel,
        travel_given=given,
        gross_capacity=gross,
        net_capacity=gross * (1.0 - share) if math.isfinite(gross) else math.inf,
        shared=link.mode == "rail" and (link.tracks or 1) == 1,
        gauges=(link.gauge_mm or (1435,)) if link.mode == "rail" else (),
        max_mlc=effective("max_mlc", link.max_mlc, scenario.optional(default_mlc) if road else math.inf),
        max_axle_load_t=effective(
            "max_axle_load_t", link.max_axle_load_t, scenario.optional("default_max_axle_load_t")
        ),
        crosses_border=countries[0] != countries[1] and link.mode in ("rail", "road") and all(countries),
        waters=_waters(scenario, link) if link.mode == "sea" else "",
        max_draught_m=effective("max_draught_m", link.max_draught_m, math.inf),
        loading_gauge=link.loading_gauge,
    )


def civil_share(scenario: Scenario, what: str) -> float:
    """Share of gross capacity that civil traffic keeps under the scenario's regime, 0 to 1.

    This is the one place in which civil load is subtracted. `what` is ``rail``, ``road``,
    ``berth`` or ``stand``; other things have no civil load.
    """
    if not scenario.mechanisms.civil_traffic:
        return 0.0
    name = f"civil_share_{what}_{scenario.regime.traffic}"
    return scenario.optional(name) if name in PARAMETERS else 0.0


def headway_hours(scenario: Scenario, state: LinkState) -> float:
    """Time for which one train (or one ferry sailing) occupies the entrance of the link."""
    stated = scenario.links[state.link_id].headway_hours
    if stated is not None:
        return stated
    if not math.isfinite(state.net_capacity):
        return 0.0
    per_gate = state.net_capacity if state.shared else state.net_capacity / 2.0
    return HOURS_PER_DAY / per_gate if per_gate > 0 else math.inf


def _typical(value: Duration) -> float:
    if isinstance(value, int | float):
        return float(value)
    for name in ("typical", "exponential"):
        if hasattr(value, name):
            return float(getattr(value, name))
    trace = value.trace  # type: ignore[union-attr]
    return sum(trace) / len(trace) if trace else 0.0


def _waters(scenario: Scenario, link: Link) -> str:
    """Which fleets sail a port pair: ``atlantic``, ``southern`` (Mediterranean, Black Sea) or ``northern``."""
    ends = [scenario.nodes[end] for end in (link.from_node, link.to_node)]
    if len({end.country in NORTH_AMERICA for end in ends}) == 2:
        return "atlantic"
    for end in ends:
        if (
            end.lat is not None
            and end.lon is not None
            and ((end.lat < 46.5 and end.lon > 3.0) or (end.lat < 42.5 and end.lon > -5.5))
        ):
            return "southern"
    return "northern"
