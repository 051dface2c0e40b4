"""A network and a run as features of a map: places, links, facilities, flows by day and queues."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from flanksim.gis.geojson import Feature, Position
from flanksim.measure.traffic import Traffic
from flanksim.network.elements import CAPACITIES, Edge
from flanksim.network.network import Network
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import TABLES
from flanksim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    import pandas as pd

#: What a link really offers, beside what its table states: property, and attribute of the network.
EFFECTIVE = {
    "running_hours": "travel_hours",
    "effective_speed_kmh": "speed_kmh",
    "effective_max_mlc": "max_mlc",
    "effective_max_axle_load_t": "max_axle_load_t",
    "effective_max_draught_m": "max_draught_m",
}
#: Begins the name of a capacity that is net of civil traffic.
NET = "net_"


def places(network: Network) -> Iterator[Feature]:
    """Rows of ``nodes`` as points, chokepoints included."""
    for key, row in sorted(network.scenario.nodes.items()):
        yield Feature(_at(network.scenario, key), _properties("nodes", key, row, without=("lat", "lon")))


def links(network: Network) -> Iterator[Feature]:
    """Rows of ``links`` as lines between their ends, with what they really offer."""
    for key, row in sorted(network.scenario.links.items()):
        found = _properties("links", key, row)
        if key in network.links:
            found |= _effective(network.links[key][0])
        yield Feature(_between(network.scenario, row.from_node, row.to_node), found)


def facilities(network: Network) -> Iterator[Feature]:
    """Rows of ``facilities`` as points; that of a border half-way along its link."""
    for key, row in sorted(network.scenario.facilities.items()):
        yield Feature(_stands(network.scenario, row.place), _properties("facilities", key, row))


def chokepoints(network: Network) -> Iterator[Feature]:
    """Rows of ``chokepoints`` as points."""
    for key, row in sorted(network.scenario.chokepoints.items()):
        yield Feature(_at(network.scenario, row.node_id), _properties("chokepoints", key, row))


def by_day(scenario: Scenario, traffic: Traffic) -> pd.DataFrame:
    """What passed each link on each day, and what waits and is closed at each place at its end (`Traffic.table`).

    Columns ``c_day`` (C-day, 0 first), ``date`` where the scenario says when C-day is, ``what``, ``where``, ``value``.
    """
    log = traffic.log
    ended = [hour for hour in log.closed_h if not math.isnan(hour)]
    days = math.ceil(max([*ended, log.plan.deadline_h]) / HOURS_PER_DAY)
    table = traffic.table([float(day) for day in range(days)]).rename(columns={"day": "c_day"})
    table["c_day"] = table["c_day"].astype(int)
    if (first := scenario.question.c_day) is not None:
        table.insert(1, "date", [(first + timedelta(days=int(day))).isoformat() for day in table["c_day"]])
    return table[table["where"] != ""]


def flows(scenario: Scenario, table: pd.DataFrame) -> Iterator[Feature]:
    """Each link that something entered on a day, both directions together; flights run between their airfields."""
    for row in table[table["what"] == "pieces_per_day"].to_dict("records"):
        key = row["where"]
        if key in scenario.links:
            link = scenario.links[key]
            tail, head, mode = link.from_node, link.to_node, str(link.mode)
        else:
            tail, _, head = key.removeprefix("air:").partition(">")
            mode = "air"
        about = {"link_id": key, "mode": mode, "from_node": tail, "to_node": head}
        yield Feature(_between(scenario, tail, head), about | _day(row) | {"pieces_per_day": row["value"]})


def queues(scenario: Scenario, table: pd.DataFrame) -> Iterator[Feature]:
    """Each place at which serials wait, or troops are closed, at the end of a day."""
    at: dict[tuple[int, str], dict[str, Any]] = {}
    for row in table[table["what"] != "pieces_per_day"].to_dict("records"):
        found = at.setdefault((row["c_day"], row["where"]), _day(row) | {"serials_waiting": 0, "troops_closed": 0})
        found[row["what"]] = int(row["value"])
    for (_, key), found in at.items():
        name = scenario.nodes[key].name if key in scenario.nodes else ""
        yield Feature(_stands(scenario, key), {"node_id": key, "name": name, **found})


def _day(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("c_day", "date") if name in row}


def _properties(table: str, key: str, row: BaseModel, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Columns of a row under their own names, as values that every program reads; None where a cell is empty."""
    values = row.model_dump(exclude=set(without))
    return {TABLES[table][1]: key} | {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """A list of words with ``;`` between them; windows and distributions as JSON in a text."""
    if value in ("", ()):
        return None
    if isinstance(value, tuple) and not any(isinstance(item, dict) for item in value):
        return ";".join(map(str, value))
    return json.dumps(value) if isinstance(value, tuple | dict) else value


def _effective(edge: Edge) -> dict[str, float | None]:
    """What the forward direction of a link offers; None for what does not limit."""
    values = {name: getattr(edge, attribute) for name, attribute in EFFECTIVE.items()}
    values[NET + CAPACITIES[edge.mode]] = edge.capacity
    return {name: float(value) if math.isfinite(value) else None for name, value in values.items()}


def _at(scenario: Scenario, key: str) -> tuple[Position, ...]:
    row = scenario.nodes.get(key)
    return ((row.lon, row.lat),) if row is not None and row.lat is not None and row.lon is not None else ()


def _between(scenario: Scenario, tail: str, head: str) -> tuple[Position, ...]:
    ends = _at(scenario, tail) + _at(scenario, head)
    return ends if len(ends) == 2 else ()


def _stands(scenario: Scenario, place: str) -> tuple[Position, ...]:
    """Where a node lies, or the middle of a link."""
    link = scenario.links.get(place)
    ends = _at(scenario, place) if link is None else _between(scenario, link.from_node, link.to_node)
    if len(ends) < 2:
        return ends
    (lon, lat), (other, up) = ends
    if abs(other - lon) > 180.0:
        other += math.copysign(360.0, lon)
    middle = (lon + other) / 2.0
    return ((middle - math.copysign(360.0, middle) if abs(middle) > 180.0 else middle, (lat + up) / 2.0),)
