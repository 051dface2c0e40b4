"""Spending x year x mobility fraction: the surface that says by when the force is closed in time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects
from flanksim.investment.money import mobility_fraction as stated_fraction
from flanksim.investment.timeline import plan_projects
from flanksim.measure.surface import Point, SurfaceRuns, spending_at
from flanksim.metrics.schedule import SCHEDULE
from flanksim.metrics.spending_curve import SPENDING_CURVE
from flanksim.metrics.surface import CLOSURE_OF_POINTS, SURFACE, note, title
from flanksim.notebook import html_table
from flanksim.scenario.arguments import as_flag, as_levels, as_scenario, as_seed, as_years
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending
from flanksim.study.candidates import below
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, as_rule, run_points
from flanksim.study.page import Reportable
from flanksim.study.reopening import networks_of, surface_in, worlds_of
from flanksim.study.store import Saved, Store, kept_if_stopped, manifest_of, resolved, write_table
from flanksim.study.worlds import WorldsAsked

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Sweep(Reportable, SurfaceRuns):
    """A spending x year surface with the runs behind it.

    ``surface``, ``curve``, ``timeline`` and ``closure`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the
    figure. ``closure()`` has one row a point, and its figure is the surface. ``closure_day(point)``,
    ``p_on_time(point)``, ``on_time_share(point)`` and ``unclosed(point)`` are those of ``at(point)``.

    The attributes are those of `flanksim.measure.surface.SurfaceRuns`.
    """

    closure = CLOSURE_OF_POINTS
    surface = SURFACE
    curve = SPENDING_CURVE
    timeline = SCHEDULE

    def plot(self) -> Axes:
        """The surface: closure day over spending and year, with the deadline's contour, a panel a fraction."""
        return self.surface.plot()

    def plot_curve(self) -> Axes:
        """Closure day against spending in the last year, with its band, a line a fraction."""
        return self.curve.plot()

    def plot_timeline(self) -> Axes:
        """What the largest spending builds, when."""
        return self.timeline.plot()

    def _repr_html_(self) -> str:
        rows = [
            {
                "% of GDP": f"{point.infrastructure_share:g}",
                "year": point.year,
                "reaches mobility": f"{point.mobility_fraction:.0%}",
                "closed on": self.closed_on(point),
                "in time": f"{self.on_time_share(point).mean:.0%}",
                "P(in time)": f"{self.p_on_time(point).mean:.2f}",
            }
            for point in self.points
        ]
        return html_table(title(self), rows, note(self))

    def __repr__(self) -> str:
        """Summary in one line."""
        return f"Sweep({self.scenario.name!r}: {len(self.points)} points, {self.runs_made} runs, {self.seconds:.0f} s)"


def sweep(  # noqa: PLR0913 - keywords of one study
    scenario: Scenario | str | Path,
    infrastructure_share: Sequence[float] | float = (0, 0.5, 1, 1.5, 2, 2.5),
    year: Sequence[int] | int = (2026, 2028, 2030, 2032, 2034, 2035),
    mobility_fraction: Sequence[float] | float | None = None,
    replications: int = 20,
    *,
    seed: int | None = None,
    precision: Replicate | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    carry_over: bool = True,
    also: Callable[[Sweep], object] | None = None,
    engine: str | None = None,
    worlds: int = 0,
    world_runs: int | None = None,
) -> Sweep:
    """Run the scenario with the network that each spending level has built by each year.

    Parameters
    ----------
    scenario
        A Scenario, the name of a shipped one, or the path of a file.
    infrastructure_share
        Per cent of GDP that infrastructure spending reaches in the target year of ``scenario.spending``: one level or
        several. Levels, years and fractions are taken in rising order, each once; differences are from the lowest.
    year
        Evaluation years, or one: what is in service by each, on 1 July of it.
    mobility_fraction
        Parts of that spending that reach mobility, 0 to 1; the scenario's own if not given.
    replications, precision
        Runs of each network; or rounds of runs until an interval is narrow: ``Replicate(20, 100,
        day_half_width=0.02)``.
    seed
        Of the study; the scenario's if not given. All points have the same random numbers.
    jobs, dask, results, resume, progress, also, engine, worlds, world_runs
        As of `flanksim.run`; all points have the same worlds.
    carry_over
        Keep the plan of a network with less built unless a new one is clearly better; else each has its own.

    Returns
    -------
    Sweep
        ``closure()`` has a row a point; days are C-day labels, shares and chances 0 to 1, money EUR bn.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E510 and on for levels below zero, E222 for years before the data,
        E503 for a cluster that does not answer, and what `load` and `run` raise. No run is started then.

    Examples
    --------
    >>> found = sweep("corridor-mini", 0, 2026, 0.12, replications=2, jobs=1)
    >>> found.closure_day(found.points[0]).mean == found.at(found.points[0]).closure_day().mean
    True
    """
    entry = as_scenario(scenario)
    entry = entry.model_copy(update={"seed": as_seed(seed, entry.seed)})
    fractions: Sequence[float] = [stated_fraction(entry, entry.spending)]
    if mobility_fraction is not None:
        fractions = as_levels("mobility_fraction", mobility_fraction)
    shares, years = as_levels("infrastructure_share", infrastructure_share), as_years("year", year)
    rule = as_rule(precision, replications)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    points, cells = _points(entry, shares, years, fractions)
    cells = cells if as_flag("carry_over", carry_over) else [replace(cell, below=()) for cell in cells]
    return _sweep(entry, points, cells, rule, options, WorldsAsked.of(worlds, world_runs))


def _sweep(
    entry: Scenario,
    points: tuple[Point, ...],
    cells: list[DesignPoint],
    rule: Replicate,
    options: StudyOptions,
    others: WorldsAsked,
) -> Sweep:
    started = perf_counter()
    manifest = (
        manifest_of(entry, "sweep", entry.seed)
        | others.manifest
        | {
            "study_digest": _digest(entry, points, cells, rule, others),
            "points": len(points),
            "cells": len(cells),
            "design": [asdict(point) for point in points],
        }
    )
    with (
        Store.open(options.results, options.resume, folder_name(entry, "sweep"), manifest, resolved(entry)) as store,
        kept_if_stopped(store),
    ):
        design = [*cells, *others.points(cells, entry.seed)]
        runs = run_points(design, entry.seed, rule, store=store, options=options)
        found = Sweep(
            entry, points, networks_of(entry, points, runs), perf_counter() - started,
            None if store is None else store.folder, worlds_of(entry, points, runs, others),
        )  # fmt: skip
        if store is not None:
            write_table(store.folder / "points.parquet", found.closure())
            store.finish(runs)
            if options.also is not None:
                options.also(found)
            store.complete(manifest | {"done": sum(map(len, runs.values())), "seconds": round(found.seconds, 3)})
    return found


def reopened(saved: Saved) -> Sweep:
    """The sweep that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is damaged; what `Saved.runs` raises.
    """
    return surface_in(saved, saved.runs(), Sweep)


def _points(
    scenario: Scenario, shares: Sequence[float], years: Sequence[int], fractions: Sequence[float]
) -> tuple[tuple[Point, ...], list[DesignPoint]]:
    """Points of the surface with the cells behind them; everything that can be wrong is found here."""
    problems = [
        Problem(
            "E510",
            scenario.name,
            "infrastructure_share",
            f"{value:g} % of GDP is no spending level",
            "give 0 to 5 per cent",
        )
        for value in shares
        if not 0 <= value <= 5
    ]
    problems += [
        Problem("E511", scenario.name, "mobility_fraction", f"{value:g} is no share", "give 0 to 1, such as 0.12")
        for value in fractions
        if not 0 <= value <= 1
    ]
    problems += [
        Problem(
            "E222",
            scenario.name,
            "year",
            f"{value} is before the data, which are of {scenario.spending.first_year}",
            f"ask for a year from {scenario.spending.first_year} on",
        )
        for value in years
        if value < scenario.spending.first_year
    ]
    if not (shares and years and fractions):
        problems.append(
            Problem(
                "E512",
                scenario.name,
                "",
                "a sweep needs at least one level of each",
                "give a spending level and a year or more",
            )
        )
    if problems:
        raise FlanksimError(problems)
    points: list[Point] = []
    cells: dict[str, DesignPoint] = {}
    parts: list[dict[str, float]] = []
    shares, years, fractions = sorted(set(map(float, shares))), sorted(set(years)), sorted(set(map(float, fractions)))
    for fraction, share in product(fractions, shares):
        timeline = plan_projects(scenario, _spending(scenario, share, fraction), max(years))
        for when in years:
            built = timeline.shares_by(when)
            cell = DesignPoint(apply_projects(scenario, (), built))
            cells[cell.key] = cell
            parts.append(built)
            done = tuple(key for key, part in built.items() if part >= 1.0)
            points.append(Point(float(share), when, float(fraction), cell.key, done, timeline.spent_by(when)))
    under = below([point.cell for point in points], parts)
    return tuple(points), [replace(cell, below=under[key]) for key, cell in cells.items()]


def _spending(scenario: Scenario, share: float, fraction: float) -> Spending:
    if isinstance(scenario.spending.path, dict):
        raise FlanksimError(
            Problem(
                "E513",
                scenario.name,
                "spending.path",
                "a sweep sets the share itself, and this scenario has a table of shares by year",
                "remove spending.path, or compare scenarios instead",
            )
        )
    return spending_at(scenario, share, fraction)


def _digest(
    scenario: Scenario, points: Sequence[Point], cells: Sequence[DesignPoint], rule: Replicate, others: WorldsAsked
) -> str:
    under = [[cell.key, cell.below] for cell in cells]
    text = (
        json.dumps([scenario.digest, scenario.seed, [point.cell for point in points], under, repr(rule)]) + others.mark
    )
    return blake2b(text.encode(), digest_size=8).hexdigest()
