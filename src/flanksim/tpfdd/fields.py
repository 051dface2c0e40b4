"""The columns of a file of requirements: a row each, with what it may hold, the headers it goes by, and its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Holds(StrEnum):
    """What a column may hold, in the words of messages and docs."""

    TEXT = "text"
    ID = "id"
    WHOLE = "whole number"
    AMOUNT = "number"
    DAY = "C-day"
    PLACE = "place"
    YES_NO = "yes or no"
    MODE = "A, S, L, P or X"


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Attributes
    ----------
    most
        Largest number; a slip of the keyboard is above it.
    mapped
        Whether a scenario has a place for it; what has none is kept for the export, and the import says so.
    aliases
        Headers beside its own name; blanks, hyphens and small letters make no difference.
    """

    name: str
    holds: Holds
    unit: str
    meaning: str
    needed: bool = False
    mapped: bool = True
    aliases: tuple[str, ...] = ()
    most: float = 1_000_000.0


_T, _I, _W, _A, _D, _P, _Y = (
    Holds.TEXT, Holds.ID, Holds.WHOLE, Holds.AMOUNT, Holds.DAY, Holds.PLACE, Holds.YES_NO
)  # fmt: skip

_ROWS = (
    Field("ULN", _I, "", "Unit line number: the requirement; CIN or PIN instead for what is no unit.", needed=True,
          aliases=("UNIT_LINE_NUMBER", "RLN", "REQUIREMENT_LINE_NUMBER")),
    Field("FRN", _T, "", "Force requirement number: the first characters of the ULN.", mapped=False,
          aliases=("FORCE_REQUIREMENT_NUMBER",)),
    Field("CIN", _I, "", "Cargo increment: resupply and the like, in place of a ULN.", aliases=("CARGO_INCREMENT",)),
    Field("PIN", _I, "", "Personnel increment: replacements, in place of a ULN.", aliases=("PERSONNEL_INCREMENT",)),
    Field("PID", _T, "", "Plan identification.", mapped=False, aliases=("PLAN_ID", "OPLAN")),
    Field("FM", _T, "", "Force module.", mapped=False, aliases=("FORCE_MODULE", "FMID")),
    Field("UTC", _T, "", "Unit type code; where it is the id of a unit type of the scenario, that is its footprint.",
          aliases=("UNIT_TYPE_CODE",)),
    Field("UNIT_TYPE", _T, "", "A row of `unit_types` of the scenario: the footprint of what has no counted items."),
    Field("UIC", _T, "", "Unit identification code.", mapped=False, aliases=("UNIT_ID_CODE",)),
    Field("UNIT_NAME", _T, "", "Name.", aliases=("NAME", "UNIT", "DESCRIPTION")),
    Field("ULC", _T, "", "Unit level: brigade, battalion.", mapped=False, aliases=("UNIT_LEVEL",)),
    Field("SERVICE", _T, "", "Service.", mapped=False, aliases=("SVC",)),
    Field("NATION", _T, "", "Country to which it belongs, ISO 3166 alpha-3.", needed=True,
          aliases=("COUNTRY", "PROVIDING_NATION")),
    Field("PLAN", _T, "", "Regional plan for which it moves; empty: that of its destination.",
          aliases=("REGIONAL_PLAN",)),
    Field("PARENT_ULN", _T, "", "ULN that it joins, to be closed as one unit.", aliases=("PARENT",)),
    Field("MARRY_UP_ID", _T, "", "ULN whose troops or kit it must meet, to be closed as one unit.",
          aliases=("MARRY_UP", "MARRYUP_ULN")),
    Field("PAX_TOTAL", _W, "troops", "Passengers.", needed=True, aliases=("PAX", "PERSONNEL", "PASSENGERS"),
          most=500_000),
    Field("PAX_REQ_TRANS", _W, "troops", "Passengers of these who need common lift.", mapped=False,
          aliases=("PAX_REQ", "PAX_REQUIRING_TRANSPORT"), most=500_000),
    Field("STONS", _A, "short tons", "Mass of its kit; T instead in tonnes. One of the two is needed.",
          aliases=("SHORT_TONS", "STON")),
    Field("T", _A, "t", "Mass of its kit, in place of STONS.", aliases=("TONNES", "MASS_T", "METRIC_TONNES")),
    Field("MTONS", _A, "measurement tons of 40 ft3", "Volume.", mapped=False, aliases=("MTON",)),
    Field("SQFT", _A, "ft2", "Deck area, without gaps.", mapped=False, aliases=("AREA_SQFT", "SQUARE_FEET"),
          most=100_000_000),
    Field("POL_CBBL", _A, "100 barrels", "Bulk fuel.", mapped=False, aliases=("POL",)),
    Field("BULK_STONS", _A, "short tons", "Of the mass what fits on a pallet.", mapped=False, aliases=("BULK",)),
    Field("OVERSIZE_STONS", _A, "short tons", "Of the mass what is larger than a pallet.", mapped=False,
          aliases=("OVERSIZE", "OVER_STONS")),
    Field("OUTSIZE_STONS", _A, "short tons", "Of the mass what only the largest aircraft take.", mapped=False,
          aliases=("OUTSIZE", "OUT_STONS")),
    Field("NAT_STONS", _A, "short tons", "Of the mass what no aircraft takes; the four sum to STONS.", mapped=False,
          aliases=("NAT", "NON_AIR_TRANSPORTABLE_STONS")),
    Field("CCC", _T, "", "Cargo category code; kept as it is.", mapped=False, aliases=("CARGO_CATEGORY_CODE",)),
    Field("WHEELED", _W, "pieces", "Items: wheeled vehicles, trailers included.", aliases=("WHEELED_VEHICLES",)),
    Field("HEAVY", _W, "pieces", "Items: tracked vehicles and others that do not march far, tanks included.",
          aliases=("TRACKED_VEHICLES", "HEAVY_VEHICLES")),
    Field("TANKS", _W, "pieces", "Tanks among the heavy vehicles."),
    Field("CONTAINERS", _W, "pieces", "Items: containers of 20 feet.", aliases=("TEU",)),
    Field("ORIGIN", _P, "", "Where it is: a node of the scenario, or its name.", needed=True,
          aliases=("ORIGIN_GEOLOC", "ORIG", "FROM")),
    Field("POE", _P, "", "Port of embarkation; with POD the way of its kit.", aliases=("POE_GEOLOC", "APOE", "SPOE")),
    Field("POD", _P, "", "Port of debarkation.", aliases=("POD_GEOLOC", "APOD", "SPOD")),
    Field("ILOC", _P, "", "Intermediate location.", mapped=False, aliases=("ILOC_GEOLOC",)),
    Field("ILOC_DELAY", _A, "days", "Days that it stays there.", mapped=False, most=3650),
    Field("DEST", _P, "", "Where it is to be closed: a node, or its name.", needed=True,
          aliases=("DESTINATION", "DEST_GEOLOC", "TO")),
    Field("MODE", Holds.MODE, "", "Way from POE to POD: A air, S sea, L land; P and X leave it open.",
          aliases=("MODE_POE_POD", "PREFERRED_MODE")),
    Field("RLD", _D, "C-day", "Ready to load at its origin, from the start of that day on.", needed=True,
          aliases=("READY_TO_LOAD_DATE", "READY_TO_LOAD")),
    Field("ALD", _D, "C-day", "Available to load at the POE, from the start of that day on.", mapped=False,
          aliases=("AVAILABLE_TO_LOAD_DATE",)),
    Field("EAD", _D, "C-day", "Earliest arrival at the POD: the start of that day.", mapped=False,
          aliases=("EARLIEST_ARRIVAL_DATE",)),
    Field("LAD", _D, "C-day", "Latest arrival at the POD: the end of that day.", mapped=False,
          aliases=("LATEST_ARRIVAL_DATE",)),
    Field("RDD", _D, "C-day", "Required at its destination by the end of that day; CRD is taken where it is empty.",
          aliases=("REQUIRED_DELIVERY_DATE",)),
    Field("CRD", _D, "C-day", "Commander's required date.", aliases=("COMMANDERS_REQUIRED_DATE",)),
    Field("PRIORITY", _W, "rank", "Order in every queue; 1 goes first.", aliases=("PRI",)),
    Field("SUSTAIN_DAYS", _A, "days", "Days for which it brings supply.", mapped=False, most=3650),
    Field("SUPPLY_T_DAY", _A, "t/day", "Supply that it needs.", mapped=False),
    Field("MAX_MLC", _A, "MLC", "Military load class of its heaviest vehicle.", aliases=("MLC",), most=1000),
    Field("MAX_AXLE_T", _A, "t", "Axle load of its heaviest loaded wagon.", mapped=False, aliases=("AXLE_T",),
          most=1000),
    Field("MAX_W", _A, "m", "Width of its widest item.", mapped=False, most=100),
    Field("MAX_H", _A, "m", "Height of its highest item.", mapped=False, most=100),
    Field("TRACKED", _Y, "", "Whether its kit is tracked, where no items are counted."),
    Field("SPLITTABLE", _Y, "", "Whether it may go in parts.", mapped=False),
    Field("MIN_CHALK", _W, "pieces", "Smallest part.", mapped=False),
    Field("CLOSE_PCT", _A, "%", "Part that must be in for closed.", mapped=False, most=100),
)  # fmt: skip

#: Every field by its name.
FIELDS: dict[str, Field] = {field.name: field for field in _ROWS}
#: Of a requirement that is no unit, in place of the ULN.
INCREMENTS = ("CIN", "PIN")
#: Counted items.
ITEMS = ("HEAVY", "WHEELED", "CONTAINERS")
#: Parts of the mass by what they fit into.
AIR_FIT = ("BULK_STONS", "OVERSIZE_STONS", "OUTSIZE_STONS", "NAT_STONS")
#: Dates in the order in which they come.
DATES = ("RLD", "ALD", "EAD", "LAD", "RDD")
PLACES = tuple(field.name for field in _ROWS if field.holds is Holds.PLACE)
#: Begins the columns that the export adds; they are no requirement, and left out when it is read again.
ACTUAL = "ACTUAL_"


def normal(header: str) -> str:
    """A header without what makes no difference.

    Examples
    --------
    >>> normal(" Ready-to-load date ")
    'READY_TO_LOAD_DATE'
    """
    return re.sub(r"[^A-Z0-9]+", "_", header.strip().upper()).strip("_")


#: Name of the field by each header.
HEADERS: dict[str, str] = {alias: field.name for field in _ROWS for alias in (field.name, *field.aliases)}
