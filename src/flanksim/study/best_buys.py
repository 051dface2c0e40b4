"""Best buys: each project and each lever alone against today, with paired runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects, at_year
from flanksim.investment.levers import apply_levers, cost_of, counts_from
from flanksim.measure.alternatives import About
from flanksim.measure.best_buys import BUILT, NOT_MODELLED, SAME_PLAN, ActionRuns, Untried
from flanksim.measure.replications import Replication
from flanksim.scenario.arguments import as_flag, as_list, as_scenario, as_seed
from flanksim.scenario.levers import projects_of
from flanksim.scenario.naming import folder_name
from flanksim.scenario.project_rows import Lever
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to
from flanksim.study.alternatives import alternative, built_by_its_year, portfolio
from flanksim.study.each_alone import FIRST_PAIRS, AllPairsIfItMatters, as_pairs, run_each_alone
from flanksim.study.experiment import Progress, StudyOptions
from flanksim.study.store import Saved, Store, kept_if_stopped, manifest_of, resolved, write_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class BestBuys(ActionRuns):
    """Actions, each alone against today, in order of the days that they save a soldier.

    ``table()`` has a row an action, ``untried`` those that were not run and why. The attributes are those of
    `flanksim.measure.best_buys.ActionRuns`.
    """

    def table(self) -> pd.DataFrame:
        """One row an action: cost, year, days, points and delay saved with intervals that hold together, how sure."""
        import pandas as pd

        return pd.DataFrame(self.buys)

    def __repr__(self) -> str:
        """Summary in one line."""
        sure = sum(row["closing_verdict"] == "sooner" for row in self.buys)
        return f"BestBuys({self.scenario.name!r}: with {sure} of {len(self.buys)} actions soldiers surely close sooner)"


@dataclass(frozen=True)
class _Action:
    """One action: what it is, and today's network with it; `why` where there is nothing to run."""

    name: str
    kind: str
    about: About
    lever: Lever | None
    network: Scenario | None = None
    why: str = ""


def best_buys(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    actions: Sequence[str] | str | None = None,
    replications: int = 30,
    *,
    first: int = FIRST_PAIRS,
    seed: int | None = None,
    indifference_days: float = 0.5,
    carry_over: bool = True,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    also: Callable[[BestBuys], object] | None = None,
    engine: str | None = None,
) -> BestBuys:
    """Try each project and each lever alone, with the random numbers of today's runs.

    Parameters
    ----------
    scenario
        A Scenario, or its file or name; of one that asks for a year, today is that year.
    actions
        Ids of projects and levers; all of them if not given, but those that move nobody.
    replications
        Pairs of runs of every action that may matter.
    first
        Pairs with which each begins; those that move no measure by half of what matters get no more.
    seed
        Of the study; that of the scenario if not given.
    indifference_days
        A difference of the closure day that is smaller does not matter.
    carry_over, jobs, dask, results, resume, progress, also, engine
        As of `flanksim.compare`.

    Returns
    -------
    BestBuys
        ``table()``; intervals of one measure hold together at 95 % over all actions that were run (Bonferroni).

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E216 for an unknown action, E520 for a scenario without any.

    Examples
    --------
    >>> found = best_buys("plan-north", ["PR10", "in_place_counted"], 2, jobs=1)  # doctest: +SKIP
    """
    entry = as_scenario(scenario)
    wanted = None if actions is None else [str(key) for key in as_list(actions)]
    rule = as_pairs(replications, first, indifference_days)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    return _best_buys(entry, wanted, as_seed(seed, entry.seed), rule, as_flag("carry_over", carry_over), options)


def _best_buys(
    entry: Scenario,
    wanted: Sequence[str] | None,
    seed: int,
    rule: AllPairsIfItMatters,
    carry_over: bool,
    options: StudyOptions,
) -> BestBuys:
    started = perf_counter()
    today = at_year(entry).model_copy(update={"seed": seed})
    found = actions_of(entry, wanted, seed)
    tried = [(action, action.network) for action in found if action.network is not None]
    manifest = _manifest(today, [network for _, network in tried], rule, carry_over) | {
        "actions": [action.name for action in found],
        "first": rule.first,
        "replications": rule.most,
        "indifference_days": rule.indifference_days,
    }
    name = folder_name(entry, "best-buys")
    whole = entry.model_copy(update={"seed": seed})
    with (
        Store.open(options.results, options.resume, name, manifest, resolved(whole)) as store,
        kept_if_stopped(store),
    ):
        alone = run_each_alone(
            today,
            [network for _, network in tried],
            rule,
            carry_over=carry_over,
            store=store,
            options=options,
        )
        runs = {today.digest: alone.today, **alone.runs}
        buys = _found(today, found, runs, rule, BestBuys)
        buys = replace(
            buys, seconds=perf_counter() - started, folder=None if store is None else store.folder, year=entry.year
        )
        if store is not None:
            write_table(store.folder / "actions.parquet", buys.table())
            store.finish(runs)
            if options.also is not None:
                options.also(buys)
            done = sum(map(len, runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(buys.seconds, 3)})
    return buys


