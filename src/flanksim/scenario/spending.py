"""What is spent on mobility, and in which order it is built: the part ``spending`` of a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from flanksim.scenario.quantities import (
    CarryOver,
    Frozen,
    GrowthPerCent,
    PerCent,
    ProjectShare,
    Share,
    SpendingPerCent,
    Works,
    Year,
)

SpendingPath = Annotated[
    Annotated[Literal["linear", "today"], Tag("by word")] | Annotated[dict[Year, PerCent], Tag("by year")],
    Discriminator(lambda value: "by year" if isinstance(value, Mapping) else "by word"),
]


class Spending(Frozen):
    """A path of infrastructure spending and the rules by which projects are chosen."""

    infrastructure_share_pct: SpendingPerCent = Field(
        1.5, description="Share of GDP that the infrastructure line reaches in target_year."
    )
    first_year: Year = Field(
        2025,
        description="Year of the economies table. Today's network is its product; money flows from the year after.",
    )
    target_year: Year = Field(2035, description="Year in which the share is reached.")
    path: SpendingPath = Field(
        "linear",
        description="Linear from today's share, today (each country stays at its share), or per cent by year.",
    )
    mobility_fraction: Share | None = Field(
        None,
        description="Part of the line that reaches military mobility, in the mean over who pays, weighted by GDP: each "
        "payer's own is scaled to it; null: its own, that of its row, else the parameter of that name.",
    )
    purse: Literal["national", "pooled"] = Field("national", description="Each payer pays its share, or one purse all.")
    core_lift_share_pct: SpendingPerCent = Field(
        0.0, description="Share of GDP, out of the core line of defence, for projects whose purse is core (lift)."
    )
    selection: tuple[str, ...] = Field(
        (),
        description="Projects to fund first, in this order, once works under way have their money; the others follow "
        "by what they bring for a euro.",
    )
    only_selection: bool = Field(
        False, description="Decide on nothing but `selection` and what it needs. Works under way go on."
    )
    growth_pct: GrowthPerCent = Field(0.0, description="Real growth of GDP.")
    non_payers: tuple[str, ...] = Field(
        (), description="Economies that pay for no project, beside those whose row says so (pays_for_projects)."
    )
    fund_ceilings: Literal["none", "low", "typical", "high"] = Field(
        "typical", description="Which of the ceilings of the funds holds; none: no fund pays anything."
    )
    max_project_share: ProjectShare = Field(
        1.0, description="Largest part of a purse's money of one year that one project may take."
    )
    carried_share: Share = Field(
        0.6,
        description="Part of a project's cost whose payers must have begun to pay before new works begin, and must "
        "have paid all of theirs before it opens; what the others owe is paid as their money comes, and holds up "
        "nobody's works. 1: all must have paid.",
    )
    max_projects_per_nation: Works | None = Field(
        None, description="New works under way in one country at the same time; null: as many as are paid."
    )
    carry_over_years: CarryOver = Field(
        1.0, description="Unspent money may be kept up to this many times the year's budget; the rest lapses."
    )
