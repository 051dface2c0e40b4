"""Figures of every shipped scenario that a rebuilding of the code must leave as they are.

``python -m tests.golden.figures`` writes them anew; whatever moves is named in the changelog under **Results**.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import flanksim as fs
from flanksim.bounds.ladder import ladder
from flanksim.scenario.reading import shipped

FILE = Path(__file__).with_name("golden.json")
#: Strategies under which the main scenario is recorded beside its own.
STRATEGIES = ("shortest", "planned")
SEED = 1


def cases() -> list[str]:
    """Shipped scenarios by name, and the main one under the other strategies as ``name strategy``."""
    names = sorted(path.stem for path in shipped().glob("*.yaml"))
    return names + [f"eastern-flank {strategy}" for strategy in STRATEGIES]


def figures(case: str) -> dict[str, Any]:
    """Digests of one replication, its closures and the bounds below it."""
    name, _, strategy = case.partition(" ")
    scenario = fs.load(name, {"routing": {"strategy": strategy}} if strategy else None)
    run = fs.simulate(scenario, seed=SEED)
    bound = ladder(scenario, groups=False, prices=False)
    return {
        "movements": run.outcome.digest(),
        "rows": len(run.movements),
        "closure_days": {key: closure.day for key, closure in sorted(run.closures.items())},
        "bound_days": bound.bounds,
    }


if __name__ == "__main__":
    found = {}
    for case in sys.argv[1:] or cases():
        found[case] = figures(case)
        print(case, found[case]["closure_days"]["all"])
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
