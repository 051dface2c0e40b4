"""Text for a terminal: paragraphs and tables of at most 100 columns that read well without colour.

A command's answer is a list of blocks: a ``str`` is a paragraph, a `Span` one with a style, a `Table` a table.
`render` makes plain text of them; `text_for` has modest colour too, where a person looks at the stream.
"""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

#: No line of an answer is wider.
WIDTH = 100
#: Blank columns between two columns of a table.
GAP = 2

Style = Literal["", "strong", "quiet", "good", "bad", "unsure"]
_STYLES = {"": "", "strong": "bold", "quiet": "dim", "good": "green", "bad": "red", "unsure": "yellow"}


@dataclass(frozen=True, slots=True)
class Span:
    """A paragraph or cell with a style, which must never carry meaning that the words do not."""

    text: str
    style: Style = ""


Entry = str | Span


@dataclass(frozen=True, slots=True)
class Column:
    """A column: numbers stand to the right and are never broken, words wrap under themselves.

    Attributes
    ----------
    head
        Short, with the unit; may have more than one line.
    least
        Width below which words are not squeezed, columns.
    """

    head: str = ""
    right: bool = False
    least: int = 8


@dataclass(frozen=True)
class Table:
    """A table without lines: one cell a column in each row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Entry, ...], ...]
    indent: int = 2


Block = str | Span | Table


def words(head: str = "", least: int = 8) -> Column:
    """A column of words."""
    return Column(head, least=least)


def numbers(head: str = "") -> Column:
    """A column of numbers."""
    return Column(head, right=True)


def table(columns: Sequence[Column], rows: Iterable[Sequence[Entry]], indent: int = 2) -> Table:
    """A table from any sequences; columns that are empty in every row are left out.

    Raises
    ------
    ValueError
        If a row has another number of cells than there are columns.

    Examples
    --------
    >>> print(render([table([words("port"), numbers("ships")], [["Riga", "3"], ["Ventspils", "12"]])]))
      port       ships
      Riga           3
      Ventspils     12
    """
    found = [tuple(row) for row in rows]
    if any(len(row) != len(columns) for row in found):
        raise ValueError(f"each row needs {len(columns)} cells")
    kept = [n for n in range(len(columns)) if any(_text(row[n]) for row in found)]
    return Table(
        tuple(columns[n] for n in kept), tuple(tuple(row[n] for n in kept) for row in found if kept), indent=indent
    )


def fold(text: str, width: int = WIDTH, hang: int | None = None) -> list[str]:
    """A paragraph in lines of at most `width` columns.

    Its leading blanks are kept on every line. Lines after the first stand `hang` columns further right: if not
    given, 2 where the paragraph is indented. A word that is too wide is broken, unless it holds a slash: a path in
    two pieces cannot be copied.

    Examples
    --------
    >>> fold("  What binds: ships for the Atlantic", 20)
    ['  What binds: ships', '    for the Atlantic']
    """
    lines = []
    for part in text.split("\n"):
        if len(part) <= width:
            lines.append(part.rstrip())
            continue
        start = part[: len(part) - len(part.lstrip())]
        further = hang if hang is not None else 2 if start else 0
        pieces = [
            piece
            for word in part.split()
            for piece in ([word] if "/" in word else textwrap.wrap(word, max(1, width - len(start) - further)))
        ]
        lines += textwrap.wrap(
            " ".join(pieces),
            width,
            initial_indent=start,
            subsequent_indent=start + " " * further,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines


def split(wide: Table, width: int = WIDTH) -> list[Table]:
    """The table, or several of about equal size that each fit: the first column stands in all of them."""
    parts: list[list[int]] = []
    for column in range(1, len(wide.columns)):
        if parts and _extent(_of(wide, [0, *parts[-1], column]), squeezed=True) <= width:
            parts[-1].append(column)
        else:
            parts.append([column])
    if len(parts) > 1:
        size = math.ceil((len(wide.columns) - 1) / len(parts))
        even = [list(range(first, min(first + size, len(wide.columns)))) for first in range(1, len(wide.columns), size)]
        if all(_extent(_of(wide, [0, *part]), squeezed=True) <= width for part in even):
            parts = even
    return [_of(wide, [0, *part]) for part in parts or [[]]]


def render(blocks: Iterable[Block], width: int = WIDTH) -> str:
    """Plain text: no escape codes, no blanks at the ends of lines, nothing wider than `width`."""
    return _render(blocks, width, colour=False)


def text_for(blocks: Iterable[Block], stream: TextIO) -> str:
    """Text to be printed on `stream`: in colour and as wide as the window on a terminal, else plain.

    The environment variable ``NO_COLOR``, if it is not empty, asks for plain text on a terminal too.
    """
    width = WIDTH
    if stream.isatty():
        columns, _ = os.get_terminal_size(stream.fileno())
        width = min(WIDTH, max(60, columns)) if columns else WIDTH
    return _render(blocks, width, colour=coloured(stream))


def coloured(stream: TextIO) -> bool:
    """Whether colour is wanted: a terminal that can, and nobody has asked for none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# ---- rendering ------------------------------------------------------------------------------------


