"""What `docs/tpfdd.md` says of columns, made from the lists that the program reads.

``python -m flanksim.tpfdd.describing`` writes it anew, from the root of the repository.
"""

from __future__ import annotations

from pathlib import Path

from flanksim.documents import write_blocks
from flanksim.tpfdd.exporting import ACTUALS
from flanksim.tpfdd.fields import FIELDS

DOCUMENT = Path("docs/tpfdd.md")


def fields(_: int | None = None) -> str:
    """The columns of a file, as a table in Markdown."""
    lines = ["| column | holds | needed | in a scenario | also called | meaning |", "|---|---|---|---|---|---|"]
    for entry in FIELDS.values():
        unit = f", {entry.unit}" if entry.unit and entry.unit != entry.holds.value else ""
        also = ", ".join(f"`{name}`" for name in entry.aliases)
        needed, mapped = "yes" if entry.needed else "", "yes" if entry.mapped else "kept"
        lines.append(f"| `{entry.name}` | {entry.holds}{unit} | {needed} | {mapped} | {also} | {entry.meaning} |")
    return "\n".join(lines) + "\n"


def actuals(_: int | None = None) -> str:
    """The columns that an export adds, as a table in Markdown."""
    lines = [f"| `{name}` | {meaning} |" for name, meaning in ACTUALS.items()]
    return "\n".join(["| column | meaning |", "|---|---|", *lines]) + "\n"


if __name__ == "__main__":
    write_blocks(DOCUMENT, {"columns of requirements": fields, "columns of an export": actuals})
