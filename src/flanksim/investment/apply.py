"""The network of a year: what spending has built, laid on the scenario.

A project counts by year Y if it is in service on C-day, 1 July of Y (`flanksim.investment.projects`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flanksim.errors import FlanksimError
from flanksim.investment.projects import unknown_project, with_prerequisites
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
        A Scenario, the name of a shipped one, or the path of a file.
    spending
        Who spends what: ``scenario.spending``, or one of your own.
    year
        On 1 July of it.
    sample
        Seed for costs, overruns and build times drawn from their ranges; typical values if not given.

    Returns
    -------
    Scenario
        It asks for no year.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E222 if `year` is before the data.

    Examples
    --------
    >>> apply("corridor-mini", Spending(infrastructure_share_pct=1.5), 2030).name
    'corridor-mini'
    """
    entry, when = as_scenario(scenario), as_year(year)
    drawn = None if sample is None else as_whole("sample", sample, 0)
    return apply_projects(entry, (), plan_projects(entry, as_spending(spending), when, drawn).shares_by(when))


def apply_projects(
    scenario: Scenario | str | Path, project_ids: Iterable[str] | str, share: Mapping[str, float] | None = None
) -> Scenario:
    """Give the scenario with these projects in service, and what they need: prerequisites are built with them.

    The result asks for no year, and where anything was built it holds no projects any more: a project
    is built once. To add one, apply all of them to the scenario of today.

    Parameters
    ----------
    scenario
        A Scenario, or the path or name of one.
    project_ids
        Projects that are done, with their prerequisites: ids, or text such as ``PR03+PR05``. One that is named twice
        is built once.
    share
        Project id to the part of it that is in service, 0 to 1, for programmes that are paid in part.

    Returns
    -------
    Scenario
        It asks for no year.

    Raises
    ------
    FlanksimError
        E216 for a project that the scenario does not have, E217 for two that exclude each other, E214 for
        prerequisites in a circle, E211 for an effect on a row that is not there.

    Examples
    --------
    >>> apply_projects("plan-south", "PR03").projects
    {}
    """
    scenario = as_scenario(scenario)
    wholly = with_prerequisites(scenario, as_portfolio(project_ids))
    parts = {key: as_number(f"share of {key}", part, 0, 1) for key, part in (share or {}).items() if key not in wholly}
    unknown = sorted(set(parts) - set(scenario.projects))
    if unknown:
        raise FlanksimError([unknown_project(scenario, key, "projects") for key in unknown])
    shares = {**dict.fromkeys(wholly, 1.0), **parts}
    return with_shares(scenario, shares)


def with_shares(scenario: Scenario, shares: Mapping[str, float]) -> Scenario:
    """The scenario with these parts of its projects and levers done, as `apply_projects`.

    Parameters
    ----------
    scenario
        With the effects of the projects and levers.
    shares
        Project or lever to the part of it that is done, 0 to 1.
    """
    changes = changed_rows(scenario, shares)
    if not changes:
        return scenario if scenario.year is None else scenario.model_copy(update={"year": None})
    update: dict[str, Any] = {"year": None, "projects": {}, "levers": {}, "effects": {}, "spending": Spending()}
    for (table, row_id), row in changes.items():
        if table == "regime":
            update["regime"] = row
        else:
            update.setdefault(table, dict(getattr(scenario, table)))[row_id] = row
    return scenario.model_copy(update=update)


def at_year(scenario: Scenario) -> Scenario:
    """Give the scenario of the year for which it asks; itself if it asks for none."""
    return scenario if scenario.year is None else apply(scenario, scenario.spending, scenario.year)
