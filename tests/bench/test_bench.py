"""Benchmarks, off by default: ``python -m pytest tests/bench -s --override-ini addopts=``.

They print; they assert nothing about time. The ratio compares the engine with a bare SimPy loop that handles as
many events, run in turn, so that it holds on a machine whose speed drifts.
"""

from __future__ import annotations

import resource
import statistics
from time import perf_counter, process_time

import pytest
import simpy

from flanksim import load, run_study
from flanksim.engine.simulate import _Run, simulate_plan
from flanksim.planning.compile import compile_plan


def bare(events: int, processes: int = 4000) -> float:
    """Seconds that SimPy needs for `events` timeouts spread over `processes` processes."""
    environment = simpy.Environment()

    def process(count: int):  # type: ignore[no-untyped-def]
        for _ in range(count):
            yield environment.timeout(1.0)

    for _ in range(processes):
        environment.process(process(events // processes))
    start = perf_counter()
    environment.run()
    return perf_counter() - start


def test_one_replication_against_bare_simpy() -> None:
    scenario = load("eastern-flank")
    plan = compile_plan(scenario)
    counter = _Run(plan, 1)
    counter.go()
    events = next(counter.env._eid)
    ours, theirs, rows = [], [], 0
    for seed in range(1, 6):
        start = perf_counter()
        rows = len(simulate_plan(plan, seed))
        ours.append(perf_counter() - start)
        theirs.append(bare(events))
    middle = statistics.median(ours)
    print(
        f"\nsimulation {middle:.2f} s, {events:,} events, {rows:,} movements, {rows / middle:,.0f} movements/s, "
        f"ratio to bare SimPy {statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):.2f}"
    )


def test_the_compiled_twin_against_the_reference() -> None:
    """Whole calls, in turn, after one of each; the plan's tables and the compilation are not in them."""
    pytest.importorskip("numba")
    from flanksim.engine.compiled_run import simulate_compiled

    for name in ("eastern-flank", "eastern-flank-outages"):
        plan = compile_plan(load(name))
        simulate_plan(plan, 0), simulate_compiled(plan, 0)
        reference, twin = [], []
        for seed in range(1, 10):
            for engine, seconds in ((simulate_plan, reference), (simulate_compiled, twin)):
                start = process_time()
                engine(plan, seed)
                seconds.append(process_time() - start)
        ratio = statistics.median(a / b for a, b in zip(reference, twin, strict=True))
        print(
            f"\n{name}: {statistics.median(reference):.3f} s by SimPy, {statistics.median(twin):.4f} s compiled, "
            f"ratio {ratio:.1f} (CPU)"
        )


def test_the_parts_of_a_replication(tmp_path) -> None:  # type: ignore[no-untyped-def]
    start = perf_counter()
    scenario = load("eastern-flank")
    loaded = perf_counter()
    compile_plan(scenario)
    planned = perf_counter()
    run_study(scenario, 1, jobs=1, results=tmp_path)
    done = perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\nload and check {loaded - start:.2f} s, plan {planned - loaded:.2f} s, "
        f"plan, simulate, measure and save {done - planned:.2f} s, peak memory {peak:.0f} MB"
    )
