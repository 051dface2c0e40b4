"""The commands and programs of the tutorial and the how-to pages do what the pages say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import flanksim as fs
from flanksim.cli import app
from flanksim.investment.apply import at_year

DOCS = Path(__file__).parents[2] / "docs"
#: Commands that end with another exit code than 0, by their first words: what differs is told by 3.
_ENDS = {("diff", "corridor-mini"): 3}


def blocks(page: str, language: str) -> list[str]:
    """Code of one language on a page, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[list[str]]:
    """The flanksim commands of a block, without remarks."""
    lines = [shlex.split(line, comments=True) for line in block.splitlines()]
    return [words[1:] for words in lines if words and words[0] == "flanksim"]


def newest(word: str) -> str:
    """A results folder for what a page calls ``results/NAME/<stamp>``."""
    found = re.fullmatch(r"(results/[\w-]+)/<stamp>", word)
    return word if found is None else str(max(Path(found[1]).iterdir()))


@pytest.mark.slow
def test_the_tutorial_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (row,) = blocks("tutorial.md", "yaml")
    done = []
    for block in blocks("tutorial.md", "sh"):
        for words in commands(block):
            if words[0] == "check":
                before = Path("port.yaml").read_text(encoding="utf-8")
                after, count = re.subn(r"^  ramp-GDN: .*\n", row, before, flags=re.MULTILINE)
                assert count == 1
                Path("port.yaml").write_text(after, encoding="utf-8")
            # a command starts worker processes by default, which a test has no use for
            quick = ["-j", "1"] if words[0] in ("run", "compare", "explain") else []
            result = CliRunner().invoke(app, [*map(newest, words), *quick])
            assert result.exit_code == _ENDS.get((words[0], words[1]), 0), (words, result.output, result.exception)
            done.append((words[0], result.output))
    told = dict(done)
    assert list(told) == ["run", "explain", "new", "show", "check", "diff", "compare", "report"]
    assert "ramp-GDN" in told["show"]
    assert re.search(r"servers_typical\s+2 → 1", told["diff"])
    (program,) = blocks("tutorial.md", "python")
    names: dict[str, object] = {}
    exec(program, names)  # noqa: S102 - of our own page
    assert len(names["found"].differences) == 1  # type: ignore[attr-defined]


def test_programs_for_researchers_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    programs = blocks("how-to/researcher.md", "python")
    assert len(programs) == 4
    for program in programs:
        exec(program, names)  # noqa: S102 - of our own page
    assert names["tiny"].travelling_units.keys() == {"brigade"}  # type: ignore[attr-defined]


def test_the_package_of_the_walkthrough_is_a_scenario() -> None:
    (text,) = blocks("recommendation.md", "yaml")
    package = fs.loads(text)
    assert (package.question.warning_days, package.regime.permission) == (7, "six_hours")
    assert at_year(package).fleets != package.fleets  # the car carriers are there by then
