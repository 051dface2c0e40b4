"""A folder of tables holds what its theatre needs and no more, and says what it lacks once."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from flanksim import FlanksimError, load, loads
from flanksim.cli_support import nested
from flanksim.scenario.reading import inspect

ISLANDS = Path(__file__).parents[1] / "second_theatre"


@pytest.fixture
def islands(tmp_path: Path) -> Path:
    """An invented theatre whose tables can be taken away; no year, so that projects do not matter."""
    shutil.copytree(ISLANDS / "islands", tmp_path / "islands")
    text = (ISLANDS / "islands.yaml").read_text(encoding="utf-8").replace("year: 2029\n", "")
    (tmp_path / "islands.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "islands.yaml"


def test_a_folder_needs_only_the_tables_of_which_rows_are_named(islands: Path) -> None:
    for name in ("countries", "nodes", "outages", "effects", "projects", "chokepoints", "economies", "sources"):
        (islands.parent / "islands" / f"{name}.csv").unlink()
    for path in (islands.parent / "islands").glob("*.csv"):  # so that no row names a source any more
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        at = rows[0].index("source")
        path.write_text("".join(",".join(row[:at]) + "\n" for row in rows), encoding="utf-8")
    found = load(islands)
    assert set(found.nodes) == {link.from_node for link in found.links.values()} | {
        link.to_node for link in found.links.values()
    }
    assert not found.projects
    assert len(found.units) == 4


def test_a_folder_without_parameters_takes_those_that_hold_everywhere_with_their_sources(islands: Path) -> None:
    (islands.parent / "islands" / "parameters.csv").unlink()
    found, alone = load(islands), loads("{flanksim: 1, name: x, extends: corridor-mini}")
    assert found.parameters == alone.parameters
    assert {row.source for row in found.parameters.values()} <= set(found.sources)


@pytest.mark.parametrize(
    ("table", "named_by"),
    [("facilities", "effects.quay-1.targets"), ("unit_types", "units.TUA-1.unit_type"),
     ("projects", "effects.quay-1.project_id"), ("sources", "countries.TUA.source")],
)  # fmt: skip
def test_rows_of_a_table_without_a_file_are_told_once(islands: Path, table: str, named_by: str) -> None:
    (islands.parent / "islands" / f"{table}.csv").unlink()
    with pytest.raises(FlanksimError) as caught:
        load(islands)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("E101", f"islands/{table}.csv")
    assert named_by in problem.hint


def test_a_misspelt_table_is_told_and_another_file_is_not_read(islands: Path) -> None:
    folder = islands.parent / "islands"
    (folder / "my_remarks.csv").write_text("anything\n", encoding="utf-8")
    assert load(islands).facilities
    (folder / "facilities.csv").rename(folder / "facilties.csv")
    with pytest.raises(FlanksimError, match=r"E101  islands/facilties\.csv") as caught:
        load(islands)
    assert "did you mean 'facilities'?" in str(caught.value)


def test_a_folder_without_any_table_is_told(islands: Path) -> None:
    for path in (islands.parent / "islands").glob("*.csv"):
        path.unlink()
    with pytest.raises(FlanksimError, match="no table is in this folder"):
        load(islands)


def test_set_knows_the_units_of_a_set_of_forces(islands: Path) -> None:
    (islands.parent / "islands" / "forces").mkdir()
    unit = "{home_node: H_KORO, assembly_node: S_EAST, troops: 300, nation: TUA, regional_plan: sunrise}"
    (islands.parent / "islands" / "forces" / "more.yaml").write_text(f"units: {{TUA-9: {unit}}}\n", encoding="utf-8")
    pairs = ["forces.set=more", "units.TUA-9.ready_day=4"]
    assert inspect(islands, nested(pairs), new_rows=False)[0].units["TUA-9"].ready_day == 4
    with pytest.raises(FlanksimError, match=r"E133  --set  units\.TUA-9"):
        inspect(islands, nested(pairs[1:]), new_rows=False)
