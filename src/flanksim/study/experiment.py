"""Many scenarios, the same seeds: the one way in which replications are run, for a run, a sweep and a comparison.

Every scenario, a design point, sees the same random numbers, so that differences between them are paired. Each is
planned when its first run is due, while runs of earlier ones go on. Points with equal scenarios are one: their runs are
made once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from flanksim.engine.choice import ENGINES, engine_for, simulator
from flanksim.engine.streams import seeds
from flanksim.measure.closure import force_of
from flanksim.measure.replications import Replication, ReplicationSet, replication_of
from flanksim.measure.statistics import wilson
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.arguments import as_folder, as_function, as_jobs, as_replications, as_whole, one_of, wrong
from flanksim.scenario.schema import Scenario
from flanksim.study.parallel import SentPlan, default_jobs, with_plan, workers
from flanksim.study.store import Store, whole_table, write_table

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DesignPoint:
    """One scenario of a study.

    Attributes
    ----------
    plan
        Its plan, where it was made already.
    movements
        Files for the movement tables of some runs, by seed. A run whose file is not there whole is made again.
    """

    scenario: Scenario
    plan: Plan | None = None
    movements: Mapping[int, Path] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of the point in the tables: the digest of its scenario."""
        return self.scenario.digest


@dataclass(frozen=True)
class Replicate:
    """How many runs a design point gets.

    Attributes
    ----------
    first
        Runs of every point.
    most
        With a precision: further rounds of `first` runs, up to this many.
    p_half_width
        Stop once the interval of P(on time) is at most this wide to either side.
    day_half_width
        And the interval of the mean closure at most this part of the mean.
    """

    first: int = 20
    most: int = 0
    p_half_width: float = math.inf
    day_half_width: float = math.inf

    def more(self, done: ReplicationSet) -> int:
        """Further runs that a point needs, given those that it has; decided on whole rounds only."""
        count = len(done.replications)
        if not count or count >= max(self.first, self.most):
            return max(0, self.first - count)
        chance, mean = wilson(done.p_on_time().hits, count), done.closure_day()
        wide = (chance.high - chance.low) / 2 > self.p_half_width
        # A mean over less than two runs has no interval: as wide as can be.
        half = math.inf if math.isnan(mean.low) else (mean.high - mean.low) / 2
        if done.unclosed() < count and math.isfinite(self.day_half_width):
            wide = wide or half > self.day_half_width * abs(mean.mean)
        return min(self.first, self.most - count) if wide else 0

    def __post_init__(self) -> None:
        """Numbers that make sense, as Python's own."""
        object.__setattr__(self, "first", as_replications(self.first, 0))
        object.__setattr__(self, "most", as_whole("most", self.most, 0))
        for name in ("p_half_width", "day_half_width"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
                raise wrong(name, value, "give a number above 0, such as 0.02")


def as_rule(precision: Replicate | None, replications: int) -> Replicate:
    """The rule that was given, else one with this number of runs."""
    if precision is None:
        return Replicate(as_replications(replications, 0))
    if isinstance(precision, Replicate):
        return precision
    raise wrong("precision", precision, "give flanksim.Replicate(20, 100, day_half_width=0.02)")


@dataclass(frozen=True)
class StudyOptions:
    """How a study is done, whatever it asks, see `flanksim.run`; arguments that cannot be used are refused.

    Attributes
    ----------
    jobs, dask
        Processes on this machine, or the address of the scheduler of a Dask cluster.
    results, resume
        Root for a new folder, or the folder that is to be finished.
    progress, also
        Called with (done, wanted), and with what the study has found.
    engine
        What makes the runs, see `flanksim.engine.choice`; the answer does not depend on it.
    """

    jobs: int | None = None
    dask: str | None = None
    results: Path | None = None
    resume: Path | None = None
    progress: Progress | None = None
    also: Callable[[Any], object] | None = None
    engine: str | None = None

    def __post_init__(self) -> None:
        """What was given, as what it stands for."""
        object.__setattr__(self, "jobs", as_jobs(self.jobs))
        for name in ("results", "resume"):
            object.__setattr__(self, name, as_folder(name, getattr(self, name)))
        if not isinstance(self.dask, str | None):
            raise wrong("dask", self.dask, 'give the address of a scheduler, such as "tcp://host:8786"')
        as_function("progress", self.progress, "give a function of (done, wanted)")
        as_function("also", self.also, "give a function of what the study has found")
        one_of("engine", self.engine, (None, *ENGINES))


def replicate(plan: Plan, seed: int, movements: Path | None = None, engine: str = "simpy") -> Replication:
    """Make one run and keep what studies need; save its movement table if a file is given."""
    started = perf_counter()
    outcome = simulator(engine)(plan, seed)
    found = replication_of(outcome, perf_counter() - started)
    if movements is not None:
        write_table(movements, outcome.table())
    return found


@dataclass
class _Work:
    """A point in hand: the seeds of the runs that it gets, in order, those that have ended, and how many have not."""

    point: DesignPoint
    done: dict[int, Replication]
    wanted: list[int] = field(default_factory=list)
    missing: int = 0
    sent: SentPlan | None = None

    @property
    def runs(self) -> tuple[Replication, ...]:
        """What has ended of the runs that it gets, in their order."""
        return tuple(self.done[seed] for seed in self.wanted if seed in self.done)


def run_points(
    points: Sequence[DesignPoint],
    root_seed: int,
    rule: Replicate,
    *,
    store: Store | None = None,
    options: StudyOptions,
) -> dict[str, tuple[Replication, ...]]:
    """Make the runs of every point; what the store holds already is not made again.

    With one job, or one run, everything happens in this process. The answer does not depend on the number of jobs. A
    script that calls this with several needs the usual ``if __name__ == "__main__":`` guard; typed into standard input,
    everything runs in this process.

    Returns
    -------
    dict
        Key of the point to its runs, in the order of points and seeds.

    Raises
    ------
    FlanksimError
        E305 and the like for a scenario that cannot be planned, E503 for a cluster that does not answer.
    KeyboardInterrupt
        After Ctrl-C; the runs that had ended are in the store.
    """
    kept = store.read(mend=True) if store is not None else {}
    works = {
        point.key: _Work(
            point,
            {n: run for n, run in kept.get(point.key, {}).items() if whole_table(point.movements.get(n))},
        )
        for point in points
    }
    tasks = _Tasks(works, root_seed, rule)
    most = options.jobs or default_jobs()
    with workers(most if rule.most else max(1, min(most, tasks.total - tasks.ended)), options.dask) as (
        executor,
        count,
    ):
        running: dict[Future[Replication], _Work] = {}
        try:
            while True:
                while len(running) < (2 * count if count > 1 else 1) and (task := tasks.next()) is not None:
                    entry, sent, seed = task
                    file = entry.point.movements.get(seed)
                    engine = engine_for(sent.plan, options.engine, tasks.total)
                    running[executor.submit(with_plan, replicate, sent, seed, file, engine)] = entry
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    entry = running.pop(future)
                    found = future.result()
                    tasks.end(entry, found)
                    if store is not None:
                        store.add(entry.point.key, found)
                    if options.progress is not None:
                        options.progress(tasks.ended, tasks.total)
        finally:
            for future in running:
                future.cancel()
    return {key: entry.runs for key, entry in works.items()}


class _Tasks:
    """What is to be run next: points in their order, each planned when its first run is due.

    A point that is resumed goes through the same rounds again, so that what it gets does not depend on when the
    study was interrupted.
    """

    def __init__(self, works: dict[str, _Work], root_seed: int, rule: Replicate) -> None:
        self._root, self._rule = root_seed, rule
        self._queue: deque[tuple[_Work, int]] = deque()
        self._waiting = deque(works.values())
        self._open: list[_Work] = []
        first = seeds(root_seed, rule.first)
        self.total = rule.first * len(works)
        self.ended = sum(seed in entry.done for entry in works.values() for seed in first)

    def next(self) -> tuple[_Work, SentPlan, int] | None:
        """The next run, or None while there is nothing to start."""
        for entry in list(self._open):
            self._rounds(entry)
        while not self._queue and self._waiting:
            entry = self._waiting.popleft()
            self._open.append(entry)
            self._want(entry, self._rule.first)
            self._rounds(entry)
        if not self._queue:
            return None
        entry, seed = self._queue.popleft()
        entry.sent = entry.sent or SentPlan(entry.point.plan or compile_plan(entry.point.scenario))
        return entry, entry.sent, seed

    def end(self, entry: _Work, found: Replication) -> None:
        """A run has ended."""
        entry.done[found.seed] = found
        entry.missing -= 1
        self.ended += 1

    def _want(self, entry: _Work, more: int) -> None:
        before = len(entry.wanted)
        entry.wanted = seeds(self._root, before + more)
        new = [seed for seed in entry.wanted[before:] if seed not in entry.done]
        entry.missing += len(new)
        self._queue.extendleft((entry, seed) for seed in reversed(new))
        if before:
            self.total += more
            self.ended += more - len(new)

    def _rounds(self, entry: _Work) -> None:
        """While a whole round has ended: is another one needed?"""
        while not entry.missing:
            more = self._rule.more(ReplicationSet(force_of(entry.point.scenario), entry.runs))
            if not more:
                self._open.remove(entry)
                entry.sent = None
                return
            self._want(entry, more)
