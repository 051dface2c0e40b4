"""What the ladder of bounds has found: its rungs, what sets them, and what one more takes off them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

#: What the numbers beside a capacity are, for readers of the JSON.
_WHAT_PRICES_ARE = (
    "Days by which the bound falls with one more of this capacity alone, solved again with it; only what takes half a "
    "day or more off the bound is listed. A day off the bound is not a day off the arrival."
)


@dataclass(frozen=True, slots=True)
class Gain:
    """Days by which the bound falls with one more of one capacity, the next limit considered.

    Attributes
    ----------
    element, kind, attribute, capacity
        As in `flanksim.bounds.volume.Price`.
    one_more, step
        What is added, in words, and how much of the attribute that is.
    days
        By which the bound falls with it.
    """

    element: str
    kind: str
    attribute: str
    capacity: float
    one_more: str
    step: float
    days: float


@dataclass(frozen=True, slots=True)
class Bridge:
    """One limit: the link, its class now, the class that a load needs, and days by which the bound falls with it."""

    element: str
    max_mlc: float
    needed_mlc: float
    days: float


@dataclass(frozen=True, slots=True)
class Bridges:
    """The bound with every limit lifted, and single limits where that is earlier."""

    all_lifted_day: float
    days: float
    single: tuple[Bridge, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Bounds of the units of one regional plan or tier, as if they alone moved; days.

    `kind` tells a plan that somebody called "tier 1" from the first tier.
    """

    name: str
    troops: int
    free_flow: float
    volume: float
    kind: Literal["plan", "tier"] = "plan"
    whole_ships: float | None = None

    @property
    def best(self) -> float:
        """The highest rung."""
        return max(self.free_flow, self.volume, -math.inf if self.whole_ships is None else self.whole_ships)


@dataclass(frozen=True, slots=True)
class Relief:
    """What the volume bound would be if this element, and all before it, had twice the capacity."""

    element: str
    attribute: str
    capacity: float
    volume: float


@dataclass(frozen=True)
class Ladder:
    """Days before which no schedule closes the force.

    Attributes
    ----------
    bounds
        Closure day by name of bound: ``free_flow``, ``volume``, ``whole_ships`` (None if nothing must cross the sea)
        and ``time_expanded`` (None if not asked for).
    planned_free_flow
        Free flow on the routes of the plan alone, with their rests: valid for that plan's serials only; nan without
        groups.
    binding
        Name of the highest bound, and the element, fleet or unit that sets it.
    prices
        What one more of a capacity takes off the highest bound, if that is half a day or more.
    untried
        Capacities that may be worth as much, but with which the bound was not solved again.
    units
        Free flow of each unit alone, by id: the day before which it is not closed whatever happens to the others.
    groups
        Bounds of each regional plan and of tier 1, each as if it alone moved.
    reliefs
        What binds next, once what binds now is doubled: prices alone show one bottleneck of a series (V28).
    bridges
        What stronger roads and bridges would do to the volume bound; None if not asked for.
    together
        All that sets the highest bound, the element of `binding` first: the units closed last in free flow, or whatever
        is used to the full.
    """

    scenario: str
    bounds: dict[str, float | None]
    planned_free_flow: float
    binding: tuple[str, str]
    prices: tuple[Gain, ...]
    groups: tuple[Group, ...]
    seconds: float
    seed: int | None = None
    reliefs: tuple[Relief, ...] = ()
    bridges: Bridges | None = None
    together: tuple[str, ...] = ()
    untried: int = 0
    units: Mapping[str, float] = field(default_factory=dict)

    @property
    def day(self) -> float:
        """The highest rung: no schedule closes the force earlier."""
        return max(value for value in self.bounds.values() if value is not None)

    def as_json(self) -> dict[str, Any]:
        """For machines; a bound that no schedule at all can meet is null."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "bounds": {name: _number(value) for name, value in self.bounds.items()},
            "planned_free_flow": _number(self.planned_free_flow),
            "binding": {"bound": self.binding[0], "element": self.binding[1], "elements": list(self.together)},
            "groups": [
                {
                    "name": g.name,
                    "kind": g.kind,
                    "troops": g.troops,
                    "free_flow": _number(g.free_flow),
                    "volume": _number(g.volume),
                    "whole_ships": _number(g.whole_ships),
                }
                for g in self.groups
            ],
            "prices_are": _WHAT_PRICES_ARE,
            "prices": [
                {
                    "element": gain.element,
                    "kind": gain.kind,
                    "attribute": gain.attribute,
                    "capacity": gain.capacity,
                    "one_more": gain.one_more,
                    "step": gain.step,
                    "days": gain.days,
                    "days_per_unit": gain.days / gain.step,
                }
                for gain in self.prices
            ],
            "prices_untried": self.untried,
            "reliefs": [
                {
                    "element": relief.element,
                    "attribute": relief.attribute,
                    "capacity": relief.capacity,
                    "volume": _number(relief.volume),
                }
                for relief in self.reliefs
            ],
            "bridges": None
            if self.bridges is None
            else {
                "all_lifted_day": _number(self.bridges.all_lifted_day),
                "days": self.bridges.days,
                "single": [
                    {
                        "element": entry.element,
                        "max_mlc": entry.max_mlc,
                        "needed_mlc": entry.needed_mlc,
                        "days": entry.days,
                    }
                    for entry in self.bridges.single
                ],
            },
            "units_free_flow": {name: _number(value) for name, value in self.units.items()},
            "seconds": self.seconds,
        }

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Ladder:
        """A ladder without bridges and reliefs from what `as_json` has made of it."""
        rungs = found["bounds"]
        return cls(
            scenario=str(found["scenario"]),
            bounds={
                "free_flow": _day(rungs["free_flow"]),
                "volume": _day(rungs["volume"]),
                **{name: _maybe(rungs.get(name)) for name in ("whole_ships", "time_expanded")},
            },
            planned_free_flow=_day(found["planned_free_flow"]),
            binding=(str(found["binding"]["bound"]), str(found["binding"]["element"])),
            prices=tuple(
                Gain(**{part.name: _TYPES[str(part.type)](gain[part.name]) for part in fields(Gain)})
                for gain in found["prices"]
            ),
            groups=tuple(
                Group(
                    str(g["name"]),
                    int(g["troops"]),
                    _day(g["free_flow"]),
                    _day(g["volume"]),
                    g["kind"],
                    _maybe(g.get("whole_ships")),
                )
                for g in found["groups"]
            ),
            seconds=float(found["seconds"]),
            seed=None if found["seed"] is None else int(found["seed"]),
            together=tuple(map(str, found["binding"]["elements"])),
            untried=int(found["prices_untried"]),
            units={str(name): _day(value) for name, value in found["units_free_flow"].items()},
        )


_TYPES: dict[str, Callable[[Any], Any]] = {"str": str, "float": float}


def _day(value: float | None) -> float:
    return math.inf if value is None else float(value)


def _maybe(value: float | None) -> float | None:
    return None if value is None else float(value)


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def none(untried: int) -> str:
    """What is said where nothing reaches half a day, of all that were tried."""
    if untried:
        return f"None of the capacities that were tried takes half a day off this bound; {untried} more may"
    return "One more of anything: no single capacity is worth half a day to this bound"
