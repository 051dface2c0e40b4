"""Screening: what the bound says of each project before a single run is spent on it.

With a project in service no schedule can beat the bound of that network. So the project alone can save at most
today's closure less that bound, and where it does not lower the bound it cannot, alone, lift the limit of today.
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
from flanksim.study.batch import workers
from flanksim.terminal import Block, Span, numbers, render, table, words

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Screened:
    """One project: what it and its prerequisites still cost, build years, and the bound with them in service."""

    project: str
    name: str
    cost_bn_eur: float
    build_years: float
    bound_day: float
    bound_falls_days: float


def screen(
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
    return ladder(scenario, groups=False).day


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
        }
        for entry in found
    ]


def as_text(today: float, found: Sequence[Screened], most: int = 20) -> str:
    """The table as plain text of at most 100 columns."""
    return render(blocks(today, found, most))


def blocks(today: float, found: Sequence[Screened], most: int = 20) -> list[Block]:
    """The table for people: those that lower the bound, then how many do not."""
    moved = [entry for entry in found if entry.bound_falls_days > 0.005]
    columns = [
        words("project", 4),
        words("", 24),
        numbers("EUR bn"),
        numbers("years\nto build"),
        numbers("bound\nthen"),
    ]
    lines: list[Block] = [Span(f"Each project alone, against {_day(today)} today", "strong")]
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
        lines += ["", table([*columns, numbers("falls by\ndays")], rows)]
    if len(moved) > most:
        lines.append(f"  and {len(moved) - most} more that lower it less")
    return [
        *lines,
        "",
        f"  {len(found) - len(moved)} of {len(found)} projects alone leave the bound where it is.",
        "  A project alone can save at most the simulated closure less the bound with it in service.",
    ]


def _day(value: float) -> str:
    return f"C+{value:.1f}" if math.isfinite(value) else "never"
