"""The first screen: the curve by day, what helps most for the money from a study beside, and who decides."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import flanksim as fs
from flanksim.draw.style import DEADLINE, INK, ON_DARK, ON_LIGHT
from flanksim.report.chart import Frame
from flanksim.report.context import Context
from flanksim.report.figures import inline
from flanksim.report.helps import deciders, euros, shipped_lines
from flanksim.report.summary import summary
from flanksim.scenario.levers import with_settings
from flanksim.scenario.reading import shipped
from flanksim.study.page import build, context_of
from flanksim.study.store import read_json, write_json
from tests.investment.conftest import effect
from tests.study.test_best_buys import HEAD, TWICE, two
from tests.study.test_reach import lines


def test_the_curve_is_what_the_clocks_of_the_units_count(context: Context) -> None:
    runs = context.answered
    assert runs is not None
    days = np.linspace(0.0, 40.0, 23)
    troops = np.array([unit.troops for unit in context.plan.units])
    for clock in ("ready", "closed"):
        by_run = [
            [troops[[hour / 24 - 1 <= day for hour in getattr(run.clocks, clock)]].sum() for day in days]
            for run in runs.replications
        ]
        assert len(set(map(tuple, by_run))) > 1
        low, middle, high = runs.troops_through(days, clock=clock)  # type: ignore[arg-type] # one of the clocks
        most = context.plan.troops_required
        assert middle == pytest.approx(np.minimum(most, np.median(by_run, axis=0)))
        assert low == pytest.approx(np.minimum(most, np.percentile(by_run, 5, axis=0)))
        assert high == pytest.approx(np.minimum(most, np.percentile(by_run, 95, axis=0)))


def test_the_line_of_the_first_screen_is_that_curve(context: Context) -> None:
    runs = context.answered
    assert runs is not None
    chart = str(summary(context).chart)
    corners = np.array(re.findall(r"([\d.]+) ([\d.]+)", _path(chart, "closed")), dtype=float)
    deadline = float(re.search(r'<line x1="([\d.]+)"[^>]*class="limit"', chart)[1])  # type: ignore[index]
    left, upper, _, lower = Frame(1.0, 1).box
    per_day = (deadline - left) / context.scenario.question.deadline_days
    days = (corners[:, 0] - left) / per_day
    troops = context.plan.troops_required * (lower - corners[:, 1]) / (lower - upper)
    near = [runs.troops_through(days + shift)[1] for shift in (-0.05 / per_day, 0.05 / per_day)]
    rounding = 0.06 * context.plan.troops_required / (lower - upper)
    assert (troops >= near[0] - rounding).all()
    assert (troops <= near[1] + rounding).all()
    assert troops[-1] == pytest.approx(context.plan.troops_required)


def _path(chart: str, kind: str) -> str:
    found = re.search(rf'<path class="{kind}" d="([^"]*)"', chart)
    assert found is not None
    return found[1]


def test_best_buys_that_lie_beside_are_told_with_euros_year_days_and_who_decides(tmp_path: Path) -> None:
    slow = HEAD.replace("capacity_typical: 48}\nparameters", "capacity_typical: 1}\nparameters")
    more = effect("ep", "paper", TWICE.replace("typical: 2", "typical: 1.2"))
    extra = "  paper: {name: Paper, kind: rules, cost_typical_bn_eur: 0, decides: the parliament}\n"
    scenario = two(head=slow, more=more, extra=extra)
    run = fs.run(scenario, 2, jobs=1, results=tmp_path)
    assert run.folder is not None
    assert context_of(run.folder).buys is None
    assert "flanksim best-buys tiny" in str(summary(context_of(run.folder)).trials[-1])
    bought = fs.best_buys(scenario, replications=2, first=2, jobs=1, results=tmp_path)
    told = summary(context_of(run.folder))
    assert told.tried == "What helps most for the money"
    lines = [re.sub("<[^>]*>", "", str(line)) for line in told.trials]
    assert set(bought.buys[0]) >= ROW
    best = [row for row in bought.buys if row["frontier"]]
    assert {row["action"] for row in best} >= {"a", "rule"}
    for row, line in zip(best, lines, strict=False):
        price = {"a": "EUR 1 bn, from 2028"}.get(row["action"], "no money, from 2026")
        assert line.startswith(f"{row['title']} ({price}): last day {row['days_sooner']:.1f} days sooner")
        assert f"{row['points']:.0f} points more in time." in line
        assert ("Decides: A." in line) == (row["action"] == "a")
    assert "Decides: A." in build(run.folder).read_text(encoding="utf-8")


def test_the_steps_of_a_search_beside_a_run_are_told_with_their_price(tmp_path: Path) -> None:
    scenario = with_settings(lines(), {"question": {"deadline_days": 6}})
    run = fs.run(scenario, 2, jobs=1, results=tmp_path)
    assert run.folder is not None
    assert context_of(run.folder).reached is None
    fs.reach(scenario, by=5, replications=2, first=2, jobs=1, results=tmp_path)
    assert context_of(run.folder).reached is None, "that is another question"
    found = fs.reach(scenario, replications=2, first=2, jobs=1, results=tmp_path)
    told = summary(context_of(run.folder))
    assert told.tried == "What it would take"
    text = [re.sub("<[^>]*>", "", str(line)) for line in told.trials]
    assert len(text) == len(found.staircase) > 2
    for row, line in zip(found.staircase[1:], text, strict=False):
        assert line.startswith(f"{row['title']}: {100 * row['share_on_time'].mean:.0f} % of the troops by C+6")
    last = found.staircase[-1]
    assert text[-1].startswith(f"Together, for {euros(last['cost_bn_eur'])}: in time in all of 2 runs")


def test_best_buys_of_another_network_or_unfinished_or_damaged_are_left_alone(tmp_path: Path) -> None:
    scenario = two()
    run = fs.run(scenario, 2, jobs=1, results=tmp_path)
    fs.best_buys(with_settings(scenario, {"question": {"deadline_days": 2}}), replications=2, first=2, jobs=1,
                 results=tmp_path)  # fmt: skip
    assert run.folder is not None
    assert context_of(run.folder).buys is None
    own = fs.best_buys(scenario, replications=2, first=2, jobs=1, results=tmp_path).folder
    assert own is not None
    assert context_of(run.folder).buys is not None
    manifest = read_json(own / "manifest.json")
    write_json(own / "manifest.json", manifest | {"status": "running"})
    assert context_of(run.folder).buys is None
    write_json(own / "manifest.json", manifest)
    (own / "runs.parquet").unlink()
    assert context_of(run.folder).buys is None


def test_what_ships_is_shown_of_the_shipped_network_alone_and_says_its_state(context: Context) -> None:
    """A page of the small scenario has none; of the main one it is told with its digest, or as of earlier tables."""
    assert context.shipped_buys is None
    scenario = fs.load("eastern-flank")
    found = read_json(shipped() / "measured" / "eastern-flank.json")
    assert set(found["actions"][0]) <= {*ROW, "cost_bn_eur_low", "cost_bn_eur_high"}
    for digest, said in ((scenario.digest, False), ("0", True)):
        lines = [re.sub("<[^>]*>", "", str(line)) for line in shipped_lines(scenario, found | {"digest": digest})]
        assert ("earlier state of the tables" in lines[-1]) is said
        assert len(lines) == 5
    best = found["actions"][0]
    low, high = best["days_sooner_low"], best["days_sooner_high"]
    assert lines[0].startswith(f"{best['title']} (")
    assert f"last day {best['days_sooner']:.1f} days ({low:.1f} to {high:.1f}) sooner" in lines[0]
    assert lines[0].endswith(f"Decides: {best['decides']}.")
    assert all("Decides: " in line for line in lines[:-1])


#: Names of a row of best buys that the page reads.
ROW = {
    "action", "title", "decides", "cost_bn_eur", "counts_from", "pairs", "verdict", "closing_verdict", "frontier",
    *(f"{name}{end}" for name in ("days_sooner", "points", "soldier_days_sooner") for end in ("", "_low", "_high")),
}  # fmt: skip


def test_who_decides_is_the_lever_s_own_or_the_countries_of_a_project() -> None:
    scenario = fs.load("eastern-flank")
    assert deciders(scenario, ["warning_14"]) == scenario.levers["warning_14"].decides
    assert deciders(scenario, ["PR106"]) == "Poland"
    assert deciders(scenario, ["nothing"]) == ""
    many = next(key for key, row in scenario.projects.items() if len(row.countries) > 3)
    assert re.fullmatch(r"([^,]+, ){2}[^,]+ and \d+ more", deciders(scenario, [many]))


@pytest.mark.parametrize(
    ("cost", "said"), [(0, "no money"), (0.02, "EUR 0.02 bn"), (1.24, "EUR 1.2 bn"), (225.4, "EUR 225 bn")]
)
def test_euros(cost: float, said: str) -> None:
    assert euros(cost) == said


def test_a_figure_takes_ink_and_ground_of_the_page_and_keeps_what_has_a_meaning() -> None:
    parts = "".join(f'<path style="fill: {colour}; stroke: #ffffff"/>' for colour in (INK, DEADLINE, ON_LIGHT, ON_DARK))
    found = inline(f"<svg >{parts}</svg>", "x")
    assert found.count("stroke: var(--page)") == 4
    assert re.findall(r'<path style="fill: ([^;]*);', found) == ["var(--ink)", DEADLINE, ON_LIGHT, ON_DARK]
