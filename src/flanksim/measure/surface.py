"""A spending x year surface: its points, the runs behind them, differences from no spending, and the best point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flanksim.measure.replications import FEW, Difference, ReplicationSet
from flanksim.measure.sets_of_runs import SetsOfRuns
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL
from flanksim.measure.world_runs import WorldDifference, WorldRuns
from flanksim.scenario.arguments import wrong
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the surface: a spending level, a year and a mobility fraction, and what they build."""

    infrastructure_share: float
    year: int
    mobility_fraction: float
    cell: str
    projects_done: tuple[str, ...]
    spent_bn_eur: float


def spending_at(scenario: Scenario, infrastructure_share: float, mobility_fraction: float) -> Spending:
    """A scenario's spending at one level: per cent of GDP in its target year, and the part that reaches mobility."""
    level = {"infrastructure_share_pct": infrastructure_share, "mobility_fraction": mobility_fraction}
    return scenario.spending.model_copy(update={**level, "path": "linear"})


@dataclass(frozen=True)
class SurfaceRuns(SetsOfRuns[Point]):
    """Points of spending, year and mobility fraction with the runs behind them.

    Attributes
    ----------
    scenario
        The one that was asked about, before any spending.
    points
        By mobility fraction, spending and year.
    networks
        The runs behind the points, by their ``cell``; points with equal networks share them.
    seconds
        That the study took.
    folder
        Where it was saved; None if it was not.
    worlds
        The runs behind the points in other worlds, by their ``cell``, the same worlds for all; none if none were asked
        for.
    """

    scenario: Scenario
    points: tuple[Point, ...]
    networks: dict[str, ReplicationSet]
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)
    worlds: Mapping[str, WorldRuns] = field(default_factory=dict)

    @property
    def fewest_runs(self) -> int:
        """Fewest runs behind a point."""
        return min((len(found.replications) for found in self.networks.values()), default=0)

    @property
    def runs_made(self) -> int:
        """Runs behind all points; points with equal networks share theirs."""
        return sum(len(found.replications) for found in self.networks.values())

    def at(self, point: Point) -> ReplicationSet:
        """The runs behind a point.

        Raises
        ------
        FlanksimError
            E130 for what is no point of this sweep.
        """
        if not isinstance(point, Point) or point.cell not in self.networks:
            raise wrong("point", point, "give one of the points of this sweep, such as sweep.points[0]")
        return self.networks[point.cell]

    @cached_property
    def _bases(self) -> dict[tuple[int, float], Point]:
        """The point of the lowest level, by year and fraction."""
        found: dict[tuple[int, float], Point] = {}
        for point in sorted(self.points, key=lambda point: point.infrastructure_share):
            found.setdefault((point.year, point.mobility_fraction), point)
        return found

    def difference(self, point: Point) -> Difference:
        """What `point` is against the lowest level of spending in the same year, over paired runs."""
        return self.at(point).against(self.at(self.base(point)))

    def world_difference(self, point: Point) -> WorldDifference | None:
        """The same in the same worlds; None without worlds, and of the point of the lowest level itself."""
        base, cell = self.base(point).cell, point.cell
        if cell not in self.worlds or point == self.base(point):
            return None
        return self.worlds[cell].against(self.worlds[base])

    def base(self, point: Point) -> Point:
        """The point of the lowest level of spending in the same year, against which `point` is judged."""
        return self._bases[point.year, point.mobility_fraction]

    def plan_words(self, point: Point) -> str:
        """Where the plan of a point comes from: ``made anew``, or ``carried over from 0.5 % of GDP by 2028``."""
        origin = self.at(point).origin
        of = next((other for other in self.points if other.cell == origin.cell), point)
        return origin.words(f"{of.infrastructure_share:g} % of GDP by {of.year}")

    def closed_on(self, point: Point) -> str:
        """Mean closure with half its interval: ``C+50.1 ±1.2``; with a star where some runs never closed."""
        day, lost = self.closure_day(point), self.unclosed(point)
        if math.isnan(day.mean):
            return "not closed"
        sure = len(self.at(point).replications) - lost >= FEWEST_FOR_AN_INTERVAL
        half = f" ±{(day.high - day.low) / 2:.1f}" if sure else ""
        return f"C+{day.mean:.1f}{half}" + ("*" if lost else "")

    @cached_property
    def best(self) -> Point | None:
        """The cheapest of the points that do as well as any, and of those the earliest; None if the runs are too few.

        A point does as well as the one with the best chance, then the largest share in time in whole per cent, then the
        soonest last day, unless paired runs show that one to be better.
        """

        def rank(point: Point) -> tuple[float, float, float, float, int]:
            day = self.closure_day(point).mean
            share = round(100 * self.on_time_share(point).mean)
            return (
                self.p_on_time(point).mean,
                share,
                -math.inf if math.isnan(day) else -day,
                -point.spent_bn_eur,
                -point.year,
            )

        top = max(self.points, key=rank)
        tied, few = [], False
        for point in self.points:
            found = self.at(top).against(self.at(point))
            few |= FEW in (found.share_verdict, found.verdict)
            sooner = found.verdict in ("sooner", "closes more often") and found.share_verdict != "fewer in time"
            likelier = found.chance.low > 0
            if found.share_verdict != "more in time" and not sooner and not likelier:
                tied.append(point)
        return None if few else min(tied, key=lambda p: (p.spent_bn_eur, p.infrastructure_share, p.year))
