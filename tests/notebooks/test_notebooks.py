"""Every notebook runs from top to bottom, shows a figure, and ends with an answer in which numbers stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))


def test_there_are_notebooks_and_no_outputs() -> None:
    assert NOTEBOOKS
    assert not list(FOLDER.glob("*.ipynb")) or not Path(".git").exists()


def test_the_page_lists_each_with_its_question() -> None:
    listed = re.findall(
        r"^\| \[\d\d [^\]]+\]\(([^)]+)\) \| (.+\?) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    assert [name for name, _ in listed] == [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_written_as_the_others(path: Path) -> None:
    """Paired with jupytext, titled, and with a question before the last cell, which checks something and prints."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ---\n# jupyter:\n#   jupytext:\n#     formats: py:percent\n")
    cells = text.split("\n# %%")
    assert cells[1].startswith(" [markdown]\n# # ")
    question = max(number for number, cell in enumerate(cells) if "\n# ## Question: " in cell)
    answer = "".join(cells[question:])
    assert "assert " in answer
    assert "\nprint(" in cells[-1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    import jupytext
    from nbclient import NotebookClient

    notebook = jupytext.read(path)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    last = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert re.search(r"\d", last), "the answer has a number"
    assert not re.search(r"\bnan\b", last)
