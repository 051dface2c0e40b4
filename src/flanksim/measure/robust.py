"""Alternatives in the same worlds: outcomes, regrets, choices, where each fails, and what is worth finding out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.discovery import Box, discover
from flanksim.measure.information import value_of_perfect_information
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.robustness import WorthKnowing, least_regret, most_often_enough, regrets, worth_knowing
from flanksim.measure.sensitivity import Extent, Number
from flanksim.network.worlds import World
from flanksim.units import closure_day

#: What can be judged, less is better, with its unit.
MEASURES = {"soldier": "days", "last-day": "days", "late": "points"}
#: Worlds in a part of the range in which a number counts as known, and parts at most.
_WORLDS_OF_A_PART, _PARTS = 6, 5


def outcome(measure: str, runs: ReplicationSet) -> float:
    """What a measure is in the mean of runs.

    ``soldier`` is the day on which a soldier is closed in the mean, ``last-day`` the closure day; what is not closed
    counts to the horizon. ``late`` is the part of the troops that is not closed by the deadline, in per cent.
    """
    if measure == "late":
        return 100.0 * (1.0 - runs.on_time_share().mean)
    horizon = closure_day(runs.force.horizon_h)
    days = runs.mean_closings() if measure == "soldier" else runs.closure_days()
    return float(np.mean([horizon if math.isnan(day) else day for day in days]))


@dataclass(frozen=True)
class RobustRuns(AlternativeRuns):
    """Alternatives with their runs in the same worlds.

    Attributes
    ----------
    measure
        Of `MEASURES`, by which they are judged.
    enough
        Part of the troops, 0 to 1, that must be closed by the deadline for an alternative not to fail in a world.
    numbers
        What worlds draw, with the values between which.
    """

    measure: str = "soldier"
    enough: float = 0.9
    numbers: Mapping[Number, Extent] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def outcomes(self) -> NDArray[np.float64]:
        """Mean of the measure over the runs of a world: a row a world, a column an alternative."""
        return self._table(self.measure)

    def _table(self, measure: str) -> NDArray[np.float64]:
        columns = [
            [outcome(measure, runs) for runs in entry.worlds.worlds] for entry in self.alternatives if entry.worlds
        ]
        return np.array(columns).T

    @cached_property
    def in_time(self) -> NDArray[np.float64]:
        """Part of the troops closed by the deadline, 0 to 1, as `outcomes`."""
        return 1.0 - self._table("late") / 100.0

    @cached_property
    def fails(self) -> NDArray[np.bool_]:
        """Whether less than `enough` are closed by the deadline, as `outcomes`."""
        found: NDArray[np.bool_] = self.in_time < self.enough - 1e-9
        return found

    @cached_property
    def regrets(self) -> NDArray[np.float64]:
        """By how much each does worse than the best in that world, as `outcomes`."""
        return regrets(self.outcomes)

    @property
    def choices(self) -> dict[str, int]:
        """The alternative that each rule chooses, by its place: best in the mean, least regret, most often enough."""
        return {
            "mean": int(self.outcomes.mean(axis=0).argmin()),
            "least_regret": least_regret(self.outcomes),
            "most_often_enough": most_often_enough(~self.fails, self.outcomes),
        }

    @property
    def shares(self) -> dict[str, list[float]]:
        """Share of each number in each world."""
        worlds = [World(number, len(self.outcomes), self.seed) for number in range(len(self.outcomes))]
        return {entry.name: [world.share(entry.name) or 0.0 for world in worlds] for entry in self.numbers}

    @cached_property
    def perfect_information(self) -> float:
        """By how much the outcome is better in the mean if the world is known before the choice."""
        return value_of_perfect_information(self.outcomes)

    @cached_property
    def worth_knowing(self) -> list[WorthKnowing]:
        """Every number by what it is worth to know it before the choice, the most first."""
        parts = max(2, min(_PARTS, len(self.outcomes) // _WORLDS_OF_A_PART))
        return worth_knowing(self.outcomes, self.shares, parts)

    @cached_property
    def conditions(self) -> dict[str, Box | None]:
        """Under which condition each alternative fails, by name; None where nothing sure can be said."""
        points = np.array(list(self.shares.values())).T.reshape(len(self.outcomes), -1)
        return {
            entry.name: discover(points, self.fails[:, place]) if points.size else None
            for place, entry in enumerate(self.alternatives)
        }

    def condition_words(self, box: Box) -> str:
        """``Rail links: speed below 0.8 times, integration days above 4.1 d``."""
        numbers = list(self.numbers.items())
        return " and ".join(_condition(*numbers[column], *ends) for column, ends in sorted(box.limits.items()))


def _condition(number: Number, extent: Extent, low: float, high: float) -> str:
    unit = " times its typical value" if extent.factors else f" {extent.unit}".rstrip()
    values = [f"{extent.at(share):.3g}" for share in (low, high)]
    if low <= 0.0:
        said = f"below {values[1]}"
    elif high >= 1.0:
        said = f"above {values[0]}"
    else:
        said = f"between {values[0]} and {values[1]}"
    return f"{number.title} {said}{unit}"
