"""What the system does to a command: a full disk, a closed pipe, a signal. One line, the right code, nothing torn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from flanksim.engine.streams import seeds

RUN = [sys.executable, "-c", "from flanksim.cli import main; main()"]
posix = pytest.mark.skipif(os.name == "nt", reason="signals and streams of POSIX")
pytestmark = pytest.mark.slow
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc or /dev/full")

#: The reference engine, with which a part takes long enough for a second process to come.
SLOW_RUN = ("run", "slow.yaml", "-n", "200", "--engine", "simpy")
SLOW = """
flanksim: 1
name: slow
extends: corridor-mini
title: Some seconds a run
units: {heavy-brigade: {wheeled: 20000}, light-brigade: {wheeled: 20000}}
"""


def flanksim(*arguments: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [*RUN, *arguments],
        cwd=cwd,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload,no-any-return]
    )


def one_line(done: subprocess.CompletedProcess[str], *wanted: str) -> None:
    """Exit code 1, and one line that says what and what to do."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    for text in wanted:
        assert text in line


# ---- where results cannot go --------------------------------------------------------------------


def test_results_onto_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for results in ("file", "file/below"):
        done = flanksim("run", "corridor-mini", "-n", "2", "-j", "1", "--results", results, cwd=tmp_path)
        one_line(done, "E507", "file", "Not a directory", "choose another name")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "corridor-mini").write_text("mine")
    one_line(flanksim("run", "corridor-mini", "-n", "2", cwd=tmp_path), "E507  results/corridor-mini", "a file stands")
    (tmp_path / "results" / "corridor-mini-bound").write_text("mine")
    one_line(flanksim("bound", "corridor-mini", cwd=tmp_path), "E507  results/corridor-mini-bound")
    assert (tmp_path / "file").read_text() == "mine"


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o555)
    done = flanksim("run", "corridor-mini", "-n", "2", "-j", "1", "--results", "shut", cwd=tmp_path)
    one_line(done, "E507  shut/corridor-mini", "Permission denied", "that you may write to")


@linux
def test_a_folder_in_which_nothing_can_be_made(tmp_path: Path) -> None:
    done = flanksim("run", "corridor-mini", "-n", "2", "-j", "1", "--results", "/proc", cwd=tmp_path)
    one_line(done, "E507  /proc/corridor-mini")
    one_line(flanksim("new", "/proc/mine.yaml", cwd=tmp_path), "E507  /proc/")


