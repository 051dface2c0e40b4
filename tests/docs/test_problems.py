"""`docs/problems.md` has a row for each code that flanksim raises, and for no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def codes_in(cell: str) -> list[str]:
    """Codes of the first cell of a row: one, several, or a range such as ``E120`` to ``E123``."""
    found: list[str] = []
    for first, last in re.findall(r"([EW]\d{3})(?:\u2013([EW]\d{3}))?", cell):
        numbers = range(int(first[1:]), int((last or first)[1:]) + 1)
        found += [f"{first[0]}{number}" for number in numbers]
    return found


def test_every_code_that_is_raised_has_one_row() -> None:
    raised = set()
    for path in (ROOT / "src").rglob("*.py"):
        raised |= set(re.findall(r"""["']([EW]\d{3})["']""", path.read_text(encoding="utf-8")))
    rows = re.findall(r"^\| ([EW]\d{3}[^|]*)\|", (ROOT / "docs/problems.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = [code for row in rows for code in codes_in(row)]
    assert len(raised) > 100
    assert raised - set(told) == set(), "codes without a row in docs/problems.md"
    assert sorted(told) == sorted(set(told)), "codes with two rows"
    assert set(told) - raised == set(), "rows for codes that nothing raises"
