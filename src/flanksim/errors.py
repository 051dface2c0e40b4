"""Problems that a user can mend, and the one exception that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flanksim.terminal import WIDTH, fold

Severity = Literal["error", "warning"]
_LONGEST_WORD = 500


def _cut(text: str) -> str:
    """The text with the middle of its very long words left out."""
    words = (word if len(word) <= _LONGEST_WORD else f"{word[:60]}...{word[-20:]}" for word in text.split(" "))
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in the input: what, where, and what to do about it.

    Attributes
    ----------
    code
        Permanent code, documented in ``docs/problems.md``; ``E`` stops, ``W`` warns.
    where
        File and line, ``tables/links.csv:17``.
    path
        Place inside the data, ``links.L172.length_km``.
    message
        What is wrong, with the offending value.
    hint
        What to do about it.
    """

    code: str
    where: str
    path: str
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        """No value of a file, however long, makes a message long: words of it are cut."""
        for name in ("where", "path", "message", "hint"):
            text = getattr(self, name)
            if len(text) > _LONGEST_WORD:
                object.__setattr__(self, name, _cut(text))

    @property
    def severity(self) -> Severity:
        """``error`` or ``warning``, by the first letter of the code."""
        return "error" if self.code.startswith("E") else "warning"

    def as_json(self) -> dict[str, Any]:
        """The problem for programs; `file` and `line` are those of `where`, the line null where there is none.

        Examples
        --------
        >>> Problem("W402", "fleets.csv:7", "fleets.x", "never moves").as_json()["line"]
        7
        """
        file, colon, line = self.where.rpartition(":")
        known = bool(colon) and line.isdecimal()
        return {
            "code": self.code,
            "severity": self.severity,
            "file": file if known else self.where,
            "line": int(line) if known else None,
            "path": self.path,
            "message": self.message,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        """Code, place and message, with the hint indented below; lines leave room for two blanks before them."""
        inside = WIDTH - 2
        lines = fold(f"{self.code}  {self.where}  {self.path}".rstrip(), inside, hang=6)
        for text in (self.message, *self.hint.splitlines()):
            lines += fold(f"      {text}", inside)
        return "\n".join(lines)


class FlanksimError(Exception):
    """Input that cannot be run. ``problems`` lists every mistake found, not just the first."""

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(format_problems(self.problems))

    def __reduce__(self) -> tuple[type[FlanksimError], tuple[tuple[Problem, ...]]]:
        """Its problems, not its text: so that it comes back whole from a worker process."""
        return type(self), (self.problems,)


def problems_as_json(problems: Iterable[Problem]) -> dict[str, Any]:
    """What a command with ``--json`` prints instead of its answer: ``{"problems": [...]}``, errors first."""
    return {"problems": [problem.as_json() for problem in sorted(problems, key=lambda problem: problem.code)]}


def format_problems(problems: Iterable[Problem]) -> str:
    """All problems as one text, errors first, with a count on top.

    Examples
    --------
    >>> print(format_problems([Problem("E103", "a.yaml:3", "nodes.x", "unknown field 'lattitude'")]))
    1 error
    <BLANKLINE>
      E103  a.yaml:3  nodes.x
            unknown field 'lattitude'
    """
    ordered = sorted(problems, key=lambda problem: problem.code)
    errors = sum(problem.severity == "error" for problem in ordered)
    warnings = len(ordered) - errors
    counts = []
    if errors:
        counts.append(f"{errors} error" + "s" * (errors != 1))
    if warnings:
        counts.append(f"{warnings} warning" + "s" * (warnings != 1))
    blocks = ["  " + str(problem).replace("\n", "\n  ") for problem in ordered]
    return "\n\n".join([", ".join(counts) or "no problems", *blocks])
