"""A saved scenario is JSON: it is read quickly, to the same scenario, and its mistakes still have their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

import flanksim as fs
from flanksim import FlanksimError, Scenario
from flanksim.study.store import resolved


def test_a_saved_scenario_is_the_one_that_was_saved_and_needs_no_yaml(
    eastern: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(resolved(eastern), encoding="utf-8")
    monkeypatch.setattr("flanksim.scenario.reading.parsed", None)  # which takes ten times as long
    assert fs.load(path).digest == eastern.digest


def test_a_mistake_in_a_saved_scenario_has_its_line(mini: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    text = resolved(mini).replace('"mode": "sea"', '"mode": "canal"', 1)
    path.write_text(text, encoding="utf-8")
    line = 1 + next(n for n, row in enumerate(text.splitlines()) if '"canal"' in row)
    with pytest.raises(FlanksimError, match=rf"scenario\.yaml:{line}  links\.\S*mode"):
        fs.load(path)


def test_a_name_used_twice_in_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text('{"flanksim": 1,\n "name": "a",\n "name": "b"}\n', encoding="utf-8")
    with pytest.raises(FlanksimError, match=r"E102  twice\.yaml:3"):
        fs.load(path)
