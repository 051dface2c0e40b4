"""Checks of projects, effects and spending: what is to be built must exist, matter, and be paid for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.check_levers import check_levers
from flanksim.scenario.effects import RANKS, TEXTS, attributes, changed_rows, fields, target
from flanksim.scenario.project_rows import Effect, Project
from flanksim.scenario.rows import Chokepoint
from flanksim.scenario.saying import Say
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to

_SHARES_SUM = 1e-6


def check_projects(scenario: Scenario, say: Say) -> list[Problem]:
    """Every problem of the projects, their effects and the spending of `scenario`."""
    effects = list(_effects(scenario, say))
    return [
        *effects,
        *_idle(scenario, say, {problem.path.split(".")[1] for problem in effects}),
        *_known(scenario, say),
        *check_levers(scenario, say),
        *_circles(scenario, say),
        *_under_way(scenario, say),
        *_payers(scenario, say),
        *_funds(scenario, say),
        *_years(scenario, say),
    ]


def _close(name: str, known: Iterable[str], otherwise: str) -> str:
    return close_to(name, known, otherwise, cutoff=0.5)


def _effects(scenario: Scenario, say: Say) -> Iterable[Problem]:
    for key, effect in scenario.effects.items():
        path = ("effects", key)
        if not effect.targets:
            yield Problem(
                "E211", say.where(path), f"effects.{key}.targets", "names no target", "list ids, parted by ';'"
            )
        for row_id in effect.targets:
            row = target(scenario, effect.table, row_id)
            if row is None:
                known = ["regime"] if effect.table == "regime" else list(getattr(scenario, effect.table))
                yield Problem(
                    "E211",
                    say.where((*path, "targets")),
                    f"effects.{key}.targets",
                    f"no row '{row_id}' in {effect.table}",
                    _close(row_id, known, f"add it to {effect.table}, with capacity 0 if it is not built yet"),
                )
                continue
            wrong, hint = _misfit(scenario, effect, row_id, row)
            if wrong:
                yield Problem("E212", say.where((*path, "attribute")), f"effects.{key}", wrong, hint)
                break


def _misfit(scenario: Scenario, effect: Effect, row_id: str, row: object) -> tuple[str, str]:
    """Why the attribute or the value does not fit the row, and what to do; empty if it fits."""
    columns = fields(effect, row)
    if not columns:
        if isinstance(row, Chokepoint):
            return f"'{row_id}' does not limit '{effect.attribute}'", f"it limits {row.attribute}"
        known = attributes(effect.table)
        return (
            f"{effect.table} have no attribute '{effect.attribute}' that a project can change",
            _close(effect.attribute, known, f"one of {', '.join(known)}"),
        )
    name = columns[len(columns) // 2]
    if effect.attribute in TEXTS:
        allowed = RANKS.get(effect.attribute)
        if effect.attribute == "loading_gauge":
            allowed = scenario.loading_gauges
        if effect.attribute == "stock_node" and effect.typical not in scenario.nodes:
            return f"'{effect.typical}' is no place", _close(
                str(effect.typical), scenario.nodes, "nodes.csv lists them"
            )
        if effect.operation != "set":
            return f"'{effect.attribute}' is text: nothing to {effect.operation}", "use set"
        if allowed is not None and effect.typical not in allowed:
            hint = f"one of {', '.join(allowed)}" if allowed else "list it under loading_gauges"
            return f"'{effect.typical}' is no {effect.attribute}", hint
        return "", ""
    if isinstance(effect.typical, str):
        return f"'{effect.typical}' is not a number", f"'{effect.attribute}' takes a number"
    present = getattr(row, name)
    if present is not None and not isinstance(present, int | float):
        return f"'{name}' of '{row_id}' is a distribution, not a number", "change its triple, or state a number"
    if present is None and effect.operation != "set":
        return f"'{name}' of '{row_id}' is empty: nothing to {effect.operation}", "use set, or fill the cell"
    return "", ""


def _idle(scenario: Scenario, say: Say, faulty: set[str]) -> Iterable[Problem]:
    by_project: dict[str, list[str]] = {}
    for key, effect in scenario.effects.items():
        by_project.setdefault(effect.project_id, []).append(key)
    for key in scenario.projects:
        own = by_project.get(key, [])
        if faulty.intersection(own):
            continue
        try:
            changed = bool(own) and bool(changed_rows(scenario, {key: 1.0}))
        except FlanksimError as error:
            for problem in error.problems:
                yield replace(problem, where=say.where(("effects", own[0])))
            continue
        if changed or (not own and scenario.projects[key].not_modelled):
            continue
        message = "its effects leave every value as it is" if own else "changes nothing: it has no effect"
        hint = "raise what it sets above today's value" if own else "add a row to effects.csv that names this project"
        yield say("E213", ("projects", key), message, hint)


def _known(scenario: Scenario, say: Say) -> Iterable[Problem]:
    owners = scenario.projects.keys() | scenario.levers.keys()
    for key, effect in scenario.effects.items():
        if effect.project_id not in owners:
            hint = _close(effect.project_id, owners, "add it to the table of projects or of levers")
            yield say("E216", ("effects", key, "project_id"), f"unknown project '{effect.project_id}'", hint)
    named = [
        *(
            (("projects", key, column), name)
            for key, project in scenario.projects.items()
            for column in ("prerequisites", "exclusions")
            for name in getattr(project, column)
        ),
        *((("spending", "selection"), name) for name in scenario.spending.selection),
    ]
    for path, name in named:
        if name not in scenario.projects:
            yield say(
                "E216",
                path,
                f"unknown project '{name}'",
                _close(name, scenario.projects, "add it to the table of projects"),
            )


def _circles(scenario: Scenario, say: Say) -> Iterable[Problem]:
    """Circles, named from their first project on; of several with a project in common one."""
    known = scenario.projects
    left = {key: [name for name in row.prerequisites if name in known] for key, row in known.items()}
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            members = error.args[1][:0:-1]  # each needs the next, without the first one again at the end
        else:
            return
        first = members.index(min(members))
        members = members[first:] + members[:first]
        yield say(
            "E214",
            ("projects", members[-1], "prerequisites"),
            f"circular prerequisite: {' needs '.join([*members, members[0]])}",
            "none of them could ever start; take one of these prerequisites away",
        )
        gone = set(members)
        left = {key: [name for name in names if name not in gone] for key, names in left.items() if key not in gone}


def _under_way(scenario: Scenario, say: Say) -> Iterable[Problem]:
    """What a project says of its start, opening and money must agree."""
    first = scenario.spending.first_year
    for key, project in scenario.projects.items():
        start, opening = project.start_year, project.in_service
        if start is not None and opening is not None and opening[0] < start:
            yield say(
                "E218",
                ("projects", key, "in_service"),
                f"opens in {opening[0]}, before work begins in {start}",
                "correct start_year or in_service",
            )
        if project.spent_share > 0 and start is None:
            yield say(
                "E218",
                ("projects", key, "spent_share"),
                f"money was spent by the end of {first}, but no year says when work begins",
                "state start_year (of design paid before works, the year of the works), or leave spent_share out",
            )
        if project.committed and start is None:
            yield say(
                "E235",
                ("projects", key, "committed"),
                "it is bound by a contract or a law, but no year says when work begins",
                "state start_year",
            )
        if opening is not None and (start or opening[0]) <= opening[0] and opening[2] <= first:
            yield say(
                "W414",
                ("projects", key, "in_service"),
                f"is open since {opening[2]}: what is finished by {first} is today's network",
                "put its effect into the tables, and take it out of the list",
            )
        if start is None or (start > first and not project.committed):
            continue
        for name in project.prerequisites:
            needed = scenario.projects.get(name)
            if needed is not None:
                yield say(
                    "E218",
                    ("projects", key, "prerequisites"),
                    f"work has been under way since {start}, but '{name}', which must be done before, is in the list",
                    f"take the prerequisite away, or state a later start_year than {first}",
                )


def _halves(scenario: Scenario, project: Project) -> str:
    """How shares of two payers are written, with names of this scenario; empty where it has no two."""
    names = list(dict.fromkeys([*project.countries, *project.payer_shares, *sorted(scenario.economies)]))
    return f", for example {names[0]}:0.5;{names[1]}:0.5" if len(names) > 1 else ""


def _payers(scenario: Scenario, say: Say) -> Iterable[Problem]:
    for key, project in scenario.projects.items():
        path = ("projects", key, "payer_shares")
        shares = project.payer_shares
        total = sum(shares.values())
        if shares and (abs(total - 1.0) > _SHARES_SUM or min(shares.values()) < 0):
            yield say(
                "E215",
                path,
                f"the shares sum to {total:g}, not 1" if min(shares.values()) >= 0 else "a share is below zero",
                "state each payer's part" + _halves(scenario, project),
            )
        if not scenario.economies:
            continue
        shared = {*scenario.country_groups, *scenario.funds}
        payers = [payer for payer in (shares or project.countries) if payer not in shared]
        for payer in payers:
            if payer not in scenario.economies:
                yield say(
                    "E215",
                    path,
                    f"'{payer}' is not in the table of economies, so nobody pays its part",
                    _close(payer, scenario.economies, "state payer_shares among the allies"),
                )
        if not shares and not project.countries:
            yield say("E215", path, "nobody pays for this project", "state payer_shares or countries")


def _funds(scenario: Scenario, say: Say) -> Iterable[Problem]:
    """A fund is told from countries and their groups by its id."""
    for key in sorted(set(scenario.funds) & {*scenario.economies, *scenario.country_groups}):
        yield say(
            "E234",
            ("funds", key),
            f"'{key}' is a country or a group of countries too, so that nobody knows who pays",
            "give the fund another id",
        )
    for key, project in scenario.projects.items():
        for payer in sorted(set(project.payer_shares) & set(scenario.funds)):
            if not scenario.funds[payer].ceiling_bn_eur:
                yield say(
                    "E236",
                    ("projects", key, "payer_shares"),
                    f"the fund '{payer}' has no money of its own in any year",
                    "state its ceiling_bn_eur, or let countries pay this part",
                )


def _years(scenario: Scenario, say: Say) -> Iterable[Problem]:
    spending = scenario.spending
    first = spending.first_year
    if spending.target_year <= first:
        yield say(
            "E221",
            ("spending", "target_year"),
            f"the target year {spending.target_year} is not after the first year {first}",
            f"state a year from {first + 1} on",
        )
    for year in spending.path if isinstance(spending.path, dict) else ():
        if year < first:
            yield say(
                "E221",
                ("spending", "path", str(year)),
                f"{year} is before the data, which are of {first}",
                f"state shares from {first + 1} on",
            )
    if scenario.year is None:
        return
    if scenario.year < first:
        yield say(
            "E222",
            ("year",),
            f"{scenario.year} is before the data, which are of {first}",
            f"ask for a year from {first} on, or leave the year out for today's network",
        )
    elif not scenario.economies:
        yield say(
            "E223",
            ("year",),
            "no economies: nobody pays for projects",
            "add the table of economies, or leave the year out for today's network",
        )
