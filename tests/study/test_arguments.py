"""What Python may hand to a public function: it works as it is written, or the problem says what to write instead."""

from __future__ import annotations

import inspect
import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import flanksim as fs
from flanksim import FlanksimError, loads
from flanksim.scenario.arguments import as_scenario
from flanksim.scenario.schema import Regime, Scenario
from flanksim.study.experiment import Replicate
from flanksim.study.explain import explain
from tests.study.test_experiment import RANDOM

MINI = "corridor-mini"
LINE = loads(RANDOM)


def refused(call: Callable[[], Any], *wanted: str) -> None:
    """A FlanksimError whose every problem has a hint."""
    with pytest.raises(FlanksimError) as caught:
        call()
    for problem in caught.value.problems:
        assert problem.message
        assert problem.hint, str(problem)
    said = " ".join(str(caught.value).split())
    for text in wanted:
        assert " ".join(text.split()) in said


# ---- scenarios ----------------------------------------------------------------------------------

#: Every public function that takes a scenario, with the rest of a small call.
TAKES_A_SCENARIO: dict[str, Callable[[Any], Any]] = {
    "apply": lambda given: fs.apply(given, fs.Spending(), 2030),
    "apply_projects": lambda given: fs.apply_projects(given, ()),
    "best_buys": lambda given: fs.best_buys(given, replications=2, first=2, jobs=1, carry_over=False),
    "bound": fs.bound,
    "check": fs.check,
    "compare": lambda given: fs.compare([given, given], replications=1, jobs=1),
    "global_sensitivity": lambda given: fs.global_sensitivity(
        given, "morris", ["parameters integration_days typical"], 2, 1, jobs=1
    ),
    "graph": fs.graph,
    "lose": lambda given: fs.lose(given, ["rail-west"], 1, 2, 2, top=0, jobs=1),
    "portfolio": lambda given: fs.portfolio(given, 1, actions=["early"], replications=2, first=2, jobs=1),
    "reach": lambda given: fs.reach(given, replications=2, first=2, most=2, jobs=1),
    "robust": lambda given: fs.robust([given, given], worlds=2, world_runs=1, replications=1, jobs=1),
    "run": lambda given: fs.run(given, 1, jobs=1),
    "run_study": lambda given: fs.run_study(given, 1, jobs=1),
    "simulate": fs.simulate,
    "sensitivity": lambda given: fs.sensitivity(
        given, ["parameters integration_days typical"], 2, first=2, jobs=1, carry_over=False
    ),
    "sweep": lambda given: fs.sweep(given, 0, 2026, replications=1, jobs=1),
}


def test_none_is_forgotten() -> None:
    first = {
        name: next(iter(inspect.signature(getattr(fs, name)).parameters), "")
        for name in fs.__all__
        if inspect.isfunction(getattr(fs, name))
    }
    assert {name for name, parameter in first.items() if parameter in ("scenario", "scenarios")} == set(
        TAKES_A_SCENARIO
    )


@pytest.mark.parametrize("name", sorted(TAKES_A_SCENARIO))
def test_a_scenario_a_name_or_a_path(name: str, tmp_path: Path) -> None:
    from flanksim.study.store import resolved

    row = "{name: Germany, gdp_2025_bn_eur: 1, infrastructure_share_2025_typical_pct: 0}"
    economies = f"economies: {{DEU: {row}}}"
    path = tmp_path / "own.yaml"
    lever = "levers: {early: {name: Early, settings: [question.warning_days=3], cost_typical_bn_eur: 0}}"
    path.write_text(f"flanksim: 1\nname: own\nextends: {MINI}\n{economies}\n{lever}\n", encoding="utf-8")
    found = [TAKES_A_SCENARIO[name](given) for given in (fs.load(path), path, str(path))]
    kinds = {type(entry) for entry in found}
    assert len(kinds) == 1
    if kinds == {Scenario}:
        assert len({resolved(entry) for entry in found}) == 1
    if name not in (
        "sweep",
        "best_buys",
        "portfolio",
        "reach",
    ):  # which need economies or levers, and the shipped one has none
        assert type(TAKES_A_SCENARIO[name](MINI if name != "apply" else "plan-south")) in kinds


@pytest.mark.parametrize("name", sorted(TAKES_A_SCENARIO))
@pytest.mark.parametrize("given", [None, 5, b"corridor-mini", {"name": "x"}, ["corridor-mini"], "", "a\0b", "x" * 5000])
def test_anything_else_is_refused(name: str, given: Any) -> None:
    refused(lambda: TAKES_A_SCENARIO[name](given))


