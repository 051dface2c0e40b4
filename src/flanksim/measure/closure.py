"""When is the force closed: overall, by regional plan and by tier; who completes it, and who is late.

A group of units has a key: `ALL`, `TIER_1`, or that of a regional plan, which begins with ``plan``. So no name that a
user gives a plan can be taken for the whole force or the first tier.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from flanksim.planning.plan import Plan
from flanksim.scenario.arguments import one_of
from flanksim.scenario.schema import Scenario
from flanksim.units import closure_day, deadline_hour, horizon_hour, in_time

#: Keys of the whole force, of the units of tier 1, and of the unit that is closed last of all.
ALL, TIER_1, LAST = "all", "tier 1", "last"
_PLAN = "plan "


class Member(Protocol):
    """A unit as far as closing counts it: of a plan or of a scenario."""

    @property
    def troops(self) -> int:
        """Its troops."""

    @property
    def nation(self) -> str:
        """Whose it is; "" where nobody says."""

    @property
    def regional_plan(self) -> str:
        """Name of its regional plan; "" without one."""

    @property
    def tier(self) -> int:
        """1 for the units that must be there first."""

    @property
    def in_place(self) -> bool:
        """Whether it stands where it is wanted from the first."""


class Force(Protocol):
    """Who is to be closed, and by when: a `Plan`, or what `force_of` takes from a scenario that is not planned."""

    @property
    def units(self) -> Sequence[Member]:
        """In the order of ``closed_h`` of a replication."""

    @property
    def troops_required(self) -> int:
        """Troops that must be closed."""

    @property
    def deadline_h(self) -> float:
        """Hour by which they are to be, since C-day 00:00."""

    @property
    def tier_1_deadline_h(self) -> float:
        """The same of tier 1."""

    @property
    def horizon_h(self) -> float:
        """Hour at which a run stops."""

    @property
    def chance(self) -> bool:
        """Whether runs differ by chance."""


@dataclass(frozen=True, slots=True)
class AskedForce:
    """The force that a scenario asks for, see `Force`."""

    units: tuple[Member, ...]
    troops_required: int
    deadline_h: float
    tier_1_deadline_h: float
    horizon_h: float
    chance: bool


def force_of(scenario: Scenario) -> AskedForce:
    """Who is to be closed, and by when, of a scenario."""
    question = scenario.question
    return AskedForce(
        tuple(scenario.ordered_units.values()),
        scenario.troops_required,
        deadline_hour(question.deadline_days),
        deadline_hour(question.tier_1_deadline_days),
        horizon_hour(question.horizon_days),
        scenario.mechanisms.chance,
    )


def plan_key(name: str) -> str:
    """Key of a regional plan; "" stands for the units without one.

    Examples
    --------
    >>> plan_key("all")
    'plan all'
    """
    return _PLAN + name


def plan_name(key: str) -> str | None:
    """Name of the regional plan that a key stands for; None if it is no plan's."""
    return key.removeprefix(_PLAN) if key.startswith(_PLAN) else None


def group_key(group: str, known: Iterable[str]) -> str:
    """Key of a group of a run or study; the name of a regional plan will do where it is no key itself.

    Raises
    ------
    FlanksimError
        E129 if there is no such group.
    """
    keys = list(known)
    if group not in keys and plan_key(str(group)) in keys:
        return plan_key(group)
    return one_of("group", group, keys, "E129", short=filter(None, map(plan_name, keys)))


def label(key: str) -> str:
    """A group in words: ``overall``, ``tier 1``, ``last unit``, or the name of the regional plan."""
    name = plan_name(key)
    if name is None:
        return {ALL: "overall", LAST: "last unit"}.get(key, key)
    return name or "without a plan"


@dataclass(frozen=True, slots=True)
class Closure:
    """Closure of one group of units in one replication.

    Attributes
    ----------
    troops
        Troops that must be closed; 0 where only vehicles move, which then means every unit.
    hour
        Hour at which closed units first held that many troops; nan if not by the horizon.
    on_time_share
        Share of the troops that belonged to closed units at the deadline.
    """

    troops: int
    hour: float
    on_time_share: float

    @property
    def day(self) -> float:
        """Closure day on the scale of C-day labels; nan if not closed."""
        return closure_day(self.hour)


