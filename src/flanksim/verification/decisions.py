"""Cases V41 to V47: statistics and decisions, through the functions that studies use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from flanksim.measure.closure import ALL, Closure
from flanksim.measure.global_sensitivity import sobol_points, sobol_shares
from flanksim.measure.information import value_of_perfect_information
from flanksim.measure.replications import ReplicationSet, replication_of
from flanksim.measure.selection import ocba, select_best
from flanksim.measure.statistics import clopper_pearson, cvar, value_at_risk, wilson
from flanksim.verification.case import Case, Check, batches, exact, expected, published
from flanksim.verification.runner import Runner


def v41(_: Runner) -> list[Check]:
    want = expected("V41")
    one, two = wilson(27, 30), clopper_pearson(27, 30)
    return [
        exact("Wilson low", want["wilson"][0], one.low),
        exact("Wilson high", want["wilson"][1], one.high),
        exact("Clopper-Pearson low", want["cp"][0], two.low),
        exact("Clopper-Pearson high", want["cp"][1], two.high),
        exact("0 of 30, upper", want["zero30"], clopper_pearson(0, 30, 0.90).high),
    ]


def v42(_: Runner) -> list[Check]:
    days, want = [float(value) for value in published()["V42"]["inputs"]["x"]], expected("V42")
    return [
        exact("mean, d", want["mean"], sum(days) / len(days)),
        exact("P(30 d)", want["p30"], sum(day <= 30 for day in days) / len(days)),
        exact("80 % of runs by, d", want["var80"], value_at_risk(days, 0.8)),
        exact("mean of the worst 20 %, d", want["cvar80"], cvar(days, 0.8)),
        exact("mean of the worst 10 %, d", want["cvar90"], cvar(days, 0.9)),
    ]


def v43(_: Runner) -> list[Check]:
    """Ishigami's function of three uniform numbers from -pi to pi, by the design and estimates of the study."""
    (a, b), want = published()["V43"]["inputs"].values(), expected("V43")
    found: list[list[float]] = []
    for batch in range(40):
        x = np.pi * (2.0 * sobol_points(3, 1024, batch) - 1.0)
        values = np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])
        variance, shares = sobol_shares(values.tolist(), 3, batch)
        found.append([variance, *(entry.first for entry in shares), *(entry.total for entry in shares)])
    names = ["variance", *(f"{kind} {n}" for kind in ("first", "total") for n in (1, 2, 3))]
    columns = zip(names, [want["var"], *want["S"], *want["ST"]], zip(*found, strict=True), strict=True)
    return [
        batches(name, value, got, 0.02, of=want["var"] if name == "variance" else 1.0) for name, value, got in columns
    ]


def v44(_: Runner) -> list[Check]:
    case = published()["V44"]
    runs = ocba(case["inputs"]["mu"], case["inputs"]["sd"], case["inputs"]["budget"])
    return [
        exact(f"runs of {n}", want, got, case["tol"])
        for n, (want, got) in enumerate(zip(case["expected"]["n"], runs, strict=True), 1)
    ]


def v45(_: Runner) -> list[Check]:
    days = published()["V45"]["inputs"]
    rows = list(zip(days["A"], days["B"], strict=True))
    return [exact("perfect information, d", expected("V45")["evpi"], value_of_perfect_information(rows))]


def v46(runner: Runner) -> list[Check]:
    """The variance of a paired difference; and another unit elsewhere changes nothing, in every replication."""
    base = runner.plan("v33-marry-up")
    more = {
        "links": {"zz": {"from_node": "x", "to_node": "y", "mode": "road", "travel_hours": 1}},
        "units": {"zz": {"home_node": "x", "assembly_node": "y", "wheeled": 9}},
        "nodes": {"x": {}, "y": {}},
    }
    other = runner.plan("v33-marry-up", more)
    number = next(n for n, unit in enumerate(other.units) if unit.unit_id == "u")
    gaps = [runner.simulate(base, s).closed_h[0] - runner.simulate(other, s).closed_h[number] for s in range(200)]
    return [
        exact("largest difference in 200 pairs, h", 0.0, max(map(abs, gaps)), 0.0),
        batches("variance of a difference, correlation 0.9", expected("V46")["ratio"], _paired_variance(runner), 0.1),
    ]


