"""The shipped tables: connected, sourced, plausible. Plain csv and networkx, so that flanksim does not check itself."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import networkx as nx
import pytest

FOLDER = Path(__file__).parents[2] / "scenarios" / "europe"
TABLES = sorted(path.stem for path in FOLDER.glob("*.csv"))
ALLIES = set(
    "ALB BEL BGR CAN HRV CZE DNK EST FIN FRA DEU GRC HUN ISL ITA LVA LTU LUX MNE NLD MKD NOR POL PRT ROU SVK SVN "
    "ESP SWE TUR GBR USA".split()
)
HOSTS = set("EST LVA LTU POL SVK HUN ROU BGR FIN NOR".split())


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


NODES = {row["node_id"]: row for row in rows("nodes")}
LINKS = rows("links")


def great_circle(a: str, b: str) -> float:
    lat1, lon1, lat2, lon2 = (math.radians(float(NODES[n][key])) for n in (a, b) for key in ("lat", "lon"))
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(lon1 - lon2)
    return 6371.0 * math.acos(max(-1.0, min(1.0, cosine)))


def graph(*modes: str) -> nx.Graph:  # type: ignore[type-arg]
    found = nx.Graph()
    for link in LINKS:
        if link["mode"] in modes and float(link["capacity_typical"] or 1) > 0:
            a, b, km = link["from_node"], link["to_node"], float(link["length_km"])
            if not found.has_edge(a, b) or found[a][b]["km"] > km:
                found.add_edge(a, b, km=km)
    return found


def test_size_and_allies() -> None:
    everything = graph("road", "rail", "sea", "ferry", "waterway")
    assert nx.number_connected_components(everything) == 1
    assert everything.number_of_nodes() >= 450
    assert len(LINKS) >= 700
    assert {node["country"] for node in NODES.values()} >= ALLIES
    assert {link["mode"] for link in LINKS} == {"road", "rail", "sea", "ferry", "waterway"}


def test_no_orphan_and_every_chokepoint_attached() -> None:
    ends = {link[end] for link in LINKS for end in ("from_node", "to_node")}
    attached = {row["node_id"] for row in rows("chokepoints")}
    known = {link["link_id"] for link in LINKS}
    for key, node in NODES.items():
        assert key in (attached if node["kind"] == "chokepoint" else ends), key
    assert {row["link_id"] for row in rows("chokepoints")} <= known
    assert len(attached) >= 70


def test_no_link_shorter_than_its_great_circle() -> None:
    short = [
        (link["link_id"], link["length_km"])
        for link in LINKS
        if float(link["length_km"]) < 0.995 * great_circle(link["from_node"], link["to_node"])
    ]
    assert short == []


@pytest.mark.parametrize("mode", ["road", "rail"])
def test_one_network_on_the_continent(mode: str) -> None:
    """Road (with ferries, since Great Britain, Gotland and Iceland are islands) and rail over all gauges."""
    network = graph(mode, "ferry") if mode == "road" else graph(mode)
    parts = sorted(nx.connected_components(network), key=len, reverse=True)
    stranded = [n for part in parts[1:] for n in part if NODES[n]["country"] not in ("USA", "CAN", "ISL")]
    allowed = {"P_RNN", "P_MUK", "A_EKRN"} if mode == "road" else set()
    assert set(stranded) <= allowed, stranded


@pytest.mark.parametrize(
    ("start", "goal", "low", "high"),
    [
        ("P_BRV", "J_CIN", 1750, 2150),
        ("P_BRV", "J_NSP", 1900, 2400),
        ("P_ANR", "J_TAP", 1900, 2400),
        ("P_BRV", "J_RUK", 1350, 1550),  # 465 km to Berlin or 618 to Szczecin, then about 900
        ("J_HAJ", "J_ZAG", 380, 520),
        ("P_SKG", "J_CIN", 800, 1150),
    ],
)
def test_known_road_distances(start: str, goal: str, low: float, high: float) -> None:
    assert low <= nx.shortest_path_length(graph("road"), start, goal, weight="km") <= high


def plan_pairs() -> list[tuple[str, str]]:
    """Home station and assembly area of every travelling unit in Europe."""
    return sorted(
        {
            (row["home_node"], row["assembly_node"])
            for row in rows("units")
            if row["in_place"] == "no" and NODES[row["home_node"]]["country"] not in ("USA", "CAN")
        }
    )


@pytest.mark.parametrize("mode", ["road", "rail"])
def test_every_assembly_area_is_reached(mode: str) -> None:
    """By road, and by rail with, where no rail leads there, a road transfer from the railhead."""
    network = graph("road", "ferry") if mode == "road" else graph("rail")
    if mode == "rail":
        for link in LINKS:
            short = link["mode"] == "road" and float(link["length_km"]) <= 130
            if short and {link["from_node"], link["to_node"]} & set(ASSEMBLY):
                network.add_edge(link["from_node"], link["to_node"], km=float(link["length_km"]))
    assert [pair for pair in plan_pairs() if not nx.has_path(network, *pair)] == []


ASSEMBLY = [key for key, node in NODES.items() if node["kind"] == "assembly"]


def test_each_plan_has_assembly_areas() -> None:
    assert min(Counter(NODES[key]["regional_plan"] for key in ASSEMBLY).values()) >= 5
    assert {NODES[key]["country"] for key in ASSEMBLY} >= HOSTS | {"TUR"} - {"EST"}


def test_every_place_that_works_has_its_facility() -> None:
    have = {(row["kind"], row["place"]) for row in rows("facilities")}
    wanted = {
        ("berth" if node["kind"] == "port" else "stand" if node["kind"] == "airfield" else node["kind"], key)
        for key, node in NODES.items()
        if node["kind"] in ("port", "airfield", "assembly", "gauge_change")
    }
    for link in LINKS:
        if NODES[link["from_node"]]["country"] != NODES[link["to_node"]]["country"] and link["mode"] in (
            "road",
            "rail",
        ):
            wanted.add((f"border_{link['mode']}", link["link_id"]))
        if link["mode"] == "rail":
            wanted |= {("rail_terminal", link["from_node"]), ("rail_terminal", link["to_node"])}
    assert wanted <= have, sorted(wanted - have)[:10]


def test_troops_sum() -> None:
    units = [row for row in rows("units") if row["in_place"] == "no"]
    assert 115 <= len(units) <= 140
    assert sum(int(row["troops"]) for row in units) == 300_000
    by_plan = Counter()
    by_tier = Counter()
    for row in units:
        by_plan[row["regional_plan"]] += int(row["troops"])
        by_tier[row["tier"]] += int(row["troops"])
    # From the assignment to framework nations and what stands forward, no longer a division made first.
    assert by_plan == {"north": 47_400, "centre": 152_100, "south": 100_500}
    assert by_tier == {"1": 100_400, "2": 199_600}
    nations = {row["nation"] for row in units}
    assert nations == ALLIES - HOSTS - {"ISL"}
    forward = {"CAN", "GBR", "DEU"}  # framework nations with part of a brigade there already
    assert {row["nation"] for row in rows("units") if row["in_place"] == "yes"} == HOSTS | forward


def test_vehicles_per_soldier_are_in_the_recorded_range() -> None:
    types = {row["unit_type"]: row for row in rows("unit_types")}
    vehicles = 0.0
    for row in rows("units"):
        if row["in_place"] == "no":
            kind = types[row["unit_type"]]
            scale = float(row["troops"]) / float(kind["troops_typical"])
            vehicles += scale * (float(kind["wheeled_typical"]) + float(kind["heavy_typical"]))
    assert 0.25 <= vehicles / 300_000 <= 0.47


@pytest.mark.parametrize("table", [table for table in TABLES if table != "sources"])
def test_every_row_has_an_owner(table: str) -> None:
    sources = {row["source_id"] for row in rows("sources")}
    for row in rows(table):
        assert row["source"] in sources, row
        assert row["basis"] in ("looked_up", "recalled", "derived", "assumed"), row
        assert row["confidence"] in ("H", "M", "L"), row


@pytest.mark.parametrize("table", [table for table in TABLES if table != "sources"])
def test_low_typical_high_are_in_order(table: str) -> None:
    for row in rows(table):
        for name in row:
            if "typical" not in name:
                continue
            values = [row.get(name.replace("typical", part)) for part in ("low", "typical", "high")]
            if row.get("attribute") in ("permission", "traffic", "gauge_mm", "stock_node"):  # an effect that sets text
                continue
            numbers = [float(value) for value in values if value]
            assert numbers == sorted(numbers), (table, row)


def test_heavy_wagons_are_the_derived_number() -> None:
    wagons = sum(int(row["count_typical"]) for row in rows("fleets") if row["pool"] == "rail_heavy_1435")
    assert wagons == 1350


def test_projects_point_at_what_exists() -> None:
    links = {link["link_id"] for link in LINKS}
    projects = rows("projects")
    assert len(projects) >= 75
    for row in projects:
        assert set(filter(None, row["links"].split(";"))) <= links, row["project_id"]


def test_effects_point_at_rows_that_exist_and_every_project_has_one() -> None:
    keys = {"links": "link_id", "chokepoints": "chokepoint_id", "facilities": "facility_id", "fleets": "fleet_id"}
    keys |= {"units": "unit_id", "permissions": "permission_id", "outages": "outage_id"}
    known = {table: {row[key] for row in rows(table)} for table, key in keys.items()}
    known |= {"parameters": {row["name"] for row in rows("parameters")}, "regime": {"regime"}}
    effects = rows("effects")
    for row in effects:
        assert set(row["targets"].split(";")) <= known[row["table"]], row["effect_id"]
    projects = {row["project_id"]: row["not_modelled"] for row in rows("projects")}
    levers = {row["lever_id"]: row["projects"] or row["settings"] for row in rows("levers")}
    must = {key for key, why_not in projects.items() if not why_not} | {key for key, has in levers.items() if not has}
    may = must | set(levers)  # a lever of projects or settings may change more by effects of its own
    assert must <= {row["project_id"] for row in effects} <= may


#: Rows of the facts that are no project: open by 2026, envelopes over others, or beyond 2035.
OPEN_BY_2026 = {"PR04", "PR62", "PR117", "PR118", "PR119", "PR170", "PR171", "PR176"}
NO_PROJECT = {"PR01", "PR13", "PR17", "PR21", "PR23", "PR33", "PR48", "PR58", "PR74", "PR75"}


def test_what_is_open_or_an_envelope_is_no_project() -> None:
    """`PR01` stands as five sections, `PR101` to `PR105`."""
    keys = {row["project_id"] for row in rows("projects")}
    assert not keys & (OPEN_BY_2026 | NO_PROJECT)
    assert {f"PR10{number}" for number in range(1, 6)} <= keys
    assert len(keys) == 139


def test_payers_are_economies_groups_or_funds_and_carry_the_whole() -> None:
    economies = rows("economies")
    known = {row["iso3"] for row in economies} | {row["fund_id"] for row in rows("funds")}
    known |= {group for row in economies for group in row["groups"].split(";") if group}
    for row in rows("projects"):
        shares = dict(part.split(":") for part in row["payer_shares"].split(";"))
        assert set(shares) <= known, row["project_id"]
        assert sum(map(float, shares.values())) == pytest.approx(1, abs=1e-6), row["project_id"]


def test_money_for_a_bridge_raises_the_chokepoint_too() -> None:
    """A link's class is limited by its chokepoints: who raises the one raises those over it, or the money is lost."""
    points: dict[str, set[str]] = {}
    for row in rows("chokepoints"):
        if row["attribute"] == "max_mlc":
            points.setdefault(row["link_id"], set()).add(row["chokepoint_id"])
    raised: dict[str, dict[str, set[str]]] = {}
    for row in rows("effects"):
        if row["attribute"] == "max_mlc":
            raised.setdefault(row["project_id"], {}).setdefault(row["table"], set()).update(row["targets"].split(";"))
    missing = {
        (project, point)
        for project, tables in raised.items()
        for link in tables.get("links", ())
        for point in points.get(link, set()) - tables.get("chokepoints", set())
    }
    assert missing == LEFT_AS_IT_IS, sorted(missing)


def test_a_road_that_is_widened_is_built_for_heavy_loads() -> None:
    heavy = {row["link_id"] for row in LINKS if row["max_mlc"] and float(row["max_mlc"]) >= 130}
    for row in rows("effects"):
        if row["attribute"] == "lanes":
            own = [entry for entry in rows("effects") if entry["project_id"] == row["project_id"]]
            raised = {link for entry in own if entry["attribute"] == "max_mlc" for link in entry["targets"].split(";")}
            assert set(row["targets"].split(";")) <= raised | heavy, row["project_id"]


#: Structures over a link that a project raises, but that are no part of that project.
LEFT_AS_IT_IS = {("PR29", "X_ELT:L534"), ("PR08", "X_KAN:L353")}  # the latter has MLC 130 already
