"""Cases V21 to V40 and V48 to V51: lines, lift and the physics of deployment."""

from __future__ import annotations

import numpy as np

from flanksim.activities import Kind
from flanksim.measure.closure import closures
from flanksim.units import in_time
from flanksim.verification.case import EXACT, Case, Check, batches, exact, expected
from flanksim.verification.runner import Runner


def v21(runner: Runner) -> list[Check]:
    return [exact("last head in, h", expected("V21")["last_head"], runner.last("v21-headway"))]


def v22(runner: Runner) -> list[Check]:
    return [exact("last head in, h", expected("V22")["last_head"], runner.last("v22-two-lines"))]


def v23(runner: Runner) -> list[Check]:
    """Alternating order comes from alternating priorities, one train each."""
    want = expected("V23")
    east, west = ({"assembly_node": goal, "home_node": home} for home, goal in (("a", "b"), ("b", "a")))
    units: dict[str, object] = {"east": None, "west": None}
    units |= {f"t{n}": {"wheeled": 1, "priority": n, **(west if n % 2 else east)} for n in range(10)}
    alternate = runner.plan("v23-single-track", {"units": units})
    return [
        exact("alternating, min", want["alternate"], max(runner.simulate(alternate, 1).closed_h) * 60),
        exact("five and five, min", want["fleet"], runner.last("v23-single-track") * 60),
    ]


def v24(runner: Runner) -> list[Check]:
    want = expected("V24")
    checks = []
    for name, berths in (("free", (15, 15)), ("berths_2_1", (2, 1))):
        change = {f"berth-{port}": {"servers_typical": n} for port, n in zip("ab", berths, strict=True)}
        landed = np.sort(
            runner.simulate(runner.plan("v24-sealift", {"facilities": change}), 1).finished(Kind.UNLOAD)["ended"]
        )
        checks += [
            exact(f"delivery {n + 1}, {name}, h", e, g) for n, (e, g) in enumerate(zip(want[name], landed, strict=True))
        ]
    endless = runner.plan("v24-sealift", {"mechanisms": {"lift": False}})
    return [*checks, exact("endless fleet, h", 288.0, max(runner.simulate(endless, 1).closed_h))]


def v25(runner: Runner) -> list[Check]:
    return [
        exact(
            f"last unloaded with {sets} sets, h",
            hours,
            runner.last("v25-rail-sets", {"fleets": {"sets": {"count_typical": int(sets)}}}),
        )
        for sets, hours in expected("V25")["last"].items()
    ]


def v30(runner: Runner) -> list[Check]:
    log = runner.log("v30-column")
    march, want = log.finished(Kind.TRAVEL), expected("V30")
    first, second = 0, 1
    return [
        exact("pass time, min", want["pass_min"], (march["cleared"][first] - march["started"][first]) * 60),
        exact("next column enters, min", want["pass_min"], march["started"][second] * 60),
        exact("tail in, min", 180 + want["pass_min"], march["ended"][first] * 60),
        exact("head in, min", 180, (march["ended"][first] - (march["cleared"][first] - march["started"][first])) * 60),
    ]


def v31(runner: Runner) -> list[Check]:
    return [exact("last out, h", expected("V31")["last"], runner.last("v31-opening-hours"))]


def v32(runner: Runner) -> list[Check]:
    """The published answer is fluid; vehicle by vehicle it is met within one vehicle of 1,600."""
    log = runner.log("v32-civil-load")
    road, want = log.finished(Kind.TRAVEL), expected("V32")
    came, entered = road["requested"], road["started"]
    first = came[0]
    queue = max(int((came <= hour).sum() - (entered <= hour).sum()) for hour in came)
    share = 1.0 / 1600 + EXACT
    return [
        exact("longest queue", want["max_queue"], queue, 1.0),
        exact("longest delay, h", want["max_delay"], (entered - came).max(), want["max_delay"] * share),
        exact("clear after, h", want["clear"], road["cleared"].max() - first, want["clear"] * share),
        exact("total delay, vehicle hours", want["total"], (entered - came).sum(), want["total"] * share),
    ]


def _means(runner: Runner, name: str, batches_: int, runs: int) -> list[float]:
    """Mean closure hour of `runs` replications in each of `batches_` batches."""
    plan = runner.plan(name)
    return [
        float(np.mean([max(runner.simulate(plan, batch * runs + run).closed_h) for run in range(runs)]))
        for batch in range(batches_)
    ]


def v33(runner: Runner) -> list[Check]:
    days = [hours / 24 for hours in _means(runner, "v33-marry-up", 40, 250)]
    return [batches("mean of the later of two, d", expected("V33")["mean"], days, 0.04)]


def v34(runner: Runner) -> list[Check]:
    return [batches("mean closure, h", expected("V34")["mean"], _means(runner, "v34-chalks", 40, 100), 0.04)]


def v35(runner: Runner) -> list[Check]:
    """75 independent units whose travel time is exponential with its 99th percentile at the deadline."""
    units = {f"u{n:02d}": {"home_node": "a", "assembly_node": "b", "wheeled": 1} for n in range(75)}
    mean = 96.0 / np.log(100.0)
    change = {
        "units": {"u": None, **units},
        "question": {"deadline_days": 3},
        "links": {"road": {"travel_hours": {"exponential": float(mean)}}},
    }
    plan, want = runner.plan("v34-chalks", change), expected("V35")
    shares = []
    for batch in range(30):
        hits = 0
        for run in range(200):
            log = runner.simulate(plan, batch * 200 + run)
            hits += in_time(closures(log.plan, log.closed_h)["all"].hour, plan.deadline_h)
        shares.append(hits / 200)
    return [
        batches("P(all 75 on time)", want["p_all"], shares, 0.1),
        exact("P for each, for 90 % together", want["need90"], 0.9 ** (1 / 75)),
    ]


