"""The page of a search for packages, and the sliders of it and of a sweep: what they hold is what the study says."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import flanksim as fs
from flanksim.activities import Cause
from flanksim.report.checklists import command
from flanksim.report.helps import euros
from flanksim.report.labels import place as name_of
from flanksim.report.packages import reach_verdict
from flanksim.report.point_map import PointMap
from flanksim.study.page import context_of
from flanksim.study.reach import Reach
from flanksim.study.sweep import Sweep


def points_on(folder: Path) -> dict[str, Any]:
    """The data behind the sliders of a folder's page."""
    text = (folder / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="explorer-data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_every_package_that_was_run_has_its_place_and_no_other(reach_folder: Path) -> None:
    found, data = fs.open(reach_folder), points_on(reach_folder)
    assert isinstance(found, Reach)
    assert set(data["points"]) == {",".join(map(str, package)) for package in found.packages}
    every = {",".join(map(str, place)) for place in product(*(range(len(levels)) for levels in data["levels"]))}
    assert set(data["points"]) < every, "some package was not run"
    for package, entry in zip(found.packages, found.alternatives, strict=True):
        point = data["points"][",".join(map(str, package))]
        assert point["closed"] == f"C+{entry.closure_spread().median:.1f}"
        assert point["share"] == f"{100 * entry.on_time_share().mean:.0f} %"
        assert point["cost"] == euros(entry.cost_bn_eur)
        assert point["built"] == [found.levers[key].name for key in found.families.levers(package)]


def test_curves_of_a_sweep_rise_to_the_troops_that_are_closed_in_time(sweep_folder: Path) -> None:
    found, data = fs.open(sweep_folder), points_on(sweep_folder)
    assert isinstance(found, Sweep)
    assert len(data["points"]) == len(found.points)
    deadline = found.scenario.question.deadline_days
    at = data["days"].index(deadline)
    for place, point in data["points"].items():
        assert point["curve"] == sorted(point["curve"])
        level, year = (data["levels"][n][int(number)] for n, number in enumerate(place.split(",")))
        own = next(p for p in found.points if f"{p.infrastructure_share:g}" == level and str(p.year) == year)
        share = found.on_time_share(own).mean
        assert point["curve"][at] == pytest.approx(share * data["required"], abs=1)
        assert point["curve"][-1] == data["required"]


def test_the_map_of_a_point_counts_the_troops_of_each_area(sweep_folder: Path) -> None:
    found, data = fs.open(sweep_folder), points_on(sweep_folder)
    assert isinstance(found, Sweep)
    scenario = found.scenario
    units = list(scenario.ordered_units.values())
    wanted: dict[str, int] = {}
    for unit in units:
        if not unit.in_place:
            name = name_of(unit.assembly_node, scenario)
            wanted[name] = wanted.get(name, 0) + unit.troops
    assert dict(data["areas"]) == wanted
    runs = found.at(found.points[0]).replications
    point = data["points"][",".join("0" for _ in data["levels"])]
    for (name, _), there in zip(data["areas"], point["there"], strict=True):
        own = [number for number, unit in enumerate(units) if name_of(unit.assembly_node, scenario) == name]
        limit = 24 * (scenario.question.deadline_days + 1)
        closed = [sum(units[n].troops for n in own if run.closed_h[n] <= limit) for run in runs]
        assert there == round(sum(closed) / len(closed))


def test_waits_have_a_place_where_their_queue_has_one(sweep_folder: Path) -> None:
    found = fs.open(sweep_folder)
    assert isinstance(found, Sweep)
    scenario, runs = found.scenario, found.at(found.points[0])
    key, link = next((key, row) for key, row in scenario.links.items() if row.mode == "rail")
    queues = {f"queue at berth:{link.from_node}": 48.0, f"queue at {key}": 24.0, "lift ro-ro": 480.0}
    one = replace(runs.replications[0], causes_h={Cause.of(text): hours for text, hours in queues.items()})
    none = replace(runs.replications[1], causes_h={Cause.of(f"queue at {key}"): 24.0})
    waits = PointMap(scenario).waits(replace(runs, replications=(one, none)))
    assert waits == pytest.approx({link.from_node: 1.0 + 0.5, link.to_node: 0.5})


def test_steps_of_a_search_lead_to_places_that_were_run(reach_folder: Path) -> None:
    found, data = fs.open(reach_folder), points_on(reach_folder)
    assert isinstance(found, Reach)
    assert [name for _, name in data["steps"]] == [row["title"] for row in found.staircase]
    for (key, _), row in zip(data["steps"], found.staircase, strict=True):
        assert data["points"][key]["part"] == pytest.approx(row["share_on_time"].mean, abs=1e-4)


def test_a_run_has_no_sliders(run_folder: Path) -> None:
    assert "explorer-data" not in (run_folder / "report.html").read_text(encoding="utf-8").partition("<script>")[0]


def test_the_page_of_a_search_says_what_it_takes(reach_folder: Path) -> None:
    context, found = context_of(reach_folder), fs.open(reach_folder)
    assert isinstance(found, Reach)
    verdict, lines, tiles = reach_verdict(found, context.deadline)
    best = found.rows[0]
    assert verdict.startswith("Yes, with")
    assert len(best["levers"]) == 2
    text = " ".join(map(str, lines))
    assert "Gives way first" in text
    assert tiles[0].value == f"C+{best['closure_day'].mean:.0f}"
    assert tiles[2].value == f"{best['p_on_time'].hits} of {best['p_on_time'].runs}"
    page = html.unescape((reach_folder / "report.html").read_text(encoding="utf-8"))
    for title in best["titles"]:
        assert title in page
    assert 'id="figure-staircase"' in page
    assert 'id="figure-grid"' in page
    asked = command(context)
    assert asked.startswith("flanksim reach scenario.yaml --lever")
    assert "--by 6 --probability 0.9" in asked


def test_where_nothing_reaches_the_page_says_so_with_the_nearest() -> None:
    from tests.study.test_reach import lines

    found = fs.reach(lines(), by=1, replications=2, first=2, jobs=1)
    verdict, lines_, _ = reach_verdict(found, "C+1")
    assert verdict.startswith("No package")
    assert "Today the last unit is closed on" in str(lines_[0])


def test_figures_hold_the_steps_and_fields_that_were_run(reach_folder: Path) -> None:
    found = fs.open(reach_folder)
    assert isinstance(found, Reach)
    steps = found.steps_drawn()
    assert list(steps["lever"]) == [row["lever"] for row in found.staircase]
    assert list(steps["closure_day"]) == [row["closure_day"].mean for row in found.staircase]
    axes = found.steps_drawn.plot()
    assert len(axes.get_yticklabels()) == len(steps)
    fields = found.grid(("half", "twice"))
    known = fields[fields["closure_day"].notna()]
    assert len(fields) == 6
    assert len(known) >= 3
    for _, row in known.iterrows():
        package = found.families.package([key for key in row["levers"].split(";") if key])
        entry = found.of(package)
        assert entry is not None
        assert row["closure_day"] == entry.closure_day().mean