def reopened(saved: Saved) -> BestBuys:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    manifest, entry = saved.manifest, saved.scenario
    rule = as_pairs(manifest["replications"], manifest["first"], manifest["indifference_days"])
    found = actions_of(entry, manifest["actions"], entry.seed)
    buys = _found(at_year(entry), found, saved.runs(), rule, BestBuys)
    return replace(buys, seconds=manifest.get("seconds", 0.0), folder=saved.folder, year=entry.year)


def _found(
    today: Scenario,
    actions: Iterable[_Action],
    runs: Mapping[str, tuple[Replication, ...]],
    rule: AllPairsIfItMatters,
    kind: type[BestBuys],
) -> BestBuys:
    """Actions with their runs; one whose scenario has none has today's plan."""
    alternatives = [alternative("today", today, runs[today.digest], About(today.title or today.name))]
    kinds, untried, levers = [], [], {}
    for action in actions:
        network = action.network
        if network is None or network.digest == today.digest or network.digest not in runs:
            untried.append(Untried(action.name, action.kind, action.about, action.why or SAME_PLAN))
            continue
        alternatives.append(alternative(action.name, network, runs[network.digest], action.about))
        kinds.append(action.kind)
        if action.lever is not None:
            levers[action.name] = action.lever
    return kind(
        tuple(alternatives),
        rule.indifference_days,
        kinds=tuple(kinds),
        levers=levers,
        untried=tuple(untried),
        pairs=rule.most,
    )


def actions_of(entry: Scenario, wanted: Sequence[str] | None, seed: int) -> list[_Action]:
    """Levers, then projects, in the order of their tables, or those that are wanted in theirs.

    Raises
    ------
    FlanksimError
        E216 for an unknown action, E520 where there are none.
    """
    keys = wanted
    if keys is None:
        keys = [key for key, lever in entry.levers.items() if not lever.moves_nobody] + list(entry.projects)
    if not keys:
        hint = "add rows to levers.csv or projects.csv, or start from a scenario with tables"
        raise FlanksimError(Problem("E520", entry.name, "", "there is nothing to buy: no levers and no projects", hint))
    built = built_by_its_year(entry)
    return [_action(entry, key, built, seed) for key in dict.fromkeys(keys)]


def _action(entry: Scenario, key: str, built: Mapping[str, float], seed: int) -> _Action:
    if key in entry.levers:
        lever = entry.levers[key]
        about = _about_lever(entry, key)
        return _Action(key, lever.kind, about, lever, _seeded(apply_levers(entry, [key], built), seed))
    if key not in entry.projects:
        hint = close_to(key, [*entry.levers, *entry.projects], "levers.csv and projects.csv list them")
        raise FlanksimError(Problem("E216", entry.name, "actions", f"unknown project or lever '{key}'", hint))
    row, about = entry.projects[key], portfolio(entry, [key])
    why = NOT_MODELLED if row.not_modelled else BUILT if about.built_before == about.projects else ""
    network = None if why else _seeded(apply_projects(entry, about.projects, built), seed)
    return _Action(key, row.kind, about, None, network, why)


def _about_lever(entry: Scenario, key: str) -> About:
    lever = entry.levers[key]
    named = projects_of(entry, lever)
    about = portfolio(entry, named) if named else About(lever.name)
    cost = about.cost_bn_eur if named and lever.cost_typical_bn_eur is None else cost_of(entry, key)
    return replace(about, title=lever.name, cost_bn_eur=cost, stands_by=counts_from(entry, key))


def _seeded(network: Scenario, seed: int) -> Scenario:
    return network.model_copy(update={"seed": seed})


def _manifest(
    today: Scenario, networks: Sequence[Scenario], rule: AllPairsIfItMatters, carry_over: bool
) -> dict[str, Any]:
    text = json.dumps([[entry.digest for entry in (today, *networks)], today.seed, repr(rule), carry_over])
    return manifest_of(today, "best-buys", today.seed) | {
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
    }
