"""What a caller hands to a public function, as what it stands for; else a problem that says what to write.

A scenario may be given by name or path, a folder as text, one thing where a list is wanted, numpy's numbers where
Python's are. Nothing else is guessed: ``True`` is no number, and 1.5 is no count.
"""

from __future__ import annotations

import difflib
import math
import operator
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.schema import AS_PYDANTIC, Scenario
from flanksim.scenario.spending import Spending

T = TypeVar("T")

#: Years for which a network may be asked: those of the field ``year``.
FIRST_YEAR, LAST_YEAR = 1900, 2200


def wrong(name: str, value: object, hint: str, what: str = "") -> FlanksimError:
    """The problem with an argument: E130 with its name, its value and what to write instead.

    Parameters
    ----------
    name
        Name of the argument.
    value
        What was given.
    hint
        What to write instead.
    what
        What is wrong, in words; that the value cannot be used if empty.
    """
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return FlanksimError(Problem("E130", name, "", what or f"{text} cannot be used here", hint))


def as_scenario(given: Scenario | str | os.PathLike[str]) -> Scenario:
    """A scenario that can be run: checked like a file, also if Python has changed it.

    Parameters
    ----------
    given
        A Scenario, the name of a shipped one, or the path of a file.

    Raises
    ------
    FlanksimError
        E130 for anything else; what `flanksim.load` raises.
    """
    from flanksim.scenario.reading import load

    if isinstance(given, Scenario):
        return _checked(given)
    if isinstance(given, str | os.PathLike):
        return _marked(load(given))
    hint = 'give a Scenario, the name of a shipped one such as "eastern-flank", or the path of a file'
    if isinstance(given, Mapping):
        hint = "flanksim.from_values makes a Scenario of nested values"
    raise wrong("scenario", given, hint)


def _checked(scenario: Scenario) -> Scenario:
    """The scenario as a file with its content would be read, once; itself where that is equal."""
    if scenario.__dict__.get("_checked"):
        return scenario
    from flanksim.scenario.check import check
    from flanksim.scenario.reading import problems_of

    where = str(scenario.__dict__.get("name", ""))
    raw = scenario.model_dump(warnings=False)
    try:
        found = Scenario.model_validate(raw, context=AS_PYDANTIC)
    except ValidationError as error:
        raise FlanksimError(problems_of(error, raw, where)) from None
    problems = [problem for problem in check(found, lambda *_: where) if problem.severity == "error"]
    if problems:
        raise FlanksimError(problems)
    return _marked(scenario if found == scenario else found)


def _marked(scenario: Scenario) -> Scenario:
    scenario.__dict__["_checked"] = True  # a copy with changes loses it
    return scenario


