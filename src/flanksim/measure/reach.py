"""What it would take: packages of levers with their runs, and what follows from these."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flanksim.measure.alternatives import Alternative, AlternativeRuns
from flanksim.measure.packages import Families, Package, no_more, one_step_below
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.world_runs import WorldRuns
from flanksim.scenario.project_rows import Lever


def enough(runs: ReplicationSet, probability: float, most: int) -> bool:
    """Whether the force is closed by its deadline in as large a part of `most` runs as is asked."""
    return len(runs.replications) >= most and most - runs.p_on_time().hits <= misses_allowed(probability, most)


def misses_allowed(probability: float, most: int) -> int:
    """How many of so many runs may be late.

    Examples
    --------
    >>> misses_allowed(0.9, 30), misses_allowed(1.0, 30)
    (3, 0)
    """
    return most - math.ceil(probability * most - 1e-9)


@dataclass(frozen=True)
class PackageRuns(AlternativeRuns):
    """Packages of levers with their runs; the first alternative is today's network, with none of them.

    Attributes
    ----------
    families
        The levers that there are, by family.
    packages
        Of each alternative.
    levers
        Rows of all of them.
    probability, most
        In which part of so many runs the force is to be closed by the deadline.
    smallest
        Packages that reach that, of which no package one step below does.
    whole
        Whether every package was run, or is no smaller than one that failed, or no larger than one that reached.
    bound_days
        The day that no schedule beats, of the packages for which it was computed.
    steps
        Packages of the staircase: one lever more each, from none to the cheapest package, or to all of them.
    worlds
        Runs of the smallest packages, and of none, in other worlds; none if none were asked for.
    """

    families: Families = field(default_factory=lambda: Families((), ()))
    packages: tuple[Package, ...] = ()
    levers: Mapping[str, Lever] = field(default_factory=dict)
    probability: float = 0.9
    most: int = 30
    smallest: tuple[Package, ...] = ()
    whole: bool = True
    bound_days: Mapping[Package, float] = field(default_factory=dict)
    steps: tuple[Package, ...] = ()
    worlds: Mapping[Package, WorldRuns] = field(default_factory=dict)

    def of(self, package: Package) -> Alternative | None:
        """Runs of a package; None of one that was not run."""
        return self._runs.get(package)

    @cached_property
    def _runs(self) -> dict[Package, Alternative]:
        return dict(zip(self.packages, self.alternatives, strict=True))

    @property
    def simulated(self) -> int:
        """Packages that were run, today's network among them."""
        return len(self.alternatives)

    def excluded(self, package: Package) -> bool:
        """Whether no schedule closes the force in time with a package: by its bound, or that of one with more."""
        return any(self.beyond(day) and no_more(package, other) for other, day in self.bound_days.items())

    def beyond(self, bound_day: float) -> bool:
        """Whether a bound lies beyond the deadline."""
        return bound_day > self.deadline_days + 1e-9

    @cached_property
    def excluded_by_bound(self) -> int:
        """How many packages are excluded."""
        return sum(map(self.excluded, self.families.all()))

    @cached_property
    def cheapest(self) -> Package | None:
        """Of the smallest packages the one with the least typical cost, of equals that with the better chance."""
        return min(self.smallest, key=self._price, default=None)

    def _price(self, package: Package) -> tuple[float, float, Package]:
        entry = self._runs[package]
        return entry.cost_bn_eur, -entry.p_on_time().mean, package

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """A row each smallest package, the cheapest first."""
        return [self._row(package) for package in sorted(self.smallest, key=self._price)]

    def _row(self, package: Package) -> dict[str, Any]:
        entry, keys = self._runs[package], self.families.levers(package)
        return {
            "levers": list(keys),
            "titles": [self.levers[key].name for key in keys],
            "closure_day": entry.closure_day(),
            "p_on_time": entry.p_on_time(),
            "cost_bn_eur": entry.about.cost_bn_eur,
            "counts_from": entry.about.stands_by,
            "political": [said for key in keys if (said := self.levers[key].political)],
            "decides": [said for key in keys if (said := self.levers[key].decides)],
            "gives_way_first": self.gives_way_first(package),
            "worlds": self.worlds.get(package),
        }

    def gives_way_first(self, package: Package) -> str:
        """The lever of a package of which one level less costs most: the chance, then troops in time."""

        def left(lower: Package) -> tuple[float, float]:
            entry = self.of(lower)
            return (-1.0, 0.0) if entry is None else (entry.p_on_time().mean, entry.on_time_share().mean)

        worst = min(one_step_below(package), key=left, default=package)
        return next(
            (
                levels[mine - 1]
                for levels, mine, less in zip(self.families.levels, package, worst, strict=True)
                if less < mine
            ),
            "",
        )

    @cached_property
    def needed_in_all(self) -> tuple[str, ...]:
        """Levers of which every smallest package has that level or a higher one."""
        if not self.smallest:
            return ()
        return self.families.levers(tuple(map(min, zip(*self.smallest, strict=True))))

    def nearest_miss(self, budget_bn_eur: float = math.inf) -> Alternative | None:
        """Of packages that cost no more and did not reach, the one with the most troops in time."""
        missed = [
            entry
            for package, entry in self._runs.items()
            if any(package) and entry.cost_bn_eur <= budget_bn_eur and not enough(entry, self.probability, self.most)
        ]
        return max(missed, key=lambda entry: (entry.on_time_share().mean, -entry.cost_bn_eur), default=None)

    @cached_property
    def staircase(self) -> list[dict[str, Any]]:
        """A row each step: what is added, and what then holds."""
        found = []
        for before, package in zip((None, *self.steps), self.steps, strict=False):
            entry = self._runs[package]
            added = set(self.families.levers(package)) - set(() if before is None else self.families.levers(before))
            key = next(iter(added), "")
            found.append(
                {
                    "lever": key,
                    "title": self.levers[key].name if key else entry.title,
                    "closure_day": entry.closure_day(),
                    "share_on_time": entry.on_time_share(),
                    "p_on_time": entry.p_on_time(),
                    "cost_bn_eur": entry.cost_bn_eur,
                }
            )
        return found
