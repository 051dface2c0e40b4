"""The table of docs/benchmarks.md: ``python -m tests.bench.table`` measures everything and writes it anew.

``--only corridor`` (or ``parts``, ``sizes``, ``workers``; may be repeated) measures one part and leaves the others.
Every measurement is a process of its own; what is compared is run in turn, round by round, so that a machine whose
speed drifts slows all of them alike. Figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from flanksim.documents import write_blocks
from tests.bench.corridor import ENGINES
from tests.bench.measures import FACTORS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
SERIALS = (2_000, 10_000, 60_000, 300_000)
#: A run that is expected to take longer is left out, and the table says so.
MOST_SECONDS = 40.0
#: Distributions to be installed for an engine, beside flanksim's own extras.
NEEDS = {"compiled_loop": "numba", "flanksim_compiled": "numba", "ciw": "ciw", "opentnsim": "opentnsim"}
NAMES = {
    "compiled_loop": "loop over a heap, compiled, hours of arrival only",
    "heap_loop": "the same loop in Python",
    "gate_simpy": "SimPy, one event a link",
    "naive_simpy": "SimPy, a resource a link",
    "flanksim_compiled": "**flanksim, compiled**, all movements kept",
    "flanksim_simpy": "**flanksim, SimPy**, all movements kept",
    "ciw": "Ciw",
    "opentnsim": "OpenTNSim",
}
Rounds = list[dict[str, Any]]


class Kept:
    """Measurements of a run of this command, kept in a file, so that one that was ended goes on where it was."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        self._found: dict[tuple[str, ...], Rounds] = {}
        for line in lines:
            key, found = json.loads(line)
            self._found.setdefault(tuple(key), []).append(found)

    def take(self, key: tuple[str, ...]) -> dict[str, Any] | None:
        """The next kept measurement with these arguments."""
        return self._found[key].pop(0) if self._found.get(key) else None

    def add(self, key: tuple[str, ...], found: dict[str, Any]) -> None:
        if self.path:
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([key, found]) + "\n")


KEPT = Kept(None)


def measured(module: str, *arguments: str) -> dict[str, Any]:
    """What a module prints as JSON, run in a process of its own on one thread and with no plans kept from before."""
    kept = KEPT.take((module, *arguments))
    if kept is not None:
        return kept
    own = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1") | {"FLANKSIM_CACHE": "off"}
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    KEPT.add((module, *arguments), found)
    print(*arguments, found.get("seconds"), file=sys.stderr)
    return found


def corridor(rounds: int) -> str:
    """Engines by size: seconds, ratio to flanksim on SimPy, memory, exponent of time in serials."""
    there = [name for name in ENGINES if name not in NEEDS or importlib.util.find_spec(NEEDS[name]) is not None]
    found: dict[tuple[str, int], Rounds] = {}
    for before, serials in pairwise((0, *SERIALS)):
        engines = [name for name in there if not before or _expected(found, name, before, serials) <= MOST_SECONDS]
        for _ in range(rounds):
            for name in engines:
                found.setdefault((name, serials), []).append(measured("tests.bench.corridor", name, str(serials)))
    head = ["engine", *(f"{serials:,}" for serials in SERIALS), "exponent", "µs a visit", "peak memory"]
    lines = [_row(head), _row(["---", *["--:"] * (len(head) - 1)])]
    for name in sorted(there, key=lambda name: _seconds(found[name, SERIALS[0]])):
        *_, before, last = (0, *(serials for serials in SERIALS if (name, serials) in found))
        seconds = _seconds(found[name, last])
        grown = f"{_exponent(found[name, before], found[name, last], last / before):.2f}" if before else "-"
        memory = median(run["peak_mb"] for run in found[name, last])
        cells = [_cell(found, name, serials) for serials in SERIALS]
        lines.append(_row([NAMES[name], *cells, grown, f"{1e6 * seconds / last / 10:.2f}", f"{memory:,.0f} MB"]))
    furthest = max(run["furthest_h"] for runs in found.values() for run in runs)
    missing = [NAMES[name] for name in ENGINES if name not in there]
    said = [
        f"CPU seconds, medians of {rounds} rounds; in brackets, times as long as flanksim on SimPy in the same round.",
        f"A dash: a run would take over {MOST_SECONDS:.0f} s. Exponent: of time in serials between the largest sizes.",
        "A visit is one serial on one link; memory is that of the whole process at its largest size.",
        f"No hour of arrival is further from the recursion than {furthest:.0e} h.",
        *([f"Not installed here: {', '.join(missing)}."] if missing else []),
    ]
    return "\n".join((*lines, "", *said, ""))


def _expected(found: Mapping[tuple[str, int], Rounds], name: str, before: int, serials: int) -> float:
    runs = found.get((name, before))
    return math.inf if runs is None else _seconds(runs) * serials / before


def _seconds(runs: Rounds) -> float:
    return float(median(run["seconds"] for run in runs))


def _exponent(small: Rounds, large: Rounds, times: float) -> float:
    return math.log(_seconds(large) / _seconds(small)) / math.log(times)


