"""What people read: 100 columns, plain where no person looks, and the same numbers as for machines."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from flanksim.activities import Cause
from flanksim.cli import app
from flanksim.errors import FlanksimError, Problem
from flanksim.scenario import evidence, load, loads, naming
from flanksim.scenario.reading import shipped
from flanksim.terminal import WIDTH, Span, Table, fold, numbers, render, split, table, words

RUN = [sys.executable, "-c", "from flanksim.cli import main; main()"]
ESCAPE = "\x1b"

#: The small scenario, with names that no column was made for, and money to spend.
LONG = """
flanksim: 1
name: an-exercise-whose-name-was-agreed-upon-by-a-committee
title: "An exercise of all services: the committee could not agree on a shorter title than this one, so here it is"
extends: corridor-mini
nodes:
  MCH: {name: The military port of Marchwood on the western side of Southampton Water opposite the docks}
  ORZ: {name: Orzysz training area and barracks of the multinational battle group in the Masurian lakes}
  GDN: {name: "Gdansk, Nowy Port and the deep-water container terminal with its new rail yard"}
fleets:
  ro-ro: {name: Chartered and national roll-on roll-off vessels of four nations under one multinational agreement}
units:
  light-brigade: {regional_plan: the-regional-plan-for-the-centre-with-its-reserve}
  heavy-brigade: {regional_plan: the-regional-plan-for-the-centre-with-its-reserve}
  logistics: {regional_plan: the-regional-plan-for-the-centre-with-its-reserve}
economies:
  DEU: {name: Germany, gdp_2025_bn_eur: 1000, infrastructure_share_2025_typical_pct: 0}
projects:
  more-ships-for-the-crossing-of-the-north-sea-and-the-baltic:
    {name: Six more roll-on roll-off vessels under long charter and crews that are trained and kept for them,
     countries: DEU, cost_low_bn_eur: 1, cost_typical_bn_eur: 1, cost_high_bn_eur: 1,
     build_low_years: 2, build_typical_years: 2, build_high_years: 2}
  a-second-ramp-that-changes-nothing:
    {name: A second ramp, countries: DEU, cost_low_bn_eur: 1, cost_typical_bn_eur: 1, cost_high_bn_eur: 1,
     build_low_years: 1, build_typical_years: 1, build_high_years: 1}
effects:
  e1: {project_id: more-ships-for-the-crossing-of-the-north-sea-and-the-baltic, table: fleets, targets: ro-ro,
       attribute: count, operation: set, typical: 9}
  e2: {project_id: a-second-ramp-that-changes-nothing, table: facilities, targets: ramp-BRV,
       attribute: servers, operation: add, typical: 1}
"""
SHIPS = "more-ships-for-the-crossing-of-the-north-sea-and-the-baltic"


# ---- every command, as text and as JSON ---------------------------------------------------------


class Folder:
    """A folder with a scenario; commands are run once each and remembered."""

    #: Answers by command, of every folder: a command that names no scenario says the same in each.
    _said: ClassVar[dict[tuple[str, ...], str]] = {}

    def __init__(self, root: Path, scenario: str) -> None:
        self.root, self.scenario = root, scenario

    def text(self, *arguments: str) -> str:
        if arguments not in self._said:
            before = Path.cwd()
            os.chdir(self.root)
            try:
                done = CliRunner().invoke(app, arguments)
            finally:
                os.chdir(before)
            assert done.exit_code == 0, done.output
            assert done.stderr == ""
            self._said[arguments] = done.stdout
        return self._said[arguments]

    def json(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text(*arguments, "--json"))
        return found

    @property
    def results(self) -> str:
        """Folder of a run."""
        return str(self.json(*self.commands("")["run"])["results"])

    def commands(self, results: str) -> dict[str, tuple[str, ...]]:
        name = self.scenario
        other = ("--projects", SHIPS) if name != "corridor-mini" else ("corridor-mini",)
        years = "2026,2028,2030,2032,2034,2035"
        return {
            "run": ("run", name, "-n", "6", "-j", "1"),
            "few": ("run", name, "-n", "2", "-j", "1", "--no-bounds", "--set", "question.horizon_days=20"),
            "compare": ("compare", name, *other, "-n", "6", "-j", "1"),
            "sweep": ("sweep", name, "--spending", "0,1", "--years", years, "-n", "6", "-j", "1"),
            "bound": ("bound", name),
            "screen": ("bound", name, "--screen", "--ahead", "1", "-j", "1", "--set", "fleets.ro-ro.count_typical=1"),
            "explain": ("explain", results, "-n", "5", "-j", "1"),
            "verify": ("verify", "V20", "V13"),
            "check": ("check", name),
            "sources": ("check", name, "--sources"),
            "report": ("report", results),
        }


@pytest.fixture(scope="module", params=["corridor-mini", "long.yaml"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    root = tmp_path_factory.mktemp("terminal")
    (root / "long.yaml").write_text(LONG, encoding="utf-8")
    return Folder(root, request.param)


RUNGS = ("free_flow", "volume", "whole_ships")
COMMANDS = list(Folder(Path(), "").commands(""))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_answer_fits_100_columns_and_is_plain(folder: Folder, command: str) -> None:
    text = folder.text(*folder.commands(folder.results)[command])
    assert text.strip()
    assert ESCAPE not in text
    for line in text.splitlines():
        assert len(line) <= WIDTH, line
        assert line == line.rstrip()


def cells(line: str) -> list[str]:
    return re.split(r"\s{2,}", line.strip())


def near(text: str, value: float | None, digits: int = 1) -> bool:
    """Whether a printed number is the machine's, to the digits printed."""
    assert value is not None
    number = float(text.removeprefix("C+").rstrip("%").replace(",", ""))
    return abs(number - value) <= 0.5 * 10**-digits + 1e-6


