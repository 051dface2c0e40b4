"""Which alternative is better, and how sure is that: paired differences under common random numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from flanksim.bounds.ladder import ladder
from flanksim.measure.alternatives import About, AlternativeRuns
from flanksim.metrics.cost_effectiveness import CLOSURE_OF_ALTERNATIVES, COST_EFFECTIVENESS
from flanksim.metrics.critical_path import BOTTLENECKS_OF_ALTERNATIVES
from flanksim.notebook import html_table
from flanksim.saving import make_folder
from flanksim.scenario.arguments import (
    as_flag,
    as_list,
    as_number,
    as_portfolios,
    as_scenario,
)
from flanksim.scenario.naming import folder_name
from flanksim.scenario.schema import Scenario
from flanksim.study.alternatives import abouts_of, alternatives_of, below_of, networks_of
from flanksim.study.experiment import DesignPoint, Progress, Replicate, StudyOptions, as_rule, run_points
from flanksim.study.page import Reportable
from flanksim.study.reopening import alternatives_in
from flanksim.study.store import Saved, Store, kept_if_stopped, manifest_of, resolved, write_table, write_text
from flanksim.study.worlds import WorldsAsked
from flanksim.text.phrases import interval_words, signed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Comparison(Reportable, AlternativeRuns):
    """Alternatives under common random numbers; the others are compared with the first.

    ``closure``, ``value`` and ``bottlenecks`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the figure. Each
    of `alternatives` answers what every set of runs does; ``closure_day(name)``, ``p_on_time(name)`` and the like are
    those of ``at(name)``.

    The attributes are those of `flanksim.measure.alternatives.AlternativeRuns`.
    """

    def table(self) -> pd.DataFrame:
        """One row an alternative: closure, probability, difference with interval, verdict, cost."""
        return self.closure()

    closure = CLOSURE_OF_ALTERNATIVES
    value = COST_EFFECTIVENESS
    #: ``bottlenecks.plot("name")`` sets the first alternative, in grey, beside that one (default: the second).
    bottlenecks = BOTTLENECKS_OF_ALTERNATIVES

    def save(self, folder: Path) -> None:
        """Its tables into its folder."""
        write_table(folder / "alternatives.parquet", self.table())

    def plot(self) -> Axes:
        """Cost against days saved, with intervals and the frontier."""
        return self.value.plot()

    def _repr_html_(self) -> str:
        rows = [
            {
                "": row["title"],
                "closed on": "not closed" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}",
                "in time": f"{row['on_time_share']:.0%}",
                "days against the first": ""
                if math.isnan(row["difference_days"])
                else signed(row["difference_days"]) + interval_words(row),
                "points in time": "" if not row["pairs"] else signed(100 * row["difference_share"], 0),
                "EUR bn": f"{row['cost_bn_eur']:.1f}",
                "verdict": row["verdict"],
                "in time against the first": row["share_verdict"],
            }
            for row in self.rows
        ]
        foot = f"{len(self.alternatives[0].replications)} paired runs, seed {self.seed}"
        return html_table(f"Against {self.alternatives[0].title}", rows, foot)

    def __repr__(self) -> str:
        """Summary in one line."""
        verdicts = ", ".join(
            f"{a.name}: {d.verdict}" for a, d in zip(self.alternatives[1:], self.differences, strict=True)
        )
        return f"Comparison(against {self.alternatives[0].name}: {verdicts})"


Compared = TypeVar("Compared", bound=Comparison)


def compare(  # noqa: PLR0913 - keywords of one study
    scenarios: Sequence[Scenario | str | Path] | Scenario | str | Path,
    projects: Sequence[Sequence[str] | str] | str = (),
    replications: int = 30,
    *,
    seed: int | None = None,
    indifference_days: float = 0.5,
    precision: Replicate | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    results: str | Path | None = None,
    resume: str | Path | None = None,
    progress: Progress | None = None,
    bounds: bool = False,
    carry_over: bool = True,
    also: Callable[[Comparison], object] | None = None,
    engine: str | None = None,
    worlds: int = 0,
    world_runs: int | None = None,
) -> Comparison:
    """Run alternatives with the same random numbers and judge the differences from the first.

    Parameters
    ----------
    scenarios
        Scenarios, or their files or names; one where there are `projects`. Those that ask for a year have the
        network of that year.
    projects
        Portfolios: each is the first scenario with these projects in service. One is a list of ids, or text such
        as ``PR03+PR05``.
    replications, precision
        Runs of each; or rounds of runs until an interval is narrow: ``Replicate(20, 100, day_half_width=0.02)``.
    seed
        Of the study; that of the first scenario if not given. All have the same random numbers.
    indifference_days
        A difference that is smaller than this does not matter, days.
    jobs, dask, results, resume, progress, also, engine, worlds, world_runs
        As of `flanksim.run`; all alternatives have the same worlds.
    bounds
        Compute for each alternative what no schedule can beat.
    carry_over
        Keep the plan of a poorer network unless a new one is clearly better; else each alternative has its own.

    Returns
    -------
    Comparison
        ``table()`` has a row an alternative; days are C-day labels, shares and chances 0 to 1, costs EUR bn.

    Raises
    ------
    FlanksimError
        E130 for an argument that cannot be used, E520 for fewer than two alternatives, E216 for an unknown project,
        and what `load` and `run` raise.

    Examples
    --------
    >>> found = compare(["corridor-mini", "corridor-mini"], replications=2, jobs=1)
    >>> found.differences[0].verdict
    'identical'
    """
    entries = [as_scenario(entry) for entry in as_list(scenarios)]
    portfolios = as_portfolios(projects)
    named = networks_of(entries, portfolios, seed)
    rule = as_rule(precision, replications)
    indifference_days = as_number("indifference_days", indifference_days, 0)
    bounds = as_flag("bounds", bounds)
    options = StudyOptions(jobs, dask, results, resume, progress, also, engine)  # type: ignore[arg-type] # paths of text
    others = WorldsAsked.of(worlds, world_runs)
    asked = Asked(entries, portfolios, indifference_days, bounds, as_flag("carry_over", carry_over), others)
    return run_alternatives(asked, named, rule, options, Comparison)


@dataclass(frozen=True)
class Asked:
    """What is compared: the scenarios as they were given, and portfolios on the first of them.

    Attributes
    ----------
    kind
        Of the study that compares them.
    more
        What else its manifest says, and what its result is made with.
    """

    entries: list[Scenario]
    portfolios: list[tuple[str, ...]]
    indifference_days: float
    bounds: bool
    carry_over: bool
    worlds: WorldsAsked
    kind: str = "compare"
    more: Mapping[str, Any] = field(default_factory=dict)


def run_alternatives(
    asked: Asked,
    named: Sequence[tuple[str, Scenario, float]],
    rule: Replicate,
    options: StudyOptions,
    of: Callable[..., Compared],
) -> Compared:
    """Run alternatives, save what was found of them, and give it.

    Parameters
    ----------
    asked, named
        What was asked for; the alternatives by name, network and cost.
    rule, options
        How many runs, and how they are made.
    of
        The kind of comparison that is made of them.
    """
    started = perf_counter()
    entries = asked.entries
    keys = [entry.digest for _, entry, _ in named]
    under = below_of(entries, asked.portfolios, keys) if asked.carry_over else {}
    cells = [DesignPoint(entry, below=under.get(entry.digest, ())) for _, entry, _ in named]
    root = named[0][1].seed
    abouts = abouts_of(entries, asked.portfolios)
    manifest = _manifest([name for name, _, _ in named], cells, root, rule, asked) | _described(abouts, entries)
    manifest |= {"portfolios": asked.portfolios, "indifference_days": asked.indifference_days, **asked.more}
    name = folder_name(entries[0], asked.kind)
    with (
        Store.open(options.results, options.resume, name, manifest, resolved(named[0][1])) as store,
        kept_if_stopped(store),
    ):
        if store is not None:
            for number, entry in enumerate(entries, 1):
                write_text(make_folder(store.folder / "scenarios") / f"{number}.yaml", resolved(entry))
        points = [*cells, *asked.worlds.points(cells, root)]
        runs = run_points(points, root, rule, store=store, options=options)
        days = [ladder(cell.scenario, groups=False, prices=False).day if asked.bounds else math.nan for cell in cells]
        found = of(
            alternatives_of(named, abouts, runs, days, asked.worlds),
            asked.indifference_days,
            entries[0].year,
            perf_counter() - started,
            None if store is None else store.folder,
            **asked.more,
        )
        if store is not None:
            found.save(store.folder)
            store.finish(runs)
            if options.also is not None:
                options.also(found)
            done = sum(map(len, runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(found.seconds, 3)})
    return found


def reopened(saved: Saved) -> Comparison:
    """The comparison that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone or damaged; what `Saved.runs` raises.
    """
    return alternatives_in(saved, saved.runs(), Comparison)


def _described(abouts: Sequence[About], entries: Sequence[Scenario]) -> dict[str, Any]:
    """What the manifest says of the alternatives."""
    return {
        "alternative_titles": [about.title for about in abouts],
        "alternative_scenarios": [entry.name for entry in entries],
        "alternative_projects": [list(about.projects) for about in abouts],
    }


def _manifest(names: list[str], cells: list[DesignPoint], root: int, rule: Replicate, asked: Asked) -> dict[str, Any]:
    text = json.dumps([[[cell.key, cell.below] for cell in cells], root, repr(rule)]) + asked.worlds.mark
    return {
        **manifest_of(cells[0].scenario, asked.kind, root),
        **asked.worlds.manifest,
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        "alternatives": names,
        "alternative_cells": [cell.key for cell in cells],
    }
