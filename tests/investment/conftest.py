"""Tiny worlds of money: one ally with 1 bn a year, and projects of a line."""

from __future__ import annotations

import pytest

from flanksim.scenario import Scenario
from tests.conftest import tiny

#: GDP 1,000 bn, 1 % of it today on infrastructure, a tenth of that on mobility: 1 bn a year.
WORLD = """
spending: {path: today, mobility_fraction: 0.1, max_project_share: 1, non_payers: []}
economies:
  AAA: {name: A, gdp_2025_bn_eur: 1000, infrastructure_share_2025_typical_pct: 1}
  BBB: {name: B, gdp_2025_bn_eur: 500, infrastructure_share_2025_typical_pct: 1}
links:
  line: {from_node: a, to_node: b, mode: rail, tracks: 2, travel_hours: 4, capacity_typical: 48}
parameters: {vehicles_per_train: 1, close_share: 1, additional_share: 1}
units:
  u: {home_node: a, assembly_node: b, wheeled: 10}
"""


def project(key: str, cost: float, years: float, extra: str = "", countries: str = "AAA") -> str:
    """One project row without overrun and without range."""
    return (
        f"  {key}: {{name: {key}, countries: {countries}, cost_low_bn_eur: {cost}, cost_typical_bn_eur: {cost}, "
        f"cost_high_bn_eur: {cost}, build_low_years: {years}, build_typical_years: {years}, "
        f"build_high_years: {years}, overrun_low: 1, overrun_typical: 1, overrun_high: 1{extra}}}\n"
    )


def effect(key: str, owner: str, rest: str) -> str:
    """One effect row."""
    return f"  {key}: {{project_id: {owner}, {rest}}}\n"


def world(projects: str, effects: str | None = None, head: str = WORLD) -> Scenario:
    """A scenario with these projects; without stated effects each one raises the line's capacity."""
    if effects is None:
        keys = [row.split(":")[0].strip() for row in projects.splitlines()]
        effects = "".join(
            effect(f"e{key}", key, "table: links, targets: line, attribute: capacity, operation: scale, typical: 2")
            for key in keys
        )
    return tiny(f"{head}projects:\n{projects}effects:\n{effects}")


@pytest.fixture
def four() -> Scenario:
    """Projects a (quick), b, c (after a), d (long)."""
    return world(
        project("a", 0.5, 1) + project("b", 1.2, 2) + project("c", 1.0, 2, ", prerequisites: a") + project("d", 2.0, 4)
    )
