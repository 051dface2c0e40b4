"""Who pays what: ledgers that balance, cases by hand, and what must not change the answer."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flanksim as fs
from flanksim import FlanksimError, Scenario, loads
from flanksim.investment.projects import left_to_pay
from flanksim.investment.purses import ALL_PAID, INSTALMENTS, NO_PROJECT, NOT_YET, OTHERS, Account
from flanksim.investment.schedule_table import built
from flanksim.investment.timeline import Timeline, plan_projects
from flanksim.investment.unspent import by_purse
from flanksim.scenario import shipped
from flanksim.scenario.project_rows import Fund, Project
from flanksim.scenario.spending import Spending
from flanksim.text.money import money_blocks, money_json
from flanksim.text.run import answer, as_json
from tests.conftest import OPEN
from tests.investment.conftest import WORLD, effect, project, world
from tests.investment.test_timeline import dates, planned

FUNDS = """
funds:
  grant: {name: Grant, ceiling_bn_eur: '2028:0.2;2030:0.4'}
  anyway: {name: A law, kind: standing, ceiling_bn_eur: '2026:5'}
"""


def with_funds(rows: str, funds: str = FUNDS) -> Scenario:
    return world(rows, head=WORLD + funds.lstrip("\n"))


def told(scenario: Scenario, year: int = 2030, **changes: object) -> dict[tuple[str, str], str]:
    """Why money was left, by payer and line."""
    return {(row["payer"], row["line"]): row["reason"] for row in by_purse(planned(scenario, **changes).purses, year)}


# ---- ledgers ---------------------------------------------------------------------------------


def balanced(scenario: Scenario, timeline: Timeline) -> None:
    """Every euro is given once, paid once, and paid for something; nobody pays more than there is."""
    before: dict[tuple[str, str], float] = {}
    by_year: dict[tuple[str, int], float] = {}
    for purse in timeline.purses:
        key = (purse.payer, purse.line)
        assert purse.kept_before == before.get(key, 0.0)
        assert purse.kept_before + purse.given == pytest.approx(purse.paid + purse.kept + purse.lapsed, abs=1e-9)
        assert min(purse.given, purse.paid, purse.kept, purse.lapsed) >= 0.0
        assert purse.paid <= purse.kept_before + purse.given + 1e-9
        assert bool(purse.reason) == (purse.kept + purse.lapsed > 1e-9), purse
        before[key] = purse.kept
        by_year[purse.payer, purse.year] = by_year.get((purse.payer, purse.year), 0.0) + purse.paid
    paid: dict[tuple[str, int], float] = {}
    for entry in timeline.schedules:
        for payer, amounts in entry.by_payer.items():
            for year, amount in amounts.items():
                paid[payer, year] = paid.get((payer, year), 0.0) + amount
        for year, amount in entry.paid.items():
            assert amount == pytest.approx(sum(a.get(year, 0.0) for a in entry.by_payer.values()), abs=1e-9)
        assert sum(entry.paid.values()) <= entry.left_bn_eur + 1e-9
        if entry.done < timeline.last_year and not entry.hired and entry.paying_years <= entry.build_years:
            assert entry.done - entry.start >= entry.build_years - 1e-9
            for name in scenario.projects[entry.project_id].prerequisites:
                assert timeline.by_project[name].done <= entry.start
    for at in {*by_year, *paid}:
        assert by_year.get(at, 0.0) == pytest.approx(paid.get(at, 0.0), abs=1e-9), at


@pytest.mark.parametrize("purse", ["national", "pooled"])
@pytest.mark.parametrize("sample", [None, 5])
def test_every_euro_of_the_shipped_list_is_accounted_for(eastern: Scenario, purse: str, sample: int | None) -> None:
    spending = Spending(purse=purse, core_lift_share_pct=0.02)  # type: ignore[arg-type]
    timeline = plan_projects(eastern, spending, 2045, sample)
    balanced(eastern, timeline)
    assert sum(sum(entry.paid.values()) for entry in timeline.schedules) > 100


def test_no_fund_pays_over_its_ceiling_read_from_the_plain_table(eastern: Scenario) -> None:
    with (shipped() / "europe" / "funds.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["ceiling_bn_eur"]]
    timeline = plan_projects(eastern, Spending(core_lift_share_pct=0.02), 2040)
    for row in rows:
        points = [(int(year), float(money)) for year, money in (p.split(":") for p in row["ceiling_bn_eur"].split(";"))]
        assert [year for year, _ in points] == sorted({year for year, _ in points})
        for purse in timeline.purses:
            if purse.payer == row["fund_id"]:
                assert purse.given == pytest.approx(_straight(points, purse.year), abs=1e-9), (row, purse.year)
    assert {purse.payer for purse in timeline.purses if purse.line == "fund"} == {row["fund_id"] for row in rows}


def _straight(points: list[tuple[int, float]], year: int) -> float:
    if year < points[0][0]:
        return 0.0
    for (a, low), (b, high) in pairwise(points):
        if year <= b:
            return low + (high - low) * (year - a) / (b - a)
    return points[-1][1]


# ---- by hand ---------------------------------------------------------------------------------


def test_an_empty_purse_delays_its_own_share_and_vetoes_nothing() -> None:
    """AAA and BBB carry 0.7 of 1 bn and pay it in a year; CCC has nothing until 2029."""
    text = WORLD.replace(
        "links:",
        "  CCC: {name: C, gdp_2025_bn_eur: 10, infrastructure_share_2025_typical_pct: 0}\nlinks:",
    )
    rows = project("x", 1, 1, ", payer_shares: 'AAA:0.4;BBB:0.3;CCC:0.3'", countries="AAA;BBB;CCC")
    scenario = world(rows, head=text)
    entry = planned(scenario).by_project["x"]
    assert (entry.start, entry.done) == (2026, 2027)
    assert entry.by_payer == {"AAA": pytest.approx({2026: 0.4}), "BBB": pytest.approx({2026: 0.3})}
    strict = planned(scenario, carried_share=1).by_project["x"]
    assert strict.done == float("inf"), "it would be a veto"
    rich = scenario.economies["CCC"].model_copy(update={"gdp_2025_bn_eur": 100.0})
    late = scenario.model_copy(update={"economies": scenario.economies | {"CCC": rich}})
    entry = planned(late, path={2026: 1.0, 2030: 1.0}).by_project["x"]
    assert entry.done == 2027
    assert entry.by_payer["CCC"] == pytest.approx({2026: 0.1, 2027: 0.1, 2028: 0.1}), "paid as its money comes"


def test_a_grant_pays_its_part_from_its_own_purse_in_step_with_the_others() -> None:
    """3 bn over three years, a third granted, of which the ceiling leaves 0.2, 0.3, 0.4 from 2028 on."""
    scenario = with_funds(project("x", 3, 3, ", payer_shares: 'AAA:0.67;grant:0.33'"))
    entry = planned(scenario).by_project["x"]
    assert entry.by_payer["AAA"] == pytest.approx({2026: 0.67, 2027: 0.67, 2028: 0.67})
    assert entry.by_payer["grant"] == pytest.approx({2028: 0.2, 2029: 0.3, 2030: 0.33, 2031: 0.16})
    assert (entry.start, entry.done) == (2026, 2029), "two thirds carry it; the rest is owed"
    half = with_funds(project("x", 2, 2, ", payer_shares: 'AAA:0.5;grant:0.5'"))
    entry = planned(half).by_project["x"]
    assert entry.start == 2028, "a half carries nothing alone: works wait for the grant"
    assert sum(entry.by_payer["grant"].values()) == pytest.approx(1.0)
    assert entry.done == pytest.approx(2031 + 0.1 / 0.5)
    nobody = planned(half, path={2026: 0.0}).by_project["x"]
    assert not nobody.paid, "no grant without the others"


def test_a_standing_budget_pays_whatever_is_spent_and_is_counted_apart() -> None:
    rows = project("law", 2, 2, ", payer_shares: anyway:1") + project("x", 1, 1)
    scenario = with_funds(rows)
    for path in ({2026: 0.0}, "today"):
        timeline = planned(scenario, path=path)
        assert timeline.standing_by(2030) == pytest.approx(2)
        assert "law" in timeline.done_by(2028)
        assert timeline.paid_by(2030) == pytest.approx(timeline.standing_by(2030) + timeline.spent_by(2030))
    assert timeline.spent_by(2030) == pytest.approx(1)
    assert planned(scenario, fund_ceilings="none").standing_by(2030) == 0.0


def test_ceilings_low_and_high_fall_back_on_the_typical_one() -> None:
    funds = FUNDS.replace("kind: standing,", "kind: standing, ceiling_low_bn_eur: '2026:1',")
    scenario = with_funds(project("law", 20, 2, ", payer_shares: anyway:1"), funds)
    paid = {
        which: sum(planned(scenario, 2027, fund_ceilings=which).by_project["law"].paid.values())
        for which in ("none", "low", "typical", "high")
    }
    assert paid == pytest.approx({"none": 0, "low": 2, "typical": 10, "high": 10})


def test_either_line_pays_infrastructure_first() -> None:
    """1.5 bn a year: 1 of infrastructure, then 0.5 of core."""
    scenario = world(project("x", 3, 2, ", purse: either"))
    timeline = planned(scenario, core_lift_share_pct=0.08)
    lines = {(purse.line, purse.year): purse.paid for purse in timeline.purses if purse.payer == "AAA" and purse.paid}
    assert lines == pytest.approx(
        {("infrastructure", 2026): 1.0, ("core", 2026): 0.5, ("infrastructure", 2027): 1.0, ("core", 2027): 0.5}
    )
    assert timeline.by_project["x"].paid == pytest.approx({2026: 1.5, 2027: 1.5})


def test_what_is_hired_serves_in_years_that_are_paid() -> None:
    """0.5 bn a year for four years, there half a year after the start; in 2028 there is money for half of it."""
    scenario = world(project("ships", 2, 0.5, ", hired_years: 4, scalable: yes"))
    timeline = planned(scenario, path={2026: 1.0, 2027: 1.0, 2028: 0.25, 2029: 1.0}, carry_over_years=0)
    entry = timeline.by_project["ships"]
    assert entry.paid == pytest.approx({2026: 0.5, 2027: 0.5, 2028: 0.25, 2029: 0.5, 2030: 0.25})
    shares = [timeline.shares_by(year).get("ships", 0.0) for year in range(2026, 2033)]
    assert shares == pytest.approx([1, 1, 0.5, 1, 1, 1, 1])
    whole = scenario.projects["ships"].model_copy(update={"scalable": False})
    all_or_none = scenario.model_copy(update={"projects": {"ships": whole}})
    timeline = planned(all_or_none, path={2026: 1.0, 2027: 1.0, 2028: 0.25, 2029: 1.0}, carry_over_years=0)
    assert [timeline.shares_by(year).get("ships", 0.0) for year in (2027, 2028, 2029)] == [1, 0, 1]


def test_what_is_committed_counts_as_under_way_from_its_start() -> None:
    rows = project("let", 2, 9, ", start_year: 2026, in_service: 2028-2030-2031, committed: yes, spent_share: 0.5")
    entry = planned(world(project("a", 9, 9) + rows)).by_project["let"]
    assert (entry.start, entry.done) == (2026, 2030)
    assert entry.paid == pytest.approx(dict.fromkeys(range(2026, 2030), 0.25))


def test_a_finished_work_costs_nothing() -> None:
    done = project("done", 5, 5, ", start_year: 2020, in_service: 2026, spent_share: 1")
    scenario = world(done + project("x", 1, 1))
    timeline = planned(scenario)
    assert left_to_pay(scenario, "done") == (0, 0, 0)
    assert timeline.by_project["done"].paid == {}
    assert timeline.done_by(2026) == ("done",)
    alone = planned(world(project("x", 1, 1)))
    assert timeline.by_project["x"] == alone.by_project["x"]
    assert timeline.spent_by(2030) == alone.spent_by(2030)


def test_nothing_finished_stands_in_the_shipped_list(eastern: Scenario) -> None:
    for key, row in eastern.projects.items():
        assert row.in_service is None or row.in_service[2] > 2025, key
        assert row.spent_share < 1, key


# ---- reasons ---------------------------------------------------------------------------------


def test_money_that_nobody_can_spend_is_told_with_the_reason() -> None:
    scenario = with_funds(
        project("x", 0.5, 1, ", payer_shares: 'AAA:0.5;grant:0.5'")
        + project("late", 1, 1, ", start_year: 2033", countries="BBB")
    )
    reasons = told(scenario, 2027)
    assert reasons["AAA", "infrastructure"] == ALL_PAID
    assert reasons["BBB", "infrastructure"] == NOT_YET
    assert reasons["anyway", "fund"] == NO_PROJECT
    slow = world(project("x", 1, 10))
    assert told(slow) == {("AAA", "infrastructure"): INSTALMENTS, ("BBB", "infrastructure"): NO_PROJECT}
    waiting = with_funds(project("x", 4, 1, ", payer_shares: 'AAA:0.5;grant:0.5'"))
    assert told(waiting, 2030, path={2026: 0.0})["grant", "fund"] == OTHERS


def test_the_answer_tells_what_lapsed_and_of_whom() -> None:
    """BBB gets 0.5 bn a year from 2026 and has nothing to pay: of 2.5 bn one year's money is kept."""
    found = built(world(project("x", 1, 1)), world(project("x", 1, 1)).spending, 2030)
    rows = {row["payer"]: row for row in found["purses"]}
    assert rows["BBB"] == {
        "payer": "BBB",
        "line": "infrastructure",
        "given_bn_eur": pytest.approx(2.5),
        "paid_bn_eur": 0.0,
        "kept_bn_eur": pytest.approx(0.5),
        "lapsed_bn_eur": pytest.approx(2.0),
        "reason": NO_PROJECT,
    }
    assert money_json(None) is None
    assert money_blocks(None) == []
    assert money_blocks(found) == [
        "Money to 2030: countries have EUR 7.5 bn and pay 1.0; EUR 0.0 bn flow anyway;",
        "  1 of 1 projects are in service, in whole or in part",
        "  EUR 5.0 bn not spent by countries:",
        "    3.0: all that it pays for is paid (AAA)",
        "    2.0: no project of the list is its to pay (BBB)",
    ]
    known = money_json(found)
    assert known is not None
    assert known["purses"] == found["purses"]
    assert (known["in_service"], known["listed"]) == (1, 1)


