"""A Study: the replications of one scenario, their statistics and their folder."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.bounds.ladder import Ladder, ladder
from flanksim.engine.simulate import Outcome, simulate_plan
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import realise
from flanksim.measure.statistics import Interval, t_interval, wilson
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study import several
from flanksim.study.batch import Replication, default_jobs, run_all, seeds
from flanksim.study.looks import Forgets, days_map, fleets, journey, queues
from flanksim.study.metric import Metric
from flanksim.study.results import write_json, write_table, write_text
from flanksim.study.store import Store

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from flanksim.study.explain import Explanation

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Study(Forgets):
    """Replications of one scenario, in order of their seeds.

    ``closure``, ``bottlenecks``, ``queues``, ``map``, ``fleets`` and ``journey`` are metrics: a call gives a tidy
    DataFrame, ``.plot()`` the figure. The last four look at the first replication, or at that of a ``seed``, which
    is run again once. ``closure_day(group)`` and ``p_on_time(group)`` are intervals, for ``"all"``, a regional
    plan, or ``"tier 1"``.
    """

    scenario: Scenario
    plan: Plan
    replications: tuple[Replication, ...]
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)
    bound: Ladder | None = field(default=None, compare=False)

    @property
    def groups(self) -> list[str]:
        """``all``, the regional plans, and ``tier 1`` where there is more than one tier."""
        return list(self.replications[0].closures)

    def closure_day(self, group: str = "all") -> Interval:
        """Mean closure day with its t interval, over the replications that closed; nan if none did."""
        values = [entry.closures[group].day for entry in self.replications]
        return t_interval([value for value in values if not math.isnan(value)])

    def unclosed(self, group: str = "all") -> int:
        """Replications that did not close by the horizon."""
        return sum(math.isnan(entry.closures[group].hour) for entry in self.replications)

    def p_on_time(self, group: str = "all") -> Interval:
        """Probability of closing by the deadline, with Wilson's interval; unclosed runs are failures."""
        deadline = self.plan.tier_1_deadline_h if group == "tier 1" else self.plan.deadline_h
        hits = sum(entry.closures[group].hour <= deadline for entry in self.replications)
        return wilson(hits, len(self.replications))

    def on_time_share(self, group: str = "all") -> Interval:
        """Share of the troops closed by the deadline, with its t interval cut to 0..1."""
        found = t_interval([entry.closures[group].on_time_share for entry in self.replications])
        return Interval(found.mean, max(0.0, found.low), min(1.0, found.high))

    def causes(self) -> dict[str, float]:
        """Mean share of the closing unit's critical path by cause, largest first; 0 to 1."""
        total: dict[str, float] = {}
        closed = [entry for entry in self.replications if entry.causes_h]
        for entry in closed:
            whole = sum(entry.causes_h.values())
            for cause, hours in entry.causes_h.items():
                total[cause] = total.get(cause, 0.0) + hours / whole / len(closed)
        return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))

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
        chosen = self.replications[0].seed if seed is None else seed
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
        write_text(Path(path), page.read_text(encoding="utf-8"))
        return Path(path)

    def _saved(self, what: str) -> Path:
        if self.folder is None:
            hint = 'run it with results=Path("results"), or flanksim run on the command line'
            raise FlanksimError(
                Problem("E120", self.scenario.name, what, "this study has no results folder: it was not saved", hint)
            )
        return self.folder

    def runs(self) -> pd.DataFrame:
        """One row a replication."""
        import pandas as pd

        return pd.DataFrame([_row(entry) for entry in self.replications])

    def units(self) -> pd.DataFrame:
        """One row a unit and replication: when its troops were in and when it was closed (C-days)."""
        import pandas as pd

        from flanksim.units import closure_day

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
        day = self.closure_day()
        when = "not closed" if math.isnan(day.mean) else f"C+{day.mean:.1f} ({day.low:.1f}-{day.high:.1f})"
        return f"Study({self.scenario.name!r}: {when}, P = {self.p_on_time().mean:.2f}, {len(self.replications)} runs)"


