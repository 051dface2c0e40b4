"""Playing a micro-scenario through the public engine and reading its movement table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flanksim.engine.simulate import simulate_plan
from flanksim.movements import MovementLog
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.reading import load, shipped


def plan_of(name: str, overrides: Mapping[str, Any] | None = None) -> Plan:
    """Plan of a shipped micro-scenario, some values changed."""
    return compile_plan(load(shipped() / "verification" / f"{name}.yaml", overrides))


@cache
def played(name: str) -> MovementLog:
    """A deterministic micro-scenario, run once."""
    return simulate_plan(plan_of(name), 1)


def closure(plan: Plan, seed: int = 1) -> float:
    """Hour at which the last unit is closed."""
    return max(simulate_plan(plan, seed).closed_h)


def time_average(begin: NDArray[np.float64], end: NDArray[np.float64], start: float, stop: float) -> float:
    """Mean number present between `start` and `stop` of things that are there from `begin` to `end`."""
    overlap = np.minimum(end, stop) - np.maximum(begin, start)
    return float(np.clip(overlap, 0.0, None).sum() / (stop - start))
