"""What an answer claims: spread of runs, proved zeros, nothing of one run, and the same numbers wherever it is told."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import flanksim as fs
from flanksim.measure.statistics import Chance, Spread, middling, path_shares, spread, t_interval, wilson
from flanksim.measure.traffic import Traffic, waiting
from flanksim.report.why_late import path_bars
from flanksim.study.explain import explain
from flanksim.study.page import context_of
from flanksim.study.store import write_json
from flanksim.text.explanation import format_text
from flanksim.text.phrases import closed_on, day, last_units, spread_words
from flanksim.text.run import answer, as_json


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> fs.Study:
    found = fs.run_study(fs.load("corridor-mini"), 12, jobs=1, results=tmp_path_factory.mktemp("answer"), bounds=True)
    assert found.folder is not None
    write_json(found.folder / "answer.json", as_json(found))
    return found


# ---- spread of outcomes, not error of the mean ---------------------------------------------------


def test_the_spread_is_that_of_numpy_where_every_run_closed() -> None:
    values = np.random.default_rng(7).gamma(2.0, 9.0, 30).tolist()
    found = spread(values)
    expected = np.quantile(values, [0.5, 0.05, 0.95])
    assert (found.median, found.p05, found.p95) == pytest.approx(tuple(expected))
    assert (found.first, found.last, found.runs) == (min(values), max(values), 30)
    # It does not narrow with the number of runs, as the interval of a mean does.
    many = spread(values * 20)
    assert many.p95 - many.p05 == pytest.approx(found.p95 - found.p05, rel=0.1)
    narrow, wide = t_interval(values * 20), t_interval(values)
    assert narrow.high - narrow.low < 0.3 * (wide.high - wide.low)


def test_runs_that_never_closed_are_later_than_all_others() -> None:
    found = spread([10.0] * 18 + [math.nan] * 2)
    assert (found.median, found.p05) == (10.0, 10.0)
    assert math.isinf(found.p95)
    assert spread_words(found) == "9 runs in 10: day 10 to never"
    assert found.as_json("x") == {"x_median": 10.0, "x_p05": 10.0, "x_p95": None, "x_first": 10.0, "x_last": None}
    assert Spread.of_json(found.as_json("x"), "x", 20) == found
    half = spread([10.0, math.nan])
    assert math.isinf(half.median)
    assert closed_on(half, "no day") == "no day (all 2 runs: day 10 to never)"


def test_one_run_has_no_interval() -> None:
    one = spread([12.0])
    assert one.median == 12.0
    assert math.isnan(one.p05)
    assert math.isnan(one.p95)
    assert spread_words(one) == ""
    assert [math.isnan(value) for value in (t_interval([12.0]).low, t_interval([12.0]).high)] == [True, True]
    chance = Chance(1, 1)
    assert chance.verdict is None
    assert chance.as_json() == {"mean": 1.0, "low": None, "high": None}


def test_few_runs_are_not_called_nine_in_ten() -> None:
    assert spread_words(spread([1.0, 2.0, 9.0])) == "all 3 runs: day 1 to 9"
    assert spread_words(spread([float(n) for n in range(10)])).startswith("9 runs in 10")


# ---- proved is not estimated ---------------------------------------------------------------------


def test_chances_in_words() -> None:
    """Wilson's upper end for none of 30 is z^2 / (30 + z^2) with z = 1.96: 11.35 %."""
    assert Chance(0, 30).words() == "in none of 30 runs; at most 11 %"
    assert Chance(0, 30).high == pytest.approx(1.959964**2 / (30 + 1.959964**2))
    assert Chance(30, 30).words() == "in all of 30 runs; at least 89 %"
    assert Chance(12, 30).words() == "in 12 of 30 runs: 40 % (25 to 58 %)"
    assert (wilson(12, 30).low, wilson(12, 30).high) == (Chance(12, 30).low, Chance(12, 30).high)
    assert [Chance(n, 30).verdict for n in (0, 15, 30)] == ["no", "cannot tell", "yes"]


