"""A theatre of which the code knows nothing: it runs, is bounded, is drawn, and no word of another one is said."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import flanksim as fs
from flanksim.bounds.ladder import ladder
from flanksim.draw.basemap import frame_of, positions
from flanksim.errors import FlanksimError
from flanksim.scenario import Scenario
from tests.draw.boxes import written

FILE = Path(__file__).with_name("islands.yaml")
#: What only the shipped scenarios may say.
ELSEWHERE = re.compile(
    r"europ\w*|nato|atlantic|baltic|mediterranean|north sea|eastern|(?<!\w)flanks?(?!\w)|german\w*|poland|polish|"
    r"america\w*|britain|british|continent\w*|russia\w*|(?<!\w)(EU|UIC|USA|GBR|DEU|POL)(?!\w)",
)


@pytest.fixture(scope="module")
def islands() -> Scenario:
    return fs.load(FILE)


def said(text: str) -> list[str]:
    """Words of another theatre in a text."""
    return [found.group() for found in re.finditer(ELSEWHERE.pattern, text, re.IGNORECASE)]


def flanksim(*arguments: str | Path, cwd: Path) -> str:
    call = [sys.executable, "-c", "from flanksim.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(call, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_runs_above_its_bound(islands: Scenario) -> None:
    run, bound = fs.simulate(islands, seed=1), ladder(islands)
    assert run.closures["all"].troops == 2050
    days = [day for day in bound.bounds.values() if day is not None]
    assert days
    assert 0 < max(days) <= run.closures["all"].day


def test_rules_of_another_theatre_do_not_hold_here(islands: Scenario) -> None:
    """Trains of each gauge in their own region, ships in their own waters, the short road only with leave, short
    flights from short runways."""
    run = fs.simulate(islands, seed=1)
    moves = run.movements[run.movements["kind"] == "travel"]
    links = set(moves["resource"].astype(str).str.split(":").str[0])
    assert {"R1", "R2", "R3", "S1"} <= links
    assert not {"W6", "W7"} & links
    assert "" in links  # flights of less than 600 km
    asked = islands.model_copy(update={"regime": islands.regime.model_copy(update={"transit_states": ("TUC",)})})
    again = fs.simulate(asked, seed=1).movements
    assert {"W6", "W7"} & set(again["resource"].astype(str).str.split(":").str[0])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"fleets": {"lighters": {"waters": "strat"}}}, "unknown waters 'strat'"),
        ({"fleets": {"lower": {"gauge_mm": 763}}}, "unknown gauge '763'"),
        ({"unit_types": {"battalion": {"loading_gauge": "lo"}}}, "unknown loading gauge 'lo'"),
        ({"units": {"TUA-1": {"regional_plan": "sunrize"}}}, "unknown plan 'sunrize'"),
        ({"nodes": {"S_EAST": {"country": "TUX"}}}, "unknown country 'TUX'"),
        ({"projects": {"quay": {"countries": "Leage"}}}, "Leage"),
    ],
)  # fmt: skip
def test_its_own_words_are_those_that_are_known(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(FlanksimError, match=message):
        fs.load(FILE, overrides)


def test_a_group_of_its_own_pays(islands: Scenario) -> None:
    built = fs.load(FILE, {"year": 2030})
    assert built.country_groups == {"League": ("TUA", "TUB")}
    assert fs.apply(built, built.spending, 2030).facilities["berth-reef"].servers_typical == 2


def test_its_map_is_round_its_places(islands: Scenario) -> None:
    frame = frame_of(islands)
    assert frame.centre[0] == pytest.approx(-19, abs=1)
    assert abs(frame.centre[1]) > 178  # the places lie on both sides of the date line
    assert all(frame.holds(point) for point in positions(islands).values())
    axes = fs.simulate(islands, seed=1).map.plot()
    west, east = frame.extent[:2]
    left, right = axes.get_xlim()  # a panel is wider than the frame, about the same middle
    assert left + right == pytest.approx(west + east)
    assert left <= west < east <= right < east + (east - west) / 4
    assert not said(" ".join(text for text, _ in written(axes)))


def test_its_numbers_are_read_again_as_they_were_saved(islands: Scenario, tmp_path: Path) -> None:
    """No number of the shipped tables comes in where a theatre relies on a default."""
    assert "barge_terminal_hours" not in islands.parameters
    study = fs.run(islands, replications=1, results=tmp_path, jobs=1)
    assert study.folder is not None
    again = fs.load(study.folder / "scenario.yaml")
    assert (again.parameters, again.sources) == (islands.parameters, islands.sources)
    assert again.digest == study.scenario.digest


@pytest.mark.slow
def test_no_word_of_another_theatre_is_said(tmp_path: Path) -> None:
    """On the terminal and on the page, figures included."""
    told = flanksim("check", FILE, "--sources", cwd=tmp_path)
    told += flanksim("run", FILE, "-n", "2", "--bounds", cwd=tmp_path)
    told += flanksim("compare", FILE, "--projects", "quay", "-n", "2", cwd=tmp_path)
    folder = next((tmp_path / "results" / "islands").iterdir())
    told += flanksim("explain", folder, cwd=tmp_path) + flanksim("report", folder, cwd=tmp_path)
    assert not said(told.replace(str(tmp_path), ""))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "ready on the southern island within 20 days" in page
    assert not said(re.sub(r"data:[a-z/+]+;base64,[A-Za-z0-9+/=]+", "", page))
    for figure in folder.glob("*.svg"):
        assert not said(figure.read_text(encoding="utf-8")), figure.name
