"""A scenario of maps: tables of places and links with their owners, and a file that reads them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flanksim.errors import FlanksimError, Problem, problems_as_json
from flanksim.gis.building import Building, built
from flanksim.gis.map_files import read_map
from flanksim.gis.shapes import Read
from flanksim.modes import LINK_MODES
from flanksim.scenario.arguments import as_flag, as_number, as_path
from flanksim.scenario.check import check
from flanksim.scenario.schema import AS_PYDANTIC, Scenario
from flanksim.scenario.tables import csv_of
from flanksim.scenario.template import name_of, write_files
from flanksim.scenario.wording import translate

#: Distances, km, within which ends are joined, and a place lies on a line.
TOLERANCE_KM, REACH_KM = 0.05, 2.0
#: Errors that are left where only a network is stated: nobody moves.
_STILL = ("E301", "E302")
_SCENARIO = """\
# By flanksim network import, of {files}.
# It lacks who moves, what carries them and what serves them: put units.csv, fleets.csv and facilities.csv into
# {name}/ (docs/tables.md), or state them here.
flanksim: 1
name: {name}
title: {title}
tables: {name}
"""


@dataclass(frozen=True)
class ImportedNetwork:
    """A network that was made of maps.

    Attributes
    ----------
    path
        The scenario file; its tables are in the folder of that name beside it.
    tables
        Cells by table, id and column, as they were written.
    problems
        Warnings: values that were not understood, parts that are not joined, numbers that are implausible.
    remaining
        What keeps the scenario from running as it is.
    left_out
        How many things of each file were left out, by why.
    lengths
        Links by where their length is from: ``stated``, ``along its line``, ``great circle``.
    joined_ends
        Ends of lines that did not meet and were joined.
    """

    path: Path
    tables: Mapping[str, Mapping[str, Mapping[str, Any]]]
    problems: tuple[Problem, ...]
    remaining: tuple[Problem, ...]
    left_out: Mapping[str, Mapping[str, int]]
    lengths: Mapping[str, int]
    joined_ends: int

    @property
    def modes(self) -> dict[str, int]:
        """Links by mode."""
        found = Counter(str(row["mode"]) for row in self.tables["links"].values())
        return {mode: found[mode] for mode in LINK_MODES if found[mode]}

    @property
    def one_way(self) -> int:
        """Links that lead one way."""
        return sum(row.get("one_way") is True for row in self.tables["links"].values())

    def as_json(self) -> dict[str, Any]:
        """What was made, for programs."""
        return {
            "scenario": str(self.path),
            "rows": {table: len(rows) for table, rows in self.tables.items()},
            "modes": self.modes,
            "one_way": self.one_way,
            "lengths": dict(self.lengths),
            "joined_ends": self.joined_ends,
            "left_out": {file: dict(why) for file, why in self.left_out.items()},
            "remaining": [problem.as_json() for problem in self.remaining],
        } | problems_as_json(self.problems)


def import_network(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    tolerance_km: float = TOLERANCE_KM,
    reach_km: float = REACH_KM,
    prune: bool = False,
    class_capacities: bool = False,
) -> ImportedNetwork:
    """Make a scenario of maps: places of points, links of lines.

    Parameters
    ----------
    files
        One or several: GeoJSON (WGS 84), OpenStreetMap XML, Overpass JSON, UN/LOCODE tables as CSV.
    folder
        Where the tables go; the scenario file is ``<folder>.yaml`` beside it.
    tolerance_km
        Ends of lines this near are joined.
    reach_km
        A place lies on lines this near.
    prune
        Leave out dead ends that lead to no place.
    class_capacities
        Give links without a capacity that of their class, as an assumption; without, nothing limits them.

    Returns
    -------
    ImportedNetwork
        What was made, what was left out, and what keeps it from running as it is.

    Raises
    ------
    FlanksimError
        E112 if something would be overwritten, E113 if the name of the folder cannot be that of a scenario, E611 for a
        file that is no map, E612 for a thing in one that cannot be used, E613 if nothing is a place or a link, and
        every problem of a row that was made, with the file and line it came from.

    Examples
    --------
    The tables of a network that was written as GeoJSON come back:

    >>> from tempfile import mkdtemp
    >>> from flanksim.gis.exporting import export_network
    >>> files = export_network("corridor-mini", mkdtemp()).files
    >>> import_network(files.values(), Path(mkdtemp()) / "reed").modes
    {'rail': 5, 'road': 5, 'sea': 2}
    """
    given = [files] if isinstance(files, str | os.PathLike) else list(files)
    target, path = _targets(folder)
    reads = _read([as_path("files", file) for file in given])
    made = built(
        reads,
        as_number("tolerance_km", tolerance_km, 0.0, 100.0),
        as_number("reach_km", reach_km, 0.0, 100.0),
        prune=as_flag("prune", prune),
        class_capacities=as_flag("class_capacities", class_capacities),
    )
    if not made.origins:
        raise FlanksimError([_nothing(read) for read in reads])
    checked, remaining = _checked(made, target.name)
    write_files(_texts(made, reads, target, path))
    left_out = {read.name: {why: count for why, count in read.left_out.items() if count} for read in reads}
    gaps = made.joined.gaps_km
    return ImportedNetwork(
        path, made.tables, (*made.problems, *checked), remaining, left_out, made.lengths, len(gaps)
    )  # fmt: skip


def _targets(folder: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Folder of the tables and scenario file beside it, neither of which is there."""
    target = as_path("folder", folder)
    path = target.with_name(f"{target.name}.yaml")
    name_of(path)
    if taken := [goal for goal in (path, target) if goal.exists()]:
        hint = "choose another folder with -o"
        said = "exists already; nothing was written"
        raise FlanksimError([Problem("E112", str(goal), "", said, hint) for goal in taken])
    return target, path


