"""The public functions: each does what its command does, and says what to write where it cannot."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import flanksim as fs
from flanksim import FlanksimError, loads
from flanksim.scenario.describing import json_schema
from tests.study.test_experiment import RANDOM, SURE

FUNCTIONS = sorted(name for name in fs.__all__ if inspect.isfunction(getattr(fs, name)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_teaches(name: str) -> None:
    """Every parameter is explained by name, and so are what comes back, what is refused, and an example."""
    function = getattr(fs, name)
    text = inspect.getdoc(function) or ""
    for parameter in inspect.signature(function).parameters:
        assert any(parameter in line.split(", ") for line in text.splitlines()), parameter
    for heading in ("Returns", "Raises", "Examples") if name not in ("schema",) else ():
        assert f"{heading}\n{'-' * len(heading)}" in text, heading
    assert "return" in function.__annotations__


def test_the_former_name_is_the_same_function() -> None:
    assert fs.run_study is fs.run
    assert fs.__version__ == version("flanksim")


def test_a_bound_for_every_run_and_for_one() -> None:
    found = fs.bound(loads(SURE))
    assert found.day == pytest.approx(51 / 24 - 1)
    assert fs.bound(loads(RANDOM), seed=3).seed == 3
    assert len(fs.bound(loads(SURE), ahead=1).reliefs) == 1
    for options, said in (
        ({"seed": 1.5}, "E130  seed"), ({"seed": -1}, "E130  seed"), ({"ahead": -1}, "E130  ahead"),
        ({"ahead": "two"}, "E130  ahead"), ({"time_expanded": "yes"}, "E130  time_expanded"),
    ):  # fmt: skip
        with pytest.raises(FlanksimError, match=said):
            fs.bound(loads(SURE), **options)  # type: ignore[arg-type]


def test_check_gives_errors_and_warnings(tmp_path: Path) -> None:
    assert not [problem for problem in fs.check(loads(SURE)) if problem.severity == "error"]
    path = tmp_path / "own.yaml"
    path.write_text(SURE.replace("home_node: a", "home_node: nowhere").replace("tracks: 2", "tracks: -1"))
    (problem,) = [problem for problem in fs.check(path) if "tracks" in problem.path]
    assert problem.where == "own.yaml:16", "with the line"
    cut_off = SURE.replace("\nlinks:", "\nnodes: {a: {}, b: {}, c: {}}\nlinks:").replace("b, wheeled", "c, wheeled")
    assert [problem.code for problem in fs.check(loads(cut_off)) if problem.severity == "error"] == ["E305"]
    late = tmp_path / "late.yaml"
    late.write_text("flanksim: 1\nname: late\nextends: corridor-mini\nquestion: {horizon_days: 20}\n")
    for given in (late, fs.load(late)):
        assert {(problem.severity, problem.code) for problem in fs.check(given)} == {("warning", "W403")}
    assert fs.check("corridor-mini") == fs.check(fs.load("corridor-mini"))


def test_verify_gives_the_cases_that_are_asked_for() -> None:
    seen: list[tuple[int, int]] = []
    results = fs.verify(["v24", "V25"], progress=lambda done, wanted: seen.append((done, wanted)))
    assert [(result.id, result.status) for result in results] == [("V24", "pass"), ("V25", "pass")]
    assert seen == [(1, 2), (2, 2)]
    for given in ("V99", "", 5, ["V24", None]):
        with pytest.raises(FlanksimError, match="E130"):
            fs.verify(given)  # type: ignore[arg-type]


def test_schema_is_that_of_the_command() -> None:
    assert fs.schema() == json_schema()


MISUSES: dict[str, Any] = {
    "a list for one scenario": lambda: fs.run(["corridor-mini"]),
    "one scenario for a folder": lambda: fs.open(loads(SURE)),
    "a study for a folder": lambda: fs.open(fs.run(loads(SURE), 1, jobs=1)),
    "a study for a scenario": lambda: fs.run(fs.run(loads(SURE), 1, jobs=1)),
    "a list for jobs": lambda: fs.run(loads(SURE), 1, jobs=[1]),
    "a number for a flag": lambda: fs.run(loads(SURE), 1, bounds=2),
    "a text for progress": lambda: fs.run(loads(SURE), 1, progress="bar"),
    "a text for also": lambda: fs.run(loads(SURE), 1, jobs=1, also="save"),
    "a number for a scheduler": lambda: fs.sweep(loads(SURE), 0, 2026, replications=1, dask=8786),
    "a flag for bounds of alternatives": lambda: fs.compare([loads(SURE)], ["second"], 1, bounds="yes"),
    "a group that is none": lambda: fs.run(loads(SURE), 1, jobs=1).closure_day("west"),
    "a group that is a list": lambda: fs.run(loads(SURE), 1, jobs=1).p_on_time(["all"]),
    "a point that is none": lambda: fs.sweep(loads(SURE), 0, 2026, replications=1, jobs=1).closure_day("2026"),
    "a set that is none": lambda: fs.run(loads(SURE), 1, jobs=1).against("base"),
    "a setting that is none": lambda: fs.load("corridor-mini", 5),
}


@pytest.mark.parametrize("name", MISUSES)
def test_misuse_says_what_to_write(name: str) -> None:
    with pytest.raises(FlanksimError) as caught:
        MISUSES[name]()
    assert all(problem.message and problem.hint for problem in caught.value.problems)