def test_run_says_what_its_json_says(folder: Folder) -> None:
    arguments = folder.commands("")["run"]
    text, found = folder.text(*arguments), folder.json(*arguments)
    bound = {group["name"]: group for group in folder.json("bound", folder.scenario)["groups"]}
    lines = text.splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("overall"))
    plans = found["regional_plans"]
    best = {name: max(filter(None, map(group.get, RUNGS))) for name, group in bound.items()}
    everything = max(value for value in found["bound"].values() if value is not None)
    wanted = [(found | {"troops": found["troops_required"]}, everything)]
    wanted += [(plans[name], best[name]) for name in plans]
    wanted.append((found["tier_1"], best["tier 1"]))
    end = next(n for n, line in enumerate(lines) if n > first and not line.strip())
    rows = [row for line in lines[first:end] if len(row := cells(line)) >= 7]
    assert len(rows) == len(wanted) == 3
    for row, (entry, unbeaten) in zip(rows, wanted, strict=True):
        troops, day, around, by_10, by_30, chance, beats = row[-7:]
        assert int(troops.replace(",", "")) == entry["troops"]
        assert near(day, entry["closure_day_median"])
        low, high = around.split(" to ")  # six runs: the first and the last
        assert near(low, entry["closure_day_first"])
        assert near(high, entry["closure_day_last"])
        assert near(by_10, 100 * entry["share_by_day"]["10"], 0)
        assert near(by_30, 100 * entry["share_by_day"]["30"], 0)
        numbers_said = [float(number) for number in re.findall(r"\d+", chance)]
        hits = entry["runs_on_time"]
        kept = ["high"] if hits == 0 else ["low"] if hits == 6 else ["mean", "low", "high"]
        assert numbers_said == pytest.approx([100 * entry["p_on_time"][name] for name in kept], abs=0.5)
        assert near(beats, unbeaten)
    assert found["tier_1"]["on_time_share"]["mean"] == pytest.approx(found["tier_1"]["share_by_day"]["10"], abs=1e-6)
    assert f"are {found['troops_required']:,} troops" in " ".join(text.split())


def test_runs_that_do_not_close_are_counted(folder: Folder) -> None:
    arguments = folder.commands("")["few"]
    text, found = folder.text(*arguments), folder.json(*arguments)
    assert found["unclosed"] == 2
    assert found["closure_day"]["mean"] is None
    assert found["closure_day_median"] is None
    row = next(cells(line) for line in text.splitlines() if line.strip().startswith("overall"))
    assert "not by C+20" in row
    assert "2 of 2" in row


