"""What hangs on each verification case, and what came out: ``python -m docs.making.verification``, a minute."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flanksim.documents import write_blocks
from flanksim.verification.case import Check, Result
from flanksim.verification.case import stakes as stakes_of
from flanksim.verification.suite import CASES


def stakes(_: int | None = None) -> str:
    """A row a case: what it is, and what would go wrong with an answer if it failed."""
    lines = ["| case | what | what would go wrong if this failed |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {case.id} | {case.title} | {stakes_of()[case.id]} |" for case in CASES)]) + "\n"


def results(found: Sequence[Result]) -> str:
    """A row a case: the check that came nearest to its tolerance, and whether all hold."""
    lines = ["| case | what | worst check: expected | got | tolerance | status |", "|---|---|---|---|---|---|"]
    for case in found:
        worst = max(case.checks, key=_nearness)
        lines.append(
            f"| {case.id} | {case.title} | {worst.what}: {worst.expected:.6g} | {worst.got:.6g} "
            f"| {worst.tolerance:.2g} | {case.status} |"
        )
    return "\n".join(lines) + "\n"


def _nearness(check: Check) -> float:
    """How near a check comes to its tolerance; differences of rounding are none, or it would hang on the machine."""
    off = abs(check.got - check.expected)
    return round(off / check.tolerance, 3) if check.tolerance else float(off > 0)


def _write() -> None:
    import flanksim as fs

    found = fs.verify()
    write_blocks(Path("docs/verification.md"), {"results of verification": lambda _: results(found)})


if __name__ == "__main__":
    _write()
