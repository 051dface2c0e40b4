"""What the compiled twin reads of a plan: its tables, made once, and what each replication draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flanksim.engine import compiled
from flanksim.engine import compiled_records as records
from flanksim.engine.compiled_records import GROWING, TABLES, WORLD
from flanksim.engine.compiled_streams import Floats, Streams
from flanksim.engine.outages import Outage, absences, drawn_outages
from flanksim.engine.resources import Calendar
from flanksim.engine.streams import turns_up
from flanksim.planning import plan as planned
from flanksim.planning.plan import Plan, leave_hour
from flanksim.planning.steps import (
    Await,
    Detour,
    Discharge,
    Drop,
    Free,
    Pause,
    Serve,
    Stay,
    Step,
    Take,
    Travel,
)
from flanksim.scenario.distributions import Distribution
from flanksim.units import HOURS_PER_DAY, SAME_HOUR

Table = NDArray[Any]
#: Tables of a plan that a run writes into.
CHANGED = ("serial", "unit", "resource", "stand", "asset", "choice", "account")


def _table(name: str, rows: Sequence[tuple[Any, ...]]) -> Table:
    """A table of these records; one that is not used has one of zeros, so that it has an address."""
    return np.array(rows, dtype=TABLES[name]) if rows else np.zeros(1, dtype=TABLES[name])


def _filled(name: str, count: int, **values: Any) -> Table:
    """A table of so many records with one column each, -1 in whole numbers that are not given and 0.0 in others."""
    layout = TABLES[name]
    found = np.zeros(max(1, count), dtype=layout)
    for column in layout.names or ():
        given = values.pop(column, None)
        if given is not None:
            found[column][:count] = given
        elif layout[column].kind == "i":
            found[column] = -1
    if values:
        raise TypeError(f"no columns {', '.join(values)} in {name}")
    return found


class Tables:
    """Tables of one plan, made once, and the world of each run on them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.streams = Streams(plan)
        self._numbers_of_resources()
        self.fixed: dict[str, Table] = {}
        self._offsets: list[int] = []
        self._bases: dict[tuple[str, int], int] = {}
        self._listed: list[int] = []
        self._lay_programs()
        self._lay_serials()
        self._lay_resources()
        self._lay_ways()
        self._lay_pools()
        self._lay_units()
        self.streams.settle()
        places = self.streams.places
        self.fixed["offset"] = _filled("offset", len(self._offsets), at=places[self._offsets] if self._offsets else 0)
        self._readiness_at = places[self._readiness]
        self._permits_at = places[self._permits]
        self.deciding_at = [places[numbers] for numbers in self._deciding]
        self._gaps_at = np.where(self._gaps >= 0, places[self._gaps] if len(places) else 0, -1)
        asset = self.fixed["asset"]
        for column, numbers in (("lives", self._lives), ("repairs", self._repairs)):
            asset[column][list(numbers)] = places[list(numbers.values())] if numbers else -1
        self._margin = self._most_of_an_event()
        self._room = dict.fromkeys(GROWING, self._margin + 64)
        self._room["row"] += 24 * len(plan.serials)
        self._room["process"] += 2 * len(self.fixed["asset"]) + 2 * len(plan.serials) + len(plan.units)
        self._room["event"] += len(plan.serials)
        self._spare: list[dict[str, Table]] = []

    # ---- the plan ---------------------------------------------------------------------------------

    def _numbers_of_resources(self) -> None:
        plan = self.plan
        self.closed = [*(gate.closed for gate in plan.gates), *(server.closed for server in plan.servers)]
        self.first_server = len(plan.gates)
        self.first_store = self.first_server + len(plan.servers)
        self.first_workshop = self.first_store + len(plan.stores)
        self.first_pool = self.first_workshop + len(plan.workshops)

    def _lay_programs(self) -> None:
        """Steps of all programs, ways round behind them."""
        programs = self.plan.programs
        ends = np.cumsum([len(program.steps) for program in programs]).tolist()
        self.ranges = list(zip([0, *ends[:-1]], ends, strict=True)) if programs else []
        rows: list[tuple[float, ...]] = []
        behind: list[tuple[float, ...]] = []
        self._typical = [self.streams.constant(entry) for entry in self.plan.distributions]
        self._back: dict[int, int] = {}
        for program in programs:
            for step in program.steps:
                if isinstance(step, Detour):
                    first = (ends[-1] if ends else 0) + len(behind)
                    behind += [self._laid(other, on_way_round=True) for other in step.steps]
                    gate, server, skip, own_h, around_h, others = step
                    server = server + self.first_server if server >= 0 else -1
                    end = first + len(others)
                    rows.append((own_h, around_h, 0, 0, records.DETOUR, gate, 0, 0, 0, server, -1, first, end, skip))
                else:
                    rows.append(self._laid(step))
        self.fixed["step"] = _table("step", rows + behind)
        self.longest = max((len(program.steps) for program in programs), default=0) + len(behind)

    def _laid(self, step: Step, *, on_way_round: bool = False) -> tuple[float, ...]:
        """Record of a step: hours, held, tail, limit; op, at, kind, draw, place, frees, fills, first, end, skip."""
        c, server, store = records, self.first_server, self.first_store
        match step:
            case Travel(gate, forward, occupied, hours, draw, tail, limit):
                op = c.DRIVE if limit > 0 or on_way_round else c.RIDE
                return (hours, occupied, tail, limit, op, gate, 0, draw, int(forward), -1, -1, 0, 0, 0)
            case Serve(at, kind, draw, scale, frees, fills):
                frees, fills = (number + store if number >= 0 else -1 for number in (frees, fills))
                at = at + server if at >= 0 else -1
                return (scale, 0, 0, 0, c.SERVE, at, int(kind), draw, 0, frees, fills, 0, 0, 0)
            case Take(pool, pieces, place):
                return (pieces, 0, 0, 0, c.TAKE, pool + self.first_pool, 0, 0, place, -1, -1, 0, 0, 0)
            case Await():
                return (0, 0, 0, 0, c.AWAIT, -1, 0, 0, 0, -1, -1, 0, 0, 0)
            case Drop(back):
                first, end = self.ranges[back] if back >= 0 else (0, 0)
                return (0, 0, 0, 0, c.DROP, -1, 0, self._way_back(back), 0, -1, -1, first, end, 0)
            case Free(at):
                return (0, 0, 0, 0, c.FREE, at + store, 0, 0, 0, -1, -1, 0, 0, 0)
            case Stay(kind, draw, scale):
                return (scale, 0, 0, 0, c.STAY, -1, int(kind), draw, 0, -1, -1, 0, 0, 0)
            case Pause(kind, draw):
                return (0, 0, 0, 0, c.PAUSE, -1, int(kind), draw, 0, -1, -1, 0, 0, 0)
            case Discharge(at, draw, each, fills):
                at, fills = at + server if at >= 0 else -1, fills + store if fills >= 0 else -1
                return (each, 0, 0, 0, c.DISCHARGE, at, 0, draw, 0, -1, fills, 0, 0, 0)
        raise TypeError(f"no record for {step}")

    def _way_back(self, program: int) -> int:
        """Where the typical factors of a way back begin among the offsets."""
        if program < 0:
            return 0
        if program not in self._back:
            self._back[program] = len(self._offsets)
            self._offsets += [self._typical[slot.distribution] for slot in self.plan.programs[program].slots]
        return self._back[program]

    def _base(self, element: str, program: int) -> int:
        """Where the slots of a program begin among the offsets, for the serials of one element."""
        key = (element, program)
        if key not in self._bases:
            entries = self.plan.distributions
            found = [
                self.streams.series(slot.purpose, element, slot.thing, entries[slot.distribution])
                for slot in self.plan.programs[program].slots
            ]
            self._bases[key] = len(self._offsets)
            self._offsets += found
        return self._bases[key]

    def _lay_serials(self) -> None:
        serials = self.plan.serials
        table = _filled("serial", len(serials), called=0, completed=-1, choices=0, choices_end=0)
        feeds = np.cumsum([0, *(len(serial.feeds) for serial in serials)])
        self._listed += [number for serial in serials for number in serial.feeds]
        if not serials:
            self.fixed["serial"] = table
            return
        for column in ("index", "unit", "stage", "priority", "program", "waits_for", "quantity", "final"):
            table[column] = [getattr(serial, column) for serial in serials]
        table["first"], table["end"] = np.array([self.ranges[serial.program] for serial in serials]).T
        table["slots"] = [self._base(serial.element, serial.program) for serial in serials]
        table["feeds"], table["feeds_end"] = feeds[:-1], feeds[1:]
        table["troops"] = [serial.kind == "troops" for serial in serials]
        table["complete_h"] = [math.inf if serial.stage == 1 else 0.0 for serial in serials]
        self.fixed["serial"] = table

    def _lay_resources(self) -> None:
        plan = self.plan
        table = _filled("resource", self.first_pool + len(plan.pools), arrivals=0, windows=0, windows_end=0)
        self._windows: list[tuple[float, float, int]] = []
        table["left_0"] = table["left_1"] = -1.0
        table["clearance"] = math.nan
        for number, gate in enumerate(plan.gates):
            table[number]["kind"] = records.GATE
            if gate.opposing_clearance_h is not None:
                table[number]["clearance"] = gate.opposing_clearance_h
        for number, server in enumerate(plan.servers, self.first_server):
            table[number]["kind"], table[number]["free"] = records.SERVERS, server.servers
        for number, store in enumerate(plan.stores, self.first_store):
            table[number]["kind"] = records.STORE
            table[number]["capacity"] = table[number]["room"] = store.capacity
        for number, workshop in enumerate(plan.workshops, self.first_workshop):
            table[number]["kind"], table[number]["free"] = records.SERVERS, workshop.fitters
        for number, closed in enumerate(self.closed):
            if closed:
                self._shut(table, self._windows, number, Calendar(closed))
        self.fixed["resource"] = table

    def _lay_ways(self) -> None:
        """Ways among which serials choose, and the work of all programs."""
        plan, serials = self.plan, self.fixed["serial"]
        choices: list[tuple[float, int, int, int, int]] = []
        #: Number of the way of each choice.
        self.way_of: list[int] = []
        for serial in plan.serials:
            if serial.ways and plan.work:
                serials[serial.number]["choices"] = len(choices)
                for number in serial.ways:
                    program = plan.ways[number].program
                    choices.append((0.0, program, self._base(serial.element, program), *self.ranges[program]))
                self.way_of += serial.ways
                serials[serial.number]["choices_end"] = len(choices)
        self.fixed["choice"] = _table("choice", choices)
        ends = np.cumsum([0, *(len(work.thing) for work in plan.work)]).tolist()
        totals = [work.total_h for work in plan.work]
        self.fixed["work"] = _table("work", list(zip(totals, ends, ends[1:], strict=False)))
        self.fixed["asking"] = _table(
            "asking", [row for work in plan.work for row in zip(work.work_h, work.reached_h, work.thing, strict=True)]
        )
        at_once = [1.0] * len(plan.gates) + [server.servers for server in plan.servers]
        self.fixed["account"] = account = _filled("account", len(at_once) + len(plan.pools))
        account["at_once"][: len(at_once)] = at_once
        account["resource"][: len(at_once)] = range(len(at_once))

    @staticmethod
    def _shut(table: Table, windows: list[tuple[float, float, int]], number: int, calendar: Calendar) -> None:
        table[number]["windows"] = len(windows)
        windows += zip(calendar.starts, calendar.ends, calendar.owners, strict=True)
        table[number]["windows_end"] = len(windows)

    def _lay_pools(self) -> None:
        plan, resources = self.plan, self.fixed["resource"]
        assets: list[Any] = []
        stands: list[int] = []
        distances: list[float] = []
        #: Of each pool the assets that may not turn up, and by hour all of them.
        self.unsure: list[list[int]] = []
        #: Of each pool their shares that turn up, and the series of the number that decides.
        self.shares: list[Floats] = []
        self._deciding: list[list[int]] = []
        self.joining: list[list[tuple[float, list[int]]]] = []
        self._lives: dict[int, int] = {}
        self._repairs: dict[int, int] = {}
        failures: dict[int, int] = {}
        for number, pool in enumerate(plan.pools):
            record = resources[self.first_pool + number]
            record["kind"], record["assets"] = records.POOL, len(assets)
            record["stands"], record["stands_end"] = len(stands), len(stands) + len(pool.places)
            for row in pool.position_km:
                stands.append(len(distances))
                distances += row
            by_hour: dict[float, list[int]] = {}
            for own, asset in enumerate(pool.assets):
                by_hour.setdefault(asset.available_h, []).append(len(assets) + own)
                if asset.workshop >= 0 and plan.chance:
                    self._wear(len(assets) + own, pool.assets[own], failures)
            self.joining.append(sorted(by_hour.items()))
            unsure = [own for own, asset in enumerate(pool.assets) if asset.activation < 1.0]
            self.unsure.append(unsure)
            self.shares.append(np.array([pool.assets[own].activation for own in unsure]))
            self._deciding.append(
                [
                    self.streams.uniform("activation", pool.assets[own].fleet, str(pool.assets[own].index))
                    for own in unsure
                ]
                if plan.chance
                else []
            )
            assets += pool.assets
        self.fixed["stand"] = _filled("stand", len(stands), km=stands)
        self.fixed["distance"] = _filled("distance", len(distances), km=distances)
        self.fixed["asset"] = table = _filled(
            "asset",
            len(assets),
            place=[asset.place for asset in assets],
            workshop=[asset.workshop + self.first_workshop if asset.workshop >= 0 else -1 for asset in assets],
            capacity=[asset.capacity for asset in assets],
            speed=[asset.speed_kmh for asset in assets],
            day_h=[asset.hours_per_day for asset in assets],
            idle=0,
            failures=0,
            away=0,
            standing=0,
        )
        table["failures"][list(failures)] = list(failures.values())

    def _wear(self, number: int, asset: planned.Asset, failures: dict[int, int]) -> None:
        """Hours until an asset fails again, and hours of its repairs."""
        shop = self.plan.workshops[asset.workshop]
        most = failures[number] = 20 + int(3 * self.plan.horizon_h / shop.mean_life_h)
        lives, key = Distribution("exponential", (shop.mean_life_h,)), str(asset.index)
        self._lives[number] = self.streams.series("life", shop.name, key, lives, most)
        self._repairs[number] = self.streams.series("repair", shop.name, key, shop.repair, most)

    def _lay_units(self) -> None:
        plan = self.plan
        units, serials = plan.units, plan.serials
        table = _filled("unit", len(units), closing_now=0, supply=0, first=0, end=0, rounds=0, rounds_end=0)
        if units:
            table["closing"] = [unit.closing_serial for unit in units]
            table["at_intervals"] = [unit.interval >= 0 for unit in units]
            table["needed"] = [unit.vehicles_needed for unit in units]
            table["closed_h"] = table["troops_h"] = math.nan
        for serial in serials:
            if serial.final and serial.kind == "troops":
                table[serial.unit]["troops_left"] += serial.quantity
        deliveries: list[tuple[int, int, int]] = []
        sizes = dict(plan.element_sizes)
        for supply in plan.supplies:
            unit = table[supply.unit]
            unit["supply"], unit["rounds"] = 1, len(deliveries)
            unit["first_h"], unit["interval_h"] = supply.first_h, supply.interval_h
            for lots in supply.rounds:
                first = len(self._listed)
                self._listed += lots
                size = min((sizes[serials[lot].element] for lot in lots), default=0)
                deliveries.append((size, first, len(self._listed)))
            unit["rounds_end"] = len(deliveries)
        self.fixed["unit"], self.fixed["delivery"] = table, _table("delivery", deliveries)
        homes = [serial for serial in serials if serial.home]
        self.home = np.array([serial.number for serial in homes], dtype=np.int64)
        self.home_unit = np.array([serial.unit for serial in homes], dtype=np.int64)
        self.border_h = np.array([serial.border_h for serial in homes])
        self._permits_of = np.array([number for serial in homes for number in serial.permits], dtype=np.int64)
        self._permits_from = np.cumsum([0, *(len(serial.permits) for serial in homes)])
        counts = np.bincount(self.home_unit, minlength=len(units)) if homes else np.zeros(len(units), dtype=np.int64)
        self._readiness = [self.streams.one("ready", unit.unit_id, plan.delay_of(unit)) for unit in units]
        self._permits = [self.streams.one("permission", permit.name, permit.days) for permit in plan.permits]
        self._gaps = np.array(
            [
                self.streams.series(
                    "release", serial.element, "", plan.distributions[units[serial.unit].interval],
                    max(int(counts[serial.unit]), sizes[serial.element]),
                )
                if units[serial.unit].interval >= 0
                else -1
                for serial in homes
            ],
            dtype=np.int64,
        )  # fmt: skip
        self._counts = counts

    def _most_of_an_event(self) -> int:
        """Records that one event adds to a table, at the most."""
        plan = self.plan
        lots = (len(lot) for supply in plan.supplies for lot in supply.rounds)
        return 64 + 4 * (
            self.longest
            + max((len(serial.feeds) for serial in plan.serials), default=0)
            + int(self._counts.max(initial=0))
            + max(lots, default=0)
            + sum(len(pool.assets) for pool in plan.pools)
        )

    # ---- a run ------------------------------------------------------------------------------------

    def run(self, seed: int, calls: Sequence[tuple[int, float]]) -> Run:
        """The world of one replication before its first event; `calls` are ships and the hours of their calls."""
        return Run(self, seed, calls)