def v36(runner: Runner) -> list[Check]:
    """Over whole cycles after the first; eight stands for four buy nothing; 100 aircraft show the field."""
    checks = []
    for stands in (4, 8):
        plan = runner.plan("v36-airfield", {"facilities": {"stand-b": {"servers_typical": stands}}})
        landed = runner.simulate(plan, 1).finished(Kind.UNLOAD)["ended"]
        window = (landed > 200.0) & (landed <= 440.0)
        checks.append(exact(f"sorties a day, MOG {stands}", expected("V36")["per_day"], window.sum() / 10.0))
    many = {"fleets": {"aircraft": {"count_typical": 100}}, "units": {"u": {"troops": 800}}}
    landed = runner.simulate(runner.plan("v36-airfield", many), 1).finished(Kind.UNLOAD)["ended"]
    window = (landed > 100.0) & (landed <= 340.0)
    return [*checks, exact("sorties a day, 100 aircraft", 4 * 24 / 3, window.sum() / 10.0)]


def v37(runner: Runner) -> list[Check]:
    gate = runner.log("v37-outage").finished(Kind.TRAVEL)
    return [exact("finish, h", expected("V37")["finish"], gate["cleared"].max())]


def v38(runner: Runner) -> list[Check]:
    plan, want = runner.plan("v38-breakdown"), expected("V38")
    means, variances = [], []
    for seed in range(250):
        table = runner.simulate(plan, seed)
        done = np.zeros(len(plan.serials))
        chosen = np.isin(table["kind"], (Kind.TRAVEL, Kind.BREAKDOWN))
        np.maximum.at(done, table["serial"][chosen], table["ended"][chosen])
        hours = done[done > 0]
        means.append(float(hours.mean()))
        variances.append(float(hours.var(ddof=1)))
    return [batches("mean, h", want["mean"], means, 0.02), batches("variance, h2", want["var"], variances, 0.12)]


def v39(runner: Runner) -> list[Check]:
    total = 1.5 + 7.25 + 2.5 + 10 + 31.5 + 8 + 3 + 5.125 + 4
    return [exact("sum of legs and handling, h", total, runner.last("v39-zero-load"))]


def v40(runner: Runner) -> list[Check]:
    """Every capacity off: each unit is closed at its release plus its path, computed here by hand."""
    units = {
        "near": {"home_node": "a", "assembly_node": "c", "wheeled": 40, "ready_day": 3},
        "far": {"home_node": "b", "assembly_node": "c", "wheeled": 40, "ready_day": 1},
        "u": None,
    }
    plan = runner.plan("v22-two-lines", {"units": units, "mechanisms": {"gates": False}})
    return [exact("closure, h", max(3 * 24 + 4 + 2, 1 * 24 + 2), max(runner.simulate(plan, 1).closed_h))]


def v48(runner: Runner) -> list[Check]:
    """Hours at the wheel, and a rest of 24 less 10 h after every ten of them, wherever links begin."""
    one = {"links": {"two": None, "three": None}, "units": {"u": {"assembly_node": "b"}}}
    two = {"links": {"three": None}, "units": {"u": {"assembly_node": "c"}}}
    return [
        exact("350 km in, h", 7.0, runner.last("v48-rests", one)),
        exact("950 km in, h", 19.0 + 14.0, runner.last("v48-rests", two)),
        exact("1,050 km in, h", 21.0 + 2 * 14.0, runner.last("v48-rests")),
    ]


def v49(runner: Runner) -> list[Check]:
    """Readiness and permission run side by side, from C-day on."""
    at_home, far = runner.log("v49-permission").closed_h
    return [exact("within a country, h", 3 * 24 + 5, at_home), exact("across a border, h", 10 * 24 + 5, far)]


def v50(runner: Runner) -> list[Check]:
    closed = sorted(runner.log("v50-integration").closed_h)
    return [exact("first closed, h", 5 + 48, closed[0]), exact("second closed, h", 5 + 2 * 48, closed[1])]


def v51(runner: Runner) -> list[Check]:
    """Binomial: 20 ships, each there with probability 0.8."""
    plan, landed = runner.plan("v51-activation"), []
    for batch in range(runner.batches):
        logs = (runner.simulate(plan, 30 * batch + run).finished(Kind.TRAVEL)["ended"] for run in range(30))
        landed.append(float(np.mean([(ended < 241.0).sum() for ended in logs])))
    return [batches("loads of the first wave", 16.0, landed, 0.02)]


CASES = [
    Case("V21", "headway on a line", v21),
    Case("V22", "two lines in series", v22),
    Case("V23", "opposing trains on single track", v23),
    Case("V24", "ships that come back", v24),
    Case("V25", "rail sets that come back", v25),
    Case("V30", "column: head, tail and gaps", v30),
    Case("V31", "border open by day", v31),
    Case("V32", "civil traffic has the right of way", v32),
    Case("V33", "marry-up", v33),
    Case("V34", "closed with the last chalk", v34),
    Case("V35", "all units on time", v35),
    Case("V36", "airfield: stands or aircraft", v36),
    Case("V37", "outage: work resumes", v37),
    Case("V38", "breakdowns on the way", v38),
    Case("V39", "zero load", v39),
    Case("V40", "no capacity binds", v40),
    Case("V48", "crews rest", v48),
    Case("V49", "permission to cross a border", v49),
    Case("V50", "joining up, one unit after the other", v50),
    Case("V51", "ships that turn up", v51),
]
