"""The alternatives of a comparison: names that differ, what a portfolio builds, costs and needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects, at_year
from flanksim.investment.levers import apply_levers, cost_of, counts_from
from flanksim.investment.projects import c_day, left_to_pay, stands_by, with_prerequisites
from flanksim.investment.timeline import plan_projects
from flanksim.measure.alternatives import About, Alternative
from flanksim.measure.closure import force_of
from flanksim.measure.replications import Replication
from flanksim.scenario.arguments import as_seed
from flanksim.scenario.levers import projects_of
from flanksim.scenario.schema import Scenario
from flanksim.study.candidates import below
from flanksim.study.worlds import WorldsAsked


def told_apart(names: Sequence[str], marks: Sequence[str] = ()) -> list[str]:
    """The names, each once: one that comes again gets its mark in brackets, or a number.

    Examples
    --------
    >>> told_apart(["a", "b", "a", "a"], ["", "", "in peace", ""])
    ['a', 'b', 'a (in peace)', 'a (2)']
    """
    found: list[str] = []
    for place, name in enumerate(names):
        mark = marks[place] if place < len(marks) else ""
        tried = chain([name], [f"{name} ({mark})"] if mark else [], (f"{name} ({n})" for n in count(2)))
        found.append(next(text for text in tried if text not in found))
    return found


def networks_of(
    entries: Sequence[Scenario], projects: Sequence[Sequence[str]], seed: int | None
) -> list[tuple[str, Scenario, float]]:
    """Every alternative with its name and cost: the scenarios, then the portfolios on the first of them.

    Names differ, so that a row can be told by its name.
    """
    found = [(entry.name, at_year(entry), spent_by_its_year(entry)) for entry in entries]
    for keys in projects if entries else ():
        base = entries[0]
        cost = portfolio(base, keys).cost_bn_eur[1]
        found.append(("+".join(dict.fromkeys(keys)), network_with(base, keys), found[0][2] + cost))
    if len(found) < 2:
        raise FlanksimError(
            Problem("E520", "compare", "", "there is nothing to compare with", "name a second scenario, or --projects")
        )
    root = as_seed(seed, entries[0].seed)
    names = told_apart([name for name, _, _ in found], changes_of(entries, [entry.name for entry in entries]))
    return [
        (name, entry.model_copy(update={"seed": root}), cost)
        for name, (_, entry, cost) in zip(names, found, strict=True)
    ]


def below_of(
    entries: Sequence[Scenario], projects: Sequence[Sequence[str]], keys: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """For each alternative, by the key of its design point, those whose networks are poorer versions of its own.

    Portfolios are nested in each other and in the first scenario, those with levers in the first scenario alone;
    scenarios in each other where they differ in year and spending alone.
    """
    asked = [(_before_spending(entry), built_by_its_year(entry)) for entry in entries]
    found: dict[str, tuple[str, ...]] = {}
    for place, portfolio_keys in enumerate(projects, len(entries)):
        if levers_of(entries[0], portfolio_keys):
            asked.append(("", {}))
            found[keys[place]] = () if keys[place] == keys[0] else (keys[0],)
            continue
        order = with_prerequisites(entries[0], portfolio_keys)
        asked.append((asked[0][0], asked[0][1] | dict.fromkeys(order, 1.0)))
    for root in dict.fromkeys(root for root, _ in asked if root):
        places = [place for place, (other, _) in enumerate(asked) if other == root]
        found |= below([keys[place] for place in places], [asked[place][1] for place in places])
    return found


def _before_spending(scenario: Scenario) -> str:
    """What two scenarios have in common that differ in year and spending alone."""
    return scenario.model_copy(update={"year": None, "seed": 0}).digest


def abouts_of(entries: Sequence[Scenario], projects: Sequence[Sequence[str]]) -> list[About]:
    """What each alternative is, by names that differ."""
    found = [About(entry.title or entry.name, cost_bn_eur=(spent_by_its_year(entry),) * 3) for entry in entries]
    for keys in projects:
        about = portfolio(entries[0], keys)
        low, typical, high = (found[0].cost_bn_eur[1] + value for value in about.cost_bn_eur)
        found.append(replace(about, cost_bn_eur=(low, typical, high)))
    titles = [entry.title for entry in found]
    names = [entry.name for entry in entries]
    changes = changes_of(entries, titles)
    marks = [
        changes[place] if names[place] == names[titles.index(title)] else names[place]
        for place, title in enumerate(titles[: len(entries)])
    ]
    ids = ["+".join(about.projects) for about in found[len(entries) :]]
    marks += [key if ids.count(key) == 1 else "" for key in ids]
    return [replace(entry, title=title) for entry, title in zip(found, told_apart(titles, marks), strict=True)]


def changes_of(entries: Sequence[Scenario], labels: Sequence[str]) -> list[str]:
    """For each scenario, what it changes against the first one with its label."""
    return [changed_values(entries[labels.index(labels[place])], entry) for place, entry in enumerate(entries)]


def changed_values(one: Scenario, other: Scenario, most: int = 3) -> str:
    """The first values in which two scenarios differ, as ``--set`` writes them; empty if there is none."""
    found: list[str] = []

    def walk(before: Any, after: Any, path: str) -> None:
        if before == after:
            return
        if isinstance(before, dict) and isinstance(after, dict):
            for key in dict.fromkeys([*before, *after]):
                walk(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
        else:
            found.append(f"{path}={after if isinstance(after, str | int | float) else 'changed'}")

    hidden = {"name", "title", "description", "seed", "overrides"}
    walk(one.model_dump(mode="json", exclude=hidden), other.model_dump(mode="json", exclude=hidden), "")
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def portfolio(base: Scenario, keys: Sequence[str]) -> About:
    """A portfolio on a scenario: what is built for it, what that costs, and from when on it can stand.

    Prerequisites are built with it. What the scenario has built by its year costs nothing again, what it has paid
    for in part costs the rest, and what is named twice is one project.
    """
    if not keys:
        raise FlanksimError(
            Problem(
                "E522", base.name, "projects", "a portfolio names no project", "name one or more: PR03 or PR05+PR06"
            )
        )
    if levers_of(base, keys):
        return about_package(base, keys)
    order, built = with_prerequisites(base, keys), built_by_its_year(base)
    clashes = [
        (key, name)
        for key in order
        for name in built
        if name not in order and (name in base.projects[key].exclusions or key in base.projects[name].exclusions)
    ]
    if clashes:
        key, name = clashes[0]
        raise FlanksimError(
            Problem("E217", base.name, "projects", f"'{key}' is not built beside '{name}', which stands by {base.year}",
                    "leave it out, or start from a scenario without that year")
        )  # fmt: skip
    costs = still_to_pay(base)
    new = [key for key in order if built.get(key, 0.0) < 1.0]
    cost = [sum(costs[key][place] for key in new) for place in range(3)]
    names = [base.projects[key].name for key in dict.fromkeys(keys)]
    title = " + ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return About(
        title,
        order,
        tuple(key for key in order if key not in keys),
        tuple(key for key in order if key not in new),
        stands_by(base, new) if new else base.year,
        (cost[0], cost[1], cost[2]),
    )


def still_to_pay(base: Scenario) -> dict[str, tuple[float, float, float]]:
    """What each project costs beyond what a scenario has built and paid by its year: low, typical, high EUR bn."""
    built, paid = built_by_its_year(base), dict[str, float]()
    if base.year is not None:
        timeline = plan_projects(base, base.spending, base.year)
        paid = {entry.project_id: entry.paid_at(c_day(base.year)) for entry in timeline.schedules}
    found = {}
    for key in base.projects:
        low, typical, high = (max(0.0, value - paid.get(key, 0.0)) for value in left_to_pay(base, key))
        found[key] = (0.0, 0.0, 0.0) if built.get(key, 0.0) >= 1.0 else (low, typical, high)
    return found


def levers_of(base: Scenario, keys: Sequence[str]) -> list[str]:
    """Those of the ids that are levers of a scenario, not projects."""
    return [key for key in keys if key in base.levers]


def about_package(base: Scenario, keys: Sequence[str]) -> About:
    """What levers, and projects beside them, are and cost, and from when on they count.

    A project that several levers name costs once.
    """
    if not keys:
        return About(base.title or base.name)
    levers = levers_of(base, keys)
    own = [key for key in levers if base.levers[key].cost_typical_bn_eur is not None]
    projects = [key for key in keys if key not in levers]
    named = [name for key in levers if key not in own for name in projects_of(base, base.levers[key])] + projects
    costs = [cost_of(base, key) for key in own]
    if named:
        costs.append(portfolio(base, named).cost_bn_eur)
    low, typical, high = (math.fsum(cost[n] for cost in costs) for n in range(3))
    title = " + ".join((base.levers[key] if key in levers else base.projects[key]).name for key in keys)
    years = [*(counts_from(base, key) for key in levers), *([stands_by(base, projects)] if projects else [])]
    return About(title, stands_by=max(years), cost_bn_eur=(low, typical, high))


def network_with(base: Scenario, keys: Sequence[str]) -> Scenario:
    """The network of a scenario with projects and levers by id, beside what it has built by its year."""
    built, levers = built_by_its_year(base), levers_of(base, keys)
    projects = [key for key in keys if key not in levers]
    if not levers:
        return apply_projects(base, portfolio(base, keys).projects, built)
    return apply_levers(base, levers, built | dict.fromkeys(with_prerequisites(base, projects), 1.0))


def built_by_its_year(scenario: Scenario) -> dict[str, float]:
    """Parts of the projects that a scenario's spending has in service by its year."""
    if scenario.year is None:
        return {}
    return plan_projects(scenario, scenario.spending, scenario.year).shares_by(scenario.year)