def _texts(made: Building, reads: Sequence[Read], target: Path, path: Path) -> dict[Path, str]:
    """The scenario file and its tables."""
    files = _one_line(", ".join(read.name for read in reads))
    title = json.dumps(f"Network of {files}", ensure_ascii=False)
    text = _SCENARIO.format(files=files, name=target.name, title=title)
    tables = {target / f"{table}.csv": csv_of(table, rows) for table, rows in made.tables.items() if rows}
    return {path: text + _lists(made) + _nested(made)} | tables


def _read(paths: Sequence[Path]) -> list[Read]:
    """All files, or every problem of all of them."""
    found: list[Read] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(read_map(path))
        except FlanksimError as error:
            problems += error.problems
    if problems:
        raise FlanksimError(problems)
    return found


def _nothing(read: Read) -> Problem:
    why = "; ".join(f"{count:,} {why}" for why, count in read.left_out.items() if count)
    said = "nothing in it is a place or a link" + (f": {why}" if why else "")
    hint = "give lines a mode (rail, road, ferry, sea, waterway) or OpenStreetMap's tags, and points a name"
    return Problem("E613", read.name, "", said, hint)


def _checked(made: Building, name: str) -> tuple[list[Problem], tuple[Problem, ...]]:
    """Warnings of the rows, and what keeps a network alone from running.

    Raises
    ------
    FlanksimError
        Every error of a row.
    """

    def where(path: tuple[str, ...], _: Sequence[str] = ()) -> str:
        return made.origins.get((path[0], path[1] if len(path) > 1 else ""), f"{name}.yaml")

    raw = {"flanksim": 1, "name": name, **_lists_of(made)}
    for table, rows in made.tables.items():
        raw[table] = {key: dict(row) | made.nested.get((table, key), {}) for key, row in rows.items()}
    try:
        scenario = Scenario.model_validate(raw, context=AS_PYDANTIC)
    except ValidationError as error:
        raise FlanksimError(made.errors + translate(error, raw, where)) from None
    # a parameter that is needed is in the tables that a scenario without parameters is given when it is read
    problems = [problem for problem in check(scenario, where) if problem.code != "E205"]
    errors = [problem for problem in problems if problem.severity == "error" and problem.code not in _STILL]
    if errors or made.errors:
        raise FlanksimError(made.errors + errors)
    remaining = tuple(problem for problem in problems if problem.code in _STILL)
    return [problem for problem in problems if problem.severity == "warning"], remaining


def _lists_of(made: Building) -> dict[str, list[str]]:
    """Words that a scenario must list: its regional plans and loading gauges."""
    plans = {str(row["regional_plan"]) for row in made.tables["nodes"].values() if row.get("regional_plan")}
    gauges = {str(row["loading_gauge"]) for row in made.tables["links"].values() if row.get("loading_gauge")}
    return {"regional_plans": sorted(plans), "loading_gauges": sorted(gauges)}


def _lists(made: Building) -> str:
    lists = {name: words for name, words in _lists_of(made).items() if words}
    return "".join(f"{name}: {json.dumps(words, ensure_ascii=False)}\n" for name, words in lists.items())


def _nested(made: Building) -> str:
    """Values that no cell holds, such as closures, as rows of the scenario file."""
    tables: dict[str, dict[str, Any]] = {}
    for (table, key), values in made.nested.items():
        tables.setdefault(table, {})[key] = values
    return "".join(
        f"{table}:\n" + "".join(f"  {json.dumps(key)}: {json.dumps(values)}\n" for key, values in rows.items())
        for table, rows in tables.items()
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
