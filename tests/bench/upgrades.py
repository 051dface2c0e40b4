"""Sixty upgrades of a scenario and twenty nested pairs of them, to see whether more ever makes worse.

Each is one more of something that some way of the force uses (`flanksim.network.one_more`): berths, rail ramps and
other places of work, lift, links. They are taken by name, evenly from each kind, so that they are the same wherever
the tables are. ``python -m tests.bench.upgrades eastern-flank`` lists them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from flanksim import load
from flanksim.network.one_more import OneMore, one_more
from flanksim.planning.compile import compile_plan
from flanksim.scenario.schema import Scenario

UPGRADES, PAIRS = 60, 20
#: Of sixty, so many of each kind where there are as many.
_SHARES = {"berth": 16, "rail_terminal": 10, "other": 10, "lift": 12, "link": 12}


@dataclass(frozen=True)
class Upgrade:
    """One upgrade, or several together, in words, and the scenario with it."""

    what: str
    apply: Callable[[Scenario], Scenario]

    def __add__(self, other: Upgrade) -> Upgrade:
        """Both of them."""
        return Upgrade(f"{self.what} + {other.what}", lambda entry: other.apply(self.apply(entry)))


def upgrades(scenario: Scenario, count: int = UPGRADES) -> list[Upgrade]:
    """The first `count` of the upgrades, taken from each kind in turn; fewer where the scenario does not have as many.

    Parameters
    ----------
    scenario
        Its network is that of its tables.
    count
        At most 60.
    """
    found: dict[str, dict[str, OneMore]] = {kind: {} for kind in _SHARES}
    for name in _used(scenario):
        more = one_more(scenario, name)
        if more is not None:
            found[_kind(scenario, name)].setdefault(str(more), more)
    picked = [_evenly([found[kind][what] for what in sorted(found[kind])], most) for kind, most in _SHARES.items()]
    in_turn = [
        (place / len(own), kind, more) for kind, own in enumerate(picked) for place, more in enumerate(own) if own
    ]
    in_turn.sort(key=lambda entry: entry[:2])
    return [Upgrade(str(more), more.apply) for _, _, more in in_turn[:count]]


def nested_pairs(scenario: Scenario, count: int = PAIRS) -> list[tuple[Upgrade, Upgrade]]:
    """Pairs of a smaller and a larger set of upgrades: one of them, and the same one with two others.

    Parameters
    ----------
    scenario
        Its network is that of its tables.
    count
        At most 20.
    """
    every = upgrades(scenario)
    third = len(every) // 3
    return [
        (every[n], reduce(Upgrade.__add__, (every[n], every[third + n], every[2 * third + n])))
        for n in range(min(count, third))
    ]


def _used(scenario: Scenario) -> list[str]:
    """Names of the gates, places of work and pools that some way of the force uses."""
    plan = compile_plan(scenario)
    names = [entry.name for kind in (plan.gates, plan.servers, plan.pools) for entry in kind]
    return sorted({name.split(":")[0] if ">" in name else name for name in names})


def _kind(scenario: Scenario, name: str) -> str:
    head, _, place = name.partition(":")
    if head in scenario.links and not place:
        return "link"
    if not place:
        return "lift"
    return head if head in _SHARES else "other"


def _evenly(entries: Sequence[OneMore], most: int) -> list[OneMore]:
    """At most so many, evenly from the first to the last."""
    few = min(most, len(entries))
    return [entries[n * len(entries) // few] for n in range(few)]


if __name__ == "__main__":
    for upgrade in upgrades(load(sys.argv[1])):
        print(upgrade.what)
