"""One pydantic model for each table: column names, types, limits and defaults.

The same models read CSV rows and inline YAML, so a tiny scenario may state just what it needs.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _split(value: Any) -> Any:
    """``"1435;1520"`` and ``1435`` become tuples; an empty cell an empty one."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, int | float):
        return (value,)
    return tuple(value)


Gauges = Annotated[tuple[int, ...], BeforeValidator(_split)]
Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Basis = Literal["looked_up", "recalled", "derived", "assumed"]
Confidence = Literal["H", "M", "L"]
Mode = Literal["rail", "road", "sea", "ferry"]


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
    return {name.strip(): share.strip() for name, _, share in pairs}


def _opening_years(value: Any) -> Any:
    """``2030``, ``"2028-2030"`` and ``"2028-2029-2031"`` become earliest, typical and latest; nothing stays nothing."""
    if value in (None, "", ()):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value, value)
    if isinstance(value, str):
        if not re.fullmatch(r"\d{4}(-\d{4}){0,2}", value.strip()):
            raise ValueError(
                f"'{value}' is no year: write 2030, or earliest and latest as 2028-2030, or earliest, typical and "
                "latest as 2028-2029-2031; remarks belong in note"
            )
        value = [int(part) for part in value.strip().split("-")]
    if isinstance(value, list | tuple) and len(value) in (1, 2, 3):
        first, last = value[0], value[-1]
        middle = value[1] if len(value) == 3 else (first + last) // 2
        if not first <= middle <= last:
            raise ValueError(f"earliest, typical and latest year must not decrease, got {list(value)}")
        return (first, middle, last)
    return value


NumberOrText = Annotated[float | str, BeforeValidator(_number_or_text)]
Year = Annotated[int, Field(ge=1900, le=2200)]
OpeningYears = Annotated[tuple[Year, Year, Year] | None, BeforeValidator(_opening_years)]
PayerShares = Annotated[dict[str, float], BeforeValidator(_shares)]


class Row(BaseModel):
    """What every row has: its owner."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    note: str = ""
    source: str = "inline"
    basis: Basis = "assumed"
    confidence: Confidence = "L"

    @model_validator(mode="after")
    def _ordered(self) -> Row:
        """Low, typical and high of one quantity must come in that order."""
        for name in type(self).model_fields:
            if "typical" not in name:
                continue
            values = [getattr(self, name.replace("typical", part)) for part in ("low", "typical", "high")]
            known = [value for value in values if isinstance(value, int | float)]
            if known != sorted(known):
                raise ValueError(f"{name}: low, typical and high must not decrease, got {values}")
        return self


class Exponential(BaseModel):
    """A duration with an exponential distribution."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    exponential: Positive


class Triangular(BaseModel):
    """A duration with a triangular distribution between low and high."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    low: NonNegative
    typical: NonNegative
    high: NonNegative


class Trace(BaseModel):
    """Recorded durations, one for each serial in its order."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    trace: tuple[NonNegative, ...]


Duration = NonNegative | Exponential | Triangular | Trace


