"""Ways of the shipped tables against the great circle: every port and home of each regional plan.

A way that is over 1.6 times as long needs a row in ``detours.csv`` that says what lies between. Plain csv and networkx.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

FOLDER = Path(__file__).parents[2] / "scenarios" / "europe"
#: A way that is longer than this many great circles needs a reason.
ODD = 1.6
#: Nearer places are joined by what streets there are, km.
NEAR_KM = 60.0
#: Longest road from the last railhead to an assembly area, km.
TRANSFER_KM = 130.0
OVERSEAS = ("USA", "CAN")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def table(name: str) -> list[dict[str, str]]:
    return rows(FOLDER / f"{name}.csv")


NODES = {row["node_id"]: row for row in table("nodes")}
REASONS = rows(Path(__file__).parent / "detours.csv")


def great_circle(a: str, b: str) -> float:
    lat1, lon1, lat2, lon2 = (math.radians(float(NODES[n][key])) for n in (a, b) for key in ("lat", "lon"))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))


def pairs() -> list[tuple[str, str]]:
    """Home and assembly area of every unit that travels in Europe; every port of a plan and its assembly areas."""
    found: set[tuple[str, str]] = set()
    areas: dict[str, set[str]] = {}
    for unit in table("units"):
        if unit["in_place"] == "yes":
            continue
        areas.setdefault(unit["regional_plan"], set()).add(unit["assembly_node"])
        if NODES[unit["home_node"]]["country"] not in OVERSEAS:
            found.add((unit["home_node"], unit["assembly_node"]))
    for key, node in NODES.items():
        if node["kind"] == "port":
            found |= {(key, area) for area in areas.get(node["regional_plan"], ())}
    return sorted(pair for pair in found if great_circle(*pair) >= NEAR_KM)


@cache
def graph(mode: str) -> nx.Graph:  # type: ignore[type-arg]
    """What is open today: roads with ferries, or railways with a road from the railhead to an assembly area."""
    found: nx.Graph = nx.Graph()  # type: ignore[type-arg]
    assembly = {key for key, node in NODES.items() if node["kind"] == "assembly"}
    for link in table("links"):
        a, b, km = link["from_node"], link["to_node"], float(link["length_km"])
        used = link["mode"] in (("road", "ferry") if mode == "road" else ("rail",))
        if mode == "rail" and link["mode"] == "road" and km <= TRANSFER_KM and {a, b} & assembly:
            used = True
        shut = link["capacity_typical"] and float(link["capacity_typical"]) == 0
        if used and not shut and (not found.has_edge(a, b) or found[a][b]["km"] > km):
            found.add_edge(a, b, km=km)
    return found


def without_railway() -> set[str]:
    """Places at which no line ends: they are reached by road alone."""
    ends = {link[end] for link in table("links") if link["mode"] == "rail" for end in ("from_node", "to_node")}
    assembly = {key for key, node in NODES.items() if node["kind"] == "assembly"}
    return set(NODES) - ends - assembly


def ratio(mode: str, start: str, goal: str) -> float:
    try:
        km: float = nx.shortest_path_length(graph(mode), start, goal, weight="km")
    except nx.NetworkXNoPath:
        return math.inf
    return km / great_circle(start, goal)


def reasons(mode: str, start: str, goal: str) -> list[dict[str, str]]:
    """Rows of the table for a pair of places, by id or by country."""
    ends = [{place, NODES[place]["country"]} for place in (start, goal)]
    return [row for row in REASONS if row["mode"] == mode and row["from"] in ends[0] and row["to"] in ends[1]]


@pytest.mark.parametrize("mode", ["road", "rail"])
def test_every_long_way_round_has_its_reason(mode: str) -> None:
    odd = []
    for start, goal in pairs():
        if mode == "rail" and start in without_railway():
            continue
        times = ratio(mode, start, goal)
        allowed = max((float(row["at_most"]) for row in reasons(mode, start, goal)), default=ODD)
        if times > allowed:
            odd.append((start, goal, round(times, 2)))
    assert odd == []


def test_the_table_of_reasons_is_sound() -> None:
    countries = {node["country"] for node in NODES.values()}
    for row in REASONS:
        assert row["mode"] in ("road", "rail"), row
        assert {row["from"], row["to"]} <= countries | set(NODES), row
        assert float(row["at_most"]) > ODD, row
        assert len(row["reason"]) > 5, row
    keys = [(row["mode"], row["from"], row["to"]) for row in REASONS]
    assert len(keys) == len(set(keys))


def test_the_pairs_are_those_of_all_plans() -> None:
    homes = {unit["home_node"] for unit in table("units") if unit["in_place"] == "no"}
    plans = {NODES[start]["regional_plan"] for start, _ in pairs()}
    assert {"north", "centre", "south"} <= plans
    assert len(pairs()) > 600
    far = {home for home in homes if NODES[home]["country"] not in OVERSEAS}
    assert len(far & {start for start, _ in pairs()}) > 0.8 * len(far)
