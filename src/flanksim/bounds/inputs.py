"""The inputs on which a bound is computed: as sampled in one replication, or the best that chance allows.

A bound for *every* replication takes the lowest value that each distribution can give, no delay
and every asset. A bound for *one* replication takes what that seed draws for the readiness of each
unit, for its integration and for the assets that turn up; times on the way keep their lowest value,
because routes other than the plan's have no draws. Without chance both are the typical values.
"""

from __future__ import annotations

from dataclasses import dataclass

from flanksim.engine.streams import Draws, turns_up
from flanksim.planning.plan import Asset, Plan, Pool
from flanksim.planning.steps import Serve, Stay
from flanksim.scenario.distributions import Distribution
from flanksim.units import HOURS_PER_DAY


@dataclass(frozen=True)
class Inputs:
    """Hours of each unit and the assets of each pool, on which a bound rests.

    Attributes
    ----------
    start_h
        Earliest hour at which anything of each unit of the plan may start: it is ready. Who waits for leave to cross a
        border waits on its own territory, and may be on the way there.
    permit_h
        Hours at which the permits of the plan are given.
    integration_h
        Hours from marry-up to closed, for each unit; assembly areas are taken to serve any number at once.
    seed, draws
        The replication and all its draws; None for the best that chance allows.
    """

    plan: Plan
    start_h: tuple[float, ...]
    permit_h: tuple[float, ...]
    integration_h: tuple[float, ...]
    seed: int | None = None
    draws: Draws | None = None

    def hours(self, distribution: Distribution) -> float:
        """Lowest hours (or factor) that a distribution can give."""
        return distribution.lowest(chance=self.plan.chance)

    def present(self, pool: Pool) -> list[Asset]:
        """Assets that turn up, as the engine decides it; without a seed and with chance, each that may."""
        if self.seed is None and self.plan.chance:
            return [asset for asset in pool.assets if asset.activation > 0.0]
        seed = 0 if self.seed is None else self.seed
        return [asset for asset in pool.assets if turns_up(asset, seed, chance=self.plan.chance)]


def inputs_of(plan: Plan, seed: int | None = None) -> Inputs:
    """Inputs of one replication, or without a seed the best that chance allows."""
    draws = None if seed is None else Draws(plan, seed)
    starts, integrations = [], []
    for unit in plan.units:
        if draws is None:
            delay = plan.delay_of(unit).lowest(chance=plan.chance)
        else:
            delay = draws.one("ready", unit.unit_id, plan.delay_of(unit))
        starts.append(max(0.0, unit.ready_h + delay * HOURS_PER_DAY))
        integrations.append(_integration(plan, unit.closing_serial, draws))
    permits = tuple(
        permit.asked_h + HOURS_PER_DAY * permit.days.lowest(chance=plan.chance)
        if draws is None
        else draws.permit_hour(permit)
        for permit in plan.permits
    )
    return Inputs(plan, tuple(starts), permits, tuple(integrations), seed, draws)


def _integration(plan: Plan, closing: int, draws: Draws | None) -> float:
    """Hours from marry-up to closed if the unit never waits: its days, or its own work for the teams if longer."""
    program = plan.programs[plan.serials[closing].program]
    longest = 0.0
    for step in program.steps:
        if not isinstance(step, Serve | Stay):
            continue
        if draws is None:
            value = plan.distributions[program.slots[step.draw].distribution].lowest(chance=plan.chance)
        else:
            value = draws.values[draws.offset[closing] + step.draw]
        longest = max(longest, value * step.scale)
    return longest
