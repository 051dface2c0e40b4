"""What was set on top of a scenario shows in its title, folder and manifest, and changes nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import flanksim as fs
from flanksim import FlanksimError, load, loads
from flanksim.cli_support import nested
from flanksim.scenario.naming import folder_name
from flanksim.scenario.reading import inspect
from flanksim.study.store import resolved
from tests.cli.test_cli import flanksim

SIX = {"regime": {"permission": "six_hours"}}


def test_title_folder_and_manifest_say_what_was_set(tmp_path: Path) -> None:
    plain, changed = load("corridor-mini"), load("corridor-mini", SIX)
    assert changed.title == f"{plain.title or plain.name} (regime.permission=six_hours)"
    assert changed.name == plain.name
    folders = []
    for scenario in (plain, changed):
        for study in (
            fs.run_study(scenario, 1, jobs=1, results=tmp_path),
            fs.sweep(scenario, [0], [2026], replications=1, jobs=1, results=tmp_path),
            fs.compare([scenario, scenario], replications=1, jobs=1, results=tmp_path),
        ):
            assert study.folder is not None
            folders.append(study.folder)
    kinds = ["", "-sweep", "-compare"]
    assert [folder.parent.name for folder in folders[:3]] == [f"corridor-mini{kind}" for kind in kinds]
    names = [f"corridor-mini+regime.permission=six_hours{kind}" for kind in kinds]
    assert [folder.parent.name for folder in folders[3:]] == names
    told = [json.loads((folder / "manifest.json").read_text())["overrides"] for folder in folders]
    assert told == [[]] * 3 + [["regime.permission=six_hours"]] * 3


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    text = flanksim("sweep", "corridor-mini", "--spending", "0", "--years", "2026", "-n", "2", "-j", "1",
                    "--set", "regime.permission=six_hours", cwd=tmp_path).stdout  # fmt: skip
    assert "(regime.permission=six_hours)" in " ".join(text.split())
    (folder,) = (tmp_path / "results").iterdir()
    assert folder.name == "corridor-mini+regime.permission=six_hours-sweep"


def test_what_was_set_is_kept_with_the_results_and_added_to() -> None:
    changed = load("corridor-mini", SIX)
    again = loads(resolved(changed))
    assert (again, again.digest) == (changed, changed.digest)
    both = load("corridor-mini", {"regime": {"permission": "six_hours", "traffic": "peace"}})
    assert both.overrides == ("regime.permission=six_hours", "regime.traffic=peace")


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (["parameters.close_share=0.8"], ["parameters.close_share=0.8"]),
        (["question.deadline_days=20", "seed=3"], ["question.deadline_days=20", "seed=3"]),
        (["forces.regional_plans=[centre]"], ['forces.regional_plans=["centre"]']),
        (["title=Mine"], []),
        (
            ["units.logistics=null", "question.troops_required=100"],
            ["units.logistics=null", "question.troops_required=100"],
        ),
    ],
)
def test_each_value_is_told_once(pairs: list[str], told: list[str]) -> None:
    scenario = load("corridor-mini", nested(pairs))
    assert list(scenario.overrides) == told
    shown = [text for text in told if not text.startswith("seed")]
    assert scenario.title.endswith(f"({', '.join(shown)})" if shown else scenario.title)


def test_an_override_that_says_what_the_file_says_changes_no_answer() -> None:
    plain = load("corridor-mini")
    same = load("corridor-mini", {"regime": {"traffic": plain.regime.traffic}})
    assert same.digest == plain.digest


@pytest.mark.parametrize("value", ["../../up", "a/b\\c:d*?", "x" * 300])
def test_no_value_leaves_the_results_folder(value: str) -> None:
    overrides: dict[str, Any] = {"nodes": {"here": {"name": value}}}
    name = folder_name(load("corridor-mini", overrides))
    assert Path(name).name == name
    assert name.startswith("corridor-mini+")
    assert len(name) <= 70
    plain = load("corridor-mini", {"nodes": {"here": {"name": "other"}}})
    assert name != folder_name(plain)


def test_rows_of_a_comparison_say_what_was_set() -> None:
    found = fs.compare([load("corridor-mini"), load("corridor-mini", SIX)], replications=1, jobs=1)
    titles = [entry.title for entry in found.alternatives]
    assert titles[1] == f"{titles[0]} (regime.permission=six_hours)"
    assert found.alternatives[1].name == "corridor-mini (regime.permission=six_hours)"


@pytest.mark.parametrize(
    ("pair", "hint"),
    [
        ("links.rail-wets.tracks=1", "did you mean 'rail-west'?"),
        ("links.rail-wets=null", "did you mean 'rail-west'?"),
        ("nodes.GDM.lat=54", "did you mean 'GDN'?"),
        ("parameters.tank_per_train=12", "did you mean 'tanks_per_train'?"),
        ("projects.PR1.cost_typical_bn_eur=3", "a new row belongs in a scenario file: projects: {PR1: {...}}"),
    ],
)
def test_set_changes_only_rows_that_there_are(pair: str, hint: str) -> None:
    """A node of the wrong name would else be added, and change nothing."""
    with pytest.raises(FlanksimError) as caught:
        inspect("corridor-mini", nested([pair]), new_rows=False)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("E133", "--set")
    assert problem.hint == hint


def test_set_knows_parameters_that_have_a_default() -> None:
    found = inspect("corridor-mini", nested(["parameters.tanks_per_train=12"]), new_rows=False)[0]
    assert found.value("tanks_per_train") == 12


@pytest.mark.parametrize("name", ["corridor-mini", "hague-pledge", "european-only"])
def test_a_resolved_scenario_reloads_to_the_same_hash(name: str) -> None:
    scenario = load(name)
    again = loads(resolved(scenario))
    assert (again, again.digest) == (scenario, scenario.digest)
