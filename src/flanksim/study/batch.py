"""Independent replications over processes on one machine; results stream back as they finish."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from flanksim.engine.simulate import simulate_plan
from flanksim.measure.closure import Closure, closures
from flanksim.measure.critical import by_cause, closing_unit, critical_path
from flanksim.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class Replication:
    """What is kept of one replication.

    Attributes
    ----------
    causes_h
        Hours of the critical path of the unit that completes the force, by cause; empty if not closed.
    digest
        Hash of the whole movement table.
    """

    seed: int
    closed_h: tuple[float, ...]
    troops_h: tuple[float, ...]
    closures: dict[str, Closure]
    causes_h: dict[str, float]
    last_unit: str
    movements: int
    assets_lost: int
    digest: str
    seconds: float


def replicate(plan: Plan, seed: int, movements_file: Path | None = None) -> Replication:
    """Run one replication and keep what studies need; save the movement table if asked."""
    started = perf_counter()
    outcome = simulate_plan(plan, seed)
    unit = closing_unit(plan, outcome)
    causes = {} if unit is None else by_cause(critical_path(plan, outcome, unit))
    if movements_file is not None:
        from flanksim.study.results import write_table
        from flanksim.study.run import movement_table

        write_table(movements_file, movement_table(plan, outcome))
    return Replication(
        seed=seed,
        closed_h=outcome.closed_h,
        troops_h=outcome.troops_h,
        closures=closures(plan, outcome.closed_h),
        causes_h=causes,
        last_unit="" if unit is None else plan.units[unit].unit_id,
        movements=len(outcome.movements),
        assets_lost=sum(outcome.assets_lost),
        digest=outcome.movements.digest(),
        seconds=perf_counter() - started,
    )


def seeds(root: int, count: int) -> list[int]:
    """Seeds of `count` replications: the root and those after it."""
    return [root + number for number in range(count)]


def default_jobs() -> int:
    """Processes to use: one for each core that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


_PLAN: Plan | None = None


def _start_worker(pickled: bytes) -> None:
    global _PLAN  # noqa: PLW0603 - a worker receives its plan once, not with every task
    _PLAN = pickle.loads(pickled)  # noqa: S301 - our own bytes, from the parent process


def _task(seed: int, movements_file: Path | None) -> Replication:
    if _PLAN is None:
        raise RuntimeError("worker without a plan")
    return replicate(_PLAN, seed, movements_file)


def _can_start_workers() -> bool:
    """A fresh process imports the main module again; a program typed into standard input has none to import."""
    path = getattr(sys.modules["__main__"], "__file__", None)
    return path is None or Path(path).exists()


def run_all(
    plan: Plan, wanted: Sequence[int], jobs: int | None = None, movements: dict[int, Path] | None = None
) -> Iterator[Replication]:
    """Replications for the seeds in `wanted`, as they finish.

    With one job, or one seed, everything happens in this process. The answer for a seed does not
    depend on the number of jobs. A script that calls this with several jobs needs the usual
    ``if __name__ == "__main__":`` guard; typed into standard input, everything runs in this process.
    """
    files = movements or {}
    count = min(jobs or default_jobs(), len(wanted))
    if count <= 1 or not _can_start_workers():
        for seed in wanted:
            yield replicate(plan, seed, files.get(seed))
        return
    executor: Executor = ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(pickle.dumps(plan),),
    )
    try:
        futures = [executor.submit(_task, seed, files.get(seed)) for seed in wanted]
        for future in as_completed(futures):
            yield future.result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
