"""The best list of projects for each budget: lists with their runs, and what follows from these."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

from flanksim.investment.levers import from_year
from flanksim.investment.payers import paid_by, payers_of
from flanksim.measure.alternatives import Alternative, AlternativeRuns
from flanksim.measure.clocks import mean_closing
from flanksim.measure.closure import ALL
from flanksim.measure.offers import Menu, Purchase, shapley
from flanksim.measure.replications import INDIFFERENT_DELAY_DAYS, INDIFFERENT_SHARE, ReplicationSet
from flanksim.measure.selection import Rival, chance_of_right_choice, rival
from flanksim.measure.statistics import Interval, t_interval
from flanksim.scenario.naming import readable
from flanksim.scenario.schema import Scenario
from flanksim.units import closure_day

#: What is bought for, in words, the unit of what is gained, and the gain that does not matter.
OBJECTIVES: dict[str, tuple[str, str, float]] = {
    "delay": ("soldiers closed sooner, in the mean", "days of a soldier", INDIFFERENT_DELAY_DAYS),
    "in-time": ("more troops closed by the deadline", "points", 100 * INDIFFERENT_SHARE),
    "last-day": ("the last day sooner", "days", 0.5),
}
#: The chance of a right choice that is asked for.
WANTED = 0.95
#: Of what does not matter, so much may be lost for a cheaper list.
_PART = 0.5
#: Lists beside the best one that are told, and the part of the money that each must spend otherwise.
_OTHERS, _OTHERWISE = 2, 0.2
#: Causes of the last unit's day that are told of a list.
_CAUSES = 3


def scores(objective: str, runs: ReplicationSet) -> list[float]:
    """What is to be large, of each run: unclosed runs count to the horizon."""
    force, part = runs.force, runs.parts[ALL]
    if objective == "delay":
        return [-mean_closing(force, entry.clocks, part) for entry in runs.replications]
    if objective == "in-time":
        return [100.0 * entry.closures[ALL].on_time_share for entry in runs.replications]
    last = closure_day(force.horizon_h)
    return [-(last if math.isnan(day) else day) for day in runs.closure_days()]


@dataclass(frozen=True)
class PortfolioRuns(AlternativeRuns):
    """Lists of projects and levers with their runs; the first alternative is today's network, with nothing bought.

    Attributes
    ----------
    entry
        The scenario with its projects, levers and payers.
    menu
        What there is to buy.
    purchases
        What is bought in each alternative.
    same_plan
        Lists of which the plan is today's to the last number: they have today's runs.
    budgets_bn_eur
        Sums, rising.
    objective
        What is bought for, one of `OBJECTIVES`.
    indifference
        A gain that is smaller does not matter, in the unit of the objective.
    finalists
        For each budget the lists between which further runs decide.
    bound_days
        For each budget the day that no schedule beats, whatever is bought for it.
    given
        Levers that are pulled whatever is bought.
    whole
        Every list that the largest budget can buy was run.
    split
        The packages of the last list that Shapley's values are told of; empty without.
    """

    entry: Scenario = field(kw_only=True, repr=False, compare=False)
    menu: Menu = field(kw_only=True, repr=False)
    purchases: tuple[Purchase, ...] = ((),)
    same_plan: frozenset[Purchase] = frozenset()
    budgets_bn_eur: tuple[float, ...] = ()
    objective: str = "delay"
    indifference: float = INDIFFERENT_DELAY_DAYS
    finalists: Mapping[float, tuple[Purchase, ...]] = field(default_factory=dict)
    bound_days: Mapping[float, float] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    whole: bool = False
    split: Mapping[str, Purchase] = field(default_factory=dict)

    @cached_property
    def _runs(self) -> dict[Purchase, Alternative]:
        return dict(zip(self.purchases, self.alternatives, strict=True))

    def of(self, bought: Purchase) -> Alternative:
        """The runs of a list; those of today's network for one that leaves the plan as it is."""
        return self._runs[() if bought in self.same_plan else bought]

    def __contains__(self, bought: object) -> bool:
        """Whether a list was run."""
        return bought in self._runs or bought in self.same_plan

    @property
    def simulated(self) -> int:
        """Lists that were run, today's network among them."""
        return len(self.alternatives)

    @cached_property
    def _scores(self) -> dict[Purchase, list[float]]:
        return {bought: scores(self.objective, runs) for bought, runs in self._runs.items()}

    def gains(self, bought: Purchase) -> list[float]:
        """What a list gains against today, of each pair of runs, in the unit of the objective."""
        today, then = self._scores[()], self._scores[() if bought in self.same_plan else bought]
        return [after - before for before, after in zip(today, then, strict=False)]

    def gain(self, bought: Purchase) -> Interval:
        """The same in the mean, with its 95 % interval."""
        return t_interval(self.gains(bought))

    def against(self, bought: Purchase, other: Purchase) -> Rival:
        """How one list stands against another, over the runs that both have."""
        return rival(self.gains(bought), self.gains(other))

    # ---- what is chosen --------------------------------------------------------------------------

    @cached_property
    def chosen(self) -> dict[float, Purchase]:
        """For each budget the cheapest of the lists that gain most, but for what does not matter.

        A larger budget may keep the list of a smaller one: what gains no more is not bought.
        """
        found: dict[float, Purchase] = {}
        pool: dict[Purchase, float] = {(): 0.0}
        for budget in self.budgets_bn_eur:
            pool |= {bought: self.gain(bought).mean for bought in self.finalists.get(budget, ()) if bought in self}
            most = max(pool.values())
            near = [bought for bought, gain in pool.items() if gain >= most - _PART * self.indifference - 1e-9]
            found[budget] = min(near, key=lambda bought: (self.menu.price(bought), -pool[bought], len(bought)))
        return found

    def certainty(self, budget: float) -> float:
        """At least this is the chance that no finalist is better than the chosen list by more than what matters."""
        return chance_of_right_choice(self.rivals(budget), self.indifference)

    def rivals(self, budget: float) -> list[Rival]:
        """How the other finalists of a budget, and of smaller ones, stand against its list."""
        best = self.chosen[budget]
        return [self.against(bought, best) for bought in self.others(budget)]

    def others(self, budget: float) -> list[Purchase]:
        """The other finalists of a budget and of smaller ones."""
        lists = dict.fromkeys(
            bought for sum_, found in sorted(self.finalists.items()) if sum_ <= budget for bought in found
        )
        return [bought for bought in lists if bought != self.chosen[budget] and bought in self]

    def near_equals(self, budget: float) -> list[Purchase]:
        """Finalists that gain as much but for what does not matter, those that spend most money otherwise first."""
        best, found = self.chosen[budget], list[Purchase]()
        candidates = [
            bought
            for bought in self.finalists.get(budget, ())
            if bought and self.against(bought, best).better >= -self.indifference - 1e-9 and not self.idle(bought)
        ]
        while len(found) < _OTHERS:
            apart = {
                bought: min(self.menu.otherwise(bought, other) for other in (best, *found))
                for bought in candidates
                if bought not in found
            }
            far = max(apart, key=lambda bought: (apart[bought], self.gain(bought).mean), default=())
            if not far or apart[far] < _OTHERWISE:
                return found
            found.append(far)
        return found

    def idle(self, bought: Purchase) -> bool:
        """Whether a list gains no more than one of those without one project that were run."""
        return any(gain.mean <= 1e-9 for gain in self.one_less(bought).values())

    def one_less(self, bought: Purchase) -> dict[str, Interval]:
        """What each project of a list gains beside the others, where the list without it was run."""
        found = {}
        for key in bought:
            less = self.menu.without(bought, key)
            if less != bought and less in self:
                pairs = zip(self.gains(bought), self.gains(less), strict=False)
                found[key] = t_interval([whole - part for whole, part in pairs])
        return found

    def one_more(self, bought: Purchase) -> dict[str, Interval]:
        """What each further project would gain beside a list, where the list with it was run."""
        found = {}
        for offer in self.menu.offers:
            if offer.key in bought or self.menu.clashes((*bought, offer.key)):
                continue
            more = self.menu.purchase((*bought, offer.key))
            if more in self and self.menu.without(more, offer.key) == bought:
                pairs = zip(self.gains(more), self.gains(bought), strict=False)
                found[offer.key] = t_interval([whole - part for whole, part in pairs])
        return found

    # ---- rows ------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """A row each budget."""
        return [self._row(budget, place) for place, budget in enumerate(self.budgets_bn_eur)]

    def _row(self, budget: float, place: int) -> dict[str, Any]:
        bought = self.chosen[budget]
        before = self.budgets_bn_eur[place - 1] if place else None
        return {
            "budget_bn_eur": budget,
            **self.told(bought),
            "kept": before is not None and self.chosen[before] == bought,
            "certainty": self.certainty(budget),
            "bound": self.bound_days.get(budget, math.nan),
            "alternatives": [
                self.told(other) | {"spent_otherwise": self.menu.otherwise(other, bought)}
                for other in self.near_equals(budget)
            ],
            "one_less": self.one_less(bought),
            "one_more": self.one_more(bought),
            "payers": self.payers(bought),
            "worse": "" if before is None else self.worse(self.chosen[before], bought),
        }

    def told(self, bought: Purchase) -> dict[str, Any]:
        """What is told of a list: what is bought, what it costs, and what its runs say."""
        entry, cost = self.of(bought), self.menu.cost(bought)
        causes = list(entry.cause_days(lambda cause: readable(cause, entry.scenario)).items())[:_CAUSES]
        return {
            "projects": list(bought),
            "titles": [self.title(key) for key in bought],
            "spent_bn_eur": cost[1],
            "spent_low_bn_eur": cost[0],
            "spent_high_bn_eur": cost[2],
            "counts_from": self._runs[bought].about.stands_by if bought in self._runs else None,
            "closure_day": entry.closure_day(),
            "share_on_time": entry.on_time_share(),
            "mobility_delay_days": entry.mobility_delay(),
            "p_on_time": entry.p_on_time(),
            "gain": self.gain(bought),
            "binds": {cause: found.share for cause, found in causes},
            "runs": len(entry.replications),
        }

    def title(self, key: str) -> str:
        """The name of a project or lever for people."""
        row = self.entry.levers.get(key) or self.entry.projects.get(key)
        return key if row is None else row.name

    def worse(self, less: Purchase, more: Purchase) -> str:
        """In which measures that are not bought for a list for more money is surely worse; empty if in none."""
        if less == more:
            return ""
        found = self.of(more)
        then = ReplicationSet.against(found, self.of(less), indifference_days=self.indifference_days)
        said = (
            ("the last day is later", then.verdict in ("later", "closes less often")),
            ("fewer are in time", then.share_verdict == "fewer in time"),
            ("soldiers are closed later", then.closing_verdict == "later"),
        )
        return ", ".join(words for words, holds in said if holds)

    def payers(self, bought: Purchase) -> list[dict[str, Any]]:
        """Who pays for a list, and what is gained with each payer's money.

        What the list gains is shared among its projects by what each gains beside the others, and of each among its
        payers by what they pay; it sums to the gain of the list. Levers with a price of their own are paid by those who
        decide on them.
        """
        levers = [key for key in bought if self.menu.by_key[key].own_price]
        things = sorted(self.menu.given(bought) - self.menu.given(levers) - set(self.entry.levers))
        cost = {key: self.menu.cost_bn_eur[key][1] for key in things}
        paid = paid_by(self.entry, cost)
        gained = dict.fromkeys(paid, 0.0)
        for key in levers:
            name = self.entry.levers[key].decides or key
            paid[name] = paid.get(name, 0.0) + self.menu.cost_bn_eur[key][1]
        for key, gain in self._shared(bought).items():
            decides = {self.entry.levers[key].decides or key: 1.0} if key in self.entry.levers else None
            for name, part in (decides or payers_of(self.entry, key)).items():
                gained[name] = gained.get(name, 0.0) + part * gain
        order = sorted((name for name, amount in paid.items() if amount > 1e-6), key=lambda name: -paid[name])
        return [
            {
                "payer": name,
                "pays_bn_eur": paid[name],
                "gain": gained[name],
                "gain_per_bn_eur": gained[name] / paid[name],
            }
            for name in order
        ]

    def _shared(self, bought: Purchase) -> dict[str, float]:
        """What a list gains, by project in proportion to what each gains beside the others."""
        beside = {key: max(0.0, gain.mean) for key, gain in self.one_less(bought).items()}
        whole = math.fsum(beside.values())
        return {key: self.gain(bought).mean * gain / whole for key, gain in beside.items()} if whole > 0 else {}

    # ---- offers ----------------------------------------------------------------------------------

    @cached_property
    def alone(self) -> dict[str, Interval]:
        """What each offer that was run gains alone, the most first."""
        found = {
            offer.key: self.gain(bought)
            for offer in self.menu.offers
            if (bought := self.menu.purchase([offer.key])) in self._runs
        }
        return dict(sorted(found.items(), key=lambda entry: -entry[1].mean))

    @cached_property
    def pairs(self) -> list[dict[str, Any]]:
        """For pairs that were run: what both gain beyond the sum of each alone, and whether that is sure."""
        found = []
        for one, other in combinations(self.alone, 2):
            together, alone, beside = (self.menu.purchase(keys) for keys in ([one, other], [one], [other]))
            if together not in self or self.menu.clashes(together) or set(alone) & set(beside):
                continue
            parts = (self.gains(which) for which in (together, alone, beside))
            more = t_interval([both - first - second for both, first, second in zip(*parts, strict=False)])
            word = "complements" if more.low > 0 else "substitutes" if more.high < 0 else "cannot tell apart"
            found.append({"one": one, "other": other, "more": more, "are": word})
        return sorted(found, key=lambda row: -row["more"].mean)

    @cached_property
    def shapley(self) -> dict[str, float]:
        """Shapley's value of each package of `split`; they sum to what all of them gain."""
        first = min((len(self.gains(self._joined(names))) for names in self._subsets()), default=0)

        def value(names: frozenset[str]) -> float:
            gains = self.gains(self._joined(names))[:first]
            return math.fsum(gains) / len(gains)

        return shapley(tuple(self.split), value) if self.split else {}

    def _subsets(self) -> list[frozenset[str]]:
        names = list(self.split)
        return [frozenset(chosen) for size in range(len(names) + 1) for chosen in combinations(names, size)]

    def _joined(self, names: frozenset[str]) -> Purchase:
        return self.menu.purchase(key for name in self.split if name in names for key in self.split[name])

    def subsets(self) -> list[Purchase]:
        """The lists that Shapley's values ask for."""
        return list(dict.fromkeys(self._joined(names) for names in self._subsets())) if self.split else []

    @cached_property
    def ladder(self) -> list[dict[str, Any]]:
        """A row each project that any list holds, in the order in which they enter: and in which lists it is."""
        keys = dict.fromkeys(key for budget in self.budgets_bn_eur for key in self.chosen[budget])
        return [
            {
                "key": key,
                "title": self.title(key),
                "cost_bn_eur": self.menu.price(self.menu.purchase([key])),
                "counts_from": from_year(self.entry, key),
                "enters_at_bn_eur": next(budget for budget in self.budgets_bn_eur if key in self.chosen[budget]),
                "bought": [key in self.chosen[budget] for budget in self.budgets_bn_eur],
            }
            for key in keys
        ]
