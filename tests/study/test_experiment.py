"""Sweeps and comparisons: exact answers on a line, the same bytes after a kill, processes and a cluster."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import flanksim as fs
from flanksim import FlanksimError, loads
from flanksim.engine.streams import seeds
from flanksim.measure.clocks import UnitHours
from flanksim.measure.closure import AskedForce, Closure
from flanksim.measure.replications import Replication, ReplicationSet
from flanksim.scenario.rows import Unit
from flanksim.study.experiment import Replicate
from flanksim.text.comparison import as_json as comparison_json
from flanksim.text.sweep import as_json as sweep_json

#: 48 trains of one vehicle, one an hour: the last is in at 47 + 4 h. The project halves the headway: 23.5 + 4 h.
LINE = """
flanksim: 1
name: paid-line
mechanisms: {permissions: false, integration: false, march_rest: false, chance: CHANCE, civil_traffic: false,
             borders: false, handling: false, lift: false}
parameters: {vehicles_per_train: 1, close_share: 1, overrun_factor: 1, ready_delay_days: 0}
question: {deadline_days: 0.5}
economies:
  DEU: {name: Germany, gdp_2025_bn_eur: 1000, infrastructure_share_2025_typical_pct: 0}
projects:
  second: {name: Second signalling, countries: DEU, cost_low_bn_eur: 1, cost_typical_bn_eur: 1, cost_high_bn_eur: 1,
           build_low_years: 2, build_typical_years: 2, build_high_years: 2}
effects:
  e1: {project_id: second, table: links, targets: line, attribute: headway_hours, operation: scale, typical: 0.5}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: TRAVEL, headway_hours: 1}
units:
  u: {home_node: a, assembly_node: b, wheeled: 48}
