"""The best list of projects for each budget, found by bounds, a program on measured gains, and paired runs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.investment.levers import from_year
from flanksim.measure.alternatives import About, Alternative
from flanksim.measure.best_lists import Asked, search
from flanksim.measure.closure import force_of
from flanksim.measure.offers import Menu, Purchase
from flanksim.measure.portfolio import WANTED, PortfolioRuns
from flanksim.measure.selection import further_pairs, rival
from flanksim.measure.statistics import known_or_none
from flanksim.metrics.portfolio import FRONTIER, PROJECT_LADDER, PROJECT_MAP
from flanksim.scenario.arguments import (
    as_list,
    as_scenario,
    as_seed,
    as_year,
)
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study.alternatives import alternative
from flanksim.study.experiment import Progress, StudyOptions
from flanksim.study.lists import Lists, Question, menu_of
from flanksim.study.parallel import default_jobs, workers
from flanksim.study.store import SEARCH, Saved, Store, kept_if_stopped, manifest_of, read_json, resolved

if TYPE_CHECKING:
    import pandas as pd

#: Budgets if none are given, EUR bn.
BUDGETS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0)
#: So many lists of each budget get all runs; so many that are cheap, or other ones, of those that gain nearly as much.
_FINALISTS, _FEW = 5, 2
#: Lists are made shorter so often at the most, and finalists get further runs in so many rounds that double them.
_SHORTENED, _DOUBLED = 4, 2
#: Shapley's values are told of so many packages at the most.
MOST_PACKAGES = 8


@dataclass(frozen=True)
class Portfolio(PortfolioRuns):
    """The best list for each budget; attributes as of `flanksim.measure.portfolio.PortfolioRuns`.

    ``table()`` has a row each budget, ``rows`` more of each; ``frontier``, ``ladder_of_projects`` and
    ``map_of_projects`` are metrics with a figure.
    """

    frontier = FRONTIER
    ladder_of_projects = PROJECT_LADDER
    map_of_projects = PROJECT_MAP

    def table(self) -> pd.DataFrame:
        """One row a budget."""
        return FRONTIER.table(self)

    def __repr__(self) -> str:
        """Summary in one line."""
        return f"Portfolio({self.entry.name!r}: {len(self.budgets_bn_eur)} budgets, for {self.objective})"


def portfolio(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    budget: float | Sequence[float] = BUDGETS,
    *,
    objective: str = "delay",
    year: int | None = None,
    actions: Sequence[str] | str | None = None,
    given: Sequence[str] | str | None = None,
    replications: int = 30,
    first: int = 10,
    most: int = 240,
    indifference: float | None = None,
    shapley: bool = False,
    seed: int | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    also: Callable[[Portfolio], object] | None = None,
    engine: str | None = None,
) -> Portfolio:
    """Find the best list of projects for each budget.

    Parameters
    ----------
    scenario
        A Scenario, or its file or name; of one that asks for a year, today is that year.
    budget
        EUR bn to be spent beyond today, at typical costs; one or several.
    objective
        ``"delay"``: a soldier is closed sooner, in the mean; ``"in-time"``: more troops are closed by the deadline;
        ``"last-day"``: the force is closed sooner.
    year
        Only what can be in service by 1 July of it, if it is decided at once; anything if not given.
    actions
        Ids of projects and levers to choose from; all projects, and levers with a price, if not given.
    given
        Ids of levers that are pulled whatever is bought, such as a warning.
    replications, first
        Runs of the lists between which is decided at last, and of those that are looked at before.
    most
        Lists that are run at most in the search, beside the offers alone; if no more can be bought, all are run.
    indifference
        A smaller gain does not matter, in days or points; that of the objective if not given.
    shapley
        Also run every part of the last list, of eight packages at the most, for their Shapley values.
    seed, jobs, dask, results, resume, progress, also, engine
        As of `flanksim.best_buys`.

    Returns
    -------
    Portfolio
        ``table()``, ``rows``, ``pairs``, ``shapley``, ``frontier.plot()``.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E216 for an unknown project or lever, E520 where there is nothing to
        buy.

    Examples
    --------
    >>> found = portfolio("plan-north", [1, 5], objective="last-day", jobs=1)  # doctest: +SKIP
    """
    entry = as_scenario(scenario)
    entry = entry.model_copy(update={"seed": as_seed(seed, entry.seed)})
    asked = Question(entry, budget, objective, indifference, given, replications, first, most, shapley)  # type: ignore[arg-type] # made what they stand for
    wanted = None if actions is None else [str(key) for key in as_list(actions)]
    menu = menu_of(entry, wanted, None if year is None else as_year(year), asked.given)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    return _portfolio(asked, menu, options)


# ---- the study -----------------------------------------------------------------------------------


def _portfolio(asked: Question, menu: Menu, options: StudyOptions) -> Portfolio:
    started = perf_counter()
    entry = asked.entry
    manifest = _manifest(asked, menu)
    with (
        Store.open(
            options.results, options.resume, folder_name(entry, "portfolio"), manifest, resolved(entry)
        ) as store,
        kept_if_stopped(store),
        workers(options.jobs or default_jobs(), options.dask) as at_work,
    ):
        made = Lists(asked, menu, store, options, at_work)
        made.run([()], asked.replications)
        bounds = made.bounds()
        found = search(menu, asked.budgets, made.ask, asked.most, made.settled.append, made.guess)
        result = _decided(made, found, bounds)
        result = replace(
            result, seconds=perf_counter() - started, folder=None if store is None else store.folder, year=entry.year
        )
        if store is not None:
            store.finish(made.runs)
            result.table().to_parquet(store.folder / "frontier.parquet")
            made.save(
                {
                    "lists": [list(bought) for bought in result.purchases],
                    "same_lists": sorted(map(list, result.same_plan)),
                    "finalists": [[budget, [list(b) for b in lists]] for budget, lists in result.finalists.items()],
                    "bound_days": [[budget, known_or_none(day)] for budget, day in result.bound_days.items()],
                    "whole": result.whole,
                    "split": {name: list(bought) for name, bought in result.split.items()},
                }
            )
            if options.also is not None:
                options.also(result)
            done = sum(map(len, made.runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(result.seconds, 3)})
    return result


def _decided(made: Lists, found: Asked, bounds: dict[float, float]) -> Portfolio:
    """The finalists of every budget with all their runs, made shorter where a project gains nothing, and told apart."""
    asked = made.asked
    finalists = {budget: _first_finalists(made, found, budget) for budget in asked.budgets}

    def result() -> Portfolio:
        return _result(made, finalists, bounds, found.whole)

    for _ in range(_SHORTENED):
        made.run((bought for lists in finalists.values() for bought in lists), asked.replications)
        chosen = result().chosen
        shorter = {budget: _shorter(made, bought) for budget, bought in chosen.items()}
        new = {
            budget: [*finalists[budget], *(bought for bought in lists if bought not in finalists[budget])]
            for budget, lists in shorter.items()
        }
        if new == finalists:
            break
        finalists = new
    made.run((bought for lists in finalists.values() for bought in lists), asked.replications)
    for _ in range(_DOUBLED):
        now = result()
        wanted = _further(made, now)
        if not wanted:
            break
        for count in sorted(set(wanted.values())):
            made.run([(), *(bought for bought, runs in wanted.items() if runs == count)], count)
    now = result()
    for bought in dict.fromkeys(now.chosen.values()):
        made.run((made.menu.without(bought, key) for key in bought), asked.first)
    now = result()
    if asked.shapley:
        now = replace(now, split=_packages(made, now.chosen[asked.budgets[-1]]))
        made.run(now.subsets(), asked.first)
    return replace(result(), split=now.split)


def _first_finalists(made: Lists, found: Asked, budget: float) -> list[Purchase]:
    """By their first runs the lists that gain most, and of those that gain nearly as much cheap and other ones."""
    menu = made.menu
    lists = sorted((bought for bought in found.gains if menu.within(bought, budget)), key=found.rank)
    best = lists[0]
    enough = found.gains[best].mean - made.asked.indifference
    near = [bought for bought in lists if found.gains[bought].mean >= enough and not found.idle(bought)]
    cheap = sorted(near, key=menu.price)[:_FEW]
    other = sorted(near, key=lambda bought: -menu.otherwise(bought, best))[:_FEW]
    most = [bought for bought in lists if not found.idle(bought)][:_FINALISTS]
    return list(dict.fromkeys([best, *most, *cheap, *other]))


def _shorter(made: Lists, bought: Purchase) -> list[Purchase]:
    """A list without each project that gains nothing beside the others; and without more of them, least gain first.

    Together they gain no more than may be lost for a cheaper list.
    """
    menu = made.menu
    less = {key: menu.without(bought, key) for key in bought}
    made.run(less.values(), made.asked.first)
    gained = {key: -rival(made.gains(less[key]), made.gains(bought)).better for key in bought if less[key] != bought}
    idle = [key for key, gain in gained.items() if gain <= 1e-9]
    found, left = dict.fromkeys(less[key] for key in idle), made.asked.indifference / 2
    for key in sorted(gained, key=lambda key: gained[key]):
        left -= max(0.0, gained[key])
        if left < -1e-9:
            break
        bought = made.menu.without(bought, key) if key in bought else bought
        found[bought] = None
    return list(found)


def _further(made: Lists, now: Portfolio) -> dict[Purchase, int]:
    """Runs that finalists should have in all where the choice is not sure enough: twice as many, where they help."""
    found: dict[Purchase, int] = {}
    if not force_of(made.network(())).chance:
        return found
    for budget in now.budgets_bn_eur:
        if now.certainty(budget) >= WANTED:
            continue
        best, others = now.chosen[budget], now.others(budget)
        total = sum(len(now.gains(bought)) for bought in others)
        for bought, more in zip(others, further_pairs(now.rivals(budget), now.indifference, total), strict=True):
            have = len(now.gains(bought))
            if bought in now.same_plan or more < made.asked.first:  # a plan made again costs more than so few runs tell
                continue
            for either in (bought, best):
                found[either] = max(min(have + more, 2 * have), found.get(either, 0))
    return {bought: count for bought, count in found.items() if bought and bought not in now.same_plan}


def _packages(made: Lists, bought: Purchase) -> dict[str, Purchase]:
    """The packages of a list for Shapley's values: each project, or the kinds of projects where there are too many."""
    if len(bought) <= MOST_PACKAGES:
        return {key: (key,) for key in bought}
    entry = made.asked.entry
    kinds: dict[str, Purchase] = {}
    for key in bought:
        kind = (entry.levers.get(key) or entry.projects[key]).kind or "others"
        kinds[kind] = (*kinds.get(kind, ()), key)
    order = sorted(kinds, key=lambda kind: (-made.menu.price(made.menu.purchase(kinds[kind])), kind))
    few = order if len(order) <= MOST_PACKAGES else order[: MOST_PACKAGES - 1]
    rest = tuple(key for kind in order if kind not in few for key in kinds[kind])
    return {kind: kinds[kind] for kind in few} | ({"the rest": rest} if rest else {})


