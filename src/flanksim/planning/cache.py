"""Plans that took long, kept under a hash of everything that went into them.

The folder is ``$FLANKSIM_CACHE``, else ``flanksim`` in the user's cache folder; ``FLANKSIM_CACHE=off`` keeps nothing.
An entry holds only numbers, is written atomically, and can be thrown away at any time: it would be computed again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

_MEMORY: dict[str, Any] = {}
#: Plans kept in this process, and in the folder.
_MOST, _MOST_FILES = 64, 400


def key_of(module: ModuleType, numbers: Iterable[object]) -> str:
    """Hash of arrays, numbers and texts, of the module that works on them, and of the solver's version."""
    state = blake2b(digest_size=16)
    state.update(f"{version('scipy')} {version('numpy')} {_source(module)}".encode())
    _feed(state, numbers)
    return f"{module.__name__.rpartition('.')[2]}-{state.hexdigest()}"


def _feed(state: Any, entry: object) -> None:
    if isinstance(entry, np.ndarray):
        state.update(str((entry.dtype, entry.shape)).encode())
        state.update(np.ascontiguousarray(entry).tobytes())
    elif isinstance(entry, list | tuple):
        state.update(f"[{len(entry)}".encode())
        for part in entry:
            _feed(state, part)
    else:
        state.update(f"{entry!r};".encode())


@cache
def _source(module: ModuleType) -> str:
    """Hash of a module's text: a change of the program must not find the plans of the old one."""
    return blake2b(Path(str(module.__file__)).read_bytes(), digest_size=8).hexdigest()


def folder() -> Path | None:
    """Where entries are kept; None if nowhere."""
    stated = os.environ.get("FLANKSIM_CACHE", "")
    if stated.lower() == "off":
        return None
    if stated:
        return Path(stated)
    root = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(root) if root else Path.home() / ".cache") / "flanksim"
    except RuntimeError:  # nobody's home
        return None


def read(key: str) -> Any:
    """What was kept under a key, None if nothing (or nothing that can be read)."""
    if key in _MEMORY:
        return _MEMORY[key]
    place = folder()
    if place is None:
        return None
    with suppress(OSError, ValueError):
        found = json.loads((place / f"{key}.json").read_text(encoding="utf-8"))
        _MEMORY[key] = found
        return found
    return None


def write(key: str, content: Any) -> None:
    """Keep something; a folder that cannot be written to is no reason to stop."""
    while len(_MEMORY) >= _MOST:
        del _MEMORY[next(iter(_MEMORY))]
    _MEMORY[key] = content
    place = folder()
    if place is None:
        return
    partial = place / f".{key}.{os.getpid()}.part"
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
        partial.replace(place / f"{key}.json")
        oldest_first = sorted(place.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in oldest_first[:-_MOST_FILES]:
            path.unlink()
