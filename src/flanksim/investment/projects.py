"""What one project still costs, when it can open, and what it needs: the rules that table, timeline and studies share.

**By year Y** has one meaning everywhere: on C-day, 1 July of Y. A project that opens in Y, or whose work ends by
1 July of Y, is in service by Y; one that ends later in Y is in service by Y + 1. Money spent by Y is spent by that day.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.schema import Scenario

#: C-day is 1 July.
C_DAY_OF_YEAR = 0.5
ON_TIME = 1e-9

Triple = tuple[float, float, float]


def c_day(year: int) -> float:
    """The date that "by `year`" means: C-day of it, as a year with fraction.

    Examples
    --------
    >>> c_day(2030)
    2030.5
    """
    return year + C_DAY_OF_YEAR


def year_of(date: float) -> int:
    """The first year by which something is in service that opens on `date`.

    Examples
    --------
    >>> year_of(2030.0), year_of(2030.5), year_of(2030.6)
    (2030, 2030, 2031)
    """
    return math.ceil(date - C_DAY_OF_YEAR - ON_TIME)


@dataclass(frozen=True, slots=True)
class Works:
    """Money and time of one project, typical or drawn. Dates are years with fraction.

    Attributes
    ----------
    cost_bn_eur, left_bn_eur
        Announced cost times overrun; the part of it that is not paid yet.
    begun
        When work began, if it is under way; else None.
    build_years
        From the start of work to its end.
    paying_years
        Over how many years what is left is paid at full pace: the building time, or the years of a hire.
    not_before
        When work can begin at the earliest; of works under way when the first new money comes.
    opens
        When it opens if all is paid: of works under way; else the date before which no money opens it.
    """

    cost_bn_eur: float
    left_bn_eur: float
    begun: float | None
    build_years: float
    paying_years: float
    not_before: float
    opens: float

    def end(self, start: float) -> float:
        """When work that begins at `start` ends, money aside."""
        return self.opens if self.begun is not None else max(start + self.build_years, self.opens)


def is_under_way(scenario: Scenario, key: str) -> bool:
    """Whether work on a project began by the first year of the spending, whose network is today's, or is bound to."""
    row = scenario.projects[key]
    return row.start_year is not None and (row.committed or row.start_year <= scenario.spending.first_year)


def works(scenario: Scenario, key: str, first_year: int, sample: int | None = None) -> Works:
    """Money and time of one project from the year after `first_year` on.

    Parameters
    ----------
    sample
        Seed for cost, overrun and years, drawn from triangles between low and high, by project; typical if not given.
    """
    project = scenario.projects[key]
    cost, overrun, years = _costs(scenario, key), _overrun(scenario, key), _build(scenario, key)
    opening = None if project.in_service is None else tuple(map(float, project.in_service))
    when = years if opening is None else opening
    if sample is None:
        final, built, opens = cost[1] * overrun[1], years[1], when[1]
    else:
        seed = int.from_bytes(blake2b(f"{sample}:project:{key}".encode(), digest_size=8).digest(), "big")
        # One draw each, so that a range without width shifts no other.
        first, second, third = np.random.default_rng(seed).random(3)
        final = _triangle(*cost, first) * _triangle(*overrun, second)
        built, opens = _triangle(*years, third), _triangle(when[0], when[1], when[2], third)
    left = final * (1.0 - project.spent_share)
    start = max(float(first_year + 1), float(project.start_year or 0))
    if project.start_year is not None and (project.committed or project.start_year <= first_year):
        begun = float(project.start_year)
        opens = max(start, opens if opening is not None else begun + built)
        return Works(final, left, begun, opens - begun, project.hired_years or opens - start, start, opens)
    floor = -math.inf if opening is None else opening[0]
    return Works(final, left, None, built, project.hired_years or built, start, floor)


def left_to_pay(scenario: Scenario, key: str) -> Triple:
    """What a project still costs, EUR bn: low, typical and high cost times overrun, less what has been paid."""
    rest = 1.0 - scenario.projects[key].spent_share
    low, typical, high = final_cost(scenario, key)
    return low * rest, typical * rest, high * rest


def final_cost(scenario: Scenario, key: str) -> Triple:
    """Low, typical and high cost of a project with overrun, EUR bn."""
    low, typical, high = (a * b for a, b in zip(_costs(scenario, key), _overrun(scenario, key), strict=True))
    return low, typical, high


