"""Cases V17, V18, V20 and V26 to V28: flows over time, routes and portfolios, through public functions."""

from __future__ import annotations

from itertools import combinations

from flanksim.bounds.dynamic import (
    Arc,
    expanded_value,
    max_rate,
    most_by,
    quickest,
    shapley,
    stepped_transshipment,
    transshipment,
)
from flanksim.verify.case import Case, Check, exact, expected, published
from flanksim.verify.play import closure, plan_of


def _arcs(case: str) -> list[Arc]:
    """Arcs of a case as ``(from, to, capacity, hours)``."""
    rows = published()[case]["inputs"]["arcs"]
    return [(row[0], row[1], float(row[2]), float(row[3]) if len(row) > 3 else 0.0) for row in rows]


def v17() -> list[Check]:
    value, cut = max_rate(_arcs("V17"), "s", "t")
    want = expected("V17")
    return [
        exact("largest rate", want["value"], value),
        exact("arcs of the cut that differ", 0.0, len(set(cut) ^ {tuple(arc) for arc in want["cut"]})),
    ]


def _routes() -> list[list[Arc]]:
    return [
        [("s", f"m{n}", float(r["cap"]), float(r["tau"])), (f"m{n}", "t", float(r["cap"]), 0.0)]
        for n, r in enumerate(published()["V18"]["inputs"]["routes"])
    ]


def v18() -> list[Check]:
    one, two = _routes()
    want = expected("V18")
    both = [*one, *two]
    return [
        exact("five by the first route, h", want["single_5"]["R1"], quickest(one, "s", "t", 5.0)),
        exact("five by the second, h", want["single_5"]["R2"], quickest(two, "s", "t", 5.0)),
        exact(
            "as quick by either at four, h",
            quickest(one, "s", "t", want["switch"]),
            quickest(two, "s", "t", want["switch"]),
        ),
        exact("twenty by both, h", want["both_20"], quickest(both, "s", "t", 20.0)),
        exact("in by 8 h", 18.0, most_by(both, "s", "t", 8.0)),
        exact("in by 9 h", 23.0, most_by(both, "s", "t", 9.0)),
    ]


def v20() -> list[Check]:
    """The engine sends all by the shortest path; the last head is one headway before the last tail."""
    arcs, want = _arcs("V20"), expected("V20")
    units = float(published()["V20"]["inputs"]["units"])
    without = [arc for arc in arcs if arc[:2] != ("a", "b")]
    head = closure(plan_of("v20-braess"))
    return [
        exact("all on the shortest path, simulated, tail, h", want["shortest_path"], head + 1.0),
        exact("optimum, h", want["optimum"], quickest(arcs, "s", "t", units)),
        exact("optimum without a-b, h", want["without_ab"], quickest(without, "s", "t", units)),
    ]


def v26() -> list[Check]:
    inputs, want = published()["V26"]["inputs"], expected("V26")
    arcs = _arcs("V26")
    return [
        exact("continuous, h", want["T_cont"], transshipment(arcs, inputs["sup"], inputs["dem"])),
        exact("whole steps, h", want["T_int"], stepped_transshipment(arcs, inputs["sup"], inputs["dem"])),
        exact("in by 25 steps", want["by25"], expanded_value(arcs, inputs["sup"], inputs["dem"], 25)),
    ]


def v27() -> list[Check]:
    """Rate left when one arc, or the best two, are out."""
    arcs, want = _arcs("V27"), expected("V27")
    rate = {arc[:2]: max_rate([other for other in arcs if other is not arc], "s", "t")[0] for arc in arcs}
    worst = min(rate, key=lambda key: rate[key])
    pairs = min(max_rate([arc for arc in arcs if arc not in out], "s", "t")[0] for out in combinations(arcs, 2))
    return [
        exact("arc that matters most differs", 0.0, float(list(worst) != list(want["k1"][0]))),
        exact("rate without it", want["k1"][1], rate[worst]),
        exact("rate without v1-v3", 11.0, rate["v1", "v3"]),
        exact("rate without s-v2", 12.0, rate["s", "v2"]),
        exact("rate without v2-v4", 12.0, rate["v2", "v4"]),
        exact("rate without s-v1", 13.0, rate["s", "v1"]),
        exact("rate without the worst two", want["k2"], pairs),
    ]


def v28() -> list[Check]:
    inputs, want = published()["V28"]["inputs"], expected("V28")
    names = [str(n + 1) for n in range(len(inputs["caps"]))]

    def gain(chosen: frozenset[str]) -> float:
        arcs = [
            (f"n{n}", f"n{n + 1}", float(cap) + (inputs["up"] if str(n + 1) in chosen else 0.0), 0.0)
            for n, cap in enumerate(inputs["caps"])
        ]
        return max_rate(arcs, "n0", f"n{len(arcs)}")[0] - float(min(inputs["caps"]))

    fair = shapley(names, gain)
    return [
        *(exact(f"gain of {'+'.join(key)}", value, gain(frozenset(key))) for key, value in want["gain"].items()),
        *(exact(f"fair share of {n}", value, fair[n]) for n, value in zip(names, want["shapley"], strict=True)),
    ]


CASES = [
    Case("V17", "largest rate through a graph", v17),
    Case("V18", "two disjoint routes", v18),
    Case("V20", "Braess: the trap of the shortest path", v20),
    Case("V26", "quickest transshipment", v26),
    Case("V27", "critical links", v27),
    Case("V28", "investments in series", v28),
]
