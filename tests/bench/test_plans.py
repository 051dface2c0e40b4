"""How good plans are: gap to the bound, whether more ever makes worse, how steady they are, and what they take.

``FLANKSIM_PLANS=full python -m pytest tests/bench/test_plans.py -s --override-ini addopts=`` (hours; ``some`` an hour)
writes docs/plans.md; without that variable it prints a small table of `corridor-mini`. It asserts nothing about time.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import get_args

import pytest

from flanksim import Scenario, load
from flanksim.bounds.ladder import ladder
from flanksim.documents import write_blocks
from flanksim.engine.simulate import simulate_plan
from flanksim.engine.streams import seeds
from flanksim.measure.closure import ALL, force_of
from flanksim.measure.replications import ReplicationSet, replication_of
from flanksim.planning.compile import compile_plan
from flanksim.scenario.schema import Routing
from flanksim.study.experiment import DesignPoint, Replicate, StudyOptions, run_points
from tests.bench.upgrades import nested_pairs, upgrades

PAGE = Path(__file__).parents[2] / "docs" / "plans.md"
STRATEGIES = tuple(get_args(Routing.model_fields["strategy"].annotation))
#: What may not get worse by more: days of closure; part of the mobility delay.
WORSE_DAYS, WORSE_DELAY = 0.5, 0.01


@dataclass(frozen=True)
class Size:
    """Scenarios, the first of which is upgraded and disturbed; runs with chance; upgrades and pairs."""

    scenarios: tuple[str, ...]
    runs: int
    upgrades: int
    pairs: int
    page: bool


_REAL = ("eastern-flank", "plan-north", "plan-centre", "plan-south")
SIZES = {
    "": Size(("corridor-mini",), 2, 3, 1, page=False),
    "some": Size(_REAL, 3, 12, 4, page=True),
    "full": Size(_REAL, 8, 60, 20, page=True),
}
SIZE = SIZES[os.environ.get("FLANKSIM_PLANS", "")]
#: Heading to lines, in the order in which they are measured.
FOUND: dict[str, list[str]] = {}


@pytest.fixture(scope="module", autouse=True)
def _page() -> Iterator[None]:
    """After all measurements: print them, and write the page."""
    yield
    text = "\n".join(f"### {head}\n\n" + "\n".join(lines) + "\n" for head, lines in FOUND.items())
    print(f"\n{text}")
    if SIZE.page and len(FOUND) == 4:
        asked = os.environ["FLANKSIM_PLANS"]
        made = f"Measured on {datetime.now(UTC):%Y-%m-%d} with `FLANKSIM_PLANS={asked}`: {_machine()}.\n\n"
        write_blocks(PAGE, {f"plans of {SIZE.scenarios[0]}": lambda _: made + text})


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return f"{model or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(cells) + " |" for cells in (heads, ["---", *["--:"] * (len(heads) - 1)], *rows)]


def _by(name: str, strategy: str, *, chance: bool) -> Scenario:
    return load(name, {"routing": {"strategy": strategy}, "mechanisms": {"chance": chance}})


def test_gap_without_chance() -> None:
    """Closure over the bound, both counted from the start of C-day, of each scenario by each strategy."""
    rows = []
    for name in SIZE.scenarios:
        best = ladder(_by(name, STRATEGIES[0], chance=False), groups=False, prices=False).day
        for strategy in STRATEGIES:
            scenario = _by(name, strategy, chance=False)
            begun = perf_counter()
            plan = compile_plan(scenario)
            planned = perf_counter()
            runs = ReplicationSet(plan, (replication_of(simulate_plan(plan, scenario.seed)),))
            day, took = runs.closure_days()[0], perf_counter() - planned
            share, delay = runs.on_time_share().mean, runs.mobility_delay().mean
            assert day >= best - 1e-6, "a plan that beats the bound is a fault of one of the two"
            rows.append(
                [f"{name}, {strategy}", f"C+{day:.1f}", f"C+{best:.1f}", f"{(day + 1) / (best + 1):.2f}",
                 f"{share:.0%}", f"{delay:.1f}", f"{planned - begun:.1f}", f"{took:.1f}"]
            )  # fmt: skip
    heads = ["plan, strategy", "closure", "bound", "gap", "in time", "delay, days", "s to plan", "s to run"]
    FOUND["Without chance"] = _table(heads, rows)


def test_gap_with_chance() -> None:
    """Mean over runs of the closure over the bound of that run."""
    rows = []
    for name in SIZE.scenarios:
        asked = seeds(load(name).seed, SIZE.runs)
        bounds = [ladder(_by(name, STRATEGIES[0], chance=True), seed=s, groups=False, prices=False).day for s in asked]
        for strategy in STRATEGIES:
            plan = compile_plan(_by(name, strategy, chance=True))
            runs = ReplicationSet(plan, tuple(replication_of(simulate_plan(plan, seed)) for seed in asked))
            pairs = list(zip(runs.closure_days(), bounds, strict=True))
            assert all(not day < best - 1e-6 for day, best in pairs)
            gaps = [(day + 1) / (best + 1) for day, best in pairs if day == day]  # noqa: PLR0124 - those that closed
            rows.append(
                [f"{name}, {strategy}", f"C+{runs.closure_day().mean:.1f}", f"C+{fmean(bounds):.1f}",
                 f"{fmean(gaps):.2f}" if gaps else "", f"{runs.on_time_share().mean:.0%}",
                 f"{runs.mobility_delay().mean:.1f}", str(runs.unclosed())]
            )  # fmt: skip
    heads = ["plan, strategy", "mean closure", "mean bound", "mean gap", "in time", "delay, days", "not closed"]
    FOUND[f"With chance, {SIZE.runs} runs"] = _table(heads, rows)


def _worst(points: Sequence[tuple[str, Scenario, Scenario]]) -> list[list[str]]:
    """What each richer network does against the poorer one, as studies run them: days and delay, the worst first."""
    base = load(SIZE.scenarios[0])
    cells: dict[str, DesignPoint] = {base.digest: DesignPoint(base)}
    for _, less, more in points:
        below = () if less.digest == base.digest else (base.digest,)
        cells.setdefault(less.digest, DesignPoint(less, below=below))
        cells[more.digest] = DesignPoint(more, below=(less.digest,))
    runs = run_points(list(cells.values()), base.seed, Replicate(SIZE.runs), options=StudyOptions())
    rows = []
    for what, less, more in points:
        sets = [ReplicationSet(force_of(entry), runs[entry.digest]) for entry in (less, more)]
        found = sets[1].against(sets[0])
        before = sets[0].mobility_delay().mean
        rows.append((found.days.mean, found.delay.mean, found.delay.mean / before if before else 0.0, what))
    rows.sort(reverse=True)
    return [
        [what, f"{day:+.2f}", f"{delay:+.2f}", "worse" if day > WORSE_DAYS or part > WORSE_DELAY else ""]
        for day, delay, part, what in rows
    ]


def test_more_is_never_worse() -> None:
    base = load(SIZE.scenarios[0])
    single = [(entry.what, base, entry.apply(base)) for entry in upgrades(base, SIZE.upgrades)]
    nested = [
        (f"{more.what} against {less.what}", less.apply(base), more.apply(base))
        for less, more in nested_pairs(base, SIZE.pairs)
    ]
    rows = _worst(single + nested)
    worse = sum(row[-1] == "worse" for row in rows)
    said = (
        f"{len(single)} upgrades, each alone, and {len(nested)} nested pairs, {SIZE.runs} runs each: {worse} are later "
        f"by more than {WORSE_DAYS:g} days or delay soldiers by more than {WORSE_DELAY:.0%}. The ten worst:"
    )
    FOUND["More is never worse"] = [said, "", *_table(["upgrade", "closure, days", "delay, days", ""], rows[:10])]


def _disturbed(scenario: Scenario, part: float) -> Scenario:
    """The same network with every length a little greater."""
    links = {
        key: row.model_copy(update={"length_km": row.length_km * (1 + part)}) for key, row in scenario.links.items()
    }
    return scenario.with_tables({"links": links})


def test_plans_are_steady() -> None:
    """Lengths that are wrong by a part in ten thousand move the closure by how much, without chance."""
    rows = []
    for strategy in STRATEGIES:
        scenario = _by(SIZE.scenarios[0], strategy, chance=False)
        days, shares = [], []
        for part in (0.0, 1e-4, 2e-4, 3e-4, 4e-4):
            plan = compile_plan(_disturbed(scenario, part))
            run = replication_of(simulate_plan(plan, scenario.seed))
            days.append(run.closures[ALL].day)
            shares.append(100 * run.closures[ALL].on_time_share)
        rows.append(
            [strategy, f"C+{median(days):.1f}", f"{max(days) - min(days):.2f}", f"{max(shares) - min(shares):.1f}"]
        )
    heads = ["strategy", "median closure", "range, days", "range in time, points"]
    said = "Five networks whose lengths differ by a part in ten thousand, without chance:"
    FOUND["Steady"] = [said, "", *_table(heads, rows)]