def stands_by(scenario: Scenario, keys: Iterable[str]) -> int:
    """The first year by which all these projects can be in service, were there money from the first year on."""
    ends: dict[str, float] = {}
    for key in with_prerequisites(scenario, keys):
        plan = works(scenario, key, scenario.spending.first_year)
        start = max([plan.not_before, *(ends[name] for name in scenario.projects[key].prerequisites)])
        ends[key] = plan.end(start)
    return max((year_of(date) for date in ends.values()), default=scenario.spending.first_year)


def with_prerequisites(scenario: Scenario, keys: Iterable[str]) -> tuple[str, ...]:
    """These projects, each once and after what it needs, with the prerequisites that were not named.

    Raises
    ------
    FlanksimError
        E216 for an unknown project, E214 for prerequisites in a circle, E217 for projects that exclude each other.
    """
    order: dict[str, None] = {}
    for key in keys:
        _place(scenario, key, order, ())
    clashes = [
        Problem(
            "E217",
            scenario.name,
            "projects",
            f"{_named(scenario, key)} is not built beside {_named(scenario, other)}",
            "leave one of them out",
        )
        for key in order
        for other in scenario.projects[key].exclusions
        if other in order
    ]
    if clashes:
        raise FlanksimError(clashes)
    return tuple(order)


def _place(scenario: Scenario, key: str, order: dict[str, None], trail: tuple[str, ...]) -> None:
    """Put a project into `order`, behind what it needs; `trail` is what asked for it."""
    if key in order:
        return
    if key not in scenario.projects:
        raise FlanksimError(unknown_project(scenario, key, "projects"))
    if key in trail:
        raise FlanksimError(circle(scenario, trail, key))
    for name in scenario.projects[key].prerequisites:
        _place(scenario, name, order, (*trail, key))
    order[key] = None


def circle(scenario: Scenario, trail: tuple[str, ...], key: str) -> Problem:
    """Projects that need each other.

    Parameters
    ----------
    scenario
        Named in the problem.
    trail
        Projects on the way, each a prerequisite of the one before.
    key
        The project on the trail that comes a second time.
    """
    ring = " needs ".join([*trail[trail.index(key) :], key])
    return Problem(
        "E214",
        scenario.name,
        f"projects.{trail[-1]}.prerequisites",
        f"circular prerequisite: {ring}",
        "none of them could ever start; take one of these prerequisites away",
    )


def unknown_project(scenario: Scenario, key: str, path: str) -> Problem:
    """A project that is not there, and what to do about it.

    Parameters
    ----------
    scenario
        Its projects are those that there are.
    key
        What was asked for.
    path
        Where it was asked for, such as ``spending.selection``.
    """
    if not scenario.projects:
        hint = f"{scenario.name} has no projects: start from a scenario with tables, or add some under projects"
    else:
        close = difflib.get_close_matches(key, scenario.projects, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "projects.csv lists them"
    return Problem("E216", scenario.name, path, f"unknown project '{key}'", hint)


def _named(scenario: Scenario, key: str) -> str:
    return f"{key} ({scenario.projects[key].name})"


def _costs(scenario: Scenario, key: str) -> Triple:
    row = scenario.projects[key]
    return row.cost_low_bn_eur, row.cost_typical_bn_eur, row.cost_high_bn_eur


def _build(scenario: Scenario, key: str) -> Triple:
    row = scenario.projects[key]
    return row.build_low_years, row.build_typical_years, row.build_high_years


def _overrun(scenario: Scenario, key: str) -> Triple:
    """Final over announced cost: the project's own, else the parameter, else one."""
    row = scenario.projects[key]
    if row.overrun_typical is None:
        return scenario.spread("overrun_factor") if "overrun_factor" in scenario.parameters else (1.0, 1.0, 1.0)
    typical = row.overrun_typical
    low = typical if row.overrun_low is None else row.overrun_low
    return low, typical, typical if row.overrun_high is None else row.overrun_high


def _triangle(low: float, mode: float, high: float, uniform: float) -> float:
    """Inverse of the triangular distribution function."""
    width = high - low
    if width <= 0:
        return mode
    if uniform < (mode - low) / width:
        return low + math.sqrt(uniform * width * (mode - low))
    return high - math.sqrt((1.0 - uniform) * width * (high - mode))