def close(units: Iterable[tuple[Member, float]], troops: int, deadline_h: float) -> Closure:
    """Closure of units that hold `troops` between them.

    Parameters
    ----------
    units
        Each unit with the hour at which it was closed (nan if it was not).
    """
    pairs = list(units)
    members = sorted(((hour, unit.troops) for unit, hour in pairs if not math.isnan(hour)), key=lambda item: item[0])
    if troops == 0:  # only vehicles move: closed when every unit is
        when = members[-1][0] if pairs and len(members) == len(pairs) else math.nan
        return Closure(0, when, sum(in_time(hour, deadline_h) for hour, _ in members) / max(1, len(pairs)))
    total, when, punctual = 0, math.nan, 0
    for hour, number in members:
        total += number
        if in_time(hour, deadline_h):
            punctual += number
        if total >= troops and math.isnan(when):
            when = hour
    return Closure(troops, when, min(1.0, punctual / troops))


@dataclass(frozen=True, slots=True)
class Group:
    """Units that are counted together.

    Attributes
    ----------
    units
        Their numbers.
    troops
        Troops that must be closed.
    deadline_h
        The hour by which they are to be.
    """

    units: tuple[int, ...]
    troops: int
    deadline_h: float


def groups(force: Force) -> dict[str, Group]:
    """Groups by key: the whole force, each regional plan, and tier 1 where there are units of another.

    Overall the required troops are the scenario's; of the others those of all their units that travel. A plan whose
    units are all in place is no group; nor are units without a plan where there are no others.
    """
    found = {ALL: Group(tuple(range(len(force.units))), force.troops_required, force.deadline_h)}
    names = sorted({unit.regional_plan for unit in force.units})
    for name in names if names != [""] else []:
        members = [n for n, unit in enumerate(force.units) if unit.regional_plan == name and not unit.in_place]
        if members:
            found[plan_key(name)] = _group(force, members, force.deadline_h)
    first = [n for n, unit in enumerate(force.units) if unit.tier == 1 and not unit.in_place]
    if first and len(first) < len(force.units):
        found[TIER_1] = _group(force, first, force.tier_1_deadline_h)
    return found


def _group(force: Force, members: Sequence[int], deadline_h: float) -> Group:
    return Group(tuple(members), sum(force.units[number].troops for number in members), deadline_h)


def closures(force: Force, closed_h: tuple[float, ...]) -> dict[str, Closure]:
    """Closure of each of the `groups` by key, each by its own deadline."""
    return {
        key: close([(force.units[n], closed_h[n]) for n in group.units], group.troops, group.deadline_h)
        for key, group in groups(force).items()
    }


def share_closed(force: Force, closed_h: Sequence[float], group: Group, hour: float) -> float:
    """Share of a group's troops that is in closed units at that hour."""
    return close([(force.units[n], closed_h[n]) for n in group.units], group.troops, hour).on_time_share


def completed_by(plan: Plan, closed_h: Sequence[float]) -> dict[str, int]:
    """The unit with which each group is complete, and the `LAST` of all; without those that never were."""
    found = {}
    for key, group in groups(plan).items():
        order = sorted((closed_h[n], n) for n in group.units if not math.isnan(closed_h[n]))
        if group.troops == 0:  # only vehicles move: complete with the last of all its units
            if order and len(order) == len(group.units):
                found[key] = order[-1][1]
            continue
        total = 0
        for _, number in order:
            total += plan.units[number].troops
            if total >= group.troops:
                found[key] = number
                break
    if closed_h and not any(math.isnan(hour) for hour in closed_h):
        found[LAST] = max(range(len(closed_h)), key=lambda number: (closed_h[number], number))
    return found


def late_hours(plan: Plan, closed_h: Sequence[float]) -> dict[int, float]:
    """Hours after the deadline of the question by unit that travels and is late.

    One that was never closed is late to the horizon at least: it is counted, not left out.
    """
    ends = (plan.horizon_h if math.isnan(hour) else hour for hour in closed_h)
    pairs = enumerate(zip(plan.units, ends, strict=True))
    return {
        n: end - plan.deadline_h for n, (unit, end) in pairs if not unit.in_place and not in_time(end, plan.deadline_h)
    }


def profile(force: Force, closed_h: tuple[float, ...], days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Troops in closed units at each closure day of `days`."""
    hours = np.array(closed_h)
    troops = np.array([unit.troops for unit in force.units], dtype=float)
    known = ~np.isnan(hours)
    order = np.argsort(hours[known], kind="stable")
    at = hours[known][order] / 24.0 - 1.0
    total = np.concatenate([[0.0], np.cumsum(troops[known][order])])
    return np.asarray(total[np.searchsorted(at, days, side="right")])
