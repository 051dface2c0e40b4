"""One requirement: its values by field, its tags, where it stands, and how it travels in the remark of a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qsl, urlencode

from flanksim.tpfdd.fields import AIR_FIT, DATES, FIELDS, INCREMENTS, ITEMS, Holds
from flanksim.tpfdd.values import BadCellError, Value, value_of, written_day
from flanksim.units import TONNES_PER_SHORT_TON

#: Begins the remark of a unit that came from requirements.
_MARK = "TPFDD "
_TAG = "tag."


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row.

    Attributes
    ----------
    key
        Its ULN; of what is no unit its CIN or PIN.
    values
        Values of known fields that are not empty. C-days are days after C-day.
    tags
        Cells of columns that are not known, by header.
    where
        File and line.
    """

    key: str
    values: Mapping[str, Value]
    tags: Mapping[str, str] = field(default_factory=dict)
    where: str = field(default="", compare=False)

    def text(self, name: str) -> str:
        """Text of a field; "" where it is empty."""
        return str(self.values.get(name, ""))

    def number(self, name: str) -> float:
        """Number of a field; 0 where it is empty."""
        return float(self.values.get(name, 0.0))

    def day(self, name: str) -> int | None:
        """C-day of a field; None where it is empty. For RDD that of CRD is taken."""
        found = self.values.get(name)
        if found is None and name == "RDD":
            found = self.values.get("CRD")
        return None if found is None else cast("int", found)

    @property
    def tonnes(self) -> float:
        """Mass of its kit, t."""
        return self.number("T") if "T" in self.values else self.number("STONS") * TONNES_PER_SHORT_TON

    @property
    def short_tons(self) -> float:
        """Mass of its kit, short tons."""
        return self.number("STONS") if "STONS" in self.values else self.number("T") / TONNES_PER_SHORT_TON

    @property
    def troops(self) -> int:
        """Passengers."""
        return int(self.number("PAX_TOTAL"))

    @property
    def counted(self) -> bool:
        """Whether its items are counted."""
        return any(name in self.values for name in ITEMS)

    @property
    def partners(self) -> list[tuple[str, str]]:
        """Fields that name another requirement to be closed with it, and which."""
        return [(name, self.text(name)) for name in ("PARENT_ULN", "MARRY_UP_ID") if name in self.values]

    @property
    def split(self) -> list[float]:
        """Parts of the mass by what they fit into, short tons, as far as they are stated."""
        return [self.number(name) for name in AIR_FIT if name in self.values]

    @property
    def dates(self) -> list[tuple[str, int]]:
        """Stated dates in the order in which they come."""
        return [(name, day) for name in DATES if (day := self.day(name)) is not None]

    def cells(self) -> dict[str, str]:
        """Its cells as they are written to a file, by header."""
        return {name: _written(name, value) for name, value in self.values.items()} | dict(self.tags)


def _written(name: str, value: Value) -> str:
    if FIELDS[name].holds is Holds.DAY:
        return written_day(cast("int", value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def remark(requirements: Sequence[Requirement]) -> str:
    """Requirements as the remark of the unit that they became: a results folder is enough to write them out again.

    Examples
    --------
    >>> remark([Requirement("0AAAA", {"ULN": "0AAAA", "UNIT_NAME": "1st Brigade", "RLD": 3})])
    'TPFDD ULN=0AAAA&UNIT_NAME=1st+Brigade&RLD=C%2B3'
    """
    rows = []
    for entry in requirements:
        cells = [(name, _written(name, value)) for name, value in entry.values.items()]
        rows.append(urlencode([*cells, *((_TAG + name, cell) for name, cell in entry.tags.items())]))
    return _MARK + " ".join(rows)


def remembered(note: str) -> list[Requirement]:
    """Requirements in the remark of a unit; none if it did not come from any, or somebody has changed the remark.

    Examples
    --------
    >>> [entry.values["RLD"] for entry in remembered("TPFDD ULN=0AAAA&RLD=C%2B3")]
    [3]
    """
    found = []
    for row in note.removeprefix(_MARK).split() if note.startswith(_MARK) else []:
        cells = parse_qsl(row, keep_blank_values=True)
        try:
            values = {name: value_of(FIELDS[name], cell, None) for name, cell in cells if not name.startswith(_TAG)}
        except (BadCellError, KeyError):
            return []
        tags = {name.removeprefix(_TAG): cell for name, cell in cells if name.startswith(_TAG)}
        key = next((str(values[name]) for name in ("ULN", *INCREMENTS) if name in values), "")
        if not key:
            return []
        found.append(Requirement(key, values, tags))
    return found
