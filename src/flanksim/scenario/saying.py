"""How a check says what is wrong: a code, the place in the data with its file and line, a message and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from flanksim.errors import Problem

Where = Callable[..., str]


@dataclass(frozen=True)
class Say:
    """Makes a `Problem` of a place in the data.

    Attributes
    ----------
    where
        Gives file and line of a path, and of one of its fields if that has a line of its own.
    """

    where: Where

    def __call__(self, code: str, path: tuple[str, ...], message: str, hint: str = "") -> Problem:
        """The problem at a path: table, row and field, as far as they go."""
        return Problem(code, self.where(path), ".".join(path), message, hint)


def placed(problems: Iterable[Problem], name: str, where: Where) -> list[Problem]:
    """Problems that were found on a scenario alone, `name` in place of a file, with file and line of what they concern.

    Parameters
    ----------
    problems
        What was found.
    name
        Name of the scenario.
    where
        Gives file and line of a table, row and field.
    """
    return [
        replace(problem, where=where(tuple(problem.path.split(".")))) if problem.where == name else problem
        for problem in problems
    ]
