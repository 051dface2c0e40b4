"""One replication: a Plan and a seed in, movements and closure times out.

A serial is one generator that walks its program; there are no look-ups in the graph, no names and no tables in here.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from typing import Any

import numpy as np
import simpy

from flanksim.activities import Kind
from flanksim.collecting import no_collecting
from flanksim.engine.calling import call_hours
from flanksim.engine.outages import absences, calendar_of, drawn_outages
from flanksim.engine.resources import Gate, LiftPool, Servers, Store
from flanksim.engine.streams import Draws, turns_up, uniforms
from flanksim.engine.ways import Choosing
from flanksim.movements import LiftAssignment, MovementLog, columns_of
from flanksim.planning.driving import Crew
from flanksim.planning.plan import Plan, Serial, Supply, UnitPlan, leave_hour
from flanksim.planning.steps import Await, Detour, Discharge, Drop, Free, Serve, Stay, Step, Take, Travel
from flanksim.units import HOURS_PER_DAY, SAME_HOUR

NAN = math.nan
_READY, _PERMISSION = int(Kind.READY), int(Kind.PERMISSION)
_LIFT, _TRAVEL, _EMPTY = int(Kind.LIFT), int(Kind.TRAVEL), int(Kind.EMPTY_RUN)
_UNLOAD, _STORAGE, _BERTH = int(Kind.UNLOAD), int(Kind.STORAGE), int(Kind.BERTH)
_BREAKDOWN, _REST, _SHIP_LOAD = int(Kind.BREAKDOWN), int(Kind.REST), int(Kind.SHIP_LOAD)
# positions in a raw row, see flanksim.movements.COLUMNS less "movement"
_AFTER, _GRANTED, _REQUESTED, _STARTED, _CLEARED, _ENDED = 4, 5, 6, 7, 8, 9

Process = Generator[simpy.Event, Any, None]
#: Entries of a `LiftAssignment` while it is under way, then the hours that its assets have run loaded, and their crew.
Held = list[Any]
# positions in it
_DROPPED, _FREED, _WORKED, _CREW = 4, 5, 6, 7


def simulate_plan(plan: Plan, seed: int) -> MovementLog:
    """Run one replication. The same plan and seed give the same bytes anywhere."""
    with no_collecting():
        return _Run(plan, seed).go()


class _Run:
    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan, self.seed = plan, seed
        self.env = simpy.Environment()
        self.draws = Draws(plan, seed)
        self.rows: list[list[float]] = []
        env = self.env
        gate_outages, server_outages = drawn_outages(plan, seed, self._row)
        self.gates = [
            Gate(env, gate.opposing_clearance_h, calendar_of(gate.closed, gate_outages.get(number)))
            for number, gate in enumerate(plan.gates)
        ]
        self.servers = [
            Servers(env, server.servers, calendar_of(server.closed, server_outages.get(number)))
            for number, server in enumerate(plan.servers)
        ]
        self.stores = [Store(env, store.capacity) for store in plan.stores]
        self.pools: list[LiftPool] = []
        self.absent: list[tuple[int, ...]] = []
        self.holds: list[Held] = []
        self.workshops = [Servers(env, workshop.fitters, None) for workshop in plan.workshops]
        for number in range(len(plan.pools)):
            self._activate(number)
        for number in range(len(plan.pools)):
            for (start, end), assets in absences(plan.pools[number], self.absent[number]):
                env.process(self.pools[number].stay_away(start, end, assets))
        self.waiting = [serial.waits_for for serial in plan.serials]
        #: Ships that were called before their load was complete: the row in which each asks for one (-1: not yet), the
        #: row with which the load was complete, and who waits for it.
        self.called: dict[int, int] = {}
        self.completed: dict[int, int] = {}
        self.complete_h = [math.inf if serial.stage == 1 else 0.0 for serial in plan.serials]
        self.off_berth: dict[int, simpy.Event] = {}
        self.closed = [NAN] * len(plan.units)
        self.troops_done = [NAN] * len(plan.units)
        self.troops_left = [0.0] * len(plan.units)
        self.vehicles_in = [0.0] * len(plan.units)
        for serial in plan.serials:
            if serial.final and serial.kind == "troops":
                self.troops_left[serial.unit] += serial.quantity
        self.unit_closing = [False] * len(plan.units)
        self.still_open = len(plan.units)
        self.supplies = {supply.unit: supply for supply in plan.supplies}
        #: Program that each serial runs; its own unless it chose another when it started.
        self.programs = [serial.program for serial in plan.serials]
        self.choosing = Choosing(plan, self.gates, self.servers, self.absent) if plan.work else None
        self.permit_h = [self.draws.permit_hour(permit) for permit in plan.permits]

    def go(self) -> MovementLog:
        """Release everything, run to the horizon, collect."""
        plan, env = self.plan, self.env
        homes: list[list[Serial]] = [[] for _ in plan.units]
        for serial in plan.serials:
            if serial.home:
                homes[serial.unit].append(serial)
        for number in range(len(plan.units)):
            env.process(self._release(number, homes[number]))
        for ship, hour in call_hours(plan, simulate_plan).items():
            self._call_at(plan.serials[ship], hour)
        env.run(until=plan.horizon_h + SAME_HOUR)  # what happens at the horizon itself counts
        return MovementLog(
            plan,
            self.seed,
            columns_of(self.rows),
            tuple(self.closed),
            tuple(self.troops_done),
            tuple(self.absent),
            tuple(LiftAssignment(pool, tuple(assets), *rows) for pool, assets, *rows, _, _ in self.holds),
            tuple(self.complete_h),
            tuple(self.programs),
        )

    # ---- beginning and end ------------------------------------------------------------------

    def _activate(self, number: int) -> None:
        """Assets of one pool, without those that do not turn up, from their day of availability on."""
        pool = self.plan.pools[number]
        entry = LiftPool(self.env, pool)
        self.pools.append(entry)
        absent: list[int] = []
        by_hour: dict[float, list[int]] = {}
        for asset_number, asset in enumerate(pool.assets):
            if not turns_up(asset, self.seed, chance=self.plan.chance):
                absent.append(asset_number)
                continue
            by_hour.setdefault(asset.available_h, []).append(asset_number)
        self.absent.append(tuple(absent))
        for hour, assets in sorted(by_hour.items()):
            if hour <= 0:
                self._add(number, assets)
            else:
                self.env.process(self._join(number, hour, assets))

    def _join(self, pool: int, hour: float, assets: list[int]) -> Process:
        """Assets that become available together."""
        yield self.env.timeout(hour)
        self._add(pool, assets)

    def _add(self, pool: int, assets: list[int]) -> None:
        for asset in assets:
            self.pools[pool].add(asset, -1)
            if self.plan.pools[pool].assets[asset].workshop >= 0 and self.plan.chance:
                self.env.process(self._wear(pool, asset))

    def _wear(self, pool: int, asset: int) -> Process:
        """One asset fails after a time, is taken out when it is next free, waits for a fitter, and is repaired."""
        env, number = self.env, self.plan.pools[pool].assets[asset].workshop
        workshop = self.plan.workshops[number]
        most = 20 + int(3 * self.plan.horizon_h / workshop.mean_life_h)
        key = str(self.plan.pools[pool].assets[asset].index)
        lives = -workshop.mean_life_h * np.log1p(-uniforms(self.seed, "life", workshop.name, key, most))
        repairs = workshop.repair.quantile(uniforms(self.seed, "repair", workshop.name, key, most))
        for life, hours in zip(lives.tolist(), repairs.tolist(), strict=True):
            yield env.timeout(life)
            back = self.pools[pool].withdraw(asset)
            last = -1 if back is None else (yield back)
            row = self._row(-1, _BREAKDOWN, pool, asset, last, env.now)
            entry = self.rows[row]
            event = self.workshops[number].request(0)
            if event is not None:
                entry[_GRANTED] = yield event
            entry[_STARTED] = env.now
            yield env.timeout(hours)
            entry[_CLEARED] = entry[_ENDED] = env.now
            self.workshops[number].release(row)
            self.pools[pool].add(asset, row)

    def _release(self, unit_number: int, serials: list[Serial]) -> Process:
        """Readiness and permission run side by side; then the unit's serials start, each when it may."""
        env, unit = self.env, self.plan.units[unit_number]
        delay = self.draws.one("ready", unit.unit_id, self.plan.delay_of(unit)) * HOURS_PER_DAY
        ready = max(0.0, unit.ready_h + delay)
        after = -1
        if ready > 0:
            after = self._row(unit.closing_serial, _READY, -1, -1, -1, 0.0, 0.0, ready, ready)
            yield env.timeout(ready)
        if not serials:
            self._maybe_close(unit_number, after)
            return
        leave: dict[float, list[Serial]] = {}
        for serial in serials:
            leave.setdefault(max(ready, leave_hour(serial, self.permit_h)), []).append(serial)
        for hour, group in sorted(leave.items()):
            if hour > ready:
                # A release at intervals may have taken its time already.
                asked = min(max(ready, env.now), hour)
                after = self._row(unit.closing_serial, _PERMISSION, -1, -1, after, asked, asked, hour, hour)
                yield env.timeout(hour - asked)
            yield from self._dispatch(unit, group, after, len(serials))

    def _dispatch(self, unit: UnitPlan, serials: list[Serial], after: int, most: int) -> Process:
        """Start serials together, or each an interval after the one before it; a unit's groups have at most `most`."""
        env = self.env
        if unit.interval < 0 or not serials:
            for serial in serials:
                env.process(self._journey(serial, after))
            return
        gaps = self.draws.series("release", serials[0].element, "", unit.interval, most)
        for serial, gap in zip(serials, gaps, strict=False):  # as many gaps as the longest group needs
            yield env.timeout(gap)
            env.process(self._journey(serial, after))

    def _arrived(self, serial: Serial, last: int) -> None:
        """A serial is through its program."""
        for follower in serial.feeds if serial.stage == 0 else ():
            self.waiting[follower] -= 1
            if self.waiting[follower] == 0:
                self._complete(follower, last)
        if not serial.final:
            return
        unit = serial.unit
        if serial.kind == "troops":
            self.troops_left[unit] -= serial.quantity
            if self.troops_left[unit] <= 0:
                self.troops_done[unit] = self.env.now
        else:
            self.vehicles_in[unit] += serial.quantity
        self._maybe_close(unit, last)

    def _call_at(self, ship: Serial, hour: float) -> None:
        """At an hour call a ship whose load is not complete by then; it comes to the port, and waits there.

        No process waits for that hour: its first event would be another's neighbour at hour 0.
        """

        def call(_: simpy.Event) -> None:
            if self.waiting[ship.number] > 0:
                self.called[ship.number] = -1
                self.env.process(self._journey(ship, -1))

        event = self.env.timeout(hour)
        event.callbacks.append(call)

    def _complete(self, ship: int, last: int) -> None:
        """All that a ship is to carry stands on the quay: it calls its ship, or that may load."""
        self.complete_h[ship] = self.env.now
        if ship not in self.called:
            self.env.process(self._journey(self.plan.serials[ship], last))
            return
        self.completed[ship] = last
        if (row := self.called[ship]) >= 0:
            self.rows[row][_AFTER] = last
        if ship in self.off_berth:
            self.off_berth.pop(ship).succeed(last)

    def _maybe_close(self, unit: int, last: int) -> None:
        """Marry-up: integration begins when all troops and the required share of vehicles are there."""
        plan = self.plan.units[unit]
        if self.unit_closing[unit] or self.troops_left[unit] > 0 or self.vehicles_in[unit] < plan.vehicles_needed:
            return
        self.unit_closing[unit] = True
        self.env.process(self._journey(self.plan.serials[plan.closing_serial], last))

    # ---- the walk -----------------------------------------------------------------------------

    def _row(
        self,
        serial: int,
        kind: int,
        resource: int,
        asset: int,
        after: int,
        requested: float,
        started: float = NAN,
        cleared: float = NAN,
        ended: float = NAN,
    ) -> int:
        rows = self.rows
        rows.append([serial, kind, resource, asset, after, -1, requested, started, cleared, ended])
        return len(rows) - 1

    def _journey(self, serial: Serial, after: int, draws: list[float] | None = None) -> Process:
        env = self.env
        number, priority, quantity = serial.number, serial.priority, serial.quantity
        program = self.programs[number]
        if self.choosing is not None:
            if serial.ways:
                program = self.programs[number] = self.choosing.program(serial, env.now, self.permit_h)
                draws = self.draws.factors(program, serial.element, serial.index)
            self.choosing.enter(program, 1.0)
        base, values = (self.draws.offset[number], self.draws.values) if draws is None else (0, draws)
        held: list[Held] = []
        own_crew = Crew()
        began = env.now
        last = after
        skip = 0
        for step in self.plan.programs[program].steps:
            if skip:
                skip -= 1
                continue
            if isinstance(step, Travel):
                hours = step.hours * values[base + step.draw]
                if step.drive_limit_h > 0:
                    last = yield from self._drive(number, priority, step, hours, own_crew, held, last)
                    continue
                asset = -1
                if held:
                    held[-1][_WORKED] += hours
                    asset = held[-1][1][0]
                own_crew.ridden_h += hours
                last = yield from self._travel(number, priority, _TRAVEL, step, hours, asset, last)
            elif isinstance(step, Serve):
                last = yield from self._serve(serial, step, last, held, values[base + step.draw])
            elif isinstance(step, Take):
                last = yield from self._take(serial, step, last, held)
            elif isinstance(step, Await):
                last = yield from self._await_load(number, last, held)
            elif isinstance(step, Drop):
                hold = held.pop(0)
                hold[_DROPPED] = last
                env.process(self._go_back(number, priority, hold, step.way_back, last))
            elif isinstance(step, Detour):
                if self._goes_round(step):
                    skip = step.skip
                    for other in step.steps:
                        if isinstance(other, Serve):
                            last = yield from self._serve(serial, other, last, held, values[base + other.draw])
                        else:
                            hours = other.hours * values[base + other.draw]
                            last = yield from self._drive(number, priority, other, hours, own_crew, held, last)
            elif isinstance(step, Free):
                self.stores[step.store].give(quantity, last)
            elif isinstance(step, Discharge):
                last = yield from self._discharge(serial, step, last, held, values[base + step.draw])
            elif isinstance(step, Stay):
                hours = max(0.0, began + values[base + step.draw] * step.scale - env.now)
                last = yield from self._pause(number, step.kind, -1, hours, last)
            elif (hours := values[base + step.draw]) > 0:
                last = yield from self._pause(number, step.kind, -1, hours, last)
        if self.choosing is not None:
            self.choosing.enter(program, -1.0)
        if serial.stage == 9:
            self._closed(serial, last)
        else:
            self._arrived(serial, last)

    def _pause(self, number: int, kind: int, asset: int, hours: float, last: int) -> Generator[simpy.Event, Any, int]:
        """Time that passes without using anything; the row's number."""
        env = self.env
        now = env.now
        row = [number, kind, -1, asset, last, -1, now, now, now, NAN]
        last = len(self.rows)
        self.rows.append(row)
        yield env.timeout(hours)
        row[_CLEARED] = row[_ENDED] = env.now
        return last

    def _drive(
        self, number: int, priority: int, step: Travel, hours: float, own_crew: Crew, held: list[Held], last: int
    ) -> Generator[simpy.Event, Any, int]:
        """One link, with the rests that its crew needs before it and on it.

        Whoever is carried keeps his own hours: the lift's crew drives, the serial's own crew rides.
        """
        limit = step.drive_limit_h
        asset, crew = -1, own_crew
        if held:
            hold = held[-1]
            hold[_WORKED] += hours
            asset = hold[1][0]
            own_crew.ridden_h += hours
            if hold[_CREW] is None:
                hold[_CREW] = Crew()
            crew = hold[_CREW]
        rest = crew.rest_before(hours, limit)
        if rest > 0:
            last = yield from self._pause(number, _REST, -1, rest, last)
        last = yield from self._travel(number, priority, _TRAVEL, step, hours, asset, last)
        rest = crew.rest_within(hours, limit)
        if rest > 0:
            last = yield from self._pause(number, _REST, -1, rest, last)
        return last

    def _travel(
        self, number: int, priority: int, kind: int, step: Travel, hours: float, asset: int, last: int
    ) -> Generator[simpy.Event, Any, int]:
        """Through a gate and along its link; the row's number."""
        gate, env = step.gate, self.env
        now = env.now
        row = [number, kind, gate, asset, last, -1, now, NAN, NAN, NAN]
        rows = self.rows
        last = len(rows)
        rows.append(row)
        cleared = now
        if gate >= 0:
            cleared, event = self.gates[gate].enter(priority, step.forward, step.occupied_h, hours, last)
            if event is not None:
                cleared, row[_GRANTED] = yield event
                now = env.now
        row[_STARTED], row[_CLEARED] = now, cleared
        yield env.timeout(hours + step.tail_h)
        row[_ENDED] = env.now
        return last

    def _goes_round(self, step: Detour) -> bool:
        """Whether a detour is worth it now: the place is full, or shut for longer than the way round takes.

        The hour of reopening is taken as known, and so is that of works; a way round that is shut itself is none.
        """
        now = self.env.now
        if step.server >= 0 and self.servers[step.server].full:
            return True
        calendar = self.gates[step.gate].calendar
        if calendar is None or now + step.around_h >= calendar.next_open(now) + step.own_h:
            return False
        others = (self.gates[other.gate].calendar for other in step.steps if isinstance(other, Travel))
        return all(other is None or other.next_open(now) <= now for other in others)

    def _closed(self, serial: Serial, last: int) -> None:
        """A unit is closed; from now on it must be supplied."""
        self.closed[serial.unit] = self.env.now
        self.still_open -= 1
        supply = self.supplies.get(serial.unit)
        if supply is not None:
            self.env.process(self._sustain(supply, last))

    def _sustain(self, supply: Supply, last: int) -> Process:
        """Deliveries to a closed unit, by its ways in turn, until the whole force is closed."""
        env, plan = self.env, self.plan
        yield env.timeout(supply.first_h)
        delivery = 0
        while self.still_open:
            lots = supply.rounds[delivery % len(supply.rounds)]
            for number in lots:
                serial = plan.serials[number]
                index = delivery * len(lots) + serial.index
                draws = self.draws.factors(serial.program, serial.element, index)
                env.process(self._journey(serial, last, draws))
            delivery += 1
            yield env.timeout(supply.interval_h)

    def _serve(
        self, serial: Serial, step: Serve, last: int, held: list[Held], draw: float
    ) -> Generator[simpy.Event, Any, int]:
        """Handling at a facility; the server stays taken while the yard behind it is full."""
        server, kind, _, scale, store_out, store_in = step
        env = self.env
        asset = held[-1][1][0] if held else -1
        row = self._row(serial.number, int(kind), int(server), asset, last, env.now)
        entry = self.rows[row]
        place = self.servers[int(server)] if server >= 0 else None
        if place is not None:
            event = place.request(serial.priority)
            if event is not None:
                entry[_GRANTED] = yield event
        now = env.now
        hours = draw * scale
        if place is not None and place.calendar is not None:
            start = place.calendar.next_open(now)
            end = place.calendar.finish(start, hours)
        else:
            start, end = now, now + hours
        entry[_STARTED] = start
        if end > now:
            yield env.timeout(end - now)
        entry[_CLEARED] = entry[_ENDED] = env.now
        if store_out >= 0:
            self.stores[int(store_out)].give(serial.quantity, row)
        if store_in >= 0:
            row = yield from self._stow(serial, int(store_in), serial.quantity, row, asset)
        if place is not None:
            place.release(row)
        return row

    def _stow(
        self, serial: Serial, store: int, amount: float, last: int, asset: int
    ) -> Generator[simpy.Event, Any, int]:
        """Room in a store; a row only if it had to be waited for."""
        event = self.stores[store].take(serial.priority, amount)
        if event is None:
            return last
        row = self._row(serial.number, _STORAGE, store, asset, last, self.env.now)
        entry = self.rows[row]
        entry[_GRANTED] = yield event
        entry[_STARTED] = entry[_CLEARED] = entry[_ENDED] = self.env.now
        return row

    def _take(self, serial: Serial, step: Take, last: int, held: list[Held]) -> Generator[simpy.Event, Any, int]:
        """Wait for lift; it comes empty from where it stands."""
        number, pieces, place = step
        env, pool = self.env, self.pools[int(number)]
        row = self._row(serial.number, _LIFT, int(number), -1, last, env.now)
        entry = self.rows[row]
        if serial.number in self.called:
            self.called[serial.number] = row
            entry[_AFTER] = self.completed.get(serial.number, -1)
        got = pool.request(serial.priority, pieces, int(place))
        if isinstance(got, simpy.Event):
            assets, entry[_GRANTED] = yield got
        else:
            assets = got
        entry[3], entry[_STARTED] = assets[0], env.now
        hold: Held = [int(number), assets, row, int(place), -1, -1, 0.0, None]
        self.holds.append(hold)
        held.append(hold)
        hours = max(pool.hours_to(asset, int(place)) for asset in assets)
        if hours > 0:
            yield env.timeout(hours)
        for asset in assets:
            pool.place[asset] = int(place)
            pool.ready_at[asset] = env.now
        entry[_CLEARED] = entry[_ENDED] = env.now
        return row

    def _await_load(self, ship: int, last: int, held: list[Held]) -> Generator[simpy.Event, Any, int]:
        """Wait off the berth until the load is complete; a row only if it was not."""
        if self.waiting[ship] == 0:
            return last
        row = self._row(ship, _SHIP_LOAD, -1, held[-1][1][0], last, self.env.now)
        entry = self.rows[row]
        self.off_berth[ship] = self.env.event()
        entry[_GRANTED] = yield self.off_berth[ship]
        entry[_STARTED] = entry[_CLEARED] = entry[_ENDED] = self.env.now
        return row

    def _go_back(
        self,
        serial: int,
        priority: int,
        hold: Held,
        program: int,
        last: int,
    ) -> Process:
        """Empty assets return over the same gates, with rests and within their daily hours, and are free again."""
        pool_number, assets, worked = hold[0], hold[1], hold[_WORKED]
        crew = hold[_CREW] or Crew()
        env, pool = self.env, self.pools[pool_number]
        if program >= 0:
            entry = self.plan.programs[program]
            draws = [self.plan.distributions[slot.distribution].typical for slot in entry.slots]
            skip = 0
            for step in entry.steps:
                if skip:
                    skip -= 1
                    continue
                way: Iterable[Step] = (step,)
                if isinstance(step, Detour):
                    if not self._goes_round(step):
                        continue
                    skip, way = step.skip, step.steps
                for leg in way:
                    if not isinstance(leg, Travel):
                        continue
                    hours = leg.hours * draws[leg.draw]
                    worked += hours
                    limit = leg.drive_limit_h
                    if limit > 0 and (rest := crew.rest_before(hours, limit)) > 0:
                        last = yield from self._pause(serial, _REST, assets[0], rest, last)
                    last = yield from self._travel(serial, priority, _EMPTY, leg, hours, assets[0], last)
                    if limit > 0 and (rest := crew.rest_within(hours, limit)) > 0:
                        last = yield from self._pause(serial, _REST, assets[0], rest, last)
        limit = min(self.plan.pools[pool_number].assets[asset].hours_per_day for asset in assets)
        if limit < HOURS_PER_DAY:
            rest = pool.ready_at[assets[0]] + worked * HOURS_PER_DAY / limit - env.now
            if rest > 0:
                last = yield from self._pause(serial, _REST, assets[0], rest, last)
        hold[_FREED] = last
        for asset in assets:
            pool.add(asset, last)

    def _discharge(
        self, ship: Serial, step: Discharge, last: int, held: list[Held], draw: float
    ) -> Generator[simpy.Event, Any, int]:
        """A ship at its berth, batch by batch: room in the yard, work, and the batch may go on."""
        server, _, per_piece, store = step
        env = self.env
        asset = held[-1][1][0] if held else -1
        place = self.servers[int(server)] if server >= 0 else None
        if place is not None:
            event = place.request(ship.priority)
            if event is not None:
                last = self._row(ship.number, _BERTH, int(server), asset, last, env.now)
                entry = self.rows[last]
                entry[_GRANTED] = yield event
                entry[_STARTED] = entry[_CLEARED] = entry[_ENDED] = env.now
        for batch in ship.feeds:
            onward = self.plan.serials[batch]
            if store >= 0:
                last = yield from self._stow(ship, int(store), onward.quantity, last, asset)
            row = self._row(ship.number, _UNLOAD, int(server), asset, last, env.now, env.now)
            entry = self.rows[row]
            hours = onward.quantity * per_piece * draw
            if place is not None and place.calendar is not None:
                hours = place.calendar.finish(env.now, hours) - env.now
            if hours > 0:
                yield env.timeout(hours)
            entry[_CLEARED] = entry[_ENDED] = env.now
            last = row
            env.process(self._journey(onward, row))
        if place is not None:
            place.release(last)
        return last
