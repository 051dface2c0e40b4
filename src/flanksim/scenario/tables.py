"""One CSV table: columns that the model knows, rows with their lines, and every problem of its shape."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario import project_rows, rows
from flanksim.scenario.rows import Row
from flanksim.scenario.text import read_text
from flanksim.scenario.words import GONE, close_to

#: Every table: the model of its rows, and the column that holds their ids.
TABLES: dict[str, tuple[type[BaseModel], str]] = {
    "parameters": (rows.Parameter, "name"),
    "countries": (rows.Country, "iso3"),
    "permissions": (rows.Permission, "permission_id"),
    "nodes": (rows.Node, "node_id"),
    "links": (rows.Link, "link_id"),
    "chokepoints": (rows.Chokepoint, "chokepoint_id"),
    "facilities": (rows.Facility, "facility_id"),
    "fleets": (rows.Fleet, "fleet_id"),
    "unit_types": (rows.UnitType, "unit_type"),
    "units": (rows.Unit, "unit_id"),
    "economies": (project_rows.Economy, "iso3"),
    "funds": (project_rows.Fund, "fund_id"),
    "projects": (project_rows.Project, "project_id"),
    "levers": (project_rows.Lever, "lever_id"),
    "effects": (project_rows.Effect, "effect_id"),
    "unknowns": (project_rows.Unknown, "unknown_id"),
    "outages": (rows.Outage, "outage_id"),
    "sources": (rows.Source, "source_id"),
}
#: Tables whose rows name their source, basis and confidence.
OWNED = tuple(name for name in TABLES if name != "sources")
#: Begins a line that is read by people alone.
_REMARK = "#"
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_QUOTE = 'put text in double quotes, and write a quote within them twice: "a ""good"" port"'
#: What Python's reader says of text that is no CSV, with what is wrong and what to write.
_BROKEN = {
    "unexpected end of data": (
        'a quote (") is opened in this row or above, and not closed',
        "close it, or take it out",
    ),
    "field larger": (
        "a cell is longer than any text of a table",
        'close the quote (") that opens in it, or shorten it',
    ),
    "expected after": ('text goes on behind a closed quote (")', _QUOTE),
}


@dataclass(slots=True)
class Table:
    """What a file holds: cells that are not empty, by id and column; the line of each id; what is wrong."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def tables_in(folder: Path, called: str) -> tuple[dict[str, Path], list[Problem]]:
    """Files of the tables that a folder has, in the order of `TABLES`: it needs none that its theatre does not use.

    Parameters
    ----------
    folder
        The folder.
    called
        Its name for messages.

    Returns
    -------
    files, problems
        E101 for a folder without any table, and for a file whose name is like that of a table that is not there.
    """
    files = {entry.stem: entry for entry in sorted(folder.glob("*.csv"))}
    found = {name: files[name] for name in TABLES if name in files}
    lacking = [name for name in TABLES if name not in files]
    problems = [
        Problem("E101", f"{called}/{name}.csv", "", f"no table is called '{name}'", hint)
        for name in files
        if name not in TABLES and (hint := close_to(name, lacking))
    ]
    if not found and not problems:
        hint = (
            "put nodes.csv, links.csv and units.csv there, or take the line out; flanksim new --empty writes examples"
        )
        problems.append(Problem("E101", called, "tables", "no table is in this folder", hint))
    return found, problems


def read_table(path: Path, table: str, where: str) -> Table:
    """Read one table; a file that is no such table gives no rows and says why.

    Parameters
    ----------
    path
        The file.
    table
        Name of the table: key of `TABLES`.
    where
        Name of the file for messages, such as ``tables/links.csv``.

    Returns
    -------
    Table
        Cells by id and column, with the line of each id and every problem of the table's shape.
    """
    found = Table()
    try:
        text = read_text(path, where, "save it as CSV in UTF-8 (in Excel: CSV UTF-8)")
    except FlanksimError as error:
        found.problems += error.problems
        return found
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = (cells for cells in reader if cells and not cells[0].startswith(_REMARK))
        columns = _columns(next(lines, []), table, where, max(1, reader.line_num), found)
        if columns is not None:
            for cells in lines:
                _row(cells, columns, table, f"{where}:{reader.line_num}", reader.line_num, found)
    except csv.Error as error:
        said = next(
            (text for part, text in _BROKEN.items() if part in str(error)), (f"this is no CSV: {error}", _QUOTE)
        )
        found.problems.append(Problem("E110", f"{where}:{max(1, reader.line_num)}", table, *said))
    return found


