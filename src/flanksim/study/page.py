"""From a results folder to report.html: the folder read, its middling replication run again, its page written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from flanksim.engine.simulate import simulate_plan
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.explanation import Findings
from flanksim.measure.replications import ReplicationSet
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.surface import SurfaceRuns
from flanksim.report.build import page
from flanksim.report.context import Context, Rows
from flanksim.scenario.arguments import as_path
from flanksim.scenario.naming import folder_name
from flanksim.scenario.reading import load, shipped
from flanksim.study import best_buys
from flanksim.study.explain import explain as explained
from flanksim.study.explain import save
from flanksim.study.figures import NAMES, save_figures
from flanksim.study.reach import Reach, draw_packages
from flanksim.study.reach import reopened as packages_in
from flanksim.study.reopening import alternatives_in, runs_in, surface_in
from flanksim.study.run import Run
from flanksim.study.store import Saved, open_folder, read_as, read_frame, read_json, write_text

Alternatives = TypeVar("Alternatives", bound=AlternativeRuns)


class Reportable:
    """For what may have been saved in a folder, from which its page is made."""

    folder: Path | None

    def report(self, path: str | Path | None = None) -> Path:
        """Write report.html into the results folder, and a copy to `path` if that is given.

        Returns
        -------
        Path
            Of the page, or of its copy.

        Raises
        ------
        FlanksimError
            E120 if nothing was saved, E507 if the page cannot be written.
        """
        found = build(self.saved_in("report"))
        if path is None:
            return found
        target = as_path("path", path)
        write_text(target, found.read_text(encoding="utf-8"))
        return target

    def saved_in(self, what: str) -> Path:
        """The folder; E120 if there is none."""
        if self.folder is None:
            hint = 'run it with results="results", or flanksim run, sweep or compare on the command line'
            raise FlanksimError(Problem("E120", what, "", "this study has no results folder: it was not saved", hint))
        return self.folder


def build(
    folder: str | Path,
    *,
    explain: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write ``report.html`` into a results folder of `flanksim run`, `sweep`, `compare` or `reach`.

    The middling replication is run again from the saved scenario for the map, the ledger and the figures that the
    folder does not hold yet; those are saved there.

    Parameters
    ----------
    explain
        First try what one step more of the largest contributors would save, and save it as ``explain.json``.
    jobs, progress
        Processes, and a function of (done, wanted) for that.

    Returns
    -------
    Path
        The page: one file, no requests to any network.

    Raises
    ------
    FlanksimError
        E501 if `folder` is no results folder, E505 if `explain` is asked of a sweep or comparison, E506 if one of
        its files is damaged; what `explain` raises.
    """
    folder = as_path("folder", folder)
    if explain:
        save(explained(folder, jobs=jobs, progress=progress), folder)
    context = context_of(folder)
    _draw_missing(context)
    target = folder / "report.html"
    write_text(target, page(context))
    return target


def context_of(folder: Path) -> Context:
    """Read a results folder and run its middling replication again.

    Raises
    ------
    FlanksimError
        E501 if `folder` is no results folder, E505 for another study than a run, sweep, comparison or reach, E506 if
        one of its files is damaged, E509 if it is of another format.
    """
    saved = open_folder(folder, "E501")
    saved.only(("run", "sweep", "compare", "reach"), "reported")
    plan, made = saved.plan(), saved.known_runs()
    runs, surface, alternatives = None, None, None
    if saved.kind == "sweep" and made:
        surface = surface_in(saved, made, SurfaceRuns)
    elif saved.kind == "compare" and made:
        alternatives = alternatives_in(saved, made, AlternativeRuns)
    elif saved.kind == "reach" and made:
        alternatives = packages_in(saved)
    elif saved.kind not in ("sweep", "compare", "reach"):
        runs = runs_in(saved, plan, made.get(saved.scenario.digest, ()), ScenarioRuns)
    first = next(iter(made.values()), ()) if saved.scenario.digest not in made else made[saved.scenario.digest]
    seed = ReplicationSet(plan, first).shown.seed if first else saved.seeds()[0]
    anew = f"make it anew: flanksim explain {folder}"
    return Context(
        folder,
        saved.manifest,
        saved.scenario,
        plan,
        simulate_plan(plan, seed),
        runs,
        surface,
        alternatives,
        read_as(folder / "explain.json", Findings.of_json, anew),
        _sensitivity(folder),
        _beside(saved, "best-buys", best_buys.reopened),
        _shipped_buys(saved) if saved.kind == "run" else None,
        _beside(saved, "reach", packages_in),
    )


def _shipped_buys(saved: Saved) -> dict[str, Any] | None:
    """The best buys that ship with the package, if a run is of a shipped network as it stands."""
    path = shipped() / "measured" / f"{saved.scenario.name}.json"
    if not path.is_file() or saved.network is not None or load(saved.scenario.name).digest != saved.scenario.digest:
        return None
    return read_json(path)


def _beside(saved: Saved, kind: str, opened: Callable[[Saved], Alternatives]) -> Alternatives | None:
    """The newest finished study of a kind, of the same network and question, beside a run; None where there is none.

    A folder beside it that cannot be read is no reason against the page of this one.
    """
    if saved.kind != "run":
        return None
    beside = saved.folder.resolve().parent.parent / folder_name(saved.scenario, kind)
    for manifest in sorted(beside.glob("*/manifest.json"), reverse=True):
        with suppress(FlanksimError):
            other = open_folder(manifest.parent)
            if other.manifest.get("status") == "complete":
                found = opened(other)
                if found.alternatives[0].cell == saved.scenario.digest:
                    return found
    return None


def _sensitivity(folder: Path) -> Rows | None:
    """The table of ``sensitivity.parquet`` or ``sensitivity.json``; None where neither is there."""
    frame = read_frame(folder / "sensitivity.parquet")
    if frame is not None:
        return Rows(list(frame.columns), [list(row) for row in frame.itertuples(index=False)])
    content = read_json(folder / "sensitivity.json")
    rows: list[dict[str, object]] | None = next((value for value in content.values() if _is_rows(value)), None)
    if rows is None:
        return None
    names = list(rows[0])
    return Rows(names, [[row.get(name) for name in names] for row in rows])


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _draw_missing(context: Context) -> None:
    """Draw the figures of one replication that the folder does not hold yet.

    For a sweep or a comparison they show the first scenario.
    """
    wanted = [name for name in NAMES if not (context.folder / f"{name}.svg").is_file()]
    save_figures(context.folder, Run(context.scenario, context.plan, context.outcome), wanted)
    found = context.alternatives
    if isinstance(found, Reach) and not (context.folder / "staircase.svg").is_file():
        draw_packages(found)
