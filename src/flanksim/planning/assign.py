"""Which itinerary each lot takes: `shortest`, or `spread` over several by expected queues.

The estimate is deliberately simple. Every resource has a work content that grows with each lot
assigned to it; a lot that comes to resource r waits at least until ``first arrival at r + work so
far / servers``. The expected end of a lot on an itinerary is the longest path through these waits,

    end = max(release + total, max over r of (free[r] + time from r to the end)),

and the itinerary with the earliest end wins; ties go to the one listed first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from flanksim.planning.driving import Crew
from flanksim.planning.plan import Windows
from flanksim.planning.program import Builder
from flanksim.planning.steps import Discharge, Drop, Pause, Serve, Take, Travel


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one lot on one itinerary asks of which resource, and when after its release.

    Attributes
    ----------
    resource, offset, work
        Numbers in the backlog, hours after the release at which the lot comes there, and hours of work.
    lasts
        Hours over which that work goes on: shorter than the work where several assets or servers work at once.
    total
        Hours from release to arrival if nothing has to be waited for.
    shut
        Things on the way that are shut for a time: hours after the release at which the lot comes there, and when.
    """

    resource: NDArray[np.int64]
    offset: NDArray[np.float64]
    work: NDArray[np.float64]
    lasts: NDArray[np.float64]
    total: float
    shut: tuple[tuple[float, Windows], ...] = ()

    def waits(self, release: float) -> float:
        """Hours that a lot released at `release` waits for whatever is shut by plan when it comes there."""
        waited = 0.0
        for offset, windows in self.shut:
            hour = release + offset + waited
            waited += next((end - hour for start, end in windows if start <= hour < end), 0.0)
        return waited


@dataclass(slots=True)
class _Trace:
    """A footprint under construction."""

    resource: list[int] = field(default_factory=list)
    offset: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    lasts: list[float] = field(default_factory=list)
    shut: list[tuple[float, Windows]] = field(default_factory=list)

    def add(self, resource: int, offset: float, work: float, lasts: float) -> None:
        self.resource.append(resource)
        self.offset.append(offset)
        self.work.append(work)
        self.lasts.append(lasts)


