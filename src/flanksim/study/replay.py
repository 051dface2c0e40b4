"""What single replications say about why the force is late: each replayed and measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from flanksim.engine.choice import simulator
from flanksim.measure.closure import ALL, TIER_1, closures, completed_by
from flanksim.measure.critical import Piece, by_cause, by_use, closing_unit, critical_path, waited_for
from flanksim.measure.explanation import Errors, PathOf, ReplayedRun
from flanksim.measure.fleets import fleets
from flanksim.measure.ledger import ledger
from flanksim.movements import MovementLog
from flanksim.planning.plan import Plan


def read(plan: Plan, seed: int, unit: str | None = None, engine: str = "simpy") -> ReplayedRun:
    """Replay one replication and read its critical paths and ledgers."""
    outcome = simulator(engine)(plan, seed)
    number, hour = _closed(outcome, unit)
    pieces: tuple[Piece, ...] = ()
    waited: list[Piece] = []
    if number is not None and not math.isnan(hour):
        pieces, waited = tuple(critical_path(outcome, number)), waited_for(outcome, number)
    members = completed_by(plan, outcome.closed_h) if unit is None else {}
    paths = {key: (n, critical_path(outcome, n)) for key, n in members.items() if key not in (ALL, TIER_1)}
    book, lift = ledger(outcome), fleets(outcome)
    sums = book.totals("cause", unit=unit)
    late = book.lateness("cause", unit=unit)
    meanwhile = book.totals("cause", "doing", unit=unit)
    gaps = [_gap(path, outcome.closed_h[member]) for member, path in paths.values()]
    return ReplayedRun(
        seed,
        hour,
        "" if number is None else plan.units[number].unit_id,
        pieces,
        by_cause(waited),
        by_use(pieces),
        {name[0]: value for name, value in sums.items()},
        {name[0]: value for name, value in late.items()},
        {(cause, doing): value for (cause, doing), value in meanwhile.items() if doing},
        {
            name: PathOf(plan.units[member].unit_id, outcome.closed_h[member], by_cause(path))
            for name, (member, path) in paths.items()
        },
        {pool: tuple(hours.tolist()) for pool, hours in lift.totals().items()},
        Errors(book.largest_error, max([*gaps, _gap(pieces, hour), _gap(waited, hour)]), lift.largest_error),
        outcome.digest(),
    )


def closed_hour(plan: Plan, seed: int, unit: str | None = None, engine: str = "simpy") -> float:
    """Replay one replication for its closure alone: of the force or of one unit, nan if not by the horizon."""
    return _closed(simulator(engine)(plan, seed), unit)[1]


def _closed(outcome: MovementLog, unit: str | None) -> tuple[int | None, float]:
    """Number of the unit asked about, or of the one that completes the force, and the hour of closure."""
    if unit is None:
        return closing_unit(outcome), closures(outcome.plan, outcome.closed_h)[ALL].hour
    number = next(n for n, entry in enumerate(outcome.plan.units) if entry.unit_id == unit)
    return number, outcome.closed_h[number]


def _gap(pieces: Sequence[Piece], hour: float) -> float:
    """How far pieces are from summing to `hour`, or one from beginning where the one before it ends."""
    if not pieces:
        return 0.0
    joints = [abs(after.start - before.end) for before, after in pairwise(pieces)]
    return max([*joints, abs(math.fsum(piece.hours for piece in pieces) - hour)])
