"""Sets of runs from a results folder: of a scenario, of a sweep, of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flanksim.bounds.rungs import Ladder
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.alternatives import AlternativeRuns
from flanksim.measure.closure import force_of
from flanksim.measure.replications import Replication, ReplicationSet
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.surface import Point, SurfaceRuns
from flanksim.measure.world_runs import WorldRuns
from flanksim.planning.plan import Plan
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario
from flanksim.study import alternatives
from flanksim.study.store import Saved, as_written, read_as, read_frame
from flanksim.study.worlds import WorldsAsked

Runs = TypeVar("Runs", bound=ScenarioRuns)
Surface = TypeVar("Surface", bound=SurfaceRuns)
Alternatives = TypeVar("Alternatives", bound=AlternativeRuns)
#: Of the runs of a folder, by digest of their scenario.
Made = Mapping[str, tuple[Replication, ...]]

#: In a folder, what spending built by the year that the scenario asked for.
BUILT = "projects.json"
_FINISH = "finish the study with --resume: what is gone is made again"


def runs_in(saved: Saved, plan: Plan, made: tuple[Replication, ...], kind: type[Runs]) -> Runs:
    """The runs of one scenario, with the bound that was saved beside them.

    Parameters
    ----------
    kind
        What is made of them.

    Raises
    ------
    FlanksimError
        E506 if the bound is damaged.
    """
    bound = read_as(saved.folder / "bound.json", Ladder.of_json, "run the command that wrote it again, or remove it")
    return kind(
        plan,
        made,
        scenario=saved.scenario,
        seconds=saved.manifest.get("seconds", 0.0),
        folder=saved.folder,
        bound=bound,
        built=built_in(saved.folder) or None,
        worlds=WorldsAsked.of_manifest(saved.manifest).found(saved.scenario, saved.world_runs(), saved.scenario.seed),
    )


def built_in(folder: Path) -> dict[str, Any]:
    """What the spending of a run with a year has built; empty where it is not there.

    Raises
    ------
    FlanksimError
        E506 if the file is damaged.
    """
    return read_as(folder / BUILT, _checked, "run the scenario again, or remove the file") or {}


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    """The same, if all that the page shows of it is there and of its kind."""
    for name, kinds in _BUILT.items():
        _of_kind(found, name, kinds)
    for rows, columns in ((found["projects"], _PROJECT), (found["purses"], _PURSE)):
        for row in rows:
            for name, kinds in columns.items():
                _of_kind(row, name, kinds)
    return found


_NUMBER, _MAYBE = (int, float), (int, float, type(None))
_BUILT: dict[str, tuple[type, ...]] = {
    "year": (int,), "spent_bn_eur": _NUMBER, "standing_bn_eur": _NUMBER, "standing": (list,), "listed": (int,),
    "in_service": (int,), "purses": (list,), "projects": (list,),
}  # fmt: skip
_PROJECT: dict[str, tuple[type, ...]] = {
    "name": (str,), "countries": (list,), "cost_bn_eur": _NUMBER, "paid_bn_eur": _NUMBER, "start": _MAYBE,
    "done": _MAYBE, "share": _NUMBER, "effects": (list,), "raises": (str,), "basis": (str,),
    "confidence": (str,),
}  # fmt: skip
_PURSE: dict[str, tuple[type, ...]] = {
    "payer": (str,), "line": (str,), "given_bn_eur": _NUMBER, "paid_bn_eur": _NUMBER, "kept_bn_eur": _NUMBER,
    "lapsed_bn_eur": _NUMBER, "reason": (str,),
}  # fmt: skip


def _of_kind(found: Mapping[str, Any], name: str, kinds: tuple[type, ...]) -> None:
    if not isinstance(found[name], kinds):
        raise TypeError(f"'{name}' is {found[name]!r}")


def surface_in(saved: Saved, made: Made, kind: type[Surface]) -> Surface:
    """The points of a sweep and the runs behind them, as `runs_in`.

    Raises
    ------
    FlanksimError
        E506 if the manifest is damaged.
    """
    with as_written(saved.folder / "manifest.json", _FINISH):
        points = tuple(_point(entry) for entry in saved.manifest["design"])
    others = WorldsAsked.of_manifest(saved.manifest)
    networks, worlds = networks_of(saved.scenario, points, made), worlds_of(saved.scenario, points, made, others)
    return kind(saved.scenario, points, networks, saved.manifest.get("seconds", 0.0), saved.folder, worlds)


def _point(entry: Mapping[str, Any]) -> Point:
    return Point(**{**entry, "projects_done": tuple(entry["projects_done"])})


def networks_of(scenario: Scenario, points: Sequence[Point], made: Made) -> dict[str, ReplicationSet]:
    """The runs of a sweep by network: the force is the same in all."""
    cells = {point.cell for point in points}
    return {cell: ReplicationSet(force_of(scenario), runs) for cell, runs in made.items() if cell in cells}


def worlds_of(scenario: Scenario, points: Sequence[Point], made: Made, others: WorldsAsked) -> dict[str, WorldRuns]:
    """The runs of a sweep in other worlds by network; none where none were asked for."""
    cells = dict.fromkeys(point.cell for point in points)
    found = {cell: others.found(scenario, made, scenario.seed, cell) for cell in cells}
    return {cell: worlds for cell, worlds in found.items() if worlds is not None}


def alternatives_in(saved: Saved, made: Made, kind: type[Alternatives]) -> Alternatives:
    """The alternatives of a comparison with their runs, as `runs_in`.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged.
    """
    manifest, table = saved.manifest, read_frame(saved.folder / "alternatives.parquet")
    if table is None:
        problem = Problem("E506", str(saved.folder / "alternatives.parquet"), "", "the table is gone", _FINISH)
        raise FlanksimError(problem)
    with as_written(saved.folder / "manifest.json", _FINISH):
        count, portfolios = len(manifest["alternative_scenarios"]), manifest["portfolios"]
        seed, indifference_days = int(manifest["seed"]), float(manifest["indifference_days"])
    entries = [load(saved.folder / "scenarios" / f"{number}.yaml") for number in range(1, count + 1)]
    named = alternatives.networks_of(entries, portfolios, seed)
    abouts = alternatives.abouts_of(entries, portfolios)
    found = alternatives.alternatives_of(
        named, abouts, made, table["bound_day"].tolist(), WorldsAsked.of_manifest(manifest)
    )
    return kind(found, indifference_days, entries[0].year, manifest.get("seconds", 0.0), saved.folder)