@pytest.mark.parametrize("runs", [1, 2, 6])
def test_where_the_bound_lies_beyond_the_deadline_no_number_of_runs_matters(runs: int) -> None:
    scenario = fs.load("corridor-mini", {"question": {"deadline_days": 7, "tier_1_deadline_days": 4}})
    study = fs.run_study(scenario, runs, jobs=1, bounds=True)
    assert study.unbeaten() > 7
    found = as_json(study)
    for entry in (found, found["tier_1"], found["regional_plans"]["centre"]):
        assert entry["proved_zero"] is True
        assert entry["p_on_time"] == {"mean": 0.0, "low": None, "high": None}
    assert found["verdict"] == "no"
    text = answer(study)
    assert text.partition("?\n")[2].startswith("No, impossible in this model: no schedule closes them before C+")
    assert text.count("0, proved") == 3
    assert "at most" not in text
    # Without the bound nothing is proved, and one run gives no verdict.
    bare = as_json(fs.run_study(scenario, runs, jobs=1))
    assert bare["proved_zero"] is False
    assert bare["verdict"] == (None if runs == 1 else "cannot tell" if runs == 2 else "no")


def test_a_bound_at_the_deadline_proves_nothing(study: fs.Study) -> None:
    """C+30 met exactly is met: only a bound that lies behind it proves that it cannot be."""
    assert study.bound is not None
    late = [replace(entry, closures=dict.fromkeys(entry.closures, replace(entry.closures["all"], hour=9000.0)))
            for entry in study.replications]  # fmt: skip
    for bound, proved in ((30.0, False), (30.0 + 1e-9, False), (30.01, True), (math.inf, True)):
        ladder = replace(study.bound, bounds={"volume": bound})
        assert replace(study, replications=tuple(late), bound=ladder).p_on_time().proved_zero is proved


def test_one_run_gives_no_verdict_on_either_side() -> None:
    for deadline in (12, 60):  # the bound lies before both
        scenario = fs.load("corridor-mini", {"question": {"deadline_days": deadline, "tier_1_deadline_days": 8}})
        study = fs.run_study(scenario, 1, jobs=1, bounds=True)
        found, text = as_json(study), answer(study)
        assert found["verdict"] is None
        for entry in (found, found["tier_1"]):
            assert entry["closure_day"]["low"] is entry["closure_day"]["high"] is None
            assert entry["closure_day_p05"] is entry["closure_day_p95"] is None
            assert entry["closure_day_median"] == pytest.approx(entry["closure_day"]["mean"])
            assert entry["p_on_time"]["low"] is entry["p_on_time"]["high"] is None
            assert entry["on_time_share"]["low"] is entry["on_time_share"]["high"] is None
        told = text.partition("?\n")[2]  # what was overridden stands in the title, which may take two lines
        assert told.startswith("One run gives no verdict")
        assert " to " not in "".join(told.splitlines()[2:7])


# ---- one clock, one definition, one run ----------------------------------------------------------


def test_shares_times_the_mean_path_are_the_mean_days() -> None:
    """30 of 40 h and 60 of 60 h: 90 of 100, not the mean of 75 % and 100 %."""
    paths = [{"lift": 30.0, "rest": 10.0}, {"lift": 60.0}]
    assert path_shares(paths) == pytest.approx({"lift": 0.9, "rest": 0.1})
    assert path_shares(paths)["lift"] * 50.0 == pytest.approx(np.mean([30.0, 60.0]))


def test_run_explain_and_page_give_a_cause_the_same_share(study: fs.Study) -> None:
    """Counted once more from the parts of the folder; two of twelve runs are replayed by `explain`."""
    assert study.folder is not None
    rows = pd.concat(pd.read_parquet(path) for path in sorted((study.folder / "parts").glob("*.parquet")))
    hours: dict[str, float] = {}
    for names, spent in zip(rows["cause"], rows["cause_hours"], strict=True):
        for name, value in zip(names, spent, strict=True):
            hours[name] = hours.get(name, 0.0) + value
    whole = sum(hours.values())
    expected = {name: value / whole for name, value in hours.items()}
    largest = 100 * max(expected.values())
    assert as_json(study)["critical_path_shares"] == pytest.approx(expected, abs=1e-6)
    assert f"waiting for lift (ro-ro ships) {largest:.0f}%" in answer(study)
    told = explain(study.folder, runs=2, tries=2, jobs=1)
    (row,) = [line for line in format_text(told).splitlines() if line.endswith("waiting for lift (ro-ro ships)")][:1]
    assert row.split()[-6] == f"{largest:.0f}%"
    (ship,) = [entry for entry in told.tries if "one more ship" in entry.change]
    assert 100 * ship.path_share == pytest.approx(largest)
    material = context_of(study.folder)
    assert {str(cause): share for cause, share in material.shares.items()} == pytest.approx(expected, abs=1e-6)
    (name, share, text) = path_bars(material)[0]
    assert (name, 100 * share) == ("waiting for ro-ro ships", pytest.approx(largest, abs=1e-4))
    assert text == f"{largest:.0f} % · {rows['cause_hours'].map(sum).mean() * share / 24:.1f} days"


