"""Runs at the points of a design over all unknowns together, and what each unknown does to the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flanksim.measure.global_sensitivity import Shares, morris_effects, sobol_shares
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.robust import MEASURES, outcome
from flanksim.measure.sensitivity import Extent, Number
from flanksim.scenario.schema import Scenario

#: How the unknowns are varied together, see `flanksim.measure.global_sensitivity`.
METHODS = ("morris", "sobol")
#: What an effect has by method; those of the other are nan.
_COLUMNS = {"morris": ("mean", "size", "size_half", "spread"), "sobol": ("first", "first_half", "total", "total_half")}
#: By which the numbers are put in order.
_ORDER = {"morris": "size", "sobol": "total"}


@dataclass(frozen=True)
class GlobalRuns:
    """Runs at the points of a design.

    Attributes
    ----------
    scenario
        With typical values.
    method
        Of `METHODS`.
    numbers
        The unknowns, in the order of the columns of the design, with the values between which they are drawn.
    design
        A row a point: the share of its distribution that each number takes.
    points
        The runs at each of them, all with the same random numbers.
    seconds, folder
        That the study took, and where it was saved.
    """

    scenario: Scenario
    method: str
    numbers: Mapping[Number, Extent]
    design: Shares = field(compare=False)
    points: tuple[ReplicationSet, ...]
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)

    @property
    def seed(self) -> int:
        """Root of the random numbers and of the design."""
        return self.scenario.seed

    @property
    def runs(self) -> int:
        """Runs of each point."""
        return len(self.points[0].replications)

    def values(self, measure: str) -> list[float]:
        """A measure of `flanksim.measure.robust.MEASURES` at each point, in the mean of its runs."""
        return [outcome(measure, found) for found in self.points]

    @cached_property
    def variances(self) -> dict[str, float]:
        """Variance of each measure over the unknowns, by Sobol's design; nan by that of Morris."""
        if self.method != "sobol":
            return dict.fromkeys(MEASURES, math.nan)
        return {name: sobol_shares(self.values(name), len(self.numbers), self.seed)[0] for name in MEASURES}

    @cached_property
    def effects(self) -> list[dict[str, Any]]:
        """A row a number and measure; numbers in the order of what they do to a soldier, the most first.

        By Morris' design ``mean`` (with its sign), ``size``, the half-width of its 95 % interval, and ``spread`` of the
        effect of going from one end of a grid towards the other; by Sobol's ``first`` and ``total`` share of the
        variance with their half-widths.
        """
        rows: list[dict[str, Any]] = []
        for measure, unit in MEASURES.items():
            values = self.values(measure)
            if self.method == "morris":
                found: list[Any] = morris_effects(self.design, values, self.seed)
            else:
                found = sobol_shares(values, len(self.numbers), self.seed)[1]
            for number, effect in zip(self.numbers, found, strict=True):
                row: dict[str, Any] = {"number": number.name, "title": number.title, "measure": measure, "unit": unit}
                for method, columns in _COLUMNS.items():
                    row |= {name: getattr(effect, name) if method == self.method else math.nan for name in columns}
                rows.append(row)
        weight: dict[str, float] = {
            row["number"]: row[_ORDER[self.method]] for row in rows if row["measure"] == "soldier"
        }
        order = list(MEASURES)
        return sorted(rows, key=lambda row: (-weight[row["number"]], row["number"], order.index(row["measure"])))
