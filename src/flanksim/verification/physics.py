"""Cases V17 to V40: networks, lift and the physics of deployment."""

from __future__ import annotations

import numpy as np

from flanksim.activities import Kind
from flanksim.engine.simulate import simulate_plan
from flanksim.measure.closure import closures
from flanksim.units import in_time
from flanksim.verification import flows
from flanksim.verification.case import EXACT, Case, Check, batches, exact, expected
from flanksim.verification.play import closure, plan_of, played


def v21() -> list[Check]:
    return [exact("last head in, h", expected("V21")["last_head"], max(played("v21-headway").closed_h))]


def v22() -> list[Check]:
    return [exact("last head in, h", expected("V22")["last_head"], max(played("v22-two-lines").closed_h))]


def v23() -> list[Check]:
    """Alternating order comes from alternating priorities, one train each."""
    want = expected("V23")
    east, west = ({"assembly_node": goal, "home_node": home} for home, goal in (("a", "b"), ("b", "a")))
    units: dict[str, object] = {"east": None, "west": None}
    units |= {f"t{n}": {"wheeled": 1, "priority": n, **(west if n % 2 else east)} for n in range(10)}
    alternate = plan_of("v23-single-track", {"units": units})
    return [
        exact("alternating, min", want["alternate"], closure(alternate) * 60),
        exact("five and five, min", want["fleet"], max(played("v23-single-track").closed_h) * 60),
    ]


def v24() -> list[Check]:
    want = expected("V24")
    checks = []
    for name, berths in (("free", (15, 15)), ("berths_2_1", (2, 1))):
        change = {f"berth-{port}": {"servers_typical": n} for port, n in zip("ab", berths, strict=True)}
        landed = np.sort(
            simulate_plan(plan_of("v24-sealift", {"facilities": change}), 1).finished(Kind.UNLOAD)["ended"]
        )
        checks += [
            exact(f"delivery {n + 1}, {name}, h", e, g) for n, (e, g) in enumerate(zip(want[name], landed, strict=True))
        ]
    endless = plan_of("v24-sealift", {"mechanisms": {"lift": False}})
    return [*checks, exact("endless fleet, h", 288.0, closure(endless))]


def v25() -> list[Check]:
    return [
        exact(
            f"last unloaded with {sets} sets, h",
            hours,
            closure(plan_of("v25-rail-sets", {"fleets": {"sets": {"count_typical": int(sets)}}})),
        )
        for sets, hours in expected("V25")["last"].items()
    ]


def v30() -> list[Check]:
    log = played("v30-column")
    march, want = log.finished(Kind.TRAVEL), expected("V30")
    first, second = 0, 1
    return [
        exact("pass time, min", want["pass_min"], (march["cleared"][first] - march["started"][first]) * 60),
        exact("next column enters, min", want["pass_min"], march["started"][second] * 60),
        exact("tail in, min", 180 + want["pass_min"], march["ended"][first] * 60),
        exact("head in, min", 180, (march["ended"][first] - (march["cleared"][first] - march["started"][first])) * 60),
    ]


def v31() -> list[Check]:
    return [exact("last out, h", expected("V31")["last"], max(played("v31-opening-hours").closed_h))]


def v32() -> list[Check]:
    """The published answer is fluid; vehicle by vehicle it is met within one vehicle of 1,600."""
    log = played("v32-civil-load")
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


def _means(name: str, batches_: int, runs: int) -> list[float]:
    """Mean closure hour of `runs` replications in each of `batches_` batches."""
    plan = plan_of(name)
    return [float(np.mean([closure(plan, batch * runs + run) for run in range(runs)])) for batch in range(batches_)]


def v33() -> list[Check]:
    days = [hours / 24 for hours in _means("v33-marry-up", 40, 250)]
    return [batches("mean of the later of two, d", expected("V33")["mean"], days, 0.04)]


def v34() -> list[Check]:
    return [batches("mean closure, h", expected("V34")["mean"], _means("v34-chalks", 40, 100), 0.04)]