def as_path(name: str, given: str | os.PathLike[str]) -> Path:
    """A file or folder, given as text or path."""
    text = os.fspath(given) if isinstance(given, str | os.PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise wrong(name, given, "give the name of a file or folder as text or as a pathlib.Path")
    return Path(text)


def as_folder(name: str, given: str | os.PathLike[str] | None) -> Path | None:
    """A folder, or none."""
    return None if given is None else as_path(name, given)


def _is_bool(given: object) -> bool:
    """Python's or numpy's True and False, which can be counted with and are no counts."""
    return type(given).__name__ in ("bool", "bool_")


def as_whole(name: str, given: object, least: int, most: int | None = None) -> int:
    """A whole number within limits.

    Parameters
    ----------
    name
        Name of the argument, for the message.
    given
        What was given; a bool is no number.
    least, most
        Limits, both allowed; no upper one if None.

    Returns
    -------
    int
        The number.

    Raises
    ------
    FlanksimError
        E130 for anything else.
    """
    limits = f"a whole number of {least} or more" if most is None else f"a whole number from {least} to {most:,}"
    try:
        found = math.nan if _is_bool(given) else operator.index(given)  # type: ignore[arg-type]
    except TypeError:
        found = math.nan
    if not isinstance(found, int):
        raise wrong(name, given, f"give {limits}")
    if found < least or (most is not None and found > most):
        raise wrong(name, found, f"give {limits}", f"{found:,} is out of range")
    return found


def as_number(name: str, given: Any, least: float, most: float = math.inf) -> float:
    """A finite number within limits.

    Parameters
    ----------
    name
        Name of the argument, for the message.
    given
        What was given; a bool or text is no number.
    least, most
        Limits, both allowed.

    Returns
    -------
    float
        The number.

    Raises
    ------
    FlanksimError
        E130 for anything else.
    """
    limits = f"a number from {least:g} to {most:g}"
    if math.isinf(most):
        limits = "a number" if math.isinf(least) else f"a number of {least:g} or more"
    try:
        found = None if _is_bool(given) or isinstance(given, str | bytes) else float(given)
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None:
        raise wrong(name, given, f"give {limits}")
    if not (math.isfinite(found) and least <= found <= most):
        raise wrong(name, found, f"give {limits}", f"{found:g} is out of range")
    return found


def as_flag(name: str, given: object) -> bool:
    """True or False."""
    if not _is_bool(given):
        raise wrong(name, given, "give True or False")
    return bool(given)


def as_function(name: str, given: T, hint: str) -> T:
    """A function, or none.

    Parameters
    ----------
    name
        Name of the argument, for the message.
    given
        What was given.
    hint
        What to give instead.

    Raises
    ------
    FlanksimError
        E130 for what cannot be called.
    """
    if given is not None and not callable(given):
        raise wrong(name, given, hint)
    return given


def as_seed(given: object, otherwise: int) -> int:
    """Root of the random streams; `otherwise` if none is given."""
    if given is None:
        return otherwise
    least, most = _limits("seed")
    return as_whole("seed", given, least, most)


def as_replications(given: object, otherwise: int) -> int:
    """Number of runs; `otherwise` if none is given."""
    if given is None:
        return otherwise
    least, most = _limits("replications")
    return as_whole("replications", given, least, most)


def as_jobs(given: object) -> int | None:
    """Number of processes; None leaves it to flanksim."""
    return None if given is None else as_whole("jobs", given, 1)


def _limits(field: str) -> tuple[int, int]:
    """Least and most of a field of the scenario file, which is the one place where they stand."""
    marks = Scenario.model_fields[field].metadata
    least = next((int(mark.ge) for mark in marks if getattr(mark, "ge", None) is not None), 0)
    return least, next((int(mark.le) for mark in marks if getattr(mark, "le", None) is not None), 2**63 - 1)


def as_list(given: object) -> list[Any]:
    """Several things, or the one that was given."""
    if isinstance(given, str | bytes | os.PathLike | Mapping | Scenario) or not isinstance(given, Iterable):
        return [given]
    return [given] if getattr(given, "ndim", 1) == 0 else list(given)  # numpy's arrays without a dimension are numbers


def as_levels(name: str, given: object) -> list[float]:
    """Numbers, or one number; whether they make sense there, the caller says."""
    return [as_number(name, value, -math.inf) for value in as_list(given)]


def as_years(name: str, given: object) -> list[int]:
    """Years, or one year; 2030.0 is one, 2030.5 is none."""
    found = []
    for value in as_list(given):
        year = as_number(name, value, FIRST_YEAR, LAST_YEAR)
        if year != int(year):
            raise wrong(name, value, "give whole years, such as [2026, 2030, 2035]")
        found.append(int(year))
    return found


def as_year(given: object) -> int:
    """One year."""
    years = as_years("year", given)
    if len(years) != 1:
        raise wrong("year", given, "give one year, such as 2030")
    return years[0]


def as_spending(given: object) -> Spending:
    """A Spending."""
    if isinstance(given, Spending):
        return given
    raise wrong("spending", given, "give scenario.spending, or Spending(infrastructure_share_pct=1.5)")


def as_portfolio(given: object) -> tuple[str, ...]:
    """Projects by id: a list of them, or text as on the command line, ``PR03+PR05``."""
    if isinstance(given, str):
        return tuple(part.strip() for part in given.split("+") if part.strip())
    found = as_list(given)
    if all(isinstance(key, str) for key in found):
        return tuple(found)
    raise wrong("projects", given, 'give ids of projects, such as ["PR03", "PR05"] or "PR03+PR05"')


def as_portfolios(given: object) -> list[tuple[str, ...]]:
    """Portfolios: each a list of ids or text; a single text is one portfolio."""
    return [as_portfolio(entry) for entry in as_list(given)]


def one_of(name: str, given: T, allowed: Iterable[T], code: str = "E130", short: Iterable[T] = ()) -> T:
    """One of the values that there are; `short` are names for some of them that may be what was meant.

    Parameters
    ----------
    name
        Name of the argument, for the message.
    given
        What was given.
    allowed
        The values that there are.
    code
        Code of the problem.
    short
        Names for some of the values that may be what was meant.

    Raises
    ------
    FlanksimError
        With that code, the nearest value and those that there are.
    """
    known = list(allowed)
    if given in known:
        return given
    close = difflib.get_close_matches(str(given), map(str, [*short, *known]), n=1)
    listed = ", ".join(map(repr, known[:12])) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    hint = f"did you mean '{close[0]}'? There are {listed}" if close else f"there are {listed}"
    raise FlanksimError(Problem(code, name, "", f"no {name} {given!r} here", hint))
