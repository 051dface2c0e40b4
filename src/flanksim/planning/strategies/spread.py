"""Strategies `spread` and `shortest`: one lot after the other takes the option with the earliest expected end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flanksim.planning.loads import Load
from flanksim.planning.lots import Lot, lot_size
from flanksim.planning.options import Option
from flanksim.planning.stowage import Filling
from flanksim.planning.workload import Backlog, Workload


def spread(loads: Sequence[Load], options: Sequence[Sequence[Option]], workload: Workload) -> Iterator[Lot]:
    """Lots of each load in order of movement; ties go to the option listed first.

    Parameters
    ----------
    loads, options
        What moves, and on which ways each load may.
    workload
        What lots ask of the resources.
    """
    backlog, filling = Backlog(workload), Filling(workload.physics)
    for number, (load, ways) in enumerate(zip(loads, options, strict=True)):
        sizes = [lot_size(load, option, workload.physics) for option in ways]
        _, footprints = workload.asked(load, ways)
        starts = [max(load.release_h, option.leave_h) for option in ways]
        left = load.pieces
        while left > 0:
            best, _ = backlog.earliest(footprints, starts)
            ship, pieces = filling.board(load, ways[best], min(left, sizes[best]))
            yield Lot(number, best, starts[best], pieces, load.unit.priority, ship)
            backlog.commit(footprints[best], starts[best], min(1.0, pieces / sizes[best]))
            left -= pieces