def test_a_run_of_a_year_says_it_in_text_and_json_and_when_it_is_opened_again(tmp_path: Path) -> None:
    asked = world(project("x", 1, 1)).model_copy(update={"year": 2030})
    study = fs.run(asked, replications=1, bounds=False, results=tmp_path, jobs=1)
    assert study.folder is not None
    again = fs.open(study.folder)
    for found in (study, again):
        said = as_json(found)["money"]
        assert said["spent_bn_eur"] == pytest.approx(1)
        assert said["purses"] == built(asked, asked.spending, 2030)["purses"]
        assert "no project of the list is its to pay (BBB)" in answer(found)
    assert as_json(fs.run(world(project("x", 1, 1)), replications=1, bounds=False, results=None))["money"] is None


# ---- what must not matter --------------------------------------------------------------------

HALVED = ("PR12", "PR49", "PR32", "PR70", "PR03", "PR09", "PR128", "PR152", "PR78", "PR145", "PR179")


def halved(row: Project) -> Project:
    return row.model_copy(
        update={f"cost_{part}_bn_eur": getattr(row, f"cost_{part}_bn_eur") / 2 for part in ("low", "typical", "high")}
        | {"benefit": row.benefit / 2}
    )


@pytest.mark.parametrize("key", HALVED)
def test_a_project_in_two_halves_is_paid_and_opened_as_the_whole(eastern: Scenario, key: str) -> None:
    """Side by side in the list, so that neither takes the other's money."""
    rows = {name: row for name, row in eastern.projects.items() if name != key}
    rows = {name: row for name, row in rows.items() if key not in row.prerequisites}
    whole = eastern.model_copy(update={"projects": rows | {key: eastern.projects[key]}})
    parts = {"ZZ_one": halved(eastern.projects[key]), "AA_two": halved(eastern.projects[key])}
    cut = eastern.model_copy(update={"projects": rows | parts})
    spending = Spending(core_lift_share_pct=0.01)
    one, two = plan_projects(whole, spending, 2040), plan_projects(cut, spending, 2040)
    entry, first, second = one.by_project[key], two.by_project["ZZ_one"], two.by_project["AA_two"]
    assert first.start == second.start == entry.start
    for half in (first, second):
        assert half.done == pytest.approx(entry.done, abs=1e-6)
    for payer in {*entry.by_payer, *first.by_payer, *second.by_payer}:
        for year in range(2026, 2041):
            halves = sum(half.by_payer.get(payer, {}).get(year, 0.0) for half in (first, second))
            assert halves == pytest.approx(entry.by_payer.get(payer, {}).get(year, 0.0), abs=1e-9), (payer, year)
    for name in rows:
        assert two.by_project[name].done == pytest.approx(one.by_project[name].done, abs=1e-6), name
        assert two.by_project[name].paid == pytest.approx(one.by_project[name].paid, abs=1e-9), name


