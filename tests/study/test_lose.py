"""Losses: closed forms on small networks, pairs and cures, and what must not change the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import flanksim as fs
from flanksim import FlanksimError, Scenario
from flanksim.documents import write_blocks
from flanksim.engine.streams import seeds
from flanksim.measure.losses import relied_on, spare
from flanksim.measure.statistics import t_interval
from flanksim.network.lost import assets, doubled
from flanksim.network.lost import lose as take_out
from flanksim.study.lose import lose
from flanksim.study.run import simulate
from flanksim.terminal import render
from flanksim.text.losses import as_json, blocks, markdown, surely_costs
from tests.conftest import BARE, closure_hour, tiny
from tests.investment.conftest import WORLD, effect, project, world

#: One train, ready at the start of C+2 (48 h), 10 h on a line.
LINE = """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  direct: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 10, headway_hours: 0}
  unused: {from_node: b, to_node: z, mode: rail, tracks: 2, travel_hours: 1, headway_hours: 0}
%sunits:
  u: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 2}
"""
#: 8 + 9 h round by c.
ROUND = """  up: {from_node: a, to_node: c, mode: rail, tracks: 2, travel_hours: 8, headway_hours: 0}
  down: {from_node: c, to_node: b, mode: rail, tracks: 2, travel_hours: 9, headway_hours: 0}
"""
#: One train that carries one of four vehicles, out at 0, 6, 12 and 18 h, the last there at 21 h.
SHUTTLE = """
parameters: {vehicles_per_train: 1, close_share: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 3, headway_hours: 0}
facilities:
  ramp-a: {place: a, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
  ramp-b: {place: b, kind: rail_terminal, servers_typical: 9, handling_hours: 0}
fleets:
  train: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: 1, home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 4}
"""
#: A ship over 10 h to the only port p, and on by road; 1 h at each berth, 2 h by road.
PORT = """
parameters: {lane_m_per_vehicle: 1, close_share: 1, handling_factor: 1}
links:
  sea: {from_node: a, to_node: p, mode: sea, travel_hours: 10}
  road: {from_node: p, to_node: b, mode: road, travel_hours: 2, headway_hours: 0}
facilities:
  berth-a: {place: a, kind: berth, servers_typical: 1, handling_hours: 1}
  berth-p: {place: p, kind: berth, servers_typical: 1, handling_hours: 1}
fleets:
  ship: {kind: ship, pool: ship, carries: wheeled, count_typical: 1, capacity: 40, capacity_unit: lane_m, home_node: a}
units:
  u: {home_node: a, assembly_node: b, wheeled: 4}
