"""A Study: the replications of one scenario, their statistics and their folder."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.bounds.ladder import Ladder, ladder
from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import realise
from flanksim.measure.closure import ALL, TIER_1, Group, group_key, groups, plan_key, share_closed
from flanksim.measure.statistics import Chance, Interval, Spread, middling, path_shares, spread, t_interval
from flanksim.movements import Outcome
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.arguments import as_folder, as_jobs, as_path, as_replications, as_scenario, as_seed, one_of
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study import phrases, several
from flanksim.study.batch import Replication, default_jobs, run_all, seeds
from flanksim.study.looks import Forgets, days_map, fleets, journey, queues
from flanksim.study.metric import Metric
from flanksim.study.results import write_json, write_table, write_text
from flanksim.study.store import Store, kept_if_stopped, whole_table
from flanksim.units import closure_day, deadline_hour, in_time

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from flanksim.study.explain import Explanation

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Study(Forgets):
    """Replications of one scenario, in the order in which `flanksim.study.batch.seeds` gives their seeds.

    ``closure``, ``bottlenecks``, ``queues``, ``map``, ``fleets`` and ``journey`` are metrics: a call gives a tidy
    DataFrame, ``.plot()`` the figure. The last four look at the middling replication (`shown`), or at that of a
    ``seed``, which is run again once. ``closure_spread(group)``, ``closure_day(group)`` and ``p_on_time(group)`` are
    for ``"all"``, ``"tier 1"``, or a regional plan: by its name, or by its key ``"plan <name>"`` where its name is one
    of those two.
    """

    scenario: Scenario
    plan: Plan
    replications: tuple[Replication, ...]
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)
    bound: Ladder | None = field(default=None, compare=False)

    @property
    def groups(self) -> list[str]:
        """Keys of the groups: ``all``, ``plan <name>`` for each regional plan, ``tier 1`` where there are others."""
        return list(self.parts)

    @cached_property
    def parts(self) -> dict[str, Group]:
        """The groups with their units, required troops and deadline."""
        return groups(self.plan)

    def key(self, group: str) -> str:
        """Key of a group; the name of a regional plan will do where it is no key itself.

        Raises
        ------
        FlanksimError
            E129 if there is no such group.
        """
        return group_key(group, self.parts)

    def closure_days(self, group: str = ALL) -> list[float]:
        """Closure day of each replication; nan where it never came."""
        key = self.key(group)
        return [entry.closures[key].day for entry in self.replications]

    def closure_spread(self, group: str = ALL) -> Spread:
        """Median closure day, and where nine runs in ten lie; runs that never closed count as later than all."""
        return spread(self.closure_days(group))

    def closure_day(self, group: str = ALL) -> Interval:
        """Mean closure day with its t interval, over the replications that closed; nan if none did."""
        return t_interval([value for value in self.closure_days(group) if not math.isnan(value)])

    def unclosed(self, group: str = ALL) -> int:
        """Replications that did not close by the horizon."""
        return sum(map(math.isnan, self.closure_days(group)))

    def unbeaten(self, group: str = ALL) -> float:
        """The day that no schedule beats for a group, as if it alone moved; nan where no bound was computed."""
        key = self.key(group)
        if self.bound is None:
            return math.nan
        if key == ALL:
            return self.bound.day
        best = {plan_key(g.name) if g.kind == "plan" else g.name: g.best for g in self.bound.groups}
        return best.get(key, math.nan)

    def p_on_time(self, group: str = ALL) -> Chance:
        """Chance of closing by the group's deadline: of the runs, or proved to be zero by the bound."""
        key = self.key(group)
        deadline = self.parts[key].deadline_h
        hits = sum(in_time(entry.closures[key].hour, deadline) for entry in self.replications)
        return Chance(hits, len(self.replications), not hits and beyond(self.unbeaten(key), deadline))

    def on_time_share(self, group: str = ALL) -> Interval:
        """Share of the troops closed by the group's own deadline, with its t interval cut to 0..1."""
        return self.share_by(self.parts[self.key(group)].deadline_h, group)

    def share_by(self, hour: float, group: str = ALL) -> Interval:
        """Share of a group's troops closed by an hour, with its t interval cut to 0..1."""
        part = self.parts[self.key(group)]
        found = t_interval([share_closed(self.plan, entry.closed_h, part, hour) for entry in self.replications])
        if math.isnan(found.low):
            return found
        return Interval(found.mean, max(0.0, found.low), min(1.0, found.high))

    @property
    def dates(self) -> dict[float, float]:
        """The deadlines that are asked about, in order: hour to day label; that of tier 1 where there is one."""
        question = self.scenario.question
        found = {self.plan.deadline_h: question.deadline_days}
        if TIER_1 in self.parts:
            found[self.plan.tier_1_deadline_h] = question.tier_1_deadline_days
        return dict(sorted(found.items()))

    def causes(self) -> dict[str, float]:
        """Share of the closing unit's critical path by cause over all runs, largest first; 0 to 1."""
        return path_shares([entry.causes_h for entry in self.replications])

    @property
    def shown(self) -> Replication:
        """The middling replication, nearest to the median closure: the one that is looked at more closely."""
        return self.replications[middling(self.closure_days())]

    @cached_property
    def closure(self) -> Metric:
        """One row a group: troops, closure day and probability with intervals; the figure is the closure curve."""
        return several.closure(self)

    @cached_property
    def bottlenecks(self) -> Metric:
        """Causes of the critical path: mean days over the replications that closed, with 95 % intervals."""
        return several.bottlenecks(self)

    @cached_property
    def queues(self) -> Metric:
        """Serials that wait at noon of each day, by element."""
        return queues(self.scenario, self.plan, self._replay)

    @cached_property
    def map(self) -> Metric:
        """What moves, waits and is closed at the end of some days."""
        return days_map(self.scenario, self.plan, self._replay)

    @cached_property
    def fleets(self) -> Metric:
        """How lift spends its hours."""
        return fleets(self.scenario, self.plan, self._replay)

    @cached_property
    def journey(self) -> Metric:
        """Every serial of a unit from C-day to its closure; without a name, of the one that completes the force."""
        return journey(self.scenario, self.plan, self._replay)

    @cached_property
    def _replayed(self) -> dict[int, Outcome]:
        return {}

    def _replay(self, seed: int | None = None) -> Outcome:
        """The movements of a replication, run again when first asked for; the last few are kept."""
        chosen = self.shown.seed if seed is None else seed
        if chosen not in self._replayed:
            while len(self._replayed) > 2:
                del self._replayed[next(iter(self._replayed))]
            self._replayed[chosen] = simulate_plan(self.plan, chosen)
        return self._replayed[chosen]

    def explain(self, unit: str | None = None, **options: Any) -> Explanation:
        """Why so late, and what to try, as `flanksim.study.explain.explain` of this study's folder.

        Raises
        ------
        FlanksimError
            E120 if the study was not saved.
        """
        from flanksim.study.explain import explain

        return explain(self._saved("explain"), unit, **options)

    def report(self, path: str | Path | None = None) -> Path:
        """Write report.html into this study's folder, and a copy to `path` if that is given.

        Raises
        ------
        FlanksimError
            E120 if the study was not saved.
        """
        folder = self._saved("report")
        # The page stands above the study, which may not know it: it is looked up only when somebody asks.
        page: Path = import_module("flanksim.report.build").build(folder)
        if path is None:
            return page
        target = as_path("path", path)
        write_text(target, page.read_text(encoding="utf-8"))
        return target

    def _saved(self, what: str) -> Path:
        if self.folder is None:
            hint = 'run it with results="results", or flanksim run on the command line'
            raise FlanksimError(
                Problem("E120", self.scenario.name, what, "this study has no results folder: it was not saved", hint)
            )
        return self.folder

    @property
    def seed(self) -> int:
        """Seed of the study, from which those of its replications are made."""
        return self.scenario.seed

    def runs(self) -> pd.DataFrame:
        """One row a replication."""
        import pandas as pd

        return pd.DataFrame([_row(entry) for entry in self.replications])

    def units(self) -> pd.DataFrame:
        """One row a unit and replication: when its troops were in and when it was closed (C-days)."""
        import pandas as pd

        rows = [
            {
                "seed": entry.seed,
                "unit": unit.unit_id,
                "regional_plan": unit.regional_plan,
                "nation": unit.nation,
                "troops": unit.troops,
                "troops_in_day": closure_day(troops),
                "closed_day": closure_day(closed),
            }
            for entry in self.replications
            for unit, closed, troops in zip(self.plan.units, entry.closed_h, entry.troops_h, strict=True)
        ]
        return pd.DataFrame(rows)

    def plot(self) -> Axes:
        """Closure curve with its band over replications."""
        return self.closure.plot()

    def _repr_html_(self) -> str:
        return several.as_html(self)

    def __repr__(self) -> str:
        """Summary in one line."""
        when, chance = phrases.closed_on(self.closure_spread()), self.p_on_time().words()
        return f"Study({self.scenario.name!r}: {when}, {len(self.replications)} runs; in time: {chance})"


