"""The verification suite as users run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flanksim.scenario import load
from flanksim.verification.case import Case, Check, batches, published
from flanksim.verification.suite import CASES, as_json, run_case

#: Slow stochastic cases run in `flanksim verify` (CI), not in the default tests.
SLOW = {"V03", "V04", "V05", "V06", "V07", "V09", "V12", "V15", "V33", "V34", "V35", "V38", "V46", "V51"}
BY_ID = {case.id: case for case in CASES}
FOLDER = Path(__file__).parents[2] / "scenarios" / "verification"


@pytest.mark.parametrize("case", [case.id for case in CASES if case.id not in SLOW])
def test_case(case: str) -> None:
    result = run_case(BY_ID[case])
    assert result.status == "pass", [check for check in result.checks if not check.holds]


def test_the_list_is_the_published_one_and_nothing_unbuilt_passes() -> None:
    assert {case.id for case in CASES} == set(published()) | {"V39", "V40", "V47", "V48", "V49", "V50", "V51"}
    assert all(case.run is not None for case in CASES)
    found = as_json([run_case(BY_ID["V21"]), run_case(Case("V99", "a case that nobody has built", None))])["cases"]
    assert [entry["status"] for entry in found] == ["pass", "not yet"]
    assert set(found[0]) >= {"id", "title", "expected", "got", "tolerance", "status"}
    json.dumps(found)


def test_an_imprecise_measurement_does_not_pass() -> None:
    assert not batches("x", 1.0, [0.0, 2.0, 0.0, 2.0], 0.05).holds
    assert batches("x", 1.0, [0.99, 1.01] * 20, 0.05).holds
    assert not Check("x", 1.0, 1.1, 0.05).holds


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_micro_scenarios_are_short_and_load(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 20
    assert load(path).name == path.stem
