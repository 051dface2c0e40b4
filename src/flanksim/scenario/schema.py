"""The scenario: question, regimes, mechanisms and tables, validated and frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from flanksim.errors import FlanksimError
from flanksim.scenario.parameters import PARAMETERS, default_of
from flanksim.scenario.rows import (
    STRICT,
    Chokepoint,
    Country,
    Economy,
    Effect,
    Facility,
    Fleet,
    Link,
    Node,
    NonNegative,
    Outage,
    Parameter,
    Project,
    Share,
    Source,
    Unit,
    UnitType,
    Year,
    contradiction,
)
from flanksim.scenario.spending import Spending

FORMAT_VERSION = 1

#: Names a folder of results: what no file system takes for a path, nor hides.
Name = Annotated[str, Field(pattern=r"^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*$", max_length=100)]
#: The largest seed that a JSON reader holds exactly.
LARGEST_SEED = 2**53 - 1
Days = Annotated[float, Field(gt=0, le=3650)]
#: An edge of a map from its centre: no farther than the Earth is wide.
EdgeKm = Annotated[float, Field(ge=-10_000, le=10_000)]


class _Part(BaseModel):
    model_config = STRICT


class Question(_Part):
    """What is asked: how many troops, by when, on which clock."""

    troops_required: Annotated[int, Field(ge=0, le=2_000_000)] | None = None
    where: str = ""
    deadline_days: Days = 30.0
    tier_1_deadline_days: Days = 10.0
    clock: Literal["arrival", "ready"] = "arrival"
    close_share: Share | None = None
    horizon_days: Days = 365.0


class MapFrame(_Part):
    """The part of the Earth that maps show; a scenario without one has a frame round all its places."""

    centre_lat: Annotated[float, Field(ge=-90, le=90)]
    centre_lon: Annotated[float, Field(ge=-180, le=180)]
    west_km: EdgeKm
    east_km: EdgeKm
    south_km: EdgeKm
    north_km: EdgeKm

    @model_validator(mode="after")
    def _some_area(self) -> MapFrame:
        for low, high in (("west_km", "east_km"), ("south_km", "north_km")):
            if getattr(self, low) >= getattr(self, high):
                raise contradiction(f"{low} must be less than {high}", low, high)
        return self


class Regime(_Part):
    """The rules under which forces move."""

    traffic: Literal["peace", "crisis", "military_priority"] = "crisis"
    permission: Literal["none", "today", "three_days", "six_hours"] = "today"
    transit_states: tuple[str, ...] = ()


class Mechanisms(_Part):
    """Each physical mechanism with its switch: turn one off to see what it does to closure."""

    chance: bool = True
    gates: bool = True
    lift: bool = True
    handling: bool = True
    servers: bool = True
    storage: bool = True
    borders: bool = True
    permissions: bool = True
    civil_traffic: bool = True
    march_rest: bool = True
    admissibility: bool = True
    activation: bool = True
    opening_hours: bool = True
    integration: bool = True
    breakdowns: bool = False
    outages: bool = False
    detours: bool = True
    sustainment: bool = False


class Forces(_Part):
    """Which units move."""

    regional_plans: tuple[str, ...] = ()
    nations: tuple[str, ...] = ()
    count_in_place: bool = False


class Routing(_Part):
    """How itineraries are chosen."""

    strategy: Literal["shortest", "spread", "planned"] = "spread"
    alternatives: Annotated[int, Field(ge=1, le=12)] = 4


class Sustainment(_Part):
    """Where the supply of closed troops comes from.

    Keys of `supply_nodes` are a nation in a regional plan (``"CAN north"``), a nation, or a plan, looked up in
    this order; a unit without any of them is supplied from its home.
    """

    supply_nodes: dict[str, str] = {}


class Scenario(_Part):
    """A complete, checked scenario.

    `year` asks for the network of that year: what `spending` has built by 1 July of it is applied before
    a run. Without a year, the network is today's.

    `overrides` says what was changed on top of the file when it was loaded (``regime.permission=six_hours``). It is
    written by `flanksim.load` and ``--set``, shows in title, results folder and manifest, and changes no answer.

    Rows are held by id. ``value(name)`` gives a parameter's typical value. The same scenario
    always has the same `digest`, whatever the order of its rows.
    """

    flanksim: Literal[1] = 1
    name: Name
    title: str = ""
    description: str = ""
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 2026
    replications: Annotated[int, Field(ge=1, le=100_000)] = 30
    overrides: tuple[str, ...] = ()
    question: Question = Question()
    regime: Regime = Regime()
    mechanisms: Mechanisms = Mechanisms()
    forces: Forces = Forces()
    routing: Routing = Routing()
    sustainment: Sustainment = Sustainment()
    spending: Spending = Spending()
    year: Year | None = None

    loading_gauges: tuple[str, ...] = ("W6A", "G1", "GA", "GB", "GC", "SE-C")
    regional_plans: tuple[str, ...] = ()
    map: MapFrame | None = None

    parameters: dict[str, Parameter] = {}
    countries: dict[str, Country] = {}
    nodes: dict[str, Node] = {}
    links: dict[str, Link] = {}
    chokepoints: dict[str, Chokepoint] = {}
    facilities: dict[str, Facility] = {}
    fleets: dict[str, Fleet] = {}
    unit_types: dict[str, UnitType] = {}
    units: dict[str, Unit] = {}
    economies: dict[str, Economy] = {}
    projects: dict[str, Project] = {}
    effects: dict[str, Effect] = {}
    outages: dict[str, Outage] = {}
    sources: dict[str, Source] = {}

    def value(self, name: str) -> NonNegative:
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
        words = ("title", "description", "overrides", "regional_plans", "map")
        without: dict[str, Any] = dict.fromkeys(words, True) | {"question": {"where"}}
        if self.year is None:
            without |= {"spending": True, "year": True}
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
        plans, nations = self.forces.regional_plans, self.forces.nations
        return {
            key: unit
            for key, unit in sorted(self.units.items())
            if (not plans or unit.regional_plan in plans) and (not nations or unit.nation in nations)
        }

    @cached_property
    def troops_required(self) -> int:
        """Troops that must belong to closed units: as stated, else all that travel."""
        stated = self.question.troops_required
        return sum(unit.troops for unit in self.travelling_units.values()) if stated is None else stated

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
        copied = super().model_copy(update=self._valid(update or {}), deep=deep)
        for name in (
            "_checked",
            *(key for key, value in vars(type(self)).items() if isinstance(value, cached_property)),
        ):
            copied.__dict__.pop(name, None)
        return copied

    def _valid(self, update: Mapping[str, Any]) -> dict[str, Any]:
        """New values as the fields hold them."""
        if not update:
            return {}
        try:
            found = type(self).model_validate({"name": self.name, **update})
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

    __str__ = __repr__
