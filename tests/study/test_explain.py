"""Explaining a saved study: parts that sum, a replay that is the same history, and steps whose worth is known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from flanksim import graph, loads, run_study, simulate
from flanksim.activities import Cause
from flanksim.errors import FlanksimError
from flanksim.measure.critical import Piece
from flanksim.measure.statistics import path_shares
from flanksim.network.one_more import one_more
from flanksim.planning.compile import compile_plan
from flanksim.scenario.reading import load, shipped
from flanksim.study.explain import explain, save
from flanksim.study.one_at_a_time import changes
from flanksim.text.explanation import as_json, format_text
from tests.cli.test_cli import flanksim


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = run_study(load("corridor-mini"), 3, jobs=1, results=tmp_path_factory.mktemp("results"))
    assert study.folder is not None
    return study.folder


def test_json_sums_to_closure(folder: Path) -> None:
    found = as_json(explain(folder, jobs=1, tries=2))
    json.dumps(found, allow_nan=False)
    assert found["sum_hours"] == pytest.approx(found["closure_hours"], abs=1e-9)
    assert math.fsum(part["hours"] for part in found["critical_path"]) == found["sum_hours"]
    assert {"element", "cause", "hours"} <= set(found["critical_path"][0])
    assert {"cause", "serial_hours"} <= set(found["ledger"][0])
    hours = [part["hours"] for part in found["critical_path"]]
    assert hours == sorted(hours, reverse=True)
    assert len(found["try"]) == 2
    for entry in found["try"]:
        assert {"change", "path_share", "days_saved", "kind", "key"} <= set(entry)
        assert entry["days_saved"]["low"] is entry["days_saved"]["high"] is None, "three runs give no interval"


def test_five_runs_have_an_interval_and_four_have_none(tmp_path: Path) -> None:
    study = run_study(load("corridor-mini"), 5, jobs=1, results=tmp_path, bounds=False)
    assert study.folder is not None
    for runs, known in ((4, False), (5, True)):
        found = as_json(explain(study.folder, runs=runs, jobs=1, tries=1))
        intervals = [entry["days_saved"] for entry in found["try"]]
        intervals += [entry["interval"] for entry in (*found["critical_path"], *found["ledger"], *found["fleets"])]
        assert {entry["low"] is not None for entry in intervals} == {known}


def test_the_text_says_that_share_and_value_differ(folder: Path) -> None:
    text = format_text(explain(folder, jobs=1, tries=3))
    assert "is not the value of a step more" in text
    assert "days saved" in text
    assert max(map(len, text.splitlines())) <= 100


def test_one_unit_and_a_misspelt_one(folder: Path) -> None:
    found = explain(folder, "heavy-brigade", jobs=1, tries=0)
    assert found.tries == ()
    assert "Unit heavy-brigade is closed" in format_text(found)
    with pytest.raises(FlanksimError, match="did you mean heavy-brigade"):
        explain(folder, "heavy-brigad", jobs=1, tries=0)


def test_one_more_wagon_set_saves_what_theory_says(tmp_path: Path) -> None:
    """V25: closure with 3 sets is 190 h; 4 sets of a 28 h cycle bring the last of 20 loads in at 4*28 + 18 + 12 h.

    Loads 4 h apart on one ramp: round k starts at 28 k, its last set loads 12 h after its first, and is in 18 h later.
    """
    scenario = load(shipped() / "verification" / "v25-rail-sets.yaml", {"fleets": {"sets": {"count_typical": 3}}})
    study = run_study(scenario, 1, jobs=1, results=tmp_path)
    assert study.folder is not None
    found = explain(study.folder, jobs=1)
    assert found.closure_hours.mean == pytest.approx(190.0, abs=1e-9)
    (more,) = [entry for entry in found.tries if "wagon set" in entry.change]
    assert more.days_saved.mean * 24 == pytest.approx(190.0 - (4 * 28 + 12 + 18), abs=1e-9)


def test_folders_without_results_and_histories_that_changed(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FlanksimError, match="E120"):
        explain(tmp_path)
    for name in ("manifest.json", "scenario.yaml", "runs.parquet"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    text = (tmp_path / "scenario.yaml").read_text()
    (tmp_path / "scenario.yaml").write_text(text.replace('"three_days"', '"today"'))
    with pytest.raises(FlanksimError, match="another history"):
        explain(tmp_path, jobs=1, tries=0)


def closed_hours(folder: Path) -> pd.DataFrame:
    """Closure (hours) of each unit (columns) in each replication (rows), as saved by the run."""
    table = pd.read_parquet(folder / "units.parquet")
    return table.assign(hour=(table["closed_day"] + 1) * 24).pivot_table(index="seed", columns="unit", values="hour")


def test_groups_are_the_regional_plans_and_the_last_unit(tmp_path: Path) -> None:
    scenario = load("corridor-mini", {"units": {"logistics": {"regional_plan": "north"}}})
    study = run_study(scenario, 3, jobs=1, results=tmp_path)
    assert study.folder is not None
    found = explain(study.folder, jobs=1, tries=0)
    hours = closed_hours(study.folder)
    expected = {
        "centre": hours[["heavy-brigade", "light-brigade"]].max(axis=1).mean(),
        "north": hours["logistics"].mean(),
        "last": hours.max(axis=1).mean(),
    }
    said = {group["group"]: group for group in as_json(found)["groups"]}
    assert {name: group["closure_hours"] for name, group in said.items()} == pytest.approx(expected, abs=1e-9)
    assert {name: group["kind"] for name, group in said.items()} == {
        "centre": "regional plan",
        "north": "regional plan",
        "last": "last unit",
    }
    assert said["north"]["units"] == {"logistics": 3}
    assert said["north"]["closure_day"]["mean"] == pytest.approx(expected["north"] / 24 - 1)
    for group in found.groups:
        assert math.fsum(part.hours.mean for part in group.causes) == pytest.approx(group.hours.mean, abs=1e-9)
        three = said[group.name]["causes"]
        assert [cause["hours"] for cause in three] == sorted((p.hours.mean for p in group.causes), reverse=True)[:3]
    text = format_text(found)
    assert f"north: C+{hours['logistics'].median() / 24 - 1:.1f}" in text
    assert "completed by logistics" in text
    assert "also the last of all" in text


def test_lateness_is_each_final_serials_time_after_the_deadline(tmp_path: Path) -> None:
    scenario = load("corridor-mini", {"question": {"deadline_days": 12}})
    study = run_study(scenario, 3, jobs=1, results=tmp_path)
    assert study.folder is not None
    hours = closed_hours(study.folder)
    plan = compile_plan(scenario)
    serials = pd.Series([plan.units[serial.unit].unit_id for serial in plan.serials if serial.final]).value_counts()
    late = ((hours - 13 * 24).clip(lower=0) * serials).sum(axis=1).mean()
    assert late > 0
    found = explain(study.folder, jobs=1, tries=0)
    assert sum(part["serial_hours"] for part in as_json(found)["lateness"]) == pytest.approx(late, rel=1e-9)
    assert f"after C+12, until closed ({late:,.0f} serial-hours)" in format_text(found)
    one = explain(study.folder, "light-brigade", jobs=1, tries=0)
    mine = ((hours["light-brigade"] - 13 * 24).clip(lower=0) * serials["light-brigade"]).mean()
    assert sum(part["serial_hours"] for part in as_json(one)["lateness"]) == pytest.approx(mine, rel=1e-9)


def test_fleet_shares_are_those_of_theory_and_sum_to_one(tmp_path: Path, folder: Path) -> None:
    """V24, see tests/measure/test_fleets.py: 8,064 ship-hours, of them 360 loading and 864 idle."""
    study = run_study(load(shipped() / "verification" / "v24-sealift.yaml"), 2, jobs=1, results=tmp_path)
    assert study.folder is not None
    found = explain(study.folder, jobs=1, tries=0)
    shares = {entry["state"]: entry["share"] for entry in as_json(found)["fleets"]}
    whole = 6 * 1344
    expected = {
        "moving loaded": 3600 / whole, "empty run": 2880 / whole, "idle": 864 / whole, "handling": 360 / whole,
        "loading": 360 / whole,
    }  # fmt: skip
    assert shares == pytest.approx(expected, abs=1e-12)
    told = " ".join(format_text(found).split())
    assert f"ships {1 - 864 / whole:.0%} moving loaded {3600 / whole:.0%}" in told
    mini = as_json(explain(folder, jobs=1, tries=0))
    sums = pd.DataFrame(mini["fleets"]).groupby("pool")["share"].sum()
    assert sums.to_numpy() == pytest.approx(1.0, abs=1e-12)
    assert len(sums) == len(compile_plan(load("corridor-mini")).pools)
    assert max(mini["largest_error_hours"].values()) <= 1e-9


def test_it_is_saved_with_the_results_for_the_force_and_for_a_unit(folder: Path, tmp_path: Path) -> None:
    run = ["explain", str(folder), "--no-try", "-j", "1"]
    done = flanksim(*run, "--json", cwd=tmp_path)
    assert json.loads((folder / "explain.json").read_text()) == json.loads(done.stdout)
    done = flanksim(*run, "heavy-brigade", cwd=tmp_path)
    assert (folder / "explain-heavy-brigade.txt").read_text() == done.stdout
    assert json.loads((folder / "explain-heavy-brigade.json").read_text())["unit"] == "heavy-brigade"
    assert (folder / "explain.txt").read_text().startswith("Corridor in miniature is closed on C+")


def test_a_folder_that_cannot_be_written_to_is_still_explained(folder: Path, tmp_path: Path) -> None:
    for name in ("manifest.json", "scenario.yaml", "runs.parquet"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "explain.json").mkdir()  # in the way
    run = ["explain", str(tmp_path), "--no-try", "-j", "1"]
    done = flanksim(*run, cwd=tmp_path)
    assert "is closed on C+" in done.stdout
    assert "not saved" in done.stderr
    done = flanksim(*run, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["scenario"] == "corridor-mini", "the answer alone"
    assert "E507" in done.stderr
    with pytest.raises(FlanksimError, match=r"(?s)E507.*explain\.json.*Is a directory"):
        save(explain(folder, jobs=1, tries=0), tmp_path)


def test_waits_for_lift_are_split_and_what_it_waited_for_stands_beside_them(tmp_path: Path) -> None:
    """V25 with one set: the last of 20 loads waits 19 turns of 4 + 10 + 4 + 10 h, and is in 18 h later, at 550 h."""
    scenario = load(shipped() / "verification" / "v25-rail-sets.yaml", {"fleets": {"sets": {"count_typical": 1}}})
    study = run_study(scenario, 1, jobs=1, results=tmp_path)
    assert study.folder is not None
    found = explain(study.folder, jobs=1, tries=0)
    said = as_json(found)
    doing = {entry["doing"]: entry["hours"] for entry in said["lift"]}
    assert doing == pytest.approx(
        {"loading": 19 * 4, "moving loaded": 19 * 10, "handling": 19 * 4, "empty run": 19 * 10}, abs=1e-9
    )
    assert math.fsum(entry["hours"] for entry in said["waited_for"]) == pytest.approx(550.0, abs=1e-9)
    # In the ledger all 20 loads wait: the n-th for n turns.
    every = {entry["doing"]: entry["serial_hours"] for entry in said["ledger_lift"]}
    assert every["empty run"] == pytest.approx(10 * sum(range(20)), abs=1e-6)
    waits = math.fsum(part["serial_hours"] for part in said["ledger"] if part["cause"] == "lift sets")
    assert math.fsum(every.values()) == pytest.approx(waits, abs=1e-6)
    text = format_text(found)
    assert "In its 22.2 days of waiting for lift, what the asset that came was doing:" in text
    assert "What it waited for" in text


#: Two ships more as a project, warning as levers of one family, and a road that nothing waits for.
OWN = """
flanksim: 1
extends: corridor-mini
name: own
projects:
  ships: {name: Two ships, kind: ship, cost_low_bn_eur: 1, cost_typical_bn_eur: 2, cost_high_bn_eur: 3,
          build_low_years: 1, build_typical_years: 1, build_high_years: 1}
  road: {name: Wider road, cost_low_bn_eur: 1, cost_typical_bn_eur: 2, cost_high_bn_eur: 3,
         build_low_years: 1, build_typical_years: 1, build_high_years: 1}