def _row(entry: Replication) -> dict[str, Any]:
    row: dict[str, Any] = {
        "seed": entry.seed,
        "movements": entry.movements,
        "assets_lost": entry.assets_lost,
        "last_unit": entry.last_unit,
        "digest": entry.digest,
    }
    for group, closure in entry.closures.items():
        name = group.replace(" ", "_")
        row[f"closure_day_{name}"] = closure.day
        row[f"on_time_share_{name}"] = closure.on_time_share
    return row


def run_study(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    *,
    jobs: int | None = None,
    results: Path | None = None,
    resume: Path | None = None,
    keep_movements: str = "first",
    progress: Progress | None = None,
    bounds: bool = False,
) -> Study:
    """Run a scenario's replications; save them as they finish if `results` is given.

    Parameters
    ----------
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

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; what had finished is in the folder, and the manifest says ``interrupted``.
    """
    started = perf_counter()
    asked, scenario = scenario, realise(scenario)
    plan = compile_plan(scenario)
    wanted = seeds(scenario.seed if seed is None else seed, replications or scenario.replications)
    store = Store.open(
        results, resume, folder_name(scenario), _manifest(scenario, plan, wanted, jobs, "running"), resolved(scenario)
    )
    folder = None if store is None else store.folder
    files: dict[int, Path] = {}
    if folder is not None and asked.year is not None:
        from flanksim.study.built import built

        # the saved scenario is the network of the year; what made it so is kept beside it
        write_json(folder / "projects.json", built(asked, asked.spending, asked.year))
    if folder is not None:
        kept = {"first": wanted[:1], "all": wanted, "none": []}[keep_movements]
        files = {number: folder / "movements" / f"run-{number}.parquet" for number in kept}
    known = {} if store is None else store.read().get(scenario.digest, {})
    done: list[Replication] = [known[seed] for seed in wanted if seed in known]
    status = "interrupted"
    try:
        for entry in run_all(plan, [seed for seed in wanted if seed not in known], jobs, files):
            done.append(entry)
            if store is not None:
                store.add(scenario.digest, entry)
            if progress is not None:
                progress(len(done), len(wanted))
        status = "complete"
    finally:
        done.sort(key=lambda entry: entry.seed)
        bound = ladder(scenario) if bounds and status == "complete" else None
        study = Study(scenario, plan, tuple(done), perf_counter() - started, folder, bound)
        if folder is not None:
            with suppress(KeyboardInterrupt):
                _save(study, wanted, jobs, status)
    return study


def resolved(scenario: Scenario) -> str:
    """The whole scenario, tables included, as text that `load` reads (JSON is YAML 1.2)."""
    return json.dumps(scenario.model_dump(mode="json", exclude_defaults=True), indent=1, ensure_ascii=False) + "\n"


def _save(study: Study, wanted: list[int], jobs: int | None, status: str) -> None:
    import pyarrow as pa

    folder = study.folder
    if folder is None:
        return
    if study.replications:
        write_table(folder / "runs.parquet", pa.Table.from_pandas(study.runs(), preserve_index=False))
        write_table(folder / "units.parquet", pa.Table.from_pandas(study.units(), preserve_index=False))
    manifest = _manifest(study.scenario, study.plan, wanted, jobs, status)
    manifest |= {"done": len(study.replications), "seconds": round(study.seconds, 3)}
    if study.bound is not None:
        write_json(folder / "bound.json", study.bound.as_json())
    write_json(folder / "manifest.json", manifest)


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


def _manifest(scenario: Scenario, plan: Plan, wanted: list[int], jobs: int | None, status: str) -> dict[str, Any]:
    return manifest_of(scenario, "run", wanted[0]) | {
        "study_digest": f"{plan.digest}-{wanted[0]}-{len(wanted)}",
        "plan_digest": plan.digest,
        "status": status,
        "replications": len(wanted),
        "jobs": jobs or default_jobs(),
        "serials": plan.moving_serials,
        "units": len(plan.units),
        "troops_required": plan.troops_required,
    }
