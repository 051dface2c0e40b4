"""Public functions that put others together: `open`, `bound`, `check`, `verify`, `schema`.

Each takes a Scenario, the name of a shipped one, or the path of a file. What cannot be used is a FlanksimError that
says what to write instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

import networkx as nx

from flanksim.bounds.ladder import ladder
from flanksim.bounds.late_units import late_units
from flanksim.bounds.rungs import Ladder
from flanksim.engine.choice import ENGINES, make_ready
from flanksim.errors import FlanksimError, Problem
from flanksim.network.graph import check as check_graph
from flanksim.planning.compile import compile_plan
from flanksim.planning.rounding import rounding_warnings
from flanksim.scenario.arguments import (
    as_flag,
    as_function,
    as_jobs,
    as_list,
    as_path,
    as_scenario,
    as_seed,
    as_whole,
    one_of,
)
from flanksim.scenario.check import check as check_rows
from flanksim.scenario.describing import json_schema
from flanksim.scenario.reading import located
from flanksim.scenario.saying import Where, placed
from flanksim.scenario.schema import Scenario
from flanksim.study import best_buys as _best_buys
from flanksim.study import compare as _comparisons
from flanksim.study import global_sensitivity as _global_sensitivities
from flanksim.study import lose as _losses
from flanksim.study import portfolio as _portfolios
from flanksim.study import reach as _reaches
from flanksim.study import robust as _robusts
from flanksim.study import sensitivity as _sensitivities
from flanksim.study import study as _studies
from flanksim.study import sweep as _sweeps
from flanksim.study.best_buys import BestBuys
from flanksim.study.compare import Comparison
from flanksim.study.global_sensitivity import GlobalSensitivity
from flanksim.study.lose import Losses
from flanksim.study.parallel import default_jobs, workers
from flanksim.study.portfolio import Portfolio
from flanksim.study.reach import Reach
from flanksim.study.robust import Robust
from flanksim.study.sensitivity import Sensitivity
from flanksim.study.store import open_folder
from flanksim.study.study import Study, run
from flanksim.study.sweep import Sweep
from flanksim.verification.case import Result
from flanksim.verification.suite import CASES, run_by_id

__version__ = version("flanksim")

Saveable = Study | Sweep | Comparison | BestBuys | Sensitivity | Reach | Portfolio | Robust | GlobalSensitivity | Losses

#: `run` under its former name.
run_study = run


def open(folder: str | os.PathLike[str]) -> Saveable:  # noqa: A001 - of a results folder
    """Open what `run`, `sweep`, `compare`, `robust` and the other studies, or the commands of these names, saved.

    What comes back answers everything that the object answered when it was saved, with the same values: metrics,
    statistics, figures, ``report()`` and, of a run, ``explain()``. No run is made again, unless one is looked at in
    detail.

    Parameters
    ----------
    folder
        A results folder: ``results/<scenario>/<stamp>``.

    Returns
    -------
    Study, Sweep, Comparison, BestBuys, Sensitivity, Reach, Portfolio, Robust, GlobalSensitivity or Losses
        Whichever was saved.

    Raises
    ------
    FlanksimError
        E120 if there are no results, E123 or E509 if they are of another version, E505 if they are of a bound, E506 if
        they are damaged, E514 if the study was not finished, E130 for what is no folder.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> study = run("corridor-mini", 2, jobs=1, results=mkdtemp())
    >>> open(study.folder) == study
    True
    """
    saved = open_folder(as_path("folder", folder))
    reopened: dict[str, Callable[..., Saveable]] = {
        "run": _studies.reopened,
        "sweep": _sweeps.reopened,
        "compare": _comparisons.reopened,
        "best-buys": _best_buys.reopened,
        "sensitivity": _sensitivities.reopened,
        "reach": _reaches.reopened,
        "portfolio": _portfolios.reopened,
        "robust": _robusts.reopened,
        "global-sensitivity": _global_sensitivities.reopened,
        "lose": _losses.reopened,
    }
    saved.only(tuple(reopened), "opened")
    return reopened[saved.kind](saved)


def bound(
    scenario: Scenario | str | os.PathLike[str],
    *,
    seed: int | None = None,
    time_expanded: bool = False,
    ahead: int = 0,
    network: nx.MultiDiGraph[str] | None = None,
) -> Ladder:
    """The day that no schedule can beat, on any admissible route, and what one more of a capacity takes off it.

    Parameters
    ----------
    scenario
        A Scenario, the name of a shipped one, or the path of a file.
    seed
        For the run of this seed alone; without, the bounds hold for every run.
    time_expanded
        Also solve the program step by step, which may take minutes.
    ahead
        Bottlenecks to double, one after the other; with any, also what stronger bridges would do.
    network
        The network, as `flanksim.graph` gives it, edited; None for that of the tables.

    Returns
    -------
    Ladder
        ``day`` is the highest bound, as a C-day label; ``bounds``, ``groups``, ``prices`` and ``as_json()`` say more.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E305 where a unit has no way at all, and what `load` raises.

    Examples
    --------
    >>> bound("corridor-mini").day > 0
    True
    """
    entry = as_scenario(scenario)
    return ladder(
        entry,
        graph=network,
        seed=None if seed is None else as_seed(seed, 0),
        time_expanded=as_flag("time_expanded", time_expanded),
        ahead=as_whole("ahead", ahead, 0),
    )


def check(
    scenario: Scenario | str | os.PathLike[str] | nx.MultiDiGraph[str],
    *,
    network: nx.MultiDiGraph[str] | None = None,
) -> tuple[Problem, ...]:
    """Every problem of a scenario, its routes included, without running it; errors first.

    Parameters
    ----------
    scenario
        A Scenario, the name of a shipped one, or the path of a file: of a file each problem names the line. Or a
        graph alone, which is refused if no run could take it.
    network
        The network, as `flanksim.graph` gives it, edited; None for that of the tables.

    Returns
    -------
    tuple of Problem
        Those of ``severity`` ``error`` keep it from running, warnings do not.

    Raises
    ------
    FlanksimError
        E101 if there is no such scenario, E130 for what is none; E308 for a graph alone that cannot be used.

    Examples
    --------
    >>> [problem.code for problem in check("corridor-mini") if problem.severity == "error"]
    []
    """
    found: list[Problem] = []
    where: Where = ".".join
    name = ""
    if isinstance(scenario, nx.Graph):
        check_graph(scenario)
        return ()
    try:
        entry = as_scenario(scenario)
        if isinstance(scenario, str | os.PathLike):
            entry, found, where = located(scenario)
        else:
            found = check_rows(entry, where)
        name = entry.name
        found += rounding_warnings(entry)
        found += late_units(entry, compile_plan(entry, network), where, found, network)
    except FlanksimError as error:
        if {problem.code for problem in error.problems} & {"E101", "E130"}:
            raise
        found += error.problems
    return tuple(sorted(placed(found, name, where), key=lambda problem: problem.code))


def verify(
    cases: Iterable[str] | str = (),
    *,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    engine: str = "simpy",
) -> tuple[Result, ...]:
    """Check the engine against answers that it did not compute, as ``flanksim verify`` does.

    Parameters
    ----------
    cases
        Ids such as ``"V24"``, one or several; all without.
    jobs
        Processes; one a core without.
    progress
        Called with (done, wanted) after each case.
    engine
        ``"simpy"`` or ``"compiled"``: which one is checked.

    Returns
    -------
    tuple of Result
        Of each case its ``id``, ``title``, ``status`` (``pass`` or ``fail``) and ``checks``: number by number what was
        expected, what came out, and how far apart they may be.

    Raises
    ------
    FlanksimError
        E130 if there is no such case or engine, E515 if the engine is not installed.

    Examples
    --------
    >>> [result.status for result in verify("V24")]
    ['pass']
    """
    known = {case.id: case for case in CASES}
    names = list(dict.fromkeys([one_of("case", str(name).upper(), known) for name in as_list(cases)] or known))
    as_function("progress", progress, "give a function of (done, wanted)")
    make_ready(one_of("engine", engine, ENGINES))
    results = []
    with workers(min(as_jobs(jobs) or default_jobs(), len(names))) as (executor, _):
        for future in [executor.submit(run_by_id, name, engine) for name in names]:
            results.append(future.result())
            if progress is not None:
                progress(len(results), len(names))
    return tuple(results)


def schema() -> dict[str, Any]:
    """The JSON Schema of scenario files, for editors: every field with its description, unit and range."""
    return json_schema()