def room(size: int) -> Callable[[], None]:
    """No file may grow beyond `size` bytes: as a disk that is full."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@linux
@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        (0, "scenario.yaml"),  # nothing at all
        (34_000, ".parquet"),  # manifest and scenario fit, the movements of the first run do not
        (40_000, "closure.png"),  # the tables fit, the figure does not
    ],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_leaves_nothing_that_looks_whole(tmp_path: Path, size: int, wanted: str, jobs: str) -> None:
    done = flanksim("run", "corridor-mini", "-n", "3", "-j", jobs, "--no-bounds", cwd=tmp_path, preexec_fn=room(size))
    one_line(done, "E507", wanted, "File too large", "make room")
    assert done.stdout == ""
    (folder,) = (tmp_path / "results" / "corridor-mini").iterdir()
    assert not list(folder.rglob(".*.part"))
    for path in folder.rglob("*.parquet"):
        pq.read_table(path)
    manifest = folder / "manifest.json"
    assert not manifest.is_file() or json.loads(manifest.read_text())["status"] != "complete"
    if not size:
        return
    again = flanksim("run", "corridor-mini", "-n", "3", "--no-bounds", "--resume", str(folder), cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert json.loads(manifest.read_text())["status"] == "complete"


@linux
@pytest.mark.parametrize("command", ["sweep", "compare", "bound", "explain", "report", "new"])
def test_every_command_says_it_in_one_line(tmp_path: Path, command: str) -> None:
    name = "corridor-mini"
    arguments = {
        "sweep": ["sweep", name, "--spending", "0", "--years", "2026", "-n", "2", "-j", "1"],
        "compare": ["compare", name, name, "-n", "2", "-j", "1", "--no-bounds"],
        "bound": ["bound", name],
        "new": ["new", "my/own.yaml"],
    }
    if command in ("explain", "report"):
        flanksim("run", name, "-n", "2", "-j", "1", "--no-bounds", cwd=tmp_path)
        (folder,) = (tmp_path / "results" / name).iterdir()
        arguments |= {"explain": ["explain", str(folder), "--no-try", "-j", "1"], "report": ["report", str(folder)]}
    done = flanksim(*arguments[command], cwd=tmp_path, preexec_fn=room(300))
    assert "Traceback" not in done.stderr
    assert "E507" in done.stderr
    if command == "explain":  # can be read all the same
        assert (done.returncode, "is closed on C+" in done.stdout) == (0, True)
        return
    one_line(done, "File too large")
    assert not list(tmp_path.rglob(".*.part"))
    if command == "new":
        assert not (tmp_path / "my" / "own.yaml").exists()
    for manifest in tmp_path.glob("results/*-*/*/manifest.json"):
        assert command in ("explain", "report") or json.loads(manifest.read_text())["status"] != "complete"


# ---- stdout -------------------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("arguments", [["check", "corridor-mini"], ["schema"], ["--help"], ["--version"]])
def test_a_full_stdout(tmp_path: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        one_line(flanksim(*arguments, cwd=tmp_path, stdout=full), "standard output", "No space left", "> answer.txt")


@linux
def test_an_answer_that_cannot_be_written_is_kept_in_the_folder(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        for extra in ([], ["--json"]):
            done = flanksim(
                "run", "corridor-mini", "-n", "2", "-j", "1", "--no-bounds", *extra, cwd=tmp_path, stdout=full
            )
            one_line(done, "standard output", "results folder")
    for folder in (tmp_path / "results" / "corridor-mini").iterdir():
        assert json.loads((folder / "manifest.json").read_text())["status"] == "complete"
        assert json.loads((folder / "answer.json").read_text())["replications"] == 2


@posix
def test_a_closed_stdout(tmp_path: Path) -> None:
    done = flanksim("run", "corridor-mini", "-n", "2", cwd=tmp_path, stdout=None, preexec_fn=lambda: os.close(1))
    one_line(done, "standard output", "Bad file descriptor")
    assert not list(tmp_path.iterdir()), "nothing is run for nobody"


@posix
def test_a_broken_pipe(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        one_line(flanksim("schema", cwd=tmp_path, stdout=writing), "standard output", "Broken pipe")
    finally:
        os.close(writing)


@posix
def test_closed_stderr_and_stdin_disturb_nobody(tmp_path: Path) -> None:
    def shut() -> None:
        os.close(0)
        os.close(2)

    done = flanksim(
        "run", "corridor-mini", "-n", "2", "-j", "2", "--no-bounds", "--json", cwd=tmp_path, preexec_fn=shut
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["replications"] == 2


# ---- signals ------------------------------------------------------------------------------------


def group(leader: int) -> list[int]:
    """Processes of a process group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgrp) == leader and state not in "ZX":
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command of many slow runs and waits for its third part."""
    (tmp_path / "slow.yaml").write_text(SLOW, encoding="utf-8")
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, parts: int = 3) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*RUN, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        processes.append(process)
        until = time.monotonic() + 120
        while len(list(tmp_path.glob("results/*/*/parts/*.parquet"))) < parts and time.monotonic() < until:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        return process

    yield start
    for process in processes:
        for member in group(process.pid):
            os.kill(member, signal.SIGKILL)
        process.communicate()


def only(root: Path) -> Path:
    (folder,) = root.glob("results/*/*")
    return folder


@linux
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_ends_the_workers_too_and_keeps_what_is_finished(
    tmp_path: Path, started: Callable[..., subprocess.Popen[str]], number: signal.Signals, code: int, jobs: str
) -> None:
    process = started(*SLOW_RUN, "-j", jobs)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert (out, "Traceback" in err) == ("", False)
    said = "interrupted" if number == signal.SIGINT else f"ended by {number.name}"
    assert f"{said}; the runs that had finished are in results; continue with" in err
    for _ in range(100):
        if not group(process.pid):
            break
        time.sleep(0.1)
    assert not group(process.pid)
    folder = only(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    kept = pd.read_parquet(folder / "runs.parquet")
    assert (manifest["status"], manifest["done"]) == ("interrupted", len(kept))
    assert len(kept) >= 3
    assert len(list((folder / "parts").iterdir())) == len(kept)
    assert set(kept["seed"]) <= set(seeds(2026, 200))
    assert not list(folder.rglob(".*.part"))


@linux
def test_workers_end_with_a_parent_that_is_killed(started: Callable[..., subprocess.Popen[str]]) -> None:
    process = started(*SLOW_RUN, "-j", "2")
    assert len(group(process.pid)) >= 3
    process.kill()
    process.wait()
    until = time.monotonic() + 5
    while group(process.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not group(process.pid)


@linux
def test_two_at_work_in_one_folder_the_second_is_refused(
    tmp_path: Path, started: Callable[..., subprocess.Popen[str]]
) -> None:
    first = started(*SLOW_RUN, "-j", "1", parts=1)
    folder = only(tmp_path)
    second = flanksim(*SLOW_RUN, "-j", "1", "--resume", str(folder), cwd=tmp_path)
    assert second.returncode == 1
    assert "E508" in second.stderr
    assert "another flanksim is at work in this folder" in second.stderr
    assert first.poll() is None, "the first goes on"
    first.kill()
    first.wait()
    more = len(list(folder.glob("parts/*.parquet"))) + 1
    third = started(*SLOW_RUN, "-j", "1", "--resume", str(folder), parts=more)
    fourth = flanksim(*SLOW_RUN, "-j", "1", "--resume", str(folder), cwd=tmp_path)
    assert (fourth.returncode, "E508" in fourth.stderr) == (1, True)
    assert third.poll() is None
