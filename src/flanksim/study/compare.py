"""Which alternative is better, and how sure is that: paired differences under common random numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flanksim.bounds.ladder import ladder
from flanksim.errors import FlanksimError, Problem
from flanksim.measure.closure import ALL, force_of
from flanksim.measure.replications import Difference, Replication, ReplicationSet
from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, Interval
from flanksim.saving import make_folder
from flanksim.scenario.arguments import (
    as_folder,
    as_jobs,
    as_list,
    as_number,
    as_portfolios,
    as_scenario,
)
from flanksim.scenario.naming import folder_name, readable
from flanksim.scenario.reading import load
from flanksim.scenario.schema import Scenario
from flanksim.study.alternatives import About, abouts_of, networks_of
from flanksim.study.experiment import DesignPoint, Progress, Replicate, as_rule, run_points
from flanksim.study.looks import Forgets
from flanksim.study.metric import Metric, html_table
from flanksim.study.phrases import share_in_words, signed
from flanksim.study.store import (
    Reportable,
    Saved,
    Store,
    kept_if_stopped,
    manifest_of,
    read_frame,
    resolved,
    write_table,
    write_text,
)
from flanksim.terminal import Block, Entry, Span, Style, numbers, table, words
from flanksim.units import deadline_hour

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Alternative(ReplicationSet):
    """A scenario or portfolio with its runs; no two of a comparison have the same `name` or `title`.

    Attributes
    ----------
    cell
        Digest of its scenario; alternatives with equal scenarios share their runs.
    cost_bn_eur
        What it spends beyond today, EUR bn.
    scenario
        The network on which it ran.
    bound_day
        The closure day that no schedule beats; nan if it was not computed.
    """

    name: str = field(kw_only=True)
    cell: str = field(kw_only=True)
    cost_bn_eur: float = field(kw_only=True)
    scenario: Scenario = field(repr=False, compare=False, kw_only=True)
    bound_day: float = field(default=math.nan, kw_only=True)
    about: About = field(default_factory=lambda: About(""), kw_only=True)

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.about.title or self.name

    def unbeaten(self, group: str = ALL) -> float:
        """The day that no schedule beats; of the whole force alone, else nan."""
        return self.bound_day if self.key(group) == ALL else math.nan


@dataclass(frozen=True)
class Comparison(Reportable, Forgets):
    """Alternatives under common random numbers; the others are compared with the first.

    ``closure``, ``value`` and ``bottlenecks`` are metrics: a call gives a tidy DataFrame, ``.plot()`` the figure. Each
    of `alternatives` answers what every set of runs does: ``closure_day(group)``, ``p_on_time(group)``...

    Attributes
    ----------
    alternatives
        The first is the yardstick.
    indifference_days
        A difference of the closure day that is smaller does not matter.
    year
        For which the first scenario was asked; None for its tables as they are.
    folder
        Where it was saved; None if it was not.
    """

    alternatives: tuple[Alternative, ...]
    indifference_days: float = 0.5
    year: int | None = None
    seconds: float = field(default=0.0, compare=False)
    folder: Path | None = field(default=None, compare=False)

    @property
    def scenario(self) -> Scenario:
        """That of the first alternative."""
        return self.alternatives[0].scenario

    @property
    def deadline_days(self) -> float:
        """Deadline of the first scenario, C-day label: by it the chances of all are counted."""
        return self.scenario.question.deadline_days

    @property
    def seed(self) -> int:
        """Root of the random numbers, the same for all."""
        return self.scenario.seed

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The others less the first, in their order.

        Intervals hold together at 95 %, those of the days and those of the shares in time: each is widened for the
        number of alternatives (Bonferroni).
        """
        first, *others = self.alternatives
        confidence = 1.0 - 0.05 / len(others)
        return tuple(
            other.against(first, indifference_days=self.indifference_days, confidence=confidence) for other in others
        )

    @cached_property
    def closure(self) -> Metric:
        """One row an alternative, as `table`; the figure is cost against days saved."""
        return Metric("closure", self.table, self._value, "closure, chance, difference and cost of each alternative")

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

        first = self.alternatives[0]
        note = f"{len(first.replications)} paired runs · seed {self.seed} · against {first.title}"
        note += f" {first.scenario.digest}"
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
            f"mean over {len(first.replications)} paired runs, seed {self.seed} · "
            f"{first.title} {first.scenario.digest}, {second.title} {second.scenario.digest}",
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
        foot = f"{len(self.alternatives[0].replications)} paired runs, seed {self.seed}"
        return html_table(f"Against {self.alternatives[0].title}", rows, foot)

    def __repr__(self) -> str:
        """Summary in one line."""
        verdicts = ", ".join(
            f"{a.name}: {d.verdict}" for a, d in zip(self.alternatives[1:], self.differences, strict=True)
        )
        return f"Comparison(against {self.alternatives[0].name}: {verdicts})"


