"""Timelines worked out by hand, and the laws that any spending must keep."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flanksim import FlanksimError, Scenario
from flanksim.investment.order import project_order
from flanksim.investment.projects import works
from flanksim.investment.timeline import Timeline, plan_projects
from flanksim.scenario.spending import Spending
from tests.investment.conftest import project, world


def planned(scenario: Scenario, until: int = 2040, **changes: Any) -> Timeline:
    spending = Spending.model_validate({**scenario.spending.model_dump(), **changes})
    return plan_projects(scenario, spending, until)


def dates(timeline: Timeline) -> dict[str, tuple[float, float]]:
    return {entry.project_id: (entry.start, entry.done) for entry in timeline.schedules}


def test_four_projects_by_hand(four: Scenario) -> None:
    """1 bn a year down the list a, b, c, d; instalments 0.5, 0.6, 0.5, 0.5."""
    timeline = planned(four, selection=["a", "b", "c", "d"])
    paid = {entry.project_id: dict(entry.paid) for entry in timeline.schedules}
    assert paid == {
        "a": pytest.approx({2026: 0.5}),
        "b": pytest.approx({2026: 0.5, 2027: 0.6, 2028: 0.1}),
        "c": pytest.approx({2027: 0.4, 2028: 0.5, 2029: 0.1}),
        "d": pytest.approx({2028: 0.4, 2029: 0.5, 2030: 0.5, 2031: 0.5, 2032: 0.1}),
    }
    assert dates(timeline) == {
        "a": pytest.approx((2026, 2027)),
        "b": pytest.approx((2026, 2028 + 1 / 6)),
        "c": pytest.approx((2027, 2029.2)),
        "d": pytest.approx((2028, 2032.2)),
    }
    assert timeline.done_by(2027) == ("a",)
    assert timeline.done_by(2028) == ("a", "b")
    assert timeline.under_way_in(2028) == ("c", "d")
    assert timeline.spent_by(2027) == pytest.approx(1.0 + 0.3 + 0.25)
    assert timeline.spent_by(2040) == pytest.approx(4.7)
    assert [entry.project_id for entry in timeline.schedules] == ["a", "b", "c", "d"]
    assert dict(timeline.schedules[2].paid_by) == pytest.approx({"AAA": 1.0})


def test_money_cannot_shorten_the_build_time(four: Scenario) -> None:
    rich = planned(four, mobility_fraction=1.0)
    assert dates(rich) == {
        "a": (2026, 2027),
        "b": (2026, 2028),
        "c": (2027, 2029),  # it waits for a; its money of 2026 is set aside
        "d": (2026, 2030),
    }
    assert rich.by_project["c"].paid == {2026: 0.5, 2027: 0.5}


def test_the_default_list_is_what_brings_most_for_a_euro_with_prerequisites_before(four: Scenario) -> None:
    """Nothing known: what opens first comes first. c brings 6 days for 1.5 bn, a included; d 5 for 2; b 2 for 1.2."""
    assert project_order(four, four.spending) == ("a", "b", "c", "d")
    known = {"b": 2.0, "c": 6.0, "d": 5.0}
    rows = {key: row.model_copy(update={"benefit": known.get(key, 0.0)}) for key, row in four.projects.items()}
    assert project_order(four.model_copy(update={"projects": rows}), four.spending) == ("a", "c", "d", "b")
    chosen = four.spending.model_copy(update={"selection": ("c",), "only_selection": True})
    assert project_order(four, chosen) == ("a", "c")


def test_the_first_of_two_that_exclude_each_other_is_built_and_what_needs_the_other_is_not() -> None:
    scenario = world(
        project("x", 1, 1) + project("y", 2, 1, ", exclusions: x") + project("z", 3, 1, ", prerequisites: y")
    )
    assert project_order(scenario, scenario.spending) == ("x",)
    assert project_order(scenario, scenario.spending.model_copy(update={"selection": ("y",)})) == ("y", "z")


def test_one_project_at_a_time_in_a_country() -> None:
    scenario = world(
        project("x", 0.1, 2, ", benefit: 1")
        + project("y", 0.2, 1, ", benefit: 1")
        + project("z", 0.3, 1, countries="BBB")
    )
    assert dates(planned(scenario, max_projects_per_nation=1)) == {
        "x": (2026, 2028),
        "y": (2028, 2029),
        "z": (2026, 2027),
    }
    assert dates(planned(scenario, max_projects_per_nation=2))["y"] == (2026, 2027)


def test_one_project_takes_at_most_its_part_of_the_purse() -> None:
    scenario = world(project("x", 1, 1))
    timeline = planned(scenario, max_project_share=0.4, carry_over_years=0)
    assert timeline.by_project["x"].paid == pytest.approx({2026: 0.4, 2027: 0.4, 2028: 0.2})
    assert dates(timeline)["x"] == pytest.approx((2026, 2028.2))


@pytest.mark.parametrize(("years", "total"), [(0, 0.5), (0.25, 0.75), (1, 1.0)])
def test_unspent_money_is_kept_up_to_its_limit(years: float, total: float) -> None:
    """Money in 2026 alone; the project takes half of it a year."""
    scenario = world(project("x", 2, 4))
    timeline = planned(scenario, path={2026: 1.0, 2027: 0.0}, carry_over_years=years)
    assert sum(timeline.by_project["x"].paid.values()) == pytest.approx(total)
    assert timeline.done_by(2040) == ()


def test_each_payer_pays_its_part_from_its_own_purse_and_one_pool_all() -> None:
    """AAA has 1 bn a year, BBB 0.5; half of a project of 2 bn each."""
    scenario = world(project("x", 2, 1, ", payer_shares: 'AAA:0.5;BBB:0.5'", countries="AAA;BBB"))
    national = planned(scenario)
    assert national.by_project["x"].by_payer == {
        "AAA": pytest.approx({2026: 1.0}),
        "BBB": pytest.approx({2026: 0.5, 2027: 0.5}),
    }
    assert national.by_project["x"].paid == pytest.approx({2026: 1.5, 2027: 0.5})
    assert dates(national)["x"] == pytest.approx((2026, 2027.5)), "half of the cost does not carry it alone"
    assert planned(scenario, purse="pooled").by_project["x"].paid == pytest.approx({2026: 1.5, 2027: 0.5})


def test_members_pay_an_eu_programme_by_what_they_have() -> None:
    union = (
        "economies:\n"
        "  AAA: {name: A, gdp_2025_bn_eur: 1000, infrastructure_share_2025_typical_pct: 1, "
        "groups: EU}\n"
        "  BBB: {name: B, gdp_2025_bn_eur: 500, infrastructure_share_2025_typical_pct: 1, "
        "groups: EU}\n"
        "  CCC: {name: C, gdp_2025_bn_eur: 500, infrastructure_share_2025_typical_pct: 1}\n"
    )
    from tests.investment.conftest import WORLD

    head = WORLD[: WORLD.index("economies:")] + union + WORLD[WORLD.index("links:") :]
    scenario = world(project("o", 0.5, 1, countries="BBB") + project("x", 0.6, 1, countries="EU"), head=head)
    timeline = planned(scenario, 2026)
    assert timeline.by_project["o"].paid_by == pytest.approx({"BBB": 0.5})
    assert timeline.by_project["x"].paid_by == pytest.approx({"AAA": 0.6})


def test_core_money_pays_lift_alone() -> None:
    scenario = world(project("x", 1, 1) + project("ships", 1, 1, ", purse: core"))
    without = planned(scenario)
    assert dates(without)["ships"][1] == float("inf")
    lifted = planned(scenario, path="linear", infrastructure_share_pct=0, core_lift_share_pct=0.1)
    assert lifted.done_by(2030) == ("ships",)


def test_a_programme_delivers_what_is_paid_and_a_project_only_the_whole() -> None:
    scenario = world(project("p", 4, 2.5, ", scalable: yes"))
    timeline = planned(scenario)
    assert timeline.shares_by(2027) == pytest.approx({"p": (1.0 + 0.5 * 1.6) / 4})  # half a year at full pace
    assert timeline.done_by(2029) == ()
    assert timeline.done_by(2030) == ("p",)
    assert planned(world(project("p", 4, 2.5))).shares_by(2027) == {}


def test_a_shorter_look_ahead_says_the_same(eastern: Scenario) -> None:
    long = plan_projects(eastern, Spending(), 2040)
    for year in (2026, 2029, 2033):
        short = plan_projects(eastern, Spending(), year)
        assert short.shares_by(year) == long.shares_by(year)
        assert short.spent_by(year) == pytest.approx(long.spent_by(year), abs=1e-12)
    with pytest.raises(ValueError, match="ends in 2040"):
        long.done_by(2041)


def test_draws_belong_to_their_project(four: Scenario, eastern: Scenario) -> None:
    first = {e.project_id: e.cost_bn_eur for e in plan_projects(eastern, Spending(), 2030, sample=7).schedules}
    again = {e.project_id: e.cost_bn_eur for e in plan_projects(eastern, Spending(), 2030, sample=7).schedules}
    other = {e.project_id: e.cost_bn_eur for e in plan_projects(eastern, Spending(), 2030, sample=8).schedules}
    assert first == again
    assert first != other
    fewer = eastern.model_copy(
        update={"projects": {key: row for key, row in eastern.projects.items() if key != "PR03"}}
    )
    rest = {e.project_id: e.cost_bn_eur for e in plan_projects(fewer, Spending(), 2030, sample=7).schedules}
    assert rest == {key: cost for key, cost in first.items() if key != "PR03"}
    for key, cost in first.items():
        row = eastern.projects[key]
        low, high = (row.overrun_low, row.overrun_high) if row.overrun_typical else (1.0, 2.0)
        assert row.cost_low_bn_eur * (low or 0) - 1e-9 <= cost <= row.cost_high_bn_eur * (high or 0) + 1e-9
    assert dates(plan_projects(four, four.spending, 2040, sample=3)) == dates(plan_projects(four, four.spending, 2040))


def test_drawn_costs_have_the_mean_of_their_triangles(eastern: Scenario) -> None:
    """Mean of a product of independent triangles; 1,500 draws, within five standard errors."""
    row = eastern.projects["PR03"]
    costs = [works(eastern, "PR03", 2025, seed).cost_bn_eur for seed in range(1500)]
    a, m, b = row.cost_low_bn_eur, row.cost_typical_bn_eur, row.cost_high_bn_eur
    mean, overrun = (a + m + b) / 3, (0.8 + 1.3 + 2) / 3
    spread = (a * a + m * m + b * b - a * m - a * b - m * b) / 18
    wide = (0.64 + 1.69 + 4 - 1.04 - 1.6 - 2.6) / 18
    variance = (spread + mean**2) * (wide + overrun**2) - (mean * overrun) ** 2
    assert sum(costs) / 1500 == pytest.approx(mean * overrun, abs=5 * (variance / 1500) ** 0.5)


def test_an_unknown_project_in_the_selection_is_named(four: Scenario) -> None:
    with pytest.raises(FlanksimError, match="unknown project 'e'"):
        planned(four, selection=["e"])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Scenario, dict[str, Any], dict[int, float], dict[int, float]]:
    """Projects with random costs, floors, countries and prerequisites; two paths, one nowhere below the other."""
    count = draw(st.integers(2, 7))
    text = ""
    for number in range(count):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=2)) if number else set()
        extra = f", prerequisites: '{';'.join(f'p{n}' for n in sorted(needs))}'" if needs else ""
        extra += ", scalable: yes" if draw(st.booleans()) else ""
        cost, years = draw(st.integers(1, 60)) / 10, draw(st.sampled_from([0.5, 1, 1.5, 2, 3, 5]))
        text += project(f"p{number}", cost, years, extra, draw(st.sampled_from(["AAA", "BBB", "AAA;BBB"])))
    rules = {
        "selection": draw(st.permutations([f"p{n}" for n in range(count)])),
        "max_project_share": draw(st.sampled_from([0.2, 0.5, 1.0])),
        "max_projects_per_nation": draw(st.integers(1, 4)),
        "carry_over_years": draw(st.sampled_from([0, 0.5, 1, 3])),
    }
    less = {year: draw(st.integers(0, 20)) / 10 for year in range(2026, 2036)}
    more = {year: share + draw(st.integers(0, 10)) / 10 for year, share in less.items()}
    return world(text), rules, less, more


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_more_money_in_one_purse_delays_no_project(
    case: tuple[Scenario, dict[str, Any], dict[int, float], dict[int, float]],
) -> None:
    scenario, rules, less, more = case
    poor = planned(scenario, 2036, purse="pooled", path=less, **rules)
    rich = planned(scenario, 2036, purse="pooled", path=more, **rules)
    for key, entry in poor.by_project.items():
        assert rich.by_project[key].start <= entry.start + 1e-6
        assert rich.by_project[key].done <= entry.done + 1e-6
    for year in range(2026, 2037):
        assert rich.spent_by(year) >= poor.spent_by(year) - 1e-9
        shares = rich.shares_by(year)
        assert all(shares.get(key, 0.0) >= share - 1e-6 for key, share in poor.shares_by(year).items())
