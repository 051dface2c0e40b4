"""One small results folder of each kind, with its page."""

from __future__ import annotations

from pathlib import Path

import pytest

import flanksim as fs
from flanksim.draw.style import save
from flanksim.report.context import Context
from flanksim.study.page import build, context_of
from flanksim.study.store import write_json
from flanksim.text.run import as_json


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the small scenario, explained, with its page."""
    study = fs.run_study(fs.load("corridor-mini"), 3, jobs=1, results=tmp_path_factory.mktemp("run"), bounds=True)
    assert study.folder is not None
    save(study.plot(), study.folder, "closure")
    write_json(study.folder / "answer.json", as_json(study))
    build(study.folder, explain=True, jobs=1)
    return study.folder


@pytest.fixture(scope="session")
def context(run_folder: Path) -> Context:
    """What the page of the run was made from."""
    return context_of(run_folder)


@pytest.fixture(scope="session")
def sweep_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of the small scenario with its page."""
    mini = fs.load("corridor-mini")
    found = fs.sweep(mini, [0, 1], [2026, 2030], replications=2, jobs=1, results=tmp_path_factory.mktemp("sweep"))
    assert found.folder is not None
    save(found.plot(), found.folder, "surface")
    build(found.folder)
    return found.folder


@pytest.fixture(scope="session")
def compare_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of the small scenario under two rules of traffic, with its page."""
    mini = fs.load("corridor-mini")
    other = mini.model_copy(
        update={"name": "as-in-peace", "regime": mini.regime.model_copy(update={"traffic": "peace"})}
    )
    pair = fs.compare([mini, other], replications=2, jobs=1, results=tmp_path_factory.mktemp("compare"))
    assert pair.folder is not None
    build(pair.folder)
    return pair.folder


@pytest.fixture(scope="session")
def reach_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search for packages on two lines, by a day that needs two levers, with its page."""
    from tests.study.test_reach import lines

    found = fs.reach(lines(), by=6, replications=3, first=2, jobs=1, results=tmp_path_factory.mktemp("reach"))
    assert found.folder is not None
    build(found.folder)
    return found.folder
