"""What a lot asks of which resource and when, and an estimate of the queues that earlier lots make there.

The estimate is deliberately simple. Every resource has a work content that grows with each lot
assigned to it; a lot that comes to resource r waits at least until ``first arrival at r + work so
far / servers``. The expected end of a lot on an itinerary is the longest path through these waits,

    end = max(release + total, max over r of (free[r] + time from r to the end)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from flanksim.network.admissible import Element
from flanksim.planning.driving import Crew
from flanksim.planning.loads import Load
from flanksim.planning.lots import estimated_size, serial_size
from flanksim.planning.options import Option
from flanksim.planning.plan import Pool, Slot, Windows, Work
from flanksim.planning.programs import Programs
from flanksim.planning.steps import Discharge, Drop, Pause, Serve, Take, Travel
from flanksim.scenario.footprints import Piece

Floats = NDArray[np.float64]
Kind = Literal["gate", "server", "pool"]


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one lot on one itinerary asks of which resource, and when after its release.

    Attributes
    ----------
    resource, offset, work
        Numbers in the workload, hours after the release at which the lot comes there, and hours of work.
    lasts
        Hours over which that work goes on: shorter than the work where several assets or servers work at once.
    total
        Hours from release to arrival if nothing has to be waited for.
    shut
        Things on the way that are shut for a time: hours after the release at which the lot comes there, and when.
    """

    resource: NDArray[np.int64]
    offset: Floats
    work: Floats
    lasts: Floats
    total: float
    shut: tuple[tuple[float, Windows], ...] = ()

    def waits(self, release: float) -> float:
        """Hours that a lot released at `release` waits for whatever is shut by plan when it comes there."""
        waited = 0.0
        for offset, windows in self.shut:
            hour = release + offset + waited
            waited += next((end - hour for start, end in windows if start <= hour < end), 0.0)
        return waited


class Workload:
    """What lots ask for, with the gates, servers and pools that any of them uses, numbered at first use.

    Parameters
    ----------
    programs
        The plan's register of programs: an estimate reads the same steps that the engine walks.
    """

    def __init__(self, programs: Programs) -> None:
        self.programs, self.resources, self.physics = programs, programs.resources, programs.resources.physics
        self._servers: list[float] = []
        self._ready: list[float] = []
        self._arrays: tuple[Floats, Floats] = (np.zeros(0), np.zeros(0))
        self._typical: list[float] = []
        self._number: dict[tuple[Kind, int], int] = {}
        self._asked: list[tuple[Kind, int]] = []
        self._footprints: dict[tuple[Option, Element, float, Piece, bool], Footprint] = {}

    @property
    def servers(self) -> Floats:
        """Servers of each resource; of a pool its assets that turn up."""
        return self._columns()[0]

    @property
    def ready(self) -> Floats:
        """Hour from which each resource works; of a pool the mean one of its assets."""
        return self._columns()[1]

    def _columns(self) -> tuple[Floats, Floats]:
        if len(self._arrays[0]) < len(self._servers):
            self._arrays = (np.array(self._servers, dtype=np.float64), np.array(self._ready, dtype=np.float64))
        return self._arrays

    def typical(self, slot: Slot) -> float:
        """Typical value of a random factor."""
        for entry in self.resources.distributions[len(self._typical) :]:
            self._typical.append(entry.typical)
        return self._typical[slot.distribution]

    def asked(self, load: Load, options: Sequence[Option]) -> tuple[list[float], list[Footprint]]:
        """Pieces for which queues are estimated on each option, and what such a lot asks of the resources."""
        sizes = [estimated_size(load, option, self.physics) for option in options]
        return sizes, [self._footprint(o, load, size) for o, size in zip(options, sizes, strict=True)]

    def land_hours(self, load: Load, option: Option) -> tuple[float, float]:
        """Typical hours of a serial to the first port of an option by sea, and on from the second; nobody waits."""
        found = []
        port = "" if option.sea is None else option.segments[option.sea].to_node
        for way, place in zip(option.parts, ("", port), strict=True):
            trace = _Trace(self, load.pieces)
            if way.segments:
                trace.follow(self._repeated(way, load, load.pieces, port=place)[0], 1.0)
            found.append(trace.clock)
        return found[0], found[1]

    def turning_up(self) -> dict[str, float]:
        """Assets that are expected to turn up of each pool in use; of none where lift is not counted."""
        return {pool.name: _turning_up(pool) for pool in self.resources.pools}

    def capacity(self, step_h: float, steps: int) -> Floats:
        """Hours of work of each resource in each step from C-day, closed hours and lift not there yet left out."""
        edges = step_h * np.arange(steps + 1)
        low, high = edges[:-1], edges[1:]
        found = np.zeros((len(self.servers), steps))
        for (kind, number), row in self._number.items():
            if kind == "pool":
                for asset in self.resources.pools[number].assets:
                    begin = np.maximum(low, asset.available_h)
                    there_h = np.clip(high - begin, 0.0, None)
                    for start, end in asset.away:
                        there_h -= np.clip(np.minimum(high, end) - np.maximum(begin, start), 0.0, None)
                    found[row] += asset.activation * there_h
                continue
            entry = self.resources.gates[number] if kind == "gate" else self.resources.servers[number]
            open_h = np.full(steps, step_h)
            for start, end in entry.closed:
                open_h -= np.clip(np.minimum(high, end) - np.maximum(low, start), 0.0, None)
            found[row] = self.servers[row] * np.clip(open_h, 0.0, None)
        return found

    def work(self, program: int) -> Work:
        """What one serial with a program asks for, in the numbers of a plan."""
        trace = _Trace(self, 1.0)
        trace.follow(program, 1.0)
        asked = trace.footprint()
        gates, servers = len(self.resources.gates), len(self.resources.servers)
        first = {"gate": 0, "server": gates, "pool": gates + servers}
        return Work(
            tuple(first[kind] + number for kind, number in map(self._asked.__getitem__, asked.resource.tolist())),
            tuple(asked.work.tolist()),
            tuple(asked.offset.tolist()),
            asked.total,
        )

    def number(self, kind: Kind, number: int) -> int:
        """Number here of a gate, server or pool of the plan."""
        key = (kind, number)
        if key not in self._number:
            servers, ready = 1.0, 0.0
            if kind == "server":
                servers = self.resources.servers[number].servers
            elif kind == "pool":
                assets = self.resources.pools[number].assets
                servers = _turning_up(self.resources.pools[number])
                ready = sum(asset.available_h for asset in assets) / max(1, len(assets))
            self._number[key] = len(self._asked)
            self._asked.append(key)
            self._servers.append(servers)
            self._ready.append(ready)
        return self._number[key]

    def _footprint(self, option: Option, load: Load, size: float) -> Footprint:
        key = (option, load.element, size, load.piece, load.drawn)
        if key not in self._footprints:
            trace = _Trace(self, size)
            before, after = option.parts
            if before.segments:
                trace.follow(*self._repeated(before, load, size, whole=option.sea is None))
            if option.sea is not None:
                lane = option.segments[option.sea]
                trace.follow(self.programs.ship(lane, option.pools[option.sea], size), 1.0)
                if after.segments:
                    trace.follow(*self._repeated(after, load, size, port=lane.to_node))
            self._footprints[key] = trace.footprint()
        return self._footprints[key]

    def _repeated(
        self, way: Option, load: Load, size: float, *, port: str = "", whole: bool = False
    ) -> tuple[int, float]:
        """Program of the serials into which a lot falls on a way, and their number; a `whole` lot is one."""
        part = min(size, serial_size(way, load.element, self.physics, load.piece))
        stock = load.home if load.drawn and not port else ""
        number = self.programs.stage(way, load.element, part, port, stock)
        return number, 1.0 if whole else math.ceil(size / part)