def _cell(found: Mapping[tuple[str, int], Rounds], name: str, serials: int) -> str:
    if (name, serials) not in found:
        return "-"
    runs, base = found[name, serials], found.get(("flanksim_simpy", serials))
    seconds = f"{_seconds(runs):.3g} s"
    if base is None or name == "flanksim_simpy":
        return seconds
    return f"{seconds} ({median(a['seconds'] / b['seconds'] for a, b in zip(runs, base, strict=True)):.2g})"


def parts(rounds: int) -> str:
    """Where the time of a command goes."""
    names = ("eastern-flank", "eastern-flank-outages", "corridor-mini")
    found: dict[str, Rounds] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(measured("tests.bench.measures", "parts", name))
    lines = [_row(["CPU seconds", *names]), _row(["---", *["--:"] * len(names)])]
    for step in found[names[0]][0]["seconds"]:
        cells = [median(run["seconds"][step] for run in found[name]) for name in names]
        lines.append(_row([step, *(f"{seconds:.3g}" for seconds in cells)]))
    lines.append(_row(["movements of the run", *(f"{found[name][0]['movements']:,}" for name in names)]))
    ratios = [median(run["ratio"] for run in found[name]) for name in names]
    lines.append(_row(["times as fast compiled", *(f"{ratio:.1f}" for ratio in ratios)]))
    said = f"Medians of {rounds} rounds, one process, no plan kept from before."
    return "\n".join((*lines, "", said, ""))


def sizes(rounds: int) -> str:
    """The answer and its price by the size of serials."""
    found: dict[float, Rounds] = {factor: [] for factor in FACTORS}
    for _ in range(rounds):
        for factor in FACTORS:
            found[factor].append(measured("tests.bench.measures", "sizes", str(factor)))
    steps = ("plan", "simulate, SimPy", "simulate, compiled")
    head = [
        "vehicles of a march serial",
        "of a transporter serial",
        "soldiers of a coach serial",
        "serials",
        "movements",
    ]
    head += [*steps, "peak memory", "closed on, mean (95 %)", "mobility delay, mean (95 %)"]
    lines = [_row(head), _row(["--:"] * len(head))]
    for runs in found.values():
        first = runs[0]
        cells = [f"{value:,.0f}" for value in (*first["dials"].values(), first["serials"], first["movements"])]
        cells += [f"{median(run['seconds'][step] for run in runs):.3g} s" for step in steps]
        cells += [f"{median(run['peak_mb'] for run in runs):,.0f} MB", first["closed"], first["delay"]]
        lines.append(_row(cells))
    coarse, fine = found[FACTORS[0]], found[FACTORS[-1]]
    times = fine[0]["movements"] / coarse[0]["movements"]
    grown = []
    for step in steps[1:]:
        ratio = median(b["seconds"][step] / a["seconds"][step] for a, b in zip(coarse, fine, strict=True))
        grown.append(f"{math.log(ratio) / math.log(times):.2f} ({step.partition(', ')[2]})")
    said = [
        f"CPU seconds, medians of {rounds} rounds; the answer is that of {coarse[0]['runs']} runs on common random",
        "numbers, without supply. From the coarsest to the finest, time grows with movements to the power of",
        f"{' and '.join(grown)}.",
    ]
    return "\n".join((*lines, "", *said, ""))


def workers(rounds: int) -> str:
    """A study on one process, two, and a Dask cluster of two workers on this machine."""
    found: dict[str, Rounds] = {way: [] for way in ("one process", "two processes", "Dask, two workers")}
    for _ in range(rounds):
        for way, runs in found.items():
            runs.append(measured("tests.bench.measures", "workers", way))
    base = found["one process"]
    lines = [_row(["on", "seconds", "times as fast", "runs a second"]), _row(["---", "--:", "--:", "--:"])]
    for way, runs in found.items():
        ratio = median(a["seconds"] / b["seconds"] for a, b in zip(base, runs, strict=True))
        lines.append(_row([way, f"{_seconds(runs):.1f} s", f"{ratio:.2f}", f"{runs[0]['runs'] / _seconds(runs):.1f}"]))
    first = base[0]
    said = [
        f"Elapsed seconds of {first['runs']} runs of `eastern-flank`, compiled; the plan is made before, processes are",
        f"started within. Medians of {rounds} rounds. A plan is sent to each worker once, {first['plan_kb']:,.0f} kB;",
        f"a run sends {first['run_kb']:.1f} kB back.",
    ]
    return "\n".join((*lines, "", *said, ""))


PARTS: dict[str, Callable[[int], str]] = {part.__name__: part for part in (corridor, parts, sizes, workers)}


def machine() -> str:
    """Processor, cores, Python and what matters for speed."""
    model = platform.processor() or platform.machine()
    file = Path("/proc/cpuinfo")
    if file.exists():
        lines = file.read_text(encoding="utf-8").splitlines()
        model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), model)
    there = (name for name in ("simpy", "numpy", "numba", "ciw", "opentnsim") if importlib.util.find_spec(name))
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in there)
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {versions}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(PARTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kept", type=Path, help="file of measurements; those in it are not made again")
    chosen = parser.parse_args(arguments)
    global KEPT  # noqa: PLW0603
    KEPT = Kept(chosen.kept)
    for name in chosen.only or PARTS:
        text = f"{PARTS[name](chosen.rounds)}\nOn {machine()}.\n"
        write_blocks(PAGE, {f"benchmark of {name}": lambda _, text=text: text})  # type: ignore[misc]
        print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
