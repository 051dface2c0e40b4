"""Which of its ways a serial takes when it starts, from the work that those before it still have to do.

Each gate, server and pool has an account of hours: the work there of all serials that have started and are not through,
entered at the start and taken out at the end. A serial expects to wait longest at one of them, for what its account
holds per server, less the time it takes to get there; or until what is shut now opens again, or its lift is there at
all. It keeps the way of its plan unless another, for which it has leave, ends sooner by more than a margin.

Whoever is absent does not count, and a full yard shows in the account of what empties it. Nothing that comes later is
known: neither an outage nor who will start next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flanksim.engine.resources import ULP_H, Gate, Servers
from flanksim.planning.plan import Plan, Serial, leave_hour


class Choosing:
    """Accounts of one replication, and the choice by them.

    Parameters
    ----------
    plan
        Its ways, their work and its margin.
    gates, servers
        What may be shut.
    absent
        Of each pool the assets that do not turn up.
    """

    def __init__(
        self, plan: Plan, gates: Sequence[Gate], servers: Sequence[Servers], absent: Sequence[Sequence[int]]
    ) -> None:
        self.plan = plan
        self.calendars = [entry.calendar for entry in gates] + [entry.calendar for entry in servers]
        self.calendars += [None] * len(plan.pools)
        #: Of each gate, server and pool: how many work at once, from which hour on, and hours of work pending.
        self.at_once = [1.0] * len(gates) + [entry.servers for entry in plan.servers]
        self.from_h = [0.0] * len(self.at_once)
        for pool, missing in zip(plan.pools, absent, strict=True):
            hours = [asset.available_h for number, asset in enumerate(pool.assets) if number not in missing]
            self.at_once.append(float(len(hours)))
            self.from_h.append(min(hours, default=math.inf))
        self.pending_h = [0.0] * len(self.at_once)

    def enter(self, program: int, sign: float) -> None:
        """Enter the work of a serial with a program (sign 1), or take it out (-1)."""
        work, pending = self.plan.work[program], self.pending_h
        for thing, hours in zip(work.thing, work.work_h, strict=True):
            pending[thing] += sign * hours

    def program(self, serial: Serial, now: float, permit_h: Sequence[float]) -> int:
        """Number of the program that a serial takes at an hour, with the hours of all permits."""
        best = serial.program
        least = self._hours(best, now) - self.plan.way_margin_h
        for number in serial.ways:
            way = self.plan.ways[number]
            if leave_hour(way, permit_h) <= now + ULP_H:
                hours = self._hours(way.program, now)
                if hours < least - ULP_H:
                    best, least = way.program, hours
        return best

    def _hours(self, program: int, now: float) -> float:
        """Hours to the end of a program that starts now."""
        work, longest = self.plan.work[program], 0.0
        for thing, reached_h in zip(work.thing, work.reached_h, strict=True):
            if self.at_once[thing] <= 0:
                return math.inf
            calendar = self.calendars[thing]
            opens = self.from_h[thing] if calendar is None else calendar.next_open(now)
            wait = max(self.pending_h[thing] / self.at_once[thing], opens - now) - reached_h
            longest = max(longest, wait)
        return longest + work.total_h
