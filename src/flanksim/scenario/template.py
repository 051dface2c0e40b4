"""Copy a shipped scenario with its tables, for a modeler to change."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from flanksim.errors import FlanksimError, Problem
from flanksim.saving import SystemRefused, make_folder, saving
from flanksim.scenario.reading import shipped


def copy_scenario(name: str, target: Path) -> list[Path]:
    """Copy shipped scenario `name` to the file `target`, with the tables and scenarios that it needs.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FlanksimError
        If there is no such scenario, or something would be overwritten.
    """
    source = shipped() / f"{name}.yaml"
    names = sorted(file.stem for file in shipped().glob("*.yaml"))
    if not source.is_file():
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"shipped scenarios: {', '.join(names)}"
        raise FlanksimError(Problem("E101", name, "", "no such shipped scenario", hint))
    text = source.read_text(encoding="utf-8")
    copies = [(source, target)]
    for line in text.splitlines():
        key, _, value = line.partition(":")
        item = shipped() / value.strip()
        if key == "extends" and item.is_file():
            copies.append((item, target.parent / item.name))
            text += "\n" + item.read_text(encoding="utf-8")
    folders = {line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("tables:")}
    copies += [(shipped() / folder, target.parent / folder) for folder in sorted(folders)]
    taken = [goal for _, goal in copies if goal.exists()]
    if taken:
        raise FlanksimError(
            [
                Problem("E112", str(goal), "", "exists already; nothing was written", "choose another folder")
                for goal in taken
            ]
        )
    make_folder(target.parent)
    for item, goal in copies:
        try:
            with saving(goal):
                if item.is_dir():
                    shutil.copytree(item, goal)
                else:
                    shutil.copyfile(item, goal)
        except SystemRefused:
            _remove(goal for _, goal in copies)
            raise
    return [goal for _, goal in copies]


def _remove(copies: Iterable[Path]) -> None:
    """What was copied before the system refused: none of it was there before."""
    for goal in copies:
        shutil.rmtree(goal, ignore_errors=True)
        with suppress(OSError):
            goal.unlink(missing_ok=True)
