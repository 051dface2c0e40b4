"""The network of a year: what spending has built, laid on the scenario.

A project counts in year Y if it is done by the start of C-day, 1 July of Y.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.timeline import plan_projects
from flanksim.scenario.arguments import as_number, as_portfolio, as_scenario, as_spending, as_whole, as_year
from flanksim.scenario.effects import changed_rows
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending


def apply(scenario: Scenario | str | Path, spending: Spending, year: int, sample: int | None = None) -> Scenario:
    """Give the scenario of 1 July of `year`, with what `spending` has built until then.

    Pure: `scenario` stays as it is. Where nothing is done yet (no money, or no time), the result
    equals `scenario`, digest included.

    Parameters
    ----------
    scenario
        A Scenario, or the path or name of one.
    sample
        Seed for costs, overruns and build times drawn from their ranges; typical values if not given.

    Raises
    ------
    FlanksimError
        E222 if `year` is before the data.
    """
    entry, when = as_scenario(scenario), as_year(year)
    drawn = None if sample is None else as_whole("sample", sample, 0)
    return apply_projects(entry, (), plan_projects(entry, as_spending(spending), when, drawn).shares_by(when))


def apply_projects(
    scenario: Scenario | str | Path, project_ids: Iterable[str] | str, share: Mapping[str, float] | None = None
) -> Scenario:
    """Give the scenario with these projects in service.

    The result asks for no year, and where anything was built it holds no projects any more: a project
    is built once. To add one, apply all of them to the scenario of today.

    Parameters
    ----------
    scenario
        A Scenario, or the path or name of one.
    project_ids
        Projects that are done: ids, or text such as ``PR01+PR05``.
    share
        Project id to the part of it that is in service, 0 to 1, for programmes that are paid in part.

    Raises
    ------
    FlanksimError
        E216 for a project that the scenario does not have.
    """
    scenario = as_scenario(scenario)
    parts = {key: as_number(f"share of {key}", part, 0, 1) for key, part in (share or {}).items()}
    shares = {**dict.fromkeys(as_portfolio(project_ids), 1.0), **parts}
    unknown = sorted(set(shares) - set(scenario.projects))
    if unknown:
        raise FlanksimError(
            [
                Problem("E216", scenario.name, "projects", f"unknown project '{name}'", _known(scenario, name))
                for name in unknown
            ]
        )
    changes = changed_rows(scenario, shares)
    if not changes:
        return scenario if scenario.year is None else scenario.model_copy(update={"year": None})
    update: dict[str, Any] = {"year": None, "projects": {}, "effects": {}, "spending": Spending()}
    for (table, row_id), row in changes.items():
        if table == "regime":
            update["regime"] = row
        else:
            update.setdefault(table, dict(getattr(scenario, table)))[row_id] = row
    return scenario.model_copy(update=update)


def _known(scenario: Scenario, name: str) -> str:
    """What to do about a project that is not there."""
    if not scenario.projects:
        return f"{scenario.name} has no projects: start from a scenario with tables, or add some under projects"
    close = difflib.get_close_matches(name, scenario.projects, n=3)
    return f"did you mean {' or '.join(close)}?" if close else "projects.csv lists them"


def realise(scenario: Scenario) -> Scenario:
    """Give the scenario of the year for which it asks; itself if it asks for none."""
    return scenario if scenario.year is None else apply(scenario, scenario.spending, scenario.year)
