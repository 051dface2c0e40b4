"""The scenario: question, regimes, mechanisms and tables, validated and frozen."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from flanksim.errors import FlanksimError
from flanksim.scenario.parameters import PARAMETERS, default_of
from flanksim.scenario.project_rows import Economy, Effect, Fund, Lever, Project, Unknown
from flanksim.scenario.quantities import (
    Days,
    EdgeKm,
    ForceTroops,
    Frozen,
    Itineraries,
    Latitude,
    LeadDays,
    Longitude,
    Runs,
    Seed,
    Share,
    Year,
    contradiction,
)
from flanksim.scenario.recorded import Recorded
from flanksim.scenario.rows import (
    Chokepoint,
    Country,
    Facility,
    Fleet,
    Link,
    Node,
    Outage,
    Parameter,
    Permission,
    Source,
    Unit,
    UnitType,
)
from flanksim.scenario.spending import Spending

FORMAT_VERSION = 1

#: Names a folder of results: what no file system takes for a path, nor hides.
NAME_PATTERN = r"^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=100)]


class Question(Frozen):
    """What is asked: how many troops, by when, on which clock."""

    troops_required: ForceTroops | None = Field(
        None, description="Troops that must belong to closed units; empty: all that travel."
    )
    where: str = Field("", description="Where they are to be, as it follows a verb: on the eastern flank.")
    deadline_days: Days = Field(30.0, description="C-day at whose end the force should be closed.")
    tier_1_deadline_days: Days = Field(10.0, description="The same for units of tier 1.")
    clock: Literal["arrival", "ready"] = Field(
        "arrival",
        description="Whether a unit is closed at its assembly area, or when it is ready and nothing moves.",
    )
    close_share: Share | None = Field(
        None, description="Part of a unit's vehicles that must have arrived; empty: the parameter of that name."
    )
    horizon_days: Days = Field(365.0, description="C-day at whose end a run stops.")
    warning_days: LeadDays = Field(
        0.0,
        description="Days before C-day on which units begin to make ready, leave to cross borders is asked for, and "
        "lift is called; nothing moves before C-day.",
    )
    milestone_days: tuple[Days, ...] = Field(
        (10.0, 30.0, 60.0), description="C-days by whose end the troops that are ready, arrived and closed are told."
    )
    c_day: datetime.date | None = Field(
        None, description="Date of C-day, such as 2017-01-06, by which C-days are shown as dates too; empty: none."
    )


class MapFrame(Frozen):
    """The part of the Earth that maps show; a scenario without one has a frame round all its places."""

    centre_lat: Latitude = Field(description="Latitude of the point about which the map is true.")
    centre_lon: Longitude = Field(description="Longitude of that point.")
    west_km: EdgeKm = Field(description="Western edge, km east of the centre.")
    east_km: EdgeKm = Field(description="Eastern edge, km east of the centre.")
    south_km: EdgeKm = Field(description="Southern edge, km north of the centre.")
    north_km: EdgeKm = Field(description="Northern edge, km north of the centre.")

    @model_validator(mode="after")
    def _some_area(self) -> MapFrame:
        for low, high in (("west_km", "east_km"), ("south_km", "north_km")):
            if getattr(self, low) >= getattr(self, high):
                raise contradiction(f"{low} is not less than {high}", low, high)
        return self


class Regime(Frozen):
    """The rules under which forces move."""

    traffic: Literal["peace", "crisis", "military_priority"] = Field(
        "crisis", description="What civil traffic keeps of lines, roads, berths and stands."
    )
    permission: Literal["none", "today", "three_days", "six_hours"] = Field(
        "today", description="Lead time of the leave to cross borders."
    )
    transit_states: tuple[str, ...] = Field(
        (), description="Countries that grant transit, of those that are passed by permission."
    )


class Mechanisms(Frozen):
    """Each physical mechanism with its switch: turn one off to see what it does to closure."""

    chance: bool = Field(True, description="Times vary between replications.")
    gates: bool = Field(True, description="Links have capacity: who finds one taken waits.")
    lift: bool = Field(True, description="Wagons, ships, aircraft, coaches and transporters are counted.")
    handling: bool = Field(True, description="Loading and unloading take time.")
    servers: bool = Field(True, description="Berths, ramps and stands are counted.")
    storage: bool = Field(True, description="Yards can fill up.")
    borders: bool = Field(True, description="Borders take time.")
    permissions: bool = Field(True, description="A unit needs leave to cross borders before it starts.")
    civil_traffic: bool = Field(True, description="Civil traffic keeps its part.")
    march_rest: bool = Field(True, description="Columns, drivers and crews rest.")
    admissibility: bool = Field(True, description="Loads use only links that bear their weight and size.")
    activation: bool = Field(True, description="Not every ship and aircraft turns up.")
    opening_hours: bool = Field(True, description="Facilities keep their opening hours.")
    integration: bool = Field(True, description="A unit joins up and is received before it is closed.")
    breakdowns: bool = Field(False, description="Vehicles and lift break down on the way.")
    outages: bool = Field(False, description="Strikes, storms and accidents shut links and ports.")
    detours: bool = Field(True, description="Where a link is shut for long, columns and trains go round it.")
    sustainment: bool = Field(False, description="Supply of closed units uses the same network.")


class Forces(Frozen):
    """Which units move."""

    regional_plans: tuple[str, ...] = Field((), description="Units of these plans alone; empty: of all.")
    nations: tuple[str, ...] = Field((), description="Units of these nations alone; empty: of all.")
    set: str = Field(
        "",
        description="Set of forces: a file of the folder `forces` beside the tables, laid over the table of units and "
        "under what the scenario says of units; empty: the table as it is.",
    )
    without: tuple[str, ...] = Field(
        (),
        description="Nations that do not take part: their units are left out and count off `troops_required`, and "
        "their lift stays away.",
    )
    keep_lift: bool = Field(False, description="Whether lift of nations that do not take part comes all the same.")
    units: tuple[str, ...] = Field((), description="These units alone, by id; empty: all.")
    count_in_place: bool = Field(False, description="Whether units that stand in place count as closed troops.")


class Routing(Frozen):
    """How itineraries are chosen."""

    strategy: Literal["shortest", "spread", "planned", "adaptive"] = Field(
        "spread",
        description="Each unit its quickest way; each lot the way with the earliest expected end; ways chosen by a "
        "program over all units together; or these, where a serial may still take another when it starts.",
    )
    alternatives: Itineraries = Field(4, description="Itineraries of a load among which is chosen.")


class Sustainment(Frozen):
    """Where the supply of closed troops comes from."""

    supply_nodes: dict[str, str] = Field(
        {},
        description="Node by nation in a regional plan (CAN north), nation, or plan, looked up in this order; a unit "
        "without any of them is supplied from its home.",
    )


#: Context of a validation that is to end with pydantic's own error.
AS_PYDANTIC: dict[str, Any] = {"errors": "pydantic"}


class Scenario(Frozen):
    """A complete, checked scenario.

    Rows are held by id. ``value(name)`` gives a parameter's typical value. The same scenario
    always has the same `digest`, whatever the order of its rows.
    """

    flanksim: Literal[1] = Field(1, description="Version of the format.")
    name: Name = Field(description="Name, which names the folder of its results too.")
    title: str = Field("", description="Title of answers and figures.")
    description: str = Field("", description="What it is about.")
    seed: Seed = Field(2026, description="Seed of its first replication.")
    replications: Runs = Field(30, description="Replications of a study.")
    overrides: tuple[str, ...] = Field(
        (),
        description="What was changed on top of the file when it was loaded (regime.permission=six_hours): written by "
        "`load` and --set, shown in title, results folder and manifest, and without influence on any answer.",
    )
    regional_plans: tuple[str, ...] = Field(
        (), description="Names of the regional plans, in the order of their colours; others must not look like these."
    )
    loading_gauges: tuple[str, ...] = Field(
        ("W6A", "G1", "GA", "GB", "GC", "SE-C"), description="Names of the loading gauges, from small to large."
    )
    map: MapFrame | None = Field(None, description="The part of the Earth that maps show.")
    question: Question = Field(Question(), description="What is asked.")
    regime: Regime = Field(Regime(), description="The rules under which forces move.")
    mechanisms: Mechanisms = Field(Mechanisms(), description="Switches of the mechanisms.")
    forces: Forces = Field(Forces(), description="Which units move.")
    routing: Routing = Field(Routing(), description="How itineraries are chosen.")
    sustainment: Sustainment = Field(Sustainment(), description="Where supply comes from.")
    recorded: Recorded | None = Field(
        None, description="What happened when this was done, beside which `flanksim validate` puts what is simulated."
    )
    spending: Spending = Field(Spending(), description="What is spent on projects, and in which order.")
    year: Year | None = Field(
        None,
        description="Asks for the network of that year: what the spending has built by 1 July of it is applied before "
        "a run; empty: today's.",
    )

    parameters: dict[str, Parameter] = Field({}, description="Numbers that are no property of one row, by name.")
    countries: dict[str, Country] = Field({}, description="Countries, by ISO 3166 alpha-3 or a name of your own.")
    permissions: dict[str, Permission] = Field({}, description="Lead times of leave to cross borders, by id.")
    nodes: dict[str, Node] = Field({}, description="Places, by id.")
    links: dict[str, Link] = Field({}, description="Connections, by id.")
    chokepoints: dict[str, Chokepoint] = Field({}, description="What tightens a link, by id.")
    facilities: dict[str, Facility] = Field({}, description="Servers and storage, by id.")
    fleets: dict[str, Fleet] = Field({}, description="Lift, by id.")
    unit_types: dict[str, UnitType] = Field({}, description="Footprints of units, by id.")
    units: dict[str, Unit] = Field({}, description="The order of battle, by id.")
    economies: dict[str, Economy] = Field({}, description="Who pays, by country.")
    funds: dict[str, Fund] = Field({}, description="Purses filled by several countries, by id.")
    projects: dict[str, Project] = Field({}, description="What can be built, by id.")
    levers: dict[str, Lever] = Field({}, description="What can be decided beside single projects, by id.")
    effects: dict[str, Effect] = Field({}, description="What projects and levers change, by id.")
    unknowns: dict[str, Unknown] = Field({}, description="Factors by which numbers without a range may be wrong.")
    outages: dict[str, Outage] = Field({}, description="Kinds of outages, by id.")
    sources: dict[str, Source] = Field({}, description="Where the numbers come from, by key.")

    @model_validator(mode="wrap")
    @classmethod
    def _in_words(cls, data: Any, handler: ModelWrapValidatorHandler[Scenario], info: ValidationInfo) -> Scenario:
        """What is wrong as a FlanksimError, unless who reads a file asks for pydantic's errors, to tell their lines."""
        try:
            return handler(data)
        except ValidationError as error:
            if info.context is AS_PYDANTIC:
                raise
            from flanksim.scenario.reading import problems_of

            raise FlanksimError(problems_of(error, data if isinstance(data, Mapping) else {}, "Scenario")) from None

    def value(self, name: str) -> float:
        """Typical value of parameter `name`.

        Raises
        ------
        KeyError
            If there is no such parameter; `flanksim.scenario.check` reports that first.
        """
        return self.parameters[name].typical

    def optional(self, name: str) -> float:
        """Typical value of parameter `name`, its default where the scenario has none; infinite: no limit."""
        row = self.parameters.get(name)
        if row is not None:
            return row.typical
        return self.optional(like) if (like := PARAMETERS[name].like) else default_of(name)

    def spread(self, name: str) -> tuple[float, float, float]:
        """Low, typical and high of parameter `name`; what is missing equals the typical value."""
        row = self.parameters.get(name)
        if row is None:
            return (self.optional(name),) * 3
        low = row.typical if row.low is None else row.low
        high = row.typical if row.high is None else row.high
        return low, row.typical, high

    @cached_property
    def digest(self) -> str:
        """Hash of everything that can change an answer; spending cannot where no year is asked for."""
        words = ("title", "description", "overrides", "regional_plans", "map", "recorded", "levers", "unknowns")
        without: dict[str, Any] = dict.fromkeys(words, True) | {"question": {"where", "c_day", "milestone_days"}}
        if self.year is None:
            without |= {"spending": True, "year": True}
        # fields of rows that came later leave the digests of older results as they are, where no row uses them
        without["links"] = {key: {"one_way"} for key, row in self.links.items() if not row.one_way}
        text = json.dumps(self.model_dump(mode="json", exclude=without), sort_keys=True)
        return blake2b(text.encode(), digest_size=8).hexdigest()

    @cached_property
    def travelling_units(self) -> dict[str, Unit]:
        """Units that must travel: of the chosen plans and nations, without those in place."""
        return {key: unit for key, unit in self._chosen.items() if not unit.in_place}

    @cached_property
    def in_place_units(self) -> dict[str, Unit]:
        """Units that stand in place."""
        return {key: unit for key, unit in self._chosen.items() if unit.in_place}

    @property
    def ordered_units(self) -> dict[str, Unit]:
        """Units that count, in the order in which they are planned: by priority, required day and name."""
        found = self.travelling_units | (self.in_place_units if self.forces.count_in_place else {})
        return dict(sorted(found.items(), key=lambda item: (item[1].priority, item[1].required_day, item[0])))

    @cached_property
    def _chosen(self) -> dict[str, Unit]:
        nations, units = self.forces.nations, self.forces.units
        return {
            key: unit
            for key, unit in sorted(self.units.items())
            if self._of_plans(unit)
            and (not nations or unit.nation in nations)
            and (not units or key in units)
            and unit.nation not in self.forces.without
        }

    def _of_plans(self, unit: Unit) -> bool:
        return not self.forces.regional_plans or unit.regional_plan in self.forces.regional_plans

    @cached_property
    def troops_required(self) -> int:
        """Troops that must belong to closed units: as stated but for nations that do not take part, else all."""
        stated = self.question.troops_required
        if stated is None:
            return sum(unit.troops for unit in self.travelling_units.values())
        return max(0, stated - sum(unit.troops for unit in self.left_out_units))

    @property
    def left_out_units(self) -> list[Unit]:
        """Units that would travel if their nations took part."""
        forces = self.forces
        return [
            unit
            for key, unit in self.units.items()
            if unit.nation in forces.without
            and not unit.in_place
            and self._of_plans(unit)
            and (not forces.nations or unit.nation in forces.nations)
            and (not forces.units or key in forces.units)
        ]

    def may_turn_up(self, fleet: Fleet, groups: int) -> bool:
        """Whether any of so many assets of a fleet can turn up: who waits for one that never does waits for ever."""
        if not self.mechanisms.activation or fleet.activation_typical >= 1.0:
            return True
        if self.mechanisms.chance:
            return fleet.activation_typical > 0.0
        return math.floor(groups * fleet.activation_typical + 0.5) >= 1  # the typical share of them, as in a run

    def takes_part(self, fleet: Fleet) -> bool:
        """Whether lift comes: not that of a nation that does not take part, unless `forces.keep_lift` says so."""
        return self.forces.keep_lift or not fleet.nation or fleet.nation not in self.forces.without

    @cached_property
    def close_share(self) -> float:
        """Share of a unit's vehicles that must have arrived before it is closed."""
        if self.question.close_share is not None:
            return self.question.close_share
        return self.value("close_share")

    @cached_property
    def country_groups(self) -> dict[str, tuple[str, ...]]:
        """Economies of each group of countries that the economies name, by id."""
        found: dict[str, tuple[str, ...]] = {}
        for key, row in sorted(self.economies.items()):
            for group in row.groups:
                found[group] = (*found.get(group, ()), key)
        return found

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Scenario:
        """A changed copy; what was derived from the old values is derived anew.

        Raises
        ------
        FlanksimError
            For a field that there is not, or a value that it cannot have, as in a file.
        """
        return self._renewed(super().model_copy(update=self._valid(update or {}), deep=deep))

    def with_tables(self, tables: Mapping[str, Mapping[str, Any]]) -> Scenario:
        """A copy with other rows, which are taken as they are: known to be valid, of the models of their tables."""
        return self._renewed(super().model_copy(update=dict(tables)))

    @classmethod
    def _renewed(cls, copied: Scenario) -> Scenario:
        """Without what was derived from the old values."""
        for name in (
            "_checked",
            *(key for key, value in vars(cls).items() if isinstance(value, cached_property)),
        ):
            copied.__dict__.pop(name, None)
        return copied

    def _valid(self, update: Mapping[str, Any]) -> dict[str, Any]:
        """New values as the fields hold them."""
        if not update:
            return {}
        try:
            found = type(self).model_validate({"name": self.name, **update}, context=AS_PYDANTIC)
        except ValidationError as error:
            from flanksim.scenario.reading import problems_of

            raise FlanksimError(problems_of(error, update, self.name)) from None
        return {name: getattr(found, name) for name in update}

    def __repr__(self) -> str:
        """Summary in one line."""
        return (
            f"Scenario({self.name!r}: {len(self.travelling_units)} units, {self.troops_required:,} troops, "
            f"{len(self.nodes)} nodes, {len(self.links)} links, C+{self.question.deadline_days:g}, {self.digest})"
        )

    def _repr_html_(self) -> str:
        """Small table and map for notebooks."""
        from flanksim.scenario.summary import as_html

        return as_html(self)

    __str__ = __repr__
