"""Spending x year x mobility fraction: the surface that says by when the force is closed in time."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects
from flanksim.investment.money import mobility_fraction as stated_fraction
from flanksim.investment.timeline import plan_projects
from flanksim.measure.closure import ALL, force_of
from flanksim.measure.replications import FEW, Difference, Replication, ReplicationSet
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Chance, Interval
from flanksim.scenario.arguments import as_folder, as_jobs, as_levels, as_scenario, as_seed, as_years
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study.experiment import DesignPoint, Progress, Replicate, as_rule, run_points
from flanksim.study.looks import Forgets
from flanksim.study.metric import Metric, html_table
from flanksim.study.phrases import days_in_words, share_in_words
from flanksim.study.store import Reportable, Saved, Store, kept_if_stopped, manifest_of, resolved, write_table
from flanksim.terminal import Block, Span, numbers, table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from flanksim.investment.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the surface: a spending level, a year and a mobility fraction, and what they build."""

    infrastructure_share: float
    year: int
    mobility_fraction: float
    cell: str
    projects_done: tuple[str, ...]
    spent_bn_eur: float


@dataclass(frozen=True)
class Sweep(Reportable, Forgets):
    """A spending x year surface with the runs behind it.

    ``surface``, ``curve``, ``timeline`` and ``closure`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the
    figure. ``closure()`` has one row a point, and its figure is the surface. ``closure_day(point)``,
    ``p_on_time(point)``, ``on_time_share(point)`` and ``unclosed(point)`` are those of ``at(point)``.

    Attributes
    ----------
    scenario
        The one that was asked about, before any spending.
    points
        By mobility fraction, spending and year.
    networks
        The runs behind the points, by their ``cell``; points with equal networks share them.
    folder
        Where it was saved; None if it was not.
    """

    scenario: Scenario
    points: tuple[Point, ...]
    networks: dict[str, ReplicationSet]
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)

    @property
    def fewest_runs(self) -> int:
        """Fewest runs behind a point."""
        return min((len(found.replications) for found in self.networks.values()), default=0)

    @property
    def runs_made(self) -> int:
        """Runs behind all points; points with equal networks share theirs."""
        return sum(len(found.replications) for found in self.networks.values())

    def at(self, point: Point) -> ReplicationSet:
        """The runs behind a point."""
        return self.networks[point.cell]

    def closure_day(self, point: Point, group: str = ALL) -> Interval:
        """Mean closure day with its 95 % interval, over the runs that closed; nan if none did."""
        return self.at(point).closure_day(group)

    def p_on_time(self, point: Point, group: str = ALL) -> Chance:
        """Chance of closing by the deadline; unclosed runs are failures."""
        return self.at(point).p_on_time(group)

    def on_time_share(self, point: Point, group: str = ALL) -> Interval:
        """Share of the troops in closed units at the deadline, with its 95 % interval."""
        return self.at(point).on_time_share(group)

    def unclosed(self, point: Point, group: str = ALL) -> int:
        """Runs that did not close by the horizon."""
        return self.at(point).unclosed(group)

    @cached_property
    def _bases(self) -> dict[tuple[int, float], Point]:
        """The point of the lowest level, by year and fraction."""
        found: dict[tuple[int, float], Point] = {}
        for point in sorted(self.points, key=lambda point: point.infrastructure_share):
            found.setdefault((point.year, point.mobility_fraction), point)
        return found

    def difference(self, point: Point) -> Difference:
        """What `point` is against the lowest level of spending in the same year, over paired runs."""
        return self.at(point).against(self.at(self._bases[point.year, point.mobility_fraction]))

    @cached_property
    def best(self) -> Point | None:
        """The cheapest of the points that do as well as any, and of those the earliest; None if the runs are too few.

        A point does as well as the one with the best chance, then the largest share in time in whole per cent, then the
        soonest last day, unless paired runs show that one to be better.
        """

        def rank(point: Point) -> tuple[float, float, float, float, int]:
            day = self.closure_day(point).mean
            share = round(100 * self.on_time_share(point).mean)
            return (
                self.p_on_time(point).mean,
                share,
                -math.inf if math.isnan(day) else -day,
                -point.spent_bn_eur,
                -point.year,
            )

        top = max(self.points, key=rank)
        tied, few = [], False
        for point in self.points:
            found = self.at(top).against(self.at(point))
            few |= FEW in (found.share_verdict, found.verdict)
            sooner = found.verdict in ("sooner", "closes more often") and found.share_verdict != "fewer in time"
            likelier = found.chance.low > 0
            if found.share_verdict != "more in time" and not sooner and not likelier:
                tied.append(point)
        return None if few else min(tied, key=lambda p: (p.spent_bn_eur, p.infrastructure_share, p.year))

    @cached_property
    def closure(self) -> Metric:
        """One row a point: levels, closure day and probability with intervals, projects and money."""
        return Metric("closure", self._closure, self._surface, "closure by spending, year and mobility fraction")

    @cached_property
    def surface(self) -> Metric:
        """Closure day over spending and year, with the deadline's contour, a panel a fraction."""
        return Metric("surface", self._closure, self._surface, "closure by spending, year and mobility fraction")

    @cached_property
    def curve(self) -> Metric:
        """Closure day against spending in the last year, with its band, a line a fraction."""
        return Metric("spending-curve", self._last_year, self._curve, "closure day by spending in the last year")

    @cached_property
    def timeline(self) -> Metric:
        """What the largest spending builds, when."""
        return Metric("timeline", self._projects, self._gantt, "projects that the largest spending begins")

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
        from flanksim.draw.surface import surface

        return surface(self._closure(), self.scenario.question.deadline_days, self._title(), self._caption())

    def _curve(self) -> Axes:
        from flanksim.draw.surface import spending_curve

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
        from flanksim.draw.timeline import project_timeline

        top, timeline = self._largest()
        title = f"Built with {top.infrastructure_share:g} % of GDP, {top.mobility_fraction:.0%} of it for mobility"
        return project_timeline(self.scenario, timeline, title, self._caption())

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
                "closed on": _text(self, point),
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
    infrastructure_share
        Per cent of GDP that infrastructure spending reaches in the target year of ``scenario.spending``: one level or
        several. Levels, years and fractions are taken in rising order, each once; differences are against the lowest
        level.
    year
        Evaluation years, or one: what is in service by each, on 1 July of it.
    mobility_fraction
        Parts of that spending that reach mobility, 0 to 1; the scenario's own if not given.
    results, resume
        Root for a new results folder, or the folder of a study that is to be finished.
    also
        Called with the sweep when its tables are written and before the manifest says ``complete``.

    Raises
    ------
    FlanksimError
        For levels below zero, years before the data, projects that do not fit, a cluster that does not answer.
        No run is started then.
    """
    started = perf_counter()
    entry = as_scenario(scenario)
    root = as_seed(seed, entry.seed)
    entry = entry.model_copy(update={"seed": root})
    fractions: Sequence[float] = [stated_fraction(entry, entry.spending)]
    if mobility_fraction is not None:
        fractions = as_levels("mobility_fraction", mobility_fraction)
    shares, years = as_levels("infrastructure_share", infrastructure_share), as_years("year", year)
    rule, jobs = as_rule(precision, replications), as_jobs(jobs)
    new, again = as_folder("results", results), as_folder("resume", resume)
    points, cells = _points(entry, shares, years, fractions)
    manifest = manifest_of(entry, "sweep", root) | {
        "study_digest": _digest(entry, root, points, rule),
        "points": len(points),
        "cells": len(cells),
        "design": [asdict(point) for point in points],
    }
    with (
        Store.open(new, again, folder_name(entry, "sweep"), manifest, resolved(entry)) as store,
        kept_if_stopped(store),
    ):
        runs = run_points(cells, root, rule, store=store, jobs=jobs, dask=dask, progress=progress)
        found = Sweep(
            entry, points, _networks(entry, runs), perf_counter() - started, None if store is None else store.folder
        )
        if store is not None:
            write_table(store.folder / "points.parquet", found.closure())
            store.finish(runs)
            if also is not None:
                also(found)
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


def as_json(found: Sweep) -> dict[str, Any]:
    """The sweep for machines."""
    return {
        "scenario": found.scenario.name,
        "title": found.scenario.title or found.scenario.name,
        "overrides": list(found.scenario.overrides),
        "replications": found.fewest_runs,
        "runs": found.runs_made,
        "seconds": round(found.seconds, 3),
        "cells": [
            {
                "infrastructure_share": point.infrastructure_share,
                "year": point.year,
                "mobility_fraction": point.mobility_fraction,
                "closure_day": found.closure_day(point).as_json(),
                "p_on_time": found.p_on_time(point).as_json(),
                "on_time_share": round(found.on_time_share(point).mean, 6),
                "unclosed": found.unclosed(point),
                "difference_days": found.difference(point).days.as_json(),
                "difference_share": found.difference(point).share.as_json(),
                "verdict": found.difference(point).verdict,
                "share_verdict": found.difference(point).share_verdict,
                "projects_done": len(point.projects_done),
                "spent_bn_eur": round(point.spent_bn_eur, 6),
            }
            for point in found.points
        ],
        "best": None
        if found.best is None
        else {name: getattr(found.best, name) for name in ("infrastructure_share", "year", "mobility_fraction")},
        "results": None if found.folder is None else str(found.folder),
    }


def blocks(found: Sweep) -> list[Block]:
    """The surface for people: a row a spending level, a column a year; one table a mobility fraction."""
    years = list(dict.fromkeys(point.year for point in found.points))
    title = found.scenario.title or found.scenario.name
    lines: list[Block] = [
        Span(f"{title}: closure day by spending and year", "strong"),
        f"{found.fewest_runs} runs a point"
        + ("; ± is half the 95 % interval of the mean" if found.fewest_runs >= FEWEST_FOR_AN_INTERVAL else "")
        + ("; * some runs did not close and are left out" if any(map(found.unclosed, found.points)) else ""),
    ]
    for fraction in dict.fromkeys(point.mobility_fraction for point in found.points):
        rows = []
        for share in dict.fromkeys(point.infrastructure_share for point in found.points):
            here = [p for p in found.points if (p.infrastructure_share, p.mobility_fraction) == (share, fraction)]
            rows.append([f"{share:g}", *(_text(found, point) for point in here)])
        lines += ["", f"  {fraction:.0%} of infrastructure spending reaches mobility"]
        lines += ["", table([numbers("% of GDP"), *(numbers(str(year)) for year in years)], rows)]
    lines += ["", *_differences(found), *_best(found)]
    lacking = [name for name in ("projects", "economies") if not getattr(found.scenario, name)]
    if lacking:
        text = f"  This scenario has no {' and no '.join(lacking)}: spending builds nothing, and every cell is today's"
        lines.append(Span(text, "unsure"))
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    rate = found.runs_made / found.seconds if found.seconds > 0 else math.nan
    lines.append(
        Span(
            f"  {found.runs_made:,} runs for {len(found.points)} points in {found.seconds:.0f} s, {rate:.2f} a second",
            "quiet",
        )
    )
    return lines


def _differences(found: Sweep) -> list[Block]:
    """What each level brings in the last year against the lowest, over paired runs."""
    last = max(point.year for point in found.points)
    lines: list[Block] = []
    for point in found.points:
        base = found._bases[last, point.mobility_fraction]
        if point.year != last or point == base:
            continue
        if not lines:
            lines.append(f"  By {last}, against {base.infrastructure_share:g} % of GDP, paired runs:")
        difference = found.difference(point)
        fraction = f", {point.mobility_fraction:.0%} for mobility"
        lines.append(
            f"    {point.infrastructure_share:g} % of GDP{fraction}, EUR {point.spent_bn_eur:,.1f} bn: "
            f"{days_in_words(difference)}; {share_in_words(difference, found.fewest_runs)}"
        )
    return [*lines, ""] if lines else []


def _best(found: Sweep) -> list[Block]:
    """The point that does best, all its numbers from one place; no best of zeros, and none that is not sure."""
    deadline, best = found.scenario.question.deadline_days, found.best
    met = any(found.p_on_time(point).mean > 0 for point in found.points)
    said = "" if met else f"No point meets C+{deadline:g} in any run. "
    if best is None:
        return [f"  {said}These are too few runs to tell which point does best."]
    share = f"{found.on_time_share(best).mean:.0%}"
    odds = f"in time {found.p_on_time(best).words()}; " if met else ""
    text = (
        f"  {said}No point is surely better than {best.infrastructure_share:g} % of GDP by {best.year}, "
        f"{best.mobility_fraction:.0%} of it for mobility, "
        f"EUR {best.spent_bn_eur:,.1f} bn: {odds}{share} of the troops by C+{deadline:g}, closed on "
        f"{_text(found, best).rstrip('*')}."
    )
    return [text]


def _text(found: Sweep, point: Point) -> str:
    day, lost = found.closure_day(point), found.unclosed(point)
    if math.isnan(day.mean):
        return "not closed"
    sure = len(found.at(point).replications) - lost >= FEWEST_FOR_AN_INTERVAL
    half = f" ±{(day.high - day.low) / 2:.1f}" if sure else ""
    return f"C+{day.mean:.1f}{half}" + ("*" if lost else "")
