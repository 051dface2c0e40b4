"""Cases V01 to V15: queues and handling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from flanksim.activities import Kind
from flanksim.verification.case import Case, Check, batches, exact, expected, published
from flanksim.verification.runner import Runner, time_average

#: Serials that are left out while the queue fills.
WARM_UP = 800


def v01(runner: Runner) -> list[Check]:
    log = runner.log("v01-trace-queue")
    desk, want = log.finished(Kind.BORDER), expected("V01")
    stop = float(desk["started"][5])
    delay = (desk["started"] - desk["requested"])[:6].mean()
    queue = time_average(desk["requested"], np.minimum(desk["started"], stop), 0.0, stop)
    busy = time_average(desk["started"], desk["ended"], 0.0, stop)
    return [
        exact("sixth service starts, h", want["t_end"], stop),
        exact("mean delay, h", want["mean_delay"], delay),
        exact("mean queue", want["avg_queue"], queue),
        exact("utilisation", want["util"], busy),
    ]


def v02(runner: Runner) -> list[Check]:
    log = runner.log("v02-overloaded-gate")
    desk, want = log.finished(Kind.BORDER), expected("V02")
    waits = desk["started"] - desk["requested"]
    return [
        exact("last wait, h", want["last_wait"], waits[-1]),
        exact("sum of waits, h", want["sum_wait"], waits.sum()),
        exact("finish, h", want["finish"], desk["ended"].max()),
    ]


def steady(runner: Runner, overrides: Mapping[str, Any], name: str = "queue") -> dict[str, list[float]]:
    """Batch means of the steady state: waits and sojourns in hours, numbers present, share that waits."""
    plan = runner.plan(name, overrides)
    found: dict[str, list[float]] = {key: [] for key in ("Wq", "W", "Lq", "L", "Pw", "P0")}
    for seed in range(runner.batches):
        desk = runner.simulate(plan, seed).finished(Kind.BORDER)
        start, stop = float(desk["requested"][WARM_UP]), float(desk["requested"][-1])
        wait = (desk["started"] - desk["requested"])[WARM_UP:]
        found["Wq"].append(float(wait.mean()))
        found["W"].append(float((desk["ended"] - desk["requested"])[WARM_UP:].mean()))
        found["Pw"].append(float((wait > 0).mean()))
        found["Lq"].append(time_average(desk["requested"], desk["started"], start, stop))
        found["L"].append(time_average(desk["requested"], desk["ended"], start, stop))
        found["P0"].append(1.0 - _busy(desk["requested"], desk["ended"], start, stop))
    return found


def _busy(begin: Any, end: Any, start: float, stop: float) -> float:
    """Share of the time in which anybody is there."""
    total, until = 0.0, start
    for a, b in sorted(zip(begin, end, strict=True)):
        a, b = max(a, until), min(b, stop)  # noqa: PLW2901
        if b > a:
            total += b - a
            until = b
    return total / (stop - start)


def v03(runner: Runner) -> list[Check]:
    found, want = steady(runner, {}), expected("V03")
    return [batches(key, want[key], found[key], 0.08) for key in ("L", "Lq", "W", "Wq")]


def v04(runner: Runner) -> list[Check]:
    found, want = steady(runner, {"facilities": {"desk": {"servers_typical": 2}}}), expected("V04")
    return [batches(key, want[key], found[key], 0.1) for key in ("P0", "Lq", "L", "Wq", "W")]


def v05(runner: Runner) -> list[Check]:
    """Berths, in days for hours: 1.5 ships a day, 2 days each."""
    want, checks = expected("V05"), []
    for number, berths in enumerate(published()["V05"]["inputs"]["c"]):
        found = steady(
            runner,
            {
                "facilities": {"desk": {"servers_typical": berths, "handling_hours": {"exponential": 2.0}}},
                "units": {"u": {"release_interval_hours": {"exponential": 1 / 1.5}}},
            },
        )
        checks.append(batches(f"P(wait), {berths} berths", want["Pw"][number], found["Pw"], 0.08))
        checks.append(batches(f"Wq, {berths} berths, d", want["Wq"][number], found["Wq"], 0.15))
        if berths == 4:
            checks.append(batches("L, 4 berths", want["L4"], found["L"], 0.08))
    return checks


def v06(runner: Runner) -> list[Check]:
    """Share of arrivals that find every place taken and go another way."""
    checks = []
    for (places, load), share in zip(published()["V06"]["inputs"]["ca"], expected("V06")["B"], strict=True):
        plan = runner.plan(
            "v06-diverted",
            {
                "facilities": {"desk": {"servers_typical": places}},
                "units": {"u": {"release_interval_hours": {"exponential": 1.0 / load}}},
            },
        )
        found = []
        for seed in range(runner.batches):
            stayed = len(runner.simulate(plan, seed).finished(Kind.BORDER)["serial"])
            arrived = sum(serial.home for serial in plan.serials)
            found.append(1.0 - stayed / arrived)
        checks.append(batches(f"share diverted, {places} places", share, found, 0.1))
    return checks


def v07(runner: Runner) -> list[Check]:
    found = steady(runner, {"facilities": {"desk": {"handling_hours": 1 / 3}}})
    return [batches("Wq, h", expected("V07")["Wq"], found["Wq"], 0.08)]


def v09(runner: Runner) -> list[Check]:
    plan, want = runner.plan("v09-priority"), expected("V09")["Wq"]
    civil = np.array([plan.units[serial.unit].unit_id == "civil" for serial in plan.serials])
    waits: tuple[list[float], list[float]] = ([], [])
    for seed in range(runner.batches):
        desk = runner.simulate(plan, seed).finished(Kind.BORDER)
        last = min(desk["requested"][civil[desk["serial"].astype(int)] == which][-1] for which in (False, True))
        inside = np.arange(len(desk["requested"])) >= WARM_UP
        inside &= desk["requested"] <= last
        for which in (0, 1):
            chosen = inside & (civil[desk["serial"].astype(int)] == bool(which))
            waits[which].append(float((desk["started"] - desk["requested"])[chosen].mean()))
    mixed = [(a + b) / 2 for a, b in zip(*waits, strict=True)]
    return [
        batches("Wq military, h", want[0], waits[0], 0.1),
        batches("Wq civil, h", want[1], waits[1], 0.1),
        batches("weighted mean = V03", expected("V03")["Wq"], mixed, 0.1),
    ]


def v10(runner: Runner) -> list[Check]:
    """Time shares of locomotives down, from the tenth year's tenth on; the published p are rounded to 4 digits."""
    plan, want = runner.plan("v10-workshop"), expected("V10")
    start, stop = 0.1 * plan.horizon_h, plan.horizon_h
    shares: list[list[float]] = [[], [], []]
    down: list[float] = []
    idle: list[float] = []
    for seed in range(runner.batches):
        table = runner.simulate(plan, seed)
        chosen = table["kind"] == Kind.BREAKDOWN
        began = table["requested"][chosen]
        served = np.nan_to_num(table["started"][chosen], nan=stop)
        ended = np.nan_to_num(table["ended"][chosen], nan=stop)
        down.append(time_average(began, ended, start, stop))
        idle.append(2.0 - time_average(served, ended, start, stop))
        for number, entry in enumerate(_time_shares(began, ended, start, stop)[:3]):
            shares[number].append(entry)
    return [
        batches("mean number down", want["down"], down, 0.06),
        batches("mean number up", want["up"], [5.0 - value for value in down], 0.01),
        # published: each fitter's share of idle time
        batches("share of time a fitter is idle", want["idle"], [value / 2 for value in idle], 0.02),
        *(
            batches(f"share of time with {number} down", want["p"][number], shares[number], (0.04, 0.04, 0.12)[number])
            for number in range(3)
        ),
    ]


