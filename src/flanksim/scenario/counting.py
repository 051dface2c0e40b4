"""What the tables of a scenario hold, counted for the docs: rows by basis and confidence, links by mode, idle columns.

``python -m flanksim.scenario.counting`` in the root of the repository writes the counts in the docs anew. A document
says which scenario is counted: ``<!-- counts of NAME -->`` up to ``<!-- end -->``.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from flanksim.documents import with_block
from flanksim.modes import LINK_MODES
from flanksim.scenario.evidence import BASES, CONFIDENCES, TableEvidence, evidence_of_all, evidence_of_tables
from flanksim.scenario.reading import load
from flanksim.scenario.rows import Row
from flanksim.scenario.schema import Scenario
from flanksim.scenario.tables import TABLES

#: Documents with counts; from the root of the repository.
DOCUMENTS = (Path("docs/data.md"),)
_BLOCK = re.compile(r"<!-- counts of ([\w-]+) -->")
_PACKAGE = Path(__file__).parents[1]
#: Modules that define columns, or say which may be changed: to be named there is not to be read.
_DEFINING = ("rows.py", "project_rows.py", "effects.py")


def counts(scenario: Scenario) -> str:
    """Tables in Markdown: rows by basis and confidence of each table, links by mode, columns that nothing reads.

    Parameters
    ----------
    scenario
        A scenario with tables.
    """
    entries = evidence_of_tables(scenario)
    heads = ["table", "rows", *(base.replace("_", " ") for base in BASES), "with class default", *CONFIDENCES]
    lines = _table(heads, [_row(entry) for entry in (*entries, evidence_of_all(entries))])
    kinds = Counter(node.kind for node in scenario.nodes.values())
    lines += ["", "Places: " + ", ".join(f"{kinds[kind]:,} {kind.replace('_', ' ')}" for kind in sorted(kinds)) + "."]
    lines += ["", *_by_mode(scenario)]
    idle = unread_columns(scenario)
    lines += ["", "Columns of these tables that no code reads: " + (", ".join(idle) if idle else "none") + "."]
    return "\n".join(lines) + "\n"


def _by_mode(scenario: Scenario) -> list[str]:
    """Links of each mode: number, kilometres, those not built or closed, those with a speed of their own."""
    rows = []
    for mode in LINK_MODES:
        links = [link for link in scenario.links.values() if link.mode == mode]
        if links:
            shut = sum(link.capacity_typical == 0 for link in links)
            own = sum(link.speed_typical_kmh is not None or link.travel_hours is not None for link in links)
            known = sum(link.basis in ("looked_up", "derived") for link in links)
            length = sum(link.length_km for link in links)
            rows.append(
                [mode, f"{len(links):,}", f"{length:,.0f}", f"{shut:,}", f"{own:,}", f"{known / len(links):.0%}"]
            )
    return _table(["mode", "links", "km", "not built or closed", "own speed", "looked up or derived"], rows)


def _row(entry: TableEvidence) -> list[str]:
    """Cells of one table: shares of its rows."""

    def share(count: int) -> str:
        return f"{count / entry.rows:.0%}"

    bases = [share(entry.basis.get(key, 0)) for key in BASES]
    trust = [share(entry.confidence.get(key, 0)) for key in CONFIDENCES]
    return [entry.table.replace("_", " "), f"{entry.rows:,}", *bases, share(entry.class_default), *trust]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    right = ["---", *["--:"] * (len(heads) - 1)]
    return ["| " + " | ".join(cells) + " |" for cells in (heads, right, *rows)]


def unread_columns(scenario: Scenario) -> list[str]:
    """Filled columns whose name no module uses but those that define it, as ``table.column``.

    The three columns of one uncertain quantity are one: worlds are drawn between the low and the high value of every
    column whose name says that it is the typical one.

    Parameters
    ----------
    scenario
        A scenario with tables.
    """
    found = []
    for table in TABLES:
        rows: list[Row] = list(getattr(scenario, table).values())
        filled = {name for row in rows for name in type(row).model_fields if getattr(row, name) not in (None, "", ())}
        for field in sorted(filled):
            typical = re.sub(r"(?<![a-z])(low|high)(?![a-z])", "typical", field)
            if (typical if all(typical in type(row).model_fields for row in rows) else field) not in _words():
                found.append(f"{table}.{field}")
    return found


@cache
def _words() -> frozenset[str]:
    """Every attribute and every word in quotes of the package's modules."""
    found = set()
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.name in _DEFINING:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(found)


def with_counts(text: str) -> str:
    """A document with its counts written anew.

    Parameters
    ----------
    text
        A document with blocks ``<!-- counts of NAME -->``.
    """
    for name in dict.fromkeys(_BLOCK.findall(text)):
        text = with_block(text, f"counts of {name}", lambda _, name=name: counts(load(name))) or text  # type: ignore[misc]
    return text


def documents() -> dict[Path, str]:
    """What stands in each document, by path from the root of the repository."""
    return {path: with_counts(path.read_text(encoding="utf-8")) for path in DOCUMENTS}


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