def csv_of(table: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Rows as the text of a table, with the columns that any of them has.

    Parameters
    ----------
    table
        Name of the table: key of `TABLES`.
    rows
        Cells by id and column; numbers, texts, True and False.
    """
    model, key = TABLES[table]
    owner = list(Row.model_fields) if table in OWNED else []
    names = [name for name in model.model_fields if name not in owner] + owner
    used = [name for name in names if any(row.get(name) not in (None, "", False) for row in rows.values())]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([key, *used])
    writer.writerows([[identity, *(_cell(row.get(name)) for name in used)] for identity, row in rows.items()])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else ""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _columns(header: list[str], table: str, where: str, line: int, found: Table) -> list[str] | None:
    """Names of the columns, "" for one that is left out; None where they are not those of the table."""
    model, key = TABLES[table]
    names = [name.strip() for name in header]

    def say(code: str, column: str, message: str, hint: str) -> None:
        found.problems.append(Problem(code, f"{where}:{line}", f"{table}.{column}".rstrip("."), message, hint))

    if key not in names:
        for delimiter, called in _DELIMITERS.items():
            if key in [name.strip().strip('"') for name in ",".join(header).split(delimiter)]:
                say("E110", "", f"its columns are parted by {called}, not by commas", "save it with commas")
                return None
        needed = [key, *(name for name, entry in model.model_fields.items() if entry.is_required())]
        like = next((name for name in names if name.lower() == key), "")
        hint = f"write '{key}' for '{like}', and all columns in small letters" if like else ""
        say("E110", "", f"no column '{key}'", hint or f"the first line names the columns: {','.join(needed)}")
        return None
    known = [key, *model.model_fields]
    if "" in names:
        message = f"column {names.index('') + 1} has no name"
        say("E110", "", message, "name it, or take the commas at the ends of the lines away")
        return None
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            say("E110", name, f"the column '{name}' is there {names.count(name)} times", "keep one of them")
            return None
        if name not in known:
            say(
                "E103",
                name,
                f"unknown column '{name}'",
                GONE.get(name) or close_to(name, known, "take it out; docs/tables.md lists the columns"),
            )
    missing = [name for name, entry in model.model_fields.items() if entry.is_required() and name not in names]
    for name in missing:
        say("E104", name, f"the column '{name}' is missing", "add it; docs/tables.md lists the columns")
    return None if missing else [name if name in known else "" for name in names]


def _row(cells: list[str], columns: list[str], table: str, where: str, line: int, found: Table) -> None:
    key = TABLES[table][1]
    identity = cells[columns.index(key)].strip() if columns.index(key) < len(cells) else ""
    path = f"{table}.{identity}"
    if len(cells) != len(columns):
        message = f"this row has {len(cells)} cell{'s' * (len(cells) != 1)}, the header {len(columns)}"
        more = len(cells) > len(columns)
        hint = (
            "put text that contains a comma in double quotes" if more else "put a comma for each cell that is empty too"
        )
        found.problems.append(Problem("E110", where, path, message, hint))
    elif not identity or identity in found.rows:
        message = f"{key} '{identity}' is used twice" if identity else f"{key} is empty"
        hint = "give one of the two rows another id, or take it out" if identity else "give each row an id of its own"
        found.problems.append(Problem("E111", where, path.rstrip("."), message, hint))
    else:
        values = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if name}
        found.rows[identity] = {name: cell for name, cell in values.items() if cell and name != key}
        found.lines[identity] = line
