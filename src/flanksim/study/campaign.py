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
from flanksim.scenario.schema import Scenario
from flanksim.study.batch import Replication, pack, seeds, work, workers
from flanksim.study.store import Runs, Store
from flanksim.units import deadline_hour

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
        hits = sum(entry.closures["all"].hour <= deadline_h for entry in done)
        chance = wilson(hits, len(done))
        days = [entry.closures["all"].day for entry in done if not math.isnan(entry.closures["all"].hour)]
        mean = t_interval(days)
        wide = (chance.high - chance.low) / 2 > self.p_half_width
        # A mean over less than two runs has no interval: as wide as can be.
        half = (mean.high - mean.low) / 2 if len(days) > 1 else math.inf
        if days and math.isfinite(self.day_half_width):
            wide = wide or half > self.day_half_width * abs(mean.mean)
        return min(self.first, self.most - len(done)) if wide else 0


@dataclass
class _Work:
    """A cell in hand."""

    cell: Cell
    deadline_h: float
    done: dict[int, Replication] = field(default_factory=dict)
    wanted: int = 0
    packed: bytes = b""


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
        Cell key to seed to replication, in the order of cells and seeds.

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
        ended = sum(len(entry.done) for entry in works.values())
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
                    entry.done[found.seed] = found
                    ended += 1
                    if store is not None:
                        store.add(entry.cell.key, found)
                    if progress is not None:
                        progress(ended, tasks.total)
        except BaseException:
            if store is not None:
                store.interrupt()
            raise
        finally:
            for future in flying:
                future.cancel()
    return {key: dict(sorted(entry.done.items())) for key, entry in works.items()}


class _Tasks:
    """What is to be run next: cells in their order, each planned when its first run is due."""

    def __init__(self, works: dict[str, _Work], root_seed: int, rule: Replicate) -> None:
        self._works, self._root, self._rule = works, root_seed, rule
        self._queue: deque[tuple[_Work, int]] = deque()
        self._waiting = deque(works.values())
        self._open: list[_Work] = []
        self.total = sum(max(rule.first, len(entry.done)) for entry in works.values())

    def next(self) -> tuple[_Work, int] | None:
        """The next run, or None while there is nothing to start."""
        for entry in list(self._open):
            self._round(entry)
        while not self._queue and self._waiting:
            entry = self._waiting.popleft()
            entry.wanted = max(self._rule.first, len(entry.done))
            self._enqueue(entry)
            self._open.append(entry)
            self._round(entry)
        if not self._queue:
            return None
        entry, seed = self._queue.popleft()
        if not entry.packed:
            entry.packed = pack(compile_plan(entry.cell.scenario))
        return entry, seed

    def _enqueue(self, entry: _Work) -> None:
        for seed in seeds(self._root, entry.wanted):
            if seed not in entry.done:
                self._queue.append((entry, seed))

    def _round(self, entry: _Work) -> None:
        """A whole round has ended: is another one needed?"""
        if len(entry.done) < entry.wanted:
            return
        more = self._rule.more([entry.done[seed] for seed in sorted(entry.done)], entry.deadline_h)
        if not more:
            self._open.remove(entry)
            entry.packed = b""
            return
        before = entry.wanted
        entry.wanted += more
        self.total += more
        self._queue.extendleft((entry, seed) for seed in reversed(seeds(self._root, entry.wanted)[before:]))


def in_order(runs: Runs) -> Iterator[tuple[str, Replication]]:
    """Cell and replication, in the order of cells and seeds."""
    for key, entries in runs.items():
        for _, entry in sorted(entries.items()):
            yield key, entry
