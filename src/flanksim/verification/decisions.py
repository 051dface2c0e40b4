"""Cases V41 to V47: statistics and decisions, through the functions that studies use."""

from __future__ import annotations

import numpy as np

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


CASES = [
    Case("V41", "intervals of a probability", v41),
    Case("V42", "the mean meets 30 days, one run in five does not", v42),
    Case("V43", "Sobol indices (Ishigami)", None),
    Case("V44", "computing budget (OCBA)", None),
    Case("V45", "value of perfect information", None),
    Case("V46", "common random numbers: nothing changes nothing", v46),
    Case("V47", "ranking and selection", None),
]
