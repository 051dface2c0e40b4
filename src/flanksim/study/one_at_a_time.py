"""What to try: each contributor to the critical path, relaxed by a step that matters, as a changed scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flanksim.activities import Cause, Why
from flanksim.measure.awaited import FULL_YARD, IN_LINE
from flanksim.measure.critical import Piece
from flanksim.network.one_more import OneMore, more_room, one_more, with_row
from flanksim.scenario.schema import Scenario

#: A step adds this part of what there is.
STEP_SHARE = 0.25
_ROUNDED = 1e-9
_FASTER = {"today": "three_days", "three_days": "six_hours", "six_hours": "none"}


@dataclass(frozen=True)
class Change:
    """A step more of one thing, or a project or lever that changes it.

    Attributes
    ----------
    what
        In words: ``2 more berths at Klaipeda``.
    touches
        Whether a piece of the critical path is about this thing; their hours are its path share.
    apply
        The changed scenario.
    kind
        ``step``, ``project`` or ``lever``.
    key
        Id of the project or lever.
    """

    what: str
    touches: Callable[[Piece], bool]
    apply: Callable[[Scenario], Scenario]
    kind: str = "step"
    key: str = ""


def changes(scenario: Scenario, pieces: Iterable[Piece]) -> list[Change]:
    """The steps that the pieces of critical paths suggest, each once."""
    found: dict[str, Change] = {}
    for piece in pieces:
        for change in (_lift(scenario, piece), _queue(scenario, piece), _rule(scenario, piece)):
            if change is not None:
                found.setdefault(change.what, change)
    return list(found.values())


def _lift(scenario: Scenario, piece: Piece) -> Change | None:
    thing = piece.cause.thing
    more = _that_matters(lambda steps: one_more(scenario, thing, steps)) if piece.cause.kind is Why.LIFT else None
    return None if more is None else Change(str(more), lambda other: other.cause == piece.cause, more.apply)


def _that_matters(more: Callable[[int], OneMore | None]) -> OneMore | None:
    """A quarter more than there is, and one at least: one ship more of a hundred says nothing of ships."""
    one = more(1)
    if one is None:
        return None
    steps = max(1, math.ceil(STEP_SHARE * one.now - _ROUNDED))
    return one if steps == 1 else more(steps)


def _queue(scenario: Scenario, piece: Piece) -> Change | None:
    """Of a queue: entries or servers more; of a full yard: room for more vehicles.

    The queue may be that of the lift which is waited for: where a track binds, it is the track that is tried.
    """
    if piece.what not in IN_LINE and not (piece.cause.kind in (Why.QUEUE, Why.FULL_YARD) and piece.cause.thing):
        return None
    at = piece.at or piece.cause.thing
    link_id = at.split(":")[0]
    if link_id in scenario.links:
        entry = _that_matters(lambda steps: one_more(scenario, link_id, steps))
        if entry is None:
            return None
        return Change(
            str(entry),
            lambda other: (
                (other.cause.kind is Why.QUEUE and other.cause.thing.split(":")[0] == link_id)
                or (_in_line(other) and other.at.split(":")[0] == link_id)
            ),
            entry.apply,
        )
    if piece.what == FULL_YARD or piece.cause.kind is Why.FULL_YARD:
        kind, _, place = at.partition(":")
        room = _that_matters(lambda steps: more_room(scenario, place, kind, steps))
        if room is not None:
            return Change(str(room), lambda other: other.at == at and other.what == FULL_YARD, room.apply)
    more = _that_matters(lambda steps: one_more(scenario, at, steps)) if ":" in at else None
    if more is None:
        return None
    return Change(
        str(more),
        lambda other: other.at == at and (_in_line(other) or other.cause == Cause(Why.QUEUE, at)),
        more.apply,
    )


def _in_line(piece: Piece) -> bool:
    """Whether the serial, or the lift that it waits for, stands in line for what `at` names."""
    return piece.what in IN_LINE and piece.what != FULL_YARD


def _rule(scenario: Scenario, piece: Piece) -> Change | None:
    """Of papers and readiness: one regime faster, one day sooner; of borders and integration a step shorter."""
    if piece.cause.kind is Why.PERMISSION and scenario.regime.permission in _FASTER:
        regime = _FASTER[scenario.regime.permission]
        return Change(
            f"permissions one regime faster ({scenario.regime.permission} to {regime})".replace("_", " "),
            lambda other: other.cause.kind is Why.PERMISSION,
            lambda entry: entry.model_copy(update={"regime": entry.regime.model_copy(update={"permission": regime})}),
        )
    if piece.cause.kind is Why.NOT_READY:
        return Change(
            "every unit ready one day sooner",
            lambda other: other.cause.kind is Why.NOT_READY,
            lambda entry: entry.model_copy(
                update={
                    "units": {
                        key: unit.model_copy(update={"ready_day": max(0.0, unit.ready_day - 1)})
                        for key, unit in entry.units.items()
                    }
                }
            ),
        )
    if piece.cause.kind is Why.INTEGRATION and "integration_days" in scenario.parameters:
        row = scenario.parameters["integration_days"]
        less = {
            name: max(0.0, value - 1)
            for name in ("low", "typical", "high")
            if (value := getattr(row, name)) is not None
        }
        return Change(
            "integration one day shorter",
            lambda other: other.cause.kind is Why.INTEGRATION,
            lambda entry: with_row(entry, "parameters", "integration_days", **less),
        )
    return None
