"""Which alternative is better, and how sure is that: paired differences under common random numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from flanksim.bounds.ladder import ladder
from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import apply_projects, realise
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Chance, Interval, t_interval
from flanksim.scenario.arguments import (
    as_folder,
    as_jobs,
    as_list,
    as_number,
    as_portfolios,
    as_scenario,
    as_seed,
)
from flanksim.scenario.naming import folder_name, readable
from flanksim.scenario.schema import Scenario
from flanksim.study.alternatives import (
    About,
    abouts_of,
    built_by_its_year,
    changes_of,
    portfolio,
    spent_by_its_year,
    told_apart,
)
from flanksim.study.batch import Replication
from flanksim.study.campaign import Cell, Progress, Replicate, as_rule, in_order, run_cells
from flanksim.study.differences import Difference, paired, share_in_words, signed
from flanksim.study.looks import Forgets
from flanksim.study.metric import Metric, html_table
from flanksim.study.results import write_table
from flanksim.study.store import Store, kept_if_stopped
from flanksim.study.study import beyond, manifest_of, resolved
from flanksim.terminal import Block, Entry, Span, Style, numbers, table, words
from flanksim.units import HOURS_PER_DAY, deadline_hour, in_time

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Alternative:
    """A scenario or portfolio with its runs; `cost_bn_eur` is what it spends beyond today.

    No two alternatives of a comparison have the same `name` or `title`. `bound_day` is the closure day that no schedule
    beats, nan if it was not computed; `scenario` is the network on which it ran.
    """

    name: str
    cell: str
    cost_bn_eur: float
    runs: tuple[Replication, ...]
    scenario: Scenario = field(repr=False, compare=False)
    bound_day: float = math.nan
    about: About = field(default_factory=lambda: About(""))

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.about.title or self.name

    @property
    def days(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Closure day of each run; nan where it was not closed."""
        return np.array([entry.closures["all"].day for entry in self.runs])

    @property
    def shares(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Share of the troops closed by the deadline in each run."""
        return np.array([entry.closures["all"].on_time_share for entry in self.runs])

    def chance(self, deadline_days: float) -> Chance:
        """Chance of closing by a deadline: of the runs, or proved to be zero by the bound."""
        deadline = deadline_hour(deadline_days)
        hits = sum(in_time(entry.closures["all"].hour, deadline) for entry in self.runs)
        return Chance(hits, len(self.runs), not hits and beyond(self.bound_day, deadline))


@dataclass(frozen=True)
class Comparison(Forgets):
    """Alternatives under common random numbers; the others are compared with the first.

    Intervals of differences hold together at 95 %, those of the days and those of the shares in time: each is widened
    for the number of alternatives (Bonferroni).
    ``value`` and ``bottlenecks`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the figure.
    """

    alternatives: tuple[Alternative, ...]
    differences: tuple[Difference, ...]
    indifference_days: float
    deadline_days: float
    seed: int
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)
    year: int | None = None

    def table(self) -> pd.DataFrame:
        """One row an alternative: closure, probability, difference with interval, verdict, cost."""
        import pandas as pd

        return pd.DataFrame(_flat(self))

    @cached_property
    def value(self) -> Metric:
        """Cost against days saved, with intervals and the frontier; the table is that of `table`."""
        return Metric("value", self.table, self._value, "cost and days saved of each alternative")

    @cached_property
    def bottlenecks(self) -> Metric:
        """Days on the critical path by alternative and cause.

        ``bottlenecks.plot("name")`` sets the first alternative, in grey, beside that one (default: the second).
        """
        return Metric("bottlenecks", self._causes, self._bars, "causes of the critical path, by alternative")

    def _value(self) -> Axes:
        from flanksim.draw.value import value

        note = f"{len(self.alternatives[0].runs)} paired runs · seed {self.seed} · against {self.alternatives[0].title}"
        note += f" {self.alternatives[0].scenario.digest}"
        return value(self.table(), note, self.deadline_days)

    def _causes(self) -> pd.DataFrame:
        import pandas as pd

        rows = [
            {"alternative": entry.name, "cause": cause, "days": days}
            for entry in self.alternatives
            for cause, days in _path(entry).items()
        ]
        return pd.DataFrame(rows, columns=["alternative", "cause", "days"])

    def _bars(self, other: str | None = None, most: int = 10) -> Axes:
        from flanksim.draw.bottlenecks import bottlenecks

        first, names = self.alternatives[0], [entry.name for entry in self.alternatives[1:]]
        chosen = names[0] if other is None else other
        if chosen not in names:
            hint = f"there are {', '.join(names)}"
            raise FlanksimError(Problem("E521", "compare", "bottlenecks", f"no alternative '{chosen}'", hint))
        second = self.alternatives[1 + names.index(chosen)]
        return bottlenecks(
            _path(first),
            _path(second),
            "What holds the force up, before and after",
            f"mean over {len(first.runs)} paired runs, seed {self.seed} · {first.title} {first.scenario.digest}, "
            f"{second.title} {second.scenario.digest}",
            most,
            names=(first.title, second.title),
            deadline_days=self.deadline_days,
        )

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
                else signed(row["difference_days"]) + _interval(row, int(row["pairs"])),
                "points in time": "" if not row["pairs"] else signed(100 * row["difference_share"], 0),
                "EUR bn": f"{row['cost_bn_eur']:.1f}",
                "verdict": row["verdict"],
                "in time against the first": row["share_verdict"],
            }
            for row in _flat(self)
        ]
        foot = f"{len(self.alternatives[0].runs)} paired runs, seed {self.seed}"
        return html_table(f"Against {self.alternatives[0].title}", rows, foot)

    def __repr__(self) -> str:
        """Summary in one line."""
        verdicts = ", ".join(
            f"{a.name}: {d.verdict}" for a, d in zip(self.alternatives[1:], self.differences, strict=True)
        )
        return f"Comparison(against {self.alternatives[0].name}: {verdicts})"


def _path(entry: Alternative) -> dict[str, float]:
    """Mean days of the critical path by cause in words, over the runs that closed, longest first."""
    closed = [run.causes_h for run in entry.runs if run.causes_h]
    found: dict[str, float] = {}
    for causes in closed:
        for cause, hours in causes.items():
            name = readable(cause, entry.scenario)
            found[name] = found.get(name, 0.0) + hours / HOURS_PER_DAY / len(closed)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


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
    also: Callable[[Comparison], object] | None = None,
) -> Comparison:
    """Run alternatives with the same random numbers and judge the differences from the first.

    Parameters
    ----------
    scenarios
        Scenarios, or their files or names; one where there are `projects`. Those that ask for a year have the
        network of that year.
    projects
        Portfolios: each is the first scenario with these projects in service. One is a list of ids, or text such
        as ``PR01+PR05``.
    indifference_days
        A difference that is smaller than this does not matter.
    bounds
        Compute for each alternative what no schedule can beat.
    also
        Called with the comparison when its tables are written and before the manifest says ``complete``.

    Raises
    ------
    FlanksimError
        E520 for fewer than two alternatives, E216 for an unknown project, and what `load` and `sweep` raise.
    """
    started = perf_counter()
    entries = [as_scenario(entry) for entry in as_list(scenarios)]
    portfolios = as_portfolios(projects)
    named = _named(entries, portfolios, seed)
    rule, jobs = as_rule(precision, replications), as_jobs(jobs)
    indifference_days = as_number("indifference_days", indifference_days, 0)
    new, again = as_folder("results", results), as_folder("resume", resume)
    cells = [Cell(entry) for _, entry, _ in named]
    root = named[0][1].seed
    abouts = abouts_of(entries, portfolios)
    manifest = _manifest([name for name, _, _ in named], cells, root, rule) | _described(abouts, entries)
    name = folder_name(entries[0], "compare")
    with Store.open(new, again, name, manifest, resolved(named[0][1])) as store, kept_if_stopped(store):
        runs = run_cells(cells, root, rule, store=store, jobs=jobs, dask=dask, progress=progress)
        days = [ladder(cell.scenario, groups=False, prices=False).day if bounds else math.nan for cell in cells]
        alternatives = tuple(
            Alternative(name, cell.key, cost, tuple(runs[cell.key].values()), cell.scenario, day, about)
            for (name, _, cost), cell, day, about in zip(named, cells, days, abouts, strict=True)
        )
        found = Comparison(
            alternatives,
            _differences(alternatives, indifference_days),
            indifference_days,
            named[0][1].question.deadline_days,
            root,
            perf_counter() - started,
            None if store is None else store.folder,
            entries[0].year,
        )
        if store is not None:
            write_table(store.folder / "alternatives.parquet", pa_table(found))
            made = store.finish(in_order(runs))
            if also is not None:
                also(found)
            store.complete(manifest | {"done": made, "seconds": round(found.seconds, 3)})
    return found


def _described(abouts: Sequence[About], entries: Sequence[Scenario]) -> dict[str, Any]:
    """What the manifest says of the alternatives."""
    return {
        "alternative_titles": [about.title for about in abouts],
        "alternative_scenarios": [entry.name for entry in entries],
        "alternative_projects": [list(about.projects) for about in abouts],
    }


def pa_table(found: Comparison) -> pa.Table:
    """The table of alternatives for Parquet."""
    import pyarrow

    return pyarrow.Table.from_pandas(found.table(), preserve_index=False)


def _named(
    entries: Sequence[Scenario], projects: Sequence[Sequence[str]], seed: int | None
) -> list[tuple[str, Scenario, float]]:
    """Every alternative with its name and cost: the scenarios, then the portfolios on the first of them.

    Names differ, so that a row can be told by its name.
    """
    found = [(entry.name, realise(entry), spent_by_its_year(entry)) for entry in entries]
    for keys in projects if entries else ():
        base = entries[0]
        about = portfolio(base, keys)
        built = built_by_its_year(base)
        network = apply_projects(base, about.projects, built)
        found.append(("+".join(dict.fromkeys(keys)), network, found[0][2] + about.cost_bn_eur[1]))
    if len(found) < 2:
        raise FlanksimError(
            Problem("E520", "compare", "", "there is nothing to compare with", "name a second scenario, or --projects")
        )
    root = as_seed(seed, entries[0].seed)
    names = told_apart([name for name, _, _ in found], changes_of(entries, [entry.name for entry in entries]))
    return [
        (name, entry.model_copy(update={"seed": root}), cost)
        for name, (_, entry, cost) in zip(names, found, strict=True)
    ]


def _manifest(names: list[str], cells: list[Cell], root: int, rule: Replicate) -> dict[str, Any]:
    text = json.dumps([[cell.key for cell in cells], root, repr(rule)])
    return manifest_of(cells[0].scenario, "compare", root) | {
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        "alternatives": names,
        "alternative_cells": [cell.key for cell in cells],
    }


def _differences(alternatives: Sequence[Alternative], indifference_days: float) -> tuple[Difference, ...]:
    """The others against the first; each interval is widened for their number."""
    first, confidence = alternatives[0], 1.0 - 0.05 / (len(alternatives) - 1)
    return tuple(
        paired(
            first.runs,
            other.runs,
            certain=not (first.scenario.mechanisms.chance or other.scenario.mechanisms.chance),
            indifference_days=indifference_days,
            confidence=confidence,
        )
        for other in alternatives[1:]
    )


def _flat(found: Comparison) -> list[dict[str, Any]]:
    rows = []
    for number, entry in enumerate(found.alternatives):
        closed = [day for day in entry.days.tolist() if not math.isnan(day)]
        day = t_interval(closed)
        chance = entry.chance(found.deadline_days)
        difference = None if number == 0 else found.differences[number - 1]
        rows.append(
            {
                "alternative": entry.name,
                "title": entry.title,
                "closure_day": day.mean,
                "closure_day_low": day.low,
                "closure_day_high": day.high,
                "p_on_time": chance.mean,
                "p_on_time_low": chance.low,
                "p_on_time_high": chance.high,
                "runs_on_time": chance.hits,
                "runs": chance.runs,
                "proved_zero": chance.proved_zero,
                "on_time_share": float(entry.shares.mean()),
                "unclosed": len(entry.runs) - len(closed),
                "difference_days": math.nan if difference is None else difference.days.mean,
                "difference_days_low": math.nan if difference is None else difference.days.low,
                "difference_days_high": math.nan if difference is None else difference.days.high,
                "difference_share": math.nan if difference is None else difference.share.mean,
                "difference_share_low": math.nan if difference is None else difference.share.low,
                "difference_share_high": math.nan if difference is None else difference.share.high,
                "pairs": 0 if difference is None else difference.pairs,
                "correlation": math.nan if difference is None else difference.correlation,
                "verdict": "yardstick" if difference is None else difference.verdict,
                "share_verdict": "yardstick" if difference is None else difference.share_verdict,
                "cost_bn_eur": entry.cost_bn_eur,
                "cost_low_bn_eur": entry.about.cost_bn_eur[0],
                "cost_high_bn_eur": entry.about.cost_bn_eur[2],
                "stands_by": entry.about.stands_by,
                "projects": ";".join(entry.about.projects),
                "bound_day": entry.bound_day,
            }
        )
    return rows


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison for machines."""
    alternatives = []
    for number, (entry, row) in enumerate(zip(found.alternatives, _flat(found), strict=True)):
        difference = None if number == 0 else found.differences[number - 1]
        alternatives.append(
            {
                "name": entry.name,
                "title": entry.title,
                "closure_day": Interval(row["closure_day"], row["closure_day_low"], row["closure_day_high"]).as_json(),
                "p_on_time": entry.chance(found.deadline_days).as_json(),
                "proved_zero": row["proved_zero"],
                "on_time_share": round(row["on_time_share"], 6),
                "unclosed": row["unclosed"],
                "cost_bn_eur": round(entry.cost_bn_eur, 6),
                "cost_low_bn_eur": round(row["cost_low_bn_eur"], 6),
                "cost_high_bn_eur": round(row["cost_high_bn_eur"], 6),
                "projects": list(entry.about.projects),
                "needed_first": list(entry.about.needed),
                "built_before": list(entry.about.built_before),
                "stands_by": entry.about.stands_by,
                "difference_days": None if difference is None else difference.days.as_json(),
                "difference_share": None if difference is None else difference.share.as_json(),
                "pairs": row["pairs"],
                "correlation": None if math.isnan(row["correlation"]) else round(row["correlation"], 6),
                "verdict": row["verdict"],
                "share_verdict": row["share_verdict"],
                "bound_day": round(entry.bound_day, 6) if math.isfinite(entry.bound_day) else None,
            }
        )
    return {
        "scenario": found.alternatives[0].name,
        "overrides": list(found.alternatives[0].scenario.overrides),
        "replications": len(found.alternatives[0].runs),
        "seed": found.seed,
        "seconds": round(found.seconds, 3),
        "indifference_days": found.indifference_days,
        "alternatives": alternatives,
        "results": None if found.folder is None else str(found.folder),
    }


def _interval(row: dict[str, Any], pairs: int) -> str:
    """The interval of the difference in days, in brackets; none of so few pairs that it says nothing."""
    if pairs < FEWEST_FOR_AN_INTERVAL or math.isnan(row["difference_days_low"]):
        return ""
    return f" ({signed(row['difference_days_low'])} to {signed(row['difference_days_high'])})"


def _other_questions(found: Comparison) -> list[Block]:
    """Alternatives with another force or deadline than the first: their days and shares are of another question."""
    first = found.alternatives[0].scenario
    lines: list[Block] = []
    for entry in found.alternatives[1:]:
        days, troops = entry.scenario.question.deadline_days, entry.scenario.troops_required
        said = [f"C+{days:g} instead of C+{first.question.deadline_days:g}"] * (days != first.question.deadline_days)
        said += [f"{troops:,} troops instead of {first.troops_required:,}"] * (troops != first.troops_required)
        if said:
            text = f"  {entry.title} asks another question: {' and '.join(said)}. Its shares are of its own."
            lines.append(Span(text, "unsure"))
    return [*lines, ""] if lines else []


def _in_time(found: Comparison) -> list[Block]:
    """A sentence an alternative on the share in time, which may move where the last day does not."""
    lines: list[Block] = [f"  Troops in time, by C+{found.deadline_days:g}, against {found.alternatives[0].title}:"]
    for entry, difference in zip(found.alternatives[1:], found.differences, strict=True):
        lines.append(f"    {entry.title}: {share_in_words(difference, len(entry.runs))}")
    return [*lines, ""]


def _portfolios(found: Comparison) -> list[Block]:
    """By when each portfolio can stand, what else is built for it, and what is there already."""
    lines: list[Block] = []
    for entry in found.alternatives:
        about = entry.about
        if not about.projects:
            continue
        said = "is there already" if about.built_before == about.projects else f"can stand by {about.stands_by}"
        if found.year is not None and about.stands_by is not None and about.stands_by > found.year:
            said += f", after {found.year}, the year of the network,"
        said += f", with {' and '.join(about.needed)}, needed before" if about.needed else ""
        partly = about.built_before and about.built_before != about.projects
        said += f"; {' and '.join(about.built_before)} stands already and costs nothing again" if partly else ""
        low, typical, high = (f"{value - _first_cost(found):,.1f}" for value in about.cost_bn_eur)
        lines.append(f"  {entry.name}: {said}; EUR {typical} bn ({low} to {high})")
    if lines:
        lines += [
            "  A portfolio can stand by a year if there is money for it at once; by a year is on 1 July of it.",
            "",
        ]
    return lines


def _first_cost(found: Comparison) -> float:
    return found.alternatives[0].cost_bn_eur


_TONES: dict[str, Style] = {
    "sooner": "good",
    "closes more often": "good",
    "later": "bad",
    "closes less often": "bad",
    "cannot tell apart": "unsure",
    "too few runs to tell": "unsure",
}


def blocks(found: Comparison) -> list[Block]:
    """The comparison for people."""
    runs = len(found.alternatives[0].runs)
    columns = [
        words("", 12),
        numbers("closure\nday"),
        numbers("not\nclosed"),
        numbers(f"closed\nby C+{found.deadline_days:g}"),
        numbers("days\nagainst\nthe first"),
        numbers("95 %\ntogether"),
        numbers("EUR\nbn"),
        numbers("no\nschedule\nbeats"),
        words("verdict"),
    ]
    lines: list[Block] = [
        Span(f"Against {found.alternatives[0].title}, {runs} paired runs", "strong"),
        f"Intervals hold together at 95 %; less than {found.indifference_days:g} days does not matter",
        "",
        table(columns, [_told(row, runs) for row in _flat(found)]),
        "",
        *_other_questions(found),
        *_in_time(found),
        *_portfolios(found),
    ]
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def _told(row: dict[str, Any], runs: int) -> list[Entry]:
    known = not math.isnan(row["difference_days"])
    bound = row["bound_day"]
    return [
        row["title"],
        "never" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}",
        f"{row['unclosed']} of {runs}" if row["unclosed"] else "",
        f"{row['on_time_share']:.0%}",
        signed(row["difference_days"]) if known else "",
        _interval(row, int(row["pairs"])).strip(" ()"),
        f"{row['cost_bn_eur']:,.1f}",
        "" if math.isnan(bound) else "never" if math.isinf(bound) else f"C+{bound:.1f}",
        Span(row["verdict"], _TONES.get(row["verdict"], "")),
    ]
