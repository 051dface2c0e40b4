"""flanksim: can a force be closed where it is needed in time, and what should be built first?

>>> import flanksim as fs
>>> run = fs.simulate("corridor-mini", seed=1)
>>> run.closures["all"].troops
9000
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any


def _homes() -> dict[str, str]:
    """Module of each public name: they are listed once, with their types, in the stub beside this file."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


#: Each is imported when it is first used, so that workers and the command line start fast.
_HOMES = _homes()
__all__ = sorted(_HOMES)  # noqa: PLE0605 - of the stub


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flanksim' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