def _result(made: Lists, finalists: dict[float, list[Purchase]], bounds: dict[float, float], whole: bool) -> Portfolio:
    """Everything that was run, today's network first."""
    asked = made.asked
    same = {bought for bought in made.networks if made.is_same(bought)}
    ran = [bought for bought, network in made.networks.items() if network.digest in made.runs and bought not in same]
    purchases = [(), *(bought for bought in ran if bought)]
    return Portfolio(
        tuple(_alternative(made, bought) for bought in purchases),
        entry=asked.entry,
        menu=made.menu,
        purchases=tuple(purchases),
        same_plan=frozenset(same),
        budgets_bn_eur=asked.budgets,
        objective=asked.objective,
        indifference=asked.indifference,
        finalists={budget: tuple(lists) for budget, lists in finalists.items()},
        bound_days=bounds,
        given=asked.given,
        whole=whole,
    )


def _alternative(made: Lists, bought: Purchase) -> Alternative:
    entry, network = made.asked.entry, made.network(bought)
    names = [(entry.levers.get(key) or entry.projects[key]).name for key in bought]
    years = [from_year(entry, key) for key in bought]
    about = About(
        " + ".join(names) or entry.title or entry.name,
        tuple(sorted(made.menu.given(bought) & set(entry.projects))),
        stands_by=max(years, default=None),
        cost_bn_eur=made.menu.cost(bought),
    )
    return alternative("+".join(bought) or "today", network, made.runs[network.digest], about)