"""


def by_name(found: fs.Losses) -> dict[str, dict[str, Any]]:
    """Rows of all losses by name."""
    return {row["name"]: row for row in [*found.ranked, *found.pair_rows]}


def hours_later(row: dict[str, Any]) -> float:
    """By how much the last unit is later."""
    return float(row["closure_days_later"].mean) * 24


def asked(scenario: Scenario, *arguments: Any, **named: Any) -> fs.Losses:
    """A small study."""
    return lose(scenario, *arguments, **{"replications": 2, "first": 2, "jobs": 1} | named)


@pytest.mark.parametrize(
    ("from_day", "to_day", "later_h"),
    [
        (1, 3, 96 - 48),  # out from 24 to 96 h
        (2, 2, 72 - 48),
        (1, 1.25, 6),  # out to 54 h
        (0, 1, 0),  # over at 48 h, when the train sets out
        (3, 5, 0),  # there already
        (2.25, 2.5, 0),  # on the line, whose entrance is lost behind it
    ],
)
def test_the_only_line_delays_by_what_is_left_of_its_loss(from_day: float, to_day: float, later_h: float) -> None:
    found = asked(tiny(LINE % ""), ["direct"], from_day, to_day, top=0)
    assert hours_later(by_name(found)["link:direct"]) == pytest.approx(later_h, abs=1e-9)


@pytest.mark.parametrize(("to_day", "later_h"), [(3, 7.0), (1.375, 7.0), (1.125, 3.0)])
def test_beside_another_way_it_costs_the_way_round_or_the_wait_if_that_is_less(to_day: float, later_h: float) -> None:
    """Round it takes 17 h and not 10 h: what is back at 57 h is not waited for, what is back at 51 h is."""
    found = asked(tiny(LINE % ROUND), ["direct"], 1, to_day, top=0)
    assert hours_later(by_name(found)["link:direct"]) == pytest.approx(later_h, abs=1e-9)


def test_what_is_not_used_costs_nothing_by_proof() -> None:
    found = asked(tiny(LINE % ROUND), ["unused", "up"], 0, 9)
    rows = by_name(found)
    assert (rows["link:unused"]["pairs"], rows["link:unused"]["sure"]) == (0, "the plan of today")
    assert rows["link:up"]["sure"] == "the same in every run"
    for row in rows.values():
        for name in ("closure_days_later", "soldier_days_later", "delay_days_later", "in_time_share_change"):
            assert row[name].mean == 0.0
        assert not row["costs"]
    assert found.worst_pair is None


def test_the_worst_pair_is_a_line_and_that_which_takes_its_traffic() -> None:
    """The line alone costs the way round, 7 h, its fallback nothing, both together all 48 h of the loss."""
    found = asked(tiny(LINE % ROUND), ["direct"], 1, 3)
    rows = by_name(found)
    assert set(rows) == {"link:direct", "link:down", "link:direct+link:down"}
    assert hours_later(rows["link:direct"]) == pytest.approx(7.0)
    assert hours_later(rows["link:down"]) == 0.0
    assert found.worst_pair is not None
    assert found.worst_pair["name"] == "link:direct+link:down"
    assert hours_later(found.worst_pair) == pytest.approx(48.0)
    assert found.worst_pair["apart_soldier_days_later"] * 24 == pytest.approx(7.0)


def test_of_dear_losses_the_worst_pair_is_that_which_takes_longest() -> None:
    """Two lines one after the other, each out for 48 h: the second is waited for by whoever has waited already."""
    rows = "  next: {from_node: b, to_node: d, mode: rail, tracks: 2, travel_hours: 5, headway_hours: 0}\n"
    text = (LINE % rows).replace("assembly_node: b", "assembly_node: d")
    found = asked(tiny(text), ["direct", "next"], 1, 3)
    assert {row["name"]: hours_later(row) for row in found.ranked} == pytest.approx(
        {"link:direct": 48.0, "link:next": 96.0 - 58.0}
    )
    assert found.ranked[0]["name"] == "link:direct"
    assert found.worst_pair is not None
    assert hours_later(found.worst_pair) == pytest.approx(48.0)
    assert found.worst_pair["apart_soldier_days_later"] * 24 == pytest.approx(48.0 + 38.0)


def test_a_fleet_that_is_lost_and_the_second_one_that_stands_in_for_it() -> None:
    """Out for the first day, the train makes its four trips from 24 h on; a second one makes them meanwhile."""
    found = asked(tiny(SHUTTLE, BARE), ["train"], 0, 0)
    (row,) = found.ranked
    assert hours_later(row) == pytest.approx(24.0)
    best = spare(row)
    assert best is not None
    assert (best["kind"], best["helps"], best["cures"]) == ("second", True, True)
    assert best["closure_days_saved"].mean * 24 == pytest.approx(24.0)
    assert best["soldier_days_left"].mean == pytest.approx(0.0)
    (replanned,) = [cure for cure in row["cures"] if cure["kind"] == "replanned"]
    assert replanned["closure_days_saved"].mean == 0.0
    assert not replanned["helps"]


def test_a_port_that_is_lost_and_a_second_one_beside_it() -> None:
    """1 h of loading and 10 h at sea: the ship is in at 11 h, waits for its berth until 48 h, and not at another."""
    scenario = tiny(PORT, BARE)
    found = asked(scenario, ["p"], 0, 1)
    (row,) = found.ranked
    assert row["name"] == "port:p"
    assert hours_later(row) == pytest.approx(48.0 - 11.0)
    best = spare(row)
    assert best is not None
    assert best["cures"]
    assert best["soldier_days_left"].mean == pytest.approx(0.0)
    assert closure_hour(doubled(scenario, assets(scenario)["port:p"])) == pytest.approx(closure_hour(scenario))


def test_a_project_that_helps_because_of_the_loss_is_found() -> None:
    """25 trains at 48 h; the line takes them all, the way round one an hour, so that the last enters it at 72 h.

    At twice its pace the way round saves 12 h of that, and nothing as long as nothing is lost.
    """
    changes = effect("e1", "round", "table: links, targets: up, attribute: capacity, operation: scale, typical: 2")
    changes += effect(
        "e2", "unused", "table: links, targets: unused, attribute: headway_hours, operation: set, typical: 1"
    )
    rows = project("round", 1, 2) + project("unused", 1, 2)
    text = (LINE % ROUND.replace("headway_hours: 0", "capacity_typical: 48", 1)).replace("wheeled: 1,", "wheeled: 25,")
    scenario = world(rows, changes, WORLD.partition("links:")[0] + text)
    (row,) = [row for row in asked(scenario, ["direct"], 1, 5).ranked if row["costs"]]
    assert hours_later(row) == pytest.approx(24.0 + 17.0 - 10.0)
    cures = {cure["key"]: cure for cure in row["cures"] if cure["kind"] == "project"}
    assert set(cures) == {"round"}
    assert cures["round"]["closure_days_saved"].mean * 24 == pytest.approx(24 * (1.0 - 0.5))
    assert cures["round"]["cost_bn_eur"] == (1, 1, 1)


#: A second port q, 2 h further by sea.
OTHER_PORT = """  berth-q: {place: q, kind: berth, servers_typical: 1, handling_hours: 1}
fleets:"""
OTHER_WAYS = """  far: {from_node: a, to_node: q, mode: sea, travel_hours: 12}
  on: {from_node: q, to_node: b, mode: road, travel_hours: 2, headway_hours: 0}
