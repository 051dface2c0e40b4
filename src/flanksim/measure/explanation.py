"""Why the force, or one unit, is closed so late: what single runs say, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flanksim.activities import Cause
from flanksim.measure.closure import LAST, plan_key
from flanksim.measure.critical import Piece
from flanksim.measure.replications import MADE_ANEW
from flanksim.measure.statistics import Interval, Spread
from flanksim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class PathOf:
    """Critical path of one group: the unit that completes it, its closure, and hours by cause, largest first."""

    unit: str
    hours: float
    causes: dict[Cause, float]


@dataclass(frozen=True, slots=True)
class Errors:
    """Largest gap or overlap, in hours, of what must sum exactly: serials' lives, critical paths, assets' time."""

    ledger: float
    critical_path: float
    fleets: float

    def larger(self, other: Errors) -> Errors:
        """The larger of two, each by itself."""
        return Errors(
            max(self.ledger, other.ledger),
            max(self.critical_path, other.critical_path),
            max(self.fleets, other.fleets),
        )


@dataclass(frozen=True, slots=True)
class ReplayedRun:
    """What one replication says.

    Attributes
    ----------
    closure_hours
        Closure of the force, or of the unit asked for; nan if not by the horizon.
    pieces
        Its critical path: the life of the serial with which it was complete.
    waited_hours
        Hours of what it waited for, and what that had waited for, by cause.
    lift_hours
        Waiting for lift on the critical path, by `flanksim.measure.critical.by_use`.
    ledger_hours, lateness_hours
        Serial-hours by cause, all and those after the deadline.
    ledger_lift_hours
        Serial-hours of waiting for lift by cause and what the asset that came in the end was doing.
    groups
        Critical path of each regional plan and of the unit closed last, by the keys of `flanksim.measure.closure`, as
        far as they were closed.
    fleet_hours
        Asset-hours of each pool by `flanksim.activities.Use`, until the force was closed.
    """

    seed: int
    closure_hours: float
    unit: str
    pieces: tuple[Piece, ...]
    waited_hours: dict[Cause, float]
    lift_hours: dict[tuple[Cause, str, str], float]
    ledger_hours: dict[Cause, float]
    lateness_hours: dict[Cause, float]
    ledger_lift_hours: dict[tuple[Cause, str], float]
    groups: dict[str, PathOf]
    fleet_hours: dict[str, tuple[float, ...]]
    errors: Errors
    digest: str


@dataclass(frozen=True, slots=True)
class Part:
    """One contributor, with its mean over the replications and 95 % interval."""

    element: str
    cause: Cause
    hours: Interval


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Waiting for one pool of lift, as far as the asset that came in the end was doing one thing meanwhile.

    Attributes
    ----------
    cause
        ``lift`` and the pool, as on the path.
    doing
        In the words of the fleet ledger: ``moving loaded``, ``waiting empty``...
    at
        Where, while it stood in line; empty otherwise.
    """

    cause: Cause
    doing: str
    at: str
    hours: Interval


