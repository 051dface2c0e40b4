"""Worlds: exact spreads, the law of total variance, nothing unknown changes nothing, and what is saved and resumed."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

import flanksim as fs
from flanksim import FlanksimError, Scenario
from flanksim.bounds.ladder import ladder
from flanksim.investment.levers import apply_levers
from flanksim.measure.world_runs import variance_of
from flanksim.network.worlds import World, triangle, uncertain
from flanksim.planning.compile import compile_plan
from flanksim.study.worlds import WorldsAsked
from flanksim.terminal import render
from flanksim.text.comparison import as_json as comparison_json
from flanksim.text.comparison import blocks as comparison_blocks
from flanksim.text.reach import as_json as reach_json
from flanksim.text.reach import blocks as reach_blocks
from flanksim.text.run import as_json, blocks
from flanksim.text.sweep import as_json as sweep_json
from flanksim.text.sweep import blocks as sweep_blocks
from tests.conftest import OPEN, tiny
from tests.study.test_experiment import LINE
from tests.study.test_reach import lines

#: A vehicle drives 240 km at a speed that nobody knows, 10 to 60 km/h and most likely 10, then on for a while.
ROAD = """
parameters: {travel_factor_road: 1, close_share: 1, ready_delay_days: 0}
links:
  way: {from_node: a, to_node: m, mode: road, length_km: 240, lanes: 2,
        speed_low_kmh: 10, speed_typical_kmh: 10, speed_high_kmh: 60}
  rest: {from_node: m, to_node: b, mode: road, lanes: 2, travel_hours: REST}
units:
  u: {home_node: a, assembly_node: b, wheeled: 1, ready_day: 2}
