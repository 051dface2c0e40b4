"""Many scenarios, the same seeds: the one way in which replications are run, for a run, a sweep and a comparison.

Every scenario, a design point, sees the same random numbers, so that differences between them are paired. Each is
planned before its first run is due, while runs of earlier ones go on, and after the poorer networks below it, whose
plans may be kept (`flanksim.study.candidates`). Points with equal scenarios are one: their runs are made once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from flanksim.engine.choice import ENGINES, engine_for, simulator
from flanksim.engine.streams import seeds
from flanksim.errors import FlanksimError
from flanksim.measure.closure import force_of
from flanksim.measure.replications import Origin, Replication, ReplicationSet, replication_of
from flanksim.measure.statistics import wilson
from flanksim.network.network import Network
from flanksim.network.worlds import World
from flanksim.planning.compile import Planner
from flanksim.planning.plan import Plan
from flanksim.scenario.arguments import as_folder, as_function, as_jobs, as_replications, as_whole, one_of, wrong
from flanksim.scenario.schema import Scenario
from flanksim.study.candidates import Carried, Chosen, choose
from flanksim.study.parallel import SentPlan, default_jobs, with_plan, workers
from flanksim.study.store import Store, whole_table, write_table

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DesignPoint:
    """One scenario of a study.

    Attributes
    ----------
    plan
        Its plan, where it was made already; it is not carried over to other points.
    below
        Keys of the points whose networks are poorer versions of this one: their plans may be carried over.
    poorer
        Plans of poorer networks that were made already: they may be carried over too.
    movements
        Files for the movement tables of some runs, by seed. A run whose file is not there whole is made again.
    known_plan
        `Plan.content` of a plan whose runs are known: if that is the point's too, it gets none of its own.
    keep_plan
        Whether a plan that can be carried over is kept, however good a new one is.
    world
        Which other values its uncertain numbers have, where it is planned and run with those.
    ways_of
        A scenario whose units must have ways in the world too: where they have none, nobody's numbers that decide what
        may pass are other ones, so that alternatives are compared in the same world.
    skip, runs
        Its runs are those after the first `skip` of the study, and so many whatever the rule says; 0 for the rule's.
    """

    scenario: Scenario
    plan: Plan | None = None
    movements: Mapping[int, Path] = field(default_factory=dict)
    below: tuple[str, ...] = ()
    known_plan: str = ""
    keep_plan: bool = False
    world: World | None = None
    ways_of: Scenario | None = None
    skip: int = 0
    runs: int = 0
    poorer: tuple[Carried, ...] = field(default=(), repr=False)

    @property
    def key(self) -> str:
        """Name of the point in the tables: the digest of its scenario, in its world; with ``kept`` if its plan is."""
        own = self.scenario.digest if self.world is None else self.world.digest(self.scenario.digest)
        return f"{own}kept" if self.keep_plan else own

    @property
    def network(self) -> Scenario:
        """The scenario that is planned: in its world, which is drawn where it is asked for."""
        return self.scenario if self.world is None else self.world.of(self.scenario)

    def seeds(self, root_seed: int, count: int) -> list[int]:
        """Seeds of its first `count` runs in a study with this seed."""
        return seeds(root_seed, self.skip + count)[self.skip :]


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


class Rounds(Protocol):
    """A study that makes its runs in rounds: its options, and how many were made in the rounds before."""

    options: StudyOptions
    done: int


def next_round(study: Rounds) -> StudyOptions:
    """Options of a round of runs whose progress is told behind that of the rounds before, and counted."""
    told, before = study.options.progress, study.done

    def tick(done: int, wanted: int) -> None:
        study.done = before + done
        if told is not None:
            told(before + done, before + wanted)

    return replace(study.options, progress=tick)


def replicate(plan: Plan, seed: int, movements: Path | None = None, engine: str = "simpy") -> Replication:
    """Make one run and keep what studies need; save its movement table if a file is given."""
    started = perf_counter()
    outcome = simulator(engine)(plan, seed)
    found = replication_of(outcome, perf_counter() - started)
    if movements is not None:
        write_table(movements, outcome.table())
    return found


def _planned(point: DesignPoint, below: Sequence[Carried], root_seed: int, engine: str | None) -> Chosen:
    plans = [*point.poorer, *below]
    try:
        if point.world is not None and point.ways_of is not None:
            Planner(Network(point.world.of(point.ways_of)))
        return choose(point.network, plans, root_seed, keep=point.keep_plan, engine=engine)
    except FlanksimError as error:
        if point.world is None or any(problem.code != "E305" for problem in error.problems):
            raise
        network = replace(point.world, same_ways=True).of(point.scenario)
    found = choose(network, plans, root_seed, keep=point.keep_plan, engine=engine)
    return replace(found, origin=replace(found.origin, same_ways=True))


@dataclass(eq=False)
class _Work:
    """A point in hand.

    Attributes
    ----------
    wanted, due
        Seeds of the runs that it gets, in order, and of those that have not begun.
    missing
        How many have not ended.
    planning
        Whether its plan is being made.
    origin, carried, sent
        Where its plan comes from, what the points above may take of it, and the plan for its own runs.
    """

    point: DesignPoint
    done: dict[int, Replication]
    wanted: list[int] = field(default_factory=list)
    due: deque[int] = field(default_factory=deque)
    missing: int = 0
    planning: bool = False
    origin: Origin = field(default_factory=Origin)
    carried: Carried | None = None
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
    at_work: tuple[Executor, int] | None = None,
) -> dict[str, tuple[Replication, ...]]:
    """Make the runs of every point; what the store holds already is not made again.

    With one job, or one run, everything happens in this process. The answer does not depend on the number of jobs. A
    script that calls this with several needs the usual ``if __name__ == "__main__":`` guard; typed into standard input,
    everything runs in this process.

    Parameters
    ----------
    at_work
        What `flanksim.study.parallel.workers` gave, for whoever calls this often; they go on afterwards.

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
    kept = store.read(mend=True, cells={point.key for point in points}) if store is not None else {}
    works = {
        point.key: _Work(
            point,
            {n: run for n, run in kept.get(point.key, {}).items() if whole_table(point.movements.get(n))},
        )
        for point in points
    }
    tasks = _Tasks(works, root_seed, rule, options.engine)
    most = options.jobs or default_jobs()
    wanted = most if rule.most else max(1, min(most, tasks.total - tasks.ended))
    with workers(wanted, options.dask) if at_work is None else nullcontext(at_work) as (executor, count):
        running: dict[Future[Any], _Work] = {}
        try:
            while True:
                while len(running) < (2 * count if count > 1 else 1) and (task := tasks.next(count)) is not None:
                    running[executor.submit(*task[1:])] = task[0]
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    entry, found = running.pop(future), future.result()
                    if isinstance(found, Chosen):
                        tasks.planned(entry, found)
                        continue
                    found = tasks.end(entry, found)
                    if store is not None:
                        store.add(entry.point.key, found)
                    if options.progress is not None:
                        options.progress(tasks.ended, tasks.total)
        finally:
            for future in running:
                future.cancel()
    return {key: entry.runs for key, entry in works.items()}