def beyond(bound_day: float, deadline_h: float) -> bool:
    """Whether a bound (closure day) lies so far behind a deadline that rounding in its arithmetic is no reason."""
    return not math.isnan(bound_day) and not in_time(deadline_hour(bound_day), deadline_h)


def _row(entry: Replication) -> dict[str, Any]:
    row: dict[str, Any] = {
        "seed": entry.seed,
        "movements": entry.movements,
        "assets_lost": entry.assets_lost,
        "last_unit": entry.last_unit,
        "digest": entry.digest,
    }
    for group, closure in entry.closures.items():
        name = group.replace(" ", "_", 1)  # of a plan's own name nothing is replaced: "a b" is not "a_b"
        row[f"closure_day_{name}"] = closure.day
        row[f"on_time_share_{name}"] = closure.on_time_share
    return row


def run_study(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int | None = None,
    *,
    jobs: int | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    keep_movements: str = "first",
    progress: Progress | None = None,
    bounds: bool = False,
    also: Callable[[Study], object] | None = None,
) -> Study:
    """Run a scenario's replications; save them as they finish if `results` is given.

    Parameters
    ----------
    scenario
        A Scenario, or the path or name of one. Where it asks for a year, the network is that of the year.
    seed
        Of the study, whose replications have seeds of their own (`flanksim.study.batch.seeds`); the scenario's if
        not given. ``flanksim.simulate(scenario, seed=...)`` with the seed of a replication repeats it.
    results
        Root folder; a new folder ``<results>/<scenario>/<stamp>`` is made in it.
    resume
        Folder of a study that was interrupted: what had ended in it is not run again.
    keep_movements
        ``"first"``, ``"all"`` or ``"none"``: of which replications the movement table is saved.
    progress
        Called with (done, wanted) after each replication.
    bounds
        Compute what no schedule can beat as well.
    also
        Called with the study when its tables are written and before the manifest says ``complete``, for files that
        belong into the folder too.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E501, E502, E507 or E508 for a folder that cannot be used, and what
        `flanksim.load` and `compile_plan` raise.
    KeyboardInterrupt
        After Ctrl-C; what had finished is in the folder, and the manifest says ``interrupted``.
    """
    started = perf_counter()
    asked = as_scenario(scenario)
    asked = asked.model_copy(update={"seed": as_seed(seed, asked.seed)})
    count, jobs = as_replications(replications, asked.replications), as_jobs(jobs)
    one_of("keep_movements", keep_movements, ("first", "all", "none"))
    root, again = as_folder("results", results), as_folder("resume", resume)
    entry = realise(asked)
    plan = compile_plan(entry)
    wanted = seeds(asked.seed, count)
    manifest = _manifest(entry, plan, wanted, jobs)
    done: dict[int, Replication] = {}
    with Store.open(root, again, folder_name(entry), manifest, resolved(entry)) as store:
        study = Study(entry, plan, (), folder=None if store is None else store.folder)
        with kept_if_stopped(store, lambda: _save(replace(study, replications=_in_order(done, wanted)))):
            files = {} if store is None else _begin(store, asked, wanted, keep_movements, done)
            with closing(run_all(plan, [seed for seed in wanted if seed not in done], jobs, files)) as running:
                for run in running:
                    if store is not None:
                        store.add(entry.digest, run)
                    done[run.seed] = run
                    if progress is not None:
                        progress(len(done), count)
            bound = ladder(entry) if bounds else None
            seconds = perf_counter() - started
            study = replace(study, replications=_in_order(done, wanted), seconds=seconds, bound=bound)
            _save(study)
            if also is not None:
                also(study)
            if store is not None:
                store.complete(manifest | {"done": count, "seconds": round(seconds, 3)})
    return study


