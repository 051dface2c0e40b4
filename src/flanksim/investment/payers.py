"""Who pays for a list of projects: each its part, groups of countries by the size of their economies."""

from __future__ import annotations

from collections.abc import Mapping

from flanksim.investment.order import payer_shares
from flanksim.scenario.schema import Scenario


def payers_of(scenario: Scenario, key: str) -> dict[str, float]:
    """Parts of a project by country or fund, summing to 1.

    A group of countries is paid for by its members that pay for projects, in proportion to their GDP; one without such
    members stands for itself.
    """
    found: dict[str, float] = {}
    for name, part in payer_shares(scenario.projects[key]).items():
        members = scenario.country_groups.get(name, ())
        weights = {
            ally: scenario.economies[ally].gdp_2025_bn_eur
            for ally in members
            if scenario.economies[ally].pays_for_projects and ally not in scenario.spending.non_payers
        }
        whole = sum(weights.values())
        for ally, weight in (weights if whole > 0 else {name: 1.0}).items():
            found[ally] = found.get(ally, 0.0) + part * (weight / whole if whole > 0 else 1.0)
    return found


def paid_by(scenario: Scenario, cost_bn_eur: Mapping[str, float]) -> dict[str, float]:
    """Country or fund to EUR bn that it pays for projects of these costs, the most first.

    Parameters
    ----------
    cost_bn_eur
        Project to what it costs.
    """
    found: dict[str, float] = {}
    for key, cost in cost_bn_eur.items():
        for name, part in payers_of(scenario, key).items():
            found[name] = found.get(name, 0.0) + part * cost
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))
