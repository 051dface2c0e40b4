"""Groups of units by keys that no name can take, who completes them, and who is late."""

from __future__ import annotations

import math

import pytest

import flanksim as fs
from flanksim.bounds.ladder import ladder
from flanksim.measure.closure import ALL, LAST, TIER_1, closures, completed_by, groups, label, late_hours, plan_key
from flanksim.planning.compile import compile_plan
from flanksim.scenario import Scenario
from flanksim.study.explain import explain
from flanksim.study.run import simulate
from flanksim.text.explanation import as_json as explained
from flanksim.text.explanation import format_text
from flanksim.text.run import answer, as_json
from tests.conftest import tiny

#: Four units on lines of their own, closed after 10, 20, 60 and 100 h; the last is of tier 2.
FOUR = """
question: {{deadline_days: 3, tier_1_deadline_days: 1}}
links:
  l1: {{from_node: a, to_node: b, mode: road, travel_hours: 10, headway_hours: 0}}
  l2: {{from_node: c, to_node: b, mode: road, travel_hours: 20, headway_hours: 0}}
  l3: {{from_node: d, to_node: b, mode: road, travel_hours: 60, headway_hours: 0}}
  l4: {{from_node: e, to_node: b, mode: road, travel_hours: 100, headway_hours: 0}}
units:
  u1: {{home_node: a, assembly_node: b, wheeled: 1, troops: 100, {0}}}
  u2: {{home_node: c, assembly_node: b, wheeled: 1, troops: 200, {1}}}
  u3: {{home_node: d, assembly_node: b, wheeled: 1, troops: 300, {2}}}
  u4: {{home_node: e, assembly_node: b, wheeled: 1, troops: 400, tier: 2}}
"""


def four(*plans: str) -> Scenario:
    return tiny(FOUR.format(*(f"tier: 1, regional_plan: '{name}'" for name in plans)))


@pytest.mark.parametrize("name", ["all", "tier 1", "overall", "last", "plan all", "without a plan", "whole force"])
def test_no_name_of_a_plan_is_taken_for_another_group(name: str, tmp_path: pytest.TempPathFactory) -> None:
    """Overall 1,000 troops after 100 h, tier 1 600 after 60 h, the plan 300 after 20 h, those without one 700."""
    scenario = four(name, name, "")
    run = simulate(scenario, 1)
    found = closures(run.plan, run.outcome.closed_h)
    expected = {
        ALL: (1000, 100.0), TIER_1: (600, 60.0), plan_key(name): (300, 20.0), plan_key(""): (700, 100.0),
    }  # fmt: skip
    assert {key: (entry.troops, entry.hour) for key, entry in found.items()} == expected
    units = {ALL: 3, TIER_1: 2, plan_key(name): 1, plan_key(""): 3, LAST: 3}
    assert completed_by(run.plan, run.outcome.closed_h) == units

    study = fs.run_study(scenario, 2, jobs=1, bounds=True, results=tmp_path)  # type: ignore[arg-type]
    assert study.closure_day().mean == pytest.approx(100 / 24 - 1)
    assert study.closure_day("tier 1").mean == pytest.approx(60 / 24 - 1)
    assert study.closure_day(plan_key(name)).mean == pytest.approx(20 / 24 - 1)
    said = as_json(study)
    assert said["closure_day_median"] == pytest.approx(100 / 24 - 1, abs=1e-6)
    assert said["regional_plans"][name]["closure_day_median"] == pytest.approx(20 / 24 - 1, abs=1e-6)
    assert said["tier_1"]["closure_day_median"] == pytest.approx(60 / 24 - 1, abs=1e-6)
    assert len({*study.runs().columns}) == 5 + 2 * len(expected)
    assert study.bound is not None
    assert {(g.kind, g.name): g.troops for g in study.bound.groups} == {
        ("plan", name): 300, ("plan", ""): 700, ("tier", "tier 1"): 600,
    }  # fmt: skip
    rows = [line.split() for line in answer(study).splitlines() if "%" in line and "C" in line]
    troops = [next(cell for cell in row if cell in ("1,000", "300", "600", "700")) for row in rows[:4]]
    assert troops == ["1,000", "700", "300", "600"]
    assert study.folder is not None
    told = explain(study.folder, jobs=1, tries=0)
    assert {(group["kind"], group["group"]): group["closure_hours"] for group in explained(told)["groups"]} == {
        ("regional plan", name): 20.0, ("regional plan", ""): 100.0, ("last unit", "last"): 100.0,
    }  # fmt: skip
    assert "is closed on C+3.2" in format_text(told)
    assert study.closure.plot() is not None


