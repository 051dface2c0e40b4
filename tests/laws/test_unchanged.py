"""Changes of the input that must not change the answer, on small networks in which each resource binds in turn.

A change that is no change: rows renamed or reordered, a link cut in two, rows that nothing uses, a fleet or a facility
written as two rows. Tried with chance off and on; ``FLANKSIM_LAW_EXAMPLES`` sets how many networks (80).
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from flanksim.engine.simulate import simulate_plan
from flanksim.planning.compile import compile_plan
from flanksim.scenario import loads

EXAMPLES = int(os.environ.get("FLANKSIM_LAW_EXAMPLES", "80"))
#: What is made scarce; everything else is plentiful.
SCARCE = ("line", "ramp", "wagons", "ships", "berth", "yard", "road", "border", "opening hours", "assembly", "coaches")
Tables = dict[str, Any]


def deployment(random: Random, scarce: str, *, chance: bool) -> Tables:
    """By rail and road to a port, over the sea, and by rail, road and coach to the assembly area over a border."""

    def few(thing: str, low: tuple[int, int], high: tuple[int, int]) -> int:
        return random.randint(*(low if scarce == thing else high))

    headway = random.choice([2.0, 5.0]) if scarce == "line" else 0.1
    sets = few("wagons", (1, 2), (9, 12))
    servers = {thing: few(thing, (1, 2), (8, 9)) for thing in ("ramp", "berth", "border", "assembly")}
    rail = {"mode": "rail", "tracks": 2, "headway_hours": headway, "speed_typical_kmh": 40}
    road: Tables = {"mode": "road", "speed_typical_kmh": 40, "max_mlc": 70}
    if scarce == "road":
        road["capacity_typical"] = 30
    border: Tables = {"servers_typical": servers["border"], "handling_hours": 9 if scarce == "border" else 1.5}
    if scarce == "opening hours":
        border |= {"opens_hour": 20, "closes_hour": 4}
    berth: Tables = {"kind": "berth", "servers_typical": servers["berth"]}
    tables: Tables = {
        "flanksim": 1,
        "name": "unchanged",
        "question": {"horizon_days": 900},
        "mechanisms": {"chance": chance, "permissions": False, "civil_traffic": False},
        "parameters": {
            "close_share": 1,
            "lane_m_per_vehicle": 1,
            "lane_m_per_heavy_vehicle": 2,
            "integration_days": 1,
            "reception_team_pieces": 100,
            "vehicles_per_train": 10,
            "march_serial_vehicles": 20,
            "troops_per_coach_serial": 100,
        },
        "nodes": {place: {"country": "DEU" if place in "apq" else "POL"} for place in ("a", "p", "q", "m", "b")},
        "links": {
            "rail-ap": {"from_node": "a", "to_node": "p", "length_km": random.randint(100, 500), **rail},
            "lane": {"from_node": "p", "to_node": "q", "mode": "sea", "length_km": random.randint(300, 3000)},
            "road-qm": {"from_node": "q", "to_node": "m", "length_km": random.randint(100, 900), **road},
            "road-mb": {"from_node": "m", "to_node": "b", "length_km": random.randint(50, 900), **road},
            "road-aq": {"from_node": "a", "to_node": "q", "length_km": random.randint(200, 900), **road,
                        "max_mlc": 20},
        },
        "facilities": {
            "ramp-a": {"place": "a", "kind": "rail_terminal", "servers_typical": servers["ramp"], "handling_hours": 3},
            "ramp-p": {"place": "p", "kind": "rail_terminal", "servers_typical": servers["ramp"], "handling_hours": 2},
            "berth-p": {"place": "p", **berth},
            "berth-q": {"place": "q", **berth, "storage_typical": 25 if scarce == "yard" else 900},
            "exit-q": {"place": "q", "kind": "port_exit", "servers_typical": 6},
            "border": {"place": "road-qm", "kind": "border_road", **border},
            "area": {"place": "b", "kind": "assembly", "servers_typical": servers["assembly"]},
        },
        "fleets": {
            "sets": {"kind": "train", "pool": "sets", "carries": "wheeled;heavy", "capacity": 10,
                     "count_typical": sets},
            "ships": {"kind": "ship", "pool": "ships", "carries": "wheeled;heavy", "capacity": 60, "home_node": "p",
                      "capacity_unit": "lane_m", "count_typical": few("ships", (1, 2), (9, 12)), "speed_kmh": 30},
            "coaches": {"kind": "coach", "pool": "coaches", "carries": "troops", "group_size": 5, "capacity": 50,
                        "capacity_unit": "troops", "count_typical": few("coaches", (2, 4), (20, 25)) * 5},
        },
        "units": {
            f"u{number}": {
                "home_node": "a",
                "assembly_node": "b",
                "troops": random.choice([0, 100, 240]),
                "wheeled": random.randint(1, 90),
                "heaviest_mlc": 30,  # too much for the road along the coast: vehicles go by sea
                "ready_day": random.randint(0, 4),
                "priority": number,  # no two at the head of a queue by name alone
            }
            for number in range(1, random.randint(2, 4))
        },
    }  # fmt: skip
    for fleet in ("sets", "coaches"):
        tables["fleets"][fleet]["home_node"] = "a"
    if chance:
        tables["fleets"]["ships"] |= {"activation_typical": 0.8}
        tables["fleets"]["ships"]["count_typical"] += 2
    return tables


def answer(tables: Tables) -> tuple[tuple[str, ...], list[tuple[float, float]]]:
    """Hours at which each unit was closed and its troops were there, by order of the units' priority."""
    plan = compile_plan(loads(json.dumps(tables)))
    outcome = simulate_plan(plan, 7)
    order = sorted(range(len(plan.units)), key=lambda number: plan.units[number].priority)
    return tuple(plan.units[n].unit_id for n in order), [(outcome.closed_h[n], outcome.troops_h[n]) for n in order]