facilities:"""


def test_a_loss_that_is_foreseen_is_planned_round_and_told_apart_from_what_a_spare_does() -> None:
    """The ship is in at 11 h and waits until 48 h; with the loss known it goes to the other port, 2 h further."""
    scenario = tiny(PORT.replace("facilities:", OTHER_WAYS).replace("fleets:", OTHER_PORT), BARE)
    row = by_name(asked(scenario, ["p"], 0, 1))["port:p"]
    assert hours_later(row) == pytest.approx(37.0)
    saved = {cure["kind"]: cure["closure_days_saved"].mean * 24 for cure in row["cures"]}
    assert saved == pytest.approx({"replanned": 35.0, "second": 35.0}), "2 h more are not clearly better"
    known = by_name(asked(scenario, ["p"], 0, 1, foreseen=True, indifference_days=0.01))["port:p"]
    assert hours_later(known) == pytest.approx(2.0)
    assert [cure["kind"] for cure in known["cures"]] == ["second"] * known["costs"]


# ---- what is lost, and who relies on it ----------------------------------------------------------

BRIDGE = """
nodes: {a: {}, b: {}, x: {kind: chokepoint, name: Big bridge}, air: {}}
links:
  rail: {from_node: a, to_node: b, mode: rail, length_km: 9}
  road: {from_node: a, to_node: b, mode: road, length_km: 9}
  planned: {from_node: a, to_node: b, mode: rail, route: new, length_km: 9, capacity_typical: 0}
chokepoints:
  one: {node_id: x, link_id: rail, name: Great Bridge, attribute: max_axle_load_t, typical: 20}
  two: {node_id: x, link_id: road, name: Great Bridge, attribute: max_mlc, typical: 60}
facilities:
  stand: {place: air, kind: stand, servers_typical: 1}
  ramp: {place: a, kind: rail_terminal, servers_typical: 1}
units:
  u: {home_node: a, assembly_node: b, wheeled: 1}