def test_units_without_a_plan_are_no_group_of_their_own_where_all_are() -> None:
    run = simulate(four("", "", ""), 1)
    assert set(run.closures) == {ALL, TIER_1}
    assert [group.name for group in ladder(four("", "", "")).groups] == ["tier 1"]


def test_a_plan_whose_units_are_all_in_place_is_no_group() -> None:
    text = FOUR.format("regional_plan: p", "regional_plan: p", "regional_plan: home, in_place: yes")
    plan = compile_plan(tiny(text + "forces: {count_in_place: true}\n"))
    assert plan_key("home") not in groups(plan)
    assert plan_key("p") in groups(plan)


def test_two_plans_whose_names_differ_by_a_space_have_columns_of_their_own() -> None:
    study = fs.run_study(four("a b", "a_b", "c"), 1, jobs=1)
    row = study.runs().iloc[0]
    days = sorted(row[name] for name in row.index if name.startswith("closure_day_plan"))
    assert days == pytest.approx(sorted([10 / 24 - 1, 20 / 24 - 1, 60 / 24 - 1, 100 / 24 - 1]))


def test_a_group_that_is_not_there_is_refused_with_those_that_are() -> None:
    study = fs.run_study(four("p", "p", "q"), 1, jobs=1)
    assert study.closure_day("p").mean == study.closure_day("plan p").mean
    with pytest.raises(fs.FlanksimError, match=r"(?s)E129.*'west'.*'all', 'plan ', 'plan p', 'plan q', 'tier 1'"):
        study.closure_day("west")


def test_tier_1_is_told_by_its_own_date_and_by_that_of_the_force() -> None:
    """By the end of C+1 u1 and u2 of tier 1 are there: 300 of 600; by C+3 all of tier 1, and 600 of 1,000."""
    study = fs.run_study(four("p", "p", "p"), 2, jobs=1)
    said = as_json(study)
    assert said["tier_1"]["share_by_day"] == {"1": 0.5, "3": 1.0}
    assert said["tier_1"]["on_time_share"]["mean"] == 0.5
    assert said["share_by_day"] == {"1": 0.3, "3": 0.6}
    assert said["on_time_share"]["mean"] == 0.6
    text = answer(study)
    (row,) = [line.split() for line in text.splitlines() if line.strip().startswith("tier 1 (by C+1)")]
    assert [cell for cell in row if cell.endswith("%")][:2] == ["50%", "100%"]
    head = " ".join(text.split())
    assert "by C+1 by C+3" in head


def test_who_was_never_closed_is_late_to_the_horizon() -> None:
    """Deadline 96 h; u4 is closed after 100 h: 4 h late. If it never is, it is late to the horizon, not lost."""
    scenario = four("p", "p", "p")
    run = simulate(scenario, 1)
    assert late_hours(run.plan, run.outcome.closed_h) == pytest.approx({3: 4.0})
    never = (*run.outcome.closed_h[:3], math.nan)
    assert late_hours(run.plan, never) == pytest.approx({3: run.plan.horizon_h - 96.0})


def test_labels_are_those_of_the_table() -> None:
    assert [label(key) for key in (ALL, TIER_1, LAST, plan_key("north"), plan_key(""))] == [
        "overall", "tier 1", "last unit", "north", "without a plan",
    ]  # fmt: skip


def test_a_deadline_met_exactly_is_met_whatever_sums_of_floats_say() -> None:
    day_3 = sum([96 / 13] * 13)  # hour 96 to a person, a little more to a float
    assert day_3 > 96.0
    plan = compile_plan(four("a", "a", "a"))
    hours = (10.0, 20.0, 60.0, day_3)
    assert closures(plan, hours)[ALL].on_time_share == 1.0
    assert late_hours(plan, hours) == {}