def _begin(
    store: Store, asked: Scenario, wanted: list[int], keep_movements: str, done: dict[int, Replication]
) -> dict[int, Path]:
    """What a folder has from the first: what spending built, and in `done` the runs that need not be made again.

    Returns
    -------
    dict
        Files for the movements of some runs. A run whose movements are wanted and not there whole is made again.
    """
    entry = realise(asked)
    if asked.year is not None:
        from flanksim.study.built import built

        # the saved scenario is the network of the year; what made it so is kept beside it
        write_json(store.folder / "projects.json", built(asked, asked.spending, asked.year))
    kept = {"first": wanted[:1], "all": wanted, "none": []}[keep_movements]
    files = {seed: store.folder / "movements" / f"run-{seed}.parquet" for seed in kept}
    known = store.read().get(entry.digest, {})
    done.update({seed: known[seed] for seed in wanted if seed in known and whole_table(files.get(seed))})
    return files


def _in_order(done: dict[int, Replication], wanted: list[int]) -> tuple[Replication, ...]:
    return tuple(done[seed] for seed in wanted if seed in done)


def resolved(scenario: Scenario) -> str:
    """The whole scenario, tables included, as text that `load` reads (JSON is YAML 1.2)."""
    content = scenario.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # halves of a character, which UTF-8 does not know
        text = json.dumps(content, indent=1)
    return text + "\n"