levers:
  warning_3: {name: Three days, family: warning, settings: question.warning_days=3}
  warning_7: {name: Seven days, family: warning, settings: question.warning_days=7}
  stock: {name: Kit of the logistics group in Warsaw}
effects:
  k: {project_id: stock, table: units, targets: logistics, attribute: stock_node, typical: WAW}
  s: {project_id: ships, table: fleets, targets: ro-ro, attribute: count, operation: add, typical: 2}
  r: {project_id: road, table: links, targets: a7, attribute: capacity, operation: scale, typical: 2}
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = run_study(loads(OWN), 3, jobs=1, results=tmp_path_factory.mktemp("own"), bounds=False)
    assert study.folder is not None
    return study.folder


def closed_with(folder: Path, overrides: dict[str, object]) -> list[float]:
    """Closure days of the same seeds where the scenario file itself says it."""
    scenario = load(folder / "scenario.yaml", overrides)
    return [simulate(scenario, seed).closure_day for seed in pd.read_parquet(folder / "runs.parquet")["seed"]]


def test_projects_and_levers_are_tried_by_name_and_save_what_the_same_change_saves(own: Path) -> None:
    found = {entry.key: entry for entry in explain(own, jobs=1, tries=4).tries if entry.key}
    assert set(found) == {"ships", "warning_7"}, (
        "of a family the furthest; no road or stock that the path of the light brigade has nothing to do with"
    )
    assert found["ships"].change == "project ships: Two ships (EUR 3 bn)"
    assert (found["ships"].kind, found["warning_7"].kind) == ("project", "lever")
    before = closed_with(own, {})
    for key, overrides in (
        ("ships", {"fleets": {"ro-ro": {"count_typical": 5}}}),
        ("warning_7", {"question": {"warning_days": 7}}),
    ):
        after = closed_with(own, overrides)
        saved = sum(before) / len(before) - sum(after) / len(after)
        assert found[key].days_saved.mean == pytest.approx(saved, abs=1e-9)
        assert saved > 1
    shares = {cause.thing: share for cause, share in path_shares(explain(own, jobs=1, tries=0).paths).items()}
    assert found["ships"].path_share == pytest.approx(shares["ro-ro"], abs=1e-9), "the project is of ships alone"


