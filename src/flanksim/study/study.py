"""A Study: the replications of one scenario, their statistics and their folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.bounds.ladder import ladder
from flanksim.engine.simulate import simulate_plan
from flanksim.engine.streams import seeds
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import at_year
from flanksim.investment.schedule_table import built
from flanksim.measure.closure import label
from flanksim.measure.explanation import Explanation
from flanksim.measure.replications import Replication
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.metrics.clocks import CLOCKS_OF_RUNS
from flanksim.metrics.closure import CLOSURE_OF_RUNS
from flanksim.metrics.critical_path import BOTTLENECKS_OF_RUNS
from flanksim.metrics.fleets import FLEETS
from flanksim.metrics.flow_map import FLOW_MAP
from flanksim.metrics.journey import JOURNEY
from flanksim.metrics.modal_split import MODAL_SPLIT
from flanksim.metrics.queues import QUEUES
from flanksim.metrics.sailings import SAILINGS
from flanksim.movements import MovementLog
from flanksim.network.edited import as_json as graph_as_json
from flanksim.network.edited import tables_of
from flanksim.notebook import html_table
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.arguments import as_flag, as_replications, as_scenario, as_seed, one_of, wrong
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, run_points
from flanksim.study.explain import explain
from flanksim.study.page import Reportable
from flanksim.study.parallel import default_jobs
from flanksim.study.reopening import BUILT, runs_in
from flanksim.study.store import (
    NETWORK,
    WORLDS,
    Saved,
    Store,
    kept_if_stopped,
    manifest_of,
    resolved,
    whole_table,
    write_json,
    write_table,
)
from flanksim.study.worlds import WorldsAsked
from flanksim.text import phrases
from flanksim.units import closure_day

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Study(Reportable, ScenarioRuns):
    """Replications of one scenario, in the order in which `flanksim.engine.streams.seeds` gives their seeds.

    ``closure``, ``bottlenecks``, ``queues``, ``map``, ``fleets``, ``sailings`` and ``journey`` are metrics: a call
    gives a tidy DataFrame, ``.plot()`` the figure. The last five look at the middling replication (`shown`), or at
    that of a ``seed``, which is run again once. The statistics are those of every `ReplicationSet`:
    ``closure_day(group)``, ``p_on_time(group)``, ``on_time_share(group)``, ``unclosed(group)``, ``cause_days()``,
    ``against(other)``.

    The attributes are those of `flanksim.measure.sets_of_runs.ScenarioRuns`.
    """

    clocks = CLOCKS_OF_RUNS
    closure = CLOSURE_OF_RUNS
    bottlenecks = BOTTLENECKS_OF_RUNS
    queues = QUEUES
    map = FLOW_MAP
    fleets = FLEETS
    sailings = SAILINGS
    journey = JOURNEY
    modal_split = MODAL_SPLIT

    @cached_property
    def _replayed(self) -> dict[int, MovementLog]:
        return {}

    def replay(self, seed: int | None = None) -> MovementLog:
        """The movements of a replication, run again when first asked for; the last few are kept."""
        chosen = self.shown.seed if seed is None else seed
        if chosen not in self._replayed:
            while len(self._replayed) > 2:
                del self._replayed[next(iter(self._replayed))]
            self._replayed[chosen] = simulate_plan(self.plan, chosen)
        return self._replayed[chosen]

    def explain(self, unit: str | None = None, **options: Any) -> Explanation:
        """Why so late, and what to try: `flanksim.study.explain.explain` of this study's folder, with its options.

        Parameters
        ----------
        unit
            Id of a unit; the force as a whole without.
        options
            ``runs`` to replay (10), ``tries``: steps to try (5), ``jobs``, ``progress``.

        Raises
        ------
        FlanksimError
            E120 if the study was not saved, E121 if there is no such unit, E122 if nothing closed.
        """
        return explain(self.saved_in("explain"), unit, **options)

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
                "ready_day": closure_day(ready),
                "permitted_day": closure_day(permitted),
                "arrived_day": closure_day(arrived),
                "troops_in_day": closure_day(troops),
                "closed_day": closure_day(closed),
            }
            for entry in self.replications
            for unit, ready, permitted, arrived, closed, troops in zip(
                self.plan.units, *entry.clocks, entry.troops_h, strict=True
            )
        ]
        return pd.DataFrame(rows)

    def plot(self) -> Axes:
        """Closure curve with its band over replications."""
        return self.closure.plot()

    def _repr_html_(self) -> str:
        rows = [
            {
                "": label(group),
                "troops": f"{self.parts[group].troops:,}",
                "closed on (median)": phrases.closed_on(self.closure_spread(group)),
                "closed by": f"C+{closure_day(self.parts[group].deadline_h):g}: {self.on_time_share(group).mean:.0%}",
                "in time": self.p_on_time(group).words(),
            }
            for group in self.groups
        ]
        foot = f"{len(self.replications)} runs, seed {self.seed}"
        return html_table(self.scenario.title or self.scenario.name, rows, foot)

    def __repr__(self) -> str:
        """Summary in one line."""
        when, chance = phrases.closed_on(self.closure_spread()), self.p_on_time().words()
        return f"Study({self.scenario.name!r}: {when}, {len(self.replications)} runs; in time: {chance})"


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


def run(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int | None = None,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    keep_movements: str = "first",
    progress: Progress | None = None,
    bounds: bool = False,
    also: Callable[[Study], object] | None = None,
    network: nx.MultiDiGraph[str] | None = None,
    engine: str | None = None,
    worlds: int = 0,
    world_runs: int | None = None,
) -> Study:
    """Run a scenario's replications; save them as they finish if `results` is given. Formerly ``run_study``.

    Parameters
    ----------
    scenario
        A Scenario, its name or its file; of one that asks for a year, the network of that year.
    replications
        Number of runs; the scenario's own if not given.
    seed
        Of the study; the scenario's if not given. ``simulate(scenario, seed=...)`` with that of a run repeats it.
    jobs, dask
        Processes, one for each core if not given; or the address of the scheduler of a Dask cluster, whose workers need
        flanksim and no folder in common: tables are saved here, and the movement tables that are kept are made here.
    results, resume
        Root folder in which a new one, ``<results>/<scenario>/<stamp>``, is made; or the folder of a study that was
        interrupted: what had ended in it is not run again.
    keep_movements
        ``"first"``, ``"all"`` or ``"none"``: of which runs the movement table is saved.
    progress, also
        Called with (done, wanted) after each run; and with the study when its tables are written and before the
        manifest says ``complete``, for files that belong into the folder too.
    bounds
        Compute what no schedule can beat as well.
    network
        The network, as `flanksim.graph` gives it, edited; saved with the results. None for that of the tables.
    engine
        ``"simpy"`` or ``"compiled"`` with the same bytes; without, the latter where it is installed and pays.
    worlds, world_runs
        Beside these runs so many worlds in which every uncertain number is another one; runs of each (4).

    Returns
    -------
    Study
        Days are C-day labels (C+30 is the end of the thirtieth day after C-day), shares and chances 0 to 1.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E501, E502, E507, E508 or E509 for a folder that cannot be used, E503
        for a cluster that does not answer, and what `flanksim.load` raises for a scenario that cannot be run.
    KeyboardInterrupt
        After Ctrl-C; what had finished is in the folder, and the manifest says ``interrupted``.

    Examples
    --------
    >>> study = run("corridor-mini", 2, jobs=1)
    >>> study.p_on_time().runs, study.unclosed()
    (2, 0)
    """
    asked = as_scenario(scenario)
    asked = asked.model_copy(update={"seed": as_seed(seed, asked.seed)})
    rule = Replicate(as_replications(replications, asked.replications))
    one_of("keep_movements", keep_movements, ("first", "all", "none"))
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    others = WorldsAsked.of(worlds, world_runs)
    if network is not None and others.count:
        raise wrong("worlds", worlds, "run the tables instead of an edited network, or leave worlds out")
    return _run(asked, network, rule, keep_movements, as_flag("bounds", bounds), options, others)


def _run(
    asked: Scenario,
    network: nx.MultiDiGraph[str] | None,
    rule: Replicate,
    keep_movements: str,
    bounds: bool,
    options: StudyOptions,
    others: WorldsAsked,
) -> Study:
    started = perf_counter()
    entry = at_year(asked) if network is None else tables_of(at_year(asked), network)
    plan = compile_plan(entry, network)
    wanted = seeds(asked.seed, rule.first)
    manifest = _manifest(entry, plan, wanted, options.jobs, others)
    with Store.open(options.results, options.resume, folder_name(entry), manifest, resolved(entry)) as store:
        spent = None if asked.year is None else built(asked, asked.spending, asked.year)
        folder = None if store is None else store.folder
        study = Study(plan, (), scenario=entry, folder=folder, built=spent)
        with kept_if_stopped(store, lambda kept: _save(replace(study, replications=_ended(kept, entry, wanted)))):
            files = {} if store is None else _begin(store, spent, network, wanted, keep_movements)
            point = DesignPoint(entry, plan, files if options.dask is None else {})
            points = [point, *others.points([point], asked.seed)]
            made = run_points(points, asked.seed, rule, store=store, options=options)
            for number, file in {} if options.dask is None else files.items():  # a cluster need not see this folder
                if not whole_table(file):
                    write_table(file, simulate_plan(plan, number).table())
            bound = ladder(entry, graph=network) if bounds else None
            runs = made.pop(point.key)
            study = replace(
                study,
                replications=runs,
                seconds=perf_counter() - started,
                bound=bound,
                worlds=others.found(entry, made, asked.seed),
            )
            _save(study)
            if options.also is not None:
                options.also(study)
            if store is not None:
                store.finish(made, WORLDS)
                store.complete(manifest | {"done": len(runs), "seconds": round(study.seconds, 3)})
    return study


def reopened(saved: Saved) -> Study:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E123 if this version of flanksim plans it otherwise; what `Saved.runs` raises.
    """
    plan = saved.plan()
    if plan.digest != saved.manifest.get("plan_digest"):
        hint = f"run it again: flanksim run {saved.folder / 'scenario.yaml'}"
        said = "the scenario is planned otherwise than when it was saved: the results are of another version"
        raise FlanksimError(Problem("E123", str(saved.folder), "plan_digest", said, hint))
    return runs_in(saved, plan, saved.runs()[saved.scenario.digest], Study)


