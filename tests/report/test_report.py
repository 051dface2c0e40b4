"""The page: whole, self-contained, small, and honest about what it rests on."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import flanksim as fs
from flanksim import FlanksimError, Scenario
from flanksim.draw.style import save
from flanksim.report.build import build
from flanksim.report.html import table
from flanksim.study.answer import as_json
from flanksim.study.results import write_json


class Reader(HTMLParser):
    """Collects what a browser would ask the network for, ids, and whether tags are balanced."""

    VOID = ("meta", "input", "br", "link", "img", "circle", "line", "path", "use", "rect")

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.asked += [value for key, value in attrs if key in ("src", "href", "data") and value]
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open, tag
            assert self.open.pop() == tag


def read(path: Path) -> tuple[str, Reader]:
    text = path.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    return text, reader


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = fs.run_study(fs.load("corridor-mini"), 3, jobs=1, results=tmp_path_factory.mktemp("r"), bounds=True)
    assert study.folder is not None
    save(study.plot(), study.folder, "closure")
    write_json(study.folder / "answer.json", as_json(study))
    return build(study.folder)


def test_the_page_asks_nothing_of_the_network(page: Path) -> None:
    text, reader = read(page)
    assert not reader.open
    assert all(value.startswith("#") for value in reader.asked), reader.asked
    assert not re.search(r"url\((?!#)|@import|<link|fetch\(|XMLHttpRequest", text)
    assert len(text.encode()) < 3_000_000
    assert len(set(reader.ids)) == len(reader.ids), "two figures share an id"


def test_the_page_has_every_part(page: Path) -> None:
    text, reader = read(page)
    wanted = {
        "question",
        "answer",
        "why",
        "try",
        "map",
        "assumptions",
        "warnings",
        "limits",
        "sources",
        "sheet",
        "rerun",
    }
    assert wanted <= set(reader.ids)
    assert "No schedule on this network" in text
    assert "prefers-color-scheme: dark" in text
    assert "@page" in text
    assert "how it could flip the conclusion" in text


def test_the_numbers_are_those_of_the_run(page: Path) -> None:
    text, _ = read(page)
    answer = json.loads((page.parent / "answer.json").read_text())
    assert f"C+{answer['closure_day']['mean']:.1f}" in text
    assert answer["scenario_digest"] in text


def test_every_source_of_the_european_tables_is_listed(eastern: Scenario, tmp_path: Path) -> None:
    small = eastern.model_copy(
        update={"forces": eastern.forces.model_copy(update={"regional_plans": ("south",)}),
                "question": eastern.question.model_copy(update={"troops_required": None})}
    )  # fmt: skip
    study = fs.run_study(small, 2, jobs=1, results=tmp_path, keep_movements="none")
    assert study.folder is not None
    text, _ = read(build(study.folder))
    missing = [key for key in eastern.sources if f"<td>{key}</td>" not in text]
    assert not missing
    assert len(text.encode()) < 3_000_000


def test_a_sweep_and_a_comparison_have_their_page(tmp_path: Path) -> None:
    mini = fs.load("corridor-mini")
    found = fs.sweep(mini, [0, 1], [2026, 2030], replications=2, jobs=1, results=tmp_path)
    assert found.folder is not None
    save(found.plot(), found.folder, "surface")
    text, reader = read(build(found.folder))
    assert not reader.open
    assert "infrastructure share" in text
    other = mini.model_copy(update={"regime": mini.regime.model_copy(update={"traffic": "peace"})})
    pair = fs.compare([mini, other], replications=2, jobs=1, results=tmp_path)
    assert pair.folder is not None
    assert "difference days" in read(build(pair.folder))[0]


def test_text_of_the_tables_is_escaped() -> None:
    assert "<script>" not in str(table(["a"], [["<script>alert(1)</script>"]]))


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlanksimError, match="E501"):
        build(tmp_path)
