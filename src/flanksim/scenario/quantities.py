"""What a cell or a field can hold: numbers with their unit and limits, words, lists; said once for all tables.

The upper limits are far above anything real: they catch a wrong unit and a slip of the keyboard.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from flanksim.errors import FlanksimError, Problem

#: What every model of a scenario is: frozen, without unknown fields, without infinite numbers.
STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


class Frozen(BaseModel):
    """What a scenario is made of: it never changes, so that what was derived from it stays true."""

    model_config = STRICT

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse it.

        Raises
        ------
        FlanksimError
            E130, with what to write instead.
        """
        try:
            super().__setattr__(name, value)
        except ValidationError:
            hint = f'take a changed copy: model_copy(update={{"{name}": ...}}), or load the file with overrides'
            message = "nothing of a scenario can be changed where it stands"
            raise FlanksimError(Problem("E130", type(self).__name__, name, message, hint)) from None


def contradiction(message: str, *fields: str, remedy: str = "") -> PydanticCustomError:
    """Values that do not agree, with the fields in which they stand and what to write instead."""
    return PydanticCustomError("contradiction", "{message}", {"message": message, "fields": fields, "remedy": remedy})


def measured(unit: str, *, le: float, ge: float | None = None, gt: float | None = None) -> Any:
    """Unit and limits of a number, as pydantic's `Field` holds them.

    Parameters
    ----------
    unit
        Unit, as it stands in the docs and in the JSON Schema.
    le
        Largest value.
    ge, gt
        Smallest value, or the value above which it must be.
    """
    return Field(json_schema_extra={"unit": unit}, ge=ge, gt=gt, le=le)


#: The largest seed that a JSON reader holds exactly.
LARGEST_SEED = 2**53 - 1

# ---- numbers ------------------------------------------------------------------------------------

Share = Annotated[float, measured("share", ge=0, le=1)]
Latitude = Annotated[float, measured("degrees", ge=-90, le=90)]
Longitude = Annotated[float, measured("degrees", ge=-180, le=180)]
Km = Annotated[float, measured("km", ge=0, le=25_000)]
#: An edge of a map from its centre: no farther than the Earth is wide.
EdgeKm = Annotated[float, measured("km", ge=-10_000, le=10_000)]
Kmh = Annotated[float, measured("km/h", ge=0.1, le=3000)]
Hours = Annotated[float, measured("h", ge=0, le=87_600)]
HoursSinceCDay = Annotated[float, measured("h since C-day", ge=0, le=1_000_000)]  # a window may outlast any run
HourOfDay = Annotated[float, measured("h of the day", ge=0, le=24)]
HoursPerDay = Annotated[float, measured("h/day", ge=0.1, le=24)]
Day = Annotated[float, measured("C-day", ge=0, le=3650)]
Days = Annotated[float, measured("days", gt=0, le=3650)]
LeadDays = Annotated[float, measured("days", ge=0, le=3650)]
DaysBetween = Annotated[float, measured("days", ge=0.01, le=36_500)]
Years = Annotated[float, measured("years", ge=0, le=200)]
CarryOver = Annotated[float, measured("years", ge=0, le=100)]
Year = Annotated[int, measured("year", ge=1900, le=2200)]
PerYear = Annotated[float, measured("1/year", ge=0, le=8760)]
MilitaryLoadClass = Annotated[float, measured("MLC", ge=0, le=1000)]
BridgeClass = Annotated[float, measured("MLC", gt=0, le=1000)]
Tonnes = Annotated[float, measured("t", ge=0, le=1_000_000)]
AxleLoad = Annotated[float, measured("t", gt=0, le=1000)]
LoadedAxle = Annotated[float, measured("t", ge=0, le=1000)]
Draught = Annotated[float, measured("m", gt=0, le=100)]
Metres = Annotated[float, measured("m", ge=0, le=20_000)]
DeckOfPiece = Annotated[float, measured("lane-m", ge=0.01, le=1000)]
LaneMetres = Annotated[float, measured("lane-m", ge=0, le=1_000_000)]
Gauge = Annotated[int, measured("mm", ge=100, le=3000)]
Tracks = Annotated[int, measured("tracks", ge=1, le=100)]
Lanes = Annotated[int, measured("lanes", ge=1, le=100)]
Traffic = Annotated[float, measured("trains/day, barges/day or vehicles/h", ge=0, le=1_000_000)]
Limit = Annotated[float, measured("that of its attribute", ge=0, le=1_000_000)]
Servers = Annotated[float, measured("servers", ge=0, le=100_000)]
Pieces = Annotated[float, measured("pieces", ge=0, le=1_000_000)]
WholePieces = Annotated[int, measured("pieces", ge=0, le=1_000_000)]
Troops = Annotated[float, measured("troops", ge=0, le=1_000_000)]
WholeTroops = Annotated[int, measured("troops", ge=0, le=500_000)]
ForceTroops = Annotated[int, measured("troops", ge=0, le=2_000_000)]
Assets = Annotated[float, measured("assets", ge=0, le=100_000)]
GroupSize = Annotated[float, measured("assets", ge=1, le=100_000)]
Capacity = Annotated[float, measured("capacity_unit", ge=1, le=1_000_000)]
Fitters = Annotated[int, measured("fitters", ge=1, le=100_000)]
Tier = Annotated[int, measured("rank", ge=1, le=3)]
Priority = Annotated[int, measured("rank", ge=0, le=1_000_000)]
PerCent = Annotated[float, measured("%", ge=0, le=100)]
SpendingPerCent = Annotated[float, measured("% of GDP", ge=0, le=5)]
GrowthPerCent = Annotated[float, measured("%/year", ge=-99, le=20)]
GdpEur = Annotated[float, measured("EUR bn", gt=0, le=1_000_000)]
Money = Annotated[float, measured("EUR bn", ge=0, le=1_000_000)]
Benefit = Annotated[float, measured("that of the table", ge=0, le=1e9)]
Overrun = Annotated[float, measured("factor", ge=0.01, le=100)]
ProjectShare = Annotated[float, measured("share", ge=0.0001, le=1)]
Works = Annotated[int, measured("projects", ge=1, le=10_000)]
Itineraries = Annotated[int, measured("itineraries", ge=1, le=12)]
Runs = Annotated[int, measured("runs", ge=1, le=100_000)]
Seed = Annotated[int, measured("seed", ge=0, le=LARGEST_SEED)]
Factor = Annotated[float, measured("factor", gt=0, le=100)]
Number = Annotated[float, measured("that of its parameter or attribute", ge=-1e9, le=1e9)]

