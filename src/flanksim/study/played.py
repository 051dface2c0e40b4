"""Bound, yardstick and one play side by side, all without chance: where between them the plan stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flanksim.bounds.ladder import ladder
from flanksim.bounds.rungs import Ladder
from flanksim.bounds.yardstick import yardstick
from flanksim.engine.simulate import simulate_plan
from flanksim.investment.apply import at_year
from flanksim.measure.closure import closures
from flanksim.network.network import Network
from flanksim.planning.compile import plan_on
from flanksim.scenario.schema import Scenario
from flanksim.terminal import Block, numbers, table, words
from flanksim.units import closure_day


@dataclass(frozen=True, slots=True)
class Played:
    """One play without chance beside what is proved of it, as C-days.

    Attributes
    ----------
    strategy
        That of the scenario, by which it was planned.
    bound_day
        The highest bound on the same typical inputs; no schedule is earlier.
    yardstick_day
        What an ideal order of sailings could do; no proof.
    closure_day
        When the play closes; infinite if not by the horizon.
    """

    strategy: str
    bound_day: float
    yardstick_day: float
    closure_day: float

    @property
    def gap_ratio(self) -> float:
        """Closure of the play over the proved bound; infinite where the bound is C-day or before."""
        return self.closure_day / self.bound_day if self.bound_day > 0 else math.inf

    def as_json(self) -> dict[str, Any]:
        """For machines; null where nothing closes."""
        numbers_of = {
            "closure_day": self.closure_day,
            "gap_ratio": self.gap_ratio,
            "yardstick_day": self.yardstick_day,
            "bound_day": self.bound_day,
        }
        return {"strategy": self.strategy} | {
            name: value if math.isfinite(value) else None for name, value in numbers_of.items()
        }


def play(scenario: Scenario, found: Ladder | None = None) -> Played:
    """Plan a scenario by its strategy, play it once without chance, and set bound and yardstick beside it.

    Parameters
    ----------
    scenario
        The scenario; its chance is switched off.
    found
        Its bounds, if they are known; taken if they rest on the same inputs.

    Raises
    ------
    FlanksimError
        E305 where a unit has no admissible route at all.
    """
    entry = at_year(scenario)
    typical = entry.model_copy(update={"mechanisms": entry.mechanisms.model_copy(update={"chance": False})})
    network = Network(typical)
    plan = plan_on(network)
    hour = closures(plan, simulate_plan(plan, 0).closed_h)["all"].hour
    same = found is not None and not entry.mechanisms.chance
    bounds = found if found is not None and same else ladder(typical, groups=False, prices=False)
    return Played(
        strategy=entry.routing.strategy,
        bound_day=bounds.day,
        yardstick_day=closure_day(yardstick(network, plan)),
        closure_day=math.inf if math.isnan(hour) else closure_day(hour),
    )


def blocks(played: Played) -> list[Block]:
    """The three days, and what lies between them, for people."""
    gap = f", {played.gap_ratio:.2f} times the bound" if math.isfinite(played.gap_ratio) else ""
    ways = "ways that are prepared, whole times"
    rows = [
        ["proved bound: no schedule is earlier", _day(played.bound_day), ""],
        ["yardstick, no proof: ideal order of sailings", _day(played.yardstick_day), ways],
        [f"played, planned by {played.strategy}", _day(played.closure_day), f"queues and the plan's order{gap}"],
    ]
    return [table([words("without chance"), numbers("day"), words("above the line before: by", 40)], rows)]


def _day(value: float) -> str:
    return f"C{round(value, 1) + 0.0:+.1f}" if math.isfinite(value) else "never"
