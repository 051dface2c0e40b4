"""Which alternative is better, and how sure is that: paired differences under common random numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
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
from flanksim.investment.timeline import plan_projects
from flanksim.measure.statistics import Interval, t_interval, wilson
from flanksim.scenario.naming import readable
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario
from flanksim.study.batch import Replication
from flanksim.study.campaign import Cell, Progress, Replicate, in_order, run_cells
from flanksim.study.looks import Forgets
from flanksim.study.metric import Metric, html_table
from flanksim.study.results import write_table
from flanksim.study.store import Store
from flanksim.study.study import manifest_of, resolved
from flanksim.terminal import Block, Entry, Span, Style, numbers, table, words
from flanksim.units import HOURS_PER_DAY

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Alternative:
    """A scenario or portfolio with its runs; `cost_bn_eur` is what it spends beyond today.

    `bound_day` is the closure day that no schedule beats, nan if it was not computed; `scenario` is the network
    on which it ran.
    """

    name: str
    cell: str
    cost_bn_eur: float
    runs: tuple[Replication, ...]
    scenario: Scenario = field(repr=False, compare=False)
    bound_day: float = math.nan

    @property
    def days(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Closure day of each run; nan where it was not closed."""
        return np.array([entry.closures["all"].day for entry in self.runs])

    @property
    def shares(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Share of the troops closed by the deadline in each run."""
        return np.array([entry.closures["all"].on_time_share for entry in self.runs])


@dataclass(frozen=True)
class Difference:
    """An alternative less the first one, over pairs of runs with the same random numbers.

    Attributes
    ----------
    days
        Difference of the closure day, over pairs in which both closed; negative is sooner.
    share
        Difference of the share of troops closed by the deadline, over all pairs.
    pairs
        Pairs in which both closed.
    correlation
        Between the two arms; pairing helps where it is positive.
    verdict
        ``sooner``, ``later``, ``cannot tell apart`` or ``identical``.
    """

    days: Interval
    share: Interval
    pairs: int
    correlation: float
    verdict: str


@dataclass(frozen=True)
class Comparison(Forgets):
    """Alternatives under common random numbers; the first is the yardstick.

    Intervals of differences hold together at 95 %: each is widened for the number of alternatives (Bonferroni).
    ``value`` and ``bottlenecks`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the figure.
    """

    alternatives: tuple[Alternative, ...]
    differences: tuple[Difference, ...]
    indifference_days: float
    deadline_days: float
    seed: int
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)

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

        note = f"{len(self.alternatives[0].runs)} paired runs · seed {self.seed} · against {self.alternatives[0].name}"
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
            f"mean over {len(first.runs)} paired runs, seed {self.seed} · {first.name} {first.scenario.digest}, "
            f"{second.name} {second.scenario.digest}",
            most,
            names=(first.name, second.name),
            deadline_days=self.deadline_days,
        )

    def plot(self) -> Axes:
        """Cost against days saved, with intervals and the frontier."""
        return self.value.plot()

    def _repr_html_(self) -> str:
        rows = [
            {
                "": row["alternative"],
                "closed on": "not closed" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}",
                "in time": f"{row['on_time_share']:.0%}",
                "days against the first": ""
                if math.isnan(row["difference_days"])
                else f"{row['difference_days']:+.1f} ({row['difference_days_low']:+.1f} to "
                f"{row['difference_days_high']:+.1f})",
                "EUR bn": f"{row['cost_bn_eur']:.1f}",
                "verdict": row["verdict"],
            }
            for row in _flat(self)
        ]
        foot = f"{len(self.alternatives[0].runs)} paired runs, seed {self.seed}"
        return html_table(f"Against {self.alternatives[0].name}", rows, foot)

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
    scenarios: Sequence[Scenario | str | Path],
    projects: Sequence[Sequence[str]] = (),
    replications: int = 30,
    *,
    seed: int | None = None,
    indifference_days: float = 0.5,
    precision: Replicate | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    results: Path | None = None,
    resume: Path | None = None,
    progress: Progress | None = None,
    bounds: bool = False,
) -> Comparison:
    """Run alternatives with the same random numbers and judge the differences from the first.

    Parameters
    ----------
    scenarios
        Scenarios, or their files or names. Those that ask for a year have the network of that year.
    projects
        Portfolios: each is the first scenario with these projects in service.
    indifference_days
        A difference that is smaller than this does not matter.
    bounds
        Compute for each alternative what no schedule can beat.

    Raises
    ------
    FlanksimError
        E520 for fewer than two alternatives, E216 for an unknown project, and what `load` and `sweep` raise.
    """
    started = perf_counter()
    entries = [entry if isinstance(entry, Scenario) else load(entry) for entry in scenarios]
    named = _named(entries, projects, seed)
    rule = precision or Replicate(replications)
    cells = [Cell(entry) for _, entry, _ in named]
    root = named[0][1].seed
    manifest = _manifest([name for name, _, _ in named], cells, root, rule)
    store = Store.open(results, resume, f"{named[0][1].name}-compare", manifest, resolved(named[0][1]))
    runs = run_cells(cells, root, rule, store=store, jobs=jobs, dask=dask, progress=progress)
    alternatives = tuple(
        Alternative(
            name,
            cell.key,
            cost,
            tuple(runs[cell.key].values()),
            cell.scenario,
            ladder(cell.scenario, groups=False, prices=False).day if bounds else math.nan,
        )
        for (name, _, cost), cell in zip(named, cells, strict=True)
    )
    confidence = 1.0 - 0.05 / (len(alternatives) - 1)
    differences = tuple(
        _difference(alternatives[0], other, indifference_days, confidence) for other in alternatives[1:]
    )
    deadline, folder = named[0][1].question.deadline_days, None if store is None else store.folder
    seconds = perf_counter() - started
    found = Comparison(alternatives, differences, indifference_days, deadline, root, seconds, folder)
    if store is not None:
        write_table(store.folder / "alternatives.parquet", pa_table(found))
        store.finish(in_order(runs), manifest | {"seconds": round(found.seconds, 3)})
    return found


def pa_table(found: Comparison) -> pa.Table:
    """The table of alternatives for Parquet."""
    import pyarrow

    return pyarrow.Table.from_pandas(found.table(), preserve_index=False)


def _named(
    entries: Sequence[Scenario], projects: Sequence[Sequence[str]], seed: int | None
) -> list[tuple[str, Scenario, float]]:
    """Every alternative with its name and cost: the scenarios, then the portfolios on the first of them."""
    found = [(entry.name, realise(entry), _spent(entry)) for entry in entries]
    for keys in projects if entries else ():
        base = entries[0]
        built = {}
        if base.year is not None:
            built = plan_projects(base, base.spending, base.year).shares_by(base.year)
        shares = {**built, **dict.fromkeys(keys, 1.0)}
        found.append(("+".join(keys), apply_projects(base, (), shares), found[0][2] + _cost(base, keys)))
    if len(found) < 2:
        raise FlanksimError(
            Problem("E520", "compare", "", "there is nothing to compare with", "name a second scenario, or --projects")
        )
    root = entries[0].seed if seed is None else seed
    return [(name, entry.model_copy(update={"seed": root}), cost) for name, entry, cost in found]


def _manifest(names: list[str], cells: list[Cell], root: int, rule: Replicate) -> dict[str, Any]:
    text = json.dumps([[cell.key for cell in cells], root, repr(rule)])
    return manifest_of(cells[0].scenario, "compare", root) | {
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        "alternatives": names,
        "alternative_cells": [cell.key for cell in cells],
    }


def _spent(scenario: Scenario) -> float:
    """EUR bn that a scenario's spending has paid by its year."""
    if scenario.year is None:
        return 0.0
    return plan_projects(scenario, scenario.spending, scenario.year).spent_by(scenario.year)


def _cost(scenario: Scenario, keys: Sequence[str]) -> float:
    """Typical final cost of projects, EUR bn."""
    factor = scenario.value("overrun_factor") if "overrun_factor" in scenario.parameters else 1.0
    total = 0.0
    for key in keys:
        project = scenario.projects.get(key)
        if project is not None:
            own = project.overrun_typical
            total += project.cost_typical_bn_eur * (factor if own is None else own)
    return total


def _difference(base: Alternative, other: Alternative, indifference: float, confidence: float) -> Difference:
    count = min(len(base.runs), len(other.runs))
    one, two = base.days[:count], other.days[:count]
    both = ~np.isnan(one) & ~np.isnan(two)
    days = t_interval((two - one)[both].tolist(), confidence)
    share = t_interval((other.shares[:count] - base.shares[:count]).tolist(), confidence)
    varies = both.sum() > 2 and one[both].std() > 0 and two[both].std() > 0
    correlation = float(np.corrcoef(one[both], two[both])[0, 1]) if varies else math.nan
    return Difference(
        days, share, int(both.sum()), correlation, _verdict(base, other, days, indifference, bool(both.all()))
    )


def _verdict(base: Alternative, other: Alternative, days: Interval, indifference: float, complete: bool) -> str:
    """What the runs say. Where some did not close, the days of the others alone would flatter; see who closes more."""
    if [entry.closed_h for entry in base.runs] == [entry.closed_h for entry in other.runs]:
        return "identical"
    if not complete:
        lost = int(np.isnan(base.days).sum()) - int(np.isnan(other.days).sum())
        spread = math.sqrt(len(base.runs)) * 2
        return "closes more often" if lost > spread else "closes less often" if -lost > spread else "cannot tell apart"
    if math.isnan(days.low):
        return "cannot tell apart"
    if days.high < 0 and days.mean < -indifference:
        return "sooner"
    if days.low > 0 and days.mean > indifference:
        return "later"
    return "cannot tell apart"


def _flat(found: Comparison) -> list[dict[str, Any]]:
    rows = []
    for number, entry in enumerate(found.alternatives):
        closed = [day for day in entry.days.tolist() if not math.isnan(day)]
        day = t_interval(closed)
        hits = sum(entry_day <= found.deadline_days for entry_day in closed)
        chance = wilson(hits, len(entry.runs))
        difference = None if number == 0 else found.differences[number - 1]
        rows.append(
            {
                "alternative": entry.name,
                "closure_day": day.mean,
                "closure_day_low": day.low,
                "closure_day_high": day.high,
                "p_on_time": chance.mean,
                "p_on_time_low": chance.low,
                "p_on_time_high": chance.high,
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
                "cost_bn_eur": entry.cost_bn_eur,
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
                "closure_day": Interval(row["closure_day"], row["closure_day_low"], row["closure_day_high"]).as_json(),
                "p_on_time": Interval(row["p_on_time"], row["p_on_time_low"], row["p_on_time_high"]).as_json(),
                "on_time_share": round(row["on_time_share"], 6),
                "unclosed": row["unclosed"],
                "cost_bn_eur": round(entry.cost_bn_eur, 6),
                "difference_days": None if difference is None else difference.days.as_json(),
                "difference_share": None if difference is None else difference.share.as_json(),
                "pairs": row["pairs"],
                "correlation": None if math.isnan(row["correlation"]) else round(row["correlation"], 6),
                "verdict": row["verdict"],
                "bound_day": round(entry.bound_day, 6) if math.isfinite(entry.bound_day) else None,
            }
        )
    return {
        "scenario": found.alternatives[0].name,
        "replications": len(found.alternatives[0].runs),
        "seed": found.seed,
        "seconds": round(found.seconds, 3),
        "indifference_days": found.indifference_days,
        "alternatives": alternatives,
        "results": None if found.folder is None else str(found.folder),
    }


_TONES: dict[str, Style] = {
    "sooner": "good",
    "closes more often": "good",
    "later": "bad",
    "closes less often": "bad",
    "cannot tell apart": "unsure",
}


def blocks(found: Comparison) -> list[Block]:
    """The comparison for people."""
    count = len(found.alternatives[0].runs)
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
        Span(f"Against {found.alternatives[0].name}, {count} paired runs", "strong"),
        f"Intervals hold together at 95 %; less than {found.indifference_days:g} days does not matter",
        "",
        table(columns, [_told(row, count) for row in _flat(found)]),
        "",
    ]
    if found.folder is not None:
        lines.append(f"  {found.folder}")
    return [*lines, Span(f"  seed {found.seed} · {found.seconds:.1f} s", "quiet")]


def _told(row: dict[str, Any], count: int) -> list[Entry]:
    known = not math.isnan(row["difference_days"])
    sure = known and not math.isnan(row["difference_days_low"])
    bound = row["bound_day"]
    return [
        row["alternative"].replace("+", " + "),  # a long portfolio wraps between its projects
        "never" if math.isnan(row["closure_day"]) else f"C+{row['closure_day']:.1f}",
        f"{row['unclosed']} of {count}" if row["unclosed"] else "",
        f"{row['on_time_share']:.0%}",
        f"{row['difference_days']:+.1f}" if known else "",
        f"{row['difference_days_low']:+.1f} to {row['difference_days_high']:+.1f}" if sure else "",
        f"{row['cost_bn_eur']:,.1f}",
        "" if math.isnan(bound) else "never" if math.isinf(bound) else f"C+{bound:.1f}",
        Span(row["verdict"], _TONES.get(row["verdict"], "")),
    ]
