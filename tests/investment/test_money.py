"""Budgets against closed forms computed by hand and from the plain table."""

from __future__ import annotations

import csv

import pytest

from flanksim import FlanksimError, Scenario
from flanksim.investment.money import budgets, mobility_fraction, share_pct
from flanksim.scenario import shipped
from flanksim.scenario.spending import Spending
from tests.investment.conftest import WORLD, project, world


def test_linear_ramp_sums_to_the_closed_form(eastern: Scenario) -> None:
    """Ten years from s0 to s1 sum to 10 s0 + 5.5 (s1 - s0), for each ally; its fraction, and of that 0.4 is new."""
    spending = Spending(infrastructure_share_pct=1.5)
    found = budgets(eastern, spending, 2035)
    with (shipped() / "europe" / "economies.csv").open(encoding="utf-8") as stream:
        table = [row for row in csv.DictReader(stream) if row["iso3"] not in ("USA", "CAN", "ISL")]
    expected = 0.0
    for row in table:
        today = float(row["infrastructure_share_2025_typical_pct"])
        part = 0.4 * float(row["mobility_fraction_typical"])
        expected += float(row["gdp_2025_bn_eur"]) / 100 * part * (10 * today + 5.5 * (1.5 - today))
    assert found.infrastructure.sum() == pytest.approx(expected, rel=1e-12)
    assert found.years == tuple(range(2026, 2036))
    assert set(found.allies) == {row["iso3"] for row in table}
    assert found.core.sum() == 0.0


def test_one_ally_by_hand() -> None:
    scenario = world(project("a", 1, 1))
    found = budgets(scenario, scenario.spending, 2027)
    assert found.rows()[0] == {
        "year": 2026,
        "ally": "AAA",
        "infrastructure_bn_eur": pytest.approx(1.0),
        "core_bn_eur": 0.0,
    }
    grown = budgets(scenario, scenario.spending.model_copy(update={"growth_pct": 10, "core_lift_share_pct": 0.1}), 2027)
    assert grown.infrastructure[:, 0] == pytest.approx([1.1, 1.21])
    assert grown.core[:, 1] == pytest.approx([0.55, 0.605])


@pytest.mark.parametrize("path", ["linear", {2026: 0.0}, {2035: 0.0}])
def test_no_share_is_no_money_at_all(eastern: Scenario, path: object) -> None:
    spending = Spending.model_validate({"infrastructure_share_pct": 0, "path": path})
    assert not budgets(eastern, spending, 2045).infrastructure.any()


def test_shares_rise_by_the_path_and_fall_at_once() -> None:
    assert [share_pct(Spending(), 0.5, year) for year in (2025, 2026, 2035, 2040)] == pytest.approx(
        [0.5, 0.6, 1.5, 1.5]
    )
    assert share_pct(Spending(infrastructure_share_pct=0.2), 0.5, 2026) == pytest.approx(0.2)
    assert share_pct(Spending(path="today"), 0.5, 2035) == pytest.approx(0.5)
    table = Spending(path={2027: 1.0, 2029: 2.0, 2030: 0.5})
    years = (2026, 2027, 2028, 2029, 2030, 2031)
    assert [share_pct(table, 0.5, year) for year in years] == pytest.approx([0.75, 1.0, 1.5, 2.0, 0.5, 0.5])


def test_mobility_fraction_is_stated_or_the_ally_s_or_the_parameter(eastern: Scenario) -> None:
    assert [mobility_fraction(eastern, Spending(), ally) for ally in ("POL", "DEU", "FRA")] == [0.12, 0.06, 0.02]
    rows = [row for row in eastern.economies.values() if row.pays_for_projects]
    mean = sum(row.gdp_2025_bn_eur * (row.mobility_fraction_typical or 0) for row in rows)
    assert mobility_fraction(eastern, Spending()) == pytest.approx(mean / sum(row.gdp_2025_bn_eur for row in rows))
    assert mobility_fraction(world(project("a", 1, 1)), Spending(), "AAA") == 0.12


def test_a_stated_fraction_is_the_mean_and_keeps_the_classes_of_allies(eastern: Scenario) -> None:
    own = mobility_fraction(eastern, Spending())
    same = budgets(eastern, Spending(mobility_fraction=own), 2035).infrastructure
    assert same == pytest.approx(budgets(eastern, Spending(), 2035).infrastructure, rel=1e-12)
    twice = [mobility_fraction(eastern, Spending(mobility_fraction=2 * own), ally) for ally in ("POL", "DEU", "FRA")]
    assert twice == pytest.approx([0.24, 0.12, 0.04])
    assert mobility_fraction(eastern, Spending(mobility_fraction=0.9), "POL") == 1.0
    assert mobility_fraction(eastern, Spending(mobility_fraction=0.25)) == pytest.approx(0.25)
    quarter = budgets(eastern, Spending(mobility_fraction=0.25), 2030).infrastructure.sum()
    assert quarter / budgets(eastern, Spending(mobility_fraction=0.05), 2030).infrastructure.sum() == pytest.approx(5.0)


def test_a_year_before_the_data_is_refused() -> None:
    scenario = world(project("a", 1, 1), head=WORLD)
    with pytest.raises(FlanksimError) as caught:
        budgets(scenario, scenario.spending, 2024)
    assert [problem.code for problem in caught.value.problems] == ["E222"]
    assert budgets(scenario, scenario.spending, 2025).infrastructure.shape == (0, 2)
