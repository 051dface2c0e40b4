"""What all replications of a study say together: closure by group, and what holds the force up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from flanksim.measure.statistics import FEWEST_FOR_AN_INTERVAL, t_interval
from flanksim.scenario.naming import readable
from flanksim.study.metric import Metric, html_table
from flanksim.units import HOURS_PER_DAY

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
    """One row a group: troops, closure day and probability with intervals, share on time, unclosed."""
    import pandas as pd

    rows = []
    for group in study.groups:
        day, chance, share = study.closure_day(group), study.p_on_time(group), study.on_time_share(group)
        rows.append(
            {
                "group": group,
                "troops": study.replications[0].closures[group].troops,
                "closure_day": day.mean,
                "closure_day_low": day.low,
                "closure_day_high": day.high,
                "p_on_time": chance.mean,
                "p_on_time_low": chance.low,
                "p_on_time_high": chance.high,
                "on_time_share": share.mean,
                "unclosed": study.unclosed(group),
            }
        )
    return pd.DataFrame(rows)


def cause_table(study: Study) -> pd.DataFrame:
    """One row a cause in words: mean days over the replications that closed, interval, and share of the path."""
    import pandas as pd

    found: dict[str, list[float]] = {}
    closed = [entry for entry in study.replications if entry.causes_h]
    for place, entry in enumerate(closed):
        for cause, hours in entry.causes_h.items():
            values = found.setdefault(readable(cause, study.scenario), [0.0] * len(closed))
            values[place] += hours / HOURS_PER_DAY
    means = {cause: t_interval(values) for cause, values in found.items()}
    whole = sum(span.mean for span in means.values()) or 1.0
    rows = [
        {"cause": cause, "days": span.mean, "days_low": span.low, "days_high": span.high, "share": span.mean / whole}
        for cause, span in sorted(means.items(), key=lambda item: (-item[1].mean, item[0]))
    ]
    return pd.DataFrame(rows, columns=["cause", "days", "days_low", "days_high", "share"])


def cause_bars(study: Study, most: int = 12) -> Axes:
    """Bars of `cause_table`, with intervals where there are enough runs for them."""
    from flanksim.draw.bottlenecks import bottlenecks
    from flanksim.draw.style import provenance

    rows: list[Any] = list(cause_table(study).itertuples(index=False))
    closed = sum(bool(entry.causes_h) for entry in study.replications)
    wide = closed >= FEWEST_FOR_AN_INTERVAL
    mean = "mean and 95 % interval over" if wide else "mean over"
    lost = f", {len(study.replications) - closed} not closed" if closed < len(study.replications) else ""
    return bottlenecks(
        {row.cause: row.days for row in rows},
        most=most,
        spans={row.cause: (row.days_low, row.days_high) for row in rows} if wide else None,
        note=f"{mean} {provenance(study.plan, seed=study.seed, runs=closed)}{lost}",
        deadline_days=study.scenario.question.deadline_days,
    )


def as_html(study: Study) -> str:
    """A small table for notebooks."""
    rows = []
    for group in study.groups:
        day, chance = study.closure_day(group), study.p_on_time(group)
        rows.append(
            {
                "": "overall" if group == "all" else group,
                "troops": f"{study.replications[0].closures[group].troops:,}",
                "closed on": "not closed"
                if math.isnan(day.mean)
                else f"C+{day.mean:.1f} ({day.low:.1f}-{day.high:.1f})",
                "in time": f"{study.on_time_share(group).mean:.0%}",
                "P(in time)": f"{chance.mean:.2f} ({chance.low:.2f}-{chance.high:.2f})",
            }
        )
    foot = f"{len(study.replications)} runs, seed {study.seed}"
    return html_table(study.scenario.title or study.scenario.name, rows, foot)
