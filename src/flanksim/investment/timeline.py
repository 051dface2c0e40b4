"""Which projects are paid, under way and done, by year: money in order of a list, build time as a floor.

Each year's money goes down the list. A project takes at most its even instalment, cost over build
years, and at most `max_project_share` of a purse; what is left goes to the next. Short money makes a
project slower. Unspent money is kept up to `carry_over_years` times the year's budget.

Work starts when the first money is there, the prerequisites are done and, in each country of the
project, fewer than `max_projects_per_nation` of the projects above it in the list are unfinished.
Money for a project that must wait is set aside for it. It is done when the build years have passed
since the start, which no money shortens, and all is paid. Within a year money flows at full pace from
1 January until the year's part is paid.

Since places in the queue for money and work depend on the list alone, more money from a pooled purse
delays no project: each year every project has been paid at least as much. (A rule by which a project
starts only when all its instalments fit breaks that: more money starts a large project, which then
starves a small one.) With national purses it need not hold: one ally's extra money can start a joint
project that then draws on its partner's purse. A project of a group is paid by its members in proportion to what
each can still spend, so that no single one holds it up.

Works under way come first in the list, in order of their opening: they are not begun again, and only what is left
costs money. They keep the opening year of the table: an empty purse delays its payments, not the works, unless nothing
at all is paid; then they stop. A scalable programme under way delivers what is paid, as a new one.

The default list is a rule, not an optimum: cheapest first, then shortest, then by id.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from flanksim.errors import FlanksimError
from flanksim.investment.money import Budgets, budgets
from flanksim.investment.projects import ON_TIME, Works, c_day, circle, unknown_project, works
from flanksim.scenario.project_rows import Project
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Schedule:
    """One project's money and dates. Dates are years with fraction: 2030.5 is 1 July 2030.

    Attributes
    ----------
    cost_bn_eur, spent_bn_eur
        Announced cost times overrun; what of it was paid before the first year of the timeline.
    build_years, paying_years
        From the start of work to its end; over how many years what is left is paid at full pace.
    start, done
        When work starts and ends; infinite where that is after the last year looked at or never.
    delivers_from
        From when a scalable programme delivers what is paid.
    paid
        Year to EUR bn paid in it, without `spent_bn_eur`.
    paid_by
        Ally (or ``pool``) to EUR bn paid until the end of the timeline.
    scalable
        What is paid is delivered; else nothing before all is done.
    """

    project_id: str
    name: str
    cost_bn_eur: float
    spent_bn_eur: float
    build_years: float
    paying_years: float
    start: float
    done: float
    delivers_from: float
    paid: Mapping[int, float]
    paid_by: Mapping[str, float]
    scalable: bool

    @property
    def left_bn_eur(self) -> float:
        """What is to be paid from the first year of the timeline on, EUR bn."""
        return self.cost_bn_eur - self.spent_bn_eur

    def begun_by(self, year: int) -> bool:
        """Whether it is under way or done by `year`, with money of this timeline or with none left to pay."""
        return self.start <= c_day(year) and (sum(self.paid.values()) > 0 or self.left_bn_eur <= _NOTHING)

    def paid_at(self, date: float) -> float:
        """EUR bn paid until `date`, a year with fraction."""
        pace = self.left_bn_eur / self.paying_years if self.paying_years > 0 else math.inf
        total = 0.0
        for year, amount in self.paid.items():
            if year + 1 <= date:
                total += amount
            elif year < date:
                total += min(amount, pace * (date - year))
        return total

    def share_at(self, date: float) -> float:
        """Part in service at `date`, 0 to 1; of a scalable programme what is paid and could be built by then.

        What was delivered before the first year of the timeline is in the tables of the network already: the share is
        one of what is left.
        """
        if self.done <= date + ON_TIME:
            return 1.0
        if not self.scalable or self.delivers_from >= date:
            return 0.0
        paid = self.paid_at(date) / self.left_bn_eur if self.left_bn_eur > 0 else 1.0
        built = (date - self.delivers_from) / self.paying_years if self.paying_years > 0 else 1.0
        return min(paid, built, 1.0)


@dataclass(frozen=True)
class Timeline:
    """What spending builds, project by project, in the order of the list.

    Attributes
    ----------
    first_year, last_year
        Years in which money was given out.
    """

    first_year: int
    last_year: int
    schedules: tuple[Schedule, ...]

    @cached_property
    def by_project(self) -> dict[str, Schedule]:
        """Schedules by project id."""
        return {entry.project_id: entry for entry in self.schedules}

    def done_by(self, year: int) -> tuple[str, ...]:
        """Projects wholly in service by `year`, in order of id."""
        return tuple(sorted(key for key, share in self.shares_by(year).items() if share >= 1.0))

    def shares_by(self, year: int) -> dict[str, float]:
        """Part of each project in service by `year`; those without any are left out."""
        self._within(year)
        found = {entry.project_id: entry.share_at(c_day(year)) for entry in self.schedules}
        return {key: share for key, share in sorted(found.items()) if share > 0.0}

    def under_way_in(self, year: int) -> tuple[str, ...]:
        """Projects begun but not wholly in service by `year`, in order of id."""
        self._within(year)
        begun = [entry for entry in self.schedules if entry.begun_by(year)]
        return tuple(sorted(entry.project_id for entry in begun if entry.share_at(c_day(year)) < 1.0))

    def spent_by(self, year: int) -> float:
        """EUR bn paid by `year`, money set aside for waiting projects included."""
        self._within(year)
        return sum(entry.paid_at(c_day(year)) for entry in self.schedules)

    def _within(self, year: int) -> None:
        if year > self.last_year:
            raise ValueError(f"this timeline ends in {self.last_year}; plan the projects until {year}")


def plan_projects(scenario: Scenario, spending: Spending, until: int, sample: int | None = None) -> Timeline:
    """Give out the money of each year to `until` and date the projects.

    Parameters
    ----------
    sample
        Seed: cost, overrun and build years are drawn from triangles between low and high, by project, so that
        adding a project changes no draw of another. Typical values if not given.

    Raises
    ------
    FlanksimError
        E222 if `until` is before the data; E216 for a selection that names an unknown project.
    """
    money = budgets(scenario, spending, until)
    order = project_order(scenario, spending)
    plans = {key: works(scenario, key, spending.first_year, sample) for key in order}
    paid, paid_by = _payments(scenario, spending, money, order, plans)
    dates = _dates(scenario, spending, order, plans, paid)
    schedules = tuple(
        Schedule(
            project_id=key,
            name=scenario.projects[key].name,
            cost_bn_eur=plan.cost_bn_eur,
            spent_bn_eur=plan.cost_bn_eur - plan.left_bn_eur,
            build_years=plan.build_years,
            paying_years=plan.paying_years,
            start=dates[key][0],
            done=dates[key][1],
            delivers_from=dates[key][0] if plan.begun is None else plan.not_before,
            paid=paid[key],
            paid_by=paid_by[key],
            scalable=scenario.projects[key].scalable,
        )
        for key, plan in plans.items()
    )
    return Timeline(spending.first_year + 1, until, schedules)


def project_order(scenario: Scenario, spending: Spending) -> tuple[str, ...]:
    """The list down which money flows.

    First works under way by their opening, then `spending.selection`, then the others by typical final cost, build
    years and id; under `only_selection` the selection alone. Prerequisites are moved (or taken in) before what needs
    them. A project that is excluded by one above it is left out, with what needs it.
    """
    projects = scenario.projects
    unknown = [name for name in spending.selection if name not in projects]
    if unknown:
        raise FlanksimError([unknown_project(scenario, name, "spending.selection") for name in unknown])
    wanted: list[str] = list(spending.selection)
    if not spending.only_selection:
        plans = {key: works(scenario, key, spending.first_year) for key in projects}
        before = [key for key, plan in plans.items() if plan.begun is not None]
        before.sort(key=lambda key: (plans[key].opens, key))
        rest = sorted(projects, key=lambda key: (plans[key].cost_bn_eur, plans[key].build_years, key))
        wanted = [*before, *wanted, *rest]
    order: dict[str, None] = {}
    out: set[str] = set()

    def place(key: str, trail: tuple[str, ...]) -> bool:
        if key in order:
            return True
        if key not in projects:
            raise FlanksimError(unknown_project(scenario, key, f"projects.{trail[-1]}.prerequisites"))
        if key in trail:
            raise FlanksimError(circle(scenario, trail, key))
        project = projects[key]
        clash = any(other in order for other in project.exclusions) or any(key in projects[o].exclusions for o in order)
        if key in out or clash or not all(place(name, (*trail, key)) for name in project.prerequisites):
            out.add(key)
            return False
        order[key] = None
        return True

    for key in dict.fromkeys(wanted):
        place(key, ())
    return tuple(order)


def payer_shares(project: Project) -> dict[str, float]:
    """Who pays which part: as stated, else its countries in equal parts. A group stands for its members together."""
    return dict(project.payer_shares) or {name: 1.0 / len(project.countries) for name in project.countries}


class _Purses:
    """Money of one line that can still be spent this year, by ally or in one pool."""

    def __init__(self, scenario: Scenario, spending: Spending, allies: tuple[str, ...]) -> None:
        self._pooled = spending.purse == "pooled"
        self._most_share = spending.max_project_share
        self._kept_years = spending.carry_over_years
        self._allies = allies
        self._members = {
            name: [ally for ally in members if ally in allies] for name, members in scenario.country_groups.items()
        }
        self._budget: dict[str, float] = {}
        self._purse: dict[str, float] = {}
        self._limit: dict[str, float] = {}

    def open_year(self, amounts: NDArray[np.float64]) -> None:
        """Keep what may be kept of the year before and add this year's `amounts`, one an ally."""
        kept = {key: min(left, self._kept_years * self._budget[key]) for key, left in self._purse.items()}
        by_ally = dict(zip(self._allies, map(float, amounts), strict=True))
        self._budget = {"": sum(by_ally.values())} if self._pooled else by_ally
        self._purse = {key: amount + kept.get(key, 0.0) for key, amount in self._budget.items()}
        self._limit = {key: amount * self._most_share for key, amount in self._purse.items()}

    def _room(self, name: str) -> float:
        if name in self._members:
            return sum(self._room(member) for member in self._members[name])
        return min(self._purse.get(name, 0.0), self._limit.get(name, 0.0))

    def most(self, payers: Mapping[str, float]) -> float:
        """The most that one project with these payers can get."""
        if self._pooled:
            return self._room("")
        return min(self._room(name) / share for name, share in payers.items() if share > 0)

    def pay(self, amount: float, payers: Mapping[str, float]) -> dict[str, float]:
        """Take `amount` out of the purses; who paid how much."""
        if self._pooled:
            self._purse[""] = max(0.0, self._purse[""] - amount)
            return {"pool": amount}
        paid: dict[str, float] = {}
        for name, share in payers.items():
            rooms = {member: self._room(member) for member in self._members.get(name, [name])}
            total = sum(rooms.values())
            for ally, room in rooms.items():
                part = amount * share * (room / total if total > 0 else 0.0)
                self._purse[ally] = max(0.0, self._purse[ally] - part)
                paid[ally] = paid.get(ally, 0.0) + part
        return paid


