"""What a page is made from: the files of a results folder, and its middling replication run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError
from flanksim.measure.closure import ALL, completed_by
from flanksim.measure.critical import Piece, by_cause, critical_path, waited_for
from flanksim.measure.ledger import Ledger, ledger
from flanksim.measure.statistics import Chance, Spread, middling, path_shares
from flanksim.movements import Outcome
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario
from flanksim.study.results import no_results, read_frame, read_json, saved_seeds

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Material:
    """Scenario, plan and middling replication of a folder, with what was saved beside them.

    Attributes
    ----------
    answer, bound, explained
        Contents of ``answer.json``, ``bound.json`` and ``explain.json``; empty where there is none.
    built
        Rows of ``projects.json``: what the spending of a run with a year has built.
    """

    folder: Path
    manifest: Mapping[str, Any]
    scenario: Scenario
    plan: Plan
    outcome: Outcome
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
        return ledger(self.plan, self.outcome)

    @cached_property
    def paths(self) -> dict[str, tuple[int, list[Piece]]]:
        """Unit and critical path by key of its group, in the run that is shown, without groups that never closed."""
        found = completed_by(self.plan, self.outcome.closed_h)
        return {key: (unit, critical_path(self.plan, self.outcome, unit)) for key, unit in found.items()}

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
    def last_units(self) -> list[str]:
        """The unit that completed the force, by run; "" where none did. Of the first scenario of a study."""
        rows = first_cell(self.runs, self.scenario.digest)
        return [] if rows is None else [str(name) for name in rows["last_unit"].fillna("").tolist()]

    @cached_property
    def waited(self) -> list[Piece]:
        """What the unit that completes the force waited for in the run that is shown, see `waited_for`."""
        return waited_for(self.plan, self.outcome, self.paths[ALL][0]) if ALL in self.paths else []

    @cached_property
    def points(self) -> pd.DataFrame | None:
        """Points of a sweep."""
        return self._table("points")

    @cached_property
    def alternatives(self) -> pd.DataFrame | None:
        """Alternatives of a comparison, by their titles."""
        found = self._table("alternatives")
        return found if found is None or "title" not in found else found.assign(alternative=found["title"])

    @cached_property
    def units(self) -> pd.DataFrame | None:
        """Closed day of each unit in each replication of a run."""
        return self._table("units")

    @cached_property
    def runs(self) -> pd.DataFrame | None:
        """One row a replication."""
        return self._table("runs")

    @cached_property
    def runs_made(self) -> int:
        """Replications behind a run; the fewest behind a point or alternative otherwise."""
        if self.kind == "run" or self.runs is None or "cell" not in self.runs:
            return int(self.manifest.get("done", self.manifest.get("replications", 1)))
        return int(self.runs.groupby("cell").size().min())

    def _table(self, name: str) -> pd.DataFrame | None:
        return read_frame(self.folder / f"{name}.parquet")

    @cached_property
    def shares(self) -> dict[str, float]:
        """Share of the critical path over all runs by raw cause, largest first; of the first scenario of a study."""
        stored = self.answer.get("critical_path_shares")
        if stored:
            return dict(stored)
        cells = self.cells
        if cells:
            first = cells.get(self.scenario.digest) or next(iter(cells.values()))
            return path_shares([first])
        return path_shares([by_cause(self.paths.get(ALL, (0, []))[1])])

    @cached_property
    def cells(self) -> dict[str, dict[str, float]]:
        """Mean hours of the critical path by cause for each network of a sweep or comparison, largest first."""
        if self.runs is None or "cell" not in self.runs or "cause" not in self.runs:
            return {}
        found: dict[str, dict[str, float]] = {}
        for cell, rows in self.runs.groupby("cell", sort=False):
            total: dict[str, float] = {}
            pairs = zip(rows["cause"].tolist(), rows["cause_hours"].tolist(), strict=True)
            closed = [(names, spent) for names, spent in pairs if len(names)]
            for names, spent in closed:
                for name, hours in zip(names, spent, strict=True):
                    total[str(name)] = total.get(str(name), 0.0) + float(hours) / len(closed)
            found[str(cell)] = dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))
        return found


def gather(folder: Path) -> Material:
    """Read a results folder and run its middling replication again.

    Raises
    ------
    FlanksimError
        E501 if `folder` is no results folder, E506 if one of its files is damaged.
    """
    missing = [name for name in ("manifest.json", "scenario.yaml") if not (folder / name).is_file()]
    if missing:
        raise FlanksimError(no_results("E501", folder, missing))
    manifest = read_json(folder / "manifest.json")
    scenario = load(folder / "scenario.yaml")
    plan = compile_plan(scenario)
    answer = read_json(folder / "answer.json")
    return Material(
        folder,
        manifest,
        scenario,
        plan,
        simulate_plan(plan, _middling_seed(folder, manifest, scenario.digest)),
        answer if "closure_day_median" in answer else {},  # one of an older version has other numbers
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


def first_cell(runs: pd.DataFrame | None, digest: str) -> pd.DataFrame | None:
    """Rows of a table of runs that are of the scenario of the folder, in the order in which they stand."""
    if runs is None or not len(runs):
        return None
    if "cell" not in runs:
        return runs
    mine = runs[runs["cell"] == digest]
    return mine if len(mine) else runs[runs["cell"] == runs["cell"].iloc[0]]


def _middling_seed(folder: Path, manifest: Mapping[str, Any], digest: str) -> int:
    """Seed of the run nearest to the median closure; the first where no runs were saved."""
    rows = first_cell(read_frame(folder / "runs.parquet"), digest)
    column = "closure_day" if rows is not None and "closure_day" in rows else "closure_day_all"
    if rows is None or column not in rows:
        return saved_seeds(folder, manifest)[0]
    return int(rows["seed"].iloc[middling(rows[column].astype(float).tolist())])
