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
project that then draws on its partner's purse. A project of ``EU`` is paid by the members in proportion to what
each can still spend, so that no single one holds it up.

The default list is a rule, not an optimum: cheapest first, then shortest, then by id.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.money import Budgets, budgets
from flanksim.scenario.rows import Project
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending

#: C-day is 1 July.
C_DAY_OF_YEAR = 0.5
_NOTHING = 1e-12
_ON_TIME = 1e-9


@dataclass(frozen=True, slots=True)
class Schedule:
    """One project's money and dates. Dates are years with fraction: 2030.5 is 1 July 2030.

    Attributes
    ----------
    cost_bn_eur
        Announced cost times overrun.
    start, done
        When work starts and ends; infinite where that is after the last year looked at or never.
    paid
        Year to EUR bn paid in it.
    paid_by
        Ally (or ``pool``) to EUR bn paid until the end of the timeline.
    scalable
        What is paid is delivered; else nothing before all is done.
    """

    project_id: str
    name: str
    cost_bn_eur: float
    build_years: float
    start: float
    done: float
    paid: Mapping[int, float]
    paid_by: Mapping[str, float]
    scalable: bool

    def paid_at(self, date: float) -> float:
        """EUR bn paid until `date`, a year with fraction."""
        pace = self.cost_bn_eur / self.build_years if self.build_years > 0 else math.inf
        total = 0.0
        for year, amount in self.paid.items():
            if year + 1 <= date:
                total += amount
            elif year < date:
                total += min(amount, pace * (date - year))
        return total

    def share_at(self, date: float) -> float:
        """Part in service at `date`, 0 to 1; of a scalable programme what is paid and could be built by then."""
        if self.done <= date + _ON_TIME:
            return 1.0
        if not self.scalable or self.start >= date:
            return 0.0
        paid = self.paid_at(date) / self.cost_bn_eur if self.cost_bn_eur > 0 else 1.0
        built = (date - self.start) / self.build_years if self.build_years > 0 else 1.0
        return min(paid, built)


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
        """Projects wholly done by 1 July of `year`, in order of id."""
        return tuple(sorted(key for key, share in self.shares_by(year).items() if share >= 1.0))

    def shares_by(self, year: int) -> dict[str, float]:
        """Part of each project in service on 1 July of `year`; those without any are left out."""
        self._within(year)
        found = {entry.project_id: entry.share_at(year + C_DAY_OF_YEAR) for entry in self.schedules}
        return {key: share for key, share in sorted(found.items()) if share > 0.0}

    def under_way_in(self, year: int) -> tuple[str, ...]:
        """Projects begun but not done on 1 July of `year`, in order of id."""
        self._within(year)
        date = year + C_DAY_OF_YEAR
        return tuple(sorted(e.project_id for e in self.schedules if e.start <= date and e.share_at(date) < 1.0))

    def spent_by(self, year: int) -> float:
        """EUR bn paid until 1 July of `year`, money set aside for waiting projects included."""
        self._within(year)
        return sum(entry.paid_at(year + C_DAY_OF_YEAR) for entry in self.schedules)

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
    drawn = {key: _draw(scenario, key, sample) for key in order}
    paid, paid_by = _payments(scenario, spending, money, order, drawn)
    dates = _dates(scenario, spending, order, drawn, paid)
    schedules = tuple(
        Schedule(
            project_id=key,
            name=scenario.projects[key].name,
            cost_bn_eur=drawn[key][0],
            build_years=drawn[key][1],
            start=dates[key][0],
            done=dates[key][1],
            paid=paid[key],
            paid_by=paid_by[key],
            scalable=scenario.projects[key].scalable,
        )
        for key in order
    )
    return Timeline(spending.first_year + 1, until, schedules)


def timeline_table(timeline: Timeline) -> list[dict[str, object]]:
    """One row a project, in the order of the list; dates that lie beyond the timeline are None."""
    return [
        {
            "project_id": entry.project_id,
            "name": entry.name,
            "cost_bn_eur": entry.cost_bn_eur,
            "build_years": entry.build_years,
            "start": entry.start if entry.start < timeline.last_year + 1 else None,
            "done": entry.done if entry.done < timeline.last_year + 1 else None,
            "paid_bn_eur": sum(entry.paid.values()),
            "paid_by_year_bn_eur": dict(entry.paid),
            "paid_by_payer_bn_eur": dict(entry.paid_by),
            "share_in_service": entry.share_at(timeline.last_year + C_DAY_OF_YEAR),
        }
        for entry in timeline.schedules
    ]


def project_order(scenario: Scenario, spending: Spending) -> tuple[str, ...]:
    """The list down which money flows.

    First `spending.selection`, then, unless `only_selection`, the others by typical final cost, build
    years and id. Prerequisites are moved (or taken in) before what needs them. A project that is excluded by one
    above it is left out, with what needs it.
    """
    projects = scenario.projects
    unknown = [name for name in spending.selection if name not in projects]
    if unknown:
        raise FlanksimError(
            [
                Problem("E216", scenario.name, "spending.selection", f"unknown project '{name}'", "see projects.csv")
                for name in unknown
            ]
        )
    rest = [] if spending.only_selection else sorted(projects, key=lambda key: (*_draw(scenario, key, None), key))
    wanted = dict.fromkeys([*spending.selection, *rest])
    order: dict[str, None] = {}
    out: set[str] = set()

    def place(key: str) -> bool:
        if key in order:
            return True
        project = projects[key]
        clash = any(other in order for other in project.exclusions) or any(key in projects[o].exclusions for o in order)
        if key in out or clash or not all(place(name) for name in project.prerequisites):
            out.add(key)
            return False
        order[key] = None
        return True

    for key in wanted:
        place(key)
    return tuple(order)


