"""Comparisons and sweeps say what the runs say: ties are ties, too few runs are too few, names and money are clear."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flanksim as fs
from flanksim import FlanksimError, Scenario, loads
from flanksim.measure.closure import AskedForce, Closure
from flanksim.measure.replications import Difference, Replication, ReplicationSet
from flanksim.scenario.rows import Unit
from flanksim.study.alternatives import portfolio, told_apart
from flanksim.terminal import render
from flanksim.text import comparison as comparing
from flanksim.text import sweep as sweeping
from flanksim.text.comparison import as_json
from flanksim.text.phrases import days_in_words, share_in_words, signed
from tests.study.test_experiment import LINE, RANDOM, SURE, one_unit


def runs(
    days: list[float], shares: list[float] | None = None, first: int = 1, *, chance: bool = True
) -> ReplicationSet:
    """Runs with these closure days and shares in time."""
    known = shares or [0.0] * len(days)
    member = Unit(home_node="a", assembly_node="b", troops=1)
    made = [
        Replication(first + n, one_unit(day), (), {"all": Closure(1, (day + 1) * 24, share)}, {}, "", 0, 0, "")
        for n, (day, share) in enumerate(zip(days, known, strict=True))
    ]
    return ReplicationSet(AskedForce((member,), 1, 744.0, 744.0, 8784.0, chance), tuple(made))


def paired(base: ReplicationSet, other: ReplicationSet) -> Difference:
    return other.against(base)


def test_runs_that_are_never_closed_are_the_same_wherever_they_were_made() -> None:
    """Out of another process or out of a file, not closed is another nan."""
    one, two = runs([float("nan")] * 12), runs([float("nan")] * 12)
    assert one.replications[0].closed_h != two.replications[0].closed_h
    assert paired(one, two).verdict == paired(one, two).share_verdict == "identical"


NOISE = [0.0, 3.0, -2.0, 1.0, -3.0, 2.0, -1.0, 4.0, -4.0, 0.5, -0.5, 2.5]


def test_too_few_runs_are_not_no_difference() -> None:
    """The same unclear difference from four, nine and twelve pairs; a clear one is sure from five on."""
    for count, verdict in ((2, "too few runs to tell"), (9, "too few runs to tell"), (12, "cannot tell apart")):
        base, other = runs([50.0] * count), runs([50.0 + value for value in NOISE[:count]])
        found = paired(base, other)
        assert (found.verdict, found.share_verdict) == (verdict, "identical" if count > 9 else "too few runs to tell")
    for count, verdict in ((4, "too few runs to tell"), (5, "sooner"), (12, "sooner")):
        assert paired(runs([50.0] * count), runs([40.0 + value / 10 for value in NOISE[:count]])).verdict == verdict
    assert paired(runs([50.0]), runs([40.0])).verdict == "too few runs to tell"
    assert paired(runs([50.0], chance=False), runs([40.0], chance=False)).verdict == "sooner", (
        "without chance one pair says all"
    )


def test_the_share_in_time_has_a_verdict_of_its_own() -> None:
    """The last day cannot be told apart while twelve points more are in time, and the other way round."""
    base = runs([50.0] * 12, [0.40] * 12)
    found = paired(base, runs([50.0 + value for value in NOISE], [0.52 + value / 1000 for value in NOISE]))
    assert (found.verdict, found.share_verdict) == ("cannot tell apart", "more in time")
    assert found.share.mean == pytest.approx(0.12 + sum(NOISE) / 12000)
    fewer = paired(base, runs([40.0] * 12, [0.3] * 12))
    assert (fewer.verdict, fewer.share_verdict) == ("sooner", "fewer in time")
    small = paired(base, runs([50.0 + value for value in NOISE], [0.404] * 12))
    assert small.share_verdict == "cannot tell apart", "less than a point does not matter"


def test_runs_are_paired_by_their_seed_and_not_by_their_place() -> None:
    base, other = runs([50.0, 60.0, 70.0]), runs([59.0, 69.0], first=2)
    assert paired(base, other).days.mean == -1.0
    assert paired(base, ReplicationSet(other.force, other.replications[::-1])).days.mean == -1.0


def test_runs_that_do_not_close_are_weighed_by_how_many() -> None:
    never = math.nan
    base = runs([never] * 10 + [50.0] * 2)
    assert paired(base, runs([50.0] * 12)).verdict == "closes more often"
    assert paired(runs([50.0] * 12), base).verdict == "closes less often"
    assert paired(runs([never, 50.0]), runs([50.0, 50.0])).verdict == "too few runs to tell"
    assert paired(runs([never], chance=False), runs([50.0], chance=False)).verdict == "closes more often"


@pytest.mark.parametrize("value", [-0.04, 0.04, 0.0, -0.0])
def test_nothing_has_no_sign(value: float) -> None:
    assert signed(value) == "0.0"
    words = days_in_words(paired(runs([50.0] * 12), runs([50.0 + value + (n % 2) * 1e-9 for n in range(12)])))
    assert "-0.0" not in words
    assert "0.0 days" not in words
    assert "-0" not in share_in_words(
        paired(runs([5.0] * 12, [0.4] * 12), runs([5.0] * 12, [0.4 + value / 10] * 12)), 12
    )


def test_rows_of_a_comparison_have_different_names_and_titles() -> None:
    scenario = loads(SURE)
    peace = scenario.model_copy(update={"regime": scenario.regime.model_copy(update={"traffic": "peace"})})
    other = scenario.model_copy(update={"name": "other"})
    found = fs.compare([scenario, scenario, peace, other], [["second"], ["second", "second"]], 2, jobs=1)
    names, titles = ([getattr(entry, what) for entry in found.alternatives] for what in ("name", "title"))
    assert len(set(names)) == len(set(titles)) == 6
    assert names[2] == titles[2] == "paid-line (regime.traffic=peace)"
    assert titles[4].startswith("Second signalling")
    text = render(comparing.blocks(found))
    assert "paid-line (regime.traffic=peace)" in " ".join(text.split())
    assert [entry["title"] for entry in as_json(found)["alternatives"]] == titles
    assert found.bottlenecks.plot(names[2]) is not None


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "a (2)", "a (x)"]), max_size=8), st.sampled_from(["", "x", "2"]))
def test_names_are_told_apart_whatever_they_are(names: list[str], mark: str) -> None:
    found = told_apart(names, [mark] * len(names))
    assert len(set(found)) == len(names)
    for name, told in zip(names, found, strict=True):
        assert told.startswith(name)


PORTFOLIO = (
    SURE.replace(
        "effects:\n",
        "  first: {name: First signalling, countries: DEU, cost_low_bn_eur: 1, cost_typical_bn_eur: 2,\n"
        "          cost_high_bn_eur: 4, build_low_years: 3, build_typical_years: 3, build_high_years: 3}\n"
        "  third: {name: Third signalling, countries: DEU, cost_low_bn_eur: 5, cost_typical_bn_eur: 5,\n"
        "          cost_high_bn_eur: 5, build_low_years: 4, build_typical_years: 4, build_high_years: 4,\n"
        "          prerequisites: first, start_year: 2027}\n"
        "  rival: {name: Rival, countries: DEU, cost_low_bn_eur: 9, cost_typical_bn_eur: 9, cost_high_bn_eur: 9,\n"
        "          build_low_years: 1, build_typical_years: 1, build_high_years: 1, exclusions: second}\n"
        "effects:\n"
        "  e2: {project_id: first, HEADWAY, typical: 0.9}\n"
        "  e3: {project_id: third, HEADWAY, typical: 0.5}\n"
        "  e4: {project_id: rival, HEADWAY, typical: 0.4}\n",
    ).replace("HEADWAY", "table: links, targets: line, attribute: headway_hours, operation: scale")
    + "spending: {target_year: 2026, infrastructure_share_pct: 1.0, selection: [second], only_selection: true}\n"
)


def row(found: fs.Comparison, name: str) -> dict[str, Any]:
    (entry,) = [entry for entry in as_json(found)["alternatives"] if entry["name"] == name]
    return entry


def test_a_portfolio_takes_what_it_needs_and_pays_nothing_twice() -> None:
    """`third` needs `first`: 2026 to 2029, then four years to 2033. Both scale the headway: 47 h x 0.9 x 0.5."""
    found = fs.compare([loads(PORTFOLIO)], [["third"], ["third", "first", "third"], ["second"]], 1, jobs=1)
    third, both = row(found, "third"), row(found, "third+first")
    assert (third["projects"], third["needed_first"], third["stands_by"]) == (["first", "third"], ["first"], 2033)
    assert [third[f"cost_{which}bn_eur"] for which in ("low_", "", "high_")] == [6.0, 7.0, 9.0]
    assert third["difference_days"]["mean"] == pytest.approx(-47 * (1 - 0.45) / 24, abs=1e-6)
    assert (both["cost_bn_eur"], both["needed_first"], both["closure_day"]) == (7.0, [], third["closure_day"])
    assert row(found, "second")["stands_by"] == 2028
    text = " ".join(render(comparing.blocks(found)).split())
    assert "third: can stand by 2033, with first, needed before; EUR 7.0 bn (6.0 to 9.0)" in text


def test_what_the_year_of_the_scenario_has_built_is_not_charged_again() -> None:
    """By 2028 `second` stands and its 1 bn is paid; in 2027 half of its time has gone and three quarters are paid."""
    scenario = loads(PORTFOLIO + "year: 2028\n")
    found = fs.compare([scenario], [["second"], ["second", "first"]], 1, jobs=1)
    assert found.alternatives[0].cost_bn_eur == pytest.approx(1.0)
    same, more = row(found, "second"), row(found, "second+first")
    assert (same["verdict"], same["cost_bn_eur"], same["built_before"]) == ("identical", 1.0, ["second"])
    assert (more["cost_bn_eur"], more["built_before"], more["stands_by"]) == (3.0, ["second"], 2029)
    text = " ".join(render(comparing.blocks(found)).split())
    assert "second: is there already; EUR 0.0 bn" in text
    assert "can stand by 2029, after 2028, the year of the network" in text
    begun = fs.compare([scenario.model_copy(update={"year": 2027})], [["second"]], 1, jobs=1)
    assert begun.alternatives[0].cost_bn_eur == pytest.approx(0.75)
    assert begun.alternatives[1].cost_bn_eur == pytest.approx(1.0), "the whole price, part of it paid before"


@pytest.mark.parametrize(
    ("projects", "year", "code"),
    [(["rival", "second"], None, "E217"), (["rival"], 2028, "E217"), ([], None, "E522"), (["fourth"], None, "E216")],
)
def test_a_portfolio_that_cannot_be_is_refused(projects: list[str], year: int | None, code: str) -> None:
    with pytest.raises(FlanksimError, match=code):
        fs.compare([loads(PORTFOLIO).model_copy(update={"year": year})], [projects], 1, jobs=1)


def test_order_of_table_and_command_and_an_unused_project_do_not_matter() -> None:
    scenario = loads(PORTFOLIO)
    turned = scenario.model_copy(
        update={
            "projects": dict(reversed(scenario.projects.items())),
            "effects": dict(reversed(scenario.effects.items())),
        }
    )
    fewer = scenario.model_copy(
        update={
            "projects": {key: entry for key, entry in scenario.projects.items() if key != "rival"},
            "effects": {key: entry for key, entry in scenario.effects.items() if entry.project_id != "rival"},
        }
    )
    rows = []
    for entry, keys in ((scenario, ["second", "third"]), (turned, ["third", "second"]), (fewer, ["second", "third"])):
        (_, found) = as_json(fs.compare([entry], [keys], 2, jobs=1))["alternatives"]
        rows.append({key: value for key, value in found.items() if key not in ("name", "title", "projects")})
        assert set(found["projects"]) == {"first", "second", "third"}
    assert rows[0] == rows[1] == rows[2]


def made(levels: list[float], years: list[int], text: str = SURE, count: int = 2) -> fs.Sweep:
    scenario = loads(text + "spending: {target_year: 2026}\n")
    return fs.sweep(scenario, levels, years, [0.12], count, jobs=1)


def test_levels_and_years_count_once_and_their_order_does_not_matter() -> None:
    one, two = made([0, 1], [2026, 2035]), made([1, 0, 1.0, 1], [2035, 2026, 2035])
    assert one.points == two.points
    assert render(sweeping.blocks(one)[:-1]) == render(sweeping.blocks(two)[:-1])
    lines = [line.split() for line in render(sweeping.blocks(two)).splitlines()]
    rows = [line for line in lines if line[:1] in (["0"], ["1"]) and "%" not in line]
    assert [len(row) for row in rows] == [3, 3] * 2, "closure days, and below them mobility delays"


def test_a_sweep_gives_paired_differences_from_its_lowest_level() -> None:
    found = made([0, 0.5, 1], [2026, 2035])
    table = found.closure().set_index(["infrastructure_share", "year"])
    gains = table["difference_days"]
    assert gains[0.0, 2026] == gains[0.0, 2035] == gains[1.0, 2026] == 0.0
    assert gains[1.0, 2035] == pytest.approx(-23.5 / 24)
    assert table.loc[(1.0, 2035), "verdict"] == "sooner"
    assert table.loc[(1.0, 2035), "share_verdict"] == "more in time"
    assert table.loc[(1.0, 2026), "verdict"] == "identical", "nothing is built yet: today's network"
    cells = {(cell["infrastructure_share"], cell["year"]): cell for cell in sweeping.as_json(found)["cells"]}
    assert cells[1.0, 2035]["difference_days"]["mean"] == pytest.approx(-23.5 / 24, abs=1e-6)
    text = " ".join(render(sweeping.blocks(found)).split())
    assert "1 % of GDP, 12% for mobility, EUR 1.0 bn: 1.0 days sooner; 100 points more in time" in text


def test_no_spending_is_todays_network() -> None:
    """With and without works under way: nothing paid is nothing built."""
    for text in (SURE, SURE.replace("build_low_years: 2", "start_year: 2020, in_service: 2027, build_low_years: 2")):
        scenario = loads(text)
        found = fs.sweep(scenario, [0], [2026, 2030, 2040], [0.12], 1, jobs=1)
        assert {point.cell for point in found.points} == {scenario.digest}
        none = scenario.spending.model_copy(update={"infrastructure_share_pct": 0.0})
        pair = fs.compare([scenario, scenario.model_copy(update={"year": 2040, "spending": none})], (), 1, jobs=1)
        assert (pair.differences[0].verdict, pair.alternatives[1].cost_bn_eur) == ("identical", 0.0)


def test_the_best_point_is_the_cheapest_of_those_that_cannot_be_told_apart() -> None:
    found = made([0, 1, 2, 3], [2026, 2030, 2035])
    assert found.best is not None
    assert (found.best.infrastructure_share, found.best.year) == (1.0, 2030), "more money and later years bring no more"
    few = made([0, 1], [2026, 2035], RANDOM, 4)
    assert few.best is None
    assert "too few runs to tell which point does best" in render(sweeping.blocks(few))
    many = made([0, 1, 2], [2026, 2030, 2035], RANDOM, 12)
    assert many.best is not None
    assert (many.best.infrastructure_share, many.best.year) == (1.0, 2030)
    text = " ".join(render(sweeping.blocks(many)).split())
    assert "No point meets C+0.5 in any run." in text
    assert "surely better than 1 % of GDP by 2030, 12% of it for mobility, EUR 1.0 bn" in text


def test_another_question_and_nobody_who_pays_are_said() -> None:
    scenario = loads(SURE)
    sooner = scenario.model_copy(
        update={"name": "sooner", "question": scenario.question.model_copy(update={"deadline_days": 2.0})}
    )
    text = " ".join(render(comparing.blocks(fs.compare([scenario, sooner], (), 1, jobs=1))).split())
    assert "asks another question: C+2 instead of C+0.5." in text
    assert "another question" not in render(comparing.blocks(fs.compare([scenario, scenario], (), 1, jobs=1)))
    poor = scenario.model_copy(update={"economies": {}})
    assert "no economies: spending builds nothing" in render(sweeping.blocks(fs.sweep(poor, [1], [2035], [0.1], 1)))


@pytest.mark.parametrize(
    ("levels", "years", "fractions", "code"),
    [
        ([1], [2024], None, "E222"),
        ([1], [2201], None, "E130"),
        ([1], [2030], [-0.1], "E511"),
        ([1], [2030], [12], "E511"),
        ([1], [2030], [math.nan], "E130"),
        ([math.nan], [2030], None, "E130"),
    ],
)
def test_levels_beyond_their_limits_are_refused(levels, years, fractions, code) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FlanksimError, match=code):
        fs.sweep(loads(SURE), levels, years, fractions, 1, jobs=1)


def test_all_figures_of_costs_agree(eastern: Scenario) -> None:
    """Comparison, screen and page take low, typical and high from one place."""
    from flanksim.investment.projects import left_to_pay
    from flanksim.investment.schedule_table import project_row

    for key in ("PR12", "PR61", "PR73", "PR80"):
        row_ = project_row(eastern, key)
        low, typical, high = left_to_pay(eastern, key)
        project, overrun = eastern.projects[key], eastern.spread("overrun_factor")
        factors = overrun if project.overrun_typical is None else (
            project.overrun_low, project.overrun_typical, project.overrun_high
        )  # fmt: skip
        costs = (project.cost_low_bn_eur, project.cost_typical_bn_eur, project.cost_high_bn_eur)
        rest = [cost * (factor or 0) * (1 - project.spent_share) for cost, factor in zip(costs, factors, strict=True)]
        assert (low, typical, high) == pytest.approx(rest)
        assert [row_[name] for name in ("left_low_bn_eur", "left_bn_eur", "left_high_bn_eur")] == pytest.approx(rest)
        about = portfolio(eastern, [key])
        assert about.cost_bn_eur == pytest.approx(rest)


def test_of_three_the_one_that_brings_soldiers_in_soonest_is_named_once_it_is_known() -> None:
    texts = [
        LINE.replace("CHANCE", "true").replace("TRAVEL", f"{{low: {n}, typical: {n + 1}, high: {n + 2}}}")
        for n in (40, 60, 4)
    ]
    entries = [loads(text.replace("name: paid-line", f"name: {name}")) for text, name in zip(texts, "abc", strict=True)]
    few, many = (fs.compare(entries, replications=count, jobs=1) for count in (4, 12))
    assert as_json(few)["selection"]["soonest"] is None
    assert as_json(few)["selection"]["in_question"] == ["a", "b", "c"]
    assert "is not decided between a, b, c" in render(comparing.blocks(few))
    assert as_json(many)["selection"]["soonest"] == "c"
    assert "closed soonest in the mean with c (95 %" in render(comparing.blocks(many))
    assert sum(many.next_runs.values()) == pytest.approx(1.0)
