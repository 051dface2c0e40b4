"""Sets of forces: files beside the tables of a theatre that say which units differ from its table of units.

A set is laid over the table and under what a scenario file says of units itself, so that a scenario may name a set and
still move, drop or add a unit.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.schema import Scenario

#: What a file of a set may state.
PARTS = ("description", "units", "forces")


@dataclass
class Units:
    """Rows of units as they were read: those of the tables, and what files and options say of them, in order.

    Attributes
    ----------
    sets
        Folder of the sets of forces of the tables; None without tables.
    """

    sets: Path | None = None
    _tables: dict[str, Any] = field(default_factory=dict)
    _files: list[dict[str, Any]] = field(default_factory=list)

    def from_tables(self, rows: dict[str, Any]) -> None:
        """Rows of the tables; files that were read before stand below them."""
        self._tables |= rows
        self._files.clear()

    def keep(self, rows: Mapping[str, Any]) -> None:
        """Of the tables, rows that are still there; a set brings no other back."""
        self._tables = {key: row for key, row in self._tables.items() if key in rows}

    def from_file(self, own: Mapping[str, Any]) -> None:
        """What a file or option says of units."""
        if isinstance(rows := own.get("units"), Mapping):
            self._files.append(copy.deepcopy(dict(rows)))

    def with_set(
        self, rows: Mapping[str, Any], merge: Callable[[dict[str, Any], Mapping[str, Any]], None]
    ) -> dict[str, Any]:
        """All rows with those of a set between tables and files."""
        found = copy.deepcopy(self._tables)
        for layer in (rows, *self._files):
            merge(found, copy.deepcopy(dict(layer)))
        return found


#: What lift is called in a sentence, by kind of fleet.
_LIFT = {
    "train": "wagons",
    "ship": "ships",
    "aircraft": "aircraft",
    "het": "transporters",
    "coach": "coaches",
    "barge": "barges",
}


def left_out(scenario: Scenario) -> str:
    """Who does not take part, with how many troops, and what becomes of his lift; empty if everybody does.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> left_out(load("corridor-mini"))
    ''
    """
    forces = scenario.forces
    if not forces.without:
        return ""
    gone = scenario.left_out_units
    who = " and ".join(filter(None, (", ".join(forces.without[:-1]), forces.without[-1])))
    troops = sum(unit.troops for unit in gone)
    text = f"Without {who}: {len(gone)} units with {troops:,} troops stay at home"
    count: dict[str, float] = {}
    for fleet in scenario.fleets.values():
        if fleet.nation in forces.without:
            count[fleet.kind] = count.get(fleet.kind, 0.0) + fleet.count_typical
    lift = ", ".join(f"{number:,.0f} {_LIFT[kind]}" for kind, number in sorted(count.items()))
    if not lift:
        return text
    return f"{text}; of their lift {lift} {'come all the same' if forces.keep_lift else 'stay away'}"


def set_file(folder: Path, name: str, where: str) -> Path:
    """File of a set of forces.

    Raises
    ------
    FlanksimError
        E240 if there is no such set.
    """
    known = sorted(file.stem for file in folder.glob("*.yaml")) if folder.is_dir() else []
    if re.fullmatch(r"[^./\\\x00-\x1f]+[^/\\\x00-\x1f]*", name) and name in known:
        return folder / f"{name}.yaml"
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"sets of forces: {', '.join(known) or 'none'}"
    raise FlanksimError(Problem("E240", where, "forces.set", f"no set of forces '{name}'", hint))


def refuse_other(own: Mapping[str, Any], where: Mapping[str, str]) -> None:
    """A set states units and which of them move, and nothing else.

    Parameters
    ----------
    own
        What its file states.
    where
        File and line of each part.

    Raises
    ------
    FlanksimError
        E241 if it states more.
    """
    for name, value in own.items():
        if name not in PARTS or (name != "description" and not isinstance(value, Mapping)):
            hint = "write units: {id: {field: value}} and forces: {without: [...]}; the rest belongs into the scenario"
            raise FlanksimError(Problem("E241", where[name], name, f"'{name}' is no part of a set of forces", hint))
