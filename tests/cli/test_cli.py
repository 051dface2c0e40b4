"""The command line as a newcomer and as a script meet it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from flanksim.cli import app
from flanksim.engine.streams import seeds

RUN = [sys.executable, "-c", "from flanksim.cli import main; main()"]


def in_a_process(*arguments: str, cwd: Path, check: int = 0) -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it."""
    done = subprocess.run([*RUN, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == check, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def flanksim(*arguments: str, cwd: Path, check: int = 0) -> Result:
    """The same here, without the seconds in which a process starts: where the process is not what is tested."""
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert done.exit_code == check, done.output
    return done


def test_run_prints_the_answer_and_saves_everything(tmp_path: Path) -> None:
    done = in_a_process("run", "corridor-mini", "-n", "4", "--seed", "5", cwd=tmp_path)
    assert "are 9,000 troops closed by C+30?" in done.stdout
    assert "Critical path:" in done.stdout
    assert len(done.stdout.splitlines()) <= 27
    assert max(map(len, done.stdout.splitlines())) <= 100
    (folder,) = (tmp_path / "results" / "corridor-mini").iterdir()
    names = {path.name for path in folder.iterdir()}
    wanted = {
        "manifest.json",
        "scenario.yaml",
        "runs.parquet",
        "units.parquet",
        "answer.json",
        "bottlenecks.png",
        "bottlenecks.svg",
        "bound.json",
        "clocks.png",
        "clocks.svg",
        "closure.png",
        "closure.svg",
        "movements",
        "parts",
    }
    assert names == wanted
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["status"], manifest["done"], manifest["seed"]) == ("complete", 4, 5)
    runs = pd.read_parquet(folder / "runs.parquet")
    assert runs["seed"].tolist() == seeds(5, 4)
    moves = pd.read_parquet(folder / "movements" / f"run-{seeds(5, 4)[0]}.parquet")
    assert {"serial", "kind", "requested", "started", "cleared", "ended", "granted_by"} <= set(moves.columns)


@pytest.mark.slow
def test_bound_saves_its_folder_and_names_it_last(tmp_path: Path) -> None:
    done = flanksim("bound", "corridor-mini", "--results", "kept", cwd=tmp_path)
    (folder,) = (tmp_path / "kept" / "corridor-mini-bound").iterdir()
    assert done.stdout.splitlines()[-1].strip() == str(folder.relative_to(tmp_path))
    wanted = {"manifest.json", "scenario.yaml", "bound.json", "bound.txt", "prices.png", "prices.svg"}
    assert {path.name for path in folder.iterdir()} == wanted
    saved = json.loads((folder / "bound.json").read_text())
    assert f"C+{saved['bounds']['volume']:.1f}" in (folder / "bound.txt").read_text()
    assert done.stdout.startswith((folder / "bound.txt").read_text().rstrip("\n"))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["kind"], manifest["status"], manifest["every_replication"]) == ("bound", "complete", True)
    # What was saved is the scenario that was asked about: bound again, it gives the same.
    again = json.loads(flanksim("bound", str(folder / "scenario.yaml"), "--json", cwd=tmp_path).stdout)
    assert again["bounds"] == saved["bounds"]
    assert Path(tmp_path / again["results"] / "prices.png").is_file()


@pytest.mark.slow
def test_compare_draws_before_and_after(tmp_path: Path) -> None:
    (tmp_path / "peace.yaml").write_text("flanksim: 1\nname: peace\nextends: corridor-mini\nregime: {traffic: peace}\n")
    flanksim(
        "compare", "corridor-mini", "peace.yaml", "-n", "2", "-j", "1", "--no-bounds", "--set", "seed=3", cwd=tmp_path
    )
    (folder,) = (tmp_path / "results" / "corridor-mini-compare").iterdir()
    assert {"value.png", "value.svg", "bottlenecks.png", "bottlenecks.svg"} <= {p.name for p in folder.iterdir()}


def test_json_has_the_promised_keys(tmp_path: Path) -> None:
    answer = json.loads(flanksim("run", "corridor-mini", "-n", "3", "-j", "1", "--json", cwd=tmp_path).stdout)
    wanted = "scenario troops_required deadline_day replications seed closure_day p_on_time regional_plans"
    assert {*wanted.split(), "serials", "movements", "seconds"} <= set(answer)
    assert set(answer["closure_day"]) == {"mean", "low", "high"}
    assert set(answer["regional_plans"]["centre"]) >= {"troops", "closure_day", "p_on_time"}
    assert answer["replications"] == 3


@pytest.mark.slow
def test_the_resolved_scenario_gives_the_same_answer(tmp_path: Path) -> None:
    first = json.loads(flanksim("run", "corridor-mini", "-n", "2", "-j", "1", "--json", cwd=tmp_path).stdout)
    saved = Path(first["results"]) / "scenario.yaml"
    again = json.loads(flanksim("run", str(saved), "-n", "2", "-j", "1", "--json", cwd=tmp_path).stdout)
    assert again["closure_day"] == first["closure_day"]
    assert again["scenario_digest"] == first["scenario_digest"]


