"""The shape of the code: public names, docstrings, doctests, small rooms."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import flanksim

SOURCE = Path(flanksim.__file__).parent
MODULES = sorted(
    module.name for module in pkgutil.walk_packages([str(SOURCE)], "flanksim.") if not module.name.endswith("__main__")
)


def test_public_names_are_exactly_all() -> None:
    assert sorted(flanksim.__all__) == flanksim.__all__
    assert set(flanksim.__all__) == set(flanksim._HOMES)
    for name in flanksim.__all__:
        assert getattr(flanksim, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        flanksim.nonsense  # noqa: B018


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_package_doctest() -> None:
    assert doctest.testmod(flanksim).attempted > 0


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_small_rooms(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 600
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 75, f"{path.name}: {node.name}"


def test_nothing_prints_but_the_command_line() -> None:
    for path in SOURCE.rglob("*.py"):
        if path.name not in ("cli.py", "cli_support.py"):
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            assert not any(isinstance(c.func, ast.Name) and c.func.id == "print" for c in calls), path