"""
SPEED = "links road speed_typical_kmh"


def known(scenario: Scenario, but: tuple[str, ...] = ()) -> Scenario:
    """The scenario with every parameter known, but some."""
    rows = {
        key: row if key in but else row.model_copy(update={"low": row.typical, "high": row.typical})
        for key, row in scenario.parameters.items()
    }
    return scenario.with_tables({"parameters": rows})


def road(rest: str, *, chance: bool) -> Scenario:
    head = OPEN.replace("chance: false", f"chance: {chance}".lower())
    return known(tiny(ROAD.replace("REST", rest), head))


def test_of_one_stage_without_chance_the_worlds_are_spread_as_its_distribution() -> None:
    """Of n worlds each n-th part of the distribution has one: the k-th slowest lies between two exact quantiles."""
    scenario = road("6", chance=False)
    assert [entry.name for entry in uncertain(scenario)] == [SPEED]
    count = 16
    study = fs.run(scenario, 1, jobs=1, worlds=count, world_runs=1)
    assert study.worlds is not None
    hours = sorted(24 * (day + 1) - 48 - 6 for (day,) in (found.closure_days() for found in study.worlds.worlds))
    speeds = [triangle(10, 10, 60, part / count) for part in range(count + 1)]
    ends = sorted(240 / speed for speed in speeds)
    assert all(low <= hour <= high for low, hour, high in zip(ends, hours, ends[1:], strict=False))
    assert study.closure_days() == [pytest.approx((48 + 240 / 10 + 6) / 24 - 1)]


def test_chance_and_what_is_not_known_add_up_as_the_law_of_total_variance_says() -> None:
    """240 km at v with the density 2 (60 - v) / 50², then Exp(4 h): both variances in closed form.

    Accepted within four standard errors: of the variance of n values of an exponential distribution, sqrt(8 / n); of
    the other part what chance adds to the means of the worlds, which are spread evenly.
    """
    low, high, mean_rest, worlds, runs = 10.0, 60.0, 4.0, 40, 50
    first = 2 / (high - low) ** 2 * (high * math.log(high / low) - (high - low))
    second = 2 / (high - low) ** 2 * (high * (1 / low - 1 / high) - math.log(high / low))
    unknown, chance = 240**2 * (second - first**2), mean_rest**2
    errors = 2 * math.sqrt(unknown * chance / (worlds * runs)), chance * math.sqrt(8 / (worlds * runs))
    study = fs.run(road("{exponential: 4}", chance=True), 2, jobs=1, worlds=worlds, world_runs=runs, engine="simpy")
    assert study.worlds is not None
    found = study.worlds.closing_variance()
    assert 24**2 * found.not_known == pytest.approx(unknown, abs=4 * errors[0])
    assert 24**2 * found.chance == pytest.approx(chance, abs=4 * errors[1])
    whole = 24**2 * np.var(study.worlds.together.closure_days())
    assert whole == pytest.approx(unknown + chance, abs=4 * math.hypot(*errors))
    assert found.share_not_known == pytest.approx(unknown / (unknown + chance), abs=0.1)


def test_variance_is_that_of_tables_worked_by_hand() -> None:
    """Two worlds, 1 and 3 and then 5 and 9: within 2 and 8, means 2 and 7, between 12.5 less half of 5."""
    found = variance_of([[1, 3], [5, 9]])
    assert (found.chance, found.not_known) == pytest.approx((5.0, 10.0))
    assert math.isnan(variance_of([[1.0], [3.0]]).chance)


def test_where_all_is_known_worlds_are_the_runs_with_typical_values_to_the_last_byte() -> None:
    scenario = known(fs.load("corridor-mini"))
    bare = {
        table: {
            key: row.model_copy(
                update={
                    name: getattr(row, name.replace("_low", "_typical").replace("_high", "_typical"))
                    for name in type(row).model_fields
                    if ("_low" in name or "_high" in name)
                    and name.replace("_low", "_typical").replace("_high", "_typical") in type(row).model_fields
                }
            )
            for key, row in getattr(scenario, table).items()
        }
        for table in ("links", "chokepoints", "facilities", "fleets", "unit_types", "permissions")
    }
    scenario = scenario.with_tables(bare)
    assert uncertain(scenario) == []
    study = fs.run(scenario, 6, jobs=1, worlds=3, world_runs=2)
    assert study.worlds is not None
    assert study.worlds.together.replications == study.replications  # digests of all movements
    assert study.worlds.closure_spread() == study.closure_spread()


def test_a_row_that_nothing_uses_changes_no_world() -> None:
    more = ROAD.replace("units:", "  ship: {from_node: b, to_node: c, mode: sea, length_km: 9, speed_low_kmh: 1, speed_typical_kmh: 2, speed_high_kmh: 3}\nunits:")  # fmt: skip  # noqa: E501
    one, two = (known(tiny(text.replace("REST", "6"))) for text in (ROAD, more))
    worlds = [fs.run(entry, 1, jobs=1, worlds=5, world_runs=1).worlds for entry in (one, two)]
    first, second = ([run.digest for run in found.together.replications] for found in worlds if found is not None)
    assert first == second
    for number in range(5):
        rows = [World(number, 5, 7).of(entry).links["way"].speed_typical_kmh for entry in (one, two)]
        assert rows[0] == rows[1] != one.links["way"].speed_typical_kmh


def test_a_world_in_which_a_unit_would_have_no_way_keeps_the_typical_classes_and_says_so() -> None:
    """Vehicles of class 20 to 40, most likely 30, on a road for 35: above it lies an eighth, two worlds of 16."""
    text = ROAD.replace("REST", "6").replace("lanes: 2, travel_hours", "lanes: 2, max_mlc: 35, travel_hours")
    text = text.replace("wheeled: 1", "wheeled: 1, heaviest_mlc: 99")
    scenario = known(tiny(text), but=("wheeled_mlc",))
    study = fs.run(scenario, 2, jobs=1, worlds=16, world_runs=1)
    assert study.worlds is not None
    assert study.worlds.with_same_ways == 2
    for number, found in enumerate(study.worlds.worlds):
        world = World(number, 16, scenario.seed)
        assert found.origin.same_ways == (world.of(scenario).parameters["wheeled_mlc"].typical > 35)
    assert "In 2 of the 16 worlds a unit would have no way at all" in " ".join(render(blocks(study)).split())


def test_in_every_world_the_parts_of_a_unit_are_whole_and_sum_to_it() -> None:
    """37.4 vehicles a train are 37: with parts of vehicles a unit would wait for a rest of 1e-13 for ever."""
    mini = fs.load("corridor-mini")
    for number in range(8):
        plan = compile_plan(World(number, 8, 1).of(mini))
        moved: dict[tuple[int, str], float] = {}
        for serial in plan.serials:
            assert serial.quantity == int(serial.quantity)
            if serial.final:
                moved[serial.unit, serial.kind] = moved.get((serial.unit, serial.kind), 0.0) + serial.quantity
        for place, unit in enumerate(plan.units):
            if not unit.in_place:
                parts = [count for (owner, kind), count in moved.items() if owner == place and kind != "troops"]
                assert moved.get((place, "troops"), 0.0) == unit.troops
                assert sum(parts) == unit.vehicles


def test_numbers_without_a_range_of_their_own_are_drawn_by_their_factors() -> None:
    extra = "unknowns:\n  ready: {name: Readiness, table: units, attribute: ready_day, low: 0.5, high: 3}\n"
    scenario = known(tiny(ROAD.replace("REST", "6") + extra))
    days = [World(number, 20, 1).of(scenario).units["u"].ready_day for number in range(20)]
    assert all(1 <= day <= 6 for day in days)
    assert len(set(days)) == 20
    assert World(shares=(("unknowns ready", 1.0),)).of(scenario).units["u"].ready_day == 6
    assert World(shares=()).of(scenario).units == scenario.units


def test_no_run_of_a_world_beats_the_bound_of_that_world() -> None:
    mini = fs.load("corridor-mini")
    study = fs.run(mini, 2, jobs=1, worlds=4, world_runs=3)
    assert study.worlds is not None
    for number, found in enumerate(study.worlds.worlds):
        bound = ladder(World(number, 4, mini.seed).of(study.scenario), groups=False, prices=False).day
        assert all(math.isnan(day) or day >= bound - 1e-9 for day in found.closure_days())


def test_the_answer_has_both_ranges_for_people_and_machines() -> None:
    study = fs.run(road("{exponential: 8}", chance=True), 4, jobs=1, worlds=3, world_runs=2)
    assert study.worlds is not None
    said = as_json(study)
    assert said["worlds"]["worlds"] == 3
    assert said["worlds"]["runs_of_each"] == 2
    assert said["worlds"]["closure_day_p05"] == pytest.approx(study.worlds.closure_spread().p05, abs=1e-6)
    assert said["closure_day_p05"] == pytest.approx(study.closure_spread().p05, abs=1e-6)
    assert said["worlds"]["groups"].keys() == set(study.groups) - {"all"}
    json.dumps(said, allow_nan=False)
    text = " ".join(render(blocks(study)).split())
    assert "with all that is not known day" in text
    assert "3 worlds, 2 runs of each" in text
    assert as_json(fs.run("corridor-mini", 1, jobs=1))["worlds"] is None


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def test_worlds_are_saved_reopened_and_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    scenario = road("{exponential: 8}", chance=True)

    def study(**options: object) -> fs.Study:
        return fs.run(scenario, 2, jobs=1, worlds=3, world_runs=2, **options)  # type: ignore[arg-type]

    made = study(results=tmp_path)
    assert made.folder is not None
    again = fs.open(made.folder)
    assert isinstance(again, fs.Study)
    assert again == made
    assert as_json(again)["worlds"] == as_json(made)["worlds"]
    copy = Path(shutil.copytree(made.folder, tmp_path / "copy"))
    for path in sorted((copy / "parts").iterdir())[::2]:
        path.unlink()
    (copy / "worlds.parquet").unlink()
    with pytest.raises(FlanksimError, match="E506"):
        fs.open(copy)
    done: list[int] = []
    study(resume=copy, progress=lambda count, _: done.append(count))
    assert 0 < len(done) < 8
    assert _files(copy) == _files(made.folder)
    with pytest.raises(FlanksimError, match="E502"):
        fs.run(scenario, 2, jobs=1, resume=copy)


def test_an_edited_network_and_impossible_numbers_are_refused() -> None:
    with pytest.raises(FlanksimError, match=r"(?s)E130.*worlds"):
        fs.run("corridor-mini", 1, network=fs.graph("corridor-mini"), worlds=2)
    with pytest.raises(FlanksimError, match=r"(?s)E130.*worlds"):
        fs.run("corridor-mini", 1, worlds=-1)
    assert WorldsAsked().manifest == {}


def pair() -> list[Scenario]:
    """Two roads, the second an hour and a half quicker at its end, whatever the speed before."""
    slow, fast = (road(hours, chance=False) for hours in ("6", "4.5"))
    return [slow, fast.model_copy(update={"name": "fast"})]


def test_alternatives_are_compared_in_the_same_worlds() -> None:
    """Speeds spread both by most of a day, and between them lies an hour and a half in every world."""
    found = fs.compare([*pair(), pair()[0]], replications=2, jobs=1, worlds=8, world_runs=1)
    first = found.alternatives[0].worlds
    assert first is not None
    assert np.ptp(first.together.closure_days()) > 0.4
    faster, same = found.world_differences
    assert (faster.days.low, faster.days.high) == pytest.approx((-1.5 / 24, -1.5 / 24))
    assert faster.closing.mean == pytest.approx(-1.5 / 24)
    assert (same.verdict, same.closing.mean, same.sooner_in) == ("identical", 0.0, 0)
    said = comparison_json(found)["alternatives"]
    assert said[0]["worlds"]["worlds"] == said[1]["worlds"]["worlds"] == 8
    assert said[1]["worlds"]["difference_days"]["mean"] == pytest.approx(-1.5 / 24, abs=1e-6)
    assert "difference_days" not in said[0]["worlds"]
    json.dumps(said, allow_nan=False)
    assert "the same worlds for all: 8 worlds, 1 run of each" in " ".join(render(comparison_blocks(found)).split())


def test_where_the_first_alternative_has_no_way_the_others_keep_the_typical_classes_too() -> None:
    text = ROAD.replace("REST", "6").replace("wheeled: 1", "wheeled: 1, heaviest_mlc: 99")
    weak, strong = (
        known(tiny(text.replace("lanes: 2, travel", f"lanes: 2, max_mlc: {limit}, travel")), but=("wheeled_mlc",))
        for limit in (35, 80)
    )
    found = fs.compare([weak, strong], replications=1, jobs=1, worlds=16, world_runs=1)
    held = [[one.origin.same_ways for one in entry.worlds.worlds] for entry in found.alternatives if entry.worlds]
    assert held[0] == held[1]
    assert sum(held[0]) == 2
    alone = fs.run(strong, 1, jobs=1, worlds=16, world_runs=1)
    assert alone.worlds is not None
    assert alone.worlds.with_same_ways == 0


def test_a_comparison_with_worlds_is_saved_reopened_and_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    def study(**options: object) -> fs.Comparison:
        return fs.compare(pair(), replications=2, jobs=1, worlds=3, world_runs=2, **options)  # type: ignore[arg-type]

    made = study(results=tmp_path)
    assert made.folder is not None
    again = fs.open(made.folder)
    assert isinstance(again, fs.Comparison)
    assert [entry.worlds for entry in again.alternatives] == [entry.worlds for entry in made.alternatives]
    assert comparison_json(again)["alternatives"] == comparison_json(made)["alternatives"]
    copy = Path(shutil.copytree(made.folder, tmp_path / "copy"))
    for path in sorted((copy / "parts").iterdir())[::2]:
        path.unlink()
    study(resume=copy)
    assert _files(copy) == _files(made.folder)


def test_points_of_a_sweep_are_in_the_same_worlds(tmp_path: Path) -> None:
    """48 trains an hour apart, half an hour once the project is done: 23.5 hours sooner, however fast they run."""
    speed = "length_km: 240, speed_low_kmh: 10, speed_typical_kmh: 10, speed_high_kmh: 60"
    text = LINE.replace("CHANCE", "false").replace("travel_hours: TRAVEL", speed) + "spending: {target_year: 2026}\n"
    scenario = known(fs.loads(text))
    rows = {key: row.model_copy(update={"capacity_low": None}) for key, row in scenario.links.items()}
    scenario = scenario.with_tables({"links": rows})
    found = fs.sweep(scenario, [0, 1], 2035, [0.12], 1, jobs=1, worlds=6, world_runs=1, results=tmp_path)
    low, high = found.points
    assert found.world_difference(low) is None
    difference = found.world_difference(high)
    assert difference is not None
    assert (24 * difference.days.low, 24 * difference.days.high) == pytest.approx((-23.5, -23.5))
    assert np.ptp(found.worlds[low.cell].together.closure_days()) > 0.3
    cells = sweep_json(found)["cells"]
    assert cells[1]["worlds"]["difference_days"]["mean"] == pytest.approx(-23.5 / 24, abs=1e-6)
    assert "with what is not known drawn anew" in " ".join(render(sweep_blocks(found)).split())
    assert found.folder is not None
    again = fs.open(found.folder)
    assert again == found
    assert fs.sweep(scenario, [0, 1], 2035, [0.12], 1, jobs=1).worlds == {}


def test_packages_are_confirmed_in_worlds(tmp_path: Path) -> None:
    scenario = lines()
    found = fs.reach(scenario, 5, 0.5, replications=2, first=2, jobs=1, worlds=3, world_runs=1, results=tmp_path)
    assert found.smallest
    wanted = {tuple(0 for _ in found.families.names), *found.smallest}
    assert set(found.worlds) == wanted
    for package in found.smallest:
        keys, runs = found.families.levers(package), found.worlds[package]
        alone = fs.run(apply_levers(scenario, keys), 1, jobs=1, worlds=3, world_runs=1).worlds
        assert alone is not None
        assert [run.digest for run in runs.together.replications] == [run.digest for run in alone.together.replications]
    said = reach_json(found)
    assert said["packages"][0]["worlds"]["worlds"] == 3
    assert "in 3 worlds" in " ".join(render(reach_blocks(found)).split())
    assert found.folder is not None
    again = fs.open(found.folder)
    assert isinstance(again, fs.Reach)
    assert again.worlds == found.worlds
