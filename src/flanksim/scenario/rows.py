"""One pydantic model for each table: column names, types, units, limits and defaults, said once.

The same models read CSV rows and inline YAML, so a tiny scenario may state just what it needs. The JSON Schema
and the list of fields in ``docs/tables.md`` are made from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError


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


Gauge = Annotated[int, Field(ge=100, le=3000)]
Cargo = Literal["heavy", "wheeled", "cargo", "troops"]


def _gauge(value: Any) -> Any:
    """A cell's text as the number that it is."""
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() else value


Gauges = Annotated[tuple[Annotated[Gauge, BeforeValidator(_gauge)], ...], BeforeValidator(_split)]
Cargoes = Annotated[tuple[Cargo, ...], BeforeValidator(_split)]
Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
YesNo = Annotated[bool, BeforeValidator(_false_if_empty)]
YesUnlessNo = Annotated[bool, BeforeValidator(_true_if_empty)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Basis = Literal["looked_up", "recalled", "derived", "assumed"]
Confidence = Literal["H", "M", "L"]
Mode = Literal["rail", "road", "ferry", "sea", "waterway"]

# Numbers of the tables, by what they count. The upper limits are far above anything real: they catch a wrong unit.
Km = Annotated[float, Field(ge=0, le=25_000)]
Kmh = Annotated[float, Field(ge=0.1, le=3000)]
Hours = Annotated[float, Field(ge=0, le=87_600)]
HoursSinceCDay = Annotated[float, Field(ge=0, le=1_000_000)]  # a window may outlast any run
Day = Annotated[float, Field(ge=0, le=3650)]
HourOfDay = Annotated[float, Field(ge=0, le=24)]
HoursPerDay = Annotated[float, Field(ge=0.1, le=24)]
MilitaryLoadClass = Annotated[float, Field(ge=0, le=1000)]
Tonnes = Annotated[float, Field(ge=0, le=1_000_000)]
BridgeClass = Annotated[float, Field(gt=0, le=1000)]
AxleLoad = Annotated[float, Field(gt=0, le=1000)]
Draught = Annotated[float, Field(gt=0, le=100)]
Metres = Annotated[float, Field(ge=0, le=20_000)]
LaneMetres = Annotated[float, Field(ge=0, le=1_000_000)]
Lanes = Annotated[int, Field(ge=1, le=100)]
Traffic = Annotated[float, Field(ge=0, le=1_000_000)]
Servers = Annotated[float, Field(ge=0, le=100_000)]
Pieces = Annotated[float, Field(ge=0, le=1_000_000)]
WholePieces = Annotated[int, Field(ge=0, le=1_000_000)]
Assets = Annotated[float, Field(ge=0, le=100_000)]
PerCent = Annotated[float, Field(ge=0, le=100)]
Money = Annotated[float, Field(ge=0, le=1_000_000)]
Years = Annotated[float, Field(ge=0, le=200)]
Overrun = Annotated[float, Field(ge=0.01, le=100)]
Number = Annotated[float, Field(ge=-1e9, le=1e9)]

#: What every model of a scenario is: frozen, without unknown fields, without infinite numbers.
STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


def contradiction(message: str, *fields: str) -> PydanticCustomError:
    """Values that do not agree, with the fields in which they stand."""
    return PydanticCustomError("contradiction", "{message}", {"message": message, "fields": fields})


def _number_or_text(value: Any) -> Any:
    """A cell that reads as a number becomes one; other text stays."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value.strip()
    return value


def _shares(value: Any) -> Any:
    """``"DEU:0.5;POL:0.5"`` becomes a mapping; an empty cell an empty one."""
    if not isinstance(value, str):
        return {} if value is None else value
    pairs = [part.partition(":") for part in value.split(";") if part.strip()]
    names = [name.strip() for name, _, _ in pairs]
    if len(set(names)) < len(names):
        raise PydanticCustomError("contradiction", "a payer is named twice", {"fields": ()})
    return {name.strip(): share.strip() for name, _, share in pairs}


def _opening_years(value: Any) -> Any:
    """``2030``, ``"2028-2030"`` and ``"2028-2029-2031"`` become earliest, typical and latest; nothing stays nothing."""
    if value in (None, "", ()):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value, value)
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}(-\d{4}){0,2}", value.strip()):
            raise contradiction(
                f"'{value}' is no year: write 2030, or earliest and latest as 2028-2030, or earliest, typical and "
                "latest as 2028-2029-2031; remarks belong in note"
            )
        value = [int(part) for part in value.strip().split("-")]
    if isinstance(value, list | tuple) and len(value) in (1, 2, 3):
        first, last = value[0], value[-1]
        if not all(isinstance(year, int) for year in value):
            return value
        middle = value[1] if len(value) == 3 else (first + last) // 2
        if not first <= middle <= last:
            raise contradiction(f"earliest, typical and latest year must not decrease, got {list(value)}")
        return (first, middle, last)
    return value


NumberOrText = Annotated[Number | str, BeforeValidator(_number_or_text)]
Year = Annotated[int, Field(ge=1900, le=2200)]
OpeningYears = Annotated[tuple[Year, Year, Year] | None, BeforeValidator(_opening_years)]
PayerShares = Annotated[dict[str, Number], BeforeValidator(_shares)]


class Row(BaseModel):
    """What every row has: its owner."""

    model_config = STRICT

    note: str = ""
    source: str = "inline"
    basis: Basis = "assumed"
    confidence: Confidence = "L"

    @model_validator(mode="after")
    def _ordered(self) -> Row:
        """Low, typical and high of one quantity must come in that order, and the typical value be there."""
        for name in type(self).model_fields:
            if "typical" not in name:
                continue
            parts = [name.replace("typical", part) for part in ("low", "typical", "high")]
            values = [getattr(self, part, None) for part in parts]
            known = [value for value in values if isinstance(value, int | float)]
            if known != sorted(known):
                raise contradiction(f"{name}: low, typical and high must not decrease, got {values}", *parts)
            if values[1] is None and known:
                raise contradiction(f"{name} is empty while its low or high value is stated", *parts)
        return self


class Exponential(BaseModel):
    """A duration with an exponential distribution."""

    model_config = STRICT
    exponential: Hours

    @model_validator(mode="after")
    def _some_mean(self) -> Exponential:
        if self.exponential == 0:
            raise contradiction("an exponential duration needs a mean above 0", "exponential")
        return self


class Triangular(BaseModel):
    """A duration with a triangular distribution between low and high."""

    model_config = STRICT
    low: Hours
    typical: Hours
    high: Hours

    @model_validator(mode="after")
    def _wide(self) -> Triangular:
        values = [self.low, self.typical, self.high]
        if values != sorted(values):
            raise contradiction(f"low, typical and high must not decrease, got {values}", "low", "typical", "high")
        if self.low == self.high:
            raise contradiction(f"low and high are the same: write {self.low:g} alone", "low", "typical", "high")
        return self


class Trace(BaseModel):
    """Recorded durations, one for each serial in its order."""

    model_config = STRICT
    trace: Annotated[tuple[Hours, ...], Field(max_length=1_000_000)]

    @model_validator(mode="after")
    def _some(self) -> Trace:
        if not self.trace:
            raise contradiction("a trace needs at least one duration", "trace")
        return self


def _form(value: Any) -> str | None:
    """Which form of a duration it is."""
    if isinstance(value, Exponential | Triangular | Trace):
        return type(value).__name__.lower()
    if isinstance(value, Mapping):
        forms = {"exponential": "exponential", "trace": "trace"} | dict.fromkeys(
            ("low", "typical", "high"), "triangular"
        )
        return next((forms[key] for key in value if key in forms), None)
    return "number" if isinstance(value, int | float | str) and not isinstance(value, bool) else None


#: Tags of the forms that a duration may take; they stand in the places of pydantic's errors.
DURATION_FORMS = ("number", "exponential", "triangular", "trace")
Duration = Annotated[
    Annotated[Hours, Tag("number")]
    | Annotated[Exponential, Tag("exponential")]
    | Annotated[Triangular, Tag("triangular")]
    | Annotated[Trace, Tag("trace")],
    Discriminator(_form),
]


class Window(BaseModel):
    """A planned closure of a link or facility, in hours since C-day."""

    model_config = STRICT
    from_hour: HoursSinceCDay
    to_hour: HoursSinceCDay

    @model_validator(mode="after")
    def _forward(self) -> Window:
        if self.to_hour <= self.from_hour:
            raise contradiction("to_hour must be after from_hour", "from_hour", "to_hour")
        return self


class Country(Row):
    """A country as far as passing through it goes; one without a row is passed freely."""

    name: str = ""
    transit: Literal["free", "by_permission"] = "free"


class Node(Row):
    """A place."""

    name: str = ""
    country: str = ""
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    kind: Literal[
        "port", "inland_port", "airfield", "junction", "home", "assembly", "border", "gauge_change", "chokepoint"
    ] = "junction"
    regional_plan: str = ""
    rail_region: str = ""


class Link(Row):
    """A two-way connection between two places by one mode."""

    from_node: str
    to_node: str
    mode: Mode
    route: str = ""
    regional_plan: str = ""
    length_km: Km = 0.0
    tracks: Lanes | None = None
    lanes: Lanes | None = None
    gauge_mm: Gauges = ()
    electrified: Literal["y", "n"] | None = None
    capacity_low: Traffic | None = None
    capacity_typical: Traffic | None = None
    capacity_high: Traffic | None = None
    capacity_unit: Literal["trains_per_day", "vehicles_per_hour", "barges_per_day"] | None = None
    speed_low_kmh: Kmh | None = None
    speed_typical_kmh: Kmh | None = None
    speed_high_kmh: Kmh | None = None
    max_mlc: BridgeClass | None = None
    max_axle_load_t: AxleLoad | None = None
    loading_gauge: str = ""
    max_draught_m: Draught | None = None
    waters: str = ""
    detour_reason: str = ""
    travel_hours: Duration | None = None
    headway_hours: Hours | None = None
    opposing_clearance_hours: Hours | None = None
    closures: tuple[Window, ...] = ()


class Chokepoint(Row):
    """A bridge, tunnel, strait or pass that tightens one attribute of one link."""

    node_id: str
    link_id: str
    name: str = ""
    kind: Literal["bridge", "tunnel", "strait", "pass", "ferry", "border", "gauge_change", "lock"] = "bridge"
    attribute: Literal["max_mlc", "max_axle_load_t", "capacity", "speed_kmh", "max_draught_m"]
    low: Traffic | None = None
    typical: Traffic
    high: Traffic | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _something_left(self) -> Chokepoint:
        if self.typical == 0 and self.attribute != "capacity":
            raise contradiction(f"{self.attribute} of 0 lets nothing pass: set its capacity to 0", "typical")
        return self


FacilityKind = Literal[
    "berth",
    "rail_terminal",
    "barge_terminal",
    "stand",
    "border_rail",
    "border_road",
    "gauge_change",
    "port_exit",
    "assembly",
    "check",
]
FACILITY_KINDS: tuple[str, ...] = get_args(FacilityKind)


class Facility(Row):
    """Servers, handling time and finite storage at a place (for borders: at a link)."""

    place: str
    kind: FacilityKind
    servers_low: Servers | None = None
    servers_typical: Servers | None = None
    servers_high: Servers | None = None
    handling_low_hours: Hours | None = None
    handling_typical_hours: Hours | None = None
    handling_high_hours: Hours | None = None
    handling_hours: Duration | None = None
    storage_low: Pieces | None = None
    storage_typical: Pieces | None = None
    storage_high: Pieces | None = None
    opens_hour: HourOfDay | None = None
    closes_hour: HourOfDay | None = None
    runway_m: Metres | None = None
    max_draught_m: Draught | None = None
    divert_when_full: YesNo = False
    closures: tuple[Window, ...] = ()

    @model_validator(mode="after")
    def _hours(self) -> Facility:
        """Both hours of the day or none, a time between them, and one way of stating the handling time."""
        if (self.opens_hour is None) != (self.closes_hour is None):
            stated = "opens_hour" if self.closes_hour is None else "closes_hour"
            raise contradiction(f"{stated} alone says nothing: state opens_hour and closes_hour", stated)
        hours = (self.opens_hour, self.closes_hour)
        if hours in ((0, 0), (24, 0), (24, 24)) or (hours[0] is not None and hours[0] == hours[1]):
            message = f"opens and closes at {hours[0]:g}: open all day is 0 to 24, or no hours at all"
            raise contradiction(message, "opens_hour", "closes_hour")
        if self.handling_hours is not None and self.handling_typical_hours is not None:
            message = "handling_hours and handling_typical_hours are both stated: keep one of them"
            raise contradiction(message, "handling_hours", "handling_typical_hours")
        return self


class Fleet(Row):
    """Lift assets of one class at one home."""

    name: str = ""
    kind: Literal["train", "ship", "aircraft", "het", "coach", "barge"]
    pool: str
    carries: Cargoes = ()
    count_low: Assets | None = None
    count_typical: Assets
    count_high: Assets | None = None
    group_size: Annotated[float, Field(ge=1, le=100_000)] = 1.0
    capacity: Annotated[float, Field(ge=1, le=1_000_000)]
    capacity_unit: Literal["vehicles", "troops", "lane_m"] = "vehicles"
    gauge_mm: Gauges = ()
    speed_kmh: Kmh | None = None
    draught_m: Draught | None = None
    min_runway_m: Metres | None = None
    home_node: str
    available_low_day: Day | None = None
    available_typical_day: Day = 0.0
    available_high_day: Day | None = None
    activation_low: Share | None = None
    activation_typical: Share = 1.0
    activation_high: Share | None = None
    hours_per_day: HoursPerDay | None = None
    waters: Words = ()
    stow_factor: Annotated[float, Field(ge=0.01, le=1)] = 1.0
    days_between_failures: Annotated[float, Field(ge=0.01, le=36_500)] | None = None
    repair_hours: Duration | None = None
    fitters: Annotated[int, Field(ge=1, le=100_000)] | None = None


class UnitType(Row):
    """Footprint of a unit at its typical strength."""

    name: str = ""
    troops_low: Pieces | None = None
    troops_typical: Pieces
    troops_high: Pieces | None = None
    wheeled_low: Pieces | None = None
    wheeled_typical: Pieces = 0.0
    wheeled_high: Pieces | None = None
    heavy_low: Pieces | None = None
    heavy_typical: Pieces = 0.0
    heavy_high: Pieces | None = None
    containers_low: Pieces | None = None
    containers_typical: Pieces = 0.0
    containers_high: Pieces | None = None
    tonnes_low: Tonnes | None = None
    tonnes_typical: Tonnes = 0.0
    tonnes_high: Tonnes | None = None
    lane_m_low: LaneMetres | None = None
    lane_m_typical: LaneMetres = 0.0
    lane_m_high: LaneMetres | None = None
    heaviest_mlc: MilitaryLoadClass = 0.0
    heaviest_axle_load_t: Annotated[float, Field(ge=0, le=1000)] = 0.0
    loading_gauge: str = ""


class Unit(Row):
    """A unit that is to be closed; its vehicles follow from its type unless stated here."""

    name: str = ""
    nation: str = ""
    unit_type: str = ""
    regional_plan: str = ""
    tier: Annotated[int, Field(ge=1, le=3)] = 1
    troops: Annotated[int, Field(ge=0, le=500_000)] = 0
    wheeled: WholePieces | None = None
    heavy: WholePieces | None = None
    containers: WholePieces | None = None
    heaviest_mlc: MilitaryLoadClass | None = None
    home_node: str
    stock_node: str = ""
    assembly_node: str
    ready_day: Day = 0.0
    required_day: Day = 30.0
    priority: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    in_place: YesNo = False
    release_interval_hours: Duration | None = None


class Parameter(Row):
    """A number that is no property of one place or fleet."""

    low: Number | None = None
    typical: Number
    high: Number | None = None
    unit: str = ""
    meaning: str = ""


class Economy(Row):
    """What an ally earns and spends."""

    name: str
    regional_plan: str = ""
    gdp_2025_bn_usd: Annotated[float, Field(gt=0, le=1_000_000)]
    gdp_2025_bn_eur: Annotated[float, Field(gt=0, le=1_000_000)]
    defence_share_2025_pct: PerCent | None = None
    infrastructure_share_2025_low_pct: PerCent | None = None
    infrastructure_share_2025_typical_pct: PerCent = 0.0
    infrastructure_share_2025_high_pct: PerCent | None = None
    groups: Words = ()
    pays_for_projects: YesUnlessNo = True


class Project(Row):
    """An infrastructure or lift project: what it costs, how long it takes, who pays; what it does are its effects.

    Attributes
    ----------
    prerequisites, exclusions
        Projects that must be done before; projects that are not built beside this one.
    in_service
        Year in which it opens, as announced: one, or earliest and latest, or earliest, typical and latest. No money
        opens it before the earliest. Its effect counts from C-day, 1 July, of the year on.
    start_year
        Year in which work began; a year to come is one before which it cannot begin. Works that began in the first
        year of the spending or before are under way: they are not begun again, but open in `in_service`.
    spent_share
        Part of the final cost that was paid by the end of the first year. Only the rest costs money.
    payer_shares
        Who pays which part, summing to 1; if empty, the allies and groups in `countries` in equal parts.
    scalable
        A part of the money gives a part of the effect (wagons, ramps, bridges), delivered as it is paid.
    overrun_low, overrun_typical, overrun_high
        Final over announced cost; if empty, the parameter ``overrun_factor``.
    purse
        ``infrastructure`` (the line of 1.5 % of GDP) or ``core`` (the line of 3.5 %, for lift alone).
    """

    name: str
    countries: Words = ()
    regional_plan: str = ""
    kind: str = ""
    cost_low_bn_eur: Money
    cost_typical_bn_eur: Money
    cost_high_bn_eur: Money
    build_low_years: Years
    build_typical_years: Years
    build_high_years: Years
    in_service: OpeningYears = None
    start_year: Year | None = None
    spent_share: Share = 0.0
    links: Words = ()
    places: Words = ()
    raises: str = ""
    capacity_from: str = ""
    capacity_to: str = ""
    capacity_unit: str = ""
    prerequisites: Words = ()
    exclusions: Words = ()
    payer_shares: PayerShares = {}
    scalable: YesNo = False
    overrun_low: Overrun | None = None
    overrun_typical: Overrun | None = None
    overrun_high: Overrun | None = None
    purse: Literal["infrastructure", "core"] = "infrastructure"


EffectTable = Literal["links", "chokepoints", "facilities", "fleets", "parameters", "regime"]


class Effect(Row):
    """What a project changes: one attribute of some rows of one table.

    Attributes
    ----------
    targets
        Ids of rows; for the table ``regime`` the word ``regime``.
    attribute
        A column, or the name of a triple without its part: ``capacity``, ``speed_kmh``, ``servers``, ``handling``,
        ``storage``, ``count``. A chokepoint's is what it limits; a parameter's is ``value``.
    low, typical, high
        The number; low and high equal typical if they are not stated. `typical` may be text (``1435;1520``).
    """

    project_id: str
    table: EffectTable
    targets: Words
    attribute: str
    operation: Literal["set", "add", "scale"] = "set"
    low: Number | None = None
    typical: NumberOrText
    high: Number | None = None


class Outage(Row):
    """A civil, generic kind of outage: how often, over what, and how long until work resumes."""

    name: str = ""
    applies_to: Literal["rail", "road", "ferry", "waterway", "port"]
    scope: Literal["link", "country", "region"] = "link"
    rate_per_year: Annotated[float, Field(ge=0, le=8760)]
    repair_low_hours: Hours | None = None
    repair_typical_hours: Hours
    repair_high_hours: Hours | None = None


class Source(BaseModel):
    """Where a number comes from."""

    model_config = STRICT
    citation: str
    url: str = ""
    note: str = ""
