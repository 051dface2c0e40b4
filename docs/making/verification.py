"""What hangs on each verification case, as a table of Markdown."""

from __future__ import annotations

from flanksim.verification.case import stakes as stakes_of
from flanksim.verification.suite import CASES


def stakes(_: int | None = None) -> str:
    """A row a case: what it is, and what would go wrong with an answer if it failed."""
    lines = ["| case | what | what would go wrong if this failed |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {case.id} | {case.title} | {stakes_of()[case.id]} |" for case in CASES)]) + "\n"
