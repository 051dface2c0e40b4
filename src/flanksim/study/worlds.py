"""Worlds of a study: design points in other worlds, which all alternatives share, and their runs put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import force_of
from flanksim.measure.replications import Replication, ReplicationSet
from flanksim.measure.world_runs import WorldRuns
from flanksim.network.worlds import World
from flanksim.scenario.arguments import as_replications, as_whole
from flanksim.scenario.schema import Scenario
from flanksim.study.experiment import DesignPoint

#: Runs of each world if nobody says how many: with fewer than two, chance and what is not known cannot be told apart.
RUNS = 4


@dataclass(frozen=True)
class WorldsAsked:
    """How many worlds a study gets beside its runs with typical values; none with a `count` of 0.

    The first world has the random numbers of the first runs, the second those of the next, and so on: so the same
    world of two alternatives is paired run by run, and where nothing is unknown the runs are those of typical values.

    Attributes
    ----------
    count, runs
        Worlds, and runs of each.
    """

    count: int = 0
    runs: int = RUNS

    @classmethod
    def of(cls, worlds: object, world_runs: object) -> WorldsAsked:
        """What was asked for, refused if it cannot be used (E130)."""
        return cls(as_whole("worlds", worlds, 0), as_replications(world_runs, RUNS))

    @property
    def manifest(self) -> dict[str, Any]:
        """What a manifest says of them; nothing of none, so that folders of before are those of none."""
        return {"worlds": self.count, "world_runs": self.runs} if self.count else {}

    @classmethod
    def of_manifest(cls, manifest: Mapping[str, Any]) -> WorldsAsked:
        """Those of a folder."""
        return cls(int(manifest.get("worlds", 0)), int(manifest.get("world_runs", RUNS)))

    @property
    def mark(self) -> str:
        """For the digest of a study; "" of none."""
        return f" {self.count} worlds of {self.runs} runs" if self.count else ""

    @property
    def total(self) -> int:
        """Runs of a design point in all of its worlds."""
        return self.count * self.runs

    def points(self, points: Sequence[DesignPoint], seed: int) -> list[DesignPoint]:
        """The design points of a study in each world, planned there as they are with typical values.

        Parameters
        ----------
        points
            Without a world. Where the first of them has a unit without any way, none has other classes of bridges.
        seed
            Of the draws: that of the study.
        """
        first = points[0]
        return [
            replace(
                point,
                plan=None,
                movements={},
                poorer=(),
                ways_of=None if point.key == first.key else first.scenario,
                below=tuple(world.digest(key) for key in point.below),
                world=world,
                skip=world.number * self.runs,
                runs=self.runs,
            )
            for world in self._worlds(seed)
            for point in points
        ]

    def found(
        self, scenario: Scenario, runs: Mapping[str, Sequence[Replication]], seed: int, digest: str = ""
    ) -> WorldRuns | None:
        """The runs of a scenario in its worlds; None where none were asked for.

        Parameters
        ----------
        runs
            By key of their design point.
        seed
            Of the study.
        digest
            Of the network that was run, where it is not that of the scenario, which has its force.

        Raises
        ------
        FlanksimError
            E506 if some are not there.
        """
        if not self.count:
            return None
        force, keys = force_of(scenario), [world.digest(digest or scenario.digest) for world in self._worlds(seed)]
        if any(len(runs.get(key, ())) != self.runs for key in keys):
            hint = "finish the study with --resume: what is gone is made again"
            raise FlanksimError(Problem("E506", scenario.name, "worlds", "runs of some worlds are gone", hint))
        return WorldRuns(tuple(ReplicationSet(force, tuple(runs[key])) for key in keys))

    def _worlds(self, seed: int) -> list[World]:
        return [World(number, self.count, seed) for number in range(self.count)]
