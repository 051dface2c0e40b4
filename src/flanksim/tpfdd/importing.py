"""Requirements to a scenario: a file over the one on whose network they move, with a table of units beside it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flanksim.errors import FlanksimError, Problem, problems_as_json
from flanksim.saving import make_folder, saving, write_atomically
from flanksim.scenario.arguments import as_flag, as_path, as_scenario
from flanksim.scenario.reading import load
from flanksim.scenario.schema import NAME_PATTERN, Scenario
from flanksim.tpfdd import WARNING
from flanksim.tpfdd.lint import Lint, lint_requirements, refused, target_of
from flanksim.tpfdd.mapping import Mapped, map_units

_COLUMNS = (
    "unit_id", "name", "nation", "unit_type", "regional_plan", "tier", "troops", "heavy", "wheeled", "containers",
    "tanks", "heaviest_mlc", "home_node", "stock_node", "assembly_node", "ready_day", "required_day", "priority",
    "in_place", "modes", "route", "note", "basis", "confidence",
)  # fmt: skip
_NETWORK = "network.yaml"
_SCENARIO = """\
# Requirements of {file} on the network of {base}.
# {warning}
flanksim: 1
extends: {folder}/{network}
tables: {folder}
name: {name}
title: {title}
question: {{troops_required: null}}
forces: {{set: "", units: [], nations: [], regional_plans: []}}
"""
_WITHOUT_UNITS = """\
# {base} without its units; {name}.yaml gives it others.
extends: {path}
only: {{units: []}}
"""


@dataclass(frozen=True)
class Imported:
    """A scenario that was made of requirements.

    Attributes
    ----------
    scenario
        As `flanksim.load` reads it.
    path
        Its file.
    units
        Its units, each with the requirements that it came from.
    lint
        What the file holds, and what is wrong with it.
    problems
        Warnings of the lint, what could not be mapped, and errors of rows that were left out.
    left_out
        ULNs of rows that were left out.
    """

    scenario: Scenario
    path: Path
    units: tuple[Mapped, ...]
    lint: Lint
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What was made, for programs."""
        return {
            "file": self.lint.file,
            "warning": WARNING,
            "scenario": str(self.path),
            "name": self.scenario.name,
            "digest": self.scenario.digest,
            "units": {unit.unit_id: [entry.key for entry in unit.requirements] for unit in self.units},
            "left_out": list(self.left_out),
        } | problems_as_json(self.problems)


def import_requirements(
    path: str | os.PathLike[str],
    scenario: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    c_day: date | str | None = None,
    columns: str | os.PathLike[str] | None = None,
    leave_out: bool = False,
) -> Imported:
    """Make a scenario of a TPFDD-like file of movement requirements. For synthetic data only.

    Each unit keeps the requirements from which it came in its remark, so that `export_requirements` writes them out
    again from a results folder.

    Parameters
    ----------
    path
        A CSV file, as of `lint_requirements`.
    scenario
        Name or file of the scenario on whose network they move; its own units are left out.
    target
        Scenario file to write, ``mine.yaml``; its units go to ``mine/units.csv``.
    c_day, columns
        As of `lint_requirements`.
    leave_out
        Leave rows with errors out, instead of refusing the file.

    Returns
    -------
    Imported
        The scenario, loaded, and what could not be mapped.

    Raises
    ------
    FlanksimError
        Every problem of the file if it has errors, E112 if something would be overwritten, E113 if the name of the
        file cannot be that of a scenario, E507 if it cannot be written, and what `flanksim.load` raises.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from flanksim.scenario import shipped
    >>> file = shipped() / "tpfdd" / "corridor-mini.csv"
    >>> made = import_requirements(file, "corridor-mini", Path(mkdtemp()) / "reed.yaml")
    >>> made.scenario.troops_required, len(made.units)
    (9000, 9)
    """
    goal = target_of(target)
    name = _name(goal)
    folder = target_of(goal.parent / name)
    base_path = as_path("scenario", scenario)
    base = as_scenario(load(base_path))
    found = lint_requirements(path, base, c_day=c_day, columns=columns)
    if found.errors and not (as_flag("leave_out", leave_out) and found.sound):
        raise refused(found)
    sound = found.sound
    kept = {entry.key for entry in sound}
    units, unmapped = map_units(sound, base)
    texts = {
        goal: _SCENARIO.format(
            file=_one_line(found.file), base=base.name, warning=WARNING, folder=name, network=_NETWORK, name=name,
            title=json.dumps(f"{base.title or base.name}: requirements of {_one_line(found.file)}", ensure_ascii=False),
        ),
        folder / _NETWORK: _WITHOUT_UNITS.format(base=base.name, name=name, path=_base(base_path, folder)),
        folder / "units.csv": table(units),
    }  # fmt: skip
    made = _written(texts, goal, folder)
    gone = [entry.key for entry in found.requirements if entry.key not in kept]
    broken = [problem.path.split(".")[1] for problem in found.errors if problem.path.count(".")]
    left = tuple(dict.fromkeys([*gone, *(key for key in broken if key not in kept and key)]))
    return Imported(made, goal, tuple(units), found, (*found.problems, *unmapped), left)


def table(units: list[Mapped]) -> str:
    """The units as a CSV table with the columns that any of them has."""
    used = [name for name in _COLUMNS if name == "unit_id" or any(name in unit.cells for unit in units)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([[unit.unit_id, *(unit.cells.get(name, "") for name in used[1:])] for unit in units])
    return out.getvalue()


def _name(goal: Path) -> str:
    """Name of the scenario, by its file."""
    name = goal.name.removesuffix(".yaml").removesuffix(".yml")
    if name == goal.name or re.fullmatch(NAME_PATTERN, name) is None or re.search(r"[:#\s]", name):
        hint = "give a file such as mine.yaml, which begins with a letter or a number, without blanks, : and #"
        raise FlanksimError(Problem("E113", str(goal), "", f"'{goal.name}' cannot be that of a scenario", hint))
    return name


def _base(path: Path, folder: Path) -> str:
    """What the file in the new folder extends: a shipped scenario by its name, a file by the way to it."""
    way = os.path.relpath(path, folder).replace(os.sep, "/") if path.is_file() else str(path)
    return json.dumps(way, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _written(texts: dict[Path, str], goal: Path, folder: Path) -> Scenario:
    """Write all files and load the scenario; nothing is left behind if that cannot be done."""
    try:
        make_folder(folder)
        for path, text in texts.items():
            write_atomically(path, lambda partial, text=text: _write(partial, text))  # type: ignore[misc]
        return load(goal)
    except FlanksimError:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            goal.unlink(missing_ok=True)
        raise


def _write(path: Path, text: str) -> None:
    with saving(path):
        path.write_text(text, encoding="utf-8")
