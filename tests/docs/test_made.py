"""What the docs say of the code is what `python -m docs.making` makes of it."""

from __future__ import annotations

import re
import tomllib
from hashlib import blake2b
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from docs.making import answer, measured
from docs.making.pages import pages
from flanksim.verification.case import stakes
from flanksim.verification.suite import CASES

ROOT = Path(__file__).parents[2]


def test_pages_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    made = pages()
    assert len(made) > 1
    stale = [str(path) for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python -m docs.making"


def test_every_case_says_what_hangs_on_it() -> None:
    assert list(stakes()) == [case.id for case in CASES]
    assert all(said.endswith(".") and len(said) > 40 for said in stakes().values())
    assert len(set(stakes().values())) == len(CASES)


def test_the_results_of_every_case_are_told() -> None:
    text = (ROOT / "docs/verification.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (V\d\d) \| ([^|]+) \|.*\| (\w+) \|$", text, re.MULTILINE)
    told = [(case.id, case.title, "pass") for case in CASES]
    assert rows == told, "run: python -m docs.making.verification"


def test_the_figure_is_that_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = answer.saved()
    figure = (answer.FOLDER / "answer.png").read_bytes()
    assert blake2b(figure, digest_size=8).hexdigest() == found["figure"], "run: python -m docs.making.answer"
    assert f"{found['digest']}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_measured_blocks_say_what_they_were_measured_on() -> None:
    """A table of a study names the digest of its scenario, or says that it is to be measured."""
    blocks = []
    for page in ROOT.glob("docs/**/*.md"):
        text = page.read_text(encoding="utf-8")
        blocks += re.findall(r"<!-- ([\w -]+ of eastern-flank)(?:, \d+ rows)? -->\n(.*?)<!-- end -->", text, re.DOTALL)
    measured = {name: text for name, text in blocks if name.split()[0] not in ("answer", "counts", "stress")}
    assert "best-buys of eastern-flank" in measured
    for name, text in measured.items():
        told = re.search(
            r"Scenario digest `[0-9a-f]{16}`|[Tt]o be measured|[Nn]ot measured yet|The command writes", text
        )
        assert told, f"{name}: --page writes the digest; without one say that it is to be measured"


def test_no_figure_is_left_that_nothing_shows() -> None:
    shown = "".join(page.read_text(encoding="utf-8") for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    made = {"answer.json", "validation.svg"}  # beside the figures that their commands write
    figures = {path.name for path in ROOT.glob("docs/figures/*")}
    assert {name for name in figures - made if f"figures/{name}" not in shown} == set()


def test_decisions_have_numbers_of_their_own() -> None:
    found = [re.fullmatch(r"(\d{4})-[\w-]+\.md", path.name) for path in sorted(ROOT.glob("docs/decisions/0*.md"))]
    numbers = [match[1] for match in found if match]
    assert len(numbers) == len(set(numbers)) == len(found), "another decision has that number"
    for path in ROOT.glob("docs/decisions/0*.md"):
        assert path.read_text(encoding="utf-8").startswith(f"# {int(path.name[:4])}. "), path.name


def test_citation_and_package_have_one_version() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()


def test_each_measured_table_has_a_command_that_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first word of a block is that of its command, on a page that it names."""
    monkeypatch.chdir(ROOT)
    told = {(words[1], words[words.index("--page") + 1]) for words in measured.commands()}
    blocks = set()
    for page in ROOT.glob("docs/*.md"):
        names = re.findall(r"<!-- ([\w-]+) of eastern-flank -->", page.read_text(encoding="utf-8"))
        blocks |= {(name, page.relative_to(ROOT).as_posix()) for name in names}
    commands = {"comparison": "compare", "mechanisms": "sensitivity", "evidence": "sensitivity"}
    ours = {"answer", "figure", "counts", "stress", "verdict", "plans"}  # those of docs.making, and of tests/bench
    wanted = {(commands.get(name, name), page) for name, page in blocks if name not in ours}
    assert wanted - told == set()
    assert len(wanted) >= 6