def test_compare_says_what_its_json_says(folder: Folder) -> None:
    arguments = folder.commands("")["compare"]
    text, found = folder.text(*arguments), folder.json(*arguments)
    first, second = found["alternatives"]
    rows = [cells(line) for line in text.splitlines() if re.search(r"C\+\d+\.\d .*%", line)]
    assert len(rows) == 2
    day, share, cost, bound = (row := rows[0])[1:5]
    assert near(day, first["closure_day"]["mean"])
    assert near(share, 100 * first["on_time_share"], 0)
    assert near(cost, first["cost_bn_eur"])
    assert near(bound, first["bound_day"])
    assert row[5] == first["verdict"] == "baseline"
    day, share, less, interval, cost, bound, verdict = rows[1][1:]
    assert near(day, second["closure_day"]["mean"])
    assert near(share, 100 * second["on_time_share"], 0)
    assert near(less, second["difference_days"]["mean"])
    low, high = interval.split(" to ")
    assert near(low, second["difference_days"]["low"])
    assert near(high, second["difference_days"]["high"])
    assert near(cost, second["cost_bn_eur"])
    assert near(bound, second["bound_day"])
    assert second["verdict"].startswith(verdict), "a long verdict may go on below"
    if folder.scenario == "long.yaml":
        assert second["verdict"] == "sooner"


def test_sweep_says_what_its_json_says(folder: Folder) -> None:
    arguments = folder.commands("")["sweep"]
    text, found = folder.text(*arguments), folder.json(*arguments)
    said: dict[tuple[float, int], str] = {}
    delays: dict[tuple[float, int], str] = {}
    years: list[int] = []
    tables = 0
    for line in text.splitlines():
        row = cells(line)
        if row[0] == "% of GDP":
            years, tables = [int(year) for year in row[1:]], tables + 1
        elif years and len(row) == len(years) + 1:
            into = said if tables == 1 else delays
            into |= {(float(row[0]), year): cell for year, cell in zip(years, row[1:], strict=True)}
    assert len(said) == len(delays) == len(found["cells"]) == 12
    for cell in found["cells"]:
        day, half = said[cell["infrastructure_share"], cell["year"]].split(" ±")
        assert near(day, cell["closure_day"]["mean"])
        assert near(delays[cell["infrastructure_share"], cell["year"]], cell["mobility_delay_days"]["mean"])
        assert near(half, (cell["closure_day"]["high"] - cell["closure_day"]["low"]) / 2)
    assert ("has no projects" in text) == (folder.scenario == "corridor-mini")


def test_bound_says_what_its_json_says(folder: Folder) -> None:
    arguments = folder.commands("")["screen"]
    text, found = folder.text(*arguments), folder.json(*arguments)
    rows = [cells(line) for line in text.splitlines()]
    days = {row[0].partition(":")[0]: row[1] for row in rows if len(row) in (2, 3) and row[1].startswith("C+")}
    assert near(days["free flow"], found["bounds"]["free_flow"])
    assert near(days["volume"], found["bounds"]["volume"])
    groups = [row for row in rows if len(row) in (4, 5) and re.fullmatch(r"[\d,]+", row[1]) and row[3].startswith("C+")]
    for row, group in zip(groups[: len(found["groups"])], found["groups"], strict=True):
        assert row[0] == group["name"]
        assert int(row[1].replace(",", "")) == group["troops"]
        told_days = [group[name] for name in RUNGS if group[name] is not None]
        assert len(row) == 2 + len(told_days)
        assert all(near(told, day) for told, day in zip(row[2:], told_days, strict=True))
    (price,) = found["prices"]
    (told,) = [row for row in rows if row[0] == "ship"]
    assert float(told[-2]) == price["capacity"]
    assert near(told[-1], price["days"])
    (relief,) = found["reliefs"]
    assert any(
        row[-3:-1] == [f"{relief['capacity']:g}", f"{2 * relief['capacity']:g}"] and near(row[-1], relief["volume"])
        for row in rows
        if len(row) >= 4 and row[-1].startswith("C+")
    )
    assert "berth:" not in text
    assert "MCH" not in text, "places have names"
    if folder.scenario == "long.yaml":
        best, rest = found["projects"]
        assert (best["project"], rest["bound_falls_days"]) == (SHIPS, 0.0)
        (row,) = [row for row in rows if len(row) >= 6 and SHIPS.startswith(row[0])]
        assert near(row[-4], best["cost_bn_eur"], 2)
        assert near(row[-3], best["build_years"])
        assert near(row[-2], best["bound_day"])
        assert near(row[-1], best["bound_falls_days"], 2)
        assert "The bound moves with 1 of 2 projects; that does not rank them" in text
        assert found["screen"]["lower_the_bound"] == 1