#: A point, and a function with its arguments that plans it or makes one of its runs.
_Task = tuple[Any, ...]


class _Tasks:
    """What is to be done next: points in their order, each planned ahead of its first run.

    A point that is resumed goes through the same rounds again, so that what it gets does not depend on when the
    study was interrupted. One that has all its runs is planned only for the points above it that have not.
    """

    def __init__(self, works: dict[str, _Work], root_seed: int, rule: Replicate, engine: str | None) -> None:
        self._works, self._root, self._rule, self._engine = works, root_seed, rule, engine
        self._open = list(works.values())
        firsts = {key: self._rule_of(entry).first for key, entry in works.items()}
        self.total = sum(firsts.values())
        self.ended = sum(
            seed in entry.done for key, entry in works.items() for seed in entry.point.seeds(root_seed, firsts[key])
        )
        for key, entry in works.items():
            self._want(entry, firsts[key])
            self._rounds(entry)
        self._to_plan: list[_Work] = []
        for entry in self._open:
            self._plan_for(entry)
        self._above: dict[str, set[str]] = {}
        for entry in self._to_plan:
            for key in entry.point.below:
                self._above.setdefault(key, set()).add(entry.point.key)

    def _rule_of(self, entry: _Work) -> Replicate:
        return Replicate(entry.point.runs) if entry.point.runs else self._rule

    def _plan_for(self, entry: _Work) -> None:
        """A point is planned, and before it those below it."""
        if entry.point.plan is not None:
            entry.sent = SentPlan(entry.point.plan)
        if entry in self._to_plan or entry.sent is not None:
            return
        for key in entry.point.below:
            self._plan_for(self._works[key])
        self._to_plan.append(entry)

    def next(self, ahead: int) -> _Task | None:
        """The next task, or None while there is nothing to start; so many points at most are planned and not begun."""
        if sum(entry.planning or (entry.sent is not None and bool(entry.due)) for entry in self._open) < ahead:
            for entry in self._to_plan:
                below = [self._works[key].carried for key in entry.point.below]
                if all(below):
                    self._to_plan.remove(entry)
                    entry.planning = True
                    return entry, _planned, entry.point, below, self._root, self._engine
        for entry in self._open:
            if entry.due and entry.sent is not None:
                seed, engine = entry.due.popleft(), engine_for(entry.sent.plan, self._engine, self.total)
                return entry, with_plan, replicate, entry.sent, seed, entry.point.movements.get(seed), engine
        return None

    def planned(self, entry: _Work, found: Chosen) -> None:
        """The plan of a point is made."""
        entry.planning, entry.origin = False, found.origin
        known = entry.point.known_plan
        if entry in self._open and known and known == found.plan.content:
            self._open.remove(entry)
            self.total -= len(entry.wanted)
            entry.due.clear()
            entry.done.clear()
        entry.sent = SentPlan(found.plan) if entry in self._open else None
        if entry.point.key in self._above:
            entry.carried = found.carried(entry.point.key)
        for key in entry.point.below:
            self._above[key].discard(entry.point.key)
            if not self._above[key]:  # nobody above needs it any more
                self._works[key].carried = None

    def end(self, entry: _Work, found: Replication) -> Replication:
        """A run has ended."""
        found = replace(found, origin=entry.origin)
        entry.done[found.seed] = found
        entry.missing -= 1
        self.ended += 1
        self._rounds(entry)
        return found

    def _want(self, entry: _Work, more: int) -> None:
        before = len(entry.wanted)
        entry.wanted = entry.point.seeds(self._root, before + more)
        new = [seed for seed in entry.wanted[before:] if seed not in entry.done]
        entry.missing += len(new)
        entry.due.extend(new)
        if before:
            self.total += more
            self.ended += more - len(new)

    def _rounds(self, entry: _Work) -> None:
        """While a whole round has ended: is another one needed?"""
        while not entry.missing:
            more = self._rule_of(entry).more(ReplicationSet(force_of(entry.point.scenario), entry.runs))
            if not more:
                self._open.remove(entry)
                entry.sent = None
                return
            self._want(entry, more)