def _save(study: Study) -> int:
    """Tables and bound of what there is; the number of runs in them."""
    import pyarrow as pa

    folder, count = study.folder, len(study.replications)
    if folder is None or not count:
        return count
    write_table(folder / "runs.parquet", pa.Table.from_pandas(study.runs(), preserve_index=False))
    write_table(folder / "units.parquet", pa.Table.from_pandas(study.units(), preserve_index=False))
    if study.bound is not None:
        write_json(folder / "bound.json", study.bound.as_json())
    return count


def manifest_of(scenario: Scenario, kind: str, seed: int) -> dict[str, Any]:
    """What every results folder says of itself."""
    packages = ("flanksim", "simpy", "networkx", "numpy", "scipy", "pydantic")
    return {
        "kind": kind,
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "title": scenario.title or scenario.name,
        "overrides": list(scenario.overrides),
        "seed": seed,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


def _manifest(scenario: Scenario, plan: Plan, wanted: list[int], jobs: int | None) -> dict[str, Any]:
    return manifest_of(scenario, "run", scenario.seed) | {
        "study_digest": f"{plan.digest}-{wanted[0]}-{len(wanted)}",
        "plan_digest": plan.digest,
        "status": "running",
        "replications": len(wanted),
        "jobs": jobs or default_jobs(),
        "serials": plan.moving_serials,
        "units": len(plan.units),
        "troops_required": plan.troops_required,
    }