def test_an_ally_or_a_fund_that_pays_for_nothing_changes_nothing(eastern: Scenario) -> None:
    spending = Spending(core_lift_share_pct=0.01)
    before = plan_projects(eastern, spending, 2040)
    stranger = eastern.economies["ALB"].model_copy(update={"gdp_2025_bn_eur": 5000.0})
    idle = Fund(name="Nobody's", ceiling_bn_eur={2026: 100.0})
    wider = eastern.model_copy(
        update={"economies": eastern.economies | {"AAA": stranger}, "funds": eastern.funds | {"zz": idle}}
    )
    after = plan_projects(wider, spending, 2040)
    assert after.schedules == before.schedules
    assert [p for p in after.purses if p.payer not in ("AAA", "zz")] == list(before.purses)
    assert told_of(after.purses, "AAA") == told_of(after.purses, "zz") == {NO_PROJECT}


def told_of(purses: Iterable[object], payer: str) -> set[str]:
    return {purse.reason for purse in purses if purse.payer == payer and purse.given > 0}  # type: ignore[attr-defined]


def test_names_of_countries_and_the_order_of_tables_do_not_matter() -> None:
    rows = project("x", 2, 2, ", payer_shares: 'AAA:0.5;BBB:0.5'") + project("y", 2, 2, countries="BBB")
    swapped = project("y", 2, 2, countries="BBB") + project("x", 2, 2, ", payer_shares: 'BBB:0.5;AAA:0.5'")
    assert planned(world(rows)).by_project == planned(world(swapped)).by_project
    named = world(rows.replace("BBB", "ABC"), head=WORLD.replace("BBB", "ABC"))
    one, two = planned(world(rows)), planned(named)
    assert dates(one) == dates(two)
    assert one.by_project["x"].by_payer["BBB"] == two.by_project["x"].by_payer["ABC"]


