"""Tables of money and projects: what countries earn and spend, what is built, and what it changes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from flanksim.scenario.quantities import (
    Benefit,
    Factor,
    GdpEur,
    Money,
    MoneyByYear,
    Number,
    NumberOrText,
    OpeningYears,
    Overrun,
    PayerShares,
    PerCent,
    Share,
    Words,
    Year,
    Years,
    YesNo,
    YesUnlessNo,
)
from flanksim.scenario.rows import Row


class Economy(Row):
    """What a country earns and spends."""

    name: str = Field(description="Name that people know.")
    regional_plan: str = Field("", description="Regional plan in whose area it lies.")
    gdp_2025_bn_eur: GdpEur = Field(description="Gross domestic product of 2025, from which budgets are counted.")
    infrastructure_share_2025_low_pct: PerCent | None = Field(None, description="Low value of that share.")
    infrastructure_share_2025_typical_pct: PerCent = Field(
        0.0, description="Infrastructure line of 2025, % of GDP, from which every path of spending starts."
    )
    infrastructure_share_2025_high_pct: PerCent | None = Field(None, description="High value of that share.")
    groups: Words = Field((), description="Groups of countries to which it belongs; a group can pay for a project.")
    pays_for_projects: YesUnlessNo = Field(True, description="Whether its money goes to projects at all.")
    mobility_fraction_low: Share | None = Field(None, description="Low value of that fraction.")
    mobility_fraction_typical: Share | None = Field(
        None,
        description="Part of its infrastructure line that reaches military mobility; empty: the parameter "
        "mobility_fraction.",
    )
    mobility_fraction_high: Share | None = Field(None, description="High value of that fraction.")


class Fund(Row):
    """A purse that is no country's line of the pledge: it pays its part of the projects that name it as a payer."""

    name: str = Field(description="Name that people know.")
    kind: Literal["grant", "standing"] = Field(
        "grant",
        description="A `grant` co-pays in step with what the others pay of theirs; a `standing` budget pays whatever "
        "is spent (a law, tolls, a contract), and is counted apart.",
    )
    ceiling_low_bn_eur: MoneyByYear = Field({}, description="Low value of its money.")
    ceiling_bn_eur: MoneyByYear = Field(
        {},
        description="Money a year for projects, as 2028:0.8;2030:1.7: in a straight line between the years, none "
        "before the first, the last from then on; empty: no purse of its own, for reading.",
    )
    ceiling_high_bn_eur: MoneyByYear = Field({}, description="High value of its money.")


class Project(Row):
    """An infrastructure or lift project: what it costs, how long it takes, who pays; what it does are its effects.

    A project that began in `spending.first_year` or before, or is `committed`, is under way: it is not begun again,
    opens in `in_service`, and costs what `spent_share` leaves. Its payments come first; an empty purse delays them, not
    the works, unless nothing at all is paid. What is finished belongs into the other tables, not into this one.
    """

    name: str = Field(description="Name that people know.")
    countries: Words = Field((), description="Countries, or groups of countries, in which it is built.")
    regional_plan: str = Field("", description="Regional plan that it serves.")
    kind: str = Field("", description="What it is, in a word of your own.")
    cost_low_bn_eur: Money = Field(description="Low value of the announced cost.")
    cost_typical_bn_eur: Money = Field(description="Announced cost, before overruns.")
    cost_high_bn_eur: Money = Field(description="High value of the announced cost.")
    build_low_years: Years = Field(description="Low value of the building time.")
    build_typical_years: Years = Field(description="Time from the first money to its opening.")
    build_high_years: Years = Field(description="High value of the building time.")
    in_service: OpeningYears = Field(
        None,
        description="Year in which it opens, as announced: 2030, or earliest and latest as 2028-2030, or earliest, "
        "typical and latest as 2028-2029-2031. No money opens it before the earliest.",
    )
    start_year: Year | None = Field(
        None, description="Year in which work began; a year to come is one before which it cannot begin."
    )
    committed: YesNo = Field(
        False,
        description="Whether a contract or a law binds it already, though work begins after the first year: it counts "
        "as under way.",
    )
    spent_share: Share = Field(
        0.0, description="Part of the final cost that was paid by the end of the first year, design and land included."
    )
    hired_years: Years | None = Field(
        None,
        description="Years for which something is hired, or kept up, and over which its cost is paid; it serves as "
        "long as each year is paid. Empty: it is built, and paid over its building time.",
    )
    links: Words = Field((), description="Links that it concerns; for reading.")
    places: Words = Field((), description="Places that it concerns; for reading.")
    raises: str = Field("", description="What it improves, in words; shown where it has no effect that is modelled.")
    prerequisites: Words = Field((), description="Projects that must be done before.")
    exclusions: Words = Field((), description="Projects that are not built beside this one.")
    payer_shares: PayerShares = Field(
        {},
        description="Who pays which part, as AAA:0.5;BBB:0.5, summing to 1; empty: its countries and groups in equal "
        "parts.",
    )
    scalable: YesNo = Field(
        False, description="Whether a part of the money gives a part of the effect, delivered as it is paid."
    )
    overrun_low: Overrun | None = Field(None, description="Low value of the overrun.")
    overrun_typical: Overrun | None = Field(
        None, description="Final over announced cost; empty: the parameter overrun_factor."
    )
    overrun_high: Overrun | None = Field(None, description="High value of the overrun.")
    purse: Literal["infrastructure", "core", "either"] = Field(
        "infrastructure",
        description="Line of a country that pays: infrastructure, core (arms, lift, stocks), or either, infrastructure "
        "first.",
    )
    benefit: Benefit = Field(
        0.0,
        description="What it brings alone, in a unit that is the same for all (days of mobility delay or of closure "
        "saved): money goes first to what brings most for a euro that is left to pay.",
    )
    not_modelled: str = Field(
        "", description="Why the model cannot express what it does; such a project may be without effects."
    )


