"""New scenario files for a modeler to change: a copy of a shipped one, a file over one, or a theatre of one's own."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flanksim.errors import FlanksimError, Problem
from flanksim.saving import SystemRefused, make_folder, saving
from flanksim.scenario.arguments import as_path
from flanksim.scenario.reading import shipped
from flanksim.scenario.schema import NAME_PATTERN

#: The schema that the first line of every shipped scenario names, so that editors help.
SCHEMA = "scenario.schema.json"
#: A line of a scenario file that names itself, or something beside it.
_LINE = re.compile(r"^(name|tables|extends):[ \t]*([^\s#]+)", re.MULTILINE)
_OVER = """\
# yaml-language-server: $schema={schema}
# What differs from {base}, and nothing else. flanksim diff {base} {name}.yaml says what that comes to.
flanksim: 1
extends: {base}
name: {name}

# Any row of a table can be changed, added or taken out, by table and id (flanksim show {base} lists the tables):
# facilities: {{ID: {{servers_typical: 6}}}}
# links: {{ID: null}}
# parameters: {{integration_days: 2}}
"""


@dataclass
class _Copies:
    """What is to be written beside the new file, and what is there already.

    Attributes
    ----------
    folder
        Folder of the new file.
    stem
        Its name, which copies of what is there in another form bear in front.
    """

    folder: Path
    stem: str
    texts: dict[Path, str] = field(default_factory=dict)
    folders: dict[Path, Path] = field(default_factory=dict)
    shared: list[Path] = field(default_factory=list)

    def tables(self, source: Path) -> str:
        """Name of the copy of a folder of tables; the one that is there, if it holds the same."""
        for goal in self._goals(source.name):
            if not goal.exists():
                self.folders[goal] = source
                return goal.name
            if _same_folder(source, goal):
                self.shared.append(goal)
                return goal.name
        return source.name

    def file(self, name: str, text: str) -> str:
        """Name of a file with that text; the one that is there, if it has it."""
        for goal in self._goals(name):
            if not goal.exists():
                self.texts[goal] = text
                return goal.name
            if _text(goal) == text:
                self.shared.append(goal)
                return goal.name
        return name

    def _goals(self, name: str) -> tuple[Path, Path]:
        own = self.folder / f"{self.stem}-{name}"
        if (self.folder / name).exists() and own.exists():
            raise _taken([own])
        return self.folder / name, own


def new_scenario(target: Path, source: str = "eastern-flank", *, empty: bool = False) -> tuple[list[Path], list[Path]]:
    """Write a scenario file to be changed, with the tables, scenarios and schema that it needs beside it.

    Parameters
    ----------
    target
        The file; its name without the ending is the name of the scenario.
    source
        Name of the shipped scenario of which it is a copy, or the path of a file over which it is laid.
    empty
        Whether to write a small theatre of one's own instead, with tables to be replaced.

    Returns
    -------
    written, shared
        What was written, the file first, and what stood there already and is used too.

    Raises
    ------
    FlanksimError
        E101 if there is no such scenario, E112 if something would be overwritten, E113 if the name of the file cannot
        be that of a scenario.
    """
    target = as_path("path", target)
    name = name_of(target)
    if target.exists():
        raise _taken([target])
    copies = _Copies(target.parent, name)
    if empty:
        text = _own_theatre(copies)
    elif Path(source).is_file():
        text = _laid_over(Path(source), target.parent, name)
    else:
        text = _copied(copies, _shipped_file(source), name)
    written = {target: text} | copies.texts
    schema = target.parent / SCHEMA
    if not schema.exists() or _is_schema(schema):
        written[schema] = _text(shipped() / SCHEMA)
    write_files(written, copies.folders)
    return [*written, *copies.folders], copies.shared


def name_of(target: Path) -> str:
    """Name of a scenario by its file.

    Raises
    ------
    FlanksimError
        E113 if it cannot be that of a scenario.
    """
    name = target.name.removesuffix(".yaml").removesuffix(".yml")
    if re.fullmatch(NAME_PATTERN, name) is None or re.search(r"[:#\s]", name):
        hint = "begin with a letter or a number, without blanks, : and #, such as question.yaml"
        raise FlanksimError(Problem("E113", str(target), "", f"'{name}' cannot be the name of a scenario", hint))
    return name


def _shipped_file(name: str) -> Path:
    path = shipped() / f"{name}.yaml"
    if not path.is_file():
        names = sorted(file.stem for file in shipped().glob("*.yaml"))
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"shipped scenarios: {', '.join(names)}"
        raise FlanksimError(Problem("E101", name, "", "no such file, and no such shipped scenario", hint))
    return path


def _copied(copies: _Copies, source: Path, name: str = "") -> str:
    """Text of a shipped scenario under another name, what it extends and its tables put beside it."""

    def renamed(line: re.Match[str]) -> str:
        key, value = line.groups()
        item = shipped() / value
        if key == "tables":
            value = copies.tables(item)
        elif key == "extends" and item.is_file():
            value = copies.file(item.name, _copied(copies, item))
        elif key == "name":
            value = name or value
        return f"{key}: {value}"

    return _LINE.sub(renamed, _text(source))


def _own_theatre(copies: _Copies) -> str:
    """Text of the small theatre; its tables in a folder of the name of the file."""
    goal = copies.folder / copies.stem
    if goal.exists():
        raise _taken([goal])
    template = shipped() / "template"
    copies.folders[goal] = template / "theatre"
    keep = {"name": copies.stem, "tables": copies.stem}
    return _LINE.sub(lambda line: f"{line[1]}: {keep.get(line[1], line[2])}", _text(template / "theatre.yaml"))


def _laid_over(source: Path, folder: Path, name: str) -> str:
    base = os.path.relpath(source, folder).replace(os.sep, "/")
    return _OVER.format(schema=SCHEMA, base=base, name=name)


def write_files(texts: Mapping[Path, str], folders: Mapping[Path, Path] | None = None) -> None:
    """Write files and copies of folders: all of it, or nothing if the system refuses.

    Parameters
    ----------
    texts
        Text of each file.
    folders
        Folder by the name of its copy.

    Raises
    ------
    SystemRefused
        E507.
    """
    folders = folders or {}
    before = {goal for goal in texts if goal.exists()}
    for goal in texts:
        make_folder(goal.parent)
    try:
        for goal, source in folders.items():
            with saving(goal):
                shutil.copytree(source, goal)
        for goal, text in texts.items():
            with saving(goal):
                goal.write_text(text, encoding="utf-8")
    except SystemRefused:
        _remove(goal for goal in (*texts, *folders) if goal not in before)
        raise


def _remove(goals: Iterable[Path]) -> None:
    """What was written before the system refused: none of it was there before."""
    for goal in goals:
        shutil.rmtree(goal, ignore_errors=True)
        with suppress(OSError):
            goal.unlink(missing_ok=True)


def _taken(goals: Iterable[Path]) -> FlanksimError:
    hint = "choose another name or folder"
    return FlanksimError(
        [Problem("E112", str(goal), "", "exists already; nothing was written", hint) for goal in goals]
    )


def _text(path: Path) -> str:
    with saving(path):
        return path.read_text(encoding="utf-8", errors="replace")


def _is_schema(path: Path) -> bool:
    """Whether a file is the schema of this or another version, which may be written anew."""
    try:
        found = json.loads(_text(path))
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("title") == "flanksim scenario"


def _same_folder(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files with the same contents."""
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    if not other.is_dir() or files != sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file()):
        return False
    with saving(other):
        return all((one / file).read_bytes() == (other / file).read_bytes() for file in files)
