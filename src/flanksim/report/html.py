"""The page's building blocks: tables that sort, bars, folded parts. Every text is escaped here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

#: A text of so many letters or fewer stays on one line of its cell.
SHORT = 18


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that shows `text` and sorts by `value`; nan sorts last."""

    text: str | Markup
    value: float


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page, with its anchor and the word for it in the table of contents."""

    id: str
    title: str
    short: str
    body: Markup


def join(parts: Iterable[Markup | str]) -> Markup:
    """Parts one after the other; plain strings are escaped."""
    return Markup("").join(parts)


def paragraph(text: str | Markup, kind: str = "") -> Markup:
    """A paragraph, of class `kind` if that is given."""
    return Markup('<p class="{}">{}</p>').format(kind, text) if kind else Markup("<p>{}</p>").format(text)


def heading(text: str) -> Markup:
    """A heading within a section."""
    return Markup("<h3>{}</h3>").format(text)


def items(texts: Sequence[str | Markup]) -> Markup:
    """A list with dots."""
    return Markup("<ul>{}</ul>").format(join(Markup("<li>{}</li>").format(text) for text in texts))


def details(summary: str, body: Markup, *, opened: bool = False) -> Markup:
    """A part that is folded on the screen and open on paper."""
    state = Markup(" open") if opened else Markup("")
    return Markup("<details{}><summary>{}</summary>{}</details>").format(state, summary, body)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> Markup:
    """An HTML table whose columns sort by click and by keyboard.

    Numbers and `Cell` are right-aligned and sort as numbers; everything else sorts as text.
    """
    body = [Markup("<tr>{}</tr>").format(join(_cell(cell) for cell in row)) for row in rows]
    heads = [
        Markup('<th scope="col" aria-sort="none"><button type="button">{}</button></th>').format(name) for name in head
    ]
    title = Markup("<caption>{}</caption>").format(caption) if caption else Markup("")
    return Markup(
        '<div class="wide"><table>{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(title, join(heads), join(body))  # fmt: skip


def _cell(cell: object) -> Markup:
    if isinstance(cell, Cell):
        value = "" if math.isnan(cell.value) else f"{cell.value:.10g}"
        return Markup('<td class="n" data-v="{}">{}</td>').format(value, cell.text)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        value = "" if math.isnan(cell) else f"{cell:.10g}"
        return Markup('<td class="n" data-v="{}">{}</td>').format(value, number(cell))
    if isinstance(cell, str) and len(cell) <= SHORT:
        return Markup('<td class="s">{}</td>').format(cell)
    return Markup("<td>{}</td>").format("-" if cell is None else cell)


def number(value: float) -> str:
    """A number for people: at most three figures behind a small one, thousands separated, ``-`` for nan."""
    if math.isnan(value):
        return "-"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def percent(share: float, digits: int = 0) -> Cell:
    """A share of 0 to 1 as per cent; what is not nothing is not written as nothing."""
    text = f"{100 * share:.{digits}f} %"
    if share > 0 and float(f"{100 * share:.{digits}f}") == 0:
        text = f"< {10**-digits:g} %"
    return Cell(text, share)


def bars(rows: Sequence[tuple[str, float, str]]) -> Markup:
    """Horizontal bars: name, value, and the text behind the bar; the longest fills its track."""
    top = max((value for _, value, _ in rows), default=0.0) or 1.0
    found = [
        Markup('<div class="bar"><span>{}</span><span class="track"><i style="width:{}%"></i></span><b>{}</b></div>')
        .format(name, f"{max(0.4, 100 * value / top):.1f}", text)
        for name, value, text in rows
    ]  # fmt: skip
    return Markup('<div class="bars">{}</div>').format(join(found))


def known(value: Mapping[str, Any] | None) -> bool:
    """Whether an interval of a results file has a mean."""
    return bool(value) and value.get("mean") is not None  # type: ignore[union-attr]