def cut(tables: Tables, random: Random, link: str) -> Tables:
    """A link in two parts, at a place in the country of its far end; borders stay on the first."""
    changed = deepcopy(tables)
    row = changed["links"].pop(link)
    share = random.choice([0.5, 0.01, 0.99, random.random()])
    first, second = deepcopy(row), deepcopy(row)
    first |= {"to_node": "cut", "length_km": row["length_km"] * share}
    second |= {"from_node": "cut", "length_km": row["length_km"] * (1 - share)}
    changed["nodes"]["cut"] = {"country": changed["nodes"][row["to_node"]]["country"]}
    changed["links"] |= {link: first, f"{link}-2": second}
    return changed


def reordered(tables: Tables, random: Random) -> Tables:
    changed = deepcopy(tables)
    for table in ("nodes", "links", "facilities", "fleets", "units", "parameters"):
        rows = list(changed[table].items())
        random.shuffle(rows)
        changed[table] = dict(rows)
    return changed


def renamed(tables: Tables, random: Random) -> Tables:
    """Other ids for places, links, facilities and fleets, in another order; their draws are keyed by name."""
    changed = deepcopy(tables)
    names = {old: f"{random.randrange(10**6):06}-{old}" for old in (*changed["nodes"], *changed["links"])}
    for table in ("nodes", "links"):
        changed[table] = {names[key]: row for key, row in changed[table].items()}
    for table in ("facilities", "fleets"):
        changed[table] = {f"{random.randrange(10**6):06}-{key}": row for key, row in changed[table].items()}
    for table in ("links", "facilities", "fleets", "units"):
        for row in changed[table].values():
            for column in ("from_node", "to_node", "home_node", "assembly_node", "place"):
                if column in row:
                    row[column] = names[row[column]]
    return changed


