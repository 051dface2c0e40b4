"""Seeds of a study: no two studies share a run, each run is repeated by its own seed, and resuming changes nothing."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import flanksim as fs
from flanksim import loads
from flanksim.engine.streams import seeds
from flanksim.measure.replications import Replication
from flanksim.study.experiment import Replicate
from flanksim.study.explain import explain
from flanksim.study.page import context_of
from flanksim.study.store import Store
from tests.study.test_experiment import RANDOM, tables


def digests(study: fs.Study) -> list[str]:
    return [entry.digest for entry in study.replications]


def test_studies_with_neighbouring_seeds_share_no_run() -> None:
    scenario = loads(RANDOM)
    studies = [fs.run_study(scenario, 12, seed=2026 + number, jobs=1) for number in range(4)]
    for one, two in pairwise(studies):
        assert not set(digests(one)) & set(digests(two))
    every = [entry.seed for study in studies for entry in study.replications]
    assert len(set(every)) == len(every)
    assert not set(every) & set(range(2000, 2100)), "nor is a run that of a study's own seed"


def test_seeds_are_those_of_numpy_and_fit_every_reader() -> None:
    children = [np.random.SeedSequence(2026, spawn_key=(number,)) for number in range(50)]
    wanted = [int(child.generate_state(1, np.uint64)[0] >> np.uint64(15)) for child in children]
    assert seeds(2026, 50) == wanted
    assert seeds(2026, 7) == wanted[:7], "more runs leave the first ones as they are"
    many = [seed for root in range(60) for seed in seeds(root, 200)]
    assert len(set(many)) == len(many)
    assert 0 <= min(many) < max(many) < 10**15, "a spreadsheet keeps 15 digits"
    assert all(int(float(seed)) == seed for seed in many), "so does a reader of JSON that has nothing but floats"


def test_a_run_of_a_study_is_repeated_by_the_seed_that_its_table_prints(tmp_path: Path) -> None:
    study = fs.run_study("corridor-mini", 3, seed=9, jobs=1, results=tmp_path, keep_movements="all")
    assert study.folder is not None
    printed = pd.read_parquet(study.folder / "runs.parquet")
    assert printed["seed"].tolist() == [entry.seed for entry in study.replications] == seeds(9, 3)
    for _, row in printed.iterrows():
        again = fs.simulate("corridor-mini", seed=int(row["seed"]))
        assert again.outcome.digest() == row["digest"]
        saved = pd.read_parquet(study.folder / "movements" / f"run-{row['seed']}.parquet")
        pd.testing.assert_frame_equal(again.movements, saved)
    assert study.seed == fs.load(study.folder / "scenario.yaml").seed == 9


def test_every_design_point_sees_the_same_seeds() -> None:
    scenario = loads(RANDOM)
    compared = fs.compare([scenario], [["second"]], 5, seed=4, jobs=1)
    assert [[run.seed for run in entry.replications] for entry in compared.alternatives] == [seeds(4, 5)] * 2
    swept = fs.sweep(scenario, [0, 1], [2026, 2035], replications=5, seed=4, jobs=1)
    assert len(swept.networks) == 2
    assert all([run.seed for run in found.replications] == seeds(4, 5) for found in swept.networks.values())
    alone = fs.run_study(scenario, 5, seed=4, jobs=1)
    assert [run.digest for run in compared.alternatives[0].replications] == digests(alone)


def test_explain_and_report_look_at_the_runs_that_were_made(tmp_path: Path) -> None:
    study = fs.run_study("corridor-mini", 3, seed=9, jobs=1, results=tmp_path)
    assert study.folder is not None
    found = explain(study.folder, runs=2, tries=0, jobs=1)
    assert [run.digest for run in found.replayed] == digests(study)[:2]
    assert context_of(study.folder).outcome.seed in seeds(9, 3)


def test_rounds_are_the_same_whenever_a_study_was_interrupted(tmp_path: Path) -> None:
    """The second round of a cell had begun: its runs are not counted into the first one, nor made twice."""
    rule = Replicate(4, 12, day_half_width=1e-9)
    wide = loads(RANDOM)
    whole = fs.sweep(wide, 0, 2026, precision=rule, jobs=1, results=tmp_path / "whole")
    cut = fs.sweep(wide, 0, 2026, precision=rule, jobs=1, results=tmp_path / "cut")
    assert whole.folder is not None
    assert cut.folder is not None
    (cell,) = whole.networks
    order = seeds(wide.seed, 12)
    assert [run.seed for run in whole.networks[cell].replications] == order
    for number in (1, 4, 6, 7, 8, 9, 10, 11):
        (cut.folder / "parts" / f"{cell}-{order[number]}.parquet").unlink()
    (cut.folder / "runs.parquet").unlink()
    kept = {path: path.stat().st_mtime_ns for path in cut.folder.glob("parts/*.parquet")}
    again = fs.sweep(wide, 0, 2026, precision=rule, jobs=1, resume=cut.folder)
    assert [run.digest for run in again.networks[cell].replications] == [
        run.digest for run in whole.networks[cell].replications
    ]
    assert tables(cut.folder) == tables(whole.folder)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in kept.items())


def test_a_round_that_was_not_needed_is_left_out(tmp_path: Path) -> None:
    """A part of a run that the rule does not ask for changes no table."""
    sure = loads(RANDOM)
    few = fs.sweep(sure, 0, 2026, replications=3, jobs=1, results=tmp_path / "few")
    assert few.folder is not None
    (cell,) = few.networks
    before = tables(few.folder)
    run: Replication = fs.sweep(sure, 0, 2026, replications=4, jobs=1).networks[cell].replications[3]
    Store(few.folder, json.loads((few.folder / "manifest.json").read_text())["study_digest"]).add(cell, run)
    fs.sweep(sure, 0, 2026, replications=3, jobs=1, resume=few.folder)
    assert tables(few.folder) == before


@pytest.mark.parametrize("root", [0, 1, 2**49, 2**53 - 1])
def test_any_seed_of_the_field_is_the_root_of_a_study(root: int) -> None:
    study = fs.run_study(loads(RANDOM), 2, seed=root, jobs=1)
    assert [run.seed for run in study.replications] == seeds(root, 2)