def _render(blocks: Iterable[Block], width: int, *, colour: bool) -> str:
    console = _console(width, colour=colour)
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            for number, part in enumerate(split(block, width)):
                lines += [""] * (number > 0) + _lines(console, _rich(part, width), part.indent)
            continue
        folded = fold(_text(block), width)
        lines += folded if isinstance(block, str) else _lines(console, _styled(Span("\n".join(folded), block.style)), 0)
    return "\n".join(line.rstrip() for line in lines)


def _console(width: int, *, colour: bool) -> Console:
    """A console of exactly this width, whatever the surroundings say; its output is captured, never shown."""
    from rich.console import Console

    return Console(
        width=width,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=False,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        _environ={},
    )


def _lines(console: Console, what: RichTable | Text, indent: int) -> list[str]:
    with console.capture() as capture:
        console.print(what, crop=False, soft_wrap=not hasattr(what, "columns"))
    return [" " * indent + line for line in capture.get().removesuffix("\n").split("\n")]


def _rich(block: Table, width: int) -> RichTable:
    from rich.table import Table as RichTable

    drawn = RichTable(
        box=None,
        pad_edge=False,
        padding=(0, GAP, 0, 0),
        show_header=any(column.head for column in block.columns),
    )
    for column, wide in zip(block.columns, _widths(block, width), strict=True):
        drawn.add_column(
            _styled(Span(column.head, "quiet")),
            justify="right" if column.right else "left",
            no_wrap=column.right,
            overflow="ellipsis" if column.right else "fold",
            width=wide,
        )
    for row in block.rows:
        drawn.add_row(*(_styled(cell) for cell in row))
    return drawn


def _widths(block: Table, width: int) -> list[int]:
    """Width of each column: what it needs, less what the widest words must give so that the table fits."""
    found = [_widest(block, column) for column in block.columns]
    over = block.indent + sum(found) + GAP * (len(found) - 1) - width
    floors = [_least(block, column) for column in block.columns]
    for floor in (floors, [1] * len(found)):  # a single column that is too wide goes below its least
        while over > 0:
            give = [n for n, column in enumerate(block.columns) if not column.right and found[n] > floor[n]]
            if not give:
                break
            widest = max(give, key=lambda n: found[n])
            found[widest] -= 1
            over -= 1
    return found


def _styled(cell: Entry) -> Text:
    from rich.text import Text

    return Text(_text(cell), style=_STYLES[cell.style] if isinstance(cell, Span) else "")


def _text(cell: Entry) -> str:
    return cell if isinstance(cell, str) else cell.text


def _of(wide: Table, columns: Sequence[int]) -> Table:
    chosen = tuple(wide.columns[n] for n in columns)
    return replace(wide, columns=chosen, rows=tuple(tuple(row[n] for n in columns) for row in wide.rows))


def _widest(block: Table, column: Column) -> int:
    from rich.cells import cell_len

    number = next(n for n, entry in enumerate(block.columns) if entry is column)
    texts = [column.head, *(_text(row[number]) for row in block.rows)]
    return max(cell_len(line) for text in texts for line in text.split("\n"))


def _least(block: Table, column: Column) -> int:
    return _widest(block, column) if column.right else min(column.least, _widest(block, column))


def _extent(block: Table, *, squeezed: bool = False) -> int:
    """Columns that the table takes, its indent included; words on one line, or `squeezed` as far as they may be."""
    measure = _least if squeezed else _widest
    return block.indent + sum(measure(block, column) for column in block.columns) + GAP * (len(block.columns) - 1)
