"""The ladder of bounds: free flow, then volume; the highest is what no schedule can beat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from flanksim.bounds.flow import Flows
from flanksim.bounds.free_flow import free_flow_hours
from flanksim.bounds.volume import Price, Volume, volume
from flanksim.investment.apply import realise
from flanksim.scenario.schema import Scenario
from flanksim.units import closure_day


@dataclass(frozen=True)
class Ladder:
    """Bounds on the closure day of a scenario, each valid for every schedule and every replication.

    Attributes
    ----------
    free_flow_day, volume_day
        Bounds on the scale of closure days; infinite where the required troops cannot be closed at all.
    plan_days
        The higher of the two for each regional plan, which then has the whole network and all lift to itself.
    binding
        What sets the volume bound: the resource that carries most of it, or ``free flow``.
    prices
        Days by which the volume bound falls for one more unit of a capacity, at the margin, largest first.
    """

    scenario: str
    free_flow_day: float
    volume_day: float
    plan_days: dict[str, float]
    binding: str
    prices: tuple[Price, ...]
    lowest_inputs: bool
    seconds: float

    @property
    def day(self) -> float:
        """The highest rung."""
        return max(self.free_flow_day, self.volume_day)


def ladder(scenario: Scenario, *, by_plan: bool = True) -> Ladder:
    """Bounds of a scenario; of the network of its year where it asks for one.

    Times are the lowest that a run can draw and all lift turns up, so that the bounds hold in every
    replication. Where the scenario has no chance they are the typical ones.

    Examples
    --------
    >>> from flanksim.scenario import load
    >>> found = ladder(load("corridor-mini"))
    >>> found.free_flow_day <= found.day
    True
    """
    started = perf_counter()
    entry = realise(scenario)
    free, found = _rungs(entry)
    plans: dict[str, float] = {}
    names = sorted({unit.regional_plan for unit in entry.travelling_units.values()} - {""})
    for name in names if by_plan and len(names) > 1 else ():
        alone = entry.model_copy(
            update={
                "forces": entry.forces.model_copy(update={"regional_plans": (name,), "count_in_place": False}),
                "question": entry.question.model_copy(update={"troops_required": None}),
            }
        )
        own_free, own = _rungs(alone)
        plans[name] = closure_day(max(own_free, own.hours))
    return Ladder(
        entry.name,
        closure_day(free),
        closure_day(found.hours),
        plans,
        found.binding,
        found.prices,
        entry.mechanisms.chance,
        perf_counter() - started,
    )


def _rungs(scenario: Scenario) -> tuple[float, Volume]:
    flows = Flows(scenario)
    return free_flow_hours(scenario, flows), volume(scenario, flows)


def as_json(found: Ladder) -> dict[str, Any]:
    """The ladder for machines; a bound that is infinite or was not computed is null."""

    def day(value: float) -> float | None:
        return round(value, 6) if math.isfinite(value) else None

    return {
        "scenario": found.scenario,
        "bounds": {"free_flow": day(found.free_flow_day), "volume": day(found.volume_day), "time_expanded": None},
        "plans": {name: day(value) for name, value in found.plan_days.items()},
        "binding": found.binding,
        "prices": [
            {"element": price.element, "attribute": price.attribute, "days_per_unit": round(price.days_per_unit, 9)}
            for price in found.prices
        ],
        "inputs": "lowest" if found.lowest_inputs else "typical",
        "seconds": round(found.seconds, 3),
    }


def as_text(found: Ladder) -> str:
    """The ladder for people."""

    def day(value: float) -> str:
        return f"C+{value:.1f}" if math.isfinite(value) else "never"

    inputs = "the lowest times that a run can draw, all lift present" if found.lowest_inputs else "typical times"
    lines = [
        f"{found.scenario}: no schedule closes the required troops before {day(found.day)}  ({inputs})",
        "",
        f"  free flow     {day(found.free_flow_day):>8}   nobody waits for anybody",
        f"  volume        {day(found.volume_day):>8}   all work in their windows; most of it: {found.binding}",
    ]
    lines += [
        f"  {name:<12}  {day(value):>8}   alone, with all of the network and lift"
        for name, value in found.plan_days.items()
    ]
    lines.append("")
    if found.prices:
        lines.append("  One more unit of        moves the bound by")
        lines += [
            f"    {price.element:<34} {-price.days_per_unit:+9.3f} days   per {_UNITS[price.attribute]}"
            for price in found.prices[:12]
        ]
        lines.append(
            "  A price holds at the margin; where several capacities bind together, one alone may buy nothing."
        )
    else:
        lines.append("  No capacity binds: only shorter ways or earlier readiness help.")
    lines.append(f"  {found.seconds:.1f} s")
    return "\n".join(lines)


_UNITS = {
    "servers": "server",
    "assets": "asset",
    "trains_per_day": "train path a day",
    "vehicles_per_hour": "vehicle an hour",
    "sailings_per_day": "sailing a day",
    "serials_per_day": "serial a day",
}
