"""Mistakes in projects, effects and spending: one message each, with the place and the remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flanksim import FlanksimError, load, loads
from flanksim.scenario import shipped
from tests.conftest import OPEN
from tests.investment.conftest import WORLD, effect, project

GOOD = (
    OPEN
    + WORLD
    + "projects:\n"
    + project("first", 1, 1)
    + project("second", 1, 1, ", prerequisites: first")
    + "effects:\n"
    + effect("e1", "first", "table: links, targets: line, attribute: capacity, operation: scale, typical: 2")
    + effect("e2", "second", "table: links, targets: line, attribute: max_axle_load_t, typical: 25")
)

MISTAKES = [
    ("E211", "targets: line, attribute: cap", "targets: lime, attribute: cap", "effects.e1.targets", "mean 'line'?"),
    ("E211", "targets: line, attribute: cap", "targets: '', attribute: cap", "effects.e1.targets", "list ids"),
    ("E212", "attribute: capacity", "attribute: capasity", "effects.e1", "did you mean 'capacity'?"),
    ("E212", "operation: scale, typical: 2", "typical: wide", "effects.e1", "takes a number"),
    ("E212", "attribute: max_axle_load_t", "operation: scale, attribute: max_mlc", "effects.e2", "use set"),
    ("E213", "operation: scale, typical: 2", "operation: scale, typical: 1", "projects.first", "above today's"),
    ("E213", "project_id: second", "project_id: first", "projects.second", "add a row to effects.csv"),
    ("E214", "{name: first,", "{name: first, prerequisites: second,", "projects.second.prerequisites", "could ever"),
    (
        "E215",
        "{name: first,",
        "{name: first, payer_shares: 'AAA:0.5;BBB:0.4',",
        "projects.first.payer_shares",
        "example AAA:0.5;",
    ),
    (
        "E215",
        "{name: first,",
        "{name: first, payer_shares: 'AAA:1.5;BBB:-0.5',",
        "projects.first.payer_shares",
        "example AAA:0.5;",
    ),
    ("E215", "{name: first,", "{name: first, payer_shares: 'AAX:1',", "projects.first.payer_shares", "mean 'AAA'?"),
    ("E215", "{name: first, countries: AAA", "{name: first", "projects.first.payer_shares", "state payer_shares"),
    ("E216", "project_id: second", "project_id: secnod", "effects.e2.project_id", "did you mean 'second'?"),
    ("E216", "prerequisites: first", "prerequisites: fist", "projects.second.prerequisites", "did you mean 'first'?"),
    ("E216", "path: today", "path: today, selection: [frist]", "spending.selection", "did you mean 'first'?"),
    ("E221", "path: today", "target_year: 2025", "spending.target_year", "from 2026 on"),
    ("E221", "path: today", "path: {2020: 1}", "spending.path.2020", "from 2026 on"),
    ("E222", "name: tiny", "name: tiny\nyear: 2019", "year", "from 2025 on"),
    ("E106", "path: today", "infrastructure_share_pct: -1", "spending.infrastructure_share_pct", ""),
    ("E106", "path: today", "core_lift_share_pct: -0.1", "spending.core_lift_share_pct", ""),
    ("E106", "cost_low_bn_eur: 1", "cost_low_bn_eur: -1", "projects.first.cost_low_bn_eur", ""),
    ("E103", "path: today", "paths: today", "spending.paths", "did you mean 'path'?"),
    (
        "E105",
        "attribute: capacity, operation: scale",
        "attribute: capacity, operation: double",
        "effects.e1.operation",
        "",
    ),
    ("E107", "cost_low_bn_eur: 1", "cost_low_bn_eur: 9", "projects.first", ""),
]


def test_the_good_one_is_good() -> None:
    assert set(loads(GOOD).projects) == {"first", "second"}


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
    file, _, line = problem.where.partition(":")
    assert file == "my.yaml"
    words = path.split(".")
    assert any(word in text.splitlines()[int(line) - 1] for word in (words[-1], words[min(1, len(words) - 1)]))


def test_a_regime_has_known_words() -> None:
    row = effect("e3", "first", "table: regime, targets: regime, attribute: permission, typical: 3_days")
    with pytest.raises(FlanksimError, match="'3_days' is no permission"):
        loads(GOOD + row)


def test_a_chokepoint_is_raised_in_what_it_limits() -> None:
    body = GOOD.replace(
        "links:\n", "chokepoints:\n  p: {node_id: a, link_id: line, attribute: max_axle_load_t, typical: 20}\nlinks:\n"
    )
    row = effect("e3", "first", "table: chokepoints, targets: p, attribute: max_mlc, typical: 100")
    with pytest.raises(FlanksimError, match="it limits max_axle_load_t"):
        loads(body + row)
    assert loads(body + row.replace("max_mlc", "max_axle_load_t")).effects["e3"].typical == 100


def test_a_year_without_economies_is_refused() -> None:
    text = GOOD[: GOOD.index("economies:")] + GOOD[GOOD.index("links:") :] + "year: 2030\n"
    with pytest.raises(FlanksimError, match="nobody pays for projects"):
        loads(text)


def test_line_of_the_table_is_named(tmp_path: Path) -> None:
    shutil.copytree(shipped(), tmp_path / "s")
    table = tmp_path / "s" / "europe" / "effects.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith("PR03-01"))
    lines[number] = lines[number].replace("L171", "L9171")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(FlanksimError) as caught:
        load(tmp_path / "s" / "eastern-flank.yaml")
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("E211", f"europe/effects.csv:{number + 1}")
    assert "did you mean" in problem.hint


def test_projects_need_the_table_of_effects(tmp_path: Path) -> None:
    shutil.copytree(shipped(), tmp_path / "s")
    folder = tmp_path / "s" / "europe"
    (folder / "effects.csv").unlink()
    with pytest.raises(FlanksimError, match=r"europe/effects\.csv"):
        load(tmp_path / "s" / "eastern-flank.yaml")
    head = (folder / "projects.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "projects.csv").write_text(head + "\n", encoding="utf-8")
    (folder / "levers.csv").unlink()
    assert not load(tmp_path / "s" / "eastern-flank.yaml").effects