def test_explain_says_what_its_json_says(folder: Folder) -> None:
    arguments = folder.commands(folder.results)["explain"]
    text, found = folder.text(*arguments), folder.json(*arguments)
    rows = [cells(line) for line in text.splitlines()]
    shares, whole = found["critical_path_shares"], found["path_hours"]
    begin = next(n for n, row in enumerate(rows) if row and row[0].startswith("Where its"))
    path = rows[begin : next(n for n, row in enumerate(rows) if n > begin and not any(row))]
    parts = [row for row in path if len(row) >= 4 and re.fullmatch(r"\d+\.\d", row[0])]
    assert len(parts) == len(shares)
    for row, value in zip(parts, sorted(shares.values(), reverse=True), strict=True):
        assert near(row[0], value * whole / 24)
        assert near(row[2], 100 * value, 0)
    # The path is that of all six runs, in the numbers in which `run` told it, though five were replayed.
    run = folder.json(*folder.commands("")["run"])
    assert (found["runs"], found["replications"]) == (6, 5)
    assert found["critical_path_shares"] == run["critical_path_shares"]
    assert found["closure_day_median"] == run["closure_day_median"]
    assert whole / 24 - 1 == pytest.approx(run["closure_day"]["mean"], abs=1e-6)
    # What is printed sums to what stands above it, with C-day itself as a row.
    (together,), (c_day,), (closed,) = (
        [float(row[0]) for row in path if row[-1].startswith(text)]
        for text in ("together", "C-day itself", "mean closure")
    )
    assert c_day == -1.0
    assert together + c_day == pytest.approx(closed, abs=0.051)
    assert sum(float(row[0]) for row in parts) == pytest.approx(together, abs=0.05 * len(parts) + 0.05)
    tries = [row for row in rows if re.fullmatch(r"[+-]\d+\.\d\d", row[0])]
    assert len(tries) == len(found["try"])
    for row, entry in zip(tries, found["try"], strict=True):
        assert near(row[0], entry["days_saved"]["mean"], 2)
        low, high = row[1].split(" to ")
        assert near(low, entry["days_saved"]["low"], 2)
        assert near(high, entry["days_saved"]["high"], 2)
        assert near(row[2], 100 * entry["path_share"], 0)


def test_verify_says_what_its_json_says(folder: Folder) -> None:
    arguments = folder.commands("")["verify"]
    text, found = folder.text(*arguments), folder.json(*arguments)
    rows = {row[0]: row[1:] for line in text.splitlines() if len(row := cells(line)) >= 4}
    for case in found["cases"]:
        assert f"{case['status']}  {case['title']}" in text.replace("    ", "  ").replace("   ", "  ")
        for what, got in case["got"].items():
            assert [float(number) for number in rows[what][:2]] == pytest.approx([got, case["expected"][what]])


# ---- what the numbers rest on -------------------------------------------------------------------