def test_what_is_wanted_is_tried_and_a_misspelt_one_refused(own: Path) -> None:
    (road, warning) = sorted(explain(own, jobs=1, actions=["road", "warning_3"]).tries, key=lambda entry: entry.key)
    assert (road.key, warning.key) == ("road", "warning_3")
    assert (road.path_share, road.days_saved.mean) == (0.0, 0.0)
    with pytest.raises(FlanksimError, match=r"(?s)E216.*did you mean 'road'"):
        explain(own, jobs=1, actions="raod")


def test_nothing_that_was_tried_is_run_again(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = explain(own, jobs=1, actions=["warning_3"], runs=2)
    kept = json.loads((own / "explain-tried.json").read_text())["tried"]

    def never(*_: object, **__: object) -> None:
        raise AssertionError("run again")

    monkeypatch.setattr("flanksim.study.explain.closed_hour", never)
    again = explain(own, jobs=1, actions=["warning_3"], runs=2)
    assert again.tries == first.tries
    with pytest.raises(AssertionError, match="run again"):
        explain(own, "logistics", jobs=1, actions=["warning_3"], runs=2)  # another unit is another question
    monkeypatch.undo()
    more = explain(own, jobs=1, actions=["warning_3"], runs=3)
    longer = json.loads((own / "explain-tried.json").read_text())["tried"]
    key = next(
        key for key, entry in longer.items() if "warning_3" in entry["change"] and len(entry["closure_hours"]) == 3
    )
    assert kept[key]["closure_hours"].items() <= longer[key]["closure_hours"].items()
    assert len(more.replayed) == 3


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 0}', '{"format": 1, "tried": {"x": {"plan": 3}}}'])
def test_a_damaged_record_of_what_was_tried_is_made_anew(own: Path, text: str) -> None:
    (own / "explain-tried.json").write_text(text)
    assert explain(own, jobs=1, actions=["warning_3"], runs=1).tries
    assert json.loads((own / "explain-tried.json").read_text())["format"] == 1