@pytest.mark.parametrize("name", sorted(TAKES_A_SCENARIO))
def test_a_name_that_is_misspelt_is_suggested(name: str) -> None:
    refused(lambda: TAKES_A_SCENARIO[name]("corridor-mni"), "E101", "did you mean 'corridor-mini'?")


@pytest.mark.parametrize("given", [None, 5, b"x", ["a"], "x" * 5000, "a\0b", "", "."])
def test_load_and_loads(given: Any) -> None:
    refused(lambda: fs.load(given))
    if not isinstance(given, str):
        refused(lambda: fs.loads(given), "E130")


# ---- copies that Python has changed -------------------------------------------------------------


@pytest.mark.parametrize(
    ("update", "wanted"),
    [
        ({"sed": 4}, "did you mean 'seed'?"),
        ({"seed": "x"}, "E105"),
        ({"seed": -1}, "give a whole number from 0"),
        ({"seed": 1.5}, "seed"),
        ({"seed": None}, "seed"),
        ({"replications": 0}, "replications"),
        ({"nodes": 5}, "nodes"),
        ({"nodes": {"a": 5}}, "nodes.a"),
        ({"links": [1, 2]}, "links"),
        ({"question": None}, "question"),
        ({"question": {"deadline": 3}}, "did you mean 'deadline_days'?"),
        ({"regime": {"traffic": "peac"}}, "did you mean 'peace'?"),
        ({"name": 7}, "name"),
        ({"year": "soon"}, "year"),
        ({"parameters": {"close_share": 0.5}}, "parameters.close_share"),
        ({"units": {"u": {}}}, "home_node and assembly_node are missing"),
        ({"units": {"u": None}}, "no row 'u' in units"),
    ],
)
def test_a_copy_takes_what_a_file_may_say(update: dict[str, Any], wanted: str) -> None:
    refused(lambda: fs.load(MINI).model_copy(update=update), wanted)


def test_a_copy_reads_what_a_file_may_say() -> None:
    found = fs.load(MINI).model_copy(update={"regime": {"traffic": "peace"}, "seed": np.int64(4)})
    assert (found.regime.traffic, found.seed) == ("peace", 4)
    assert fs.simulate(found).outcome.seed == 4
    whole = fs.load(MINI).model_copy(update={"regime": Regime(traffic="peace"), "seed": 4})
    assert found == whole
    assert found.digest == whole.digest


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.model_copy(update={"question": s.question.model_copy(update={"deadline_days": -5})}),
        lambda s: s.model_copy(update={"mechanisms": s.mechanisms.model_copy(update={"chance": "perhaps"})}),
        lambda s: s.model_copy(update={"links": {}}),
        lambda s: s.model_copy(update={"units": {"u": {"home_node": "nowhere", "assembly_node": "b", "wheeled": 3}}}),
        lambda s: s.model_copy(
            update={"links": {key: row.model_copy(update={"mode": "tunnel"}) for key, row in s.links.items()}}
        ),
        lambda s: Scenario.model_construct(name="nothing"),
    ],
)
@pytest.mark.parametrize("use", ["simulate", "run", "compare", "graph", "bound"])
def test_what_python_made_is_checked_before_it_is_run(change: Callable[[Scenario], Scenario], use: str) -> None:
    refused(lambda: TAKES_A_SCENARIO[use](change(loads(RANDOM))))


def test_a_sound_scenario_is_handed_on_as_it_is() -> None:
    scenario = loads(RANDOM)
    assert as_scenario(scenario) is scenario
    assert as_scenario(scenario) is scenario
    changed = scenario.model_copy(update={"seed": 3})
    assert as_scenario(changed) is changed


# ---- numbers ------------------------------------------------------------------------------------

NO_COUNT = [0, -1, 1.5, True, "3", np.float64(2.0), np.True_, math.nan, [3], 10**12]
NO_SEED = [-1, 1.5, True, "3", np.float64(2.0), [3], 10**30]


@pytest.mark.parametrize("given", NO_COUNT, ids=repr)
def test_counts(given: Any) -> None:
    for call in (
        lambda: fs.run_study(LINE, given),
        lambda: fs.sweep(LINE, 0, 2026, replications=given),
        lambda: fs.compare([LINE, LINE], replications=given),
        lambda: Replicate(given),
    ):
        refused(call, "E130", "give a whole number")
    if given != 10**12:
        refused(lambda: fs.run_study(LINE, 1, jobs=given), "E130  jobs", "1 or more")
        refused(lambda: fs.sweep(LINE, 0, 2026, jobs=given), "E130  jobs")
        refused(lambda: fs.compare([LINE, LINE], jobs=given), "E130  jobs")
        refused(lambda: explain("nowhere", jobs=given), "E130  jobs")
        refused(lambda: explain("nowhere", runs=given), "E130  runs")