def test_sources_are_those_of_the_tables() -> None:
    """Counted a second time from the CSV files, without a scenario."""
    found = {entry.table: entry for entry in evidence.evidence_of_tables(load("eastern-flank"))}
    assert len(found) == 17
    text = render(evidence.blocks(load("eastern-flank")))
    told = {row[0]: row[1:] for line in text.splitlines() if len(row := cells(line)) == 10}
    for name, entry in found.items():
        with (shipped() / "europe" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        basis, confidence = Counter(row["basis"] for row in rows), Counter(row["confidence"] for row in rows)
        default = sum("class default" in row["note"] or row["source"] == "class_default" for row in rows)
        assert (entry.rows, entry.class_default) == (len(rows), default)
        assert entry.basis == {key: basis[key] for key in ("looked_up", "derived", "recalled", "assumed")}
        assert entry.confidence == {key: confidence[key] for key in "HML"}
        wanted = [len(rows), *entry.basis.values(), default, *entry.confidence.values()]
        assert [int(value.replace(",", "")) for value in told[name.replace("_", " ")]] == wanted


def test_the_least_known_parameters_come_first() -> None:
    body = """
flanksim: 1
name: tiny
mechanisms: {permissions: false}
links: {l: {from_node: a, to_node: b, mode: rail, travel_hours: 1}}
units: {u: {home_node: a, assembly_node: b, wheeled: 1}}
parameters:
  wide: {low: 1, typical: 2, high: 900, meaning: x, confidence: L}
  from_nothing: {low: 0, typical: 2, high: 3, meaning: x, confidence: L}
  narrow: {low: 2, typical: 2, high: 3, meaning: x, confidence: L}
  sure: {low: 1, typical: 2, high: 9999, meaning: x, confidence: H}
"""
    order = [name for name, _ in evidence.least_known(loads(body))]
    assert "sure" not in order
    assert order.index("from_nothing") < order.index("wide") < order.index("narrow")


# ---- pipes and terminals ------------------------------------------------------------------------


def say(arguments: list[str], cwd: Path, *, out: bool, err: bool, columns: int = 100, **more: str) -> tuple[str, str]:
    """stdout and stderr of a command, each a pseudo-terminal if asked for, else a pipe."""
    import fcntl
    import pty
    import struct
    import termios

    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    environment |= {"TERM": "xterm-256color"} | more
    ends = []
    for wanted in (out, err):
        ends.append(pty.openpty() if wanted else os.pipe())
        if wanted:
            fcntl.ioctl(ends[-1][1], termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*RUN, *arguments], cwd=cwd, env=environment, stdout=ends[0][1], stderr=ends[1][1], stdin=subprocess.DEVNULL
    )
    os.close(ends[0][1])
    os.close(ends[1][1])
    said = _drain([first for first, _ in ends])
    assert process.wait(60) == 0, said
    return said[0].replace("\r\n", "\n"), said[1].replace("\r\n", "\n")


def _drain(readers: list[int]) -> list[str]:
    """All that comes from each end; a pseudo-terminal whose writer has gone gives an error instead of nothing."""
    import select

    found = dict.fromkeys(readers, b"")
    left = set(readers)
    while left:
        for reader in select.select(sorted(left), [], [])[0]:
            try:
                data = os.read(reader, 65536)
            except OSError:
                data = b""
            found[reader] += data
            if not data:
                left.discard(reader)
                os.close(reader)
    return [found[reader].decode() for reader in readers]


posix = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")


@pytest.mark.slow
@posix
def test_colour_on_a_terminal_only_and_only_if_wanted(tmp_path: Path) -> None:
    command = ["bound", "corridor-mini"]
    coloured, _ = say(command, tmp_path, out=True, err=False)
    assert ESCAPE in coloured
    plain, _ = say(command, tmp_path, out=True, err=False, NO_COLOR="1")
    assert ESCAPE not in plain
    dumb, _ = say(command, tmp_path, out=True, err=False, TERM="dumb")
    assert ESCAPE not in dumb
    piped, errors = say(command, tmp_path, out=False, err=False, FORCE_COLOR="1", COLUMNS="40")
    assert ESCAPE not in piped
    assert errors == ""

    def without_seconds(text: str) -> list[str]:
        clock = r"\d+\.\d s|\d{4}-\d\d-\d\dT\d{6}(-\d+)?"  # seconds, and the stamp of the results folder
        return [re.sub(clock, "", line).rstrip() for line in text.splitlines()]

    bare = re.sub(rf"{ESCAPE}\[[0-9;]*m", "", coloured)
    assert without_seconds(bare) == without_seconds(plain) == without_seconds(dumb) == without_seconds(piped)