"""
SURE = LINE.replace("CHANCE", "false").replace("TRAVEL", "4")
RANDOM = LINE.replace("CHANCE", "true").replace("TRAVEL", "{low: 2, typical: 4, high: 30}")


def test_surface_of_a_line_is_exact() -> None:
    """1,000 bn x 1 % x 12 % = 1.2 bn in 2026 already pays for the project; two years to build: there in 2028."""
    scenario = loads(SURE + "spending: {target_year: 2026}\n")
    found = fs.sweep(scenario, [0, 1], [2026, 2027, 2035], [0.12], replications=2, jobs=1)
    days = {(p.infrastructure_share, p.year): found.closure_day(p).mean for p in found.points}
    slow, fast = (47 + 4) / 24 - 1, (23.5 + 4) / 24 - 1
    assert days == {
        (0.0, 2026): slow, (0.0, 2027): slow, (0.0, 2035): slow,
        (1.0, 2026): slow, (1.0, 2027): slow, (1.0, 2035): fast,
    }  # fmt: skip
    assert found.runs_made == 4, "points with equal networks share their runs"
    last = found.points[-1]
    assert (last.projects_done, last.spent_bn_eur) == (("second",), pytest.approx(1.0))
    assert [found.p_on_time(p).mean for p in found.points] == [0, 0, 0, 0, 0, 1]


def test_json_of_a_sweep_has_what_was_promised() -> None:
    found = sweep_json(fs.sweep(loads(SURE), [0], [2026], replications=2, jobs=1))
    assert set(found) >= {"scenario", "replications", "seconds", "cells"}
    cell = {
        "infrastructure_share",
        "year",
        "mobility_fraction",
        "closure_day",
        "p_on_time",
        "unclosed",
        "projects_done",
    }
    assert set(found["cells"][0]) >= cell | {"spent_bn_eur"}
    assert set(found["cells"][0]["closure_day"]) == {"mean", "low", "high"}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("levels", "years", "fractions", "code"),
    [
        ([-1], [2030], None, "E510"),
        ([1], [2020], None, "E222"),
        ([1], [2030], [1.2], "E511"),
        ([], [2030], None, "E512"),
    ],
)
def test_levels_that_make_no_sense_are_refused_before_any_run(levels, years, fractions, code, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FlanksimError, match=code):
        fs.sweep(loads(SURE), levels, years, fractions, results=tmp_path)
    assert not list(tmp_path.iterdir())


def test_paired_difference_of_a_sure_thing() -> None:
    scenario = loads(SURE)
    found = fs.compare([scenario], [["second"]], replications=3, jobs=1)
    (difference,) = found.differences
    assert difference.days.mean == pytest.approx(-23.5 / 24, abs=1e-12)
    assert difference.verdict == "sooner"
    small = fs.compare([scenario], [["second"]], 3, jobs=1, indifference_days=1.0).differences[0]
    assert small.verdict == "cannot tell apart", "sure, but less than the day that matters"
    assert found.alternatives[1].cost_bn_eur == pytest.approx(1.0)
    entry = comparison_json(found)["alternatives"][1]
    assert entry["difference_days"]["high"] == pytest.approx(-23.5 / 24, abs=1e-6)


def test_nothing_against_nothing_is_identical_and_pairing_helps() -> None:
    scenario = loads(RANDOM)
    same = fs.compare([scenario, scenario.model_copy(update={"title": "the same"})], replications=8, jobs=1)
    assert same.differences[0].verdict == "identical"
    assert same.differences[0].days.low == same.differences[0].days.high == 0.0
    paired = fs.compare([scenario], [["second"]], replications=20, jobs=1).differences[0]
    assert paired.correlation > 0.5


def test_screening_says_what_a_project_does_to_the_bound() -> None:
    """The line alone: 51 h today, 27.5 h with the project."""
    from flanksim.study.screening import as_text, screen_projects

    today, (entry,) = screen_projects(loads(SURE), jobs=1)
    assert (today, entry.bound_day) == (pytest.approx(51 / 24 - 1), pytest.approx(27.5 / 24 - 1))
    assert entry.bound_falls_days == pytest.approx(23.5 / 24)
    assert (entry.cost_bn_eur, entry.build_years) == (1.0, 2.0)
    assert "second" in as_text(today, [entry])


def test_too_few_alternatives_and_unknown_projects_are_refused() -> None:
    with pytest.raises(FlanksimError, match="E520"):
        fs.compare([loads(SURE)])
    with pytest.raises(FlanksimError, match="E216"):
        fs.compare([loads(SURE)], [["third"]])


def one_unit(day: float) -> UnitHours:
    """The clocks of a force of one unit that is ready at once and closed on a day."""
    return UnitHours((0.0,), (0.0,), ((day + 1) * 24,), ((day + 1) * 24,))


def closed(*days: float) -> ReplicationSet:
    """Runs of a force of one unit that is closed on these days; its deadline is C+30."""
    member = Unit(home_node="a", assembly_node="b", troops=1)
    runs = [
        Replication(number, one_unit(day), (), {"all": Closure(1, (day + 1) * 24, 0.0)}, {}, "", 0, 0, "")
        for number, day in enumerate(days)
    ]
    return ReplicationSet(AskedForce((member,), 1, 744.0, 744.0, 8784.0, True), tuple(runs))


def test_rounds_go_on_until_the_interval_is_narrow() -> None:
    rule = Replicate(4, 12, day_half_width=0.05)
    wide, narrow = (50, 60, 70, 80), (60, 60.5, 61, 61.5)
    assert rule.more(closed()) == 4
    assert rule.more(closed(*wide)) == 4
    assert rule.more(closed(*narrow)) == 0
    assert rule.more(closed(*wide * 3)) == 0, "not beyond the most"
    chance = Replicate(4, 100, p_half_width=0.1)
    assert chance.more(closed(*narrow)) == 4, "four runs say little of a probability"
    assert chance.more(closed(*[20] * 40)) == 0


def test_rounds_are_made_in_a_study() -> None:
    found = fs.compare([loads(RANDOM)], [["second"]], jobs=1, precision=Replicate(4, 16, day_half_width=1e-9))
    assert [len(entry.replications) for entry in found.alternatives] == [16, 16]


COMMAND = [
    sys.executable,
    "-m",
    "flanksim.cli",
    "sweep",
    "study.yaml",
    "--spending",
    "0,1",
    "--years",
    "2026,2035",
    "-n",
    "60",
]


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def only(folder: Path) -> Path:
    (found,) = (folder / "paid-line-sweep").iterdir()
    return found


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_study_killed_at_any_moment_ends_with_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(RANDOM.replace("wheeled: 48", "wheeled: 400"))
    whole = subprocess.run([*COMMAND, "--results", "whole"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stderr
    process = subprocess.Popen(
        [*COMMAND, "--results", "killed"], cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    parts: list[Path] = []
    until = time.monotonic() + 60
    while len(parts) < 7 and time.monotonic() < until:
        time.sleep(0.02)
        parts = list(tmp_path.glob("killed/*/*/parts/*.parquet"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    folder = only(tmp_path / "killed")
    assert not (folder / "runs.parquet").exists(), "killed too late to show anything"
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("parts/*.parquet")}
    assert 7 <= len(kept) < 120
    (folder / "parts" / ".torn.parquet.part").write_bytes(b"half a file")
    again = subprocess.run(
        [*COMMAND, "--resume", str(folder)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert tables(folder) == tables(only(tmp_path / "whole"))
    assert set(tables(folder)) == {"runs.parquet", "points.parquet"}
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in kept.items()), "what had ended was not run again"
    other = subprocess.run(
        [*COMMAND, "--seed", "9", "--resume", str(folder)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (other.returncode, "E502" in other.stderr) == (1, True)
    nowhere = subprocess.run([*COMMAND, "--resume", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (nowhere.returncode, "E501" in nowhere.stderr) == (1, True)


def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    scenario = loads(RANDOM)
    whole = fs.run_study(scenario, 6, jobs=1, results=tmp_path / "whole")
    cut = fs.run_study(scenario, 6, jobs=1, results=tmp_path / "cut")
    assert whole.folder is not None
    assert cut.folder is not None
    for number in (1, 4):
        (cut.folder / "parts" / f"{scenario.digest}-{seeds(scenario.seed, 6)[number]}.parquet").unlink()
    (cut.folder / "runs.parquet").unlink()
    seen: list[int] = []
    again = fs.run_study(scenario, 6, jobs=1, resume=cut.folder, progress=lambda done, _: seen.append(done))
    assert seen == [5, 6], "four were there already"
    assert [entry.digest for entry in again.replications] == [entry.digest for entry in whole.replications]
    assert tables(cut.folder) == tables(whole.folder)


def test_one_process_or_two_the_same_tables(tmp_path: Path) -> None:
    scenario = loads(RANDOM)
    folders = []
    for jobs in (1, 2):
        found = fs.sweep(scenario, [0, 1], [2035], replications=5, jobs=jobs, results=tmp_path / str(jobs))
        assert found.folder is not None
        folders.append(found.folder)
    assert tables(folders[0]) == tables(folders[1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_answer(tmp_path: Path) -> None:
    """A real scheduler and two workers on loopback."""
    distributed = pytest.importorskip("distributed")
    scenario = loads(RANDOM)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        there = fs.sweep(scenario, [0, 1], [2035], replications=4, dask=cluster.scheduler_address, results=tmp_path)
        address, results = cluster.scheduler_address, tmp_path / "there"
        run_there = fs.run(scenario, 4, dask=address, results=results, keep_movements="all")
        bought_there = fs.portfolio(scenario, [1], replications=4, first=2, dask=address)
    assert bought_there == fs.portfolio(scenario, [1], replications=4, first=2, jobs=1)
    assert bought_there.rows[0]["projects"] == ["second"]
    here = fs.sweep(scenario, [0, 1], [2035], replications=4, jobs=1)
    assert there.folder is not None
    assert len(list((there.folder / "parts").iterdir())) == 8
    for cell, found in here.networks.items():
        assert there.networks[cell].replications == found.replications
    run_here = fs.run(scenario, 4, jobs=1, results=tmp_path / "here", keep_movements="all")
    assert run_there.replications == run_here.replications
    assert run_there.folder is not None
    assert run_here.folder is not None
    assert tables(run_there.folder) == tables(run_here.folder)
    assert len(tables(run_there.folder / "movements")) == 4
    assert tables(run_there.folder / "movements") == tables(run_here.folder / "movements")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_does_not_answer_is_named_with_its_remedy() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(FlanksimError, match=r"(?s)E503.*tcp://127.0.0.1:9.*dask scheduler"):
        fs.sweep(loads(SURE), [0], [2026], replications=2, dask="tcp://127.0.0.1:9")


def test_figures_of_studies_are_drawn(tmp_path: Path) -> None:
    scenario = loads(RANDOM)
    found = fs.sweep(scenario, [0, 1], [2026, 2035], [0.05, 0.12], replications=3, jobs=1)
    assert found.plot().get_ylabel() == "infrastructure spending, % of GDP"
    assert found.plot_curve().get_xlabel().startswith("infrastructure spending")
    assert found.plot_timeline() is not None
    assert fs.compare([scenario], [["second"]], 4, jobs=1).plot().get_xlabel() == "cost, EUR bn"
    assert math.isnan(fs.compare([scenario], [["second"]], 4, jobs=1).table()["difference_days"].iloc[0])
