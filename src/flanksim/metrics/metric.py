"""A metric: callable for its table, with `.plot` for its figure and `.save` for its files.

>>> import flanksim as fs
>>> run = fs.simulate("corridor-mini", seed=1)
>>> run.queues().columns.tolist()
['element', 'day', 'serials_waiting']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.saving import make_folder
from flanksim.scenario.arguments import as_path

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Metric:
    """One way to look at a result.

    Attributes
    ----------
    name
        Of the files that `save` writes, unless it is told another.
    table
        Gives the tidy DataFrame; a call of the metric hands its arguments on.
    draw
        Gives the Axes; so does `plot`.
    says
        One sentence on what it is.
    """

    name: str
    table: Callable[..., pd.DataFrame]
    draw: Callable[..., Axes]
    says: str = ""

    def __call__(self, *arguments: Any, **named: Any) -> pd.DataFrame:
        """The tidy table."""
        return self.table(*arguments, **named)

    def plot(self, *arguments: Any, **named: Any) -> Axes:
        """The figure, as matplotlib Axes."""
        return self.draw(*arguments, **named)

    def save(self, folder: str | Path, name: str | None = None, *arguments: Any, **named: Any) -> list[Path]:
        """Write the figure as PNG and SVG into `folder`, which is made if it is not there."""
        from flanksim.draw.style import save

        target = make_folder(as_path("folder", folder))
        return save(self.plot(*arguments, **named), target, name or self.name)

    def __repr__(self) -> str:
        """What can be done with it."""
        return f"Metric {self.name}: {self.says or 'a table and a figure'}; call it, .plot() it or .save(folder) it"


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