def _turning_up(pool: Pool) -> float:
    return max(1e-9, sum(asset.activation for asset in pool.assets))


class _Trace:
    """A footprint under construction: a lot runs programs one after the other."""

    def __init__(self, workload: Workload, pieces: float) -> None:
        self.workload, self.resources, self.pieces = workload, workload.resources, pieces
        self.clock = 0.0
        self.uses: list[tuple[int, float, float, float]] = []
        self.shut: list[tuple[float, Windows]] = []

    def footprint(self) -> Footprint:
        """All that was followed."""
        resource, *hours = zip(*self.uses, strict=True) if self.uses else ((), (), (), ())
        offset, work, lasts = (np.array(column, dtype=np.float64) for column in hours)
        return Footprint(np.array(resource, dtype=np.int64), offset, work, lasts, self.clock, tuple(self.shut))

    def follow(self, number: int, times: float) -> None:
        """Run a program so many times: a ship-load is many trains.

        Serials of the same program follow each other through gates and servers, and take lift side by side.
        """
        program = self.workload.programs.made[number]
        typical = [self.workload.typical(slot) for slot in program.slots]
        held: list[tuple[int, int, float]] = []
        own_crew, lift_crew = Crew(), Crew()
        for step in program.steps:
            if isinstance(step, Travel):
                hours = step.hours * typical[step.draw]
                crew = lift_crew if held else own_crew
                if held:
                    own_crew.rest_before(hours, 0.0)
                self.clock += crew.rest_before(hours, step.drive_limit_h)
                if step.gate >= 0:
                    self._shut(self.resources.gates[step.gate].closed)
                if step.occupied_h > 0 and step.gate >= 0:
                    self._use("gate", step.gate, step.occupied_h * times)
                self.clock += hours + step.tail_h + crew.rest_within(hours, step.drive_limit_h)
            elif isinstance(step, Serve):
                hours = typical[step.draw] * step.scale
                self._serve(step.server, hours * times)
                self.clock += hours
            elif isinstance(step, Discharge):
                hours = typical[step.draw] * step.hours_per_piece * self.pieces
                self._serve(step.server, hours)
                self.clock += hours
            elif isinstance(step, Take):
                lift_crew = Crew()
                groups = self.resources.pools[step.pool].groups(step.pieces)
                held.append((self.workload.number("pool", step.pool), groups, self.clock))
            elif isinstance(step, Drop):
                pool, groups, since = held.pop(0)
                cycle = (self.clock - since) + self._way_back(step.way_back, lift_crew, times)
                self.uses.append((pool, since, cycle * groups * times, cycle))
            elif isinstance(step, Pause):
                self.clock += typical[step.draw]

    def _use(self, kind: Kind, number: int, hours: float, later_h: float = 0.0) -> None:
        self.uses.append((self.workload.number(kind, number), self.clock + later_h, hours, hours))

    def _serve(self, server: int, hours: float) -> None:
        if server >= 0:
            self._shut(self.resources.servers[server].closed)
            if math.isfinite(self.resources.servers[server].servers):
                self._use("server", server, hours)

    def _shut(self, windows: Windows) -> None:
        """Note what is shut for a time; without the mechanism of detours nobody looks ahead."""
        if windows and self.resources.scenario.mechanisms.detours:
            self.shut.append((self.clock, windows))

    def _way_back(self, program: int, crew: Crew, times: float) -> float:
        """Hours of the way back, rests of the crew included; the empty lift takes its turn at the gates."""
        if program < 0:
            return 0.0
        entry = self.workload.programs.made[program]
        length = 0.0
        for step in entry.steps:
            if isinstance(step, Travel):
                hours = step.hours * self.workload.typical(entry.slots[step.draw])
                limit_h = step.drive_limit_h
                length += crew.rest_before(hours, limit_h)
                if step.occupied_h > 0 and step.gate >= 0:
                    self._use("gate", step.gate, step.occupied_h * times, length)
                length += hours + crew.rest_within(hours, limit_h)
        return length


