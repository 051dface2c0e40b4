"""A graph that somebody edited: saved beside the results, and told back to the tables that name and draw things."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import networkx as nx

from flanksim.network.elements import Facility
from flanksim.network.graph import civil_share
from flanksim.network.network import Network
from flanksim.scenario import rows
from flanksim.scenario.distributions import Distribution
from flanksim.scenario.schema import Scenario


def as_json(graph: nx.MultiDiGraph[str]) -> dict[str, Any]:
    """A graph as what JSON can hold; limits that are none are written ``"inf"``."""
    return {
        "name": graph.name,
        "nodes": [{"id": key, **_plain(values)} for key, values in graph.nodes(data=True)],
        "edges": [
            {"from": tail, "to": head, "key": key, **_plain(values)}
            for tail, head, key, values in graph.edges(keys=True, data=True)
        ],
    }


def from_json(content: dict[str, Any]) -> nx.MultiDiGraph[str]:
    """The graph that `as_json` wrote."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=content["name"])
    for entry in content["nodes"]:
        values = {name: _read(value) for name, value in entry.items() if name != "id"}
        values["facilities"] = {kind: _facility(row) for kind, row in entry.get("facilities", {}).items()}
        graph.add_node(entry["id"], **values)
    for entry in content["edges"]:
        values = {name: _read(value) for name, value in entry.items() if name not in ("from", "to", "key")}
        if values.get("travel") is not None:
            values["travel"] = _distribution(entry["travel"])
        if values.get("border") is not None:
            values["border"] = _facility(entry["border"])
        graph.add_edge(entry["from"], entry["to"], key=entry["key"], **values)
    return graph


def _plain(value: Any) -> Any:
    if isinstance(value, Facility | Distribution):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return "inf" if isinstance(value, float) and math.isinf(value) else value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_read(entry) for entry in value)
    return math.inf if value == "inf" else value


def _facility(values: dict[str, Any]) -> Facility:
    parts = {name: _read(value) for name, value in values.items()}
    handling = values["handling"]
    return Facility(**parts | {"handling": None if handling is None else _distribution(handling)})


def _distribution(value: Any) -> Any:
    """A distribution, or the number that stands for it."""
    return Distribution(value["kind"], _read(value["values"])) if isinstance(value, dict) else value


def tables_of(scenario: Scenario, graph: nx.MultiDiGraph[str]) -> Scenario:
    """The scenario with the places, links and facilities of an edited graph, for names, maps and pages.

    What the graph has as the tables say it stays as it is. A table knows one set of numbers for both directions, and
    capacities before civil traffic, so that a run is made on the graph itself and not on what this gives.
    """
    edited = Network(scenario, graph)
    told = Network(scenario)
    nodes = {key: row for key, row in scenario.nodes.items() if key in edited.places or row.kind == "chokepoint"}
    for key, place in edited.places.items():
        if key not in nodes:
            parts = {name: getattr(place, name) for name in ("name", "country", "lat", "lon", "kind", "regional_plan")}
            nodes[key] = rows.Node(**parts, rail_region=place.rail_region)
    links = {}
    for key, edges in edited.links.items():
        edge, row = edges[0], scenario.links.get(key)
        changed: dict[str, Any] = {
            name: value
            for name, value in (
                ("length_km", edge.length_km),
                ("speed_typical_kmh", edge.speed_kmh),
                ("capacity_typical", edge.capacity / max(1e-9, 1.0 - civil_share(scenario, edge.mode))),
                ("max_mlc", edge.max_mlc),
                ("max_axle_load_t", edge.max_axle_load_t),
                ("max_draught_m", edge.max_draught_m),
            )
            if math.isfinite(value)
        }
        ways: dict[str, Any] = {"one_way": len(edges) == 1}
        if len(edges) == 1:  # the end that it leaves comes first
            ways |= {"from_node": edge.from_node, "to_node": edge.to_node}
        if row is None:
            ends = {"from_node": edge.from_node, "to_node": edge.to_node, "mode": edge.mode, "waters": edge.waters}
            links[key] = rows.Link.model_construct(**{**_defaults(rows.Link), **ends, **changed, **ways})
        elif edge == told.links[key][0]:
            links[key] = row if len(edges) == len(told.links[key]) else row.model_copy(update=ways)
        else:
            links[key] = row.model_copy(update=changed | ways)
    facilities = {}
    for key, station in scenario.facilities.items():
        at = edited.facilities.get((station.kind, station.place))
        before = told.facilities.get((station.kind, station.place))
        if at == before:
            facilities[key] = station
        elif at is not None:
            gross = (
                None if math.isinf(at.servers) else at.servers / max(1e-9, 1.0 - civil_share(scenario, station.kind))
            )
            facilities[key] = station.model_copy(update={"servers_typical": gross})
    for (kind, where), at in edited.facilities.items():
        if (kind, where) not in told.facilities:
            servers = None if math.isinf(at.servers) else at.servers
            values = {"place": where, "kind": kind, "servers_typical": servers, "storage_typical": at.storage}
            facilities[f"{kind} {where}"] = rows.Facility.model_construct(**{**_defaults(rows.Facility), **values})
    points = {key: row for key, row in scenario.chokepoints.items() if row.link_id in links}
    return scenario.model_copy(update={"nodes": nodes, "links": links, "facilities": facilities, "chokepoints": points})


def _defaults(row: type[rows.Row]) -> dict[str, Any]:
    return {name: field.get_default() for name, field in row.model_fields.items() if not field.is_required()}
