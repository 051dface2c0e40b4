"""Cases V17 to V28: flows, bounds and investments in series, through the functions of `flanksim.bounds`."""

from __future__ import annotations

from collections.abc import Sequence

from flanksim.bounds.flows import (
    Arc,
    critical_arcs,
    flow_by,
    in_steps,
    max_flow,
    on_shortest_path,
    quickest_flow,
    quickest_path,
    quickest_transshipment,
    same_hour,
    shapley,
    steps_needed,
)
from flanksim.verification.case import Check, exact, expected, published

ENDS = ("s", "t")


def arcs_of(case: str) -> list[Arc]:
    return [Arc(*entry) for entry in published()[case]["inputs"]["arcs"]]


def _same(what: str, want: Sequence[Sequence[str]], got: Sequence[Arc]) -> Check:
    """Number of arcs in which two sets differ."""
    return exact(what, 0, len({tuple(entry) for entry in want} ^ {(arc.tail, arc.head) for arc in got}))


def v17() -> list[Check]:
    want = expected("V17")
    value, cut = max_flow(arcs_of("V17"), *ENDS)
    return [
        exact("largest rate", want["value"], value),
        _same("arcs of the cut that differ", want["cut"], cut),
        exact("capacity of the cut", want["value"], sum(arc.capacity for arc in cut)),
    ]


def v18() -> list[Check]:
    want = expected("V18")
    one, two = (Arc("s", "t", entry["cap"], entry["tau"]) for entry in published()["V18"]["inputs"]["routes"])
    switch = same_hour(one, two)
    return [
        exact("5 units on R1", want["single_5"]["R1"], quickest_flow([one], *ENDS, 5)),
        exact("5 units on R2", want["single_5"]["R2"], quickest_flow([two], *ENDS, 5)),
        exact("best single path for 5", want["single_5"]["R2"], quickest_path([one, two], *ENDS, 5)[0]),
        exact("switch", want["switch"], switch),
        exact("path just below the switch, h", one.hours, quickest_path([one, two], *ENDS, switch - 1e-6)[1]),
        exact("path just above the switch, h", two.hours, quickest_path([one, two], *ENDS, switch + 1e-6)[1]),
        exact("20 units on both", want["both_20"], quickest_flow([one, two], *ENDS, 20)),
        exact("in by 8", 18, flow_by([one, two], *ENDS, 8)),
        exact("in by 9", 23, flow_by([one, two], *ENDS, 9)),
    ]


def v20() -> list[Check]:
    want, arcs = expected("V20"), arcs_of("V20")
    units = published()["V20"]["inputs"]["units"]
    without = [arc for arc in arcs if (arc.tail, arc.head) != ("a", "b")]
    return [
        exact("all on the shortest path", want["shortest_path"], on_shortest_path(arcs, *ENDS, units)),
        exact("optimum", want["optimum"], quickest_flow(arcs, *ENDS, units)),
        exact("without a-b", want["without_ab"], quickest_flow(without, *ENDS, units)),
    ]


def v26() -> list[Check]:
    want, given = expected("V26"), published()["V26"]["inputs"]
    arcs, ends = arcs_of("V26"), (given["sup"], given["dem"])
    return [
        exact("in continuous time", want["T_cont"], quickest_transshipment(arcs, *ends)),
        exact("in unit steps", want["T_int"], steps_needed(arcs, *ends, 60)),
        exact("in after 25 steps", want["by25"], in_steps(arcs, *ends, 25)),
    ]


def v27() -> list[Check]:
    want, arcs = expected("V27"), arcs_of("V27")
    one, two = critical_arcs(arcs, *ENDS, 1), critical_arcs(arcs, *ENDS, 2)
    return [
        _same("first arc", [want["k1"][0]], one[0][1]),
        exact("left without it", want["k1"][1], one[0][0]),
        *(exact(f"left, place {n + 2}", rate, one[n + 1][0]) for n, rate in enumerate((11, 12, 12, 13))),
        exact("left without the worst two", want["k2"], two[0][0]),
    ]


def v28() -> list[Check]:
    want, given = expected("V28"), published()["V28"]["inputs"]
    caps, up = given["caps"], given["up"]

    def rate(chosen: frozenset[int]) -> float:
        arcs = [Arc(f"n{n}", f"n{n + 1}", cap + up * (n + 1 in chosen)) for n, cap in enumerate(caps)]
        return max_flow(arcs, "n0", f"n{len(caps)}")[0]

    start = rate(frozenset())
    members = range(1, len(caps) + 1)
    share = shapley(members, rate)
    return [
        *(
            exact(f"gain of {name}", gain, rate(frozenset(int(digit) for digit in name)) - start)
            for name, gain in want["gain"].items()
        ),
        *(exact(f"share of {n}", value, share[n]) for n, value in zip(members, want["shapley"], strict=True)),
    ]
