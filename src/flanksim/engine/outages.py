"""Outages of a replication, drawn ahead, the calendars of what they shut, and lift that stays away by plan."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from flanksim.activities import Kind
from flanksim.engine.resources import Calendar
from flanksim.engine.streams import uniforms
from flanksim.planning.plan import Plan, Pool, Windows

#: start, end, number of the movement that stands for it
Outage = tuple[float, float, int]


def drawn_outages(
    plan: Plan, seed: int, row: Callable[..., int]
) -> tuple[dict[int, list[Outage]], dict[int, list[Outage]]]:
    """Outages by gate and by server; each is a movement, so that it can be blamed.

    Parameters
    ----------
    row
        Makes a row of the movement table and gives its number.
    """
    gates: dict[int, list[Outage]] = {}
    servers: dict[int, list[Outage]] = {}
    if not plan.chance:
        return gates, servers
    for number, group in enumerate(plan.outages):
        if group.rate_per_hour <= 0:
            continue
        most = 20 + int(3 * group.rate_per_hour * plan.horizon_h)
        gaps = -np.log1p(-uniforms(seed, "outage", group.name, "gap", most)) / group.rate_per_hour
        repairs = group.repair.quantile(uniforms(seed, "outage", group.name, "repair", most))
        for start, hours in zip(np.cumsum(gaps).tolist(), repairs.tolist(), strict=True):
            if start >= plan.horizon_h:
                break
            end = start + hours
            movement = row(-1, int(Kind.OUTAGE), number, -1, -1, start, start, end, end)
            for gate in group.gates:
                gates.setdefault(gate, []).append((start, end, movement))
            for server in group.servers:
                servers.setdefault(server, []).append((start, end, movement))
    return gates, servers


def calendar_of(planned: Windows, outages: list[Outage] | None) -> Calendar | None:
    """When something is shut, by plan and by outages; None if never."""
    return Calendar(planned, outages) if planned or outages else None


def absences(pool: Pool, missing: Collection[int]) -> list[tuple[tuple[float, float], list[int]]]:
    """Windows in which assets of a pool stay away, in order, each with those that turn up at all."""
    found: dict[tuple[float, float], list[int]] = {}
    for number, asset in enumerate(pool.assets):
        for window in asset.away if number not in missing else ():
            found.setdefault(window, []).append(number)
    return sorted(found.items())