@dataclass(frozen=True, slots=True)
class Trial:
    """A step more of something, a project or a lever: its share of the critical path, and the days that it saves.

    ``plan`` says where the plan of the runs with it comes from (`flanksim.measure.replications.Origin`), ``kind``
    whether it is a ``step``, a ``project`` or a ``lever``, and ``key`` the id of the latter two.
    """

    change: str
    path_share: float
    days_saved: Interval
    plan: str = MADE_ANEW
    kind: str = "step"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A regional plan, or the unit closed last (``last``), over the replications that closed it.

    Attributes
    ----------
    key
        As in `flanksim.measure.closure`: it tells a plan that is called "last" from the last unit.
    units
        Units that completed it, and in how many replications; most often first.
    causes
        Parts of its critical path, largest first.
    when
        Closure day over the runs of the folder.
    """

    name: str
    units: tuple[tuple[str, int], ...]
    closed: int
    hours: Interval
    causes: tuple[Part, ...]
    key: str
    when: Spread


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the assets of one pool did until the force was closed, each number by `flanksim.activities.Use`.

    Attributes
    ----------
    shares
        Of all asset-hours; the means sum to 1.
    there
        Means of the shares of the hours in which assets were there.
    in_use
        Share of the hours in which assets were there that they spent on a task.
    """

    pool: str
    kind: str
    assets: int
    shares: tuple[Interval, ...]
    there: tuple[float, ...]
    in_use: Interval


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What an explanation has found that is told again on a page; ``explain.json`` gives it back.

    Attributes
    ----------
    unit
        The unit that is explained; None for the force.
    runs_replayed
        Runs of which all but the closures are.
    ledger, lateness
        Serial-hours by cause: all, and those after the deadline.
    groups
        The regional plans and the last unit; none where one unit is explained.
    tries
        Single steps more, projects and levers, each alone, and what they save.
    """

    unit: str | None
    runs_replayed: int
    ledger: tuple[Part, ...]
    lateness: tuple[Part, ...]
    groups: tuple[Group, ...]
    tries: tuple[Trial, ...]

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Findings:
        """Findings from what `flanksim.text.explanation.as_json` has made of them."""
        return Findings(
            unit=None if found["unit"] is None else str(found["unit"]),
            runs_replayed=int(found["replications"]),
            ledger=_parts(found["ledger"]),
            lateness=_parts(found["lateness"]),
            groups=tuple(
                Group(
                    str(group["group"]),
                    tuple((str(unit), int(times)) for unit, times in group["units"].items()),
                    int(group["closed"]),
                    Interval(float(group["closure_hours"]), math.nan, math.nan),
                    tuple(Part("", Cause.of(e["cause"]), _interval(e["interval"])) for e in group["causes"]),
                    plan_key(group["group"]) if group["kind"] == "regional plan" else LAST,
                    Spread.of_json(group, "closure_day", int(found["runs"])),
                )
                for group in found["groups"]
            ),
            tries=tuple(
                Trial(
                    str(e["change"]),
                    float(e["path_share"]),
                    _interval(e["days_saved"]),
                    str(e.get("plan", MADE_ANEW)),
                    str(e.get("kind", "step")),
                    str(e.get("key", "")),
                )
                for e in found["try"]
            ),
        )


def _parts(entries: list[dict[str, Any]]) -> tuple[Part, ...]:
    return tuple(Part("", Cause.of(entry["cause"]), _interval(entry["interval"])) for entry in entries)


def _interval(found: Mapping[str, float | None]) -> Interval:
    mean, low, high = (found[name] for name in ("mean", "low", "high"))
    return Interval(*(math.nan if value is None else float(value) for value in (mean, low, high)))


@dataclass(frozen=True, kw_only=True)
class Explanation(Findings):
    """Why the force, or one unit, is closed so late.

    What `flanksim run` has answered is told again from all runs of the folder (`days`, `paths`, `last_units`); the
    rest is of the runs that were replayed.

    Attributes
    ----------
    days
        Closure day in each run of the folder, of the force or of the unit; nan where it never came.
    paths
        Hours of the critical path by cause in each run that closed. Of one unit: in those that were replayed.
    last_units
        The unit that completed the force in each run; "" where none did.
    closure_hours
        Mean over the replications that closed; the parts of `path` sum to it, and those of `waited`.
    path
        The unit's own critical path, by element and cause.
    waited
        What it waited for, and what that had waited for, by cause: mostly other units' movements.
    lift, ledger_lift
        Waits for lift by what the asset that came was doing: on the path, and of all serials.
    fleets
        Busiest first; a window of no length has none.
    errors
        Largest gaps in what must sum exactly, over all replications.
    """

    scenario: Scenario
    days: tuple[float, ...]
    paths: tuple[dict[Cause, float], ...]
    last_units: tuple[str, ...]
    replayed: tuple[ReplayedRun, ...]
    unclosed: int
    closure_hours: Interval
    path: tuple[Part, ...]
    waited: tuple[Part, ...]
    lift: tuple[Meanwhile, ...]
    ledger_lift: tuple[Meanwhile, ...]
    fleets: tuple[Fleet, ...]
    errors: Errors
