"""The results folder: written as each run ends, atomically, readable with pandas or DuckDB as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flanksim.errors import FlanksimError, Problem
from flanksim.saving import file_name, make_folder, saving, write_atomically
from flanksim.study.batch import seeds

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def new_folder(root: Path, scenario: str, now: datetime | None = None) -> Path:
    """A fresh folder ``root/<scenario>/<stamp>``; the stamp is UTC to the second, then numbered.

    Raises
    ------
    FlanksimError
        E507 if it cannot be made.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H%M%S")
    above = make_folder(root / file_name(scenario))
    number = 0
    while True:
        folder = above / (stamp if number == 0 else f"{stamp}-{number}")
        number += 1
        with saving(folder):
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder


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


def write_text(path: Path, text: str) -> None:
    """Text, atomically."""

    def write(partial: Path) -> None:
        partial.write_text(text, encoding="utf-8")

    write_atomically(path, write)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """JSON, atomically, with stable order."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def write_table(path: Path, table: pa.Table) -> None:
    """One Parquet file, atomically; its pages have checksums, so that damage is seen when it is read."""
    import pyarrow.parquet as pq

    make_folder(path.parent)
    write_atomically(path, lambda partial: pq.write_table(table, partial, compression="zstd", write_page_checksum=True))


def read_json(path: Path) -> dict[str, Any]:
    """One JSON object; empty where the file is not there.

    Raises
    ------
    FlanksimError
        E506 if the file is no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        line, said = getattr(error, "lineno", 1), getattr(error, "msg", "it is not UTF-8 text")
        raise FlanksimError(
            Problem("E506", f"{path}:{line}", "", f"no JSON: {said}", "run the command that wrote it again")
        ) from None
    if not isinstance(found, dict):
        raise FlanksimError(
            Problem("E506", str(path), "", "holds no JSON object", "run the command that wrote it again")
        )
    return found


def read_frame(path: Path, columns: list[str] | None = None) -> pd.DataFrame | None:
    """A saved table; None where the file is not there.

    Raises
    ------
    FlanksimError
        E506 if the file is damaged.
    """
    import pandas as pd
    import pyarrow as pa

    if not path.is_file():
        return None
    try:
        return pd.read_parquet(path, columns=columns)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        said = " ".join(str(error).split())[:120]
        hint = "run the command that wrote it again, or finish the study with --resume"
        raise FlanksimError(Problem("E506", str(path), "", f"no whole Parquet table: {said}", hint)) from None


def saved_seeds(folder: Path, manifest: Mapping[str, Any]) -> list[int]:
    """Seeds of the runs of a results folder, in their order: those that were made, else those that were wanted.

    Raises
    ------
    FlanksimError
        E506 if the table of runs or the manifest is damaged.
    """
    made = read_frame(folder / "runs.parquet", ["seed"])
    if made is not None and len(made):
        return [int(seed) for seed in made["seed"].unique()]
    root = manifest.get("seed")
    if not isinstance(root, int):
        hint = "run the command that wrote it again"
        raise FlanksimError(Problem("E506", str(folder / "manifest.json"), "seed", "the seed is missing", hint))
    return seeds(root, int(manifest.get("replications", 1)))
