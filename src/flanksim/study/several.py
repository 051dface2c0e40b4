"""What all replications of a study say together: closure by group, and what holds the force up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flanksim.measure.closure import label
from flanksim.measure.statistics import FEWEST_FOR_NINE_IN_TEN
from flanksim.metrics.metric import Metric, html_table
from flanksim.scenario.naming import readable
from flanksim.study.phrases import C_DAY, closed_on
from flanksim.units import closure_day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from flanksim.study.study import Study


def closure(study: Study) -> Metric:
    """Closure by group; the figure is the closure curve."""

    def table() -> pd.DataFrame:
        return closure_table(study)

    def draw() -> Axes:
        from flanksim.draw.closure import closure_curve

        return closure_curve(
            study.plan,
            [entry.closed_h for entry in study.replications],
            title=study.scenario.title or study.scenario.name,
            seed=study.seed,
            order=study.scenario.regional_plans,
        )

    return Metric("closure", table, draw, "closure day, probability and share on time by group")


def bottlenecks(study: Study) -> Metric:
    """Causes of the critical path."""

    def table() -> pd.DataFrame:
        return cause_table(study)

    def draw(most: int = 12) -> Axes:
        return cause_bars(study, most)

    return Metric("bottlenecks", table, draw, "causes of the critical path, days")


def closure_table(study: Study) -> pd.DataFrame:
    """One row a group: troops, closure day (mean, median, percentiles), chance, share on time, unclosed.

    Column ``group`` is the key of `flanksim.measure.closure`: a regional plan's begins with ``plan``.
    """
    import pandas as pd

    rows = []
    for group in study.groups:
        day, chance, share = study.closure_day(group), study.p_on_time(group), study.on_time_share(group)
        when = study.closure_spread(group)
        rows.append(
            {
                "group": group,
                "troops": study.parts[group].troops,
                "closure_day": day.mean,
                "closure_day_low": day.low,
                "closure_day_high": day.high,
                "closure_day_median": when.median,
                "closure_day_p05": when.p05,
                "closure_day_p95": when.p95,
                "p_on_time": chance.mean,
                "p_on_time_low": chance.low,
                "p_on_time_high": chance.high,
                "proved_zero": chance.proved_zero,
                "on_time_share": share.mean,
                "unclosed": study.unclosed(group),
            }
        )
    return pd.DataFrame(rows)


def cause_table(study: Study) -> pd.DataFrame:
    """One row a cause in words: mean days over the runs that closed, where nine runs in ten lie, share of the path.

    The means sum to the mean closure from the start of C-day; percentiles are nan of one run.
    """
    import pandas as pd

    rows = [
        {"cause": cause, "days": part.mean, "days_low": part.runs.p05, "days_high": part.runs.p95, "share": part.share}
        for cause, part in study.cause_days(lambda cause: readable(cause, study.scenario)).items()
    ]
    return pd.DataFrame(rows, columns=["cause", "days", "days_low", "days_high", "share"])


def cause_bars(study: Study, most: int = 12) -> Axes:
    """Bars of `cause_table`, with the range of nine runs in ten where there are enough runs for it."""
    from flanksim.draw.bottlenecks import bottlenecks
    from flanksim.draw.style import provenance

    rows: list[Any] = list(cause_table(study).itertuples(index=False))
    closed = sum(bool(entry.causes_h) for entry in study.replications)
    wide = closed >= FEWEST_FOR_NINE_IN_TEN
    mean = "mean, and 9 runs in 10, of" if wide else "mean of"
    lost = f", {len(study.replications) - closed} not closed" if closed < len(study.replications) else ""
    said = provenance(study.plan, seed=study.seed, runs=closed)
    return bottlenecks(
        {row.cause: row.days for row in rows},
        most=most,
        spans={row.cause: (row.days_low, row.days_high) for row in rows} if wide else None,
        note=f"{mean} {said}{lost} · with {C_DAY}",
        deadline_days=study.scenario.question.deadline_days,
    )


def as_html(study: Study) -> str:
    """A small table for notebooks."""
    rows = [
        {
            "": label(group),
            "troops": f"{study.parts[group].troops:,}",
            "closed on (median)": closed_on(study.closure_spread(group)),
            "closed by": f"C+{closure_day(study.parts[group].deadline_h):g}: {study.on_time_share(group).mean:.0%}",
            "in time": study.p_on_time(group).words(),
        }
        for group in study.groups
    ]
    foot = f"{len(study.replications)} runs, seed {study.seed}"
    return html_table(study.scenario.title or study.scenario.name, rows, foot)