def payer_shares(project: Project) -> dict[str, float]:
    """Who pays which part: as stated, else its countries in equal parts. ``EU`` stands for its members together."""
    return dict(project.payer_shares) or {name: 1.0 / len(project.countries) for name in project.countries}


def _draw(scenario: Scenario, key: str, sample: int | None) -> tuple[float, float]:
    """Final cost in EUR bn and build years: typical, or drawn."""
    project = scenario.projects[key]
    overrun = (project.overrun_low, project.overrun_typical, project.overrun_high)
    if project.overrun_typical is None:
        overrun = scenario.spread("overrun_factor") if "overrun_factor" in scenario.parameters else (1.0, 1.0, 1.0)
    ranges = (
        (project.cost_low_bn_eur, project.cost_typical_bn_eur, project.cost_high_bn_eur),
        overrun,
        (project.build_low_years, project.build_typical_years, project.build_high_years),
    )
    if sample is None:
        cost, factor, years = (triple[1] or 0.0 for triple in ranges)
        return cost * factor, years
    seed = int.from_bytes(blake2b(f"{sample}:project:{key}".encode(), digest_size=8).digest(), "big")
    generator = np.random.default_rng(seed)
    values = []
    for low, typical, high in ranges:
        middle = typical or 0.0
        a, c = (middle if low is None else low), (middle if high is None else high)
        uniform = generator.random()  # one draw each, so that a range without width shifts no other
        values.append(_triangle(a, middle, c, uniform))
    return values[0] * values[1], values[2]


def _triangle(low: float, mode: float, high: float, uniform: float) -> float:
    """Inverse of the triangular distribution function."""
    width = high - low
    if width <= 0:
        return mode
    if uniform < (mode - low) / width:
        return low + math.sqrt(uniform * width * (mode - low))
    return high - math.sqrt((1.0 - uniform) * width * (high - mode))


class _Purses:
    """Money of one line that can still be spent this year, by ally or in one pool."""

    def __init__(self, scenario: Scenario, spending: Spending, allies: tuple[str, ...]) -> None:
        self._pooled = spending.purse == "pooled"
        self._most_share = spending.max_project_share
        self._kept_years = spending.carry_over_years
        self._allies = allies
        self._members = [ally for ally in allies if scenario.economies[ally].is_eu]
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
        if name == "EU":
            return sum(self._room(member) for member in self._members)
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
            rooms = {member: self._room(member) for member in (self._members if name == "EU" else [name])}
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
    drawn: Mapping[str, tuple[float, float]],
) -> tuple[dict[str, dict[int, float]], dict[str, dict[str, float]]]:
    """EUR bn paid for each project, by year and by payer."""
    paid: dict[str, dict[int, float]] = {key: {} for key in order}
    paid_by: dict[str, dict[str, float]] = {key: {} for key in order}
    left = {key: drawn[key][0] for key in order}
    payers = {key: payer_shares(scenario.projects[key]) for key in order}
    purses = {line: _Purses(scenario, spending, money.allies) for line in ("infrastructure", "core")}
    for i, year in enumerate(money.years):
        purses["infrastructure"].open_year(money.infrastructure[i])
        purses["core"].open_year(money.core[i])
        for key in order:
            if paid[key] and left[key] <= _NOTHING:
                continue
            purse = purses[scenario.projects[key].purse]
            most = purse.most(payers[key])
            if most <= _NOTHING:
                continue
            cost, years = drawn[key]
            amount = min(cost / years if years > 0 else cost, left[key], most)
            for name, part in purse.pay(amount, payers[key]).items():
                paid_by[key][name] = paid_by[key].get(name, 0.0) + part
            paid[key][year] = amount
            left[key] = 0.0 if left[key] - amount <= _ON_TIME * cost else left[key] - amount
    return paid, paid_by


def _dates(
    scenario: Scenario,
    spending: Spending,
    order: tuple[str, ...],
    drawn: Mapping[str, tuple[float, float]],
    paid: Mapping[str, dict[int, float]],
) -> dict[str, tuple[float, float]]:
    """Start and end of work on each project."""
    dates: dict[str, tuple[float, float]] = {}
    above: dict[str, list[float]] = {}  # by country, ends of the projects higher in the list
    for key in order:
        project = scenario.projects[key]
        cost, years = drawn[key]
        countries = [name for name in project.countries if name != "EU"]
        start = float(min(paid[key], default=math.inf))
        start = max([start, *(dates[name][1] for name in project.prerequisites)])
        for country in countries:
            ends = sorted(above.get(country, []), reverse=True)
            if len(ends) >= spending.max_projects_per_nation:
                start = max(start, ends[spending.max_projects_per_nation - 1])
        done = max(start + years, _paid_up(cost, years, paid[key]))
        dates[key] = (start, done)
        for country in countries:
            above.setdefault(country, []).append(done)
    return dates


def _paid_up(cost: float, years: float, paid: Mapping[int, float]) -> float:
    """Date on which the last of the cost is paid; infinite if it is not."""
    if not paid or sum(paid.values()) < cost * (1.0 - _ON_TIME):
        return math.inf
    last = max(paid)
    return last + (paid[last] * years / cost if years > 0 and cost > 0 else 0.0)