def _payments(
    scenario: Scenario,
    spending: Spending,
    money: Budgets,
    order: tuple[str, ...],
    plans: Mapping[str, Works],
) -> tuple[dict[str, dict[int, float]], dict[str, dict[str, float]]]:
    """EUR bn paid for each project, by year and by payer."""
    paid: dict[str, dict[int, float]] = {key: {} for key in order}
    paid_by: dict[str, dict[str, float]] = {key: {} for key in order}
    left = {key: plans[key].left_bn_eur for key in order}
    payers = {key: payer_shares(scenario.projects[key]) for key in order}
    purses = {line: _Purses(scenario, spending, money.allies) for line in ("infrastructure", "core")}
    for i, year in enumerate(money.years):
        purses["infrastructure"].open_year(money.infrastructure[i])
        purses["core"].open_year(money.core[i])
        for key in order:
            plan = plans[key]
            if year < math.floor(plan.not_before) or ((paid[key] or plan.begun is not None) and left[key] <= _NOTHING):
                continue
            purse = purses[scenario.projects[key].purse]
            most = purse.most(payers[key])
            if most <= _NOTHING:
                continue
            whole = plan.left_bn_eur
            amount = min(whole / plan.paying_years if plan.paying_years > 0 else whole, left[key], most)
            for name, part in purse.pay(amount, payers[key]).items():
                paid_by[key][name] = paid_by[key].get(name, 0.0) + part
            paid[key][year] = amount
            left[key] = 0.0 if left[key] - amount <= ON_TIME * whole else left[key] - amount
    return paid, paid_by