class Run:
    """The world of one replication: tables, their addresses, and what did not turn up.

    Attributes
    ----------
    absent
        For each pool the numbers of the assets that did not turn up.
    failed
        Whether the run came upon something that the twin does not serve.
    """

    def __init__(self, tables: Tables, seed: int, calls: Sequence[tuple[int, float]]) -> None:
        self._of, self._plan, self._seed = tables, tables.plan, seed
        plan = tables.plan
        self.tables = {name: table.copy() if name in CHANGED else table for name, table in tables.fixed.items()}
        self.tables |= (
            tables._spare.pop()
            if tables._spare
            else {name: np.empty(tables._room[name], dtype=TABLES[name]) for name in GROWING}
        )
        self.world = np.zeros(1, dtype=WORLD)
        w = self.world[0]
        values = tables.streams.values(seed)
        self.tables["draw"] = values.view(TABLES["draw"])
        self._set_out(values)
        rows = self._outages()
        self.absent = self._join(values)
        self.tables["calling"] = _table("calling", [(hour, ship) for ship, hour in calls])
        for name in ("urgent", "urgent_last", "normal", "normal_last", "spare"):
            w[name] = -1
        w["row_count"], w["callings"] = rows, len(calls)
        w["units"] = w["still_open"] = len(plan.units)
        w["first_server"], w["first_store"], w["first_pool"] = (
            tables.first_server,
            tables.first_store,
            tables.first_pool,
        )
        w["choosing"], w["way_margin_h"] = bool(plan.work), plan.way_margin_h
        w["chance"], w["until"], w["margin"] = plan.chance, plan.horizon_h + SAME_HOUR, tables._margin
        for name in GROWING:
            w[f"{name}_room"] = len(self.tables[name])
        for name in TABLES:
            self._address(name)

    def _address(self, name: str) -> None:
        table = self.tables[name]
        address = table.ctypes.data
        self.world[0][name] = address
        if not records.COMPILED:
            records.ARRAYS[address] = table.view(np.recarray)

    def _set_out(self, values: Floats) -> None:
        """When each unit is ready, and when each of its serials may leave: see `flanksim.planning.plan.leave_hour`."""
        of, plan = self._of, self._plan
        units = self.tables["unit"]
        if not len(plan.units):
            self.tables["leaving"] = _table("leaving", [])
            return
        ready_h = np.array([unit.ready_h for unit in plan.units])
        units["ready_h"] = np.maximum(0.0, ready_h + values[of._readiness_at] * HOURS_PER_DAY)
        asked = np.array([permit.asked_h for permit in plan.permits])
        permit_h = asked + HOURS_PER_DAY * values[of._permits_at]
        if of.way_of:
            leave_h = [leave_hour(way, permit_h.tolist()) for way in plan.ways]
            self.tables["choice"]["leave_h"] = [leave_h[number] for number in of.way_of]
        leave = np.zeros(len(of.home))
        begins = of._permits_from
        some = np.flatnonzero(begins[1:] > begins[:-1])
        if len(some):
            leave[some] = np.maximum.reduceat(permit_h[of._permits_of], begins[some])
        leave = np.maximum(units["ready_h"][of.home_unit], leave - of.border_h)
        order = np.lexsort((leave, of.home_unit))
        self.tables["leaving"] = _filled(
            "leaving", len(order), serial=of.home[order], hour=leave[order], gaps=of._gaps_at[order]
        )
        ends = np.cumsum(of._counts)
        units["first"], units["end"] = ends - of._counts, ends

    def _outages(self) -> int:
        """Rows of outages, and the calendars of what they shut; how many rows."""
        of, plan = self._of, self._plan
        rows: list[tuple[float, ...]] = []

        def row(*entries: float) -> int:
            serial, kind, resource, asset, after, *hours = entries
            rows.append((*hours, serial, kind, resource, asset, after, -1))
            return len(rows) - 1

        gates, servers = drawn_outages(plan, self._seed, row)
        shut: dict[int, list[Outage]] = gates | {number + of.first_server: found for number, found in servers.items()}
        windows = list(of._windows)
        for number, outages in shut.items():
            Tables._shut(self.tables["resource"], windows, number, Calendar(of.closed[number], outages))
        self.tables["window"] = _table("window", windows)
        if rows:
            while len(rows) > len(self.tables["row"]):
                self._double("row")
            self.tables["row"][: len(rows)] = rows
        return len(rows)

    def _join(self, values: Floats) -> tuple[tuple[int, ...], ...]:
        """Assets that turn up, by pool and hour; those that do not."""
        of, plan = self._of, self._plan
        listed, joining, absent = list(of._listed), [], []
        away: list[tuple[float, float, int, int, int]] = []
        for number, pool in enumerate(plan.pools):
            unsure = of.unsure[number]
            if plan.chance:
                comes = (values[of.deciding_at[number]] < of.shares[number]).tolist()
            else:
                comes = [turns_up(pool.assets[own], self._seed, chance=False) for own in unsure]
            missing = {own for own, turned_up in zip(unsure, comes, strict=True) if not turned_up}
            absent.append(tuple(own for own in unsure if own in missing))
            resource = of.first_pool + number
            first_of = int(self.tables["resource"][resource]["assets"])
            account = self.tables["account"][of.first_store + number]
            account["at_once"] = len(pool.assets) - len(missing)
            account["from_h"] = math.inf
            for hour, assets in of.joining[number]:
                first = len(listed)
                listed += [number for number in assets if number - first_of not in missing] if missing else assets
                if len(listed) > first:
                    account["from_h"] = min(account["from_h"], hour)
                    joining.append((hour, resource, first, len(listed)))
            for (start, end), assets in absences(pool, missing):
                first = len(listed)
                listed += [first_of + own for own in assets]
                away.append((start, end, resource, first, len(listed)))
        self.tables["listed"] = _filled("listed", len(listed), number=listed)
        self.tables["joining"] = _table("joining", joining)
        self.world[0]["joinings"] = len(joining)
        self.tables["absence"] = _table("absence", away)
        self.world[0]["absences"] = len(away)
        return tuple(absent)

    def _double(self, name: str) -> None:
        old = self.tables[name]
        self.tables[name] = np.concatenate([old, np.empty(len(old), dtype=old.dtype)])

    def play(self) -> None:
        """Go on to the horizon."""
        w = self.world[0]
        world = self.world if records.COMPILED else self.world.view(np.recarray)
        while not compiled.play(world) and not w["failed"]:
            for name in GROWING:
                if w[f"{name}_count"] + w["margin"] > w[f"{name}_room"]:
                    self._double(name)
                    self._of._room[name] = w[f"{name}_room"] = len(self.tables[name])
                    self._address(name)
        self.failed = bool(w["failed"])

    def table(self, name: str) -> Table:
        """The records of a growing table."""
        return self.tables[name][: self.world[0][f"{name}_count"]]

    def done(self) -> None:
        """Its tables may be used again."""
        self._of._spare.append({name: self.tables[name] for name in GROWING})
        if not records.COMPILED:
            records.ARRAYS.clear()