def reopened(saved: Saved) -> Portfolio:
    """The study that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    manifest, entry, said = saved.manifest, saved.scenario, read_json(saved.folder / SEARCH)
    runs = saved.runs()
    asked = Question(
        entry, tuple(manifest["budgets_bn_eur"]), manifest["objective"], manifest["indifference"],
        tuple(manifest["given"]), manifest["replications"], manifest["first"], manifest["most"], manifest["shapley"],
    )  # fmt: skip
    menu = menu_of(entry, manifest["offers"], None, asked.given)
    with workers(1) as at_work:
        made = Lists(asked, menu, None, StudyOptions(1), at_work, runs=dict(runs))
    made.same = set(said["same_plan"])
    for bought in [*said["lists"], *said["same_lists"]]:
        made.network(tuple(bought))
    finalists = {budget: [tuple(bought) for bought in lists] for budget, lists in said["finalists"]}
    bounds = {budget: math.inf if day is None else day for budget, day in said["bound_days"]}
    found = _result(made, finalists, bounds, said["whole"])
    split = {name: tuple(bought) for name, bought in said["split"].items()}
    return replace(found, split=split, seconds=manifest.get("seconds", 0.0), folder=saved.folder, year=entry.year)


def _manifest(asked: Question, menu: Menu) -> dict[str, Any]:
    said = asked.said(menu)
    text = json.dumps([asked.entry.digest, asked.entry.seed, said])
    return (
        manifest_of(asked.entry, "portfolio", asked.entry.seed)
        | said
        | {
            "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        }
    )