def spent_by_its_year(scenario: Scenario) -> float:
    """EUR bn that a scenario's spending has paid by its year."""
    if scenario.year is None:
        return 0.0
    return plan_projects(scenario, scenario.spending, scenario.year).spent_by(scenario.year)


def alternative(
    name: str,
    network: Scenario,
    runs: tuple[Replication, ...],
    about: About,
    *,
    cell: str = "",
    bound_day: float = math.nan,
) -> Alternative:
    """What stands beside others in a study, with its runs and what it costs; `cell` if that is not its digest."""
    return Alternative(
        force_of(network), runs, name=name, cell=cell or network.digest, cost_bn_eur=about.cost_bn_eur[1],
        scenario=network, bound_day=bound_day, about=about,
    )  # fmt: skip


def alternatives_of(
    named: Sequence[tuple[str, Scenario, float]],
    abouts: Sequence[About],
    runs: Mapping[str, tuple[Replication, ...]],
    bound_days: Sequence[float],
    others: WorldsAsked,
) -> tuple[Alternative, ...]:
    """The alternatives of a comparison, by name, scenario and cost, with what they are, their runs and bounds."""
    return tuple(
        Alternative(
            force_of(entry), runs[entry.digest], name=name, cell=entry.digest, cost_bn_eur=cost, scenario=entry,
            bound_day=day, about=about, worlds=others.found(entry, runs, entry.seed),
        )
        for (name, entry, cost), about, day in zip(named, abouts, bound_days, strict=True)
    )  # fmt: skip