def _dates(
    scenario: Scenario,
    spending: Spending,
    order: tuple[str, ...],
    plans: Mapping[str, Works],
    paid: Mapping[str, dict[int, float]],
) -> dict[str, tuple[float, float]]:
    """Start and end of work on each project."""
    dates: dict[str, tuple[float, float]] = {}
    groups = scenario.country_groups
    above: dict[str, list[float]] = {}  # by country, ends of the projects higher in the list
    for key in order:
        project, plan = scenario.projects[key], plans[key]
        countries = [name for name in project.countries if name not in groups]
        if plan.begun is not None:
            start = plan.begun
        else:
            start = float(min(paid[key], default=math.inf))
            start = max([start, plan.not_before, *(dates[name][1] for name in project.prerequisites)])
            for country in countries:
                ends = sorted(above.get(country, []), reverse=True)
                if len(ends) >= spending.max_projects_per_nation:
                    start = max(start, ends[spending.max_projects_per_nation - 1])
        done = max(plan.end(start), _paid_up(plan, paid[key], project.scalable))
        dates[key] = (start, done)
        for country in countries:
            above.setdefault(country, []).append(done)
    return dates


def _paid_up(plan: Works, paid: Mapping[int, float], scalable: bool) -> float:
    """Date from which money holds nothing up any more; infinite if it does to the end.

    New works and programmes that deliver what is paid need the last of their cost. Other works under way need that
    money goes on to flow: their contracts stand, and what a purse cannot pay when it is due is paid later.
    """
    whole = plan.left_bn_eur
    if plan.begun is not None and whole <= _NOTHING:
        return -math.inf
    if plan.begun is not None and not scalable:
        return float(min(paid, default=math.inf))
    if not paid or sum(paid.values()) < whole * (1.0 - ON_TIME):
        return math.inf
    last = max(paid)
    return last + (paid[last] * plan.paying_years / whole if plan.paying_years > 0 and whole > 0 else 0.0)
