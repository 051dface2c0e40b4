"""Mistakes get one clear message each, with file, line and remedy; all of them at once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from flanksim import FlanksimError, Run, load, loads, simulate
from flanksim.scenario import shipped
from tests.conftest import BARE, OPEN, SEED

GOOD = (
    OPEN
    + """links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 4, headway_hours: 1}
units:
  u: {home_node: a, assembly_node: b, wheeled: 10}
"""
)

MISTAKES = [
    ("E103", "wheeled: 10", "wheled: 10", "units.u.wheled", "did you mean 'wheeled'?"),
    ("E103", "mode: rail", "mode: rail, trakcs: 2", "links.line.trakcs", "did you mean 'tracks'?"),
    ("E103", "flanksim: 1", "flanksim: 1\ntitel: x", "titel", "did you mean 'title'?"),
    ("E103", "chance: false", "chanse: false", "mechanisms.chanse", "did you mean 'chance'?"),
    ("E104", "mode: rail, ", "", "links.line.mode", "state it"),
    ("E104", "home_node: a, ", "", "units.u.home_node", "state it"),
    ("E105", "mode: rail", "mode: railway", "links.line.mode", ""),
    ("E105", "wheeled: 10", "wheeled: many", "units.u.wheeled", ""),
    ("E105", "travel_hours: 4", "travel_hours: {mean: 4}", "links.line.travel_hours", "exponential"),
    ("E105", "flanksim: 1", "flanksim: 9", "flanksim", ""),
    ("E106", "headway_hours: 1", "headway_hours: -1", "links.line.headway_hours", ""),
    ("E106", "wheeled: 10", "wheeled: -10", "units.u.wheeled", ""),
    ("E106", "wheeled: 10", "troops: 900000000", "units.u.troops", ""),
    ("E107", "travel_hours: 4", "length_km: 9, capacity_low: 5, capacity_typical: 3", "links.line", ""),
    ("E107", "headway_hours: 1", "closures: [{from_hour: 5, to_hour: 4}]", "links.line.closures.0", ""),
    ("E201", "assembly_node: b", "assembly_node: bb", "units.u.assembly_node", "did you mean 'b'?"),
    ("E203", "wheeled: 10", "unit_type: tank", "units.u.unit_type", "add it to the table of unit types"),
    ("E206", "to_node: b", "to_node: a", "links.line", ""),
    ("E207", "travel_hours: 4, ", "", "links.line", "length in km"),
    ("E208", "travel_hours: 4", "length_km: 52000", "links.line.length_km", "km, not metres"),
    ("E302", "name: tiny", "name: tiny\nquestion: {troops_required: 500}", "question.troops_required", "500 more"),
    ("E303", ", wheeled: 10", "", "units.u", "state troops"),
    ("E301", "name: tiny", "name: tiny\nforces: {nations: [FRA]}", "units", "check forces"),
]


@pytest.mark.parametrize(("code", "right", "wrong", "path", "hint"), MISTAKES)
def test_one_mistake_one_message(code: str, right: str, wrong: str, path: str, hint: str) -> None:
    assert right in GOOD
    text = GOOD.replace(right, wrong, 1)
    with pytest.raises(FlanksimError) as caught:
        loads(text, "my.yaml")
    (problem, *others) = [entry for entry in caught.value.problems if entry.code == code]
    assert not others, caught.value
    assert problem.path == path
    assert hint in problem.hint
    where = re.fullmatch(r"my\.yaml:(\d+)", problem.where)
    if code not in ("E301", "E104"):
        assert where, problem.where
        changed = text.splitlines()[int(where.group(1)) - 1]
        assert any(
            word in changed
            for word in (
                wrong.rsplit("\n", maxsplit=1)[-1].split(":", maxsplit=1)[0],
                path.rsplit(".", maxsplit=1)[-1],
                "line:",
                "u:",
            )
        )


def test_all_mistakes_come_at_once() -> None:
    text = (
        GOOD.replace("wheeled: 10", "wheled: 10").replace("mode: rail", "mode: railway").replace("name: tiny", "nam: x")
    ).replace("assembly_node: b, ", "")
    with pytest.raises(FlanksimError) as caught:
        loads(text, "my.yaml")
    told = [problem.path for problem in caught.value.problems]
    assert sorted(told) == ["links.line.mode", "nam", "units.u.assembly_node", "units.u.wheled"]  # nam is the name
    assert str(caught.value).startswith("4 errors")


def test_a_bad_value_does_not_hide_an_unknown_name() -> None:
    text = GOOD.replace("headway_hours: 1", "headway_hours: -1").replace("assembly_node: b", "assembly_node: bb")
    with pytest.raises(FlanksimError) as caught:
        loads(text, "my.yaml")
    assert {problem.code for problem in caught.value.problems} == {"E106", "E201"}


def test_a_bad_value_that_its_row_must_have_hides_no_unknown_name() -> None:
    """The value stands aside, and then the row too, which is nothing without it."""
    text = GOOD.replace("assembly_node: b", "assembly_node: bb") + (
        "fleets:\n  flats: {kind: train, pool: p, carries: wheeled, count_typical: 1, capacity: -30, home_node: a}\n"
    )
    with pytest.raises(FlanksimError) as caught:
        loads(text, "my.yaml")
    assert {problem.path for problem in caught.value.problems} == {"fleets.flats.capacity", "units.u.assembly_node"}


def test_a_bad_field_of_a_row_with_a_short_name_hides_no_unit_of_measure() -> None:
    """The row ``u`` stands aside; that its letter is in ``capacity_unit`` is no reason to hold that back."""
    text = GOOD.replace("wheeled: 10", "wheeled: 10, wheels: 3").replace(
        "headway_hours: 1", "headway_hours: 1, capacity_unit: vehicles_per_hour"
    )
    with pytest.raises(FlanksimError) as caught:
        loads(text, "my.yaml")
    assert {problem.code for problem in caught.value.problems} == {"E103", "E219"}


@pytest.mark.parametrize(("country", "hint"), [("TUA", "list it under countries"), ("Nowhere", "such as ISL")])
def test_a_hint_names_countries_of_the_scenario_alone(country: str, hint: str) -> None:
    known = "{a: {country: ISL}" if hint == "such as ISL" else "{a: {country: TUB}"
    text = GOOD.replace("links:", f"nodes: {known}, b: {{country: {country}}}}}\nlinks:", 1)
    with pytest.raises(FlanksimError) as caught:
        loads(text, "my.yaml")
    hints = [problem.hint for problem in caught.value.problems if problem.path == "nodes.b.country"]
    assert len(hints) == 1
    assert hint in hints[0]
    assert "POL" not in hints[0]
    assert "USA" not in hints[0]


def test_a_misspelt_parameter_is_an_error() -> None:
    with pytest.raises(FlanksimError, match="E209") as caught:
        loads(GOOD + "parameters: {ramp_hours_per_tran: 3}\n", "my.yaml")
    assert "did you mean 'ramp_hours_per_train'?" in str(caught.value)
    own = "parameters: {mine: {typical: 3, meaning: read by my notebook}}\n"
    assert loads(GOOD + own).value("mine") == 3


def test_the_good_scenario_is_good() -> None:
    assert simulate(loads(GOOD), 1).closures["all"].hour > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flanksim: [1", "is not closed"),
        ("- a", "this is a list, and no scenario"),
        ("a: 1\na: 2", "'a' is used twice"),
    ],
)
def test_broken_yaml(text: str, message: str) -> None:
    with pytest.raises(FlanksimError, match="E102") as caught:
        loads(text, "my.yaml")
    assert message in str(caught.value)


def test_norway_is_not_false() -> None:
    scenario = loads(GOOD.replace("wheeled: 10", "wheeled: 10, nation: NO"))
    assert scenario.units["u"].nation == "NO"


def test_unknown_scenario_name_gets_a_suggestion() -> None:
    with pytest.raises(FlanksimError, match="did you mean 'eastern-flank'"):
        load("eastern-flnk")


def test_no_admissible_route_says_what_stops_it() -> None:
    text = (
        BARE
        + """
