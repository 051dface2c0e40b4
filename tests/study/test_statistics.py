"""Intervals against published values (V41) and closure against hand counts."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from scipy import stats

from flanksim import run_study
from flanksim.measure.statistics import clopper_pearson, t_interval, wilson
from flanksim.scenario import Scenario
from flanksim.units import available_hour, closure_day, deadline_hour


def test_v41_intervals() -> None:
    assert wilson(27, 30).low == pytest.approx(0.74379, abs=5e-6)
    assert wilson(27, 30).high == pytest.approx(0.96540, abs=5e-6)
    assert clopper_pearson(27, 30).low == pytest.approx(0.73471, abs=5e-6)
    assert clopper_pearson(27, 30).high == pytest.approx(0.97888, abs=5e-6)
    assert clopper_pearson(0, 30, 0.90).high == pytest.approx(0.09503, abs=5e-6)
    assert wilson(0, 30).low == 0.0
    assert wilson(30, 30).high == 1.0


def test_t_interval_is_students() -> None:
    values = [26, 27, 27, 28, 28, 29, 29, 30, 33, 41]
    found = t_interval(values)
    low, high = stats.t.interval(0.95, 9, loc=29.8, scale=stats.sem(values))
    assert (found.mean, found.low, found.high) == pytest.approx((29.8, low, high))


def test_deadlines_end_and_availability_begins() -> None:
    assert deadline_hour(30) == 744.0
    assert available_hour(2) == 48.0
    assert closure_day(744.0) == 30.0


def test_unclosed_runs_are_failures_that_stay_visible(mini: Scenario) -> None:
    cut = mini.model_copy(update={"question": mini.question.model_copy(update={"horizon_days": 12.0})})
    study = run_study(cut, 5, jobs=1)
    assert study.unclosed() == 5
    assert study.p_on_time().mean == 0.0
    assert math.isnan(study.closure_day().mean)
    assert "not closed" in repr(study)


def test_in_place_forces_count_only_when_asked(eastern: Scenario) -> None:
    assert eastern.troops_required == 300_000
    assert all(not unit.in_place for unit in eastern.travelling_units.values())
    assert sum(unit.troops for unit in eastern.in_place_units.values()) > 50_000


def test_a_study_typed_into_standard_input_does_not_hang() -> None:
    script = "import flanksim as fs; print(fs.run_study(fs.load('corridor-mini'), 3, jobs=2))"
    done = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, timeout=60, check=True)
    assert "3 runs" in done.stdout


def test_a_changed_copy_forgets_what_was_derived(mini: Scenario) -> None:
    later = {key: unit.model_copy(update={"ready_day": 9.0}) for key, unit in mini.units.items()}
    copy = mini.model_copy(update={"units": later})
    assert mini.digest != copy.digest
    assert {unit.ready_day for unit in copy.travelling_units.values()} == {9.0}
