"""The inputs on which a bound is computed: as sampled in one replication, or the best that chance allows.

A bound for *every* replication takes the lowest value that each distribution can give, no delay
and every asset. A bound for *one* replication takes what that seed draws for the readiness of each
unit, for its integration and for the assets that turn up; times on the way keep their lowest value,
because routes other than the plan's have no draws. Without chance both are the typical values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flanksim.engine.streams import Draws, uniforms
from flanksim.planning.plan import SERVE, Distribution, Plan, Pool
from flanksim.units import HOURS_PER_DAY


def lowest(distribution: Distribution, *, chance: bool) -> float:
    """Smallest value that a distribution can give in a replication (its typical value without chance).

    Examples
    --------
    >>> lowest(Distribution("triangular", (0.8, 1.0, 1.6)), chance=True)
    0.8
    >>> lowest(Distribution("triangular", (0.8, 1.0, 1.6)), chance=False)
    1.0
    """
    if distribution.kind == "trace":
        return min(distribution.values)
    if not chance:
        return distribution.typical
    return 0.0 if distribution.kind in ("exponential", "breakdowns") else distribution.values[0]


@dataclass(frozen=True)
class Inputs:
    """Hours of each unit and the assets of each pool, on which a bound rests.

    Attributes
    ----------
    start_h
        Earliest hour at which each unit of the plan may start: ready and permitted.
    integration_h
        Hours from marry-up to closed, for each unit; assembly areas are taken to serve any number at once.
    seed, draws
        The replication and all its draws; None for the best that chance allows.
    """

    plan: Plan
    start_h: tuple[float, ...]
    integration_h: tuple[float, ...]
    seed: int | None = None
    draws: Draws | None = None

    def hours(self, distribution: Distribution) -> float:
        """Lowest hours (or factor) that a distribution can give."""
        return lowest(distribution, chance=self.plan.chance)

    def available(self, pool: Pool) -> tuple[float, ...]:
        """Hour at which each asset that turns up is available."""
        return tuple(asset.available_h for number, asset in enumerate(pool.assets) if self._present(pool, number))

    def _present(self, pool: Pool, number: int) -> bool:
        """Whether an asset turns up, as the engine decides it; without a seed and with chance, each does."""
        asset = pool.assets[number]
        if asset.activation >= 1.0:
            return True
        if not self.plan.chance:
            so_far = math.floor(number * asset.activation + 0.5)
            return math.floor((number + 1) * asset.activation + 0.5) > so_far
        if self.seed is None:
            return asset.activation > 0.0
        return bool(uniforms(self.seed, "activation", asset.fleet, str(number), 1)[0] < asset.activation)


def inputs_of(plan: Plan, seed: int | None = None) -> Inputs:
    """Inputs of one replication, or without a seed the best that chance allows."""
    draws = None if seed is None else Draws(plan, seed)
    starts, integrations = [], []
    for unit in plan.units:
        if draws is None:
            delay = lowest(plan.ready_delay, chance=plan.chance)
        else:
            delay = draws.one("ready", unit.unit_id, plan.ready_delay)
        starts.append(max(unit.ready_h + delay * HOURS_PER_DAY, unit.permission_h))
        integrations.append(_integration(plan, unit.closing_serial, draws))
    return Inputs(plan, tuple(starts), tuple(integrations), seed, draws)


def _integration(plan: Plan, closing: int, draws: Draws | None) -> float:
    program = plan.programs[plan.serials[closing].program]
    total = 0.0
    for step in program.steps:
        if step[0] == SERVE:
            slot = int(step[3])
            if draws is None:
                value = lowest(plan.distributions[program.slots[slot].distribution], chance=plan.chance)
            else:
                value = draws.values[draws.offset[closing] + slot]
            total += value * float(step[4])
    return total
