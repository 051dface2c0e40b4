"""The engine's resources: gates, servers, stores and pools of lift, each with one heap queue.

All queues are ordered by (priority, arrival) and nothing jumps the head of the queue: a small
request does not pass a large one of the same or a higher priority. Who comes at the same instant is
served by priority too, whatever the order in which the events came about: a request is granted at once
only if nothing else happens at that instant, else when all that does has happened. Whoever frees
something to a waiter hands over the number of its movement, from which the critical path is read afterwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Generator, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any

import simpy

from flanksim.planning.plan import Asset, Pool, Windows

#: Two hours this close are the same: sums of floats differ in the last digits.
ULP_H = 1e-9
#: Events of an instant that come after all others of it (simpy's own have priorities 0 and 1).
_LATE = 2

#: (priority, arrival number, event, hour of the request, payload...)
Waiter = tuple[Any, ...]


class _Late(simpy.Event):
    """A timeout that fires after everything else of its instant."""

    def __init__(self, env: simpy.Environment, delay: float, callback: Callable[[simpy.Event], None]) -> None:
        super().__init__(env)
        self.callbacks.append(callback)
        self._ok = True
        self._value = None
        env.schedule(self, priority=_LATE, delay=delay)  # type: ignore[arg-type]


class _Queue:
    """Waiters in order of priority and arrival, and the one event that looks at them next.

    A subclass says when its head may be served (`_hour`) and serves it (`_serve_head`).
    """

    __slots__ = ("_arrival", "_due", "_due_at", "_queue", "env")

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self._queue: list[Waiter] = []
        self._arrival = count()
        self._due: simpy.Event | None = None
        self._due_at = 0.0

    @property
    def waiting(self) -> bool:
        """Whether anybody waits."""
        return bool(self._queue)

    def _alone(self) -> bool:
        """Whether nothing else happens at this instant, so that nobody with a better claim can still come."""
        return not self._queue and self.env.peek() > self.env.now

    def _wait(self, priority: int, *payload: Any) -> simpy.Event:
        event = self.env.event()
        heappush(self._queue, (priority, next(self._arrival), event, self.env.now, *payload))
        self._look()
        return event

    def _look(self) -> None:
        """Look at the head of the queue when it may be served, at the earliest at the end of this instant."""
        if not self._queue:
            return
        now = self.env.now
        hour = self._hour(self._queue[0])
        if hour is None:
            return
        hour = max(hour, now)
        if self._due is None or hour < self._due_at:
            self._due_at = hour
            self._due = _Late(self.env, hour - now, self._settle)

    def _settle(self, event: simpy.Event) -> None:
        if event is not self._due:
            return  # an earlier look took its place
        self._due = None
        now = self.env.now
        queue = self._queue
        while queue:
            hour = self._hour(queue[0])
            if hour is None:
                return
            if hour > now + ULP_H:
                self._due_at = hour
                self._due = _Late(self.env, hour - now, self._settle)
                return
            self._serve_head(heappop(queue))

    def _hour(self, head: Waiter) -> float | None:
        """Hour at which the head may be served, None if only a release tells."""
        raise NotImplementedError

    def _serve_head(self, head: Waiter) -> None:
        raise NotImplementedError


class Calendar:
    """Hours in which a resource cannot work: nights, strikes, outages. Work resumes after them.

    ``owners`` holds for each window the movement that stands for it, -1 for a planned closure.
    """

    __slots__ = ("ends", "owners", "starts")

    def __init__(self, windows: Windows, outages: list[tuple[float, float, int]] | None = None) -> None:
        self.starts: list[float] = []
        self.ends: list[float] = []
        self.owners: list[int] = []
        every = [(start, end, -1) for start, end in windows] + (outages or [])
        for start, end, owner in sorted(every):
            if self.ends and start <= self.ends[-1]:
                if end > self.ends[-1]:
                    self.ends[-1], self.owners[-1] = end, owner
            else:
                self.starts.append(start)
                self.ends.append(end)
                self.owners.append(owner)

    def reopened_by(self, hour: float) -> int | None:
        """Owner of the window that ends at `hour`; None if none does."""
        number = bisect_right(self.starts, hour) - 1
        return self.owners[number] if number >= 0 and abs(self.ends[number] - hour) < ULP_H else None

    def next_open(self, hour: float) -> float:
        """Earliest hour at or after `hour` at which work can go on."""
        number = bisect_right(self.starts, hour + ULP_H) - 1
        if number >= 0 and hour < self.ends[number] - ULP_H:
            return self.ends[number]
        return hour

    def finish(self, start: float, work: float) -> float:
        """Hour at which `work` hours begun at `start` are done, closed hours not counted."""
        now = self.next_open(start)
        number = bisect_right(self.starts, now + ULP_H)
        while number < len(self.starts) and now + work > self.starts[number] + ULP_H:
            work -= self.starts[number] - now
            now = self.ends[number]
            number += 1
        return now + work


class Gate(_Queue):
    """Entrance of a link: admits one serial, is held for its headway or pass time, then the next.

    The gate needs no process and no event of its own while nobody waits: it knows when it will be
    free. Only a waiter makes it wake up. A serial that has entered travels without holding it. Where
    opposing traffic must be clear, whoever comes from the other side waits until the last of all that
    are inside has left.
    """

    __slots__ = ("_inside", "calendar", "clearance", "free_at", "last_movement")

    def __init__(self, env: simpy.Environment, clearance: float | None, calendar: Calendar | None) -> None:
        super().__init__(env)
        self.calendar = calendar
        self.clearance = clearance
        self.free_at = 0.0
        self.last_movement = -1
        #: For either direction, when the last that entered will have left, and its movement.
        self._inside: list[tuple[float, int]] = [(-1.0, -1), (-1.0, -1)]

    def opens(self, direction: int) -> float:
        """Earliest hour at which a serial in `direction` may enter, closures left out."""
        if self.clearance is None:
            return self.free_at
        left, movement = self._inside[1 - direction]
        if movement < 0:
            return self.free_at
        return max(self.free_at, left + self.clearance)

    def enter(
        self, priority: int, direction: int, occupancy: float, travel: float, movement: int
    ) -> tuple[float, simpy.Event | None]:
        """Ask to enter.

        Returns
        -------
        cleared, event
            The hour at which the entrance is free again and None if admitted at once; else an
            event whose value is ``(cleared, granted_by)``.
        """
        now = self.env.now
        if not self._queue and self.opens(direction) <= now + ULP_H and self.env.peek() > now:
            calendar = self.calendar
            if calendar is None or calendar.next_open(now) <= now + ULP_H:
                return self._admit(now, direction, occupancy, travel, movement), None
        return 0.0, self._wait(priority, direction, occupancy, travel, movement)

    def _open_from(self, direction: int) -> float:
        hour = self.opens(direction)
        return hour if self.calendar is None else self.calendar.next_open(max(hour, self.env.now))

    def _admit(self, now: float, direction: int, occupancy: float, travel: float, movement: int) -> float:
        self.free_at = now + occupancy if self.calendar is None else self.calendar.finish(now, occupancy)
        self.last_movement = movement
        if self.clearance is not None and now + travel >= self._inside[direction][0]:
            self._inside[direction] = (now + travel, movement)
        return self.free_at

    def _hour(self, head: Waiter) -> float:
        return self._open_from(head[4])

    def _serve_head(self, head: Waiter) -> None:
        _, _, event, requested, direction, occupancy, travel, movement = head
        now, granted_by = self.env.now, -1
        if now > requested:
            granted_by = self.last_movement if self.opens(direction) <= self.free_at else self._inside[1 - direction][1]
            if self.calendar is not None and (owner := self.calendar.reopened_by(now)) is not None:
                granted_by = owner
        event.succeed((self._admit(now, direction, occupancy, travel, movement), granted_by))


class Servers(_Queue):
    """Berths, ramps, stands or lanes: `servers` at once, held until released; nobody begins while they are shut."""

    __slots__ = ("_freed_by", "calendar", "free")

    def __init__(self, env: simpy.Environment, servers: float, calendar: Calendar | None) -> None:
        super().__init__(env)
        self.free = servers
        self.calendar = calendar
        self._freed_by: list[int] = []

    @property
    def full(self) -> bool:
        """Whether whoever comes now has to wait for a server."""
        return self.free < 1 or self.waiting

    def request(self, priority: int) -> simpy.Event | None:
        """None if a server is free; else an event whose value is the movement that freed one."""
        if self.free >= 1 and self._alone() and self._open_from() <= self.env.now + ULP_H:
            self._occupy()
            return None
        return self._wait(priority)

    def release(self, movement: int) -> None:
        """Give a server back; the head of the queue takes it if somebody waits."""
        self.free += 1
        self._freed_by.append(movement)
        self._look()

    def _occupy(self) -> int:
        self.free -= 1
        return self._freed_by.pop(0) if self._freed_by else -1

    def _open_from(self) -> float:
        return self.env.now if self.calendar is None else self.calendar.next_open(self.env.now)

    def _hour(self, _: Waiter) -> float | None:
        return self._open_from() if self.free >= 1 else None

    def _serve_head(self, head: Waiter) -> None:
        freed_by = self._occupy()
        if self.env.now <= head[3]:
            freed_by = -1
        elif self.calendar is not None and (owner := self.calendar.reopened_by(self.env.now)) is not None:
            freed_by = owner
        head[2].succeed(freed_by)


class Store(_Queue):
    """Finite storage: taken in pieces, given back in pieces, served strictly in order.

    A batch larger than the whole store takes all of it: part of it then waits on the ship.
    """

    __slots__ = ("_freed_by", "capacity", "room")

    def __init__(self, env: simpy.Environment, capacity: float) -> None:
        super().__init__(env)
        self.capacity = self.room = capacity
        self._freed_by = -1

    def take(self, priority: int, amount: float) -> simpy.Event | None:
        """None if there is room; else an event whose value is the movement that made room."""
        amount = min(amount, self.capacity)
        if amount <= self.room + ULP_H and self._alone():
            self.room -= amount
            return None
        return self._wait(priority, amount)

    def give(self, amount: float, movement: int) -> None:
        """Give room back."""
        self.room += min(amount, self.capacity)
        self._freed_by = movement
        self._look()

    def _hour(self, head: Waiter) -> float | None:
        return self.env.now if head[4] <= self.room + ULP_H else None

    def _serve_head(self, head: Waiter) -> None:
        self.room -= head[4]
        head[2].succeed(self._freed_by if self.env.now > head[3] else -1)


class LiftPool(_Queue):
    """Assets that serve one queue; an idle one is taken from the nearest place, there the one that is idle longest."""

    __slots__ = (
        "_assets", "_away", "_freed_by", "_idle", "_idle_capacity", "_pool", "_standing", "_wanted", "place",
        "ready_at",
    )  # fmt: skip

    def __init__(self, env: simpy.Environment, pool: Pool) -> None:
        super().__init__(env)
        self._pool = pool
        self._assets: Sequence[Asset] = pool.assets
        self.place = [asset.place for asset in pool.assets]
        self.ready_at = [0.0] * len(pool.assets)
        self._idle: dict[int, deque[int]] = {}
        self._idle_capacity = 0.0
        self._wanted: dict[int, simpy.Event] = {}
        #: Assets that may not set out, and those of them that stand still and are not under way or under repair.
        self._away: set[int] = set()
        self._standing: set[int] = set()
        self._freed_by = -1

    def withdraw(self, asset: int) -> simpy.Event | None:
        """Take an asset out for repair: None if it was idle; else an event for when it comes back."""
        if self._took_out(asset):
            return None
        self._wanted[asset] = self.env.event()
        return self._wanted[asset]

    def stay_away(self, start: float, end: float, assets: Sequence[int]) -> Generator[simpy.Event, Any, None]:
        """Assets that do not set out from one hour to another; those that stand still are free then."""
        if start > 0:
            yield self.env.timeout(start)
        for asset in assets:
            self._away.add(asset)
            if self._took_out(asset):
                self._standing.add(asset)
        yield self.env.timeout(end - start)
        for asset in assets:
            self._away.discard(asset)
            if asset in self._standing:
                self._standing.remove(asset)
                self.add(asset, -1)

    def _took_out(self, asset: int) -> bool:
        """Whether an asset was idle, and is not any more."""
        idle = self._idle.get(self.place[asset], deque())
        if asset not in idle:
            return False
        idle.remove(asset)
        self._idle_capacity -= self._assets[asset].capacity
        return True

    def request(self, priority: int, pieces: float, place: int) -> list[int] | simpy.Event:
        """Assets that together carry `pieces` (any one for 0), or an event whose value is ``(assets, freed by)``."""
        if self._alone() and self._enough(pieces):
            return self._pick(pieces, place)
        return self._wait(priority, pieces, place)

    def add(self, asset: int, movement: int) -> None:
        """An asset is free at its present place, or goes to the workshop if that waits for it."""
        if asset in self._wanted:
            self._wanted.pop(asset).succeed(movement)
            return
        if asset in self._away:
            self._standing.add(asset)
            return
        self._idle.setdefault(self.place[asset], deque()).append(asset)
        self._idle_capacity += self._assets[asset].capacity
        self._freed_by = movement
        self._look()

    def hours_to(self, asset: int, place: int) -> float:
        """Empty run of an asset to `place`."""
        return self._pool.position_h(asset, self.place[asset], place)

    def _hour(self, head: Waiter) -> float | None:
        return self.env.now if self._enough(head[4]) else None

    def _serve_head(self, head: Waiter) -> None:
        head[2].succeed((self._pick(head[4], head[5]), self._freed_by if self.env.now > head[3] else -1))

    def _enough(self, pieces: float) -> bool:
        return self._idle_capacity >= pieces - ULP_H and self._idle_capacity > ULP_H

    def _pick(self, pieces: float, place: int) -> list[int]:
        chosen: list[int] = []
        room = 0.0
        while not chosen or room < pieces - ULP_H:
            near = min(
                (here for here, idle in self._idle.items() if idle),
                key=lambda here: (self._pool.position_km[here][place], here),
            )
            chosen.append(self._idle[near].popleft())
            room += self._assets[chosen[-1]].capacity
            self._idle_capacity -= self._assets[chosen[-1]].capacity
        return chosen
