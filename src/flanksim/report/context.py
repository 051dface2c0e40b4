"""What a page is made from: the files of a results folder, and its middling replication run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.activities import Cause
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.closure import ALL, completed_by
from flanksim.measure.critical import Piece, by_cause, critical_path, waited_for
from flanksim.measure.ledger import Ledger, ledger
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.statistics import Chance, Spread, path_shares
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan
from flanksim.scenario.schema import Scenario
from flanksim.study.store import open_folder, read_frame, read_json

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Context:
    """Scenario, plan and middling replication of a folder, with what was saved beside them.

    Attributes
    ----------
    networks
        The runs that were saved, by digest of their scenario.
    answer, bound, explained
        Contents of ``answer.json``, ``bound.json`` and ``explain.json``; empty where there is none.
    built
        Rows of ``projects.json``: what the spending of a run with a year has built.
    """

    folder: Path
    manifest: Mapping[str, Any]
    scenario: Scenario
    plan: Plan
    outcome: MovementLog
    networks: Mapping[str, ReplicationSet]
    answer: Mapping[str, Any] = field(default_factory=dict)
    bound: Mapping[str, Any] = field(default_factory=dict)
    explained: Mapping[str, Any] = field(default_factory=dict)
    built: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``run``, ``sweep`` or ``compare``."""
        return str(self.manifest.get("kind", "run"))

    @property
    def deadline(self) -> str:
        """The deadline as a day label: ``C+30``."""
        return f"C+{self.scenario.question.deadline_days:g}"

    @cached_property
    def bound_day(self) -> float | None:
        """The highest bound: no schedule closes the force earlier. None without ``bound.json``."""
        rungs = self.bound.get("bounds") or self.answer.get("bound") or {}
        return max((value for value in rungs.values() if value is not None), default=None)

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
        """Closure of the force over the runs; None where no answer was saved."""
        return spread_of(self.answer, self.answer) if self.answer else None

    @cached_property
    def chance(self) -> Chance | None:
        """Chance of the force of being in time; None where no answer was saved."""
        return chance_of(self.answer, self.answer) if self.answer else None

    @cached_property
    def first(self) -> ReplicationSet | None:
        """The runs of the scenario of the folder, of a study the first ones; None where none were saved."""
        return self.networks.get(self.scenario.digest) or next(iter(self.networks.values()), None)

    @property
    def last_units(self) -> list[str]:
        """The unit that completed the force, by run; "" where none did. Of the first scenario of a study."""
        return [] if self.first is None else self.first.last_units

    @cached_property
    def waited(self) -> list[Piece]:
        """What the unit that completes the force waited for in the run that is shown, see `waited_for`."""
        return waited_for(self.outcome, self.paths[ALL][0]) if ALL in self.paths else []

    @cached_property
    def points(self) -> pd.DataFrame | None:
        """Points of a sweep."""
        return self._table("points")

    @cached_property
    def alternatives(self) -> pd.DataFrame | None:
        """Alternatives of a comparison, by their titles."""
        found = self._table("alternatives")
        return found if found is None or "title" not in found else found.assign(alternative=found["title"])

    @property
    def runs_made(self) -> int:
        """Replications behind a run; the fewest behind a point or alternative otherwise."""
        made = [len(found.replications) for found in self.networks.values()]
        return min(made, default=int(self.manifest.get("done", self.manifest.get("replications", 1))))

    def _table(self, name: str) -> pd.DataFrame | None:
        return read_frame(self.folder / f"{name}.parquet")

    @cached_property
    def shares(self) -> dict[Cause, float]:
        """Share of the critical path over all runs by cause, largest first; of the first scenario of a study."""
        found = {} if self.first is None else self.first.causes()
        return found or path_shares([by_cause(self.paths.get(ALL, (0, []))[1])])


def gather(folder: Path) -> Context:
    """Read a results folder and run its middling replication again.

    Raises
    ------
    FlanksimError
        E501 if `folder` is no results folder, E506 if one of its files is damaged, E509 if it is of another format.
    """
    saved = open_folder(folder, "E501")
    plan = saved.plan()
    networks = {cell: ReplicationSet(plan, runs) for cell, runs in saved.known_runs().items()}
    first = networks.get(saved.scenario.digest) or next(iter(networks.values()), None)
    answer = read_json(folder / "answer.json")
    return Context(
        folder,
        saved.manifest,
        saved.scenario,
        plan,
        simulate_plan(plan, saved.seeds()[0] if first is None else first.shown.seed),
        networks,
        answer,
        read_json(folder / "bound.json"),
        read_json(folder / "explain.json"),
        read_json(folder / "projects.json"),
    )


def spread_of(entry: Mapping[str, Any], answer: Mapping[str, Any]) -> Spread:
    """The closure of a group over the runs of an answer."""
    return Spread.of_json(entry, "closure_day", int(answer["replications"]))


def chance_of(entry: Mapping[str, Any], answer: Mapping[str, Any]) -> Chance:
    """The chance of a group of an answer of being in time."""
    return Chance(int(entry["runs_on_time"]), int(answer["replications"]), bool(entry["proved_zero"]))
