"""Works under way, what "by year" means, prerequisites and costs: worked out by hand, and what must not matter."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flanksim import FlanksimError, Scenario, loads
from flanksim.investment.apply import apply, apply_projects
from flanksim.investment.order import project_order
from flanksim.investment.projects import c_day, left_to_pay, stands_by, with_prerequisites, year_of
from flanksim.investment.schedule_table import built
from flanksim.investment.timeline import plan_projects
from flanksim.scenario.spending import Spending
from tests.conftest import OPEN
from tests.investment.conftest import WORLD, effect, project, world
from tests.investment.test_timeline import planned

UNDER_WAY = project("tunnel", 8, 24, ", start_year: 2008, in_service: 2032, spent_share: 0.75")


def test_what_is_under_way_opens_in_its_year_and_only_the_rest_is_paid() -> None:
    """8 bn, three quarters paid; 2 bn over the six years 2026 to 2031. Begun anew it would take to 2050."""
    timeline = planned(world(UNDER_WAY))
    entry = timeline.by_project["tunnel"]
    assert (entry.start, entry.done) == (2008, 2032)
    assert entry.paid == pytest.approx(dict.fromkeys(range(2026, 2032), 1 / 3))
    assert (entry.spent_bn_eur, entry.left_bn_eur) == pytest.approx((6, 2))
    assert timeline.spent_by(2040) == pytest.approx(2)
    assert timeline.done_by(2031) == ()
    assert timeline.done_by(2032) == ("tunnel",)
    assert timeline.under_way_in(2031) == ("tunnel",)
    new = planned(world(project("tunnel", 8, 24)), 2050)
    assert new.by_project["tunnel"].done == 2050


def test_an_empty_purse_delays_payments_not_works_but_no_money_at_all_stops_them() -> None:
    scenario = world(project("tunnel", 80, 24, ", start_year: 2008, in_service: 2032"))
    poor = planned(scenario)
    assert poor.by_project["tunnel"].done == 2032
    assert poor.by_project["tunnel"].paid[2026] == pytest.approx(1.0), "all that there is"
    late = planned(scenario, path={2026: 0.0, 2033: 0.0, 2034: 1.0})
    assert late.by_project["tunnel"].done == 2034, "they go on when money comes"
    nothing = planned(scenario, path={2026: 0.0})
    assert nothing.by_project["tunnel"].done == math.inf
    assert nothing.done_by(2040) == nothing.under_way_in(2040) == ()
    assert apply(scenario, scenario.spending.model_copy(update={"path": {2026: 0.0}}), 2040) == scenario
    paid = planned(world(project("x", 1, 5, ", start_year: 2020, in_service: 2027, spent_share: 1")), path={2026: 0.0})
    assert paid.done_by(2027) == ("x",), "what is paid needs no money"


def test_a_programme_under_way_delivers_what_is_paid_of_the_rest() -> None:
    """2 bn are left over 2026 to 2029, at half a billion a year; by 1 July 2027 three quarters of a billion."""
    begun = ", scalable: yes, start_year: 2020, in_service: 2030, spent_share: 0.5"
    timeline = planned(world(project("p", 4, 9, begun)))
    assert timeline.shares_by(2027) == pytest.approx({"p": 0.375})
    assert timeline.by_project["p"].done == 2030


def test_works_under_way_come_before_the_selection_and_go_on_under_nothing_but_the_selection() -> None:
    scenario = world(project("a", 1, 1) + UNDER_WAY)
    assert project_order(scenario, scenario.spending.model_copy(update={"selection": ("a",)})) == ("tunnel", "a")
    scenario = world(project("a", 1, 1) + project("b", 1, 1) + UNDER_WAY)
    only = scenario.spending.model_copy(update={"selection": ("a",), "only_selection": True})
    assert project_order(scenario, only) == ("tunnel", "a")


def test_no_money_opens_a_project_before_its_earliest_year_or_begins_it_before_its_start() -> None:
    timeline = planned(
        world(project("x", 0.1, 1, ", in_service: 2030-2034") + project("y", 0.2, 2, ", start_year: 2032"))
    )
    assert (timeline.by_project["x"].start, timeline.by_project["x"].done) == (2026, 2030)
    assert (timeline.by_project["y"].start, timeline.by_project["y"].done) == (2032, 2034)
    assert min(timeline.by_project["y"].paid) == 2032, "nothing is set aside before"


def test_opening_is_drawn_from_its_three_years() -> None:
    scenario = world(project("t", 8, 24, ", start_year: 2008, in_service: 2030-2032-2036, spent_share: 0.75"))
    found = [plan_projects(scenario, scenario.spending, 2040, sample=n).by_project["t"].done for n in range(300)]
    assert 2030 <= min(found) < 2031
    assert 2035 < max(found) <= 2036
    assert sum(found) / 300 == pytest.approx((2030 + 2032 + 2036) / 3, abs=5 * (14 / 9 / 300) ** 0.5)


@pytest.mark.parametrize(("key", "begun", "opens"), [("PR37", 2021, 2028), ("PR12", 2008, 2032)])
@pytest.mark.parametrize("share", [0.5, 1.5, 2.5])
def test_shipped_works_open_as_announced(eastern: Scenario, key: str, begun: int, opens: int, share: float) -> None:
    timeline = plan_projects(eastern, Spending(infrastructure_share_pct=share), 2035)
    entry = timeline.by_project[key]
    assert (entry.start, entry.done) == (begun, opens)
    assert sum(entry.paid.values()) <= left_to_pay(eastern, key)[1] + 1e-9 < entry.cost_bn_eur
    assert key in timeline.done_by(opens)
    assert key not in timeline.done_by(opens - 1)


@pytest.mark.parametrize(
    ("done", "year"), [(2030.0, 2030), (2030.25, 2030), (2030.5, 2030), (2030.51, 2031), (2031.0, 2031)]
)
def test_by_a_year_is_on_1_july_of_it(done: float, year: int) -> None:
    """One project that ends on `done`: timeline, network, money and report say the same first year."""
    scenario = world(project("x", 1, done - 2026))
    rich = scenario.spending.model_copy(update={"mobility_fraction": 1.0})
    timeline = plan_projects(scenario, rich, 2035)
    assert timeline.by_project["x"].done == pytest.approx(done)
    assert year_of(done) == year == stands_by(scenario, ["x"])
    for when in (year - 1, year):
        there = when == year
        assert timeline.done_by(when) == (("x",) if there else ())
        assert (apply(scenario, rich, when).digest != scenario.digest) == there
        (row,) = built(scenario, rich, when)["projects"]
        assert (row["done"] is not None, row["share"] == 1.0) == (there, there)
        assert built(scenario, rich, when)["spent_bn_eur"] == pytest.approx(row["paid_bn_eur"])
        assert row["paid_bn_eur"] == pytest.approx(timeline.by_project["x"].paid_at(c_day(when)))


def test_prerequisites_are_built_with_a_project_once() -> None:
    scenario = world(project("a", 1, 2) + project("b", 2, 3, ", prerequisites: a") + project("c", 1, 1))
    assert with_prerequisites(scenario, ["b", "a", "b"]) == ("a", "b")
    assert apply_projects(scenario, ["b"]).links["line"].capacity_typical == 48 * 4
    assert apply_projects(scenario, ["b", "b"]) == apply_projects(scenario, ["a", "b"])
    assert stands_by(scenario, ["b"]) == 2031
    assert stands_by(scenario, ["c", "b"]) == 2031
    assert stands_by(scenario, ["c"]) == 2027


def test_what_excludes_each_other_is_not_built_together() -> None:
    scenario = world(project("x", 1, 1) + project("y", 2, 1, ", exclusions: x"))
    with pytest.raises(FlanksimError, match=r"(?s)E217.*y \(y\) is not built beside x \(x\)"):
        apply_projects(scenario, ["x", "y"])


def test_a_circle_a_missing_prerequisite_and_a_missing_row_are_named_even_in_a_copy() -> None:
    """A scenario that was changed in Python has not been checked again."""
    scenario = world(project("x", 1, 1) + project("y", 1, 1, ", prerequisites: x"))
    ring = scenario.projects["x"].model_copy(update={"prerequisites": ("y",)})
    round_ = scenario.model_copy(update={"projects": scenario.projects | {"x": ring}})
    lost = scenario.model_copy(
        update={"projects": scenario.projects | {"x": ring.model_copy(update={"prerequisites": ("z",)})}}
    )
    bare = scenario.model_copy(
        update={"effects": {"e": scenario.effects["ex"].model_copy(update={"targets": ("gone",)})}}
    )
    for wrong, code in ((round_, "E214"), (lost, "E216"), (bare, "E211")):
        with pytest.raises(FlanksimError, match=code):
            apply_projects(wrong, ["x"])
        with pytest.raises(FlanksimError, match=code):
            apply(wrong, Spending.model_validate(wrong.spending.model_dump()), 2035)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("in_service: 2030s", "remarks belong in note"),
        ("in_service: 2030-2028", "the years of 2030-2028 do not rise"),
        ("start_year: 2020, in_service: 2018", "before work begins"),
        ("spent_share: 0.5", "no year says when work begins"),
        ("committed: yes", "no year says when work begins"),
        ("start_year: 2020, spent_share: 1.5", "give a number from 0 to 1"),
        ("start_year: 2020, prerequisites: other", "which must be done before"),
    ],
)
def test_what_a_project_says_of_its_start_must_agree(extra: str, said: str) -> None:
    rows = project("x", 1, 1, f", {extra}") + project("other", 1, 1)
    effects = "".join(
        effect(f"e{key}", key, "table: links, targets: line, attribute: capacity, operation: scale, typical: 2")
        for key in ("x", "other")
    )
    with pytest.raises(FlanksimError) as caught:
        loads(f"{OPEN}{WORLD}projects:\n{rows}effects:\n{effects}")
    assert len(caught.value.problems) == 1, caught.value
    assert said in " ".join(str(caught.value).split())


@settings(max_examples=20, deadline=None)  # each a new order of every row
@given(st.randoms(use_true_random=False), st.integers(2026, 2040))
@pytest.mark.slow
def test_the_order_of_the_table_does_not_matter(eastern: Scenario, chance, year: int) -> None:  # type: ignore[no-untyped-def]
    names, rows = list(eastern.projects), list(eastern.effects)
    chance.shuffle(names)
    chance.shuffle(rows)
    mixed = eastern.model_copy(
        update={
            "projects": {key: eastern.projects[key] for key in names},
            "effects": {key: eastern.effects[key] for key in rows},
        }
    )
    one, two = plan_projects(eastern, Spending(), year), plan_projects(mixed, Spending(), year)
    assert one == two
    assert apply(eastern, Spending(), year) == apply(mixed, Spending(), year)
    some = names[:4]
    assert apply_projects(mixed, some).digest == apply_projects(eastern, sorted(some)).digest
    assert stands_by(mixed, some) == stands_by(eastern, sorted(some))
