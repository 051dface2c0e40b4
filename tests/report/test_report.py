"""The page: whole, self-contained, small, and in its numbers that of the folder."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import flanksim as fs
from flanksim import FlanksimError, Scenario
from flanksim.report.html import Cell, table
from flanksim.study.page import build


class Reader(HTMLParser):
    """Collects what a browser would ask the network for, ids, uses of ids, and whether tags are balanced."""

    VOID = ("meta", "input", "br", "link", "img")

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.used: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        links = [value for key, value in attrs if key in ("src", "href", "data", "xlink:href") and value]
        self.used += [value[1:] for value in links if value.startswith("#")]
        if tag != "a":  # a link is followed by people, not by the page
            self.asked += [value for value in links if not value.startswith(("#", "data:"))]
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open, tag
            assert self.open.pop() == tag


def read(folder: Path) -> tuple[str, Reader]:
    text = (folder / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    return text, reader


def words(reader: Reader) -> str:
    return " ".join(" ".join(reader.text).split())


@pytest.fixture(params=["run_folder", "sweep_folder", "compare_folder"])
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def test_the_page_asks_nothing_of_the_network(folder: Path) -> None:
    text, reader = read(folder)
    assert not reader.open
    assert not reader.asked
    assert not re.search(r"url\((?!#)|@import|<link|fetch\(|XMLHttpRequest|WebSocket|<iframe|<base", text)
    assert len(text.encode()) < 3_000_000
    assert len(set(reader.ids)) == len(reader.ids), "two elements share an id"
    assert set(reader.used) <= set(reader.ids), "something is used that is not on the page"


def test_the_policy_forbids_the_network_and_names_the_one_script(folder: Path) -> None:
    text, _ = read(folder)
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].replace("&#39;", "'").split(";"))
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules  # falls back to default-src
    scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.S)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert rules["script-src"] == f"'sha256-{digest}'"


def test_the_page_has_every_part(folder: Path) -> None:
    text, reader = read(folder)
    wanted = (
        "question answer why try map force projects sensitivity assumptions warnings limits sources sheet terms rerun"
    )
    assert set(wanted.split()) <= set(reader.ids)
    assert "prefers-color-scheme: dark" in text
    assert "@page" in text
    assert "how it could flip the conclusion" in text
    raw = re.findall(r"\b(?:lift [a-z]+_[a-z_]+|(?:berth|stand|rail_terminal):\w+)", words(reader))
    assert not raw, "names of elements stand raw on the page"


def test_the_numbers_are_those_of_the_run(run_folder: Path) -> None:
    _, reader = read(run_folder)
    text, answer = words(reader), json.loads((run_folder / "answer.json").read_text())
    assert f"C+{answer['closure_day_median']:.1f}" in text
    for name, entry in {"whole force": answer, "tier 1 (by C+10)": answer["tier_1"]}.items():
        said = [f"{100 * share:.0f} %" for share in entry["share_by_day"].values()]
        assert re.search(rf"{re.escape(name)} [\d,]+ C\+[\d.]+ \([^)]*\) {' '.join(said)}", text), name
    assert answer["scenario_digest"] in text
    assert f"in all of 3 runs; at least {100 * answer['p_on_time']['low']:.0f} %" in text
    bound = max(value for value in answer["bound"].values() if value is not None)
    assert f"C+{bound:.1f}" in text
    assert "too few for a margin of error" in text  # three runs
    assert f"seed {answer['shown_seed']}, of 3 runs the one nearest to the median closure" in text


def test_the_bars_of_the_critical_path_sum_to_the_closure(run_folder: Path) -> None:
    text, _ = read(run_folder)
    why = text[text.index('<section id="why">') :]
    first = why[: why.index("Mean over 3 runs")]
    days = [float(value) for value in re.findall(r"<b>\d+ % · ([\d.]+) days</b>", first)]
    answer = json.loads((run_folder / "answer.json").read_text())
    # a closure day is counted from the end of day 0, so the path is one day longer; each bar is rounded
    mean = answer["closure_day"]["mean"]
    assert sum(days) == pytest.approx(mean + 1, abs=0.05 * len(days))
    said = f"together {mean + 1:.1f} days from the start of C-day, less 1.0 for C-day itself"
    assert said in why
    assert f": C+{mean:.1f}." in why[why.index(said) :][:200]


def test_what_was_tried_stands_beside_its_share(run_folder: Path) -> None:
    text, reader = read(run_folder)
    found = json.loads((run_folder / "explain.json").read_text())
    assert found["try"]
    tried = text[text.index('<section id="try">') : text.index('<section id="map">')]
    for entry in found["try"]:
        assert entry["change"] in tried
        assert f"{entry['days_saved']['mean']:+.1f}" in tried
    assert "Decide by days saved" in words(reader)


def test_a_run_that_was_not_explained_says_how(run_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(run_folder, tmp_path / "copy")
    (copy / "explain.json").unlink()
    build(copy)
    assert "flanksim report copy --explain" in words(read(copy)[1])


def test_a_sweep_and_a_comparison_have_their_tables(sweep_folder: Path, compare_folder: Path) -> None:
    text = words(read(sweep_folder)[1])
    assert "1 % of GDP" in text
    assert "flanksim sweep scenario.yaml --spending 0,1 --years 2026,2030" in text
    text = words(read(compare_folder)[1])
    assert "as-in-peace" in text
    assert "days against the first" in text
    assert "What each alternative waits for" in text


@pytest.mark.parametrize("name", ["sweep_folder", "compare_folder"])
def test_only_a_run_is_explained(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(FlanksimError, match=r"(?s)E505\s+.*manifest\.json\s+kind"):
        build(request.getfixturevalue(name), explain=True)


@pytest.mark.slow
def test_every_source_of_the_european_tables_is_listed(eastern: Scenario, tmp_path: Path) -> None:
    small = eastern.model_copy(
        update={
            "forces": eastern.forces.model_copy(update={"regional_plans": ("south",)}),
            "question": eastern.question.model_copy(update={"troops_required": None}),
        }
    )
    study = fs.run_study(small, 2, jobs=1, results=tmp_path, keep_movements="none")
    assert study.folder is not None
    build(study.folder)
    text, reader = read(study.folder)
    sources = text[text.index('<section id="sources">') : text.index('<section id="sheet">')]
    listed = re.findall(r'<tr><td[^>]*>([^<]*)</td><td class="n" data-v="(\d+)">', sources)
    assert {key for key, _ in listed} == set(eastern.sources)
    # the count, taken from the model's own dump instead of the tables' rows
    dump = json.dumps(small.model_dump(mode="json"))
    assert sum(int(count) for _, count in listed) == sum(dump.count(f'"source": "{key}"') for key in eastern.sources)
    assert len(text.encode()) < 3_000_000
    assert len(set(reader.ids)) == len(reader.ids)


def test_twenty_items_of_the_reporting_sheet(run_folder: Path) -> None:
    text, _ = read(run_folder)
    assert len(set(re.findall(r">(\d\.\d) [A-Z]", text))) == 20


def test_text_of_the_tables_is_escaped() -> None:
    shown = str(table(["a<b"], [["<script>alert(1)</script>", Cell("<i>", 1.0)]]))
    assert "<script>" not in shown
    assert "<i>" not in shown
    assert "a<b" not in shown


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlanksimError, match=r"(?s)E501\s+.*manifest\.json"):
        build(tmp_path)


def test_a_damaged_file_is_named_with_its_line(run_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(run_folder, tmp_path / "copy")
    (copy / "explain.json").write_text('{"try": [\n}\n', encoding="utf-8")
    with pytest.raises(FlanksimError, match=r"E506  .*explain\.json:2"):
        build(copy)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("explain.json", lambda found: found.pop("try"), "'try' is missing"),
        ("explain.json", lambda found: found["try"][0].update(days_saved={"mean": "two", "low": 1, "high": 3}), "two"),
        ("explain.json", lambda found: found["ledger"][0].update(cause="magic"), "magic"),
        ("explain.json", lambda found: found.update(groups=[7]), ""),
        ("bound.json", lambda found: found["bounds"].update(volume="late"), "late"),
        ("bound.json", lambda found: found.pop("binding"), "'binding' is missing"),
    ],
)
def test_a_file_that_was_changed_by_hand_is_named_with_a_remedy(
    name: str, change: Callable[[dict[str, Any]], object], said: str, run_folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(run_folder, tmp_path / "copy")
    content = json.loads((copy / name).read_text(encoding="utf-8"))
    change(content)
    (copy / name).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FlanksimError) as caught:
        build(copy)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("E506", str(copy / name))
    assert said in problem.message
    assert problem.hint


def test_what_a_year_has_built_is_read_with_care(run_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(run_folder, tmp_path / "copy")
    (copy / "projects.json").write_text('{"year": 2030, "spent_bn_eur": 1, "projects": [{"name": "a"}]}')
    with pytest.raises(FlanksimError, match=r"(?s)E506  .*projects\.json.*is missing"):
        build(copy)


def test_the_design_of_a_sweep_is_read_with_care(sweep_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sweep_folder, tmp_path / "copy")
    content = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    del content["design"][0]["year"]
    (copy / "manifest.json").write_text(json.dumps(content))
    for ask in (build, fs.open):
        with pytest.raises(FlanksimError, match=r"(?s)E506  .*manifest\.json.*year"):
            ask(copy)
