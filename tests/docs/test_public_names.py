"""What notebooks and documents call is there: every `fs.name` and `flanksim.name` in their code."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import flanksim

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
DOCUMENTS = sorted([*(ROOT / "docs").glob("**/*.md"), *(ROOT / "notebooks").glob("*.md"), ROOT / "README.md"])
_NAME = re.compile(r"(?<![\w./-])(?:fs|flanksim)\.([A-Za-z_]\w*)(?![\w/-]|\.(?:git|com|org|csv|md|yaml)\b)")


def absent(names: Iterator[str]) -> set[str]:
    """Names that are neither public nor a module."""
    return {
        name for name in names if name not in flanksim.__all__ and importlib.util.find_spec(f"flanksim.{name}") is None
    }


def names_in_code(source: str) -> Iterator[str]:
    """Attributes of `fs` and `flanksim` that a notebook reads, and what it imports from flanksim itself."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("fs", "flanksim"):
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "flanksim":
            yield from (alias.name for alias in node.names)


def test_a_name_that_is_not_there_is_found() -> None:
    code = "import flanksim as fs\nfrom flanksim import simulated\nfs.run(fs.lode('a'))\n"
    assert absent(names_in_code(code)) == {"lode", "simulated"}
    text = "`fs.graph`, fs.loose, `flanksim.wrong(x)`, flanksim.yaml, flanksim.network"
    assert absent(_NAME.findall(text)) == {"loose", "wrong", "yaml"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_call_what_is_public(path: Path) -> None:
    names = list(names_in_code(path.read_text(encoding="utf-8")))
    assert names
    assert absent(iter(names)) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_call_what_is_public(path: Path) -> None:
    assert absent(iter(_NAME.findall(path.read_text(encoding="utf-8")))) == set()
