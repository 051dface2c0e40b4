"""The list down which money flows: works under way, the selection, then what brings most for a euro.

The value of a project is its `benefit` for each euro that is left to pay, its prerequisites included. Projects of the
same rank and value are paid side by side, so that a project cut into two halves is paid as the whole.
"""

from __future__ import annotations

import math

from flanksim.errors import FlanksimError
from flanksim.investment.projects import circle, is_under_way, left_to_pay, unknown_project, with_prerequisites, works
from flanksim.scenario.project_rows import Project
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending

__all__ = ["payer_shares", "project_order", "side_by_side", "value"]

Rank = tuple[float, ...]


def value(scenario: Scenario, key: str) -> float:
    """What a project brings for EUR 1 bn that is left to pay, its prerequisites included; infinite if nothing is left.

    0 where its benefit is not known, or nothing.
    """
    benefit = scenario.projects[key].benefit
    if benefit <= 0.0:
        return 0.0
    left = sum(left_to_pay(scenario, name)[1] for name in with_prerequisites(scenario, [key]))
    return benefit / left if left > 0 else math.inf


def project_order(scenario: Scenario, spending: Spending) -> tuple[str, ...]:
    """The list down which money flows.

    First works under way by their opening, then `spending.selection`, then the others by value, by the year in which
    they can open, and by id; under `only_selection` the others are left out. Prerequisites are moved (or taken in)
    before what needs them. A project that is excluded by one above it is left out, with what needs it.

    Raises
    ------
    FlanksimError
        E216 for an unknown project, E214 for prerequisites in a circle.
    """
    return tuple(key for group in side_by_side(scenario, spending) for key in group)


def side_by_side(scenario: Scenario, spending: Spending) -> tuple[tuple[str, ...], ...]:
    """The list of `project_order`, cut where rank or value changes: within a part money is shared by what is due."""
    ranks = _ranks(scenario, spending)
    parts: list[list[str]] = []
    last: Rank = ()
    for key in _placed(scenario, sorted(ranks, key=lambda name: (ranks[name], name))):
        rank = ranks.get(key, ())
        needs = set(scenario.projects[key].prerequisites)
        if parts and rank and rank == last and not needs.intersection(parts[-1]):
            parts[-1].append(key)
        else:
            parts.append([key])
        last = rank
    return tuple(map(tuple, parts))


def _ranks(scenario: Scenario, spending: Spending) -> dict[str, Rank]:
    """Place of each project in the list: equal for those that are paid side by side."""
    projects = scenario.projects
    unknown = [name for name in spending.selection if name not in projects]
    if unknown:
        raise FlanksimError([unknown_project(scenario, name, "spending.selection") for name in unknown])
    ranks: dict[str, Rank] = {}
    for key in projects:
        if is_under_way(scenario, key):
            ranks[key] = (0.0, works(scenario, key, spending.first_year).opens)
        elif key in spending.selection:
            ranks[key] = (1.0, float(spending.selection.index(key)))
        elif not spending.only_selection:
            plan = works(scenario, key, spending.first_year)
            ranks[key] = (2.0, -value(scenario, key), plan.end(plan.not_before))
    return ranks


def _placed(scenario: Scenario, wanted: list[str]) -> tuple[str, ...]:
    """These projects with what they need before them, without what is excluded by one above."""
    projects = scenario.projects
    order: dict[str, None] = {}
    out: set[str] = set()
    barred: set[str] = set()  # by the exclusions of what is placed

    def place(key: str, trail: tuple[str, ...]) -> bool:
        if key in order:
            return True
        if key not in projects:
            raise FlanksimError(unknown_project(scenario, key, f"projects.{trail[-1]}.prerequisites"))
        if key in trail:
            raise FlanksimError(circle(scenario, trail, key))
        project = projects[key]
        clash = key in barred or any(other in order for other in project.exclusions)
        if key in out or clash or not all(place(name, (*trail, key)) for name in project.prerequisites):
            out.add(key)
            return False
        order[key] = None
        barred.update(project.exclusions)
        return True

    for key in wanted:
        place(key, ())
    return tuple(order)


def payer_shares(project: Project) -> dict[str, float]:
    """Who pays which part: as stated, else its countries in equal parts. A group stands for its members together."""
    return dict(project.payer_shares) or {name: 1.0 / len(project.countries) for name in project.countries}