links:
  road: {from_node: a, to_node: b, mode: road, travel_hours: 4, max_mlc: 40}
units:
  tanks: {home_node: a, assembly_node: b, heavy: 10, heaviest_mlc: 70}
"""
    )
    with pytest.raises(FlanksimError) as caught:
        simulate(loads(text), 1)
    (problem,) = caught.value.problems
    assert problem.code == "E305"
    assert "heavy vehicles of MLC 70" in problem.message
    assert "stopped at road" in problem.hint
    assert "MLC 70 over a limit of MLC 40" in problem.hint  # they may drive so far: on a transporter they are MLC 115
    run = simulate(loads(text.replace("max_mlc: 40", "max_mlc: 70")), 1)
    assert run.closure_day == pytest.approx(4 / 24 - 1)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(shipped() / "europe", tmp_path / "europe")
    shutil.copyfile(shipped() / "eastern-flank.yaml", tmp_path / "eastern-flank.yaml")
    return tmp_path


def test_missing_table(copied: Path) -> None:
    (copied / "europe" / "fleets.csv").unlink()
    said = r"1 error\s+E101  europe/fleets.csv  fleets\n +no such table, but \d+ rows name rows of it\n +add it"
    with pytest.raises(FlanksimError, match=said):
        load(copied / "eastern-flank.yaml")


def test_bad_cells_name_their_line(copied: Path) -> None:
    path = copied / "europe" / "links.csv"
    lines = path.read_text().splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("L172,"))
    lines[number] = lines[number].replace("J_SUW", "J_NOWHERE", 1)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(FlanksimError, match=rf"E201  europe/links.csv:{number + 1}  links.L172.from_node"):
        load(copied / "eastern-flank.yaml")


def test_a_repeated_id_is_an_error(copied: Path) -> None:
    path = copied / "europe" / "nodes.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    with pytest.raises(FlanksimError, match="is used twice"):
        load(copied / "eastern-flank.yaml")


@pytest.mark.slow
def test_a_changed_number_changes_the_answer(copied: Path, eastern_run: Run) -> None:
    (copied / "mine.yaml").write_text(
        "flanksim: 1\nname: mine\nextends: eastern-flank.yaml\nfleets:\n  rrf: {count_typical: 32}\n"
    )
    assert simulate(copied / "mine.yaml", SEED).closure_day != eastern_run.closure_day