def test_a_step_is_a_quarter_of_what_there_is() -> None:
    """Of 300 wagons in sets of 30 three sets, rounded up; of 3 ships one; of a road what civil traffic leaves."""
    scenario = load("corridor-mini")
    assert str(one_more(scenario, "flats", 3)) == "3 more wagon sets: flats trains"
    for cause, at, said, wider in (
        ("lift flats", "", "3 more wagon sets: flats trains", {"fleets": {"flats": {"count_typical": 390}}}),
        ("lift ro-ro", "", "one more ship: ro-ro ships", {"fleets": {"ro-ro": {"count_typical": 4}}}),
    ):
        piece = Piece(Cause.of(cause), "lift", 0.0, 1.0, -1, at)
        (change,) = changes(scenario, [piece])
        assert change.what == said
        assert change.apply(scenario).fleets == load("corridor-mini", wider).fleets
    piece = Piece(Cause.of("queue at s7:GDN>ORZ"), "queue", 0.0, 1.0, -1, "s7:GDN>ORZ")
    (change,) = changes(scenario, [piece])
    now, later = (graph(entry).edges["GDN", "ORZ", "s7"] for entry in (scenario, change.apply(scenario)))
    steps = math.ceil(now["vehicles_per_hour"] / 4 / 100)
    assert change.what == f"{100 * steps} vehicles an hour each way more on road Gdansk-Orzysz"
    assert later["vehicles_per_hour"] == pytest.approx(now["vehicles_per_hour"] + 100 * steps, rel=1e-9)
