"""Robust: regrets, choices, conditions and worth against hand enumeration of a road whose speed nobody knows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import flanksim as fs
from flanksim import FlanksimError, Robust, Scenario
from flanksim.investment.levers import apply_levers
from flanksim.network.worlds import World, uncertain
from flanksim.terminal import render
from flanksim.text.robust import as_json, blocks
from tests.conftest import tiny
from tests.study.test_reach import lines
from tests.study.test_worlds import ROAD, SPEED, _files, known

#: In time with over 20 km/h: ready on day 2, 12 hours for 240 km, and 6 more; a day label begins a day later.
IN_TIME = "question: {deadline_days: 1.75}\n"
COUNT = 30


def road() -> Scenario:
    return known(tiny(IN_TIME + ROAD.replace("REST", "6")))


def rail() -> Scenario:
    """The same unit by a railway that takes 20 hours in any world."""
    line = "  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 20, headway_hours: 0}\n"
    text = (
        ROAD.replace("REST", "6")
        .replace("units:", line + "units:")
        .replace("ready_day: 2", "ready_day: 2, modes: [rail]")
    )
    return known(tiny(IN_TIME + text.replace("close_share: 1", "close_share: 1, vehicles_per_train: 1"))).model_copy(
        update={"name": "rail"}
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Robust:
    results = tmp_path_factory.mktemp("results")
    return fs.robust([road(), rail()], (), COUNT, 1, replications=2, jobs=1, results=results)


def hours_by_hand() -> np.ndarray:
    """A row a world: by road as its speed there says, by rail always the same."""
    scenario = road()
    speeds = [World(n, COUNT, scenario.seed).of(scenario).links["way"].speed_typical_kmh or 0 for n in range(COUNT)]
    return np.array([[48 + 240 / speed + 6, 48 + 20] for speed in speeds])


def test_outcomes_and_regrets_are_those_of_enumeration(found: Robust) -> None:
    assert [entry.name for entry in uncertain(road())] == [SPEED]
    hours = hours_by_hand()
    assert 24 * (found.outcomes + 1) == pytest.approx(hours)
    by_hand = [[max(0, a - b), max(0, b - a)] for a, b in hours]
    assert 24 * found.regrets == pytest.approx(np.array(by_hand))
    means, worst = hours.mean(axis=0), np.max(by_hand, axis=0)
    in_time = (hours <= 66 + 1e-9).sum(axis=0)
    assert found.choices == {
        "mean": int(means.argmin()), "least_regret": int(worst.argmin()), "most_often_enough": int(in_time.argmax()),
    }  # fmt: skip
    assert found.choices["least_regret"] == 0
    assert in_time.tolist() == [(~found.fails[:, place]).sum() for place in (0, 1)] == [in_time[0], 0]
    knows = np.minimum(hours[:, 0], hours[:, 1]).mean()
    assert 24 * found.perfect_information == pytest.approx(min(means) - knows)


def test_the_speed_is_worth_knowing_and_the_road_fails_where_it_is_low(found: Robust) -> None:
    (worth,) = found.worth_knowing
    assert worth.name == SPEED
    assert worth.by_chance < worth.worth <= found.perfect_information + 1e-9
    box = found.conditions["tiny"]
    assert box is not None
    low, high = box.limits[0]
    assert low == 0.0
    assert high == pytest.approx(1 - (40 / 50) ** 2, abs=1 / COUNT)  # the part of the distribution below 20 km/h
    assert (box.density, box.coverage) == (1.0, 1.0)
    assert found.condition_words(box).startswith("Road links: speed kmh below ")
    assert found.conditions["rail"] is None


def test_the_answer_for_people_and_machines(found: Robust) -> None:
    said = as_json(found)
    json.dumps(said, allow_nan=False)
    assert said["choices"]["least_regret"] == "tiny"
    assert len(said["regrets"]) == COUNT
    assert said["alternatives"][0]["fails_if"]["numbers"][0]["number"] == SPEED
    assert said["alternatives"][0]["fails_if"]["numbers"][0]["high"] == pytest.approx(2, abs=0.2)  # times 10 km/h
    assert said["alternatives"][1]["fails_if"] is None
    text = " ".join(render(blocks(found)).split())
    assert "with rail: in every world" in text
    assert "Worth finding out first: Road links: speed kmh" in text


def test_it_is_saved_reopened_and_resumed_to_the_same_bytes(found: Robust, tmp_path: Path) -> None:
    assert found.folder is not None
    again = fs.open(found.folder)
    assert isinstance(again, Robust)
    assert as_json(again) == as_json(found)
    assert again.worlds_table().equals(found.worlds_table())
    copy = Path(shutil.copytree(found.folder, tmp_path / "copy"))
    for path in sorted((copy / "parts").iterdir())[::3]:
        path.unlink()
    fs.robust([road(), rail()], (), COUNT, 1, replications=2, jobs=1, resume=copy)
    assert _files(copy) == _files(found.folder)
    with pytest.raises(FlanksimError, match="E502"):
        fs.robust([road(), rail()], (), COUNT + 1, 1, replications=2, jobs=1, resume=copy)


def test_levers_are_alternatives_as_projects_are() -> None:
    scenario = lines()
    found = fs.compare(scenario, [["more"], ["a"], ["more", "a"]], 2, jobs=1)
    today, more, project, both = found.alternatives
    assert (
        more.scenario.digest == apply_levers(scenario, ["more"]).model_copy(update={"seed": today.scenario.seed}).digest
    )
    assert more.title == "Three quarters"
    assert more.about.cost_bn_eur == (0.5, 0.5, 0.5)
    assert both.cost_bn_eur == pytest.approx(more.cost_bn_eur + project.cost_bn_eur)
    assert both.closure_day().mean <= min(more.closure_day().mean, project.closure_day().mean)
    with pytest.raises(FlanksimError, match="E216"):
        fs.compare(scenario, [["nothing"]], 2, jobs=1)


def test_what_cannot_be_judged_is_refused() -> None:
    for options in ({"measure": "speed"}, {"enough": 0}, {"worlds": 1}):
        with pytest.raises(FlanksimError, match="E130"):
            fs.robust([road(), rail()], **{"replications": 1, "jobs": 1, **options})  # type: ignore[arg-type]