# ---- words and lists ----------------------------------------------------------------------------


def _split(value: Any) -> Any:
    """``"1435;1520"`` and ``1435`` become tuples; an empty cell an empty one."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, int | float):
        return (value,)
    return tuple(value) if isinstance(value, list | tuple) else value


def _false_if_empty(value: Any) -> Any:
    return False if value in ("", None) else value


def _true_if_empty(value: Any) -> Any:
    return True if value in ("", None) else value


def _gauge(value: Any) -> Any:
    """A cell's text as the number that it is."""
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() else value


def _number_or_text(value: Any) -> Any:
    """A cell that reads as a number becomes one; other text stays."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value.strip()
    return value


def _shares(value: Any) -> Any:
    """``"AAA:0.5;BBB:0.5"`` becomes a mapping; an empty cell an empty one."""
    if not isinstance(value, str):
        return {} if value is None else value
    pairs = [part.partition(":") for part in value.split(";") if part.strip()]
    names = [name.strip() for name, _, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise contradiction(f"'{twice}' is named twice", remedy="name each once, with its whole share or amount")
    return {name.strip(): share.strip() for name, _, share in pairs}


def _money_by_year(value: Any) -> Any:
    """``"2028:0.8;2030:1.7"`` becomes a mapping of year to EUR bn; an empty cell an empty one."""
    if not isinstance(value, str):
        return {} if value is None else value
    return {int(year) if year.isdecimal() else year: amount for year, amount in _shares(value).items()}


def _opening_years(value: Any) -> Any:
    """``2030``, ``"2028-2030"`` and ``"2028-2029-2031"`` become earliest, typical and latest; nothing stays nothing."""
    if value in (None, "", ()):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value, value)
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}(-\d{4}){0,2}", value.strip()):
            remedy = (
                "write 2030, or earliest and latest as 2028-2030, or earliest, typical and latest as 2028-2029-2031; "
                "remarks belong in note"
            )
            raise contradiction(f"'{value}' is no year", remedy=remedy)
        value = [int(part) for part in value.strip().split("-")]
    if isinstance(value, list | tuple) and len(value) in (1, 2, 3):
        first, last = value[0], value[-1]
        if not all(isinstance(year, int) for year in value):
            return value
        middle = value[1] if len(value) == 3 else (first + last) // 2
        if not first <= middle <= last:
            years = "-".join(map(str, value))
            raise contradiction(
                f"the years of {years} do not rise", remedy="write earliest, typical and latest in order"
            )
        return (first, middle, last)
    return value


Cargo = Literal["heavy", "wheeled", "cargo", "troops"]
Basis = Literal["looked_up", "recalled", "derived", "assumed"]
Confidence = Literal["H", "M", "L"]
Mode = Literal["rail", "road", "ferry", "sea", "waterway"]
MoveBy = Literal["rail", "road", "ferry", "sea", "waterway", "air"]
YesNo = Annotated[bool, BeforeValidator(_false_if_empty)]
YesUnlessNo = Annotated[bool, BeforeValidator(_true_if_empty)]
Gauges = Annotated[tuple[Annotated[Gauge, BeforeValidator(_gauge)], ...], BeforeValidator(_split)]
Cargoes = Annotated[tuple[Cargo, ...], BeforeValidator(_split)]
Modes = Annotated[tuple[MoveBy, ...], BeforeValidator(_split)]
Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
NumberOrText = Annotated[Number | str, BeforeValidator(_number_or_text)]
OpeningYears = Annotated[tuple[Year, Year, Year] | None, BeforeValidator(_opening_years)]
MoneyByYear = Annotated[dict[Year, Money], BeforeValidator(_money_by_year)]
PayerShares = Annotated[dict[str, Annotated[float, measured("share", ge=-1e9, le=1e9)]], BeforeValidator(_shares)]
