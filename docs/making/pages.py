"""What is made from the code, by file; a test holds that it is what stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from docs.making import answer, architecture, best_buys, command_line, python_names, results, sheets, verification
from flanksim.documents import with_block
from flanksim.scenario import counting, describing
from flanksim.tpfdd import describing as requirements

FIGURES, REFERENCE = Path("docs/figures"), Path("docs/reference")
#: What a block holds, by its rows at most.
Block = Callable[[int | None], str]


def measured(what: str, page: Path) -> Block:
    """A block that a study has written into `page`, for another page that shows the same, or its first rows."""

    def rows(most: int | None) -> str:
        text = page.read_text(encoding="utf-8")
        found = re.search(rf"<!-- {re.escape(what)} -->\n(.*?)<!-- end -->", text, re.DOTALL)
        if found is None:
            raise ValueError(f"{page} has no block {what}")
        lines = found[1].splitlines(keepends=True)
        table = [number for number, line in enumerate(lines) if line.startswith("|")]
        first, last = table[0] + 2, table[-1] + 1
        notes = lines[last:] if most is None else lines[-2:]  # the digest is the last line, after an empty one
        return "".join([*lines[:first], *lines[first:last][:most], *notes])

    return rows


_BEST_BUYS = "best-buys of eastern-flank"
#: Document with blocks, their names, and what stands in them.
BLOCKS: dict[Path, dict[str, Block]] = {
    requirements.DOCUMENT: {
        "columns of requirements": requirements.fields,
        "columns of an export": requirements.actuals,
    },
    Path("README.md"): {
        "verdict of eastern-flank": answer.verdict,
        "answer of eastern-flank": answer.screen,
        "figure of eastern-flank": lambda _: answer.figure("docs/figures"),
        _BEST_BUYS: measured(_BEST_BUYS, Path("docs/best-buys.md")),
    },
    Path("docs/recommendation.md"): {
        "answer of eastern-flank": answer.screen,
        "figure of eastern-flank": lambda _: answer.figure("figures"),
        _BEST_BUYS: measured(_BEST_BUYS, Path("docs/best-buys.md")),
    },
    Path("docs/how-to/analyst.md"): {"scenarios": sheets.scenarios},
    Path("docs/stress-des.md"): {"stress of eastern-flank": sheets.stress_sheet},
    Path("docs/verification-and-validation.md"): {"stakes of verification": verification.stakes},
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
        REFERENCE / "sources.md": sheets.sources(),
        Path("docs/glossary.md"): sheets.glossary(),
        best_buys.FILE: best_buys.shipped(),
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