@pytest.mark.parametrize("given", NO_SEED, ids=repr)
def test_seeds(given: Any) -> None:
    for call in (
        lambda: fs.simulate(LINE, seed=given),
        lambda: fs.run_study(LINE, 1, seed=given),
        lambda: fs.sweep(LINE, 0, 2026, replications=1, seed=given),
        lambda: fs.compare([LINE, LINE], replications=1, seed=given),
    ):
        refused(call, "E130  seed", "give a whole number from 0 to")


@pytest.mark.parametrize("kind", [int, np.int64, np.int32, np.uint8])
def test_numpys_whole_numbers_are_whole_numbers(kind: Any, tmp_path: Path) -> None:
    study = fs.run_study(LINE, kind(2), seed=kind(7), jobs=kind(1), results=tmp_path)
    assert [run.digest for run in study.replications] == [
        run.digest for run in fs.run_study(LINE, 2, 7, jobs=1).replications
    ]
    assert fs.simulate(LINE, kind(5)).outcome.closed_h == fs.simulate(LINE, 5).outcome.closed_h


@pytest.mark.parametrize("given", ["much", None, [None], True, [math.nan], {"a": 1}, [[1]]], ids=repr)
def test_levels(given: Any) -> None:
    refused(lambda: fs.sweep(LINE, given, 2026, replications=1), "E130  infrastructure_share", "give a number")
    if given is not None:
        refused(lambda: fs.sweep(LINE, 0, 2026, given, replications=1), "E130  mobility_fraction")


@pytest.mark.parametrize("given", ["2030", None, 2030.5, [2030, "x"], 10**9, True, math.inf], ids=repr)
def test_years(given: Any) -> None:
    refused(lambda: fs.sweep(LINE, 0, given, replications=1), "E130  year")
    refused(lambda: fs.apply(LINE, fs.Spending(), given), "E130  year")


def test_one_level_or_many_of_any_kind() -> None:
    def points(*levels: Any) -> list[tuple[float, int, float]]:
        found = fs.sweep(LINE, *levels, replications=1, jobs=1)
        assert all(type(point.year) is int for point in found.points)
        return [(point.infrastructure_share, point.year, point.mobility_fraction) for point in found.points]

    assert points(1.5, 2030, 0.12) == [(1.5, 2030, 0.12)]
    assert points(np.float64(1.5), np.int64(2030), np.array(0.12)) == [(1.5, 2030, 0.12)]
    wanted = [(0.0, 2026, 0.12), (0.0, 2030, 0.12), (1.0, 2026, 0.12), (1.0, 2030, 0.12)]
    assert points(range(2), (2026, 2030.0), [0.12]) == wanted
    assert points(np.linspace(0, 1, 2), np.array([2026, 2030]), (0.12 for _ in "1")) == wanted


@pytest.mark.parametrize("given", [-1, "x", math.nan, None, math.inf])
def test_days_that_do_not_matter(given: Any) -> None:
    refused(lambda: fs.compare([LINE, LINE], replications=1, indifference_days=given), "E130  indifference_days")


def test_a_rule_is_a_rule() -> None:
    for given in (0.02, "often", {"first": 3}):
        refused(lambda given=given: fs.sweep(LINE, 0, 2026, precision=given), "E130  precision", "Replicate(20, 100")
        refused(lambda given=given: fs.compare([LINE, LINE], precision=given), "E130  precision")
    for options in ({"most": -1}, {"day_half_width": 0}, {"p_half_width": "x"}, {"day_half_width": math.nan}):
        refused(lambda options=options: Replicate(4, **options), "E130")


# ---- names, portfolios, groups, folders ---------------------------------------------------------