def v35() -> list[Check]:
    """75 independent units whose travel time is exponential with its 99th percentile at the deadline."""
    units = {f"u{n:02d}": {"home_node": "a", "assembly_node": "b", "wheeled": 1} for n in range(75)}
    mean = 96.0 / np.log(100.0)
    change = {
        "units": {"u": None, **units},
        "question": {"deadline_days": 3},
        "links": {"road": {"travel_hours": {"exponential": float(mean)}}},
    }
    plan, want = plan_of("v34-chalks", change), expected("V35")
    shares = []
    for batch in range(30):
        hits = 0
        for run in range(200):
            log = simulate_plan(plan, batch * 200 + run)
            hits += in_time(closures(log.plan, log.closed_h)["all"].hour, plan.deadline_h)
        shares.append(hits / 200)
    return [
        batches("P(all 75 on time)", want["p_all"], shares, 0.1),
        exact("P for each, for 90 % together", want["need90"], 0.9 ** (1 / 75)),
    ]


def v36() -> list[Check]:
    """Over whole cycles after the first; eight stands for four buy nothing; 100 aircraft show the field."""
    checks = []
    for stands in (4, 8):
        plan = plan_of("v36-airfield", {"facilities": {"stand-b": {"servers_typical": stands}}})
        landed = simulate_plan(plan, 1).finished(Kind.UNLOAD)["ended"]
        window = (landed > 200.0) & (landed <= 440.0)
        checks.append(exact(f"sorties a day, MOG {stands}", expected("V36")["per_day"], window.sum() / 10.0))
    many = {"fleets": {"aircraft": {"count_typical": 100}}, "units": {"u": {"troops": 800}}}
    landed = simulate_plan(plan_of("v36-airfield", many), 1).finished(Kind.UNLOAD)["ended"]
    window = (landed > 100.0) & (landed <= 340.0)
    return [*checks, exact("sorties a day, 100 aircraft", 4 * 24 / 3, window.sum() / 10.0)]


def v37() -> list[Check]:
    gate = played("v37-outage").finished(Kind.TRAVEL)
    return [exact("finish, h", expected("V37")["finish"], gate["cleared"].max())]


def v38() -> list[Check]:
    plan, want = plan_of("v38-breakdown"), expected("V38")
    means, variances = [], []
    for seed in range(250):
        table = simulate_plan(plan, seed)
        done = np.zeros(len(plan.serials))
        chosen = np.isin(table["kind"], (Kind.TRAVEL, Kind.BREAKDOWN))
        np.maximum.at(done, table["serial"][chosen], table["ended"][chosen])
        hours = done[done > 0]
        means.append(float(hours.mean()))
        variances.append(float(hours.var(ddof=1)))
    return [batches("mean, h", want["mean"], means, 0.02), batches("variance, h2", want["var"], variances, 0.12)]


def v39() -> list[Check]:
    total = 1.5 + 7.25 + 2.5 + 10 + 31.5 + 8 + 3 + 5.125 + 4
    return [exact("sum of legs and handling, h", total, max(played("v39-zero-load").closed_h))]


def v40() -> list[Check]:
    """Every capacity off: each unit is closed at its release plus its path, computed here by hand."""
    units = {
        "near": {"home_node": "a", "assembly_node": "c", "wheeled": 40, "ready_day": 3},
        "far": {"home_node": "b", "assembly_node": "c", "wheeled": 40, "ready_day": 1},
        "u": None,
    }
    plan = plan_of("v22-two-lines", {"units": units, "mechanisms": {"gates": False}})
    return [exact("closure, h", max(3 * 24 + 4 + 2, 1 * 24 + 2), closure(plan))]


CASES = [
    Case("V17", "largest rate through a graph", flows.v17),
    Case("V18", "two disjoint routes", flows.v18),
    Case("V20", "Braess: the trap of the shortest path", flows.v20),
    Case("V26", "quickest transshipment", flows.v26),
    Case("V27", "critical links", flows.v27),
    Case("V28", "investments in series", flows.v28),
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
]
