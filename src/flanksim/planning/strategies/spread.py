"""Strategies `spread` and `shortest`: one lot after the other takes the option with the earliest expected end."""

from __future__ import annotations

from collections.abc import Sequence

from flanksim.planning.loads import Load
from flanksim.planning.lots import Lot, lot_size
from flanksim.planning.options import Option
from flanksim.planning.stowage import aboard
from flanksim.planning.workload import Backlog, Rivals, Workload


def spread(loads: Sequence[Load], options: Sequence[Sequence[Option]], workload: Workload) -> list[Lot]:
    """Lots of each load in order of movement; ties go to the option listed first. Last, they share out their ships.

    Parameters
    ----------
    loads, options
        What moves, and on which ways each load may.
    workload
        What lots ask of the resources.
    """
    backlog = Backlog(workload)
    lots: list[Lot] = []
    totals: list[list[float]] = []
    for number, (load, ways) in enumerate(zip(loads, options, strict=True)):
        sizes = [lot_size(load, option, workload.physics) for option in ways]
        _, footprints = workload.asked(load, ways)
        totals.append([footprint.total for footprint in footprints])
        starts = [max(load.release_h, option.leave_h) for option in ways]
        rivals, left = Rivals(workload, footprints, starts), load.pieces
        while left > 0:
            best, _ = backlog.earliest(rivals)
            pieces = min(left, sizes[best])
            lots.append(Lot(number, best, starts[best], pieces, load.unit.priority))
            backlog.commit(footprints[best], starts[best], min(1.0, pieces / sizes[best]))
            left -= pieces
    return aboard(lots, loads, options, totals, workload)
