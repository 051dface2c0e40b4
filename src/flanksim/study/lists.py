"""Lists of projects and levers as they are asked: what there is to buy, their networks, plans and runs."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

from flanksim.bounds.ladder import ladder
from flanksim.engine.choice import engine_for, simulator
from flanksim.engine.streams import planning_seeds, seeds
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import at_year
from flanksim.investment.levers import apply_levers, cost_of, from_year
from flanksim.investment.projects import with_prerequisites
from flanksim.measure.closure import force_of
from flanksim.measure.offers import Menu, Offer, Purchase
from flanksim.measure.portfolio import OBJECTIVES, scores
from flanksim.measure.replications import Replication, ReplicationSet
from flanksim.measure.statistics import Interval, known_or_none, t_interval
from flanksim.planning.compile import compile_plan
from flanksim.scenario.arguments import as_flag, as_levels, as_list, as_number, as_replications, as_whole, one_of, wrong
from flanksim.scenario.levers import projects_of
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to
from flanksim.study.alternatives import built_by_its_year, still_to_pay
from flanksim.study.candidates import Carried, Chosen, choose
from flanksim.study.experiment import DesignPoint, Replicate, StudyOptions, next_round, run_points
from flanksim.study.store import SEARCH, Store, read_json, write_json
from flanksim.study.worth import days_lost, worth

#: Runs whose critical paths say what binds next.
_GUESSED_RUNS = 2


@dataclass(frozen=True)
class Question:
    """What is asked, see `flanksim.portfolio`; arguments that cannot be used are refused."""

    entry: Scenario
    budgets: tuple[float, ...]
    objective: str
    indifference: float
    given: tuple[str, ...]
    replications: int
    first: int
    most: int
    shapley: bool

    def __post_init__(self) -> None:
        """What was given, as what it stands for."""
        budgets = sorted({as_number("budget", value, 0) for value in as_levels("budget", self.budgets)})
        if not budgets:
            raise wrong("budget", self.budgets, "give one or more sums in EUR bn, such as [1, 5, 25]")
        matters = OBJECTIVES[one_of("objective", self.objective, OBJECTIVES)][2]
        less = matters if self.indifference is None else as_number("indifference", self.indifference, 0)
        count = as_replications(self.replications, 0)
        for name, value in (
            ("budgets", tuple(budgets)),
            ("indifference", less),
            ("given", () if self.given is None else tuple(map(str, as_list(self.given)))),
            ("replications", count),
            ("first", min(as_replications(self.first, 0), count)),
            ("most", as_whole("most", self.most, 1)),
            ("shapley", as_flag("shapley", self.shapley)),
        ):
            object.__setattr__(self, name, value)

    def said(self, menu: Menu) -> dict[str, Any]:
        """The question for the manifest."""
        return {
            "budgets_bn_eur": list(self.budgets),
            "objective": self.objective,
            "indifference": self.indifference,
            "given": list(self.given),
            "replications": self.replications,
            "first": self.first,
            "most": self.most,
            "shapley": self.shapley,
            "offers": [offer.key for offer in menu.offers],
        }


# ---- what there is to buy ------------------------------------------------------------------------


def menu_of(entry: Scenario, wanted: Sequence[str] | None, year: int | None, given: Sequence[str] = ()) -> Menu:
    """Projects and levers that money can buy, cheap ones first.

    Parameters
    ----------
    wanted
        Ids; all projects, and levers with a price of their own, if None. What the model cannot show, what stands
        already and what is a level of a lever that is given is left out.
    year
        Only what can stand by 1 July of it; None for anything.
    given
        Levers that are pulled.

    Raises
    ------
    FlanksimError
        E216 for an unknown id, E520 where nothing is left.
    """
    _known(given, entry, entry.levers)
    _known(wanted or (), entry, (*entry.levers, *entry.projects))
    keys = wanted
    if keys is None:
        priced = [key for key, row in entry.levers.items() if (row.cost_typical_bn_eur or 0.0) > 0]
        keys = [*priced, *entry.projects]
    families = {entry.levers[key].family for key in given} - {""}
    built = built_by_its_year(entry)
    offers = []
    for key in dict.fromkeys(keys):
        if key in given or (year is not None and from_year(entry, key) > year):
            continue
        if key in entry.levers:
            row = entry.levers[key]
            gives = {key, *with_prerequisites(entry, projects_of(entry, row))}
            if row.family in families or row.moves_nobody:
                continue
            own = row.cost_typical_bn_eur is not None
            offers.append(Offer(key, frozenset(gives), own, row.family, _touched(entry, gives)))
        elif not entry.projects[key].not_modelled and built.get(key, 0.0) < 1.0:
            things = frozenset(with_prerequisites(entry, [key]))
            offers.append(Offer(key, things, touches=_touched(entry, things)))
    if not offers:
        hint = "add rows to projects.csv or levers.csv, or ask for a later year"
        raise FlanksimError(Problem("E520", entry.name, "", "there is nothing to buy: no projects and no levers", hint))
    costs = still_to_pay(entry) | {offer.key: cost_of(entry, offer.key) for offer in offers if offer.own_price}
    exclusions = {frozenset((key, other)) for key, project in entry.projects.items() for other in project.exclusions}
    menu = Menu(tuple(offers), costs, frozenset(exclusions))
    order = sorted(offers, key=lambda offer: (menu.price(menu.purchase([offer.key])), offer.key))
    return Menu(tuple(order), costs, frozenset(exclusions))


def _touched(entry: Scenario, things: Collection[str]) -> frozenset[str]:
    rows = (effect for effect in entry.effects.values() if effect.project_id in things)
    return frozenset(f"{row.table} {name} {row.attribute}" for row in rows for name in row.targets)


def _known(keys: Iterable[str], entry: Scenario, there: Iterable[str]) -> None:
    known = set(there)
    for key in keys:
        if key not in known:
            hint = close_to(key, sorted(known), "levers.csv and projects.csv list them")
            raise FlanksimError(Problem("E216", entry.name, "actions", f"unknown project or lever '{key}'", hint))


# ---- runs ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class Lists:
    """Lists as they are asked: their networks, their plans where others build on them, their runs, the bounds."""

    asked: Question
    menu: Menu
    store: Store | None
    options: StudyOptions
    at_work: tuple[Executor, int]
    networks: dict[Purchase, Scenario] = field(default_factory=dict)
    runs: dict[str, tuple[Replication, ...]] = field(default_factory=dict)
    settled: list[Purchase] = field(default_factory=list)
    done: int = 0

    def __post_init__(self) -> None:
        """What was known before an interruption."""
        path = None if self.store is None else self.store.folder / SEARCH
        known = {} if path is None or not path.is_file() else read_json(path)
        self._bounds: dict[str, float | None] = dict(known.get("bounds", {}))
        self.same: set[str] = set(known.get("same_plan", ()))
        self._guesses: dict[str, dict[str, float]] = dict(known.get("guesses", {}))
        self._built = built_by_its_year(self.asked.entry)
        self._carried: dict[Purchase, Carried] = {}
        self._content = ""
        self._scores: dict[tuple[str, int], list[float]] = {}

    def network(self, bought: Purchase) -> Scenario:
        """Today's network with a list, and the levers that are given."""
        if bought not in self.networks:
            self.networks[bought] = self._with(bought)
        return self.networks[bought]

    def _with(self, bought: Iterable[str]) -> Scenario:
        entry, keys = self.asked.entry, list(bought)
        levers = [*self.asked.given, *(key for key in keys if key in entry.levers)]
        projects = with_prerequisites(entry, [key for key in keys if key in entry.projects])
        made = at_year(entry)
        if levers or projects:
            made = apply_levers(entry, levers, self._built | dict.fromkeys(projects, 1.0))
        return made.model_copy(update={"seed": entry.seed})

    def ask(self, lists: Sequence[Purchase]) -> list[Interval]:
        """What lists gain, by their first runs."""
        self.run(lists, self.asked.first)
        return [self.gain(bought) for bought in lists]

    def run(self, lists: Iterable[Purchase], count: int) -> None:
        """Give each of these lists so many runs."""
        wanted = dict.fromkeys(lists)
        points = []
        for bought in wanted:
            network = self.network(bought)
            if len(self.runs.get(network.digest, ())) >= count or self.is_same(bought):
                continue
            points.append((bought, DesignPoint(network)))
        if not points:
            return
        lacking = self._lacking([point.key for _, point in points], count)
        ready = [
            replace(point, poorer=tuple(map(self.plan, self._below(bought))), known_plan=self._content)
            if bought and point.key in lacking
            else point
            for bought, point in points
        ]
        options = next_round(self)
        seed = self.asked.entry.seed
        found = run_points(ready, seed, Replicate(count), store=self.store, options=options, at_work=self.at_work)
        new = {key for key, made in found.items() if not made}
        self.runs |= {key: made for key, made in found.items() if made}
        if new:
            self.same |= new
            self.save()

    def is_same(self, bought: Purchase) -> bool:
        """Whether a list leaves the plan as it is today, to the last number."""
        digest = self.network(bought).digest
        return bool(bought) and (digest in self.same or digest == self.network(()).digest)

    def _lacking(self, keys: Sequence[str], count: int) -> set[str]:
        """Those of these points of which a run is not saved yet."""
        wanted = set(seeds(self.asked.entry.seed, count))
        saved = {} if self.store is None else self.store.read(cells=keys)
        return {key for key in keys if wanted - set(saved.get(key, ()))}

    def _below(self, bought: Purchase) -> list[Purchase]:
        """Today's network, and of the best lists of smaller budgets the largest that this one holds."""
        within = [other for other in self.settled if set(other) < set(bought)]
        return [(), *([max(within, key=lambda other: (len(other), self.menu.price(other)))] if within else [])]

    def plan(self, bought: Purchase) -> Carried:
        """The plan of a list, for those that hold it and more."""
        if bought not in self._carried:
            below = [self.plan(other) for other in self._below(bought)] if bought else []
            work = self.at_work[0].submit(_planned, self.network(bought), below, self.options.engine)
            made = work.result()
            if not bought:
                self._content = made.plan.content
            self._carried[bought] = made.carried(self.network(bought).digest)
        return self._carried[bought]

    def gains(self, bought: Purchase) -> list[float]:
        """What a list gains against today, of each pair of runs."""
        today = self._of(())
        return [after - before for before, after in zip(today, self._of(bought), strict=False)]

    def gain(self, bought: Purchase) -> Interval:
        """The same in the mean; nine in ten such intervals hold the true one."""
        return t_interval(self.gains(bought), 0.9)

    def _of(self, bought: Purchase) -> list[float]:
        bought = () if self.is_same(bought) else bought
        digest = self.network(bought).digest
        runs = self.runs[digest]
        key = (digest, len(runs))
        if key not in self._scores:
            force = force_of(self.network(bought))
            self._scores[key] = scores(self.asked.objective, ReplicationSet(force, runs))
        return self._scores[key]

    def guess(self, bought: Purchase) -> dict[str, float]:
        """Days of a soldier that each further offer may save beside a list, by where its critical paths lose them."""
        network, given = self.network(bought), self.menu.given(bought)
        if network.digest not in self._guesses:
            further = {offer.key: sorted(offer.gives - given) for offer in self.menu.offers if offer.gives - given}
            work = self.at_work[0].submit(_guessed, network, self.asked.entry, further, self.options.engine)
            self._guesses[network.digest] = work.result()
            self.save()
        return self._guesses[network.digest]

    def bounds(self) -> dict[float, float]:
        """For each budget the day that no schedule beats with all that alone could be paid, which no list exceeds.

        A bound that holds for a larger budget holds for a smaller one too, whose lists it could buy.
        """
        networks = {budget: self._everything(budget) for budget in self.asked.budgets}
        asked = {
            digest: self.at_work[0].submit(_bound_day, network)
            for digest, network in {network.digest: network for network in networks.values()}.items()
            if digest not in self._bounds
        }
        for digest, work in asked.items():
            self._bounds[digest] = known_or_none(work.result())
        if asked:
            self.save()
        found: dict[float, float] = {}
        least = -math.inf
        for budget in reversed(self.asked.budgets):
            day = self._bounds[networks[budget].digest]
            least = max(least, math.inf if day is None else day)
            found[budget] = least
        return dict(reversed(found.items()))

    def _everything(self, budget: float) -> Scenario:
        """The network with all that is no dearer than a budget, of each family the strongest, exclusions or not."""
        entry, menu = self.asked.entry, self.menu
        paid = [offer.key for offer in menu.offers if menu.within(menu.purchase([offer.key]), budget)]
        strongest = {
            entry.levers[key].family or key: key for key in entry.levers if key in paid or key in self.asked.given
        }
        given = menu.given(paid)
        shares = self._built | dict.fromkeys([key for key in given if key in entry.projects], 1.0)
        levers = list(strongest.values())
        made = apply_levers(entry, levers, shares) if levers or shares else at_year(entry)
        return made.model_copy(update={"seed": entry.seed})

    def save(self, further: dict[str, Any] | None = None) -> None:
        """Write what is known beside the runs."""
        if self.store is not None:
            said = {
                "bounds": dict(sorted(self._bounds.items())),
                "same_plan": sorted(self.same),
                "guesses": dict(sorted(self._guesses.items())),
            }
            write_json(self.store.folder / SEARCH, said | (further or {}))


def _planned(network: Scenario, below: Sequence[Carried], engine: str | None) -> Chosen:
    return choose(network, below, network.seed, engine=engine)


def _guessed(network: Scenario, entry: Scenario, further: dict[str, list[str]], engine: str | None) -> dict[str, float]:
    """What is above zero of `flanksim.study.worth` on a network, for offers that give these things more."""
    plan = compile_plan(network)
    player = simulator(engine_for(plan, engine, _GUESSED_RUNS, tell=False))
    lost = days_lost(player(plan, seed) for seed in planning_seeds(network.seed, _GUESSED_RUNS if plan.chance else 1))
    rows = {"projects": entry.projects, "levers": entry.levers, "effects": entry.effects}
    whole = network.model_copy(update=rows)
    found = {key: worth(whole, lost, things) for key, things in further.items()}
    return {key: days for key, days in found.items() if days > 0.0}


def _bound_day(network: Scenario) -> float:
    return ladder(network, groups=False, prices=False).day