@dataclass(slots=True)
class Backlog:
    """Work assigned so far to gates, servers and pools."""

    builder: Builder
    _number: dict[tuple[str, int], int] = field(default_factory=dict)
    _servers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    ready: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    first: NDArray[np.float64] = field(default_factory=lambda: np.full(0, np.inf))
    work: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def resource(self, kind: str, number: int) -> int:
        """Number of a resource in the backlog."""
        key = (kind, number)
        if key not in self._number:
            resources = self.builder.resources
            servers, ready = 1.0, 0.0
            if kind == "server":
                servers = resources.servers[number].servers
            elif kind == "pool":
                assets = resources.pools[number].assets
                servers = max(1e-9, sum(asset.activation for asset in assets))
                ready = sum(asset.available_h for asset in assets) / max(1, len(assets))
            self._number[key] = len(self._servers)
            self._servers = np.append(self._servers, servers)
            self.ready = np.append(self.ready, ready)
            self.first = np.append(self.first, np.inf)
            self.work = np.append(self.work, 0.0)
        return self._number[key]

    def footprint(self, programs: Sequence[tuple[int, float]], quantity: float) -> Footprint:
        """Footprint of a lot that runs `programs` one after the other, each so many times: a ship-load is many trains.

        Serials of the same program follow each other through gates and servers, and take lift side by side.
        """
        trace = _Trace()
        clock = 0.0
        for number, times in programs:
            clock = self._trace(number, quantity, clock, times, trace)
        return Footprint(
            np.array(trace.resource, dtype=np.int64),
            np.array(trace.offset),
            np.array(trace.work),
            np.array(trace.lasts),
            clock,
            tuple(trace.shut),
        )

    def _trace(self, number: int, quantity: float, clock: float, times: float, trace: _Trace) -> float:
        program = self.builder.programs[number]
        distributions = self.builder.resources.distributions
        typical = [distributions[slot.distribution].typical for slot in program.slots]
        held: list[tuple[int, int, float]] = []
        own_crew, lift_crew = Crew(), Crew()
        for step in program.steps:
            if isinstance(step, Travel):
                hours = step.hours * typical[step.draw]
                crew = lift_crew if held else own_crew
                if held:
                    own_crew.rest_before(hours, 0.0)
                clock += crew.rest_before(hours, step.drive_limit_h)
                if step.gate >= 0:
                    self._shut(self.builder.resources.gates[step.gate].closed, clock, trace)
                if step.occupied_h > 0 and step.gate >= 0:
                    work = step.occupied_h * times
                    trace.add(self.resource("gate", step.gate), clock, work, work)
                clock += hours + step.tail_h + crew.rest_within(hours, step.drive_limit_h)
            elif isinstance(step, Serve):
                hours = typical[step.draw] * step.scale
                self._serve(step.server, hours * times, clock, trace)
                clock += hours
            elif isinstance(step, Discharge):
                hours = typical[step.draw] * step.hours_per_piece * quantity
                self._serve(step.server, hours, clock, trace)
                clock += hours
            elif isinstance(step, Take):
                lift_crew = Crew()
                groups = self.builder.resources.pools[step.pool].groups(step.pieces)
                held.append((self.resource("pool", step.pool), groups, clock))
            elif isinstance(step, Drop):
                pool, groups, since = held.pop(0)
                cycle = (clock - since) + self._length(step.way_back, lift_crew)
                trace.add(pool, since, cycle * groups * times, cycle)
            elif isinstance(step, Pause):
                clock += typical[step.draw]
        return clock

    def _serve(self, server: int, hours: float, clock: float, trace: _Trace) -> None:
        if server >= 0:
            self._shut(self.builder.resources.servers[server].closed, clock, trace)
        if server >= 0 and math.isfinite(self.builder.resources.servers[server].servers):
            trace.add(self.resource("server", server), clock, hours, hours)

    def _shut(self, windows: Windows, clock: float, trace: _Trace) -> None:
        """Note what is shut for a time; without the mechanism of detours nobody looks ahead."""
        if windows and self.builder.resources.scenario.mechanisms.detours:
            trace.shut.append((clock, windows))

    def _length(self, program: int, crew: Crew) -> float:
        """Hours of the way back, rests of the crew included."""
        if program < 0:
            return 0.0
        entry = self.builder.programs[program]
        distributions = self.builder.resources.distributions
        length = 0.0
        for step in entry.steps:
            if isinstance(step, Travel):
                hours = step.hours * distributions[entry.slots[step.draw].distribution].typical
                limit_h = step.drive_limit_h
                length += crew.rest_before(hours, limit_h) + hours + crew.rest_within(hours, limit_h)
        return length

    @property
    def size(self) -> int:
        """Number of resources."""
        return len(self._servers)

    def numbers(self) -> Iterable[tuple[tuple[str, int], int]]:
        """Kind and number of each resource among those of the plan, and its number here."""
        return self._number.items()

    def servers(self, resource: int) -> float:
        """Servers (or assets that turn up) of a resource."""
        return float(self._servers[resource])

    def expected_end(self, footprint: Footprint, release: float) -> float:
        """Hour at which a lot released at `release` should be there.

        A resource begins when both it is ready (lift: on the mean day of its assets) and its first lot has come.
        """
        end = release + float(footprint.total) + footprint.waits(release)
        if len(footprint.resource) == 0:
            return end
        servers: NDArray[np.float64] = self._servers[footprint.resource]
        first, ready = self.first[footprint.resource], self.ready[footprint.resource]
        busy = np.maximum(first, ready) + self.work[footprint.resource] / servers
        free = np.where(np.isfinite(first), busy, ready)
        return max(end, float((free + (footprint.total - footprint.offset)).max()))

    def commit(self, footprint: Footprint, release: float, share: float = 1.0) -> None:
        """Put a lot's work on the resources; `share` of the work where a ship is shared."""
        np.minimum.at(self.first, footprint.resource, footprint.offset + release)
        np.add.at(self.work, footprint.resource, footprint.work * share)