def test_portfolios_as_lists_or_text() -> None:
    wanted = fs.compare([LINE], [["second"]], 2, jobs=1).table()
    for first in (LINE, [LINE]):
        for projects in ("second", ["second"], [("second",)], (["second"] for _ in "1"), ["second+"]):
            assert fs.compare(first, projects, 2, jobs=1).table().equals(wanted)
    refused(lambda: fs.compare(LINE, ["secnd"], 2), "E216", "did you mean second?")
    refused(lambda: fs.compare(LINE, 5, 2), "E130  projects", '"PR03+PR05"')
    refused(lambda: fs.compare(LINE, [[5]], 2), "E130  projects")
    assert fs.apply_projects(LINE, "second").digest == fs.apply_projects(LINE, ["second"]).digest != LINE.digest
    refused(lambda: fs.apply_projects(LINE, 5), "E130  projects")
    refused(lambda: fs.apply_projects(LINE, (), {"second": 7}), "E130  share of second", "from 0 to 1")
    refused(lambda: fs.apply(LINE, 1.5, 2030), "E130  spending", "Spending(infrastructure_share_pct=1.5)")  # type: ignore[arg-type]
    refused(lambda: fs.apply(LINE, fs.Spending(), 2030, sample=-1), "E130  sample")


def test_a_group_by_its_name() -> None:
    run = fs.simulate(MINI, seed=1)
    whole, part = run.closures["all"], next(c for name, c in run.closures.items() if name.endswith("centre"))
    assert run.closure_day == run.closure_day() == run.closure_day("all") == whole.day
    assert run.closure_day("centre") == part.day
    assert run.on_time_share("centre") == part.on_time_share
    assert f"{run.closure_day:.2f}" == f"{whole.day:.2f}"
    assert pickle.loads(pickle.dumps(run.closure_day))("centre") == part.day  # noqa: S301 - made here
    for given in ("west", "", None, 5, "center"):
        refused(lambda given=given: run.closure_day(given), "E129", "centre")
        refused(lambda given=given: run.on_time_share(given), "E129")
    refused(lambda: run.closure_day("center"), "did you mean '")
    refused(lambda: run.critical_path("heavy-brigad"), "E121", "did you mean heavy-brigade")
    refused(lambda: run.journey(5), "E121")


def test_which_movements_are_kept() -> None:
    refused(lambda: fs.run_study(LINE, 1, keep_movements="frist"), "E130", "did you mean 'first'?")


@pytest.mark.parametrize("kind", [str, Path])
def test_folders_as_text_or_path(kind: Any, tmp_path: Path) -> None:
    study = fs.run_study(LINE, 2, jobs=1, results=kind(tmp_path / "run"))
    assert study.folder is not None
    assert fs.run_study(LINE, 2, jobs=1, resume=kind(study.folder)).folder == study.folder
    assert explain(kind(study.folder), jobs=1, tries=0).scenario == study.scenario
    page = study.report(kind(tmp_path / "page.html"))
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert fs.sweep(LINE, 0, 2026, replications=2, jobs=1, results=kind(tmp_path / "sweep")).folder is not None
    assert fs.compare([LINE, LINE], replications=2, jobs=1, results=kind(tmp_path / "compare")).folder is not None
    assert len(study.queues.save(kind(tmp_path / "figures" / "new"))) == 2


@pytest.mark.parametrize("given", [5, b"results", "", "a\0b", ["results"]])
def test_what_is_no_folder(given: Any) -> None:
    study = fs.run_study(LINE, 1, jobs=1)
    for call in (
        lambda: fs.run_study(LINE, 1, results=given),
        lambda: fs.run_study(LINE, 1, resume=given),
        lambda: fs.sweep(LINE, 0, 2026, replications=1, results=given),
        lambda: fs.compare([LINE, LINE], replications=1, resume=given),
        lambda: explain(given),
        lambda: study.closure.save(given),
    ):
        refused(call, "E130")


def test_results_that_are_not_there_or_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused(lambda: fs.run_study(LINE, 1, results=tmp_path / "file"), "E507", "a file stands where a folder is wanted")
    refused(lambda: fs.run_study(LINE, 1, resume=tmp_path / "nowhere"), "E501", "there is no such folder")
    refused(lambda: fs.run_study(LINE, 1, resume=tmp_path / "file"), "E501")
    study = fs.run_study(LINE, 1, jobs=1, results=tmp_path / "run")
    refused(lambda: study.report(tmp_path), "E507", "Is a directory")
    refused(lambda: study.report(tmp_path / "nowhere" / "page.html"), "E507", "make the folder first")


def test_messages_name_the_argument_and_the_value() -> None:
    with pytest.raises(FlanksimError, match=re.escape("1 error\n\n  E130  seed\n        1.5 cannot be used here\n")):
        fs.simulate(LINE, seed=1.5)  # type: ignore[arg-type]
