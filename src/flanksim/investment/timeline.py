"""Which projects are paid, under way and done, by year: money in order of a list, build time as a floor.

Each year's money goes down the list (`flanksim.investment.order`), every payer for its own part
(`flanksim.investment.purses`). Short money makes a project slower, and a payer whose purse is empty pays later; it
holds up nobody else. New works begin when payers who together carry `carried_share` of the cost have begun to pay, the
prerequisites are done and, if `max_projects_per_nation` is set, fewer new works than that above it in the list are
unfinished in each of its countries. Money for a project that must wait is set aside for it. It is done when the build
years have passed since the start, which no money shortens, and payers who carry that share have paid all of theirs.
What the others owe is paid as their money comes. Within a year money flows at full pace from 1 January until the
year's part is paid.

Since places in the queue for money depend on the list alone, and no payer waits for another, more money for one country
or for all delays no project. Grants are the exception: one pays beside the others, so that more money of one country
can draw a grant to its project before it reaches another's.

Works under way come first in the list, in order of their opening: they are not begun again, and only what is left
costs money. They keep the opening year of the table: an empty purse delays its payments, not the works, unless nothing
at all is paid; then they stop. A scalable programme under way delivers what is paid, as a new one.

What is hired serves as long as each year's part is paid, and on once all years are paid: its renewal is not modelled.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from flanksim.investment.money import budgets
from flanksim.investment.order import side_by_side
from flanksim.investment.projects import ON_TIME, Works, c_day, works
from flanksim.investment.purses import Account, Payments, PurseYear
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
    by_payer
        Country, fund or ``pool`` to what it paid, by year.
    scalable
        What is paid is delivered; else nothing before all is done.
    hired
        It serves in a year if the part of that year is paid.
    carried_share
        Part of a year's money without which what is hired does not serve at all.
    hired_share
        Year to the part of its money that is there, 0 to 1; empty for what is not hired.
    standing
        Payers whose money for it flows whatever is spent: standing budgets, and grants beside nobody else.
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
    by_payer: Mapping[str, Mapping[int, float]]
    scalable: bool
    hired: bool
    carried_share: float
    standing: frozenset[str] = frozenset()
    hired_share: Mapping[int, float] = field(default_factory=dict)

    @property
    def paid_by(self) -> dict[str, float]:
        """Country, fund or ``pool`` to EUR bn paid until the end of the timeline."""
        return {name: sum(paid.values()) for name, paid in self.by_payer.items()}

    @property
    def left_bn_eur(self) -> float:
        """What is to be paid from the first year of the timeline on, EUR bn."""
        return self.cost_bn_eur - self.spent_bn_eur

    def begun_by(self, year: int) -> bool:
        """Whether it is under way or done by `year`, with money of this timeline or with none left to pay."""
        return self.start <= c_day(year) and (sum(self.paid.values()) > 0 or self.left_bn_eur <= _NOTHING)

    def paid_at(self, date: float, payers: Collection[str] | None = None) -> float:
        """EUR bn paid until `date`, a year with fraction.

        Parameters
        ----------
        payers
            Only what these have paid; all if not given.
        """
        pace = self.left_bn_eur / self.paying_years if self.paying_years > 0 else math.inf
        total = 0.0
        for year, amount in self.paid.items():
            part = amount
            if payers is not None:
                part = sum(paid.get(year, 0.0) for name, paid in self.by_payer.items() if name in payers)
            if year + 1 <= date:
                total += part
            elif year < date:
                total += part * min(1.0, pace * (date - year) / amount)
        return total

    def share_at(self, date: float) -> float:
        """Part in service at `date`, 0 to 1; of a scalable programme what is paid and could be built by then.

        What was delivered before the first year of the timeline is in the tables of the network already: the share is
        one of what is left.
        """
        if self.hired:
            return self._hired_at(date)
        if self.done <= date + ON_TIME:
            return 1.0
        if not self.scalable or self.delivers_from >= date:
            return 0.0
        paid = self.paid_at(date) / self.left_bn_eur if self.left_bn_eur > 0 else 1.0
        built = (date - self.delivers_from) / self.paying_years if self.paying_years > 0 else 1.0
        return min(paid, built, 1.0)

    def _hired_at(self, date: float) -> float:
        if self.done > date + ON_TIME:
            return 0.0
        year = math.floor(date)
        rest = self.left_bn_eur - sum(self.paid.values())
        part = self.hired_share.get(year, float(rest <= ON_TIME * self.left_bn_eur))  # after the last year: all is paid
        return part if self.scalable else float(part >= self.carried_share - ON_TIME)


@dataclass(frozen=True)
class Timeline:
    """What spending builds, project by project, in the order of the list.

    Attributes
    ----------
    first_year, last_year
        Years in which money was given out.
    purses
        Every purse in every year: what was given, paid, kept and lapsed.
    """

    first_year: int
    last_year: int
    schedules: tuple[Schedule, ...]
    purses: tuple[PurseYear, ...] = ()

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
        """EUR bn paid by `year` beside what flows anyway, money set aside for waiting projects included."""
        return self.paid_by(year) - self.standing_by(year)

    def paid_by(self, year: int) -> float:
        """EUR bn paid by `year` by anybody."""
        self._within(year)
        return sum(entry.paid_at(c_day(year)) for entry in self.schedules)

    def standing_by(self, year: int) -> float:
        """EUR bn paid by `year` that flow whatever is spent: standing budgets, and grants to what they alone carry."""
        self._within(year)
        return sum(entry.paid_at(c_day(year), entry.standing) for entry in self.schedules)

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
    parts = side_by_side(scenario, spending)
    order = [key for part in parts for key in part]
    plans = {key: works(scenario, key, spending.first_year, sample) for key in order}
    payments = Payments(scenario, spending, money, parts, plans)
    dates = _dates(scenario, spending, order, plans, payments.accounts)
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
            paid=payments.accounts[key].total,
            by_payer=payments.accounts[key].by_payer,
            scalable=scenario.projects[key].scalable,
            hired=scenario.projects[key].hired_years is not None,
            carried_share=spending.carried_share,
            standing=_standing(scenario, payments.accounts[key]),
            hired_share=(
                {}
                if scenario.projects[key].hired_years is None
                else {year: payments.accounts[key].share_paid(year, plan.paying_years) for year in money.years}
            ),
        )
        for key, plan in plans.items()
    )
    return Timeline(spending.first_year + 1, until, schedules, tuple(payments.years))


def _standing(scenario: Scenario, account: Account) -> frozenset[str]:
    """Payers of one project whose money flows whatever countries spend."""
    funds = {name: scenario.funds[name].kind for name in account.due if name in scenario.funds}
    standing = {name for name, kind in funds.items() if kind == "standing"}
    anyway = bool(standing) and len(funds) == len(account.due)
    return frozenset(funds if anyway else standing)


def _dates(
    scenario: Scenario,
    spending: Spending,
    order: Sequence[str],
    plans: Mapping[str, Works],
    accounts: Mapping[str, Account],
) -> dict[str, tuple[float, float]]:
    """Start and end of work on each project."""
    dates: dict[str, tuple[float, float]] = {}
    groups = scenario.country_groups
    most = spending.max_projects_per_nation
    above: dict[str, list[float]] = {}  # by country, ends of the new works higher in the list
    for key in order:
        project, plan, account = scenario.projects[key], plans[key], accounts[key]
        if plan.begun is not None:
            dates[key] = (plan.begun, max(plan.end(plan.begun), _goes_on(plan, account, project.scalable, spending)))
            continue
        start = max(plan.not_before, _carried(account, spending.carried_share, plan, paid_up=False))
        start = max([start, *(dates[name][1] for name in project.prerequisites)])
        countries = [name for name in project.countries if name not in groups]
        for country in countries if most is not None else ():
            ends = sorted(above.get(country, []), reverse=True)
            if most is not None and len(ends) >= most:
                start = max(start, ends[most - 1])
        done = plan.end(start)
        if project.hired_years is None:
            done = max(done, _paid_up(plan, account, project.scalable, spending))
        dates[key] = (start, done)
        for country in countries:
            above.setdefault(country, []).append(done)
    return dates


def _goes_on(plan: Works, account: Account, scalable: bool, spending: Spending) -> float:
    """Date from which money does not hold up works under way; infinite if it does to the end.

    Their contracts stand: they need that money goes on to flow, and what a purse cannot pay when due is paid later. A
    programme that delivers what is paid needs all of it.
    """
    if plan.left_bn_eur <= _NOTHING:
        return -math.inf
    if scalable:
        return _paid_up(plan, account, scalable, spending)
    return float(min(account.total, default=math.inf))


def _paid_up(plan: Works, account: Account, scalable: bool, spending: Spending) -> float:
    """Date on which enough is paid for new works to open; a programme that delivers what is paid needs all of it."""
    return _carried(account, 1.0 if scalable else spending.carried_share, plan, paid_up=True)


def _carried(account: Account, share: float, plan: Works, paid_up: bool) -> float:
    """Date on which payers who carry `share` of the cost have begun to pay, or have paid all of theirs."""
    whole = sum(account.due.values())
    if whole <= _NOTHING:
        return -math.inf
    carried = 0.0
    for date, due in sorted((_date(account, name, plan, paid_up), due) for name, due in account.due.items()):
        carried += due
        if carried >= (share - ON_TIME) * whole:
            return date
    return math.inf


def _date(account: Account, name: str, plan: Works, paid_up: bool) -> float:
    """Year in which one payer begins to pay, or date on which it has paid all of its part."""
    paid, due = account.by_name[name], account.due[name]
    if due <= _NOTHING:
        return -math.inf
    if not paid or (paid_up and account.left[name] > 0.0):
        return math.inf
    if not paid_up:
        return float(min(paid))
    last = max(paid)
    return last + (paid[last] * plan.paying_years / due if plan.paying_years > 0 else 0.0)
