"""A metric: callable for its table, with `.plot` for its figure and `.save` for its files.

>>> import flanksim as fs
>>> run = fs.simulate("corridor-mini", seed=1)
>>> run.queues().columns.tolist()
['element', 'day', 'serials_waiting']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from flanksim.draw.style import save
from flanksim.movements import MovementLog
from flanksim.saving import make_folder
from flanksim.scenario.arguments import as_path
from flanksim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class OneRun(Protocol):
    """What a metric of one run looks at: a run, or a study whose runs are made again when they are asked for."""

    @property
    def scenario(self) -> Scenario:
        """The network that was run."""

    def replay(self, seed: int | None = None) -> MovementLog:
        """The movements of the run that is shown, or of that of a seed."""


@dataclass(frozen=True)
class Metric:
    """One way to look at a result: ``queues = QUEUES`` in a class gives each of its objects that metric.

    Attributes
    ----------
    name
        Of the files that `save` writes, unless it is told another.
    says
        One sentence on what it is.
    table
        Gives the tidy DataFrame of an object; a call of the metric hands its arguments on.
    draw
        Gives the Axes; so does `plot`.
    of
        The object.
    """

    name: str
    says: str
    table: Callable[..., pd.DataFrame]
    draw: Callable[..., Axes]
    of: Any = None

    def __get__(self, instance: object, owner: type | None = None) -> Metric:
        """The metric of an object; of a class the metric itself."""
        return self if instance is None else replace(self, of=instance)

    def __call__(self, *arguments: Any, **named: Any) -> pd.DataFrame:
        """The tidy table."""
        return self.table(self.of, *arguments, **named)

    def plot(self, *arguments: Any, **named: Any) -> Axes:
        """The figure, as matplotlib Axes."""
        return self.draw(self.of, *arguments, **named)

    def save(self, folder: str | Path, name: str | None = None, *arguments: Any, **named: Any) -> list[Path]:
        """Write the figure as PNG and SVG into `folder`, which is made if it is not there."""
        target = make_folder(as_path("folder", folder))
        return save(self.plot(*arguments, **named), target, name or self.name)

    def __repr__(self) -> str:
        """What can be done with it."""
        return f"Metric {self.name}: {self.says}; call it, .plot() it or .save(folder) it"
