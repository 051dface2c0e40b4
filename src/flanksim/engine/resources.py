"""The engine's resources: gates, servers, stores and pools of lift, each with one heap queue.

All queues are ordered by (priority, arrival) and nothing jumps the head of the queue: a small
request does not pass a large one of the same or a higher priority. Whoever frees something to a
waiter hands over the number of its movement, from which the critical path is read afterwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

import simpy

from flanksim.planning.plan import Windows

#: Two hours this close are the same: sums of floats differ in the last digits.
ULP_H = 1e-9

#: (priority, arrival number, event, payload...)
Waiter = tuple[Any, ...]
Wait = Generator[simpy.Event, Any, Any]


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
        number = bisect_right(self.starts, hour) - 1
        if number >= 0 and hour < self.ends[number]:
            return self.ends[number]
        return hour

    def finish(self, start: float, work: float) -> float:
        """Hour at which `work` hours begun at `start` are done, closed hours not counted."""
        now = self.next_open(start)
        number = bisect_right(self.starts, now)
        while number < len(self.starts) and now + work > self.starts[number]:
            work -= self.starts[number] - now
            now = self.ends[number]
            number += 1
        return now + work


class Gate:
    """Entrance of a link: admits one serial, is held for its headway or pass time, then the next.

    The gate needs no process and no event of its own while nobody waits: it knows when it will be
    free. Only a waiter makes it wake up. A serial that has entered travels without holding it.
    """

    __slots__ = (
        "_arrival",
        "_queue",
        "_wake_at",
        "calendar",
        "clearance",
        "env",
        "free_at",
        "last_direction",
        "last_entry",
        "last_movement",
        "last_travel",
    )

    def __init__(self, env: simpy.Environment, clearance: float | None, calendar: Calendar | None) -> None:
        self.env = env
        self.calendar = calendar
        self.clearance = clearance
        self.free_at = 0.0
        self.last_movement = -1
        self.last_direction = -1
        self.last_entry = 0.0
        self.last_travel = 0.0
        self._queue: list[Waiter] = []
        self._arrival = count()
        self._wake_at = -1.0

    def opens(self, direction: int) -> float:
        """Earliest hour at which a serial in `direction` may enter."""
        hour = self.free_at
        if self.clearance is not None and direction != self.last_direction and self.last_direction >= 0:
            hour = max(hour, self.last_entry + self.last_travel + self.clearance)
        return hour

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
        if not self._queue and self.opens(direction) <= now:
            hour = now if self.calendar is None else self.calendar.next_open(now)
            if hour <= now:
                return self._admit(now, direction, occupancy, travel, movement), None
        event = self.env.event()
        heappush(self._queue, (priority, next(self._arrival), event, direction, occupancy, travel, movement))
        if self._queue[0][2] is event or self._wake_at < now:
            self._sleep()
        return 0.0, event

    def _admit(self, hour: float, direction: int, occupancy: float, travel: float, movement: int) -> float:
        self.free_at = hour + occupancy if self.calendar is None else self.calendar.finish(hour, occupancy)
        self.last_movement, self.last_direction = movement, direction
        self.last_entry, self.last_travel = hour, travel
        return self.free_at

    def _sleep(self) -> None:
        """Wake up when the head of the queue may enter."""
        hour = max(self.opens(self._queue[0][3]), self.env.now)
        if self.calendar is not None:
            hour = self.calendar.next_open(hour)
        self._wake_at = hour
        timeout = self.env.timeout(hour - self.env.now)
        timeout.callbacks.append(self._wake)

    def _wake(self, _: simpy.Event) -> None:
        if not self._queue or self.env.now < self._wake_at:
            return
        direction = self._queue[0][3]
        hour = self.opens(direction) if self.calendar is None else self.calendar.next_open(self.opens(direction))
        if hour > self.env.now:
            self._sleep()
            return
        _, _, event, direction, occupancy, travel, movement = heappop(self._queue)
        granted_by = self.last_movement
        if self.calendar is not None and (owner := self.calendar.reopened_by(self.env.now)) is not None:
            granted_by = owner
        cleared = self._admit(self.env.now, direction, occupancy, travel, movement)
        event.succeed((cleared, granted_by))
        if self._queue:
            self._sleep()
        else:
            self._wake_at = -1.0


class Servers:
    """Berths, ramps, stands or lanes: `servers` at once, held until released."""

    __slots__ = ("_arrival", "_queue", "calendar", "env", "free")

    def __init__(self, env: simpy.Environment, servers: float, calendar: Calendar | None) -> None:
        self.env = env
        self.free = servers
        self.calendar = calendar
        self._queue: list[Waiter] = []
        self._arrival = count()

    def request(self, priority: int) -> simpy.Event | None:
        """None if a server is free; else an event whose value is the movement that freed one."""
        if self.free >= 1:
            self.free -= 1
            return None
        event = self.env.event()
        heappush(self._queue, (priority, next(self._arrival), event))
        return event

    def release(self, movement: int) -> None:
        """Give a server back, to the head of the queue if somebody waits."""
        if self._queue:
            heappop(self._queue)[2].succeed(movement)
        else:
            self.free += 1


class Store:
    """Finite storage: taken in pieces, given back in pieces, served strictly in order.

    A batch larger than the whole store takes all of it: part of it then waits on the ship.
    """

    __slots__ = ("_arrival", "_queue", "capacity", "env", "room")

    def __init__(self, env: simpy.Environment, capacity: float) -> None:
        self.env = env
        self.capacity = self.room = capacity
        self._queue: list[Waiter] = []
        self._arrival = count()

    def take(self, priority: int, amount: float) -> simpy.Event | None:
        """None if there is room; else an event whose value is the movement that made room."""
        amount = min(amount, self.capacity)
        if not self._queue and amount <= self.room:
            self.room -= amount
            return None
        event = self.env.event()
        heappush(self._queue, (priority, next(self._arrival), event, amount))
        return event

    def give(self, amount: float, movement: int) -> None:
        """Give room back."""
        self.room += min(amount, self.capacity)
        while self._queue and self._queue[0][3] <= self.room:
            _, _, event, wanted = heappop(self._queue)
            self.room -= wanted
            event.succeed(movement)


class LiftPool:
    """Assets that serve one queue; an idle one is taken from the nearest place."""

    __slots__ = ("_arrival", "_idle", "_position", "_queue", "_wanted", "env", "place", "ready_at")

    def __init__(self, env: simpy.Environment, position: tuple[tuple[float, ...], ...], places: list[int]) -> None:
        self.env = env
        self.place = places
        self.ready_at = [0.0] * len(places)
        self._position = position
        self._idle: dict[int, list[int]] = {}
        self._wanted: dict[int, simpy.Event] = {}
        self._queue: list[Waiter] = []
        self._arrival = count()

    def withdraw(self, asset: int) -> simpy.Event | None:
        """Take an asset out for repair: None if it was idle; else an event for when it comes back."""
        idle = self._idle.get(self.place[asset], [])
        if asset in idle:
            idle.remove(asset)
            heapify(idle)
            return None
        self._wanted[asset] = self.env.event()
        return self._wanted[asset]

    def request(self, priority: int, groups: int, place: int) -> list[int] | simpy.Event:
        """Assets taken at once, or an event whose value is ``(assets, movement that freed the last)``."""
        if not self._queue and self._count() >= groups:
            return self._pick(groups, place)
        event = self.env.event()
        heappush(self._queue, (priority, next(self._arrival), event, groups, place))
        return event

    def add(self, asset: int, movement: int) -> None:
        """An asset is free at its present place, or goes to the workshop if that waits for it."""
        if asset in self._wanted:
            self._wanted.pop(asset).succeed(movement)
            return
        heappush(self._idle.setdefault(self.place[asset], []), asset)
        while self._queue and self._count() >= self._queue[0][3]:
            _, _, event, groups, place = heappop(self._queue)
            event.succeed((self._pick(groups, place), movement))

    def hours_to(self, asset: int, place: int) -> float:
        """Empty run of an asset to `place`."""
        return self._position[self.place[asset]][place]

    def _count(self) -> int:
        return sum(map(len, self._idle.values()))

    def _pick(self, groups: int, place: int) -> list[int]:
        chosen: list[int] = []
        while len(chosen) < groups:
            near = min(
                (here for here, idle in self._idle.items() if idle),
                key=lambda here: (self._position[here][place], here),
            )
            chosen.append(heappop(self._idle[near]))
        return chosen
