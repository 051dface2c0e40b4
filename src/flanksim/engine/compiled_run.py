"""One replication by the compiled twin: a Plan and a seed in, the movements that `simulate_plan` gives out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from flanksim.collecting import no_collecting
from flanksim.engine.calling import call_hours
from flanksim.engine.compiled_tables import Run, Tables
from flanksim.engine.simulate import simulate_plan
from flanksim.movements import COLUMNS, LiftAssignment, MovementLog
from flanksim.planning.plan import Plan


def simulate_compiled(plan: Plan, seed: int) -> MovementLog:
    """Run one replication. The same bytes as `flanksim.engine.simulate.simulate_plan` gives, see there.

    Parameters
    ----------
    plan
        One of which `flanksim.engine.compiled_tables.unknown` finds nothing.
    seed
        Root of the random streams.
    """
    with no_collecting():
        return _simulate(plan, seed)


def _simulate(plan: Plan, seed: int) -> MovementLog:
    calls = call_hours(plan, simulate_compiled)
    if "tables" not in plan.found:
        plan.found["tables"] = Tables(plan)
    run = plan.found["tables"].run(seed, list(calls.items()))
    run.play()
    if run.failed:  # the reference says what is wrong with the plan
        return simulate_plan(plan, seed)
    units, serials = run.tables["unit"], run.tables["serial"]
    log = MovementLog(
        plan,
        seed,
        _columns(run.table("row")),
        tuple(units["closed_h"][: len(plan.units)].tolist()),
        tuple(units["troops_h"][: len(plan.units)].tolist()),
        run.absent,
        _lifts(run),
        tuple(serials["complete_h"][: len(plan.serials)].tolist()),
        tuple(serial.program for serial in plan.serials),
    )
    run.done()
    return log


def _columns(rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {"movement": np.arange(len(rows), dtype=np.int32)}
    return columns | {column.name: rows[column.name].astype(column.dtype) for column in COLUMNS[1:]}


def _lifts(run: Run) -> tuple[LiftAssignment, ...]:
    holds, assets = run.table("hold"), run.table("taken")["asset"].tolist()
    first, count = holds["first"], holds["count"]
    groups = [tuple(assets[low:high]) for low, high in zip(first.tolist(), (first + count).tolist(), strict=True)]
    pools = (holds["pool"] - run.world[0]["first_pool"]).tolist()
    rows = (holds[name].tolist() for name in ("taken", "place", "dropped", "freed"))
    return tuple(map(LiftAssignment._make, zip(pools, groups, *rows, strict=True)))