def _begin(
    store: Store,
    spent: dict[str, Any] | None,
    network: nx.MultiDiGraph[str] | None,
    wanted: list[int],
    keep_movements: str,
) -> dict[int, Path]:
    """What a folder has from the first: what spending built; files for the movements of some runs."""
    if spent is not None:
        # the saved scenario is the network of the year; what made it so is kept beside it
        write_json(store.folder / BUILT, spent)
    if network is not None:
        write_json(store.folder / NETWORK, graph_as_json(network))
    kept = {"first": wanted[:1], "all": wanted, "none": []}[keep_movements]
    return {seed: store.folder / "movements" / f"run-{seed}.parquet" for seed in kept}


def _ended(
    runs: Mapping[str, Mapping[int, Replication]], entry: Scenario, wanted: list[int]
) -> tuple[Replication, ...]:
    found = runs.get(entry.digest, {})
    return tuple(found[seed] for seed in wanted if seed in found)


def _save(study: Study) -> int:
    """Tables and bound of what there is; the number of runs in them."""
    folder, count = study.folder, len(study.replications)
    if folder is None or not count:
        return count
    write_table(folder / "runs.parquet", study.runs())
    write_table(folder / "units.parquet", study.units())
    if study.bound is not None:
        write_json(folder / "bound.json", study.bound.as_json())
    return count


def _manifest(
    scenario: Scenario, plan: Plan, wanted: list[int], jobs: int | None, others: WorldsAsked
) -> dict[str, Any]:
    return (
        manifest_of(scenario, "run", scenario.seed)
        | others.manifest
        | {
            "study_digest": f"{plan.digest}-{wanted[0]}-{len(wanted)}{others.mark}",
            "plan_digest": plan.digest,
            "status": "running",
            "replications": len(wanted),
            "jobs": jobs or default_jobs(),
            "serials": plan.moving_serials,
            "units": len(plan.units),
            "troops_required": plan.troops_required,
        }
    )