def _paired_variance(runner: Runner) -> list[float]:
    """Two arms that share a leg of Exp(3 h) and differ in one of Exp(1 h): correlation 9 / (9 + 1).

    Each batch gives the sample variance of its differences over the sum of the arms' variances in theory.
    """
    arms = []
    for name in ("left", "right"):
        links = {
            "road": None,
            "shared": {"from_node": "a", "to_node": "m", "mode": "road", "travel_hours": {"exponential": 3}},
            name: {"from_node": "m", "to_node": "b", "mode": "road", "travel_hours": {"exponential": 1}},
        }
        unit = {"u": {"wheeled": 1}}
        arms.append(runner.plan("v34-chalks", {"links": links, "nodes": {"a": {}, "m": {}, "b": {}}, "units": unit}))
    found = []
    for batch in range(60):
        seeds = range(150 * batch, 150 * (batch + 1))
        left, right = (np.array([runner.simulate(plan, seed).closed_h[0] for seed in seeds]) for plan in arms)
        found.append(float(np.var(left - right, ddof=1) / (2 * (3.0**2 + 1.0**2))))
    return found


#: Replications of a whole study, and how often at most its claim of a best may be wrong.
STUDIES, WRONG_AT_MOST = 1000, 0.05


def v47(runner: Runner) -> list[Check]:
    """Of equal alternatives none is called better; of others the best is selected, whichever is least favourable."""
    return [
        exact("studies that call one of three equals sooner", 0.0, _claims(runner), WRONG_AT_MOST),
        exact("studies that select another than the best of five", 0.0, _wrong_selections(), WRONG_AT_MOST),
    ]


def _claims(runner: Runner) -> float:
    """Three equal alternatives, twelve runs each, judged as a comparison judges them, whatever the difference."""
    plan, draws = runner.plan("v33-marry-up"), np.random.default_rng(47)
    one = replication_of(runner.simulate(plan, 1))

    def runs(days: Sequence[float]) -> ReplicationSet:
        hours = [24.0 * (day + 1.0) for day in days]
        return ReplicationSet(plan, tuple(
            replace(one, seed=seed, clocks=one.clocks._replace(closed=(hour,)), closures={ALL: Closure(1, hour, 0.0)})
            for seed, hour in enumerate(hours)
        ))  # fmt: skip

    wrong = 0
    for _ in range(STUDIES):
        first, *others = (runs(column) for column in draws.normal(60.0, 5.0, (3, 12)).tolist())
        differences = (
            other.against(first, indifference_days=0.0, confidence=1 - WRONG_AT_MOST / 2) for other in others
        )
        wrong += any(difference.verdict in ("sooner", "later") for difference in differences)
    return wrong / STUDIES


def _wrong_selections() -> float:
    """Five alternatives, of which the best is better than all others by the indifference alone: half a day."""
    draws, wrong = np.random.default_rng(48), 0
    for _ in range(STUDIES):
        rows = draws.normal([30.5, 30.5, 30.0, 30.5, 30.5], 1.0, (400, 5))
        wrong += select_best(rows, 0.5, 1 - WRONG_AT_MOST).best != 2
    return wrong / STUDIES


CASES = [
    Case("V41", "intervals of a probability", v41),
    Case("V42", "the mean meets 30 days, one run in five does not", v42),
    Case("V43", "Sobol indices (Ishigami)", v43),
    Case("V44", "computing budget (OCBA)", v44),
    Case("V45", "value of perfect information", v45),
    Case("V46", "common random numbers: nothing changes nothing", v46),
    Case("V47", "ranking and selection", v47),
]
