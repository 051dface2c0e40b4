"""What an object shows of itself in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape


def html_table(title: str, rows: Sequence[Mapping[str, object]], foot: str = "") -> str:
    """A small HTML table for notebooks: the keys of the first row are its head; every text is escaped."""
    head = list(rows[0]) if rows else []
    parts = [f"<table><caption style='text-align:left'><b>{escape(title)}</b></caption>"]
    parts.append("<thead><tr>" + "".join(f"<th>{escape(name)}</th>" for name in head) + "</tr></thead><tbody>")
    for row in rows:
        cells = "".join(f"<td>{escape(str(row.get(name, '')))}</td>" for name in head)
        parts.append(f"<tr>{cells}</tr>")
    parts.append("</tbody></table>")
    if foot:
        parts.append(f"<small>{escape(foot)}</small>")
    return "".join(parts)
