"""What a page is made from: the files of a results folder, and its first replication run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.engine.simulate import Outcome, simulate_plan
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.critical import Piece, critical_paths
from flanksim.measure.ledger import Ledger, ledger
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario
from flanksim.study.results import no_results

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Material:
    """Scenario, plan and first replication of a folder, with what was saved beside them.

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
        """The lives of all serials of the first replication."""
        return ledger(self.plan, self.outcome)

    @cached_property
    def paths(self) -> dict[str, tuple[int, list[Piece]]]:
        """Unit and critical path by group in the first replication; groups that never closed are left out."""
        return critical_paths(self.plan, self.outcome)

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
        import pandas as pd

        path = self.folder / f"{name}.parquet"
        return pd.read_parquet(path) if path.is_file() else None

    @cached_property
    def shares(self) -> dict[str, float]:
        """Mean share of the critical path by raw cause, largest first; of the first scenario of a study."""
        stored = self.answer.get("critical_path_shares")
        if stored:
            return dict(stored)
        cells = self.cells
        if cells:
            first = cells.get(self.scenario.digest) or next(iter(cells.values()))
            whole = sum(first.values()) or 1.0
            return {name: hours / whole for name, hours in first.items()}
        pieces = self.paths.get("all", (0, []))[1]
        whole = sum(piece.hours for piece in pieces) or 1.0
        found: dict[str, float] = {}
        for piece in pieces:
            found[piece.cause] = found.get(piece.cause, 0.0) + piece.hours / whole
        return dict(sorted(found.items(), key=lambda item: -item[1]))

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
    """Read a results folder and run its first replication again.

    Raises
    ------
    FlanksimError
        E501 if `folder` is no results folder.
    """
    missing = [name for name in ("manifest.json", "scenario.yaml") if not (folder / name).is_file()]
    if missing:
        raise FlanksimError(no_results("E501", folder, missing))
    manifest = read_json(folder / "manifest.json")
    scenario = load(folder / "scenario.yaml")
    plan = compile_plan(scenario)
    return Material(
        folder,
        manifest,
        scenario,
        plan,
        simulate_plan(plan, manifest["seed"]),
        read_json(folder / "answer.json"),
        read_json(folder / "bound.json"),
        read_json(folder / "explain.json"),
        read_json(folder / "projects.json"),
    )


def read_json(path: Path) -> dict[str, Any]:
    """One JSON object; empty where the file is not there.

    Raises
    ------
    FlanksimError
        E506 if the file is no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise FlanksimError(
            Problem(
                "E506", f"{path}:{error.lineno}", "", f"no JSON: {error.msg}", "run the command that wrote it again"
            )
        ) from None
    if not isinstance(found, dict):
        raise FlanksimError(
            Problem("E506", str(path), "", "holds no JSON object", "run the command that wrote it again")
        )
    return found