"""


def test_a_bridge_takes_all_its_links_and_what_is_not_built_cannot_be_lost() -> None:
    scenario = tiny(BRIDGE)
    known = assets(scenario)
    assert set(known) == {"airport:air", "bridge:x", "link:rail", "link:road"}
    lost = take_out(scenario, [known["bridge:x"], known["airport:air"]], 2, 4)
    for table, key in (("links", "rail"), ("links", "road"), ("facilities", "stand")):
        (window,) = getattr(lost, table)[key].closures
        assert (window.from_hour, window.to_hour) == (48, 120)
    assert not lost.links["planned"].closures
    assert not lost.facilities["ramp"].closures
    assert lost.digest != scenario.digest


def test_a_second_bridge_is_as_tight_as_the_first() -> None:
    scenario = tiny(BRIDGE)
    twice = doubled(scenario, assets(scenario)["bridge:x"])
    graph = fs.graph(twice)
    for key, name, value in (("rail", "max_axle_load_t", 20), ("road", "max_mlc", 60)):
        assert graph.edges["a", "b", f"{key}_second"][name] == graph.edges["a", "b", key][name] == value
    assert set(twice.links) == {"rail", "road", "planned", "rail_second", "road_second"}


def test_who_relies_on_what_is_counted_in_the_days_of_the_loss() -> None:
    """Four trips of one train, loaded at 0, 6, 12 and 18 h, back at 24 h; on a ship rely all whom it carries."""
    run = simulate(tiny(SHUTTLE, BARE), 1)
    used = {
        ("links", "line"),
        ("facilities", "rail_terminal:a"),
        ("facilities", "rail_terminal:b"),
        ("fleets", "train"),
    }
    assert relied_on(run.outcome, 0, 0) == dict.fromkeys(used, frozenset({0}))
    assert relied_on(run.outcome, 1, 5) == {}
    two = PORT.replace("wheeled: 4}", "wheeled: 4}\n  v: {home_node: a, assembly_node: b, wheeled: 4}")
    sea = relied_on(simulate(tiny(two, BARE), 1).outcome, 0, 0)
    assert sea["facilities", "berth:p"] == sea["fleets", "ship"] == frozenset({0, 1})


def test_those_on_which_most_soldiers_rely_are_tried_and_sea_lanes_only_by_name() -> None:
    found = asked(fs.load("corridor-mini"), None, 2, 8, each=1, top=0)
    kinds = [(loss.assets[0].kind, loss.assets[0].key) for loss in found.losses]
    assert [kind for kind, _ in kinds] == ["port", "airport", "link", "link", *["fleet"] * 5]
    sorts = [found.scenario.fleets[key].kind for kind, key in kinds if kind == "fleet"]
    assert sorts == ["aircraft", "coach", "het", "ship", "train"]
    modes = {found.scenario.links[key].mode for kind, key in kinds if kind == "link"}
    assert modes == {"rail", "road"}
    relied = relied_on(simulate(found.scenario, seeds(found.seed, 1)[0]).outcome, 2, 8)
    troops = [unit.troops for unit in simulate(found.scenario, 1).plan.units]
    roads = {
        key: sum(troops[number] for number in units)
        for (table, key), units in relied.items()
        if table == "links" and found.scenario.links[key].mode == "road"
    }
    (road,) = [loss for loss in found.losses if loss.assets[0].key in roads]
    assert road.troops == roads[road.assets[0].key] == max(roads.values())


def test_what_cannot_be_lost_is_refused() -> None:
    scenario = tiny(LINE % "")
    for arguments, code in (
        ((["nothing"], 1, 2), "E216"), ((["direct"], 3, 2), "E130"), ((["direct"], 1, 999), "E130"),
        ((None, 20, 30), "E520"), ((["direct"], -1, 2), "E130"),
    ):  # fmt: skip
        with pytest.raises(FlanksimError) as caught:
            asked(scenario, *arguments)
        assert caught.value.problems[0].code == code
        assert caught.value.problems[0].hint


# ---- the study -----------------------------------------------------------------------------------


def busy() -> Scenario:
    """The small shipped scenario: chance, lift, ports, rail and road."""
    return fs.load("corridor-mini")


def test_intervals_hold_together_over_all_that_is_stated() -> None:
    found = asked(busy(), ["a2-east", "coaches"], 2, 8, replications=6, first=6, top=1)
    assert found.claims == len(found.alternatives) - 1 + len(found.cures)
    assert len(found.cures) == 2
    row = by_name(found)["fleet:coaches"]
    today, lost = found.at("today"), found.at("fleet:coaches")
    days = [two - one for one, two in zip(today.mean_closings(), lost.mean_closings(), strict=True)]
    expected = t_interval(days, 1.0 - 0.05 / found.claims)
    for end in ("mean", "low", "high"):
        assert getattr(row["soldier_days_later"], end) == pytest.approx(getattr(expected, end))


def test_saved_interrupted_resumed_and_opened_it_answers_the_same(tmp_path: Path) -> None:
    mini = busy()
    sure = mini.model_copy(update={"mechanisms": mini.mechanisms.model_copy(update={"chance": False})})

    def study(**named: Any) -> fs.Losses:
        return asked(sure, ["coaches", "a2-east"], 2, 8, **{"top": 2} | named)

    whole = study(results=tmp_path)
    assert whole.folder is not None
    again = fs.open(whole.folder)
    assert again == whole
    assert isinstance(again, fs.Losses)
    assert (again.ranked, again.pair_rows) == (whole.ranked, whole.pair_rows)
    assert len(whole.pair_rows) >= 1

    def stop(done: int, _: int) -> None:
        if done == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(results=tmp_path / "stopped", progress=stop)
    folder = next((tmp_path / "stopped").glob("*/*"))
    assert json.loads((folder / "manifest.json").read_text())["status"] == "interrupted"
    assert study(resume=folder).ranked == whole.ranked
    for name in ("runs.parquet", "losses.parquet", "losses.json"):
        assert (folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_the_answer_does_not_depend_on_the_engine(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    one, other = (
        asked(busy(), ["coaches", "BRV", "a2-east"], 2, 8, replications=3, top=0, engine=engine, results=tmp_path)
        for engine in ("simpy", "compiled")
    )
    assert one.ranked == other.ranked
    assert one.folder is not None
    assert other.folder is not None
    assert (one.folder / "runs.parquet").read_bytes() == (other.folder / "runs.parquet").read_bytes()


def test_text_json_page_and_map_say_the_same(tmp_path: Path) -> None:
    found = asked(tiny(LINE % ROUND), ["direct", "unused"], 1, 3)
    content = json.loads(json.dumps(as_json(found), allow_nan=False))
    first = content["losses"][0]
    assert (first["asset"], first["kind"], first["from_day"], first["to_day"]) == ("direct", "link", 1, 3)
    assert first["closure_days_later"]["mean"] == pytest.approx(7 / 24, abs=1e-6)
    assert first["spare"]["kind"] == "second"
    assert {entry["asset"] for entry in content["worst_pair"]["assets"]} == {"direct", "down"}
    said = render(blocks(found))
    assert "Worst pair of the 1 that were run: rail a-b and rail c-b" in said
    assert "Zero by proof, since the plan does not use them: rail b-z" in " ".join(said.split())
    assert surely_costs(found.ranked[0])["soldier_days_later"] == pytest.approx(7 / 24)
    page = tmp_path / "page.md"
    page.write_text("<!-- lose of tiny, 1 rows -->\nSTALE\n<!-- end -->\n", encoding="utf-8")
    write_blocks(page, {"lose of tiny": lambda most: markdown(found, most)})
    text = page.read_text(encoding="utf-8")
    assert "STALE" not in text
    assert "| **rail a-b** | link | 1 | +0.3 | +0.29 |" in text
    assert text.count("\n| ") == 2  # head and one row
    table = found.map()
    assert dict(zip(table["loss"], table["soldier_days_later"], strict=True))["link:direct"] == pytest.approx(7 / 24)
    assert len(found.table()) == 4
