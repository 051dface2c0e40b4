"""What is made from the code, by file; a test holds that it is what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from docs.making import architecture, command_line, python_names, results
from flanksim.documents import with_block
from flanksim.scenario import counting, describing
from flanksim.tpfdd import describing as requirements

FIGURES, REFERENCE = Path("docs/figures"), Path("docs/reference")
#: Document with blocks, their names, and what stands in them.
BLOCKS: dict[Path, dict[str, Callable[[int | None], str]]] = {
    requirements.DOCUMENT: {
        "columns of requirements": requirements.fields,
        "columns of an export": requirements.actuals,
    },
}


def documents() -> dict[Path, str]:
    """Text of each document that is made from the code, whole or in part, by path from the root of the repository."""
    return {**describing.documents(), **counting.documents(), **pages()}


def pages() -> dict[Path, str]:
    """Those of them that no module of flanksim itself writes."""
    return {
        FIGURES / "architecture.svg": architecture.picture(),
        REFERENCE / "cli.md": command_line.page(),
        REFERENCE / "python.md": python_names.page(),
        REFERENCE / "results.md": results.page(),
        **dict(_with_blocks()),
    }


def _with_blocks() -> Iterator[tuple[Path, str]]:
    for path, blocks in BLOCKS.items():
        text = path.read_text(encoding="utf-8")
        for what, made in blocks.items():
            found = with_block(text, what, made)
            if found is None:
                raise ValueError(f"{path} has no block {what}")
            text = found
        yield path, text
