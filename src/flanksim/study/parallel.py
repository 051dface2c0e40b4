"""Tasks over processes on this machine or over a Dask cluster; a plan is sent to each worker once."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, resource_tracker
from pathlib import Path
from typing import Any, TypeVar

from flanksim.errors import FlanksimError, Problem
from flanksim.planning.plan import Plan

T = TypeVar("T")


def default_jobs() -> int:
    """Processes to use: one for each core that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


_PLANS: dict[str, Plan] = {}


class SentPlan:
    """A plan on its way to workers: packed once here, unpacked once in each of them; in this process itself."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._packed = b""

    def __reduce__(self) -> tuple[Callable[[str, bytes], SentPlan], tuple[str, bytes]]:
        """Its digest and its bytes."""
        self._packed = self._packed or zlib.compress(pickle.dumps(self.plan), 1)
        return _received, (self.plan.digest, self._packed)


def _received(digest: str, packed: bytes) -> SentPlan:
    """In a worker, which keeps the last few plans."""
    if digest not in _PLANS:
        while len(_PLANS) > 2:
            del _PLANS[next(iter(_PLANS))]
        _PLANS[digest] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - our own bytes, from the parent process
    return SentPlan(_PLANS[digest])


def with_plan(what: Callable[..., T], sent: SentPlan, *arguments: Any) -> T:
    """A task on a plan, for an executor."""
    return what(sent.plan, *arguments)


def over_seeds(what: Callable[..., T], plan: Plan, wanted: Sequence[int], *arguments: Any, jobs: int | None) -> list[T]:
    """``what(plan, seed, *arguments)`` for each seed, in order, over processes on this machine."""
    sent = SentPlan(plan)
    with workers(min(jobs or default_jobs(), len(wanted))) as (executor, _):
        futures = [executor.submit(with_plan, what, sent, seed, *arguments) for seed in wanted]
        return [future.result() for future in futures]


def _can_start_workers() -> bool:
    """A fresh process imports the main module again; a program typed into standard input has none to import."""
    path = getattr(sys.modules["__main__"], "__file__", None)
    return path is None or Path(path).exists()


class _InThisProcess(Executor):
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
        yield _InThisProcess(), 1
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
