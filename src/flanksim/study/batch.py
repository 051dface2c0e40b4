"""Independent replications over processes on one machine; results stream back as they finish."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError, Problem
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


#: Seeds of replications have so many bits: no two of a study are equal, and a spreadsheet, which keeps 15 digits,
#: and JSON give them back whole.
SEED_BITS = 49


def seeds(root: int, count: int) -> list[int]:
    """Seeds of the first `count` replications of a study whose seed is `root`; a replication is repeated by its own.

    They are numpy's `SeedSequence.spawn`: studies with neighbouring seeds share no run. The first seeds stay the
    same whatever the count.

    Examples
    --------
    >>> seeds(2026, 3)[:2] == seeds(2026, 2)
    True
    >>> set(seeds(2026, 100)) & set(seeds(2027, 100))
    set()
    """
    children = np.random.SeedSequence(root).spawn(count)
    return [int(child.generate_state(1, np.uint64)[0]) >> (64 - SEED_BITS) for child in children]


def default_jobs() -> int:
    """Processes to use: one for each core that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


_PLANS: dict[str, Plan] = {}


def pack(plan: Plan) -> bytes:
    """A plan as it is sent to the workers."""
    return zlib.compress(pickle.dumps(plan), 1)


def unpacked(key: str, packed: bytes) -> Plan:
    """The plan in a worker, which keeps the last few."""
    if key not in _PLANS:
        while len(_PLANS) > 2:
            del _PLANS[next(iter(_PLANS))]
        _PLANS[key] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - our own bytes, from the parent process
    return _PLANS[key]


def work(key: str, packed: bytes, seed: int, movements_file: Path | None = None) -> Replication:
    """One run in a worker."""
    return replicate(unpacked(key, packed), seed, movements_file)


def _can_start_workers() -> bool:
    """A fresh process imports the main module again; a program typed into standard input has none to import."""
    path = getattr(sys.modules["__main__"], "__file__", None)
    return path is None or Path(path).exists()


class _Here(Executor):
    """Runs each task at once, in this process."""

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(task(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future


def _start_worker() -> None:
    """In a worker: end with the process that started it, however that one ends."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes started in here never see Ctrl-C; this one sees it afterwards, and ends them."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # when it starts by itself, it lets interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers now, whatever they are at: nobody waits for it any more."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.terminate()


@contextmanager
def workers(jobs: int | None = None, dask: str | None = None) -> Iterator[tuple[Executor, int]]:
    """An executor and the number of its workers: this process, processes on this machine, or a Dask cluster.

    What is left in an error or an interruption ends the processes at once.

    Raises
    ------
    FlanksimError
        E503 if the cluster cannot be reached or its client is not installed, E504 if a process ends by itself.
    """
    count = jobs or default_jobs()
    if dask is not None:
        with _cluster(dask) as found:
            yield found
        return
    if count <= 1 or not _can_start_workers():
        yield _Here(), 1
        return
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_start_worker)
    try:
        with _no_interrupts():
            pool.submit(default_jobs)  # the first task, whatever it is, starts the processes
        yield pool, count
    except BrokenProcessPool as error:
        raise FlanksimError(
            Problem(
                "E504",
                getattr(sys.modules["__main__"], "__file__", "") or "workers",
                "",
                "a worker process ended before its run",
                'in a script, put what starts the study under if __name__ == "__main__":, or use jobs=1',
            )
        ) from error
    except BaseException:
        _end(pool)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError as error:
        raise FlanksimError(
            Problem("E503", address, "--dask", "the Dask client is not installed", "pip install 'flanksim[dask]'")
        ) from error
    try:
        client: Any = Client(address, timeout="5s")  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise FlanksimError(
            Problem(
                "E503",
                address,
                "--dask",
                "no scheduler answers there within 5 s",
                "start one with `dask scheduler`, and check host, port and tcp://",
            )
        ) from error
    with client:
        count = sum(client.nthreads().values())
        if not count:
            raise FlanksimError(
                Problem("E503", address, "--dask", "the cluster has no workers", "start some with `dask worker`")
            )
        yield client.get_executor(pure=False), count


def run_all(
    plan: Plan, wanted: Sequence[int], jobs: int | None = None, movements: dict[int, Path] | None = None
) -> Generator[Replication]:
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
    packed = pack(plan)
    with workers(count) as (executor, _):
        futures = [executor.submit(work, plan.digest, packed, seed, files.get(seed)) for seed in wanted]
        for future in as_completed(futures):
            yield future.result()
