"""Global sensitivity: a unit that gets ready and drives, both unknown, against closed forms; saved, opened, resumed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import flanksim as fs
from flanksim import FlanksimError, GlobalSensitivity
from flanksim.measure.global_sensitivity import morris_effects
from flanksim.network.worlds import triangle
from flanksim.terminal import render
from flanksim.text.global_sensitivity import as_json, blocks
from tests.conftest import tiny
from tests.study.test_worlds import ROAD, SPEED, _files, known

READY = "unknowns ready"
UNKNOWN = "unknowns:\n  ready: {name: Readiness, table: units, attribute: ready_day, low: 0.5, high: 3}\n"
SCENARIO = known(tiny(ROAD.replace("REST", "6").replace("ready_day: 2", "ready_day: 0.4") + UNKNOWN))


def hours(design: np.ndarray) -> list[float]:
    """Speed in the first column, readiness in the second: 9.6 hours times a factor, 240 km, and 6 hours more."""
    return [9.6 * triangle(0.5, 1, 3, ready) + 240 / triangle(10, 10, 60, speed) + 6 for speed, ready in design]


@pytest.fixture(scope="module")
def sobol(tmp_path_factory: pytest.TempPathFactory) -> GlobalSensitivity:
    root = tmp_path_factory.mktemp("results")
    return fs.global_sensitivity(SCENARIO, "sobol", base=32, replications=1, jobs=1, results=root)


def test_each_point_is_what_arithmetic_says(sobol: GlobalSensitivity) -> None:
    assert [number.name for number in sobol.numbers] == [SPEED, READY]
    assert len(sobol.points) == 32 * 4
    assert [24 * (day + 1) for day in sobol.values("soldier")] == pytest.approx(hours(sobol.design))
    assert sobol.values("last-day") == pytest.approx(sobol.values("soldier"))


def test_of_two_things_one_after_the_other_each_has_its_part_of_the_variance(sobol: GlobalSensitivity) -> None:
    """A triangle's variance is (a² + b² + c² - ab - ac - bc) / 18; that of 240 / v as in the test of worlds."""
    ready = 9.6**2 * (0.5**2 + 1 + 9 - 0.5 - 1.5 - 3) / 18
    first = 2 / 50**2 * (60 * np.log(6) - 50)
    drive = 240**2 * (2 / 50**2 * (60 * (1 / 10 - 1 / 60) - np.log(6)) - first**2)
    parts = {SPEED: drive / (ready + drive), READY: ready / (ready + drive)}
    assert 24**2 * sobol.variances["soldier"] == pytest.approx(ready + drive, rel=0.15)
    for row in sobol.effects:
        if row["measure"] == "soldier":
            assert row["first"] == pytest.approx(parts[row["number"]], abs=max(0.1, row["first_half"]))
            assert row["total"] == pytest.approx(parts[row["number"]], abs=max(0.1, row["total_half"]))


def test_morris_gives_the_effects_of_its_own_points() -> None:
    found = fs.global_sensitivity(SCENARIO, "morris", [SPEED, READY], base=3, replications=1, jobs=1)
    assert len(found.points) == 3 * 3
    by_hand = morris_effects(found.design, [hour / 24 - 1 for hour in hours(found.design)], found.seed)
    rows = {row["number"]: row for row in found.effects if row["measure"] == "soldier"}
    for name, effect in zip((SPEED, READY), by_hand, strict=True):
        assert rows[name]["mean"] == pytest.approx(effect.mean)
        assert rows[name]["spread"] == pytest.approx(effect.spread)
    assert rows[SPEED]["mean"] < 0 < rows[READY]["mean"]
    assert np.isnan(rows[SPEED]["first"])
    json.dumps(as_json(found), allow_nan=False)
    assert "Readiness" in render(blocks(found))


def test_it_is_saved_reopened_and_resumed_to_the_same_bytes(sobol: GlobalSensitivity, tmp_path: Path) -> None:
    assert sobol.folder is not None
    again = fs.open(sobol.folder)
    assert isinstance(again, GlobalSensitivity)
    assert as_json(again) == as_json(sobol)
    copy = Path(shutil.copytree(sobol.folder, tmp_path / "copy"))
    for path in sorted((copy / "parts").iterdir())[::8]:
        path.unlink()
    fs.global_sensitivity(SCENARIO, "sobol", base=32, replications=1, jobs=1, resume=copy)
    assert _files(copy) == _files(sobol.folder)


def test_what_cannot_be_varied_is_refused() -> None:
    with pytest.raises(FlanksimError, match="E130"):
        fs.global_sensitivity(SCENARIO, "random")
    with pytest.raises(FlanksimError, match=r"(?s)E523.*links road"):
        fs.global_sensitivity(SCENARIO, "morris", ["links road speed"])
    with pytest.raises(FlanksimError, match="E130"):
        fs.global_sensitivity(SCENARIO, "sobol", base=24)


def test_the_tornado_is_drawn_with_the_largest_effect_on_top() -> None:
    found = fs.sensitivity(SCENARIO, [SPEED, READY], 2, first=2, jobs=1)
    axes = found.tornado.plot()
    titles = [label.get_text() for label in axes.get_yticklabels()]
    assert titles[-1] == found.effects[0]["title"]
    widths = sorted(round(bar.get_width(), 6) for bar in axes.patches if bar.get_width())
    ends = [found.effects[n][f"{end}_soldier"] for n in (0, 1) for end in ("low", "high")]
    assert widths == sorted(round(value, 6) for value in ends if value)