@pytest.mark.slow
@posix
def test_a_narrow_window_gets_narrow_tables_and_loses_no_number(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
    command = ["run", "long.yaml", "-n", "5", "-j", "1"]
    narrow, _ = say(command, tmp_path, out=True, err=False, columns=64, NO_COLOR="1")
    wide, _ = say(command, tmp_path, out=False, err=False)
    assert max(map(len, wide.splitlines())) > 80
    folder = re.compile(r"results/\S+")
    narrow_lines = [line for line in narrow.splitlines() if not folder.search(line)]
    assert max(map(len, narrow_lines)) <= 64
    assert "…" not in narrow
    number = re.compile(r"C\+\d+\.\d|\d\.\d\d-\d\.\d\d|\d+\.\d to \d+\.\d")
    assert Counter(number.findall(" ".join(narrow.split()))) == Counter(number.findall(" ".join(wide.split())))


@pytest.mark.slow
@posix
@pytest.mark.parametrize("command", ["run", "compare", "sweep", "explain", "report", "step by step", "check"])
def test_what_takes_time_says_so_on_a_terminal_and_is_silent_in_a_pipe(tmp_path: Path, command: str) -> None:
    name = "corridor-mini"
    arguments = {
        "run": ["run", name, "-n", "4", "-j", "1"],
        "compare": ["compare", name, name, "-n", "3", "-j", "1"],
        "sweep": ["sweep", name, "--spending", "0", "--years", "2026", "-n", "3", "-j", "1"],
        "step by step": ["bound", name, "--time-expanded"],
        "check": ["check", name],
    }
    words_ = {
        "run": "what no schedule beats",
        "compare": "runs",
        "sweep": "runs",
        "explain": "explaining",
        "report": "drawing the page",
        "step by step": "step by step",
        "check": "looking for routes",
    }
    if command in ("explain", "report"):
        done = CliRunner().invoke(app, ["run", name, "-n", "2", "-j", "1", "--json", "--results", str(tmp_path)])
        results = json.loads(done.stdout)["results"]
        arguments |= {"explain": ["explain", results, "-n", "2", "-j", "1"], "report": ["report", results]}
    _, progress = say(arguments[command], tmp_path, out=False, err=True)
    assert words_[command] in progress
    if command in ("run", "step by step"):  # of the others `Folder` sees that they are silent where nobody looks
        _, silent = say(arguments[command], tmp_path, out=False, err=False)
        assert silent == ""


# ---- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "wanted"),
    [
        (["explain", "nowhere"], 1, ["E120  nowhere", "no such folder", "give a folder"]),
        (["report", "."], 1, ["E501  .", "manifest.json and scenario.yaml missing", "give a folder"]),
        (["run", "corridor-mini", "--set", "regime.trafic=peace"], 1, ["E103  --set", "did you mean 'traffic'?"]),
        (["check", "corridor-mini", "--set", "links.s7.to_node=Orzysz"], 1, ["E201  --set", "the name of 'ORZ'"]),
        (["check", "corridor-mini", "--set", "links.s7.capacity_typical=-5"], 1, ["E106  --set", "a number from 0 to"]),
        (["check", "corridor-mini", "--set", "parameters.close_share=2"], 1, ["E106  --set", "give 0 to 1"]),
        (["check", "corridor-mini", "--set", "regime.traffic=peac"], 1, ["E105  --set", "did you mean 'peace'?"]),
        (["compare", "corridor-mini", "--projects", "PR01"], 1, ["E216", "corridor-mini has no projects"]),
        (["run", "nosuch"], 1, ["E101  nosuch", "shipped scenarios: accelerated"]),
        (["run", "corridor-mini", "--require", "speed < 3"], 2, ["'speed < 3'", "closure_day", "p_on_time"]),
        (["run", "corridor-mini", "--require", "closure_day <= 1.2.3"], 2, ["is not understood"]),
        (["bound", "corridor-mini", "--require", "p_on_time > 0.5"], 2, ["use closure_day with"]),
        (["sweep", "corridor-mini", "--spending", "much"], 2, ["'much'", "0,1.5,2"]),
        (["sweep", "corridor-mini", "--years", "2026.5"], 2, ["no whole years"]),
        (["verify", "V99"], 2, ["no such case: V99", "V01"]),
    ],
)
def test_errors_say_where_and_what_to_do(tmp_path: Path, arguments: list[str], code: int, wanted: list[str]) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        done = CliRunner().invoke(app, arguments)
    finally:
        os.chdir(before)
    assert (done.exit_code, done.stdout) == (code, "")
    said = " ".join(done.stderr.split())
    for text in wanted:
        assert " ".join(text.split()) in said
    assert max(map(len, done.stderr.splitlines())) <= WIDTH


