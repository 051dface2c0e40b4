"""One replication by the compiled twin: a Plan and a seed in, the movements that `simulate_plan` gives out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    )
    run.done()
    return log


def _columns(rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {"movement": np.arange(len(rows), dtype=np.int32)}
    return columns | {column.name: rows[column.name].astype(column.dtype) for column in COLUMNS[1:]}


def _lifts(run: Run) -> tuple[LiftAssignment, ...]:
    holds, first_pool = run.table("hold"), int(run.world[0]["first_pool"])
    assets = run.table("taken")["asset"].tolist()
    columns = (holds[name].tolist() for name in ("pool", "first", "count", "taken", "place", "dropped", "freed"))
    return tuple(
        LiftAssignment(pool - first_pool, tuple(assets[first : first + count]), *rows)
        for pool, first, count, *rows in zip(*columns, strict=True)
    )
