"""From per cent of GDP to the money of a year, by ally.

    budget(t) = sum over payers of GDP x (1 + growth)^(t - t0) x share(t) x mobility fraction x additional share

with t0 the year of the economies table. The mobility fraction is that of the ally; the additional share, where
there are standing funds, is the part that does not pay for works which stand in budgets with or without the pledge.
`share(t)` rises linearly from today's share in t0 to the stated one in the target year and stays there. A share that is
lower than before holds at once, since spending can be stopped in a year but not raised in one: a target of 0 means
exactly 0 in every year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from flanksim.errors import FlanksimError, Problem
from flanksim.scenario.project_rows import Fund
from flanksim.scenario.schema import Scenario
from flanksim.scenario.spending import Spending

__all__ = ["Budgets", "Spending", "budgets", "mobility_fraction", "share_pct"]


@dataclass(frozen=True)
class Budgets:
    """Money by year and ally, EUR bn of constant prices.

    Attributes
    ----------
    years, allies
        Names of the rows and columns of the two tables.
    infrastructure
        The part of the infrastructure line that reaches mobility.
    core
        What the core line gives to lift.
    funds, of_funds
        Purses beside the lines of countries, and their money: a row a year and a column a fund.
    """

    years: tuple[int, ...]
    allies: tuple[str, ...]
    infrastructure: NDArray[np.float64]
    core: NDArray[np.float64]
    funds: tuple[str, ...]
    of_funds: NDArray[np.float64]

    def rows(self) -> list[dict[str, float | int | str]]:
        """One row a year and ally: `year`, `ally`, `infrastructure_bn_eur`, `core_bn_eur`."""
        return [
            {
                "year": year,
                "ally": ally,
                "infrastructure_bn_eur": float(self.infrastructure[i, j]),
                "core_bn_eur": float(self.core[i, j]),
            }
            for i, year in enumerate(self.years)
            for j, ally in enumerate(self.allies)
        ]


def mobility_fraction(scenario: Scenario, spending: Spending, ally: str | None = None) -> float:
    """Part of the infrastructure line that reaches mobility: of the ally's row, else the parameter.

    Parameters
    ----------
    scenario
        Its economies and parameters count.
    spending
        A fraction stated there is the mean over who pays, weighted by GDP; each ally's own is scaled to it, up to 1.
    ally
        Whose line; without one that mean.
    """
    otherwise = scenario.optional("mobility_fraction")
    own = {
        key: otherwise if row.mobility_fraction_typical is None else row.mobility_fraction_typical
        for key, row in scenario.economies.items()
    }
    weights = {key: row.gdp_2025_bn_eur for key, row in scenario.economies.items() if row.pays_for_projects}
    total = sum(weights.values())
    mean = sum(own[key] * weight for key, weight in weights.items()) / total if total > 0 else otherwise
    stated = mean if spending.mobility_fraction is None else spending.mobility_fraction
    if ally is None:
        return stated
    if spending.mobility_fraction is None:
        return own[ally]
    return min(1.0, stated * own[ally] / mean) if mean > 0 else stated


def ceiling(by_year: Mapping[int, float], year: int) -> float:
    """Money of a fund in `year`, EUR bn.

    Examples
    --------
    >>> [ceiling({2028: 1.0, 2030: 2.0}, year) for year in (2027, 2028, 2029, 2031)]
    [0.0, 1.0, 1.5, 2.0]
    """
    points = sorted(by_year.items())
    if not points or year < points[0][0]:
        return 0.0
    return float(np.interp(year, [point for point, _ in points], [amount for _, amount in points]))


def share_pct(spending: Spending, today_pct: float, year: int) -> float:
    """Infrastructure share of GDP in `year`, per cent, of an ally that spends `today_pct` in the first year.

    Parameters
    ----------
    spending
        The path of spending.
    today_pct
        Share of GDP in the first year, per cent.
    year
        Year that is asked for.

    Examples
    --------
    >>> share_pct(Spending(infrastructure_share_pct=1.5), 0.5, 2030)
    1.0
    >>> share_pct(Spending(infrastructure_share_pct=0.0), 0.5, 2026)
    0.0
    """
    if spending.path == "today" or year <= spending.first_year:
        return today_pct
    table = (
        spending.path if isinstance(spending.path, dict) else {spending.target_year: spending.infrastructure_share_pct}
    )
    points = sorted({spending.first_year: today_pct, **table}.items())
    for (start, before), (end, after) in pairwise(points):
        if year <= end:
            return after if after <= before else before + (after - before) * (year - start) / (end - start)
    return points[-1][1]


def budgets(scenario: Scenario, spending: Spending, until: int) -> Budgets:
    """Money of each ally in each year from the year after the first to `until`, EUR bn.

    Allies that pay for no project are left out (`Economy.pays_for_projects`, `spending.non_payers`). Nothing flows
    in the first year: today's network is what its money, and that of the years before, has built.

    Parameters
    ----------
    scenario
        Its economies count.
    spending
        The path of spending.
    until
        Last year.

    Returns
    -------
    Budgets
        A row a year and a column an ally; none where `until` is the first year.

    Raises
    ------
    FlanksimError
        E222 if `until` is before the year of the data.
    """
    if until < spending.first_year:
        raise FlanksimError(
            Problem(
                "E222",
                scenario.name,
                "year",
                f"{until} is before the data, which are of {spending.first_year}",
                f"ask for a year from {spending.first_year} on",
            )
        )
    years = tuple(range(spending.first_year + 1, until + 1))
    pay = {key for key, row in scenario.economies.items() if row.pays_for_projects}
    allies = tuple(sorted(pay - set(spending.non_payers)))
    rows = [scenario.economies[ally] for ally in allies]
    growth = np.array([(1.0 + spending.growth_pct / 100.0) ** (year - spending.first_year) for year in years])
    gdp = growth[:, None] * np.array([row.gdp_2025_bn_eur for row in rows])[None, :]
    shares = np.array(
        [[share_pct(spending, row.infrastructure_share_2025_typical_pct, year) for row in rows] for year in years]
    ).reshape(len(years), len(rows))
    fractions = np.array([mobility_fraction(scenario, spending, ally) for ally in allies])
    if any(fund.kind == "standing" for fund in scenario.funds.values()):
        fractions *= scenario.optional("additional_share")
    funds = {
        key: ceilings
        for key, row in sorted(scenario.funds.items())
        if (ceilings := _ceilings(row, spending.fund_ceilings))
    }
    return Budgets(
        years,
        allies,
        gdp * shares / 100.0 * fractions[None, :],
        gdp * spending.core_lift_share_pct / 100.0,
        tuple(funds),
        np.array([[ceiling(by_year, year) for by_year in funds.values()] for year in years]).reshape(
            len(years), len(funds)
        ),
    )


def _ceilings(fund: Fund, which: str) -> Mapping[int, float]:
    """Points of the ceiling that is asked for; the typical ones where low or high are not stated."""
    if which == "none":
        return {}
    stated = {"low": fund.ceiling_low_bn_eur, "high": fund.ceiling_high_bn_eur}.get(which)
    return stated or fund.ceiling_bn_eur
