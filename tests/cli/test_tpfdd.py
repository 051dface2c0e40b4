"""`flanksim tpfdd` as a script meets it: exit codes, JSON on stdout, the warning on stderr."""

from __future__ import annotations

import json
from pathlib import Path

from flanksim.tpfdd import WARNING
from tests.cli.test_cli import flanksim
from tests.tpfdd.test_lint import EXAMPLE


def test_lint_tells_every_problem_and_ends_with_one(tmp_path: Path) -> None:
    text = (
        EXAMPLE.read_text(encoding="utf-8").replace("900,24000", "-900,24000").replace(",C+1,C+1,C+2,", ",C+9,C+1,C+2,")
    )
    (tmp_path / "moves.csv").write_text(text, encoding="utf-8")
    done = flanksim("tpfdd", "lint", "moves.csv", "--json", cwd=tmp_path, check=1)
    found = json.loads(done.stdout)
    assert [(problem["code"], problem["file"], problem["line"]) for problem in found["problems"]] == [
        ("E106", "moves.csv", 4), ("E602", "moves.csv", 8)
    ]  # fmt: skip
    assert (found["requirements"], found["warning"], found["tags"]) == (11, WARNING, ["Exercise"])
    assert WARNING in done.stderr


def test_import_writes_a_scenario_that_check_accepts(tmp_path: Path) -> None:
    done = flanksim("tpfdd", "import", str(EXAMPLE), "reed.yaml", "--scenario", "corridor-mini", cwd=tmp_path)
    assert "reed.yaml: 12 requirements as 9 units" in done.stdout
    assert "W606" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reed", "reed.yaml"]
    assert "reed: no errors" in flanksim("check", "reed.yaml", cwd=tmp_path).stdout
