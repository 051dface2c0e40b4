"""Blocks of documents that a command writes anew: numbers in the docs come from it and from nowhere else.

A block begins with ``<!-- WHAT -->``, or with ``<!-- WHAT, 8 rows -->`` where the first rows are enough, and ends with
``<!-- end -->``. WHAT says which numbers stand there, such as ``best-buys of eastern-flank``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from flanksim.errors import FlanksimError, Problem
from flanksim.saving import saving, write_atomically


def with_block(document: str, what: str, text: Callable[[int | None], str]) -> str | None:
    r"""The document with its blocks of this name written anew; None where it has none.

    Parameters
    ----------
    document
        Text with blocks.
    what
        Name of the blocks.
    text
        What stands in a block with at most so many rows, None for all of them.

    Examples
    --------
    >>> with_block("<!-- x, 2 rows -->\nold\n<!-- end -->", "x", lambda most: f"{most} new\n")
    '<!-- x, 2 rows -->\n2 new\n<!-- end -->'
    """
    pattern = re.compile(rf"<!-- {re.escape(what)}(?:, (\d+) rows)? -->\n.*?<!-- end -->", re.DOTALL)

    def fresh(block: re.Match[str]) -> str:
        head = block[0].partition("\n")[0]
        return f"{head}\n{text(int(block[1]) if block[1] else None)}<!-- end -->"

    found, count = pattern.subn(fresh, document)
    return found if count else None


def write_block(path: Path, what: str, text: Callable[[int | None], str]) -> None:
    """Write the blocks of this name in a file anew.

    Parameters
    ----------
    path
        Of the document.
    what, text
        As in `with_block`.

    Raises
    ------
    FlanksimError
        E133 if there is no such document or it has no such block, E507 if it cannot be written.
    """
    document = None
    if path.is_file():
        with saving(path):
            document = with_block(path.read_text(encoding="utf-8"), what, text)
    if document is None:
        said = "has no place for this study" if path.is_file() else "there is no such document"
        hint = f"write <!-- {what} --> and <!-- end --> on lines of their own where its table is to stand"
        raise FlanksimError(Problem("E133", str(path), "--page", said, hint))
    fresh = document

    def write(partial: Path) -> None:
        partial.write_text(fresh, encoding="utf-8")

    write_atomically(path, write)
