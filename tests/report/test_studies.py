"""The pages of sweeps and comparisons: tiles of one point, names that differ, and the verdicts of the study."""

from __future__ import annotations

from pathlib import Path

import pytest

import flanksim as fs
from flanksim import loads
from flanksim.report.checklists import command
from flanksim.report.projects import projects_section
from flanksim.report.verdicts import best_point, compare_verdict, point_words, sweep_verdict
from flanksim.report.why_late import by_alternative
from flanksim.study.page import context_of
from tests.study.test_differences import PORTFOLIO
from tests.study.test_experiment import RANDOM


@pytest.mark.parametrize(("levels", "count"), [([0, 1, 2], 12), ([0, 1], 3)])
def test_all_tiles_of_a_sweep_are_of_one_point(levels: list[float], count: int, tmp_path: Path) -> None:
    scenario = loads(RANDOM + "spending: {target_year: 2026}\n")
    found = fs.sweep(scenario, levels, [2026, 2030, 2035], [0.05, 0.12], count, jobs=1, results=tmp_path)
    assert found.folder is not None
    context = context_of(found.folder)
    surface = context.surface
    assert surface is not None
    best = best_point(surface)
    _, lines, tiles = sweep_verdict(context, surface)
    share, day, chance, money = tiles
    assert share.value == f"{100 * found.on_time_share(best).mean:.0f} %"
    assert day.value == f"C+{found.closure_day(best).mean:.0f}"
    hits = sum(
        run.closures["all"].day <= scenario.question.deadline_days for run in found.networks[best.cell].replications
    )
    assert chance.value == f"{hits} of {count}"
    assert money.value == f"EUR {best.spent_bn_eur:,.1f} bn"
    assert money.label.endswith(point_words(best))
    text = " ".join(map(str, lines))
    if count == 3:
        assert found.best is None
        assert "too few runs to tell which point does best" in text
    else:
        assert found.best is not None
        assert best == found.best
        assert f"{count} pairs of runs" in text


def test_the_page_of_a_comparison_names_its_alternatives_and_runs_again(tmp_path: Path) -> None:
    scenario = loads(PORTFOLIO)
    found = fs.compare([scenario, scenario], [["third"], ["second"]], 2, jobs=1, results=tmp_path)
    assert found.folder is not None
    context = context_of(found.folder)
    assert context.alternatives is not None
    titles = [entry.title for entry in found.alternatives]
    _, lines, tiles = compare_verdict(context, context.alternatives)
    assert [tile.label for tile in tiles] == titles
    text = " ".join(map(str, lines))
    assert "Third signalling" in text
    assert "the same in every run" in text
    assert "-0.0" not in text
    table = str(by_alternative(context))
    assert all(title in table for title in titles), "also those that share their runs"
    assert "--projects first+third --projects second" in command(context)
    assert "paid-line paid-line --projects" in command(context)
    assert "First signalling" in str(projects_section(context, "").body), "what a portfolio needs is listed"  # type: ignore[arg-type]
