"""What studies say of their runs, computed a second time from ``runs.parquet`` with pandas and scipy alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import norm, t

import flanksim as fs
from flanksim.measure.replications import ReplicationSet


def sets(folder: Path) -> Iterator[tuple[str, ReplicationSet, float]]:
    """Cell, runs and deadline of everything that a study in a folder speaks of."""
    found: Any = fs.open(folder)
    deadline = found.scenario.question.deadline_days
    if hasattr(found, "points"):
        for point in found.points:
            yield point.cell, found.at(point), deadline
    elif hasattr(found, "alternatives"):
        for entry in found.alternatives:
            yield entry.cell, entry, deadline
    else:
        yield found.scenario.digest, found, deadline


def mean_interval(values: pd.Series[float]) -> tuple[float, float, float]:
    """Student's interval of a mean."""
    half = float(t.ppf(0.975, len(values) - 1)) * values.std(ddof=1) / math.sqrt(len(values))
    return values.mean(), values.mean() - half, values.mean() + half


def share_interval(hits: int, runs: int) -> tuple[float, float]:
    """Wilson's: the proportions that the score test at 5 % does not reject, by solving for their ends."""

    def score(proportion: float, side: float) -> float:
        spread = math.sqrt(proportion * (1 - proportion) / runs)
        return hits / runs - proportion - side * float(norm.ppf(0.975)) * spread

    low = 0.0 if hits == 0 else brentq(lambda p: score(p, 1.0), 1e-12, hits / runs - 1e-9, xtol=1e-14)
    high = 1.0 if hits == runs else brentq(lambda p: score(p, -1.0), hits / runs + 1e-9, 1 - 1e-12, xtol=1e-14)
    return low, high


@pytest.mark.parametrize("kind", ["run_folder", "sweep_folder", "compare_folder", "reach_folder"])
def test_days_chances_and_shares_are_those_of_the_saved_runs(kind: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(kind)
    saved = pd.read_parquet(folder / "runs.parquet")
    looked_at = 0
    for cell, runs, deadline in sets(folder):
        rows = saved[saved["cell"] == cell] if "cell" in saved else saved
        assert len(rows) == len(runs.replications) >= 2
        day = runs.closure_day()
        if rows["closure_day"].notna().all():
            assert (day.mean, day.low, day.high) == pytest.approx(mean_interval(rows["closure_day"]), abs=1e-9)
            assert runs.closure_spread().median == pytest.approx(rows["closure_day"].median(), abs=1e-9)
        hits = int((rows["closure_day"] <= deadline + 1e-9).sum())
        chance = runs.p_on_time()
        assert (chance.hits, chance.runs) == (hits, len(rows))
        if not chance.proved_zero:
            assert (chance.low, chance.high) == pytest.approx(share_interval(hits, len(rows)), abs=1e-9)
        assert runs.on_time_share().mean == pytest.approx(rows["on_time_share"].mean(), abs=1e-12)
        hours = rows["cause_hours"].map(sum)
        assert hours.to_numpy() == pytest.approx(24 * (rows["closure_day"] + 1).to_numpy(), abs=1e-6), "from C-day on"
        looked_at += 1
    assert looked_at >= 1
