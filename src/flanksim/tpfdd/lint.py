"""The lint: a file of requirements read and checked, with all that is wrong with it at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flanksim.errors import FlanksimError, Problem, problems_as_json
from flanksim.scenario.arguments import as_path, as_scenario, wrong
from flanksim.scenario.schema import Scenario
from flanksim.tpfdd import WARNING
from flanksim.tpfdd.against import check_against
from flanksim.tpfdd.reading import own_headers, read
from flanksim.tpfdd.requirement import Requirement
from flanksim.tpfdd.rules import check_rules


@dataclass(frozen=True)
class Lint:
    """What a file of requirements holds, and what is wrong with it.

    Attributes
    ----------
    file
        Name of the file.
    requirements
        Rows whose cells can be read, in their order.
    problems
        Everything found: errors (``E``) and warnings (``W``), each with file, line and remedy.
    tags
        Columns that are not known and are kept as tags.
    """

    file: str
    requirements: tuple[Requirement, ...]
    problems: tuple[Problem, ...]
    tags: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that keep the file from being imported."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def sound(self) -> list[Requirement]:
        """Requirements with which no error has to do."""
        bad = {problem.where for problem in self.errors}
        return [entry for entry in self.requirements if entry.where not in bad]

    def as_json(self) -> dict[str, Any]:
        """The lint for programs."""
        rows = self.requirements
        return {
            "file": self.file,
            "warning": WARNING,
            "requirements": len(rows),
            "passengers": sum(entry.troops for entry in rows),
            "tonnes": round(sum(entry.tonnes for entry in rows), 3),
            "nations": sorted({entry.text("NATION") for entry in rows}),
            "tags": list(self.tags),
        } | problems_as_json(self.problems)


def lint_requirements(
    path: str | os.PathLike[str],
    scenario: Scenario | str | os.PathLike[str] | None = None,
    *,
    c_day: date | str | None = None,
    columns: str | os.PathLike[str] | None = None,
) -> Lint:
    """Check a TPFDD-like file of movement requirements. For synthetic data only.

    Parameters
    ----------
    path
        A CSV file; `docs/tpfdd.md` lists its columns and their other names.
    scenario
        Scenario on whose network they are to move: places, types and nations are looked up in it, and dates are
        compared with the time of free flow. Without, the requirements are checked among themselves.
    c_day
        When C-day is, for files with dates; else that of the scenario (``question.c_day``).
    columns
        A YAML file that names for each field the headers of somebody's own: ``ULN: [Kennung]``.

    Returns
    -------
    Lint
        Requirements and every problem found; it raises nothing for what is wrong in the file.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, and what `flanksim.load` raises for the scenario.

    Examples
    --------
    >>> from flanksim.scenario import shipped
    >>> found = lint_requirements(shipped() / "tpfdd" / "corridor-mini.csv", "corridor-mini")
    >>> len(found.requirements), found.problems
    (12, ())
    """
    entry = None if scenario is None else as_scenario(scenario)
    when = as_date(c_day)
    if when is None and entry is not None:
        when = entry.question.c_day
    names = None if columns is None else own_headers(as_path("columns", columns))
    found = read(as_path("path", path), when, names)
    problems = [*found.problems, *check_rules(found)]
    if entry is not None:
        problems += check_against(found, entry)
    if not found.requirements and not problems:
        problems.append(Problem("E110", f"{found.name}:{found.header_line}", "tpfdd", "no rows", "add requirements"))
    tags = tuple(dict.fromkeys(name for row in found.requirements for name in row.tags))
    return Lint(found.name, tuple(found.requirements), tuple(problems), tags)


def as_date(given: date | str | None) -> date | None:
    """A date, given as one or as text.

    Raises
    ------
    FlanksimError
        E130 for anything else.
    """
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise wrong("c_day", given, "write a date such as 2027-03-01") from None


def refused(found: Lint) -> FlanksimError:
    """All problems of a file that has errors."""
    return FlanksimError(found.problems)


def target_of(target: str | os.PathLike[str]) -> Path:
    """File to be written, which must not be there.

    Raises
    ------
    FlanksimError
        E112 if it is there.
    """
    path = as_path("target", target)
    if path.exists():
        hint = "choose another name or folder"
        raise FlanksimError(Problem("E112", str(path), "", "exists already; nothing was written", hint))
    return path
