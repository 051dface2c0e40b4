"""Levers pulled: the scenario with them, what they cost, and from which year on they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flanksim.errors import FlanksimError, Problem
from flanksim.investment.apply import with_shares
from flanksim.investment.projects import left_to_pay, stands_by, with_prerequisites, year_of
from flanksim.scenario.levers import projects_of, settings_of, with_settings
from flanksim.scenario.schema import Scenario
from flanksim.scenario.words import close_to


def apply_levers(scenario: Scenario, keys: Iterable[str], built: Mapping[str, float] | None = None) -> Scenario:
    """Give the scenario with these levers pulled, their projects and what those need included.

    Parameters
    ----------
    scenario
        Its levers are those that there are.
    keys
        Ids of levers; of one family one at most.
    built
        Parts of projects that are in service already, 0 to 1.

    Raises
    ------
    FlanksimError
        E216 for an unknown lever, E217 for two of one family or projects that exclude each other.
    """
    chosen = list(dict.fromkeys(keys))
    _refuse(scenario, chosen)
    shares = dict(built or {}) | dict.fromkeys(chosen, 1.0)
    settings: dict[str, dict[str, object]] = {}
    for key in chosen:
        lever = scenario.levers[key]
        shares |= dict.fromkeys(with_prerequisites(scenario, projects_of(scenario, lever)), 1.0)
        for part, values in settings_of(lever).items():
            settings.setdefault(part, {}).update(values)
    return with_settings(with_shares(scenario, shares), settings)


def _refuse(scenario: Scenario, keys: list[str]) -> None:
    families: dict[str, str] = {}
    for key in keys:
        if key not in scenario.levers:
            hint = close_to(key, scenario.levers, "levers.csv lists them")
            raise FlanksimError(Problem("E216", scenario.name, "levers", f"unknown lever '{key}'", hint))
        family = scenario.levers[key].family
        if family and family in families:
            what = f"'{families[family]}' and '{key}' are two levels of one thing"
            raise FlanksimError(Problem("E217", scenario.name, "levers", what, "leave one of them out"))
        families[family] = key


def cost_of(scenario: Scenario, key: str) -> tuple[float, float, float]:
    """What a lever costs, EUR bn: low, typical and high as its row says, else what its projects still cost."""
    lever = scenario.levers[key]
    if lever.cost_typical_bn_eur is not None:
        typical = lever.cost_typical_bn_eur
        low, high = lever.cost_low_bn_eur, lever.cost_high_bn_eur
        return typical if low is None else low, typical, typical if high is None else high
    costs = [left_to_pay(scenario, name) for name in with_prerequisites(scenario, projects_of(scenario, lever))]
    low, typical, high = (sum(cost[n] for cost in costs) for n in range(3))
    return low, typical, high


def from_year(scenario: Scenario, key: str) -> int:
    """The first year on whose 1 July a project or a lever counts, if it is decided at once."""
    return counts_from(scenario, key) if key in scenario.levers else stands_by(scenario, [key])


def counts_from(scenario: Scenario, key: str) -> int:
    """The first year on whose 1 July a lever counts, if it is decided at once after the first year of spending."""
    lever = scenario.levers[key]
    first = scenario.spending.first_year
    years = [first + 1] if lever.build_typical_years is not None or not lever.projects else []
    if lever.build_typical_years is not None:
        years.append(year_of(first + 1 + lever.build_typical_years))
    if lever.projects:
        years.append(stands_by(scenario, projects_of(scenario, lever)))
    return max(years)
