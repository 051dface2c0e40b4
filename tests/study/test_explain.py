"""Explaining a saved study: parts that sum, a replay that is the same history, and steps whose worth is known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from flanksim.errors import FlanksimError
from flanksim.scenario.reading import load, shipped
from flanksim.study.explain import as_json, explain, tell
from flanksim.study.study import run_study


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
        assert {"change", "path_share", "days_saved"} <= set(entry)
        assert entry["days_saved"]["low"] <= entry["days_saved"]["mean"] <= entry["days_saved"]["high"]


def test_the_text_says_that_share_and_value_differ(folder: Path) -> None:
    text = tell(explain(folder, jobs=1, tries=3))
    assert "is not the value of one step more" in text
    assert "days saved" in text
    assert max(map(len, text.splitlines())) <= 140


def test_one_unit_and_a_misspelt_one(folder: Path) -> None:
    found = explain(folder, "heavy-brigade", jobs=1, tries=0)
    assert found.tries == ()
    assert "Unit heavy-brigade is closed" in tell(found)
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
