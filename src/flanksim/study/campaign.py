"""Many scenarios, the same seeds: cells are planned one after the other while earlier ones run.

Every cell sees the same random numbers, so that differences between cells are paired. Cells with equal
scenarios are one cell: their runs are made once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from flanksim.measure.statistics import t_interval, wilson
from flanksim.planning.compile import compile_plan
from flanksim.scenario.arguments import as_replications, as_whole, wrong
from flanksim.scenario.schema import Scenario
from flanksim.study.batch import Replication, pack, seeds, work, workers
from flanksim.study.store import Runs, Store
from flanksim.units import deadline_hour, in_time

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cell:
    """One scenario of a study; its key is the digest of the scenario."""

    scenario: Scenario

    @property
    def key(self) -> str:
        """Name of the cell in the tables."""
        return self.scenario.digest


@dataclass(frozen=True)
class Replicate:
    """How many runs a cell gets.

    Attributes
    ----------
    first
        Runs of every cell.
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

    def more(self, done: Sequence[Replication], deadline_h: float) -> int:
        """Further runs that this cell needs, given those that it has; decided on whole rounds only."""
        if not done or len(done) >= max(self.first, self.most):
            return max(0, self.first - len(done))
        hits = sum(in_time(entry.closures["all"].hour, deadline_h) for entry in done)
        chance = wilson(hits, len(done))
        days = [entry.closures["all"].day for entry in done if not math.isnan(entry.closures["all"].hour)]
        mean = t_interval(days)
        wide = (chance.high - chance.low) / 2 > self.p_half_width
        # A mean over less than two runs has no interval: as wide as can be.
        half = (mean.high - mean.low) / 2 if len(days) > 1 else math.inf
        if days and math.isfinite(self.day_half_width):
            wide = wide or half > self.day_half_width * abs(mean.mean)
        return min(self.first, self.most - len(done)) if wide else 0

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
    raise wrong("precision", precision, "give Replicate(20, 100, day_half_width=0.02) of flanksim.study.campaign")


@dataclass
class _Work:
    """A cell in hand: the seeds of the runs that it gets, in order, those that have ended, and how many have not."""

    cell: Cell
    deadline_h: float
    done: dict[int, Replication]
    wanted: list[int] = field(default_factory=list)
    missing: int = 0
    packed: bytes = b""

    @property
    def runs(self) -> dict[int, Replication]:
        """What has ended of the runs that it gets, in their order."""
        return {seed: self.done[seed] for seed in self.wanted if seed in self.done}


def run_cells(
    cells: Sequence[Cell],
    root_seed: int,
    rule: Replicate,
    *,
    store: Store | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
) -> Runs:
    """Run every cell; what the store holds already is not run again.

    Returns
    -------
    dict
        Cell key to seed to replication, in the order of cells and runs.

    Raises
    ------
    FlanksimError
        E305 and the like for a scenario that cannot be planned, E503 for a cluster that does not answer.
    KeyboardInterrupt
        After Ctrl-C; the runs that had ended are in the store.
    """
    kept = store.read() if store is not None else {}
    unique = {cell.key: cell for cell in cells}
    works = {
        key: _Work(cell, deadline_hour(cell.scenario.question.deadline_days), dict(kept.get(key, {})))
        for key, cell in unique.items()
    }
    with workers(jobs, dask) as (executor, count):
        tasks = _Tasks(works, root_seed, rule)
        flying: dict[Future[Replication], _Work] = {}
        try:
            while True:
                while len(flying) < 2 * count and (task := tasks.next()) is not None:
                    entry, seed = task
                    future = executor.submit(work, entry.cell.key, entry.packed, seed, None)
                    flying[future] = entry
                if not flying:
                    break
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    entry = flying.pop(future)
                    found = future.result()
                    tasks.end(entry, found)
                    if store is not None:
                        store.add(entry.cell.key, found)
                    if progress is not None:
                        progress(tasks.ended, tasks.total)
        finally:
            for future in flying:
                future.cancel()
    return {key: entry.runs for key, entry in works.items()}


class _Tasks:
    """What is to be run next: cells in their order, each planned when its first run is due.

    A cell that is resumed goes through the same rounds again, so that what it gets does not depend on when the
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

    def next(self) -> tuple[_Work, int] | None:
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
        if not entry.packed:
            entry.packed = pack(compile_plan(entry.cell.scenario))
        return entry, seed

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
            more = self._rule.more(list(entry.runs.values()), entry.deadline_h)
            if not more:
                self._open.remove(entry)
                entry.packed = b""
                return
            self._want(entry, more)


def in_order(runs: Runs) -> Iterator[tuple[str, Replication]]:
    """Cell and replication, in the order of cells and runs."""
    for key, entries in runs.items():
        for entry in entries.values():
            yield key, entry
