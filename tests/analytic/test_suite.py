"""The verification suite as users run it, and what happens to it when a capacity is bypassed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from flanksim.engine.resources import Gate, LiftPool, Store
from flanksim.network.graph import net_servers
from flanksim.planning.plan import Workshop
from flanksim.scenario import Scenario, load
from flanksim.scenario.rows import Facility
from flanksim.verification import play
from flanksim.verification.case import Check, batches, published
from flanksim.verification.suite import CASES, as_json, run_case

#: Slow stochastic cases run in `flanksim verify` (CI), not in the default tests.
SLOW = {"V03", "V04", "V05", "V06", "V07", "V09", "V12", "V15", "V33", "V34", "V35", "V38", "V46"}
BY_ID = {case.id: case for case in CASES}
FOLDER = Path(__file__).parents[2] / "scenarios" / "verification"


def status(case: str) -> str:
    play.played.cache_clear()
    try:
        return run_case(BY_ID[case]).status
    except Exception:  # a case that cannot even be read any more is a miss as well
        return "fail"


@pytest.mark.parametrize("case", [case.id for case in CASES if case.run is not None and case.id not in SLOW])
def test_case(case: str) -> None:
    result = run_case(BY_ID[case])
    assert result.status == "pass", [check for check in result.checks if not check.holds]


def test_the_list_is_the_published_one_and_nothing_unbuilt_passes() -> None:
    assert {case.id for case in CASES} == set(published()) | {"V39", "V40", "V47"}
    for case in CASES:
        if case.run is None:
            assert run_case(case).status == "not yet"
    found = as_json([run_case(BY_ID["V21"]), run_case(BY_ID["V43"])])["cases"]
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


def no_gate(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Gate, "enter", lambda self, *_: (self.env.now, None))


def no_yard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Store, "take", lambda *_: None)


def no_fleet(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LiftPool, "request", lambda *_: [0])


def no_calendar(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("flanksim.engine.resources.Calendar.next_open", lambda _, hour: hour)
    patch.setattr("flanksim.engine.resources.Calendar.finish", lambda _, start, work: start + work)


def endless(kind: str, patch: pytest.MonkeyPatch) -> None:
    def counted(scenario: Scenario, facility: Facility) -> float:
        return math.inf if facility.kind == kind else net_servers(scenario, facility)

    patch.setattr("flanksim.network.graph.net_servers", counted)


def no_fitters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("flanksim.planning.resources.Workshop", lambda *values: Workshop(*values[:3], math.inf))


def no_detour(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("flanksim.engine.simulate._Run._goes_round", lambda *_: False)


MUTATIONS = {
    "gate": (no_gate, "V21"),
    "headway at a second gate": (no_gate, "V22"),
    "fleet of ships": (no_fleet, "V24"),
    "fleet of trains": (no_fleet, "V25"),
    "berth": (lambda patch: endless("berth", patch), "V24"),
    "ramp": (lambda patch: endless("rail_terminal", patch), "V25"),
    "stand": (lambda patch: endless("stand", patch), "V36"),
    "lane": (lambda patch: endless("border_road", patch), "V02"),
    "inspection of trains": (lambda patch: endless("border_rail", patch), "V13"),
    "yard": (no_yard, "V15"),
    "opening hours": (no_calendar, "V31"),
    "outage": (no_calendar, "V37"),
    "workshop": (no_fitters, "V10"),
    "detour": (no_detour, "V06"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_bypassed_capacity_fails_a_case(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate, case = MUTATIONS[name]
    mutate(monkeypatch)
    monkeypatch.setattr("flanksim.verification.queues.BATCHES", 6)
    assert status(case) == "fail", f"bypassing the {name} went unseen by {case}"
    monkeypatch.undo()
    play.played.cache_clear()
