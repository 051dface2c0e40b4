"""How a check says what is wrong: a code, the place in the data with its file and line, a message and a remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