EffectTable = Literal[
    "links", "chokepoints", "facilities", "fleets", "units", "permissions", "outages", "parameters", "regime"
]


class Effect(Row):
    """What a project or a lever changes: one attribute of some rows of one table.

    Effects are done in the order set, scale, add. A project that changes nothing is an error.
    """

    project_id: str = Field(description="Project or lever to which it belongs.")
    table: EffectTable = Field(description="Table in which it changes rows; `regime` is that part of the scenario.")
    targets: Words = Field(description="Ids of the rows; for the table regime the word regime.")
    attribute: str = Field(
        description="A column, or the name of a triple without its part: capacity, speed_kmh, servers, handling, "
        "storage, count. A chokepoint's is what it limits; a parameter's is value, an outage's repair, a permission's "
        "lead."
    )
    operation: Literal["set", "add", "scale"] = Field("set", description="How the number changes the value.")
    low: Number | None = Field(None, description="Low value of the number; empty: the typical one.")
    typical: NumberOrText = Field(description="The number, or a text such as 1435;1520 where the attribute holds one.")
    high: Number | None = Field(None, description="High value of the number; empty: the typical one.")


class Lever(Row):
    """Something that can be decided: a package of projects, a rule, a warning, or what its own effects change.

    A lever that changes nothing is an error. What it costs and when it counts from is that of its projects where the
    row does not say it.
    """

    name: str = Field(description="Name that people know.")
    kind: str = Field("", description="What it is, in a word of your own.")
    family: str = Field(
        "", description="Levers of one family are levels of one thing: at most one of them is chosen; empty: none."
    )
    projects: Words = Field((), description="Projects that are done, by id or by their kind; what they need too.")
    settings: Words = Field(
        (),
        description="What it sets in the parts question and forces of the scenario, as question.warning_days=14; "
        "rules (regime) are effects.",
    )
    cost_low_bn_eur: Money | None = Field(None, description="Low value of the cost.")
    cost_typical_bn_eur: Money | None = Field(
        None, description="Public money that it takes; empty: what its projects still cost, and nothing without any."
    )
    cost_high_bn_eur: Money | None = Field(None, description="High value of the cost.")
    build_low_years: Years | None = Field(None, description="Low value of the years until it counts.")
    build_typical_years: Years | None = Field(
        None, description="Years from the decision until it counts; empty: as its projects, at once without any."
    )
    build_high_years: Years | None = Field(None, description="High value of the years until it counts.")
    decides: str = Field("", description="Who decides on it.")
    political: str = Field("", description="What it takes beside money; for reading.")
    moves_nobody: YesNo = Field(
        False, description="Whether it only changes what is counted: no action, so it is left out where actions rank."
    )


class Unknown(Row):
    """A number without a low and a high value of its own in its table: by which factors all of a kind may be wrong.

    `flanksim sensitivity` tries both, as it tries the low and high values of the other tables; worlds draw
    between them.
    """

    name: str = Field(description="Name that people know.")
    table: Literal["fleets", "units"] = Field(description="Table of its rows.")
    kind: str = Field("", description="Kind of the fleets; empty: all rows.")
    attribute: Literal["speed_kmh", "capacity", "hours_per_day", "ready_day"] = Field(description="Column.")
    low: Factor = Field(description="Lowest factor.")
    high: Factor = Field(description="Highest factor.")
