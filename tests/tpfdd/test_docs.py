"""`docs/tpfdd.md` and `docs/problems.md` say what the program reads, writes and tells."""

from __future__ import annotations

import re
from pathlib import Path

from flanksim.documents import with_block
from flanksim.tpfdd.describing import DOCUMENT, actuals, fields

ROOT = Path(__file__).parents[2]


def test_columns_are_those_of_the_program() -> None:
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    for what, made in (("columns of requirements", fields), ("columns of an export", actuals)):
        assert with_block(text, what, made) == text, "python -m flanksim.tpfdd.describing writes it anew"


def test_every_code_is_documented() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/flanksim/tpfdd").glob("*.py"))
    told = set(re.findall(r'"([EW]\d{3})"', source))
    rows = set(re.findall(r"[EW]\d{3}", (ROOT / "docs/problems.md").read_text(encoding="utf-8")))
    assert {"E601", "E602", "E603", "E604", *(f"W60{number}" for number in range(1, 9))} <= told
    assert told <= rows | {"E202", "E203"}  # E201 to E204 stand in one row
