"""What allies spend on mobility, and in which order it is built: the part ``spending`` of a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from flanksim.scenario.rows import STRICT, PerCent, Share, Year

SpendingPath = Annotated[
    Annotated[Literal["linear", "today"], Tag("by word")] | Annotated[dict[Year, PerCent], Tag("by year")],
    Discriminator(lambda value: "by year" if isinstance(value, Mapping) else "by word"),
]


class Spending(BaseModel):
    """A path of infrastructure spending and the rules by which projects are chosen.

    Attributes
    ----------
    infrastructure_share_pct
        Share of GDP that the infrastructure line reaches in `target_year`, per cent (the pledge: 1.5).
    first_year
        Year of the economies table. Today's network is its product; money flows from the year after.
    target_year
        Year in which the share is reached.
    path
        ``linear`` from today's share, ``today`` (each ally stays at today's share), or a table of year and per cent.
    mobility_fraction
        Part of the line that reaches military mobility, 0 to 1; ``null`` stands for the parameter of that name.
    purse
        ``national`` (each payer its share) or ``pooled`` (one purse).
    core_lift_share_pct
        Share of GDP, per cent, out of the core line of 3.5 % for projects whose purse is ``core`` (lift).
    selection
        Projects to fund first, in this order, once works under way have their money; the others follow by the
        default ranking (cheapest first).
    only_selection
        Fund nothing but `selection` and what it needs: works under way that are not in it stop.
    growth_pct
        Real growth of GDP, per cent a year.
    non_payers
        Allies that pay for no project, beside those whose economy says so (`pays_for_projects`).
    max_project_share
        Largest part of a purse's money of one year that one project may take.
    max_projects_per_nation
        Projects under way in one country at the same time.
    carry_over_years
        Unspent money may be kept up to this many times the year's budget; the rest lapses.
    """

    model_config = STRICT

    infrastructure_share_pct: Annotated[float, Field(ge=0, le=5)] = 1.5
    first_year: Year = 2025
    target_year: Year = 2035
    path: SpendingPath = "linear"
    mobility_fraction: Share | None = None
    purse: Literal["national", "pooled"] = "national"
    core_lift_share_pct: Annotated[float, Field(ge=0, le=5)] = 0.0
    selection: tuple[str, ...] = ()
    only_selection: bool = False
    growth_pct: Annotated[float, Field(ge=-99, le=20)] = 0.0
    non_payers: tuple[str, ...] = ()
    max_project_share: Annotated[float, Field(ge=0.0001, le=1)] = 0.5
    max_projects_per_nation: Annotated[int, Field(ge=1, le=10_000)] = 8
    carry_over_years: Annotated[float, Field(ge=0, le=100)] = 1.0
