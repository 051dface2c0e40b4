"""What the docs say of the columns of saved tables is what studies save."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

import flanksim as fs
from flanksim.study.saved_columns import TABLES, untold
from tests.conftest import tiny
from tests.study.test_best_buys import two
from tests.study.test_reach import lines
from tests.study.test_sensitivity import SPEED, WORLD

#: Studies of several networks, which save their runs alike.
_SEVERAL = "sweep, compare, best-buys, sensitivity, reach, lose, portfolio, robust, sensitivity --method"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small study of each kind."""
    root, scenario = tmp_path_factory.mktemp("results"), two()
    sure = {"replications": 2, "jobs": 1, "results": root}
    made = {
        "run": fs.run("corridor-mini", 2, jobs=1, results=root, worlds=1, world_runs=1),
        "sweep": fs.sweep(scenario, [0, 1.5], [2030], **sure),
        "compare": fs.compare([scenario, scenario], **sure),
        "best-buys": fs.best_buys(scenario, first=2, **sure),
        "sensitivity": fs.sensitivity(tiny(WORLD), [SPEED], first=2, **sure),
        "reach": fs.reach(lines(), by=5, first=2, **sure),
        "sensitivity --method": fs.global_sensitivity(tiny(WORLD), "morris", [SPEED], 2, 1, jobs=1, results=root),
        "robust": fs.robust([scenario, scenario], (), 2, 1, **sure),
        "lose": fs.lose(scenario, ["line"], 0, 0, first=2, **sure),
        "portfolio": fs.portfolio(scenario, [1], first=2, **sure),
    }
    return {name: Path(str(study.folder)) for name, study in made.items()}


def _tables(folder: Path) -> dict[str, list[str]]:
    """Names of the columns of each table of a folder, less the parts."""
    found = {}
    for path in folder.rglob("*.parquet"):
        name = path.relative_to(folder).as_posix()
        if not name.startswith("parts/"):
            key = "movements/run-SEED.parquet" if name.startswith("movements/") else name
            found[key] = [str(field.name) for field in pq.read_schema(path)]
    return found


def test_every_column_is_told_and_nothing_else(folders: dict[str, Path]) -> None:
    seen = set()
    for command, folder in folders.items():
        for name, columns in _tables(folder).items():
            key = (command, name) if (command, name) in TABLES else (_SEVERAL, name)
            seen.add(key)
            assert untold(columns, TABLES[key][1]) == [], key
    assert seen == set(TABLES)