class Window(BaseModel):
    """A planned closure of a link or facility, in hours since C-day."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    from_hour: NonNegative
    to_hour: NonNegative

    @model_validator(mode="after")
    def _forward(self) -> Window:
        if self.to_hour <= self.from_hour:
            raise ValueError("to_hour must be after from_hour")
        return self


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


class Link(Row):
    """A two-way connection between two places by one mode."""

    from_node: str
    to_node: str
    mode: Mode
    route: str = ""
    regional_plan: str = ""
    length_km: NonNegative = 0.0
    tracks: Annotated[int, Field(ge=1)] | None = None
    lanes: Annotated[int, Field(ge=1)] | None = None
    gauge_mm: Gauges = ()
    electrified: Literal["y", "n"] | None = None
    capacity_low: NonNegative | None = None
    capacity_typical: NonNegative | None = None
    capacity_high: NonNegative | None = None
    capacity_unit: Literal["trains_per_day", "vehicles_per_hour"] | None = None
    speed_low_kmh: Positive | None = None
    speed_typical_kmh: Positive | None = None
    speed_high_kmh: Positive | None = None
    max_mlc: Positive | None = None
    max_axle_load_t: Positive | None = None
    loading_gauge: str = ""
    max_draught_m: Positive | None = None
    detour_reason: str = ""
    travel_hours: Duration | None = None
    headway_hours: NonNegative | None = None
    opposing_clearance_hours: NonNegative | None = None
    closures: tuple[Window, ...] = ()


class Chokepoint(Row):
    """A bridge, tunnel, strait or pass that tightens one attribute of one link."""

    node_id: str
    link_id: str
    name: str = ""
    kind: str = "bridge"
    attribute: Literal["max_mlc", "max_axle_load_t", "capacity", "speed_kmh", "max_draught_m"]
    low: NonNegative | None = None
    typical: NonNegative
    high: NonNegative | None = None
    unit: str = ""


FacilityKind = Literal[
    "berth",
    "rail_terminal",
    "stand",
    "border_rail",
    "border_road",
    "gauge_change",
    "port_exit",
    "assembly",
    "check",
]


class Facility(Row):
    """Servers, handling time and finite storage at a place (for borders: at a link)."""

    place: str
    kind: FacilityKind
    servers_low: NonNegative | None = None
    servers_typical: NonNegative | None = None
    servers_high: NonNegative | None = None
    handling_low_hours: NonNegative | None = None
    handling_typical_hours: NonNegative | None = None
    handling_high_hours: NonNegative | None = None
    handling_hours: Duration | None = None
    storage_low: NonNegative | None = None
    storage_typical: NonNegative | None = None
    storage_high: NonNegative | None = None
    opens_hour: Annotated[float, Field(ge=0, le=24)] | None = None
    closes_hour: Annotated[float, Field(ge=0, le=24)] | None = None
    runway_m: NonNegative | None = None
    max_draught_m: Positive | None = None
    divert_when_full: Annotated[bool, BeforeValidator(lambda v: False if v in ("", None) else v)] = False
    closures: tuple[Window, ...] = ()


class Fleet(Row):
    """Lift assets of one class at one home."""

    name: str = ""
    kind: Literal["train", "ship", "aircraft", "het", "coach"]
    pool: str
    carries: Words = ()
    count_low: NonNegative | None = None
    count_typical: NonNegative
    count_high: NonNegative | None = None
    group_size: Positive = 1.0
    capacity: Positive
    capacity_unit: Literal["vehicles", "troops", "lane_m"] = "vehicles"
    gauge_mm: Gauges = ()
    speed_kmh: Positive | None = None
    draught_m: Positive | None = None
    min_runway_m: NonNegative | None = None
    home_node: str
    available_low_day: NonNegative | None = None
    available_typical_day: NonNegative = 0.0
    available_high_day: NonNegative | None = None
    activation_low: Share | None = None
    activation_typical: Share = 1.0
    activation_high: Share | None = None
    hours_per_day: Annotated[float, Field(gt=0, le=24)] | None = None
    waters: Words = ()
    stow_factor: Annotated[float, Field(gt=0, le=1)] = 1.0
    days_between_failures: Positive | None = None
    repair_hours: Duration | None = None
    fitters: Annotated[int, Field(ge=1)] | None = None


class UnitType(Row):
    """Footprint of a unit at its typical strength."""

    name: str = ""
    troops_low: NonNegative | None = None
    troops_typical: NonNegative
    troops_high: NonNegative | None = None
    wheeled_low: NonNegative | None = None
    wheeled_typical: NonNegative = 0.0
    wheeled_high: NonNegative | None = None
    heavy_low: NonNegative | None = None
    heavy_typical: NonNegative = 0.0
    heavy_high: NonNegative | None = None
    containers_low: NonNegative | None = None
    containers_typical: NonNegative = 0.0
    containers_high: NonNegative | None = None
    tonnes_low: NonNegative | None = None
    tonnes_typical: NonNegative = 0.0
    tonnes_high: NonNegative | None = None
    lane_m_low: NonNegative | None = None
    lane_m_typical: NonNegative = 0.0
    lane_m_high: NonNegative | None = None
    heaviest_mlc: NonNegative = 0.0
    heaviest_axle_load_t: NonNegative = 0.0
    loading_gauge: str = ""


class Unit(Row):
    """A unit that is to be closed; its vehicles follow from its type unless stated here."""

    name: str = ""
    nation: str = ""
    unit_type: str = ""
    regional_plan: str = ""
    tier: Annotated[int, Field(ge=1, le=3)] = 1
    troops: Annotated[int, Field(ge=0, le=500_000)] = 0
    wheeled: Annotated[int, Field(ge=0)] | None = None
    heavy: Annotated[int, Field(ge=0)] | None = None
    containers: Annotated[int, Field(ge=0)] | None = None
    heaviest_mlc: NonNegative | None = None
    home_node: str
    stock_node: str = ""
    assembly_node: str
    ready_day: NonNegative = 0.0
    required_day: NonNegative = 30.0
    priority: Annotated[int, Field(ge=0)] = 1
    in_place: Annotated[bool, BeforeValidator(lambda v: False if v in ("", None) else v)] = False
    release_interval_hours: Duration | None = None


class Parameter(Row):
    """A number that is no property of one place or fleet."""

    low: float | None = None
    typical: float
    high: float | None = None
    unit: str = ""
    meaning: str = ""


class Economy(Row):
    """What an ally earns and spends."""

    name: str
    regional_plan: str = ""
    gdp_2025_bn_usd: Positive
    gdp_2025_bn_eur: Positive
    defence_share_2025_pct: NonNegative | None = None
    infrastructure_share_2025_low_pct: NonNegative | None = None
    infrastructure_share_2025_typical_pct: NonNegative = 0.0
    infrastructure_share_2025_high_pct: NonNegative | None = None
    is_eu: Annotated[bool, BeforeValidator(lambda v: False if v in ("", None) else v)] = False
    is_flank_host: Annotated[bool, BeforeValidator(lambda v: False if v in ("", None) else v)] = False


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
        Who pays which part, summing to 1; if empty, the allies in `countries` in equal parts (``EU``: all members).
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
    cost_low_bn_eur: NonNegative
    cost_typical_bn_eur: NonNegative
    cost_high_bn_eur: NonNegative
    build_low_years: NonNegative
    build_typical_years: NonNegative
    build_high_years: NonNegative
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
    scalable: Annotated[bool, BeforeValidator(lambda v: False if v in ("", None) else v)] = False
    overrun_low: Positive | None = None
    overrun_typical: Positive | None = None
    overrun_high: Positive | None = None
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
    low: float | None = None
    typical: NumberOrText
    high: float | None = None


class Outage(Row):
    """A civil, generic kind of outage: how often, over what, and how long until work resumes."""

    name: str = ""
    applies_to: Literal["rail", "road", "ferry", "port"]
    scope: Literal["link", "country", "region"] = "link"
    rate_per_year: NonNegative
    repair_low_hours: NonNegative | None = None
    repair_typical_hours: NonNegative
    repair_high_hours: NonNegative | None = None


class Source(BaseModel):
    """Where a number comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    citation: str
    url: str = ""
    note: str = ""