# ---- more money ------------------------------------------------------------------------------


def test_more_money_finishes_no_fewer_of_the_shipped_projects_by_any_year(eastern: Scenario) -> None:
    """And delays none but one whose grant goes to another first, by a year at the most (docs/decisions/0012)."""
    grants = {key for key, fund in eastern.funds.items() if fund.kind == "grant"}
    last: Timeline | None = None
    for share in (0.0, 0.5, 1.0, 1.5, 2.5):
        found = plan_projects(eastern, Spending(infrastructure_share_pct=share, core_lift_share_pct=0.01), 2045)
        if last is not None:
            for year in range(2026, 2046):
                assert len(found.done_by(year)) >= len(last.done_by(year)), (share, year)
                assert found.paid_by(year) >= last.paid_by(year) - 1e-9
            for key, entry in last.by_project.items():
                shared = grants.intersection(eastern.projects[key].payer_shares)
                assert found.by_project[key].done <= entry.done + (1.0 if shared else 0.0) + 1e-6, (share, key)
        last = found


def test_who_has_paid_all_its_part_of_a_hire_holds_up_nobody() -> None:
    """Four fifths were paid in three years; of the other fifth one year came late: the fourth year is paid in full."""
    account = Account(
        {"AAA": 2.4, "BBB": 0.6}, {"AAA": {2026: 0.8, 2027: 0.8, 2028: 0.8}, "BBB": {2027: 0.2, 2029: 0.2}}
    )
    shares = {year: account.share_paid(year, paying_years=3.0) for year in range(2026, 2032)}
    assert shares == pytest.approx({2026: 0.8, 2027: 1.0, 2028: 0.8, 2029: 1.0, 2030: 0.8, 2031: 0.8})