def test_the_newest_results_are_pointed_to(tmp_path: Path) -> None:
    from flanksim.study.store import open_folder

    for stamp in ("2026-01-01T000000", "2026-02-01T000000"):
        (tmp_path / "mini" / stamp).mkdir(parents=True)
        (tmp_path / "mini" / stamp / "manifest.json").write_text("{}")
    with pytest.raises(FlanksimError, match="2026-02-01T000000"):
        open_folder(tmp_path)


def test_a_warning_does_not_stop_check_and_is_seen(tmp_path: Path) -> None:
    late = ["check", "corridor-mini", "--set", "units.light-brigade.required_day=1"]
    done = CliRunner().invoke(app, late)
    assert done.exit_code == 0
    assert "W401" in done.stderr
    assert "no errors" in done.stdout


def test_long_problems_are_wrapped_but_no_path_is_broken() -> None:
    path = "a/" * 80 + "file.yaml"
    text = str(FlanksimError(Problem("E101", path, "", "word " * 60, "x" * 300)))
    wide = [line.strip() for line in text.splitlines() if len(line) > WIDTH]
    assert wide == [path]


# ---- blocks -------------------------------------------------------------------------------------


def test_paragraphs_keep_their_indent() -> None:
    assert fold("  one two three", 9) == ["  one two", "    three"]
    assert fold("one two three", 9) == ["one two", "three"]
    assert fold("one  two", 9) == ["one  two"], "what fits is left alone"
    assert fold("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_numbers_are_whole_to_the_right_and_words_wrap() -> None:
    wide = table([words("name", 6), numbers("days")], [["alpha beta gamma delta", "1.5"], ["b", "-1,200.25"]])
    lines = render([wide], 24).splitlines()
    assert lines == [
        "  name              days",
        "  alpha beta         1.5",
        "  gamma delta",
        "  b            -1,200.25",
    ]


def test_a_wide_table_is_split_evenly_under_its_first_column() -> None:
    years = [str(year) for year in range(2026, 2033)]
    wide = table([numbers("level"), *map(numbers, years)], [["0", *("C+100.0 ±10.0" for _ in years)]])
    parts = split(wide, 80)
    assert [len(part.columns) for part in parts] == [5, 4]
    text = render([wide], 80)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("C+100.0 ±10.0") == 7
    assert all(year in text for year in years)


def test_empty_columns_go_and_crooked_rows_are_refused() -> None:
    found = table([words("a"), numbers("b"), words("c")], [["x", "", "y"]])
    assert isinstance(found, Table)
    assert [column.head for column in found.columns] == ["a", "c"]
    with pytest.raises(ValueError, match="2 cells"):
        table([words("a"), numbers("b")], [["x"]])


@pytest.mark.parametrize("make", [str, lambda text: Span(text, "bad")])
def test_markup_in_a_name_is_text(make: Callable[[str], Any]) -> None:
    """Square brackets are markup to the library that draws; here they are part of a name."""
    assert render([make("[bold]x[/bold] :smile:")]) == "[bold]x[/bold] :smile:"
    assert "[red]" in render([table([words("n")], [[make("[red]port")]])])


def test_names_are_those_of_the_tables() -> None:
    mini = load("corridor-mini")
    assert naming.element(mini, "berth:GDN") == "berths of Gdansk"
    assert naming.element(mini, "s7:GDN>ORZ") == "road Gdansk to Orzysz"
    assert naming.element(mini, "s7:ORZ>GDN") == "road Orzysz to Gdansk"
    assert naming.element(mini, "border_rail:rail-west") == "rail border Hannover-Poznan"
    assert naming.element(mini, "logistics") == "unit Logistics group (logistics)"
    assert naming.readable(Cause.of("queue at s7:GDN>ORZ"), mini) == naming.readable(
        Cause.of("queue at s7:ORZ>GDN"), mini
    )
    assert naming.readable(Cause.of("full yard berth:GDN"), mini) == "full yard, berths of Gdansk"
    assert naming.readable(Cause.of("lift ro-ro"), mini) == "waiting for lift (ro-ro ships)"
    europe = load("eastern-flank")
    assert naming.lift(europe, "sealift_atlantic_rrf") == "US Ready Reserve Force ro-ros"
    assert naming.lift(europe, "rail_heavy_1435") == "heavy flats (1435 mm)"
