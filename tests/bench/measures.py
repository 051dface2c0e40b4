"""Measurements that `tests.bench.table` puts together, each a process of its own that prints one JSON object."""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: How many times as large as shipped the serials of the dial are.
FACTORS = (4.0, 1.0, 0.25, 0.1, 1 / 60)
#: Of a dial: its parameter, and the least that it can be.
_DIALS = {"march_serial_vehicles": 1, "vehicles_per_het_serial": 1, "troops_per_coach_serial": 50}
#: Kinds of fleet whose groups carry half a serial as shipped, and the dial of that serial.
_SERIAL_OF = {"het": "vehicles_per_het_serial", "coach": "troops_per_coach_serial"}
#: Hours that a serial takes because of its size.
_HOURS = ("port_exit_hours_per_serial", "border_hours_road")
_RUNS = 20
_RUNS_OF_WORKERS = 400


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    start = time.process_time()
    yield
    seconds[step] = time.process_time() - start


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def parts(name: str) -> dict[str, Any]:
    """CPU seconds of each step from a file to saved results, and both engines on one plan."""
    seconds: dict[str, float] = {}
    with _timed(seconds, "import flanksim"):
        import flanksim as fs
        from flanksim.engine.simulate import simulate_plan
        from flanksim.measure.replications import replication_of
        from flanksim.planning.compile import compile_plan
        from flanksim.study.store import write_table
    with _timed(seconds, "load and check"):
        scenario = fs.load(name)
    with _timed(seconds, "plan"):
        plan = compile_plan(scenario)
    with _timed(seconds, "import and compile the twin (from its cache)"):
        from flanksim.engine.compiled_run import simulate_compiled

        simulate_compiled(plan, 1)
    simulate_plan(plan, 1)
    with _timed(seconds, "simulate, SimPy"):
        log = simulate_plan(plan, 2)
    with _timed(seconds, "simulate, compiled"):
        twin = simulate_compiled(plan, 2)
    with _timed(seconds, "measure a run"):
        found = replication_of(twin)
    if found.digest != replication_of(log).digest:
        raise RuntimeError("the engines disagree")
    with tempfile.TemporaryDirectory() as folder, _timed(seconds, "save the movements of a run"):
        write_table(Path(folder) / "run.parquet", log.table())
    with _timed(seconds, "bound"):
        fs.bound(scenario)
    ratio = seconds["simulate, SimPy"] / seconds["simulate, compiled"]
    return {"seconds": seconds, "movements": len(log), "ratio": ratio, "peak_mb": _peak_mb()}


def sizes(factor: str) -> dict[str, Any]:
    """`eastern-flank` with march, transporter and coach serials `factor` times as large."""
    import flanksim as fs
    from flanksim.engine.compiled_run import simulate_compiled
    from flanksim.engine.simulate import simulate_plan
    from flanksim.engine.streams import seeds
    from flanksim.measure.replications import ReplicationSet, replication_of
    from flanksim.planning.compile import compile_plan

    shipped = fs.load("eastern-flank")
    dials = {name: max(least, round(shipped.value(name) * float(factor))) for name, least in _DIALS.items()}
    scaled = dials["march_serial_vehicles"] / shipped.value("march_serial_vehicles")
    hours = {name: shipped.value(name) * scaled for name in _HOURS}
    fleets = {key: _group(fleet, dials) for key, fleet in shipped.fleets.items() if fleet.kind in _SERIAL_OF}
    changes = {"parameters": {**dials, **hours}, "fleets": fleets, "mechanisms": {"sustainment": False}}
    scenario = fs.load("eastern-flank", changes)
    seconds: dict[str, float] = {}
    with _timed(seconds, "plan"):
        plan = compile_plan(scenario)
    simulate_compiled(plan, 1)
    with _timed(seconds, "simulate, SimPy"):
        log = simulate_plan(plan, 2)
    with _timed(seconds, "simulate, compiled"):
        simulate_compiled(plan, 2)
    peak_mb = _peak_mb()
    runs = tuple(replication_of(simulate_compiled(plan, seed)) for seed in seeds(scenario.seed, _RUNS))
    found = ReplicationSet(plan, runs)
    closed, delay = found.closure_day(), found.mobility_delay()
    return {
        "seconds": seconds,
        "dials": dials,
        "serials": len(plan.serials),
        "movements": len(log),
        "peak_mb": peak_mb,
        "runs": _RUNS,
        "closed": f"C+{closed.mean:.1f} ({closed.low:.1f} to {closed.high:.1f})",
        "delay": f"{delay.mean:.1f} days ({delay.low:.1f} to {delay.high:.1f})",
    }


def _group(fleet: Any, dials: dict[str, int]) -> dict[str, float]:
    """Groups of lift half as large as the serials that they carry, as shipped; of one vehicle at least."""
    one = fleet.capacity / fleet.group_size
    size = max(1.0, round(dials[_SERIAL_OF[fleet.kind]] / 2 / one))
    return {"group_size": size, "capacity": size * one}


def workers(way: str) -> dict[str, Any]:
    """Elapsed seconds of a study of one network."""
    import flanksim as fs
    from flanksim.measure.replications import replication_of  # noqa: F401
    from flanksim.planning.compile import compile_plan

    scenario = fs.load("eastern-flank")
    plan = compile_plan(scenario)  # and so it is kept for the study
    sent = len(zlib.compress(pickle.dumps(plan), 1)) / 1000
    if way.startswith("Dask"):
        import distributed

        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            start = time.perf_counter()
            study = fs.run(scenario, _RUNS_OF_WORKERS, dask=cluster.scheduler_address, engine="compiled")
            seconds = time.perf_counter() - start
    else:
        jobs = {"one process": 1, "two processes": 2}[way]
        start = time.perf_counter()
        study = fs.run(scenario, _RUNS_OF_WORKERS, jobs=jobs, engine="compiled")
        seconds = time.perf_counter() - start
    back = len(pickle.dumps(study.replications[0])) / 1000
    return {"seconds": seconds, "runs": len(study.replications), "plan_kb": sent, "run_kb": back}


MEASURES: dict[str, Callable[[str], dict[str, Any]]] = {part.__name__: part for part in (parts, sizes, workers)}


def main(arguments: list[str]) -> None:
    """Print one measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measure", choices=sorted(MEASURES))
    parser.add_argument("of")
    chosen = parser.parse_args(arguments)
    print(json.dumps(MEASURES[chosen.measure](chosen.of)))


if __name__ == "__main__":
    main(sys.argv[1:])
