"""Cells to values: numbers that are finite and within limits, C-days in each way of writing them, yes and no."""

from __future__ import annotations

import math
import re
from datetime import date

from flanksim.tpfdd.fields import Field, Holds

#: No date is farther from C-day than this, days.
FARTHEST_DAY = 3650
_C_DAY = re.compile(r"C?\s*([+-]?)\s*([0-9]{1,4})", re.IGNORECASE)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHER_DAY = re.compile(r"([A-BD-Z])\s*[+-]?\s*[0-9]+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|[+-]?\.[0-9]+")
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_YES = {"YES": True, "Y": True, "TRUE": True, "1": True, "NO": False, "N": False, "FALSE": False, "0": False}

Value = str | int | float | bool


class BadCellError(Exception):
    """A cell that cannot be read: code, what is wrong, and what to write instead."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def value_of(field: Field, cell: str, c_day: date | None) -> Value:
    """The value of a cell that is not empty.

    Raises
    ------
    BadCellError
        If it is none of its kind or out of range.
    """
    if field.holds in (Holds.WHOLE, Holds.AMOUNT):
        return _number(field, cell)
    if field.holds is Holds.DAY:
        return day_of(cell, c_day)
    if field.holds is Holds.YES_NO:
        if cell.upper() not in _YES:
            raise BadCellError("E105", f"'{cell}' is neither yes nor no", "write yes or no")
        return _YES[cell.upper()]
    if field.holds is Holds.MODE:
        if cell[0].upper() not in "ASLPX":
            raise BadCellError("E105", f"'{cell}' is no mode", "write A (air), S (sea), L (land), P or X (open)")
        return cell.upper()
    if field.holds is Holds.ID and not _ID.fullmatch(cell):
        raise BadCellError("E111", f"'{cell}' cannot be an id", "write up to 40 letters, numbers, - and _")
    return cell


def day_of(cell: str, c_day: date | None) -> int:
    """Days after C-day: of ``C+3``, ``C003``, ``3``, or of a date if it is known when C-day is.

    Raises
    ------
    BadCellError
        E105 for anything else, E106 for a day ten years off.

    Examples
    --------
    >>> [day_of(text, None) for text in ("C+3", "C003", "c-2", "7")]
    [3, 3, -2, 7]
    >>> day_of("2027-03-04", date(2027, 3, 1))
    3
    """
    if match := _C_DAY.fullmatch(cell):
        found = int(match[2]) * (-1 if match[1] == "-" else 1)
    elif _ISO.fullmatch(cell):
        try:
            when = date.fromisoformat(cell)
        except ValueError:
            raise BadCellError("E105", f"'{cell}' is no date", "write year-month-day, or a C-day such as C+3") from None
        if c_day is None:
            hint = "say when C-day is (--c-day 2027-03-01, or question.c_day of the scenario), or write C+3"
            raise BadCellError("E105", f"'{cell}' is a date, and C-day has none", hint)
        found = (when - c_day).days
    elif match := _OTHER_DAY.fullmatch(cell):
        message = f"'{cell}' counts from {match[1].upper()}-day"
        raise BadCellError("E105", message, "count from C-day, on which the move begins: C+3")
    else:
        hint = "write C+3, C003, 3, or a date such as 2027-03-04; days are whole"
        raise BadCellError("E105", f"'{cell}' is no C-day", hint)
    if abs(found) > FARTHEST_DAY:
        raise BadCellError("E106", f"'{cell}' is {found:,} days from C-day", "write a day within ten years of C-day")
    return found


def written_day(day: int) -> str:
    """A C-day as it is written.

    Examples
    --------
    >>> written_day(3), written_day(-2), written_day(0)
    ('C+3', 'C-2', 'C+0')
    """
    return f"C{day:+d}"


def _number(field: Field, cell: str) -> int | float:
    if cell.strip("+-").lower() in ("nan", "inf", "infinity"):
        raise BadCellError("E106", f"'{cell}' is no finite number", "write a number, or leave the cell empty")
    if not _NUMBER.fullmatch(cell):
        raise BadCellError("E105", f"'{cell}' is no number", f"write a number{_in(field)}, without its unit")
    found = float(cell.replace(",", ""))
    if found < 0 or found > field.most or not math.isfinite(found):
        raise BadCellError("E106", f"{cell} is out of range", f"write 0 to {field.most:,.0f}{_in(field)}")
    if field.holds is Holds.WHOLE:
        if found != int(found):
            raise BadCellError("E105", f"{cell} is no whole number", f"write a whole number{_in(field)}")
        return int(found)
    return found


def _in(field: Field) -> str:
    return f" in {field.unit}" if field.unit else ""
