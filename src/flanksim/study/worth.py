"""What projects are worth before any of them is simulated: the days that stand at what they change.

The critical paths of all units of some runs of today's network say where soldiers lose their days: waiting for a line,
a berth or wagons, moving over a link, at work in a terminal, waiting for leave to cross a border. A project that
doubles a capacity takes half of the waiting there, one that raises a speed from 15 to 22 km/h a third of the running:

    days = sum over what changes of (days per soldier lost there) x (1 - old / new)

It is smooth and low in noise, and an estimate, not a simulation: queues behind the one that goes are not seen, nor ways
that a new line opens. The column `benefit` of ``projects.csv`` comes from it (docs/decisions/0012-whose-money.md);
`python -m flanksim.study.worth FILE` prints it anew.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flanksim.activities import Why
from flanksim.engine.simulate import simulate_plan
from flanksim.engine.streams import seeds
from flanksim.measure.critical import critical_path
from flanksim.movements import MovementLog
from flanksim.network.graph import link_attributes
from flanksim.planning.compile import compile_plan
from flanksim.scenario.effects import changed_rows
from flanksim.scenario.schema import Scenario

_WAITING = frozenset({"queue", "waiting loaded", "waiting empty", "full yard"})
_MOVING = frozenset({"travel", "moving loaded", "empty run"})
_WORK = frozenset({"loading", "unloading", "handling", "gauge change", "port exit"})
#: Part of rail traffic that is supply, of which a programme of depots or pipelines takes some away; assumed.
_SUPPLY = 0.2


@dataclass(slots=True)
class Lost:
    """Days per soldier that the critical paths lose, in the mean over runs.

    Attributes
    ----------
    waiting, moving, work
        By gate, facility or fleet.
    lift, absent
        Waiting for lift, by pool; the part of it in which that lift is not yet there.
    kinds
        By kind of cause.
    units
        Each unit's part of all troops (of all units where only vehicles move), and its mean day of closing.
    """

    waiting: dict[str, float] = field(default_factory=dict)
    moving: dict[str, float] = field(default_factory=dict)
    work: dict[str, float] = field(default_factory=dict)
    lift: dict[str, float] = field(default_factory=dict)
    absent: dict[str, float] = field(default_factory=dict)
    kinds: dict[Why, float] = field(default_factory=dict)
    units: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    """Rows of one table that change, the scenario without and with them, and what is lost without."""

    before: Scenario
    after: Scenario
    lost: Lost
    rows: Mapping[str, Any]


def days_lost(logs: Iterable[MovementLog]) -> Lost:
    """Where soldiers lose their days in these runs of one plan; units that never close are left out.

    Parameters
    ----------
    logs
        Runs of one plan.
    """
    found, runs = Lost(), list(logs)
    for log in runs:
        travelling = [n for n, unit in enumerate(log.plan.units) if not unit.in_place]
        troops = sum(log.plan.units[n].troops for n in travelling)
        for n in travelling:
            unit, closed = log.plan.units[n], log.closed_h[n]
            if not math.isfinite(closed):
                continue
            weight = (unit.troops / troops if troops else 1.0 / len(travelling)) / len(runs)
            part, day = found.units.get(unit.unit_id, (0.0, 0.0))
            found.units[unit.unit_id] = (part + weight, day + closed / 24.0 / len(runs))
            for piece in critical_path(log, n):
                days = piece.hours / 24.0 * weight
                at = piece.at.partition(":")[0] if ">" in piece.at else piece.at
                for words, by in ((_WAITING, found.waiting), (_MOVING, found.moving), (_WORK, found.work)):
                    if piece.what in words:
                        by[at] = by.get(at, 0.0) + days
                if piece.cause.kind == Why.LIFT:
                    found.lift[piece.cause.thing] = found.lift.get(piece.cause.thing, 0.0) + days
                    if piece.what == "not yet available":
                        found.absent[piece.cause.thing] = found.absent.get(piece.cause.thing, 0.0) + days
                found.kinds[piece.cause.kind] = found.kinds.get(piece.cause.kind, 0.0) + days
    return found


def worth(scenario: Scenario, lost: Lost, projects: Iterable[str]) -> float:
    """Days of mobility delay per soldier that these projects together may save on the network of the runs."""
    changes = changed_rows(scenario, dict.fromkeys(projects, 1.0))
    update: dict[str, Any] = {}
    for (table, key), row in changes.items():
        if table != "regime":
            update.setdefault(table, dict(getattr(scenario, table)))[key] = row
    after = scenario.model_copy(update=update)
    rules: dict[str, Callable[[_Case], Iterator[float]]] = {
        "fleets": _fleets,
        "links": _links,
        "facilities": _facilities,
        "parameters": _parameters,
        "permissions": _permissions,
        "units": _units,
    }
    total = 0.0
    for table, rule in rules.items():
        rows = {key: row for (where, key), row in changes.items() if where == table}
        if rows:
            total += math.fsum(rule(_Case(scenario, after, lost, rows)))
    if ("regime", "regime") in changes:
        total += _regime(scenario, lost, changes["regime", "regime"].permission)
    return total


def _part(old: float | None, new: float | None) -> float:
    """Part of what is lost at `old` that goes at `new`: one half if it doubles; nothing where it was not there."""
    return 0.0 if not old or not new or new <= old else 1.0 - old / new


def _fleets(case: _Case) -> Iterator[float]:
    before, lost, rows = case.before, case.lost, case.rows
    pools: dict[str, list[str]] = {}
    for key, fleet in before.fleets.items():
        pools.setdefault(fleet.pool or key, []).append(key)
    for pool, keys in pools.items():
        waits = lost.lift.get(pool, 0.0)
        counts = [sum(entry.fleets[key].count_typical for key in keys) for entry in (before, case.after)]
        yield waits * _part(*counts)
        for key in rows.keys() & set(keys):
            old, new = before.fleets[key], case.after.fleets[key]
            share = old.count_typical / counts[0] if counts[0] else 0.0
            yield lost.absent.get(pool, 0.0) * share * _part(new.available_typical_day, old.available_typical_day)


def _links(case: _Case) -> Iterator[float]:
    before, lost, rows = case.before, case.lost, case.rows
    for key, row in rows.items():
        yield lost.waiting.get(key, 0.0) * _part(before.links[key].capacity_typical, row.capacity_typical)
        speeds = [link_attributes(entry, key)["speed_kmh"] for entry in (before, case.after)]
        yield lost.moving.get(key, 0.0) * _part(*speeds)


def _facilities(case: _Case) -> Iterator[float]:
    before, lost, rows = case.before, case.lost, case.rows
    for key, row in rows.items():
        old = before.facilities[key]
        yield lost.waiting.get(key, 0.0) * _part(old.servers_typical, row.servers_typical)
        yield lost.work.get(key, 0.0) * _part(row.handling_typical_hours, old.handling_typical_hours)


def _parameters(case: _Case) -> Iterator[float]:
    before, lost, rows = case.before, case.lost, case.rows
    rail = sum(days for key, days in lost.waiting.items() if key in before.links and before.links[key].mode == "rail")
    for key, row in rows.items():
        old = before.parameters[key].typical
        if key.startswith("border_hours"):
            yield lost.kinds.get(Why.BORDER, 0.0) / 2.0 * _part(row.typical, old)
        elif key == f"civil_share_rail_{before.regime.traffic}":
            yield rail * _part(1.0 - old, 1.0 - row.typical)
        elif key == "sustainment_tonnes_per_soldier_day":
            yield rail * _SUPPLY * _part(row.typical, old)


def _permissions(case: _Case) -> Iterator[float]:
    before, lost, rows = case.before, case.lost, case.rows
    waits = lost.kinds.get(Why.PERMISSION, 0.0)
    for key, row in rows.items():
        yield waits / len(before.permissions) * _part(row.lead_typical_days, before.permissions[key].lead_typical_days)


def _regime(before: Scenario, lost: Lost, permission: str) -> float:
    if permission == "none":
        return lost.kinds.get(Why.PERMISSION, 0.0)
    today = before.optional("permission_days_today") if "permission_days_today" in before.parameters else 0.0
    return lost.kinds.get(Why.PERMISSION, 0.0) * _part(
        before.parameters[f"permission_days_{permission}"].typical, today
    )


def _units(case: _Case) -> Iterator[float]:
    """A unit that draws a set closes like those that draw one today; readiness counts for half: queues eat the rest."""
    before, lost, rows = case.before, case.lost, case.rows
    drawing = sorted(lost.units[key][1] for key, unit in before.units.items() if unit.stock_node and key in lost.units)
    for key, row in rows.items():
        part, day = lost.units.get(key, (0.0, 0.0))
        if row.stock_node != before.units[key].stock_node and drawing:
            yield part * max(0.0, day - drawing[len(drawing) // 2])
        yield part * max(0.0, before.units[key].ready_day - row.ready_day) / 2.0


def main(path: str, runs: int = 3) -> None:
    """Print id and days of every project of a scenario, as CSV."""
    from flanksim.scenario.reading import load

    scenario = load(path)
    plan = compile_plan(scenario)
    lost = days_lost(simulate_plan(plan, seed) for seed in seeds(scenario.seed, runs))
    sys.stdout.write("project_id,benefit\n")
    for key, row in scenario.projects.items():
        days = 0.0 if row.not_modelled else worth(scenario, lost, [key])
        sys.stdout.write(f"{key},{days:.3g}\n")


if __name__ == "__main__":
    main(sys.argv[1])
