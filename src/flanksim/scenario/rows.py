"""One pydantic model for each table of places, links, lift and forces: columns, units, limits, defaults, meaning.

The same models read CSV rows and inline YAML, so that a tiny scenario may state just what it needs. The JSON Schema
and the tables in ``docs/tables.md`` are made from them. Projects and money: `flanksim.scenario.project_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from flanksim.scenario.quantities import (
    Assets,
    AxleLoad,
    Basis,
    BridgeClass,
    Capacity,
    Cargoes,
    Confidence,
    Day,
    DaysBetween,
    DeckOfPiece,
    Draught,
    Fitters,
    Frozen,
    Gauges,
    GroupSize,
    HourOfDay,
    Hours,
    HoursPerDay,
    HoursSinceCDay,
    Km,
    Kmh,
    LaneMetres,
    Lanes,
    Latitude,
    LeadDays,
    Limit,
    LoadedAxle,
    Longitude,
    Metres,
    MilitaryLoadClass,
    Mode,
    Modes,
    Number,
    PerYear,
    Pieces,
    Priority,
    Servers,
    Share,
    Tier,
    Tonnes,
    Tracks,
    Traffic,
    Troops,
    WholePieces,
    WholeTroops,
    Words,
    YesNo,
    contradiction,
)


class Row(Frozen):
    """What every row has: its owner."""

    note: str = Field("", description="Remarks.")
    source: str = Field("inline", description="Where the numbers come from: key in `sources`.")
    basis: Basis = Field("assumed", description="How the numbers were found.")
    confidence: Confidence = Field("L", description="That the numbers are right and usable: high, medium or low.")

    @model_validator(mode="after")
    def _ordered(self) -> Row:
        """Low, typical and high of one quantity must come in that order, and the typical value be there."""
        for name, parts in _triples(type(self)):
            values = [getattr(self, part, None) for part in parts]
            known = [value for value in values if isinstance(value, int | float)]
            if not known:
                continue
            if fault := _decreasing(parts, values):
                raise contradiction(fault, *parts)
            if values[1] is None:
                others = " and ".join(part for part, value in zip(parts, values, strict=True) if value is not None)
                raise contradiction(f"{name} is empty, but {others} is stated", *parts, remedy=f"state {name} too")
        return self


def _decreasing(names: Sequence[str], values: Sequence[Any]) -> str:
    """Which of several numbers is above the next; empty if they rise. Numbers that are not stated do not count."""
    known = [(name, value) for name, value in zip(names, values, strict=True) if isinstance(value, int | float)]
    return next((f"{a} {one:g} is above {b} {other:g}" for (a, one), (b, other) in pairwise(known) if one > other), "")


@cache
def _triples(model: type[Row]) -> list[tuple[str, list[str]]]:
    """Columns of a typical value, each with those of its low, typical and high one."""
    typical = [name for name in model.model_fields if "typical" in name]
    return [(name, [name.replace("typical", part) for part in ("low", "typical", "high")]) for name in typical]


class Exponential(Frozen):
    """A duration with an exponential distribution."""

    exponential: Hours = Field(description="Mean.")

    @model_validator(mode="after")
    def _some_mean(self) -> Exponential:
        if self.exponential == 0:
            raise contradiction("the mean of an exponential duration is 0", "exponential", remedy="give a mean above 0")
        return self


class Triangular(Frozen):
    """A duration with a triangular distribution between low and high."""

    low: Hours = Field(description="Shortest.")
    typical: Hours = Field(description="Most likely.")
    high: Hours = Field(description="Longest.")

    @model_validator(mode="after")
    def _wide(self) -> Triangular:
        names = ("low", "typical", "high")
        if fault := _decreasing(names, (self.low, self.typical, self.high)):
            raise contradiction(fault, *names)
        if self.low == self.high:
            raise contradiction("low and high are the same", *names, remedy=f"write {self.low:g} alone")
        return self


class Trace(Frozen):
    """Recorded durations, one for each serial in its order."""

    trace: Annotated[tuple[Hours, ...], Field(max_length=1_000_000)] = Field(description="Durations in order.")

    @model_validator(mode="after")
    def _some(self) -> Trace:
        if not self.trace:
            raise contradiction("the trace is empty", "trace", remedy="give at least one duration: {trace: [3, 4, 5]}")
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


class Window(Frozen):
    """A planned closure of a link, facility or fleet, in hours since C-day."""

    from_hour: HoursSinceCDay = Field(description="When it begins.")
    to_hour: HoursSinceCDay = Field(description="When it ends.")

    @model_validator(mode="after")
    def _forward(self) -> Window:
        if self.to_hour <= self.from_hour:
            message = f"to_hour {self.to_hour:g} is not after from_hour {self.from_hour:g}"
            raise contradiction(message, "from_hour", "to_hour")
        return self


class Country(Row):
    """A country as far as passing through it goes; one without a row is passed freely."""

    name: str = Field("", description="Name that people know.")
    transit: Literal["free", "by_permission"] = Field(
        "free", description="Whether units pass freely, or only if `regime.transit_states` names the country."
    )


class Permission(Row):
    """How long some countries take to give leave to cross their borders; the table may be left out."""

    name: str = Field("", description="Name that people know.")
    countries: Words = Field(description="Countries that it holds for.")
    loads: Cargoes = Field((), description="What must have it; empty: whatever no other row of the country names.")
    lead_low_days: LeadDays | None = Field(None, description="Low value of the lead time.")
    lead_typical_days: LeadDays = Field(
        description="Lead time under the regime `today`, drawn for each unit and border; of a country without a row it "
        "is the parameter `permission_days_today`."
    )
    lead_high_days: LeadDays | None = Field(None, description="High value of the lead time.")


class Node(Row):
    """A place."""

    name: str = Field("", description="Name that people know; the id where it is empty.")
    country: str = Field("", description="Country: ISO 3166 alpha-3, or a row of `countries` or `economies`.")
    lat: Latitude | None = Field(None, description="Latitude, north positive; without a position it is on no map.")
    lon: Longitude | None = Field(None, description="Longitude, east positive.")
    kind: Literal[
        "port", "inland_port", "airfield", "junction", "home", "assembly", "border", "gauge_change", "chokepoint"
    ] = Field(
        "junction",
        description="What it is. A chokepoint limits a link and is no place on the way; home is a home station, "
        "assembly an assembly area.",
    )
    regional_plan: str = Field("", description="Regional plan in whose area it lies; outages of a region hit it whole.")
    rail_region: str = Field(
        "",
        description="Region within which wagons circulate. A train runs on lines of which an end lies in the region of "
        "its home; where all are empty there is one.",
    )


class Link(Row):
    """A connection between two places by one mode, both ways unless it says otherwise; flights need none.

    A port pair at sea is sailed by fleets of ships; a ferry is a shuttle on which vehicles roll without a fleet.
    """

    from_node: str = Field(description="One end: a node.")
    to_node: str = Field(description="The other end: a node.")
    mode: Mode = Field(description="What moves on it.")
    route: str = Field("", description="Name of the line or road, which tells parallel links apart.")
    one_way: YesNo = Field(
        False, description="Whether it leads from `from_node` to `to_node` alone; lift that goes back empty goes round."
    )
    length_km: Km = Field(0.0, description="Length along the way.")
    tracks: Tracks | None = Field(None, description="Tracks; of a single one, which is the default, both ways share.")
    lanes: Lanes | None = Field(None, description="Lanes of both directions; from four on the class of a motorway.")
    gauge_mm: Gauges = Field((), description="Gauge, or several of a mixed one; empty: `default_gauge_mm`.")
    electrified: Literal["y", "n"] | None = Field(
        None,
        description="Whether there are wires; a single track without is a branch line with a default speed of its own.",
    )
    capacity_low: Traffic | None = Field(None, description="Low value of the capacity.")
    capacity_typical: Traffic | None = Field(
        None,
        description="Gross capacity, civil and military: trains or barges a day both ways together, or vehicles an "
        "hour one way. The regime subtracts the civil share. 0: not built; empty: no limit.",
    )
    capacity_high: Traffic | None = Field(None, description="High value of the capacity.")
    capacity_unit: Literal["trains_per_day", "vehicles_per_hour", "barges_per_day"] | None = Field(
        None, description="Unit of the capacity: that of its mode, none at sea."
    )
    speed_low_kmh: Kmh | None = Field(None, description="Low value of the speed.")
    speed_typical_kmh: Kmh | None = Field(
        None,
        description="Commercial speed of a train with its usual stops, of a marching column, or of a ship; empty: the "
        "default of its class.",
    )
    speed_high_kmh: Kmh | None = Field(None, description="High value of the speed.")
    max_mlc: BridgeClass | None = Field(
        None, description="Military load class that the weakest bridge of a road carries; empty: the class default."
    )
    max_axle_load_t: AxleLoad | None = Field(None, description="Axle load of a railway; empty: the class default.")
    loading_gauge: str = Field("", description="Loading gauge of a railway, one of `loading_gauges`; empty: any load.")
    max_draught_m: Draught | None = Field(None, description="Draught of ships or barges that pass; empty: any.")
    waters: str = Field(
        "", description="Waters of a sea link, by a name of your own, in which fleets sail that name them; empty: all."
    )
    detour_reason: str = Field("", description="What lies between, where the way is much longer than the great circle.")
    travel_hours: Duration | None = Field(None, description="Running time, instead of length over speed.")
    headway_hours: Hours | None = Field(None, description="Time between two entries, instead of the capacity.")
    opposing_clearance_hours: Hours | None = Field(
        None, description="Time for which a single track stays shut to the other direction behind a train."
    )
    closures: tuple[Window, ...] = Field((), description="Planned closures.")


class Chokepoint(Row):
    """A bridge, tunnel, strait, pass or lock that tightens one attribute of one link.

    What holds is the smallest value of the link's own and its chokepoints'.
    """

    node_id: str = Field(description="Where it lies: a node.")
    link_id: str = Field(description="Link that it limits.")
    name: str = Field("", description="Name that people know.")
    kind: Literal["bridge", "tunnel", "strait", "pass", "ferry", "border", "gauge_change", "lock"] = Field(
        "bridge", description="What it is."
    )
    attribute: Literal["max_mlc", "max_axle_load_t", "capacity", "speed_kmh", "max_draught_m"] = Field(
        description="What it limits."
    )
    low: Limit | None = Field(None, description="Low value of the limit.")
    typical: Limit = Field(description="The limit.")
    high: Limit | None = Field(None, description="High value of the limit.")
    unit: str = Field("", description="Unit of the limit, as that of the attribute.")

    @model_validator(mode="after")
    def _something_left(self) -> Chokepoint:
        if self.typical == 0 and self.attribute != "capacity":
            message = f"{self.attribute} of 0 lets nothing pass"
            raise contradiction(message, "typical", remedy="write attribute: capacity, typical: 0")
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
    """Servers, handling time and finite storage at a place (for borders: at a link).

    A server is a ro-ro berth; an end or side ramp that works one train (rail_terminal); a terminal that works one barge
    (barge_terminal); a wide-body stand, whose number is MOG; a train inspected and given another locomotive
    (border_rail); a lane (border_road); a ramp or crane that moves a train-load across (gauge_change); a lane out of a
    port for convoys (port_exit); a unit that can be received and integrated (assembly).
    """

    place: str = Field(description="Where it stands: a node, for a border the link that crosses.")
    kind: FacilityKind = Field(description="What it is.")
    servers_low: Servers | None = Field(None, description="Low value of the servers.")
    servers_typical: Servers | None = Field(None, description="What can be worked at once; empty: no limit.")
    servers_high: Servers | None = Field(None, description="High value of the servers.")
    handling_low_hours: Hours | None = Field(None, description="Low value of the handling time.")
    handling_typical_hours: Hours | None = Field(
        None, description="Time for which a serial holds a server; empty: the parameter of its kind."
    )
    handling_high_hours: Hours | None = Field(None, description="High value of the handling time.")
    handling_hours: Duration | None = Field(None, description="The same as a distribution of its own.")
    storage_low: Pieces | None = Field(None, description="Low value of the storage.")
    storage_typical: Pieces | None = Field(
        None,
        description="Vehicles and containers that can stand between discharge and onward movement (berth, border and "
        "gauge_change); empty: no limit.",
    )
    storage_high: Pieces | None = Field(None, description="High value of the storage.")
    opens_hour: HourOfDay | None = Field(
        None, description="When it opens, with closes_hour; 20 and 6 is over midnight, neither all day."
    )
    closes_hour: HourOfDay | None = Field(None, description="When it closes, with opens_hour.")
    runway_m: Metres | None = Field(None, description="Runway of an airfield's stands; empty: long enough for all.")
    max_draught_m: Draught | None = Field(None, description="Draught of ships at a berth; empty: any.")
    divert_when_full: YesNo = Field(
        False, description="Whether who finds a border full goes round it, where there is a way."
    )
    closures: tuple[Window, ...] = Field((), description="Planned closures.")

    @model_validator(mode="after")
    def _hours(self) -> Facility:
        """Both hours of the day or none, a time between them, and one way of stating the handling time."""
        if (self.opens_hour is None) != (self.closes_hour is None):
            stated = "opens_hour" if self.closes_hour is None else "closes_hour"
            raise contradiction(f"{stated} alone says nothing", stated, remedy="state opens_hour and closes_hour")
        hours = (self.opens_hour, self.closes_hour)
        if hours in ((0, 0), (24, 0), (24, 24)) or (hours[0] is not None and hours[0] == hours[1]):
            remedy = "for open all day write opens_hour: 0 and closes_hour: 24, or neither"
            raise contradiction(f"opens and closes at {hours[0]:g}", "opens_hour", "closes_hour", remedy=remedy)
        if self.handling_hours is not None and self.handling_typical_hours is not None:
            names = ("handling_hours", "handling_typical_hours")
            raise contradiction(f"{' and '.join(names)} are both stated", *names, remedy="keep one of them")
        return self


class Fleet(Row):
    """Lift assets of one class at one home."""

    name: str = Field("", description="Name that people know.")
    kind: Literal["train", "ship", "aircraft", "het", "coach", "barge"] = Field(
        description="What it is: a train is a set of wagons, het are heavy-equipment transporters."
    )
    pool: str = Field(
        description="Queue that it serves. Fleets of one pool agree in kind, carries, waters, gauge_mm and "
        "capacity_unit, since a load takes whichever is free."
    )
    nation: str = Field(
        "", description="Country to whose forces or flag it belongs, with which it stays away; empty: it serves anyone."
    )
    carries: Cargoes = Field((), description="What it carries; the first is what `capacity` counts.")
    count_low: Assets | None = Field(None, description="Low value of the count.")
    count_typical: Assets = Field(description="Single wagons, ships, barges, aircraft, transporters or coaches.")
    count_high: Assets | None = Field(None, description="High value of the count.")
    group_size: GroupSize = Field(1.0, description="Assets that move as one: 30 wagons make a train.")
    capacity: Capacity = Field(
        description="What one group carries, in capacity_unit; of a ship its gross deck: the deck of a piece allows "
        "for gaps, ramps and pillars, and nothing else does."
    )
    capacity_unit: Literal["vehicles", "troops", "lane_m", "t"] = Field(
        "vehicles", description="Unit of the capacity; of a cargo aircraft t, its usual load over its range."
    )
    gauge_mm: Gauges = Field((), description="Gauges on which trains run; empty: `default_gauge_mm`.")
    speed_kmh: Kmh | None = Field(
        None,
        description="Speed of an empty run, of ships and aircraft of any unless the lane or `flight_speed_kmh` is "
        "slower; empty: 40 km/h, and at sea and in the air as fast as these.",
    )
    draught_m: Draught | None = Field(None, description="Draught of a laden ship or barge.")
    min_runway_m: Metres | None = Field(None, description="Runway that an aircraft needs.")
    range_km: Km | None = Field(None, description="Longest flight of an aircraft with its load; empty: any.")
    home_node: str = Field(description="Where its assets are at first: a node.")
    available_low_day: Day | None = Field(None, description="Low value of the day.")
    available_typical_day: Day = Field(0.0, description="Day from whose start on its assets can be used.")
    available_high_day: Day | None = Field(None, description="High value of the day.")
    activation_low: Share | None = Field(None, description="Low value of the probability.")
    activation_typical: Share = Field(1.0, description="Probability that an asset turns up at all.")
    activation_high: Share | None = Field(None, description="High value of the probability.")
    hours_per_day: HoursPerDay | None = Field(None, description="Hours in which it works a day; empty: all.")
    waters: Words = Field((), description="Waters in which ships sail, as sea links name them; empty: all.")
    days_between_failures: DaysBetween | None = Field(None, description="Mean time between breakdowns of an asset.")
    repair_hours: Duration | None = Field(None, description="Time of a repair.")
    fitters: Fitters | None = Field(None, description="Repairs that go on at once; empty: no limit.")
    closures: tuple[Window, ...] = Field(
        (), description="Times in which none of its assets sets out; who is under way comes back first."
    )


class UnitType(Row):
    """Footprint of a unit at its typical strength."""

    name: str = Field("", description="Name that people know.")
    troops_low: Troops | None = Field(None, description="Low value of the strength.")
    troops_typical: Troops = Field(description="Strength; a unit's vehicles scale with its own troops over this.")
    troops_high: Troops | None = Field(None, description="High value of the strength.")
    wheeled_low: Pieces | None = Field(None, description="Low value of the wheeled vehicles.")
    wheeled_typical: Pieces = Field(0.0, description="Wheeled vehicles, trailers included.")
    wheeled_high: Pieces | None = Field(None, description="High value of the wheeled vehicles.")
    heavy_low: Pieces | None = Field(None, description="Low value of the heavy vehicles.")
    heavy_typical: Pieces = Field(0.0, description="Tracked vehicles and others that do not march far by themselves.")
    heavy_high: Pieces | None = Field(None, description="High value of the heavy vehicles.")
    tanks_low: Pieces | None = Field(None, description="Low value of the tanks.")
    tanks_typical: Pieces = Field(
        0.0, description="Tanks among the heavy vehicles, of which a train takes `tanks_per_train`, one a wagon."
    )
    tanks_high: Pieces | None = Field(None, description="High value of the tanks.")
    containers_low: Pieces | None = Field(None, description="Low value of the containers.")
    containers_typical: Pieces = Field(0.0, description="Containers of 20 feet.")
    containers_high: Pieces | None = Field(None, description="High value of the containers.")
    tonnes_low: Tonnes | None = Field(None, description="Low value of the weight.")
    tonnes_typical: Tonnes = Field(0.0, description="Weight of all; for reading, the model counts pieces.")
    tonnes_high: Tonnes | None = Field(None, description="High value of the weight.")
    lane_m_low: LaneMetres | None = Field(None, description="Low value of the ship deck.")
    lane_m_typical: LaneMetres = Field(
        0.0,
        description="Gross ship deck of all, from another count; the model adds up pieces, and `check` compares.",
    )
    lane_m_high: LaneMetres | None = Field(None, description="High value of the ship deck.")
    lane_m_per_vehicle_low: DeckOfPiece | None = Field(None, description="Low value of the deck of a wheeled vehicle.")
    lane_m_per_vehicle_typical: DeckOfPiece | None = Field(
        None, description="Gross ship deck of one of its wheeled vehicles; empty: the parameter `lane_m_per_vehicle`."
    )
    lane_m_per_vehicle_high: DeckOfPiece | None = Field(
        None, description="High value of the deck of a wheeled vehicle."
    )
    heaviest_mlc: MilitaryLoadClass = Field(
        0.0, description="Class of the heaviest vehicle on its own tracks or wheels."
    )
    heaviest_axle_load_t: LoadedAxle = Field(0.0, description="Axle load of the heaviest loaded wagon.")
    loading_gauge: str = Field("", description="Smallest of the `loading_gauges` that its wagons pass; empty: any.")
    airlift: YesNo = Field(False, description="Whether its vehicles and containers may go by air.")


class Unit(Row):
    """A unit that is to be closed; its vehicles follow from its type unless stated here."""

    name: str = Field("", description="Name that people know; the id where it is empty.")
    nation: str = Field("", description="Country to which it belongs.")
    unit_type: str = Field("", description="Its footprint: a row of `unit_types`.")
    regional_plan: str = Field("", description="Regional plan for which it moves; answers are given by plan.")
    tier: Tier = Field(1, description="Rank: 1 for units with the deadline `tier_1_deadline_days`, 2 or 3 for others.")
    troops: WholeTroops = Field(0, description="Soldiers.")
    wheeled: WholePieces | None = Field(None, description="Wheeled vehicles, instead of those of its type.")
    heavy: WholePieces | None = Field(None, description="Heavy vehicles, instead of those of its type.")
    tanks: WholePieces | None = Field(None, description="Tanks among its heavy vehicles, instead of those of its type.")
    containers: WholePieces | None = Field(None, description="Containers, instead of those of its type.")
    heaviest_mlc: MilitaryLoadClass | None = Field(
        None, description="Class of its heaviest vehicle, instead of that of its type."
    )
    home_node: str = Field(description="Home station: a node.")
    stock_node: str = Field("", description="Where its vehicles are pre-positioned, if not at home.")
    assembly_node: str = Field(description="Assembly area at which it is closed: a node.")
    ready_day: Day = Field(0.0, description="Day at whose start it is ready to leave.")
    ready_early_days: LeadDays | None = Field(
        None,
        description="Days by which it may be ready before that day, drawn for each run; with `ready_late_days` instead "
        "of the parameter `ready_delay_days`.",
    )
    ready_late_days: LeadDays | None = Field(None, description="Days by which it may be ready after that day.")
    required_day: Day = Field(30.0, description="Day at whose end it should be closed.")
    priority: Priority = Field(1, description="Order in every queue; 1 goes first.")
    in_place: YesNo = Field(False, description="Whether it stands there already and does not move.")
    release_interval_hours: Duration | None = Field(None, description="Time between the starts of its serials.")
    modes: Modes = Field(
        (), description="Modes by which it may move, soldiers, vehicles and containers alike; empty: any."
    )
    forbidden_modes: Modes = Field((), description="Modes by which it may not move.")
    route: Words = Field(
        (),
        description="Places through which its vehicles and containers go, in this order: nodes. Where two that follow "
        "each other are joined by links it takes one of these, else the quickest way between them.",
    )

    @model_validator(mode="after")
    def _some_mode(self) -> Unit:
        """A mode is not allowed and forbidden at once."""
        if both := [mode for mode in self.modes if mode in self.forbidden_modes]:
            remedy = "take it out of modes or of forbidden_modes"
            raise contradiction(f"{both[0]} is both allowed and forbidden", "modes", "forbidden_modes", remedy=remedy)
        return self


class Parameter(Row):
    """A number that is no property of one place or fleet."""

    low: Number | None = Field(None, description="Low value.")
    typical: Number = Field(description="The value.")
    high: Number | None = Field(None, description="High value.")
    unit: str = Field("", description="Unit, that of the list of parameters; or empty.")
    meaning: str = Field("", description="What it is; one of your own must say it.")


class Outage(Row):
    """A civil, generic kind of outage: how often, over what, and how long until work resumes."""

    name: str = Field("", description="Name that people know.")
    applies_to: Literal["rail", "road", "ferry", "waterway", "port"] = Field(description="What it shuts.")
    scope: Literal["link", "country", "region"] = Field(
        "link",
        description="What one cause hits together: a link or port, a country (a strike), or a region (weather over the "
        "area of one regional plan).",
    )
    rate_per_year: PerYear = Field(description="How often, for each link or port, country or region.")
    repair_low_hours: Hours | None = Field(None, description="Low value of the repair time.")
    repair_typical_hours: Hours = Field(description="Time until work resumes.")
    repair_high_hours: Hours | None = Field(None, description="High value of the repair time.")


class Source(Frozen):
    """Where a number comes from."""

    citation: str = Field(description="Author, title, year, or what was read.")
    url: str = Field("", description="Address.")
    note: str = Field("", description="Remarks.")
