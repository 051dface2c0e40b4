"""What would it take: the smallest packages of levers with which the force is closed in time."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.bounds.ladder import ladder
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import at_year
from flanksim.investment.levers import apply_levers
from flanksim.measure.alternatives import Alternative
from flanksim.measure.closure import force_of
from flanksim.measure.packages import Families, Package, one_step_below, search
from flanksim.measure.reach import PackageRuns, enough, misses_allowed
from flanksim.measure.replications import Replication, ReplicationSet
from flanksim.measure.statistics import known_or_none
from flanksim.measure.world_runs import WorldRuns
from flanksim.metrics.reach import GRID_OF_TWO, STAIRCASE
from flanksim.scenario.arguments import as_list, as_number, as_replications, as_scenario, as_seed, as_whole, wrong
from flanksim.scenario.levers import with_settings
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to
from flanksim.study.alternatives import about_package, alternative, built_by_its_year
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, next_round, run_points
from flanksim.study.parallel import default_jobs, workers
from flanksim.study.store import SEARCH, Saved, Store, kept_if_stopped, manifest_of, read_json, resolved, write_json
from flanksim.study.worlds import WorldsAsked

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reach(PackageRuns):
    """The smallest packages of levers that reach what is asked; attributes as of `flanksim.measure.reach.PackageRuns`.

    ``table()`` has a row each of them, ``staircase`` a row each step from today to the cheapest. ``steps_drawn`` and
    ``grid`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the figure.
    """

    steps_drawn = STAIRCASE
    grid = GRID_OF_TWO

    def table(self) -> pd.DataFrame:
        """One row a package, the cheapest first."""
        import pandas as pd

        flat = []
        for row in self.rows:
            low, typical, high = row["cost_bn_eur"]
            closed, chance = row["closure_day"], row["p_on_time"]
            flat.append(
                {
                    "levers": ";".join(row["levers"]),
                    "closure_day": closed.mean, "closure_day_low": closed.low, "closure_day_high": closed.high,
                    "p_on_time": chance.mean, "p_on_time_low": chance.low, "p_on_time_high": chance.high,
                    "cost_bn_eur": typical, "cost_low_bn_eur": low, "cost_high_bn_eur": high,
                    "counts_from": row["counts_from"], "gives_way_first": row["gives_way_first"],
                }
            )  # fmt: skip
        return pd.DataFrame(flat)

    def __repr__(self) -> str:
        """Summary in one line."""
        return f"Reach({self.scenario.name!r}: {len(self.smallest)} packages, by C+{self.deadline_days:g})"


@dataclass(frozen=True)
class UntilClear(Replicate):
    """Runs in small rounds until a package is out, or has all its runs.

    Attributes
    ----------
    probability
        The part of `most` runs in which the force is to be closed in time.
    """

    probability: float = 0.9

    def more(self, done: ReplicationSet) -> int:
        """Further runs that a package needs; none once too many were late."""
        count = len(done.replications)
        late = count - done.p_on_time().hits
        if count >= self.most or (count and late > misses_allowed(self.probability, self.most)):
            return 0
        return min(self.first, self.most - count)


def draw_packages(found: Reach) -> None:
    """The staircase, and the grid of two levers where there are two, into the folder of a search."""
    if found.folder is not None:
        found.steps_drawn.save(found.folder)
        if len(found.families.names) > 1:
            found.grid.save(found.folder)


def reach(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    by: float | None = None,
    probability: float = 0.9,
    *,
    troops: int | str | None = None,
    levers: Sequence[str] | str | None = None,
    replications: int = 30,
    first: int = 4,
    most: int = 200,
    seed: int | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    also: Callable[[Reach], object] | None = None,
    engine: str | None = None,
    worlds: int = 0,
    world_runs: int | None = None,
) -> Reach:
    """Find the smallest packages of levers with which the force is closed in time.

    Parameters
    ----------
    scenario
        A Scenario, or its file or name; of one that asks for a year, today is that year.
    by
        C-day at whose end the force is to be closed; the scenario's deadline if not given.
    probability
        Part of the runs in which it is, above 0 up to 1.
    troops
        Troops that are to be closed: a number, or a part of those that the scenario asks for, as ``"80%"``.
    levers
        Ids of the levers to choose from; all of them if not given, but those that move nobody.
    replications, first
        Runs of a package that reaches, and of a round after which one that cannot any more is left.
    most
        Packages that are run at most in the search.
    worlds, world_runs
        Worlds in which the packages found, and today's network, are run too, and runs of each; see `flanksim.run`.
    seed, jobs, dask, results, resume, progress, also, engine
        As of `flanksim.best_buys`.

    Returns
    -------
    Reach
        ``table()``, ``staircase``, ``needed_in_all``, ``nearest_miss()``.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E216 for an unknown lever, E217 for levers that exclude each other,
        E520 for a scenario without any.

    Examples
    --------
    >>> found = reach("plan-north", by=45, levers=["warning_14", "ships"], jobs=1)  # doctest: +SKIP
    """
    entry = as_scenario(scenario)
    entry = entry.model_copy(update={"seed": as_seed(seed, entry.seed)})
    entry = _asked(entry, by, troops)
    probability = as_number("probability", probability, 0)
    if not 0 < probability <= 1:
        raise wrong("probability", probability, "give a number above 0 and up to 1, such as 0.9")
    count = as_replications(replications, 0)
    rule = UntilClear(min(as_replications(first, 0), count), count, probability=probability)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    wanted = None if levers is None else [str(key) for key in as_list(levers)]
    return _reach(
        entry, families_of(entry, wanted), rule, as_whole("most", most, 1), options, WorldsAsked.of(worlds, world_runs)
    )


def _asked(entry: Scenario, by: float | None, troops: int | str | None) -> Scenario:
    """The scenario with the question that is put."""
    question: dict[str, Any] = {}
    if by is not None:
        question["deadline_days"] = as_number("by", by, 0)
    if troops is not None:
        question["troops_required"] = _troops(entry, troops)
    return with_settings(entry, {"question": question}) if question else entry


def _troops(entry: Scenario, troops: int | str) -> int:
    text = str(troops).strip()
    try:
        part = float(text.removesuffix("%")) / 100.0 * entry.troops_required if text.endswith("%") else float(text)
    except ValueError:
        part = math.nan
    if isinstance(troops, bool) or not part >= 1:
        raise wrong("troops", troops, "give a number such as 240000, or a part such as 80%")
    return round(part)


def families_of(entry: Scenario, wanted: Sequence[str] | None) -> Families:
    """Levers by family, in the order of their table; one without a family stands alone.

    Raises
    ------
    FlanksimError
        E216 for an unknown lever, E520 where there are none.
    """
    for key in wanted or ():
        if key not in entry.levers:
            hint = close_to(key, entry.levers, "levers.csv lists them")
            raise FlanksimError(Problem("E216", entry.name, "levers", f"unknown lever '{key}'", hint))
    rows = {
        key: row for key, row in entry.levers.items() if (not row.moves_nobody if wanted is None else key in wanted)
    }
    if not rows:
        hint = "add rows to levers.csv, or start from a scenario with tables"
        raise FlanksimError(Problem("E520", entry.name, "", "there is nothing to choose from: no levers", hint))
    found: dict[str, list[str]] = {}
    for key, row in rows.items():
        found.setdefault(row.family or key, []).append(key)
    return Families(tuple(found), tuple(map(tuple, found.values())))


@dataclass(eq=False)
class _Search:
    """Packages of a scenario as they are asked: their networks, their runs, their bounds."""

    entry: Scenario
    families: Families
    rule: UntilClear
    store: Store | None
    options: StudyOptions
    at_work: tuple[Executor, int]
    networks: dict[Package, Scenario] = field(default_factory=dict)
    runs: dict[str, tuple[Replication, ...]] = field(default_factory=dict)
    bound_days: dict[Package, float] = field(default_factory=dict)
    done: int = 0

    def __post_init__(self) -> None:
        """Bounds that were computed before an interruption."""
        path = None if self.store is None else self.store.folder / SEARCH
        self._known: dict[str, Any] = {} if path is None or not path.is_file() else read_json(path)["bounds"]
        self._built = built_by_its_year(self.entry)

    def network(self, package: Package) -> Scenario:
        """Today's network with a package."""
        if package not in self.networks:
            keys = self.families.levers(package)
            made = apply_levers(self.entry, keys, self._built) if keys else at_year(self.entry)
            self.networks[package] = made.model_copy(update={"seed": self.entry.seed})
        return self.networks[package]

    def ask(self, packages: Sequence[Package]) -> list[bool]:
        """Whether each package reaches: by its bound, where that says no, else by its runs."""
        top = self.families.top
        self._bound([package for package in packages if package == top or package in one_step_below(top)])
        out = {package for package in packages if self._beyond(package)}
        self.run([package for package in packages if package not in out], self.rule)
        return [package not in out and self._enough(package) for package in packages]

    def run(self, packages: Sequence[Package], rule: Replicate) -> None:
        """Runs of packages, as many as the rule says."""
        self._make([DesignPoint(self.network(package)) for package in packages], rule)

    def run_worlds(self, packages: Sequence[Package], others: WorldsAsked) -> None:
        """Runs of packages in other worlds, the first of them with no lever."""
        if others.count:
            points = [DesignPoint(self.network(package)) for package in packages]
            self._make(others.points(points, self.entry.seed), self.rule)

    def worlds(self, packages: Sequence[Package], others: WorldsAsked) -> dict[Package, WorldRuns]:
        """Those runs; none where none were asked for."""
        networks = {package: self.network(package) for package in packages}
        found = {key: others.found(network, self.runs, self.entry.seed) for key, network in networks.items()}
        return {key: runs for key, runs in found.items() if runs is not None}

    def _make(self, points: Sequence[DesignPoint], rule: Replicate) -> None:
        if not points:
            return
        options = next_round(self)
        found = run_points(points, self.entry.seed, rule, store=self.store, options=options, at_work=self.at_work)
        for key, made in found.items():
            if len(made) > len(self.runs.get(key, ())):
                self.runs[key] = made

    def _bound(self, packages: Sequence[Package]) -> None:
        executor = self.at_work[0]
        networks = {package: self.network(package) for package in packages if package not in self.bound_days}
        asked = {
            package: executor.submit(_bound_day, network)
            for package, network in networks.items()
            if network.digest not in self._known
        }
        for package, network in networks.items():
            if package in asked:
                day = asked[package].result()
                self._known[network.digest] = day if math.isfinite(day) else None
            known = self._known[network.digest]
            self.bound_days[package] = math.inf if known is None else known
        if asked and self.store is not None:
            write_json(self.store.folder / SEARCH, {"bounds": self._known})

    def _beyond(self, package: Package) -> bool:
        return self.bound_days.get(package, -math.inf) > self.entry.question.deadline_days + 1e-9

    def _enough(self, package: Package) -> bool:
        return enough(self.of(package), self.rule.probability, self.rule.most)

    def of(self, package: Package) -> ReplicationSet:
        """The runs of a package."""
        network = self.network(package)
        return ReplicationSet(force_of(network), self.runs[network.digest])

    def staircase(self, package: Package) -> list[Package]:
        """From nothing to a package, one lever after the other: each time the one that brings soldiers in soonest."""
        steps = [tuple(0 for _ in package)]
        few = Replicate(self.rule.first)
        while steps[-1] != package:
            last = steps[-1]
            others = [
                (*last[:place], level, *last[place + 1 :])
                for place, level in enumerate(package)
                if level != last[place]
            ]
            self.run([last, *others], few)
            now = self._first_runs(last)
            sooner = [self._first_runs(other).against(now).closing.mean for other in others]
            steps.append(min(zip(sooner, range(len(others)), others, strict=True))[2])
        self.run(steps, Replicate(self.rule.most))
        return steps

    def _first_runs(self, package: Package) -> ReplicationSet:
        found = self.of(package)
        return ReplicationSet(found.force, found.replications[: self.rule.first])


def _bound_day(network: Scenario) -> float:
    return ladder(network, groups=False, prices=False).day


def _reach(
    entry: Scenario, families: Families, rule: UntilClear, most: int, options: StudyOptions, others: WorldsAsked
) -> Reach:
    started = perf_counter()
    manifest = _manifest(entry, families, rule, most, others)
    name = folder_name(entry, "reach")
    with (
        Store.open(options.results, options.resume, name, manifest, resolved(entry)) as store,
        kept_if_stopped(store),
        workers(options.jobs or default_jobs(), options.dask) as at_work,
    ):
        made = _Search(entry, families, rule, store, options, at_work)
        costs = [about_package(entry, levels[-1:]).cost_bn_eur[1] for levels in families.levels]
        order = sorted(range(len(costs)), key=lambda place: (-costs[place], place))
        made.run([tuple(0 for _ in families.names)], Replicate(rule.most))
        found = search(families, made.ask, order, most)
        result = _result(made, found.smallest, found.whole, ())
        result = replace(result, steps=tuple(made.staircase(result.cheapest or families.top)))
        judged = (tuple(0 for _ in families.names), *found.smallest)
        made.run_worlds(judged, others)
        result = _result(made, found.smallest, found.whole, result.steps)
        result = replace(
            result,
            worlds=made.worlds(judged, others),
            seconds=perf_counter() - started,
            folder=None if store is None else store.folder,
            year=entry.year,
        )
        if store is not None:
            store.finish(made.runs)
            if len(result.table()):
                result.table().to_parquet(store.folder / "packages.parquet")
            said = {
                "bounds": made._known,
                "packages": [list(package) for package in result.packages],
                "bound_days": [[list(key), known_or_none(day)] for key, day in made.bound_days.items()],
                "smallest": [list(package) for package in found.smallest],
                "whole": found.whole,
                "steps": [list(package) for package in result.steps],
            }
            write_json(store.folder / SEARCH, said)
            if options.also is not None:
                options.also(result)
            done = sum(map(len, made.runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(result.seconds, 3)})
    return result


def _result(made: _Search, smallest: Sequence[Package], whole: bool, steps: Sequence[Package]) -> Reach:
    """Everything that was run, today's network first."""
    none = tuple(0 for _ in made.families.names)
    packages = [none, *(key for key, network in made.networks.items() if key != none and network.digest in made.runs)]
    return Reach(
        tuple(_alternative(made, package) for package in packages),
        families=made.families,
        packages=tuple(packages),
        levers={key: made.entry.levers[key] for levels in made.families.levels for key in levels},
        probability=made.rule.probability,
        most=made.rule.most,
        smallest=tuple(smallest),
        whole=whole,
        bound_days=dict(made.bound_days),
        steps=tuple(steps),
    )


def _alternative(made: _Search, package: Package) -> Alternative:
    network, keys = made.network(package), made.families.levers(package)
    about = about_package(made.entry, keys)
    bound_day = made.bound_days.get(package, math.nan)
    return alternative("+".join(keys) or "today", network, made.runs[network.digest], about, bound_day=bound_day)


def reopened(saved: Saved) -> Reach:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    manifest, entry, said = saved.manifest, saved.scenario, read_json(saved.folder / SEARCH)
    names, levels = zip(*manifest["families"], strict=True)
    families = Families(tuple(names), tuple(map(tuple, levels)))
    rule = UntilClear(manifest["first"], manifest["replications"], probability=manifest["probability"])
    with workers(1) as at_work:
        made = _Search(entry, families, rule, None, StudyOptions(jobs=1), at_work)
    made.runs = dict(saved.runs())
    made.bound_days = {tuple(key): math.inf if day is None else day for key, day in said["bound_days"]}
    for package in said["packages"]:
        made.network(tuple(package))
    smallest, steps = ([tuple(package) for package in said[key]] for key in ("smallest", "steps"))
    found = _result(made, smallest, said["whole"], steps)
    judged, others = (tuple(0 for _ in names), *smallest), WorldsAsked.of_manifest(manifest)
    found = replace(found, worlds=made.worlds(judged, others))
    return replace(found, seconds=manifest.get("seconds", 0.0), folder=saved.folder, year=entry.year)


def _manifest(entry: Scenario, families: Families, rule: UntilClear, most: int, others: WorldsAsked) -> dict[str, Any]:
    named = [[name, list(levels)] for name, levels in zip(families.names, families.levels, strict=True)]
    text = json.dumps([entry.digest, entry.seed, named, repr(rule), most]) + others.mark
    return (
        manifest_of(entry, "reach", entry.seed)
        | others.manifest
        | {
            "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
            "families": named,
            "probability": rule.probability,
            "replications": rule.most,
            "first": rule.first,
            "most": most,
        }
    )
