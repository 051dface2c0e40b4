"""A saved study, sweep or comparison reopens whole: what it answered it answers again, with equal values."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import flanksim as fs
from flanksim import FlanksimError, loads
from flanksim.study.explain import explain
from flanksim.study.figures import save_bound
from flanksim.study.page import build
from flanksim.study.store import FORMAT
from flanksim.terminal import render
from flanksim.text import comparison as compare_answer
from flanksim.text import run as answer
from flanksim.text import sweep as sweep_answer
from flanksim.text.explanation import as_json as explanation_json
from tests.study.test_differences import PORTFOLIO
from tests.study.test_experiment import RANDOM


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> fs.Study:
    return fs.run("corridor-mini", 5, seed=3, jobs=1, bounds=True, results=tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> fs.Sweep:
    scenario = loads(RANDOM + "spending: {target_year: 2026}\n")
    root = tmp_path_factory.mktemp("sweep")
    return fs.sweep(scenario, [0, 1], [2026, 2035], [0.05, 0.12], 4, seed=5, jobs=1, results=root)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> fs.Comparison:
    """Two scenarios of which the first asks for a year, a portfolio with what it needs, and one that is built."""
    scenario = loads(PORTFOLIO.replace("chance: false", "chance: true") + "year: 2028\n")
    sooner = scenario.model_copy(
        update={"name": "sooner", "question": scenario.question.model_copy(update={"deadline_days": 2.0})}
    )
    root = tmp_path_factory.mktemp("compare")
    return fs.compare(
        [scenario, sooner], ["third", ["second"]], 4, seed=5, jobs=1, bounds=True, indifference_days=0.25, results=root
    )


def again(saved: Any) -> Any:
    assert saved.folder is not None
    found = fs.open(saved.folder)
    assert type(found) is type(saved)
    return found


def equal_metrics(one: Any, two: Any, *names: str) -> None:
    for name in names:
        pd.testing.assert_frame_equal(getattr(one, name)(), getattr(two, name)())
        assert getattr(one, name).plot().get_title("left") == getattr(two, name).plot().get_title("left")


@pytest.mark.slow
def test_a_run_reopens_whole(study: fs.Study) -> None:
    found = again(study)
    assert found == study
    assert found.bound == study.bound
    assert answer.as_json(found) == answer.as_json(study) | {"seconds": round(found.seconds, 3)}
    assert render(answer.blocks(found)[:-1]) == render(answer.blocks(study)[:-1])
    equal_metrics(found, study, "closure", "bottlenecks", "queues", "map", "fleets", "journey")
    for group in study.groups:
        assert found.closure_day(group) == study.closure_day(group)
        assert found.closure_spread(group) == study.closure_spread(group)
        assert found.p_on_time(group) == study.p_on_time(group)
        assert found.share_by(240.0, group) == study.share_by(240.0, group)
        assert found.unbeaten(group) == study.unbeaten(group)
    assert found.cause_days() == study.cause_days()
    pd.testing.assert_frame_equal(found.runs(), study.runs())
    pd.testing.assert_frame_equal(found.units(), study.units())
    assert found._repr_html_() == study._repr_html_()
    assert explanation_json(found.explain(tries=1, jobs=1)) == explanation_json(study.explain(tries=1, jobs=1))
    assert found.report().is_file()


def test_a_run_of_a_year_reopens(tmp_path: Path) -> None:
    study = fs.run(loads(RANDOM + "year: 2030\n"), 3, jobs=1, results=str(tmp_path))
    found = again(study)
    assert found == study
    pd.testing.assert_frame_equal(found.closure(), study.closure())


def test_a_sweep_reopens_whole(swept: fs.Sweep) -> None:
    found = again(swept)
    assert (found.scenario, found.points, found.networks) == (swept.scenario, swept.points, swept.networks)
    assert sweep_answer.as_json(found) == sweep_answer.as_json(swept)
    assert render(sweep_answer.blocks(found)[:-1]) == render(sweep_answer.blocks(swept)[:-1])
    equal_metrics(found, swept, "closure", "surface", "curve", "timeline")
    for one, two in zip(found.points, swept.points, strict=True):
        assert found.closure_day(one) == swept.closure_day(two)
        assert found.difference(one) == swept.difference(two)
    assert found.best == swept.best
    assert found._repr_html_() == swept._repr_html_()
    assert found.report().is_file()


def test_a_comparison_reopens_whole(compared: fs.Comparison) -> None:
    found = again(compared)
    assert found == compared
    assert [entry.scenario.digest for entry in found.alternatives] == [e.scenario.digest for e in compared.alternatives]
    assert compare_answer.as_json(found) == compare_answer.as_json(compared)
    assert render(compare_answer.blocks(found)[:-1]) == render(compare_answer.blocks(compared)[:-1])
    equal_metrics(found, compared, "closure", "value", "bottlenecks")
    assert found.differences == compared.differences
    assert found.alternatives[1].closure_day() == compared.alternatives[1].closure_day()
    assert found._repr_html_() == compared._repr_html_()
    assert found.report().is_file()


def test_a_word_has_one_type_on_every_set_of_runs(study: fs.Study, swept: fs.Sweep, compared: fs.Comparison) -> None:
    sets = [study, swept.at(swept.points[0]), compared.alternatives[1]]
    for word in ("closure_day", "closure_spread", "p_on_time", "on_time_share", "unclosed", "cause_days", "last_units"):
        values = [getattr(found, word) for found in sets]
        assert len({type(value() if callable(value) else value) for value in values}) == 1, word
    for word in ("closure_day", "p_on_time", "on_time_share", "unclosed"):
        found = [getattr(swept, word)(swept.points[0]), getattr(compared, word)("third"), getattr(study, word)()]
        assert len({type(value) for value in found}) == 1, word
    with pytest.raises(FlanksimError, match=r"(?s)E521.*there are paid-line, sooner, third, second"):
        compared.closure_day("fourth")
    for found in (study, swept, compared):
        assert isinstance(found.closure(), pd.DataFrame)


# ---- what is refused ----------------------------------------------------------------------------


def other_format(folder: Path, target: Path, found: object) -> Path:
    copy = Path(shutil.copytree(folder, target))
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest.pop("format")
    (copy / "manifest.json").write_text(json.dumps(manifest | ({} if found is None else {"format": found})))
    return copy


@pytest.mark.parametrize(("found", "said"), [(None, "an earlier version"), (1, "an earlier"), (FORMAT + 1, "a later")])
def test_another_format_is_refused_everywhere(study: fs.Study, tmp_path: Path, found: object, said: str) -> None:
    assert study.folder is not None
    folder = other_format(study.folder, tmp_path / "other", found)
    for ask in (
        lambda: fs.open(folder),
        lambda: build(folder),
        lambda: explain(folder, jobs=1, tries=0),
        lambda: fs.run("corridor-mini", 5, seed=3, jobs=1, resume=folder),
    ):
        with pytest.raises(FlanksimError, match=rf"(?s)E509.*saved by {said}.*make it again: flanksim run"):
            ask()


def test_other_formats_of_sweeps_and_comparisons(swept: fs.Sweep, compared: fs.Comparison, tmp_path: Path) -> None:
    for saved, kind in ((swept, "sweep"), (compared, "compare")):
        assert saved.folder is not None
        folder = other_format(saved.folder, tmp_path / kind, None)
        for ask in (lambda f=folder: fs.open(f), lambda f=folder: build(f)):
            with pytest.raises(FlanksimError, match=rf"(?s)E509.*make it again: flanksim {kind}"):
                ask()
    with pytest.raises(FlanksimError, match="E509"):
        fs.sweep(swept.scenario, [0, 1], [2026, 2035], [0.05, 0.12], 4, jobs=1, resume=tmp_path / "sweep")


def test_what_is_not_whole_is_refused(study: fs.Study, swept: fs.Sweep, tmp_path: Path) -> None:
    assert study.folder is not None
    assert swept.folder is not None
    copy = Path(shutil.copytree(study.folder, tmp_path / "copy"))
    part = next((copy / "parts").iterdir())
    part.write_bytes(b"")
    with pytest.raises(FlanksimError, match=r"(?s)E506.*4 of its 5 runs.*--resume"):
        fs.open(copy)
    assert part.exists(), "who only reads removes nothing"
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | {"status": "interrupted"}))
    with pytest.raises(FlanksimError, match=r"(?s)E514.*not finished: interrupted.*--resume"):
        fs.open(copy)
    (copy / "manifest.json").write_text(json.dumps(manifest | {"plan_digest": "0"}))
    with pytest.raises(FlanksimError, match=r"(?s)E123.*another version.*flanksim run"):
        fs.open(copy)
    gone = Path(shutil.copytree(swept.folder, tmp_path / "gone"))
    (gone / "runs.parquet").unlink()
    with pytest.raises(FlanksimError, match=r"(?s)E506.*0 of its \d+ runs"):
        fs.open(gone)


@pytest.mark.parametrize("given", [None, 5, b"results", "", "a\0b", ["results"], Path("nowhere")])
def test_what_is_no_folder(given: Any) -> None:
    with pytest.raises(FlanksimError, match="E120" if isinstance(given, Path) else "E130"):
        fs.open(given)


def test_other_folders_say_where_the_results_are(study: fs.Study, tmp_path: Path) -> None:
    assert study.folder is not None
    with pytest.raises(FlanksimError, match=r"(?s)E120.*newest results below it"):
        fs.open(study.folder.parent)
    with pytest.raises(FlanksimError, match="E120"):
        fs.open(tmp_path)
    scenario = loads(RANDOM)
    folder = save_bound(scenario, fs.bound(scenario), {}, "", tmp_path)
    with pytest.raises(FlanksimError, match=r"(?s)E505.*this\s+is\s+a\s+bound"):
        fs.open(folder)
