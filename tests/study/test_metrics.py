"""One grammar: a metric is callable for its table and has a figure; numbers agree with those that were there before."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

import flanksim as fs
from flanksim.errors import FlanksimError
from flanksim.investment.timeline import plan_projects
from flanksim.measure.critical import closing_unit, critical_path
from flanksim.measure.statistics import summed
from flanksim.metrics.metric import Metric
from flanksim.notebook import html_table
from flanksim.scenario.naming import element, readable
from flanksim.study.figures import save_figures

LOOKS = ("closure", "bottlenecks", "queues", "map", "journey")


@pytest.fixture(scope="module")
def study() -> fs.Study:
    return fs.run_study(fs.load("corridor-mini"), 6, seed=3, jobs=1)


@pytest.fixture(scope="module")
def run() -> fs.Run:
    return fs.simulate("corridor-mini", seed=3)


@pytest.mark.parametrize("name", LOOKS)
def test_every_look_is_callable_and_has_a_plot(study: fs.Study, run: fs.Run, name: str, tmp_path: Path) -> None:
    for owner in (study, run):
        metric = getattr(owner, name)
        assert isinstance(metric, Metric)
        assert metric.of is owner
        table = metric()
        assert isinstance(table, pd.DataFrame)
        assert len(table) > 0
        assert isinstance(metric.plot(), Axes)
        assert [path.name for path in metric.save(tmp_path / "new")] == [f"{name}.png", f"{name}.svg"]
    assert (tmp_path / "new" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_fleets_are_a_look_too(run: fs.Run) -> None:
    pytest.importorskip("flanksim.measure.fleets")
    assert len(run.fleets()) > 0
    assert isinstance(run.fleets.plot(), Axes)


def test_bottlenecks_are_the_mean_of_the_runs(study: fs.Study) -> None:
    table = study.bottlenecks().set_index("cause")
    paths = []
    for entry in study.replications:
        one = fs.simulate("corridor-mini", seed=entry.seed)
        number = closing_unit(one.outcome)
        assert number is not None
        pieces = critical_path(one.outcome, number)
        paths.append(summed((readable(piece.cause, one.scenario), piece.hours) for piece in pieces))
    for cause, row in table.iterrows():
        values = [path.get(str(cause), 0.0) / 24 for path in paths]
        assert row["days"] == pytest.approx(sum(values) / len(values))
        assert (row["days_low"], row["days_high"]) == pytest.approx(np.quantile(values, [0.05, 0.95]))
    # The pieces of each path sum to its closure: so do the means. C-day itself is a day too.
    assert table["days"].sum() == pytest.approx(study.closure_day().mean + 1.0)
    assert table["share"].sum() == pytest.approx(1.0)


def test_queues_count_rows_of_the_movement_table(run: fs.Run) -> None:
    table = run.queues()
    moved = run.movements
    # Loads that asked for something that is shared: no empty runs of assets, no repairs, rests and hours shut.
    kinds = ["outage", "breakdown", "empty_run", "rest", "closed_hours", "ready", "permission"]
    waits = moved[(moved["resource"] != "") & (moved["serial"] != "") & ~moved["kind"].isin(kinds)]
    until = waits["started"].fillna(run.plan.horizon_h)
    waits = waits[until > waits["requested"] + 1e-9]
    until = waits["started"].fillna(run.plan.horizon_h)
    for day, rows in table.groupby("day"):
        noon = 24.0 * day + 12.0
        assert rows["serials_waiting"].sum() == ((waits["requested"] <= noon) & (until > noon)).sum()
    # And element by element, in words.
    prefix = {"lift": "lift: ", "storage": "full yard: "}
    used = zip(waits["kind"].astype(str), waits["resource"].astype(str), strict=True)
    named = pd.Series([prefix.get(kind, "") + element(run.scenario, thing) for kind, thing in used], waits.index)
    assert set(table["element"]) == set(named)
    assert any(name.startswith("rail ramps of Gdansk") for name in named)
    for name, rows in waits.groupby(named):
        noons = 24.0 * table["day"].unique() + 12.0
        counted = [((rows["requested"] <= noon) & (until[rows.index] > noon)).sum() for noon in noons]
        assert table[table["element"] == name]["serials_waiting"].tolist() == counted


def test_a_journey_lasts_from_c_day_to_closure(run: fs.Run) -> None:
    units = run.units.set_index("unit")
    for unit in units.index:
        table = run.journey(unit)
        lengths = (table["end_day"] - table["start_day"]).groupby(table["serial"]).sum()
        assert lengths.to_numpy() == pytest.approx(units.loc[unit, "closed_day"] + 1.0)


def test_the_default_journey_is_that_of_the_unit_that_completes_the_force(run: fs.Run) -> None:
    units = run.units.sort_values("closed_day")
    last = units["unit"][units["troops"].cumsum() >= run.plan.troops_required].iloc[0]
    assert units.set_index("unit").loc[last, "name"].removesuffix(" (notional)") in run.journey.plot().get_title("left")
    pd.testing.assert_frame_equal(run.journey(), run.journey(last))


def test_a_study_replays_once_a_seed(study: fs.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    import flanksim.study.study as module

    real = module.simulate_plan
    monkeypatch.setattr(module, "simulate_plan", lambda plan, seed: (calls.append(seed), real(plan, seed))[1])
    fresh = fs.Study(study.plan, study.replications, scenario=study.scenario)
    fresh.queues()
    fresh.map.plot()
    fresh.journey.plot()
    shown = study.shown.seed
    assert calls == [shown]
    other = 5 if shown != 5 else 6
    pd.testing.assert_frame_equal(fresh.queues(seed=other), fs.simulate("corridor-mini", seed=other).queues())
    fresh.queues(seed=other)
    assert calls == [shown, other]


def test_what_is_wrong_is_said_with_a_remedy(study: fs.Study, run: fs.Run) -> None:
    for call, code, remedy in (
        (study.explain, "E120", "flanksim run"),
        (lambda: study.report("report.html"), "E120", "flanksim run"),
        (lambda: run.journey("uk-brigade-9"), "E121", ""),
        (lambda: run.queues(seed=77), "E124", "simulate(scenario, seed=77)"),
    ):
        with pytest.raises(FlanksimError) as caught:
            call()
        (problem,) = caught.value.problems
        assert problem.code == code
        assert problem.hint
        assert remedy in problem.hint


@pytest.mark.slow
def test_explain_and_report_from_a_saved_study(tmp_path: Path) -> None:
    study = fs.run_study(fs.load("corridor-mini"), 2, seed=1, jobs=1, results=tmp_path)
    found = study.explain(tries=0, jobs=1)
    assert found.closure_hours.mean / 24 - 1 == pytest.approx(study.closure_day().mean)
    page = study.report(tmp_path / "page.html")
    assert page == tmp_path / "page.html"
    assert page.read_text() == (study.folder / "report.html").read_text()


@pytest.mark.slow
def test_sweep_and_comparison_speak_the_same_grammar() -> None:
    scenario = fs.load("plan-south")
    swept = fs.sweep(scenario, [0, 1.5], [2026, 2030], [0.12], replications=2, jobs=1)
    table = swept.closure()
    assert len(table) == 4
    pd.testing.assert_frame_equal(swept.surface(), table)
    pd.testing.assert_frame_equal(swept.curve(), table[table["year"] == 2030].reset_index(drop=True))
    spending = scenario.spending.model_copy(
        update={"infrastructure_share_pct": 1.5, "mobility_fraction": 0.12, "path": "linear"}
    )
    # By C-day, 1 July, and not only on paper: works that nobody pays for stand still.
    begun = [
        entry
        for entry in plan_projects(scenario, spending, 2030).schedules
        if entry.start <= 2030.5 and (sum(entry.paid.values()) > 0 or entry.left_bn_eur < 1e-9)
    ]
    assert sorted(swept.timeline()["project"]) == sorted(entry.project_id for entry in begun)
    for name in ("closure", "surface", "curve", "timeline"):
        assert isinstance(getattr(swept, name).plot(), Axes)
    assert isinstance(swept.plot_curve(), Axes)
    assert isinstance(swept.plot_timeline(), Axes)

    found = fs.compare([scenario, "permissions-only"], replications=2, jobs=1)
    pd.testing.assert_frame_equal(found.value(), found.table())
    causes = found.bottlenecks().groupby("alternative")["days"].sum()
    for entry in found.alternatives:
        assert causes[entry.name] == pytest.approx(np.mean(entry.closure_days()) + 1.0)
    axes = found.bottlenecks.plot("permissions-only")
    said = {text.get_text() for text in axes.texts}
    assert any(text.endswith(f": {causes['permissions-only']:.0f} days") for text in said), "by its title"
    assert "C+30 allows 31" in said
    with pytest.raises(FlanksimError) as caught:
        found.bottlenecks.plot("nobody")
    assert caught.value.problems[0].code == "E521"
    for owner in (swept, found):
        assert "<table>" in owner._repr_html_()


def test_what_holds_metrics_can_be_pickled(study: fs.Study, run: fs.Run) -> None:
    for owner in (study, run):
        again = pickle.loads(pickle.dumps(owner))  # noqa: S301 - our own bytes
        pd.testing.assert_frame_equal(again.closure(), owner.closure())


def test_notebook_tables_are_escaped_and_complete(study: fs.Study, run: fs.Run) -> None:
    assert html_table("<b>", [{"a": "<i>"}], "&") == (
        "<table><caption style='text-align:left'><b>&lt;b&gt;</b></caption><thead><tr><th>a</th></tr></thead><tbody>"
        "<tr><td>&lt;i&gt;</td></tr></tbody></table><small>&amp;</small>"
    )
    assert f"C+{np.median(study.closure_days()):.1f}" in study._repr_html_()
    assert f"C+{run.closure_day:.1f}" in run._repr_html_()


@pytest.mark.slow
def test_save_figures_writes_what_there_is_to_see(run: fs.Run, tmp_path: Path) -> None:
    names = ("bottlenecks", "map", "queues", "journey")
    written = save_figures(tmp_path, run, names)
    assert [path.name for path in written] == [f"{name}.{kind}" for name in names for kind in ("png", "svg")]
    first = {path.name: path.read_bytes() for path in written}
    save_figures(tmp_path, run, names)
    assert {path.name: path.read_bytes() for path in written} == first  # the same run, the same bytes
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(first)
    with pytest.raises(KeyError, match="no figure nonsense"):
        save_figures(tmp_path, run, ("nonsense",))


def test_save_figures_leaves_out_what_is_not_there(tmp_path: Path) -> None:
    never = fs.simulate(fs.load("corridor-mini", {"question": {"horizon_days": 4, "deadline_days": 3}}), seed=1)
    assert never.closures["all"].hour != never.closures["all"].hour
    written = save_figures(tmp_path, never, ("bottlenecks", "queues", "map", "journey"))
    assert {path.stem for path in written} == {"queues", "map"}
