"""What holds the force up: bars by cause, before and after a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flanksim.draw.style import BASELINE, DEADLINE, GRID, INK, MAIN, MUTED, caption, new_axes, provenance, shortened
from flanksim.measure.alternatives import Alternative, AlternativeRuns
from flanksim.measure.critical import closing_unit, critical_path
from flanksim.measure.sets_of_runs import ScenarioRuns
from flanksim.measure.statistics import FEWEST_FOR_NINE_IN_TEN, summed
from flanksim.metrics.journey import unit_of
from flanksim.metrics.metric import Metric, OneRun
from flanksim.movements import MovementLog
from flanksim.scenario.naming import readable
from flanksim.scenario.schema import Scenario
from flanksim.units import C_DAY, HOURS_PER_DAY

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def bottlenecks(
    before: Mapping[str, float],
    after: Mapping[str, float] | None = None,
    title: str = "What holds the force up",
    note: str = "",
    most: int = 12,
    *,
    names: tuple[str, str] = ("before", "after"),
    spans: Mapping[str, tuple[float, float]] | None = None,
    deadline_days: float | None = None,
) -> Axes:
    """Draw the causes of the critical path, longest first (of both, where there are two).

    Parameters
    ----------
    before, after
        Cause to days on the critical path; with `after` the first is grey, the second in colour.
    names
        What the two are called.
    spans
        Low and high of each cause, where there are replications; drawn without `after` only.
    deadline_days
        C-day by which the force should be closed, for the line above the bars.

    Returns
    -------
    matplotlib.axes.Axes
        Days across, causes down.
    """
    largest = {name: max(before.get(name, 0.0), (after or {}).get(name, 0.0)) for name in {*before, *(after or {})}}
    causes = sorted(largest, key=lambda name: (-largest[name], name))[:most]
    left = len(largest) - len(causes)
    figure, axes = new_axes(8.6, 1.5 + (0.4 if after is not None else 0.3) * max(3, len(causes)))
    arms = [
        (before, MAIN if after is None else BASELINE, 0.66 if after is None else 0.36, 0.0 if after is None else 0.18)
    ]
    if after is not None:
        arms.append((after, MAIN, 0.36, -0.18))
    for values, colour, height, shift in arms:
        for row, name in enumerate(reversed(causes)):
            _bar(
                axes,
                values.get(name, 0.0),
                row + shift,
                height,
                colour,
                None if after or not spans else spans.get(name),
            )
    axes.set_yticks(range(len(causes)), [shortened(name) for name in reversed(causes)], fontsize=8.5)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("days on the critical path", fontsize=9)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlim(
        0, 1.12 * max([1e-9, *before.values(), *(after or {}).values(), *(b for _, b in (spans or {}).values())])
    )
    axes.set_ylim(-0.6, max(1, len(causes)) - 0.4)
    _head(axes, title, before, after, names, deadline_days)
    less = f"{left} smaller causes are left out · " if left else ""
    caption(
        figure, less + (note or "the pieces of the path sum to the closure; a share is not the value of one unit more")
    )
    return axes


def _bar(axes: Axes, value: float, row: float, height: float, colour: str, span: tuple[float, float] | None) -> None:
    axes.barh(row, value, height=height, color=colour, linewidth=0)
    end = value
    if span is not None and span[0] == span[0]:
        low, high = max(0.0, span[0]), span[1]
        axes.plot([low, high], [row, row], color=INK, linewidth=1.0, solid_capstyle="butt", label="interval")
        end = max(value, high)
    axes.annotate(
        f"{value:.1f}", (end, row), xytext=(4, 0), textcoords="offset points", fontsize=8, color=INK, va="center"
    )


def _head(
    axes: Axes,
    title: str,
    before: Mapping[str, float],
    after: Mapping[str, float] | None,
    names: tuple[str, str],
    deadline_days: float | None,
) -> None:
    """Title, and under it what the bars sum to, beside what the deadline allows."""
    from matplotlib.transforms import blended_transform_factory

    axes.set_title(title, loc="left", fontsize=12, color=INK, pad=22, x=0.0)
    said = [(f"{sum(before.values()):.0f} days together", MUTED)]
    if after is not None:
        said = [
            (f"{shortened(names[0], 30)}: {sum(before.values()):.0f} days", MUTED),
            (f"{shortened(names[1], 30)}: {sum(after.values()):.0f} days", MAIN),
        ]
    if deadline_days is not None:
        said.append((f"C+{deadline_days:g} allows {deadline_days + 1:g}", DEADLINE))
    past = None
    # From the left edge of the page, for long names have more room there; the layout need not make any.
    start = blended_transform_factory(axes.figure.transFigure, axes.transAxes)
    for text, colour in said:
        anchor = ((0.012, 1.0), start) if past is None else ((1.0, 0.0), past)
        past = axes.annotate(
            text, anchor[0], xycoords=anchor[1], xytext=(0, 6) if past is None else (14, 0), textcoords="offset points",
            color=colour, fontsize=9, weight="bold", va="bottom", annotation_clip=False,
        )  # fmt: skip
        past.set_in_layout(False)


# ---- of one run ---------------------------------------------------------------------------------


def path_days(scenario: Scenario, outcome: MovementLog) -> dict[str, float]:
    """Days of the critical path of the unit that completes the force, by cause in words; empty if not closed."""
    number = closing_unit(outcome)
    pieces = [] if number is None else critical_path(outcome, number)
    hours = summed((readable(piece.cause, scenario), piece.hours) for piece in pieces)
    return {name: value / HOURS_PER_DAY for name, value in hours.items()}


def table(of: OneRun, seed: int | None = None) -> pd.DataFrame:
    """Causes of the critical path of one run, in days."""
    import pandas as pd

    found = path_days(of.scenario, of.replay(seed))
    return pd.DataFrame({"cause": list(found), "days": list(found.values())})


def draw(of: OneRun, seed: int | None = None, most: int = 12) -> Axes:
    """The bars of `table`."""
    log = of.replay(seed)
    return bottlenecks(
        path_days(of.scenario, log),
        most=most,
        note=f"critical path of {unit_of(of.scenario, log)} · {provenance(log.plan, seed=log.seed)} · with {C_DAY}",
        deadline_days=of.scenario.question.deadline_days,
    )


BOTTLENECKS = Metric("bottlenecks", "causes of the critical path, days", table, draw)


# ---- of many ------------------------------------------------------------------------------------


def table_of_runs(of: ScenarioRuns) -> pd.DataFrame:
    """One row a cause in words: mean days over the runs that closed, where nine runs in ten lie, share of the path.

    The means sum to the mean closure from the start of C-day; percentiles are nan of one run.
    """
    import pandas as pd

    rows = [
        {"cause": cause, "days": part.mean, "days_low": part.runs.p05, "days_high": part.runs.p95, "share": part.share}
        for cause, part in of.cause_days(lambda cause: readable(cause, of.scenario)).items()
    ]
    return pd.DataFrame(rows, columns=["cause", "days", "days_low", "days_high", "share"])


def draw_runs(of: ScenarioRuns, most: int = 12) -> Axes:
    """Bars of `table_of_runs`, with the range of nine runs in ten where there are enough runs for it."""
    rows: list[Any] = list(table_of_runs(of).itertuples(index=False))
    closed = sum(bool(entry.causes_h) for entry in of.replications)
    wide = closed >= FEWEST_FOR_NINE_IN_TEN
    mean = "mean, and 9 runs in 10, of" if wide else "mean of"
    lost = f", {len(of.replications) - closed} not closed" if closed < len(of.replications) else ""
    said = provenance(of.plan, seed=of.seed, runs=closed)
    return bottlenecks(
        {row.cause: row.days for row in rows},
        most=most,
        spans={row.cause: (row.days_low, row.days_high) for row in rows} if wide else None,
        note=f"{mean} {said}{lost} · with {C_DAY}",
        deadline_days=of.scenario.question.deadline_days,
    )


BOTTLENECKS_OF_RUNS = Metric("bottlenecks", "causes of the critical path, days", table_of_runs, draw_runs)


# ---- of alternatives ----------------------------------------------------------------------------


def _mean_days(entry: Alternative) -> dict[str, float]:
    """Mean days of the critical path by cause in words, over the runs that closed, longest first."""
    named = entry.cause_days(lambda cause: readable(cause, entry.scenario))
    return {cause: found.mean for cause, found in named.items()}


def table_of_alternatives(of: AlternativeRuns) -> pd.DataFrame:
    """One row an alternative and cause: mean days over the runs that closed."""
    import pandas as pd

    rows = [
        {"alternative": entry.name, "cause": cause, "days": days}
        for entry in of.alternatives
        for cause, days in _mean_days(entry).items()
    ]
    return pd.DataFrame(rows, columns=["alternative", "cause", "days"])


def draw_alternatives(of: AlternativeRuns, other: str | None = None, most: int = 10) -> Axes:
    """The first alternative, in grey, beside another one (default: the second)."""
    first, second = of.alternatives[0], of.alternatives[1] if other is None else of.at(other)
    return bottlenecks(
        _mean_days(first),
        _mean_days(second),
        "What holds the force up, before and after",
        f"mean over {len(first.replications)} paired runs, seed {of.seed} · "
        f"{first.title} {first.scenario.digest}, {second.title} {second.scenario.digest}",
        most,
        names=(first.title, second.title),
        deadline_days=of.deadline_days,
    )


BOTTLENECKS_OF_ALTERNATIVES = Metric(
    "bottlenecks", "causes of the critical path, by alternative", table_of_alternatives, draw_alternatives
)
