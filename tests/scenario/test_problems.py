"""Every message, word for word: each small broken input in the folder ``problems``, and what flanksim says of it.

``problems/README.md`` says how a case is made. `FLANKSIM_ACCEPT=1 pytest -n 0 tests/scenario/test_problems.py` writes
the texts anew; read each that changes as the one who made the mistake would.
"""

from __future__ import annotations

import contextlib
import datetime
import math
import os
import re
import runpy
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from typer.main import get_command

from flanksim import FlanksimError, Scenario
from flanksim.cli import app
from flanksim.scenario.describing import PARTS
from flanksim.scenario.tables import TABLES

FOLDER = Path(__file__).parent / "problems"
ACCEPT = os.environ.get("FLANKSIM_ACCEPT") == "1"
KINDS = (".yaml", ".sh", ".py")
COMMAND = get_command(app)  # made once: it takes longer than most cases
CASES = sorted(path for path in FOLDER.glob("*/*") if path.suffix in KINDS)


#: Name of a results folder, by the time at which it was made.
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}")


def said_by_command(line: str) -> str:
    """What a command line says on stderr."""
    words = shlex.split(line)
    assert words.pop(0) == "flanksim", line
    done = CliRunner().invoke(COMMAND, words, prog_name="flanksim")
    if isinstance(done.exception, FlanksimError):  # main tells it so
        return f"{done.exception}\n"
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.stderr


def said_by_python(script: str) -> str:
    """What the error says with which a script ends."""
    with pytest.raises(FlanksimError) as caught:
        runpy.run_path(script)
    return f"{caught.value}\n"


def said_of(case: Path) -> str:
    """What flanksim says of a case, beside whose files it is asked."""
    if case.suffix == ".yaml":
        return said_by_command(f"flanksim check {case.name}")
    if case.suffix == ".py":
        return said_by_python(case.name)
    lines = case.read_text(encoding="utf-8").splitlines()
    return "".join(said_by_command(line) for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_each_mistake_is_told_in_these_words(case: Path, tmp_path: Path) -> None:
    beside = case.parent
    if case.suffix != ".yaml":  # it may write something
        beside = tmp_path / case.parent.name
        shutil.copytree(case.parent, beside)
    with contextlib.chdir(beside):
        found = STAMP.sub("STAMP", said_of(case)).strip() + "\n"
    said = case.with_suffix(".txt")
    if ACCEPT:
        said.write_text(found, encoding="utf-8")
    assert said.is_file(), f"{said} is missing; with FLANKSIM_ACCEPT=1 it is written, to be read:\n{found}"
    assert found == said.read_text(encoding="utf-8")


def test_there_are_many_and_none_stands_alone() -> None:
    """The texts are those of the cases, each with a code that is permanent and something to do about it."""
    assert len(CASES) >= 110
    assert {text.with_suffix("") for text in FOLDER.glob("*/*.txt")} == {case.with_suffix("") for case in CASES}


#: Words of libraries, which say nothing to who wrote a file, and what a sentence leaves that lacks a word.
FOREIGN = re.compile(
    r"[iI]nput should|valid (?:dictionary|number|string|integer|tuple|list)|instance of|unable to|pydantic|ruamel"
    r"|literal|\bdict\b|\btuple\b|NoneType|Traceback|Error:|\bparse\b|\btoken\b|\bstr\b|\bfloat\b|<block|\?[,;.]|''$|Errno"
)
#: Words of Python, which only who writes it need know.
OF_PYTHON = re.compile(r"\b(?:None|True|False|nan|inf|datetime)\b")
#: Codes that no small input brings about: another version, a cluster, a dead worker, the system, a missing library.
WITHOUT_CASE = {"E123", "E503", "E504", "E507", "E508", "E515"}


def test_each_documented_code_has_a_case() -> None:
    told = {code for text in FOLDER.glob("*/*.txt") for code in CODE.findall(text.read_text(encoding="utf-8"))}
    documents = FOLDER.parents[2] / "docs" / "problems.md"
    listed = {code for line in documents.read_text(encoding="utf-8").splitlines() for code in codes_of_row(line)}
    assert told <= listed, "a code without a row in docs/problems.md"
    assert listed - told == WITHOUT_CASE


def codes_of_row(line: str) -> list[str]:
    """Codes in the first cell of a row of the table of problems; both ends of a range stand for all between."""
    cell = line.split("|")[1] if line.startswith(("| E", "| W")) else ""
    codes = re.findall(r"[EW]\d{3}", cell)
    if "\u2013" not in cell:
        return codes
    first, last = (int(code[1:]) for code in codes)
    return [f"{codes[0][0]}{number}" for number in range(first, last + 1)]


#: A problem's code, as it is told.
CODE = re.compile(r"^  ([EW]\d{3})  ", re.MULTILINE)
#: What stands above the problems.
COUNT = re.compile(r"^\d+ (?:error|warning)s?(?:, \d+ warnings?)?$", re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_each_text_is_for_people(case: Path) -> None:
    """A count, then code, place, what is wrong and what to write of each problem, in nobody's jargon."""
    text = case.with_suffix(".txt").read_text(encoding="utf-8")
    count = COUNT.search(text)
    assert count, text
    blocks = text[count.end() :].strip("\n").split("\n\n")
    for block in blocks:
        head, *body = block.splitlines()
        assert re.fullmatch(r"  [EW]\d{3}  \S.*", head), head
        assert len(body) >= 2, f"no remedy: {block}"
        assert not FOREIGN.search(block), f"{FOREIGN.search(block)}: {block}"
        assert case.suffix == ".py" or not OF_PYTHON.search(block), f"{OF_PYTHON.search(block)}: {block}"
        assert max(map(len, block.splitlines())) <= 100


#: A value of each kind, so that each is wrong in most places.
OF_EACH_KIND: list[Any] = [
    None, True, "12 km", "12,5", "", -1, 0, 1.5, 1e12, math.nan, math.inf, datetime.date(2026, 3, 1), [], [1, "x"],
    {}, {"x": 1}, [[1]], [{"x": []}],
]  # fmt: skip


def raw_with(part: str, field: str, value: Any) -> dict[str, Any]:
    """The data of a scenario with one value of a part, or of a row of a table."""
    return {"name": "x", part: {"row": {field: value}} if part in TABLES else {field: value}}


@pytest.mark.parametrize("part", [*TABLES, *PARTS])
def test_no_value_of_any_kind_in_any_field_is_told_in_words_of_a_library(part: str) -> None:
    model = TABLES[part][0] if part in TABLES else PARTS[part]
    told = 0
    for value in OF_EACH_KIND:
        wrong = [raw_with(part, field, value) for field in model.model_fields]
        wrong += [{"name": "x", part: value}, {"name": "x", part: {"row": value}}]
        for raw in wrong:
            try:
                Scenario.model_validate(raw)
            except FlanksimError as error:
                for problem in error.problems:
                    told += 1
                    assert problem.message, raw
                    assert problem.hint, (raw, problem)
                    said = f"{problem.message} {problem.hint}"
                    assert not FOREIGN.search(said), (raw, said)
                    assert not OF_PYTHON.search(said), (raw, said)
    assert told > len(OF_EACH_KIND)
