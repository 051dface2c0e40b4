"""Spending x year x mobility fraction: the surface that says by when the force is closed in time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.draw.surface import spending_curve, surface
from flanksim.draw.timeline import project_timeline
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects
from flanksim.investment.money import mobility_fraction as stated_fraction
from flanksim.investment.timeline import plan_projects
from flanksim.measure.closure import force_of
from flanksim.measure.replications import Replication, ReplicationSet
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL
from flanksim.measure.surface import Point, SurfaceRuns
from flanksim.metrics.metric import Metric, html_table
from flanksim.scenario.arguments import as_levels, as_scenario, as_seed, as_years
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, as_rule, run_points
from flanksim.study.store import Reportable, Saved, Store, kept_if_stopped, manifest_of, resolved, write_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from flanksim.investment.timeline import Timeline


_SURFACE = "closure by spending, year and mobility fraction"


@dataclass(frozen=True)
class Sweep(Reportable, SurfaceRuns):
    """A spending x year surface with the runs behind it.

    ``surface``, ``curve``, ``timeline`` and ``closure`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the
    figure. ``closure()`` has one row a point, and its figure is the surface. ``closure_day(point)``,
    ``p_on_time(point)``, ``on_time_share(point)`` and ``unclosed(point)`` are those of ``at(point)``.

    The attributes are those of `flanksim.measure.surface.SurfaceRuns`.
    """

    def _closure(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame([self._row(point) for point in self.points])

    def _last_year(self) -> pd.DataFrame:
        table = self._closure()
        last: pd.DataFrame = table[table["year"] == table["year"].max()].reset_index(drop=True)
        return last

    def _row(self, point: Point) -> dict[str, Any]:
        day, chance, found = self.closure_day(point), self.p_on_time(point), self.difference(point)
        return {
            "infrastructure_share": point.infrastructure_share,
            "year": point.year,
            "mobility_fraction": point.mobility_fraction,
            "closure_day": day.mean,
            "closure_day_low": day.low,
            "closure_day_high": day.high,
            "p_on_time": chance.mean,
            "p_on_time_low": chance.low,
            "p_on_time_high": chance.high,
            "runs_on_time": chance.hits,
            "runs": chance.runs,
            "on_time_share": self.on_time_share(point).mean,
            "unclosed": self.unclosed(point),
            "mobility_delay_days": self.at(point).mobility_delay().mean,
            "difference_delay_days": found.delay.mean,
            "difference_delay_days_low": found.delay.low,
            "difference_delay_days_high": found.delay.high,
            "difference_days": found.days.mean,
            "difference_days_low": found.days.low,
            "difference_days_high": found.days.high,
            "difference_share": found.share.mean,
            "difference_share_low": found.share.low,
            "difference_share_high": found.share.high,
            "pairs": found.pairs,
            "verdict": found.verdict,
            "share_verdict": found.share_verdict,
            "best": point == self.best,
            "projects_done": len(point.projects_done),
            "spent_bn_eur": point.spent_bn_eur,
            "cell": point.cell,
        }

    def _surface(self) -> Axes:
        return surface(self._closure(), self.scenario.question.deadline_days, self._title(), self._caption())

    def _curve(self) -> Axes:
        sure = self.fewest_runs >= FEWEST_FOR_AN_INTERVAL
        deadline = self.scenario.question.deadline_days
        return spending_curve(self._closure(), deadline, self._title(), self._caption(), sure)

    def _largest(self) -> tuple[Point, Timeline]:
        """The point with the largest spending in its last year, and what that builds."""
        top = max(self.points, key=lambda point: (point.infrastructure_share, point.mobility_fraction, point.year))
        spending = _spending(self.scenario, top.infrastructure_share, top.mobility_fraction)
        return top, plan_projects(self.scenario, spending, top.year)

    def _projects(self) -> pd.DataFrame:
        import pandas as pd

        _, timeline = self._largest()
        rows = [
            {
                "project": entry.project_id,
                "name": entry.name,
                "start": entry.start,
                "done": entry.done,
                "cost_bn_eur": entry.cost_bn_eur,
                "left_bn_eur": entry.left_bn_eur,
            }
            for entry in timeline.schedules
            if entry.begun_by(timeline.last_year)
        ]
        return pd.DataFrame(rows, columns=["project", "name", "start", "done", "cost_bn_eur", "left_bn_eur"])

    def _gantt(self) -> Axes:
        top, timeline = self._largest()
        title = f"Built with {top.infrastructure_share:g} % of GDP, {top.mobility_fraction:.0%} of it for mobility"
        return project_timeline(self.scenario, timeline, title, self._caption())

    closure = Metric("closure", _SURFACE, _closure, _surface)
    surface = Metric("surface", _SURFACE, _closure, _surface)
    curve = Metric("spending-curve", "closure day by spending in the last year", _last_year, _curve)
    timeline = Metric("timeline", "projects that the largest spending begins", _projects, _gantt)

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
        return html_table(self._title(), rows, self._caption())

    def _title(self) -> str:
        return self.scenario.title or self.scenario.name

    def _caption(self) -> str:
        return f"{self.fewest_runs} runs a point · seed {self.scenario.seed} · scenario {self.scenario.digest}"

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
    also: Callable[[Sweep], object] | None = None,
) -> Sweep:
    """Run the scenario with the network that each spending level has built by each year.

    Parameters
    ----------
    scenario
        A Scenario, the name of a shipped one, or the path of a file.
    infrastructure_share
        Per cent of GDP that infrastructure spending reaches in the target year of ``scenario.spending``: one level or
        several. Levels, years and fractions are taken in rising order, each once; differences are against the lowest
        level.
    year
        Evaluation years, or one: what is in service by each, on 1 July of it.
    mobility_fraction
        Parts of that spending that reach mobility, 0 to 1; the scenario's own if not given.
    replications
        Runs of each network; with a `precision` that says it.
    seed
        Of the study; the scenario's if not given. All points have the same random numbers.
    precision
        Rounds of runs until an interval is narrow: ``Replicate(20, 100, day_half_width=0.02)``.
    jobs, dask
        Processes, one for each core if not given; or the address of the scheduler of a Dask cluster.
    results, resume
        Root for a new results folder, or the folder of a study that is to be finished.
    progress
        Called with (done, wanted) after each run.
    also
        Called with the sweep when its tables are written and before the manifest says ``complete``.

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
    options = StudyOptions(jobs, dask, results, resume, progress, also)  # type: ignore[arg-type] # it makes paths of text
    return _sweep(entry, *_points(entry, shares, years, fractions), rule, options)


def _sweep(
    entry: Scenario, points: tuple[Point, ...], cells: list[DesignPoint], rule: Replicate, options: StudyOptions
) -> Sweep:
    started = perf_counter()
    manifest = manifest_of(entry, "sweep", entry.seed) | {
        "study_digest": _digest(entry, entry.seed, points, rule),
        "points": len(points),
        "cells": len(cells),
        "design": [asdict(point) for point in points],
    }
    with (
        Store.open(options.results, options.resume, folder_name(entry, "sweep"), manifest, resolved(entry)) as store,
        kept_if_stopped(store),
    ):
        runs = run_points(cells, entry.seed, rule, store=store, options=options)
        found = Sweep(
            entry, points, _networks(entry, runs), perf_counter() - started, None if store is None else store.folder
        )
        if store is not None:
            write_table(store.folder / "points.parquet", found.closure())
            store.finish(runs)
            if options.also is not None:
                options.also(found)
            store.complete(manifest | {"done": found.runs_made, "seconds": round(found.seconds, 3)})
    return found


def _networks(scenario: Scenario, runs: Mapping[str, tuple[Replication, ...]]) -> dict[str, ReplicationSet]:
    return {cell: ReplicationSet(force_of(scenario), entries) for cell, entries in runs.items()}


def reopened(saved: Saved) -> Sweep:
    """The sweep that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        What `Saved.runs` raises.
    """
    points = [point | {"projects_done": tuple(point["projects_done"])} for point in saved.manifest["design"]]
    return Sweep(
        saved.scenario,
        tuple(Point(**point) for point in points),
        _networks(saved.scenario, saved.runs()),
        saved.manifest.get("seconds", 0.0),
        saved.folder,
    )


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
        problems.append(Problem("E512", scenario.name, "", "a sweep needs at least one level of each", "see --help"))
    if problems:
        raise FlanksimError(problems)
    points, cells = [], {}
    shares, years, fractions = sorted(set(map(float, shares))), sorted(set(years)), sorted(set(map(float, fractions)))
    for fraction, share in product(fractions, shares):
        timeline = plan_projects(scenario, _spending(scenario, share, fraction), max(years))
        for when in years:
            built = timeline.shares_by(when)
            cell = DesignPoint(apply_projects(scenario, (), built))
            cells[cell.key] = cell
            done = tuple(key for key, part in built.items() if part >= 1.0)
            points.append(Point(float(share), when, float(fraction), cell.key, done, timeline.spent_by(when)))
    return tuple(points), list(cells.values())


def _spending(scenario: Scenario, share: float, fraction: float) -> Any:
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
    return scenario.spending.model_copy(
        update={"infrastructure_share_pct": float(share), "mobility_fraction": float(fraction), "path": "linear"}
    )


def _digest(scenario: Scenario, root: int, points: Sequence[Point], rule: Replicate) -> str:
    text = json.dumps([scenario.digest, root, [point.cell for point in points], repr(rule)])
    return blake2b(text.encode(), digest_size=8).hexdigest()
