"""Runs of micro-scenarios through the public engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flanksim.engine.choice import simulator
from flanksim.movements import MovementLog
from flanksim.planning.compile import compile_plan
from flanksim.planning.plan import Plan
from flanksim.scenario.reading import load, shipped
from flanksim.scenario.schema import Scenario

#: Independent batches of a stochastic case.
BATCHES = 40


class Runner:
    """Plans and runs micro-scenarios for the cases.

    Parameters
    ----------
    change
        What is done to every plan before it is run: a plan with a mechanism taken away must fail its case.
    batches
        Independent batches of a stochastic case.
    engine
        Which engine is checked, see `flanksim.engine.choice`.
    """

    def __init__(
        self, change: Callable[[Plan], Plan] = lambda plan: plan, batches: int = BATCHES, engine: str = "simpy"
    ) -> None:
        self.change, self.batches, self.simulate = change, batches, simulator(engine)
        self._logs: dict[str, MovementLog] = {}

    def plan(self, name: str, overrides: Mapping[str, Any] | None = None) -> Plan:
        """Plan of a shipped micro-scenario, some values changed."""
        return self.change(compile_plan(load(shipped() / "verification" / f"{name}.yaml", overrides)))

    def log(self, name: str) -> MovementLog:
        """A deterministic micro-scenario, run once."""
        if name not in self._logs:
            self._logs[name] = self.simulate(self.plan(name), 1)
        return self._logs[name]

    def last(self, name: str, overrides: Mapping[str, Any] | None = None) -> float:
        """Hour at which the last unit of a deterministic micro-scenario is closed."""
        return max((self.simulate(self.plan(name, overrides), 1) if overrides else self.log(name)).closed_h)

    def last_of(self, scenario: Scenario) -> float:
        """The same of a scenario that is written here."""
        return max(self.simulate(self.change(compile_plan(scenario)), 1).closed_h)


def time_average(begin: NDArray[np.float64], end: NDArray[np.float64], start: float, stop: float) -> float:
    """Mean number present between `start` and `stop` of things that are there from `begin` to `end`."""
    overlap = np.minimum(end, stop) - np.maximum(begin, start)
    return float(np.clip(overlap, 0.0, None).sum() / (stop - start))