def _path(entry: Alternative) -> dict[str, float]:
    """Mean days of the critical path by cause in words, over the runs that closed, longest first."""
    named = entry.cause_days(lambda cause: readable(cause, entry.scenario))
    return {cause: found.mean for cause, found in named.items()}


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
    named = networks_of(entries, portfolios, seed)
    rule, jobs = as_rule(precision, replications), as_jobs(jobs)
    indifference_days = as_number("indifference_days", indifference_days, 0)
    new, again = as_folder("results", results), as_folder("resume", resume)
    cells = [DesignPoint(entry) for _, entry, _ in named]
    root = named[0][1].seed
    abouts = abouts_of(entries, portfolios)
    manifest = _manifest([name for name, _, _ in named], cells, root, rule) | _described(abouts, entries)
    manifest |= {"portfolios": portfolios, "indifference_days": indifference_days}
    name = folder_name(entries[0], "compare")
    with Store.open(new, again, name, manifest, resolved(named[0][1])) as store, kept_if_stopped(store):
        if store is not None:
            for number, entry in enumerate(entries, 1):
                write_text(make_folder(store.folder / "scenarios") / f"{number}.yaml", resolved(entry))
        runs = run_points(cells, root, rule, store=store, jobs=jobs, dask=dask, progress=progress)
        days = [ladder(cell.scenario, groups=False, prices=False).day if bounds else math.nan for cell in cells]
        found = Comparison(
            _alternatives(named, abouts, runs, days),
            indifference_days,
            entries[0].year,
            perf_counter() - started,
            None if store is None else store.folder,
        )
        if store is not None:
            write_table(store.folder / "alternatives.parquet", found.table())
            store.finish(runs)
            if also is not None:
                also(found)
            done = sum(map(len, runs.values()))
            store.complete(manifest | {"done": done, "seconds": round(found.seconds, 3)})
    return found


def _alternatives(
    named: Sequence[tuple[str, Scenario, float]],
    abouts: Sequence[About],
    runs: Mapping[str, tuple[Replication, ...]],
    bound_days: Sequence[float],
) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(
            force_of(entry), runs[entry.digest], name=name, cell=entry.digest, cost_bn_eur=cost, scenario=entry,
            bound_day=day, about=about,
        )
        for (name, entry, cost), about, day in zip(named, abouts, bound_days, strict=True)
    )  # fmt: skip


def reopened(saved: Saved) -> Comparison:
    """The comparison that was saved in a folder: it answers everything that it answered then.

    Raises
    ------
    FlanksimError
        E506 if one of its files is gone; what `Saved.runs` raises.
    """
    manifest = saved.manifest
    entries = [
        load(saved.folder / "scenarios" / f"{n + 1}.yaml") for n in range(len(manifest["alternative_scenarios"]))
    ]
    table = read_frame(saved.folder / "alternatives.parquet")
    if table is None:
        hint = "finish the study with --resume: what is gone is made again"
        raise FlanksimError(Problem("E506", str(saved.folder / "alternatives.parquet"), "", "the table is gone", hint))
    named = networks_of(entries, manifest["portfolios"], int(manifest["seed"]))
    abouts = abouts_of(entries, manifest["portfolios"])
    return Comparison(
        _alternatives(named, abouts, saved.runs(), table["bound_day"].tolist()),
        manifest["indifference_days"],
        entries[0].year,
        manifest.get("seconds", 0.0),
        saved.folder,
    )


def _described(abouts: Sequence[About], entries: Sequence[Scenario]) -> dict[str, Any]:
    """What the manifest says of the alternatives."""
    return {
        "alternative_titles": [about.title for about in abouts],
        "alternative_scenarios": [entry.name for entry in entries],
        "alternative_projects": [list(about.projects) for about in abouts],
    }


def _manifest(names: list[str], cells: list[DesignPoint], root: int, rule: Replicate) -> dict[str, Any]:
    text = json.dumps([[cell.key for cell in cells], root, repr(rule)])
    return manifest_of(cells[0].scenario, "compare", root) | {
        "study_digest": blake2b(text.encode(), digest_size=8).hexdigest(),
        "alternatives": names,
        "alternative_cells": [cell.key for cell in cells],
    }


def _flat(found: Comparison) -> list[dict[str, Any]]:
    rows = []
    for number, entry in enumerate(found.alternatives):
        day, chance = entry.closure_day(), entry.chance_by(deadline_hour(found.deadline_days))
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
                "on_time_share": entry.on_time_share().mean,
                "unclosed": entry.unclosed(),
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
                "p_on_time": entry.chance_by(deadline_hour(found.deadline_days)).as_json(),
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
        "replications": len(found.alternatives[0].replications),
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
        lines.append(f"    {entry.title}: {share_in_words(difference, len(entry.replications))}")
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
    runs = len(found.alternatives[0].replications)
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
