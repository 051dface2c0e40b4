"""What is said of a set of runs and of its difference from another, in a row of a table and as JSON."""

from __future__ import annotations

import math
from typing import Any

from flanksim.measure.replications import Difference, ReplicationSet
from flanksim.measure.statistics import UNKNOWN, Interval, known_or_none

#: Verdict on what the others are compared with.
BASE = "baseline"
#: Names of differences, and what of a `Difference` each is.
_DIFFERENCES = {
    "difference_days": "days",
    "difference_share": "share",
    "difference_delay_days": "delay",
    "difference_troops": "troops",
    "difference_closing_days": "closing",
}

_VERDICTS = ("verdict", "share_verdict", "delay_verdict", "closing_verdict")


def _of_runs(runs: ReplicationSet, deadline_h: float) -> dict[str, Interval]:
    chance = runs.chance_by(deadline_h)
    return {
        "closure_day": runs.closure_day(),
        "p_on_time": Interval(chance.mean, chance.low, chance.high),
        "mobility_delay_days": runs.mobility_delay(),
        "troops_by_deadline": runs.troops_by(deadline_h),
    }


def columns(runs: ReplicationSet, deadline_h: float, difference: Difference | None) -> dict[str, Any]:
    """Columns of a table: an interval is three, ``x``, ``x_low`` and ``x_high``.

    Parameters
    ----------
    deadline_h
        Hour by which runs count as in time.
    difference
        From the runs with which these are compared; None for those themselves.

    Returns
    -------
    dict
        Days are C-day labels, shares and chances 0 to 1, delays days per soldier; nan for what is not known.
    """
    found = _of_runs(runs, deadline_h)
    found |= {name: UNKNOWN if difference is None else getattr(difference, of) for name, of in _DIFFERENCES.items()}
    chance = runs.chance_by(deadline_h)
    row: dict[str, Any] = {}
    for name, interval in found.items():
        row |= {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
    return row | {
        "on_time_share": runs.on_time_share().mean,
        "runs_on_time": chance.hits,
        "runs": chance.runs,
        "unclosed": runs.unclosed(),
        "pairs": 0 if difference is None else difference.pairs,
        "correlation": math.nan if difference is None else difference.correlation,
        "verdict": BASE if difference is None else difference.verdict,
        "share_verdict": BASE if difference is None else difference.share_verdict,
        "delay_verdict": BASE if difference is None else difference.delay_verdict,
        "closing_verdict": BASE if difference is None else difference.closing_verdict,
    }


def as_json(runs: ReplicationSet, deadline_h: float, difference: Difference | None) -> dict[str, Any]:
    """The same for machines: an interval is ``{mean, low, high}``; null for what is not known.

    Parameters
    ----------
    deadline_h, difference
        As in `columns`.
    """
    row = columns(runs, deadline_h, difference)
    content: dict[str, Any] = {name: found.as_json() for name, found in _of_runs(runs, deadline_h).items()}
    for name, of in _DIFFERENCES.items():
        content[name] = None if difference is None else getattr(difference, of).as_json()
    numbers = {name: known_or_none(row[name]) for name in ("on_time_share", "correlation")}
    return (
        content
        | numbers
        | {
            name: row[name]
            for name in ("unclosed", "pairs", "verdict", "share_verdict", "delay_verdict", "closing_verdict")
        }
    )
