"""Rows that a scenario file takes out of the tables over which it is laid: those it names, and what needs them.

``only: {fleets: [point]}`` keeps the rows that it names and takes out the others of that table. What refers to a row
taken out so goes with it: links without an end, facilities without a place, projects without their links. A single row
is taken out by ``links: {L126: null}``, and there nothing goes with it unsaid: what still names it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from flanksim.errors import Problem
from flanksim.scenario.tables import TABLES
from flanksim.scenario.words import close_to

#: Fields of each table that name a row which must be there, with the tables that may hold it.
POINTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "links": {"from_node": ("nodes",), "to_node": ("nodes",)},
    "chokepoints": {"node_id": ("nodes",), "link_id": ("links",)},
    "facilities": {"place": ("nodes", "links")},
    "fleets": {"home_node": ("nodes",)},
    "units": {
        "home_node": ("nodes",),
        "stock_node": ("nodes",),
        "assembly_node": ("nodes",),
        "unit_type": ("unit_types",),
    },
    "projects": {"links": ("links",), "places": ("nodes", "links"), "prerequisites": ("projects",)},
    "levers": {"projects": ("projects",)},
    "effects": {
        "project_id": ("projects", "levers"),
        "targets": ("links", "chokepoints", "facilities", "fleets", "units", "permissions", "outages"),
    },
}
#: A word of the message of a problem about a row that is not there.
_QUOTED = re.compile(r"'([^']+)'")
_UNKNOWN = ("E201", "E202", "E203", "E204", "E211", "E216", "E225")

Where = Callable[..., str]


def keep_only(raw: dict[str, Any], only: Any, where: Where) -> list[Problem]:
    """Take out of `raw` all rows but those that `only` names, and what refers to them; what is wrong with it.

    Parameters
    ----------
    raw
        Rows by table and id, as read; changed in place.
    only
        Ids or patterns (``C_*``) to keep, by table.
    where
        Gives file and line of a place in the file.

    Returns
    -------
    list of Problem
        E132 for a table that there is not, or an id or pattern that no row of it has.
    """
    problems: list[Problem] = []

    def say(path: tuple[str, ...], message: str, hint: str) -> None:
        problems.append(Problem("E132", where(path), ".".join(path), message, hint))

    if not isinstance(only, Mapping):
        say(("only",), "names no tables", "write the ids to keep by table: only: {fleets: [point]}")
        return problems
    gone: dict[str, set[str]] = {}
    before = _by_kind(raw)
    for table, wanted in only.items():
        path = ("only", str(table))
        if table not in TABLES:
            say(path, f"no table '{table}'", close_to(str(table), TABLES, f"tables are {', '.join(TABLES)}"))
            continue
        patterns = [str(name) for name in (wanted if isinstance(wanted, list | tuple) else [wanted] if wanted else [])]
        rows = raw.get(table, {})
        for pattern in patterns:
            if not any(fnmatchcase(key, pattern) for key in rows):
                say(path, f"no row '{pattern}' in {table} to keep", close_to(pattern, rows, "write the id of a row"))
        gone[table] = {key for key in rows if not any(fnmatchcase(key, pattern) for pattern in patterns)}
        raw[table] = {key: row for key, row in rows.items() if key not in gone[table]}
    while gone:
        gone = _following(raw, gone)
        if lost := before - _by_kind(raw):
            for key, row in raw.get("levers", {}).items():
                if lost.intersection(names_in(row.get("projects"))):
                    gone.setdefault("levers", set()).add(key)
        for table, keys in gone.items():
            raw[table] = {key: row for key, row in raw[table].items() if key not in keys}
    return problems


def _by_kind(raw: Mapping[str, Any]) -> set[str]:
    """Kinds of projects, by which levers may name them."""
    return {str(row.get("kind", "")) for row in raw.get("projects", {}).values() if isinstance(row, Mapping)}


def _following(raw: Mapping[str, Any], gone: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Rows that refer to rows taken out."""
    found: dict[str, set[str]] = {}
    for table, fields in POINTERS.items():
        for key, row in raw.get(table, {}).items():
            for field, targets in fields.items():
                named = set(names_in(row.get(field) if isinstance(row, Mapping) else None))
                if any(named & gone.get(target, set()) for target in targets):
                    found.setdefault(table, set()).add(key)
                    if table == "effects" and row.get("project_id") in raw.get("levers", {}):
                        found.setdefault("levers", set()).add(str(row["project_id"]))
    return found


def names_in(value: Any) -> list[str]:
    """Ids in a cell or a list."""
    if value is None:
        return []
    parts = value if isinstance(value, list | tuple) else str(value).split(";")
    return [str(part).strip() for part in parts]


def naming_removed(problems: list[Problem], removed: Mapping[tuple[str, str], str]) -> list[Problem]:
    """Problems with rows that are not there, those of rows that the scenario takes out itself told as E131.

    Parameters
    ----------
    problems
        What the checks found.
    removed
        File and line that took out a row, by table and id.
    """
    where = {key: (table, place) for (table, key), place in removed.items()}
    found = []
    for problem in problems:
        name = next((word for word in _QUOTED.findall(problem.message) if word in where), None)
        if name is None or problem.code not in _UNKNOWN:
            found.append(problem)
            continue
        table, place = where[name]
        own, _, rest = problem.path.partition(".")
        row = rest.partition(".")[0]
        hint = f"take this row out too ({own}: {{{row}: null}}), let it name another, or keep '{name}'"
        if own not in TABLES:
            hint = f"name another, or keep '{name}'"
        message = f"names '{name}', which is taken out of {table} at {place}"
        found.append(replace(problem, code="E131", message=message, hint=hint))
    return found


#: What a row that is not there is called in messages, and the table that would hold it.
_CALLED = {
    "node": "nodes",
    "place": "nodes",
    "link": "links",
    "unit type": "unit_types",
    "project": "projects",
    "project or kind": "projects",
    "source": "sources",
}
_NAMES_NO_ROW = re.compile(rf"(?:unknown ({'|'.join(_CALLED)})|no row) '[^']*'(?: in (\w+))?")
#: What a project or a lever changes stands in a table of its own, which the hint of the problem names.
_HAS_NO_EFFECT = "E213"


def naming_absent(problems: list[Problem], absent: Mapping[str, str]) -> list[Problem]:
    """Problems with rows that are not there, all those of a table without a file told as one E101.

    Parameters
    ----------
    problems
        What the checks found.
    absent
        Names of the files that a folder of tables lacks, by table, where no other file states rows of it.
    """
    found: list[Problem] = []
    naming: dict[str, list[Problem]] = {}
    for problem in problems:
        match = _NAMES_NO_ROW.match(problem.message) if problem.code in _UNKNOWN else None
        called, table = match.groups() if match else ("", "")
        name = table or ("links" if called == "place" and "nodes" not in absent else _CALLED.get(called, ""))
        if problem.code == _HAS_NO_EFFECT:
            name = "effects"
        (naming.setdefault(name, []) if name in absent else found).append(problem)
    for table, those in naming.items():
        rows = len({problem.path for problem in those})
        verb = "need" if table == "effects" else "name"
        message = f"no such table, but {rows} row{f's {verb} rows' if rows > 1 else f' {verb}s a row'} of it"
        first = those[0]
        hint = f"add it, or take what names it out; the first is {first.path} ({first.where})"
        found.append(Problem("E101", absent[table], table, message, hint))
    return found