@pytest.mark.slow
def test_require_sets_the_exit_code(tmp_path: Path) -> None:
    flanksim("run", "corridor-mini", "-n", "2", "-j", "1", "--require", "closure_day <= 500", cwd=tmp_path)
    done = flanksim(
        "run", "corridor-mini", "-n", "2", "-j", "1", "--require", "closure_day <= 1", cwd=tmp_path, check=3
    )
    assert "not met" in done.stderr
    flanksim("run", "corridor-mini", "--require", "speed <= 1", cwd=tmp_path, check=2)


def test_mistakes_exit_1_and_write_nothing(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text("flanksim: 1\nname: my\nextends: corridor-mini\nregime: {trafic: peace}\n")
    done = in_a_process("run", "my.yaml", cwd=tmp_path, check=1)
    assert "E103  my.yaml:4  regime.trafic" in done.stderr
    assert "did you mean 'traffic'?" in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["my.yaml"]


@pytest.mark.slow
def test_problems_are_json_where_the_answer_would_be(tmp_path: Path) -> None:
    bad = ["corridor-mini", "--json", "--set", "links.s61.capacity=3"]
    for command in ("run", "check", "bound", "sweep"):
        done = flanksim(command, *bad, cwd=tmp_path, check=1)
        (problem,) = json.loads(done.stdout)["problems"]
        assert (problem["code"], problem["severity"], problem["path"]) == ("E103", "error", "links.s61.capacity")
        assert done.stderr == ""
    (problem,) = json.loads(flanksim("explain", "nowhere", "--json", cwd=tmp_path, check=1).stdout)["problems"]
    assert problem["code"] == "E120"
    text = flanksim("run", *bad[:1], *bad[2:], cwd=tmp_path, check=1)
    assert text.stdout == ""
    assert "E103" in text.stderr


def test_check_tells_warnings_and_ends_well(tmp_path: Path) -> None:
    late = ["check", "corridor-mini", "--set", "question.horizon_days=20"]
    assert "W403" in flanksim(*late, cwd=tmp_path).stderr
    found = json.loads(flanksim(*late, "--json", cwd=tmp_path).stdout)
    assert found["scenario"] == "corridor-mini"
    assert "W403" in [entry["code"] for entry in found["problems"]]
    assert {entry["severity"] for entry in found["problems"]} == {"warning"}


@pytest.mark.parametrize("pairs", [["title=["], ["a=1", "a.b=2"], ["extends=x"], ["name=../../x"]])
def test_set_that_makes_no_sense_is_a_problem(tmp_path: Path, pairs: list[str]) -> None:
    done = flanksim(
        "check", "corridor-mini", *(part for pair in pairs for part in ("--set", pair)), cwd=tmp_path, check=1
    )
    assert done.stderr.startswith("1 error")


@pytest.mark.slow
def test_new_check_run(tmp_path: Path) -> None:
    flanksim("new", "my/question.yaml", "--from", "us-fewer-forward", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "my").iterdir()} == {
        "question.yaml", "eastern-flank.yaml", "europe", "scenario.schema.json"
    }  # fmt: skip
    done = flanksim("check", "my/question.yaml", cwd=tmp_path)
    assert "no errors" in done.stdout
    assert "exists already" in flanksim("new", "my/question.yaml", cwd=tmp_path, check=1).stderr


@pytest.mark.slow
def test_set_wins_over_the_file(tmp_path: Path) -> None:
    slow, fast = (
        json.loads(
            flanksim(
                "run", "corridor-mini", "-n", "2", "-j", "1", "--json", "--set", f"regime.permission={p}", cwd=tmp_path
            ).stdout
        )
        for p in ("today", "six_hours")
    )
    assert slow["closure_day"]["mean"] > fast["closure_day"]["mean"]


def test_schema_names_every_section(tmp_path: Path) -> None:
    found = json.loads(flanksim("schema", cwd=tmp_path).stdout)
    assert {"name", "question", "regime", "links", "units", "extends", "tables"} <= set(found["properties"])
    shipped = Path(__file__).parents[2] / "scenarios" / "scenario.schema.json"
    assert json.loads(shipped.read_text()) == found, "run: flanksim schema > scenarios/scenario.schema.json"


def test_help_is_quick_to_import_nothing_heavy(tmp_path: Path) -> None:
    heavy = "{'pandas', 'matplotlib', 'scipy', 'networkx', 'simpy'}"
    code = f"import sys, flanksim.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_leaves_no_half_file(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*RUN, "run", "eastern-flank", "-n", "200", "-j", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    movements = tmp_path / "results" / "eastern-flank"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(movements.glob("*/movements/*.parquet")):
        time.sleep(0.2)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert out == ""
    (folder,) = movements.iterdir()
    assert not [path.name for path in folder.rglob("*") if ".part" in path.name]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["status"] == "interrupted"
    assert len(pd.read_parquet(folder / "runs.parquet")) == manifest["done"] > 0
