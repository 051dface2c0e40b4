"""A CSV file to requirements: headers by any of their names, every cell that cannot be read told with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.text import parsed, plain, read_text
from flanksim.scenario.words import close_to
from flanksim.tpfdd.fields import ACTUAL, FIELDS, HEADERS, INCREMENTS, normal
from flanksim.tpfdd.requirement import Requirement
from flanksim.tpfdd.values import BadCellError, Value, value_of

_REMARK = "#"
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
#: Words in capitals that classified papers bear; no synthetic file does.
_MARKING = re.compile(r"(?:TOP SECRET|SECRET|CONFIDENTIAL|NATO RESTRICTED|NOFORN)(?:\b|//)")


@dataclass(slots=True)
class Read:
    """What a file holds.

    Attributes
    ----------
    header_line
        Line of the header.
    columns
        Name of the field of each column; "" for a tag or a column of an export.
    requirements
        Rows that could be read, in their order.
    broken
        Ids of rows that are there and have a cell that cannot be read.
    """

    name: str
    header_line: int = 1
    headers: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def say(self, code: str, line: int, path: str, message: str, hint: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(code, f"{self.name}:{line}", f"tpfdd.{path}".rstrip("."), message, hint))


def read(path: Path, c_day: date | None = None, names: Mapping[str, str] | None = None) -> Read:
    """Read a file of requirements.

    Parameters
    ----------
    path
        The file.
    c_day
        When C-day is, for a file with dates.
    names
        Fields by further headers, normal ones (`own_headers`).

    Returns
    -------
    Read
        Requirements, and every problem of the file and its cells.
    """
    found = Read(path.name)
    try:
        text = read_text(path, path.name, "save it as CSV in UTF-8 (in Excel: CSV UTF-8)")
    except FlanksimError as error:
        found.problems += error.problems
        return found
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = (cells for cells in reader if any(cells) and not cells[0].startswith(_REMARK))
        header = next(lines, [])
        found.header_line = max(1, reader.line_num)
        if _header(header, names or {}, found):
            seen: dict[str, int] = {}
            for cells in lines:
                _row(cells, reader.line_num, found, seen, c_day)
    except csv.Error as error:
        said = 'a quote (") is not closed' if "end of data" in str(error) else str(error)
        found.say("E110", max(1, reader.line_num), "", f"no CSV from here on: {said}", "put quotes around text")
    return found


def own_headers(path: Path) -> dict[str, str]:
    """Fields by header, of a YAML file that names for each field one or more headers of somebody's own.

    Raises
    ------
    FlanksimError
        E101, E102 or E105 for a file that is none, E103 for a field that there is not.
    """
    content = plain(parsed(read_text(path, path.name), path.name))
    if not isinstance(content, dict):
        hint = "write lines such as ULN: [Kennung, Nr]"
        raise FlanksimError(Problem("E105", path.name, "", "no mapping of fields to headers", hint))
    found: dict[str, str] = {}
    problems = []
    for name, headers in content.items():
        if name not in FIELDS:
            hint = close_to(name, FIELDS, "docs/tpfdd.md lists the fields")
            problems.append(Problem("E103", path.name, name, f"no field '{name}'", hint))
        for header in headers if isinstance(headers, list) else [headers]:
            found[normal(str(header))] = name
    if problems:
        raise FlanksimError(problems)
    return found


def _header(header: Sequence[str], names: Mapping[str, str], found: Read) -> bool:
    """Whether there is a header with every needed column."""
    line = found.header_line
    if len(header) < 2:
        for delimiter, called in _DELIMITERS.items():
            if header and delimiter in header[0]:
                found.say("E110", line, "", f"its columns are parted by {called}, not by commas", "save it with commas")
                return False
        found.say("E110", line, "", "no header", "the first line names the columns: ULN,NATION,PAX_TOTAL,...")
        return False
    known = HEADERS | dict(names)
    found.headers = [cell.strip() for cell in header]
    found.columns = ["" if normal(cell).startswith(ACTUAL) else known.get(normal(cell), "") for cell in header]
    good = True
    for name in dict.fromkeys(found.columns):
        both = [head for head, column in zip(found.headers, found.columns, strict=True) if column == name]
        if name and len(both) > 1:
            said = f"the columns {', '.join(map(repr, both))} are all {name}"
            found.say("E110", line, name, said, "keep one of them, or give the others another header")
            good = False
    tags = [head for head, column in zip(found.headers, found.columns, strict=True) if not column]
    for name in dict.fromkeys(tags):
        if not name or tags.count(name) > 1:
            said = f"the column '{name}' is there {tags.count(name)} times" if name else "a column has no name"
            found.say("E110", line, name, said, "give each column one name")
            good = False
    return _needed(found, tags) and good


def _needed(found: Read, tags: Sequence[str]) -> bool:
    """E104 for each needed column that is not there, with a header that is like it."""
    missing = []
    for name, entry in FIELDS.items():
        if entry.needed and name not in found.columns and not (name == "ULN" and set(INCREMENTS) & set(found.columns)):
            missing.append((name, [name, *entry.aliases]))
    for one, other in (("STONS", "T"), ("RDD", "CRD")):
        if one not in found.columns and other not in found.columns:
            missing.append((f"{one} or {other}", [one, *FIELDS[one].aliases]))
    for name, headers in missing:
        like = next((tag for tag in tags if close_to(normal(tag), headers, cutoff=0.75)), "")
        hint = f"is it '{like}'? Name that {headers[0]}" if like else "add it; docs/tpfdd.md lists the columns"
        found.say("E104", found.header_line, headers[0], f"the column {name} is missing", hint)
    return not missing


def _row(cells: list[str], line: int, found: Read, seen: dict[str, int], c_day: date | None) -> None:
    if len(cells) != len(found.columns):
        message = f"this row has {len(cells)} cell{'s' * (len(cells) != 1)}, the header {len(found.columns)}"
        found.say("E110", line, cells[0].strip(), message, "put text that contains a comma in double quotes")
        return
    known = {name: cell.strip() for name, cell in zip(found.columns, cells, strict=True) if name and cell.strip()}
    key = next((known[name] for name in ("ULN", *INCREMENTS) if name in known), "")
    before = len(found.problems)
    if not key:
        found.say("E104", line, "ULN", "no ULN, and no CIN or PIN in its place", "give each requirement a ULN")
    elif key in seen:
        found.say(
            "E111",
            line,
            key,
            f"ULN '{key}' is used twice: in line {seen[key]} too",
            "give one of them another ULN, or take it out",
        )
    seen.setdefault(key, line)
    values: dict[str, Value] = {}
    for name, cell in known.items():
        try:
            values[name] = value_of(FIELDS[name], cell, c_day)
        except BadCellError as error:
            found.say(error.code, line, f"{key}.{name}", f"{name}: {error.message}", error.hint)
    for name in _empty(known):
        found.say("E104", line, f"{key}.{name.split()[0]}", f"{name} is empty", "state it")
    tags = _tags(cells, found)
    for head, cell in zip(found.headers, cells, strict=True):
        if _MARKING.match(cell.strip()):
            said = f"the cell {head} begins with '{_MARKING.match(cell.strip())[0]}'"  # type: ignore[index]
            hint = "classified requirements must not be read here: take the file to a system that is cleared for it"
            found.say("E604", line, f"{key}.{head}", said, hint)
    if len(found.problems) > before:
        found.broken.add(key)
    else:
        found.requirements.append(Requirement(key, values, tags, f"{found.name}:{line}"))


def _empty(known: Mapping[str, str]) -> list[str]:
    names = [name for name, entry in FIELDS.items() if entry.needed and name != "ULN" and name not in known]
    names += [f"{one} or {two}" for one, two in (("STONS", "T"), ("RDD", "CRD")) if not {one, two} & set(known)]
    return names


def _tags(cells: Sequence[str], found: Read) -> dict[str, str]:
    """Cells of columns that are not known, but for those of an export."""
    return {
        head: cell.strip()
        for head, name, cell in zip(found.headers, found.columns, cells, strict=True)
        if not name and cell.strip() and not normal(head).startswith(ACTUAL)
    }