def _time_shares(began: Any, ended: Any, start: float, stop: float) -> list[float]:
    """Share of the time between `start` and `stop` in which 0, 1, 2 ... are present."""
    changes = sorted([(hour, 1) for hour in began] + [(hour, -1) for hour in ended])
    total = [0.0] * 8
    present, clock = 0, 0.0
    for hour, change in [*changes, (stop, 0)]:
        total[present] += max(0.0, min(hour, stop) - max(clock, start))
        present, clock = present + change, hour
    return [hours / (stop - start) for hours in total]


def v12(runner: Runner) -> list[Check]:
    plan, want = runner.plan("v12-tandem"), expected("V12")
    sojourn, number = [], []
    for seed in range(runner.batches):
        desk = runner.simulate(plan, seed).finished(Kind.BORDER)
        first = desk["resource"] == desk["resource"][0]
        serials = int(desk["serial"].max()) + 1
        came, left = np.zeros(serials), np.zeros(serials)
        came[desk["serial"][first].astype(int)] = desk["requested"][first]
        left[desk["serial"][~first].astype(int)] = desk["ended"][~first]
        order = np.argsort(came)[WARM_UP:]
        sojourn.append(float((left - came)[order].mean()))
        number.append(time_average(came, left, float(came[order[0]]), float(came[order[-1]])))
    return [batches("W, h", want["W"], sojourn, 0.08), batches("L", want["L"], number, 0.08)]


def v13(runner: Runner) -> list[Check]:
    log = runner.log("v13-flow-line")
    return [exact("makespan, h", expected("V13")["makespan"], max(log.closed_h))]


def v14(runner: Runner) -> list[Check]:
    log = runner.log("v14-full-load")
    approach = log.finished(Kind.TRAVEL)
    ship = next(serial.number for serial in log.plan.serials if serial.stage == 1)
    start = log.finished(Kind.LIFT)["requested"][0]
    waits = start - approach["ended"][approach["serial"] != ship]
    return [exact("mean wait, h", expected("V14")["mean_wait"], waits.mean())]


def v15(runner: Runner) -> list[Check]:
    """Room for B between the two stages is room for B + 1 behind the first, the place at the second included."""
    checks = []
    for room, rate in zip(published()["V15"]["inputs"]["B"], expected("V15")["X"], strict=True):
        plan = runner.plan("v15-blocking", {"facilities": {"first": {"storage_typical": room + 1}}})
        found = []
        for seed in range(runner.batches):
            desk = runner.simulate(plan, seed).finished(Kind.BORDER)
            done = np.sort(desk["ended"][desk["resource"] != desk["resource"][0]])
            found.append((len(done) - WARM_UP - 1) / (done[-1] - done[WARM_UP]))
        checks.append(batches(f"rate with {room} between, 1/h", rate, found, 0.03))
    return checks


CASES = [
    Case("V01", "one gate, recorded arrivals and services", v01),
    Case("V02", "overloaded gate (Lindley)", v02),
    Case("V03", "M/M/1", v03),
    Case("V04", "M/M/2", v04),
    Case("V05", "four berths, then five (Erlang C)", v05),
    Case("V06", "blocked and diverted (Erlang B)", v06),
    Case("V07", "M/D/1 (Pollaczek and Khinchine)", v07),
    Case("V09", "military over civil, not interrupted (Cobham)", v09),
    Case("V10", "five locomotives, two fitters", v10),
    Case("V12", "two gates in series (Jackson)", v12),
    Case("V13", "flow line of twenty trains", v13),
    Case("V14", "a load leaves when it is full", v14),
    Case("V15", "terminal with a finite yard between its stages", v15),
]
