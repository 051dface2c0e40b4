"""New files for a modeler: named as asked, beside what is there, helped by an editor, and run at once."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import flanksim as fs
from flanksim import FlanksimError, Scenario, load
from flanksim.scenario.reading import shipped
from flanksim.scenario.template import new_scenario


def same_but_for_its_name(one: Scenario, other: Scenario) -> bool:
    return one.model_copy(update={"name": other.name}) == other


def test_a_copy_has_the_name_that_it_is_given_and_the_answers_of_its_source(tmp_path: Path) -> None:
    new_scenario(tmp_path / "mine.yaml", "corridor-mini")
    found = load(tmp_path / "mine.yaml")
    assert found.name == "mine"
    assert same_but_for_its_name(found, load("corridor-mini"))


def test_the_schema_lies_where_the_first_line_points(tmp_path: Path) -> None:
    over = {"source": str(tmp_path / "a" / "0.yaml")}
    for number, options in enumerate(({}, {"source": "corridor-mini"}, {"empty": True}, over)):
        target = tmp_path / "a" / f"{number}.yaml"
        new_scenario(target, **options)  # type: ignore[arg-type]
        first = target.read_text(encoding="utf-8").splitlines()[0]
        schema = target.parent / first.partition("$schema=")[2]
        assert json.loads(schema.read_text(encoding="utf-8"))["title"] == "flanksim scenario"


def test_a_second_copy_stands_beside_the_first(tmp_path: Path) -> None:
    written, shared = new_scenario(tmp_path / "one.yaml")
    assert (tmp_path / "europe" in written, shared) == (True, [])
    written, shared = new_scenario(tmp_path / "two.yaml", "plan-north")
    assert [path.name for path in shared] == ["europe"]
    assert same_but_for_its_name(load(tmp_path / "two.yaml"), load("plan-north"))


def test_tables_that_were_changed_are_neither_taken_nor_written_over(tmp_path: Path) -> None:
    new_scenario(tmp_path / "one.yaml")
    nodes = tmp_path / "europe" / "nodes.csv"
    nodes.write_text(nodes.read_text(encoding="utf-8").replace("Keflavik", "Elsewhere"), encoding="utf-8")
    new_scenario(tmp_path / "two.yaml", "hague-pledge")
    place = next(key for key, node in load("eastern-flank").nodes.items() if "Keflavik" in node.name)
    names = [load(tmp_path / f"{name}.yaml").nodes[place].name for name in ("one", "two")]
    assert ["Elsewhere" in name for name in names] == [True, False]
    new_scenario(tmp_path / "three.yaml", "plan-south")
    assert same_but_for_its_name(load(tmp_path / "three.yaml"), load("plan-south"))


def test_a_file_over_another_is_that_other_until_it_is_changed(tmp_path: Path) -> None:
    new_scenario(tmp_path / "base.yaml", "corridor-mini")
    new_scenario(tmp_path / "below" / "over.yaml", str(tmp_path / "base.yaml"))
    found = load(tmp_path / "below" / "over.yaml")
    assert found.name == "over"
    assert same_but_for_its_name(found, load(tmp_path / "base.yaml"))


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [("taken.yaml", {}, "E112"), (".hidden.yaml", {}, "E113"), ("a b.yaml", {}, "E113"),
     ("x.yaml", {"source": "corridor-mnii"}, "E101"), ("folder.yaml", {"empty": True}, "E112")],
)  # fmt: skip
def test_what_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, name: str, options: dict[str, str], code: str
) -> None:
    (tmp_path / "taken.yaml").write_text("mine", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FlanksimError) as caught:
        new_scenario(tmp_path / name, **options)  # type: ignore[arg-type]
    assert [problem.code for problem in caught.value.problems] == [code]
    assert {path.name for path in tmp_path.iterdir()} == {"taken.yaml", "folder"}
    assert (tmp_path / "taken.yaml").read_text(encoding="utf-8") == "mine"


def test_a_theatre_of_ones_own_runs_at_once_and_is_small(tmp_path: Path) -> None:
    new_scenario(tmp_path / "theatre-1.yaml", empty=True)
    scenario = load(tmp_path / "theatre-1.yaml")
    assert (scenario.name, len(scenario.nodes), len(scenario.units)) == ("theatre-1", 6, 2)
    run = fs.simulate(scenario, seed=1)
    assert run.closures["all"].troops == sum(unit.troops for unit in scenario.units.values()) == 5500
    for path in (tmp_path / "theatre-1").glob("*.csv"):
        assert path.read_text(encoding="utf-8").startswith("# "), f"{path.name} says what its columns mean"


def test_remarks_in_a_table_move_no_line(tmp_path: Path) -> None:
    new_scenario(tmp_path / "own.yaml", empty=True)
    path = tmp_path / "own" / "links.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    plain = load(tmp_path / "own.yaml")
    at = next(number for number, line in enumerate(lines) if line.startswith("road-north"))
    lines.insert(at, '# "a remark", with commas and quotes')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert load(tmp_path / "own.yaml") == plain
    lines[at + 1] = lines[at + 1].replace("P_DRW", "P_DWR")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(FlanksimError, match=rf"E201  own/links\.csv:{at + 2}  links\.road-north\.to_node"):
        load(tmp_path / "own.yaml")


def test_the_shipped_tables_hold_no_remarks_that_other_programs_would_read_as_rows() -> None:
    for path in (shipped() / "europe").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            assert not any(row and row[0].startswith("#") for row in csv.reader(stream)), path.name
