"""What a page is made from: the runs of a folder as objects, and its middling replication looked at closely."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from flanksim.activities import Cause
from flanksim.bounds.rungs import Ladder
from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.best_buys import ActionRuns
from flanksim.measure.closure import ALL, completed_by
from flanksim.measure.critical import Piece, by_cause, critical_path, waited_for
from flanksim.measure.explanation import Findings
from flanksim.measure.ledger import Ledger, ledger
from flanksim.measure.reach import PackageRuns
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.statistics import Chance, Spread, path_shares
from flanksim.measure.surface import SurfaceRuns
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario


@dataclass(frozen=True)
class Rows:
    """A table that somebody else has made: names of its columns, and its rows."""

    names: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Context:
    """Scenario, plan and middling replication of a folder, with the set of runs that was saved in it.

    Attributes
    ----------
    folder
        Where the figures are.
    manifest
        With what it was made: command, seed, versions, time.
    outcome
        The replication that is shown.
    runs, surface, alternatives
        The runs of a scenario, of a sweep or of a comparison: one of them, whatever was saved. None where the study
        was not finished.
    findings
        What ``flanksim explain`` has found; None where nobody has asked.
    sensitivity
        A table of sensitivities, where one was made.
    buys
        The best buys of the same network, where they were saved beside.
    reached
        A search for packages on the same network and for the same question, where one was saved beside a run.
    shipped_buys
        Those that ship with the package, of a shipped network as it stands: rows of `ActionRuns.buys` and their digest.
    """

    folder: Path
    manifest: Mapping[str, Any]
    scenario: Scenario
    plan: Plan
    outcome: MovementLog
    runs: ScenarioRuns | None = None
    surface: SurfaceRuns | None = None
    alternatives: AlternativeRuns | None = None
    findings: Findings | None = None
    sensitivity: Rows | None = None
    buys: ActionRuns | None = None
    shipped_buys: Mapping[str, Any] | None = None
    reached: PackageRuns | None = None

    @property
    def kind(self) -> str:
        """``run``, ``sweep``, ``compare`` or ``bound``."""
        return str(self.manifest.get("kind", "run"))

    @property
    def packages(self) -> PackageRuns | None:
        """What a search for packages of levers has run; None of another study."""
        return self.alternatives if isinstance(self.alternatives, PackageRuns) else None

    @property
    def computed(self) -> str:
        """The day on which the study began, as its folder is called: ``25 November 2026``; "" of another folder."""
        found = re.match(r"(\d{4}-\d\d-\d\d)T\d{6}", self.folder.name)
        if found is None:
            return ""
        day = date.fromisoformat(found[1])
        return f"{day.day} {day:%B %Y}"

    @property
    def deadline(self) -> str:
        """The deadline as a day label: ``C+30``."""
        return f"C+{self.scenario.question.deadline_days:g}"

    @property
    def bound(self) -> Ladder | None:
        """What no schedule beats; None where it was not computed, and of a sweep or comparison."""
        return None if self.runs is None else self.runs.bound

    @property
    def bound_day(self) -> float | None:
        """The highest bound: no schedule closes the force earlier. None without a bound, and where nothing closes."""
        return None if self.bound is None or math.isinf(self.bound.day) else self.bound.day

    @property
    def built(self) -> Mapping[str, Any]:
        """What the spending of a run with a year has built; empty without a year, and of a sweep or comparison."""
        return {} if self.runs is None or self.runs.built is None else self.runs.built

    @property
    def answered(self) -> ScenarioRuns | None:
        """The runs of one scenario, if there are any."""
        return self.runs if self.runs is not None and self.runs.replications else None

    @cached_property
    def ledger(self) -> Ledger:
        """The lives of all serials of the run that is shown."""
        return ledger(self.outcome)

    @cached_property
    def paths(self) -> dict[str, tuple[int, list[Piece]]]:
        """Unit and critical path by key of its group, in the run that is shown, without groups that never closed."""
        found = completed_by(self.plan, self.outcome.closed_h)
        return {key: (unit, critical_path(self.outcome, unit)) for key, unit in found.items()}

    @property
    def shown(self) -> str:
        """Which run is shown: the middling one, by its seed."""
        if self.runs_made < 2:
            return f"the one run made, seed {self.outcome.seed}"
        return f"seed {self.outcome.seed}, of {self.runs_made} runs the one nearest to the median closure"

    @cached_property
    def closure(self) -> Spread | None:
        """Closure of the force over the runs of one scenario; None where there are none."""
        return None if self.answered is None else self.answered.closure_spread()

    @cached_property
    def chance(self) -> Chance | None:
        """Chance of the force of being in time; None where there are no runs of one scenario."""
        return None if self.answered is None else self.answered.p_on_time()

    @cached_property
    def first(self) -> ReplicationSet | None:
        """The runs of the scenario of the folder, of a study the first ones; None where none were saved."""
        if self.surface is not None:
            networks = self.surface.networks
            return networks.get(self.scenario.digest) or next(iter(networks.values()), None)
        return self.answered if self.alternatives is None else self.alternatives.alternatives[0]

    @property
    def last_units(self) -> list[str]:
        """The unit that completed the force, by run; "" where none did. Of the first scenario of a study."""
        return [] if self.first is None else self.first.last_units

    @cached_property
    def waited(self) -> list[Piece]:
        """What the unit that completes the force waited for in the run that is shown, see `waited_for`."""
        return waited_for(self.outcome, self.paths[ALL][0]) if ALL in self.paths else []

    @property
    def runs_made(self) -> int:
        """Replications behind a run; the fewest behind a point, an alternative or a step of a search otherwise."""
        if self.surface is not None:
            return self.surface.fewest_runs
        if self.packages is not None:  # those that are out have fewer, and stand behind no figure
            steps = map(self.packages.of, self.packages.steps)
            return min((len(entry.replications) for entry in steps if entry is not None), default=0)
        if self.alternatives is not None:
            return min(len(entry.replications) for entry in self.alternatives.alternatives)
        if self.answered is not None:
            return len(self.answered.replications)
        return int(self.manifest.get("done", self.manifest.get("replications", 1)))

    @cached_property
    def shares(self) -> dict[Cause, float]:
        """Share of the critical path over all runs by cause, largest first; of the first scenario of a study."""
        found = {} if self.first is None else self.first.causes()
        return found or path_shares([by_cause(self.paths.get(ALL, (0, []))[1])])
