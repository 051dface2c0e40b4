"""Which itinerary each lot takes: `shortest`, or `spread` over several by expected queues.

The estimate is deliberately simple. Every resource has a work content that grows with each lot
assigned to it; a lot that comes to resource r waits at least until ``first arrival at r + work so
far / servers``. The expected end of a lot on an itinerary is the longest path through these waits,

    end = max(release + total, max over r of (free[r] + time from r to the end)),

and the itinerary with the earliest end wins; ties go to the one listed first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from flanksim.planning.plan import DISCHARGE, DROP, PAUSE, SERVE, TAKE, TRAVEL, WAIT
from flanksim.planning.program import Builder


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one lot on one itinerary asks of which resource, and when after its release."""

    resource: NDArray[np.int64]
    offset: NDArray[np.float64]
    work: NDArray[np.float64]
    total: float


@dataclass(slots=True)
class Backlog:
    """Work assigned so far to gates, servers and pools."""

    builder: Builder
    _ready: list[float] = field(default_factory=list)
    _number: dict[tuple[str, int], int] = field(default_factory=dict)
    _servers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    first: NDArray[np.float64] = field(default_factory=lambda: np.full(0, np.inf))
    work: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def resource(self, kind: str, number: int) -> int:
        """Number of a resource in the backlog."""
        key = (kind, number)
        if key not in self._number:
            resources = self.builder.resources
            if kind == "gate":
                servers, ready = 1.0, math.inf
            elif kind == "server":
                servers, ready = resources.servers[number].servers, math.inf
            else:
                assets = resources.pools[number].assets
                servers = max(1e-9, sum(asset.activation for asset in assets))
                ready = sum(asset.available_h for asset in assets) / max(1, len(assets))
                ready = ready if ready > 0 else math.inf
            self._number[key] = len(self._servers)
            self._servers = np.append(self._servers, servers)
            self.first = np.append(self.first, ready)
            self._ready.append(ready if math.isfinite(ready) else 0.0)
            self.work = np.append(self.work, 0.0)
        return self._number[key]

    def footprint(self, programs: list[int], quantity: float) -> Footprint:
        """Footprint of a lot that runs `programs` one after the other."""
        resources: list[int] = []
        offsets: list[float] = []
        work: list[float] = []
        clock = 0.0
        for number in programs:
            clock = self._trace(number, quantity, clock, resources, offsets, work)
        return Footprint(np.array(resources, dtype=np.int64), np.array(offsets), np.array(work), clock)

    def _trace(
        self,
        number: int,
        quantity: float,
        clock: float,
        resources: list[int],
        offsets: list[float],
        work: list[float],
    ) -> float:
        program = self.builder.programs[number]
        distributions = self.builder.resources.distributions
        typical = [distributions[slot.distribution].typical for slot in program.slots]
        held: list[tuple[int, int, float]] = []
        for step in program.steps:
            op = step[0]
            if op == TRAVEL:
                hours = step[4] * typical[int(step[5])]
                if step[3] > 0 and step[1] >= 0:
                    resources.append(self.resource("gate", int(step[1])))
                    offsets.append(clock)
                    work.append(float(step[3]))
                clock += hours + step[6]
            elif op == SERVE:
                hours = typical[int(step[3])] * step[4]
                self._serve(int(step[1]), hours, clock, resources, offsets, work)
                clock += hours
            elif op == DISCHARGE:
                hours = typical[int(step[2])] * step[3] * quantity
                self._serve(int(step[1]), hours, clock, resources, offsets, work)
                clock += hours
            elif op == TAKE:
                held.append((self.resource("pool", int(step[1])), int(step[2]), clock))
            elif op == DROP:
                pool, groups, since = held.pop(0)
                cycle = (clock - since) + self._length(int(step[1]))
                resources.append(pool)
                offsets.append(since)
                work.append(cycle * groups)
            elif op == WAIT:
                clock += float(step[2])
            elif op == PAUSE:
                clock += typical[int(step[2])]
        return clock

    def _serve(
        self,
        server: int,
        hours: float,
        clock: float,
        resources: list[int],
        offsets: list[float],
        work: list[float],
    ) -> None:
        if server >= 0 and math.isfinite(self.builder.resources.servers[server].servers):
            resources.append(self.resource("server", server))
            offsets.append(clock)
            work.append(hours)

    def _length(self, program: int) -> float:
        if program < 0:
            return 0.0
        entry = self.builder.programs[program]
        distributions = self.builder.resources.distributions
        return sum(
            float(step[4]) * distributions[entry.slots[int(step[5])].distribution].typical
            for step in entry.steps
            if step[0] == TRAVEL
        )

    def servers(self, resource: int) -> float:
        """Servers (or assets that turn up) of a resource."""
        return float(self._servers[resource])

    def ready(self, resource: int) -> float:
        """Mean hour at which a pool's assets are there; 0 for what is there from the start."""
        return self._ready[resource]

    def expected_end(self, footprint: Footprint, release: float) -> float:
        """Hour at which a lot released at `release` should be there."""
        end = release + float(footprint.total)
        if len(footprint.resource) == 0:
            return end
        servers: NDArray[np.float64] = self._servers[footprint.resource]
        first = self.first[footprint.resource]
        free = np.where(np.isfinite(first), first + self.work[footprint.resource] / servers, 0.0)
        return max(end, float((free + (footprint.total - footprint.offset)).max()))

    def commit(self, footprint: Footprint, release: float, share: float = 1.0) -> None:
        """Put a lot's work on the resources; `share` of the work where a ship is shared."""
        np.minimum.at(self.first, footprint.resource, footprint.offset + release)
        np.add.at(self.work, footprint.resource, footprint.work * share)
