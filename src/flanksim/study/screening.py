"""Screening: what the bound says of each project before a single run is spent on it.

With a project in service no schedule can beat the bound of that network. So the project alone can save at most
today's closure less that bound, and that is all that a bound can tell: it excludes. Where a project does not lower
the bound, the limit of today stays where it is, but the force is far above that limit, and the project may still
bring it in many days sooner. Only a simulation tells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flanksim.bounds.ladder import ladder
from flanksim.investment.apply import apply_projects
from flanksim.investment.projects import left_to_pay, with_prerequisites
from flanksim.scenario.arguments import as_jobs, as_list
from flanksim.scenario.schema import Scenario
from flanksim.study.parallel import workers
from flanksim.terminal import Block, Span, numbers, render, table, words

Progress = Callable[[int, int], None]

#: A bound that falls by less is where it was, days.
_SAME_DAYS = 0.005
#: What can be read from a screen, and what cannot.
READING = (
    "A bound only excludes: with a project alone in service no schedule closes the force before the bound of that "
    "network, so it saves at most the simulated closure less that bound. It does not say what a project saves: one "
    "that leaves the bound where it is may still bring the force in many days sooner, and one that lowers it may not."
)
_SIMULATE = "What each project does to the arrival: flanksim compare FILE --every-project"


@dataclass(frozen=True, slots=True)
class Screened:
    """One project: what it and its prerequisites still cost, build years, and the bound with them in service."""

    project: str
    name: str
    cost_bn_eur: float
    build_years: float
    bound_day: float
    bound_falls_days: float


def screen_projects(
    scenario: Scenario,
    projects: Sequence[str] | None = None,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> tuple[float, list[Screened]]:
    """Bound of today's network, and of each project alone; those that lower it most come first.

    Parameters
    ----------
    projects
        Ids; every project of the scenario if not given.

    Raises
    ------
    FlanksimError
        E216 for an unknown project.
    """
    keys = sorted(scenario.projects) if projects is None else as_list(projects)
    jobs = as_jobs(jobs)
    networks = [scenario, *(apply_projects(scenario, [key]) for key in keys)]
    days: list[float] = []
    with workers(jobs) as (executor, _):
        for day in executor.map(_bound, networks):
            days.append(day)
            if progress is not None:
                progress(len(days), len(networks))
    today = days[0]
    found = []
    for key, day in zip(keys, days[1:], strict=True):
        row = scenario.projects[key]
        cost = sum(left_to_pay(scenario, name)[1] for name in with_prerequisites(scenario, [key]))
        falls = 0.0 if math.isinf(today) and math.isinf(day) else today - day
        found.append(Screened(key, row.name, cost, row.build_typical_years, day, falls))
    found.sort(key=lambda entry: (-entry.bound_falls_days, entry.cost_bn_eur, entry.project))
    return today, found


def _bound(scenario: Scenario) -> float:
    return ladder(scenario, groups=False, prices=False).day


def as_json(found: Sequence[Screened]) -> list[dict[str, Any]]:
    """The table for machines."""
    return [
        {
            "project": entry.project,
            "name": entry.name,
            "cost_bn_eur": round(entry.cost_bn_eur, 6),
            "build_years": entry.build_years,
            "bound_day": round(entry.bound_day, 6) if math.isfinite(entry.bound_day) else None,
            "bound_falls_days": round(entry.bound_falls_days, 6) if math.isfinite(entry.bound_falls_days) else None,
            "lowers_bound": entry.bound_falls_days > _SAME_DAYS,
        }
        for entry in found
    ]


def reading(today: float, found: Sequence[Screened]) -> dict[str, Any]:
    """What the table can and cannot tell, for machines."""
    return {
        "bound_day_today": round(today, 6) if math.isfinite(today) else None,
        "projects": len(found),
        "lower_the_bound": sum(entry.bound_falls_days > _SAME_DAYS for entry in found),
        "reading": READING,
    }


def as_text(today: float, found: Sequence[Screened], most: int = 20) -> str:
    """The table as plain text of at most 100 columns."""
    return render(blocks(today, found, most))


def blocks(today: float, found: Sequence[Screened], most: int = 20) -> list[Block]:
    """The table for people: those that lower the bound, then how many do not, and what neither says."""
    moved = [entry for entry in found if entry.bound_falls_days > _SAME_DAYS]
    columns = [
        words("project", 4),
        words("", 24),
        numbers("EUR bn"),
        numbers("years\nto build"),
        numbers("bound\nthen"),
    ]
    lines: list[Block] = [Span(f"The bound with each project alone in service; today it is {_day(today)}", "strong")]
    if moved:
        rows = [
            [
                entry.project,
                entry.name,
                f"{entry.cost_bn_eur:,.2f}",
                f"{entry.build_years:.1f}",
                _day(entry.bound_day),
                f"{entry.bound_falls_days:.2f}" if math.isfinite(entry.bound_falls_days) else "all",
            ]
            for entry in moved[:most]
        ]
        lines += ["", table([*columns, numbers("bound falls\nby days")], rows)]
    if len(moved) > most:
        lines.append(f"  and {len(moved) - most} more that lower it less")
    return [
        *lines,
        "",
        f"  The bound moves with {len(moved)} of {len(found)} projects; that does not rank them.",
        f"  {READING}",
        "",
        f"  {_SIMULATE}",
    ]


def _day(value: float) -> str:
    return f"C+{value:.1f}" if math.isfinite(value) else "never"