@st.composite
def two_levels(draw: st.DrawFn) -> tuple[Scenario, dict[str, object], dict[int, float], dict[int, float]]:
    """Projects of one payer, two, or their group, of equal and of different value; two paths, one never below."""
    text = ""
    for number in range(draw(st.integers(2, 6))):
        cost, years = draw(st.integers(1, 40)) / 10, draw(st.sampled_from([0.5, 1, 2, 3, 5]))
        payers = draw(st.sampled_from(["AAA:1", "BBB:1", "AAA:0.5;BBB:0.5", "AAA:0.8;BBB:0.2", "AAA:0.3;anyway:0.7"]))
        extra = f", payer_shares: '{payers}', benefit: {draw(st.integers(0, 2))}"
        extra += draw(st.sampled_from(["", ", scalable: yes", ", hired_years: 3", ", start_year: 2029"]))
        text += project(f"p{number}", cost, years, extra)
    rules = {
        "carry_over_years": draw(st.sampled_from([0, 0.5, 1, 3])),
        "carried_share": draw(st.sampled_from([0, 0.6, 1])),
    }
    less = {year: draw(st.integers(0, 20)) / 10 for year in range(2026, 2036)}
    more = {year: share + draw(st.integers(0, 10)) / 10 for year, share in less.items()}
    return with_funds(text), rules, less, more


