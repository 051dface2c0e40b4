"""The shipped scenarios give the figures on record: who changes them says so under **Results**."""

from __future__ import annotations

import json
import os

import pytest

from tests.golden.figures import FILE, cases, figures

KNOWN = json.loads(FILE.read_text(encoding="utf-8"))


def test_every_shipped_scenario_is_on_record() -> None:
    assert sorted(KNOWN) == sorted(cases())


#: Cases that run with the slow tests; ``FLANKSIM_GOLDEN=all`` runs every one.
SLOW = (
    cases() if os.environ.get("FLANKSIM_GOLDEN") == "all" else ["eastern-flank", "eastern-flank planned", "plan-south"]
)


@pytest.mark.parametrize(
    "case", ["corridor-mini", *(pytest.param(c, marks=pytest.mark.slow) for c in SLOW if c != "corridor-mini")]
)
def test_the_figures_are_those_on_record(case: str) -> None:
    found = figures(case)
    assert found["movements"] == KNOWN[case]["movements"]
    assert found["closure_days"] == pytest.approx(KNOWN[case]["closure_days"], abs=1e-9, nan_ok=True)
    assert found["bound_days"] == {
        name: None if day is None else pytest.approx(day, abs=1e-4) for name, day in KNOWN[case]["bound_days"].items()
    }
