"""How long the bounds take on the full scenario, and in how much memory; printed, with generous limits."""

from __future__ import annotations

import resource
from time import perf_counter

from flanksim.bounds.flow_network import FlowNetwork
from flanksim.bounds.free_flow import unit_hours
from flanksim.bounds.inputs import inputs_of
from flanksim.bounds.time_expanded import STEP_H, TimeExpanded
from flanksim.bounds.volume import VolumeProgram
from flanksim.network.network import Network
from flanksim.planning.compile import compile_plan
from flanksim.scenario import load
from flanksim.units import closure_day


def test_volume_under_five_seconds_and_time_expanded_under_three_hundred() -> None:
    scenario = load("eastern-flank")
    plan = compile_plan(scenario)
    start = perf_counter()
    network = FlowNetwork(Network(scenario), inputs_of(plan))
    built = perf_counter()
    unit_hours(network)
    free = perf_counter()
    program = VolumeProgram(network)
    volume = program.solve()
    solved = perf_counter()
    expanded = TimeExpanded(program, volume).solve()
    done = perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"\nnetwork {built - start:.2f} s, free flow {free - built:.2f} s, "
        f"volume C+{closure_day(volume.hour):.1f} in {solved - free:.2f} s ({volume.rounds} rounds), "
        f"time-expanded C+{closure_day(expanded.hour):.1f} (no more than C+{closure_day(expanded.undecided_hour):.1f}) "
        f"with {len(network.graphs)} commodities in steps of {STEP_H:g} h in {done - solved:.1f} s "
        f"({expanded.rounds} rounds, {expanded.columns:,} ways), peak memory {peak:.2f} GB"
    )
    assert solved - start < 5.0
    assert done - solved < 300.0
    assert peak < 4.0
    assert len(network.graphs) >= 4