@settings(max_examples=40, deadline=None)
@given(two_levels())
def test_more_money_of_countries_delays_no_project_where_no_grant_is_shared(
    case: tuple[Scenario, dict[str, object], dict[int, float], dict[int, float]],
) -> None:
    scenario, rules, less, more = case
    poor, rich = planned(scenario, 2036, path=less, **rules), planned(scenario, 2036, path=more, **rules)
    balanced(scenario, poor)
    balanced(scenario, rich)
    for key, entry in poor.by_project.items():
        assert rich.by_project[key].start <= entry.start + 1e-6
        assert rich.by_project[key].done <= entry.done + 1e-6
    for year in range(2026, 2037):
        shares = rich.shares_by(year)
        assert all(shares.get(key, 0.0) >= share - 1e-6 for key, share in poor.shares_by(year).items()), year


# ---- mistakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "extra", "code"),
    [
        ("funds:\n  AAA: {name: A, ceiling_bn_eur: '2026:1'}\n", "", "E234"),
        ("", ", committed: yes", "E235"),
        ("funds:\n  empty: {name: E}\n", ", payer_shares: empty:1", "E236"),
        ("", ", payer_shares: nobody:1", "E215"),
        ("funds:\n  f: {name: F, ceiling_bn_eur: '2026:-1'}\n", "", "E106"),
    ],
)
def test_mistakes_of_funds_are_named(head: str, extra: str, code: str) -> None:
    rows = project("x", 1, 1, extra)
    effects = effect("ex", "x", "table: links, targets: line, attribute: capacity, operation: scale, typical: 2")
    with pytest.raises(FlanksimError) as caught:
        loads(f"{OPEN}{WORLD}{head}projects:\n{rows}effects:\n{effects}")
    assert code in {problem.code for problem in caught.value.problems}, caught.value


def test_what_is_finished_is_warned_of() -> None:
    scenario = world(project("x", 1, 1, ", start_year: 2020, in_service: 2024, spent_share: 1"))
    from flanksim.scenario.check import check

    found = check(scenario, lambda *_: "here")
    assert [problem.code for problem in found if problem.path.startswith("projects.")] == ["W414"]
