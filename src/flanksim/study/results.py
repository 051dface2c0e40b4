"""The results folder: written as each run ends, atomically, readable with pandas or DuckDB as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.errors import Problem

if TYPE_CHECKING:
    import pyarrow as pa


def new_folder(root: Path, scenario: str, now: datetime | None = None) -> Path:
    """A fresh folder ``root/<scenario>/<stamp>``; the stamp is UTC to the second, then numbered."""
    stamp = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H%M%S")
    for number in range(1000):
        folder = root / scenario / (stamp if number == 0 else f"{stamp}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(root / scenario / stamp)


def no_results(code: str, folder: Path, missing: Sequence[str]) -> Problem:
    """A folder without results: what is missing, and the newest results below it if there are any."""
    below = [path.parent for pattern in ("*", "*/*") for path in folder.glob(f"{pattern}/manifest.json")]
    newest = max(below, key=lambda path: (path.name, str(path)), default=None)
    if newest is not None:
        hint = f"the newest results below it are in {newest}"
    else:
        hint = "give a folder that flanksim has written, such as results/<scenario>/<stamp>"
    what = f"no results here: {' and '.join(missing)} missing" if folder.is_dir() else "there is no such folder"
    return Problem(code, str(folder), "", what, hint)


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Write to a neighbour and rename: the file is whole or not there at all."""
    partial = path.with_name(f".{path.name}.part")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Text, atomically."""

    def write(partial: Path) -> None:
        partial.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """JSON, atomically, with stable order."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def write_table(path: Path, table: pa.Table) -> None:
    """One Parquet file, atomically."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda partial: pq.write_table(table, partial, compression="zstd"))
