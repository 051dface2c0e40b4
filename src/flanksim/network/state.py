"""What each link really offers: chokepoints, class defaults and civil load applied, once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flanksim.scenario.facilities import facilities_by_place
from flanksim.scenario.parameters import PARAMETERS
from flanksim.scenario.rows import Duration, Facility, Fleet, Link, Window
from flanksim.scenario.schema import Scenario
from flanksim.units import HOURS_PER_DAY, horizon_hour

#: Hours from and to, merged and in order.
Windows = tuple[tuple[float, float], ...]


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
    closed
        Hours in which the link, or the border on it, is shut by plan (not its nights); merged and in order.
    blocked
        Why nobody may ever pass, in words; empty where somebody may.
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
    closed: Windows = ()
    blocked: str = ""


def link_states(scenario: Scenario) -> dict[str, LinkState]:
    """Effective state of every link, by id, in order of id."""
    facilities = facilities_by_place(scenario)
    tightened: dict[tuple[str, str], float] = {}
    for point in scenario.chokepoints.values():
        key = (point.link_id, point.attribute)
        tightened[key] = min(tightened.get(key, math.inf), point.typical)
    return {key: _state(scenario, key, link, tightened, facilities) for key, link in sorted(scenario.links.items())}


def net_servers(scenario: Scenario, facility: Facility) -> float:
    """Servers left to the military: whole ones, at least one where any is left, none where none is.

    Infinite where nothing limits. What rounding to whole servers gains or loses is told by `check` (W406).
    """
    if facility.servers_typical is None:
        return math.inf
    net = facility.servers_typical * (1.0 - civil_share(scenario, facility.kind))
    if net <= 0:
        return 0.0
    return float(max(1, math.floor(net + 0.5))) if scenario.mechanisms.servers else math.inf


def facility_windows(scenario: Scenario, facility: Facility) -> Windows:
    """Hours in which a facility does not work: closures, and the night of its opening hours; merged, in order."""
    windows = _windows(facility.closures)
    opens, closes = facility.opens_hour, facility.closes_hour
    if scenario.mechanisms.opening_hours and (opens is not None or closes is not None):
        start, end = opens or 0.0, HOURS_PER_DAY if closes is None else closes
        for day in range(math.ceil(horizon_hour(scenario.question.horizon_days) / HOURS_PER_DAY) + 1):
            midnight = day * HOURS_PER_DAY
            if start < end:
                windows += [(midnight, midnight + start), (midnight + end, midnight + HOURS_PER_DAY)]
            elif start > end:  # open over midnight
                windows.append((midnight + end, midnight + start))
    return united(windows)


def unusable(scenario: Scenario, facility: Facility) -> str:
    """Why a facility serves nobody in the whole run, in words; empty where it serves somebody."""
    if not scenario.mechanisms.handling:
        return ""
    if net_servers(scenario, facility) <= 0:
        return "has no server" if not facility.servers_typical else "has no server left to the military"
    if _always_shut(scenario, facility_windows(scenario, facility)):
        return "is shut for the whole horizon"
    if keeps_nothing(scenario, facility) and facility.kind in ("border_rail", "border_road"):
        return "has no room behind it (storage 0)"
    return ""


def keeps_nothing(scenario: Scenario, facility: Facility | None) -> bool:
    """Whether nothing can be put down there: its storage is stated, and is none."""
    return facility is not None and facility.storage_typical == 0 and scenario.mechanisms.storage


def united(windows: list[tuple[float, float]]) -> Windows:
    """Windows merged where they touch, in order."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(window for window in windows if window[1] > window[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def _windows(closures: tuple[Window, ...]) -> list[tuple[float, float]]:
    return [(window.from_hour, window.to_hour) for window in closures]


def _always_shut(scenario: Scenario, windows: Windows) -> bool:
    return bool(windows) and windows[0][0] <= 0 and windows[0][1] >= horizon_hour(scenario.question.horizon_days)


def _state(
    scenario: Scenario,
    key: str,
    link: Link,
    tightened: dict[tuple[str, str], float],
    facilities: dict[tuple[str, str], Facility],
) -> LinkState:
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
    crosses = countries[0] != countries[1] and link.mode in ("rail", "road") and all(countries)
    border = facilities.get((f"border_{link.mode}", key)) if crosses and scenario.mechanisms.borders else None
    closed = united([*_windows(link.closures), *([] if border is None else _windows(border.closures))])
    blocked = "its border " + reason if border is not None and (reason := unusable(scenario, border)) else ""
    if _always_shut(scenario, united(_windows(link.closures))):
        blocked = "shut for the whole horizon"
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
        gauges=gauges_of(scenario, link) if link.mode == "rail" else (),
        max_mlc=effective("max_mlc", link.max_mlc, scenario.optional(default_mlc) if road else math.inf),
        max_axle_load_t=effective(
            "max_axle_load_t", link.max_axle_load_t, scenario.optional("default_max_axle_load_t")
        ),
        crosses_border=crosses,
        waters=link.waters if link.mode == "sea" else "",
        max_draught_m=effective("max_draught_m", link.max_draught_m, math.inf),
        loading_gauge=link.loading_gauge,
        closed=closed,
        blocked=blocked,
    )


def gauges_of(scenario: Scenario, row: Link | Fleet) -> tuple[int, ...]:
    """Gauges of a railway, or of the lines on which a fleet runs, mm; ``default_gauge_mm`` where none is stated."""
    return row.gauge_mm or (int(scenario.optional("default_gauge_mm")),)


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