def test_the_parts_of_the_path_sum_to_the_mean_closure_and_c_day(study: fs.Study) -> None:
    table = study.bottlenecks()
    mean = study.closure_day().mean
    assert table["days"].sum() - 1.0 == pytest.approx(mean)
    assert study.folder is not None
    lines = format_text(explain(study.folder, runs=1, tries=0, jobs=1)).splitlines()
    assert next(line for line in lines if "together, from" in line).split()[:2] == [f"{mean + 1:.1f}", "100%"]
    assert next(line for line in lines if "C-day itself" in line).split()[0] == "-1.0"
    assert any(line.split()[:1] == [f"{mean:.1f}"] and "mean closure" in line for line in lines)


def test_every_figure_counts_the_same_serials_waiting(study: fs.Study) -> None:
    """The heat map by element and the map by place, at noon of each day; and no empty run among them."""
    run = fs.simulate("corridor-mini", study.shown.seed)
    _, grid = waiting(run.outcome)
    ground = Traffic(run.scenario, run.outcome)
    noons = [24.0 * number + 12.0 for number in range(grid.shape[1])]
    assert grid.sum(axis=0).tolist() == [sum(ground.waiting(noon).values()) for noon in noons]
    assert grid.sum() > 0


def test_the_run_that_is_shown_is_the_middling_one(study: fs.Study) -> None:
    assert middling([9.0, 1.0, 5.0]) == 2
    assert middling([4.0, 1.0, 3.0, 2.0]) == 3  # of 2 and 3 the earlier
    assert middling([math.nan, 7.0, math.nan]) == 0  # most runs never close: neither does the one that is shown
    days = study.closure_days()
    far = {entry.seed: abs(found - np.median(days)) for entry, found in zip(study.replications, days, strict=True)}
    assert far[study.shown.seed] == pytest.approx(min(far.values()))
    assert study.shown.seed != study.replications[0].seed, "or the test shows nothing"
    assert study.folder is not None
    material = context_of(study.folder)
    assert material.outcome.seed == study.shown.seed == as_json(study)["shown_seed"]
    assert f"shown {study.shown.seed} (nearest to the median)" in answer(study)
    assert study.queues().equals(study.queues(seed=study.shown.seed))


def test_facts_say_in_how_many_runs_they_hold() -> None:
    mini = fs.load("corridor-mini")
    units = ["light-brigade", "heavy-brigade", "", "light-brigade"]
    said = last_units(units, mini, "light-brigade")
    assert said == "home of the last unit: GBR in 2 of 4 runs; Light brigade from overseas in 2"
    europe = fs.load("eastern-flank")
    several = ["USA-armoured-05", "USA-armoured-04", "USA-armoured-05"]
    assert last_units(several, europe, "USA-armoured-04").startswith(
        "home of the last unit: United States in 3 of 3 runs; "
    )
    assert last_units(several, europe, "USA-armoured-04").endswith(" in 1")
    assert last_units(["", ""], mini, "") == ""


def test_days_are_labels_with_their_sign() -> None:
    assert [day(value) for value in (103.66, -0.3, -0.04, math.inf)] == ["C+103.7", "C-0.3", "C+0.0", "never"]


def test_the_page_of_one_run_claims_no_interval(tmp_path: Path) -> None:
    found = fs.run_study(fs.load("corridor-mini"), 1, jobs=1, results=tmp_path, bounds=True)
    assert found.folder is not None
    write_json(found.folder / "answer.json", as_json(found))
    text = found.report().read_text()
    assert "One run cannot tell." in text
    assert "95 %:" not in text[: text.index('<section id="why">')]
    assert "9 runs in 10:" not in text
    assert json.loads((found.folder / "answer.json").read_text())["verdict"] is None
