"""Blocks of documents that a command writes anew: numbers in the docs come from it and from nowhere else.

A block begins with ``<!-- WHAT -->``, or with ``<!-- WHAT, 8 rows -->`` where the first rows are enough, and ends with
``<!-- end -->``. WHAT says which numbers stand there, such as ``best-buys of eastern-flank``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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


def with_digest(text: Callable[[int | None], str], digest: str) -> Callable[[int | None], str]:
    r"""The text of a block with the digest of the scenario that it was measured on as its last line.

    Parameters
    ----------
    text
        As in `with_block`.
    digest
        Of the scenario.

    Examples
    --------
    >>> with_digest(lambda most: "42 days\n", "c7df")(None)
    '42 days\n\nScenario digest `c7df`.\n'
    """
    return lambda most: f"{text(most).rstrip()}\n\nScenario digest `{digest}`.\n"


def write_blocks(path: Path, texts: Mapping[str, Callable[[int | None], str]]) -> None:
    """Write the blocks of these names in a file anew.

    Parameters
    ----------
    path
        Of the document.
    texts
        Name of the blocks to what stands in them, as in `with_block`.

    Raises
    ------
    FlanksimError
        E524 if there is no such document or it has no such block, E507 if it cannot be written.
    """
    fresh = None
    if path.is_file():
        with saving(path):
            document = path.read_text(encoding="utf-8")
        for what, text in texts.items():
            found = with_block(document, what, text)
            document, fresh = found or document, found or fresh
        fresh = None if fresh is None else document
    if fresh is None:
        said = "has no place for this study" if path.is_file() else "there is no such document"
        names = " or ".join(f"<!-- {what} -->" for what in texts)
        hint = f"write {names} and <!-- end --> on lines of their own where its table is to stand"
        raise FlanksimError(Problem("E524", str(path), "--page", said, hint))
    content = fresh

    def write(partial: Path) -> None:
        partial.write_text(content, encoding="utf-8")

    write_atomically(path, write)