class Rivals:
    """Lots among which one is chosen, each from its own hour on: what they ask for, behind one another.

    Attributes
    ----------
    undelayed
        Hour at which each should be there if it only waits for what is shut.
    queueing, begins
        Which of them ask for any resource, and where what each of these asks for begins.
    resource, left
        What they ask for, and hours from there to the end.
    servers, ready
        Of these resources, as in `Workload`.
    """

    def __init__(self, workload: Workload, footprints: Sequence[Footprint], releases: Sequence[float]) -> None:
        pairs = list(zip(footprints, releases, strict=True))
        self.undelayed = np.array([hour + float(asked.total) + asked.waits(hour) for asked, hour in pairs])
        counts = np.array([len(asked.resource) for asked in footprints], dtype=np.int64)
        self.queueing = np.flatnonzero(counts)
        self.begins = (np.cumsum(counts) - counts)[self.queueing]
        self.resource = np.concatenate([asked.resource for asked in footprints])
        self.left = np.concatenate([asked.total - asked.offset for asked in footprints])
        self.servers, self.ready = workload.servers[self.resource], workload.ready[self.resource]


@dataclass(slots=True)
class Backlog:
    """Work assigned so far to the resources of a workload: when the first lot comes to each, and hours of work."""

    workload: Workload
    first: Floats = field(default_factory=lambda: np.zeros(0))
    work: Floats = field(default_factory=lambda: np.zeros(0))

    def earliest(self, rivals: Rivals) -> tuple[int, float]:
        """Which of these has the earliest expected end (of equals the first), and that.

        A resource begins when both it is ready (lift: on the mean day of its assets) and its first lot has come.
        """
        self._grow()
        first = self.first[rivals.resource]
        busy = np.maximum(first, rivals.ready) + self.work[rivals.resource] / rivals.servers
        free = np.where(np.isfinite(first), busy, rivals.ready)
        ends = rivals.undelayed.copy()
        if len(rivals.begins):
            latest = np.maximum.reduceat(free + rivals.left, rivals.begins)
            ends[rivals.queueing] = np.fmax(ends[rivals.queueing], latest)
        best = int(np.argmin(ends))
        return best, float(ends[best])

    def _grow(self) -> None:
        """Take in what the workload has numbered since."""
        if (new := len(self.workload.servers) - len(self.first)) > 0:
            self.first, self.work = np.append(self.first, np.full(new, np.inf)), np.append(self.work, np.zeros(new))

    def commit(self, footprint: Footprint, release: float, share: float = 1.0) -> None:
        """Put a lot's work on the resources; `share` of the work where a ship is shared."""
        np.minimum.at(self.first, footprint.resource, footprint.offset + release)
        np.add.at(self.work, footprint.resource, footprint.work * share)