def with_unused(tables: Tables, _: Random) -> Tables:
    changed = deepcopy(tables)
    changed["nodes"] |= {"0-far": {}, "0-off": {}}
    changed["links"]["0-far"] = {"from_node": "0-far", "to_node": "0-off", "mode": "road", "length_km": 10}
    changed["facilities"]["0-far"] = {"place": "0-far", "kind": "rail_terminal", "servers_typical": 1}
    for pool in ("sets", "ships", "coaches"):
        row = changed["fleets"][pool]
        changed["fleets"][f"0-{pool}"] = {**row, "count_typical": 0, "capacity": 3, "home_node": "0-far"}
    changed["fleets"]["0-het"] = {**changed["fleets"]["sets"], "kind": "het", "pool": "het", "home_node": "0-far"}
    changed["unit_types"] = {"0-type": {"troops_typical": 10}}
    return changed


def two_rows(tables: Tables, random: Random) -> Tables:
    """Every fleet and facility as two rows; with chance a fleet's draws follow its rows, so its first keeps them."""
    changed = deepcopy(tables)
    for key, row in list(changed["fleets"].items()):
        if "activation_typical" in row:
            continue
        part = random.randint(0, int(row["count_typical"]))
        changed["fleets"][key] = {**row, "count_typical": part}
        changed["fleets"][f"{key}-2"] = {**row, "count_typical": row["count_typical"] - part}
    for key, row in list(changed["facilities"].items()):
        part = random.randint(0, int(row["servers_typical"]))
        changed["facilities"][key] = {**row, "servers_typical": part}
        changed["facilities"][f"{key}-2"] = {**row, "servers_typical": row["servers_typical"] - part}
        if "storage_typical" in row:
            changed["facilities"][key]["storage_typical"] = 10
            changed["facilities"][f"{key}-2"]["storage_typical"] = row["storage_typical"] - 10
    return changed


@pytest.mark.parametrize("chance", [False, True], ids=["sure", "chance"])
@pytest.mark.parametrize("scarce", SCARCE)
def test_what_is_no_change_changes_nothing(scarce: str, chance: bool) -> None:
    for number in range(max(1, EXAMPLES // len(SCARCE))):
        random = Random(1000 * number + SCARCE.index(scarce))
        tables = deployment(random, scarce, chance=chance)
        ids, want = answer(tables)
        for change in (reordered, with_unused, two_rows):
            assert answer(change(tables, random)) == (ids, want), f"{change.__name__} of network {number}"
        # A second entrance on the way is a change where serials overtake one another, by luck or because some rest.
        apart = [key for key, row in tables["links"].items() if "capacity_typical" not in row]
        link = random.choice([key for key in sorted(apart) if not (chance and key == "rail-ap")])
        _, got = answer(cut(tables, random, link))
        assert [hour for pair in got for hour in pair] == pytest.approx(
            [hour for pair in want for hour in pair], abs=1e-6, nan_ok=True
        ), f"{link} cut in network {number}"
        if not chance:
            assert answer(renamed(tables, random)) == (ids, want), f"renamed, network {number}"


@pytest.mark.parametrize("scarce", SCARCE)
def test_what_is_scarce_binds(scarce: str) -> None:
    """With plenty of everything some network closes sooner: else the law above would say nothing of this resource."""
    sooner = 0
    for number in range(20):
        tables = deployment(Random(1000 * number + SCARCE.index(scarce)), scarce, chance=False)
        plenty = deepcopy(tables)
        plenty["links"]["rail-ap"]["headway_hours"] = 0.1
        for row in plenty["links"].values():
            row.pop("capacity_typical", None)
        for row in plenty["facilities"].values():
            for column in ("servers_typical", "storage_typical", "opens_hour", "closes_hour"):
                row.pop(column, None)
        for row in plenty["fleets"].values():
            row["count_typical"] = 100
        latest = max(hour for hour, _ in answer(tables)[1])
        sooner += max(hour for hour, _ in answer(plenty)[1]) < latest - 1e-6
    assert sooner >= 5
