"""What a checked scenario holds, in words."""

from __future__ import annotations

from collections import Counter

from flanksim.planning.plan import Plan
from flanksim.scenario.force_sets import left_out
from flanksim.scenario.schema import Scenario
from flanksim.terminal import Block, Span, numbers, table, words


def blocks(scenario: Scenario, plan: Plan) -> list[Block]:
    """That there are no errors, and how much moves over how much, for people."""
    groups = sum(len(pool.assets) for pool in plan.pools)
    kinds = Counter(link.mode for link in scenario.links.values())
    rows = [
        ["units that travel", f"{len(plan.units):,}", f"{plan.troops_required:,} troops required"],
        ["serials", f"{plan.moving_serials:,}", "loads that move as one: a train, a march column, part of a ship"],
        ["places", f"{len(scenario.nodes):,}", ""],
        ["links", f"{len(scenario.links):,}", ", ".join(f"{kinds[mode]:,} {mode}" for mode in sorted(kinds))],
        ["gates in use", f"{len(plan.gates):,}", "directions of links that some serial passes"],
        ["facilities in use", f"{len(plan.servers):,}", "berths, ramps, stands, borders, assembly areas"],
        ["lift groups", f"{groups:,}", f"in {len(plan.pools)} pools: train sets, ships, aircraft, columns"],
    ]
    gone = left_out(scenario)
    found: list[Block] = [Span(f"{scenario.name}: no errors", "good")]
    found.append(table([words("", 18), numbers(), words("", 24)], rows))
    return [*found, gone] if gone else found
